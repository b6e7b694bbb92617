//! One person in full, as her page shows her: state, spellings, factors with their history, codes
//! that are out, notes, other names.
//!
//! Reads only, and never a secret column. Her sessions are [`session`](crate::session)'s, what
//! happened to her [`audit`](crate::audit)'s.

use anteroom_core::ids::{AuthenticatorId, SubscriberId};
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::time::Timestamp;

use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, reading};
use crate::row;
use crate::subscriber::{self, SubscriberListing};

/// Notes shown, the newest first.
const NOTES: i64 = 20;
/// Former and present authenticators shown, the newest first.
const AUTHENTICATORS: i64 = 100;

/// One person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// What lists show of her too.
    pub listing: SubscriberListing,
    /// When she became known.
    pub created_at: Timestamp,
    /// When an operator suspended her.
    pub suspended_at: Option<Timestamp>,
    /// The spellings that are her.
    pub spellings: Vec<SpellingOf>,
    /// Her authenticators, removed ones too, those in use first, then the newest.
    pub authenticators: Vec<AuthenticatorHistory>,
    /// Her recovery codes.
    pub recovery: RecoveryState,
    /// The enrolment code that is out for her, expired or not.
    pub enrolment_code: Option<OpenCode>,
    /// The newest notes about her, the newest first.
    pub notes: Vec<Note>,
    /// Names that were merged into her.
    pub merged: Vec<MergedName>,
}

/// A spelling linked to a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpellingOf {
    /// As typed.
    pub display: String,
    /// Since when.
    pub linked_at: Timestamp,
}

/// An authenticator, in use or no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthenticatorHistory {
    /// Which.
    pub id: AuthenticatorId,
    /// `totp`.
    pub kind: String,
    /// The subscriber's own name for it.
    pub label: String,
    /// What stood beside the password at the enrolment: `EnrolmentProof::name`.
    pub proof: String,
    /// Since when.
    pub enrolled_at: Timestamp,
    /// When a code of it was last right.
    pub last_used_at: Option<Timestamp>,
    /// Since when its codes do not count.
    pub disabled_at: Option<Timestamp>,
    /// Who did that: `throttle` or `operator`.
    pub disabled_by: Option<String>,
    /// When it was taken away; its seed was destroyed then.
    pub removed_at: Option<Timestamp>,
}

/// How a person's recovery codes stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RecoveryState {
    /// How many are left.
    pub left: u32,
    /// When those were issued.
    pub issued_at: Option<Timestamp>,
    /// When one was last used, of this set or an older one.
    pub last_used_at: Option<Timestamp>,
}

/// A code that an operator issued and nobody has used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenCode {
    /// When.
    pub issued_at: Timestamp,
    /// Until when it counts; may be past.
    pub expires_at: Timestamp,
    /// By whom.
    pub operator: String,
}

/// What an operator wrote down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub operator: String,
    /// What; may have several lines.
    pub text: String,
}

/// A name that leads to another person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MergedName {
    /// The id it has, or had; audit rows may name it.
    pub id: SubscriberId,
    /// The name.
    pub display_name: String,
}

impl Store {
    /// One person in full. The id of a name that was merged gives whom it leads to: compare
    /// `listing.id`. `None` when there is no such person, also for an operator's own factors.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn person(&self, id: SubscriberId) -> Result<Option<Person>, StoreError> {
        reading!(self, c => {
            let found = sqlx::query(
                "SELECT s.id, s.created_at, s.suspended_at
                 FROM subscriber n JOIN subscriber s ON s.id = COALESCE(n.merged_into, n.id)
                 WHERE n.id = $1 AND s.realm <> $2",
            )
            .bind(id.0)
            .bind(OPERATOR_REALM)
            .fetch_optional(&mut *c)
            .await?;
            let Some(found) = found else { return Ok(None) };
            let id = SubscriberId(row::get(&found, "id")?);
            let listing = subscriber::listings(c, &[id]).await?.pop();
            let Some(listing) = listing else { return Ok(None) };
            Ok(Some(Person {
                created_at: row::at(&found, "created_at")?,
                suspended_at: row::at_maybe(&found, "suspended_at")?,
                spellings: spellings(c, id).await?,
                authenticators: authenticators(c, id).await?,
                recovery: recovery(c, id, listing.recovery_left).await?,
                enrolment_code: enrolment_code(c, id).await?,
                notes: notes(c, id).await?,
                merged: merged(c, id).await?,
                listing,
            }))
        })
    }
}

