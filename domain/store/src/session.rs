//! Session records: found by the hash of the cookie's id, touched in batches, locked, followed by
//! every node.
//!
//! Never judges age (`anteroom-core`'s `session`) and never makes a verified session:
//! [`claim`](crate::claim) and [`release`](crate::release) do. A tainted row comes from
//! [`taint`](crate::taint).

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{AppName, SessionHash, SessionRow, SubscriberId};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::session_end::{self, Whose};
use crate::session_record::{self, SessionRecord};

/// The most bound values that are kept; the oldest goes first (DESIGN-CASES 19).
pub const BOUND_VALUES: usize = 16;

/// Rows touched in one statement: short enough that no sign-in waits long behind it.
const TOUCHED_AT_ONCE: usize = 128;

/// A verified session as an operator or its owner sees it in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionSummary {
    /// Which.
    pub row: SessionRow,
    /// Its id's hash.
    pub hash: SessionHash,
    /// Where.
    pub app: AppName,
    /// When it began.
    pub created_at: Timestamp,
    /// The last second factor.
    pub authenticated_at: Timestamp,
    /// The last activity written.
    pub active_at: Timestamp,
    /// The overall end.
    pub ends_at: Timestamp,
    /// Locked other than by idleness.
    pub locked: bool,
    /// Let through without a second factor.
    pub single_factor: bool,
    /// RFC 8176 values, separated by spaces.
    pub amr: String,
}

/// One entry of the sequence that every node follows: what it names has ended or was locked, which
/// the record tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Revocation {
    /// Its place in the sequence.
    pub seq: i64,
    /// The session.
    pub row: SessionRow,
}

