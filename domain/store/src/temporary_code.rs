//! Temporary codes: issued by an operator to somebody who cannot use her phone, looked up at a
//! challenge or unlock, revoked.
//!
//! Only a MAC is kept, bound to its subscriber and under a key that is not in the database: 33 bits
//! could be searched otherwise. Minting and reading typed codes is `anteroom-core`'s; spending is
//! [`claim`](crate::claim)'s.

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{SubscriberId, TemporaryCodeId};
use anteroom_core::temporary_code::{
    LOOKS_IN_PAUSES, TemporaryCode, TemporaryFound, TemporaryOver,
};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::counter::{self, Counter};
use crate::error::StoreError;
use crate::keys::Purpose;
use crate::open::Store;
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::row;

/// How many codes of a subscriber are compared with a typed one: older ones are just wrong.
const LOOKED_AT: i64 = 10;

/// A code to be issued.
#[derive(Clone, Copy)]
pub struct TemporaryCodeIssue<'a> {
    /// For whom.
    pub subscriber: SubscriberId,
    /// The code; shown once by the caller, kept here only as a MAC.
    pub code: &'a TemporaryCode,
    /// When it stops counting.
    pub expires_at: Timestamp,
    /// How often it counts, 1 to 50.
    pub uses: u32,
    /// Who issues it, and why.
    pub paper: Paper<'a>,
}

/// What became of an issue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum TemporaryIssued {
    /// Issued; an older one does not count any more.
    Issued(TemporaryCodeId),
    /// She has no second factor that it could stand in for: she needs an enrolment code.
    NotEnrolled,
    /// Suspended: no code of hers counts.
    Suspended,
    /// There is no such subscriber.
    NoSuchSubscriber,
}

/// A temporary code as an operator sees it: never the code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemporaryCodeView {
    /// Which.
    pub id: TemporaryCodeId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it stops, or stopped, counting.
    pub expires_at: Timestamp,
    /// How often it may still be used.
    pub uses_left: u32,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
    /// When it was typed last though it did not count any more.
    pub refused_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Who issued it.
    pub operator: String,
}

impl TemporaryCodeView {
    /// Why it does not count at `now`; `None` while it does. What came first is the reason.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> Option<TemporaryOver> {
        if self.uses_left == 0 {
            let at = self.last_used_at.unwrap_or(self.expires_at);
            return Some(TemporaryOver::UsedUp(at));
        }
        let expired = (self.expires_at <= now).then_some(self.expires_at);
        match (self.revoked_at, expired) {
            (Some(revoked), Some(expired)) if expired <= revoked => {
                Some(TemporaryOver::Expired(expired))
            }
            (Some(revoked), _) => Some(TemporaryOver::Revoked(revoked)),
            (None, Some(expired)) => Some(TemporaryOver::Expired(expired)),
            (None, None) => None,
        }
    }
}

