//! Verdicts on right, wrong, reused, early, late and malformed codes, in every standing.

mod given;
mod tokens;

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::oath::{self, Digits, MovingFactor};
use crate::totp::{TotpSecret, code_at, step_at};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_015);

struct World {
    secret: TotpSecret,
    other: TotpSecret,
    kinds: Kinds,
    last_step: Option<TimeStep>,
    disabled: bool,
    recovery: Option<RecoveryMatch>,
    given: Option<Given>,
    throttle: Throttle,
    policy: ThrottlePolicy,
    proved: bool,
}

impl World {
    fn new() -> Self {
        Self {
            secret: TotpSecret::from_bytes(*b"12345678901234567890"),
            other: TotpSecret::from_bytes(*b"abcdefghijabcdefghij"),
            kinds: Kinds::PRESET,
            last_step: None,
            disabled: false,
            recovery: None,
            given: None,
            throttle: Throttle::default(),
            policy: ThrottlePolicy::default(),
            proved: true,
        }
    }

    fn code(&self, steps_off: i64) -> String {
        let step = step_at(NOW).0.checked_add_signed(steps_off).unwrap();
        code_at(&self.secret, TimeStep(step))
    }

    fn judge(&self, typed: &str) -> CodeVerdict {
        self.judge_at(typed, NOW)
    }

    fn judge_at(&self, typed: &str, now: Timestamp) -> CodeVerdict {
        let (last_step, disabled) = (self.last_step, self.disabled);
        let on_file = |id, secret| OathOnFile {
            id: AuthenticatorId(id),
            kind: AuthenticatorKind::Totp,
            secret,
            factor: MovingFactor::Time { period: 30 },
            digits: Digits::Six,
            drift: Drift::default(),
            last_step,
            disabled,
        };
        let facts = CodeFacts {
            typed,
            oath: &[on_file(1, &self.other), on_file(2, &self.secret)],
            kinds: self.kinds,
            recovery: self.recovery,
            given: self.given,
            throttle: &self.throttle,
            policy: &self.policy,
            expires_at: NOW.plus(Duration::from_secs(300)),
            proved: self.proved,
        };
        judge_code(&facts, now)
    }
}

/// Advisory A21: what a policy turned off is refused where it is judged, not only left off a page.
#[test]
fn an_authenticator_of_a_kind_that_the_app_does_not_take_is_as_good_as_none() {
    let mut world = World::new();
    world.kinds = Kinds::NONE.with(AuthenticatorKind::Passkey);
    let wrong = |verdict: CodeVerdict| match verdict {
        CodeVerdict::Wrong { hint, throttle } => (hint, throttle.consecutive),
        other => panic!("{other:?}"),
    };
    for steps_off in [-1, 0, 1, -8] {
        let verdict = world.judge_at(&world.code(steps_off), NOW);
        assert_eq!(wrong(verdict), (None, 1), "{steps_off}");
    }
    world.last_step = Some(step_at(NOW));
    assert_eq!(wrong(world.judge_at(&world.code(0), NOW)), (None, 1));
    world.disabled = true;
    assert_eq!(wrong(world.judge_at(&world.code(0), NOW)), (None, 1));
}

fn spent(verdict: &CodeVerdict) -> Option<Spend> {
    match verdict {
        CodeVerdict::Accept(accepted) => Some(*accepted.spend()),
        _ => None,
    }
}

fn wrong_times(times: u32) -> Throttle {
    let policy = ThrottlePolicy::default();
    (0..times).fold(Throttle::default(), |throttle, _| {
        throttle.after_failure(&policy, NOW)
    })
}

#[test]
fn a_right_code_spends_its_own_step_of_its_own_authenticator() {
    let world = World::new();
    for off in [-1, 0, 1] {
        let step = TimeStep(step_at(NOW).0.checked_add_signed(off).unwrap());
        let authenticator = AuthenticatorId(2);
        let expected = Spend::Step(SpentStep {
            authenticator,
            kind: AuthenticatorKind::Totp,
            step,
            drift: Drift::default(),
        });
        assert_eq!(
            spent(&world.judge(&world.code(off))),
            Some(expected),
            "{off}"
        );
    }
}

#[test]
fn a_code_outside_the_window_is_wrong() {
    let world = World::new();
    for off in [-3, -2, 2, 3] {
        assert!(
            matches!(world.judge(&world.code(off)), CodeVerdict::Wrong { .. }),
            "{off}"
        );
    }
}

