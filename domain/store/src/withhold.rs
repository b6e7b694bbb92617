//! Withholding: a login answer is held in one transaction, within bounds on how many there may be.
//!
//! The answer and the jar in it come sealed by the gateway under the browser's id: nothing here can
//! open them. How many wait already: [`room`](crate::room). What becomes of a held attempt:
//! [`attempt`], [`claim`](crate::claim), [`enrolment`](crate::enrolment).

use std::net::IpAddr;

use anteroom_core::attempts::{AttemptCaps, Room, room_for};
use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::enrolment::EnrolmentProof;
use anteroom_core::fold::Folded;
use anteroom_core::ids::{AppName, AttemptId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::time::Timestamp;

use crate::attempt;
use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, writing};
use crate::room::{NameOnly, Who};
use crate::{reference, row};

/// A login answer that is to be held.
#[derive(Clone, Copy)]
pub struct NewAttempt<'a> {
    /// The id that submitted the login; superseded by `pending`, and tainted for good.
    pub tainted: SessionHash,
    /// The new id that goes to the challenge.
    pub pending: SessionHash,
    /// The app.
    pub app: &'a AppName,
    /// The app's realm.
    pub realm: &'a str,
    /// The tenant typed; empty where the app has none.
    pub tenant: &'a str,
    /// The name as typed, or as the probe gave it.
    pub typed_name: &'a str,
    /// The name folded.
    pub folded: &'a Folded,
    /// The name as far as the app distinguishes spellings.
    pub spelling_key: &'a str,
    /// The name for pages.
    pub display_name: &'a str,
    /// Who that is; `None` when nobody can be challenged under it.
    pub subscriber: Option<SubscriberId>,
    /// What the outcome rules said, in a word.
    pub outcome: &'a str,
    /// Whether that cannot be had without the right password.
    pub proved: bool,
    /// On what ground this attempt leads to an enrolment, if it does.
    pub enrolling: Option<EnrolmentProof>,
    /// The whole answer and jar, sealed by the gateway under the browser's id.
    pub answer: &'a [u8],
    /// The path the login was submitted to.
    pub submitted_path: &'a str,
    /// From where.
    pub client: IpAddr,
    /// When the answer is thrown away.
    pub expires_at: Timestamp,
    /// Goes into the form and comes back with the code.
    pub form_nonce: [u8; 16],
    /// Now.
    pub now: Timestamp,
    /// The bounds to keep.
    pub caps: AttemptCaps,
}

/// Whether there was room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Withheld {
    /// Held.
    Row(AttemptId),
    /// A bound is reached: nothing was written but the audit event. Drop the answer.
    Full,
}

impl Store {
    /// Holds a login answer: the bounds, the pending session, the attempt and the audit event are
    /// one transaction. Earlier live attempts of the same browser end: they would be released by
    /// nobody.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when `tainted` was never tainted or `pending` is taken;
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: drop the answer.
    pub async fn attempt_withhold(&self, new: NewAttempt<'_>) -> Result<Withheld, StoreError> {
        writing!(self, Kill, c => {
            let tainted = tainted_find(c, &new).await?;
            attempt::end_of_tainted(c, tainted, new.now).await?;
            let who = Who {
                name: NameOnly { realm: new.realm, tenant: new.tenant, folded: new.folded },
                client: new.client,
            };
            let waiting = who.waiting(c, &new.caps, new.now).await?;
            let room = room_for(new.proved, &waiting, &new.caps);
            let mut event = AuditEvent::new(AuditKind::LoginWithheld)
                .session(new.pending)
                .app(new.app)
                .client(new.client);
            event.subscriber = new.subscriber;
            if room == Room::Full {
                event.kind = AuditKind::AttemptsFull;
                event.session = Some(new.tainted);
                audit::append(c, &self.inner.keys, &[event], new.now).await?;
                return Ok(End::Commit(Withheld::Full));
            }
            let mut events = Vec::new();
            if let Room::InPlaceOf(among) = room {
                events.extend(who.displace(c, among, new.now).await?);
            }
            events.push(event);
            supersede(c, tainted, new.now).await?;
            let pending = pending_row(c, &new).await?;
            let id = insert(c, &new, tainted, pending).await?;
            audit::append(c, &self.inner.keys, &events, new.now).await?;
            Ok(End::Commit(Withheld::Row(id)))
        })
    }
}

