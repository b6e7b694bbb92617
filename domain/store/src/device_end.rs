//! How remembered devices end: by their owner, an operator, a theft; and which still count.
//!
//! Whatever ends all sessions of a person forgets her devices with them
//! ([`session_end`](crate::session_end)): a reset, a change of authenticators, a suspension. Never
//! judges a token: `anteroom-core`'s `device` does.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{DeviceId, SubscriberId};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::device::{DeviceView, view};
use crate::error::StoreError;
use crate::keys::Keys;
use crate::open::Store;
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::session_end::{self, Whose};

impl Store {
    /// A spent token came again: the device is forgotten and every session that it opened ends.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn device_stolen(
        &self,
        id: DeviceId,
        client: IpAddr,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        writing!(self, PowerCut, c => {
            let Some(gone) = forget(c, id, None, "stolen", now).await? else {
                return Ok(End::Rollback(()));
            };
            let event = told(&gone, AuditKind::DeviceStolen)?.client(client);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            let keys = &self.inner.keys;
            session_end::end(c, keys, Whose::Device(id), "device_stolen", now).await?;
            Ok(End::Commit(()))
        })
    }

    /// The devices of a person that still count, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn devices_of(
        &self,
        subscriber: SubscriberId,
        now: Timestamp,
    ) -> Result<Vec<DeviceView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT * FROM device WHERE subscriber_id = $1 AND forgotten_at IS NULL
                        AND expires_at > $2 ORDER BY id DESC",
            )
            .bind(subscriber.0)
            .bind(now.as_millis())
            .fetch_all(&mut *c)
            .await?
        });
        found.iter().map(view).collect()
    }

    /// An operator forgets one device of this person and ends the sessions that it opened; `false`
    /// when she has no such device. What she does herself is [`own_act`](crate::own_act)'s.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn device_forget(
        &self,
        subscriber: SubscriberId,
        id: DeviceId,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            let Some(gone) = forget(c, id, Some(subscriber), "forgotten", now).await? else {
                return Ok(End::Rollback(false));
            };
            let device = told(&gone, AuditKind::DeviceForgotten)?;
            let mut events = paper.events(AuditKind::DeviceForgotten, device.subscriber);
            for event in &mut events {
                event.app.clone_from(&device.app);
            }
            audit::append(c, &self.inner.keys, &events, now).await?;
            let keys = &self.inner.keys;
            session_end::end(c, keys, Whose::Device(id), "device_forgotten", now).await?;
            Ok(End::Commit(true))
        })
    }
}

/// One remembered computer of hers is forgotten by herself, in the transaction that `c` is in.
/// Gives what to tell of it; `None` when she has no such one.
pub(crate) async fn forget_own(
    c: &mut Conn,
    id: DeviceId,
    whose: SubscriberId,
    now: Timestamp,
) -> Result<Option<AuditEvent>, StoreError> {
    let gone = forget(c, id, Some(whose), "forgotten", now).await?;
    let told = |gone| told(gone, AuditKind::DeviceForgotten);
    gone.as_ref().map(told).transpose()
}

async fn forget(
    c: &mut Conn,
    id: DeviceId,
    whose: Option<SubscriberId>,
    why: &str,
    now: Timestamp,
) -> Result<Option<SqliteRow>, StoreError> {
    let gone = sqlx::query(
        "UPDATE device SET forgotten_at = $2, forgotten_why = $3
         WHERE id = $1 AND forgotten_at IS NULL AND ($4 IS NULL OR subscriber_id = $4)
         RETURNING subscriber_id, app, label",
    )
    .bind(id.0)
    .bind(now.as_millis())
    .bind(why)
    .bind(whose.map(|id| id.0))
    .fetch_optional(&mut *c)
    .await?;
    Ok(gone)
}

/// Forgets every device of a person, in the transaction that `c` is in.
pub(crate) async fn forget_all(
    c: &mut Conn,
    keys: &Keys,
    whose: SubscriberId,
    why: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE device SET forgotten_at = $2, forgotten_why = $3
               WHERE subscriber_id = $1 AND forgotten_at IS NULL
               RETURNING subscriber_id, app, label";
    forget_where(c, keys, sql, whose.0, why, now).await?;
    Ok(())
}

/// Forgets devices of anybody, at most so many. Gives how many there were.
pub(crate) async fn forget_some(
    c: &mut Conn,
    keys: &Keys,
    at_most: i64,
    why: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "UPDATE device SET forgotten_at = $2, forgotten_why = $3
               WHERE id IN (SELECT id FROM device WHERE forgotten_at IS NULL LIMIT $1)
               RETURNING subscriber_id, app, label";
    forget_where(c, keys, sql, at_most, why, now).await
}

async fn forget_where(
    c: &mut Conn,
    keys: &Keys,
    sql: &'static str,
    first: i64,
    why: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let gone = sqlx::query(sql)
        .bind(first)
        .bind(now.as_millis())
        .bind(why)
        .fetch_all(&mut *c)
        .await?;
    let told = |one| Ok(told(one, AuditKind::DeviceForgotten)?.reason(why));
    let events: Vec<_> = gone.iter().map(told).collect::<Result<_, StoreError>>()?;
    audit::append(c, keys, &events, now).await?;
    Ok(gone.len() as u64)
}

fn told(gone: &SqliteRow, kind: AuditKind) -> Result<AuditEvent, StoreError> {
    let label: String = row::get(gone, "label")?;
    Ok(audit::about(gone, kind)?.reason(&label))
}
