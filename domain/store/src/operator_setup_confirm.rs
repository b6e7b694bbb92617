//! The end of a set-up: the first code of the new authenticator was right.
//!
//! Password and authenticator become the operator's, the link is spent and a session opens, all in
//! one transaction. What comes before is [`operator_setup`](crate::operator_setup).

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::challenge::FirstCode;
use anteroom_core::ids::{OperatorId, OperatorSessionRow, SessionHash, SubscriberId};
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::time::Timestamp;

use crate::audit;
use crate::error::StoreError;
use crate::factors::{NewTotp, totp_add};
use crate::open::Store;
use crate::operator_acts::sessions_end;
use crate::operator_setup::seed_place;
use crate::operator_sign_in::{NewOperatorSession, session_open};
use crate::pools::{Conn, End, writing};
use crate::recovery;
use crate::row;

/// A confirmation.
pub struct SetupConfirmation<'a> {
    /// The hash of the set-up session's id.
    pub session: SessionHash,
    /// The hash of the id that the open session gets.
    pub new: SessionHash,
    /// Her name for the authenticator.
    pub label: &'a str,
    /// Her recovery codes, shown once by the caller.
    pub codes: Vec<RecoveryCode>,
    /// The host the session counts at.
    pub host: &'a str,
    /// From where.
    pub client: IpAddr,
    /// The end of the open session.
    pub ends_at: Timestamp,
    /// Now.
    pub now: Timestamp,
}

impl Store {
    /// Makes password and authenticator hers, spends the link, ends her other sessions and opens
    /// one: one transaction. `None` when somebody was faster, or the link does not count any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: nothing was done, or all of it; opening
    /// the link again tells.
    pub async fn operator_setup_confirm(
        &self,
        first: FirstCode,
        confirmation: SetupConfirmation<'_>,
    ) -> Result<Option<OperatorSessionRow>, StoreError> {
        let codes = self.recovery_hash(confirmation.codes.clone()).await?;
        let now = confirmation.now;
        writing!(self, PowerCut, c => {
            let Some(found) = take_link(c, &confirmation).await? else {
                return Ok(End::Rollback(None));
            };
            let seed = self.inner.unseal(seed_place(found.session), &found.seed)?;
            password_take(c, &found, now).await?;
            let new = NewTotp {
                subscriber: found.subscriber,
                label: confirmation.label,
                proof: "link",
                seed: &seed,
                first: &first,
                now,
            };
            totp_add(c, &self.inner, &new).await?;
            recovery::replace(c, found.subscriber, &codes, now).await?;
            sessions_end(c, found.operator, "set_up", now).await?;
            let session = NewOperatorSession {
                hash: confirmation.new,
                operator: found.operator,
                stage: "open",
                host: confirmation.host,
                client: confirmation.client,
                authenticated_at: now,
                ends_at: confirmation.ends_at,
                now,
            };
            let opened = session_open(c, &session).await?;
            let event = |kind| {
                AuditEvent::new(kind).operator(&found.name).client(confirmation.client)
            };
            let events = [event(AuditKind::OperatorSetUp), event(AuditKind::OperatorSignedIn)];
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(Some(opened)))
        })
    }
}

/// A set-up whose link was just spent.
struct Taken {
    session: i64,
    operator: OperatorId,
    subscriber: SubscriberId,
    name: String,
    seed: Vec<u8>,
}

/// Spends the link; one conditional update, so that of two browsers one gets it.
async fn take_link(
    c: &mut Conn,
    confirmation: &SetupConfirmation<'_>,
) -> Result<Option<Taken>, StoreError> {
    let found = sqlx::query(
        "SELECT v.id, v.seed, v.setup_id, o.id AS operator_id, o.subscriber_id, o.name
         FROM operator_session v JOIN operator o ON o.id = v.operator_id
         WHERE v.hash = $1 AND v.host = $2 AND v.stage = 'setup' AND v.ended_at IS NULL
           AND v.ends_at > $3 AND o.disabled_at IS NULL",
    )
    .bind(&confirmation.session.0[..])
    .bind(confirmation.host)
    .bind(confirmation.now.as_millis())
    .fetch_optional(&mut *c)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let spent = sqlx::query(
        "UPDATE operator_setup SET used_at = $2
         WHERE id = $1 AND used_at IS NULL AND killed_at IS NULL",
    )
    .bind(row::get::<i64>(&found, "setup_id")?)
    .bind(confirmation.now.as_millis())
    .execute(&mut *c)
    .await?;
    if spent.rows_affected() != 1 {
        return Ok(None);
    }
    Ok(Some(Taken {
        session: row::get(&found, "id")?,
        operator: OperatorId(row::get(&found, "operator_id")?),
        subscriber: SubscriberId(row::get(&found, "subscriber_id")?),
        name: row::get(&found, "name")?,
        seed: row::get(&found, "seed")?,
    }))
}

async fn password_take(c: &mut Conn, found: &Taken, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE operator SET (scheme, salt, hash) =
             (SELECT scheme, salt, password FROM operator_session WHERE id = $2),
                password_at = $3, last_login_at = $3
         WHERE id = $1",
    )
    .bind(found.operator.0)
    .bind(found.session)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    sqlx::query("UPDATE subscriber SET enrolled_at = $2, was_reset = 0 WHERE id = $1")
        .bind(found.subscriber.0)
        .bind(now.as_millis())
        .execute(&mut *c)
        .await?;
    Ok(())
}
