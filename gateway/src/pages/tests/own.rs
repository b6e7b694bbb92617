//! A person's own page and its forms, with values of a quiet morning and with hostile ones.
//!
//! The samples that `samples` adds to its list; the checks are the same for all pages.

use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::means::Means;
use anteroom_core::time::Timestamp;

use crate::pages::own::*;
use crate::pages::{CodeProblem, MailState, Page};

pub(super) const fn has_problem(page: &OwnPage<'_>) -> bool {
    match page {
        OwnPage::Overview(_) => false,
        OwnPage::Act(form) => form.problem.is_some(),
        OwnPage::Phone(form) => form.problem.is_some(),
        OwnPage::Key(form) => form.problem.is_some(),
    }
}

/// What was wrong with the code or passkey on a page, if that was it.
pub(super) const fn code_problem(page: &OwnPage<'_>) -> Option<CodeProblem> {
    let problem = match page {
        OwnPage::Overview(_) => None,
        OwnPage::Act(form) => form.problem,
        OwnPage::Phone(form) => form.problem,
        OwnPage::Key(form) => form.problem,
    };
    match problem {
        Some(OwnProblem::Code(problem) | OwnProblem::First(problem)) => Some(problem),
        _ => None,
    }
}

fn leaked<T>(all: Vec<T>) -> &'static [T] {
    Box::leak(all.into_boxed_slice())
}

const TOTP: Means = Means::of_kind(AuthenticatorKind::Totp);
const TOKEN: Means = Means::of_kind(AuthenticatorKind::Hardware);
const PASSKEY: Means = Means::of_kind(AuthenticatorKind::Passkey);

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
    let device = |id, this, label: &str, used| OwnDevice {
        id,
        this,
        label: label.to_owned(),
        app: "Wardbook".to_owned(),
        since: at(2),
        used,
        until: at(20_000),
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
        recovery_left: Some(8),
        mail: leaked(vec!["a…@c…".to_owned(), name.to_owned()]),
        add: &[(AuthenticatorKind::Totp, "/.anteroom/me/add")],
        sessions: leaked(vec![session(1, true, "Wardbook"), session(2, false, name)]),
        devices: leaked(vec![
            device(4, true, "Firefox on Windows", Some(at(9))),
            device(5, false, name, None),
        ]),
        events: leaked(vec![
            event(9, AuditKind::SessionVerified, Some(TOTP)),
            event(9, AuditKind::SessionVerified, Some(TOKEN)),
            event(9, AuditKind::SessionVerified, Some(PASSKEY)),
            event(9, AuditKind::SessionVerified, Some(Means::Mail)),
            event(9, AuditKind::SessionVerified, None),
            event(8, AuditKind::SessionVerified, Some(Means::RecoveryCode)),
            event(7, AuditKind::SessionVerified, Some(Means::Given)),
            event(6, AuditKind::ChallengeFailed, None),
            event(5, AuditKind::AuthenticatorAdded, None),
            event(4, AuditKind::DevicePassage, None),
            event(3, AuditKind::DeviceRemembered, None),
        ]),
    }
}

const BY_CODE: Proof<'static> = Proof {
    code: true,
    passkey: None,
};

/// Forms of somebody who holds a passkey, alone or beside a phone.
fn keys(nonce: &'static str, name: &'static str) -> Vec<(&'static str, Page<'static>)> {
    let proof = |code, passkey: bool| Proof {
        code,
        passkey: passkey.then_some(name),
    };
    let key = |(told, proof, problem)| {
        let form = KeyForm {
            nonce,
            action: "/.anteroom/me/add-passkey",
            label: name,
            options: name,
            proof,
            problem,
        };
        (told, Page::Own(OwnPage::Key(form)))
    };
    let not_made = Some(OwnProblem::First(CodeProblem::PasskeyNotMade));
    let missing = Some(OwnProblem::Code(CodeProblem::PasskeyMissing));
    let mut all = Vec::from(
        [
            ("own_key_by_code", proof(true, false), None),
            ("own_key_by_either", proof(true, true), None),
            ("own_key_by_key", proof(false, true), None),
            ("own_key_not_made", proof(true, true), not_made),
            ("own_key_missing", proof(false, true), missing),
            (
                "own_key_taken",
                proof(true, false),
                Some(OwnProblem::LabelTaken),
            ),
        ]
        .map(key),
    );
    let act = |(told, what, proof, problem)| {
        let form = ActForm {
            nonce,
            action: "/.anteroom/me/remove/7",
            what,
            proof,
            token: false,
            forgets: false,
            problem,
        };
        (told, Page::Own(OwnPage::Act(form)))
    };
    let remove = ActWhat::Remove {
        label: name,
        last: false,
    };
    all.extend(
        [
            ("own_remove_by_either", remove, proof(true, true), None),
            ("own_remove_by_key", remove, proof(false, true), None),
            (
                "own_remove_by_key_missing",
                remove,
                proof(false, true),
                missing,
            ),
            (
                "own_not_me_by_key",
                ActWhat::NotMe,
                proof(false, true),
                None,
            ),
        ]
        .map(act),
    );
    all
}

