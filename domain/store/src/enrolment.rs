//! Enrolment: one seed per attempt, and one transaction that makes a subscriber enrolled or leaves
//! her not.
//!
//! Confirming needs a proved [`FirstFactor`] and, by policy, an enrolment code; it gives a
//! [`Claimed`] but opens no session: that waits until the recovery codes were shown
//! ([`release`](crate::release)).

use std::net::IpAddr;
use std::time::Duration;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::enrolment::EnrolmentProof;
use anteroom_core::fold::Folded;
use anteroom_core::ids::{AppName, AttemptId, SessionHash, SubscriberId};
use anteroom_core::language::Language;
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::time::Timestamp;
use anteroom_core::totp::TotpSecret;

use crate::attempt::{self, seed_place};
use crate::audit;
use crate::claim::Claimed;
use crate::enrolment_code::{self, Name, subscriber_ensure};
use crate::error::StoreError;
use crate::first_factor::{self, Added, FirstFactor, NewFirst};
use crate::open::Store;
use crate::operator;
use crate::pools::{Conn, End, writing};
use crate::recovery::{self, Hashed};
use crate::row;
use crate::session_end::{self, Whose};
use crate::spoken;

/// How long the recovery codes may be looked at before the held answer is thrown away.
const CODES_SHOWN_FOR: Duration = Duration::from_secs(10 * 60);

/// What a confirmation needs beside the proof.
#[derive(Clone)]
pub struct EnrolContext<'a> {
    /// The attempt that enrols.
    pub attempt: AttemptId,
    /// The subscriber's name for her authenticator.
    pub label: &'a str,
    /// Her new recovery codes; kept here only as hashes.
    pub codes: Vec<RecoveryCode>,
    /// The same codes sealed by the gateway under the browser's id, for showing until the release.
    pub codes_sealed: &'a [u8],
    /// The hash of the id the verified session is to have.
    pub verified: SessionHash,
    /// Whether policy asks for an enrolment code. After a reset, and for an attempt that was
    /// withheld for one, it is asked for whatever this says.
    pub needs_code: bool,
    /// The language of the page: her letters are written in it from now on.
    pub language: Language,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What became of a confirmation.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub enum EnrolOutcome {
    /// Enrolled, now or by the same form sent before.
    Claimed(Claimed),
    /// The attempt is over, or its subscriber is suspended.
    Gone,
    /// An enrolment code is needed, and none was typed right, or it was replaced or spent
    /// meanwhile.
    CodeMissing,
    /// Somebody enrolled under this name first. Nothing was changed.
    AlreadyEnrolled,
    /// Somebody has, or had, this very passkey (W9), or it was made for another handle than hers.
    /// Nothing was changed.
    PasskeyKnown,
}

/// The attempt as the confirmation finds it.
struct Found {
    app: AppName,
    realm: String,
    tenant: String,
    folded: Folded,
    typed_name: String,
    spelling_key: String,
    display_name: String,
    proof: String,
    enrolment_code: Option<i64>,
    seed: Option<Vec<u8>>,
}

