//! The page that shows new recovery codes, once: to copy, to download, to print.
//!
//! Never mints or checks a code. Look next: `gateway/templates/portal/recovery_codes.html`, and the
//! part of `gateway/assets/portal.css` that is for paper.

use askama::Template;

use super::enrolment::step_of;
use super::frame::Frame;
use super::words::Voice;
use super::{Chrome, Page};
use anteroom_words::Language;

#[derive(Template)]
#[template(path = "portal/recovery_codes.html")]
struct RecoveryCodes<'a> {
    frame: Frame<'a>,
    nonce: &'a str,
    codes: &'a [String],
    account: &'a str,
    step: Option<String>,
}

/// The page with the codes; any other page gives nothing.
pub(super) fn codes(page: &Page<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let Page::RecoveryCodes {
        nonce,
        codes,
        account,
        step,
    } = *page
    else {
        return Err(askama::Error::Fmt);
    };
    let voice = chrome.voice();
    let heading = voice.say("codes-heading");
    let frame = Frame::new(chrome, &heading, false).wide();
    RecoveryCodes {
        frame,
        nonce,
        codes,
        account,
        step: step.map(|(step, steps)| step_of(voice, step, steps)),
    }
    .render()
}

/// The same codes as a text file, for the download beside the page.
#[must_use]
pub fn codes_file(codes: &[String], account: &str, app: &str, language: Language) -> String {
    let (app, account) = (on_one_line(app), on_one_line(account));
    let voice = Voice {
        language,
        app: &app,
    };
    let list = codes
        .iter()
        .map(|code| format!("{code}\r\n"))
        .collect::<String>();
    format!(
        "{}\r\n{}\r\n\r\n{list}\r\n{}\r\n{}\r\n",
        voice.say("codes-file-heading"),
        voice.say_with("codes-file-account", &[("account", account.into())]),
        voice.say("codes-file-once"),
        voice.say("codes-file-keep"),
    )
}

fn on_one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
