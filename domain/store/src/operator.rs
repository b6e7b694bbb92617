//! What an operator does to a person: reset, unlock, sign out, suspend, resume, link.
//!
//! Each is one transaction with its paper trail. Never touches an operator's own factors: for a
//! subscriber of [`OPERATOR_REALM`](anteroom_core::operator::OPERATOR_REALM), and for a name that
//! was merged into another, there is nobody here. Whether an operator may is the caller's question;
//! issuing enrolment codes is [`enrolment_code`]'s, merging is [`merge`](crate::merge)'s.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::enrolment::EnrolmentCode;
use anteroom_core::ids::{SessionRow, SubscriberId};
use anteroom_core::time::Timestamp;

use crate::attempt;
use crate::audit;
use crate::counter::{self, Counter};
use crate::device_end;
use crate::enrolment_code;
use crate::error::StoreError;
use crate::factors;
use crate::open::Store;
use crate::operator_self::acts_since;
use crate::paper::Paper;
use crate::pools::{Conn, End, writing};
use crate::session_end::{self, Whose};
use crate::temporary_code;

/// Sessions or attempts per transaction.
const BATCH: i64 = 100;
/// Why a session ended that an operator ended, and nothing else of hers.
const SIGNED_OUT: &str = "signed_out_by_operator";

const HOUR: std::time::Duration = std::time::Duration::from_secs(60 * 60);

/// What became of a reset with the code of the way back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum ResetWithCode {
    /// Done; the code counts.
    Done,
    /// This operator did too many within an hour; nothing was done.
    TooMany,
    /// There is no such person.
    NoSuch,
}

impl Store {
    /// Takes all factors of a person away: authenticators (their seeds are destroyed, their rows
    /// stay as history), recovery codes, open enrolment and temporary codes, sessions and held
    /// attempts. Clears her wrong codes. Her next enrolment needs a code (attack D15). `false` when
    /// there is no such person.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn subscriber_reset(
        &self,
        id: SubscriberId,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(false));
            }
            factors::reset(c, &self.inner.keys, id, paper).await?;
            Ok(End::Commit(true))
        })
    }

    /// Resets a person and issues the enrolment code of the way back, as one: never a person
    /// without factors whose code was lost on the way. `most_an_hour` is counted in the same
    /// transaction, so that many at once are as few as one after the other (attack E05).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: nothing was done; do not show the code.
    pub async fn subscriber_reset_with_code(
        &self,
        id: SubscriberId,
        code: &EnrolmentCode,
        expires_at: Timestamp,
        most_an_hour: u32,
        paper: &Paper<'_>,
    ) -> Result<ResetWithCode, StoreError> {
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(ResetWithCode::NoSuch));
            }
            let since = paper.now.minus(HOUR);
            let kind = AuditKind::SubscriberReset;
            if acts_since(c, paper.operator, kind, since).await? >= u64::from(most_an_hour) {
                return Ok(End::Rollback(ResetWithCode::TooMany));
            }
            let keys = &self.inner.keys;
            factors::reset(c, keys, id, paper).await?;
            enrolment_code::insert(c, keys, id, code, expires_at, paper).await?;
            let event = paper.event(AuditKind::EnrolmentCodeIssued).subscriber(id);
            audit::append(c, keys, &[event], paper.now).await?;
            Ok(End::Commit(ResetWithCode::Done))
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
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(false));
            }
            throttles_clear(c, id, paper.now).await?;
            let enabled = sqlx::query(
                "UPDATE authenticator SET disabled_at = NULL, disabled_by = NULL
                 WHERE subscriber_id = $1 AND removed_at IS NULL AND disabled_by = 'throttle'",
            )
            .bind(id.0)
            .execute(&mut *c)
            .await?;
            let mut events = paper.events(AuditKind::SubscriberUnlocked, Some(id));
            let works = || paper.event(AuditKind::AuthenticatorEnabled).subscriber(id);
            events.extend((0..enabled.rows_affected()).map(|_| works()));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
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
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(false));
            }
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
            let events = paper.events(AuditKind::SubscriberSuspended, Some(id));
            audit::append(c, &self.inner.keys, &events, now).await?;
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
        paper: &Paper<'_>,
    ) -> Result<Option<u64>, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(None));
            }
            attempt::end_of_subscriber(c, id, now).await?;
            let events = paper.events(AuditKind::SubscriberSignedOut, Some(id));
            audit::append(c, &self.inner.keys, &events, now).await?;
            let whose = Whose::Subscriber(id);
            let keys = &self.inner.keys;
            let ended = session_end::end(c, keys, whose, SIGNED_OUT, now).await?;
            Ok(End::Commit(Some(ended)))
        })
    }

    /// Ends one session of a person. `false` when there is no such person, or it is not a running
    /// session of hers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn session_end_by_operator(
        &self,
        id: SubscriberId,
        session: SessionRow,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(false));
            }
            let hers = sqlx::query(
                "SELECT hash, app, subscriber_id FROM session
                 WHERE id = $1 AND subscriber_id = $2 AND state = 'verified'",
            )
            .bind(session.0)
            .bind(id.0)
            .fetch_optional(&mut *c)
            .await?;
            let Some(hers) = hers else { return Ok(End::Rollback(false)) };
            let about = session_end::told(&hers, AuditKind::SubscriberSignedOut)?;
            let mut events = paper.events(AuditKind::SubscriberSignedOut, Some(id));
            for event in &mut events {
                event.session = about.session;
                event.app.clone_from(&about.app);
            }
            let keys = &self.inner.keys;
            audit::append(c, keys, &events, now).await?;
            session_end::end(c, keys, Whose::Row(session), SIGNED_OUT, now).await?;
            Ok(End::Commit(true))
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
                let forgotten = device_end::forget_some(c, keys, BATCH, SIGNED_OUT, now).await?;
                Ok(End::Commit((attempts + forgotten, ended)))
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
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(false));
            }
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
            let events = paper.events(AuditKind::SubscriberResumed, Some(id));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
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
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            if !link(c, id, spelling_key, display, paper.now).await? {
                return Ok(End::Rollback(false));
            }
            let what = paper.about(display);
            let events = paper.because(&what).events(AuditKind::SpellingLinked, Some(id));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
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

/// Clears the subscriber's counter and those of her names.
pub(crate) async fn throttles_clear(
    c: &mut Conn,
    id: SubscriberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let reading = counter::read(c, Counter::Subscriber(id)).await?;
    let cleared = reading.throttle.after_unlock(now);
    counter::write(c, reading.version, &cleared, now).await?;
    sqlx::query(
        "DELETE FROM name_throttle WHERE (realm, tenant, folded) IN
             (SELECT realm, tenant, folded FROM subscriber WHERE id = $1 OR merged_into = $1)",
    )
    .bind(id.0)
    .execute(&mut *c)
    .await?;
    Ok(())
}
