//! Whether two codes in a row put a hardware token right: [`judge_resync`].
//!
//! At the person's own sign-in they are a proof of possession stronger than one code, and spend
//! like one. Never widens what a single code may do, and never says how far off a token is: that
//! would tell of codes to come. Look next: [`oath`](crate::oath) for the reach.

use std::time::Duration;

use super::{Accepted, CodeFacts, Spend, SpentStep};
use crate::authenticator::{AuthenticatorKind, Kinds};
use crate::oath::OathOnFile;
use crate::throttle::{Throttle, ThrottlePolicy, ThrottleStanding};
use crate::time::Timestamp;
use crate::totp::TypedCode;

/// The verdict on two codes in a row.
#[derive(Debug)]
pub enum ResyncVerdict {
    /// They follow one another, and are newer than all that was spent; to be claimed.
    Accept(Accepted),
    /// The challenge is over: a full login is needed.
    Expired,
    /// Too many wrong codes; these were not looked at.
    Paused {
        /// The end of the pause.
        until: Timestamp,
    },
    /// She has no hardware token that works, or her ceiling is reached.
    Stopped,
    /// Not two codes in a row of a token of hers. Costs one try.
    Wrong {
        /// The state to write.
        throttle: Throttle,
    },
}

/// Judges two codes in a row that its owner reads out to an operator, of the one token in `oath`.
///
/// Whoever asks has made sure who is calling; an app's policy is not asked, because nobody is
/// signed in by it.
#[must_use]
pub fn judge_read_out(
    oath: &[OathOnFile<'_>],
    throttle: &Throttle,
    policy: &ThrottlePolicy,
    (first, second): (&str, &str),
    now: Timestamp,
) -> ResyncVerdict {
    let facts = CodeFacts {
        typed: first,
        oath,
        kinds: Kinds::PRESET,
        recovery: None,
        given: None,
        throttle,
        policy,
        expires_at: now.plus(Duration::from_secs(1)),
        proved: true,
    };
    judge_resync(&facts, second, now)
}

/// Judges two codes in a row: `facts.typed`, then `second`.
///
/// Only for hardware tokens, since a phone's clock is put right by its owner
/// (`CodeHint::ClockOff`), and only after a proved password. Counted like any try (attack D07). A
/// ceiling stops it, as it stops the codes of phones.
#[must_use]
pub fn judge_resync(facts: &CodeFacts<'_>, second: &str, now: Timestamp) -> ResyncVerdict {
    if now >= facts.expires_at {
        return ResyncVerdict::Expired;
    }
    match facts.throttle.standing(facts.policy, now) {
        ThrottleStanding::Paused { until } => return ResyncVerdict::Paused { until },
        ThrottleStanding::Exhausted => return ResyncVerdict::Stopped,
        ThrottleStanding::Open => {}
    }
    let is_token = |kind| kind == AuthenticatorKind::Hardware;
    let mut tokens = facts
        .taken()
        .filter(|one| is_token(one.kind) && !one.disabled)
        .peekable();
    if !facts.proved || tokens.peek().is_none() {
        return ResyncVerdict::Stopped;
    }
    let throttle = facts.throttle.after_failure(facts.policy, now);
    let codes = (TypedCode::parse(facts.typed), TypedCode::parse(second));
    let (Some(first), Some(second)) = codes else {
        return ResyncVerdict::Wrong { throttle };
    };
    let mut found = None;
    for one in tokens.filter(|one| one.takes(&first) && one.takes(&second)) {
        let seen = one.resync(&first, &second, now);
        found = found.or(seen.map(|(step, drift)| SpentStep {
            authenticator: one.id,
            kind: one.kind,
            step,
            drift,
        }));
    }
    match found {
        Some(spent) => ResyncVerdict::Accept(Accepted {
            spend: Spend::Resync(spent),
        }),
        None => ResyncVerdict::Wrong { throttle },
    }
}
