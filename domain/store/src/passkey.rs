//! Passkeys of a person: reading them, keeping a new one, using one up.
//!
//! A credential is kept as the gateway wrote it, sealed for its row; which bytes those are, the
//! gateway alone knows. Nothing of a credential changes before an answer of it was accepted
//! (advisory B10): [`claim`](crate::claim) calls [`spend`] then. Challenges stand in
//! [`passkey_ceremony`](crate::passkey_ceremony).

use std::fmt;
use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::challenge::Accepted;
use anteroom_core::ids::{AppName, AuthenticatorId, SessionHash, SubscriberId};
use anteroom_core::registration::Registered;
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::challenge::secret_place;
use crate::claim;
use crate::counter::ThrottleVersion;
use crate::error::StoreError;
use crate::open::{Inner, Store};
use crate::pools::{Conn, End, reading, writing};
use crate::row;

/// The constraint by which no two people have one credential (W9).
const CREDENTIAL_ONCE: &str = "authenticator.credential_id";

/// One passkey. Redacted `Debug`.
#[derive(Clone)]
pub struct PasskeyMaterial {
    /// Which.
    pub id: AuthenticatorId,
    /// Its credential, as it was written down at its registration.
    pub kept: Vec<u8>,
    /// Its count of signatures at the last use.
    pub sign_count: u32,
    /// Disabled, or its subscriber is suspended.
    pub disabled: bool,
    /// The subscriber's name for it.
    pub label: String,
}

impl fmt::Debug for PasskeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasskeyMaterial")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What somebody proves herself with, as far as passkeys are concerned.
#[derive(Clone, Debug)]
pub struct PasskeysHeld {
    /// Her passkeys for one relying party.
    pub keys: Vec<PasskeyMaterial>,
    /// By what authenticators know her; `None` when she never began to set one up.
    pub user_handle: Option<[u8; 32]>,
    /// The kinds she holds; a passkey for another relying party is none.
    pub held: Kinds,
    /// The kind that was right last time.
    pub last: Option<AuthenticatorKind>,
}

/// A passkey to be kept.
pub(crate) struct NewPasskey<'a> {
    pub(crate) subscriber: SubscriberId,
    pub(crate) label: &'a str,
    pub(crate) proof: &'a str,
    pub(crate) rp_id: &'a str,
    pub(crate) user_handle: [u8; 32],
    pub(crate) registered: &'a Registered,
    pub(crate) now: Timestamp,
}

/// What a further passkey needs beside its proof and that of a fresh factor.
#[derive(Clone, Copy)]
pub struct PasskeyContext<'a> {
    /// Whose.
    pub subscriber: SubscriberId,
    /// Her verified session.
    pub session: SessionHash,
    /// The reading by which the fresh factor was judged.
    pub version: ThrottleVersion,
    /// Her name for it.
    pub label: &'a str,
    /// For which relying party it was made.
    pub rp_id: &'a str,
    /// The handle it was made for.
    pub user_handle: [u8; 32],
    /// The app.
    pub app: &'a AppName,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What became of a further passkey.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum PasskeyAdded {
    /// Kept.
    Added(AuthenticatorId),
    /// Somebody has this credential already, or had it; nothing was changed.
    Known,
    /// The fresh factor was used before.
    AlreadySpent,
    /// Wrong codes came in since the reading: judge anew.
    Stale,
    /// Her session is over, she is suspended, or her handle has become another one.
    Gone,
}

