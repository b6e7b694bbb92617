//! Sample pages about people: search, person, acts, what follows them, new staff.
//!
//! Used by `samples` only.

use anteroom_core::operator::Role;

use super::samples::{Album, Values};
use crate::pages::acts::{Act, ActForm, Typed};
use crate::pages::hardware_tokens::*;
use crate::pages::people::{People, Query, Row, Standing};
use crate::pages::person::*;
use crate::pages::results::*;
use crate::pages::staff::*;
use crate::pages::*;

pub(super) fn all(album: &mut Album) {
    search(album);
    persons(album);
    forms(album);
    results(album);
    staff(album);
    hardware_tokens(album);
}

fn found(v: Values) -> Vec<Row> {
    let both = "Authenticator app, 8 recovery codes";
    let long = "r.silverstein-worthington@clinic.example";
    let rows = [
        ("ana.silva", Standing::Paused, both, "Monday 16:40"),
        ("Silvia Marchetti", Standing::Ready, both, "today 06:48"),
        (long, Standing::NotEnrolled, "", ""),
        ("basil.ek", Standing::Suspended, both, "12 January"),
        ("silas", Standing::Disabled, both, "Friday 08:00"),
        ("ANA.SILVA", Standing::Merged, "", ""),
    ];
    let row = |(name, standing, factors, last): (&str, Standing, &str, &str)| Row {
        href: v.path("/people/12"),
        name: v.text(name),
        place: v.text("Wardbook"),
        standing,
        factors: v.maybe(factors),
        last: (!last.is_empty()).then(|| v.when(last)),
    };
    rows.into_iter().map(row).collect()
}

fn search(album: &mut Album) {
    let v = album.values;
    let apps = v.choices(&[("wardbook", "Wardbook"), ("labs", "Lab results")]);
    let found = People {
        query: Query {
            name: v.text("sil"),
            app: v.text("wardbook"),
            state: String::new(),
        },
        apps: apps.clone(),
        rows: found(v),
        more: Some(v.path("/people?name=sil&after=31")),
        problem: None,
    };
    album.inside(("people", "/people", Role::Helpdesk), false, |c| {
        found.render(c)
    });
    let nobody = People {
        query: Query::default(),
        apps,
        rows: Vec::new(),
        more: None,
        problem: None,
    };
    album.inside(("people_none", "/people", Role::Auditor), false, |c| {
        nobody.render(c)
    });
    let short = People {
        problem: v.problem("name", "Type at least two letters.", ""),
        ..nobody
    };
    album.inside(("people_short", "/people", Role::Helpdesk), true, |c| {
        short.render(c)
    });
}

pub(super) fn authenticators(v: Values) -> Vec<AuthenticatorRow> {
    vec![AuthenticatorRow {
        kind: v.text("Authenticator app"),
        name: v.text("Ana’s phone"),
        since: v.when("3 February"),
        last_used: Some(v.when("Monday 16:40")),
        works: true,
        state: v.text("works"),
    }]
}

fn temporary(v: Values) -> Vec<TemporaryRow> {
    vec![
        TemporaryRow {
            issued: v.when("today 06:55"),
            operator: v.text("hana"),
            expires: v.when("today 18:55"),
            uses_left: 3,
            fate: v.text("not used yet"),
            live: true,
        },
        TemporaryRow {
            issued: v.when("12 January"),
            operator: v.text("olga"),
            expires: v.when("13 January 07:00"),
            uses_left: 0,
            fate: v.text("refused 13 January 07:20: it had expired"),
            live: false,
        },
    ]
}

fn addresses(v: Values) -> Vec<AddressRow> {
    vec![AddressRow {
        id: "5".to_owned(),
        full: v.text("ana.silva@clinic.example"),
        masked: v.text("a…@c…"),
        since: v.when("3 March"),
        by: v.text("olga"),
        codes_from: Some(v.when("tomorrow 06:40")),
    }]
}

fn devices(v: Values) -> Vec<DeviceRow> {
    vec![DeviceRow {
        device: "3".to_owned(),
        name: v.text("Firefox on Windows"),
        app: v.text("Lab results"),
        network: "192.0.2.0/24".to_owned(),
        since: v.when("2 March"),
        last_used: Some(v.when("today 06:40")),
        expires: v.when("16 March"),
    }]
}

