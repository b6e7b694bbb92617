//! Judging a typed code where it was typed: in a held login, or in a locked session.
//!
//! `anteroom_core::challenge::judge_code` decides; here its facts are gathered and a wrong code is
//! counted. Spends nothing: that is the claim's, in `release` and `unlock`.

use super::answered;
use super::release::{Tried, Typed};
use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::pages::{CodeProblem, EndWhy, Notice};
use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::challenge::{
    Accepted, CodeFacts, CodeHint, CodeVerdict, Given, ResyncVerdict, Spend, judge_code,
    judge_resync,
};
use anteroom_core::ids::{SessionHash, SubscriberId, TemporaryCodeId};
use anteroom_core::mail_code::{MailCode, MailCodeUse};
use anteroom_core::recovery_code::{RecoveryCode, RecoveryMatch};
use anteroom_core::sealed_code::SealedCode;
use anteroom_core::temporary_code::{TemporaryCode, TemporaryOver};
use anteroom_core::throttle::{Throttle, ThrottleStanding};
use anteroom_core::time::Timestamp;
use anteroom_store::{Attempt, ChallengeFailure, FailureTold, Material, RecoveryLookup};

pub(super) enum Judgement {
    Accept(Accepted),
    Tried(Tried),
}

/// Where a code was typed: in a held login, or in a locked session.
pub(super) struct Place<'p> {
    pub(super) subscriber: Option<SubscriberId>,
    pub(super) attempt: Option<&'p Attempt>,
    pub(super) session: SessionHash,
    /// As what a code by mail counts here, if it does.
    pub(super) mailed: Option<MailCodeUse>,
}

impl Place<'_> {
    /// When the challenge ends: with the held login; a locked session has its own end.
    pub(super) fn expires_at(&self, now: Timestamp) -> Timestamp {
        let soon = now.plus(std::time::Duration::from_secs(1));
        self.attempt.map_or(soon, |held| held.expires_at)
    }

    /// Whether the password is known to be right: in a verified session it was.
    pub(super) fn is_proved(&self) -> bool {
        self.attempt.is_none_or(|held| held.proved)
    }

    /// Whether this may be a code that counts here even in a pause.
    fn takes_given(&self, shape: &Shape) -> bool {
        self.is_proved() && matches!(shape, Shape::Temporary(_) | Shape::Sealed(_))
    }
}

/// What was typed, by its shape alone: no shape is another's (attack C12), but eight digits may be
/// a code by mail or a token's; what the store finds and what she holds settle it.
enum Shape {
    Recovery(RecoveryCode),
    Temporary(TemporaryCode),
    Sealed(SealedCode),
    /// Two in a row, each in a field of its own.
    Two,
    Mailed(MailCode),
    Other,
}

impl Shape {
    fn of(typed: &Typed<'_>) -> Self {
        if typed.second.is_some() {
            return Self::Two;
        }
        let typed = typed.code;
        if let Some(code) = RecoveryCode::parse(typed) {
            return Self::Recovery(code);
        }
        if let Some(code) = TemporaryCode::parse(typed) {
            return Self::Temporary(code);
        }
        if let Some(code) = MailCode::parse(typed) {
            return Self::Mailed(code);
        }
        SealedCode::parse(typed).map_or(Self::Other, Self::Sealed)
    }

    /// What is said of a wrong one. The same whether there is such a person or not.
    const fn problem(&self, hint: Option<CodeHint>) -> CodeProblem {
        match (self, hint) {
            (Self::Recovery(_), _) => CodeProblem::WrongRecoveryCode,
            (Self::Temporary(_), _) => CodeProblem::WrongTemporaryCode,
            (Self::Sealed(_), _) => CodeProblem::WrongSealedCode,
            (Self::Two, _) => CodeProblem::NotInARow,
            // An eight-digit one may be a token's as well as one by mail: only the page for codes
            // by mail knows which was meant, and says so itself.
            (Self::Other | Self::Mailed(_), Some(CodeHint::Malformed)) => CodeProblem::Malformed,
            (Self::Other | Self::Mailed(_), Some(CodeHint::ClockOff { minutes })) => {
                CodeProblem::ClockOff { minutes }
            }
            (Self::Other | Self::Mailed(_), Some(CodeHint::TokenSlow { minutes })) => {
                CodeProblem::TokenSlow { minutes }
            }
            (Self::Other | Self::Mailed(_), Some(CodeHint::SwitchedOff)) => {
                CodeProblem::SwitchedOff
            }
            (Self::Other | Self::Mailed(_), None) => CodeProblem::Wrong,
        }
    }
}

