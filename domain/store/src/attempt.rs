//! Held login attempts: found by the pending session, cancelled, ended.
//!
//! They are made by [`withhold`](crate::withhold). Never spends a code ([`claim`](crate::claim))
//! and never enrols ([`enrolment`](crate::enrolment)).

use std::fmt;
use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::enrolment::EnrolmentProof;
use anteroom_core::fold::Folded;
use anteroom_core::ids::{AppName, AttemptId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::reference::Reference;
use anteroom_core::time::Timestamp;
use anteroom_core::totp::TotpSecret;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::open::{Inner, Store};
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::seal::Place;
use crate::session_end;

/// The life of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum AttemptState {
    /// A code is awaited.
    Pending,
    /// An enrolment is awaited.
    Enrolling,
    /// A code was spent, or an enrolment confirmed.
    Claimed,
    /// The answer was handed over.
    Released,
}

impl AttemptState {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "pending" => Some(Self::Pending),
            "enrolling" => Some(Self::Enrolling),
            "claimed" => Some(Self::Claimed),
            "released" => Some(Self::Released),
            _ => None,
        }
    }
}

/// A held attempt. Redacted `Debug`.
#[derive(Clone)]
pub struct Attempt {
    /// Which.
    pub id: AttemptId,
    /// The app.
    pub app: AppName,
    /// Who; `None` when no code of anybody can be right here.
    pub subscriber: Option<SubscriberId>,
    /// The app's realm.
    pub realm: String,
    /// The tenant; empty where the app has none.
    pub tenant: String,
    /// The name as typed, or as the probe gave it.
    pub typed_name: String,
    /// The name for pages.
    pub display_name: String,
    /// The name folded.
    pub folded: Folded,
    /// The name as far as the app distinguishes spellings.
    pub spelling_key: String,
    /// Whether the password is known to be right.
    pub proved: bool,
    /// What the outcome rules said.
    pub outcome: String,
    /// On what ground it leads to an enrolment, if it does.
    pub enrolling: Option<EnrolmentProof>,
    /// Where it stands. It says nothing about time: see `expires_at`.
    pub state: AttemptState,
    /// An enrolment code was typed right in this attempt; spent at the confirmation.
    pub enrolment_code_ok: bool,
    /// The seed that was drawn for this enrolment.
    pub seed: Option<TotpSecret>,
    /// What was enrolled with, once it was confirmed.
    pub enrolled: Option<AuthenticatorKind>,
    /// Recovery codes still to be shown, as the gateway sealed them.
    pub codes: Option<Vec<u8>>,
    /// The held answer, as the gateway sealed it; empty once it was thrown away.
    pub answer: Vec<u8>,
    /// The path the login was submitted to.
    pub submitted_path: String,
    /// The nonce of its form.
    pub form_nonce: [u8; 16],
    /// MAC of the code that was claimed; `None` before, and for an enrolment.
    pub claimed_code_mac: Option<[u8; 32]>,
    /// The verified session's id, by hash.
    pub verified: Option<SessionHash>,
    /// When it was claimed.
    pub claimed_at: Option<Timestamp>,
    /// The request that began it, as its pages say.
    pub reference: Option<Reference>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// From where the login came.
    pub client: IpAddr,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("id", &self.id)
            .field("app", &self.app)
            .field("subscriber", &self.subscriber)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Finds the attempt of a pending session, whatever its age; `None` when it was cancelled or
    /// ended.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its seed was not sealed for this row;
    /// [`StoreError::Unavailable`].
    pub async fn attempt_find(&self, pending: &SessionHash) -> Result<Option<Attempt>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT a.*, h.sealed AS answer FROM session s
                 JOIN attempt a ON a.pending_session_id = s.id
                 LEFT JOIN held_answer h ON h.attempt_id = a.id
                 WHERE s.hash = $1 AND a.state <> 'ended'",
            )
            .bind(&pending.0[..])
            .fetch_optional(&mut *c)
            .await?
        });
        found.map(|found| decode(&self.inner, &found)).transpose()
    }

    /// Throws a held answer away because its owner says so. `false` when it was not live any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn attempt_cancel(&self, id: AttemptId, now: Timestamp) -> Result<bool, StoreError> {
        self.attempt_over(id, AuditKind::AttemptCancelled, now)
            .await
    }

    /// Throws a held answer away because its time was seen to be over: a clock set back must not
    /// bring it back (attack F09). `false` when it was not live any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn attempt_expire(&self, id: AttemptId, now: Timestamp) -> Result<bool, StoreError> {
        self.attempt_over(id, AuditKind::AttemptExpired, now).await
    }

    async fn attempt_over(
        &self,
        id: AttemptId,
        why: AuditKind,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        writing!(self, Kill, c => {
            let ended = sqlx::query(
                "UPDATE attempt SET state = 'ended', seed = NULL, codes = NULL
                 WHERE id = $1 AND state IN ('pending', 'enrolling')
                 RETURNING app, subscriber_id, pending_session_id",
            )
            .bind(id.0)
            .fetch_optional(&mut *c)
            .await?;
            let Some(ended) = ended else { return Ok(End::Rollback(false)) };
            answer_drop(c, id.0).await?;
            let pending = SessionRow(row::get(&ended, "pending_session_id")?);
            session_end::supersede(c, pending, now).await?;
            let mut event = AuditEvent::new(why)
                .app(&AppName::new(row::get(&ended, "app")?));
            event.subscriber = row::get::<Option<i64>>(&ended, "subscriber_id")?.map(SubscriberId);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(true))
        })
    }

    /// How many attempts are live.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn attempts_live_total(&self, now: Timestamp) -> Result<u32, StoreError> {
        reading!(self, c => {
            let found = sqlx::query(
                "SELECT COUNT(*) AS live FROM attempt
                 WHERE state IN ('pending', 'enrolling') AND expires_at > $1",
            )
            .bind(now.as_millis())
            .fetch_one(&mut *c)
            .await?;
            row::count(&found, "live")
        })
    }
}

