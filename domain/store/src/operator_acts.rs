//! What an owner does to operators: another role, disabled, enabled, reset, unlocked.
//!
//! There is always an owner who can sign in: the last one can be neither demoted nor disabled, and
//! reset only by whoever has the key file in hand. Each act is one transaction with its audit
//! event. Whether an operator may is the caller's question.

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{OperatorId, SubscriberId};
use anteroom_core::operator::{OPERATOR_REALM, Role};
use anteroom_core::time::Timestamp;

use crate::approval;
use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::operator_account::role;
use crate::operator_setup::{self, SetupLink};
use crate::paper::Paper;
use crate::pools::{Conn, End, writing};
use crate::recovery;
use crate::row;

/// What became of an act on an operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum OperatorAct {
    /// Done.
    Done,
    /// It is so already; nothing was changed.
    Already,
    /// There is no such operator.
    Unknown,
    /// She is the last owner who can sign in; nothing was changed.
    LastOwner,
}

impl Store {
    /// Gives an operator another role. Her sessions end everywhere: nothing goes on with old
    /// rights.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_role_set(
        &self,
        id: OperatorId,
        role: Role,
        paper: &Paper<'_>,
    ) -> Result<OperatorAct, StoreError> {
        writing!(self, PowerCut, c => {
            let Some(known) = known(c, id).await? else {
                return Ok(End::Rollback(OperatorAct::Unknown));
            };
            if known.role == role {
                return Ok(End::Rollback(OperatorAct::Already));
            }
            if known.is_last_owner(c).await? {
                return Ok(End::Rollback(OperatorAct::LastOwner));
            }
            sqlx::query("UPDATE operator SET role = $2 WHERE id = $1")
                .bind(id.0)
                .bind(role.name())
                .execute(&mut *c)
                .await?;
            let about = format!("{}: {} to {}", known.name, known.role.name(), role.name());
            self.tell(c, AuditKind::OperatorRoleChanged, &about, paper).await?;
            approval::take_back_of(c, id, paper.now).await?;
            sessions_end(c, id, "role_changed", paper.now).await?;
            Ok(End::Commit(OperatorAct::Done))
        })
    }

    /// Shuts an operator out: sessions end, tokens and set-up links are worthless.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_disable(
        &self,
        id: OperatorId,
        paper: &Paper<'_>,
    ) -> Result<OperatorAct, StoreError> {
        writing!(self, PowerCut, c => {
            let Some(known) = known(c, id).await? else {
                return Ok(End::Rollback(OperatorAct::Unknown));
            };
            if known.disabled {
                return Ok(End::Rollback(OperatorAct::Already));
            }
            if known.is_last_owner(c).await? {
                return Ok(End::Rollback(OperatorAct::LastOwner));
            }
            sqlx::query("UPDATE operator SET disabled_at = $2 WHERE id = $1")
                .bind(id.0)
                .bind(paper.now.as_millis())
                .execute(&mut *c)
                .await?;
            self.tell(c, AuditKind::OperatorDisabled, &paper.about(&known.name), paper).await?;
            shut_out(c, id, "disabled", paper.now).await?;
            Ok(End::Commit(OperatorAct::Done))
        })
    }

    /// Lets a disabled operator sign in again, with the factors she had.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_enable(
        &self,
        id: OperatorId,
        paper: &Paper<'_>,
    ) -> Result<OperatorAct, StoreError> {
        writing!(self, PowerCut, c => {
            let Some(known) = known(c, id).await? else {
                return Ok(End::Rollback(OperatorAct::Unknown));
            };
            if !known.disabled {
                return Ok(End::Rollback(OperatorAct::Already));
            }
            sqlx::query("UPDATE operator SET disabled_at = NULL WHERE id = $1")
                .bind(id.0)
                .execute(&mut *c)
                .await?;
            self.tell(c, AuditKind::OperatorEnabled, &paper.about(&known.name), paper).await?;
            Ok(End::Commit(OperatorAct::Done))
        })
    }

    /// Takes password, factors, sessions and tokens away and gives a new set-up link. The last
    /// owner can only be reset at the command line (`even_last_owner`), where whoever has lost her
    /// phone and her codes must be able to come back.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: do not show the link.
    pub async fn operator_reset(
        &self,
        id: OperatorId,
        link: &SetupLink,
        even_last_owner: bool,
        paper: &Paper<'_>,
    ) -> Result<OperatorAct, StoreError> {
        writing!(self, PowerCut, c => {
            let Some(known) = known(c, id).await? else {
                return Ok(End::Rollback(OperatorAct::Unknown));
            };
            if !even_last_owner && known.is_last_owner(c).await? {
                return Ok(End::Rollback(OperatorAct::LastOwner));
            }
            factors_remove(c, &known, paper.now).await?;
            shut_out(c, id, "reset", paper.now).await?;
            operator_setup::issue(c, id, link, paper).await?;
            let mut events = paper.events(AuditKind::OperatorReset, None);
            if let Some(act) = events.first_mut() {
                let why = if paper.reason.is_empty() { "no reason given" } else { paper.reason };
                *act = act.clone().reason(&format!("{}: {why}", known.name));
            }
            events.push(paper.event(AuditKind::OperatorInvited).reason(&known.name));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(OperatorAct::Done))
        })
    }

    /// Lets an operator try again after too many wrong passwords or codes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_unlock(
        &self,
        id: OperatorId,
        paper: &Paper<'_>,
    ) -> Result<OperatorAct, StoreError> {
        writing!(self, PowerCut, c => {
            let Some(known) = known(c, id).await? else {
                return Ok(End::Rollback(OperatorAct::Unknown));
            };
            crate::operator::throttles_clear(c, known.subscriber, paper.now).await?;
            sqlx::query("DELETE FROM name_throttle WHERE realm = $1 AND folded = $2")
                .bind(OPERATOR_REALM)
                .bind(&known.name)
                .execute(&mut *c)
                .await?;
            sqlx::query(
                "UPDATE authenticator SET disabled_at = NULL, disabled_by = NULL
                 WHERE subscriber_id = $1 AND removed_at IS NULL AND disabled_by = 'throttle'",
            )
            .bind(known.subscriber.0)
            .execute(&mut *c)
            .await?;
            let event = paper.event(AuditKind::SubscriberUnlocked).reason(&known.name);
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(OperatorAct::Done))
        })
    }

    async fn tell(
        &self,
        c: &mut Conn,
        kind: AuditKind,
        about: &str,
        paper: &Paper<'_>,
    ) -> Result<(), StoreError> {
        let event = paper.event(kind).reason(about);
        audit::append(c, &self.inner.keys, &[event], paper.now).await
    }
}

