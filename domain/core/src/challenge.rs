//! Whether a code counts: [`judge_code`] at a sign-in or unlock, [`judge_first_code`] at enrolment.
//!
//! Both are total: any input gives a verdict, never a panic or an error. [`Accepted`] and
//! [`FirstCode`] are made here only, so that the store cannot be asked to spend what was not
//! judged. Nothing is remembered: spending, and settling races between equal codes, is the store's
//! (`challenge_claim`).

use crate::ids::{AuthenticatorId, MailCodeId, RecoveryCodeId, SealedCodeId, TemporaryCodeId};
use crate::mail_code::MailCodeMatch;
use crate::recovery_code::{RecoveryCode, RecoveryMatch};
use crate::sealed_code::{SealedCode, SealedMatch};
use crate::temporary_code::{TemporaryCode, TemporaryFound, TemporaryOver};
use crate::throttle::{Throttle, ThrottlePolicy, ThrottleStanding};
use crate::time::Timestamp;
use crate::totp::{self, TimeStep, TotpSecret, TypedCode};

/// Steps before and after now whose codes count (RFC 6238 section 5.2; `standards.md` 0.1).
pub const WINDOW: u64 = 1;

/// How far off a phone's clock may be and still be named: ten minutes.
pub const CLOCK_HINT_STEPS: u64 = 20;

/// What a right code uses up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spend {
    /// This step of this authenticator, and with it every earlier one.
    Step {
        /// Whose code it was.
        authenticator: AuthenticatorId,
        /// Which step.
        step: TimeStep,
    },
    /// This recovery code.
    RecoveryCode(RecoveryCodeId),
    /// One use of this temporary code.
    TemporaryCode(TemporaryCodeId),
    /// This code of a sealed envelope.
    SealedCode(SealedCodeId),
    /// This code that was sent by mail.
    MailCode(MailCodeId),
}

/// What the store found when the typed text has the shape of a code that somebody was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given {
    /// A temporary code of this subscriber.
    Temporary(TemporaryFound),
    /// An unused code of a sealed envelope for this app.
    Sealed(SealedMatch),
    /// The code that was sent by mail for this very login; it counts.
    Mailed(MailCodeMatch),
}

/// Proof that a code was right, in time and not throttled. Only [`judge_code`] makes one.
#[must_use = "an accepted code is worth nothing until the store has claimed it"]
#[derive(Debug)]
pub struct Accepted {
    spend: Spend,
}

impl Accepted {
    /// What the claim has to use up.
    #[must_use]
    pub fn spend(&self) -> &Spend {
        &self.spend
    }
}

/// One TOTP authenticator as the store has it.
#[derive(Clone, Copy, Debug)]
pub struct TotpOnFile<'a> {
    /// Which authenticator.
    pub id: AuthenticatorId,
    /// Its seed.
    pub secret: &'a TotpSecret,
    /// The newest step spent so far.
    pub last_step: Option<TimeStep>,
    /// Disabled by throttling or by an operator: never matches.
    pub disabled: bool,
}

/// All that the verdict on one typed code depends on.
#[derive(Clone, Copy)]
pub struct CodeFacts<'a> {
    /// The code as typed.
    pub typed: &'a str,
    /// The subscriber's TOTP authenticators; none for a name without factor, whose codes always
    /// fail.
    pub totp: &'a [TotpOnFile<'a>],
    /// What the store found when the typed text has the shape of a recovery code.
    pub recovery: Option<RecoveryMatch>,
    /// What the store found when it has the shape of a code that an operator gave.
    pub given: Option<Given>,
    /// The wrong codes so far: the subscriber's, or the attempt's when nothing is proved.
    pub throttle: &'a Throttle,
    /// How wrong codes are slowed.
    pub policy: &'a ThrottlePolicy,
    /// When the challenge ends.
    pub expires_at: Timestamp,
    /// Whether the password was proved right; without it nothing helpful is said (attack D12).
    pub proved: bool,
}

/// The verdict on one typed code.
#[derive(Debug)]
pub enum CodeVerdict {
    /// Right; to be claimed.
    Accept(Accepted),
    /// The challenge is over: a full login is needed.
    Expired,
    /// Too many wrong codes; the code was not looked at.
    Paused {
        /// The end of the pause.
        until: Timestamp,
    },
    /// Every authenticator is disabled and this is no recovery code.
    Disabled,
    /// A ceiling is reached; only a recovery code or an operator helps.
    Exhausted,
    /// A temporary code of this subscriber that does not count any more, after a proved password.
    /// Costs one try.
    Outdated {
        /// Which.
        id: TemporaryCodeId,
        /// Why, and since when.
        why: TemporaryOver,
        /// The state to write.
        throttle: Throttle,
    },
    /// Wrong. Costs one try.
    Wrong {
        /// What may be said about it.
        hint: Option<CodeHint>,
        /// The state to write.
        throttle: Throttle,
    },
    /// Right once, and used already (NIST N13: a sign of relay, worth naming). Costs one try.
    Replayed {
        /// The state to write.
        throttle: Throttle,
    },
}