impl Store {
    /// What she holds, seen from the relying party `rp_id`; nothing for nobody.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a credential was not sealed for its row;
    /// [`StoreError::Unavailable`].
    pub async fn passkeys_held(
        &self,
        subscriber: Option<SubscriberId>,
        rp_id: &str,
    ) -> Result<PasskeysHeld, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT a.id, a.kind, a.secret, a.label, a.rp_id, a.sign_count, a.last_used_at,
                        s.user_handle,
                        a.disabled_at IS NOT NULL OR s.suspended_at IS NOT NULL AS disabled
                 FROM subscriber s
                 LEFT JOIN authenticator a ON a.subscriber_id = s.id AND a.removed_at IS NULL
                 WHERE s.id = $1 ORDER BY a.id",
            )
            .bind(subscriber.map(|id| id.0))
            .fetch_all(&mut *c)
            .await?
        });
        let mut told = PasskeysHeld {
            keys: Vec::new(),
            user_handle: None,
            held: Kinds::NONE,
            last: None,
        };
        let mut newest = None;
        for one in &found {
            told.user_handle = row::bytes_maybe(one, "user_handle")?;
            let kind =
                row::get::<Option<&str>>(one, "kind")?.and_then(AuthenticatorKind::from_name);
            let here = row::get::<Option<&str>>(one, "rp_id")? == Some(rp_id);
            let Some(kind) = kind.filter(|kind| *kind != AuthenticatorKind::Passkey || here) else {
                continue;
            };
            if kind == AuthenticatorKind::Passkey {
                told.keys.push(self.passkey(one)?);
            }
            told.held = told.held.with(kind);
            let used = row::at_maybe(one, "last_used_at")?;
            if used > newest {
                (newest, told.last) = (used, Some(kind));
            }
        }
        Ok(told)
    }

    fn passkey(&self, found: &SqliteRow) -> Result<PasskeyMaterial, StoreError> {
        let id: i64 = row::get(found, "id")?;
        let plain = self
            .inner
            .unseal(secret_place(id), row::get(found, "secret")?)?;
        Ok(PasskeyMaterial {
            id: AuthenticatorId(id),
            kept: plain.to_vec(),
            sign_count: row::count(found, "sign_count")?,
            disabled: row::get(found, "disabled")?,
            label: row::get(found, "label")?,
        })
    }

    /// Keeps a further passkey of somebody who is signed in and has just proved another factor: the
    /// factor is spent and the passkey added in one transaction (NIST N18).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn passkey_add(
        &self,
        fresh: Accepted,
        registered: Registered,
        context: PasskeyContext<'_>,
    ) -> Result<PasskeyAdded, StoreError> {
        let (subscriber, now) = (context.subscriber, context.now);
        writing!(self, PowerCut, c => {
            if !may_add(c, &context).await? {
                return Ok(End::Rollback(PasskeyAdded::Gone));
            }
            let event = |kind| {
                AuditEvent::new(kind)
                    .subscriber(subscriber)
                    .app(context.app)
                    .session(context.session)
                    .client(context.client)
            };
            if !claim::spend(c, context.app, subscriber, fresh.spend(), now).await? {
                let reused = event(AuditKind::CodeReused);
                audit::append(c, &self.inner.keys, &[reused], now).await?;
                return Ok(End::Commit(PasskeyAdded::AlreadySpent));
            }
            if !claim::count_success(c, context.version, now).await? {
                return Ok(End::Rollback(PasskeyAdded::Stale));
            }
            let new = NewPasskey {
                subscriber,
                label: context.label,
                proof: "factor",
                rp_id: context.rp_id,
                user_handle: context.user_handle,
                registered: &registered,
                now,
            };
            let id = match passkey_keep(c, &self.inner, &new).await? {
                Kept::Yes(id) => id,
                Kept::Known => return Ok(End::Rollback(PasskeyAdded::Known)),
                Kept::OtherHandle => return Ok(End::Rollback(PasskeyAdded::Gone)),
            };
            let used = claim::used(fresh.spend()).iter();
            let mut events: Vec<_> = used.map(|kind| event(*kind)).collect();
            let kind = AuthenticatorKind::Passkey.name();
            events.push(event(AuditKind::AuthenticatorAdded).reason(kind));
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(PasskeyAdded::Added(id)))
        })
    }

    /// For which relying parties live passkeys were made, in each realm, and how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn passkey_rp_ids(&self) -> Result<Vec<(String, String, u32)>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT s.realm, a.rp_id, COUNT(*) AS keys
                 FROM authenticator a JOIN subscriber s ON s.id = a.subscriber_id
                 WHERE a.kind = 'passkey' AND a.removed_at IS NULL AND a.rp_id IS NOT NULL
                 GROUP BY s.realm, a.rp_id ORDER BY s.realm, a.rp_id",
            )
            .fetch_all(&mut *c)
            .await?
        });
        let told = |one: &SqliteRow| {
            Ok((
                row::get(one, "realm")?,
                row::get(one, "rp_id")?,
                row::count(one, "keys")?,
            ))
        };
        found.iter().map(told).collect()
    }
}

