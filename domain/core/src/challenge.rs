//! Whether a code counts at a sign-in or unlock: [`judge_code`]; at enrolment: `challenge::first`.
//!
//! Total: any input gives a verdict, never a panic or an error. [`Accepted`] is made here only, so
//! that the store cannot be asked to spend what was not judged. Nothing is remembered: spending,
//! and settling races between equal codes, is the store's (`challenge_claim`).

use crate::authenticator::{AuthenticatorKind, Kinds};
use crate::ids::{AuthenticatorId, MailCodeId, RecoveryCodeId, SealedCodeId, TemporaryCodeId};
use crate::mail_code::MailCodeMatch;
use crate::oath::{Drift, OathOnFile, Sight};
use crate::recovery_code::{RecoveryCode, RecoveryMatch};
use crate::sealed_code::{SealedCode, SealedMatch};
use crate::temporary_code::{TemporaryCode, TemporaryFound, TemporaryOver};
use crate::throttle::{Throttle, ThrottlePolicy, ThrottleStanding};
use crate::time::Timestamp;
use crate::totp::{TimeStep, TypedCode};

mod first;
mod resync;

pub use first::{FirstCode, FirstCodeVerdict, FirstMail, judge_first_code, judge_first_mail_code};
pub use resync::{ResyncVerdict, judge_read_out, judge_resync};

/// What a right code uses up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spend {
    /// This step or counter value of this authenticator, and with it every earlier one.
    Step(SpentStep),
    /// The same of the second of two codes in a row, which put its clock or counter right.
    Resync(SpentStep),
    /// This recovery code.
    RecoveryCode(RecoveryCodeId),
    /// One use of this temporary code.
    TemporaryCode(TemporaryCodeId),
    /// This code of a sealed envelope.
    SealedCode(SealedCodeId),
    /// An answer of this passkey. Its challenge was used up before the answer was looked at
    /// (advisory B9).
    Assertion {
        /// Whose answer it was.
        authenticator: AuthenticatorId,
        /// Its count of signatures, to be kept.
        sign_count: u32,
        /// Whether it is kept in a backup as well.
        backed_up: bool,
        /// The count did not grow: to be told (W12).
        regressed: bool,
    },
    /// This code that was sent by mail.
    MailCode(MailCodeId),
}

/// A step or counter value to be spent, and what is then known of the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpentStep {
    /// Whose code it was.
    pub authenticator: AuthenticatorId,
    /// Of which kind that is.
    pub kind: AuthenticatorKind,
    /// Which step.
    pub step: TimeStep,
    /// To be remembered with it.
    pub drift: Drift,
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

/// Proof that a code or a passkey's answer was right, in time and not throttled. Only
/// [`judge_code`] and [`judge_assertion`](crate::assertion::judge_assertion) make one.
#[must_use = "an accepted code is worth nothing until the store has claimed it"]
#[derive(Debug)]
pub struct Accepted {
    spend: Spend,
}

impl Accepted {
    /// For `judge_assertion` alone.
    pub(crate) const fn by_passkey(spend: Spend) -> Self {
        Self { spend }
    }

    /// What the claim has to use up.
    #[must_use]
    pub fn spend(&self) -> &Spend {
        &self.spend
    }
}

/// All that the verdict on one typed code depends on.
#[derive(Clone, Copy)]
pub struct CodeFacts<'a> {
    /// The code as typed.
    pub typed: &'a str,
    /// The subscriber's OATH authenticators; none for a name without factor, whose codes always
    /// fail.
    pub oath: &'a [OathOnFile<'a>],
    /// What the app takes. Any other authenticator is as good as none, whatever app of the realm,
    /// or earlier policy, it was set up for (advisory A21).
    pub kinds: Kinds,
    /// What the store found for a text of the shape of a recovery code.
    pub recovery: Option<RecoveryMatch>,
    /// What the store found when it has the shape of a code that an operator gave.
    pub given: Option<Given>,
    /// The wrong codes so far: the subscriber's, or the attempt's when nothing is proved.
    pub throttle: &'a Throttle,
    /// How wrong codes are slowed.
    pub policy: &'a ThrottlePolicy,
    /// When the challenge ends.
    pub expires_at: Timestamp,
    /// Whether the password was right; without that nothing helpful is said (attack D12).
    pub proved: bool,
}

