//! Recovery codes: hashed with argon2id, found by their selector, at most a few hashed at once.
//!
//! One argon2 run per look-up, whether or not the selector is known (attack D13), and never more
//! than two at a time with sixteen waiting (attack F04). Looking up spends nothing:
//! [`claim`](crate::claim) does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anteroom_core::ids::{RecoveryCodeId, SubscriberId};
use anteroom_core::recovery_code::{RecoveryCode, RecoveryMatch};
use anteroom_core::time::Timestamp;
use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::open::{Entropy, Store};
use crate::pools::{Conn, reading};
use crate::row;

/// Hashes that run at once; each takes 19 MiB and a core for some 30 ms.
const AT_ONCE: usize = 2;

/// Look-ups that may wait for their turn: a quarter of a second. Beyond, [`RecoveryLookup::Busy`].
const MAY_WAIT: usize = 16;

/// `standards.md` 0.1: argon2id with 19 MiB, 2 passes, 1 lane (OWASP's minimum). Stored with each
/// hash, so that a later version can tell the old from the new.
pub(crate) const SCHEME: &str = "argon2id-19456-2-1";

/// What a look-up found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum RecoveryLookup {
    /// An unspent code of this subscriber.
    Found(RecoveryMatch),
    /// No such code.
    Nothing,
    /// Too many look-ups are waiting; ask for another try in a moment. Nothing was hashed or
    /// counted.
    Busy,
}

/// A hashed code, ready to be stored.
pub(crate) struct Hashed {
    selector: String,
    salt: [u8; 16],
    hash: [u8; 32],
}

/// The turnstile before the hash, and what is hashed against when there is nothing to hash against.
pub(crate) struct Hashing {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    pub(crate) dummy_salt: [u8; 16],
}

impl Hashing {
    pub(crate) fn new(entropy: &Entropy) -> Self {
        let mut dummy_salt = [0; 16];
        entropy(&mut dummy_salt);
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: AtomicUsize::new(0),
            dummy_salt,
        }
    }

    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        self.turns
            .clone()
            .acquire_owned()
            .await
            .map_err(StoreError::unavailable)
    }
}

/// A place in the queue; given back when dropped, also by a caller that went away.
pub(crate) struct Waiting<'h>(&'h AtomicUsize);

impl<'h> Waiting<'h> {
    pub(crate) fn join(hashing: &'h Hashing) -> Option<Self> {
        let before = hashing.waiting.fetch_add(1, Ordering::AcqRel);
        let place = Self(&hashing.waiting);
        (before < MAY_WAIT + AT_ONCE).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A stored hash to compare with.
struct Candidate {
    id: RecoveryCodeId,
    salt: [u8; 16],
    hash: [u8; 32],
    /// There is no such code: hash all the same, find nothing.
    dummy: bool,
}

impl Store {
    /// Looks up an unspent recovery code of a subscriber. With no subscriber, or an unknown
    /// selector, it takes as long and finds nothing.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a hash of an unknown scheme; [`StoreError::Unavailable`].
    pub async fn recovery_match(
        &self,
        subscriber: Option<SubscriberId>,
        code: &RecoveryCode,
    ) -> Result<RecoveryLookup, StoreError> {
        let hashing = &self.inner.hashing;
        let Some(_waiting) = Waiting::join(hashing) else {
            return Ok(RecoveryLookup::Busy);
        };
        let mut candidates = self.candidates(subscriber, code.selector()).await?;
        if candidates.is_empty() {
            let (salt, hash) = (hashing.dummy_salt, [0; 32]);
            candidates.push(Candidate {
                id: RecoveryCodeId(0),
                salt,
                hash,
                dummy: true,
            });
        }
        let turn = hashing.turn().await?;
        let secret = Zeroizing::new(code.secret_part().to_owned());
        let found = blocking(move || {
            let found = first_match(&candidates, &secret);
            drop(turn);
            found
        })
        .await?;
        Ok(match found {
            Some(id) => RecoveryLookup::Found(RecoveryMatch { id }),
            None => RecoveryLookup::Nothing,
        })
    }

    async fn candidates(
        &self,
        subscriber: Option<SubscriberId>,
        selector: &str,
    ) -> Result<Vec<Candidate>, StoreError> {
        // Nobody is looked for like somebody, and not found (D13). Two codes of one set share a
        // selector once in 20,000 sets; three never need to be told apart.
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT id, scheme, salt, hash FROM recovery_code
                 WHERE subscriber_id = $1 AND selector = $2
                   AND used_at IS NULL AND removed_at IS NULL LIMIT 3",
            )
            .bind(subscriber.map(|id| id.0))
            .bind(selector)
            .fetch_all(&mut *c)
            .await?
        });
        found
            .iter()
            .map(|found| {
                let id: i64 = row::get(found, "id")?;
                if row::get::<&str>(found, "scheme")? != SCHEME {
                    return Err(StoreError::corrupt("recovery_code", "scheme", id));
                }
                Ok(Candidate {
                    id: RecoveryCodeId(id),
                    salt: row::bytes(found, "salt")?,
                    hash: row::bytes(found, "hash")?,
                    dummy: false,
                })
            })
            .collect()
    }

    /// Hashes a new set, one turn for all of it. Waits as long as it takes: only a right first code
    /// leads here.
    pub(crate) async fn recovery_hash(
        &self,
        codes: Vec<RecoveryCode>,
    ) -> Result<Vec<Hashed>, StoreError> {
        let salts: Vec<[u8; 16]> = codes.iter().map(|_| self.inner.random()).collect();
        let turn = self.inner.hashing.turn().await?;
        blocking(move || {
            let hashed = codes
                .iter()
                .zip(salts)
                .map(|(code, salt)| {
                    let hash = hash(code.secret_part(), &salt)?;
                    Ok(Hashed {
                        selector: code.selector().to_owned(),
                        salt,
                        hash,
                    })
                })
                .collect();
            drop(turn);
            hashed
        })
        .await
    }
}

/// Replaces a subscriber's set, in the transaction that `c` is in. Spent codes stay as history.
pub(crate) async fn replace(
    c: &mut Conn,
    subscriber: SubscriberId,
    codes: &[Hashed],
    now: Timestamp,
) -> Result<(), StoreError> {
    remove_all(c, subscriber, now).await?;
    for code in codes {
        sqlx::query(
            "INSERT INTO recovery_code (subscriber_id, selector, scheme, salt, hash, issued_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(subscriber.0)
        .bind(&code.selector)
        .bind(SCHEME)
        .bind(&code.salt[..])
        .bind(&code.hash[..])
        .bind(now.as_millis())
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

/// Makes all unspent codes of a subscriber worthless.
pub(crate) async fn remove_all(
    c: &mut Conn,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE recovery_code SET removed_at = $2
         WHERE subscriber_id = $1 AND used_at IS NULL AND removed_at IS NULL",
    )
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(StoreError::unavailable)?
}

fn first_match(
    candidates: &[Candidate],
    secret: &str,
) -> Result<Option<RecoveryCodeId>, StoreError> {
    let mut found = None;
    for candidate in candidates {
        let equal = hash(secret, &candidate.salt)?.ct_eq(&candidate.hash);
        if bool::from(equal) && !candidate.dummy {
            found = Some(candidate.id);
        }
    }
    Ok(found)
}

pub(crate) fn hash(secret: &str, salt: &[u8; 16]) -> Result<[u8; 32], StoreError> {
    let params = Params::new(19_456, 2, 1, Some(32)).map_err(StoreError::unavailable)?;
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret.as_bytes(), salt, &mut hash)
        .map_err(StoreError::unavailable)?;
    Ok(hash)
}
