//! Sample pages about the place: front page, approvals, emergency, audit, report, operators, me.
//!
//! Used by `samples` only.

use anteroom_core::operator::{Role, Scope};

use super::people_samples::authenticators;
use super::samples::{Album, Values};
use crate::pages::chart::{Chart, Day};
use crate::pages::front::*;
use crate::pages::*;

pub(super) fn all(album: &mut Album) {
    front(album);
    approve(album);
    emergencies(album);
    log(album);
    reports(album);
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

fn approve(album: &mut Album) {
    use approvals::*;
    let v = album.values;
    let row = |id, what: &str, own| Waits {
        id,
        what: v.text(what),
        href: v.path("/people/31"),
        asked_by: v.text("hana"),
        asked: v.when("today 07:02"),
        expires: v.when("today 09:02"),
        reason: v.text("Phone stolen on the train"),
        check: v.text("Called back on a known number"),
        own,
        may_grant: true,
    };
    let two = Approvals {
        rows: vec![
            row(3, "Reset the second factor of dr.okafor", false),
            row(4, "Open an exception for Wardbook, 60 minutes", true),
        ],
        fresh_needed: false,
        problem: None,
    };
    album.inside(("approvals", "/approvals", Role::Owner), false, |c| {
        two.render(c)
    });
    let again = Approvals {
        fresh_needed: true,
        problem: v
            .problem("own_code", "Your own code did not match.", "")
            .map(|problem| (3, problem)),
        ..two
    };
    album.inside(("approvals_again", "/approvals", Role::Owner), true, |c| {
        again.render(c)
    });
    let none = Approvals {
        rows: Vec::new(),
        fresh_needed: false,
        problem: None,
    };
    album.inside(
        ("approvals_none", "/approvals", Role::Auditor),
        false,
        |c| none.render(c),
    );
}

fn emergency_page(v: Values) -> emergency::Emergency {
    use emergency::*;
    Emergency {
        open: vec![OpenRow {
            id: 5,
            app: v.text("Wardbook"),
            opened: v.when("today 10:30"),
            until: v.when("today 11:30"),
            opened_by: v.text("olga"),
            approved_by: v.text("omar"),
            reason: v.text("Phone network down in the whole town"),
            passages: 14,
        }],
        past: vec![PastRow {
            app: v.text("Lab results"),
            opened: v.when("12 January 08:00"),
            ended: v.when("12 January 08:40, closed by omar"),
            opened_by: v.text("olga"),
            approved_by: v.text("omar"),
            reason: v.text("Fire drill"),
            passages: 0,
        }],
        batches: vec![Batch {
            batch: 101,
            app: v.text("Wardbook"),
            issued: v.when("3 February"),
            operator: v.text("olga"),
            left: 9,
            used: 1,
            uses: vec![v.text("number 1 by ana.silva, 12 February 03:10")],
            revoked: false,
        }],
        apps: v.choices(&[("wardbook", "Wardbook"), ("labs", "Lab results")]),
        minutes: vec![30, 60, 240],
        counts: vec![10, 20],
        fresh_needed: false,
        typed: TypedOpen::default(),
        typed_sealed: TypedSealed::default(),
        problem: None,
        problem_sealed: false,
    }
}

fn emergencies(album: &mut Album) {
    use emergency::*;
    let v = album.values;
    let page = emergency_page(v);
    album.after_act(("emergency", "/emergency", Role::Owner), |c| page.render(c));
    album.inside(
        ("emergency_read", "/emergency", Role::Auditor),
        false,
        |c| page.render(c),
    );
    let quiet = Emergency {
        open: Vec::new(),
        past: Vec::new(),
        batches: Vec::new(),
        fresh_needed: true,
        typed: TypedOpen {
            app: v.text("labs"),
            minutes: 60,
            reason: v.text("Phones down"),
        },
        problem: v.problem(
            "own_code",
            "Your own code did not match.",
            "Type the next one.",
        ),
        ..page
    };
    album.inside(("emergency_again", "/emergency", Role::Owner), true, |c| {
        quiet.render(c)
    });
    let sealed = Emergency {
        typed_sealed: TypedSealed {
            app: v.text("labs"),
            count: 20,
            reason: v.text(""),
        },
        problem: v.problem("reason", "A reason is missing.", ""),
        problem_sealed: true,
        ..quiet
    };
    album.inside(
        ("emergency_sealed_again", "/emergency", Role::Owner),
        true,
        |c| sealed.render(c),
    );
    let sheet = SealedSheet {
        app: v.text("Wardbook"),
        batch: 101,
        codes: (1..=4)
            .map(|n| (n, v.text(&format!("K7QX-2MBR-{n}T9W-HJ3P"))))
            .collect(),
        issued: v.when("today 07:30"),
    };
    album.inside(
        ("sealed_sheet", "/emergency/sealed", Role::Owner),
        false,
        |c| sheet.render(c),
    );
}

fn audit_rows(v: Values) -> Vec<audit::Row> {
    use audit::Row;
    let row = |seq, at: &str, sentence: &str, kind: &str, person: bool, operator: &str| Row {
        seq,
        at: v.when(at),
        sentence: v.text(sentence),
        kind: v.text(kind),
        person: person.then(|| (v.text("ana.silva"), v.path("/people/12"))),
        operator: v.maybe(operator),
        app: v.text("Wardbook"),
        from: v.text("front desk"),
        reference: v.maybe(if person { "7K2M9QXA" } else { "" }),
    };
    vec![
        row(
            4712,
            "2 March 07:04:12",
            "Unlocked: “clock of the phone”.",
            "subscriber_unlocked",
            true,
            "hana",
        ),
        row(
            4711,
            "2 March 07:02:40",
            "A wrong code; phone clock about 4 minutes slow.",
            "challenge_failed",
            true,
            "",
        ),
        row(
            4710,
            "2 March 07:00:00",
            "Old rows removed.",
            "sweep",
            false,
            "",
        ),
    ]
}

fn log(album: &mut Album) {
    use audit::*;
    let v = album.values;
    let rows = audit_rows(v);
    let page = Audit {
        query: Query {
            person: v.text("ana"),
            kind: v.text("challenge_failed"),
            from: v.text("2026-03-01"),
            reference: v.text("7K2M9QXA"),
            ..Query::default()
        },
        apps: v.choices(&[("wardbook", "Wardbook")]),
        rows: rows.clone(),
        more: Some(v.path("/audit?person=ana&before=4710")),
        search: v.text("person=ana&kind=challenge_failed"),
        problem: None,
    };
    album.inside(("audit", "/audit", Role::Owner), false, |c| page.render(c));
    let none = Audit {
        rows: Vec::new(),
        more: None,
        problem: v.problem("from", "That is not a day.", "Write it as 2026-03-02."),
        ..page
    };
    album.inside(("audit_none", "/audit", Role::Auditor), true, |c| {
        none.render(c)
    });
    chain(album, rows);
}

fn chain(album: &mut Album, rows: Vec<audit::Row>) {
    use audit::*;
    let v = album.values;
    let follow = Follow {
        row: rows[1].clone(),
        reason: v.text("clock_off -4"),
        hash: v.text("9f2b 77c1 04de"),
        hash_before: v.text("1a44 e90b 5c3d"),
        session: rows[..2].to_vec(),
        neighbours: rows,
    };
    album.inside(("follow", "/audit/4711", Role::Auditor), false, |c| {
        follow.render(c)
    });
    let faults = vec![
        v.text("Row 4711 was changed after it was written."),
        v.text("Rows 90 to 94 are missing."),
    ];
    for (name, problem, state) in [
        ("verify_idle", false, VerifyState::Idle),
        (
            "verify_running",
            false,
            VerifyState::Running {
                rows: 1_204_000,
                of: 5_000_000,
            },
        ),
        (
            "verify_whole",
            false,
            VerifyState::Whole {
                rows: 5_000_000,
                at: v.when("today 07:41"),
            },
        ),
        (
            "verify_broken",
            true,
            VerifyState::Broken {
                rows: 5_000_000,
                at: v.when("today 07:41"),
                faults,
            },
        ),
    ] {
        let page = Verify {
            state,
            last: v.text("Monday 06:00, by olga"),
        };
        album.inside((name, "/audit/verify", Role::Auditor), problem, |c| {
            page.render(c)
        });
    }
}

fn reports(album: &mut Album) {
    use report::*;
    let v = album.values;
    let page = Report {
        factors: vec![FactorRow {
            person: v.text("ana.silva"),
            href: v.path("/people/12"),
            kind: v.text("Authenticator app"),
            name: v.text("Ana’s phone"),
            since: v.when("3 February"),
            last_used: Some(v.when("Monday 16:40")),
        }],
        more: Some(v.path("/report?after=12")),
        resets: vec![ResetRow {
            at: v.when("12 January 07:20"),
            person: v.text("dr.okafor"),
            href: v.path("/people/31"),
            operator: v.text("hana"),
            approved_by: v.text("olga"),
            reason: v.text("Phone stolen"),
            check: v.text("Called back on a known number"),
        }],
        operators: vec![OperatorRow {
            at: v.when("2 January"),
            operator: v.text("aino"),
            what: v.text("role changed from helpdesk to auditor"),
            by: v.text("olga"),
        }],
        made: v.when("today 07:30"),
    };
    album.inside(("report", "/report", Role::Owner), false, |c| {
        page.render(c)
    });
    let empty = Report {
        factors: Vec::new(),
        more: None,
        resets: Vec::new(),
        ..page
    };
    album.inside(("report_empty", "/report", Role::Auditor), false, |c| {
        empty.render(c)
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
