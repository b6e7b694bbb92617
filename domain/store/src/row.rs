//! Reading columns into core's types, and writing them back. Holds no SQL.
//! Never opens a sealed value: see `seal`. What does not fit is `Corrupt`, with its place.

use std::net::IpAddr;
use std::str::FromStr;

use anteroom_core::ids::SessionHash;
use anteroom_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::error::StoreError;

/// A column of any type sqlx knows.
pub(crate) fn get<'r, T>(row: &'r SqliteRow, column: &str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    Ok(row.try_get::<T, &str>(column)?)
}

/// A moment.
pub(crate) fn at(row: &SqliteRow, column: &str) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_millis(get(row, column)?))
}

/// A moment that may not have come.
pub(crate) fn at_maybe(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, StoreError> {
    Ok(get::<Option<i64>>(row, column)?.map(Timestamp::from_millis))
}

/// A count; what does not fit is no count of ours.
pub(crate) fn count(row: &SqliteRow, column: &str) -> Result<u32, StoreError> {
    let stored: i64 = get(row, column)?;
    u32::try_from(stored).map_err(|_| odd(column))
}

/// A blob of exactly `N` bytes.
pub(crate) fn bytes<const N: usize>(row: &SqliteRow, column: &str) -> Result<[u8; N], StoreError> {
    let stored: &[u8] = get(row, column)?;
    <[u8; N]>::try_from(stored).map_err(|_| odd(column))
}

/// A blob of exactly `N` bytes that may be absent.
pub(crate) fn bytes_maybe<const N: usize>(
    row: &SqliteRow,
    column: &str,
) -> Result<Option<[u8; N]>, StoreError> {
    let stored: Option<&[u8]> = get(row, column)?;
    stored
        .map(|stored| <[u8; N]>::try_from(stored).map_err(|_| odd(column)))
        .transpose()
}

/// A session's hash.
pub(crate) fn hash(row: &SqliteRow, column: &str) -> Result<SessionHash, StoreError> {
    bytes(row, column).map(SessionHash)
}

/// A client's address.
pub(crate) fn address(row: &SqliteRow, column: &str) -> Result<IpAddr, StoreError> {
    IpAddr::from_str(get(row, column)?).map_err(|_| odd(column))
}

/// A value that its column cannot have held when we wrote it.
pub(crate) fn odd(column: &str) -> StoreError {
    StoreError::Corrupt {
        table: "a result".into(),
        column: column.to_owned().into(),
        row: 0,
    }
}
