//! The page of the set-up wizard that offers the kinds of authenticators that are open.
//!
//! Nothing is stored by choosing: each way is a link, and the browser's Back leads here again. Look
//! next: `gateway/templates/portal/enrol_method.html`.

use anteroom_core::authenticator::AuthenticatorKind;
use askama::Template;

use super::Chrome;
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
    heading: &'static str,
    nonce: &'a str,
    methods: Methods<'a>,
}

pub(super) fn method(methods: &Methods<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let heading = "Choose how you prove that it is you";
    MethodPage {
        frame: Frame::new(chrome, heading, false),
        heading,
        nonce: methods.nonce,
        methods: *methods,
    }
    .render()
}

/// The words on the button, and what it needs.
const fn offer(kind: &AuthenticatorKind) -> (&'static str, &'static str) {
    match kind {
        AuthenticatorKind::Passkey => (
            "Passkey or security key",
            "Your computer, your phone or a key that you plug in. Cannot be tricked by a false \
             page.",
        ),
        AuthenticatorKind::Totp => (
            "Authenticator app",
            "An app on your phone that shows a new code every 30 seconds.",
        ),
        AuthenticatorKind::Hardware => ("Hardware token", "A small device from the helpdesk."),
        AuthenticatorKind::Email => (
            "Code by e-mail",
            "For those who can use nothing else: whoever reads your mail can use it too.",
        ),
    }
}
