//! How the store breaks. Absence is an `Option` and refusal an outcome: neither is ever an error.
//!
//! No variant and no message carries a value from a row, a name, a code or a key (attack G04):
//! tables, columns, row numbers and constraint names only. What to show is the edge's business.

use std::borrow::Cow;
use std::error::Error;
use std::path::PathBuf;

/// Why the store could not do what it was asked. Whatever it is, nothing was half done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database did not answer: gone, busy for too long, or an I/O error.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A constraint refused a write that no caller should have asked for.
    #[error("the constraint {constraint:?} refused a write")]
    Conflict {
        /// Its name, or its columns where the engine does not tell the name.
        constraint: String,
    },
    /// A stored value cannot be what we wrote: damaged, moved from another row, or tampered with.
    #[error("{table}.{column} of row {row} is not what was written there")]
    Corrupt {
        /// The table.
        table: Cow<'static, str>,
        /// The column.
        column: Cow<'static, str>,
        /// The row's id, or 0 where it has none.
        row: i64,
    },
    /// The keys do not belong to this database.
    #[error(transparent)]
    Key(#[from] KeyProblem),
    /// The tables could not be brought to this program's version.
    #[error("the database could not be migrated")]
    Migration(#[source] Box<dyn Error + Send + Sync>),
    /// The disk, or the size the database may have, is full. Nothing was written, nothing is let
    /// through.
    #[error("the disk is full: the store cannot write")]
    Full,
    /// The database file must not be used as it is.
    #[error("the database file {path}: {problem}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: FileProblem,
    },
}

/// What is wrong with the keys that were handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyProblem {
    /// No key, or no key of the current id.
    #[error("there is no key {0}, which is named as the current one")]
    NoCurrent(u32),
    /// Two keys of one id.
    #[error("key {0} is given twice")]
    Twice(u32),
    /// The database still holds values under a key that was not handed in.
    #[error("key {0}, with which this database was written, is not among the keys")]
    Missing(u32),
    /// The current key is new to the database, and whoever opens it may not introduce one.
    #[error("key {0}, the first of the key file, is not in use yet")]
    NotInUse(u32),
    /// A key has the id but not the bytes of the one the database was written with.
    #[error("key {0} is not the key of that number with which this database was written")]
    Other(u32),
}

/// What is wrong with the database file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FileProblem {
    /// It is a symbolic link.
    #[error("is a symbolic link; name the file itself")]
    Symlink,
    /// It is a directory, a device, a socket.
    #[error("is not a regular file")]
    NotAFile,
    /// Others than owner and group may open it, or the group may write it.
    #[error("has mode {0:03o}, which lets others read or the group write it; chmod it to 600")]
    LooseMode(u32),
}

impl StoreError {
    pub(crate) fn corrupt(table: &'static str, column: &'static str, row: i64) -> Self {
        Self::Corrupt {
            table: table.into(),
            column: column.into(),
            row,
        }
    }

    pub(crate) fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

/// Primary result codes of SQLite (<https://www.sqlite.org/rescode.html>); the low byte of the
/// extended code.
mod primary {
    pub(super) const FULL: u32 = 13;
    pub(super) const CONSTRAINT: u32 = 19;
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let primary = error
            .as_database_error()
            .and_then(|database| database.code()?.parse::<u32>().ok())
            .map(|code| code & 0xff);
        match (primary, error) {
            (Some(primary::FULL), _) => Self::Full,
            (Some(primary::CONSTRAINT), sqlx::Error::Database(database)) => {
                let message = database.message();
                let constraint = message
                    .rsplit_once("failed: ")
                    .map_or(message, |(_, name)| name);
                Self::Conflict {
                    constraint: constraint.to_owned(),
                }
            }
            (_, sqlx::Error::ColumnDecode { index, .. }) => Self::Corrupt {
                table: "a result".into(),
                column: index.into(),
                row: 0,
            },
            (_, error) => Self::unavailable(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(inner)
            | sqlx::migrate::MigrateError::ExecuteMigration(inner, _) => match Self::from(inner) {
                Self::Full => Self::Full,
                other => Self::Migration(Box::new(other)),
            },
            other => Self::Migration(Box::new(other)),
        }
    }
}
