//! OATH authenticators of every kind: what moves their codes on, how many digits, which codes count
//! now, and what two codes in a row say of a clock or a counter that has run away.
//!
//! Pure arithmetic over one authenticator as the store has it. Never decides whether a person may
//! pass ([`challenge`](crate::challenge) does) and never remembers what was spent (the store does).
//! The computation itself is [`totp`](crate::totp)'s: of a counter as of a time step.

use std::ops::RangeInclusive;

use crate::authenticator::AuthenticatorKind;
use crate::ids::AuthenticatorId;
use crate::time::Timestamp;
use crate::totp::{self, TimeStep, TotpSecret, TypedCode};

/// Steps before and after a clock's own time whose codes count (RFC 6238 section 5.2;
/// `standards.md` 0.1).
pub const WINDOW: i64 = 1;

/// How far single codes may carry the window from where two codes in a row, or nobody, last put it.
///
/// `standards.md` T5: "never past ±2 on a single code". Whoever could move it for ever with one
/// code after the other would turn an old code into a good one.
pub const LEARNED: i64 = 2;

/// How many of the next values of a counter count (RFC 4226 section 7.4, `s`): a button pressed
/// four times in a pocket is forgiven. Each further one is another code that a guess may hit.
pub const LOOK_AHEAD: u64 = 5;

/// How far off a clock may be and still be named, or be put right by two codes in a row: ten
/// minutes, three years of a token's quartz.
pub const CLOCK_SECONDS: u64 = 600;

/// How many counter values two codes in a row are looked for in: a token that lay under keys for
/// months. Two codes of six digits and 1000 places are guessed once in 10^9 tries.
pub const RESYNC_AHEAD: u64 = 1000;

/// What moves the code on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MovingFactor {
    /// Time, in steps of so many seconds (RFC 6238).
    Time {
        /// Length of a step: 30 or 60.
        period: u32,
    },
    /// A counter that a button moves (RFC 4226).
    Counter,
}

impl MovingFactor {
    /// The word of reports and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time { .. } => "totp",
            Self::Counter => "hotp",
        }
    }

    /// The period in seconds, as it is stored; `None` for a counter.
    #[must_use]
    pub const fn period(self) -> Option<u32> {
        match self {
            Self::Time { period } => Some(period),
            Self::Counter => None,
        }
    }

    /// Reads [`period`](Self::period) back. No step is shorter than a second.
    #[must_use]
    pub const fn of_period(period: Option<u32>) -> Option<Self> {
        match period {
            Some(0) => None,
            Some(period) => Some(Self::Time { period }),
            None => Some(Self::Counter),
        }
    }
}

/// How many digits a code has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Digits {
    /// What every phone shows (`standards.md` U4).
    #[default]
    Six,
    /// What some tokens show.
    Eight,
}

impl Digits {
    /// As a number.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Six => 6,
            Self::Eight => 8,
        }
    }

    /// Reads [`count`](Self::count) back.
    #[must_use]
    pub const fn of_count(count: i64) -> Option<Self> {
        match count {
            6 => Some(Self::Six),
            8 => Some(Self::Eight),
            _ => None,
        }
    }
}

/// By how many steps a clock is off, as far as it is known. Negative: slow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Drift {
    /// When it was last right.
    pub steps: i64,
    /// Where two codes in a row last put it; nothing else moves this.
    pub anchor: i64,
}

/// One OATH authenticator as the store has it.
#[derive(Clone, Copy, Debug)]
pub struct OathOnFile<'a> {
    /// Which authenticator.
    pub id: AuthenticatorId,
    /// An app on a phone, or a token of hardware.
    pub kind: AuthenticatorKind,
    /// Its seed.
    pub secret: &'a TotpSecret,
    /// What moves its codes on.
    pub factor: MovingFactor,
    /// How many digits they have.
    pub digits: Digits,
    /// What is known of its clock; nothing for a counter.
    pub drift: Drift,
    /// The newest step, or the last counter value, spent so far.
    pub last_step: Option<TimeStep>,
    /// Disabled by throttling or by an operator: never matches.
    pub disabled: bool,
}

/// What one authenticator says of a typed code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// Right and unspent.
    Right {
        /// To be spent.
        step: TimeStep,
        /// What is known of its clock from now on.
        drift: Drift,
    },
    /// Right once.
    Used,
    /// Of a clock that is this much slow.
    Slow {
        /// Rounded up.
        minutes: i64,
    },
    /// Not a code of this one, as far as may be said.
    Nothing,
}

