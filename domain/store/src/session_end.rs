//! Ending sessions: the one place where a session's key is destroyed and every node is told.
//!
//! Always inside somebody else's transaction; never decides who is to be ended.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{DeviceId, EmergencyId, SessionRow, SubscriberId};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::device_end;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::own_setup;
use crate::pools::Conn;
use crate::row;

/// Which sessions to end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    /// This one, whatever its state.
    Row(SessionRow),
    /// Every verified one of this subscriber; her remembered devices are forgotten with them.
    Subscriber(SubscriberId),
    /// Every verified one that began under this exception.
    Emergency(EmergencyId),
    /// Every verified one that this remembered device opened.
    Device(DeviceId),
}

/// Ends them, destroys their keys, tells every node and the audit log. Gives how many there were.
pub(crate) async fn end(
    c: &mut Conn,
    keys: &Keys,
    whose: Whose,
    why: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let (sql, id) = match whose {
        Whose::Row(row) => (
            "UPDATE session SET state = 'ended', ended_at = $2, ended_why = $3, jar_key = NULL,
                    jar = NULL, bound = $4, epoch = epoch + 1
             WHERE id = $1 AND state <> 'ended'
             RETURNING id, hash, app, subscriber_id",
            row.0,
        ),
        Whose::Subscriber(subscriber) => (
            "UPDATE session SET state = 'ended', ended_at = $2, ended_why = $3, jar_key = NULL,
                    jar = NULL, bound = $4, epoch = epoch + 1
             WHERE subscriber_id = $1 AND state = 'verified'
             RETURNING id, hash, app, subscriber_id",
            subscriber.0,
        ),
        Whose::Emergency(emergency) => (
            "UPDATE session SET state = 'ended', ended_at = $2, ended_why = $3, jar_key = NULL,
                    jar = NULL, bound = $4, epoch = epoch + 1
             WHERE emergency_id = $1 AND state = 'verified'
             RETURNING id, hash, app, subscriber_id",
            emergency.0,
        ),
        Whose::Device(device) => (
            "UPDATE session SET state = 'ended', ended_at = $2, ended_why = $3, jar_key = NULL,
                    jar = NULL, bound = $4, epoch = epoch + 1
             WHERE device_id = $1 AND state = 'verified'
             RETURNING id, hash, app, subscriber_id",
            device.0,
        ),
    };
    if let Whose::Subscriber(subscriber) = whose {
        device_end::forget_all(c, keys, subscriber, why, now).await?;
    }
    end_where(c, keys, sql, id, why, now).await
}

/// Ends verified sessions of anybody, at most so many. Gives how many there were.
pub(crate) async fn end_some(
    c: &mut Conn,
    keys: &Keys,
    at_most: i64,
    why: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "UPDATE session SET state = 'ended', ended_at = $2, ended_why = $3, jar_key = NULL,
                      jar = NULL, bound = $4, epoch = epoch + 1
               WHERE id IN (SELECT id FROM session WHERE state = 'verified' LIMIT $1)
               RETURNING id, hash, app, subscriber_id";
    end_where(c, keys, sql, at_most, why, now).await
}

async fn end_where(
    c: &mut Conn,
    keys: &Keys,
    sql: &'static str,
    first: i64,
    why: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ended = sqlx::query(sql)
        .bind(first)
        .bind(now.as_millis())
        .bind(why)
        .bind(&b""[..])
        .fetch_all(&mut *c)
        .await?;
    let mut events = Vec::with_capacity(ended.len());
    for one in &ended {
        sqlx::query("DELETE FROM delivery WHERE session_id = $1")
            .bind(row::get::<i64>(one, "id")?)
            .execute(&mut *c)
            .await?;
        let ended = SessionRow(row::get(one, "id")?);
        own_setup::forget(c, ended).await?;
        revoke(c, ended, now).await?;
        events.push(told(one, AuditKind::SessionEnded)?.reason(why));
    }
    audit::append(c, keys, &events, now).await?;
    Ok(ended.len() as u64)
}

/// Ends a pending session whose part is played. Quietly: whatever took its place is what gets
/// audited.
pub(crate) async fn supersede(
    c: &mut Conn,
    pending: SessionRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE session SET state = 'ended', ended_at = $2, ended_why = 'superseded',
                superseded_at = $2, jar = NULL, epoch = epoch + 1
         WHERE id = $1 AND state = 'pending'",
    )
    .bind(pending.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// Has every node look at the session anew. Always one row, never "all of hers" (which the table
/// could say too): a session that she opens before a node reads of it is not meant.
pub(crate) async fn revoke(
    c: &mut Conn,
    session: SessionRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO revocation (session_id, at) VALUES ($1, $2)")
        .bind(session.0)
        .bind(now.as_millis())
        .execute(&mut *c)
        .await?;
    Ok(())
}

/// An event about the session of a row with its hash, app and subscriber.
pub(crate) fn told(one: &SqliteRow, kind: AuditKind) -> Result<AuditEvent, StoreError> {
    Ok(audit::about(one, kind)?.session(row::hash(one, "hash")?))
}
