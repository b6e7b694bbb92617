//! Sample pages about the place: front page, operators, their own pages. What was done in it:
//! `record_samples`.
//!
//! Used by `samples` only.

use anteroom_core::operator::{Role, Scope};

use super::people_samples::authenticators;
use super::record_samples;
use super::samples::{Album, Values};
use crate::pages::chart::{Chart, Day};
use crate::pages::front::*;
use crate::pages::*;

pub(super) fn all(album: &mut Album) {
    front(album);
    record_samples::approve(album);
    record_samples::emergencies(album);
    record_samples::log(album);
    record_samples::reports(album);
    office(album);
    own(album);
    rules(album);
}

fn chart(v: Values, id: &'static str, title: &str, counts: [u64; 14]) -> Chart {
    let day = |(at, count): (usize, u64)| Day {
        label: v.text(&format!("{} February", at + 10)),
        short: v.text(&format!("{}", at + 10)),
        count,
    };
    Chart {
        id,
        title: v.text(title),
        summary: v.text("Between 96 and 231 a day; 41 so far today."),
        days: counts.into_iter().enumerate().map(day).collect(),
    }
}

fn alarms(v: Values) -> Vec<Alarm> {
    let alarm = |severity, text: &str, since: &str, href: &str| Alarm {
        severity,
        text: v.text(text),
        since: v.when(since),
        href: if href.is_empty() {
            String::new()
        } else {
            v.path(href)
        },
    };
    vec![
        alarm(
            Severity::Now,
            "The password of ana.silva may be stolen: many wrong codes after it",
            "today 06:58",
            "/people/12",
        ),
        alarm(
            Severity::Soon,
            "The certificate of admin.clinic.example ends in six days",
            "Monday 07:00",
            "",
        ),
        alarm(
            Severity::Note,
            "Mail was slow",
            "Monday 03:10",
            "/audit?kind=sweep",
        ),
    ]
}

fn facts(v: Values) -> Facts {
    Facts {
        version: v.text("0.1.0"),
        store: v.text("SQLite, /var/lib/anteroom/anteroom.db, 412 MB"),
        time_source: v.text("System clock, kept by NTP"),
        certificate: v.text("Ends 9 March 2026"),
    }
}

fn front(album: &mut Album) {
    let v = album.values;
    let count = |label: &str, count| Count {
        label: v.text(label),
        count,
    };
    let sign_ins = [
        201, 214, 188, 231, 220, 96, 104, 198, 205, 219, 224, 210, 99, 41,
    ];
    let wrong = [12, 9, 14, 8, 11, 2, 0, 10, 9, 13, 7, 12, 3, 19];
    let needs = Front {
        alarms: alarms(v),
        people: PeopleCounts {
            enrolled: 1_284,
            not_enrolled: 37,
            locked: 2,
            suspended: 4,
        },
        today: Today {
            sign_ins: 41,
            passed: 44,
            failed: 19,
            failures: vec![
                count("Wrong code", 19),
                count("Wrong password", 12),
                count("No code in time", 3),
            ],
        },
        recovery_used: vec![RecoveryUse {
            name: v.text("basil.ek"),
            href: v.path("/people/44"),
            at: v.when("Monday 08:12"),
            left: 7,
        }],
        sign_ins: chart(v, "signins", "Sign-ins per day", sign_ins),
        wrong_codes: chart(v, "wrongcodes", "Wrong codes per day", wrong),
        facts: facts(v),
    };
    album.inside(("front_needs", "/", Role::Helpdesk), false, |c| {
        needs.render(c)
    });
    album.after_act(("front_emergency", "/", Role::Owner), |c| needs.render(c));
    let well = Front {
        alarms: Vec::new(),
        people: PeopleCounts {
            locked: 0,
            ..needs.people
        },
        today: Today::default(),
        recovery_used: Vec::new(),
        sign_ins: chart(v, "signins", "Sign-ins per day", [0; 14]),
        ..needs
    };
    album.inside(("front_well", "/", Role::Auditor), false, |c| {
        well.render(c)
    });
}

fn tokens(v: Values) -> Vec<me::TokenRow> {
    let token = |id, label: &str, live: bool| me::TokenRow {
        id,
        label: v.text(label),
        scopes: v.text("audit:read"),
        created: v.when("1 March"),
        expires: v.when("31 May"),
        last_used: live.then(|| v.when("a minute ago")),
        live,
        state: v.text(if live { "works" } else { "revoked" }),
    };
    vec![token(1, "SIEM pull", true), token(2, "Old script", false)]
}

