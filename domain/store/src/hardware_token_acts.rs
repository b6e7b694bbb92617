//! What an operator does with a hardware token: gives it to somebody, takes it out of use for good,
//! puts its clock or counter right with two codes read out on the phone.
//!
//! Each is one transaction with its paper trail. Whether an operator may is the caller's question;
//! whether two codes follow one another is `anteroom-core`'s (`judge_resync`).

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::challenge::{Accepted, Spend};
use anteroom_core::hardware_token::Serial;
use anteroom_core::ids::SubscriberId;
use anteroom_core::throttle::ThrottlePolicy;
use sqlx::sqlite::SqliteRow;

use crate::attempt;
use crate::audit;
use crate::challenge::{count, secret_place};
use crate::claim;
use crate::counter::Counter;
use crate::enrolment_code;
use crate::error::StoreError;
use crate::factors;
use crate::hardware_token::token_place;
use crate::material::Material;
use crate::open::Store;
use crate::operator_self::acts_since;
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::session_end::{self, Whose};

const HOUR: std::time::Duration = std::time::Duration::from_secs(60 * 60);

/// What stood beside the password: nothing, an operator knew her (`authenticator.proof`).
const PROOF: &str = "operator";

/// What became of giving a token to somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum TokenAssigned {
    /// Hers from now on. `enrolled`: it is her first, so she is enrolled by this act.
    Done {
        /// Whether she had nothing before.
        enrolled: bool,
    },
    /// No token has that serial number.
    NoSuchToken,
    /// It is somebody's already.
    Taken,
    /// It is out of use.
    Revoked,
    /// There is no such person.
    NoSuchSubscriber,
    /// She is suspended: no code of hers counts.
    Suspended,
    /// This operator gave too many to people who had a second factor, within an hour.
    TooMany,
}

/// What became of taking a token out of use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum TokenRevoked {
    /// Its seed is destroyed.
    Done {
        /// It was its holder's only authenticator: she was reset, and needs an enrolment code or
        /// another token.
        reset: bool,
    },
    /// No token has that serial number.
    NoSuchToken,
    /// It was out of use before.
    Already,
    /// It is its holder's only one, so this is a reset, and the operator did too many of those.
    TooMany,
}

/// A token's row as acts need it.
struct Found {
    id: i64,
    free: bool,
    /// Its live authenticator and whose that is.
    held: Option<(i64, SubscriberId)>,
}