pub(super) async fn judge(
    gateway: &Gateway,
    arrival: &Arrival,
    place: &Place<'_>,
    material: &Material,
    typed: &Typed<'_>,
    now: Timestamp,
) -> Result<Judgement, Failure> {
    if let Some(answered) = typed.answered {
        return answered::judge(gateway, arrival, place, material, answered, now).await;
    }
    let policy = &arrival.app.settings.policy.throttle;
    let shape = Shape::of(typed);
    // Paused: nothing is looked at but what an operator gave, and no hash is run for anybody.
    let standing = material.throttle.standing(policy, now);
    if let (ThrottleStanding::Paused { until }, false) = (standing, place.takes_given(&shape)) {
        return Ok(Judgement::Tried(Tried::Paused { until }));
    }
    let on_file = material.on_file();
    let facts = CodeFacts {
        typed: typed.code,
        oath: &on_file,
        kinds: arrival.app.settings.policy.kinds,
        recovery: find_recovery(gateway, place, &shape).await?,
        given: find_given(gateway, arrival, place, (&shape, material), now).await?,
        throttle: &material.throttle,
        policy,
        expires_at: place.expires_at(now),
        proved: place.is_proved(),
    };
    let verdict = verdict(&facts, typed.second, now);
    let clock_off = clock_off(&verdict);
    let slip = match settled(verdict) {
        Ok(judgement) => return Ok(judgement),
        Err(slip) => slip,
    };
    let failure = |kind| ChallengeFailure {
        version: material.version,
        subscriber: place.subscriber,
        attempt: place.attempt.map(|held| held.id),
        session: place.session,
        app: arrival.app.name(),
        policy,
        kind,
        clock_off,
        client: arrival.client,
        now,
    };
    let (told, problem) = write_down(gateway, slip, &shape, failure).await?;
    Ok(Judgement::Tried(after_failure(
        arrival, &told, problem, now,
    )))
}

/// Counts what went wrong, and gives the words for it.
async fn write_down<'f>(
    gateway: &Gateway,
    slip: Slip,
    shape: &Shape,
    failure: impl Fn(AuditKind) -> ChallengeFailure<'f>,
) -> Result<(FailureTold, CodeProblem), Failure> {
    let (store, metrics) = (&gateway.store, &gateway.metrics);
    let name = failure(AuditKind::ChallengeFailed).app.as_str();
    Ok(match slip {
        Slip::Outdated { id, why } => {
            metrics.challenge(name, "outdated");
            let failure = failure(AuditKind::TemporaryCodeRefused);
            let told = store.temporary_code_refuse(id, why, failure).await?;
            (told, CodeProblem::TemporaryOver(why))
        }
        Slip::Replayed => {
            metrics.challenge(name, "reused");
            let told = store.challenge_fail(failure(AuditKind::CodeReused)).await?;
            (told, CodeProblem::Reused)
        }
        Slip::Wrong { hint } => {
            metrics.challenge(name, "wrong");
            let failure = failure(AuditKind::ChallengeFailed);
            (store.challenge_fail(failure).await?, shape.problem(hint))
        }
    })
}

/// What has to be written down before it is answered.
enum Slip {
    Outdated {
        id: TemporaryCodeId,
        why: TemporaryOver,
    },
    Replayed,
    Wrong {
        hint: Option<CodeHint>,
    },
}

/// What a verdict says by itself; a slip first needs the store.
fn settled(verdict: CodeVerdict) -> Result<Judgement, Slip> {
    Ok(match verdict {
        CodeVerdict::Accept(accepted) => Judgement::Accept(accepted),
        CodeVerdict::Expired => Judgement::Tried(Tried::Over(EndWhy::Expired)),
        CodeVerdict::Paused { until } => Judgement::Tried(Tried::Paused { until }),
        CodeVerdict::Disabled | CodeVerdict::Exhausted => Judgement::Tried(Tried::Stopped),
        CodeVerdict::Outdated { id, why, .. } => return Err(Slip::Outdated { id, why }),
        CodeVerdict::Replayed { .. } => return Err(Slip::Replayed),
        CodeVerdict::Wrong { hint, .. } => return Err(Slip::Wrong { hint }),
    })
}

fn verdict(facts: &CodeFacts<'_>, second: Option<&str>, now: Timestamp) -> CodeVerdict {
    match second {
        None => judge_code(facts, now),
        Some(second) => of_two(judge_resync(facts, second, now)),
    }
}

/// What two codes in a row came to, in the words for one: from here on there is no difference.
fn of_two(verdict: ResyncVerdict) -> CodeVerdict {
    match verdict {
        ResyncVerdict::Accept(accepted) => CodeVerdict::Accept(accepted),
        ResyncVerdict::Expired => CodeVerdict::Expired,
        ResyncVerdict::Paused { until } => CodeVerdict::Paused { until },
        ResyncVerdict::Stopped => CodeVerdict::Disabled,
        ResyncVerdict::Wrong { throttle } => CodeVerdict::Wrong {
            hint: None,
            throttle,
        },
    }
}

