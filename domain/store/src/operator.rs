//! What an operator does to a subscriber: reset, unlock, sign out, suspend, resume, link.
//!
//! Each is one transaction with its audit event, and says who did it. Whether an operator may is
//! the caller's question; issuing enrolment codes is [`enrolment_code`]'s.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::SubscriberId;
use anteroom_core::time::Timestamp;

use crate::attempt;
use crate::audit;
use crate::counter::{self, Counter};
use crate::enrolment_code;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, writing};
use crate::recovery;
use crate::session_end::{self, Whose};
use crate::temporary_code;

/// Sessions or attempts per transaction.
const BATCH: i64 = 100;
/// Why a session ended that an operator ended, and nothing else of hers.
const SIGNED_OUT: &str = "signed_out_by_operator";

impl Store {
    /// Takes all factors of a subscriber away: authenticators (their seeds are destroyed, their
    /// rows stay as history), recovery codes, open enrolment and temporary codes, sessions and held
    /// attempts. Clears her wrong codes. Her next enrolment needs a code (attack D15). `false` when
    /// there is no such subscriber.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn subscriber_reset(
        &self,
        id: SubscriberId,
        operator: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let reset = sqlx::query(
                "UPDATE subscriber SET enrolled_at = NULL, was_reset = 1, stolen_notice_at = NULL
                 WHERE id = $1",
            )
            .bind(id.0)
            .execute(&mut *c)
            .await?;
            if reset.rows_affected() != 1 {
                return Ok(End::Rollback(false));
            }
            let removed = sqlx::query(
                "UPDATE authenticator SET removed_at = $2, secret = NULL
                 WHERE subscriber_id = $1 AND removed_at IS NULL",
            )
            .bind(id.0)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            recovery::remove_all(c, id, now).await?;
            enrolment_code::kill_live(c, id, now).await?;
            temporary_code::revoke_live(c, id, now).await?;
            attempt::end_of_subscriber(c, id, now).await?;
            throttles_clear(c, id, now).await?;
            let event = |kind| AuditEvent::new(kind).subscriber(id).operator(operator);
            let mut events = vec![event(AuditKind::SubscriberReset).reason(reason)];
            let removed = removed.rows_affected();
            events.extend((0..removed).map(|_| event(AuditKind::AuthenticatorRemoved)));
            audit::append(c, &self.inner.keys, &events, now).await?;
            let whose = Whose::Subscriber(id);
            session_end::end(c, &self.inner.keys, whose, "reset", now).await?;
            Ok(End::Commit(true))
        })
    }

    /// Lets a subscriber try again: clears her wrong codes and pauses, and enables what throttling
    /// has disabled. What an operator has disabled stays so. `false` when there is no such
    /// subscriber.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn subscriber_unlock(
        &self,
        id: SubscriberId,
        operator: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            if !throttles_clear(c, id, now).await? {
                return Ok(End::Rollback(false));
            }
            let enabled = sqlx::query(
                "UPDATE authenticator SET disabled_at = NULL, disabled_by = NULL
                 WHERE subscriber_id = $1 AND removed_at IS NULL AND disabled_by = 'throttle'",
            )
            .bind(id.0)
            .execute(&mut *c)
            .await?;
            let event = |kind| AuditEvent::new(kind).subscriber(id).operator(operator);
            let mut events = vec![event(AuditKind::SubscriberUnlocked)];
            let enabled = enabled.rows_affected();
            events.extend((0..enabled).map(|_| event(AuditKind::AuthenticatorEnabled)));
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(true))
        })
    }

    /// Suspends a subscriber: no code of hers counts, her sessions end. `false` when there is no
    /// such subscriber or she is suspended already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn subscriber_suspend(
        &self,
        id: SubscriberId,
        operator: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let suspended = sqlx::query(
                "UPDATE subscriber SET suspended_at = $2 WHERE id = $1 AND suspended_at IS NULL",
            )
            .bind(id.0)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            if suspended.rows_affected() != 1 {
                return Ok(End::Rollback(false));
            }
            temporary_code::revoke_live(c, id, now).await?;
            attempt::end_of_subscriber(c, id, now).await?;
            let event = AuditEvent::new(AuditKind::SubscriberSuspended)
                .subscriber(id)
                .operator(operator)
                .reason(reason);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            let whose = Whose::Subscriber(id);
            session_end::end(c, &self.inner.keys, whose, "suspended", now).await?;
            Ok(End::Commit(true))
        })
    }

    /// Ends a subscriber's sessions and throws her unfinished sign-ins away; her factors and her
    /// right to sign in stay. Gives how many sessions there were, or `None` when there is no such
    /// subscriber.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn subscriber_sign_out(
        &self,
        id: SubscriberId,
        operator: &str,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        writing!(self, PowerCut, c => {
            let known = sqlx::query("SELECT 1 FROM subscriber WHERE id = $1")
                .bind(id.0)
                .fetch_optional(&mut *c)
                .await?;
            if known.is_none() {
                return Ok(End::Rollback(None));
            }
            attempt::end_of_subscriber(c, id, now).await?;
            let event =
                AuditEvent::new(AuditKind::SubscriberSignedOut).subscriber(id).operator(operator);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            let whose = Whose::Subscriber(id);
            let keys = &self.inner.keys;
            let ended = session_end::end(c, keys, whose, SIGNED_OUT, now).await?;
            Ok(End::Commit(Some(ended)))
        })
    }

    /// Ends every session and throws every unfinished sign-in away, in small transactions: what a
    /// database needs that was put back from a copy. Gives how many sessions there were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]. What was done before stays done.
    pub async fn everybody_sign_out(
        &self,
        operator: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let event = AuditEvent::new(AuditKind::SubscriberSignedOut)
            .operator(operator)
            .reason("everybody");
        self.audit_append(&[event], now).await?;
        let mut sessions = 0;
        loop {
            let (attempts, ended) = writing!(self, PowerCut, c => {
                let attempts = attempt::end_some(c, BATCH, now).await?;
                let keys = &self.inner.keys;
                let ended = session_end::end_some(c, keys, BATCH, SIGNED_OUT, now).await?;
                Ok(End::Commit((attempts, ended)))
            })?;
            sessions += ended;
            if attempts + ended == 0 {
                return Ok(sessions);
            }
        }
    }

    /// Lifts a suspension. `false` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn subscriber_resume(
        &self,
        id: SubscriberId,
        operator: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let resumed = sqlx::query(
                "UPDATE subscriber SET suspended_at = NULL
                 WHERE id = $1 AND suspended_at IS NOT NULL",
            )
            .bind(id.0)
            .execute(&mut *c)
            .await?;
            if resumed.rows_affected() != 1 {
                return Ok(End::Rollback(false));
            }
            let event =
                AuditEvent::new(AuditKind::SubscriberResumed).subscriber(id).operator(operator);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(true))
        })
    }

    /// Links a spelling to a subscriber: from now on it *is* her. `false` when it was linked
    /// already.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such subscriber; [`StoreError::Unavailable`],
    /// [`StoreError::Full`].
    pub async fn spelling_link(
        &self,
        id: SubscriberId,
        spelling_key: &str,
        display: &str,
        operator: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            if !link(c, id, spelling_key, display, now).await? {
                return Ok(End::Rollback(false));
            }
            let event = AuditEvent::new(AuditKind::SpellingLinked)
                .subscriber(id)
                .operator(operator)
                .reason(display);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(true))
        })
    }
}

/// Links a spelling in the transaction that `c` is in; `false` when it was linked already.
pub(crate) async fn link(
    c: &mut Conn,
    subscriber: SubscriberId,
    spelling_key: &str,
    display: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let linked = sqlx::query(
        "INSERT INTO spelling (subscriber_id, spelling_key, display, linked_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT (subscriber_id, spelling_key) DO NOTHING",
    )
    .bind(subscriber.0)
    .bind(spelling_key)
    .bind(display)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(linked.rows_affected() == 1)
}

/// Clears the subscriber's counter and that of her name; `false` when there is no such subscriber.
async fn throttles_clear(
    c: &mut Conn,
    id: SubscriberId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let reading = counter::read(c, Counter::Subscriber(id)).await?;
    let cleared = reading.throttle.after_unlock(now);
    let known = counter::write(c, reading.version, &cleared, now).await?;
    sqlx::query(
        "DELETE FROM name_throttle WHERE (realm, tenant, folded) =
             (SELECT realm, tenant, folded FROM subscriber WHERE id = $1)",
    )
    .bind(id.0)
    .execute(&mut *c)
    .await?;
    Ok(known)
}
