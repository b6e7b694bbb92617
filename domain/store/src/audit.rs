//! The audit log: appending to the hash chain, its keyed head, and its newest rows.
//!
//! A row's hash covers the hash of the row before it; the head is kept under a key that is not in
//! the database, so that a cut tail is found too (attack E07). What is recorded, and that no secret
//! is, is `anteroom-core`'s `audit`. The walk over the whole chain:
//! [`audit_verify`](crate::audit_verify).

use std::fmt;
use std::str::FromStr;

use anteroom_core::audit::{AuditEvent, AuditKind, clean_text};
use anteroom_core::ids::{AppName, SubscriberId};
use anteroom_core::reference::Reference;
use anteroom_core::time::Timestamp;
use data_encoding::HEXLOWER;
use ring::digest;
use sqlx::sqlite::SqliteRow;

use crate::error::StoreError;
use crate::keys::{Keys, Purpose};
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::{reference, row, told};

/// The hash before the first row.
pub(crate) const GENESIS: [u8; 32] = [0; 32];

/// The newest row's number and hash, under the audit key.
///
/// Its text form (`Display`, `FromStr`) is one line without secrets: keep it outside the database,
/// so that even a restored older copy of the whole file is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditHead {
    /// The number of the newest row; 0 before the first.
    pub seq: i64,
    /// Its hash.
    pub hash: [u8; 32],
    /// Which key made the MAC.
    pub key_id: u32,
    /// HMAC-SHA256 over number and hash.
    pub mac: [u8; 32],
}

/// One row of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    /// Its number: 1, 2, 3 …
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: AuditEvent,
    /// Its place in the chain.
    pub hash: [u8; 32],
}

impl Store {
    /// Appends events that accompany no other change of the store.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the head was tampered with: the chain is not continued over a
    /// break.
    pub async fn audit_append(
        &self,
        events: &[AuditEvent],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            append(c, &self.inner.keys, events, now).await?;
            Ok(End::Commit(()))
        })
    }

    /// The newest `n` rows, newest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row cannot be read as one of ours.
    pub async fn audit_tail(&self, n: u32) -> Result<Vec<AuditRow>, StoreError> {
        let rows = reading!(self, c => {
            sqlx::query("SELECT * FROM audit ORDER BY seq DESC LIMIT $1")
                .bind(i64::from(n))
                .fetch_all(&mut *c)
                .await
        })?;
        rows.iter().map(decode).collect()
    }

    /// The newest `n` rows about one subscriber, newest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row cannot be read as one of ours.
    pub async fn audit_of_subscriber(
        &self,
        subscriber: SubscriberId,
        n: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let rows = reading!(self, c => {
            sqlx::query(
                "SELECT * FROM audit WHERE subscriber_id = $1
                 ORDER BY at DESC, seq DESC LIMIT $2",
            )
                .bind(subscriber.0)
                .bind(i64::from(n))
                .fetch_all(&mut *c)
                .await
        })?;
        rows.iter().map(decode).collect()
    }

    /// Up to `n` rows after number `seq`, oldest first: for exports, page by page.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row cannot be read as one of ours.
    pub async fn audit_after(&self, seq: i64, n: u32) -> Result<Vec<AuditRow>, StoreError> {
        let rows = reading!(self, c => page_after(c, seq, n).await)?;
        rows.iter().map(decode).collect()
    }

    /// The head of the log as it is now.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is not under one of our keys.
    pub async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        reading!(self, c => head(c, &self.inner.keys).await)
    }
}

/// Appends `events` in the transaction that `c` is in.
///
/// The head is checked before it is replaced: otherwise our own next append would sign a cut log.
pub(crate) async fn append(
    c: &mut Conn,
    keys: &Keys,
    events: &[AuditEvent],
    now: Timestamp,
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let head = head(c, keys).await?;
    append_after(c, keys, head, events, now).await
}

