//! Published vectors, windows, drift and look-ahead; and what two codes in a row may do.

use proptest::prelude::*;

use super::*;
use crate::totp::code_of;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_015);

/// The secret of RFC 4226 appendix D and of the SHA-1 rows of RFC 6238 appendix B.
fn published() -> TotpSecret {
    TotpSecret::from_bytes(*b"12345678901234567890")
}

fn typed(text: &str) -> TypedCode {
    TypedCode::parse(text).unwrap()
}

fn token(secret: &TotpSecret, factor: MovingFactor, digits: Digits) -> OathOnFile<'_> {
    OathOnFile {
        id: AuthenticatorId(1),
        kind: AuthenticatorKind::Hardware,
        secret,
        factor,
        digits,
        drift: Drift::default(),
        last_step: None,
        disabled: false,
    }
}

fn step_taken(sight: Sight) -> Option<u64> {
    match sight {
        Sight::Right { step, .. } => Some(step.0),
        _ => None,
    }
}

#[test]
fn a_counter_takes_the_codes_of_rfc_4226_appendix_d_one_after_the_other() {
    let secret = published();
    let mut token = token(&secret, MovingFactor::Counter, Digits::Six);
    let codes = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489",
    ];
    for (count, code) in codes.iter().enumerate() {
        let count = count as u64;
        assert_eq!(
            step_taken(token.look_at(&typed(code), true, NOW)),
            Some(count)
        );
        token.last_step = Some(TimeStep(count));
        assert_eq!(token.look_at(&typed(code), true, NOW), Sight::Used);
    }
}

#[test]
fn a_clock_takes_the_codes_of_rfc_6238_appendix_b_with_eight_digits() {
    let secret = published();
    let token = token(&secret, MovingFactor::Time { period: 30 }, Digits::Eight);
    for (seconds, step, code) in [
        (59, 0x1, "94287082"),
        (1_111_111_109, 0x023_523EC, "07081804"),
        (1_111_111_111, 0x023_523ED, "14050471"),
        (1_234_567_890, 0x273_EF07, "89005924"),
        (2_000_000_000, 0x3F9_40AA, "69279037"),
        (20_000_000_000, 0x27BC_86AA, "65353130"),
    ] {
        let now = Timestamp::from_secs(seconds);
        assert_eq!(
            step_taken(token.look_at(&typed(code), true, now)),
            Some(step)
        );
        // The same number with six digits is another code.
        let six = typed(&code[2..]);
        assert_eq!(step_taken(token.look_at(&six, true, now)), None);
        assert!(!token.takes(&six));
    }
}

#[test]
fn a_minute_long_step_is_a_minute_long() {
    let secret = published();
    let token = token(&secret, MovingFactor::Time { period: 60 }, Digits::Six);
    let code = typed(&code_of(&secret, Digits::Six, TimeStep(30_000_000)));
    let at = |secs| step_taken(token.look_at(&code, false, Timestamp::from_secs(secs)));
    let begins = 30_000_000 * 60;
    assert_eq!(at(begins - 61), None);
    for secs in [begins - 60, begins, begins + 119] {
        assert_eq!(at(secs), Some(30_000_000), "{secs}");
    }
    assert_eq!(at(begins + 120), None);
}

#[test]
fn four_presses_in_a_pocket_are_forgiven_and_a_fifth_is_not() {
    let secret = published();
    let mut token = token(&secret, MovingFactor::Counter, Digits::Six);
    token.last_step = Some(TimeStep(99));
    let press = |count| typed(&code_of(&secret, Digits::Six, TimeStep(count)));
    for count in 100..=104 {
        assert_eq!(
            step_taken(token.look_at(&press(count), true, NOW)),
            Some(count)
        );
    }
    // Nothing is said of a code that will be good some presses on.
    assert_eq!(token.look_at(&press(105), true, NOW), Sight::Nothing);
    assert_eq!(token.look_at(&press(99), true, NOW), Sight::Used);
    assert_eq!(token.look_at(&press(99), false, NOW), Sight::Nothing);
    assert_eq!(token.look_at(&press(90), true, NOW), Sight::Nothing);
}

#[test]
fn a_clock_is_followed_two_steps_and_no_further_by_single_codes() {
    let secret = published();
    let mut token = token(&secret, MovingFactor::Time { period: 30 }, Digits::Six);
    let centre = totp::step_of(30, NOW).0;
    let at = |off: i64| {
        let step = TimeStep(centre.checked_add_signed(off).unwrap());
        typed(&code_of(&secret, Digits::Six, step))
    };
    let counts = |token: &OathOnFile<'_>| -> Vec<i64> {
        let right = |off: &i64| step_taken(token.look_at(&at(*off), true, NOW)).is_some();
        (-8..=8).filter(right).collect()
    };
    assert_eq!(counts(&token), [-1, 0, 1]);
    token.drift.steps = -1;
    assert_eq!(counts(&token), [-2, -1, 0, 1]);
    token.drift.steps = -2;
    assert_eq!(counts(&token), [-2, -1, 0, 1]);
    token.drift.steps = 2;
    assert_eq!(counts(&token), [-1, 0, 1, 2]);
    // Whatever stands in the row: the cap holds.
    for absurd in [i64::MIN / 2, -9, 9, i64::MAX / 2] {
        token.drift.steps = absurd;
        let reach = counts(&token);
        assert!(
            reach.len() <= 4 && reach.iter().all(|off| off.abs() <= 2),
            "{reach:?}"
        );
    }
    // Around where two codes in a row have put it, the same.
    token.drift = Drift {
        steps: -6,
        anchor: -6,
    };
    assert_eq!(counts(&token), [-7, -6, -5]);
    token.drift.steps = -8;
    assert_eq!(counts(&token), [-8, -7, -6, -5]);
}

