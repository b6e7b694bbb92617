//! The page that offers to make a passkey.
//!
//! What the browser is asked is handed in as JSON and stands in an attribute; `passkey.js` reads it
//! there. Never makes or reads an answer. Look next: `gateway/templates/portal/enrol_passkey.html`,
//! and `passkey_form.html` for signing in with one.

use askama::Template;

use super::enrolment::step_of;
use super::frame::Frame;
use super::words::{Field, Said};
use super::{Chrome, CodeProblem, Page};

#[derive(Template)]
#[template(path = "portal/enrol_passkey.html")]
struct EnrolPasskey<'a> {
    frame: Frame<'a>,
    heading: String,
    nonce: &'a str,
    problem: Option<Said>,
    options: &'a str,
    account: &'a str,
    step: String,
    others: bool,
}

/// Whether this is about a passkey, which is no code and stands in no field.
pub(super) const fn is_of_passkey(problem: CodeProblem) -> bool {
    matches!(
        problem,
        CodeProblem::PasskeyMissing
            | CodeProblem::PasskeyLate
            | CodeProblem::PasskeyWrong
            | CodeProblem::PasskeyDisabled
            | CodeProblem::PasskeyUnverified
            | CodeProblem::PasskeyNotMade
            | CodeProblem::PasskeyKnown
    )
}

/// The page of a first passkey; any other page gives nothing.
pub(super) fn enrol(page: &Page<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let Page::EnrolPasskey {
        nonce,
        problem,
        options,
        account,
        step,
        steps,
        others,
    } = *page
    else {
        return Err(askama::Error::Fmt);
    };
    let voice = chrome.voice();
    let heading = voice.say("passkey-heading");
    EnrolPasskey {
        frame: Frame::new(chrome, &heading, problem.is_some()).scripted(true),
        heading,
        nonce,
        problem: problem.map(|problem| voice.said(problem, Field::FirstCode)),
        options,
        account,
        step: step_of(voice, step, steps),
        others,
    }
    .render()
}