/// Ends the attempt that waits on this pending session, if one does.
pub(crate) async fn end_of_pending(
    c: &mut Conn,
    pending: SessionRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    end_where(
        c,
        "UPDATE attempt SET state = 'ended', seed = NULL, codes = NULL
         WHERE pending_session_id = $1 AND state IN ('pending', 'enrolling', 'claimed')
         RETURNING id, pending_session_id",
        pending.0,
        now,
    )
    .await
    .map(drop)
}

/// Ends the live attempts that this tainted session submitted.
pub(crate) async fn end_of_tainted(
    c: &mut Conn,
    tainted: SessionRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    end_where(
        c,
        "UPDATE attempt SET state = 'ended', seed = NULL, codes = NULL
         WHERE tainted_session_id = $1 AND state IN ('pending', 'enrolling')
         RETURNING id, pending_session_id",
        tainted.0,
        now,
    )
    .await
    .map(drop)
}

/// Ends the live attempts under a subscriber's name.
pub(crate) async fn end_of_subscriber(
    c: &mut Conn,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    end_where(
        c,
        "UPDATE attempt SET state = 'ended', seed = NULL, codes = NULL
         WHERE state IN ('pending', 'enrolling') AND (realm, tenant, folded) IN
               (SELECT realm, tenant, folded FROM subscriber WHERE id = $1 OR merged_into = $1)
         RETURNING id, pending_session_id",
        subscriber.0,
        now,
    )
    .await
    .map(drop)
}

/// Ends this live attempt, so that another one finds room.
pub(crate) async fn end_one(c: &mut Conn, id: AttemptId, now: Timestamp) -> Result<(), StoreError> {
    end_where(
        c,
        "UPDATE attempt SET state = 'ended', seed = NULL, codes = NULL
         WHERE id = $1 AND state IN ('pending', 'enrolling')
         RETURNING id, pending_session_id",
        id.0,
        now,
    )
    .await
    .map(drop)
}

