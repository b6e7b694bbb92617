//! Rotating keys: what was sealed under an older key is sealed anew under the current one, and a
//! key that nothing needs any more is forgotten.
//!
//! Opening with a new current key (`open`) already seals everything new with it; this makes the old
//! one dispensable. Codes of which only a MAC is here cannot be made anew: enrolment and temporary
//! codes keep their key needed until they are swept, sealed ones until they are used or revoked.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::time::Timestamp;

use crate::address::address_place;
use crate::attempt::seed_place;
use crate::audit;
use crate::audit_prune;
use crate::challenge::secret_place;
use crate::error::StoreError;
use crate::hardware_token::token_place;
use crate::open::Store;
use crate::outbox::content_place;
use crate::own_setup::setup_place;
use crate::passkey_ceremony::state_place;
use crate::pools::{Conn, End, writing};
use crate::row;
use crate::seal::{self, Place};
use crate::session_record::jar_key_place;

/// Rows per transaction.
const BATCH: i64 = 100;

/// What a rotation did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Resealed {
    /// Values sealed anew.
    pub values: u64,
    /// Keys that nothing needs any more, known since now or before: they may leave the key file.
    pub dispensable: Vec<u32>,
}

/// A sealed column: which rows are not under the current key's head ($1), and how to write one
/// back.
struct Column {
    find: &'static str,
    put: &'static str,
    place: fn(i64) -> Place,
}

const COLUMNS: &[Column] = &[
    Column {
        find: "SELECT id, secret AS sealed FROM authenticator
               WHERE secret IS NOT NULL AND substr(secret, 1, 5) <> $1 LIMIT $2",
        put: "UPDATE authenticator SET secret = $2 WHERE id = $1",
        place: secret_place,
    },
    Column {
        find: "SELECT id, jar_key AS sealed FROM session
               WHERE jar_key IS NOT NULL AND substr(jar_key, 1, 5) <> $1 LIMIT $2",
        put: "UPDATE session SET jar_key = $2 WHERE id = $1",
        place: jar_key_place,
    },
    Column {
        find: "SELECT id, seed AS sealed FROM attempt
               WHERE seed IS NOT NULL AND substr(seed, 1, 5) <> $1 LIMIT $2",
        put: "UPDATE attempt SET seed = $2 WHERE id = $1",
        place: seed_place,
    },
    Column {
        find: "SELECT id, sealed FROM address WHERE substr(sealed, 1, 5) <> $1 LIMIT $2",
        put: "UPDATE address SET sealed = $2 WHERE id = $1",
        place: address_place,
    },
    Column {
        find: "SELECT id, content AS sealed FROM outbox
               WHERE content IS NOT NULL AND substr(content, 1, 5) <> $1 LIMIT $2",
        put: "UPDATE outbox SET content = $2 WHERE id = $1",
        place: content_place,
    },
    Column {
        find: "SELECT id, secret AS sealed FROM hardware_token
               WHERE secret IS NOT NULL AND substr(secret, 1, 5) <> $1 LIMIT $2",
        put: "UPDATE hardware_token SET secret = $2 WHERE id = $1",
        place: token_place,
    },
    Column {
        find: "SELECT id, seed AS sealed FROM own_setup
               WHERE substr(seed, 1, 5) <> $1 LIMIT $2",
        put: "UPDATE own_setup SET seed = $2 WHERE id = $1",
        place: setup_place,
    },
    Column {
        find: "SELECT id, state AS sealed FROM passkey_ceremony
               WHERE substr(state, 1, 5) <> $1 LIMIT $2",
        put: "UPDATE passkey_ceremony SET state = $2 WHERE id = $1",
        place: state_place,
    },
];