async fn find_recovery(
    gateway: &Gateway,
    place: &Place<'_>,
    shape: &Shape,
) -> Result<Option<RecoveryMatch>, Failure> {
    let Shape::Recovery(code) = shape else {
        return Ok(None);
    };
    match gateway.store.recovery_match(place.subscriber, code).await? {
        RecoveryLookup::Found(found) => Ok(Some(found)),
        RecoveryLookup::Nothing => Ok(None),
        RecoveryLookup::Busy => {
            let retry_seconds = 5;
            Err(Failure::refused(Notice::TooManyRequests { retry_seconds }))
        }
    }
}

async fn find_given(
    gateway: &Gateway,
    arrival: &Arrival,
    place: &Place<'_>,
    (shape, material): (&Shape, &Material),
    now: Timestamp,
) -> Result<Option<Given>, Failure> {
    let store = &gateway.store;
    let policy = &arrival.app.settings.policy.throttle;
    let paused = material.throttle.pause(policy, now).is_some();
    Ok(match shape {
        Shape::Temporary(_) if paused && !may_look(gateway, place, now).await? => None,
        Shape::Temporary(code) => store
            .temporary_code_match(place.subscriber, code, now)
            .await?
            .map(Given::Temporary),
        // Asked for everybody, so that it takes as long; but nobody's name, nobody's passage.
        Shape::Sealed(code) => store
            .sealed_code_match(arrival.app.name(), code)
            .await?
            .filter(|_| place.subscriber.is_some())
            .map(Given::Sealed),
        Shape::Mailed(code) => match place.mailed.filter(|_| policy_takes_mail(arrival)) {
            Some(purpose) => store
                .mail_code_match((place.session, purpose), place.subscriber, code, now)
                .await?
                .map(Given::Mailed),
            None => None,
        },
        Shape::Recovery(_) | Shape::Two | Shape::Other => None,
    })
}

/// Whether ten digits may be compared although tries are paused; every such look is one less.
async fn may_look(gateway: &Gateway, place: &Place<'_>, now: Timestamp) -> Result<bool, Failure> {
    match place.subscriber.filter(|_| place.is_proved()) {
        Some(subscriber) => Ok(gateway.store.temporary_code_look(subscriber, now).await?),
        None => Ok(false),
    }
}

/// A code that was sent before the policy changed does not count any more.
fn policy_takes_mail(arrival: &Arrival) -> bool {
    arrival
        .app
        .settings
        .policy
        .kinds
        .has(AuthenticatorKind::Email)
}

/// Counts a code that was claimed. An opened envelope is an event that somebody should see: loud,
/// and without a name.
pub(super) fn passed(gateway: &Gateway, arrival: &Arrival, spend: &Spend) {
    let app = arrival.app.name().as_str();
    gateway.metrics.challenge(app, "passed");
    if matches!(spend, Spend::SealedCode(_)) {
        gateway.metrics.broke_glass(app, "sealed_code");
        tracing::warn!(
            reference = %arrival.reference,
            app,
            "a code of a sealed envelope was used; the audit log says by whom"
        );
    }
}

/// By how many minutes a wrong code says that the phone's clock is off.
const fn clock_off(verdict: &CodeVerdict) -> Option<i64> {
    match verdict {
        CodeVerdict::Wrong {
            hint: Some(CodeHint::ClockOff { minutes }),
            ..
        } => Some(*minutes),
        _ => None,
    }
}

pub(super) fn after_failure(
    arrival: &Arrival,
    told: &FailureTold,
    problem: CodeProblem,
    now: Timestamp,
) -> Tried {
    let policy = &arrival.app.settings.policy.throttle;
    match told.throttle.standing(policy, now) {
        _ if told.disabled => Tried::Stopped,
        ThrottleStanding::Paused { until } => Tried::Paused { until },
        ThrottleStanding::Exhausted => Tried::Stopped,
        ThrottleStanding::Open => {
            let tries_left = tries_left(arrival, &told.throttle);
            Tried::Not {
                problem,
                tries_left,
            }
        }
    }
}

pub(super) fn tries_left(arrival: &Arrival, throttle: &Throttle) -> u32 {
    let policy = &arrival.app.settings.policy.throttle;
    policy
        .free_tries
        .saturating_sub(throttle.consecutive)
        .max(1)
}

/// RFC 8176 values for what was proved.
pub(super) fn amr(accepted: &Accepted) -> &'static str {
    match accepted.spend() {
        Spend::Step(spent) | Spend::Resync(spent) => spent.kind.amr(),
        // A saved look-up secret has no value of its own in the registry; `kba` would be wrong.
        Spend::RecoveryCode(_) | Spend::TemporaryCode(_) | Spend::SealedCode(_) => "pwd mfa",
        Spend::Assertion { .. } => AuthenticatorKind::Passkey.amr(),
        Spend::MailCode(_) => AuthenticatorKind::Email.amr(),
    }
}