fn ana(v: Values) -> Person {
    let event = |at: &str, sentence: &str| EventLine {
        at: v.when(at),
        sentence: v.text(sentence),
        href: v.path("/audit/4711"),
    };
    Person {
        id: 12,
        name: v.text("ana.silva"),
        place: v.text("Wardbook, Lab results"),
        standing: Standing::Paused,
        standing_when: Some(v.when("07:17")),
        trouble: v.text("Six wrong codes from the front desk; phone clock about 4 minutes slow."),
        merged_into: None,
        authenticators: authenticators(v),
        tokens: vec![v.text("2308471")],
        recovery_left: Some(8),
        temporary: temporary(v),
        enrolment: None,
        devices: devices(v),
        sessions: vec![SessionRow {
            session: if v.hostile {
                "9".to_owned()
            } else {
                "41".to_owned()
            },
            app: v.text("Lab results"),
            since: v.when("today 06:40"),
            active: v.when("two minutes ago"),
            from: v.text("front desk"),
            factor: v.text("authenticator app"),
            locked: true,
        }],
        spellings: vec![Spelling {
            name: v.text("Ana.Silva"),
            how: v.text("confirmed by olga, 4 February"),
        }],
        addresses: addresses(v),
        notes: vec![Note {
            at: v.when("12 January"),
            operator: v.text("olga"),
            text: v.text("Works nights; call the ward, not the mobile."),
        }],
        events: vec![
            event(
                "Tuesday 07:03",
                "A pause after wrong codes at Wardbook from the front desk.",
            ),
            event(
                "Tuesday 07:02",
                "Six wrong codes from the front desk; phone clock about 4 minutes slow.",
            ),
            event("Monday 16:40", "A right code at Wardbook from the ward."),
        ],
        all_events: v.path("/audit?person=ana.silva"),
        note: String::new(),
        address: String::new(),
        problem: None,
    }
}

fn persons(album: &mut Album) {
    let v = album.values;
    let ana = ana(v);
    album.inside(
        ("person_locked", "/people/12", Role::Helpdesk),
        false,
        |c| ana.render(c),
    );
    album.inside(
        ("person_read_only", "/people/12", Role::Auditor),
        false,
        |c| ana.render(c),
    );
    let well = Person {
        standing: Standing::Ready,
        trouble: String::new(),
        ..ana.clone()
    };
    album.after_act(("person_unlocked", "/people/12", Role::Helpdesk), |c| {
        well.render(c)
    });
    let fresh = Person {
        standing: Standing::NotEnrolled,
        standing_when: None,
        trouble: String::new(),
        authenticators: Vec::new(),
        tokens: Vec::new(),
        recovery_left: None,
        temporary: Vec::new(),
        devices: Vec::new(),
        sessions: Vec::new(),
        spellings: Vec::new(),
        addresses: Vec::new(),
        notes: Vec::new(),
        events: Vec::new(),
        ..ana.clone()
    };
    album.inside(("person_new", "/people/12", Role::Helpdesk), false, |c| {
        fresh.render(c)
    });
    let invited = Person {
        enrolment: Some(EnrolmentOpen {
            issued: v.when("today 06:50"),
            operator: v.text("hana"),
            expires: v.when("tomorrow 06:50"),
        }),
        ..fresh
    };
    album.inside(
        ("person_invited", "/people/12", Role::Helpdesk),
        false,
        |c| invited.render(c),
    );
    shut(album, &ana);
    let merged = Person {
        standing: Standing::Merged,
        merged_into: Some((v.text("ana.silva"), v.path("/people/12"))),
        ..invited
    };
    album.inside(
        ("person_merged", "/people/13", Role::Helpdesk),
        false,
        |c| merged.render(c),
    );
}

fn shut(album: &mut Album, ana: &Person) {
    let v = album.values;
    for (name, standing) in [
        ("person_disabled", Standing::Disabled),
        ("person_suspended", Standing::Suspended),
    ] {
        let page = Person {
            standing,
            standing_when: Some(v.when("Monday 17:05")),
            recovery_left: Some(0),
            ..ana.clone()
        };
        album.inside((name, "/people/12", Role::Helpdesk), false, |c| {
            page.render(c)
        });
    }
    let noted = Person {
        note: v.text("x"),
        problem: v.problem("note", "The note is too long.", "At most 500 characters."),
        ..ana.clone()
    };
    album.inside(
        ("person_note_long", "/people/12", Role::Helpdesk),
        true,
        |c| noted.render(c),
    );
    let unlike = Person {
        address: v.text("ana.silva@"),
        problem: v.problem(
            "address",
            "That is no e-mail address.",
            "It looks like name@clinic.example.",
        ),
        ..ana.clone()
    };
    album.inside(
        ("person_address_wrong", "/people/12", Role::Helpdesk),
        true,
        |c| unlike.render(c),
    );
}

