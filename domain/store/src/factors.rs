//! Giving a subscriber an authenticator and taking her factors away; whether a row is a person.
//!
//! Always inside somebody else's transaction: an enrolment, a set-up, a reset
//! ([`operator`](crate::operator)), a merge ([`merge`](crate::merge)). Never decides who has them.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::challenge::FirstCode;
use anteroom_core::ids::SubscriberId;
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::time::Timestamp;

use crate::attempt;
use crate::audit;
use crate::challenge::secret_place;
use crate::enrolment_code;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::open::Inner;
use crate::operator::throttles_clear;
use crate::paper::Paper;
use crate::pools::Conn;
use crate::recovery;
use crate::row;
use crate::session_end::{self, Whose};
use crate::temporary_code;

/// Whether this row is a person whom operators help: not an operator's own factors, and not a name
/// that only leads to somebody else.
pub(crate) async fn is_person(c: &mut Conn, id: SubscriberId) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "SELECT 1 FROM subscriber WHERE id = $1 AND realm <> $2 AND merged_into IS NULL",
    )
    .bind(id.0)
    .bind(OPERATOR_REALM)
    .fetch_optional(&mut *c)
    .await?;
    Ok(found.is_some())
}

/// Resets a subscriber of any realm; `false` when there is none.
pub(crate) async fn reset(
    c: &mut Conn,
    keys: &Keys,
    id: SubscriberId,
    paper: &Paper<'_>,
) -> Result<bool, StoreError> {
    let known = sqlx::query("SELECT 1 FROM subscriber WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *c)
        .await?;
    if known.is_none() {
        return Ok(false);
    }
    throttles_clear(c, id, paper.now).await?;
    let events = paper.events(AuditKind::SubscriberReset, Some(id));
    take_away(c, keys, id, paper, events, "reset").await?;
    Ok(true)
}

/// Takes everything away with which this subscriber could be proved: authenticators (their seeds
/// are destroyed, their rows stay as history), recovery codes, open enrolment and temporary codes,
/// sessions, held attempts. From now on an enrolment needs a code (attack D15). Writes `events`,
/// and beside them what was taken.
pub(crate) async fn take_away(
    c: &mut Conn,
    keys: &Keys,
    id: SubscriberId,
    paper: &Paper<'_>,
    mut events: Vec<AuditEvent>,
    why: &str,
) -> Result<(), StoreError> {
    let now = paper.now;
    sqlx::query(
        "UPDATE subscriber SET enrolled_at = NULL, was_reset = 1, stolen_notice_at = NULL
         WHERE id = $1",
    )
    .bind(id.0)
    .execute(&mut *c)
    .await?;
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
    let gone = || paper.event(AuditKind::AuthenticatorRemoved).subscriber(id);
    events.extend((0..removed.rows_affected()).map(|_| gone()));
    audit::append(c, keys, &events, now).await?;
    session_end::end(c, keys, Whose::Subscriber(id), why, now).await?;
    Ok(())
}

/// A TOTP authenticator whose first code was right.
pub(crate) struct NewTotp<'a> {
    pub(crate) subscriber: SubscriberId,
    pub(crate) label: &'a str,
    pub(crate) proof: &'a str,
    pub(crate) seed: &'a [u8],
    pub(crate) first: &'a FirstCode,
    pub(crate) now: Timestamp,
}

/// Adds an authenticator in the transaction that `c` is in, its seed sealed for its row.
pub(crate) async fn totp_add(
    c: &mut Conn,
    inner: &Inner,
    new: &NewTotp<'_>,
) -> Result<(), StoreError> {
    let step = i64::try_from(new.first.step().0)
        .map_err(|_| StoreError::corrupt("authenticator", "last_step", 0))?;
    let added = sqlx::query(
        "INSERT INTO authenticator (subscriber_id, kind, label, proof, secret, last_step,
                                    enrolled_at)
         VALUES ($1, 'totp', $2, $3, $4, $5, $6) RETURNING id",
    )
    .bind(new.subscriber.0)
    .bind(new.label)
    .bind(new.proof)
    .bind(&b""[..])
    .bind(step)
    .bind(new.now.as_millis())
    .fetch_one(&mut *c)
    .await?;
    let id: i64 = row::get(&added, "id")?;
    // Sealed with the row's id as associated data, which is known only now.
    sqlx::query("UPDATE authenticator SET secret = $2 WHERE id = $1")
        .bind(id)
        .bind(inner.seal(secret_place(id), new.seed)?)
        .execute(&mut *c)
        .await?;
    Ok(())
}

/// Adds codes by mail as an authenticator: there is nothing to keep but that it is one.
pub(crate) async fn email_add(
    c: &mut Conn,
    inner: &Inner,
    subscriber: SubscriberId,
    (label, proof): (&str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    let added = sqlx::query(
        "INSERT INTO authenticator (subscriber_id, kind, label, proof, secret, enrolled_at)
         VALUES ($1, 'email', $2, $3, $4, $5) RETURNING id",
    )
    .bind(subscriber.0)
    .bind(label)
    .bind(proof)
    .bind(&b""[..])
    .bind(now.as_millis())
    .fetch_one(&mut *c)
    .await?;
    let id: i64 = row::get(&added, "id")?;
    sqlx::query("UPDATE authenticator SET secret = $2 WHERE id = $1")
        .bind(id)
        .bind(inner.seal(secret_place(id), b"")?)
        .execute(&mut *c)
        .await?;
    Ok(())
}