/// What may be said about a wrong code after a proved password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeHint {
    /// Neither six digits nor a saved, temporary or sealed code.
    Malformed,
    /// The phone's clock is off.
    ClockOff {
        /// By how many minutes; negative when the phone is slow.
        minutes: i64,
    },
}

/// Judges one typed code at `now`.
///
/// In this order: an ended challenge, a pause, a recovery, temporary or sealed code, disabled
/// authenticators, the ceiling, the window. A pause is judged before any code is looked at, so that
/// it cannot be used to test codes. A ceiling leaves recovery codes open: 80 secret bits need no
/// throttle (N14), and whoever is attacked needs a way in. So does whoever was given a temporary
/// code by an operator (attack D09); but those are ten digits, so wrong ones are counted and paused
/// above a ceiling as below it.
#[must_use]
pub fn judge_code(facts: &CodeFacts<'_>, now: Timestamp) -> CodeVerdict {
    if now >= facts.expires_at {
        return CodeVerdict::Expired;
    }
    let standing = facts.throttle.standing(facts.policy, now);
    if let ThrottleStanding::Paused { until } = standing {
        return CodeVerdict::Paused { until };
    }
    let throttle = facts.throttle.after_failure(facts.policy, now);
    // The ceiling stands above a pause, which may still be running.
    let paused = facts.throttle.pause(facts.policy, now).is_some();
    let exhausted = matches!(standing, ThrottleStanding::Exhausted);
    if !paused && let Some(verdict) = judge_saved(facts, throttle, exhausted) {
        return verdict;
    }
    let only_disabled = !facts.totp.is_empty() && facts.totp.iter().all(|one| one.disabled);
    match standing {
        _ if only_disabled && facts.proved => CodeVerdict::Disabled,
        ThrottleStanding::Exhausted => CodeVerdict::Exhausted,
        _ => judge_window(facts, throttle, now),
    }
}

/// What is judged before disabled authenticators and ceilings: codes that are not computed but were
/// written down. Nothing where none was found and none can have been meant that needs counting.
fn judge_saved(facts: &CodeFacts<'_>, throttle: Throttle, exhausted: bool) -> Option<CodeVerdict> {
    let accept = |spend| Some(CodeVerdict::Accept(Accepted { spend }));
    if let Some(found) = facts.recovery {
        return accept(Spend::RecoveryCode(found.id));
    }
    match facts.given {
        Some(Given::Temporary(TemporaryFound::Live(id))) => accept(Spend::TemporaryCode(id)),
        Some(Given::Temporary(TemporaryFound::Over { id, why })) if facts.proved => {
            Some(CodeVerdict::Outdated { id, why, throttle })
        }
        // Anybody's password and nobody's code: only where the password is known to be right.
        Some(Given::Sealed(found)) if facts.proved => accept(Spend::SealedCode(found.id)),
        // Twenty-seven bits: unlike what an operator gave, it does not open a ceiling.
        Some(Given::Mailed(found)) if facts.proved && !exhausted => {
            accept(Spend::MailCode(found.id))
        }
        _ => TemporaryCode::parse(facts.typed).map(|_| CodeVerdict::Wrong {
            hint: None,
            throttle,
        }),
    }
}

/// What the TOTP authenticators say of the typed code.
enum Window {
    Right(AuthenticatorId, TimeStep),
    Used,
    Slow { steps: i64 },
    Nothing,
}

fn judge_window(facts: &CodeFacts<'_>, throttle: Throttle, now: Timestamp) -> CodeVerdict {
    let Some(code) = TypedCode::parse(facts.typed) else {
        let whole =
            RecoveryCode::parse(facts.typed).is_some() || SealedCode::parse(facts.typed).is_some();
        let hint = (facts.proved && !whole).then_some(CodeHint::Malformed);
        return CodeVerdict::Wrong { hint, throttle };
    };
    match look(facts, &code, now) {
        Window::Right(authenticator, step) => CodeVerdict::Accept(Accepted {
            spend: Spend::Step {
                authenticator,
                step,
            },
        }),
        // Without a proved password a used code is just wrong: nothing helpful is said.
        Window::Used if facts.proved => CodeVerdict::Replayed { throttle },
        Window::Slow { steps } if facts.proved => CodeVerdict::Wrong {
            hint: Some(clock_off(steps)),
            throttle,
        },
        Window::Used | Window::Slow { .. } | Window::Nothing => CodeVerdict::Wrong {
            hint: None,
            throttle,
        },
    }
}

