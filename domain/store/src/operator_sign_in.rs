//! The second factor of an operator: at the sign-in, and again for a dangerous act.
//!
//! The half-way session that a right password opened
//! ([`operator_password`](crate::operator_password)) ends, and an open one with another id begins.
//! Wrong codes count against the operator's own counter, as everybody's. Whether a code is right is
//! `anteroom-core`'s to say.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::challenge::{Accepted, Spend};
use anteroom_core::ids::{AppName, OperatorId, OperatorSessionRow, SessionHash, SubscriberId};
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::throttle::{Throttle, ThrottlePolicy};
use anteroom_core::time::Timestamp;

use crate::audit;
use crate::challenge;
use crate::claim;
use crate::counter::{Counter, ThrottleVersion};
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, writing};
use crate::row;

/// What a second factor needs beside the proof.
#[derive(Clone, Copy)]
pub struct OperatorClaim<'a> {
    /// The half-way session's id.
    pub old: SessionHash,
    /// The id of the open one.
    pub new: SessionHash,
    /// The reading the code was judged by.
    pub version: ThrottleVersion,
    /// The host it counts at.
    pub host: &'a str,
    /// From where.
    pub client: IpAddr,
    /// The overall end.
    pub ends_at: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// What became of a right code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum OperatorPass {
    /// Spent; the session is open (or fresh again).
    Open(OperatorSessionRow),
    /// The code was spent before.
    AlreadySpent,
    /// Wrong codes came in meanwhile: judge anew.
    Stale,
    /// The session is over.
    Gone,
}

/// A session to be opened.
pub(crate) struct NewOperatorSession<'a> {
    pub(crate) hash: SessionHash,
    pub(crate) operator: OperatorId,
    pub(crate) stage: &'a str,
    pub(crate) host: &'a str,
    pub(crate) client: IpAddr,
    pub(crate) authenticated_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) now: Timestamp,
}

impl Store {
    /// Counts a wrong second factor of an operator; disables her authenticators at the ceiling.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: answer with an error, not with "wrong".
    pub async fn operator_code_wrong(
        &self,
        operator: (SubscriberId, &str),
        client: IpAddr,
        policy: &ThrottlePolicy,
        now: Timestamp,
    ) -> Result<Throttle, StoreError> {
        let (subscriber, name) = operator;
        writing!(self, Kill, c => {
            let throttle =
                challenge::count(c, Counter::Subscriber(subscriber), policy, now).await?;
            let event = |kind| AuditEvent::new(kind).operator(name).client(client);
            let mut events = vec![event(AuditKind::OperatorSignInFailed).reason("code")];
            if throttle.consecutive >= policy.disable_at {
                let disabled = sqlx::query(
                    "UPDATE authenticator SET disabled_at = $2, disabled_by = 'throttle'
                     WHERE subscriber_id = $1 AND removed_at IS NULL AND disabled_at IS NULL",
                )
                .bind(subscriber.0)
                .bind(now.as_millis())
                .execute(&mut *c)
                .await?;
                let disabled = disabled.rows_affected();
                events.extend((0..disabled).map(|_| event(AuditKind::AuthenticatorDisabled)));
            }
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(throttle))
        })
    }

    /// Spends an accepted code and opens the session: the half-way one ends, its id is worthless.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the new id is taken; [`StoreError::Unavailable`],
    /// [`StoreError::Full`].
    pub async fn operator_claim(
        &self,
        accepted: Accepted,
        claim: OperatorClaim<'_>,
    ) -> Result<OperatorPass, StoreError> {
        let now = claim.now;
        writing!(self, PowerCut, c => {
            let Some(who) = half_way(c, &claim.old, claim.host, "password", now).await? else {
                return Ok(End::Rollback(OperatorPass::Gone));
            };
            if let Some(refused) = self.spend(c, &who, &accepted, claim.version, now).await? {
                return Ok(refused);
            }
            end_row(c, who.row, "signed_in", now).await?;
            let session = NewOperatorSession {
                hash: claim.new,
                operator: who.operator,
                stage: "open",
                host: claim.host,
                client: claim.client,
                authenticated_at: now,
                ends_at: claim.ends_at,
                now,
            };
            let opened = session_open(c, &session).await?;
            sqlx::query("UPDATE operator SET last_login_at = $2 WHERE id = $1")
                .bind(who.operator.0)
                .bind(now.as_millis())
                .execute(&mut *c)
                .await?;
            let event = |kind| AuditEvent::new(kind).operator(&who.name).client(claim.client);
            let mut events = vec![event(AuditKind::OperatorSignedIn)];
            if matches!(accepted.spend(), Spend::RecoveryCode(_)) {
                events.push(event(AuditKind::RecoveryCodeUsed));
            }
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(OperatorPass::Open(opened)))
        })
    }

    /// Spends an accepted code inside an open session, whose second factor is fresh from then on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_confirm(
        &self,
        accepted: Accepted,
        session: (&SessionHash, &str),
        version: ThrottleVersion,
        client: IpAddr,
        now: Timestamp,
    ) -> Result<OperatorPass, StoreError> {
        let (hash, host) = session;
        writing!(self, PowerCut, c => {
            let Some(who) = half_way(c, hash, host, "open", now).await? else {
                return Ok(End::Rollback(OperatorPass::Gone));
            };
            if let Some(refused) = self.spend(c, &who, &accepted, version, now).await? {
                return Ok(refused);
            }
            sqlx::query(
                "UPDATE operator_session SET authenticated_at = $2, active_at = $2 WHERE id = $1",
            )
            .bind(who.row.0)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            let event =
                AuditEvent::new(AuditKind::OperatorConfirmed).operator(&who.name).client(client);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(OperatorPass::Open(who.row)))
        })
    }

    async fn spend(
        &self,
        c: &mut Conn,
        who: &HalfWay,
        accepted: &Accepted,
        version: ThrottleVersion,
        now: Timestamp,
    ) -> Result<Option<End<OperatorPass>>, StoreError> {
        if version.counter != Counter::Subscriber(who.subscriber) {
            return Ok(Some(End::Rollback(OperatorPass::Gone)));
        }
        // No app: codes of sealed envelopes are for subscribers.
        let nowhere = AppName::new(OPERATOR_REALM);
        if !claim::spend(c, &nowhere, who.subscriber, accepted.spend(), now).await? {
            let event = AuditEvent::new(AuditKind::CodeReused).operator(&who.name);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            return Ok(Some(End::Commit(OperatorPass::AlreadySpent)));
        }
        if !claim::count_success(c, version, now).await? {
            return Ok(Some(End::Rollback(OperatorPass::Stale)));
        }
        Ok(None)
    }
}