impl Store {
    /// Issues a temporary code and revokes an older one. Lifts a running pause and forgets the
    /// wrong codes in a row, because an operator's grant must work although somebody hammers the
    /// account (attack D09); the rolling count stays. In a pause that comes
    /// afterwards the code may still be looked at: [`Self::temporary_code_look`].
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for uses out of range; [`StoreError::Unavailable`],
    /// [`StoreError::Full`]: do not show the code.
    pub async fn temporary_code_issue(
        &self,
        issue: TemporaryCodeIssue<'_>,
    ) -> Result<TemporaryIssued, StoreError> {
        let (id, paper, now) = (issue.subscriber, issue.paper, issue.paper.now);
        writing!(self, PowerCut, c => {
            if let Some(refusal) = refusal(c, id).await? {
                return Ok(End::Rollback(refusal));
            }
            let mut events = Vec::new();
            if revoke_live(c, id, now).await? {
                let replaced = paper.event(AuditKind::TemporaryCodeRevoked).subscriber(id);
                events.push(replaced.reason("a newer one was issued"));
            }
            let parts = mac_parts(id, issue.code);
            let (key_id, mac) = self.inner.keys.mac(Purpose::TemporaryCode, &[&parts.0, parts.1]);
            let issued = sqlx::query(
                "INSERT INTO temporary_code (subscriber_id, key_id, mac, operator, issued_at,
                                             expires_at, uses_left)
                 VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            )
            .bind(id.0)
            .bind(i64::from(key_id))
            .bind(&mac[..])
            .bind(paper.operator)
            .bind(now.as_millis())
            .bind(issue.expires_at.as_millis())
            .bind(i64::from(issue.uses))
            .fetch_one(&mut *c)
            .await?;
            pauses_lift(c, id, now).await?;
            events.extend(paper.events(AuditKind::TemporaryCodeIssued, Some(id)));
            audit::append(c, &self.inner.keys, &events, now).await?;
            let issued = TemporaryCodeId(row::get(&issued, "id")?);
            Ok(End::Commit(TemporaryIssued::Issued(issued)))
        })
    }

    /// Takes the subscriber's temporary code back. `false` when none counts.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn temporary_code_revoke(
        &self,
        subscriber: SubscriberId,
        paper: Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let counts = sqlx::query(
                "SELECT 1 FROM temporary_code WHERE subscriber_id = $1 AND revoked_at IS NULL
                        AND uses_left > 0 AND expires_at > $2",
            )
            .bind(subscriber.0)
            .bind(paper.now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            if counts.is_none() || !revoke_live(c, subscriber, paper.now).await? {
                return Ok(End::Rollback(false));
            }
            let events = paper.events(AuditKind::TemporaryCodeRevoked, Some(subscriber));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(true))
        })
    }

    /// The newest `n` temporary codes of a subscriber, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn temporary_codes_of(
        &self,
        subscriber: SubscriberId,
        n: u32,
    ) -> Result<Vec<TemporaryCodeView>, StoreError> {
        let found = self.temporary_rows(Some(subscriber), i64::from(n)).await?;
        found.iter().map(view).collect()
    }

    /// Whether what was typed is a code of this subscriber, and if it counts at `now`. Spends
    /// nothing. With no subscriber it looks all the same and finds nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn temporary_code_match(
        &self,
        subscriber: Option<SubscriberId>,
        code: &TemporaryCode,
        now: Timestamp,
    ) -> Result<Option<TemporaryFound>, StoreError> {
        let rows = self.temporary_rows(subscriber, LOOKED_AT).await?;
        let mut found = None;
        for one in &rows {
            let parts = mac_parts(subscriber.unwrap_or(SubscriberId(0)), code);
            let (key_id, mac) = (row::count(one, "key_id")?, row::bytes::<32>(one, "mac")?);
            let (keys, purpose) = (&self.inner.keys, Purpose::TemporaryCode);
            if !keys.mac_holds(key_id, purpose, &[&parts.0, parts.1], &mac) {
                continue;
            }
            let view = view(one)?;
            let (id, over) = (view.id, view.over(now));
            let seen = over.map_or(TemporaryFound::Live(id), |why| TemporaryFound::Over {
                id,
                why,
            });
            // Newest first; only one can count.
            if found.is_none() || over.is_none() {
                found = Some(seen);
            }
        }
        Ok(found)
    }

    /// Takes one of the looks at the subscriber's live code that there are while tries are paused.
    /// `false`: she has no code that counts, or its looks are used up; compare nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: compare nothing either.
    pub async fn temporary_code_look(
        &self,
        subscriber: SubscriberId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // Not audited: the log would grow by whatever is typed in a pause, as for every other code
        // it does not. One that is used is.
        writing!(self, Kill, c => {
            let taken = sqlx::query(
                "UPDATE temporary_code SET looks = looks + 1
                 WHERE subscriber_id = $1 AND revoked_at IS NULL AND uses_left > 0
                   AND expires_at > $2 AND looks < $3",
            )
            .bind(subscriber.0)
            .bind(now.as_millis())
            .bind(i64::from(LOOKS_IN_PAUSES))
            .execute(&mut *c)
            .await?;
            Ok(End::Commit(taken.rows_affected() == 1))
        })
    }

    async fn temporary_rows(
        &self,
        subscriber: Option<SubscriberId>,
        n: i64,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        Ok(reading!(self, c => {
            sqlx::query(
                "SELECT * FROM temporary_code WHERE subscriber_id = $1 ORDER BY id DESC LIMIT $2",
            )
            .bind(subscriber.map(|id| id.0))
            .bind(n)
            .fetch_all(&mut *c)
            .await?
        }))
    }
}

