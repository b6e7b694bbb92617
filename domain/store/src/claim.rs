//! A right code becomes a verified session, once: the second link of the chain of proofs.
//!
//! `Accepted` (core: the code is right) → [`Claimed`] (here: first use) → `Released` (the gateway:
//! the answer is open). One transaction spends, opens the session and audits; a constraint or a
//! conditional update settles every race. Never judges a code, never opens an answer.

use std::net::IpAddr;
use std::time::Duration;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::challenge::{Accepted, Spend, SpentStep};
use anteroom_core::ids::{AppName, AttemptId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::means::Means;
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;
use subtle::ConstantTimeEq;

use crate::audit;
use crate::challenge::counter_of;
use crate::counter::{self, Counter, ThrottleVersion};
use crate::error::StoreError;
use crate::mail_code;
use crate::open::Store;
use crate::passkey;
use crate::pools::{Conn, End, writing};
use crate::release::{self, NewSession};
use crate::row;
use crate::sealed_code;
use crate::session_end;
use crate::temporary_code;

/// The same form sent again within this time is the same claim (DESIGN-CASES 15).
pub(crate) const SAME_FORM_FOR: Duration = Duration::from_secs(30);

/// Proof that an attempt was claimed: a code was spent for it, or an enrolment confirmed in it.
/// Made only in this crate; what opens a held answer asks for it.
#[must_use = "a claim that releases nothing leaves its subscriber without her page"]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    pub(crate) attempt: AttemptId,
    pub(crate) session: SessionHash,
    pub(crate) subscriber: SubscriberId,
    pub(crate) display_name: String,
}

impl Claimed {
    /// The attempt.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }

    /// The hash of the verified session's id.
    #[must_use]
    pub const fn session(&self) -> SessionHash {
        self.session
    }

    /// Who.
    #[must_use]
    pub const fn subscriber(&self) -> SubscriberId {
        self.subscriber
    }

    /// Her name, for pages.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.display_name
    }
}

/// What a claim needs beside the proof.
#[derive(Clone, Copy)]
pub struct ClaimContext<'a> {
    /// The attempt the code was typed in.
    pub attempt: AttemptId,
    /// The reading the code was judged by.
    pub version: ThrottleVersion,
    /// A MAC of the code, form nonce and pending id, by which the same form is known again. Never
    /// the code.
    pub code_mac: [u8; 32],
    /// The hash of the verified session's new id.
    pub verified: SessionHash,
    /// The fresh random key of its sealed cookies.
    pub jar_key: [u8; 32],
    /// When the second factor passed.
    pub authenticated_at: Timestamp,
    /// The overall end.
    pub ends_at: Timestamp,
    /// RFC 8176 values, separated by spaces.
    pub amr: &'a str,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What became of a right code.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub enum Claim {
    /// Spent now, for this attempt.
    Claimed(Claimed),
    /// Spent before, or by somebody at the same moment. It is not counted as a wrong code; audited
    /// as reused.
    AlreadySpent,
    /// The same form again, within 30 seconds: the same session, nothing spent anew.
    Again(Claimed),
    /// Wrong codes came in since the reading it was judged by: read the material and judge anew.
    Stale,
    /// The attempt is over, or its subscriber is suspended.
    Gone,
}

/// The attempt as the claim finds it.
struct Found {
    app: AppName,
    subscriber: Option<SubscriberId>,
    display_name: String,
    state: String,
    expires_at: Timestamp,
    pending: SessionRow,
    verified: Option<SessionHash>,
    claimed_at: Option<Timestamp>,
    claimed_code_mac: Option<[u8; 32]>,
    verified_lives: bool,
    suspended: bool,
    proved: bool,
}