async fn tainted_find(c: &mut Conn, new: &NewAttempt<'_>) -> Result<SessionRow, StoreError> {
    let tainted =
        sqlx::query("SELECT id FROM session WHERE hash = $1 AND state = 'tainted' AND app = $2")
            .bind(&new.tainted.0[..])
            .bind(new.app.as_str())
            .fetch_optional(&mut *c)
            .await?;
    match tainted {
        Some(tainted) => Ok(SessionRow(row::get(&tainted, "id")?)),
        // Rule 3: nothing is withheld for a login that was not tainted first.
        None => Err(StoreError::Conflict {
            constraint: "attempt_tainted_first".to_owned(),
        }),
    }
}

/// The pending id takes over; this one stays tainted.
async fn supersede(c: &mut Conn, tainted: SessionRow, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("UPDATE session SET superseded_at = $2 WHERE id = $1")
        .bind(tainted.0)
        .bind(now.as_millis())
        .execute(&mut *c)
        .await?;
    Ok(())
}

async fn pending_row(c: &mut Conn, new: &NewAttempt<'_>) -> Result<SessionRow, StoreError> {
    let pending = sqlx::query(
        "INSERT INTO session (hash, app, state, created_at, active_at, ends_at)
         VALUES ($1, $2, 'pending', $3, $3, $4) RETURNING id",
    )
    .bind(&new.pending.0[..])
    .bind(new.app.as_str())
    .bind(new.now.as_millis())
    .bind(new.expires_at.as_millis())
    .fetch_one(&mut *c)
    .await?;
    Ok(SessionRow(row::get(&pending, "id")?))
}

async fn insert(
    c: &mut Conn,
    new: &NewAttempt<'_>,
    tainted: SessionRow,
    pending: SessionRow,
) -> Result<AttemptId, StoreError> {
    let state = if new.enrolling.is_some() {
        "enrolling"
    } else {
        "pending"
    };
    let inserted = sqlx::query(
        "INSERT INTO attempt (pending_session_id, tainted_session_id, app, realm, tenant,
                              typed_name, display_name, folded, spelling_key, subscriber_id,
                              outcome, proved, enrolling, state, submitted_path, form_nonce,
                              client, created_at, expires_at, reference)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                 $17, $18, $19, $20)
         RETURNING id",
    )
    .bind(pending.0)
    .bind(tainted.0)
    .bind(new.app.as_str())
    .bind(new.realm)
    .bind(new.tenant)
    .bind(new.typed_name)
    .bind(new.display_name)
    .bind(new.folded.as_str())
    .bind(new.spelling_key)
    .bind(new.subscriber.map(|id| id.0))
    .bind(new.outcome)
    .bind(new.proved)
    .bind(new.enrolling.map(EnrolmentProof::name))
    .bind(state)
    .bind(new.submitted_path)
    .bind(&new.form_nonce[..])
    .bind(new.client.to_string())
    .bind(new.now.as_millis())
    .bind(new.expires_at.as_millis())
    .bind(reference::current().map(|reference| reference.to_string()))
    .fetch_one(&mut *c)
    .await?;
    let id: i64 = row::get(&inserted, "id")?;
    sqlx::query("INSERT INTO held_answer (attempt_id, sealed) VALUES ($1, $2)")
        .bind(id)
        .bind(new.answer)
        .execute(&mut *c)
        .await?;
    Ok(AttemptId(id))
}
