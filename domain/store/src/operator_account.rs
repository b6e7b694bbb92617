//! Operators as accounts: made, found, listed.
//!
//! An operator's factors are those of a subscriber in the realm `@operators`, which is made here.
//! Never signs anybody in ([`operator_sign_in`](crate::operator_sign_in)) and never takes a
//! password ([`operator_setup`](crate::operator_setup)); what is done to operators later stands in
//! [`operator_acts`](crate::operator_acts).

use anteroom_core::audit::AuditKind;
use anteroom_core::fold::Folded;
use anteroom_core::ids::{OperatorId, SubscriberId};
use anteroom_core::operator::{OPERATOR_REALM, Role};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::enrolment_code::{Name, subscriber_ensure};
use crate::error::StoreError;
use crate::open::Store;
use crate::operator_setup::{self, SetupLink};
use crate::paper::Paper;
use crate::pools::{End, reading, writing};
use crate::row;

/// The columns of [`OperatorView`]; `$1` is now.
macro_rules! operator_view {
    () => {
        "SELECT o.id, o.name, o.role, o.subscriber_id, o.hash IS NOT NULL AS set_up, o.created_by,
                o.created_at, o.disabled_at, o.last_login_at,
                (SELECT COUNT(*) FROM authenticator a WHERE a.subscriber_id = o.subscriber_id
                 AND a.removed_at IS NULL AND a.disabled_at IS NULL) AS totp_active,
                (SELECT COUNT(*) FROM recovery_code r WHERE r.subscriber_id = o.subscriber_id
                 AND r.used_at IS NULL AND r.removed_at IS NULL) AS recovery_left,
                (SELECT l.expires_at FROM operator_setup l WHERE l.operator_id = o.id
                 AND l.used_at IS NULL AND l.killed_at IS NULL AND l.expires_at > $1) AS link_until,
                (SELECT COUNT(*) FROM operator_session v WHERE v.operator_id = o.id
                 AND v.ended_at IS NULL AND v.stage = 'open' AND v.ends_at > $1) AS sessions
         FROM operator o"
    };
}

/// An operator as others see her.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperatorView {
    /// Which.
    pub id: OperatorId,
    /// Her name.
    pub name: String,
    /// What she is there for.
    pub role: Role,
    /// Whose authenticators are hers.
    pub subscriber: SubscriberId,
    /// Whether she has chosen a password and a second factor.
    pub set_up: bool,
    /// TOTP authenticators that work.
    pub totp_active: u32,
    /// Recovery codes not yet used.
    pub recovery_left: u32,
    /// Who made her.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Since when she may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// When she last signed in.
    pub last_login_at: Option<Timestamp>,
    /// Until when a set-up link for her works.
    pub link_until: Option<Timestamp>,
    /// Her live sessions.
    pub sessions: u32,
}

/// What became of making an operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum OperatorCreation {
    /// Made; her link works.
    Created(OperatorId),
    /// There is, or was, somebody of that name. Names are never given twice: the audit log knows
    /// people by them.
    Taken,
}

impl Store {
    /// Makes an operator, who can do nothing until she has used her set-up link.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: do not show the link.
    pub async fn operator_create(
        &self,
        name: &str,
        role: Role,
        link: &SetupLink,
        paper: &Paper<'_>,
    ) -> Result<OperatorCreation, StoreError> {
        writing!(self, PowerCut, c => {
            let folded = Folded::from_stored(name.to_owned());
            let key = Name { realm: OPERATOR_REALM, tenant: "", folded: &folded };
            let subscriber = subscriber_ensure(c, key, name, paper.now).await?;
            let made = sqlx::query(
                "INSERT INTO operator (name, role, subscriber_id, created_by, created_at)
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id",
            )
            .bind(name)
            .bind(role.name())
            .bind(subscriber.0)
            .bind(paper.operator)
            .bind(paper.now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            let Some(made) = made else { return Ok(End::Rollback(OperatorCreation::Taken)) };
            let id = OperatorId(row::get(&made, "id")?);
            operator_setup::issue(c, id, link, paper).await?;
            let about = format!("{name}: {}", role.name());
            let created = paper.event(AuditKind::OperatorCreated).reason(&about);
            let invited = paper.event(AuditKind::OperatorInvited).reason(name);
            audit::append(c, &self.inner.keys, &[created, invited], paper.now).await?;
            Ok(End::Commit(OperatorCreation::Created(id)))
        })
    }

    /// All operators, by name; disabled ones too.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn operator_list(&self, now: Timestamp) -> Result<Vec<OperatorView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(concat!(operator_view!(), " ORDER BY o.name"))
                .bind(now.as_millis())
                .fetch_all(&mut *c)
                .await?
        });
        found.iter().map(view).collect()
    }

    /// One operator.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn operator_find(
        &self,
        id: OperatorId,
        now: Timestamp,
    ) -> Result<Option<OperatorView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(concat!(operator_view!(), " WHERE o.id = $2"))
                .bind(now.as_millis())
                .bind(id.0)
                .fetch_optional(&mut *c)
                .await?
        });
        found.as_ref().map(view).transpose()
    }

    /// The operator of this name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn operator_named(
        &self,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<OperatorView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(concat!(operator_view!(), " WHERE o.name = $2"))
                .bind(now.as_millis())
                .bind(name)
                .fetch_optional(&mut *c)
                .await?
        });
        found.as_ref().map(view).transpose()
    }
}

fn view(found: &SqliteRow) -> Result<OperatorView, StoreError> {
    Ok(OperatorView {
        id: OperatorId(row::get(found, "id")?),
        name: row::get(found, "name")?,
        role: role(found)?,
        subscriber: SubscriberId(row::get(found, "subscriber_id")?),
        set_up: row::get(found, "set_up")?,
        totp_active: row::count(found, "totp_active")?,
        recovery_left: row::count(found, "recovery_left")?,
        created_by: row::get(found, "created_by")?,
        created_at: row::at(found, "created_at")?,
        disabled_at: row::at_maybe(found, "disabled_at")?,
        last_login_at: row::at_maybe(found, "last_login_at")?,
        link_until: row::at_maybe(found, "link_until")?,
        sessions: row::count(found, "sessions")?,
    })
}

/// The role that a row names.
pub(crate) fn role(found: &SqliteRow) -> Result<Role, StoreError> {
    Role::from_name(row::get(found, "role")?).ok_or_else(|| row::odd("role"))
}