fn checks(v: Values) -> Vec<String> {
    [
        "Called back on a known number",
        "In person",
        "Staff card shown",
    ]
    .map(|check| v.text(check))
    .into()
}

fn forms(album: &mut Album) {
    let v = album.values;
    for act in Act::ALL {
        let of_operator = matches!(
            act,
            Act::ResetOperator | Act::DisableOperator | Act::EnableOperator
        );
        let temporary = act == Act::TemporaryCode;
        let (back, role) = if of_operator {
            ("/operators/hana", Role::Owner)
        } else {
            ("/people/12", Role::Helpdesk)
        };
        let form = ActForm {
            act,
            whom: v.text(if of_operator { "hana" } else { "ana.silva" }),
            action: v.path(&format!("{back}/{}", act.segment())),
            back: v.path(back),
            checks: if of_operator { Vec::new() } else { checks(v) },
            hours: if temporary {
                vec![8, 12, 24, 48]
            } else {
                Vec::new()
            },
            uses: if temporary {
                vec![1, 3, 10]
            } else {
                Vec::new()
            },
            facts: if act == Act::Reset {
                vec![v.text("Two live sessions will end.")]
            } else {
                Vec::new()
            },
            four_eyes: act == Act::ResetOperator,
            fresh_needed: act == Act::Reset,
            typed: Typed::default(),
            problem: None,
        };
        let name = format!("act_{act:?}");
        album.inside((&name, back, role), false, |c| form.render(c));
        let typed = Typed {
            reason: v.text("Phone is at home"),
            check: v.text("In person"),
            hours: 12,
            uses: 3,
            other: v.text("asilva"),
        };
        let back_again = ActForm {
            fresh_needed: true,
            typed,
            problem: v.problem(
                "own_code",
                "Your own code did not match.",
                "Type the next one.",
            ),
            ..form
        };
        if temporary {
            album.inside(("act_again", back, role), true, |c| back_again.render(c));
        }
    }
}

fn results(album: &mut Album) {
    let v = album.values;
    for (name, kind, code) in [
        ("code_enrolment", CodeKind::Enrolment, "K7QX-2MBR"),
        ("code_temporary", CodeKind::Temporary, "4T9W-HJ3P"),
    ] {
        let page = CodeShown {
            kind,
            whom: v.text("ana.silva"),
            back: v.path("/people/12"),
            code: v.text(code),
            expires: v.when("today 19:02"),
            uses: 3,
            after_reset: kind == CodeKind::Enrolment,
        };
        album.inside((name, "/people/12/reset", Role::Helpdesk), false, |c| {
            page.render(c)
        });
    }
    let link = LinkShown {
        whom: v.text("hana"),
        back: v.path("/operators/hana"),
        link: v.text(
            "https://admin.clinic.example/set-up/mE4vXx0o1Yd3K2a9T7wQfZ5sBnL8cRjHgPuIeOyAkVt",
        ),
        expires: v.when("tomorrow 07:10"),
    };
    album.inside(("link_shown", "/operators/hana", Role::Owner), false, |c| {
        link.render(c)
    });
    let token = TokenShown {
        label: v.text("SIEM pull"),
        token: v.text("anteroom_mE4vXx0o1Yd3K2a9T7wQfZ5sBnL8cRjHgPuIeOyAkVt"),
        scopes: vec![v.text("pull the audit log")],
        expires: v.when("31 May"),
    };
    album.inside(("token_shown", "/me/tokens", Role::Auditor), false, |c| {
        token.render(c)
    });
    let waiting = Waiting {
        what: v.text("Reset the second factor of dr.okafor"),
        expires: v.when("today 09:02"),
        back: v.path("/people/31"),
    };
    album.inside(
        ("waiting", "/people/31/reset", Role::Helpdesk),
        false,
        |c| waiting.render(c),
    );
}

