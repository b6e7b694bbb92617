//! Passkeys of a person: reading them, keeping a new one, using one up.
//!
//! A credential is kept as the gateway wrote it, sealed for its row; which bytes those are, the
//! gateway alone knows. Nothing of a credential changes before an answer of it was accepted
//! (advisory B10): [`claim`](crate::claim) calls [`spend`] then. Challenges stand in
//! [`passkey_ceremony`](crate::passkey_ceremony); a further passkey is an
//! [`own_act`](crate::own_act).

use std::fmt;

use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::ids::{AuthenticatorId, SubscriberId};
use anteroom_core::registration::Registered;
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::challenge::secret_place;
use crate::error::StoreError;
use crate::open::{Inner, Store};
use crate::pools::{Conn, reading};
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

    /// For which relying parties live passkeys were made, in each realm, and how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn passkey_rp_ids(&self) -> Result<Vec<(String, String, u32)>, StoreError> {
        let found = reading!(self, c => rp_ids(c).await)?;
        found.iter().map(rp_id_told).collect()
    }
}

/// The rows of [`Store::passkey_rp_ids`]. They hold nothing that is sealed.
pub(crate) async fn rp_ids(c: &mut Conn) -> Result<Vec<SqliteRow>, sqlx::Error> {
    sqlx::query(
        "SELECT s.realm, a.rp_id, COUNT(*) AS keys
         FROM authenticator a JOIN subscriber s ON s.id = a.subscriber_id
         WHERE a.kind = 'passkey' AND a.removed_at IS NULL AND a.rp_id IS NOT NULL
         GROUP BY s.realm, a.rp_id ORDER BY s.realm, a.rp_id",
    )
    .fetch_all(&mut *c)
    .await
}

/// One of them: realm, name, how many.
pub(crate) fn rp_id_told(one: &SqliteRow) -> Result<(String, String, u32), StoreError> {
    Ok((
        row::get(one, "realm")?,
        row::get(one, "rp_id")?,
        row::count(one, "keys")?,
    ))
}

/// What became of a passkey inside somebody's transaction.
pub(crate) enum Kept {
    Yes,
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
    Ok(Kept::Yes)
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
