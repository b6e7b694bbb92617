//! What an operator does to her own account, and small counts that the admin app asks for.
//!
//! New recovery codes, another password; her authenticators as rows. Whether her second factor is
//! fresh is the admin app's question.

use std::net::IpAddr;

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{AppName, OperatorId, OperatorSessionRow, SessionHash, SubscriberId};
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::time::Timestamp;
use zeroize::Zeroizing;

use crate::audit;
use crate::enrolment_code;
use crate::error::StoreError;
use crate::factors;
use crate::open::Store;
use crate::operator_acts::known;
use crate::paper::Paper;
use crate::person::{self, AuthenticatorHistory};
use crate::pools::{Conn, End, reading, writing};
use crate::recovery::{self, SCHEME};
use crate::row;

impl Store {
    /// An operator's authenticators, removed ones too.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn operator_authenticators(
        &self,
        id: OperatorId,
    ) -> Result<Vec<AuthenticatorHistory>, StoreError> {
        reading!(self, c => {
            match known(c, id).await? {
                Some(known) => person::authenticators(c, known.subscriber).await,
                None => Ok(Vec::new()),
            }
        })
    }

    /// Replaces an operator's recovery codes; the old ones are worthless.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: do not show the codes.
    pub async fn operator_codes_renew(
        &self,
        id: OperatorId,
        codes: Vec<RecoveryCode>,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        let codes = self.recovery_hash(codes).await?;
        writing!(self, PowerCut, c => {
            let Some(known) = known(c, id).await? else { return Ok(End::Rollback(false)) };
            recovery::replace(c, known.subscriber, &codes, paper.now).await?;
            let event = paper.event(AuditKind::RecoveryCodesIssued);
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(true))
        })
    }

    /// Gives an operator another password, judged already; ends all her sessions but `keeping`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_password_set(
        &self,
        id: OperatorId,
        password: &str,
        keeping: OperatorSessionRow,
        paper: &Paper<'_>,
    ) -> Result<(), StoreError> {
        let salt: [u8; 16] = self.inner.random();
        let password = Zeroizing::new(password.to_owned());
        let turn = self.inner.hashing.turn().await?;
        let hash = recovery::blocking(move || {
            let hash = recovery::hash(&password, &salt);
            drop(turn);
            hash
        })
        .await?;
        let now = paper.now;
        writing!(self, PowerCut, c => {
            sqlx::query(
                "UPDATE operator SET scheme = $2, salt = $3, hash = $4, password_at = $5
                 WHERE id = $1 AND hash IS NOT NULL",
            )
            .bind(id.0)
            .bind(SCHEME)
            .bind(&salt[..])
            .bind(&hash[..])
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            sqlx::query(
                "UPDATE operator_session SET ended_at = $3, ended_why = 'password_changed',
                        seed = NULL, password = NULL
                 WHERE operator_id = $1 AND id <> $2 AND ended_at IS NULL",
            )
            .bind(id.0)
            .bind(keeping.0)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            let event = paper.event(AuditKind::OperatorConfirmed).reason("password changed");
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(()))
        })
    }

    /// How often something happened at an app between two moments.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit_count(
        &self,
        kind: AuditKind,
        app: &AppName,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<u64, StoreError> {
        let count: i64 = reading!(self, c => {
            sqlx::query_scalar(
                "SELECT COUNT(*) FROM audit
                 WHERE kind = $1 AND at >= $2 AND at <= $3 AND app = $4",
            )
            .bind(kind.name())
            .bind(from.as_millis())
            .bind(until.as_millis())
            .bind(app.as_str())
            .fetch_one(&mut *c)
            .await?
        });
        Ok(count.unsigned_abs())
    }

    /// From which address a session was opened, as the audit log tells.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn session_opened_from(
        &self,
        session: &SessionHash,
    ) -> Result<Option<IpAddr>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT client FROM audit WHERE session = $1 AND client IS NOT NULL
                 ORDER BY seq DESC LIMIT 1",
            )
            .bind(&session.0[..])
            .fetch_optional(&mut *c)
            .await?
        });
        found
            .map(|found| row::address(&found, "client"))
            .transpose()
    }

    /// Makes a person's open enrolment code worthless. `false` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn enrolment_code_revoke(
        &self,
        id: SubscriberId,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let open: Option<i64> = sqlx::query_scalar(
                "SELECT id FROM enrolment_code
                 WHERE subscriber_id = $1 AND spent_at IS NULL AND killed_at IS NULL",
            )
            .bind(id.0)
            .fetch_optional(&mut *c)
            .await?;
            if open.is_none() || !factors::is_person(c, id).await? {
                return Ok(End::Rollback(false));
            }
            enrolment_code::kill_live(c, id, paper.now).await?;
            let events = paper.events(AuditKind::EnrolmentCodeRevoked, Some(id));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(true))
        })
    }
}

/// How often an operator did something since a moment.
pub(crate) async fn acts_since(
    c: &mut Conn,
    operator: &str,
    kind: AuditKind,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM audit WHERE kind = $1 AND at >= $2 AND operator = $3",
    )
    .bind(kind.name())
    .bind(since.as_millis())
    .bind(operator)
    .fetch_one(&mut *c)
    .await?;
    Ok(count.unsigned_abs())
}
