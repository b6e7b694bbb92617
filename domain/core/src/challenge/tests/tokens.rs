//! Hardware tokens beside phones: which answers, what is said, two codes in a row (attacks D04,
//! D07, D08 for eight digits and counters). The world is not that of `tests.rs`: two kinds meet
//! here.

use super::*;
use crate::ids::MailCodeId;
use crate::mail_code::MailCodeMatch;
use crate::totp::code_of;

const PHONE: AuthenticatorId = AuthenticatorId(1);
const TOKEN: AuthenticatorId = AuthenticatorId(2);

/// A nurse with a phone and a token that has eight digits.
struct Nurse {
    phone: TotpSecret,
    token: TotpSecret,
    factor: MovingFactor,
    last_step: Option<TimeStep>,
    phone_off: bool,
    token_off: bool,
    throttle: Throttle,
    proved: bool,
}

impl Nurse {
    fn with(factor: MovingFactor) -> Self {
        Self {
            phone: TotpSecret::from_bytes(*b"12345678901234567890"),
            token: TotpSecret::from_bytes(*b"abcdefghijabcdefghij"),
            factor,
            last_step: None,
            phone_off: false,
            token_off: false,
            throttle: Throttle::default(),
            proved: true,
        }
    }

    fn token_code(&self, step: u64) -> String {
        code_of(&self.token, Digits::Eight, TimeStep(step))
    }

