//! A person's own page and its forms, with values of a quiet morning and with hostile ones.
//!
//! The samples that `samples` adds to its list; the checks are the same for all pages.

use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::own_act::Means;
use anteroom_core::time::Timestamp;

use crate::pages::own::*;
use crate::pages::{CodeProblem, Page};

pub(super) const fn has_problem(page: &OwnPage<'_>) -> bool {
    match page {
        OwnPage::Overview(_) => false,
        OwnPage::Act(form) => form.problem.is_some(),
        OwnPage::Phone(form) => form.problem.is_some(),
    }
}

fn leaked<T>(all: Vec<T>) -> &'static [T] {
    Box::leak(all.into_boxed_slice())
}

fn overview(nonce: &'static str, name: &'static str) -> Overview<'static> {
    let at = |minute: i64| Timestamp::from_secs(1_772_452_905 + 60 * minute);
    let authenticator = |id, label: &str, used, disabled| OwnAuthenticator {
        id,
        label: label.to_owned(),
        kind: Some(AuthenticatorKind::Totp),
        added: at(0),
        used,
        disabled,
    };
    let session = |id, this, app: &str| OwnSession {
        id,
        this,
        since: at(5),
        active: at(9),
        app: app.to_owned(),
    };
    let event = |minute, kind, means| OwnEvent {
        at: at(minute),
        kind,
        means,
        from: Some("192.0.2.x".to_owned()),
    };
    Overview {
        nonce,
        name,
        on: true,
        authenticators: leaked(vec![
            authenticator(7, name, Some(at(8)), false),
            authenticator(3, "Old phone", None, true),
        ]),
        recovery_left: 8,
        mail: leaked(vec!["a…@c…".to_owned(), name.to_owned()]),
        add: &[(AuthenticatorKind::Totp, "/.anteroom/me/add")],
        sessions: leaked(vec![session(1, true, "Wardbook"), session(2, false, name)]),
        events: leaked(vec![
            event(9, AuditKind::SessionVerified, Some(Means::Authenticator)),
            event(8, AuditKind::SessionVerified, Some(Means::RecoveryCode)),
            event(7, AuditKind::SessionVerified, Some(Means::Given)),
            event(6, AuditKind::ChallengeFailed, None),
            event(5, AuditKind::AuthenticatorAdded, None),
        ]),
    }
}

/// All of them.
pub(super) fn own_pages(
    nonce: &'static str,
    name: &'static str,
    uri: &'static str,
    groups: &'static str,
    png: &'static [u8],
) -> Vec<(&'static str, Page<'static>)> {
    let act = |what, action, problem| {
        Page::Own(OwnPage::Act(ActForm {
            nonce,
            action,
            what,
            problem,
        }))
    };
    let phone = |replaces, action, problem| {
        Page::Own(OwnPage::Phone(PhoneForm {
            nonce,
            action,
            replaces,
            label: name,
            qr_png: png,
            secret_groups: groups,
            uri,
            account: name,
            problem,
        }))
    };
    let off = Overview {
        on: false,
        authenticators: &[],
        mail: &[],
        sessions: &[],
        events: &[],
        add: &[],
        ..overview(nonce, name)
    };
    let (rename, remove) = ("/.anteroom/me/rename/7", "/.anteroom/me/remove/7");
    let (add, move_to) = ("/.anteroom/me/add", "/.anteroom/me/move/7");
    let renaming = ActWhat::Rename { label: name };
    let removing = |last| ActWhat::Remove { label: name, last };
    let wrong = Some(OwnProblem::Code(CodeProblem::Wrong));
    vec![
        ("own", Page::Own(OwnPage::Overview(overview(nonce, name)))),
        ("own_off", Page::Own(OwnPage::Overview(off))),
        ("own_rename", act(renaming, rename, None)),
        (
            "own_rename_taken",
            act(renaming, rename, Some(OwnProblem::LabelTaken)),
        ),
        (
            "own_rename_empty",
            act(renaming, rename, Some(OwnProblem::LabelEmpty)),
        ),
        (
            "own_rename_long",
            act(renaming, rename, Some(OwnProblem::LabelTooLong)),
        ),
        ("own_remove", act(removing(false), remove, None)),
        ("own_remove_last", act(removing(true), remove, None)),
        (
            "own_remove_kept",
            act(removing(false), remove, Some(OwnProblem::LastOne)),
        ),
        (
            "own_remove_gone",
            act(removing(false), remove, Some(OwnProblem::Gone)),
        ),
        (
            "own_codes",
            act(ActWhat::Codes { left: 8 }, "/.anteroom/me/codes", None),
        ),
        (
            "own_codes_wrong",
            act(ActWhat::Codes { left: 0 }, "/.anteroom/me/codes", wrong),
        ),
        (
            "own_codes_not_enough",
            act(
                ActWhat::Codes { left: 1 },
                "/.anteroom/me/codes",
                Some(OwnProblem::NotEnough),
            ),
        ),
        ("own_end", act(ActWhat::End, "/.anteroom/me/end/2", None)),
        (
            "own_end_others",
            act(ActWhat::EndOthers, "/.anteroom/me/end-others", None),
        ),
        (
            "own_not_me",
            act(ActWhat::NotMe, "/.anteroom/me/not-me", None),
        ),
        ("own_add", phone(None, add, None)),
        (
            "own_add_wrong_first",
            phone(None, add, Some(OwnProblem::First(CodeProblem::Wrong))),
        ),
        (
            "own_add_over",
            phone(None, add, Some(OwnProblem::SetupOver)),
        ),
        ("own_add_many", phone(None, add, Some(OwnProblem::TooMany))),
        ("own_move", phone(Some(name), move_to, None)),
        ("own_move_wrong", phone(Some(name), move_to, wrong)),
    ]
}