/// Throws live attempts of anybody away, at most so many. Gives how many there were.
pub(crate) async fn end_some(
    c: &mut Conn,
    at_most: i64,
    now: Timestamp,
) -> Result<u64, StoreError> {
    end_where(
        c,
        "UPDATE attempt SET state = 'ended', seed = NULL, codes = NULL
         WHERE id IN (SELECT id FROM attempt WHERE state IN ('pending', 'enrolling') LIMIT $1)
         RETURNING id, pending_session_id",
        at_most,
        now,
    )
    .await
}

/// Its pending session ends along: one that waits for nothing would be sent to and fro between the
/// challenge and the login page for ever.
async fn end_where(
    c: &mut Conn,
    sql: &'static str,
    first: i64,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ended = sqlx::query(sql).bind(first).fetch_all(&mut *c).await?;
    for one in &ended {
        answer_drop(c, row::get(one, "id")?).await?;
        let pending = SessionRow(row::get(one, "pending_session_id")?);
        session_end::supersede(c, pending, now).await?;
    }
    Ok(ended.len() as u64)
}

/// Throws the held answer of an attempt away.
async fn answer_drop(c: &mut Conn, attempt: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM held_answer WHERE attempt_id = $1")
        .bind(attempt)
        .execute(&mut *c)
        .await?;
    Ok(())
}

pub(crate) const fn seed_place(attempt: i64) -> Place {
    Place {
        table: "attempt",
        column: "seed",
        row: attempt,
    }
}

fn decode(inner: &Inner, found: &SqliteRow) -> Result<Attempt, StoreError> {
    let id: i64 = row::get(found, "id")?;
    let corrupt = |column| StoreError::corrupt("attempt", column, id);
    let seed = row::get::<Option<&[u8]>>(found, "seed")?
        .map(|sealed| inner.unseal(seed_place(id), sealed))
        .transpose()?
        .map(|plain| TotpSecret::from_bytes(plain.to_vec()));
    let enrolling = row::get::<Option<&str>>(found, "enrolling")?
        .map(|name| EnrolmentProof::from_name(name).ok_or_else(|| corrupt("enrolling")))
        .transpose()?;
    let state = AttemptState::from_name(row::get(found, "state")?);
    Ok(Attempt {
        id: AttemptId(id),
        reference: audit::stored_reference(found, "attempt", id)?,
        app: AppName::new(row::get(found, "app")?),
        subscriber: row::get::<Option<i64>>(found, "subscriber_id")?.map(SubscriberId),
        realm: row::get(found, "realm")?,
        tenant: row::get(found, "tenant")?,
        typed_name: row::get(found, "typed_name")?,
        display_name: row::get(found, "display_name")?,
        folded: Folded::from_stored(row::get(found, "folded")?),
        spelling_key: row::get(found, "spelling_key")?,
        proved: row::get(found, "proved")?,
        outcome: row::get(found, "outcome")?,
        enrolling,
        state: state.ok_or_else(|| corrupt("state"))?,
        enrolment_code_ok: row::get::<Option<i64>>(found, "enrolment_code_id")?.is_some(),
        seed,
        enrolled: row::get::<Option<&str>>(found, "enrolled_kind")?
            .and_then(AuthenticatorKind::from_name),
        codes: row::get(found, "codes")?,
        answer: row::get::<Option<Vec<u8>>>(found, "answer")?.unwrap_or_default(),
        submitted_path: row::get(found, "submitted_path")?,
        form_nonce: row::bytes(found, "form_nonce")?,
        claimed_code_mac: row::bytes_maybe(found, "claimed_code_mac")?,
        verified: row::bytes_maybe(found, "verified")?.map(SessionHash),
        claimed_at: row::at_maybe(found, "claimed_at")?,
        expires_at: row::at(found, "expires_at")?,
        client: row::address(found, "client")?,
    })
}
