//! The page that offers to make a passkey.
//!
//! What the browser is asked is handed in as JSON and stands in an attribute; `passkey.js` reads it
//! there. Never makes or reads an answer. Look next: `gateway/templates/portal/enrol_passkey.html`,
//! and `passkey_form.html` for signing in with one.

use askama::Template;

use super::frame::Frame;
use super::words::{self, Field, Said};
use super::{Chrome, Page};

#[derive(Template)]
#[template(path = "portal/enrol_passkey.html")]
struct EnrolPasskey<'a> {
    frame: Frame<'a>,
    heading: &'static str,
    nonce: &'a str,
    problem: Option<Said>,
    options: &'a str,
    account: &'a str,
    step: u8,
    steps: u8,
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
    } = *page
    else {
        return Err(askama::Error::Fmt);
    };
    let heading = "Set up a passkey";
    EnrolPasskey {
        frame: Frame::new(chrome, heading, problem.is_some()).scripted(true),
        heading,
        nonce,
        problem: problem.map(|problem| words::said(problem, Field::FirstCode)),
        options,
        account,
        step,
        steps,
    }
    .render()
}
