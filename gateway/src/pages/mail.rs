//! The page for codes by mail: the button that sends one, the form that takes it, and what is said
//! when none can be sent.
//!
//! The same page at a sign-in and at a set-up. Never sends or judges anything. Look next: `words`,
//! `gateway/templates/portal/mail_code.html`.

use askama::Template;

use super::enrolment::step_of;
use super::frame::Frame;
use super::words::{Field, Said};
use super::{Chrome, MailFor, MailState, Page};

#[derive(Template)]
#[template(path = "portal/mail_code.html")]
struct MailCode<'a> {
    frame: Frame<'a>,
    heading: String,
    act: String,
    base: &'static str,
    nonce: &'a str,
    problem: Option<Said>,
    step: Option<String>,
    others: bool,
    sent: bool,
    may_send: bool,
    down: bool,
    masked: &'a str,
    wait: Option<String>,
}

/// The page for codes by mail; any other page gives nothing.
pub(super) fn code(page: &Page<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let Page::MailCode {
        nonce,
        problem,
        place,
        state,
        masked,
        wait_seconds,
    } = *page
    else {
        return Err(askama::Error::Fmt);
    };
    let voice = chrome.voice();
    let (heading, act, base, step, others) = match place {
        MailFor::SignIn => ("mail-heading", "mail-act", "/.anteroom/mail", None, false),
        MailFor::Enrolment {
            step,
            steps,
            others,
        } => (
            "mail-heading-enrol",
            "mail-act-enrol",
            "/.anteroom/enrol/email",
            Some(step_of(voice, step, steps)),
            others,
        ),
    };
    let heading = voice.say(heading);
    MailCode {
        frame: Frame::new(chrome, &heading, problem.is_some()),
        heading,
        act: voice.say(act),
        base,
        nonce,
        problem: problem.map(|problem| voice.said(problem, Field::MailCode)),
        step,
        others,
        sent: state == MailState::Sent,
        may_send: matches!(state, MailState::Ask | MailState::Sent) && masked.is_some(),
        down: state == MailState::Down,
        masked: masked.unwrap_or_default(),
        wait: wait_seconds.map(|wait| voice.span(wait)),
    }
    .render()
}
