//! Following the store: revocations every second, activity written every half minute, old rows
//! swept.
//!
//! What is ended in the store (by an operator, by another node) is ended here within two seconds
//! while the store can be read (`DESIGN-CASES` 22). When it cannot, requests confirm their session
//! themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anteroom_core::session::Standing;
use anteroom_store::{Channel, Revocation, StoredState, SweepLimits};

use crate::gateway::Gateway;
use crate::sessions::ExchangeKind;

/// How often revocations are read.
const POLL: Duration = Duration::from_millis(500);
/// Older knowledge than this has to be confirmed request by request.
const FRESH: Duration = Duration::from_secs(2);
/// How often activity is written. After a crash people may be asked early, never late.
const WRITE: Duration = Duration::from_secs(30);
/// A clock that moves by more than this between two looks has jumped.
const JUMP: Duration = Duration::from_secs(5);
/// How often the write-ahead log is moved into the database.
const CHECKPOINT: Duration = Duration::from_secs(5);
/// How often the outbox is looked at.
const OUTBOX: Duration = Duration::from_secs(5);
/// How often old rows are swept.
const SWEEP: Duration = Duration::from_secs(60);

/// When revocations were last read, on the monotonic clock.
#[derive(Default)]
pub struct Freshness {
    read_at_ms: AtomicU64,
}

impl Freshness {
    /// Whether knowledge is recent enough.
    #[must_use]
    pub fn is_fresh(&self, elapsed: Duration) -> bool {
        self.within(elapsed, FRESH)
    }

    /// Whether the last read lies at most `span` back.
    #[must_use]
    pub fn within(&self, elapsed: Duration, span: Duration) -> bool {
        let read = Duration::from_millis(self.read_at_ms.load(Ordering::Acquire));
        elapsed.saturating_sub(read) <= span
    }

    fn read(&self, elapsed: Duration) {
        let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        self.read_at_ms.store(ms, Ordering::Release);
    }
}

/// Follows revocations for ever, from `last` on.
pub async fn revocations(gateway: Arc<Gateway>, mut last: i64) {
    let mut failing = false;
    loop {
        tokio::time::sleep(POLL).await;
        let asked_at = gateway.monotonic.elapsed();
        match gateway.store.revocations_after(last).await {
            Ok(found) => {
                for revocation in found {
                    last = last.max(revocation.seq);
                    follow(&gateway, &revocation).await;
                }
                gateway.freshness.read(asked_at);
                if std::mem::take(&mut failing) {
                    tracing::info!("the store can be read again");
                }
            }
            Err(problem) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(%problem, "revocations cannot be read");
                    gateway.metrics.failed("revocations");
                }
            }
        }
        gateway.metrics.set_sessions(gateway.sessions.count());
    }
}

/// Carries one revocation out on the sessions in memory.
async fn follow(gateway: &Gateway, revocation: &Revocation) {
    let mut found = None;
    gateway.sessions.each(|live| {
        if live.row == revocation.row {
            found = Some(Arc::clone(live));
        }
    });
    let Some(live) = found else { return };
    // A row is also named when its session was locked or unlocked: only the record says which.
    match gateway.store.session_find(&live.hash()).await {
        Ok(Some(record))
            if record.state == StoredState::Verified
                && record.superseded_by_rotation_at.is_none() =>
        {
            if record.locked && !live.verified().locked {
                live.lock();
            }
        }
        Ok(_) | Err(_) => gateway.sessions.end(&live, None),
    }
}

/// Shows for ever how the outbox stands. It is emptied elsewhere; a queue that stands still is no
/// reason to be unwell, because sign-ins go on.
pub async fn outbox(gateway: Arc<Gateway>) {
    loop {
        for channel in Channel::ALL {
            if let Ok(state) = gateway.store.outbox_state(channel, gateway.now()).await {
                let failing = state.failing_since.is_some();
                gateway
                    .metrics
                    .set_outbox(channel.name(), state.waiting, failing);
            }
        }
        tokio::time::sleep(OUTBOX).await;
    }
}

/// Writes activity and sweeps old rows for ever.
pub async fn upkeep(gateway: Arc<Gateway>) {
    let mut since_sweep = Duration::ZERO;
    loop {
        tokio::time::sleep(WRITE).await;
        write_activity(&gateway).await;
        since_sweep += WRITE;
        if since_sweep >= SWEEP {
            since_sweep = Duration::ZERO;
            if let Err(problem) = gateway
                .store
                .sweep(gateway.now(), SweepLimits::default())
                .await
            {
                tracing::warn!(%problem, "old rows could not be swept");
            }
        }
    }
}

/// Moves what was written into the database file, off everybody's sign-in: SQLite would do it in
/// the middle of one.
pub async fn checkpoints(gateway: Arc<Gateway>) {
    loop {
        tokio::time::sleep(CHECKPOINT).await;
        if let Err(problem) = gateway.store.checkpoint().await {
            tracing::debug!(%problem, "a checkpoint has to wait");
        }
    }
}

/// Writes the activity of all sessions in memory.
pub async fn write_activity(gateway: &Gateway) {
    let unwritten = gateway.sessions.unwritten();
    if unwritten.is_empty() {
        return;
    }
    if let Err(problem) = gateway.store.session_touch_many(&unwritten).await {
        tracing::warn!(%problem, "activity could not be written");
    }
}

/// Looks after sessions that nobody asks for: sockets of those that have become locked by idleness
/// are cut, and those that are over are ended for good, because a clock set back must not revive
/// them (attack F09).
pub async fn idle_sockets(gateway: Arc<Gateway>) {
    loop {
        tokio::time::sleep(POLL).await;
        let now = gateway.now();
        let mut over = Vec::new();
        gateway.sessions.each(|live| {
            let Some(app) = gateway.app_named(&live.app) else {
                return;
            };
            let limits = &app.settings.policy.lifetimes;
            match live.verified().standing(limits, now) {
                Standing::Fresh => {}
                Standing::Locked if live.open_exchanges() == 0 => {}
                Standing::Locked => live.cut(Some(ExchangeKind::Endless), None),
                Standing::Over => over.push(Arc::clone(live)),
            }
        });
        for live in over {
            gateway.sessions.end(&live, None);
            if let Err(problem) = gateway.store.session_end(live.row, "age", now).await {
                tracing::warn!(%problem, "a session that is over could not be ended in the store");
            }
        }
    }
}

/// Compares the wall clock with one that never jumps, for ever. Codes, pauses and sessions hang on
/// the wall clock: an operator has to know when it moves by itself (attack F09).
pub async fn clock_jumps(gateway: Arc<Gateway>) {
    let (mut wall, mut steady) = (gateway.now(), gateway.monotonic.elapsed());
    loop {
        tokio::time::sleep(POLL).await;
        let (next_wall, next_steady) = (gateway.now(), gateway.monotonic.elapsed());
        let passed = i64::try_from(next_steady.saturating_sub(steady).as_millis()).unwrap_or(0);
        let shown = next_wall.as_millis().saturating_sub(wall.as_millis());
        let jump = shown.saturating_sub(passed);
        if u128::from(jump.unsigned_abs()) > JUMP.as_millis() {
            tracing::error!(
                seconds = jump / 1000,
                "the clock of this machine has jumped"
            );
            gateway.metrics.failed("clock_jump");
        }
        (wall, steady) = (next_wall, next_steady);
    }
}