impl Store {
    /// Gives a token to a person: its seed is sealed anew for her authenticator and leaves the
    /// token's row. A person without a second factor is enrolled by it; her open enrolment code
    /// does not count any more. What she had before stays.
    ///
    /// `most_an_hour` limits how many people who *have* a second factor one operator may give
    /// another one: that is as mighty as a reset (attack E05).
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the seed does not open; [`StoreError::Unavailable`],
    /// [`StoreError::Full`]: nothing was done.
    pub async fn hardware_token_assign(
        &self,
        serial: &Serial,
        id: SubscriberId,
        most_an_hour: u32,
        paper: &Paper<'_>,
    ) -> Result<TokenAssigned, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            let Some(token) = find(c, serial).await? else {
                return Ok(End::Rollback(TokenAssigned::NoSuchToken));
            };
            if !token.free {
                let held = token.held.is_some();
                let why = if held { TokenAssigned::Taken } else { TokenAssigned::Revoked };
                return Ok(End::Rollback(why));
            }
            if let Some(refusal) = may_hold(c, id).await? {
                return Ok(End::Rollback(refusal));
            }
            let enrolled = enrol(c, id, paper).await?;
            let kind = AuditKind::HardwareTokenAssigned;
            let since = now.minus(HOUR);
            let limited = !enrolled && most_an_hour < u32::MAX;
            let most = u64::from(most_an_hour);
            if limited && acts_since(c, paper.operator, kind, since).await? >= most {
                return Ok(End::Rollback(TokenAssigned::TooMany));
            }
            self.token_hand_over(c, &token, serial, id, paper).await?;
            let about = paper.about(serial.as_str());
            let events = paper.because(&about).events(kind, Some(id));
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(TokenAssigned::Done { enrolled }))
        })
    }

    /// Moves the seed from the token's row to a new authenticator.
    async fn token_hand_over(
        &self,
        c: &mut Conn,
        token: &Found,
        serial: &Serial,
        id: SubscriberId,
        paper: &Paper<'_>,
    ) -> Result<(), StoreError> {
        let now = paper.now.as_millis();
        let seed = sqlx::query("SELECT secret FROM hardware_token WHERE id = $1")
            .bind(token.id)
            .fetch_one(&mut *c)
            .await?;
        let seed = self
            .inner
            .unseal(token_place(token.id), row::get(&seed, "secret")?)?;
        let added = sqlx::query(
            "INSERT INTO authenticator (subscriber_id, kind, label, proof, secret, last_step,
                                        enrolled_at, digits, period, serial)
             SELECT $2, 'hardware', $3, $4, $5, counter, $6, digits, period, serial
             FROM hardware_token WHERE id = $1 RETURNING id",
        )
        .bind(token.id)
        .bind(id.0)
        .bind(format!("Token {}", serial.tail()))
        .bind(PROOF)
        .bind(&b""[..])
        .bind(now)
        .fetch_one(&mut *c)
        .await?;
        let authenticator: i64 = row::get(&added, "id")?;
        sqlx::query("UPDATE authenticator SET secret = $2 WHERE id = $1")
            .bind(authenticator)
            .bind(self.inner.seal(secret_place(authenticator), &seed)?)
            .execute(&mut *c)
            .await?;
        let given = sqlx::query(
            "UPDATE hardware_token SET secret = NULL, authenticator_id = $2, assigned_at = $3
             WHERE id = $1 AND secret IS NOT NULL",
        )
        .bind(token.id)
        .bind(authenticator)
        .bind(now)
        .execute(&mut *c)
        .await?;
        if given.rows_affected() == 1 {
            return Ok(());
        }
        Err(StoreError::Conflict {
            constraint: "hardware_token_given_once".to_owned(),
        })
    }

    /// Takes a token out of use for good: its seed is destroyed wherever it is, and its holder's
    /// sessions end. Where it was her only authenticator she is reset, so that nobody is enrolled
    /// without anything to be asked for; `most_an_hour` counts these as resets.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: nothing was done.
    pub async fn hardware_token_revoke(
        &self,
        serial: &Serial,
        most_an_hour: u32,
        paper: &Paper<'_>,
    ) -> Result<TokenRevoked, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            let Some(token) = find(c, serial).await? else {
                return Ok(End::Rollback(TokenRevoked::NoSuchToken));
            };
            let revoked = sqlx::query(
                "UPDATE hardware_token SET revoked_at = $2, secret = NULL
                 WHERE id = $1 AND revoked_at IS NULL",
            )
            .bind(token.id)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
            if revoked.rows_affected() != 1 {
                return Ok(End::Rollback(TokenRevoked::Already));
            }
            let about = paper.about(serial.as_str());
            let paper = paper.because(&about);
            let whom = token.held.map(|(_, holder)| holder);
            let events = paper.events(AuditKind::HardwareTokenRevoked, whom);
            let Some((authenticator, holder)) = token.held else {
                audit::append(c, &self.inner.keys, &events, now).await?;
                return Ok(End::Commit(TokenRevoked::Done { reset: false }));
            };
            if is_last(c, authenticator, holder).await? {
                let (kind, since) = (AuditKind::SubscriberReset, now.minus(HOUR));
                let done = acts_since(c, paper.operator, kind, since).await?;
                if most_an_hour < u32::MAX && done >= u64::from(most_an_hour) {
                    return Ok(End::Rollback(TokenRevoked::TooMany));
                }
                audit::append(c, &self.inner.keys, &events, now).await?;
                factors::reset(c, &self.inner.keys, holder, &paper).await?;
                return Ok(End::Commit(TokenRevoked::Done { reset: true }));
            }
            self.token_remove(c, (authenticator, holder), events, &paper).await?;
            Ok(End::Commit(TokenRevoked::Done { reset: false }))
        })
    }

    async fn token_remove(
        &self,
        c: &mut Conn,
        (authenticator, holder): (i64, SubscriberId),
        mut events: Vec<AuditEvent>,
        paper: &Paper<'_>,
    ) -> Result<(), StoreError> {
        let (keys, now) = (&self.inner.keys, paper.now);
        sqlx::query("UPDATE authenticator SET removed_at = $2, secret = NULL WHERE id = $1")
            .bind(authenticator)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
        let gone = paper.event(AuditKind::AuthenticatorRemoved);
        events.push(gone.subscriber(holder));
        audit::append(c, keys, &events, now).await?;
        let whose = Whose::Subscriber(holder);
        session_end::end(c, keys, whose, "token_revoked", now).await?;
        Ok(())
    }

    /// What two codes of this token are judged by: its holder's wrong codes, and it alone of her
    /// authenticators. `None` when it is nobody's.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn hardware_token_material(
        &self,
        serial: &Serial,
    ) -> Result<Option<(SubscriberId, Material)>, StoreError> {
        let found = reading!(self, c => find(c, serial).await?);
        let Some((authenticator, holder)) = found.and_then(|found| found.held) else {
            return Ok(None);
        };
        let mut material = self.unlock_material(holder).await?;
        material.oath.retain(|one| one.id.0 == authenticator);
        Ok(Some((holder, material)))
    }

    /// Spends two right codes that were read out to an operator: the token counts again from there.
    /// Nobody is signed in by it, and wrong codes of before stay counted. `false` when the codes
    /// were spent meanwhile, or the token is nobody's any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn hardware_token_resync(
        &self,
        holder: SubscriberId,
        serial: &Serial,
        accepted: Accepted,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let Spend::Resync(spent) = accepted.spend() else {
                return Ok(End::Rollback(false));
            };
            if !claim::spend_step(c, holder, spent, paper.now).await? {
                return Ok(End::Rollback(false));
            }
            let about = paper.about(serial.as_str());
            let paper = paper.because(&about);
            let events = paper.events(AuditKind::HardwareTokenResynchronised, Some(holder));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(true))
        })
    }

    /// Counts two wrong codes that were read out to an operator, as one try of the holder's:
    /// nobody guesses through the helpdesk what she could not guess at the door (attack D07).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn hardware_token_resync_fail(
        &self,
        holder: SubscriberId,
        serial: &Serial,
        policy: &ThrottlePolicy,
        paper: &Paper<'_>,
    ) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            count(c, Counter::Subscriber(holder), policy, paper.now).await?;
            let about = format!("two codes of token {}", serial.tail());
            let event = paper.audit(AuditKind::ChallengeFailed, &about).subscriber(holder);
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(()))
        })
    }
}