impl Store {
    /// Spends the accepted code and opens the verified session, in one transaction that a power cut
    /// cannot undo. Of any number of parallel calls for one code, one wins.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for a reading of another attempt's counter. With
    /// [`StoreError::Unavailable`] or [`StoreError::Full`] it is not known whether the code was
    /// spent: the same form sent again tells.
    pub async fn challenge_claim(
        &self,
        accepted: Accepted,
        context: ClaimContext<'_>,
    ) -> Result<Claim, StoreError> {
        let now = context.now;
        writing!(self, PowerCut, c => {
            let Some(found) = find(c, context.attempt).await? else {
                return Ok(End::Rollback(Claim::Gone));
            };
            if let Some(early) = found.early(&context) {
                return Ok(End::Rollback(early));
            }
            let Some(subscriber) = found.subscriber else {
                return Ok(End::Rollback(Claim::Gone));
            };
            counter_fits(&context, counter_of(context.attempt, found.subscriber, found.proved))?;
            let event = |kind| {
                AuditEvent::new(kind).subscriber(subscriber).app(&found.app).client(context.client)
            };
            if !spend(c, &found.app, subscriber, accepted.spend(), now).await? {
                let reused = event(AuditKind::CodeReused);
                audit::append(c, &self.inner.keys, &[reused], now).await?;
                return Ok(End::Commit(Claim::AlreadySpent));
            }
            if !count_success(c, context.version, now).await? {
                return Ok(End::Rollback(Claim::Stale));
            }
            mark_claimed(c, &context).await?;
            let session = NewSession {
                hash: context.verified,
                app: &found.app,
                subscriber: Some(subscriber),
                jar_key: context.jar_key,
                authenticated_at: context.authenticated_at,
                ends_at: context.ends_at,
                amr: context.amr,
                single_factor: false,
                emergency: None,
                device: None,
                now,
            };
            release::session_open(c, &self.inner, &session).await?;
            session_end::supersede(c, found.pending, now).await?;
            let mut events = vec![event(AuditKind::ChallengePassed).session(context.verified)];
            for used in used(accepted.spend()) {
                events.push(event(*used).session(context.verified));
            }
            let verified = event(AuditKind::SessionVerified).session(context.verified);
            events.push(verified.reason(Means::of(accepted.spend()).name()));
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(Claim::Claimed(found.claimed(&context, subscriber))))
        })
    }
}

impl Found {
    /// What can be answered without touching the code: a repeated form, an attempt that is over.
    fn early(&self, context: &ClaimContext<'_>) -> Option<Claim> {
        match self.state.as_str() {
            "claimed" | "released" => Some(self.again(context)),
            "pending" if context.now < self.expires_at && !self.suspended => None,
            _ => Some(Claim::Gone),
        }
    }

    fn again(&self, context: &ClaimContext<'_>) -> Claim {
        let (Some(subscriber), Some(verified)) = (self.subscriber, self.verified) else {
            return Claim::Gone;
        };
        let same_form = self
            .claimed_code_mac
            .is_some_and(|mac| bool::from(mac.ct_eq(&context.code_mac)));
        let in_time = self
            .claimed_at
            .is_some_and(|at| context.now < at.plus(SAME_FORM_FOR));
        match (same_form && in_time, self.verified_lives) {
            (false, _) => Claim::AlreadySpent,
            (true, false) => Claim::Gone,
            (true, true) => Claim::Again(Claimed {
                attempt: context.attempt,
                session: verified,
                subscriber,
                display_name: self.display_name.clone(),
            }),
        }
    }

    fn claimed(self, context: &ClaimContext<'_>, subscriber: SubscriberId) -> Claimed {
        Claimed {
            attempt: context.attempt,
            session: context.verified,
            subscriber,
            display_name: self.display_name,
        }
    }

    fn decode(found: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            app: AppName::new(row::get(found, "app")?),
            subscriber: row::get::<Option<i64>>(found, "subscriber_id")?.map(SubscriberId),
            display_name: row::get(found, "display_name")?,
            state: row::get(found, "state")?,
            expires_at: row::at(found, "expires_at")?,
            pending: SessionRow(row::get(found, "pending_session_id")?),
            verified: row::bytes_maybe(found, "verified")?.map(SessionHash),
            claimed_at: row::at_maybe(found, "claimed_at")?,
            claimed_code_mac: row::bytes_maybe(found, "claimed_code_mac")?,
            verified_lives: row::get(found, "verified_lives")?,
            suspended: row::get(found, "suspended")?,
            proved: row::get(found, "proved")?,
        })
    }
}

async fn find(c: &mut Conn, attempt: AttemptId) -> Result<Option<Found>, StoreError> {
    let found = sqlx::query(
        "SELECT a.*, s.suspended_at IS NOT NULL AS suspended,
                EXISTS (SELECT 1 FROM session v WHERE v.hash = a.verified
                        AND v.state = 'verified') AS verified_lives
         FROM attempt a LEFT JOIN subscriber s ON s.id = a.subscriber_id WHERE a.id = $1",
    )
    .bind(attempt.0)
    .fetch_optional(&mut *c)
    .await?;
    found.as_ref().map(Found::decode).transpose()
}

