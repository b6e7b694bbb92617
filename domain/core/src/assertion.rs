//! Whether a passkey's answer counts at a sign-in or unlock: [`judge_assertion`].
//!
//! The edge has asked a library whether the answer is right and hands its outcome over as a fact;
//! what that is worth, here and now, is decided here, and only here does it become an
//! [`Accepted`]. Never verifies a signature; [`challenge`](crate::challenge) judges codes.
//!
//! What costs a try: an answer to a live challenge that does not verify (NIST SP 800-63B-4 3.2.2
//! counts failed attempts, of whatever kind). What does not: a prompt that its owner closed, for
//! then nothing comes; an answer that comes too late; a right signature by a key that could not
//! verify its owner. In none of them has anybody guessed.

use crate::authenticator::{AuthenticatorKind, Kinds};
use crate::challenge::{Accepted, Spend};
use crate::ids::AuthenticatorId;
use crate::passkey::{Fault, UserVerification};
use crate::throttle::{Throttle, ThrottlePolicy, ThrottleStanding};
use crate::time::Timestamp;

/// An answer whose signature was found right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Assertion {
    /// Which credential gave it.
    pub authenticator: AuthenticatorId,
    /// It was disabled, or its owner is suspended.
    pub disabled: bool,
    /// The authenticator made sure that it is its owner (W6).
    pub user_verified: bool,
    /// Its count of signatures; zero where it does not count.
    pub sign_count: u32,
    /// The count at the last sign-in.
    pub last_sign_count: u32,
    /// The credential is kept in a backup as well (W7).
    pub backed_up: bool,
}

impl Assertion {
    /// Whether the count went back or stood still: a signal that there are two copies of the key,
    /// and no proof (W12). Synced passkeys say zero for ever.
    const fn regressed(&self) -> bool {
        let counts = self.sign_count > 0 || self.last_sign_count > 0;
        counts && self.sign_count <= self.last_sign_count
    }
}

/// All that the verdict on one answer depends on.
#[derive(Clone, Copy)]
pub struct AssertionFacts<'a> {
    /// What the library made of it.
    pub outcome: Result<Assertion, Fault>,
    /// Until when the challenge could be answered.
    pub challenge_ends: Timestamp,
    /// When the held login ends.
    pub expires_at: Timestamp,
    /// By what this challenge may be passed ([`may_ask_for`](crate::authenticator::may_ask_for)).
    pub usable: Kinds,
    /// Whether its owner has to be verified.
    pub user_verification: UserVerification,
    /// Her wrong tries so far.
    pub throttle: &'a Throttle,
    /// How wrong tries are slowed.
    pub policy: &'a ThrottlePolicy,
    /// Whether the password was proved right: before, nobody was asked for a passkey (W13).
    pub proved: bool,
}

/// The verdict on one answer.
#[derive(Debug)]
pub enum AssertionVerdict {
    /// Right; to be claimed.
    Accept(Accepted),
    /// The held login is over.
    Expired,
    /// The challenge is; a new one may be answered.
    Late,
    /// Too many wrong tries, and this is no right answer.
    Paused {
        /// The end of the pause.
        until: Timestamp,
    },
    /// No passkey was asked for here.
    NotAsked,
    /// This one is disabled.
    Disabled,
    /// A ceiling is reached; only a recovery code or an operator helps.
    Exhausted,
    /// Right, but its owner was not verified and has to be.
    Unverified,
    /// Wrong. Costs one try.
    Wrong {
        /// What is wrong with it.
        fault: Fault,
        /// The state to write.
        throttle: Throttle,
    },
}

/// Judges one answer at `now`.
///
/// A right one opens a pause: it cannot be guessed, and others' wrong codes must not keep out
/// whoever holds the key (attack D09). In a pause any other is answered as a code is, and costs
/// nothing: else forged answers would reach the ceiling within seconds. The ceiling holds.
#[must_use]
pub fn judge_assertion(facts: &AssertionFacts<'_>, now: Timestamp) -> AssertionVerdict {
    if now >= facts.expires_at {
        return AssertionVerdict::Expired;
    }
    if !facts.proved || !facts.usable.has(AuthenticatorKind::Passkey) {
        return AssertionVerdict::NotAsked;
    }
    let verdict = judge_answer(facts, now);
    match facts.throttle.standing(facts.policy, now) {
        ThrottleStanding::Exhausted => AssertionVerdict::Exhausted,
        ThrottleStanding::Paused { until } if !matches!(verdict, AssertionVerdict::Accept(_)) => {
            AssertionVerdict::Paused { until }
        }
        ThrottleStanding::Open | ThrottleStanding::Paused { .. } => verdict,
    }
}

