//! All verified sessions in memory, bounded: found by the hash of their cookie's id.
//!
//! What is ended is forgotten here first and told to the store second, and stays forgotten. Never
//! reads the store: `crate::gateway` loads what is missing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anteroom_core::ids::{SessionHash, SessionRow};
use anteroom_core::time::Timestamp;
use dashmap::DashMap;
use parking_lot::Mutex;

use super::{Live, Spare};

/// All verified sessions in memory, bounded.
pub struct Sessions {
    by_hash: DashMap<SessionHash, Arc<Live>>,
    ended: Mutex<VecDeque<SessionRow>>,
    most: usize,
}

/// How many sessions are known to have ended here, beyond what the store says of them yet.
const ENDED: usize = 8192;

impl Sessions {
    /// An empty table for at most `most` sessions.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            by_hash: DashMap::new(),
            ended: Mutex::new(VecDeque::new()),
            most,
        }
    }

    /// The session of this cookie, if it is in memory and not ended.
    #[must_use]
    pub fn find(&self, hash: &SessionHash) -> Option<Arc<Live>> {
        let live = Arc::clone(&*self.by_hash.get(hash)?);
        (!live.is_ended()).then_some(live)
    }

    /// Adds a session; returns the one that was there first if two requests loaded it at once.
    /// `None` when it was ended here since its record was read: ending tells this table first and
    /// the store then, and a request in between must not bring the session back.
    #[must_use]
    pub fn insert(&self, live: Arc<Live>) -> Option<Arc<Live>> {
        if self.by_hash.len() >= self.most {
            self.make_room();
        }
        let found = Arc::clone(&*self.by_hash.entry(live.hash()).or_insert(live));
        // Added first, looked at second: an end that comes in between finds it in the table.
        if self.ended.lock().contains(&found.row) {
            self.by_hash.remove(&found.hash());
            return None;
        }
        Some(found)
    }

    /// Forgets the quietest sixteenth; they come back from the store when they are used again.
    fn make_room(&self) {
        let mut quiet: Vec<(i64, SessionHash)> = self
            .by_hash
            .iter()
            .filter(|entry| entry.exchanges.lock().is_empty() && !entry.is_frozen())
            .map(|entry| (entry.active_at.load(Ordering::Relaxed), *entry.key()))
            .collect();
        quiet.sort_unstable();
        for (_, hash) in quiet.into_iter().take(self.most / 16 + 1) {
            self.by_hash.remove(&hash);
        }
    }

    /// After an unlock: the same session under a new id. The old id stops at once. `proved` is when
    /// a second factor was last fresh.
    pub fn rotate(&self, live: &Arc<Live>, new: SessionHash, proved: Timestamp, now: Timestamp) {
        let old = std::mem::replace(&mut *live.hash.lock(), new);
        live.unlock(proved, now);
        self.by_hash.remove(&old);
        self.by_hash.insert(new, Arc::clone(live));
    }

    /// Ends a session here and cuts what runs under it. The store's record is the caller's to end.
    pub fn end(&self, live: &Live, spare: Option<&Spare<'_>>) {
        live.ended.store(true, Ordering::Release);
        {
            let mut ended = self.ended.lock();
            ended.push_back(live.row);
            if ended.len() > ENDED {
                ended.pop_front();
            }
        }
        self.by_hash.remove(&live.hash());
        live.cut(None, spare);
        live.thaw();
    }

    /// Sessions whose activity is newer than what the store knows.
    #[must_use]
    pub fn unwritten(&self) -> Vec<(SessionRow, Timestamp)> {
        let newer = |live: &Arc<Live>| {
            let active = live.active_at.load(Ordering::Acquire);
            let known = live.written_at.swap(active, Ordering::AcqRel);
            (active > known).then(|| (live.row, Timestamp::from_millis(active)))
        };
        self.by_hash
            .iter()
            .filter_map(|entry| newer(entry.value()))
            .collect()
    }

    /// Calls `visit` with every session.
    pub fn each(&self, mut visit: impl FnMut(&Arc<Live>)) {
        for entry in &self.by_hash {
            visit(entry.value());
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_hash.len()
    }
}