impl Store {
    /// Keeps the seed of an enrolment, once: whatever candidate later calls bring, they get the
    /// first one back. So a reload, another tab and the back button show the same QR code. `None`
    /// when the attempt does not enrol, is over, or has not brought the enrolment code it was
    /// withheld for.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the seed was not sealed for this attempt;
    /// [`StoreError::Unavailable`].
    pub async fn enrolment_seed(
        &self,
        attempt: AttemptId,
        candidate: &TotpSecret,
        now: Timestamp,
    ) -> Result<Option<TotpSecret>, StoreError> {
        writing!(self, Kill, c => {
            let found = sqlx::query(
                "SELECT app, seed, subscriber_id FROM attempt
                 WHERE id = $1 AND state = 'enrolling' AND expires_at > $2
                   AND (enrolling <> $3 OR enrolment_code_id IS NOT NULL)",
            )
            .bind(attempt.0)
            .bind(now.as_millis())
            .bind(EnrolmentProof::Code.name())
            .fetch_optional(&mut *c)
            .await?;
            let Some(found) = found else { return Ok(End::Rollback(None)) };
            if let Some(sealed) = row::get::<Option<&[u8]>>(&found, "seed")? {
                let plain = self.inner.unseal(seed_place(attempt.0), sealed)?;
                return Ok(End::Rollback(Some(TotpSecret::from_bytes(plain.to_vec()))));
            }
            sqlx::query("UPDATE attempt SET seed = $2 WHERE id = $1 AND seed IS NULL")
                .bind(attempt.0)
                .bind(self.inner.seal(seed_place(attempt.0), candidate.expose())?)
                .execute(&mut *c)
                .await?;
            let mut event = AuditEvent::new(AuditKind::EnrolmentStarted)
                .app(&AppName::new(row::get(&found, "app")?));
            event.subscriber = row::get::<Option<i64>>(&found, "subscriber_id")?.map(SubscriberId);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(Some(candidate.clone())))
        })
    }

    /// Enrols: subscriber, spelling, authenticator, recovery codes, the spent enrolment code, the
    /// claimed attempt, the end of older sessions and the audit events are one transaction, after
    /// the slow hashing.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the seed was not sealed for this attempt;
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: sending the same form again tells whether
    /// it was done.
    pub async fn enrolment_confirm(
        &self,
        first: impl Into<FirstFactor<'_>>,
        mut context: EnrolContext<'_>,
    ) -> Result<EnrolOutcome, StoreError> {
        let first = first.into();
        let now = context.now;
        let codes = self
            .recovery_hash(std::mem::take(&mut context.codes))
            .await?;
        writing!(self, PowerCut, c => {
            let found = match find(c, &context).await? {
                Sought::Enrolling(found) => found,
                Sought::Claimed(claimed) => {
                    return Ok(End::Rollback(EnrolOutcome::Claimed(claimed)));
                }
                Sought::Gone => return Ok(End::Rollback(EnrolOutcome::Gone)),
            };
            let name =
                Name { realm: &found.realm, tenant: &found.tenant, folded: &found.folded };
            let subscriber = subscriber_ensure(c, name, &found.display_name, now).await?;
            let was_reset = match enrol(c, subscriber, now).await? {
                Enrol::First { was_reset } => was_reset,
                Enrol::Suspended => return Ok(End::Rollback(EnrolOutcome::Gone)),
                Enrol::NotFirst => {
                    let refused = found.event(AuditKind::EnrolmentRefused, subscriber, &context);
                    audit::append(c, &self.inner.keys, &[refused], now).await?;
                    return Ok(End::Commit(EnrolOutcome::AlreadyEnrolled));
                }
            };
            let code_spent = enrolment_code::spend(c, found.enrolment_code, subscriber, now).await?;
            let needs_code =
                context.needs_code || was_reset || found.proof == EnrolmentProof::Code.name();
            if needs_code && !code_spent {
                return Ok(End::Rollback(EnrolOutcome::CodeMissing));
            }
            let typed = &found.typed_name;
            operator::link(c, subscriber, &found.spelling_key, typed, now).await?;
            let new = NewFirst {
                attempt: context.attempt,
                subscriber,
                label: context.label,
                proof: &found.proof,
                seed: found.seed.as_deref(),
                now,
            };
            match first_factor::add(c, &self.inner, &first, &new).await? {
                Added::Yes => {}
                Added::Known => return Ok(End::Rollback(EnrolOutcome::PasskeyKnown)),
                Added::Nothing => return Ok(End::Rollback(EnrolOutcome::Gone)),
            }
            recovery::replace(c, subscriber, &codes, now).await?;
            spoken::reads(c, subscriber, context.language).await?;
            let whose = Whose::Subscriber(subscriber);
            session_end::end(c, &self.inner.keys, whose, "enrolment", now).await?;
            mark_claimed(c, subscriber, first.kind(), &context).await?;
            attempt::end_of_subscriber(c, subscriber, now).await?;
            let events = found.events(subscriber, &context, code_spent, &codes);
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(EnrolOutcome::Claimed(Claimed {
                attempt: context.attempt,
                session: context.verified,
                subscriber,
                display_name: found.display_name,
            })))
        })
    }
}

impl Found {
    fn event(
        &self,
        kind: AuditKind,
        subscriber: SubscriberId,
        context: &EnrolContext<'_>,
    ) -> AuditEvent {
        AuditEvent::new(kind)
            .app(&self.app)
            .subscriber(subscriber)
            .client(context.client)
    }

