//! The form that makes another passkey.
//!
//! What the browser is asked is handed in as JSON and stands in attributes; `passkey.js` reads it
//! there. Look next: `gateway/templates/portal/own_key.html`, and `own_confirm.html` for the
//! buttons.

use askama::Template;

use super::{At, OwnProblem, Proof, words};
use crate::pages::Chrome;
use crate::pages::frame::Frame;
use crate::pages::words::Said;

/// The form that makes another passkey.
#[derive(Clone, Copy)]
pub struct KeyForm<'a> {
    /// Ties the form to this session and act.
    pub nonce: &'a str,
    /// Where it is posted.
    pub action: &'a str,
    /// What stands in the field for the name.
    pub label: &'a str,
    /// What the browser is asked for the new one, as JSON.
    pub options: &'a str,
    /// How it may be proved.
    pub proof: Proof<'a>,
    /// What was wrong with the last try.
    pub problem: Option<OwnProblem>,
}

#[derive(Template)]
#[template(path = "portal/own_key.html")]
struct KeyPage<'a> {
    frame: Frame<'a>,
    heading: String,
    form: KeyForm<'a>,
    at: Option<At>,
    problem: Option<Said>,
    /// A code may be typed.
    by_code: bool,
}

pub(super) fn key(form: KeyForm<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let voice = chrome.voice();
    let heading = voice.say("own-add-passkey");
    KeyPage {
        frame: Frame::new(chrome, &heading, form.problem.is_some()).scripted(true),
        heading,
        at: form.problem.map(OwnProblem::at),
        problem: form.problem.map(|problem| words::said(voice, problem)),
        by_code: form.proof.code,
        form,
    }
    .render()
}