fn hardware_tokens(album: &mut Album) {
    let v = album.values;
    let row = |state: &str, holder: Option<&str>| TokenRow {
        serial: v.text("2308471"),
        kind: "6 digits, every 30 seconds".to_owned(),
        state: state.to_owned(),
        since: v.when("Monday 07:02"),
        holder: holder.map(|name| (v.text(name), v.path("/people/12"))),
    };
    let page = HardwareTokens {
        text: v.text("23"),
        state: "free".to_owned(),
        states: vec![
            Choice::new("free", "free"),
            Choice::new("assigned", "assigned"),
        ],
        rows: vec![row("free", None), row("assigned", Some("ana.silva"))],
        more: true,
        may_import: false,
        told: String::new(),
        reason: String::new(),
        fresh_needed: false,
        problem: None,
    };
    let at = "/hardware-tokens";
    album.inside(("hardware_tokens", at, Role::Auditor), false, |c| {
        page.render(c)
    });
    let imported = HardwareTokens {
        may_import: true,
        told: v.text("2 added, 0 known already and left as they are. Destroy the file now."),
        ..page.clone()
    };
    album.inside(("hardware_tokens_in", at, Role::Owner), false, |c| {
        imported.render(c)
    });
    let wrong = HardwareTokens {
        rows: Vec::new(),
        may_import: true,
        fresh_needed: true,
        reason: v.text("fifty for the night shift"),
        problem: v.problem(
            "file",
            "1 line is bad, so none was taken:",
            "Nothing was taken.",
        ),
        ..page
    };
    album.inside(("hardware_tokens_wrong", at, Role::Owner), true, |c| {
        wrong.render(c)
    });
}

fn staff(album: &mut Album) {
    let v = album.values;
    let form = Staff {
        places: v.choices(&[("clinic", "Wardbook and Lab results")]),
        place: v.text("clinic"),
        list: v.text(""),
        most: 200,
        problem: None,
    };
    album.inside(("staff", "/staff", Role::Helpdesk), false, |c| {
        form.render(c)
    });
    let wrong = Staff {
        list: v.text("new.nurse\nnew.doctor\n"),
        problem: v.problem("list", "Line 2 cannot be read.", "One name to a line."),
        ..form
    };
    album.inside(("staff_wrong", "/staff", Role::Helpdesk), true, |c| {
        wrong.render(c)
    });
    let line = |line, name: &str, good, result: &str| Line {
        line,
        name: v.text(name),
        good,
        result: v.text(result),
    };
    let lines = vec![
        line(1, "new.nurse", true, "new: a code will be issued"),
        line(2, "ana.silva", false, "has a phone already: left alone"),
        line(3, "", false, "no name in this line"),
    ];
    let preview = Preview {
        place: v.text("clinic"),
        place_label: v.text("Wardbook and Lab results"),
        list: v.text("new.nurse\nana.silva\n"),
        lines: lines.clone(),
        good: 1,
        checks: checks(v),
        reason: v.text("New staff in March"),
        check: v.text("In person"),
        fresh_needed: true,
        problem: None,
    };
    album.inside(("staff_preview", "/staff", Role::Helpdesk), false, |c| {
        preview.render(c)
    });
    let none = Preview {
        good: 0,
        lines: lines[1..].to_vec(),
        ..preview
    };
    album.inside(
        ("staff_preview_none", "/staff", Role::Helpdesk),
        false,
        |c| none.render(c),
    );
    letters(album, &lines[1..]);
}

fn letters(album: &mut Album, left_out: &[Line]) {
    let v = album.values;
    let letter = |name: &str, code: &str| Letter {
        name: v.text(name),
        app: v.text("Wardbook"),
        address: v.text("https://wardbook.clinic.example"),
        code: v.text(code),
        expires: v.when("Friday 6 March, 07:00"),
        contact: v.text("Text +1 416 555 0134, or call the helpdesk on 100."),
    };
    let letters = Letters {
        letters: vec![
            letter("new.nurse", "K7QX-2MBR"),
            letter("new.doctor", "4T9W-HJ3P"),
        ],
        left_out: left_out.to_vec(),
        back: v.path("/staff"),
    };
    album.inside(("letters", "/staff", Role::Helpdesk), false, |c| {
        letters.render(c)
    });
}
