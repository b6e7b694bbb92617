//! What a code is judged by: the authenticators of a person and her wrong codes so far.
//!
//! Reads only; nothing is cached, every post reads anew. `anteroom-core`'s `challenge` judges, a
//! wrong code is [`challenge`](crate::challenge)'s, a right one [`claim`](crate::claim)'s.

use std::fmt;

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::ids::{AuthenticatorId, SubscriberId};
use anteroom_core::oath::{Digits, Drift, MovingFactor, OathOnFile};
use anteroom_core::throttle::Throttle;
use anteroom_core::totp::{TimeStep, TotpSecret};

use crate::attempt::Attempt;
use crate::challenge::{counter_of, secret_place};
use crate::counter::{self, Counter, Reading, ThrottleVersion};
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::reading;
use crate::row;

/// One OATH authenticator: an app on a phone, or a token of hardware. Redacted `Debug`.
#[derive(Clone)]
pub struct OathMaterial {
    /// Which.
    pub id: AuthenticatorId,
    /// Of which kind.
    pub kind: AuthenticatorKind,
    /// Its seed.
    pub secret: TotpSecret,
    /// What moves its codes on.
    pub factor: MovingFactor,
    /// How many digits they have.
    pub digits: Digits,
    /// What is known of its clock.
    pub drift: Drift,
    /// The newest step, or the last counter value, spent.
    pub last_step: Option<TimeStep>,
    /// Disabled, or its subscriber is suspended: never matches.
    pub disabled: bool,
    /// The subscriber's name for it.
    pub label: String,
}

impl OathMaterial {
    fn on_file(&self) -> OathOnFile<'_> {
        OathOnFile {
            id: self.id,
            kind: self.kind,
            secret: &self.secret,
            factor: self.factor,
            digits: self.digits,
            drift: self.drift,
            last_step: self.last_step,
            disabled: self.disabled,
        }
    }
}

impl fmt::Debug for OathMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OathMaterial")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// All that a code is judged by.
#[derive(Clone, Debug)]
pub struct Material {
    /// The subscriber's OATH authenticators; none for a name nobody is enrolled under.
    pub oath: Vec<OathMaterial>,
    /// The wrong codes so far.
    pub throttle: Throttle,
    /// Which counter that is, and how old this reading: goes into the claim or the failure.
    pub version: ThrottleVersion,
    /// Recovery codes not yet used.
    pub recovery_left: u32,
}

impl Material {
    /// The authenticators as `judge_code` takes them.
    #[must_use]
    pub fn on_file(&self) -> Vec<OathOnFile<'_>> {
        self.oath.iter().map(OathMaterial::on_file).collect()
    }

    /// Whether she has a hardware token that works.
    #[must_use]
    pub fn has_token(&self) -> bool {
        let works = |one: &&OathMaterial| one.kind == AuthenticatorKind::Hardware && !one.disabled;
        self.oath.iter().any(|one| works(&one))
    }
}

impl Store {
    /// What a code typed in this attempt is judged by. Where the password is proved, the
    /// subscriber's own counter, else the name's.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a seed was not sealed for its row; [`StoreError::Unavailable`].
    pub async fn challenge_material(&self, attempt: &Attempt) -> Result<Material, StoreError> {
        let counter = counter_of(attempt.id, attempt.subscriber, attempt.proved);
        self.material(attempt.subscriber, counter).await
    }

    /// What a code typed into a locked session of this subscriber is judged by.
    ///
    /// # Errors
    /// As [`challenge_material`](Self::challenge_material).
    pub async fn unlock_material(&self, subscriber: SubscriberId) -> Result<Material, StoreError> {
        self.material(Some(subscriber), Counter::Subscriber(subscriber))
            .await
    }

    async fn material(
        &self,
        subscriber: Option<SubscriberId>,
        counter: Counter,
    ) -> Result<Material, StoreError> {
        // The counter first: a failure between the two reads makes the claim stale, never too kind.
        let (Reading { throttle, version }, found, recovery_left) = reading!(self, c => {
            let reading = counter::read(c, counter).await?;
            let found = sqlx::query(
                "SELECT a.id, a.kind, a.secret, a.last_step, a.label, a.digits, a.period,
                        a.drift, a.drift_anchor,
                        a.disabled_at IS NOT NULL OR s.suspended_at IS NOT NULL AS disabled
                 FROM authenticator a JOIN subscriber s ON s.id = a.subscriber_id
                 WHERE a.subscriber_id = $1 AND a.removed_at IS NULL
                   AND a.kind IN ('totp', 'hardware')
                 ORDER BY a.id",
            )
            .bind(subscriber.map(|id| id.0))
            .fetch_all(&mut *c)
            .await?;
            let left = sqlx::query(
                "SELECT COUNT(*) AS recovery_left FROM recovery_code
                 WHERE subscriber_id = $1 AND used_at IS NULL AND removed_at IS NULL",
            )
            .bind(subscriber.map(|id| id.0))
            .fetch_one(&mut *c)
            .await?;
            (reading, found, row::count(&left, "recovery_left")?)
        });
        let oath = found
            .iter()
            .map(|found| self.oath(found))
            .collect::<Result<_, _>>()?;
        Ok(Material {
            oath,
            throttle,
            version,
            recovery_left,
        })
    }

    fn oath(&self, found: &sqlx::sqlite::SqliteRow) -> Result<OathMaterial, StoreError> {
        let id: i64 = row::get(found, "id")?;
        let corrupt = |column| StoreError::corrupt("authenticator", column, id);
        let plain = self
            .inner
            .unseal(secret_place(id), row::get(found, "secret")?)?;
        let last_step = row::get::<Option<i64>>(found, "last_step")?
            .map(|step| u64::try_from(step).map(TimeStep))
            .transpose()
            .map_err(|_| corrupt("last_step"))?;
        Ok(OathMaterial {
            id: AuthenticatorId(id),
            kind: AuthenticatorKind::from_name(row::get(found, "kind")?)
                .ok_or_else(|| corrupt("kind"))?,
            secret: TotpSecret::from_bytes(plain.to_vec()),
            factor: MovingFactor::of_period(row::get(found, "period")?)
                .ok_or_else(|| corrupt("period"))?,
            digits: Digits::of_count(row::get(found, "digits")?)
                .ok_or_else(|| corrupt("digits"))?,
            drift: Drift {
                steps: row::get(found, "drift")?,
                anchor: row::get(found, "drift_anchor")?,
            },
            last_step,
            disabled: row::get(found, "disabled")?,
            label: row::get(found, "label")?,
        })
    }
}
