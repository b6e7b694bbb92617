//! Every page, once with the values of a quiet morning and once with hostile ones.
//!
//! A new page or notice belongs in here; `render` is exhaustive, this list is what the checks see.

use anteroom_config::settings::Contact;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::temporary_code::TemporaryOver;
use anteroom_core::time::Timestamp;

use super::{mail, own};
use crate::pages::*;

/// One page to look at.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) page: Page<'static>,
    pub(super) chrome: Chrome<'static>,
    pub(super) nonce: &'static str,
    pub(super) problem: bool,
    pub(super) hostile: bool,
}

/// The values that a page is filled with.
#[derive(Clone, Copy)]
struct Values {
    chrome: Chrome<'static>,
    nonce: &'static str,
    name: &'static str,
    account: &'static str,
    uri: &'static str,
    groups: &'static str,
    png: &'static [u8],
    codes: &'static [String],
    why: Why,
    path: &'static str,
}

const NASTY: &str =
    "\"'><script>alert(1)</script><img src=x onerror=1>&amp;\u{2028}</p>{{ nonce }}";

fn quiet_morning() -> Values {
    let contact = Contact {
        email: Some("it@clinic.example".to_owned()),
        text_line: Some("+1 416 555 0134".to_owned()),
        phone: Some("+1 (416) 555-0100".to_owned()),
        say: vec![(
            Language::En,
            "Text first, with your full name and your site. Call if nobody answers.".to_owned(),
        )],
    };
    let uri = "otpauth://totp/Wardbook:alice.okafor%40clinic.example?\
        secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Wardbook&algorithm=SHA1&digits=6&period=30";
    let codes = (2..12)
        .map(|n| format!("K7QX-{n:0>2}MB-R5WD-T3HG-LZ4P").replace(['0', '1', '8', '9'], "X"))
        .collect::<Vec<_>>();
    Values {
        chrome: Chrome {
            app: "Wardbook",
            contact: Box::leak(Box::new(contact)),
            brand: Box::leak(Box::default()),
            reference: "7KQ2-M4",
            home: "/login",
            emergency_until: None,
            language: Language::En,
            here: "/.anteroom/challenge",
        },
        nonce: "n0nce-of-this-attempt",
        name: "alice.okafor@clinic.example",
        account: "Wardbook: alice.okafor@clinic.example",
        uri,
        groups: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
        png: Box::leak(qr::qr_png(uri).unwrap().into_boxed_slice()),
        codes: Box::leak(codes.into_boxed_slice()),
        why: Why::TwoReadings,
        path: "/patients/12",
    }
}

fn hostile() -> Values {
    let nasty = || Some(NASTY.to_owned());
    let contact = Contact {
        email: nasty(),
        text_line: nasty(),
        phone: nasty(),
        say: vec![(Language::En, NASTY.to_owned())],
    };
    let brand = Brand {
        name: nasty(),
        ..Brand::default()
    };
    Values {
        chrome: Chrome {
            app: NASTY,
            contact: Box::leak(Box::new(contact)),
            brand: Box::leak(Box::new(brand)),
            reference: NASTY,
            home: "//evil.example/\"><script>",
            emergency_until: None,
            language: Language::En,
            here: "//evil.example/\"><script>",
        },
        nonce: NASTY,
        name: NASTY,
        account: NASTY,
        uri: "javascript:alert(1)",
        groups: NASTY,
        png: b"not a picture \"><script>",
        codes: Box::leak(vec![NASTY.to_owned()].into_boxed_slice()),
        why: Why::FormReadings,
        path: "/\"><script>alert(1)</script>",
    }
}

/// All of them, in every language.
pub(super) fn every_page_in_every_language() -> Vec<Sample> {
    let spoken = |language| {
        every_page().into_iter().map(move |sample| Sample {
            chrome: Chrome {
                language,
                ..sample.chrome
            },
            ..sample
        })
    };
    Language::ALL.into_iter().flat_map(spoken).collect()
}

/// All of them, in English.
pub(super) fn every_page() -> Vec<Sample> {
    let mut all = Vec::new();
    for (values, hostile) in [(quiet_morning(), false), (hostile(), true)] {
        let mut list = challenges(&values);
        list.extend(pauses());
        list.extend(given_codes(&values));
        list.extend(tokens(&values));
        list.extend(enrolments(&values));
        list.extend(methods(&values));
        let masked = if hostile { NASTY } else { "a…@c…" };
        list.extend(mail::mail_pages(values.nonce, masked));
        list.extend(own::own_pages(
            values.nonce,
            values.name,
            values.uri,
            values.groups,
            values.png,
        ));
        list.extend(passkeys(&values));
        list.extend(endings());
        list.extend(notices(&values));
        list.extend(faults());
        all.extend(list.into_iter().map(|(name, page)| Sample {
            name: name.to_owned(),
            problem: has_problem(&page),
            page,
            chrome: values.chrome,
            nonce: values.nonce,
            hostile,
        }));
        all.push(during_an_exception(&values, hostile));
    }
    all
}

