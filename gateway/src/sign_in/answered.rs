//! Judging a passkey's answer where it was given: in a held login, or in a locked session.
//!
//! The challenge is taken from the store first, for good (advisory B9); then the library verifies,
//! then `anteroom_core::assertion::judge_assertion` decides. Spends nothing: as with codes
//! ([`judging`](super::judging)), that is the claim's.

use anteroom_core::assertion::{Assertion, AssertionFacts, AssertionVerdict, judge_assertion};
use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::{Kinds, Reachable, may_ask_for};
use anteroom_core::ids::{SessionHash, SubscriberId};
use anteroom_core::passkey::Fault;
use anteroom_core::time::Timestamp;
use anteroom_store::{CeremonyPurpose, ChallengeFailure, Material};

use super::judging::{Judgement, Place, after_failure, tries_left};
use super::release::Tried;
use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::pages::{CodeProblem, EndWhy};
use crate::passkeys::{RelyingParty, allowed, challenge_of};

/// What became of an answer before anybody judged it.
pub enum Answered {
    /// To no challenge that this session has open: too old, taken before, or never given out.
    ToNothing,
    /// To a challenge that is now taken.
    ToChallenge {
        /// What the library made of it.
        outcome: Result<Assertion, Fault>,
        /// Until when it could be answered.
        ends_at: Timestamp,
        /// The kinds she may be asked for.
        usable: Kinds,
    },
}

/// Takes the challenge and verifies the answer to it.
///
/// # Errors
/// When the store fails.
pub async fn take(
    gateway: &Gateway,
    arrival: &Arrival,
    session: &SessionHash,
    subscriber: Option<SubscriberId>,
    answer: &str,
) -> Result<Answered, Failure> {
    let (Some(party), Some(challenge)) = (RelyingParty::of(arrival), challenge_of(answer)) else {
        return Ok(Answered::ToNothing);
    };
    let (store, rp_id) = (&gateway.store, &party.settings.rp_id);
    let taken = store.ceremony_take(CeremonyPurpose::Assert, session, &challenge);
    let Some(ceremony) = taken.await? else {
        return Ok(Answered::ToNothing);
    };
    let held = store.passkeys_held(subscriber, rp_id).await?;
    let handle = held.user_handle.as_ref();
    let outcome = party.verify(answer, &ceremony.state, &held.keys, handle);
    Ok(Answered::ToChallenge {
        outcome,
        ends_at: ceremony.expires_at,
        usable: usable(arrival, held.held),
    })
}

/// By what somebody who holds these kinds may pass a challenge of this page.
#[must_use]
pub fn usable(arrival: &Arrival, held: Kinds) -> Kinds {
    may_ask_for(held, allowed(arrival), Reachable { email: false })
}

pub(super) async fn judge(
    gateway: &Gateway,
    arrival: &Arrival,
    place: &Place<'_>,
    material: &Material,
    answered: &Answered,
    now: Timestamp,
) -> Result<Judgement, Failure> {
    let not = |problem| {
        let tries_left = tries_left(arrival, &material.throttle);
        Ok(Judgement::Tried(Tried::Not {
            problem,
            tries_left,
        }))
    };
    let Answered::ToChallenge {
        outcome,
        ends_at,
        usable,
    } = *answered
    else {
        return not(CodeProblem::PasskeyLate);
    };
    let app = &arrival.app.settings;
    let user_verification = app.passkeys.as_ref().map(|told| told.user_verification);
    let facts = AssertionFacts {
        outcome,
        challenge_ends: ends_at,
        expires_at: place.expires_at(now),
        usable,
        user_verification: user_verification.unwrap_or_default(),
        throttle: &material.throttle,
        policy: &app.policy.throttle,
        proved: place.is_proved(),
    };
    match judge_assertion(&facts, now) {
        AssertionVerdict::Accept(accepted) => Ok(Judgement::Accept(accepted)),
        AssertionVerdict::Expired => Ok(Judgement::Tried(Tried::Over(EndWhy::Expired))),
        AssertionVerdict::Paused { until } => Ok(Judgement::Tried(Tried::Paused { until })),
        AssertionVerdict::Exhausted => Ok(Judgement::Tried(Tried::Stopped)),
        AssertionVerdict::Late | AssertionVerdict::NotAsked => not(CodeProblem::PasskeyLate),
        AssertionVerdict::Disabled => not(CodeProblem::PasskeyDisabled),
        AssertionVerdict::Unverified => not(CodeProblem::PasskeyUnverified),
        AssertionVerdict::Wrong { fault, .. } => {
            gateway
                .metrics
                .challenge(arrival.app.name().as_str(), "wrong");
            let failure = ChallengeFailure {
                version: material.version,
                subscriber: place.subscriber,
                attempt: place.attempt.map(|held| held.id),
                session: place.session,
                app: arrival.app.name(),
                policy: &app.policy.throttle,
                kind: AuditKind::ChallengeFailed,
                clock_off: None,
                client: arrival.client,
                now,
            };
            let told = gateway.store.passkey_fail(fault, failure).await?;
            let problem = CodeProblem::PasskeyWrong;
            Ok(Judgement::Tried(after_failure(
                arrival, &told, problem, now,
            )))
        }
    }
}
