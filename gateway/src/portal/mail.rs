//! Codes by mail at a sign-in: asked for by a button, typed into a form of their own.
//!
//! Offered only where policy and `core::authenticator` say so, only after a proved password, and
//! only to addresses on file; what a browser asks for picks nothing (attacks D19, A16). Taking is
//! `challenge`'s, sending the outbox's; here no mail is ever waited for.

use std::time::Duration;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::authenticator::{AuthenticatorKind, Kinds, Reachable, may_ask_for};
use anteroom_core::ids::{SessionHash, SubscriberId};
use anteroom_core::mail_code::{MailCode, MailCodeUse};
use anteroom_store::{Attempt, AttemptState, Channel, MailCodeSend, MailCodeSent, MailStanding};
use http::StatusCode;

use super::enrol::{Found, find};
use super::visit::{Visit, nonce_text};
use super::{Answer, challenge};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::{CodeProblem, MailFor, MailState, Page};
use crate::reply::Reply;
use crate::sign_in::target;

pub(super) async fn get(visit: Visit) -> Answer {
    show(&visit).await.into()
}

pub(super) async fn send(visit: Visit) -> Answer {
    ask_for_one(&visit).await.into()
}

pub(super) async fn post(visit: Visit) -> Answer {
    challenge::answer(&visit).await.into()
}

/// Whether the policy of this app knows codes by mail at all.
fn policy(visit: &Visit) -> Kinds {
    visit.arrival.app.settings.policy.kinds
}

/// Whether mail goes out, as far as the last try knows.
pub(super) async fn is_down(visit: &Visit) -> Result<bool, Failure> {
    if visit.gateway.settings.mail.is_none() {
        return Ok(true);
    }
    let state = visit
        .gateway
        .store
        .outbox_state(Channel::Mail, visit.now)
        .await?;
    Ok(state.failing_since.is_some())
}

/// Whether codes by mail are the way of whoever is half-way in here. Nothing is told before the
/// password is proved (attack D12).
pub(super) async fn is_her_way(visit: &Visit, attempt: &Attempt) -> Result<bool, Failure> {
    let (Some(subscriber), true) = (attempt.subscriber, attempt.proved) else {
        return Ok(false);
    };
    // The session does not matter for what she holds.
    is_only_way(visit, SessionHash([0; 32]), subscriber).await
}

/// Whether a person can be asked for nothing but a code by mail.
pub(super) async fn is_only_way(
    visit: &Visit,
    session: SessionHash,
    subscriber: SubscriberId,
) -> Result<bool, Failure> {
    if !policy(visit).has(AuthenticatorKind::Email) {
        return Ok(false);
    }
    let store = &visit.gateway.store;
    let standing = store.mail_standing(session, subscriber, visit.now).await?;
    // Asked as if mail worked: when it does not, the page says so.
    Ok(usable(visit, &standing, true).has(AuthenticatorKind::Email))
}

fn usable(visit: &Visit, standing: &MailStanding, email: bool) -> Kinds {
    may_ask_for(standing.held, policy(visit), Reachable { email })
}

/// The pending login of this browser where codes by mail are its way, else where to go instead.
async fn hers(visit: &Visit) -> Result<Result<(Signed<'_>, Box<Attempt>), Reply>, Failure> {
    let (signed, attempt) = match find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(Err(reply)),
    };
    let pending = attempt.state == AttemptState::Pending;
    if pending && is_her_way(visit, &attempt).await? {
        return Ok(Ok((signed, attempt)));
    }
    Ok(Err(Reply::redirect(target::CHALLENGE)))
}

async fn show(visit: &Visit) -> Result<Reply, Failure> {
    match hers(visit).await? {
        Ok((signed, attempt)) => {
            form(visit, &signed, &attempt, StatusCode::OK, Shown::default()).await
        }
        Err(reply) => Ok(reply),
    }
}

/// What is said beside the form.
#[derive(Clone, Copy, Default)]
struct Shown {
    problem: Option<CodeProblem>,
    wait: Option<Duration>,
}

async fn form(
    visit: &Visit,
    signed: &Signed<'_>,
    attempt: &Attempt,
    status: StatusCode,
    shown: Shown,
) -> Result<Reply, Failure> {
    let Some(subscriber) = attempt.subscriber else {
        return Ok(Reply::redirect(target::CHALLENGE));
    };
    let store = &visit.gateway.store;
    let standing = store
        .mail_standing(signed.hash, subscriber, visit.now)
        .await?;
    let nonce = nonce_text(&attempt.form_nonce);
    let page = Page::MailCode {
        nonce: &nonce,
        problem: shown.problem,
        place: MailFor::SignIn,
        state: state_of(is_down(visit).await?, &standing),
        masked: standing.masked.as_deref(),
        wait_seconds: shown.wait.map(|wait| wait.as_secs()),
    };
    Ok(visit.show_as(status, &page))
}

