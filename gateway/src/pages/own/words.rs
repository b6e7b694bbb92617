//! What a person's own page says: kinds, events, acts, and what was wrong with a form of it.
//!
//! Times are in UTC and named as such: a clinic's clock is not ours. Never says more of an address
//! than its network. Used by `pages::own` and its templates.

use std::borrow::Cow;

use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::own_act::Means;
use anteroom_core::time::Timestamp;

use super::{ActWhat, LONGEST_LABEL, OwnEvent, OwnProblem};
use crate::pages::words::{self, Field, Said};

pub(super) const OVERVIEW: &str = "Your sign-in";
pub(super) const ADD: &str = "Add another phone";
pub(super) const MOVE: &str = "Move to a new phone";

/// A moment, as the page says it.
pub(super) fn moment(at: &Timestamp) -> String {
    words::moment(*at)
}

/// How many recovery codes are left.
pub(super) fn codes_left(left: &u32) -> String {
    match left {
        0 => "You have no recovery codes left.".to_owned(),
        left => words::codes_left(*left),
    }
}

/// A kind of authenticator.
pub(super) const fn kind(kind: &Option<AuthenticatorKind>) -> &'static str {
    match kind {
        Some(AuthenticatorKind::Passkey) => "Passkey or security key",
        Some(AuthenticatorKind::Totp) | None => "Authenticator app",
        Some(AuthenticatorKind::Hardware) => "Hardware token",
        Some(AuthenticatorKind::Email) => "Code by e-mail",
    }
}

/// How adding one of a kind is offered.
pub(super) const fn add(kind: &AuthenticatorKind) -> &'static str {
    match kind {
        AuthenticatorKind::Passkey => "Add a passkey or security key",
        AuthenticatorKind::Totp => ADD,
        AuthenticatorKind::Hardware => "Add a hardware token",
        AuthenticatorKind::Email => "Add codes by e-mail",
    }
}

/// What happened, in a sentence without its full stop.
pub(super) fn event(event: &OwnEvent) -> String {
    use AuditKind as K;
    let what = match event.kind {
        K::SessionVerified => match event.means {
            Some(Means::RecoveryCode) => "Signed in with a recovery code",
            Some(Means::Given) => "Signed in with a code from the helpdesk",
            Some(Means::Authenticator) | None => "Signed in with your authenticator",
        },
        K::ChallengeFailed => "A wrong code was typed",
        K::CodeReused => "A code was typed a second time",
        K::RecoveryCodeUsed => "A recovery code was used",
        K::AuthenticatorAdded | K::EnrolmentConfirmed => "An authenticator was added",
        K::AuthenticatorRenamed => "An authenticator was renamed",
        K::AuthenticatorReplaced => "An authenticator was moved to a new phone",
        K::AuthenticatorRemoved => "An authenticator was removed",
        K::AuthenticatorDisabled => "Your authenticators were switched off",
        K::RecoveryCodesIssued => "New recovery codes were made",
        K::TemporaryCodeIssued => "The helpdesk gave out a temporary code",
        K::SubscriberReset => "The helpdesk reset your sign-in",
        K::NotMeReported => "You said that a sign-in was not yours",
        _ => "Something was changed",
    };
    match &event.from {
        Some(from) => format!("{what}, from {from}"),
        None => what.to_owned(),
    }
}

pub(super) const fn act_heading(what: ActWhat<'_>) -> &'static str {
    match what {
        ActWhat::Rename { .. } => "Rename an authenticator",
        ActWhat::Remove { .. } => "Remove an authenticator",
        ActWhat::Codes { .. } => "Make new recovery codes",
        ActWhat::End => "End this session",
        ActWhat::EndOthers => "End all other sessions",
        ActWhat::NotMe => "This was not me",
    }
}

pub(super) fn act_lead(what: ActWhat<'_>, app: &str) -> Vec<String> {
    match what {
        ActWhat::Rename { .. } => vec![format!(
            "Choose a name that tells it from the others, of at most {LONGEST_LABEL} characters."
        )],
        ActWhat::Remove { label, last: false } => vec![
            format!("Codes of “{label}” will not be taken any more."),
            "All your other sessions will end. This one stays.".to_owned(),
        ],
        ActWhat::Remove { label, last: true } => vec![
            format!("“{label}” is your last one: two-step sign-in will be off."),
            "Your recovery codes will be worthless and you will be signed out everywhere. Your \
             next sign-in will ask for what a first one asks for."
                .to_owned(),
        ],
        ActWhat::Codes { left } => vec![
            codes_left(&left),
            "The old ones will be worthless as soon as the new ones are made.".to_owned(),
        ],
        ActWhat::End => vec![format!(
            "Whoever uses {app} in that session will have to sign in again."
        )],
        ActWhat::EndOthers => vec![format!(
            "You will stay signed in here. Everywhere else {app} will ask for a sign-in again."
        )],
        ActWhat::NotMe => vec![
            "If somebody else signed in as you, they know your password.".to_owned(),
            "With a code from your phone, every session but this one will end and the people who \
             look after sign-ins will be told."
                .to_owned(),
            format!(
                "After that, change your password in {app} at once, and get in touch with the \
                 people under “Need help?”."
            ),
        ],
    }
}

/// What was wrong, and what to do now.
pub(super) fn said(problem: OwnProblem) -> Said {
    let (what, then) = match problem {
        OwnProblem::First(problem) => return words::said(problem, Field::FirstCode),
        OwnProblem::Code(problem) => return words::said(problem, Field::Code),
        OwnProblem::LabelEmpty => ("No name was typed.", "Type a name for it."),
        OwnProblem::LabelTooLong => ("That name is too long.", "It may have 40 characters."),
        OwnProblem::LabelTaken => (
            "You have another one of that name.",
            "Choose a name that tells them apart.",
        ),
        OwnProblem::NotEnough => (
            "That code is not enough for this.",
            "Type a code that your own authenticator shows now. Your code was not used up.",
        ),
        OwnProblem::LastOne => (
            "This is your last authenticator, so it stays.",
            "Add another one first, or move to a new phone. Your code was not used up.",
        ),
        OwnProblem::Gone => (
            "That does not exist any more.",
            "Go back to your sign-in page and look what is there now.",
        ),
        OwnProblem::SetupOver => (
            "That QR code had been shown too long.",
            "Remove the new entry from your app and scan the one that is shown now.",
        ),
        OwnProblem::TooMany => (
            "You have as many as one person may have.",
            "Remove one that you do not use any more.",
        ),
    };
    Said {
        what: Cow::Borrowed(what),
        then: Cow::Borrowed(then),
    }
}