/// Appends the first events of a new database. Only there may the log be empty: opening writes its
/// first row, so a log without rows, or without a head, was emptied.
pub(crate) async fn begin(
    c: &mut Conn,
    keys: &Keys,
    events: &[AuditEvent],
    now: Timestamp,
) -> Result<(), StoreError> {
    append_after(c, keys, AuditHead::before_the_first(keys), events, now).await
}

async fn append_after(
    c: &mut Conn,
    keys: &Keys,
    head: AuditHead,
    events: &[AuditEvent],
    now: Timestamp,
) -> Result<(), StoreError> {
    let AuditHead {
        mut seq, mut hash, ..
    } = head;
    told::queue(c, seq.saturating_add(1), events, now).await?;
    for event in events {
        let mut event = event.clone();
        event.reference = event.reference.or_else(reference::current);
        seq += 1;
        hash = chained(&hash, &event, seq, now);
        sqlx::query(
            "INSERT INTO audit (seq, at, kind, subscriber_id, app, session, client, operator,
                                reason, hash, reference)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(seq)
        .bind(now.as_millis())
        .bind(event.kind.name())
        .bind(event.subscriber.map(|id| id.0))
        .bind(event.app.as_ref().map(AppName::as_str))
        .bind(event.session.as_ref().map(|session| &session.0[..]))
        .bind(event.client.map(|client| client.to_string()))
        .bind(event.operator.as_deref().map(clean_text))
        .bind(event.reason.as_deref().map(clean_text))
        .bind(&hash[..])
        .bind(event.reference.as_ref().map(Reference::as_str))
        .execute(&mut *c)
        .await?;
    }
    let (key_id, mac) = keys.mac(Purpose::AuditAnchor, &[&seq.to_be_bytes(), &hash]);
    sqlx::query(
        "INSERT INTO audit_anchor (id, seq, hash, key_id, mac) VALUES (1, $1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET seq = $1, hash = $2, key_id = $3, mac = $4",
    )
    .bind(seq)
    .bind(&hash[..])
    .bind(i64::from(key_id))
    .bind(&mac[..])
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// SHA-256 over the hash before and the event's canonical bytes.
pub(crate) fn chained(before: &[u8; 32], event: &AuditEvent, seq: i64, at: Timestamp) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(before);
    context.update(&event.canonical_bytes(seq, at));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The head, checked: under our key, and the number and hash of the newest row.
pub(crate) async fn head(c: &mut Conn, keys: &Keys) -> Result<AuditHead, StoreError> {
    let corrupt = || StoreError::corrupt("audit_anchor", "mac", 1);
    let newest = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut *c)
        .await?;
    match (anchor(c).await?, newest) {
        (Some(head), Some(newest))
            if head.holds(keys)
                && head.seq == row::get::<i64>(&newest, "seq")?
                && head.hash == row::bytes(&newest, "hash")? =>
        {
            Ok(head)
        }
        _ => Err(corrupt()),
    }
}

/// The anchor as it stands in the table, unchecked.
pub(crate) async fn anchor(c: &mut Conn) -> Result<Option<AuditHead>, StoreError> {
    let stored = sqlx::query("SELECT seq, hash, key_id, mac FROM audit_anchor WHERE id = 1")
        .fetch_optional(&mut *c)
        .await?;
    stored.as_ref().map(head_of).transpose()
}

/// A head, or a base, from its columns.
pub(crate) fn head_of(stored: &SqliteRow) -> Result<AuditHead, StoreError> {
    Ok(AuditHead {
        seq: row::get(stored, "seq")?,
        hash: row::bytes(stored, "hash")?,
        key_id: row::count(stored, "key_id")?,
        mac: row::bytes(stored, "mac")?,
    })
}