/// Whose live session this is.
struct HalfWay {
    row: OperatorSessionRow,
    operator: OperatorId,
    subscriber: SubscriberId,
    name: String,
}

async fn half_way(
    c: &mut Conn,
    hash: &SessionHash,
    host: &str,
    stage: &str,
    now: Timestamp,
) -> Result<Option<HalfWay>, StoreError> {
    let found = sqlx::query(
        "SELECT v.id, v.operator_id, o.subscriber_id, o.name FROM operator_session v
         JOIN operator o ON o.id = v.operator_id
         WHERE v.hash = $1 AND v.host = $2 AND v.stage = $3 AND v.ended_at IS NULL
           AND v.ends_at > $4 AND o.disabled_at IS NULL AND o.hash IS NOT NULL",
    )
    .bind(&hash.0[..])
    .bind(host)
    .bind(stage)
    .bind(now.as_millis())
    .fetch_optional(&mut *c)
    .await?;
    found
        .map(|found| {
            Ok(HalfWay {
                row: OperatorSessionRow(row::get(&found, "id")?),
                operator: OperatorId(row::get(&found, "operator_id")?),
                subscriber: SubscriberId(row::get(&found, "subscriber_id")?),
                name: row::get(&found, "name")?,
            })
        })
        .transpose()
}

pub(crate) async fn session_open(
    c: &mut Conn,
    new: &NewOperatorSession<'_>,
) -> Result<OperatorSessionRow, StoreError> {
    let opened = sqlx::query(
        "INSERT INTO operator_session (hash, operator_id, stage, host, client, created_at,
                                       authenticated_at, active_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8) RETURNING id",
    )
    .bind(&new.hash.0[..])
    .bind(new.operator.0)
    .bind(new.stage)
    .bind(new.host)
    .bind(new.client.to_string())
    .bind(new.now.as_millis())
    .bind(new.authenticated_at.as_millis())
    .bind(new.ends_at.as_millis())
    .fetch_one(&mut *c)
    .await?;
    Ok(OperatorSessionRow(row::get(&opened, "id")?))
}

pub(crate) async fn end_row(
    c: &mut Conn,
    row: OperatorSessionRow,
    why: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let ended = sqlx::query(
        "UPDATE operator_session SET ended_at = $2, ended_why = $3, seed = NULL, password = NULL
         WHERE id = $1 AND ended_at IS NULL",
    )
    .bind(row.0)
    .bind(now.as_millis())
    .bind(why)
    .execute(&mut *c)
    .await?;
    Ok(ended.rows_affected() == 1)
}