async fn spellings(c: &mut Conn, id: SubscriberId) -> Result<Vec<SpellingOf>, StoreError> {
    let found = sqlx::query(
        "SELECT display, linked_at FROM spelling WHERE subscriber_id = $1
         ORDER BY linked_at, spelling_key",
    )
    .bind(id.0)
    .fetch_all(&mut *c)
    .await?;
    found
        .iter()
        .map(|found| {
            Ok(SpellingOf {
                display: row::get(found, "display")?,
                linked_at: row::at(found, "linked_at")?,
            })
        })
        .collect()
}

pub(crate) async fn authenticators(
    c: &mut Conn,
    id: SubscriberId,
) -> Result<Vec<AuthenticatorHistory>, StoreError> {
    let found = sqlx::query(
        "SELECT id, kind, label, proof, enrolled_at, last_used_at, disabled_at, disabled_by,
                removed_at
         FROM authenticator
         WHERE subscriber_id IN (SELECT id FROM subscriber WHERE id = $1 OR merged_into = $1)
         ORDER BY removed_at IS NOT NULL, id DESC LIMIT $2",
    )
    .bind(id.0)
    .bind(AUTHENTICATORS)
    .fetch_all(&mut *c)
    .await?;
    found
        .iter()
        .map(|found| {
            Ok(AuthenticatorHistory {
                id: AuthenticatorId(row::get(found, "id")?),
                kind: row::get(found, "kind")?,
                label: row::get(found, "label")?,
                proof: row::get(found, "proof")?,
                enrolled_at: row::at(found, "enrolled_at")?,
                last_used_at: row::at_maybe(found, "last_used_at")?,
                disabled_at: row::at_maybe(found, "disabled_at")?,
                disabled_by: row::get(found, "disabled_by")?,
                removed_at: row::at_maybe(found, "removed_at")?,
            })
        })
        .collect()
}

pub(crate) async fn recovery(
    c: &mut Conn,
    id: SubscriberId,
    left: u32,
) -> Result<RecoveryState, StoreError> {
    let found = sqlx::query(
        "SELECT MAX(CASE WHEN removed_at IS NULL THEN issued_at END) AS issued_at,
                MAX(used_at) AS last_used_at
         FROM recovery_code WHERE subscriber_id = $1",
    )
    .bind(id.0)
    .fetch_one(&mut *c)
    .await?;
    Ok(RecoveryState {
        left,
        issued_at: row::at_maybe(&found, "issued_at")?,
        last_used_at: row::at_maybe(&found, "last_used_at")?,
    })
}

async fn enrolment_code(c: &mut Conn, id: SubscriberId) -> Result<Option<OpenCode>, StoreError> {
    let found = sqlx::query(
        "SELECT issued_at, expires_at, operator FROM enrolment_code
         WHERE subscriber_id = $1 AND spent_at IS NULL AND killed_at IS NULL",
    )
    .bind(id.0)
    .fetch_optional(&mut *c)
    .await?;
    found
        .map(|found| {
            Ok(OpenCode {
                issued_at: row::at(&found, "issued_at")?,
                expires_at: row::at(&found, "expires_at")?,
                operator: row::get(&found, "operator")?,
            })
        })
        .transpose()
}

async fn notes(c: &mut Conn, id: SubscriberId) -> Result<Vec<Note>, StoreError> {
    let found = sqlx::query(
        "SELECT at, operator, text FROM note
         WHERE subscriber_id IN (SELECT id FROM subscriber WHERE id = $1 OR merged_into = $1)
         ORDER BY id DESC LIMIT $2",
    )
    .bind(id.0)
    .bind(NOTES)
    .fetch_all(&mut *c)
    .await?;
    found
        .iter()
        .map(|found| {
            Ok(Note {
                at: row::at(found, "at")?,
                operator: row::get(found, "operator")?,
                text: row::get(found, "text")?,
            })
        })
        .collect()
}

async fn merged(c: &mut Conn, id: SubscriberId) -> Result<Vec<MergedName>, StoreError> {
    let found: Vec<(i64, String)> = sqlx::query_as(
        "SELECT id, display_name FROM subscriber WHERE merged_into = $1 ORDER BY folded",
    )
    .bind(id.0)
    .fetch_all(&mut *c)
    .await?;
    let names = found.into_iter().map(|(id, display_name)| MergedName {
        id: SubscriberId(id),
        display_name,
    });
    Ok(names.collect())
}