#[test]
fn a_reused_code_is_named_and_costs_a_try() {
    let mut world = World::new();
    world.last_step = Some(step_at(NOW));
    let verdict = world.judge(&world.code(0));
    assert!(matches!(verdict, CodeVerdict::Replayed { throttle } if throttle.consecutive == 1));
    // The code of the step before the spent one is gone as well, the next one is not.
    assert!(matches!(
        world.judge(&world.code(-1)),
        CodeVerdict::Replayed { .. }
    ));
    assert!(spent(&world.judge(&world.code(1))).is_some());
    // Still called reused some minutes later, when it is no longer in the window.
    let later = NOW.plus(Duration::from_secs(120));
    assert!(matches!(
        world.judge_at(&world.code(0), later),
        CodeVerdict::Replayed { .. }
    ));
}

#[test]
fn without_a_proved_password_nothing_helpful_is_said() {
    let mut world = World {
        proved: false,
        ..World::new()
    };
    world.last_step = Some(step_at(NOW));
    for typed in [world.code(0), world.code(-8), "hello".into(), String::new()] {
        let verdict = world.judge(&typed);
        assert!(
            matches!(verdict, CodeVerdict::Wrong { hint: None, .. }),
            "{typed}"
        );
    }
    world.disabled = true;
    assert!(matches!(
        world.judge("000000"),
        CodeVerdict::Wrong { hint: None, .. }
    ));
}

#[test]
fn a_slow_phone_is_named_and_a_fast_one_is_not() {
    let world = World::new();
    for (off, expected) in [(-2, -1), (-3, -2), (-10, -5), (-20, -10)] {
        let verdict = world.judge(&world.code(off));
        let CodeVerdict::Wrong {
            hint: Some(CodeHint::ClockOff { minutes }),
            throttle,
        } = verdict
        else {
            panic!("{off}: {verdict:?}");
        };
        assert_eq!((minutes, throttle.consecutive), (expected, 1));
    }
    // A guess must not be told that it will be right in five minutes.
    for off in [2, 10, 20, -21] {
        let verdict = world.judge(&world.code(off));
        assert!(
            matches!(verdict, CodeVerdict::Wrong { hint: None, .. }),
            "{off}"
        );
    }
}

#[test]
fn an_old_code_from_before_the_last_used_one_says_nothing_about_the_clock() {
    let mut world = World::new();
    world.last_step = Some(TimeStep(step_at(NOW).0 - 4));
    let hint = |verdict| match verdict {
        CodeVerdict::Wrong { hint, .. } => hint,
        other => panic!("{other:?}"),
    };
    assert_eq!(hint(world.judge(&world.code(-6))), None);
    assert!(hint(world.judge(&world.code(-3))).is_some());
}

#[test]
fn malformed_codes_cost_a_try_and_say_so() {
    let world = World::new();
    let long = "1".repeat(1_000_000);
    for typed in [
        "",
        "12345",
        "1234567",
        "+123456",
        "1e5",
        "0x1",
        "１２３４５６",
        "٠١٢٣٤٥",
        "1234\0",
        &long,
    ] {
        let verdict = world.judge(typed);
        let CodeVerdict::Wrong { hint, throttle } = verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!(hint, Some(CodeHint::Malformed));
        assert_eq!(throttle.consecutive, 1);
    }
    // A recovery code that is not on file is wrong, but not malformed.
    let verdict = world.judge("ABCD-EFGH-IJKL-MNOP-QRST");
    assert!(matches!(verdict, CodeVerdict::Wrong { hint: None, .. }));
}

#[test]
fn a_challenge_ends_on_the_millisecond_even_for_a_right_code() {
    let world = World::new();
    let end = NOW.plus(Duration::from_secs(300));
    let code = code_at(&world.secret, step_at(end));
    assert!(matches!(world.judge_at(&code, end), CodeVerdict::Expired));
    let before = end.minus(Duration::from_millis(1));
    assert!(spent(&world.judge_at(&code, before)).is_some());
}

#[test]
fn a_pause_refuses_a_right_code_of_every_kind() {
    let world = World {
        throttle: wrong_times(5),
        recovery: Some(RecoveryMatch {
            id: RecoveryCodeId(7),
        }),
        ..World::new()
    };
    let until = NOW.plus(Duration::from_secs(30));
    let verdict = world.judge(&world.code(0));
    assert!(matches!(verdict, CodeVerdict::Paused { until: end } if end == until));
    assert!(spent(&world.judge_at("", until)).is_some());
}

