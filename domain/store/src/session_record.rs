//! One session as it is remembered, read from its row. Holds no query: see
//! [`session`](crate::session).

use std::fmt;

use anteroom_core::ids::{AppName, EmergencyId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::session::Verified;
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::error::StoreError;
use crate::open::Inner;
use crate::row;
use crate::seal::{self, Place};
use crate::taint::TypedIdentity;

/// What a row is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum StoredState {
    /// A credential went upstream with it.
    Tainted,
    /// It was sent to the challenge.
    Pending,
    /// A code was claimed for it, or it was let through marked single-factor.
    Verified,
    /// Over; its key is destroyed.
    Ended,
}

impl StoredState {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "tainted" => Some(Self::Tainted),
            "pending" => Some(Self::Pending),
            "verified" => Some(Self::Verified),
            "ended" => Some(Self::Ended),
            _ => None,
        }
    }
}

/// All that is remembered of a session. Redacted `Debug`.
#[derive(Clone)]
pub struct SessionRecord {
    /// The row; stays when the id is rotated.
    pub row: SessionRow,
    /// The hash of the id as it is now; another than the one asked for when that one was rotated
    /// away.
    pub hash: SessionHash,
    /// The app it belongs to. An id counts nowhere else.
    pub app: AppName,
    /// What it is.
    pub state: StoredState,
    /// Whose, once claimed.
    pub subscriber: Option<SubscriberId>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// The last second factor; 1970 before the first, which counts as stale everywhere.
    pub authenticated_at: Timestamp,
    /// The last activity that was written; up to one batch (30 s) behind.
    pub active_at: Timestamp,
    /// The overall end.
    pub ends_at: Timestamp,
    /// Locked other than by idleness.
    pub locked: bool,
    /// The key of the app's sealed cookies; `None` unless verified.
    pub jar_key: Option<[u8; 32]>,
    /// As the gateway sealed it: of a tainted session the upstream jar, of a verified one the
    /// values too large for a cookie.
    pub jar: Option<Vec<u8>>,
    /// What was typed at the login that tainted it.
    pub typed: Option<TypedIdentity>,
    /// Hashes of the bound values it was given, oldest first.
    pub bound: Vec<[u8; 32]>,
    /// RFC 8176 values, separated by spaces.
    pub amr: String,
    /// Let through without a second factor, by policy or by an exception.
    pub single_factor: bool,
    /// The exception under which it began, and with which it ends.
    pub emergency: Option<EmergencyId>,
    /// When another id took over: from then on this one has its old rights, for seconds. The times
    /// and the lock above are then the old ones.
    pub superseded_by_rotation_at: Option<Timestamp>,
    /// The path at which a held answer waits to be taken.
    pub delivery: Option<String>,
    /// Raised by lock, unlock and end.
    pub epoch: i64,
}

impl SessionRecord {
    /// Its age as `anteroom-core` judges it; `None` unless verified.
    #[must_use]
    pub fn verified(&self) -> Option<Verified> {
        (self.state == StoredState::Verified).then_some(Verified {
            authenticated_at: self.authenticated_at,
            active_at: self.active_at,
            ends_at: self.ends_at,
            locked: self.locked,
        })
    }
}

impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord")
            .field("row", &self.row)
            .field("hash", &self.hash)
            .field("state", &self.state)
            .field("locked", &self.locked)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

pub(crate) const fn jar_key_place(row: i64) -> Place {
    Place {
        table: "session",
        column: "jar_key",
        row,
    }
}

/// Reads a row of `session` joined with what waits for it and the id it was asked by.
pub(crate) fn decode(inner: &Inner, found: &SqliteRow) -> Result<SessionRecord, StoreError> {
    let id: i64 = row::get(found, "id")?;
    let state = StoredState::from_name(row::get(found, "state")?)
        .ok_or_else(|| StoreError::corrupt("session", "state", id))?;
    let jar_key = row::get::<Option<&[u8]>>(found, "jar_key")?
        .map(|sealed| seal::open_key(&inner.keys, jar_key_place(id), sealed))
        .transpose()?;
    let name: Option<String> = row::get(found, "typed_name")?;
    let tenant: Option<String> = row::get(found, "typed_tenant")?;
    let typed = name.map(|name| TypedIdentity {
        tenant: tenant.unwrap_or_default(),
        name,
    });
    let former_at = row::at_maybe(found, "former_at")?;
    let (authenticated_at, active_at, locked) = if former_at.is_some() {
        (
            row::at(found, "former_authenticated_at")?,
            row::at(found, "former_active_at")?,
            row::get(found, "former_locked")?,
        )
    } else {
        (
            row::at(found, "authenticated_at")?,
            row::at(found, "active_at")?,
            row::at_maybe(found, "locked_at")?.is_some(),
        )
    };
    Ok(SessionRecord {
        row: SessionRow(id),
        hash: row::hash(found, "hash")?,
        app: AppName::new(row::get(found, "app")?),
        state,
        subscriber: row::get::<Option<i64>>(found, "subscriber_id")?.map(SubscriberId),
        created_at: row::at(found, "created_at")?,
        authenticated_at,
        active_at,
        ends_at: row::at(found, "ends_at")?,
        locked,
        jar_key,
        jar: row::get(found, "jar")?,
        typed,
        bound: bound(found)?,
        amr: row::get(found, "amr")?,
        single_factor: row::get(found, "single_factor")?,
        emergency: row::get::<Option<i64>>(found, "emergency_id")?.map(EmergencyId),
        superseded_by_rotation_at: former_at.or(row::at_maybe(found, "superseded_at")?),
        delivery: row::get(found, "delivery_path")?,
        epoch: row::get(found, "epoch")?,
    })
}

fn bound(found: &SqliteRow) -> Result<Vec<[u8; 32]>, StoreError> {
    let stored: &[u8] = row::get(found, "bound")?;
    stored
        .chunks(32)
        .map(|one| <[u8; 32]>::try_from(one).map_err(|_| row::odd("bound")))
        .collect()
}
