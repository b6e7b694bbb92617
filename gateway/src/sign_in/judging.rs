//! Judging a typed code where it was typed: in a held login, or in a locked session.
//!
//! `anteroom_core::challenge::judge_code` decides; here its facts are gathered and a wrong code is
//! counted. Spends nothing: that is the claim's, in `release` and `unlock`.

use super::release::{Tried, Typed};
use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::pages::{CodeProblem, EndWhy, Notice};
use anteroom_core::audit::AuditKind;
use anteroom_core::challenge::{Accepted, CodeFacts, CodeHint, CodeVerdict, Spend, judge_code};
use anteroom_core::ids::SessionHash;
use anteroom_core::recovery_code::{RecoveryCode, RecoveryMatch};
use anteroom_core::throttle::{Throttle, ThrottleStanding};
use anteroom_core::time::Timestamp;
use anteroom_store::{Attempt, ChallengeFailure, FailureTold, Material, RecoveryLookup};

pub(super) enum Judgement {
    Accept(Accepted),
    Tried(Tried),
}

/// Where a code was typed: in a held login, or in a locked session.
pub(super) struct Place<'p> {
    pub(super) subscriber: Option<anteroom_core::ids::SubscriberId>,
    pub(super) attempt: Option<&'p Attempt>,
    pub(super) session: SessionHash,
}

pub(super) async fn judge(
    gateway: &Gateway,
    arrival: &Arrival,
    place: &Place<'_>,
    material: &Material,
    typed: &Typed<'_>,
    now: Timestamp,
) -> Result<Judgement, Failure> {
    let policy = &arrival.app.settings.policy.throttle;
    let recovery = RecoveryCode::parse(typed.code);
    // Paused: nothing is looked at, and no hash is run for anybody.
    if let ThrottleStanding::Paused { until } = material.throttle.standing(policy, now) {
        return Ok(Judgement::Tried(Tried::Paused { until }));
    }
    let matched = find_recovery(gateway, place, recovery.as_ref()).await?;
    let on_file = material.on_file();
    let facts = CodeFacts {
        typed: typed.code,
        totp: &on_file,
        recovery: matched,
        throttle: &material.throttle,
        policy,
        expires_at: place
            .attempt
            .map_or(now.plus(std::time::Duration::from_secs(1)), |held| {
                held.expires_at
            }),
        proved: place.attempt.is_none_or(|held| held.proved),
    };
    let name = arrival.app.name().as_str();
    let (kind, problem) = match judge_code(&facts, now) {
        CodeVerdict::Accept(accepted) => return Ok(Judgement::Accept(accepted)),
        CodeVerdict::Expired => return Ok(Judgement::Tried(Tried::Over(EndWhy::Expired))),
        CodeVerdict::Paused { until } => return Ok(Judgement::Tried(Tried::Paused { until })),
        CodeVerdict::Disabled | CodeVerdict::Exhausted => {
            return Ok(Judgement::Tried(Tried::Stopped));
        }
        CodeVerdict::Replayed { .. } => {
            gateway.metrics.challenge(name, "reused");
            (AuditKind::CodeReused, CodeProblem::Reused)
        }
        CodeVerdict::Wrong { hint, .. } => {
            gateway.metrics.challenge(name, "wrong");
            (
                AuditKind::ChallengeFailed,
                problem_of(hint, recovery.is_some()),
            )
        }
    };
    let told = gateway
        .store
        .challenge_fail(ChallengeFailure {
            version: material.version,
            subscriber: place.subscriber,
            attempt: place.attempt.map(|held| held.id),
            session: place.session,
            app: arrival.app.name(),
            policy,
            kind,
            clock_off: minutes_off(&problem),
            client: arrival.client,
            now,
        })
        .await?;
    Ok(Judgement::Tried(after_failure(
        arrival, &told, problem, now,
    )))
}

async fn find_recovery(
    gateway: &Gateway,
    place: &Place<'_>,
    code: Option<&RecoveryCode>,
) -> Result<Option<RecoveryMatch>, Failure> {
    let Some(code) = code else { return Ok(None) };
    match gateway.store.recovery_match(place.subscriber, code).await? {
        RecoveryLookup::Found(found) => Ok(Some(found)),
        RecoveryLookup::Nothing => Ok(None),
        RecoveryLookup::Busy => {
            let retry_seconds = 5;
            Err(Failure::refused(Notice::TooManyRequests { retry_seconds }))
        }
    }
}

fn after_failure(
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

pub(super) const fn problem_of(hint: Option<CodeHint>, recovery: bool) -> CodeProblem {
    match hint {
        _ if recovery => CodeProblem::WrongRecoveryCode,
        Some(CodeHint::Malformed) => CodeProblem::Malformed,
        Some(CodeHint::ClockOff { minutes }) => CodeProblem::ClockOff { minutes },
        None => CodeProblem::Wrong,
    }
}

/// By how many minutes the phone's clock seems to be off, for the audit log.
const fn minutes_off(problem: &CodeProblem) -> Option<i64> {
    match problem {
        CodeProblem::ClockOff { minutes } => Some(*minutes),
        _ => None,
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
        Spend::Step { .. } => "pwd otp mfa",
        // A saved look-up secret has no value of its own in the registry; `kba` would be wrong.
        Spend::RecoveryCode(_) => "pwd mfa",
    }
}
