//! The page for codes by mail in each of its states, with quiet values and with hostile ones.
//!
//! The samples that `samples` adds to its list; the checks are the same for all pages.

use crate::pages::{CodeProblem, MailFor, MailState, Page};

/// All of them.
pub(super) fn mail_pages(
    nonce: &'static str,
    masked: &'static str,
) -> Vec<(&'static str, Page<'static>)> {
    let page = |place, state, problem, wait_seconds| Page::MailCode {
        nonce,
        problem,
        place,
        state,
        masked: (state != MailState::NoAddress).then_some(masked),
        wait_seconds,
    };
    let to_sign_in =
        |state, problem, wait_seconds| page(MailFor::SignIn, state, problem, wait_seconds);
    let enrolment = |others| MailFor::Enrolment {
        step: 2,
        steps: 3,
        others,
    };
    let wrong = Some(CodeProblem::WrongMailCode);
    let missing = Some(CodeProblem::Missing);
    vec![
        ("mail", to_sign_in(MailState::Ask, None, None)),
        ("mail_sent", to_sign_in(MailState::Sent, None, None)),
        ("mail_wrong", to_sign_in(MailState::Sent, wrong, None)),
        ("mail_missing", to_sign_in(MailState::Sent, missing, None)),
        ("mail_enough", to_sign_in(MailState::Sent, None, Some(540))),
        ("mail_down", to_sign_in(MailState::Down, None, None)),
        ("mail_none", to_sign_in(MailState::NoAddress, None, None)),
        (
            "enrol_mail",
            page(enrolment(true), MailState::Ask, None, None),
        ),
        (
            "enrol_mail_sent",
            page(enrolment(false), MailState::Sent, None, None),
        ),
        (
            "enrol_mail_down",
            page(enrolment(true), MailState::Down, None, None),
        ),
    ]
}
