//! A right code in a locked session: the row stays, its id is rotated, its key is kept.
//!
//! The key stays so that the app's sealed cookies still open (DESIGN-CASES 3); the id is rotated
//! because rights rise. Spending is the same as in [`claim`], and so is the same form
//! sent twice.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::challenge::Accepted;
use anteroom_core::ids::{AppName, SessionHash, SessionRow, SubscriberId};
use anteroom_core::means::Means;
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;
use subtle::ConstantTimeEq;

use crate::audit;
use crate::claim::{self, SAME_FORM_FOR};
use crate::counter::{Counter, ThrottleVersion};
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, writing};
use crate::row;

/// What an unlock needs beside the proof.
#[derive(Clone, Copy)]
pub struct UnlockContext<'a> {
    /// The session.
    pub row: SessionRow,
    /// The hash of the id the browser showed.
    pub old: SessionHash,
    /// The hash of the id it gets.
    pub new: SessionHash,
    /// The reading the code was judged by: [`Store::unlock_material`]'s.
    pub version: ThrottleVersion,
    /// A MAC of the code and its form, by which the same form is known again.
    pub code_mac: [u8; 32],
    /// RFC 8176 values, separated by spaces.
    pub amr: &'a str,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// Proof that a session was unlocked. Made only here.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unlocked {
    row: SessionRow,
    session: SessionHash,
}

impl Unlocked {
    /// Which session.
    #[must_use]
    pub const fn row(&self) -> SessionRow {
        self.row
    }

    /// The hash of the id it has now.
    #[must_use]
    pub const fn session(&self) -> SessionHash {
        self.session
    }
}

/// What became of a right code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Unlock {
    /// Spent now; the session is open again under its new id.
    Unlocked(Unlocked),
    /// Spent before, or by somebody at the same moment.
    AlreadySpent,
    /// The same form again, within 30 seconds: nothing spent anew.
    Again(Unlocked),
    /// Wrong codes came in since the reading it was judged by: read the material and judge anew.
    Stale,
    /// The session is over, or is another subscriber's.
    Gone,
}

impl Store {
    /// Spends the accepted code and brings a verified session back: new id, same key, lock cleared,
    /// fresh times. Also for a step-up, where it was not locked.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the new id is taken. With [`StoreError::Unavailable`] or
    /// [`StoreError::Full`] it is not known whether the code was spent: the same form sent again
    /// tells.
    pub async fn unlock_claim(
        &self,
        accepted: Accepted,
        context: UnlockContext<'_>,
    ) -> Result<Unlock, StoreError> {
        let now = context.now;
        writing!(self, PowerCut, c => {
            let found = sqlx::query(
                "SELECT v.id, v.hash, v.app, v.subscriber_id, v.authenticated_at, v.active_at,
                        v.locked_at
                 FROM session v JOIN subscriber s ON s.id = v.subscriber_id
                 WHERE v.id = $1 AND v.state = 'verified' AND v.ends_at > $2
                   AND s.suspended_at IS NULL",
            )
            .bind(context.row.0)
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            let Some(found) = found else { return Ok(End::Rollback(Unlock::Gone)) };
            let current = row::hash(&found, "hash")?;
            if current != context.old {
                // Not the session's id any more: is this the form that rotated it?
                let (old, mac) = (&context.old, &context.code_mac);
                let before = made_by(c, context.row, old, mac, now).await?;
                let outcome = before.map_or(Unlock::AlreadySpent, Unlock::Again);
                return Ok(End::Rollback(outcome));
            }
            let subscriber = SubscriberId(row::get(&found, "subscriber_id")?);
            if context.version.counter != Counter::Subscriber(subscriber) {
                return Ok(End::Rollback(Unlock::Gone));
            }
            let app = AppName::new(row::get(&found, "app")?);
            let event = |kind, session| {
                AuditEvent::new(kind)
                    .subscriber(subscriber)
                    .app(&app)
                    .session(session)
                    .client(context.client)
            };
            if !claim::spend(c, &app, subscriber, accepted.spend(), now).await? {
                let reused = event(AuditKind::CodeReused, context.old);
                audit::append(c, &self.inner.keys, &[reused], now).await?;
                return Ok(End::Commit(Unlock::AlreadySpent));
            }
            if !claim::count_success(c, context.version, now).await? {
                return Ok(End::Rollback(Unlock::Stale));
            }
            let means = Means::of(accepted.spend());
            rotate(c, &context, &found, means).await?;
            let mut events = vec![event(AuditKind::ChallengePassed, context.new)];
            for used in claim::used(accepted.spend()) {
                events.push(event(*used, context.new));
            }
            let unlocked = event(AuditKind::SessionUnlocked, context.new);
            events.push(unlocked.reason(means.name()));
            audit::append(c, &self.inner.keys, &events, now).await?;
            let unlocked = Unlocked { row: context.row, session: context.new };
            Ok(End::Commit(Unlock::Unlocked(unlocked)))
        })
    }
}

/// What the form with this MAC made of the session that had this id, if it did so some seconds ago.
pub(crate) async fn made_by(
    c: &mut Conn,
    row: SessionRow,
    old: &SessionHash,
    code_mac: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Unlocked>, StoreError> {
    let former = sqlx::query(
        "SELECT f.code_mac, f.superseded_at, v.hash
         FROM session_former f JOIN session v ON v.id = f.session_id AND v.state = 'verified'
         WHERE f.hash = $1 AND f.session_id = $2",
    )
    .bind(&old.0[..])
    .bind(row.0)
    .fetch_optional(&mut *c)
    .await?;
    let Some(former) = former else {
        return Ok(None);
    };
    let mac: [u8; 32] = row::bytes(&former, "code_mac")?;
    let in_time = now < row::at(&former, "superseded_at")?.plus(SAME_FORM_FOR);
    let same = in_time && bool::from(mac.ct_eq(code_mac));
    let session = row::hash(&former, "hash")?;
    Ok(same.then_some(Unlocked { row, session }))
}

async fn rotate(
    c: &mut Conn,
    context: &UnlockContext<'_>,
    found: &SqliteRow,
    means: Means,
) -> Result<(), StoreError> {
    let locked = row::at_maybe(found, "locked_at")?.is_some();
    sqlx::query(
        "INSERT INTO session_former (hash, session_id, superseded_at, code_mac, authenticated_at,
                                     active_at, locked)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&context.old.0[..])
    .bind(context.row.0)
    .bind(context.now.as_millis())
    .bind(&context.code_mac[..])
    .bind(row::at(found, "authenticated_at")?.as_millis())
    .bind(row::at(found, "active_at")?.as_millis())
    .bind(locked)
    .execute(&mut *c)
    .await?;
    let rotated = sqlx::query(
        "UPDATE session SET hash = $3, locked_at = NULL, active_at = $4,
                authenticated_at = CASE WHEN $6 THEN $4 ELSE authenticated_at END,
                amr = $5, single_factor = 0, epoch = epoch + 1
         WHERE id = $1 AND hash = $2 AND state = 'verified'",
    )
    .bind(context.row.0)
    .bind(&context.old.0[..])
    .bind(&context.new.0[..])
    .bind(context.now.as_millis())
    .bind(context.amr)
    // A code of paper lets her go on, but does not count where a fresh factor is asked for (A17).
    .bind(means.is_fresh_factor())
    .execute(&mut *c)
    .await?;
    if rotated.rows_affected() == 1 {
        return Ok(());
    }
    Err(StoreError::Conflict {
        constraint: "session_rotated_once".to_owned(),
    })
}
