//! Sweeping: what is over is ended, what has ended long enough is deleted. In small batches, so
//! that no sign-in waits.
//!
//! Never touches the audit log, subscribers or factors. Deleting only forgets: every query judges
//! expiry by itself, so a sweep that is late changes no decision. One exception is by design: a
//! tainted id whose taint has expired and was swept counts as unknown again, which is why a taint
//! must outlive the cookie ([`Taint`](crate::Taint)).

use std::time::Duration;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AppName, SessionRow, SubscriberId};
use anteroom_core::time::Timestamp;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, writing};
use crate::row;
use crate::session_end::{self, Whose};

/// How a sweep goes about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SweepLimits {
    /// Rows per transaction.
    pub batch: u32,
    /// Transactions per kind of row; the next sweep does the rest.
    pub batches: u32,
    /// How long ended sessions and followed revocations are remembered.
    pub keep_ended: Duration,
    /// How long spent, killed and expired enrolment and temporary codes are remembered.
    pub keep_codes: Duration,
    /// How long a name without proof has to stay quiet before its few wrong codes are forgotten.
    /// Names with many are remembered for 30 days.
    pub keep_name_throttle: Duration,
}

impl Default for SweepLimits {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            batch: 200,
            batches: 50,
            keep_ended: DAY,
            keep_codes: DAY.saturating_mul(7),
            keep_name_throttle: DAY,
        }
    }
}

/// What a sweep did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Verified sessions ended by age.
    pub sessions_ended: u64,
    /// Held attempts thrown away by time.
    pub attempts_expired: u64,
    /// Rows deleted, of all tables.
    pub rows_deleted: u64,
}

/// Wrong codes below which a quiet name is forgotten early: fewer a day than the rolling cap allows
/// in 30.
const FEW_WRONG_CODES: i64 = 5;

/// Attempts stay findable a little after their end, for pages that explain and forms sent twice.
const KEEP_ATTEMPT: Duration = Duration::from_secs(120);

/// Former ids have no rights after seconds; they are kept while the same form may be sent twice.
const KEEP_FORMER: Duration = Duration::from_secs(300);

/// The throttle's rolling window at its longest.
const ROLLING: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Deletions: what goes, and where the text finds its two moments ($1) and its batch ($2).
const DELETIONS: &[(&str, Before)] = &[
    (
        "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt
         WHERE expires_at < $1 AND state NOT IN ('pending', 'enrolling') LIMIT $2)",
        Before::Attempt,
    ),
    (
        "DELETE FROM session_former WHERE hash IN
             (SELECT hash FROM session_former WHERE superseded_at < $1 LIMIT $2)",
        Before::Former,
    ),
    (
        "DELETE FROM delivery WHERE session_id IN
             (SELECT session_id FROM delivery WHERE expires_at < $1 LIMIT $2)",
        Before::Now,
    ),
    (
        "DELETE FROM own_setup WHERE id IN
             (SELECT id FROM own_setup WHERE expires_at < $1 LIMIT $2)",
        Before::Now,
    ),
    (
        "DELETE FROM own_codes WHERE session_id IN
             (SELECT session_id FROM own_codes WHERE expires_at < $1 LIMIT $2)",
        Before::Now,
    ),
    (
        "DELETE FROM own_act WHERE (session_id, form_mac) IN
             (SELECT session_id, form_mac FROM own_act WHERE done_at < $1 LIMIT $2)",
        Before::Former,
    ),
    (
        "DELETE FROM passkey_ceremony WHERE id IN
             (SELECT id FROM passkey_ceremony WHERE expires_at < $1 LIMIT $2)",
        Before::Now,
    ),
    (
        "DELETE FROM session WHERE id IN
             (SELECT s.id FROM session s WHERE s.state IN ('tainted', 'pending') AND s.ends_at < $1
              AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.pending_session_id = s.id
                              OR a.tainted_session_id = s.id) LIMIT $2)",
        Before::Now,
    ),
    (
        "DELETE FROM session WHERE id IN
             (SELECT s.id FROM session s WHERE s.state = 'ended' AND s.ended_at < $1
              AND s.ends_at < $1
              AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.pending_session_id = s.id
                              OR a.tainted_session_id = s.id) LIMIT $2)",
        Before::Ended,
    ),
    (
        "DELETE FROM revocation WHERE seq IN
             (SELECT seq FROM revocation WHERE at < $1 LIMIT $2)",
        Before::Ended,
    ),
    (
        "DELETE FROM enrolment_code WHERE id IN
             (SELECT e.id FROM enrolment_code e
              WHERE COALESCE(e.spent_at, e.killed_at, e.expires_at) < $1
              AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.enrolment_code_id = e.id) LIMIT $2)",
        Before::Code,
    ),
    (
        "DELETE FROM temporary_code WHERE id IN
             (SELECT id FROM temporary_code
              WHERE COALESCE(revoked_at, expires_at) < $1
                 OR (uses_left = 0 AND last_used_at < $1) LIMIT $2)",
        Before::Code,
    ),
    (
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE done_at < $1 LIMIT $2)",
        Before::Code,
    ),
    (
        "DELETE FROM mail_code WHERE id IN
             (SELECT m.id FROM mail_code m WHERE m.sent_at < $1
              AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.mail_code_id = m.id) LIMIT $2)",
        Before::Code,
    ),
    (
        "DELETE FROM address WHERE id IN
             (SELECT a.id FROM address a WHERE a.removed_at < $1
              AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.address_id = a.id)
              AND NOT EXISTS (SELECT 1 FROM mail_code m WHERE m.address_id = a.id) LIMIT $2)",
        Before::Code,
    ),
    (
        "DELETE FROM device WHERE id IN
             (SELECT id FROM device WHERE expires_at < $1 OR forgotten_at < $1 LIMIT $2)",
        Before::Code,
    ),
    (
        "DELETE FROM name_throttle WHERE (realm, tenant, folded) IN
             (SELECT realm, tenant, folded FROM name_throttle
              WHERE updated_at < $1 AND rolling < $3 LIMIT $2)",
        Before::FewWrong,
    ),
    (
        "DELETE FROM name_throttle WHERE (realm, tenant, folded) IN
             (SELECT realm, tenant, folded FROM name_throttle WHERE updated_at < $1 LIMIT $2)",
        Before::Rolling,
    ),
];