    fn events(
        &self,
        subscriber: SubscriberId,
        context: &EnrolContext<'_>,
        code_spent: bool,
        codes: &[Hashed],
    ) -> Vec<AuditEvent> {
        let event = |kind| self.event(kind, subscriber, context);
        let mut events = vec![event(AuditKind::EnrolmentConfirmed).reason(&self.proof)];
        if code_spent {
            events.push(event(AuditKind::EnrolmentCodeUsed));
        }
        if !codes.is_empty() {
            events.push(event(AuditKind::RecoveryCodesIssued));
        }
        events
    }
}

enum Sought {
    Enrolling(Found),
    Claimed(Claimed),
    Gone,
}

async fn find(c: &mut Conn, context: &EnrolContext<'_>) -> Result<Sought, StoreError> {
    let found = sqlx::query("SELECT * FROM attempt WHERE id = $1 AND expires_at > $2")
        .bind(context.attempt.0)
        .bind(context.now.as_millis())
        .fetch_optional(&mut *c)
        .await?;
    let Some(found) = found else {
        return Ok(Sought::Gone);
    };
    let seed: Option<Vec<u8>> = row::get(&found, "seed")?;
    let by_code: Option<&[u8]> = row::get(&found, "claimed_code_mac")?;
    match (row::get::<&str>(&found, "state")?, seed) {
        ("claimed", _) if by_code.is_none() => Ok(Sought::Claimed(Claimed {
            attempt: context.attempt,
            session: row::hash(&found, "verified")?,
            subscriber: SubscriberId(row::get(&found, "subscriber_id")?),
            display_name: row::get(&found, "display_name")?,
        })),
        ("enrolling", seed) => Ok(Sought::Enrolling(Found {
            app: AppName::new(row::get(&found, "app")?),
            realm: row::get(&found, "realm")?,
            tenant: row::get(&found, "tenant")?,
            folded: Folded::from_stored(row::get(&found, "folded")?),
            typed_name: row::get(&found, "typed_name")?,
            spelling_key: row::get(&found, "spelling_key")?,
            display_name: row::get(&found, "display_name")?,
            proof: row::get(&found, "enrolling")?,
            enrolment_code: row::get(&found, "enrolment_code_id")?,
            seed,
        })),
        _ => Ok(Sought::Gone),
    }
}

enum Enrol {
    First { was_reset: bool },
    NotFirst,
    Suspended,
}

/// Takes the place of the first to enrol; one conditional update, so that of two phones one gets
/// it.
async fn enrol(
    c: &mut Conn,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<Enrol, StoreError> {
    let stood = sqlx::query("SELECT was_reset, suspended_at FROM subscriber WHERE id = $1")
        .bind(subscriber.0)
        .fetch_one(&mut *c)
        .await?;
    if row::at_maybe(&stood, "suspended_at")?.is_some() {
        return Ok(Enrol::Suspended);
    }
    let enrolled = sqlx::query(
        "UPDATE subscriber SET enrolled_at = $2, was_reset = 0
         WHERE id = $1 AND enrolled_at IS NULL",
    )
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    if enrolled.rows_affected() == 1 {
        return Ok(Enrol::First {
            was_reset: row::get(&stood, "was_reset")?,
        });
    }
    Ok(Enrol::NotFirst)
}

async fn mark_claimed(
    c: &mut Conn,
    subscriber: SubscriberId,
    kind: AuthenticatorKind,
    context: &EnrolContext<'_>,
) -> Result<(), StoreError> {
    let until = context.now.plus(CODES_SHOWN_FOR).as_millis();
    sqlx::query(
        "UPDATE attempt SET state = 'claimed', subscriber_id = $2, claimed_at = $3, verified = $4,
                codes = $5, seed = NULL, enrolled_kind = $7,
                expires_at = CASE WHEN expires_at > $6 THEN expires_at ELSE $6 END
         WHERE id = $1 AND state = 'enrolling'",
    )
    .bind(context.attempt.0)
    .bind(subscriber.0)
    .bind(context.now.as_millis())
    .bind(&context.verified.0[..])
    .bind(context.codes_sealed)
    .bind(until)
    .bind(kind.name())
    .execute(&mut *c)
    .await?;
    // The pending session waits with it.
    sqlx::query(
        "UPDATE session SET ends_at = $2 WHERE ends_at < $2 AND id =
             (SELECT pending_session_id FROM attempt WHERE id = $1)",
    )
    .bind(context.attempt.0)
    .bind(until)
    .execute(&mut *c)
    .await?;
    Ok(())
}
