//! Unverified requests under way, per session: a login waits for them, then cuts them
//! (`DESIGN-CASES` 1).
//!
//! The race: a password thief sends open requests on his anonymous session at the moment of his
//! login; the app runs them afterwards, on a session that is now somebody's. So every unverified
//! request that carries a session registers here *before* it looks at the taint, and the login
//! commits the taint *before* it drains this table. Whichever order the two take, one of them sees
//! the other.

use std::sync::Arc;
use std::time::Duration;

use anteroom_core::ids::SessionHash;
use dashmap::DashMap;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long a login waits before it cuts.
const PATIENCE: Duration = Duration::from_secs(2);

/// Unverified requests under way.
#[derive(Default)]
pub struct Inflight {
    by_session: DashMap<SessionHash, Arc<Group>>,
}

#[derive(Default)]
struct Group {
    running: Mutex<usize>,
    quiet: Notify,
    cut: CancellationToken,
}

/// A request that is under way; dropping it says that it is over.
pub struct Underway<'i> {
    all: &'i Inflight,
    session: SessionHash,
    group: Arc<Group>,
}

impl Inflight {
    /// Registers a request. To be called before the taint is looked at.
    #[must_use]
    pub fn enter(&self, session: SessionHash) -> Underway<'_> {
        // Counted while the table's lock is held: else the entry could be forgotten in between, and
        // the login would not find this request.
        let entry = self.by_session.entry(session).or_default();
        let group = Arc::clone(&*entry);
        *group.running.lock() += 1;
        drop(entry);
        Underway {
            all: self,
            session,
            group,
        }
    }

    /// Waits until no request is under way, then cuts what still is and waits for that. To be
    /// called after the taint is committed and before the credential leaves.
    pub async fn drain(&self, session: &SessionHash) {
        let Some(group) = self.by_session.get(session).map(|group| Arc::clone(&group)) else {
            return;
        };
        if tokio::time::timeout(PATIENCE, group.empty()).await.is_err() {
            group.cut.cancel();
            group.empty().await;
        }
    }
}

impl Group {
    async fn empty(&self) {
        loop {
            let quiet = self.quiet.notified();
            tokio::pin!(quiet);
            // Registered before looking, so that a notice in between is not missed.
            quiet.as_mut().enable();
            if *self.running.lock() == 0 {
                return;
            }
            quiet.await;
        }
    }
}

impl Underway<'_> {
    /// Runs the request until it is done or a login cuts it.
    pub async fn unless_cut<T>(&self, request: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.group.cut.cancelled() => None,
            done = request => Some(done),
        }
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        let left = {
            let mut running = self.group.running.lock();
            *running = running.saturating_sub(1);
            *running
        };
        if left == 0 {
            self.group.quiet.notify_waiters();
            // An entry is forgotten only while nobody can be about to use it: the table's lock is
            // held.
            self.all.by_session.remove_if(&self.session, |_, group| {
                Arc::ptr_eq(group, &self.group) && *group.running.lock() == 0
            });
        }
    }
}
