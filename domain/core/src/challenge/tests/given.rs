//! Codes that an operator gave: temporary and sealed ones, in every standing.
//! The other kinds are judged in `tests.rs`, whose world this is.

use super::*;

const TYPED: &str = "12345-67890";

fn live() -> Option<Given> {
    let id = TemporaryCodeId(3);
    Some(Given::Temporary(TemporaryFound::Live(id)))
}

fn sealed() -> Option<Given> {
    let id = SealedCodeId(4);
    Some(Given::Sealed(SealedMatch { id }))
}

#[test]
fn a_live_temporary_code_is_spent_also_when_every_authenticator_is_disabled() {
    for (disabled, proved) in [(false, true), (true, true), (false, false)] {
        let given = live();
        let world = World {
            given,
            disabled,
            proved,
            ..World::new()
        };
        let wanted = Some(Spend::TemporaryCode(TemporaryCodeId(3)));
        assert_eq!(spent(&world.judge(TYPED)), wanted, "{disabled} {proved}");
    }
}

#[test]
fn a_sealed_code_counts_only_after_a_proved_password() {
    let mut world = World {
        given: sealed(),
        ..World::new()
    };
    let wanted = Some(Spend::SealedCode(SealedCodeId(4)));
    assert_eq!(spent(&world.judge("")), wanted);
    world.proved = false;
    assert!(matches!(
        world.judge(""),
        CodeVerdict::Wrong { hint: None, .. }
    ));
}

/// D09: or whoever knows the password would keep shut what the helpdesk opened. Nothing else does:
/// not a code that is over, not a password that is not proved.
#[test]
fn what_an_operator_gave_opens_a_pause_below_the_ceiling_and_above_it() {
    let over = TemporaryFound::Over {
        id: TemporaryCodeId(3),
        why: TemporaryOver::Revoked(NOW),
    };
    for times in [5, 50] {
        for (given, opens) in [
            (live(), true),
            (sealed(), true),
            (Some(Given::Temporary(over)), false),
            (None, false),
        ] {
            let mut world = World {
                given,
                throttle: wrong_times(times),
                ..World::new()
            };
            assert_eq!(spent(&world.judge(TYPED)).is_some(), opens, "{given:?}");
            world.proved = false;
            assert_eq!(spent(&world.judge(TYPED)), None, "{given:?}");
            // Not even then does it end later than its challenge.
            world.proved = true;
            let late = world.judge_at(TYPED, NOW.plus(Duration::from_secs(300)));
            assert!(matches!(late, CodeVerdict::Expired), "{late:?}");
        }
    }
}

#[test]
fn guesses_at_ten_digits_are_counted_and_paused_above_the_ceiling_as_below_it() {
    for disabled in [false, true] {
        let mut world = World {
            disabled,
            ..World::new()
        };
        world.throttle = Throttle {
            rolling: 200,
            window_started_at: NOW,
            ..Throttle::default()
        };
        for tries in 1..=5 {
            let CodeVerdict::Wrong {
                hint: None,
                throttle,
            } = world.judge(TYPED)
            else {
                panic!("{tries}");
            };
            assert_eq!(throttle.consecutive, tries);
            world.throttle = throttle;
        }
        // Paused: no further wrong one is counted, and nothing is said of it.
        let paused = world.judge(TYPED);
        let stopped = matches!(paused, CodeVerdict::Disabled | CodeVerdict::Exhausted);
        assert!(stopped, "{paused:?}");
        world.given = live();
        let after = NOW.plus(Duration::from_secs(30));
        assert!(spent(&world.judge_at(TYPED, after)).is_some());
        // Six digits cost nothing there, as before.
        world.given = None;
        world.throttle.paused_until = None;
        let stopped = world.judge("123456");
        assert!(matches!(
            stopped,
            CodeVerdict::Disabled | CodeVerdict::Exhausted
        ));
    }
}

#[test]
fn a_code_that_does_not_count_any_more_is_named_after_a_proved_password_only() {
    let why = TemporaryOver::UsedUp(NOW);
    let id = TemporaryCodeId(3);
    let given = Some(Given::Temporary(TemporaryFound::Over { id, why }));
    let mut world = World {
        given,
        ..World::new()
    };
    match world.judge(TYPED) {
        CodeVerdict::Outdated {
            id: named,
            why: said,
            throttle,
        } => {
            assert_eq!((named, said, throttle.consecutive), (id, why, 1));
        }
        other => panic!("{other:?}"),
    }
    world.proved = false;
    match world.judge(TYPED) {
        CodeVerdict::Wrong {
            hint: None,
            throttle,
        } => assert_eq!(throttle.consecutive, 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_code_of_a_whole_shape_is_not_called_malformed() {
    let world = World::new();
    for typed in [
        TYPED,
        "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA",
        "AAAA-AAAA-AAAA-AAAA-AAAA",
    ] {
        let judged = world.judge(typed);
        assert!(
            matches!(judged, CodeVerdict::Wrong { hint: None, .. }),
            "{typed}"
        );
    }
}