#[test]
fn a_matching_recovery_code_is_spent_before_any_step() {
    let world = World {
        recovery: Some(RecoveryMatch {
            id: RecoveryCodeId(7),
        }),
        ..World::new()
    };
    let expected = Spend::RecoveryCode(RecoveryCodeId(7));
    assert_eq!(
        spent(&world.judge("ABCD-EFGH-IJKL-MNOP-QRST")),
        Some(expected)
    );
}

#[test]
fn a_disabled_authenticator_never_matches_but_a_recovery_code_does() {
    let mut world = World {
        disabled: true,
        ..World::new()
    };
    assert!(matches!(world.judge(&world.code(0)), CodeVerdict::Disabled));
    world.recovery = Some(RecoveryMatch {
        id: RecoveryCodeId(7),
    });
    assert!(spent(&world.judge("ABCD-EFGH-IJKL-MNOP-QRST")).is_some());
}

#[test]
fn at_the_ceiling_only_a_recovery_code_helps_and_only_after_the_pause() {
    let mut world = World {
        throttle: wrong_times(50),
        ..World::new()
    };
    assert!(matches!(
        world.judge(&world.code(0)),
        CodeVerdict::Exhausted
    ));
    world.recovery = Some(RecoveryMatch {
        id: RecoveryCodeId(7),
    });
    assert!(
        matches!(world.judge(""), CodeVerdict::Exhausted),
        "no oracle during the pause"
    );
    world.throttle.paused_until = None;
    assert!(spent(&world.judge("")).is_some());
}

#[test]
fn a_name_without_any_factor_is_always_wrong() {
    let facts = CodeFacts {
        typed: "123456",
        oath: &[],
        kinds: Kinds::PRESET,
        recovery: None,
        given: None,
        throttle: &Throttle::default(),
        policy: &ThrottlePolicy::default(),
        expires_at: NOW.plus(Duration::from_secs(1)),
        proved: false,
    };
    assert!(matches!(
        judge_code(&facts, NOW),
        CodeVerdict::Wrong { hint: None, .. }
    ));
}

#[test]
fn a_first_code_confirms_its_step_or_says_what_is_off() {
    let world = World::new();
    for off in [-1, 0, 1] {
        let FirstCodeVerdict::Accept(first) =
            judge_first_code(&world.secret, &world.code(off), NOW)
        else {
            panic!("{off}");
        };
        assert_eq!(Some(first.step().0), step_at(NOW).0.checked_add_signed(off));
    }
    let hint = |typed: &str| match judge_first_code(&world.secret, typed, NOW) {
        FirstCodeVerdict::Wrong { hint } => hint,
        other => panic!("{other:?}"),
    };
    assert_eq!(hint("nonsense"), Some(CodeHint::Malformed));
    assert_eq!(
        hint(&world.code(-4)),
        Some(CodeHint::ClockOff { minutes: -2 })
    );
    assert_eq!(
        hint(&world.code(4)),
        Some(CodeHint::ClockOff { minutes: 2 })
    );
    assert_eq!(hint(&world.code(40)), None);
}

proptest! {
    #[test]
    fn the_judge_is_total_and_every_wrong_code_costs_exactly_one_try(
        typed in prop_oneof![any::<String>(), "[0-9]{6}", "[0-9 -]{5,9}"],
        wrong in 0_u32..60,
        proved: bool,
        disabled: bool,
        now: i64,
        last in any::<Option<u64>>(),
    ) {
        let mut world = World { proved, disabled, throttle: wrong_times(wrong), ..World::new() };
        world.last_step = last.map(TimeStep);
        let now = Timestamp::from_millis(now);
        match world.judge_at(&typed, now) {
            CodeVerdict::Wrong { hint, throttle } => {
                prop_assert!(proved || hint.is_none());
                prop_assert_eq!(throttle.consecutive, wrong + 1);
            }
            CodeVerdict::Replayed { throttle } => prop_assert_eq!(throttle.consecutive, wrong + 1),
            _ => {}
        }
    }

    #[test]
    fn no_step_at_or_before_the_last_one_is_ever_accepted(back in 0_u64..5, off in -3_i64..4) {
        let mut world = World::new();
        let last = TimeStep(step_at(NOW).0 + 1 - back);
        world.last_step = Some(last);
        if let Some(Spend::Step(SpentStep { step, .. })) = spent(&world.judge(&world.code(off))) {
            prop_assert!(step > last);
            prop_assert!(step.0.abs_diff(step_at(NOW).0) <= oath::WINDOW.unsigned_abs());
        }
    }
}