#[test]
fn a_right_code_tells_how_its_clock_stands() {
    let secret = published();
    let token = token(&secret, MovingFactor::Time { period: 30 }, Digits::Six);
    let before = TimeStep(totp::step_of(30, NOW).0 - 1);
    let code = typed(&code_of(&secret, Digits::Six, before));
    let drift = Drift {
        steps: -1,
        anchor: 0,
    };
    let step = before;
    assert_eq!(
        token.look_at(&code, true, NOW),
        Sight::Right { step, drift }
    );
}

#[test]
fn two_codes_in_a_row_put_a_clock_right_within_ten_minutes() {
    let secret = published();
    let mut token = token(&secret, MovingFactor::Time { period: 30 }, Digits::Eight);
    let centre = totp::step_of(30, NOW).0;
    let at = |off: i64| {
        let step = TimeStep(centre.checked_add_signed(off).unwrap());
        typed(&code_of(&secret, Digits::Eight, step))
    };
    let resync = |token: &OathOnFile<'_>, one, two| {
        let found = token.resync(&at(one), &at(two), NOW);
        found.map(|(step, drift)| (step.0.wrapping_sub(centre).cast_signed(), drift.anchor))
    };
    assert_eq!(resync(&token, -7, -6), Some((-6, -6)));
    assert_eq!(resync(&token, 19, 20), Some((20, 20)));
    assert_eq!(resync(&token, -20, -19), Some((-19, -19)));
    // Too far, in the wrong order, with one between, twice the same.
    for (one, two) in [(-21, -20), (20, 21), (-6, -7), (-7, -5), (-7, -7)] {
        assert_eq!(resync(&token, one, two), None, "{one} {two}");
    }
    // Never with a code that was spent.
    token.last_step = Some(TimeStep(centre - 7));
    assert_eq!(resync(&token, -7, -6), None);
    assert_eq!(resync(&token, -6, -5), Some((-5, -5)));
}

#[test]
fn two_codes_in_a_row_put_a_counter_right_within_a_thousand_presses() {
    let secret = published();
    let mut token = token(&secret, MovingFactor::Counter, Digits::Six);
    token.last_step = Some(TimeStep(9));
    let press = |count| typed(&code_of(&secret, Digits::Six, TimeStep(count)));
    let resync = |one, two| {
        let found = token.resync(&press(one), &press(two), NOW);
        found.map(|(step, _)| step.0)
    };
    assert_eq!(resync(50, 51), Some(51));
    assert_eq!(resync(10, 11), Some(11));
    assert_eq!(resync(1008, 1009), Some(1009));
    for (one, two) in [(1009, 1010), (8, 9), (9, 10), (51, 50), (50, 52), (50, 50)] {
        assert_eq!(resync(one, two), None, "{one} {two}");
    }
}

#[test]
fn what_is_stored_is_read_back() {
    for factor in [
        MovingFactor::Counter,
        MovingFactor::Time { period: 30 },
        MovingFactor::Time { period: 60 },
    ] {
        assert_eq!(MovingFactor::of_period(factor.period()), Some(factor));
    }
    assert_eq!(MovingFactor::of_period(Some(0)), None);
    for digits in [Digits::Six, Digits::Eight] {
        let count = i64::try_from(digits.count()).unwrap();
        assert_eq!(Digits::of_count(count), Some(digits));
    }
    assert_eq!(Digits::of_count(7), None);
}

proptest! {
    // Each case computes a thousand codes.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Nothing makes it panic, take a spent step, or go beyond its reach.
    #[test]
    fn any_row_and_any_code_stay_within_bounds(
        secs in proptest::num::i64::ANY,
        period in proptest::option::of(1_u32..200),
        last in proptest::option::of(proptest::num::u64::ANY),
        steps in -1_000_000_i64..1_000_000,
        anchor in -1_000_000_i64..1_000_000,
        code in "[0-9]{6}|[0-9]{8}",
        eight in proptest::bool::ANY,
    ) {
        let secret = published();
        let digits = if eight { Digits::Eight } else { Digits::Six };
        let mut token = token(&secret, MovingFactor::of_period(period).unwrap(), digits);
        token.last_step = last.map(TimeStep);
        token.drift = Drift { steps, anchor };
        let now = Timestamp::from_secs(secs / 2000);
        if let Sight::Right { step, drift } = token.look_at(&typed(&code), true, now) {
            prop_assert!(token.is_unspent(step));
            prop_assert_eq!(drift.anchor, anchor);
        }
        let _ = token.resync(&typed(&code), &typed(&code), now);
    }
}