    fn facts<T>(&self, typed: &str, judge: impl FnOnce(&CodeFacts<'_>) -> T) -> T {
        let phone = OathOnFile {
            id: PHONE,
            kind: AuthenticatorKind::Totp,
            secret: &self.phone,
            factor: MovingFactor::Time { period: 30 },
            digits: Digits::Six,
            drift: Drift::default(),
            last_step: None,
            disabled: self.phone_off,
        };
        let token = OathOnFile {
            id: TOKEN,
            kind: AuthenticatorKind::Hardware,
            secret: &self.token,
            factor: self.factor,
            digits: Digits::Eight,
            last_step: self.last_step,
            disabled: self.token_off,
            ..phone
        };
        judge(&CodeFacts {
            typed,
            oath: &[phone, token],
            kinds: Kinds::PRESET,
            recovery: None,
            given: None,
            throttle: &self.throttle,
            policy: &ThrottlePolicy::default(),
            expires_at: NOW.plus(Duration::from_secs(300)),
            proved: self.proved,
        })
    }

    fn judge(&self, typed: &str) -> CodeVerdict {
        self.facts(typed, |facts| judge_code(facts, NOW))
    }

    fn resync(&self, first: &str, second: &str) -> ResyncVerdict {
        self.facts(first, |facts| judge_resync(facts, second, NOW))
    }

    fn hint(&self, typed: &str) -> Option<CodeHint> {
        match self.judge(typed) {
            CodeVerdict::Wrong { hint, .. } => hint,
            other => panic!("{other:?}"),
        }
    }
}

fn clock() -> Nurse {
    Nurse::with(MovingFactor::Time { period: 30 })
}

fn now_step() -> u64 {
    step_at(NOW).0
}

#[test]
fn the_code_of_either_is_spent_for_the_one_it_is_of() {
    let nurse = clock();
    let Some(Spend::Step(spent_one)) = spent(&nurse.judge(&nurse.token_code(now_step()))) else {
        panic!("refused");
    };
    assert_eq!(
        (spent_one.authenticator, spent_one.kind),
        (TOKEN, AuthenticatorKind::Hardware)
    );
    let phone = code_at(&nurse.phone, step_at(NOW));
    let Some(Spend::Step(spent_one)) = spent(&nurse.judge(&phone)) else {
        panic!("refused");
    };
    assert_eq!(spent_one.authenticator, PHONE);
}

#[test]
fn d04_a_counter_never_goes_back() {
    let mut nurse = Nurse::with(MovingFactor::Counter);
    nurse.last_step = Some(TimeStep(41));
    assert!(spent(&nurse.judge(&nurse.token_code(44))).is_some());
    nurse.last_step = Some(TimeStep(44));
    for skipped in 42..=44 {
        let verdict = nurse.judge(&nurse.token_code(skipped));
        assert!(
            matches!(verdict, CodeVerdict::Replayed { .. }),
            "{verdict:?}"
        );
    }
}

#[test]
fn d07_nothing_is_said_of_codes_to_come() {
    let clocked = clock();
    assert_eq!(clocked.hint(&clocked.token_code(now_step() + 8)), None);
    let counting = Nurse::with(MovingFactor::Counter);
    assert_eq!(counting.hint(&counting.token_code(8)), None);
}

#[test]
fn d07_a_phone_is_not_followed_and_a_token_is() {
    let nurse = clock();
    let drift = |typed: &str| match spent(&nurse.judge(typed)) {
        Some(Spend::Step(spent)) => spent.drift.steps,
        other => panic!("{other:?}"),
    };
    let phone = code_at(&nurse.phone, TimeStep(now_step() + 1));
    assert_eq!(drift(&phone), 0);
    assert_eq!(drift(&nurse.token_code(now_step() + 1)), 1);
}

#[test]
fn a_slow_token_is_named_and_is_no_phone() {
    let nurse = clock();
    let hint = Some(CodeHint::TokenSlow { minutes: 4 });
    assert_eq!(nurse.hint(&nurse.token_code(now_step() - 8)), hint);
    let phone = code_at(&nurse.phone, TimeStep(now_step() - 8));
    let hint = Some(CodeHint::ClockOff { minutes: -4 });
    assert_eq!(nurse.hint(&phone), hint);
    let unproved = Nurse {
        proved: false,
        ..clock()
    };
    assert_eq!(unproved.hint(&nurse.token_code(now_step() - 8)), None);
}

#[test]
fn the_code_of_a_switched_off_one_is_named_after_a_proved_password_only() {
    let nurse = Nurse {
        token_off: true,
        ..clock()
    };
    let code = nurse.token_code(now_step());
    assert_eq!(nurse.hint(&code), Some(CodeHint::SwitchedOff));
    let unproved = Nurse {
        proved: false,
        ..nurse
    };
    assert_eq!(unproved.hint(&code), None);
}

#[test]
fn d08_a_length_that_nobody_of_hers_has_is_malformed() {
    let nurse = clock();
    for typed in ["1234567", "123456789", "1234567８", "12345678-"] {
        assert_eq!(nurse.hint(typed), Some(CodeHint::Malformed), "{typed}");
    }
    // Eight digits where there are only phones.
    let world = World::new();
    let verdict = world.judge("12345678");
    let CodeVerdict::Wrong { hint, throttle } = verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!(
        (hint, throttle.consecutive),
        (Some(CodeHint::Malformed), 1),
        "and it costs a try"
    );
}

#[test]
fn two_codes_in_a_row_are_spent_and_put_the_token_right() {
    let nurse = clock();
    let far = now_step() - 7;
    let verdict = nurse.resync(&nurse.token_code(far), &nurse.token_code(far + 1));
    let ResyncVerdict::Accept(accepted) = verdict else {
        panic!("{verdict:?}");
    };
    let expected = SpentStep {
        authenticator: TOKEN,
        kind: AuthenticatorKind::Hardware,
        step: TimeStep(far + 1),
        drift: Drift {
            steps: -6,
            anchor: -6,
        },
    };
    assert_eq!(*accepted.spend(), Spend::Resync(expected));
}

#[test]
fn d07_two_codes_cost_a_try_and_wait_like_any_other() {
    let mut nurse = Nurse::with(MovingFactor::Counter);
    let (one, two) = (nurse.token_code(40), nurse.token_code(42));
    let verdict = nurse.resync(&one, &two);
    assert!(matches!(verdict, ResyncVerdict::Wrong { throttle } if throttle.consecutive == 1));
    let verdict = nurse.resync("no code", &two);
    assert!(matches!(verdict, ResyncVerdict::Wrong { throttle } if throttle.consecutive == 1));
    nurse.throttle = wrong_times(ThrottlePolicy::default().free_tries);
    let right = (nurse.token_code(40), nurse.token_code(41));
    let verdict = nurse.resync(&right.0, &right.1);
    assert!(
        matches!(verdict, ResyncVerdict::Paused { .. }),
        "{verdict:?}"
    );
}

#[test]
fn two_codes_of_a_phone_or_of_an_unproved_person_are_nothing() {
    let nurse = clock();
    let phone = |off: u64| code_at(&nurse.phone, TimeStep(now_step() - off));
    let verdict = nurse.resync(&phone(6), &phone(5));
    assert!(
        matches!(verdict, ResyncVerdict::Wrong { .. }),
        "{verdict:?}"
    );
    let far = now_step() - 7;
    let codes = (nurse.token_code(far), nurse.token_code(far + 1));
    for nobody in [
        Nurse {
            proved: false,
            ..clock()
        },
        Nurse {
            token_off: true,
            ..clock()
        },
    ] {
        let verdict = nobody.resync(&codes.0, &codes.1);
        assert!(matches!(verdict, ResyncVerdict::Stopped), "{verdict:?}");
    }
}

#[test]
fn eight_digits_are_a_tokens_or_those_that_were_sent_and_never_both() {
    let mut nurse = Nurse::with(MovingFactor::Time { period: 30 });
    let sent = MailCodeMatch { id: MailCodeId(5) };
    let judge = |nurse: &Nurse, given| {
        nurse.facts("1234 5678", |facts| {
            judge_code(&CodeFacts { given, ..*facts }, NOW)
        })
    };
    let mailed = Some(Given::Mailed(sent));
    let CodeVerdict::Accept(accepted) = judge(&nurse, mailed) else {
        panic!("the code that was sent");
    };
    assert_eq!(*accepted.spend(), Spend::MailCode(MailCodeId(5)));
    let wrong = judge(&nurse, None);
    assert!(matches!(wrong, CodeVerdict::Wrong { hint: None, .. }));
    nurse.proved = false;
    let unproved = judge(&nurse, mailed);
    assert!(matches!(unproved, CodeVerdict::Wrong { hint: None, .. }));
}
