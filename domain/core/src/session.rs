//! The states of a gateway session, as decisions see them.
//!
//! anonymous → tainted → pending → verified ⇄ locked → ended. Holds no cookies, keys or rows: those
//! are the store's and the gateway's. Idle and overall age are computed here from moments, never
//! from timers.

use std::time::Duration;

use crate::time::Timestamp;

/// Limits on how long a verified session lives (`standards.md` 0.1; NIST SP 800-63B-4 section
/// 2.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without activity for this long, the session is locked.
    pub idle: Duration,
    /// A lock may be undone by a code alone for this long; then it becomes an end (`DESIGN-CASES`
    /// 10).
    pub unlock_within: Duration,
    /// From verification to the end, whatever happens.
    pub overall: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(15 * 60),
            unlock_within: Duration::from_secs(60 * 60),
            overall: Duration::from_secs(12 * 60 * 60),
        }
    }
}

/// What the store or the session table says about the id in the cookie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Session {
    /// No cookie of ours, or one that does not count.
    Absent,
    /// A signed cookie without a record: nothing has been proved, no credential was sent.
    Anonymous,
    /// A credential went upstream and no second factor has followed.
    Tainted,
    /// A login answer is held; the second factor is awaited.
    Pending {
        /// When the held answer is thrown away.
        expires_at: Timestamp,
    },
    /// The second factor passed.
    Verified(Verified),
    /// Ended by logout, revocation, reset or age.
    Ended,
}

/// A session whose second factor passed, with the moments that age it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// When the second factor last passed.
    pub authenticated_at: Timestamp,
    /// The last request that counts as activity.
    pub active_at: Timestamp,
    /// The overall end.
    pub ends_at: Timestamp,
    /// Set when a lock was imposed other than by idleness (a failed re-login, an operator).
    pub locked: bool,
}

/// What age makes of a verified session right now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Good.
    Fresh,
    /// Idle or locked: a code brings it back.
    Locked,
    /// Over: only a full login helps.
    Over,
}

/// How far ahead of our clock a moment may lie: the clocks of two nodes differ (attack F11).
const AHEAD: Duration = Duration::from_secs(60);

impl Verified {
    /// Judges the session's age at `now`.
    ///
    /// Overall age wins over idleness. A lock that nobody undoes within `unlock_within` is an end:
    /// what stands in for a login after mere idleness is a written deviation from NIST N4 and is
    /// bounded so. A session that was last seen in the future is locked: a clock that jumped back
    /// would otherwise make an idle session young again (attack F09).
    #[must_use]
    pub fn standing(&self, limits: &Lifetimes, now: Timestamp) -> Standing {
        if now >= self.ends_at {
            return Standing::Over;
        }
        let quiet = now.since(self.active_at);
        if quiet >= limits.idle.saturating_add(limits.unlock_within) {
            return Standing::Over;
        }
        let ahead = self.active_at.max(self.authenticated_at).since(now);
        let locked = self.locked || quiet >= limits.idle || ahead > AHEAD;
        if locked {
            Standing::Locked
        } else {
            Standing::Fresh
        }
    }
}

#[cfg(test)]
mod tests;