/// An operator as the acts on her find her.
pub(crate) struct Known {
    pub(crate) id: OperatorId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) subscriber: SubscriberId,
    pub(crate) disabled: bool,
    set_up: bool,
}

impl Known {
    /// Whether nobody else could run the place.
    async fn is_last_owner(&self, c: &mut Conn) -> Result<bool, StoreError> {
        if self.role != Role::Owner || self.disabled || !self.set_up {
            return Ok(false);
        }
        let others: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM operator WHERE role = 'owner' AND id <> $1
             AND disabled_at IS NULL AND hash IS NOT NULL",
        )
        .bind(self.id.0)
        .fetch_one(&mut *c)
        .await?;
        Ok(others == 0)
    }
}

pub(crate) async fn known(c: &mut Conn, id: OperatorId) -> Result<Option<Known>, StoreError> {
    let found = sqlx::query("SELECT * FROM operator WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *c)
        .await?;
    found
        .map(|found| {
            Ok(Known {
                id,
                name: row::get(&found, "name")?,
                role: role(&found)?,
                subscriber: SubscriberId(row::get(&found, "subscriber_id")?),
                disabled: row::at_maybe(&found, "disabled_at")?.is_some(),
                set_up: row::get::<Option<&[u8]>>(&found, "hash")?.is_some(),
            })
        })
        .transpose()
}

/// Ends her sessions, whatever their stage.
pub(crate) async fn sessions_end(
    c: &mut Conn,
    id: OperatorId,
    why: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ended = sqlx::query(
        "UPDATE operator_session SET ended_at = $2, ended_why = $3, seed = NULL, password = NULL
         WHERE operator_id = $1 AND ended_at IS NULL",
    )
    .bind(id.0)
    .bind(now.as_millis())
    .bind(why)
    .execute(&mut *c)
    .await?;
    Ok(ended.rows_affected())
}

/// Ends sessions, tokens and links, and takes back what she asked for.
async fn shut_out(
    c: &mut Conn,
    id: OperatorId,
    why: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sessions_end(c, id, why, now).await?;
    sqlx::query(
        "UPDATE api_token SET revoked_at = $2 WHERE operator_id = $1 AND revoked_at IS NULL",
    )
    .bind(id.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    approval::take_back_of(c, id, now).await?;
    operator_setup::kill_live(c, id, now).await
}

async fn factors_remove(c: &mut Conn, known: &Known, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE operator SET scheme = NULL, salt = NULL, hash = NULL, password_at = NULL
         WHERE id = $1",
    )
    .bind(known.id.0)
    .execute(&mut *c)
    .await?;
    sqlx::query("UPDATE subscriber SET enrolled_at = NULL, was_reset = 1 WHERE id = $1")
        .bind(known.subscriber.0)
        .execute(&mut *c)
        .await?;
    sqlx::query(
        "UPDATE authenticator SET removed_at = $2, secret = NULL
         WHERE subscriber_id = $1 AND removed_at IS NULL",
    )
    .bind(known.subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    recovery::remove_all(c, known.subscriber, now).await?;
    crate::operator::throttles_clear(c, known.subscriber, now).await?;
    Ok(())
}
