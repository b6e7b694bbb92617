//! The challenge, and the page that stands in its place while tries are paused.
//!
//! Both ways in are always on the page: the code from the phone, and a recovery or temporary code;
//! and for who has a hardware token, two of its codes in a row.
//! Never judges a code; look next: `words` for what is said about a wrong one,
//! `gateway/templates/portal/challenge.html` for the HTML.

use askama::Template;

use super::frame::Frame;
use super::passkey::is_of_passkey;
use super::words::{self, Field, Said};
use super::{Chrome, CodeForm, CodeProblem, Page, PasskeyAsk};
use anteroom_core::time::Timestamp;

#[derive(Template)]
#[template(path = "portal/challenge.html")]
struct Ask<'a> {
    frame: Frame<'a>,
    heading: String,
    act: String,
    nonce: &'a str,
    problem: Option<Said>,
    unlock: bool,
    stale: bool,
    recovery: bool,
    /// She has a hardware token.
    token: bool,
    /// The form for two codes in a row stands first.
    resync: bool,
    /// Every recovery code is spent: there is nothing to type.
    spent: bool,
    left: Option<String>,
    limits: String,
    /// The box that has this computer remembered, in words.
    remember: Option<String>,
    passkey: Option<PasskeyAsk<'a>>,
    /// The passkey stands first: code and saved codes are other ways.
    passkey_first: bool,
}

/// The challenge page; any other page gives nothing.
pub(super) fn ask(page: &Page<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let Page::Challenge {
        nonce,
        problem,
        unlock,
        stale,
        form,
        token,
        recovery_left,
        minutes_left,
        tries_left,
        remember_days,
        passkey,
    } = *page
    else {
        return Err(askama::Error::Fmt);
    };
    // A problem with a saved code is shown where that code was to be typed.
    let recovery = form == CodeForm::Saved || problem.is_some_and(is_of_saved);
    let resync = form == CodeForm::Token && !recovery;
    // A problem with a code is shown where codes are typed.
    let about_passkey = problem.is_some_and(is_of_passkey);
    let passkey_first = !recovery
        && !resync
        && passkey.is_some_and(|asked| asked.first || about_passkey)
        && (problem.is_none() || about_passkey);
    let field = match (recovery, token || resync) {
        (true, _) => Field::RecoveryCode,
        (false, true) => Field::TokenCode,
        (false, false) => Field::Code,
    };
    let (heading, act) = match (unlock, stale) {
        (true, _) => ("challenge-heading-unlock", "challenge-act-unlock"),
        (_, true) => ("challenge-heading-stale", "challenge-act-stale"),
        _ if passkey_first => ("challenge-heading-passkey", "challenge-act"),
        _ if recovery => ("challenge-heading-recovery", "challenge-act"),
        _ if resync => ("challenge-heading-token", "challenge-act"),
        _ => ("challenge-heading", "challenge-act"),
    };
    let voice = chrome.voice();
    let heading = voice.say(heading);
    Ask {
        frame: Frame::new(chrome, &heading, problem.is_some()).scripted(page.needs_script()),
        heading,
        act: voice.say(act),
        nonce,
        problem: problem.map(|problem| voice.said(problem, field)),
        unlock,
        stale,
        recovery,
        token: token || resync,
        resync,
        spent: recovery_left == Some(0),
        left: recovery_left.map(|count| voice.codes_left(count)),
        limits: voice.limits(minutes_left, tries_left),
        remember: remember_days
            .map(|days| voice.say_with("remember-days", &[("days", days.into())])),
        passkey,
        passkey_first,
    }
    .render()
}

/// Whether this is about a code that was written down, wherever it was typed.
const fn is_of_saved(problem: CodeProblem) -> bool {
    matches!(
        problem,
        CodeProblem::WrongRecoveryCode
            | CodeProblem::WrongTemporaryCode
            | CodeProblem::TemporaryOver(_)
            | CodeProblem::WrongSealedCode
    )
}

#[derive(Template)]
#[template(path = "portal/paused.html")]
struct Paused<'a> {
    frame: Frame<'a>,
    heading: String,
    until: String,
    span: String,
    unlock: bool,
    otherwise: bool,
}

/// The page of a pause. It does not go on by itself: a page that reloads under somebody who reads
/// slowly fails WCAG 2.2.1 (failure F41).
pub(super) fn paused(
    until: Timestamp,
    seconds: u64,
    (unlock, otherwise): (bool, bool),
    chrome: &Chrome<'_>,
) -> askama::Result<String> {
    let voice = chrome.voice();
    let heading = voice.say("paused-heading");
    let frame = Frame::new(chrome, &heading, false);
    let (until, span) = (words::machine_time(until), voice.span(seconds));
    Paused {
        frame,
        heading,
        until,
        span,
        unlock,
        otherwise,
    }
    .render()
}
