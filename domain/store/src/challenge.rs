//! What a code is judged by, and what a wrong one costs.
//!
//! Reads the material, writes the failure; `anteroom-core`'s `challenge` judges in between, and
//! [`claim`](crate::claim) spends what it accepted. Nothing is cached: every post reads anew.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::challenge::TotpOnFile;
use anteroom_core::ids::{
    AppName, AttemptId, AuthenticatorId, SessionHash, SubscriberId, TemporaryCodeId,
};
use anteroom_core::temporary_code::TemporaryOver;
use anteroom_core::throttle::{Throttle, ThrottlePolicy};
use anteroom_core::time::Timestamp;
use anteroom_core::totp::{TimeStep, TotpSecret};

use crate::attempt::Attempt;
use crate::audit;
use crate::counter::{self, Counter, Reading, ThrottleVersion};
use crate::error::StoreError;
use crate::keys::Keys;
use crate::mail_code;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::seal::Place;
use crate::temporary_code;

/// How often "your password may be stolen" is said at most.
const STOLEN_NOTICE_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// How the reason of a wrong code begins that was right some minutes ago; the minutes follow.
pub const CLOCK_OFF: &str = "clock_off";

/// One TOTP authenticator. Redacted `Debug`.
#[derive(Clone)]
pub struct TotpMaterial {
    /// Which.
    pub id: AuthenticatorId,
    /// Its seed.
    pub secret: TotpSecret,
    /// The newest step spent.
    pub last_step: Option<TimeStep>,
    /// Disabled, or its subscriber is suspended: never matches.
    pub disabled: bool,
    /// The subscriber's name for it.
    pub label: String,
}

impl fmt::Debug for TotpMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TotpMaterial")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// All that a code is judged by.
#[derive(Clone, Debug)]
pub struct Material {
    /// The subscriber's authenticators; none for a name nobody is enrolled under.
    pub totp: Vec<TotpMaterial>,
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
    pub fn on_file(&self) -> Vec<TotpOnFile<'_>> {
        self.totp
            .iter()
            .map(|one| TotpOnFile {
                id: one.id,
                secret: &one.secret,
                last_step: one.last_step,
                disabled: one.disabled,
            })
            .collect()
    }
}

/// A wrong code.
#[derive(Clone, Copy)]
pub struct ChallengeFailure<'a> {
    /// The reading it was judged by.
    pub version: ThrottleVersion,
    /// Whose code it should have been.
    pub subscriber: Option<SubscriberId>,
    /// The attempt it was typed in; `None` for an unlock.
    pub attempt: Option<AttemptId>,
    /// The session it was typed in.
    pub session: SessionHash,
    /// The app.
    pub app: &'a AppName,
    /// How wrong codes are slowed.
    pub policy: &'a ThrottlePolicy,
    /// [`AuditKind::ChallengeFailed`] or [`AuditKind::CodeReused`].
    pub kind: AuditKind,
    /// By how many minutes the phone's clock seems to be off, negative when it is slow; the event
    /// says so as `clock_off -4`.
    pub clock_off: Option<i64>,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What a wrong code led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailureTold {
    /// The counter as it stands now, other failures included.
    pub throttle: Throttle,
    /// The ceiling was reached: every authenticator of the subscriber is disabled.
    pub disabled: bool,
    /// The subscriber is to be told that the password may be stolen.
    pub password_may_be_stolen: bool,
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
                "SELECT a.id, a.secret, a.last_step, a.label,
                        a.disabled_at IS NOT NULL OR s.suspended_at IS NOT NULL AS disabled
                 FROM authenticator a JOIN subscriber s ON s.id = a.subscriber_id
                 WHERE a.subscriber_id = $1 AND a.removed_at IS NULL AND a.kind = 'totp'
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
        let totp = found
            .iter()
            .map(|found| self.totp(found))
            .collect::<Result<_, _>>()?;
        Ok(Material {
            totp,
            throttle,
            version,
            recovery_left,
        })
    }

    fn totp(&self, found: &sqlx::sqlite::SqliteRow) -> Result<TotpMaterial, StoreError> {
        let id: i64 = row::get(found, "id")?;
        let plain = self
            .inner
            .unseal(secret_place(id), row::get(found, "secret")?)?;
        let last_step = row::get::<Option<i64>>(found, "last_step")?
            .map(|step| u64::try_from(step).map(TimeStep))
            .transpose()
            .map_err(|_| StoreError::corrupt("authenticator", "last_step", id))?;
        Ok(TotpMaterial {
            id: AuthenticatorId(id),
            secret: TotpSecret::from_bytes(plain.to_vec()),
            last_step,
            disabled: row::get(found, "disabled")?,
            label: row::get(found, "label")?,
        })
    }

    /// Counts a wrong code against the counter it was judged by, as that counter stands now;
    /// disables the subscriber's authenticators at the ceiling; audits all of it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: answer with an error, not with "wrong".
    pub async fn challenge_fail(
        &self,
        failure: ChallengeFailure<'_>,
    ) -> Result<FailureTold, StoreError> {
        writing!(self, Kill, c => {
            Ok(End::Commit(fail(c, &self.inner.keys, &failure, None).await?))
        })
    }

    /// The same for a temporary code that does not count any more: it costs a try like any wrong
    /// one, and its owner's operator will see when it was typed, and why it was refused.
    ///
    /// # Errors
    /// As [`challenge_fail`](Self::challenge_fail).
    pub async fn temporary_code_refuse(
        &self,
        code: TemporaryCodeId,
        why: TemporaryOver,
        failure: ChallengeFailure<'_>,
    ) -> Result<FailureTold, StoreError> {
        let kind = AuditKind::TemporaryCodeRefused;
        let failure = ChallengeFailure { kind, ..failure };
        writing!(self, Kill, c => {
            temporary_code::refused(c, code, failure.now).await?;
            let told = fail(c, &self.inner.keys, &failure, Some(why.name())).await?;
            Ok(End::Commit(told))
        })
    }
}

