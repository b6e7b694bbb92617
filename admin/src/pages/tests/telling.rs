//! Audit rows in plain language: a sentence for each kind, one for several, numbers in words.
//!
//! Subject: `words`.

use anteroom_core::audit::AuditKind;
use anteroom_core::time::Timestamp;

use crate::pages::audit::kind_groups;
use crate::pages::words::*;

fn fact(kind: AuditKind) -> Fact<'static> {
    Fact {
        seq: 1,
        at: Timestamp::from_secs(1_000_000),
        kind,
        person: None,
        app: None,
        place: None,
        operator: None,
        reason: None,
    }
}

#[test]
fn every_kind_has_its_sentence() {
    let mut all = String::new();
    for kind in AuditKind::ALL {
        let bare = sentence(&fact(*kind), 1);
        assert!(
            !bare.contains("omething happened"),
            "{} has no words",
            kind.name()
        );
        assert!(bare.starts_with(char::is_uppercase), "{bare}");
        let full = Fact {
            app: Some("Wardbook"),
            place: Some("front desk"),
            operator: Some("olga"),
            reason: Some("lost phone"),
            ..fact(*kind)
        };
        all += &format!("{}\n  {bare}\n  {}\n", kind.name(), sentence(&full, 3));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn six_wrong_codes_are_one_sentence() {
    let wrong = |seq: i64, reason| Fact {
        seq,
        at: Timestamp::from_secs(1_000_000 - seq * 20),
        place: Some("front desk"),
        reason,
        ..fact(AuditKind::ChallengeFailed)
    };
    let mut rows: Vec<Fact<'_>> = (1..=6).map(|seq| wrong(seq, None)).collect();
    rows[3].reason = Some("clock_off -4");
    rows.push(Fact {
        seq: 7,
        ..fact(AuditKind::ChallengePassed)
    });
    let told = tell(&rows);
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[0].sentence,
        "Six wrong codes from the front desk; phone clock about 4 minutes slow."
    );
    assert_eq!((told[0].seq, told[0].count), (6, 6));
    assert!(told[0].from < told[0].to);
    assert_eq!(told[1].sentence, "A right code.");
}

#[test]
fn rows_that_differ_or_lie_far_apart_are_told_apart() {
    let base = fact(AuditKind::ChallengeFailed);
    let later = Timestamp::from_secs(1_000_000 + 31 * 60);
    let apart = [
        Fact { at: later, ..base },
        Fact {
            person: Some("ana"),
            ..base
        },
        Fact {
            app: Some("Wardbook"),
            ..base
        },
        Fact {
            place: Some("10.0.0.7"),
            ..base
        },
        Fact {
            operator: Some("olga"),
            ..base
        },
        Fact {
            kind: AuditKind::CodeReused,
            ..base
        },
    ];
    for other in apart {
        assert_eq!(tell(&[base, other]).len(), 2, "{other:?}");
    }
    let unlocked = fact(AuditKind::SubscriberUnlocked);
    let why = Fact {
        reason: Some("called"),
        ..unlocked
    };
    assert_eq!(tell(&[unlocked, why]).len(), 2);
    assert!(tell(&[]).is_empty());
}

#[test]
fn sentences_read_well() {
    let ana = Fact {
        person: Some("ana.silva"),
        operator: Some("hana"),
        reason: Some("phone at home"),
        ..fact(AuditKind::TemporaryCodeIssued)
    };
    assert_eq!(
        sentence(&ana, 1),
        "ana.silva: temporary code issued by hana: “phone at home”."
    );
    assert_eq!(
        sentence(
            &Fact {
                reason: None,
                ..ana
            },
            2
        ),
        "ana.silva: temporary code issued by hana, twice."
    );
    let ended = Fact {
        reason: Some("superseded"),
        ..fact(AuditKind::SessionEnded)
    };
    assert_eq!(
        sentence(&ended, 1),
        "A session ended: a later sign-in took its place."
    );
    let place = |place| Fact {
        place: Some(place),
        ..fact(AuditKind::ChallengePassed)
    };
    for (from, said) in [
        ("front desk", "from the front desk."),
        ("the ward", "from the ward."),
        ("Room 4", "from Room 4."),
        ("10.0.0.7", "from 10.0.0.7."),
        ("fe80::1", "from fe80::1."),
    ] {
        assert!(sentence(&place(from), 1).ends_with(said), "{from}");
    }
}

#[test]
fn a_phone_clock_is_slow_or_fast() {
    assert_eq!(phone_clock(-1), "phone clock about 1 minute slow");
    assert_eq!(phone_clock(4), "phone clock about 4 minutes fast");
    let odd = Fact {
        reason: Some("clock_off x"),
        ..fact(AuditKind::ChallengeFailed)
    };
    assert_eq!(sentence(&odd, 1), "A wrong code (clock off x).");
}

#[test]
fn numbers_are_words_up_to_twelve() {
    for (count, said) in [
        (0, "no"),
        (1, "one"),
        (12, "twelve"),
        (13, "13"),
        (1_234_567, "1,234,567"),
    ] {
        assert_eq!(number(count), said);
    }
    assert_eq!(counted(1, "code", "codes"), "one code");
    assert_eq!(hours(8), "8 hours");
    assert_eq!(hours(24), "24 hours");
    assert_eq!(hours(48), "2 days");
}

#[test]
fn a_code_is_spelled_letter_by_letter() {
    let said: Vec<&str> = spelled("k7-Q").into_iter().map(|(_, word)| word).collect();
    assert_eq!(said, ["Kilo", "seven", "Quebec"]);
}

#[test]
fn every_kind_is_in_one_group_and_no_two_read_the_same() {
    let groups = kind_groups();
    let mut labels: Vec<String> = Vec::new();
    for group in &groups {
        assert!(!group.kinds.is_empty(), "{}", group.label);
        labels.extend(group.kinds.iter().map(|kind| kind.label.clone()));
    }
    assert_eq!(labels.len(), AuditKind::ALL.len());
    labels.sort();
    let all = labels.len();
    labels.dedup();
    assert_eq!(labels.len(), all);
}
