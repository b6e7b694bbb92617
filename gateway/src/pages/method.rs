//! The page of the set-up wizard that offers the kinds of authenticators that are open.
//!
//! Nothing is stored by choosing: each way is a link, and the browser's Back leads here again. Look
//! next: `gateway/templates/portal/enrol_method.html`.

use anteroom_core::authenticator::AuthenticatorKind;
use askama::Template;

use super::Chrome;
use super::enrolment::step_of;
use super::frame::Frame;

/// What may be chosen.
#[derive(Clone, Copy)]
pub struct Methods<'a> {
    /// Ties the form that starts over to this attempt.
    pub nonce: &'a str,
    /// Each kind with its place, strongest first.
    pub open: &'a [(AuthenticatorKind, &'static str)],
    /// Which step of the set-up this is, from 1.
    pub step: u8,
    /// How many steps the set-up has.
    pub steps: u8,
}

#[derive(Template)]
#[template(path = "portal/enrol_method.html")]
struct MethodPage<'a> {
    frame: Frame<'a>,
    heading: String,
    step: String,
    nonce: &'a str,
    methods: Methods<'a>,
}

pub(super) fn method(methods: &Methods<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let voice = chrome.voice();
    let heading = voice.say("method-heading");
    MethodPage {
        frame: Frame::new(chrome, &heading, false),
        heading,
        step: step_of(voice, methods.step, methods.steps),
        nonce: methods.nonce,
        methods: *methods,
    }
    .render()
}

/// Whether the way cannot be set up without a script.
const fn needs_script(kind: &AuthenticatorKind) -> bool {
    matches!(kind, AuthenticatorKind::Passkey)
}

/// What is on the button, and what the way needs.
const fn offer(kind: &AuthenticatorKind) -> (&'static str, &'static str) {
    match kind {
        AuthenticatorKind::Passkey => ("method-passkey", "method-passkey-why"),
        AuthenticatorKind::Totp => ("method-totp", "method-totp-why"),
        AuthenticatorKind::Hardware => ("method-hardware", "method-hardware-why"),
        AuthenticatorKind::Email => ("method-email", "method-email-why"),
    }
}
