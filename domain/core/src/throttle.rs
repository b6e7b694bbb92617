//! Counting wrong codes: free tries, growing pauses, and two ceilings (`standards.md` N10).
//!
//! One [`Throttle`] per subscriber, over all methods, sessions and nodes: RFC 4226 section 7.3
//! wants the delay to hold across login sessions, because guesses run in parallel. A small state
//! machine over plain values: no timers, no I/O. The store writes the next state by
//! compare-and-set; `challenge` says which it is.

use std::time::Duration;

use crate::time::Timestamp;

/// How wrong codes are slowed and stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThrottlePolicy {
    /// Wrong codes in a row up to the first pause.
    pub free_tries: u32,
    /// The first pause; each further wrong code doubles it.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// Wrong codes in a row at which authenticators are disabled (NIST ceiling 100).
    pub disable_at: u32,
    /// Wrong codes within `rolling_window`, whatever succeeded between them (attack D03).
    pub rolling_cap: u32,
    /// The length of that window.
    pub rolling_window: Duration,
}

impl Default for ThrottlePolicy {
    fn default() -> Self {
        Self {
            free_tries: 5,
            first_pause: Duration::from_secs(30),
            longest_pause: Duration::from_secs(60 * 60),
            disable_at: 50,
            rolling_cap: 200,
            rolling_window: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

impl ThrottlePolicy {
    /// The pause that follows the `consecutive`-th wrong code in a row.
    #[must_use]
    pub fn pause_after(&self, consecutive: u32) -> Option<Duration> {
        let doublings = consecutive.checked_sub(self.free_tries)?;
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Some(
            self.first_pause
                .saturating_mul(factor)
                .min(self.longest_pause),
        )
    }
}

/// What is remembered about one subscriber's wrong codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Throttle {
    /// Wrong codes since the last right one.
    pub consecutive: u32,
    /// Wrong codes since `window_started_at`; a right one does not clear them.
    pub rolling: u32,
    /// When the rolling window began; without meaning while `rolling` is zero.
    pub window_started_at: Timestamp,
    /// No code is looked at before this moment.
    pub paused_until: Option<Timestamp>,
}

/// Whether a code may be tried now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ThrottleStanding {
    /// Yes.
    Open,
    /// Not before `until`.
    Paused {
        /// The end of the pause; at most the longest pause away.
        until: Timestamp,
    },
    /// A ceiling is reached: an operator has to help. Stands above a pause.
    Exhausted,
}

impl Throttle {
    /// Says whether a code may be tried at `now`.
    #[must_use]
    pub fn standing(&self, policy: &ThrottlePolicy, now: Timestamp) -> ThrottleStanding {
        let capped = self.rolling >= policy.rolling_cap && !self.window_over(policy, now);
        if capped || self.consecutive >= policy.disable_at {
            return ThrottleStanding::Exhausted;
        }
        match self.pause(policy, now) {
            Some(until) => ThrottleStanding::Paused { until },
            None => ThrottleStanding::Open,
        }
    }

    /// The end of the running pause, if one is running.
    ///
    /// A pause further away than the longest one was written by a clock that has since jumped back.
    /// It does not count: the next wrong code writes a right one, so a jump gives away one try
    /// (attack F09) and can never shut a clinician out for a year.
    #[must_use]
    pub fn pause(&self, policy: &ThrottlePolicy, now: Timestamp) -> Option<Timestamp> {
        self.paused_until
            .filter(|until| now < *until && *until <= now.plus(policy.longest_pause))
    }

    /// The state after one more wrong code.
    #[must_use]
    pub fn after_failure(&self, policy: &ThrottlePolicy, now: Timestamp) -> Self {
        let fresh = self.rolling == 0 || self.window_over(policy, now);
        let consecutive = self.consecutive.saturating_add(1);
        let next = policy.pause_after(consecutive).map(|pause| now.plus(pause));
        Self {
            consecutive,
            rolling: if fresh {
                1
            } else {
                self.rolling.saturating_add(1)
            },
            window_started_at: if fresh {
                now
            } else {
                self.window_started_at.min(now)
            },
            // Two wrong codes judged at once must not shorten each other's pause.
            paused_until: next.max(self.pause(policy, now)),
        }
    }

    /// The state after a right code. The rolling count stays (attack D03: counter washing).
    #[must_use]
    pub fn after_success(&self, now: Timestamp) -> Self {
        Self {
            consecutive: 0,
            rolling: self.rolling,
            window_started_at: self.window_started_at.min(now),
            paused_until: None,
        }
    }

    /// The state after an operator let the subscriber try again. Clears the rolling count too:
    /// otherwise the helpdesk could not help the one person who needs it. Audited by the caller.
    #[must_use]
    pub fn after_unlock(&self, now: Timestamp) -> Self {
        Self {
            window_started_at: now,
            ..Self::default()
        }
    }

    fn window_over(&self, policy: &ThrottlePolicy, now: Timestamp) -> bool {
        now >= self.window_started_at.plus(policy.rolling_window)
    }
}

#[cfg(test)]
mod tests;
