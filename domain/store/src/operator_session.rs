//! Sessions of the admin app: found by the hash of the cookie's id, touched, listed, ended.
//!
//! Never opens one: [`operator_sign_in`](crate::operator_sign_in) and
//! [`operator_setup`](crate::operator_setup) do. Role and state of the operator are read anew with
//! every look, so that a demotion counts at once. Idleness is judged by the admin app.

use std::net::IpAddr;

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{OperatorId, OperatorSessionRow, SessionHash, SubscriberId};
use anteroom_core::operator::Role;
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::operator_account::role;
use crate::operator_acts::sessions_end;
use crate::operator_sign_in::end_row;
use crate::paper::Paper;
use crate::pools::{End, reading, writing};
use crate::row;

/// How far a session has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperatorStage {
    /// Choosing password and second factor.
    Setup,
    /// The password was right; the second factor is missing.
    Password,
    /// Both factors passed.
    Open,
}

/// A live session with its operator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperatorSession {
    /// Which.
    pub row: OperatorSessionRow,
    /// Whose.
    pub operator: OperatorId,
    /// Her name.
    pub name: String,
    /// Her role at this moment.
    pub role: Role,
    /// Whose authenticators are hers.
    pub subscriber: SubscriberId,
    /// How far it has come.
    pub stage: OperatorStage,
    /// When it began.
    pub created_at: Timestamp,
    /// The last second factor.
    pub authenticated_at: Timestamp,
    /// The last activity written.
    pub active_at: Timestamp,
    /// The overall end.
    pub ends_at: Timestamp,
    /// From where it was opened.
    pub client: IpAddr,
}

impl Store {
    /// The live session of this id at this host.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn operator_session_find(
        &self,
        hash: &SessionHash,
        host: &str,
        now: Timestamp,
    ) -> Result<Option<OperatorSession>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT v.*, o.name, o.role, o.subscriber_id
                 FROM operator_session v JOIN operator o ON o.id = v.operator_id
                 WHERE v.hash = $1 AND v.host = $2 AND v.ended_at IS NULL AND v.ends_at > $3
                   AND o.disabled_at IS NULL",
            )
            .bind(&hash.0[..])
            .bind(host)
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?
        });
        found.as_ref().map(session).transpose()
    }

    /// An operator's open sessions, the latest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn operator_sessions_of(
        &self,
        operator: OperatorId,
        now: Timestamp,
    ) -> Result<Vec<OperatorSession>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT v.*, o.name, o.role, o.subscriber_id
                 FROM operator_session v JOIN operator o ON o.id = v.operator_id
                 WHERE v.operator_id = $1 AND v.stage = 'open' AND v.ended_at IS NULL
                   AND v.ends_at > $2 ORDER BY v.id DESC",
            )
            .bind(operator.0)
            .bind(now.as_millis())
            .fetch_all(&mut *c)
            .await?
        });
        found.iter().map(session).collect()
    }

    /// Writes when a session was last active. Only forward.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_session_touch(
        &self,
        row: OperatorSessionRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            sqlx::query(
                "UPDATE operator_session SET active_at = $2 WHERE id = $1 AND active_at < $2",
            )
            .bind(row.0)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            Ok(End::Commit(()))
        })
    }

    /// Ends one session: `only_of` names whose it must be, where that matters. `false` when there
    /// is no such live session.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_session_end(
        &self,
        row: OperatorSessionRow,
        only_of: Option<OperatorId>,
        why: &str,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let whose: Option<i64> =
                sqlx::query_scalar("SELECT operator_id FROM operator_session WHERE id = $1")
                    .bind(row.0)
                    .fetch_optional(&mut *c)
                    .await?;
            let fits = whose.is_some_and(|id| only_of.is_none_or(|of| of.0 == id));
            if !fits || !end_row(c, row, why, paper.now).await? {
                return Ok(End::Rollback(false));
            }
            let event = paper.event(AuditKind::OperatorSignedOut).reason(why);
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(true))
        })
    }

    /// Ends all sessions of an operator; gives how many there were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_sessions_end(
        &self,
        operator: OperatorId,
        name: &str,
        paper: &Paper<'_>,
    ) -> Result<u64, StoreError> {
        writing!(self, PowerCut, c => {
            let ended = sessions_end(c, operator, "ended_by_operator", paper.now).await?;
            let event = paper.event(AuditKind::OperatorSignedOut).reason(&format!("all of {name}"));
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(ended))
        })
    }
}

fn session(found: &SqliteRow) -> Result<OperatorSession, StoreError> {
    let stage = match row::get::<&str>(found, "stage")? {
        "setup" => OperatorStage::Setup,
        "password" => OperatorStage::Password,
        "open" => OperatorStage::Open,
        _ => return Err(row::odd("stage")),
    };
    Ok(OperatorSession {
        row: OperatorSessionRow(row::get(found, "id")?),
        operator: OperatorId(row::get(found, "operator_id")?),
        name: row::get(found, "name")?,
        role: role(found)?,
        subscriber: SubscriberId(row::get(found, "subscriber_id")?),
        stage,
        created_at: row::at(found, "created_at")?,
        authenticated_at: row::at(found, "authenticated_at")?,
        active_at: row::at(found, "active_at")?,
        ends_at: row::at(found, "ends_at")?,
        client: row::address(found, "client")?,
    })
}
