//! Retention: the oldest rows of the audit log go when the configuration says how long they are
//! kept.
//!
//! Removes nothing itself: `Store::audit_prune` does, in small steps, and leaves a chained row that
//! says what is gone. Without `audit_keep` nothing is ever removed.

use std::sync::Arc;
use std::time::Duration;

use anteroom_store::Paper;

use crate::Admin;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// Looks once an hour, for as long as the admin app runs.
pub(crate) async fn keep(admin: Arc<Admin>) {
    let Some(keep) = admin.mine.audit_keep else {
        return;
    };
    let mut hour = tokio::time::interval(EVERY);
    loop {
        hour.tick().await;
        let now = admin.clock.now();
        let paper = Paper::of("retention", now);
        match admin.store.audit_prune(now.minus(keep), &paper).await {
            Ok(pruned) if pruned.rows > 0 => {
                tracing::info!(rows = pruned.rows, "old audit rows were removed");
            }
            Ok(_) => {}
            Err(problem) => tracing::error!(%problem, "old audit rows could not be removed"),
        }
    }
}
