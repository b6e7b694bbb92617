//! The two pages of a first enrolment: the operator's code, and the QR code with its first answer.
//!
//! Never makes a secret or a picture; both are handed in. Look next: `qr` for the picture,
//! `recovery` for the page that follows, `gateway/templates/portal/enrol_totp.html` for the HTML.

use askama::Template;
use data_encoding::BASE64;

use super::frame::Frame;
use super::words::{self, Field, Said, Voice};
use super::{Chrome, CodeProblem, Page, qr};

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
    picture: Picture,
    secret_groups: &'a str,
    link: Option<&'a str>,
    account: &'a str,
    /// Which step of the set-up this is.
    step: String,
    /// A passkey may be set up instead.
    passkey: bool,
}

/// A picture inside the page: nothing is fetched, so the secret stands in no address and in no log.
struct Picture {
    src: String,
    side: u32,
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
        passkey,
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
        picture: Picture {
            src: format!("data:image/png;base64,{}", BASE64.encode(qr_png)),
            side: qr::shown_side(qr_png),
        },
        secret_groups,
        // No other kind of address belongs behind that link.
        link: uri.starts_with("otpauth://").then_some(uri),
        account,
        step: step_of(voice, step, steps),
        passkey,
    }
    .render()
}
