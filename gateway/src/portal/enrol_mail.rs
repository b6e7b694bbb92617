//! Making codes by mail a way to sign in: the address on file is shown masked, a code goes there,
//! typed it confirms.
//!
//! The address is never taken from a form (advisory B4), and policy, the enrolment code and what
//! she holds are judged as at any enrolment. A page of its own, so that a choice of methods can
//! lead here; the confirmation is the store's one transaction.

use std::time::Duration;

use anteroom_core::authenticator::{AuthenticatorKind, Kinds, Reachable, may_set_up};
use anteroom_core::challenge::judge_first_mail_code;
use anteroom_core::ids::{SessionHash, SubscriberId};
use anteroom_core::mail_code::{MailCode, MailCodeUse};
use anteroom_store::{Attempt, MailCodeSent, MailStanding, NameKey};
use http::StatusCode;

use super::enrol::{Found, Station, begin, elsewhere, ended_elsewhere, find, steps};
use super::mail::{is_down, queue, refused, state_of};
use super::visit::{Visit, nonce_text};
use super::{Answer, enrolled};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::{CodeProblem, MailFor, Page};
use crate::passkeys::allowed;
use crate::reply::Reply;
use crate::sign_in::{methods, target};

/// What this way is called until its owner names it.
const LABEL: &str = "E-mail";

pub(super) async fn get(visit: Visit) -> Answer {
    show(&visit).await.into()
}

pub(super) async fn send(visit: Visit) -> Answer {
    ask_for_one(&visit).await.into()
}

pub(super) async fn post(visit: Visit) -> Answer {
    confirm(&visit).await.into()
}

/// An enrolment in this browser, with whom it is about and what is known of her mail.
struct Enrolling<'v> {
    signed: Signed<'v>,
    attempt: Box<Attempt>,
    subscriber: SubscriberId,
    standing: MailStanding,
}

async fn enrolling(visit: &Visit) -> Result<Result<Enrolling<'_>, Reply>, Failure> {
    let (signed, attempt) = match find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(Err(reply)),
    };
    if let Some(reply) = elsewhere(visit, &attempt, Station::SetUp).await? {
        return Ok(Err(reply));
    }
    let Some((subscriber, standing)) = known(visit, signed.hash, &attempt).await? else {
        refused(visit, &signed, &attempt).await?;
        return Ok(Err(begin(visit, &attempt).await?));
    };
    Ok(Ok(Enrolling {
        signed,
        attempt,
        subscriber,
        standing,
    }))
}

/// Whether codes by mail may be set up here, whether or not mail works at this moment.
pub(super) async fn is_open(visit: &Visit, attempt: &Attempt) -> Result<bool, Failure> {
    // Which session asks matters only for a code that was sent.
    let known = known(visit, SessionHash([0; 32]), attempt).await?;
    Ok(known.is_some())
}

/// Whom this enrolment is about, if codes by mail may be set up by her: an operator brought an
/// address under this very name.
async fn known(
    visit: &Visit,
    session: SessionHash,
    attempt: &Attempt,
) -> Result<Option<(SubscriberId, MailStanding)>, Failure> {
    let allowed = visit.arrival.app.settings.policy.kinds;
    if !allowed.has(AuthenticatorKind::Email) || !attempt.proved {
        return Ok(None);
    }
    let name = NameKey {
        realm: &attempt.realm,
        tenant: &attempt.tenant,
        folded: &attempt.folded,
        spelling_key: &attempt.spelling_key,
    };
    let store = &visit.gateway.store;
    let found = store.subscriber_find(&name).await?;
    let Some(found) = found.filter(|found| found.linked && !found.suspended) else {
        return Ok(None);
    };
    let standing = store.mail_standing(session, found.id, visit.now).await?;
    // Asked as if mail worked: when it does not, the page says so.
    let reachable = Reachable {
        email: standing.masked.is_some(),
    };
    // At the recovery codes she holds what she has just set up: what she could choose from, and
    // with it the number of steps, is what it was before.
    let held = match attempt.enrolled {
        Some(_) => Kinds::NONE,
        None => standing.held,
    };
    let open = may_set_up(held, allowed, reachable);
    Ok(open
        .has(AuthenticatorKind::Email)
        .then_some((found.id, standing)))
}

async fn show(visit: &Visit) -> Result<Reply, Failure> {
    match enrolling(visit).await? {
        Ok(hers) => form(visit, &hers, StatusCode::OK, None, None).await,
        Err(reply) => Ok(reply),
    }
}

async fn form(
    visit: &Visit,
    hers: &Enrolling<'_>,
    status: StatusCode,
    problem: Option<CodeProblem>,
    wait: Option<Duration>,
) -> Result<Reply, Failure> {
    let nonce = nonce_text(&hers.attempt.form_nonce);
    let steps = steps(visit, &hers.attempt).await?;
    let others = methods::choice(allowed(&visit.arrival), Reachable { email: false });
    let page = Page::MailCode {
        nonce: &nonce,
        problem,
        place: MailFor::Enrolment {
            step: steps.set_up(),
            steps: steps.all(),
            others: !others.is_empty(),
        },
        state: state_of(is_down(visit).await?, &hers.standing),
        masked: hers.standing.masked.as_deref(),
        wait_seconds: wait.map(|wait| wait.as_secs()),
    };
    Ok(visit.show_as(status, &page))
}

async fn ask_for_one(visit: &Visit) -> Result<Reply, Failure> {
    let hers = match enrolling(visit).await? {
        Ok(hers) => hers,
        Err(reply) => return Ok(reply),
    };
    visit.posted()?.belongs_to(&hers.attempt.form_nonce)?;
    if is_down(visit).await? {
        return form(visit, &hers, StatusCode::SERVICE_UNAVAILABLE, None, None).await;
    }
    match queue(visit, &hers.signed, hers.subscriber).await? {
        MailCodeSent::Queued { .. } => Ok(Reply::redirect(target::ENROL_MAIL)),
        MailCodeSent::NotBefore(until) => {
            let wait = Some(until.since(visit.now));
            form(visit, &hers, StatusCode::TOO_MANY_REQUESTS, None, wait).await
        }
        MailCodeSent::NoAddress => begin(visit, &hers.attempt).await,
    }
}

async fn confirm(visit: &Visit) -> Result<Reply, Failure> {
    let hers = match enrolling(visit).await? {
        Ok(hers) => hers,
        Err(reply) => return Ok(reply),
    };
    let posted = visit.posted()?;
    posted.belongs_to(&hers.attempt.form_nonce)?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    if posted.code.trim().is_empty() {
        return form(visit, &hers, status, Some(CodeProblem::Missing), None).await;
    }
    let (store, session) = (&visit.gateway.store, hers.signed.hash);
    let found = match MailCode::parse(&posted.code) {
        Some(code) => {
            let whose = Some(hers.subscriber);
            store
                .mail_code_match((session, MailCodeUse::SignIn), whose, &code, visit.now)
                .await?
        }
        None => None,
    };
    let Some(first) = judge_first_mail_code(found) else {
        store.mail_code_fail(session).await?;
        let wrong = Some(CodeProblem::WrongMailCode);
        return form(visit, &hers, status, wrong, None).await;
    };
    let (signed, attempt) = (&hers.signed, &hers.attempt);
    let confirmed = enrolled::confirm_with(visit, signed, attempt, first.into(), LABEL).await?;
    Ok(confirmed.unwrap_or_else(|| ended_elsewhere(visit)))
}