fn judge_answer(facts: &AssertionFacts<'_>, now: Timestamp) -> AssertionVerdict {
    if now >= facts.challenge_ends {
        return AssertionVerdict::Late;
    }
    match facts.outcome {
        Err(fault) => AssertionVerdict::Wrong {
            fault,
            throttle: facts.throttle.after_failure(facts.policy, now),
        },
        Ok(right) if right.disabled => AssertionVerdict::Disabled,
        Ok(right) if !facts.user_verification.is_met(right.user_verified) => {
            AssertionVerdict::Unverified
        }
        Ok(right) => AssertionVerdict::Accept(Accepted::by_passkey(Spend::Assertion {
            authenticator: right.authenticator,
            sign_count: right.sign_count,
            backed_up: right.backed_up,
            regressed: right.regressed(),
        })),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const KEY: AuthenticatorId = AuthenticatorId(7);

    const RIGHT: Assertion = Assertion {
        authenticator: KEY,
        disabled: false,
        user_verified: true,
        sign_count: 9,
        last_sign_count: 8,
        backed_up: false,
    };

    /// Judges, with everything as it should be but for what `change` does.
    fn judged(change: impl FnOnce(&mut AssertionFacts<'_>)) -> AssertionVerdict {
        judged_after(&Throttle::default(), change)
    }

    fn judged_after(
        throttle: &Throttle,
        change: impl FnOnce(&mut AssertionFacts<'_>),
    ) -> AssertionVerdict {
        let policy = ThrottlePolicy::default();
        let soon = NOW.plus(Duration::from_secs(60));
        let mut facts = AssertionFacts {
            outcome: Ok(RIGHT),
            challenge_ends: soon,
            expires_at: soon,
            usable: Kinds::PRESET,
            user_verification: UserVerification::Preferred,
            throttle,
            policy: &policy,
            proved: true,
        };
        change(&mut facts);
        judge_assertion(&facts, NOW)
    }

    fn spent(verdict: AssertionVerdict) -> Spend {
        match verdict {
            AssertionVerdict::Accept(accepted) => *accepted.spend(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_right_answer_is_accepted_with_what_is_to_be_kept_of_it() {
        let expected = Spend::Assertion {
            authenticator: KEY,
            sign_count: 9,
            backed_up: false,
            regressed: false,
        };
        assert_eq!(spent(judged(|_| {})), expected);
    }

    #[test]
    fn a_wrong_one_costs_a_try_and_says_why() {
        for fault in Fault::ALL {
            match judged(|facts| facts.outcome = Err(fault)) {
                AssertionVerdict::Wrong {
                    fault: said,
                    throttle,
                } => assert_eq!((said, throttle.consecutive), (fault, 1)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn nothing_counts_where_nobody_was_asked() {
        let verdicts = [
            judged(|facts| facts.proved = false),
            judged(|facts| facts.usable = Kinds::PRESET.without(AuthenticatorKind::Passkey)),
        ];
        for verdict in verdicts {
            assert!(matches!(verdict, AssertionVerdict::NotAsked), "{verdict:?}");
        }
    }

    #[test]
    fn time_is_up_at_the_second() {
        let late = judged(|facts| facts.challenge_ends = NOW);
        assert!(matches!(late, AssertionVerdict::Late), "{late:?}");
        let over = judged(|facts| facts.expires_at = NOW);
        assert!(matches!(over, AssertionVerdict::Expired), "{over:?}");
    }

    #[test]
    fn a_required_verification_is_insisted_on_and_costs_no_try() {
        let unverified = Ok(Assertion {
            user_verified: false,
            ..RIGHT
        });
        let verdict = judged(|facts| {
            facts.outcome = unverified;
            facts.user_verification = UserVerification::Required;
        });
        assert!(
            matches!(verdict, AssertionVerdict::Unverified),
            "{verdict:?}"
        );
        spent(judged(|facts| facts.outcome = unverified));
    }

    #[test]
    fn a_disabled_key_and_the_ceiling_stop_a_right_answer_and_a_pause_any_other() {
        let disabled = judged(|facts| {
            facts.outcome = Ok(Assertion {
                disabled: true,
                ..RIGHT
            });
        });
        assert!(
            matches!(disabled, AssertionVerdict::Disabled),
            "{disabled:?}"
        );
        let until = NOW.plus(Duration::from_secs(30));
        let paused = Throttle {
            consecutive: 5,
            paused_until: Some(until),
            ..Throttle::default()
        };
        spent(judged_after(&paused, |_| {}));
        let others: [fn(&mut AssertionFacts<'_>); 4] = [
            |facts| facts.outcome = Err(Fault::ALL[0]),
            |facts| facts.challenge_ends = NOW,
            |facts| {
                facts.outcome = Ok(Assertion {
                    disabled: true,
                    ..RIGHT
                })
            },
            |facts| {
                facts.user_verification = UserVerification::Required;
                facts.outcome = Ok(Assertion {
                    user_verified: false,
                    ..RIGHT
                });
            },
        ];
        for change in others {
            let verdict = judged_after(&paused, change);
            assert!(matches!(verdict, AssertionVerdict::Paused { until: end } if end == until));
        }
        let spent_up = Throttle {
            consecutive: 50,
            ..Throttle::default()
        };
        let verdict = judged_after(&spent_up, |_| {});
        assert!(
            matches!(verdict, AssertionVerdict::Exhausted),
            "{verdict:?}"
        );
    }

    #[test]
    fn a_count_that_does_not_grow_is_a_signal_and_no_refusal() {
        for (last, now, signal) in [
            (0, 0, false),
            (0, 1, false),
            (8, 9, false),
            (8, 8, true),
            (8, 3, true),
            (8, 0, true),
        ] {
            let verdict = judged(|facts| {
                facts.outcome = Ok(Assertion {
                    sign_count: now,
                    last_sign_count: last,
                    ..RIGHT
                });
            });
            let Spend::Assertion { regressed, .. } = spent(verdict) else {
                panic!("another spend");
            };
            assert_eq!(regressed, signal, "{last} then {now}");
        }
    }
}
