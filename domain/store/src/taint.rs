//! The taint: committed before a credential leaves, read without a cache (DESIGN rule 3,
//! DESIGN-CASES 1).
//!
//! No row, no login: when this cannot be written, the password is not sent. A taint is never taken
//! back here; only [`claim`](crate::claim) gives the browser a session that is clean.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AppName, SessionHash, SessionRow};
use anteroom_core::time::Timestamp;

use crate::attempt;
use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::row;

/// Values looked up at a time: one statement text, padded.
const VALUES_AT_ONCE: usize = 16;

/// The name as it was typed, bytes kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedIdentity {
    /// The tenant; empty where the app has none.
    pub tenant: String,
    /// The name.
    pub name: String,
}

/// A credential that is about to go upstream.
#[derive(Clone, Copy)]
pub struct Taint<'a> {
    /// Our id of the session it goes with.
    pub session: SessionHash,
    /// The app.
    pub app: &'a AppName,
    /// Hashes of every upstream session value that goes with it.
    pub values: &'a [[u8; 32]],
    /// Who it claims to be.
    pub typed: &'a TypedIdentity,
    /// The upstream jar it goes with, sealed by the gateway.
    pub jar: &'a [u8],
    /// From where.
    pub client: IpAddr,
    /// The end of the taint. Not before the anonymous cookie of this id expires, nor before a
    /// session that the upstream may open for these values does: what is swept counts as clean
    /// again.
    pub expires_at: Timestamp,
    /// Now.
    pub now: Timestamp,
}

impl Store {
    /// Taints a session and the values that go with it. When this returns, the taint outlives `kill
    /// -9` and every other reader sees it. An answer held for this very id is thrown away: its jar
    /// is being used again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for the id of a verified or ended session, of one whose jar a
    /// pending session took over, or of another app's: taint a fresh id.
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: do not send the password.
    pub async fn login_taint(&self, taint: Taint<'_>) -> Result<SessionRow, StoreError> {
        let now = taint.now;
        writing!(self, Kill, c => {
            let id = tainted_row(c, &taint).await?;
            attempt::end_of_pending(c, id, now).await?;
            values_taint(c, id, taint.values).await?;
            let event = AuditEvent::new(AuditKind::LoginTainted)
                .session(taint.session)
                .app(taint.app)
                .client(taint.client);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(id))
        })
    }

    /// Taints more values of a tainted session: those that the exchange has set.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: drop the answer.
    pub async fn taint_values_add(
        &self,
        row: SessionRow,
        values: &[[u8; 32]],
    ) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            values_taint(c, row, values).await?;
            Ok(End::Commit(()))
        })
    }

    /// Whether an unverified request with this id and these upstream values must not go upstream
    /// with them. Never cached. An anonymous session has no row, so any row under its id means that
    /// it is none any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: then it must not go either.
    pub async fn tainted(
        &self,
        session: &SessionHash,
        values: &[[u8; 32]],
    ) -> Result<bool, StoreError> {
        reading!(self, c => {
            let mut chunks = values.chunks(VALUES_AT_ONCE);
            let mut chunk = chunks.next().unwrap_or_default();
            loop {
                if tainted_among(c, session, chunk).await? {
                    return Ok(true);
                }
                match chunks.next() {
                    Some(next) => chunk = next,
                    None => return Ok(false),
                }
            }
        })
    }

    /// Keeps the jar of a tainted session as a failed login's answer left it. `false` when it is
    /// not tainted any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn tainted_jar_put(&self, row: SessionRow, jar: &[u8]) -> Result<bool, StoreError> {
        writing!(self, Kill, c => {
            let put = sqlx::query("UPDATE session SET jar = $2 WHERE id = $1 AND state = 'tainted'")
                .bind(row.0)
                .bind(jar)
                .execute(&mut *c)
                .await?;
            Ok(End::Commit(put.rows_affected() == 1))
        })
    }
}

async fn tainted_row(c: &mut Conn, taint: &Taint<'_>) -> Result<SessionRow, StoreError> {
    let row = sqlx::query(
        "INSERT INTO session (hash, app, state, created_at, active_at, ends_at, jar,
                              typed_tenant, typed_name)
         VALUES ($1, $2, 'tainted', $3, $3, $4, $5, $6, $7)
         ON CONFLICT (hash) DO UPDATE
         SET state = 'tainted', jar = $5, typed_tenant = $6, typed_name = $7,
             ends_at = CASE WHEN session.ends_at > $4 THEN session.ends_at ELSE $4 END
         WHERE session.state IN ('tainted', 'pending') AND session.app = $2
           AND session.superseded_at IS NULL
         RETURNING id",
    )
    .bind(&taint.session.0[..])
    .bind(taint.app.as_str())
    .bind(taint.now.as_millis())
    .bind(taint.expires_at.as_millis())
    .bind(taint.jar)
    .bind(&taint.typed.tenant)
    .bind(&taint.typed.name)
    .fetch_optional(&mut *c)
    .await?;
    match row {
        Some(row) => Ok(SessionRow(row::get(&row, "id")?)),
        None => Err(StoreError::Conflict {
            constraint: "session_taintable".to_owned(),
        }),
    }
}

async fn values_taint(
    c: &mut Conn,
    session: SessionRow,
    values: &[[u8; 32]],
) -> Result<(), StoreError> {
    for value in values {
        sqlx::query(
            "INSERT INTO taint_value (value, session_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(&value[..])
        .bind(session.0)
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

async fn tainted_among(
    c: &mut Conn,
    session: &SessionHash,
    values: &[[u8; 32]],
) -> Result<bool, StoreError> {
    // Two texts, so that the usual one or two values do not cost sixteen look-ups.
    let (sql, places) = if values.len() <= 2 {
        (
            "SELECT EXISTS (SELECT 1 FROM session WHERE hash = $1)
                 OR EXISTS (SELECT 1 FROM taint_value WHERE value IN ($2, $3)) AS tainted",
            2,
        )
    } else {
        (
            "SELECT EXISTS (SELECT 1 FROM session WHERE hash = $1)
                 OR EXISTS (SELECT 1 FROM taint_value WHERE value IN
                    ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17))
                 AS tainted",
            VALUES_AT_ONCE,
        )
    };
    let mut query = sqlx::query(sql).bind(&session.0[..]);
    // Padded with our own hash, which is no hash of an upstream value.
    for place in 0..places {
        query = query.bind(values.get(place).map_or(&session.0[..], |value| &value[..]));
    }
    row::get(&query.fetch_one(&mut *c).await?, "tainted")
}
