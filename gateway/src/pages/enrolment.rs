//! The two pages of a first enrolment: the operator's code, and the QR code with its first answer.
//!
//! Never makes a secret or a picture; both are handed in. Look next: `scan` for the picture,
//! `recovery` for the page that follows, `gateway/templates/portal/enrol_totp.html` for the HTML.

use askama::Template;

use super::frame::Frame;
use super::scan::Scan;
use super::words::{self, Field, Said, Voice};
use super::{Chrome, CodeProblem, Page};

#[derive(Template)]
#[template(path = "portal/enrol_code.html")]
struct EnrolCode<'a> {
    frame: Frame<'a>,
    step: String,
    heading: String,
    nonce: &'a str,
    problem: Option<Said>,
    name: &'a str,
}

/// "Step 2 of 3".
pub(super) fn step_of(voice: Voice<'_>, step: u8, steps: u8) -> String {
    voice.say_with(
        "enrol-step",
        &[("step", step.into()), ("steps", steps.into())],
    )
}

/// The page that asks for the operator's enrolment code.
pub(super) fn code(
    nonce: &str,
    problem: Option<CodeProblem>,
    name: &str,
    steps: u8,
    chrome: &Chrome<'_>,
) -> askama::Result<String> {
    let voice = chrome.voice();
    let heading = voice.say("enrol-code-heading");
    let frame = Frame::new(chrome, &heading, problem.is_some());
    let problem = problem.map(|problem| voice.said(problem, Field::EnrolmentCode));
    EnrolCode {
        frame,
        step: step_of(voice, 1, steps),
        heading,
        nonce,
        problem,
        name,
    }
    .render()
}

#[derive(Template)]
#[template(path = "portal/enrol_totp.html")]
struct EnrolTotp<'a> {
    frame: Frame<'a>,
    heading: String,
    nonce: &'a str,
    problem: Option<Said>,
    scan: Scan<'a>,
    /// Which step of the set-up this is.
    step: String,
    /// There are other ways to choose from.
    others: bool,
}

/// The page with the QR code; any other page gives nothing.
pub(super) fn totp(page: &Page<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let Page::EnrolTotp {
        nonce,
        problem,
        qr_png,
        secret_groups,
        uri,
        account,
        step,
        steps,
        others,
    } = *page
    else {
        return Err(askama::Error::Fmt);
    };
    let voice = chrome.voice();
    let heading = voice.say("enrol-totp-heading");
    EnrolTotp {
        frame: Frame::new(chrome, &heading, problem.is_some()).wide(),
        heading,
        nonce,
        problem: problem.map(|problem| voice.said(problem, Field::FirstCode)),
        scan: Scan::new(qr_png, uri, secret_groups, account),
        step: step_of(voice, step, steps),
        others,
    }
    .render()
}