/// What the page is about, by what is known.
pub(super) const fn state_of(down: bool, standing: &MailStanding) -> MailState {
    match (standing.sent_until.is_some(), down) {
        (true, _) => MailState::Sent,
        (false, true) => MailState::Down,
        (false, false) if standing.masked.is_some() => MailState::Ask,
        (false, false) => MailState::NoAddress,
    }
}

async fn ask_for_one(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    visit.posted()?.belongs_to(&attempt.form_nonce)?;
    let hers = attempt.state == AttemptState::Pending && is_her_way(visit, &attempt).await?;
    let Some(subscriber) = attempt.subscriber.filter(|_| hers) else {
        refused(visit, &signed, &attempt).await?;
        return Ok(Reply::redirect(target::CHALLENGE));
    };
    if is_down(visit).await? {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return form(visit, &signed, &attempt, status, Shown::default()).await;
    }
    match queue(visit, &signed, subscriber).await? {
        MailCodeSent::Queued { .. } => Ok(Reply::redirect(target::MAIL)),
        MailCodeSent::NotBefore(until) => {
            let wait = Some(until.since(visit.now));
            let shown = Shown {
                wait,
                ..Shown::default()
            };
            form(
                visit,
                &signed,
                &attempt,
                StatusCode::TOO_MANY_REQUESTS,
                shown,
            )
            .await
        }
        MailCodeSent::NoAddress => {
            form(visit, &signed, &attempt, StatusCode::OK, Shown::default()).await
        }
    }
}

/// Draws a code for a sign-in and queues it.
pub(super) async fn queue(
    visit: &Visit,
    signed: &Signed<'_>,
    subscriber: SubscriberId,
) -> Result<MailCodeSent, Failure> {
    queue_for(visit, signed, subscriber, MailCodeUse::SignIn).await
}

/// The same for whatever it is to count for.
pub(super) async fn queue_for(
    visit: &Visit,
    signed: &Signed<'_>,
    subscriber: SubscriberId,
    purpose: MailCodeUse,
) -> Result<MailCodeSent, Failure> {
    let code = MailCode::mint(&visit.gateway.random());
    let send = MailCodeSend {
        session: signed.hash,
        purpose,
        subscriber,
        code: &code,
        app: visit.arrival.app.name(),
        language: visit.arrival.language(),
        client: visit.arrival.client,
        now: visit.now,
    };
    let sent = visit.gateway.store.mail_code_send(send).await?;
    let app = visit.arrival.app.name().as_str();
    visit.gateway.metrics.mail_code(
        app,
        match &sent {
            MailCodeSent::Queued { .. } => "queued",
            MailCodeSent::NotBefore(_) => "too_often",
            MailCodeSent::NoAddress => "no_address",
        },
    );
    Ok(sent)
}

/// Somebody asked for a weaker way than hers (attack D19): written down, and not answered.
pub(super) async fn refused(
    visit: &Visit,
    signed: &Signed<'_>,
    attempt: &Attempt,
) -> Result<(), Failure> {
    refused_to(visit, signed, attempt.subscriber).await
}

/// The same of anybody.
pub(super) async fn refused_to(
    visit: &Visit,
    signed: &Signed<'_>,
    subscriber: Option<SubscriberId>,
) -> Result<(), Failure> {
    let mut event = AuditEvent::new(AuditKind::MailCodeRefused)
        .app(visit.arrival.app.name())
        .session(signed.hash)
        .client(visit.arrival.client)
        .reason("not by mail");
    event.subscriber = subscriber;
    visit
        .gateway
        .store
        .audit_append(&[event], visit.now)
        .await?;
    Ok(())
}

/// The form once more, with what was wrong.
pub(super) async fn again(
    visit: &Visit,
    signed: &Signed<'_>,
    attempt: &Attempt,
    problem: CodeProblem,
) -> Result<Reply, Failure> {
    let shown = Shown {
        problem: Some(problem),
        wait: None,
    };
    form(
        visit,
        signed,
        attempt,
        StatusCode::UNPROCESSABLE_ENTITY,
        shown,
    )
    .await
}