async fn fail(
    c: &mut Conn,
    keys: &Keys,
    failure: &ChallengeFailure<'_>,
    why: Option<&str>,
) -> Result<FailureTold, StoreError> {
    let throttle = count(c, failure.version.counter, failure.policy, failure.now).await?;
    if let Some(attempt) = failure.attempt {
        sqlx::query("UPDATE attempt SET tries = tries + 1 WHERE id = $1")
            .bind(attempt.0)
            .execute(&mut *c)
            .await?;
    }
    mail_code::try_lost(c, failure.session).await?;
    let (disabled, password_may_be_stolen) = match failure.version.counter {
        Counter::Subscriber(id) => (
            disable_at_ceiling(c, id, &throttle, failure).await?,
            failure.attempt.is_some() && stolen_notice(c, id, &throttle, failure).await?,
        ),
        Counter::NameOf(_) => (0, false),
    };
    let mut first = failure.event(failure.kind);
    if let Some(why) = why {
        first = first.reason(why);
    }
    if let Some(minutes) = failure.clock_off {
        first = first.reason(&format!("{CLOCK_OFF} {minutes}"));
    }
    let mut told = Vec::new();
    if throttle.pause(failure.policy, failure.now).is_some() {
        told.push(AuditKind::ThrottlePaused);
    }
    told.extend((0..disabled).map(|_| AuditKind::AuthenticatorDisabled));
    told.extend(password_may_be_stolen.then_some(AuditKind::PasswordMayBeStolen));
    let mut events = vec![first];
    events.extend(told.into_iter().map(|kind| failure.event(kind)));
    audit::append(c, keys, &events, failure.now).await?;
    Ok(FailureTold {
        throttle,
        disabled: disabled > 0,
        password_may_be_stolen,
    })
}

impl ChallengeFailure<'_> {
    fn event(&self, kind: AuditKind) -> AuditEvent {
        let mut event = AuditEvent::new(kind)
            .app(self.app)
            .session(self.session)
            .client(self.client);
        event.subscriber = self.subscriber;
        event
    }
}

/// By which counter codes of an attempt are judged.
pub(crate) const fn counter_of(
    attempt: AttemptId,
    subscriber: Option<SubscriberId>,
    proved: bool,
) -> Counter {
    match subscriber {
        Some(subscriber) if proved => Counter::Subscriber(subscriber),
        _ => Counter::NameOf(attempt),
    }
}

/// Counts one more wrong code and gives the counter as it then stands.
pub(crate) async fn count(
    c: &mut Conn,
    counter: Counter,
    policy: &ThrottlePolicy,
    now: Timestamp,
) -> Result<Throttle, StoreError> {
    // One writer never comes round twice; an engine with several settles by the version.
    for _ in 0..16 {
        let reading = counter::read(c, counter).await?;
        let mut next = reading.throttle.after_failure(policy, now);
        if matches!(counter, Counter::NameOf(_)) {
            // Unproved tries slow each other down, to the longest pause; they never reach the
            // ceiling of consecutive ones, or anybody could shut anybody out (DESIGN-CASES 5). The
            // rolling cap holds.
            next.consecutive = next.consecutive.min(policy.disable_at.saturating_sub(1));
        }
        if counter::write(c, reading.version, &next, now).await? {
            return Ok(next);
        }
    }
    Err(StoreError::unavailable(
        "the counter of wrong codes would not stand still",
    ))
}

async fn disable_at_ceiling(
    c: &mut Conn,
    subscriber: SubscriberId,
    throttle: &Throttle,
    failure: &ChallengeFailure<'_>,
) -> Result<u64, StoreError> {
    if throttle.consecutive < failure.policy.disable_at {
        return Ok(0);
    }
    let disabled = sqlx::query(
        "UPDATE authenticator SET disabled_at = $2, disabled_by = 'throttle'
         WHERE subscriber_id = $1 AND removed_at IS NULL AND disabled_at IS NULL",
    )
    .bind(subscriber.0)
    .bind(failure.now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(disabled.rows_affected())
}

async fn stolen_notice(
    c: &mut Conn,
    subscriber: SubscriberId,
    throttle: &Throttle,
    failure: &ChallengeFailure<'_>,
) -> Result<bool, StoreError> {
    if throttle.consecutive < failure.policy.free_tries {
        return Ok(false);
    }
    let raised = sqlx::query(
        "UPDATE subscriber SET stolen_notice_at = $2
         WHERE id = $1 AND (stolen_notice_at IS NULL OR stolen_notice_at <= $3)",
    )
    .bind(subscriber.0)
    .bind(failure.now.as_millis())
    .bind(failure.now.minus(STOLEN_NOTICE_EVERY).as_millis())
    .execute(&mut *c)
    .await?;
    Ok(raised.rows_affected() == 1)
}

pub(crate) const fn secret_place(authenticator: i64) -> Place {
    Place {
        table: "authenticator",
        column: "secret",
        row: authenticator,
    }
}
