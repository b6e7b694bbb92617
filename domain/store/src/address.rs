//! Addresses of people: added and removed by operators, by lists, and by herself; sealed at rest.
//!
//! There is no way from a login to here (advisory B4). A change is told to the addresses that stood
//! before it, and a new one waits before codes go there (attack D20); both rules are
//! `anteroom_core::address`'s. Sending codes is [`mail_code`](crate::mail_code)'s.

use std::time::Duration;

use anteroom_core::address::{AddressSource, MAX_ADDRESSES, MailAddress, codes_from};
use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{AddressId, SubscriberId};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::factors;
use crate::open::{Inner, Store};
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::seal::Place;

/// An address as operators and its owner see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddressView {
    /// Which.
    pub id: AddressId,
    /// The address. Redacted `Debug`.
    pub address: MailAddress,
    /// Who brought it.
    pub source: AddressSource,
    /// Which operator, if it was one.
    pub operator: Option<String>,
    /// Since when.
    pub added_at: Timestamp,
    /// From when on codes may go there.
    pub codes_from: Timestamp,
}

/// A new address.
#[derive(Clone, Copy, Debug)]
pub struct NewAddress<'a> {
    /// Whose.
    pub subscriber: SubscriberId,
    /// Which.
    pub address: &'a MailAddress,
    /// Who brings it.
    pub source: AddressSource,
    /// How long codes wait after a change.
    pub hold: Duration,
    /// The paper trail; its operator is left out where she brings it herself.
    pub paper: Paper<'a>,
}

/// What became of a new address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum AddressAdded {
    /// It is on file; the addresses before it were told.
    Added {
        /// Which.
        id: AddressId,
        /// From when on codes may go there.
        codes_from: Timestamp,
    },
    /// It was on file already; nothing was changed.
    Already,
    /// She has as many as anybody may.
    TooMany,
    /// There is no such person.
    NoSuch,
}

impl Store {
    /// Adds an address. Every address that stood before is told of it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when an address was not sealed for its row;
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn address_add(&self, new: NewAddress<'_>) -> Result<AddressAdded, StoreError> {
        let (id, paper, now) = (new.subscriber, new.paper, new.paper.now);
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(AddressAdded::NoSuch));
            }
            let known = of(c, &self.inner, id).await?;
            if known.iter().any(|one| one.address == *new.address) {
                return Ok(End::Rollback(AddressAdded::Already));
            }
            if known.len() >= MAX_ADDRESSES {
                return Ok(End::Rollback(AddressAdded::TooMany));
            }
            // Told before it is there: the notice goes to the old ones only.
            let what = paper.about(new.source.name());
            let mut events = paper.because(&what).events(AuditKind::AddressAdded, Some(id));
            if matches!(new.source, AddressSource::Herself) {
                events.iter_mut().for_each(|event| event.operator = None);
            }
            audit::append(c, &self.inner.keys, &events, now).await?;
            let (had_another, enrolled) = before(c, id).await?;
            let from = codes_from(had_another, enrolled, new.source, new.hold, now);
            let id = insert(c, &self.inner, &new, from).await?;
            Ok(End::Commit(AddressAdded::Added { id, codes_from: from }))
        })
    }

    /// Removes an address; it is told itself, with the others. Codes that were sent there do not
    /// count any more. `false` when it is not one of this person's.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn address_remove(
        &self,
        subscriber: SubscriberId,
        address: AddressId,
        herself: bool,
        paper: Paper<'_>,
    ) -> Result<bool, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            let mut events = paper.events(AuditKind::AddressRemoved, Some(subscriber));
            if herself {
                events.iter_mut().for_each(|event| event.operator = None);
            }
            audit::append(c, &self.inner.keys, &events, now).await?;
            let removed = sqlx::query(
                "UPDATE address SET removed_at = $3
                 WHERE id = $1 AND subscriber_id = $2 AND removed_at IS NULL",
            )
            .bind(address.0)
            .bind(subscriber.0)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            if removed.rows_affected() != 1 {
                return Ok(End::Rollback(false));
            }
            sqlx::query(
                "UPDATE mail_code SET replaced_at = $2
                 WHERE address_id = $1 AND used_at IS NULL AND replaced_at IS NULL",
            )
            .bind(address.0)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            Ok(End::Commit(true))
        })
    }

    /// The addresses of a person, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one was not sealed for its row; [`StoreError::Unavailable`].
    pub async fn addresses_of(&self, id: SubscriberId) -> Result<Vec<AddressView>, StoreError> {
        reading!(self, c => of(c, &self.inner, id).await)
    }
}