fn office(album: &mut Album) {
    use operators::*;
    let v = album.values;
    let row = |name: &str, role, state, factors: &str| Row {
        name: v.text(name),
        role,
        state,
        factors: v.maybe(factors),
        last: (!factors.is_empty()).then(|| v.when("today 06:58")),
        sessions: 1,
    };
    let page = Operators {
        rows: vec![
            row(
                "olga",
                Role::Owner,
                State::Active,
                "Authenticator app, 10 recovery codes",
            ),
            row("hana", Role::Helpdesk, State::Invited, ""),
            row("aino", Role::Auditor, State::Disabled, "Authenticator app"),
            row("omar", Role::Owner, State::LinkOver, ""),
        ],
        typed_name: String::new(),
        typed_role: Role::Helpdesk,
        fresh_needed: false,
        problem: None,
    };
    album.inside(("operators", "/operators", Role::Owner), false, |c| {
        page.render(c)
    });
    album.inside(
        ("operators_read", "/operators", Role::Auditor),
        false,
        |c| page.render(c),
    );
    let again = Operators {
        typed_name: v.text("Hana K"),
        fresh_needed: true,
        problem: v.problem(
            "name",
            "That is not a name for an operator.",
            "Use lower-case letters.",
        ),
        ..page
    };
    album.inside(("operators_again", "/operators", Role::Owner), true, |c| {
        again.render(c)
    });
    one_operator(album);
}

fn one_operator(album: &mut Album) {
    use operators::*;
    let v = album.values;
    let hana = OneOperator {
        name: v.text("hana"),
        role: Role::Helpdesk,
        state: State::Active,
        created_by: v.text("olga"),
        created: v.when("2 January"),
        last: Some(v.when("today 06:58")),
        link_expires: None,
        authenticators: authenticators(v),
        recovery_left: 9,
        sessions: 2,
        tokens: tokens(v),
        four_eyes: true,
        own: false,
        fresh_needed: true,
        problem: None,
    };
    album.inside(("operator", "/operators/hana", Role::Owner), false, |c| {
        hana.render(c)
    });
    let new = OneOperator {
        state: State::Invited,
        last: None,
        link_expires: Some(v.when("tomorrow 07:00")),
        authenticators: Vec::new(),
        sessions: 0,
        tokens: Vec::new(),
        problem: v.problem("own_code", "Your own code did not match.", ""),
        ..hana.clone()
    };
    album.inside(
        ("operator_invited", "/operators/hana", Role::Owner),
        true,
        |c| new.render(c),
    );
    let own = OneOperator { own: true, ..hana };
    album.inside(
        ("operator_own", "/operators/olga", Role::Owner),
        false,
        |c| own.render(c),
    );
}

fn own(album: &mut Album) {
    use me::*;
    let v = album.values;
    let session = |id, this, from: &str| OwnSession {
        id,
        this,
        since: v.when("today 06:58"),
        active: v.when("just now"),
        from: v.text(from),
    };
    let page = Me {
        role: Role::Owner,
        sessions: vec![
            session(1, true, "front desk"),
            session(2, false, "10.4.0.17"),
        ],
        authenticators: authenticators(v),
        recovery_left: 9,
        tokens: tokens(v),
        scopes: Scope::ALL.into(),
        days: vec![30, 90, 365],
        typed: TypedToken::default(),
        least: 15,
        fresh_needed: false,
        problem: None,
        problem_form: MeForm::Token,
    };
    album.inside(("me", "/me", Role::Owner), false, |c| page.render(c));
    for (name, form, field) in [
        ("me_token_again", MeForm::Token, "own_code"),
        ("me_codes_again", MeForm::Codes, "own_code"),
        ("me_password_again", MeForm::Password, "password"),
    ] {
        let again = Me {
            fresh_needed: true,
            typed: TypedToken {
                label: v.text("SIEM pull"),
                scopes: vec![Scope::AuditRead],
                days: 90,
            },
            problem: v.problem(field, "That was not right.", "Try once more."),
            problem_form: form,
            ..page.clone()
        };
        album.inside((name, "/me", Role::Owner), true, |c| again.render(c));
    }
}

fn rules(album: &mut Album) {
    use policy::*;
    let v = album.values;
    let setting = |label: &str, value: &str| Setting {
        label: v.text(label),
        value: v.text(value),
    };
    let page = Policy {
        apps: vec![AppPolicy {
            name: v.text("Wardbook"),
            hosts: vec![
                v.text("wardbook.clinic.example"),
                v.text("wb.clinic.example"),
            ],
            sentence: v.text("A code is asked for at every sign-in."),
            settings: vec![
                setting("Without use for", "15 minutes, then a code is asked for"),
                setting("First set-up", "with an enrolment code from an operator"),
            ],
        }],
        admin: vec![setting("Resets", "at most 20 an hour by one operator")],
        source: v.text("/etc/anteroom/anteroom.toml"),
    };
    album.inside(("policy", "/policy", Role::Auditor), false, |c| {
        page.render(c)
    });
}
