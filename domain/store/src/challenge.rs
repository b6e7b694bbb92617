//! What a wrong code costs.
//!
//! By what it was judged is [`material`](crate::material)'s; `anteroom-core`'s `challenge` judged,
//! and [`claim`](crate::claim) spends what it accepted. Never judges anything itself.

use std::net::IpAddr;
use std::time::Duration;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AppName, AttemptId, SessionHash, SubscriberId, TemporaryCodeId};
use anteroom_core::passkey::Fault;
use anteroom_core::temporary_code::TemporaryOver;
use anteroom_core::throttle::{Throttle, ThrottlePolicy};
use anteroom_core::time::Timestamp;

use crate::audit;
use crate::counter::{self, Counter, ThrottleVersion};
use crate::error::StoreError;
use crate::keys::Keys;
use crate::mail_code;
use crate::open::Store;
use crate::pools::{Conn, End, writing};
use crate::seal::Place;
use crate::temporary_code;

/// How often "your password may be stolen" is said at most.
const STOLEN_NOTICE_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// How the reason of a wrong code begins that was right some minutes ago; the minutes follow.
pub const CLOCK_OFF: &str = "clock_off";

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

    /// The same for a passkey's answer; the event says what was wrong with it.
    ///
    /// # Errors
    /// As [`challenge_fail`](Self::challenge_fail).
    pub async fn passkey_fail(
        &self,
        fault: Fault,
        failure: ChallengeFailure<'_>,
    ) -> Result<FailureTold, StoreError> {
        let why = format!("passkey {}", fault.name());
        writing!(self, Kill, c => {
            Ok(End::Commit(fail(c, &self.inner.keys, &failure, Some(&why)).await?))
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
