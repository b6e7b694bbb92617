//! A look into a store's file without opening the store: no key, no lock, no file made or changed.
//!
//! For questions that are asked beside a running gateway, or before the first start of a new
//! configuration. Reads what is not sealed, and never waits for anybody.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::error::StoreError;
use crate::passkey::{rp_id_told, rp_ids};
use crate::pools::Conn;
use crate::row;

/// What a look found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Glance<T> {
    /// This.
    Seen(T),
    /// A log of writes stands beside the file without its index: only a writer can read that.
    Unfinished,
}

/// For which relying parties live passkeys were made, in each realm, and how many: as
/// [`Store::passkey_rp_ids`](crate::Store::passkey_rp_ids).
///
/// # Errors
/// [`StoreError::Unavailable`] when the file cannot be read as a store.
pub async fn passkey_rp_ids(path: &Path) -> Result<Glance<Vec<(String, String, u32)>>, StoreError> {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        Path::new(&name).exists()
    };
    // Without a log the file is the whole truth and is read as it lies there, for otherwise SQLite
    // would make both files, as whoever runs us. With both, it only reads them.
    let lies_still = match (beside("-wal"), beside("-shm")) {
        (false, _) => true,
        (true, true) => false,
        (true, false) => return Ok(Glance::Unfinished),
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .immutable(lies_still);
    let mut c = options.connect().await?;
    let found = look(&mut c).await;
    c.close().await?;
    found.map(Glance::Seen)
}

async fn look(c: &mut Conn) -> Result<Vec<(String, String, u32)>, StoreError> {
    let known = sqlx::query(
        "SELECT COUNT(*) AS known FROM pragma_table_info('authenticator') WHERE name = 'rp_id'",
    )
    .fetch_one(&mut *c)
    .await?;
    // Of a time before passkeys: the next start brings the column.
    if row::count(&known, "known")? == 0 {
        return Ok(Vec::new());
    }
    let found = rp_ids(c).await?;
    found.iter().map(rp_id_told).collect()
}