async fn find(c: &mut Conn, serial: &Serial) -> Result<Option<Found>, StoreError> {
    let found = sqlx::query(
        "SELECT t.id, t.secret IS NOT NULL AS free, a.id AS authenticator, a.subscriber_id
         FROM hardware_token t LEFT JOIN authenticator a
              ON a.id = t.authenticator_id AND a.removed_at IS NULL
         WHERE t.serial = $1",
    )
    .bind(serial.as_str())
    .fetch_optional(&mut *c)
    .await?;
    found.as_ref().map(Found::decode).transpose()
}

impl Found {
    fn decode(found: &SqliteRow) -> Result<Self, StoreError> {
        let authenticator: Option<i64> = row::get(found, "authenticator")?;
        let holder: Option<i64> = row::get(found, "subscriber_id")?;
        Ok(Self {
            id: row::get(found, "id")?,
            free: row::get(found, "free")?,
            held: authenticator.zip(holder.map(SubscriberId)),
        })
    }
}

/// Why this one may not hold a token; `None` when she may.
async fn may_hold(c: &mut Conn, id: SubscriberId) -> Result<Option<TokenAssigned>, StoreError> {
    if !factors::is_person(c, id).await? {
        return Ok(Some(TokenAssigned::NoSuchSubscriber));
    }
    let found = sqlx::query("SELECT suspended_at FROM subscriber WHERE id = $1")
        .bind(id.0)
        .fetch_one(&mut *c)
        .await?;
    let suspended = row::at_maybe(&found, "suspended_at")?.is_some();
    Ok(suspended.then_some(TokenAssigned::Suspended))
}

/// Enrols somebody who has no second factor yet; `false` when she has. One conditional update, so
/// that of a phone and a token at the same moment one is the first.
async fn enrol(c: &mut Conn, id: SubscriberId, paper: &Paper<'_>) -> Result<bool, StoreError> {
    let now = paper.now;
    let enrolled = sqlx::query(
        "UPDATE subscriber SET enrolled_at = $2, was_reset = 0
         WHERE id = $1 AND enrolled_at IS NULL",
    )
    .bind(id.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    if enrolled.rows_affected() != 1 {
        return Ok(false);
    }
    enrolment_code::kill_live(c, id, now).await?;
    attempt::end_of_subscriber(c, id, now).await?;
    Ok(true)
}

async fn is_last(
    c: &mut Conn,
    authenticator: i64,
    holder: SubscriberId,
) -> Result<bool, StoreError> {
    let others = sqlx::query(
        "SELECT 1 FROM authenticator
         WHERE subscriber_id = $1 AND id <> $2 AND removed_at IS NULL LIMIT 1",
    )
    .bind(holder.0)
    .bind(authenticator)
    .fetch_optional(&mut *c)
    .await?;
    Ok(others.is_none())
}
