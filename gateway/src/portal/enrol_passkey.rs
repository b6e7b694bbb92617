//! Enrolment with a passkey: one of the ways to choose, at an address of its own.
//!
//! The same attempt, the same enrolment code where one is needed, the same recovery codes after it
//! ([`enrol`](super::enrol)). Nothing counts before the browser's answer was accepted, and who
//! enrols is the attempt's to say, never the form's (advisory B7).

use anteroom_store::{Attempt, FirstFactor};
use http::StatusCode;

use super::Answer;
use super::enrol::{self, Found, Station};
use super::enrolled;
use super::new_passkey::{self, Offer};
use super::visit::{Visit, nonce_text};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::{CodeProblem, Page};
use crate::passkeys::RelyingParty;
use crate::reply::Reply;
use crate::sign_in::target;

/// What the first passkey is called until its owner names it.
const LABEL: &str = "Passkey";

pub(crate) async fn get(visit: Visit) -> Answer {
    show(&visit).await.into()
}

pub(crate) async fn post(visit: Visit) -> Answer {
    confirm(&visit).await.into()
}

async fn show(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match enrol::find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = enrol::elsewhere(visit, &attempt, Station::SetUp).await? {
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
    // Policy decides what may be set up, not the address that was asked for (attack D19).
    let Some(party) = RelyingParty::of(&visit.arrival) else {
        return enrol::begin(visit, attempt).await;
    };
    let store = &visit.gateway.store;
    let known = store.enrolment_handle(attempt.id).await?;
    let handle = known.unwrap_or_else(|| visit.gateway.random());
    let offer = Offer::new(&party, &attempt.display_name, &handle, &[])?;
    let ceremony = offer.ceremony(visit, signed.hash);
    if !store.enrolment_ceremony(attempt.id, ceremony).await? {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    }
    let steps = enrol::steps(visit, attempt).await?;
    let page = Page::EnrolPasskey {
        nonce: &nonce_text(&attempt.form_nonce),
        problem,
        options: offer.options(),
        account: &attempt.display_name,
        step: steps.set_up(),
        steps: steps.all(),
        others: steps.chosen,
    };
    Ok(visit.show_as(status, &page))
}

async fn confirm(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match enrol::find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = enrol::elsewhere(visit, &attempt, Station::SetUp).await? {
        return Ok(reply);
    }
    let posted = visit.posted()?;
    posted.belongs_to(&attempt.form_nonce)?;
    let refuse = async |problem| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        form(visit, &signed, &attempt, status, Some(problem)).await
    };
    let Some(party) = RelyingParty::of(&visit.arrival) else {
        return enrol::begin(visit, &attempt).await;
    };
    let taken = new_passkey::take(visit, &party, &signed.hash, &posted.answer);
    let (user_handle, registered) = match taken.await? {
        Ok(made) => made,
        Err(problem) => return refuse(problem).await,
    };
    let first = FirstFactor::Passkey {
        registered: &registered,
        rp_id: &party.settings.rp_id,
        user_handle,
    };
    match enrolled::confirm_with(visit, &signed, &attempt, first, LABEL).await? {
        Some(reply) => Ok(reply),
        None => refuse(CodeProblem::PasskeyKnown).await,
    }
}
