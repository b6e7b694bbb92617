//! Acts that wait for a second operator: asked by one, decided by another, each once.
//!
//! Never carries the act out: the caller does, with the decider's name on its paper. A constraint
//! keeps asker and decider apart; a conditional update lets one decision count.

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{AppName, ApprovalId, OperatorId, SubscriberId};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::row;

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApprovalAct {
    /// Take a subscriber's factors away.
    ResetSubscriber(SubscriberId),
    /// Take an operator's password and factors away.
    ResetOperator(OperatorId),
    /// Open an exception for an app, for so many minutes.
    Emergency {
        /// The app.
        app: AppName,
        /// For how long.
        minutes: u32,
    },
}

/// A request as it waits, or waited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApprovalView {
    /// Which.
    pub id: ApprovalId,
    /// What is asked for.
    pub act: ApprovalAct,
    /// Why.
    pub reason: String,
    /// How the caller's identity was verified; empty where nobody called.
    pub identity_check: String,
    /// Who asked.
    pub asked_by: OperatorId,
    /// Her name.
    pub asked_by_name: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// What became of a decision.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub enum Decision {
    /// It counts.
    Decided(ApprovalView),
    /// Asker and decider are one person.
    OwnRequest,
    /// Decided already, lapsed, or never asked.
    Gone,
}

impl ApprovalAct {
    const fn word(&self) -> &'static str {
        match self {
            Self::ResetSubscriber(_) => "reset_subscriber",
            Self::ResetOperator(_) => "reset_operator",
            Self::Emergency { .. } => "emergency",
        }
    }

    const fn subscriber(&self) -> Option<SubscriberId> {
        match self {
            Self::ResetSubscriber(id) => Some(*id),
            Self::ResetOperator(_) | Self::Emergency { .. } => None,
        }
    }
}

impl Store {
    /// Asks for an act. An open request for the same act is taken back first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn approval_ask(
        &self,
        act: &ApprovalAct,
        asked_by: OperatorId,
        expires_at: Timestamp,
        paper: &Paper<'_>,
    ) -> Result<ApprovalId, StoreError> {
        let (operator, app, minutes) = match act {
            ApprovalAct::ResetSubscriber(_) => (None, None, None),
            ApprovalAct::ResetOperator(id) => (Some(id.0), None, None),
            ApprovalAct::Emergency { app, minutes } => (None, Some(app.as_str()), Some(*minutes)),
        };
        writing!(self, PowerCut, c => {
            sqlx::query(
                "UPDATE approval SET decided_at = $5, granted = 0
                 WHERE act = $1 AND decided_at IS NULL AND COALESCE(subscriber_id, 0) = $2
                   AND COALESCE(operator_id, 0) = $3 AND COALESCE(app, '') = $4",
            )
            .bind(act.word())
            .bind(act.subscriber().map_or(0, |id| id.0))
            .bind(operator.unwrap_or(0))
            .bind(app.unwrap_or_default())
            .bind(paper.now.as_millis())
            .execute(&mut *c)
            .await?;
            let asked = sqlx::query(
                "INSERT INTO approval (act, subscriber_id, operator_id, app, minutes, reason,
                                       identity_check, asked_by, asked_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
            )
            .bind(act.word())
            .bind(act.subscriber().map(|id| id.0))
            .bind(operator)
            .bind(app)
            .bind(minutes)
            .bind(paper.reason)
            .bind(paper.identity_check)
            .bind(asked_by.0)
            .bind(paper.now.as_millis())
            .bind(expires_at.as_millis())
            .fetch_one(&mut *c)
            .await?;
            let mut event = paper.event(AuditKind::ApprovalAsked).reason(act.word());
            event.subscriber = act.subscriber();
            event.app = app.map(AppName::new);
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(ApprovalId(row::get(&asked, "id")?)))
        })
    }

    /// The requests that wait, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn approvals_open(&self, now: Timestamp) -> Result<Vec<ApprovalView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT a.*, o.name AS asked_by_name FROM approval a
                 JOIN operator o ON o.id = a.asked_by
                 WHERE a.decided_at IS NULL AND a.expires_at > $1 ORDER BY a.id",
            )
            .bind(now.as_millis())
            .fetch_all(&mut *c)
            .await?
        });
        found.iter().map(view).collect()
    }

    /// Decides a request. Granting takes another operator than the asker; refusing may also be the
    /// asker's, who takes it back.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn approval_decide(
        &self,
        id: ApprovalId,
        decided_by: OperatorId,
        granted: bool,
        paper: &Paper<'_>,
    ) -> Result<Decision, StoreError> {
        writing!(self, PowerCut, c => {
            let found = sqlx::query(
                "SELECT a.*, o.name AS asked_by_name FROM approval a
                 JOIN operator o ON o.id = a.asked_by
                 WHERE a.id = $1 AND a.decided_at IS NULL AND a.expires_at > $2",
            )
            .bind(id.0)
            .bind(paper.now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            let Some(found) = found else { return Ok(End::Rollback(Decision::Gone)) };
            let view = view(&found)?;
            if granted && view.asked_by == decided_by {
                return Ok(End::Rollback(Decision::OwnRequest));
            }
            let decided = sqlx::query(
                "UPDATE approval SET decided_by = $2, decided_at = $3, granted = $4
                 WHERE id = $1 AND decided_at IS NULL",
            )
            .bind(id.0)
            .bind(decided_by.0)
            .bind(paper.now.as_millis())
            .bind(granted)
            .execute(&mut *c)
            .await?;
            if decided.rows_affected() != 1 {
                return Ok(End::Rollback(Decision::Gone));
            }
            // Of a grant the act itself tells, in its own transaction.
            if !granted {
                let mut event = paper.event(AuditKind::ApprovalRefused).reason(view.act.word());
                event.subscriber = view.act.subscriber();
                audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            }
            Ok(End::Commit(Decision::Decided(view)))
        })
    }
}

/// Takes back what an operator asked for and nobody has decided yet: with her rights goes what she
/// wanted to do with them (attack E05).
pub(crate) async fn take_back_of(
    c: &mut Conn,
    asker: OperatorId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE approval SET decided_at = $2, granted = 0
         WHERE asked_by = $1 AND decided_at IS NULL",
    )
    .bind(asker.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

fn view(found: &SqliteRow) -> Result<ApprovalView, StoreError> {
    let act = match row::get::<&str>(found, "act")? {
        "reset_subscriber" => {
            ApprovalAct::ResetSubscriber(SubscriberId(row::get(found, "subscriber_id")?))
        }
        "reset_operator" => ApprovalAct::ResetOperator(OperatorId(row::get(found, "operator_id")?)),
        "emergency" => ApprovalAct::Emergency {
            app: AppName::new(row::get(found, "app")?),
            minutes: row::count(found, "minutes")?,
        },
        _ => return Err(row::odd("act")),
    };
    Ok(ApprovalView {
        id: ApprovalId(row::get(found, "id")?),
        act,
        reason: row::get(found, "reason")?,
        identity_check: row::get(found, "identity_check")?,
        asked_by: OperatorId(row::get(found, "asked_by")?),
        asked_by_name: row::get(found, "asked_by_name")?,
        asked_at: row::at(found, "asked_at")?,
        expires_at: row::at(found, "expires_at")?,
    })
}
