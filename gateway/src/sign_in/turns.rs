//! One exchange at a time on a session that has proved nothing (`DESIGN-CASES` 1, attacks B17-B19).
//!
//! Two logins on one upstream session leave it to whoever came last: if the first one's answer is
//! released meanwhile, the second one's session stands under the first one's code. So whatever uses
//! a tainted jar takes its turn here, and looks at the session's record only after that. Holds no
//! requests back for ever: who waits too long goes without.

use std::sync::Arc;
use std::time::Duration;

use anteroom_core::ids::SessionHash;
use dashmap::DashMap;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Who uses which session's jar.
#[derive(Default)]
pub struct Turns {
    by_session: DashMap<SessionHash, Arc<Mutex<()>>>,
}

/// The right to use a session's jar; dropping it gives the turn to the next.
pub struct Turn<'t> {
    all: &'t Turns,
    session: SessionHash,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for the turn; `None` when that takes longer than `patience`.
    pub async fn take(&self, session: SessionHash, patience: Duration) -> Option<Turn<'_>> {
        // Made first, so that the entry is forgotten also by one who gives up.
        let mut turn = Turn {
            all: self,
            session,
            held: None,
        };
        let lock = Arc::clone(&*self.by_session.entry(session).or_default());
        turn.held = tokio::time::timeout(patience, lock.lock_owned()).await.ok();
        turn.held.is_some().then_some(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.held = None;
        // The table's lock is held: nobody can be about to take this entry unless he has it
        // already.
        self.all
            .by_session
            .remove_if(&self.session, |_, lock| Arc::strong_count(lock) == 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_are_taken_one_by_one_and_nothing_is_kept() {
        let turns = Turns::default();
        let (one, two) = (SessionHash([1; 32]), SessionHash([2; 32]));
        let soon = Duration::from_secs(1);
        let first = turns.take(one, soon).await.unwrap();
        assert!(turns.take(two, soon).await.is_some());
        assert!(turns.take(one, soon).await.is_none());
        drop(first);
        assert!(turns.take(one, soon).await.is_some());
        assert!(turns.by_session.is_empty());
    }
}