pub(crate) const fn address_place(address: i64) -> Place {
    Place {
        table: "address",
        column: "sealed",
        row: address,
    }
}

/// Opens the address of a row that has `address_id` and `sealed`.
pub(crate) fn opened(
    inner: &Inner,
    found: &SqliteRow,
    id_column: &str,
) -> Result<MailAddress, StoreError> {
    let id: i64 = row::get(found, id_column)?;
    let plain = inner.unseal(address_place(id), row::get(found, "sealed")?)?;
    std::str::from_utf8(&plain)
        .ok()
        .and_then(|text| MailAddress::parse(text).ok())
        .ok_or_else(|| StoreError::corrupt("address", "sealed", id))
}

/// Her addresses, in the transaction that `c` is in.
pub(crate) async fn of(
    c: &mut Conn,
    inner: &Inner,
    id: SubscriberId,
) -> Result<Vec<AddressView>, StoreError> {
    let found = sqlx::query(
        "SELECT id, sealed, source, operator, added_at, codes_from FROM address
         WHERE subscriber_id = $1 AND removed_at IS NULL ORDER BY id",
    )
    .bind(id.0)
    .fetch_all(&mut *c)
    .await?;
    found.iter().map(|found| view(inner, found)).collect()
}

fn view(inner: &Inner, found: &SqliteRow) -> Result<AddressView, StoreError> {
    let id: i64 = row::get(found, "id")?;
    Ok(AddressView {
        id: AddressId(id),
        address: opened(inner, found, "id")?,
        source: AddressSource::from_name(row::get(found, "source")?)
            .ok_or_else(|| StoreError::corrupt("address", "source", id))?,
        operator: row::get(found, "operator")?,
        added_at: row::at(found, "added_at")?,
        codes_from: row::at(found, "codes_from")?,
    })
}

/// Whether she had an address before, removed ones too, or a factor: removing one and adding
/// another is a change as well.
async fn before(c: &mut Conn, id: SubscriberId) -> Result<(bool, bool), StoreError> {
    let found = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM address a WHERE a.subscriber_id = s.id) AS had_another,
                s.enrolled_at IS NOT NULL OR s.was_reset AS enrolled
         FROM subscriber s WHERE s.id = $1",
    )
    .bind(id.0)
    .fetch_one(&mut *c)
    .await?;
    Ok((
        row::get(&found, "had_another")?,
        row::get(&found, "enrolled")?,
    ))
}

async fn insert(
    c: &mut Conn,
    inner: &Inner,
    new: &NewAddress<'_>,
    codes_from: Timestamp,
) -> Result<AddressId, StoreError> {
    let operator = match new.source {
        AddressSource::Herself => None,
        AddressSource::Operator | AddressSource::Import => Some(new.paper.operator),
    };
    let added = sqlx::query(
        "INSERT INTO address (subscriber_id, sealed, source, operator, added_at, codes_from)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    )
    .bind(new.subscriber.0)
    .bind(&b""[..])
    .bind(new.source.name())
    .bind(operator)
    .bind(new.paper.now.as_millis())
    .bind(codes_from.as_millis())
    .fetch_one(&mut *c)
    .await?;
    let id: i64 = row::get(&added, "id")?;
    // Sealed with the row's id as associated data, which is known only now.
    sqlx::query("UPDATE address SET sealed = $2 WHERE id = $1")
        .bind(id)
        .bind(inner.seal(address_place(id), new.address.expose().as_bytes())?)
        .execute(&mut *c)
        .await?;
    Ok(AddressId(id))
}