impl<'a> CodeFacts<'a> {
    /// Her OATH authenticators that the app takes, disabled ones among them.
    fn taken(&self) -> impl Iterator<Item = &'a OathOnFile<'a>> + use<'a> {
        let kinds = self.kinds;
        self.oath.iter().filter(move |one| kinds.has(one.kind))
    }
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
    /// Of the length of none of her authenticators' codes, and no saved, temporary or sealed code.
    Malformed,
    /// A right code of an authenticator of hers that is switched off. Nothing can be said of one
    /// that was removed: its seed is destroyed; nor of one at another realm, where the same name
    /// may be somebody else's and every answer would help to guess her codes.
    SwitchedOff,
    /// The clock of a hardware token is slow: two codes in a row put it right.
    TokenSlow {
        /// By how many minutes.
        minutes: i64,
    },
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
/// it cannot be used to test codes. Only what an operator gave opens one: it has bounds of its own,
/// and whoever knows the password would keep it shut otherwise (attack D09). A ceiling leaves
/// recovery codes open: 80 secret bits need no throttle (N14), and whoever is attacked needs a way
/// in. So does whoever was given a temporary code by an operator; but those are ten digits, so
/// wrong ones are counted and paused above a ceiling as below it.
#[must_use]
pub fn judge_code(facts: &CodeFacts<'_>, now: Timestamp) -> CodeVerdict {
    if now >= facts.expires_at {
        return CodeVerdict::Expired;
    }
    let standing = facts.throttle.standing(facts.policy, now);
    // The ceiling stands above a pause, which may still be running.
    let paused = facts.throttle.pause(facts.policy, now).is_some();
    if paused && let Some(spend) = opens_a_pause(facts) {
        return CodeVerdict::Accept(Accepted { spend });
    }
    if let ThrottleStanding::Paused { until } = standing {
        return CodeVerdict::Paused { until };
    }
    let throttle = facts.throttle.after_failure(facts.policy, now);
    let exhausted = matches!(standing, ThrottleStanding::Exhausted);
    if !paused && let Some(verdict) = judge_saved(facts, throttle, exhausted) {
        return verdict;
    }
    let mut taken = facts.taken().peekable();
    let only_disabled = taken.peek().is_some() && taken.all(|one| one.disabled);
    match standing {
        _ if only_disabled && facts.proved => CodeVerdict::Disabled,
        ThrottleStanding::Exhausted => CodeVerdict::Exhausted,
        _ => judge_window(facts, throttle, now),
    }
}

/// What counts while others' tries are paused: a right code that an operator gave, after a proved
/// password. A wrong one is answered as any is in a pause and counted nowhere here, for then
/// guessing ever on would disable her authenticators within seconds. What bounds it: 120 bits of an
/// envelope's code, and for ten digits
/// [`LOOKS_IN_PAUSES`](crate::temporary_code::LOOKS_IN_PAUSES), which the caller takes from the
/// store before it compares.
fn opens_a_pause(facts: &CodeFacts<'_>) -> Option<Spend> {
    match facts.given.filter(|_| facts.proved)? {
        Given::Temporary(TemporaryFound::Live(id)) => Some(Spend::TemporaryCode(id)),
        Given::Sealed(found) => Some(Spend::SealedCode(found.id)),
        Given::Temporary(TemporaryFound::Over { .. }) | Given::Mailed(_) => None,
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

/// What the authenticators say of the typed code, the weightiest last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Window {
    Nothing,
    Slow(AuthenticatorKind, i64),
    SwitchedOff,
    Used,
    Right(SpentStep),
}

impl Window {
    const fn weight(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Slow(..) => 1,
            Self::SwitchedOff => 2,
            Self::Used => 3,
            Self::Right(_) => 4,
        }
    }
}

fn judge_window(facts: &CodeFacts<'_>, throttle: Throttle, now: Timestamp) -> CodeVerdict {
    let wrong = |hint: Option<CodeHint>| CodeVerdict::Wrong {
        // Without a proved password nothing helpful is said, not even that a code was used.
        hint: hint.filter(|_| facts.proved),
        throttle,
    };
    let none = facts.taken().next().is_none();
    let fits = |code: &TypedCode| none || facts.taken().any(|one| one.takes(code));
    let Some(code) = TypedCode::parse(facts.typed).filter(fits) else {
        let saved = RecoveryCode::parse(facts.typed).is_some();
        let whole = saved || SealedCode::parse(facts.typed).is_some();
        return wrong((!whole).then_some(CodeHint::Malformed));
    };
    match look(facts, &code, now) {
        Window::Right(spent) => CodeVerdict::Accept(Accepted {
            spend: Spend::Step(spent),
        }),
        Window::Used if facts.proved => CodeVerdict::Replayed { throttle },
        Window::SwitchedOff => wrong(Some(CodeHint::SwitchedOff)),
        Window::Slow(AuthenticatorKind::Hardware, minutes) => wrong(Some(CodeHint::TokenSlow {
            minutes: minutes.abs(),
        })),
        Window::Slow(_, minutes) => wrong(Some(CodeHint::ClockOff { minutes })),
        Window::Used | Window::Nothing => wrong(None),
    }
}

/// Looks through all authenticators, none skipped, so that time does not tell which one matched.
fn look(facts: &CodeFacts<'_>, code: &TypedCode, now: Timestamp) -> Window {
    let mut best = Window::Nothing;
    for one in facts.taken() {
        let sight = one.look_at(code, facts.proved && !one.disabled, now);
        let seen = match sight {
            Sight::Right { .. } if one.disabled => Window::SwitchedOff,
            _ if one.disabled => Window::Nothing,
            Sight::Right { step, drift } => Window::Right(SpentStep {
                authenticator: one.id,
                kind: one.kind,
                step,
                drift,
            }),
            Sight::Used => Window::Used,
            Sight::Slow { minutes } => Window::Slow(one.kind, minutes),
            Sight::Nothing => Window::Nothing,
        };
        if seen.weight() > best.weight() {
            best = seen;
        }
    }
    best
}

#[cfg(test)]
mod tests;