/// Any page, while a password alone is enough.
fn during_an_exception(values: &Values, hostile: bool) -> Sample {
    let until = Timestamp::from_secs(1_772_452_905);
    Sample {
        name: "emergency".to_owned(),
        page: Page::SignedOut,
        chrome: Chrome {
            emergency_until: Some(until),
            ..values.chrome
        },
        nonce: values.nonce,
        problem: false,
        hostile,
    }
}

fn has_problem(page: &Page<'_>) -> bool {
    match page {
        Page::Challenge { problem, .. }
        | Page::EnrolCode { problem, .. }
        | Page::MailCode { problem, .. }
        | Page::EnrolTotp { problem, .. }
        | Page::EnrolPasskey { problem, .. } => problem.is_some(),
        Page::Own(page) => own::has_problem(page),
        _ => false,
    }
}

fn methods(values: &Values) -> Vec<Named> {
    const OPEN: &[(AuthenticatorKind, &str)] = &[
        (AuthenticatorKind::Passkey, "/.anteroom/enrol/passkey"),
        (AuthenticatorKind::Totp, "/.anteroom/enrol"),
        (AuthenticatorKind::Email, "/.anteroom/enrol/email"),
    ];
    let methods = method::Methods {
        nonce: values.nonce,
        open: OPEN,
        step: 1,
        steps: 3,
    };
    vec![("enrol_method", Page::Method(methods))]
}

type Named = (&'static str, Page<'static>);

fn challenges(values: &Values) -> Vec<Named> {
    let nonce = values.nonce;
    let ask = |problem, unlock, stale, recovery, recovery_left| Page::Challenge {
        nonce,
        problem,
        unlock,
        stale,
        form: if recovery {
            CodeForm::Saved
        } else {
            CodeForm::Code
        },
        token: false,
        recovery_left,
        minutes_left: 5,
        tries_left: if problem.is_some() { Some(3) } else { None },
        remember_days: None,
        passkey: None,
    };
    let wrong = |problem| ask(Some(problem), false, false, false, Some(7));
    let saved = |problem| ask(Some(problem), false, false, true, Some(7));
    let remembering = |days| {
        let mut page = ask(None, false, false, false, None);
        if let Page::Challenge { remember_days, .. } = &mut page {
            *remember_days = Some(days);
        }
        page
    };
    vec![
        ("challenge", ask(None, false, false, false, Some(7))),
        ("challenge_missing", wrong(CodeProblem::Missing)),
        ("challenge_malformed", wrong(CodeProblem::Malformed)),
        ("challenge_wrong", wrong(CodeProblem::Wrong)),
        ("challenge_reused", wrong(CodeProblem::Reused)),
        (
            "challenge_slow_clock",
            wrong(CodeProblem::ClockOff { minutes: -4 }),
        ),
        (
            "challenge_fast_clock",
            wrong(CodeProblem::ClockOff { minutes: 1 }),
        ),
        ("challenge_expired", wrong(CodeProblem::Expired)),
        ("challenge_recovery", ask(None, false, false, true, None)),
        (
            "challenge_recovery_wrong",
            wrong(CodeProblem::WrongRecoveryCode),
        ),
        (
            "challenge_recovery_malformed",
            saved(CodeProblem::Malformed),
        ),
        ("challenge_recovery_reused", saved(CodeProblem::Reused)),
        (
            "challenge_recovery_spent",
            ask(None, false, false, false, Some(0)),
        ),
        ("unlock", ask(None, true, false, false, Some(1))),
        (
            "unlock_wrong",
            ask(Some(CodeProblem::Wrong), true, false, false, Some(1)),
        ),
        ("step_up", ask(None, false, true, false, Some(7))),
        ("challenge_remember", remembering(30)),
        ("challenge_remember_a_day", remembering(1)),
    ]
}

/// What stands in place of a form.
fn pauses() -> Vec<Named> {
    let until = Timestamp::from_secs(1_772_452_905);
    vec![
        (
            "paused",
            Page::Paused {
                until,
                seconds: 105,
                unlock: false,
                otherwise: true,
            },
        ),
        (
            "paused_unlock",
            Page::Paused {
                until,
                seconds: 30,
                unlock: true,
                otherwise: true,
            },
        ),
    ]
}

