//! Sample pages about what was done: emergencies, the audit log, its chain, reports.
//!
//! Used by `place_samples` only.

use anteroom_core::operator::Role;

use super::samples::{Album, Values};
use crate::pages::*;

pub(super) fn approve(album: &mut Album) {
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

pub(super) fn emergencies(album: &mut Album) {
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

pub(super) fn log(album: &mut Album) {
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

pub(super) fn reports(album: &mut Album) {
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