fn counter_fits(context: &ClaimContext<'_>, counter: Counter) -> Result<(), StoreError> {
    if context.version.counter == counter {
        return Ok(());
    }
    Err(StoreError::Conflict {
        constraint: "claim_counter_of_attempt".to_owned(),
    })
}

/// Which events tell that this was used, beside the passed challenge.
pub(crate) const fn used(spend: &Spend) -> &'static [AuditKind] {
    match spend {
        Spend::Step(_) => &[],
        Spend::Resync(_) => &[AuditKind::HardwareTokenResynchronised],
        Spend::RecoveryCode(_) => &[AuditKind::RecoveryCodeUsed],
        Spend::TemporaryCode(_) => &[AuditKind::TemporaryCodeUsed],
        Spend::SealedCode(_) => &[AuditKind::SealedCodeUsed],
        Spend::Assertion {
            regressed: false, ..
        } => &[AuditKind::PasskeyUsed],
        Spend::Assertion {
            regressed: true, ..
        } => &[AuditKind::PasskeyUsed, AuditKind::PasskeyRegressed],
        Spend::MailCode(_) => &[AuditKind::MailCodeUsed],
    }
}

/// Uses up a step or a code at `app`; `false` when it was used up, or its owner has lost it.
pub(crate) async fn spend(
    c: &mut Conn,
    app: &AppName,
    subscriber: SubscriberId,
    spend: &Spend,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let spent = match spend {
        Spend::Step(spent) | Spend::Resync(spent) => {
            return spend_step(c, subscriber, spent, now).await;
        }
        Spend::RecoveryCode(code) => {
            sqlx::query(
                "UPDATE recovery_code SET used_at = $3
                 WHERE id = $1 AND subscriber_id = $2 AND used_at IS NULL AND removed_at IS NULL",
            )
            .bind(code.0)
            .bind(subscriber.0)
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?
        }
        Spend::TemporaryCode(code) => {
            return temporary_code::spend(c, subscriber, *code, now).await;
        }
        Spend::SealedCode(code) => {
            return sealed_code::spend(c, app, subscriber, *code, now).await;
        }
        Spend::Assertion {
            authenticator,
            sign_count,
            backed_up,
            ..
        } => {
            let (key, count, backed_up) = (*authenticator, *sign_count, *backed_up);
            return passkey::spend(c, subscriber, key, count, backed_up, now).await;
        }
        Spend::MailCode(code) => {
            return mail_code::spend(c, subscriber, *code, now).await;
        }
    };
    Ok(spent.rows_affected() == 1)
}

/// Spends a step or a counter value, and remembers what is now known of the clock.
pub(crate) async fn spend_step(
    c: &mut Conn,
    subscriber: SubscriberId,
    spent: &SpentStep,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let id = spent.authenticator.0;
    let step = i64::try_from(spent.step.0)
        .map_err(|_| StoreError::corrupt("authenticator", "last_step", id))?;
    // RFC 6238 section 5.2, RFC 4226 section 7.2: strictly greater, so the one before a spent one
    // is gone as well.
    let done = sqlx::query(
        "UPDATE authenticator SET last_step = $3, last_used_at = $4, drift = $5, drift_anchor = $6
         WHERE id = $1 AND subscriber_id = $2 AND removed_at IS NULL
           AND disabled_at IS NULL AND (last_step IS NULL OR last_step < $3)",
    )
    .bind(id)
    .bind(subscriber.0)
    .bind(step)
    .bind(now.as_millis())
    .bind(spent.drift.steps)
    .bind(spent.drift.anchor)
    .execute(&mut *c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Clears the consecutive wrong codes, if none has come since the reading; `false` makes the claim
/// stale.
pub(crate) async fn count_success(
    c: &mut Conn,
    version: ThrottleVersion,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let reading = counter::read(c, version.counter).await?;
    if reading.version != version {
        return Ok(false);
    }
    counter::write(c, version, &reading.throttle.after_success(now), now).await
}

async fn mark_claimed(c: &mut Conn, context: &ClaimContext<'_>) -> Result<(), StoreError> {
    let claimed = sqlx::query(
        "UPDATE attempt SET state = 'claimed', claimed_code_mac = $2, claimed_at = $3, verified = $4
         WHERE id = $1 AND state = 'pending'",
    )
    .bind(context.attempt.0)
    .bind(&context.code_mac[..])
    .bind(context.now.as_millis())
    .bind(&context.verified.0[..])
    .execute(&mut *c)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(());
    }
    Err(StoreError::Conflict {
        constraint: "attempt_claimed_once".to_owned(),
    })
}