/// What is said of codes that an operator gave.
fn given_codes(values: &Values) -> Vec<Named> {
    let nonce = values.nonce;
    let ask = |problem, recovery| Page::Challenge {
        nonce,
        problem: Some(problem),
        unlock: false,
        stale: false,
        form: if recovery {
            CodeForm::Saved
        } else {
            CodeForm::Code
        },
        token: false,
        recovery_left: Some(7),
        minutes_left: 5,
        tries_left: Some(3),
        remember_days: None,
        passkey: None,
    };
    let (wrong, saved) = (|problem| ask(problem, false), |problem| ask(problem, true));
    let until = Timestamp::from_secs(1_772_452_905);
    vec![
        (
            "challenge_temporary_wrong",
            wrong(CodeProblem::WrongTemporaryCode),
        ),
        (
            "challenge_temporary_used_up",
            wrong(CodeProblem::TemporaryOver(TemporaryOver::UsedUp(until))),
        ),
        (
            "challenge_temporary_expired",
            saved(CodeProblem::TemporaryOver(TemporaryOver::Expired(until))),
        ),
        (
            "challenge_temporary_revoked",
            saved(CodeProblem::TemporaryOver(TemporaryOver::Revoked(until))),
        ),
        (
            "challenge_sealed_wrong",
            wrong(CodeProblem::WrongSealedCode),
        ),
    ]
}

/// What somebody with a hardware token sees.
fn tokens(values: &Values) -> Vec<Named> {
    let nonce = values.nonce;
    let ask = |problem: Option<CodeProblem>, form, token| Page::Challenge {
        nonce,
        problem,
        unlock: false,
        stale: false,
        form,
        token,
        recovery_left: None,
        minutes_left: 5,
        tries_left: problem.map(|_| 3),
        passkey: None,
        remember_days: None,
    };
    let wrong = |problem| ask(Some(problem), CodeForm::Code, true);
    vec![
        ("token", ask(None, CodeForm::Code, true)),
        ("token_wrong", wrong(CodeProblem::Wrong)),
        ("token_reused", wrong(CodeProblem::Reused)),
        ("token_malformed", wrong(CodeProblem::Malformed)),
        ("token_slow", wrong(CodeProblem::TokenSlow { minutes: 3 })),
        (
            "challenge_switched_off",
            ask(Some(CodeProblem::SwitchedOff), CodeForm::Code, false),
        ),
        ("token_two_codes", ask(None, CodeForm::Token, true)),
        (
            "token_not_in_a_row",
            ask(Some(CodeProblem::NotInARow), CodeForm::Token, true),
        ),
        ("token_saved", ask(None, CodeForm::Saved, true)),
    ]
}

fn enrolments(values: &Values) -> Vec<Named> {
    let Values {
        nonce,
        name,
        account,
        ..
    } = *values;
    let code = |problem| Page::EnrolCode {
        nonce,
        problem,
        name,
        steps: 3,
    };
    let totp = |problem| Page::EnrolTotp {
        nonce,
        problem,
        qr_png: values.png,
        secret_groups: values.groups,
        uri: values.uri,
        account,
        step: 2,
        steps: 3,
        others: problem.is_none(),
    };
    vec![
        ("enrol_code", code(None)),
        (
            "enrol_code_wrong",
            code(Some(CodeProblem::WrongEnrolmentCode)),
        ),
        ("enrol_code_expired", code(Some(CodeProblem::Expired))),
        ("enrol_code_malformed", code(Some(CodeProblem::Malformed))),
        ("enrol_totp", totp(None)),
        ("enrol_totp_wrong", totp(Some(CodeProblem::Wrong))),
        (
            "enrol_totp_slow_clock",
            totp(Some(CodeProblem::ClockOff { minutes: -12 })),
        ),
        (
            "recovery_codes",
            Page::RecoveryCodes {
                nonce,
                codes: values.codes,
                account,
                step: Some((3, 3)),
            },
        ),
    ]
}

