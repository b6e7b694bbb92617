//! Connections: one writer, several readers, and the two macros through which all SQL runs.
//!
//! Never holds a query: those live with their tables. PostgreSQL joins as a second variant of
//! [`Pools`]; the SQL text (`$n`, `ON CONFLICT`, `RETURNING`, no engine's own functions) is written
//! so that it can stay.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::error::{FileProblem, StoreError};

/// The connection that queries are written for.
pub(crate) type Conn = sqlx::SqliteConnection;

/// How long a call waits for a connection or a lock before the store counts as unavailable.
const PATIENCE: Duration = Duration::from_secs(5);

/// Readers beside the one writer.
const READERS: u32 = 4;

/// Pages in the log at which the writer checkpoints by itself, should nobody call
/// `Store::checkpoint`: 64 MiB. SQLite's own 1000 would put a checkpoint with its two fsyncs into
/// every hundredth sign-in.
const AUTO_CHECKPOINT_PAGES: &str = "16384";

/// The open database.
pub(crate) enum Pools {
    /// One file in WAL mode. A single writing connection means that our own writes never meet as
    /// SQLITE_BUSY.
    Sqlite {
        /// Read-only; sees every commit at once.
        r: SqlitePool,
        /// The writer.
        w: SqlitePool,
        /// Moves the log into the file beside the writer, which it does not block.
        checkpointer: SqlitePool,
    },
}

/// What a committed write must survive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Survives {
    /// `kill -9`: the log is written, the disk not waited for. For what a power cut may undo
    /// harmlessly: taints, held answers, activity. Undoing never gives rights: it takes back whole
    /// transactions, newest first.
    Kill,
    /// A power cut: the disk is waited for. For what must never come back: spent codes, enrolments,
    /// resets.
    PowerCut,
}

impl Survives {
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            // IMMEDIATE: the right to write is taken first, so that no read of ours is stale when
            // we write, not even against another process (the command line while the gateway runs).
            Self::Kill => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
            Self::PowerCut => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
        }
    }
}

/// How a transaction ends.
pub(crate) enum End<T> {
    /// Keep what was written.
    Commit(T),
    /// Undo it: the outcome is a refusal.
    Rollback(T),
}

/// Runs one query, or several, on a reading connection.
macro_rules! reading {
    ($store:expr, $conn:ident => $body:expr) => {
        match &$store.inner.pools {
            $crate::pools::Pools::Sqlite { r, .. } => {
                let mut held = r.acquire().await?;
                let $conn: &mut $crate::pools::Conn = &mut held;
                $body
            }
        }
    };
}

/// Runs a transaction on the writing connection. The body gives an `End`, or an error, which
/// undoes.
macro_rules! writing {
    ($store:expr, $survives:ident, $conn:ident => $body:block) => {
        match &$store.inner.pools {
            $crate::pools::Pools::Sqlite { w, .. } => {
                let begin = $crate::pools::Survives::$survives.begin();
                let mut line = w.acquire().await?;
                let mut held = sqlx::Connection::begin_with(&mut *line, begin).await?;
                let ended: Result<$crate::pools::End<_>, $crate::StoreError> = {
                    let $conn: &mut $crate::pools::Conn = &mut held;
                    async { $body }.await
                };
                let (outcome, over) = match ended {
                    Ok($crate::pools::End::Commit(outcome)) => match held.commit().await {
                        Ok(()) => (Ok(outcome), true),
                        Err(error) => (Err(error.into()), false),
                    },
                    Ok($crate::pools::End::Rollback(outcome)) => match held.rollback().await {
                        Ok(()) => (Ok(outcome), true),
                        Err(error) => (Err(error.into()), false),
                    },
                    // The error matters more than whether the undoing worked.
                    Err(error) => (Err(error), held.rollback().await.is_ok()),
                };
                if !over {
                    // A full disk makes SQLite undo the transaction by itself. sqlx would go on
                    // counting it as open and refuse every later one, so this connection goes.
                    line.close_on_drop();
                }
                outcome
            }
        }
    };
}

pub(crate) use {reading, writing};

impl Pools {
    /// Opens or creates the file; migrates it before the first reader looks.
    pub(crate) async fn open(path: &Path, max_pages: Option<u32>) -> Result<Self, StoreError> {
        prepare_file(path)?;
        let base = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
            .statement_cache_capacity(200);
        // Heard by our own tests alone, which count them (attack D13).
        #[cfg(not(test))]
        let base = sqlx::ConnectOptions::disable_statement_logging(base);
        let mut writing = base
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", AUTO_CHECKPOINT_PAGES)
            .pragma("journal_size_limit", "67108864");
        if let Some(pages) = max_pages {
            writing = writing.pragma("max_page_count", pages.to_string());
        }
        let w = pool(1).connect_with(writing).await?;
        sqlx::migrate!("migrations/sqlite").run(&w).await?;
        let r = pool(READERS)
            .connect_with(base.clone().read_only(true))
            .await?;
        let checkpointer = pool(1).connect_lazy_with(base.synchronous(SqliteSynchronous::Full));
        Ok(Self::Sqlite { r, w, checkpointer })
    }

    /// Moves the log into the database file as far as readers allow; never waits for anybody.
    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { checkpointer, .. } => {
                sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
                    .execute(checkpointer)
                    .await?;
                Ok(())
            }
        }
    }

    /// Closes every connection; what is committed stays.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { r, w, checkpointer } => {
                r.close().await;
                checkpointer.close().await;
                w.close().await;
            }
        }
    }
}

fn pool(size: u32) -> SqlitePoolOptions {
    // Connections to a file do not go stale: never tested, never replaced.
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Creates the file for its owner alone, or refuses one that is not. SQLite gives the log and its
/// index the mode of the file.
#[cfg(unix)]
fn prepare_file(path: &Path) -> Result<(), StoreError> {
    use std::io::ErrorKind;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

    let refuse = |problem| {
        Err(StoreError::File {
            path: path.to_owned(),
            problem,
        })
    };
    // create_new neither follows a link nor opens what is already there, so nobody can slip a file
    // under us.
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_created) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(StoreError::unavailable(error)),
    }
    let found = std::fs::symlink_metadata(path).map_err(StoreError::unavailable)?;
    if found.file_type().is_symlink() {
        return refuse(FileProblem::Symlink);
    }
    if !found.file_type().is_file() {
        return refuse(FileProblem::NotAFile);
    }
    if found.mode() & 0o027 != 0 {
        return refuse(FileProblem::LooseMode(found.mode() & 0o777));
    }
    Ok(())
}

#[cfg(not(unix))]
fn prepare_file(_path: &Path) -> Result<(), StoreError> {
    Ok(())
}
