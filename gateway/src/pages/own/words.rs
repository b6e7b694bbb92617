//! What a person's own page says: which message tells a kind, an event, an act, a problem.
//!
//! Holds no sentence itself: those are `anteroom_words`, in `own.ftl`. Used by `pages::own` and its
//! templates.

use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::label::LONGEST_LABEL;
use anteroom_core::means::Means;

use super::{ActWhat, OwnAuthenticator, OwnEvent, OwnProblem};
use crate::pages::words::{Field, Said, Voice};

/// A kind of authenticator.
pub(super) const fn kind(kind: &Option<AuthenticatorKind>) -> &'static str {
    match kind {
        Some(AuthenticatorKind::Passkey) => "own-kind-passkey",
        Some(AuthenticatorKind::Totp) | None => "own-kind-totp",
        Some(AuthenticatorKind::Hardware) => "own-kind-hardware",
        Some(AuthenticatorKind::Email) => "own-kind-email",
    }
}

/// Whether it is on a phone, from which one moves to another.
pub(super) const fn is_phone(kind: &Option<AuthenticatorKind>) -> bool {
    matches!(kind, Some(AuthenticatorKind::Totp) | None)
}

/// How adding one of a kind is offered to somebody who has these.
pub(super) fn add(kind: &AuthenticatorKind, held: &[OwnAuthenticator]) -> &'static str {
    let has_phone = held
        .iter()
        .any(|one| one.kind == Some(AuthenticatorKind::Totp));
    match kind {
        AuthenticatorKind::Totp if !has_phone => "own-add-totp-first",
        AuthenticatorKind::Passkey => "own-add-passkey",
        AuthenticatorKind::Totp => "own-add-totp",
        AuthenticatorKind::Hardware => "own-add-hardware",
        AuthenticatorKind::Email => "own-add-email",
    }
}

/// What happened, as one sentence.
pub(super) fn event(voice: Voice<'_>, event: &OwnEvent) -> String {
    let what = voice.say(what_happened(event));
    let moment = voice.moment(event.at);
    let told = [("moment", moment.into()), ("what", what.into())];
    match &event.from {
        Some(from) => {
            let [moment, what] = told;
            let from = ("from", from.as_str().into());
            voice.say_with("own-event-from", &[moment, what, from])
        }
        None => voice.say_with("own-event", &told),
    }
}

const fn what_happened(event: &OwnEvent) -> &'static str {
    use AuditKind as K;
    match event.kind {
        K::SessionVerified => match event.means {
            Some(Means::RecoveryCode) => "own-event-signed-in-recovery",
            Some(Means::Given) => "own-event-signed-in-given",
            Some(Means::Mail) => "own-event-signed-in-mail",
            Some(Means::Authenticator(kind)) => signed_in_with(kind),
            None => "own-event-signed-in",
        },
        K::ChallengeFailed => "own-event-wrong",
        K::CodeReused => "own-event-reused",
        K::RecoveryCodeUsed => "own-event-recovery",
        K::AuthenticatorAdded | K::EnrolmentConfirmed => "own-event-added",
        K::AuthenticatorRenamed => "own-event-renamed",
        K::AuthenticatorReplaced => "own-event-replaced",
        K::AuthenticatorRemoved => "own-event-removed",
        K::AuthenticatorDisabled => "own-event-disabled",
        K::RecoveryCodesIssued => "own-event-codes",
        K::TemporaryCodeIssued => "own-event-temporary",
        K::SubscriberReset => "own-event-reset",
        K::NotMeReported => "own-event-not-me",
        K::DevicePassage => "own-event-signed-in-device",
        K::DeviceRemembered => "own-event-device",
        K::DeviceForgotten => "own-event-device-forgotten",
        K::DeviceStolen => "own-event-device-stolen",
        _ => "own-event-other",
    }
}

const fn signed_in_with(kind: AuthenticatorKind) -> &'static str {
    match kind {
        AuthenticatorKind::Passkey => "own-event-signed-in-passkey",
        AuthenticatorKind::Totp => "own-event-signed-in-totp",
        AuthenticatorKind::Hardware => "own-event-signed-in-hardware",
        AuthenticatorKind::Email => "own-event-signed-in-mail",
    }
}