impl Store {
    /// Seals everything anew under the current key, in small transactions, then forgets the keys
    /// that nothing needs. Other processes must have been opened with the new current key before,
    /// or they go on writing under the old one and it stays needed.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a value that does not open; [`StoreError::Unavailable`],
    /// [`StoreError::Full`]. What was done before stays done.
    pub async fn reseal(&self, now: Timestamp) -> Result<Resealed, StoreError> {
        let mut resealed = Resealed::default();
        for column in COLUMNS {
            loop {
                let done = self.reseal_some(column).await?;
                resealed.values += done;
                if done == 0 {
                    break;
                }
            }
        }
        resealed.dispensable = self.keys_forget(now).await?;
        Ok(resealed)
    }

    async fn reseal_some(&self, column: &Column) -> Result<u64, StoreError> {
        let head = seal::head(self.inner.keys.current_id());
        writing!(self, PowerCut, c => {
            let found =
                sqlx::query(column.find).bind(&head[..]).bind(BATCH).fetch_all(&mut *c).await?;
            for one in &found {
                let id: i64 = row::get(one, "id")?;
                let place = (column.place)(id);
                let plain = self.inner.unseal(place, row::get(one, "sealed")?)?;
                sqlx::query(column.put)
                    .bind(id)
                    .bind(self.inner.seal(place, &plain)?)
                    .execute(&mut *c)
                    .await?;
            }
            Ok(End::Commit(found.len() as u64))
        })
    }

    async fn keys_forget(&self, now: Timestamp) -> Result<Vec<u32>, StoreError> {
        let keys = &self.inner.keys;
        writing!(self, PowerCut, c => {
            let (mut dispensable, mut forgotten) = (Vec::new(), Vec::new());
            for id in keys.ids().filter(|id| *id != keys.current_id()) {
                if needed(c, id).await? {
                    continue;
                }
                dispensable.push(id);
                if forget(c, id).await? {
                    forgotten.push(id);
                }
            }
            let events: Vec<_> = forgotten
                .iter()
                .map(|id| format!("forgot key {id}"))
                .map(|reason| AuditEvent::new(AuditKind::KeyRotated).reason(&reason))
                .collect();
            // Also puts the head of the log under the current key.
            audit::append(c, keys, &events, now).await?;
            audit_prune::base_renew(c, keys).await?;
            Ok(End::Commit(dispensable))
        })
    }
}

/// Whether a sealed value or a MAC of this key is left.
async fn needed(c: &mut Conn, id: u32) -> Result<bool, StoreError> {
    let left = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM authenticator WHERE substr(secret, 1, 5) = $1)
             OR EXISTS (SELECT 1 FROM session WHERE substr(jar_key, 1, 5) = $1)
             OR EXISTS (SELECT 1 FROM attempt WHERE substr(seed, 1, 5) = $1)
             OR EXISTS (SELECT 1 FROM address WHERE substr(sealed, 1, 5) = $1)
             OR EXISTS (SELECT 1 FROM outbox WHERE substr(content, 1, 5) = $1)
             OR EXISTS (SELECT 1 FROM mail_code WHERE key_id = $2)
             OR EXISTS (SELECT 1 FROM hardware_token WHERE substr(secret, 1, 5) = $1)
             OR EXISTS (SELECT 1 FROM own_setup WHERE substr(seed, 1, 5) = $1)
             OR EXISTS (SELECT 1 FROM passkey_ceremony WHERE substr(state, 1, 5) = $1)
             OR EXISTS (SELECT 1 FROM enrolment_code WHERE key_id = $2)
             OR EXISTS (SELECT 1 FROM temporary_code WHERE key_id = $2)
             OR EXISTS (SELECT 1 FROM sealed_code WHERE key_id = $2 AND used_at IS NULL
                        AND revoked_at IS NULL) AS needed",
    )
    .bind(&seal::head(id)[..])
    .bind(i64::from(id))
    .fetch_one(&mut *c)
    .await?;
    row::get(&left, "needed")
}

/// Lets the database be opened without this key; `false` when it could be already.
async fn forget(c: &mut Conn, id: u32) -> Result<bool, StoreError> {
    let forgotten = sqlx::query("DELETE FROM meta WHERE name = $1")
        .bind(format!("key_check.{id}"))
        .execute(&mut *c)
        .await?;
    Ok(forgotten.rows_affected() == 1)
}