pub(crate) async fn page_after(
    c: &mut Conn,
    seq: i64,
    n: u32,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    sqlx::query("SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(i64::from(n))
        .fetch_all(&mut *c)
        .await
}

/// An event about the app and the subscriber that a row of any table names.
pub(crate) fn about(one: &SqliteRow, kind: AuditKind) -> Result<AuditEvent, StoreError> {
    let mut event = AuditEvent::new(kind).app(&AppName::new(row::get(one, "app")?));
    event.subscriber = row::get::<Option<i64>>(one, "subscriber_id")?.map(SubscriberId);
    Ok(event)
}

/// Reads a row back into the event it was written from.
pub(crate) fn decode(stored: &SqliteRow) -> Result<AuditRow, StoreError> {
    let seq: i64 = row::get(stored, "seq")?;
    let kind = AuditKind::from_name(row::get(stored, "kind")?)
        .ok_or_else(|| StoreError::corrupt("audit", "kind", seq))?;
    let client: Option<&str> = row::get(stored, "client")?;
    let client = client
        .map(|client| {
            client
                .parse()
                .map_err(|_| StoreError::corrupt("audit", "client", seq))
        })
        .transpose()?;
    let session = row::bytes_maybe(stored, "session")?.map(anteroom_core::ids::SessionHash);
    let event = AuditEvent {
        kind,
        subscriber: row::get::<Option<i64>>(stored, "subscriber_id")?.map(SubscriberId),
        app: row::get::<Option<&str>>(stored, "app")?.map(AppName::new),
        session,
        client,
        operator: row::get(stored, "operator")?,
        reason: row::get(stored, "reason")?,
        reference: stored_reference(stored, "audit", seq)?,
    };
    Ok(AuditRow {
        seq,
        at: row::at(stored, "at")?,
        event,
        hash: row::bytes(stored, "hash")?,
    })
}

/// The reference in a row of `table`. One in another spelling is none of ours: its bytes in the
/// chain would be those of another.
pub(crate) fn stored_reference(
    stored: &SqliteRow,
    table: &'static str,
    id: i64,
) -> Result<Option<Reference>, StoreError> {
    let Some(text) = row::get::<Option<&str>>(stored, "reference")? else {
        return Ok(None);
    };
    let found = Reference::parse(text).filter(|found| found.as_str() == text);
    let found = found.ok_or_else(|| StoreError::corrupt(table, "reference", id))?;
    Ok(Some(found))
}

impl AuditHead {
    pub(crate) fn before_the_first(keys: &Keys) -> Self {
        let (key_id, mac) = keys.mac(Purpose::AuditAnchor, &[&0_i64.to_be_bytes(), &GENESIS]);
        Self {
            seq: 0,
            hash: GENESIS,
            key_id,
            mac,
        }
    }

    /// Whether the MAC is ours.
    pub(crate) fn holds(&self, keys: &Keys) -> bool {
        let parts: [&[u8]; 2] = [&self.seq.to_be_bytes(), &self.hash];
        keys.mac_holds(self.key_id, Purpose::AuditAnchor, &parts, &self.mac)
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hash, mac) = (HEXLOWER.encode(&self.hash), HEXLOWER.encode(&self.mac));
        write!(
            f,
            "anteroom-audit-head:{}:{hash}:{}:{mac}",
            self.seq, self.key_id
        )
    }
}

/// The text is not a head of an audit log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not the head of an audit log, as `audit head` prints it")]
pub struct NotAHead;

impl FromStr for AuditHead {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let bytes = |hex: &str| {
            HEXLOWER
                .decode(hex.as_bytes())
                .ok()
                .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        };
        let mut parts = text.trim().split(':');
        let mut next = || parts.next().ok_or(NotAHead);
        if next()? != "anteroom-audit-head" {
            return Err(NotAHead);
        }
        let head = Self {
            seq: next()?.parse().map_err(|_| NotAHead)?,
            hash: bytes(next()?).ok_or(NotAHead)?,
            key_id: next()?.parse().map_err(|_| NotAHead)?,
            mac: bytes(next()?).ok_or(NotAHead)?,
        };
        if parts.next().is_some() {
            Err(NotAHead)
        } else {
            Ok(head)
        }
    }
}