/// Whether this is a live session of somebody who is not suspended.
async fn may_add(c: &mut Conn, context: &PasskeyContext<'_>) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "SELECT 1 FROM session v JOIN subscriber s ON s.id = v.subscriber_id
         WHERE v.hash = $1 AND v.subscriber_id = $2 AND v.state = 'verified' AND v.ends_at > $3
           AND v.single_factor = 0 AND s.suspended_at IS NULL",
    )
    .bind(&context.session.0[..])
    .bind(context.subscriber.0)
    .bind(context.now.as_millis())
    .fetch_optional(&mut *c)
    .await?;
    Ok(found.is_some())
}

/// What became of a passkey inside somebody's transaction.
pub(crate) enum Kept {
    Yes(AuthenticatorId),
    Known,
    OtherHandle,
}

/// Adds a passkey in the transaction that `c` is in, its credential sealed for its row. Anything
/// but `Yes` must undo the transaction.
pub(crate) async fn passkey_keep(
    c: &mut Conn,
    inner: &Inner,
    new: &NewPasskey<'_>,
) -> Result<Kept, StoreError> {
    // One handle per person, the first that was drawn: an authenticator keeps it for good.
    let handle = sqlx::query(
        "UPDATE subscriber SET user_handle = $2
         WHERE id = $1 AND (user_handle IS NULL OR user_handle = $2)",
    )
    .bind(new.subscriber.0)
    .bind(&new.user_handle[..])
    .execute(&mut *c)
    .await?;
    if handle.rows_affected() != 1 {
        return Ok(Kept::OtherHandle);
    }
    let credential = new.registered.credential();
    let added = sqlx::query(
        "INSERT INTO authenticator (subscriber_id, kind, label, proof, secret, credential_id, rp_id,
                                    sign_count, backup_eligible, backed_up, enrolled_at)
         VALUES ($1, 'passkey', $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
    )
    .bind(new.subscriber.0)
    .bind(new.label)
    .bind(new.proof)
    .bind(&b""[..])
    .bind(&credential.id[..])
    .bind(new.rp_id)
    .bind(i64::from(credential.sign_count))
    .bind(credential.backup_eligible)
    .bind(credential.backed_up)
    .bind(new.now.as_millis())
    .fetch_one(&mut *c)
    .await;
    let added = match added {
        Ok(added) => added,
        Err(sqlx::Error::Database(error)) if error.message().contains(CREDENTIAL_ONCE) => {
            return Ok(Kept::Known);
        }
        Err(error) => return Err(error.into()),
    };
    let id: i64 = row::get(&added, "id")?;
    // Sealed with the row's id as associated data, which is known only now.
    sqlx::query("UPDATE authenticator SET secret = $2 WHERE id = $1")
        .bind(id)
        .bind(inner.seal(secret_place(id), &credential.kept)?)
        .execute(&mut *c)
        .await?;
    Ok(Kept::Yes(AuthenticatorId(id)))
}

/// Notes an accepted answer: the count only grows, the backup state is that of now. `false` when
/// the passkey was disabled or removed since it was judged.
pub(crate) async fn spend(
    c: &mut Conn,
    subscriber: SubscriberId,
    authenticator: AuthenticatorId,
    sign_count: u32,
    backed_up: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let used = sqlx::query(
        "UPDATE authenticator SET last_used_at = $5, backed_up = $4,
                sign_count = CASE WHEN sign_count < $3 THEN $3 ELSE sign_count END
         WHERE id = $1 AND subscriber_id = $2 AND kind = 'passkey' AND removed_at IS NULL
           AND disabled_at IS NULL",
    )
    .bind(authenticator.0)
    .bind(subscriber.0)
    .bind(i64::from(sign_count))
    .bind(backed_up)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(used.rows_affected() == 1)
}