/// Which code is asked for.
pub(super) const fn hint(takes_paper: bool, token: bool) -> &'static str {
    match (takes_paper, token) {
        (false, false) => "own-code-hint",
        (true, false) => "own-code-hint-saved",
        (false, true) => "own-code-hint-token",
        (true, true) => "own-code-hint-token-saved",
    }
}

/// What an act is called, on its page and on its button.
pub(super) const fn heading(what: ActWhat<'_>) -> &'static str {
    match what {
        ActWhat::Rename { .. } => "own-rename-heading",
        ActWhat::Remove { .. } => "own-remove-heading",
        ActWhat::Codes { left } => codes_make(&left),
        ActWhat::End => "own-end-heading",
        ActWhat::EndOthers => "own-end-others",
        ActWhat::Forget { .. } => "own-forget-heading",
        ActWhat::ForgetAll => "own-forget-all",
        ActWhat::NotMe => "own-not-me-heading",
    }
}

/// What an act will do.
pub(super) fn lead(voice: Voice<'_>, what: ActWhat<'_>) -> Vec<String> {
    let of = |id, label: &str| voice.say_with(id, &[("label", label.into())]);
    match what {
        ActWhat::Rename { .. } => {
            let most = (LONGEST_LABEL as u64).into();
            vec![voice.say_with("own-rename-lead", &[("count", most)])]
        }
        ActWhat::Remove { label, last: false } => {
            vec![of("own-remove-lead", label), voice.say("own-remove-then")]
        }
        ActWhat::Remove { label, last: true } => vec![
            of("own-remove-last", label),
            voice.say("own-remove-last-then"),
        ],
        ActWhat::Codes { left: None } => vec![codes_left(voice, None)],
        ActWhat::Codes { left } => vec![codes_left(voice, left), voice.say("own-codes-lead")],
        ActWhat::End => vec![voice.say("own-end-lead")],
        ActWhat::EndOthers => vec![voice.say("own-end-others-lead")],
        ActWhat::Forget { label } => vec![of("own-forget-lead", label)],
        ActWhat::ForgetAll => vec![voice.say("own-forget-all-lead")],
        ActWhat::NotMe => vec![
            voice.say("own-not-me-lead"),
            voice.say("own-not-me-ends"),
            voice.say("own-not-me-then"),
        ],
    }
}

/// How many recovery codes are left.
pub(super) fn codes_left(voice: Voice<'_>, left: Option<u32>) -> String {
    match left {
        None => voice.say("own-codes-never"),
        Some(0) => voice.say("own-codes-none"),
        Some(left) => voice.codes_left(left),
    }
}

/// How making some is offered.
pub(super) const fn codes_make(left: &Option<u32>) -> &'static str {
    match left {
        None => "own-codes-make-first",
        Some(_) => "own-codes-make",
    }
}

/// What was wrong, and what to do now.
pub(super) fn said(voice: Voice<'_>, problem: OwnProblem) -> Said {
    let (what, then) = match problem {
        OwnProblem::First(problem) => return voice.said(problem, Field::FirstCode),
        OwnProblem::Code(problem) => return voice.said(problem, Field::Code),
        OwnProblem::LabelEmpty => ("own-problem-label-empty", "own-problem-label-empty-then"),
        OwnProblem::LabelTooLong => ("own-problem-label-long", "own-problem-label-long-then"),
        OwnProblem::LabelTaken => ("own-problem-label-taken", "own-problem-label-taken-then"),
        OwnProblem::NotEnough => ("own-problem-not-enough", "own-problem-not-enough-then"),
        OwnProblem::LastOne => ("own-problem-last", "own-problem-last-then"),
        OwnProblem::Gone => ("own-problem-gone", "own-problem-gone-then"),
        OwnProblem::SetupOver => ("own-problem-over", "own-problem-over-then"),
        OwnProblem::TooMany => ("own-problem-many", "own-problem-many-then"),
    };
    Said {
        what: voice.say(what),
        then: voice.say(then),
    }
}
