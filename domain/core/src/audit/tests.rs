//! Names, the bytes of the chain, and text that must stay on its line.

use std::collections::HashSet;

use super::*;
use proptest::prelude::*;

const AT: Timestamp = Timestamp::from_secs(1_800_000_000);

fn event() -> AuditEvent {
    AuditEvent::new(AuditKind::ChallengeFailed)
        .subscriber(SubscriberId(7))
        .app(&AppName::new("emr"))
        .session(SessionHash([9; 32]))
        .client(IpAddr::from([192, 0, 2, 1]))
        .operator("olga")
        .reason("wrong code")
}

#[test]
fn every_kind_has_its_own_stable_name() {
    let names: HashSet<&str> = AuditKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), AuditKind::ALL.len());
    for kind in AuditKind::ALL {
        assert_eq!(AuditKind::from_name(kind.name()), Some(*kind));
        assert!(
            kind.name()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        );
    }
    assert_eq!(AuditKind::from_name("nothing_of_the_kind"), None);
}

#[test]
fn the_canonical_bytes_are_pinned() {
    // A change here breaks every audit log in the field: give it a new version instead.
    let event = AuditEvent::new(AuditKind::Sweep).reason("ok");
    let mut expected = b"anteroom-audit-1".to_vec();
    expected.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
    expected.extend_from_slice(&1_800_000_000_000_i64.to_be_bytes());
    expected.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 5]);
    expected.extend_from_slice(b"sweep");
    expected.extend_from_slice(&[0, 0, 0, 0, 0]);
    expected.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 2]);
    expected.extend_from_slice(b"ok");
    assert_eq!(event.canonical_bytes(1, AT), expected);
}

#[test]
fn a_reference_makes_a_second_version_of_the_bytes_and_changes_nothing_else() {
    let reference = Reference::parse("7K2M9QXA");
    let (without, with) = (
        event(),
        AuditEvent {
            reference,
            ..event()
        },
    );
    let mut expected = without.canonical_bytes(1, AT);
    assert_eq!(&expected[..16], b"anteroom-audit-1");
    expected[15] = b'2';
    expected.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 8]);
    expected.extend_from_slice(b"7K2M9QXA");
    assert_eq!(with.canonical_bytes(1, AT), expected);
}

#[test]
fn every_field_counts_in_the_canonical_bytes() {
    let whole = event();
    let changed = [
        AuditEvent {
            kind: AuditKind::ChallengePassed,
            ..whole.clone()
        },
        AuditEvent {
            subscriber: None,
            ..whole.clone()
        },
        AuditEvent {
            app: None,
            ..whole.clone()
        },
        AuditEvent {
            session: None,
            ..whole.clone()
        },
        AuditEvent {
            client: None,
            ..whole.clone()
        },
        AuditEvent {
            operator: None,
            ..whole.clone()
        },
        AuditEvent {
            operator: Some(String::new()),
            ..whole.clone()
        },
        AuditEvent {
            operator: whole.reason.clone(),
            reason: whole.operator.clone(),
            ..whole.clone()
        },
        AuditEvent {
            reason: None,
            ..whole.clone()
        },
        AuditEvent {
            reference: Some(Reference::of(1)),
            ..whole.clone()
        },
        AuditEvent {
            reference: Some(Reference::of(2)),
            ..whole.clone()
        },
    ];
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    assert!(seen.insert(whole.canonical_bytes(1, AT)));
    assert!(seen.insert(whole.canonical_bytes(2, AT)));
    assert!(seen.insert(whole.canonical_bytes(1, Timestamp::from_secs(1))));
    for event in changed {
        assert!(seen.insert(event.canonical_bytes(1, AT)), "{event:?}");
    }
}

#[test]
fn text_from_outside_stays_on_its_line() {
    assert_eq!(
        clean_text("alice\n2026-01-01 login ok"),
        "alice\u{FFFD}2026-01-01 login ok"
    );
    assert_eq!(
        clean_text("\u{1b}[2J\u{2028}\u{202e}\u{85}x"),
        "\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}x"
    );
    assert_eq!(
        clean_text(&"é".repeat(1_000_000)).chars().count(),
        MAX_TEXT_CHARS
    );
    assert_eq!(event().reason("a\0b").reason.as_deref(), Some("a\u{FFFD}b"));
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing(text in any::<String>()) {
        let once = clean_text(&text);
        prop_assert_eq!(clean_text(&once), once.clone());
        prop_assert!(!once.chars().any(char::is_control));
    }
}
