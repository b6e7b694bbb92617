//! Enrolment with a passkey: beside the QR code, at an address of its own.
//!
//! The same attempt, the same enrolment code where one is needed, the same recovery codes after it
//! ([`enrol`](super::enrol)). Nothing counts before the browser's answer was accepted, and who
//! enrols is the attempt's to say, never the form's (advisory B7).

use anteroom_core::authenticator::{AuthenticatorKind, Kinds, Reachable, may_set_up};
use anteroom_core::passkey::CHALLENGE_FOR;
use anteroom_core::registration::{
    Registered, RegistrationFacts, RegistrationVerdict, judge_registration,
};
use anteroom_store::{Attempt, Ceremony, CeremonyPurpose, FirstFactor, NewCeremony};
use http::StatusCode;

use super::Answer;
use super::enrol::{self, Found};
use super::enrolled;
use super::visit::{Visit, nonce_text};
use crate::arrival::Arrival;
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::{CodeProblem, Page};
use crate::passkeys::{RelyingParty, allowed, challenge_of};
use crate::reply::Reply;
use crate::sign_in::target;

/// What the first passkey is called until its owner names it.
const LABEL: &str = "Passkey";
/// The bytes of a handle before the library's state.
const HANDLE: usize = 32;

pub(crate) async fn get(visit: Visit) -> Answer {
    show(&visit).await.into()
}

pub(crate) async fn post(visit: Visit) -> Answer {
    confirm(&visit).await.into()
}

/// Whether somebody who has nothing yet may set up a passkey from this page.
pub(super) fn is_offered(arrival: &Arrival) -> bool {
    offered(arrival).has(AuthenticatorKind::Passkey)
}

fn offered(arrival: &Arrival) -> Kinds {
    may_set_up(Kinds::NONE, allowed(arrival), Reachable { email: false })
}

async fn show(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match enrol::find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = enrol::elsewhere(&attempt, target::ENROL) {
        return Ok(reply);
    }
    form(visit, &signed, &attempt, StatusCode::OK, None).await
}

async fn form(
    visit: &Visit,
    signed: &Signed<'_>,
    attempt: &Attempt,
    status: StatusCode,
    problem: Option<CodeProblem>,
) -> Result<Reply, Failure> {
    let party = RelyingParty::of(&visit.arrival).filter(|_| is_offered(&visit.arrival));
    let Some(party) = party else {
        return Ok(Reply::redirect(target::ENROL));
    };
    let store = &visit.gateway.store;
    let known = store.enrolment_handle(attempt.id).await?;
    let handle: [u8; HANDLE] = known.unwrap_or_else(|| visit.gateway.random());
    let asked = party.offer(&attempt.display_name, &handle, &[])?;
    let begun = store
        .enrolment_ceremony(
            attempt.id,
            NewCeremony {
                purpose: CeremonyPurpose::Register,
                session: signed.hash,
                challenge: asked.challenge,
                state: &[&handle[..], &asked.state[..]].concat(),
                expires_at: visit.now.plus(CHALLENGE_FOR),
                now: visit.now,
            },
        )
        .await?;
    if !begun {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    }
    let (step, steps) = enrol::step(attempt);
    let page = Page::EnrolPasskey {
        nonce: &nonce_text(&attempt.form_nonce),
        problem,
        options: &asked.options,
        account: &attempt.display_name,
        step,
        steps,
    };
    Ok(visit.show_as(status, &page))
}

async fn confirm(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match enrol::find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = enrol::elsewhere(&attempt, target::ENROL) {
        return Ok(reply);
    }
    let posted = visit.posted()?;
    posted.belongs_to(&attempt.form_nonce)?;
    let refuse = async |problem| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        form(visit, &signed, &attempt, status, Some(problem)).await
    };
    if posted.answer.is_empty() {
        return refuse(CodeProblem::PasskeyMissing).await;
    }
    let Some(party) = RelyingParty::of(&visit.arrival) else {
        return Ok(Reply::redirect(target::ENROL));
    };
    let Some(challenge) = challenge_of(&posted.answer) else {
        return refuse(CodeProblem::PasskeyNotMade).await;
    };
    let purpose = CeremonyPurpose::Register;
    let taken = visit
        .gateway
        .store
        .ceremony_take(purpose, &signed.hash, &challenge);
    let Some(ceremony) = taken.await? else {
        return refuse(CodeProblem::PasskeyLate).await;
    };
    let (handle, registered) = match judge(visit, &party, &posted.answer, &ceremony) {
        Ok(made) => made,
        Err(problem) => return refuse(problem).await,
    };
    let first = FirstFactor::Passkey {
        registered: &registered,
        rp_id: &party.settings.rp_id,
        user_handle: handle,
    };
    match enrolled::confirm_with(visit, &signed, &attempt, first, LABEL).await? {
        Some(reply) => Ok(reply),
        None => refuse(CodeProblem::PasskeyKnown).await,
    }
}

/// The new passkey and the handle it was made for, or why it is not taken.
fn judge(
    visit: &Visit,
    party: &RelyingParty<'_>,
    answer: &str,
    ceremony: &Ceremony,
) -> Result<([u8; HANDLE], Registered), CodeProblem> {
    let (handle, state) = ceremony
        .state
        .split_first_chunk::<HANDLE>()
        .ok_or(CodeProblem::PasskeyLate)?;
    let facts = RegistrationFacts {
        outcome: party.register(answer, state),
        challenge_ends: ceremony.expires_at,
        offered: offered(&visit.arrival),
        user_verification: party.settings.user_verification,
    };
    match judge_registration(facts, visit.now) {
        RegistrationVerdict::Accept(registered) => Ok((*handle, registered)),
        RegistrationVerdict::Late | RegistrationVerdict::NotOffered => {
            Err(CodeProblem::PasskeyLate)
        }
        RegistrationVerdict::Unverified => Err(CodeProblem::PasskeyUnverified),
        RegistrationVerdict::Faulty(fault) => {
            tracing::info!(
                reference = %visit.arrival.reference,
                fault = fault.name(),
                "a new passkey was not taken"
            );
            Err(CodeProblem::PasskeyNotMade)
        }
    }
}