/// Up to which moment a deletion reaches.
#[derive(Clone, Copy)]
enum Before {
    Now,
    Attempt,
    Former,
    Ended,
    Code,
    FewWrong,
    Rolling,
}

impl Before {
    fn moment(self, limits: &SweepLimits, now: Timestamp) -> Timestamp {
        match self {
            Self::Now => now,
            Self::Attempt => now.minus(KEEP_ATTEMPT),
            Self::Former => now.minus(KEEP_FORMER),
            Self::Ended => now.minus(limits.keep_ended),
            Self::Code => now.minus(limits.keep_codes),
            Self::FewWrong => now.minus(limits.keep_name_throttle),
            Self::Rolling => now.minus(ROLLING),
        }
    }
}

impl Store {
    /// Sweeps once. Call it every minute or so.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]; what was swept before stays swept.
    pub async fn sweep(&self, now: Timestamp, limits: SweepLimits) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for _ in 0..limits.batches {
            let ended = self.sessions_end_by_age(now, &limits).await?;
            swept.sessions_ended += ended;
            if ended < u64::from(limits.batch) {
                break;
            }
        }
        for _ in 0..limits.batches {
            let expired = self.attempts_expire(now, &limits).await?;
            swept.attempts_expired += expired;
            if expired < u64::from(limits.batch) {
                break;
            }
        }
        for (sql, before) in DELETIONS {
            for _ in 0..limits.batches {
                let moment = before.moment(&limits, now);
                let deleted = self.delete(sql, *before, moment, &limits).await?;
                swept.rows_deleted += deleted;
                if deleted < u64::from(limits.batch) {
                    break;
                }
            }
        }
        Ok(swept)
    }

    async fn sessions_end_by_age(
        &self,
        now: Timestamp,
        limits: &SweepLimits,
    ) -> Result<u64, StoreError> {
        writing!(self, Kill, c => {
            let over: Vec<i64> = sqlx::query_scalar(
                "SELECT id FROM session WHERE state = 'verified' AND ends_at <= $1 LIMIT $2",
            )
            .bind(now.as_millis())
            .bind(i64::from(limits.batch))
            .fetch_all(&mut *c)
            .await?;
            for id in &over {
                let whose = Whose::Row(SessionRow(*id));
                session_end::end(c, &self.inner.keys, whose, "age", now).await?;
            }
            Ok(End::Commit(over.len() as u64))
        })
    }

    async fn attempts_expire(
        &self,
        now: Timestamp,
        limits: &SweepLimits,
    ) -> Result<u64, StoreError> {
        let before = now.minus(KEEP_ATTEMPT);
        writing!(self, Kill, c => {
            let expired = sqlx::query(
                "UPDATE attempt SET state = 'ended', seed = NULL, codes = NULL WHERE id IN
                     (SELECT id FROM attempt WHERE state IN ('pending', 'enrolling')
                      AND expires_at < $1 LIMIT $2)
                 RETURNING id, app, subscriber_id",
            )
            .bind(before.as_millis())
            .bind(i64::from(limits.batch))
            .fetch_all(&mut *c)
            .await?;
            let mut events = Vec::with_capacity(expired.len());
            for one in &expired {
                delete_answer(c, row::get(one, "id")?).await?;
                let mut event = AuditEvent::new(AuditKind::AttemptExpired)
                    .app(&AppName::new(row::get(one, "app")?));
                event.subscriber =
                    row::get::<Option<i64>>(one, "subscriber_id")?.map(SubscriberId);
                events.push(event);
            }
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(expired.len() as u64))
        })
    }

    async fn delete(
        &self,
        sql: &'static str,
        before: Before,
        moment: Timestamp,
        limits: &SweepLimits,
    ) -> Result<u64, StoreError> {
        writing!(self, Kill, c => {
            let query = sqlx::query(sql).bind(moment.as_millis()).bind(i64::from(limits.batch));
            let query = match before {
                Before::FewWrong => query.bind(FEW_WRONG_CODES),
                _ => query,
            };
            let deleted = query.execute(&mut *c).await?;
            Ok(End::Commit(deleted.rows_affected()))
        })
    }
}

async fn delete_answer(c: &mut Conn, attempt: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM held_answer WHERE attempt_id = $1")
        .bind(attempt)
        .execute(&mut *c)
        .await?;
    Ok(())
}