impl Store {
    /// Finds a session by the hash of its id, or of one it had until it was rotated. One query.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its key was not sealed for this row;
    /// [`StoreError::Unavailable`].
    pub async fn session_find(
        &self,
        hash: &SessionHash,
    ) -> Result<Option<SessionRecord>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT s.*, d.path AS delivery_path, f.superseded_at AS former_at,
                        f.authenticated_at AS former_authenticated_at,
                        f.active_at AS former_active_at, f.locked AS former_locked
                 FROM session s
                 LEFT JOIN delivery d ON d.session_id = s.id
                 LEFT JOIN session_former f ON f.session_id = s.id AND f.hash = $1
                 WHERE s.hash = $1
                    OR s.id = (SELECT session_id FROM session_former WHERE hash = $1)",
            )
            .bind(&hash.0[..])
            .fetch_optional(&mut *c)
            .await?
        });
        found
            .map(|found| session_record::decode(&self.inner, &found))
            .transpose()
    }

    /// Writes when sessions were last active. Only forward, and only for verified ones; in short
    /// statements, so that a long list delays nobody.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]; what was not written may be written
    /// again.
    pub async fn session_touch_many(
        &self,
        touched: &[(SessionRow, Timestamp)],
    ) -> Result<(), StoreError> {
        for chunk in touched.chunks(TOUCHED_AT_ONCE) {
            writing!(self, Kill, c => {
                for (row, at) in chunk {
                    sqlx::query(
                        "UPDATE session SET active_at = $2
                         WHERE id = $1 AND state = 'verified' AND active_at < $2",
                    )
                    .bind(row.0)
                    .bind(at.as_millis())
                    .execute(&mut *c)
                    .await?;
                }
                Ok(End::Commit(()))
            })?;
        }
        Ok(())
    }

    /// Locks a verified session until a code brings it back. Raises its epoch, which other nodes
    /// see when they read the row; nothing is revoked. `false` when it is not verified or locked
    /// already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn session_lock(&self, row: SessionRow, now: Timestamp) -> Result<bool, StoreError> {
        writing!(self, Kill, c => {
            let locked = sqlx::query(
                "UPDATE session SET locked_at = $2, epoch = epoch + 1
                 WHERE id = $1 AND state = 'verified' AND locked_at IS NULL
                 RETURNING hash, app, subscriber_id",
            )
            .bind(row.0)
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            let Some(locked) = locked else { return Ok(End::Rollback(false)) };
            session_end::revoke(c, row, now).await?;
            let event = session_end::told(&locked, AuditKind::SessionLocked)?;
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(true))
        })
    }

    /// Ends a session: its key is destroyed, every node is told. `why` is a word for the audit log
    /// (`logout`, `age`, `revoked` …). `false` when it had ended or never was.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn session_end(
        &self,
        row: SessionRow,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let keys = &self.inner.keys;
            let ended = session_end::end(c, keys, Whose::Row(row), why, now).await?;
            Ok(End::Commit(ended > 0))
        })
    }

    /// The verified sessions of a subscriber, the latest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sessions_of(
        &self,
        subscriber: SubscriberId,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT id, hash, app, created_at, authenticated_at, active_at, ends_at, locked_at,
                        single_factor, amr
                 FROM session WHERE subscriber_id = $1 AND state = 'verified' ORDER BY id DESC",
            )
            .bind(subscriber.0)
            .fetch_all(&mut *c)
            .await?
        });
        found.iter().map(summary).collect()
    }

    /// Ends every verified session of a subscriber; gives how many there were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn sessions_end_all(
        &self,
        subscriber: SubscriberId,
        why: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        writing!(self, PowerCut, c => {
            let whose = Whose::Subscriber(subscriber);
            let ended = session_end::end(c, &self.inner.keys, whose, why, now).await?;
            Ok(End::Commit(ended))
        })
    }

    /// What has happened after `seq`, oldest first, at most 1000 at a time. Start with
    /// [`revocation_last`](Self::revocation_last).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: from then on the node has not read the sequence (DESIGN-CASES
    /// 22).
    pub async fn revocations_after(&self, seq: i64) -> Result<Vec<Revocation>, StoreError> {
        let found: Vec<(i64, i64)> = reading!(self, c => {
            sqlx::query_as(
                "SELECT seq, session_id FROM revocation
                 WHERE seq > $1 AND session_id IS NOT NULL ORDER BY seq LIMIT 1000",
            )
            .bind(seq)
            .fetch_all(&mut *c)
            .await?
        });
        Ok(found
            .into_iter()
            .map(|(seq, row)| Revocation {
                seq,
                row: SessionRow(row),
            })
            .collect())
    }

    /// The last number of the sequence; 0 when there is none yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn revocation_last(&self) -> Result<i64, StoreError> {
        let last: Option<i64> = reading!(self, c => {
            sqlx::query_scalar("SELECT MAX(seq) FROM revocation").fetch_one(&mut *c).await?
        });
        Ok(last.unwrap_or(0))
    }

    /// Keeps the values of a verified session that are too large for a browser's cookie
    /// (DESIGN-CASES 28), sealed by the gateway. The last writer wins. `false` when it is not
    /// verified.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn session_kept_put(&self, row: SessionRow, kept: &[u8]) -> Result<bool, StoreError> {
        writing!(self, Kill, c => {
            let put = sqlx::query(
                "UPDATE session SET jar = $2 WHERE id = $1 AND state = 'verified'",
            )
            .bind(row.0)
            .bind(kept)
            .execute(&mut *c)
            .await?;
            Ok(End::Commit(put.rows_affected() == 1))
        })
    }

    /// Records that a verified session was given a bound cookie value; call it before the answer
    /// that sets the value leaves. Keeps the [`BOUND_VALUES`] newest. `false` when the session is
    /// not verified.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn session_bind_value(
        &self,
        row: SessionRow,
        value: &[u8; 32],
    ) -> Result<bool, StoreError> {
        writing!(self, Kill, c => {
            let stored: Option<Vec<u8>> =
                sqlx::query_scalar("SELECT bound FROM session WHERE id = $1 AND state = 'verified'")
                    .bind(row.0)
                    .fetch_optional(&mut *c)
                    .await?;
            let Some(stored) = stored else { return Ok(End::Rollback(false)) };
            bound_put(c, row, &with_newest(&stored, value)).await?;
            Ok(End::Commit(true))
        })
    }
}

async fn bound_put(c: &mut Conn, row: SessionRow, bound: &[u8]) -> Result<(), StoreError> {
    sqlx::query("UPDATE session SET bound = $2 WHERE id = $1 AND state = 'verified'")
        .bind(row.0)
        .bind(bound)
        .execute(&mut *c)
        .await?;
    Ok(())
}

/// The list with `value` as its newest entry, once, and no more than [`BOUND_VALUES`].
fn with_newest(stored: &[u8], value: &[u8; 32]) -> Vec<u8> {
    let kept: Vec<&[u8]> = stored
        .chunks_exact(32)
        .filter(|kept| kept != value)
        .collect();
    let drop = (kept.len() + 1).saturating_sub(BOUND_VALUES);
    let mut bound = kept[drop..].concat();
    bound.extend_from_slice(value);
    bound
}

fn summary(found: &SqliteRow) -> Result<SessionSummary, StoreError> {
    Ok(SessionSummary {
        row: SessionRow(row::get(found, "id")?),
        hash: row::hash(found, "hash")?,
        app: AppName::new(row::get(found, "app")?),
        created_at: row::at(found, "created_at")?,
        authenticated_at: row::at(found, "authenticated_at")?,
        active_at: row::at(found, "active_at")?,
        ends_at: row::at(found, "ends_at")?,
        locked: row::at_maybe(found, "locked_at")?.is_some(),
        single_factor: row::get(found, "single_factor")?,
        amr: row::get(found, "amr")?,
    })
}