/// Makes the subscriber's live code worthless; `false` when there is none.
pub(crate) async fn revoke_live(
    c: &mut Conn,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let revoked = sqlx::query(
        "UPDATE temporary_code SET revoked_at = $2
         WHERE subscriber_id = $1 AND revoked_at IS NULL AND uses_left > 0",
    )
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(revoked.rows_affected() > 0)
}

/// Uses a code once, in the transaction of a claim; `false` when it does not count (any more).
pub(crate) async fn spend(
    c: &mut Conn,
    subscriber: SubscriberId,
    code: TemporaryCodeId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let spent = sqlx::query(
        "UPDATE temporary_code SET uses_left = uses_left - 1, last_used_at = $3
         WHERE id = $1 AND subscriber_id = $2 AND uses_left > 0 AND revoked_at IS NULL
           AND expires_at > $3",
    )
    .bind(code.0)
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// Writes down that a code was typed when it did not count any more.
pub(crate) async fn refused(
    c: &mut Conn,
    code: TemporaryCodeId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE temporary_code SET refused_at = $2 WHERE id = $1")
        .bind(code.0)
        .bind(now.as_millis())
        .execute(&mut *c)
        .await?;
    Ok(())
}

async fn refusal(c: &mut Conn, id: SubscriberId) -> Result<Option<TemporaryIssued>, StoreError> {
    let found = sqlx::query("SELECT enrolled_at, suspended_at FROM subscriber WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *c)
        .await?;
    let Some(found) = found else {
        return Ok(Some(TemporaryIssued::NoSuchSubscriber));
    };
    let suspended = row::at_maybe(&found, "suspended_at")?.is_some();
    let enrolled = row::at_maybe(&found, "enrolled_at")?.is_some();
    Ok(match (suspended, enrolled) {
        (true, _) => Some(TemporaryIssued::Suspended),
        (false, false) => Some(TemporaryIssued::NotEnrolled),
        (false, true) => None,
    })
}

/// Lifts the pauses of the subscriber and of her name, as an unlock does, but leaves both rolling
/// counts and what is disabled: the code is let in by an operator, the guesser is not.
async fn pauses_lift(c: &mut Conn, id: SubscriberId, now: Timestamp) -> Result<(), StoreError> {
    let reading = counter::read(c, Counter::Subscriber(id)).await?;
    counter::write(
        c,
        reading.version,
        &reading.throttle.after_success(now),
        now,
    )
    .await?;
    sqlx::query(
        "UPDATE name_throttle
         SET consecutive = 0, paused_until = NULL, version = version + 1, updated_at = $2
         WHERE (realm, tenant, folded) =
               (SELECT realm, tenant, folded FROM subscriber WHERE id = $1)",
    )
    .bind(id.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// The code is bound to its subscriber: typed under another name, it is no code.
fn mac_parts(subscriber: SubscriberId, code: &TemporaryCode) -> ([u8; 8], &[u8]) {
    (subscriber.0.to_be_bytes(), code.expose().as_bytes())
}

fn view(found: &SqliteRow) -> Result<TemporaryCodeView, StoreError> {
    Ok(TemporaryCodeView {
        id: TemporaryCodeId(row::get(found, "id")?),
        issued_at: row::at(found, "issued_at")?,
        expires_at: row::at(found, "expires_at")?,
        uses_left: row::count(found, "uses_left")?,
        last_used_at: row::at_maybe(found, "last_used_at")?,
        refused_at: row::at_maybe(found, "refused_at")?,
        revoked_at: row::at_maybe(found, "revoked_at")?,
        operator: row::get(found, "operator")?,
    })
}