impl OathOnFile<'_> {
    /// Whether this step or counter value is still to be spent. Strictly greater, so that the code
    /// of the step before a spent one is gone as well (attacks D04, D07; RFC 4226 section 7.2).
    fn is_unspent(&self, step: TimeStep) -> bool {
        self.last_step.is_none_or(|last| step > last)
    }

    /// The steps or counter values whose codes count now.
    ///
    /// For a phone: one step around the time we have, and nothing else (attack D07): its clock is
    /// set by the network, and its owner is told where it is not. Nobody can set a token's clock:
    /// one step around our time, and one around the time it was last right with, so that fingers
    /// that were slow once shut nobody out. That is four codes at most; five is the limit of
    /// `standards.md` 0.1.
    fn window(&self, now: Timestamp) -> RangeInclusive<u64> {
        match self.factor {
            MovingFactor::Counter => ahead(self.next_counter(), LOOK_AHEAD),
            MovingFactor::Time { period } => {
                let Drift { steps, anchor } = self.drift;
                let off = steps.clamp(anchor - LEARNED, anchor + LEARNED);
                let earliest = (off.min(anchor) - WINDOW).max(anchor - LEARNED);
                let latest = (off.max(anchor) + WINDOW).min(anchor + LEARNED);
                let centre = totp::step_of(period, now).0;
                centre.saturating_add_signed(earliest)..=centre.saturating_add_signed(latest)
            }
        }
    }

    fn next_counter(&self) -> u64 {
        self.last_step.map_or(0, |last| last.0.saturating_add(1))
    }

    /// What is known of its clock once the code of `step` was right at `now`.
    fn drift_at(&self, step: TimeStep, now: Timestamp) -> Drift {
        match self.kind {
            AuthenticatorKind::Hardware => Drift {
                steps: self.off(step, now),
                ..self.drift
            },
            _ => self.drift,
        }
    }

    fn off(&self, step: TimeStep, now: Timestamp) -> i64 {
        match self.factor {
            MovingFactor::Counter => 0,
            MovingFactor::Time { period } => step
                .0
                .wrapping_sub(totp::step_of(period, now).0)
                .cast_signed(),
        }
    }

    /// Whether a code can be of this one, by its length.
    #[must_use]
    pub fn takes(&self, code: &TypedCode) -> bool {
        code.expose().len() == self.digits.count()
    }

    /// What it says of this code. Only with `more` is anything said beside right and wrong, and
    /// never of the future: to say of a guess that it will be right in five minutes, or three
    /// presses on, would be to give it away.
    #[must_use]
    pub fn look_at(&self, code: &TypedCode, more: bool, now: Timestamp) -> Sight {
        let window = self.window(now);
        let earliest = *window.start();
        if let Some(step) = totp::find(self.secret, self.digits, code, window) {
            return if self.is_unspent(step) {
                let drift = self.drift_at(step, now);
                Sight::Right { step, drift }
            } else {
                Sight::Used
            };
        }
        if more {
            self.look_back(code, earliest, now)
        } else {
            Sight::Nothing
        }
    }

    /// Codes of before the window: used, or of a slow clock. The newest counts.
    fn look_back(&self, code: &TypedCode, earliest: u64, now: Timestamp) -> Sight {
        let back = match self.factor {
            MovingFactor::Counter => LOOK_AHEAD,
            MovingFactor::Time { period } => CLOCK_SECONDS / u64::from(period),
        };
        let Some(latest) = earliest.checked_sub(1) else {
            return Sight::Nothing;
        };
        let first = match self.factor {
            MovingFactor::Counter => earliest.saturating_sub(back),
            MovingFactor::Time { period } => totp::step_of(period, now).0.saturating_sub(back),
        };
        let Some(step) = totp::find(self.secret, self.digits, code, first..=latest) else {
            return Sight::Nothing;
        };
        match (self.factor, self.last_step) {
            (MovingFactor::Counter, Some(last)) if step <= last => Sight::Used,
            (MovingFactor::Counter, _) => Sight::Nothing,
            (_, Some(last)) if step == last => Sight::Used,
            (MovingFactor::Time { period }, _) if self.is_unspent(step) => Sight::Slow {
                minutes: minutes(self.off(step, now), period),
            },
            _ => Sight::Nothing,
        }
    }

    /// Where two codes in a row stand, far beyond the window: the step of the second, and what is
    /// then known of its clock (RFC 4226 section 7.4, RFC 6238 section 6; attack D07).
    ///
    /// Both must be unspent, and one must follow the other at once. The whole reach is computed, so
    /// that time does not tell where a match was.
    #[must_use]
    pub fn resync(
        &self,
        first: &TypedCode,
        second: &TypedCode,
        now: Timestamp,
    ) -> Option<(TimeStep, Drift)> {
        let reach = match self.factor {
            MovingFactor::Counter => ahead(self.next_counter(), RESYNC_AHEAD),
            MovingFactor::Time { period } => {
                let (centre, reach) = (
                    totp::step_of(period, now).0,
                    CLOCK_SECONDS / u64::from(period),
                );
                centre.saturating_sub(reach)..=centre.saturating_add(reach)
            }
        };
        let pair = (first, second);
        let step = totp::find_pair(self.secret, self.digits, pair, reach, self.last_step)?;
        let off = self.off(step, now);
        let drift = Drift {
            steps: off,
            anchor: off,
        };
        Some((step, drift))
    }
}

/// The next so many counter values.
fn ahead(next: u64, many: u64) -> RangeInclusive<u64> {
    next..=next.saturating_add(many - 1)
}

/// Steps as minutes, rounded away from zero: a clock that is off is never off by "0 minutes".
pub(crate) fn minutes(steps: i64, period: u32) -> i64 {
    let seconds = steps.saturating_mul(i64::from(period));
    seconds.saturating_add(59 * seconds.signum()) / 60
}

#[cfg(test)]
mod tests;
