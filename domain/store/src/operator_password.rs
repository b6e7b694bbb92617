//! An operator's password: tried, counted, and what a right one opens: a half-way session.
//!
//! Wrong ones are counted per name typed, known or not, so that both are paused alike (attack D12).
//! The second factor follows in [`operator_sign_in`](crate::operator_sign_in). Sources are slowed
//! by the admin app.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{OperatorId, SessionHash};
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::throttle::{Throttle, ThrottlePolicy, ThrottleStanding};
use anteroom_core::time::Timestamp;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::operator_sign_in::{NewOperatorSession, session_open};
use crate::pools::{Conn, End, reading, writing};
use crate::recovery::{self, SCHEME, Waiting};
use crate::row;

/// How long a right password waits for its code.
const HALF_WAY_FOR: std::time::Duration = std::time::Duration::from_secs(5 * 60);
/// The tenant under which wrong passwords of operators are counted.
const PASSWORDS: &str = "password";

/// A typed password.
#[derive(Clone, Copy)]
pub struct PasswordTyped<'a> {
    /// The name, in its one spelling (`operator_name`).
    pub name: &'a str,
    /// The password as typed.
    pub password: &'a str,
    /// The hash of the half-way session's id.
    pub session: SessionHash,
    /// The host it counts at.
    pub host: &'a str,
    /// From where.
    pub client: IpAddr,
    /// How wrong ones are slowed.
    pub policy: &'a ThrottlePolicy,
    /// Now.
    pub now: Timestamp,
}

/// What a typed password was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum PasswordTry {
    /// Right: a half-way session waits for the second factor.
    Right,
    /// Wrong, or nobody of that name, or she may not sign in: nobody is told which.
    Wrong,
    /// Too many wrong ones for this name; it was not looked at.
    Paused {
        /// The end of the pause.
        until: Timestamp,
    },
    /// Too many are being looked at; nothing was counted.
    Busy,
}

/// What a password is compared with.
struct OnFile {
    operator: Option<OperatorId>,
    salt: [u8; 16],
    hash: [u8; 32],
}

impl Store {
    /// Tries a password. One argon2 run whether or not there is such an operator (attack D13).
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a hash of an unknown scheme; [`StoreError::Unavailable`],
    /// [`StoreError::Full`].
    pub async fn operator_password_try(
        &self,
        typed: PasswordTyped<'_>,
    ) -> Result<PasswordTry, StoreError> {
        if let Some(until) = self.password_pause(&typed).await? {
            return Ok(PasswordTry::Paused { until });
        }
        let Some(_waiting) = Waiting::join(&self.inner.hashing) else {
            return Ok(PasswordTry::Busy);
        };
        let on_file = self.password_on_file(typed.name).await?;
        let (salt, expected) = (on_file.salt, on_file.hash);
        let password = Zeroizing::new(typed.password.to_owned());
        let turn = self.inner.hashing.turn().await?;
        let equal = recovery::blocking(move || {
            let hash = recovery::hash(&password, &salt);
            drop(turn);
            Ok(bool::from(hash?.ct_eq(&expected)))
        })
        .await?;
        let now = typed.now;
        writing!(self, PowerCut, c => {
            let Some(operator) = on_file.operator.filter(|_| equal) else {
                return self.password_wrong(c, &typed).await;
            };
            // Of many at once only as many count as would have one after the other (attack D01).
            if let ThrottleStanding::Paused { until } =
                name_throttle(c, typed.name).await?.standing(typed.policy, now)
            {
                return Ok(End::Rollback(PasswordTry::Paused { until }));
            }
            let before = name_throttle(c, typed.name).await?;
            name_write(c, typed.name, &before.after_success(now), now).await?;
            let session = NewOperatorSession {
                hash: typed.session,
                operator,
                stage: "password",
                host: typed.host,
                client: typed.client,
                authenticated_at: Timestamp::default(),
                ends_at: now.plus(HALF_WAY_FOR),
                now,
            };
            session_open(c, &session).await?;
            Ok(End::Commit(PasswordTry::Right))
        })
    }

    async fn password_pause(
        &self,
        typed: &PasswordTyped<'_>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let throttle = reading!(self, c => name_throttle(c, typed.name).await?);
        Ok(throttle.pause(typed.policy, typed.now))
    }

    async fn password_on_file(&self, name: &str) -> Result<OnFile, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT id, scheme, salt, hash FROM operator
                 WHERE name = $1 AND hash IS NOT NULL AND disabled_at IS NULL",
            )
            .bind(name)
            .fetch_optional(&mut *c)
            .await?
        });
        let Some(found) = found else {
            return Ok(OnFile {
                operator: None,
                salt: self.inner.hashing.dummy_salt,
                hash: [0; 32],
            });
        };
        let id: i64 = row::get(&found, "id")?;
        if row::get::<&str>(&found, "scheme")? != SCHEME {
            return Err(StoreError::corrupt("operator", "scheme", id));
        }
        Ok(OnFile {
            operator: Some(OperatorId(id)),
            salt: row::bytes(&found, "salt")?,
            hash: row::bytes(&found, "hash")?,
        })
    }

    async fn password_wrong(
        &self,
        c: &mut Conn,
        typed: &PasswordTyped<'_>,
    ) -> Result<End<PasswordTry>, StoreError> {
        let before = name_throttle(c, typed.name).await?;
        let mut next = before.after_failure(typed.policy, typed.now);
        // Never a ceiling: whoever knows a name must not shut its owner out for ever.
        next.consecutive = next
            .consecutive
            .min(typed.policy.disable_at.saturating_sub(1));
        name_write(c, typed.name, &next, typed.now).await?;
        // A name that nobody has may be a password typed in the wrong field: it is not kept.
        let known: Option<i64> = sqlx::query_scalar("SELECT id FROM operator WHERE name = $1")
            .bind(typed.name)
            .fetch_optional(&mut *c)
            .await?;
        let mut event = AuditEvent::new(AuditKind::OperatorSignInFailed).client(typed.client);
        event = match known {
            Some(_) => event.operator(typed.name).reason("password"),
            None => event.reason("unknown name"),
        };
        audit::append(c, &self.inner.keys, &[event], typed.now).await?;
        Ok(End::Commit(match next.pause(typed.policy, typed.now) {
            Some(until) => PasswordTry::Paused { until },
            None => PasswordTry::Wrong,
        }))
    }
}

async fn name_throttle(c: &mut Conn, name: &str) -> Result<Throttle, StoreError> {
    let stored = sqlx::query(
        "SELECT consecutive, rolling, window_at, paused_until FROM name_throttle
         WHERE realm = $1 AND tenant = $2 AND folded = $3",
    )
    .bind(OPERATOR_REALM)
    .bind(PASSWORDS)
    .bind(name)
    .fetch_optional(&mut *c)
    .await?;
    stored
        .as_ref()
        .map_or_else(|| Ok(Throttle::default()), crate::counter::decode)
}

async fn name_write(
    c: &mut Conn,
    name: &str,
    next: &Throttle,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO name_throttle (realm, tenant, folded, consecutive, rolling, window_at,
                                    paused_until, version, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)
         ON CONFLICT (realm, tenant, folded) DO UPDATE
         SET consecutive = $4, rolling = $5, window_at = $6, paused_until = $7,
             version = name_throttle.version + 1, updated_at = $8",
    )
    .bind(OPERATOR_REALM)
    .bind(PASSWORDS)
    .bind(name)
    .bind(i64::from(next.consecutive))
    .bind(i64::from(next.rolling))
    .bind(next.window_started_at.as_millis())
    .bind(next.paused_until.map(Timestamp::as_millis))
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}
