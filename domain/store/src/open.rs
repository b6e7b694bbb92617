//! Opening the store: the file, the tables, the keys. Holds [`Store`] itself.
//!
//! Never creates a key and never repairs a file: what does not fit is refused, with the reason.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::time::Timestamp;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::audit;
use crate::error::{KeyProblem, StoreError};
use crate::keys::Keys;
use crate::pools::{Conn, End, Pools, reading, writing};
use crate::recovery::Hashing;
use crate::seal::{self, Place};

/// Fills a buffer with random bytes; `anteroom-config`'s `ambient` gives the system's.
pub type Entropy = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What [`Store::open`] needs.
pub struct StoreOptions {
    /// The database file. Created with mode 0600 when it does not exist; its directory must.
    pub path: PathBuf,
    /// The keys for secrets at rest.
    pub keys: Keys,
    /// Where nonces and salts come from.
    pub entropy: Entropy,
    /// The most pages (of 4 KiB) the file may have. For tests of a full disk; `None` otherwise.
    pub max_page_count: Option<u32>,
    /// Whether a current key that the database does not know becomes its current one. Not for who
    /// opens it beside a running gateway, which could not read what is written under that key.
    pub introduces_key: bool,
}

impl StoreOptions {
    /// Options with no bound on the file's size.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, keys: Keys, entropy: Entropy) -> Self {
        Self {
            path: path.into(),
            keys,
            entropy,
            max_page_count: None,
            introduces_key: true,
        }
    }
}

/// The store. Cheap to clone; every clone is the same one.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share.
pub(crate) struct Inner {
    pub(crate) pools: Pools,
    pub(crate) keys: Keys,
    pub(crate) entropy: Entropy,
    pub(crate) hashing: Hashing,
}

impl Store {
    /// Opens the database, creating and migrating it as needed.
    ///
    /// # Errors
    /// [`StoreError::File`] for a link or a file that others may read, [`StoreError::Key`] for keys
    /// that are not this database's, [`StoreError::Migration`] for a database of a newer program,
    /// [`StoreError::Full`] and [`StoreError::Unavailable`].
    pub async fn open(options: StoreOptions, now: Timestamp) -> Result<Self, StoreError> {
        let pools = Pools::open(&options.path, options.max_page_count).await?;
        let hashing = Hashing::new(&options.entropy);
        let StoreOptions {
            keys,
            entropy,
            introduces_key,
            ..
        } = options;
        let store = Self {
            inner: Arc::new(Inner {
                pools,
                keys,
                entropy,
                hashing,
            }),
        };
        store.keys_check(introduces_key, now).await?;
        Ok(store)
    }

    /// Whether the database answers and can be written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not, [`StoreError::Full`] when it cannot.
    pub async fn ping(&self) -> Result<(), StoreError> {
        reading!(self, c => sqlx::query("SELECT 1").execute(&mut *c).await)?;
        // Takes some pages and undoes it: a read would not notice a writer that is stuck, and a
        // small row might still fit where nothing else does.
        writing!(self, Kill, c => {
            sqlx::query("INSERT INTO meta (name, value) VALUES ('ping', zeroblob(16384))")
                .execute(&mut *c)
                .await?;
            Ok(End::Rollback(()))
        })
    }

    /// Moves the write-ahead log into the database file as far as it goes without waiting for
    /// anybody. Call it every few seconds from a task of its own: it takes fsyncs out of the
    /// sign-ins.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and [`StoreError::Full`]; nothing is lost by either.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.inner.pools.checkpoint().await
    }

    /// Closes every connection. What is committed stays; other clones' calls fail from now on.
    pub async fn close(&self) {
        self.inner.pools.close().await;
    }

    /// Refuses keys that are not those of this database; remembers a new current one.
    async fn keys_check(&self, introduces: bool, now: Timestamp) -> Result<(), StoreError> {
        let keys = &self.inner.keys;
        writing!(self, PowerCut, c => {
            let known: Vec<(String, Vec<u8>)> =
                sqlx::query_as("SELECT name, value FROM meta WHERE name LIKE 'key_check.%'")
                    .fetch_all(&mut *c)
                    .await?;
            let mut current_is_known = false;
            for (name, value) in &known {
                let id = name
                    .strip_prefix("key_check.")
                    .and_then(|id| id.parse::<u32>().ok())
                    .ok_or_else(|| StoreError::corrupt("meta", "name", 0))?;
                let expected = keys.check_value(id).ok_or(KeyProblem::Missing(id))?;
                if !bool::from(expected.ct_eq(value)) {
                    return Err(KeyProblem::Other(id).into());
                }
                current_is_known |= id == keys.current_id();
            }
            if current_is_known {
                return Ok(End::Rollback(()));
            }
            if !introduces && !known.is_empty() {
                return Err(KeyProblem::NotInUse(keys.current_id()).into());
            }
            key_remember(c, keys).await?;
            let rotated = AuditEvent::new(AuditKind::KeyRotated)
                .reason(&format!("current key {}", keys.current_id()));
            if known.is_empty() {
                audit::begin(c, keys, &[rotated], now).await?;
            } else {
                audit::append(c, keys, &[rotated], now).await?;
            }
            Ok(End::Commit(()))
        })
    }
}

async fn key_remember(c: &mut Conn, keys: &Keys) -> Result<(), StoreError> {
    let id = keys.current_id();
    let value = keys.check_value(id).ok_or(KeyProblem::NoCurrent(id))?;
    sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2)")
        .bind(format!("key_check.{id}"))
        .bind(&value[..])
        .execute(&mut *c)
        .await?;
    Ok(())
}

impl Inner {
    /// `N` random bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.entropy)(&mut bytes);
        bytes
    }

    /// Seals a secret for its place.
    pub(crate) fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal::seal(&self.keys, place, self.random(), plain)
    }

    /// Opens a secret at its place.
    pub(crate) fn unseal(
        &self,
        place: Place,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        seal::open(&self.keys, place, sealed)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("keys", &self.inner.keys)
            .finish_non_exhaustive()
    }
}