/// Looks through all enabled authenticators, none skipped, so that time does not tell which one
/// matched.
fn look(facts: &CodeFacts<'_>, code: &TypedCode, now: Timestamp) -> Window {
    let mut best = Window::Nothing;
    for one in facts.totp.iter().filter(|one| !one.disabled) {
        let seen = look_at(one, code, facts.proved, now);
        let rank = |window: &Window| match window {
            Window::Right(..) => 3,
            Window::Used => 2,
            Window::Slow { .. } => 1,
            Window::Nothing => 0,
        };
        if rank(&seen) > rank(&best) {
            best = seen;
        }
    }
    best
}

fn look_at(one: &TotpOnFile<'_>, code: &TypedCode, proved: bool, now: Timestamp) -> Window {
    let unspent = |step: TimeStep| one.last_step.is_none_or(|last| step > last);
    if let Some(step) = totp::matching_step(one.secret, code, now, WINDOW) {
        // RFC 6238 section 5.2: never a second time. Strictly greater, so that the code of the step
        // before a spent one is gone as well (attacks D04, D07).
        return if unspent(step) {
            Window::Right(one.id, step)
        } else {
            Window::Used
        };
    }
    if !proved {
        return Window::Nothing;
    }
    match totp::drift(one.secret, code, now, CLOCK_HINT_STEPS) {
        // Only the past: to say of a guess that it will be right in five minutes would be to give
        // it away.
        Some(steps) if steps < 0 => {
            let step = TimeStep(totp::step_at(now).0.saturating_sub(steps.unsigned_abs()));
            match one.last_step {
                Some(last) if step == last => Window::Used,
                _ if unspent(step) => Window::Slow { steps },
                _ => Window::Nothing,
            }
        }
        _ => Window::Nothing,
    }
}

fn clock_off(steps: i64) -> CodeHint {
    let seconds = steps.saturating_mul(totp::STEP_SECONDS.cast_signed());
    // Rounded away from zero: a clock that is off is never off by "0 minutes".
    CodeHint::ClockOff {
        minutes: (seconds + 59 * seconds.signum()) / 60,
    }
}

/// Proof that a new authenticator's first code was right. Only [`judge_first_code`] makes one.
#[must_use = "a first code is worth nothing until the store has confirmed the enrolment"]
#[derive(Debug)]
pub struct FirstCode {
    step: TimeStep,
}

impl FirstCode {
    /// The step the code belongs to: spent with the enrolment.
    #[must_use]
    pub fn step(&self) -> TimeStep {
        self.step
    }
}

/// The verdict on the first code of a new authenticator.
#[derive(Debug)]
pub enum FirstCodeVerdict {
    /// Right: the phone and we agree on seed, time and algorithm (U10).
    Accept(FirstCode),
    /// Wrong.
    Wrong {
        /// What may be said about it.
        hint: Option<CodeHint>,
    },
}

/// Judges the first code of an authenticator that is being enrolled.
///
/// Its seed is on the same screen, so there is nothing to guess: no throttle, and hints in both
/// directions.
#[must_use]
pub fn judge_first_code(secret: &TotpSecret, typed: &str, now: Timestamp) -> FirstCodeVerdict {
    let Some(code) = TypedCode::parse(typed) else {
        return FirstCodeVerdict::Wrong {
            hint: Some(CodeHint::Malformed),
        };
    };
    match totp::matching_step(secret, &code, now, WINDOW) {
        Some(step) => FirstCodeVerdict::Accept(FirstCode { step }),
        None => FirstCodeVerdict::Wrong {
            hint: totp::drift(secret, &code, now, CLOCK_HINT_STEPS).map(clock_off),
        },
    }
}

/// Proof that the code sent to an address was typed right at enrolment. Only
/// [`judge_first_mail_code`] makes one.
#[must_use = "a first code is worth nothing until the store has confirmed the enrolment"]
#[derive(Debug)]
pub struct FirstMail {
    code: MailCodeId,
}

impl FirstMail {
    /// The code: spent with the enrolment.
    #[must_use]
    pub fn code(&self) -> MailCodeId {
        self.code
    }
}

/// Judges the code by which an address becomes a way to sign in. Unlike a seed it stood on no
/// screen: only the store knows whether it counts in this session.
#[must_use]
pub fn judge_first_mail_code(found: Option<MailCodeMatch>) -> Option<FirstMail> {
    found.map(|found| FirstMail { code: found.id })
}

#[cfg(test)]
mod tests;
