//! What a form of the challenge brought: one code, two in a row, or a passkey's answer.
//!
//! Reads only which form it was and what stood in it; `sign_in::judging` says what it is worth.

use super::visit::{Posted, Visit};
use crate::pages::{CodeForm, CodeProblem};
use crate::sign_in::answered::Answered;
use crate::sign_in::release::Typed;
use crate::sign_in::{remembered, target};

/// Which of the forms for codes was posted.
pub(super) fn posted_form(visit: &Visit) -> CodeForm {
    match visit.arrival.path.as_str() {
        "/.anteroom/recovery" => CodeForm::Saved,
        "/.anteroom/token" => CodeForm::Token,
        _ => CodeForm::Code,
    }
}

pub(super) fn is_passkey_form(visit: &Visit) -> bool {
    visit.arrival.path == target::CHALLENGE_PASSKEY
}

/// What this form was to bring: a code, or a passkey's answer.
fn shown<'p>(visit: &Visit, posted: &'p Posted) -> &'p str {
    if is_passkey_form(visit) {
        &posted.answer
    } else {
        &posted.code
    }
}

/// Whether a field was left empty, which is no try; a passkey's is where no script runs.
pub(super) fn missing(visit: &Visit, posted: &Posted) -> Option<CodeProblem> {
    let second = posted_form(visit) == CodeForm::Token && posted.second.trim().is_empty();
    if !second && !shown(visit, posted).trim().is_empty() {
        return None;
    }
    Some(if is_passkey_form(visit) {
        CodeProblem::PasskeyMissing
    } else {
        CodeProblem::Missing
    })
}

pub(super) fn typed<'t>(
    visit: &Visit,
    posted: &'t Posted,
    nonce: [u8; 16],
    answered: Option<&'t Answered>,
) -> Typed<'t> {
    let second = (posted_form(visit) == CodeForm::Token).then_some(posted.second.as_str());
    Typed {
        code: shown(visit, posted),
        second,
        nonce,
        remember: posted.remember.then(|| remembered::label(&visit.headers)),
        answered,
    }
}