/// All of them.
pub(super) fn own_pages(
    nonce: &'static str,
    name: &'static str,
    uri: &'static str,
    groups: &'static str,
    png: &'static [u8],
) -> Vec<(&'static str, Page<'static>)> {
    let off = Overview {
        on: false,
        authenticators: &[],
        mail: &[],
        sessions: &[],
        devices: &[],
        events: &[],
        add: &[],
        ..overview(nonce, name)
    };
    let token = Overview {
        authenticators: leaked(vec![OwnAuthenticator {
            kind: Some(AuthenticatorKind::Hardware),
            label: "Hardware token …308".to_owned(),
            ..overview(nonce, name).authenticators[0].clone()
        }]),
        recovery_left: None,
        devices: &[],
        ..overview(nonce, name)
    };
    let mut all = vec![
        ("own", Page::Own(OwnPage::Overview(overview(nonce, name)))),
        ("own_token", Page::Own(OwnPage::Overview(token))),
        ("own_off", Page::Own(OwnPage::Overview(off))),
    ];
    all.extend(acts(nonce, name));
    let phone = |(told, replaces, problem)| {
        let form = PhoneForm {
            nonce,
            action: "/.anteroom/me/move/7",
            replaces,
            label: name,
            qr_png: png,
            secret_groups: groups,
            uri,
            account: name,
            proof: BY_CODE,
            forgets: true,
            first: false,
            token: false,
            mail: None,
            problem,
        };
        (told, Page::Own(OwnPage::Phone(form)))
    };
    let wrong = CodeProblem::Wrong;
    let phones = [
        ("own_add", None, None),
        ("own_add_wrong_first", None, Some(OwnProblem::First(wrong))),
        ("own_add_over", None, Some(OwnProblem::SetupOver)),
        ("own_add_many", None, Some(OwnProblem::TooMany)),
        ("own_move", Some(name), None),
        ("own_move_wrong", Some(name), Some(OwnProblem::Code(wrong))),
    ];
    all.extend(phones.map(phone));
    all.extend(keys(nonce, name));
    all.extend(by_mail(nonce, name, (uri, groups, png)));
    all
}

/// The first phone of somebody who has codes by mail.
fn by_mail(
    nonce: &'static str,
    name: &'static str,
    (uri, groups, png): (&'static str, &'static str, &'static [u8]),
) -> Vec<(&'static str, Page<'static>)> {
    let phone = |(told, state, wait_seconds, problem)| {
        let mail = MailProof {
            nonce,
            action: "/.anteroom/me/add/send",
            masked: "a…@c…",
            state,
            wait_seconds,
        };
        let form = PhoneForm {
            nonce,
            action: "/.anteroom/me/add",
            replaces: None,
            label: name,
            qr_png: png,
            secret_groups: groups,
            uri,
            account: name,
            proof: BY_CODE,
            forgets: false,
            first: true,
            token: false,
            mail: Some(mail),
            problem,
        };
        (told, Page::Own(OwnPage::Phone(form)))
    };
    let wrong = Some(OwnProblem::Code(CodeProblem::WrongMailCode));
    let all = [
        ("own_add_by_mail", MailState::Ask, None, None),
        ("own_add_by_mail_sent", MailState::Sent, None, None),
        ("own_add_by_mail_wrong", MailState::Sent, None, wrong),
        ("own_add_by_mail_enough", MailState::Sent, Some(300), None),
        ("own_add_by_mail_down", MailState::Down, None, None),
        ("own_add_by_mail_nowhere", MailState::NoAddress, None, None),
    ];
    all.map(phone).into()
}

fn acts(nonce: &'static str, name: &'static str) -> Vec<(&'static str, Page<'static>)> {
    let act = |(told, what, action, problem)| {
        let form = ActForm {
            nonce,
            action,
            what,
            proof: BY_CODE,
            token: what == ActWhat::Codes { left: None },
            forgets: matches!(what, ActWhat::Remove { last: false, .. }),
            problem,
        };
        (told, Page::Own(OwnPage::Act(form)))
    };
    let all = changes(name).into_iter().chain(endings(name));
    all.map(act).collect()
}

/// What a form is called here, its act, its address, and what was wrong.
type Sample = (
    &'static str,
    ActWhat<'static>,
    &'static str,
    Option<OwnProblem>,
);

/// What changes by what she signs in.
fn changes(name: &'static str) -> Vec<Sample> {
    use OwnProblem as P;
    let (rename, remove) = ("/.anteroom/me/rename/7", "/.anteroom/me/remove/7");
    let codes = "/.anteroom/me/codes";
    let renaming = ActWhat::Rename { label: name };
    let removing = |last| ActWhat::Remove { label: name, last };
    let left = |left| ActWhat::Codes { left };
    let wrong = P::Code(CodeProblem::Wrong);
    vec![
        ("own_rename", renaming, rename, None),
        ("own_rename_taken", renaming, rename, Some(P::LabelTaken)),
        ("own_rename_empty", renaming, rename, Some(P::LabelEmpty)),
        ("own_rename_long", renaming, rename, Some(P::LabelTooLong)),
        ("own_remove", removing(false), remove, None),
        ("own_remove_last", removing(true), remove, None),
        ("own_remove_kept", removing(false), remove, Some(P::LastOne)),
        ("own_remove_gone", removing(false), remove, Some(P::Gone)),
        ("own_codes", left(Some(8)), codes, None),
        ("own_codes_first", left(None), codes, None),
        ("own_codes_wrong", left(Some(0)), codes, Some(wrong)),
        (
            "own_codes_not_enough",
            left(Some(1)),
            codes,
            Some(P::NotEnough),
        ),
    ]
}

/// What ends something.
fn endings(name: &'static str) -> Vec<Sample> {
    let forgetting = ActWhat::Forget { label: name };
    let (others, all) = ("/.anteroom/me/end-others", "/.anteroom/me/forget-all");
    vec![
        ("own_end", ActWhat::End, "/.anteroom/me/end/2", None),
        ("own_end_others", ActWhat::EndOthers, others, None),
        ("own_forget", forgetting, "/.anteroom/me/forget/4", None),
        ("own_forget_all", ActWhat::ForgetAll, all, None),
        ("own_not_me", ActWhat::NotMe, "/.anteroom/me/not-me", None),
    ]
}