/// The pages that ask for a passkey. What the browser is asked stands there as a value like others.
fn passkeys(values: &Values) -> Vec<Named> {
    let Values {
        nonce,
        name: options,
        account,
        ..
    } = *values;
    let ask = |problem, first| Page::Challenge {
        nonce,
        problem,
        unlock: false,
        stale: false,
        form: CodeForm::Code,
        token: false,
        recovery_left: Some(7),
        minutes_left: 5,
        tries_left: None,
        remember_days: None,
        passkey: Some(PasskeyAsk { options, first }),
    };
    let wrong = |problem| ask(Some(problem), true);
    let enrol = |problem| Page::EnrolPasskey {
        nonce,
        problem,
        options,
        account,
        step: 2,
        steps: 3,
        others: problem.is_none(),
    };
    vec![
        ("challenge_passkey_first", ask(None, true)),
        ("challenge_passkey_second", ask(None, false)),
        ("challenge_passkey_code_wrong", wrong(CodeProblem::Wrong)),
        ("challenge_passkey_wrong", wrong(CodeProblem::PasskeyWrong)),
        ("challenge_passkey_late", wrong(CodeProblem::PasskeyLate)),
        (
            "challenge_passkey_missing",
            wrong(CodeProblem::PasskeyMissing),
        ),
        (
            "challenge_passkey_disabled",
            wrong(CodeProblem::PasskeyDisabled),
        ),
        (
            "challenge_passkey_unverified",
            wrong(CodeProblem::PasskeyUnverified),
        ),
        ("enrol_passkey", enrol(None)),
        (
            "enrol_passkey_not_made",
            enrol(Some(CodeProblem::PasskeyNotMade)),
        ),
        (
            "enrol_passkey_known",
            enrol(Some(CodeProblem::PasskeyKnown)),
        ),
    ]
}

fn endings() -> Vec<Named> {
    let ended = |why| Page::Ended { why };
    vec![
        ("signed_out", Page::SignedOut),
        ("ended_expired", ended(EndWhy::Expired)),
        ("ended_idle", ended(EndWhy::Idle)),
        ("ended_revoked", ended(EndWhy::Revoked)),
        ("ended_elsewhere", ended(EndWhy::Elsewhere)),
    ]
}

fn notices(values: &Values) -> Vec<Named> {
    let Values {
        why, path, name, ..
    } = *values;
    let names = vec!["JSESSIONID".to_owned(), name.to_owned()];
    let likely = Likely::LoginPageClosed;
    vec![
        (
            "notice_bad_request",
            Page::Notice(Notice::BadRequest { why }),
        ),
        ("notice_forbidden", Page::Notice(Notice::Forbidden { why })),
        (
            "notice_too_many_requests",
            Page::Notice(Notice::TooManyRequests { retry_seconds: 50 }),
        ),
        (
            "notice_redirect_loop",
            Page::Notice(Notice::RedirectLoop { likely }),
        ),
        (
            "notice_break_out",
            Page::Notice(Notice::BreakOut { to: path }),
        ),
        (
            "notice_conflicting_cookies",
            Page::Notice(Notice::ConflictingCookies { names }),
        ),
    ]
}

fn faults() -> Vec<Named> {
    vec![
        ("notice_not_found", Page::Notice(Notice::NotFound)),
        (
            "notice_method_not_allowed",
            Page::Notice(Notice::MethodNotAllowed),
        ),
        ("notice_too_large", Page::Notice(Notice::TooLarge)),
        (
            "notice_headers_too_large",
            Page::Notice(Notice::HeadersTooLarge),
        ),
        (
            "notice_unsupported_form",
            Page::Notice(Notice::UnsupportedForm),
        ),
        ("notice_cross_site", Page::Notice(Notice::CrossSite)),
        ("notice_misdirected", Page::Notice(Notice::Misdirected)),
        ("notice_attempts_full", Page::Notice(Notice::AttemptsFull)),
        (
            "notice_login_not_understood",
            Page::Notice(Notice::LoginNotUnderstood),
        ),
        ("notice_upstream_down", Page::Notice(Notice::UpstreamDown)),
        ("notice_upstream_slow", Page::Notice(Notice::UpstreamSlow)),
        ("notice_store_down", Page::Notice(Notice::StoreDown)),
        ("notice_internal", Page::Notice(Notice::Internal)),
        (
            "notice_try_login_again",
            Page::Notice(Notice::TryLoginAgain),
        ),
        ("notice_sign_out_first", Page::Notice(Notice::SignOutFirst)),
        ("notice_spelling_held", Page::Notice(Notice::SpellingHeld)),
        ("notice_stopped", Page::Notice(Notice::Stopped)),
        (
            "notice_service_worker_refused",
            Page::Notice(Notice::ServiceWorkerRefused),
        ),
        ("notice_no_access_yet", Page::Notice(Notice::NoAccessYet)),
    ]
}
