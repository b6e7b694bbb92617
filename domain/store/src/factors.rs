//! Taking a subscriber's factors away, and asking whether a row is a person at all.
//!
//! Always inside somebody else's transaction: a reset ([`operator`](crate::operator)), a merge
//! ([`merge`](crate::merge)). Never decides who loses them.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::SubscriberId;
use anteroom_core::operator::OPERATOR_REALM;

use crate::attempt;
use crate::audit;
use crate::enrolment_code;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::operator::throttles_clear;
use crate::paper::Paper;
use crate::pools::Conn;
use crate::recovery;
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
