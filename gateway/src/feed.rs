//! Following the store: revocations every second, activity written every half minute, old rows swept.
//!
//! What is ended in the store (by an operator, by another node) is ended here within two seconds while the
//! store can be read (`DESIGN-CASES` 22). When it cannot, requests confirm their session themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anteroom_store::{Revocation, StoredState, SweepLimits};

use crate::gateway::Gateway;

/// How often revocations are read.
const POLL: Duration = Duration::from_millis(500);
/// Older knowledge than this has to be confirmed request by request.
const FRESH: Duration = Duration::from_secs(2);
/// How often activity is written. After a crash people may be asked early, never late.
const WRITE: Duration = Duration::from_secs(30);
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
    if revocation.subscriber.is_some() {
        gateway.sessions.end_where(|live| live.subscriber == revocation.subscriber);
    }
    let Some(row) = revocation.row else { return };
    let mut found = None;
    gateway.sessions.each(|live| {
        if live.row == row {
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

/// Writes activity and sweeps old rows for ever.
pub async fn upkeep(gateway: Arc<Gateway>) {
    let mut since_sweep = Duration::ZERO;
    loop {
        tokio::time::sleep(WRITE).await;
        write_activity(&gateway).await;
        since_sweep += WRITE;
        if since_sweep >= SWEEP {
            since_sweep = Duration::ZERO;
            if let Err(problem) = gateway.store.sweep(gateway.now(), SweepLimits::default()).await {
                tracing::warn!(%problem, "old rows could not be swept");
            }
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

/// Ends idle watching: sockets of sessions that have become locked by idleness are cut.
pub async fn idle_sockets(gateway: Arc<Gateway>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = gateway.now();
        gateway.sessions.each(|live| {
            use anteroom_core::session::Standing;
            if live.open_exchanges() == 0 {
                return;
            }
            let Some(app) = gateway.app_named(&live.app) else { return };
            let limits = &app.settings.policy.lifetimes;
            match live.verified().standing(limits, now) {
                Standing::Fresh => {}
                Standing::Locked => live.cut(Some(crate::sessions::ExchangeKind::Endless), None),
                Standing::Over => live.cut(None, None),
            }
        });
    }
}
