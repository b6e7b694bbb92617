//! The challenge, and the page that stands in its place while tries are paused.
//!
//! Both ways in are always on the page: the code from the phone, and a recovery or temporary code.
//! Never judges a code; look next: `words` for what is said about a wrong one,
//! `gateway/templates/portal/challenge.html` for the HTML.

use askama::Template;

use super::frame::Frame;
use super::words::{self, Field, Said};
use super::{Chrome, CodeProblem, Page, PasskeyAsk};
use anteroom_core::time::Timestamp;

#[derive(Template)]
#[template(path = "portal/challenge.html")]
struct Ask<'a> {
    frame: Frame<'a>,
    heading: &'static str,
    act: &'static str,
    nonce: &'a str,
    problem: Option<Said>,
    unlock: bool,
    stale: bool,
    recovery: bool,
    /// Every recovery code is spent: there is nothing to type.
    spent: bool,
    left: Option<String>,
    limits: String,
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
        recovery,
        recovery_left,
        minutes_left,
        tries_left,
        passkey,
    } = *page
    else {
        return Err(askama::Error::Fmt);
    };
    // A problem with a saved code is shown where that code was to be typed.
    let recovery = recovery || problem.is_some_and(is_of_saved);
    // A problem with a code is shown where codes are typed.
    let about_passkey = problem.is_some_and(is_of_passkey);
    let passkey_first = !recovery
        && passkey.is_some_and(|asked| asked.first || about_passkey)
        && (problem.is_none() || about_passkey);
    let field = if recovery {
        Field::RecoveryCode
    } else {
        Field::Code
    };
    let (heading, act) = match (unlock, stale) {
        (true, _) => ("Welcome back", "Unlock"),
        (_, true) => ("Confirm that it is you", "Confirm"),
        _ if passkey_first => ("Use your passkey", "Sign in"),
        _ if recovery => ("Use a saved or temporary code", "Sign in"),
        _ => ("Enter your code", "Sign in"),
    };
    Ask {
        frame: Frame::new(chrome, heading, problem.is_some()).scripted(page.needs_script()),
        heading,
        act,
        nonce,
        problem: problem.map(|problem| words::said(problem, field)),
        unlock,
        stale,
        recovery,
        spent: recovery_left == Some(0),
        left: recovery_left.map(words::codes_left),
        limits: words::limits(minutes_left, tries_left),
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

/// Whether this is about a passkey, which is no code.
const fn is_of_passkey(problem: CodeProblem) -> bool {
    matches!(
        problem,
        CodeProblem::PasskeyMissing
            | CodeProblem::PasskeyLate
            | CodeProblem::PasskeyWrong
            | CodeProblem::PasskeyDisabled
            | CodeProblem::PasskeyUnverified
    )
}

#[derive(Template)]
#[template(path = "portal/paused.html")]
struct Paused<'a> {
    frame: Frame<'a>,
    heading: &'static str,
    until: String,
    span: String,
    unlock: bool,
}

/// The page of a pause. It does not go on by itself: a page that reloads under somebody who reads
/// slowly fails WCAG 2.2.1 (failure F41).
pub(super) fn paused(
    until: Timestamp,
    seconds: u64,
    unlock: bool,
    chrome: &Chrome<'_>,
) -> askama::Result<String> {
    let heading = "Codes are paused";
    let frame = Frame::new(chrome, heading, false);
    let (until, span) = (words::machine_time(until), words::span(seconds));
    Paused {
        frame,
        heading,
        until,
        span,
        unlock,
    }
    .render()
}
