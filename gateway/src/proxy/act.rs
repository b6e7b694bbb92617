//! Carrying out a decision: exactly one action per request.
//!
//! The decision itself is `anteroom_core::decide`; this file knows which of our pieces does what. A
//! request whose session changed while it waited is decided again, from the start.

use std::sync::Arc;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::decide::{Carry, Decision, decide};
use anteroom_core::facts::Use;
use anteroom_core::profile::LoginPath;
use anteroom_core::route::{RouteClass, classify};
use anteroom_core::session::Session as State;
use anteroom_core::time::Timestamp;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use pingora::proxy::Session;

use super::told::{name, refusal_notice};
use super::verified::Whole;
use super::{Context, Way, scan};
use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::front::fields::Found;
use crate::gateway::{Gateway, Visitor};
use crate::pages::{Notice, Why};
use crate::portal;
use crate::reply::Reply;
use crate::respond::{self, BodyProblem};
use crate::sessions::{ExchangeKind, Live};
use crate::sign_in::{hand_over, login, submission, target, watch};

/// Said when a session stays closed for so long that its request cannot wait.
const STILL_FROZEN: Notice = Notice::TooManyRequests { retry_seconds: 5 };

/// What a request has come to.
pub(super) enum Outcome {
    /// It is answered.
    Reply(Reply),
    /// It streams through pingora.
    Stream,
}

/// Decides and acts.
pub(super) async fn act(
    gateway: &Arc<Gateway>,
    session: &mut Session,
    context: &mut Context,
    arrival: &Arc<Arrival>,
) -> Result<Outcome, Failure> {
    let now = gateway.now();
    let profile = &arrival.app.settings.profile;
    let class = classify(profile, &arrival.facts(), has_form_body(session));
    let visitor = gateway
        .visitor(arrival, &session.req_header().headers, now)
        .await?;
    let decision = decide(
        &arrival.facts(),
        class,
        &visitor.session,
        profile,
        &arrival.app.settings.policy,
        now,
    );
    if let Decision::Forward(Carry::Whole { logout, activity }) = decision {
        return forward(
            gateway, session, context, arrival, &visitor, logout, activity, now,
        )
        .await;
    }
    gateway
        .metrics
        .decision(arrival.app.name().as_str(), name(decision));
    match decision {
        Decision::Forward(Carry::Untouched) => {
            context.way = Way::Untouched;
            Ok(Outcome::Stream)
        }
        Decision::Forward(_) => {
            context.way = Way::Bare;
            Ok(Outcome::Stream)
        }
        // Boxed, so that the rare ways do not make the everyday one carry their size.
        Decision::Serve => Box::pin(serve(gateway, session, context, arrival)).await,
        Decision::Watch(carry, show) => {
            let head = session.req_header().clone();
            let page = watch::page(gateway, arrival, &head, &visitor, carry, show, now);
            let reply = Box::pin(page).await?;
            Ok(Outcome::Reply(reply))
        }
        Decision::Intercept(rule) => {
            Box::pin(intercept(
                gateway, session, context, arrival, &visitor, rule, now,
            ))
            .await
        }
        Decision::ReadForm => {
            Box::pin(read_form(gateway, session, context, arrival, &visitor, now)).await
        }
        Decision::SendToLogin => Ok(Outcome::Reply(target::to_login(gateway, arrival))),
        Decision::Challenge(_) => {
            let reply = target::to_challenge(gateway, arrival, target::CHALLENGE);
            Ok(Outcome::Reply(reply))
        }
        Decision::EndSession => {
            let ending = portal::end_session(gateway, arrival, &visitor, "logout", now);
            let reply = Box::pin(ending).await?;
            Ok(Outcome::Reply(reply))
        }
        Decision::Refuse(refusal) => Err(Failure::refused(refusal_notice(refusal))),
    }
}

fn has_form_body(session: &Session) -> bool {
    let kind = session.req_header().headers.get(CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    // Loosely: whatever some server might take for a form (attack B06). No type at all is such a
    // case.
    kind.is_empty() || kind.contains("form") || kind.contains("text/plain")
}

#[allow(
    clippy::too_many_arguments,
    reason = "one verified request, each part needed once"
)]
async fn forward(
    gateway: &Arc<Gateway>,
    session: &mut Session,
    context: &mut Context,
    arrival: &Arc<Arrival>,
    visitor: &Visitor<'_>,
    logout: Option<usize>,
    activity: bool,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    let Some(live) = &visitor.live else {
        return Err(Failure::Internal("a verified session without its keys"));
    };
    // One that says how long it is need not be begun; one that does not is cut in `scan`.
    if let (Some(Some(length)), Some(most)) = (context.found.body, arrival.app.settings.max_body)
        && length > most
    {
        return Err(Failure::refused(Notice::TooLarge));
    }
    // What is no activity waits for news rather than being somebody's work: polls, as the profile
    // lists them.
    let kind = match arrival.usage {
        Use::WebSocket => ExchangeKind::Endless,
        _ if !activity => ExchangeKind::Endless,
        _ => ExchangeKind::Finite,
    };
    // Registered first, looked at second: an end or a freeze that comes in between sees this
    // request.
    let exchange = live.open_exchange(kind, &arrival.connection);
    if live.is_frozen() {
        drop(exchange);
        if !Box::pin(live.thawed()).await {
            return Err(Failure::refused(STILL_FROZEN));
        }
        // The session may be another one now: the browser asks again and gets the new answer.
        return Box::pin(act(gateway, session, context, arrival)).await;
    }
    if live.is_ended() {
        return Ok(Outcome::Reply(target::to_login(gateway, arrival)));
    }
    if live.is_moved_to(arrival.client) {
        Box::pin(tell_of_move(gateway, arrival, live, now)).await;
    }
    if activity {
        live.touch(now);
    }
    let headers = &session.req_header().headers;
    if live.awaits_delivery()
        && let Some(reply) = Box::pin(hand_over::deliver(gateway, arrival, visitor, now)).await?
    {
        return Ok(Outcome::Reply(reply));
    }
    let whole = Whole::new(
        gateway,
        arrival,
        headers,
        Arc::clone(live),
        exchange,
        logout,
    )?;
    context.way = Way::Whole(Box::new(whole));
    if context.found.body.is_some() || session.is_http2() && !session.is_body_empty() {
        let headers = &session.req_header().headers;
        context.scan =
            scan::scanner(&arrival.app.settings.profile, headers).map_err(Failure::refused)?;
    }
    set_patience(gateway, session, context.found);
    Ok(Outcome::Stream)
}

/// A browser that neither reads nor writes is cut (attack F01).
fn set_patience(gateway: &Gateway, session: &mut Session, found: Found) {
    if found.body.is_some() || session.is_http2() {
        // Where no body comes there is nothing to wait for. Writing has its limit already.
        session.set_read_timeout(Some(gateway.settings.limits.body_idle));
    }
}

/// The audit log shows every address that a session was used from. While the store cannot be
/// written, verified work goes on without it, as everything else does (DESIGN section 7).
async fn tell_of_move(gateway: &Gateway, arrival: &Arrival, live: &Live, now: Timestamp) {
    let mut event = AuditEvent::new(AuditKind::SessionMoved)
        .app(arrival.app.name())
        .session(live.hash())
        .client(arrival.client);
    event.subscriber = live.subscriber;
    if let Err(problem) = gateway.store.audit_append(&[event], now).await {
        let reference = arrival.reference;
        tracing::error!(%reference, %problem, "a moved session was not audited");
    }
}

async fn serve(
    gateway: &Arc<Gateway>,
    session: &mut Session,
    context: &Context,
    arrival: &Arc<Arrival>,
) -> Result<Outcome, Failure> {
    let within = gateway.settings.limits.header_deadline;
    let body = match context.found.body {
        None if !session.is_http2() => Bytes::new(),
        _ => {
            read(
                session,
                portal::largest_form(&arrival.path),
                within,
                context.found.expects_continue,
            )
            .await?
        }
    };
    let head = session.req_header();
    Ok(Outcome::Reply(
        portal::serve(gateway, arrival, &head.headers, body).await?,
    ))
}

async fn intercept(
    gateway: &Arc<Gateway>,
    session: &mut Session,
    context: &mut Context,
    arrival: &Arc<Arrival>,
    visitor: &Visitor<'_>,
    rule: usize,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    let limits = &gateway.settings.limits;
    let expects = context.found.expects_continue;
    if matches!(visitor.session, State::Verified(_)) {
        // Another form on a login path goes on as it came; pingora replays what is read here.
        session.as_mut().enable_retry_buffering();
    }
    let body = read(session, limits.login_body, limits.login_deadline, expects).await?;
    let head = session.req_header();
    let logins = &arrival.app.settings.profile.logins;
    let Some(path) = logins.get(rule).map(|rule| &rule.path) else {
        return Err(Failure::Internal("a login rule that does not exist"));
    };
    // Several forms may share a path and differ in one field: a refusal counts when none of them
    // fits.
    let mut refused = None;
    for rule in logins.iter().filter(|rule| rule.path == *path) {
        match submission::read(arrival, &head.headers, rule, &body) {
            Ok(Some(found)) => {
                return Ok(Outcome::Reply(
                    login::run(gateway, arrival, head, found, now).await?,
                ));
            }
            Ok(None) => {}
            Err(failure) => refused = Some(failure),
        }
    }
    if let Some(failure) = refused {
        return Err(failure);
    }
    if session.as_ref().retry_buffer_truncated() {
        return Err(Failure::refused(Notice::TooLarge));
    }
    again_as_protected(gateway, session, context, arrival, visitor, now).await
}

/// An app that takes logins anywhere: read the form, then know.
async fn read_form(
    gateway: &Arc<Gateway>,
    session: &mut Session,
    context: &mut Context,
    arrival: &Arc<Arrival>,
    visitor: &Visitor<'_>,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    let limits = &gateway.settings.limits;
    let verified = matches!(visitor.session, State::Verified(_));
    let short = matches!(context.found.body, Some(Some(length)) if length < REPLAYED);
    if verified && !short {
        return again_as_protected(gateway, session, context, arrival, visitor, now).await;
    }
    if verified {
        // pingora gives the upstream what was read here, up to its own 64 KiB.
        session.as_mut().enable_retry_buffering();
    }
    let expects = context.found.expects_continue;
    let body = read(session, limits.login_body, limits.login_deadline, expects).await?;
    let head = session.req_header();
    for rule in &arrival.app.settings.profile.logins {
        if rule.path != LoginPath::Any {
            continue;
        }
        if let Some(found) = submission::read_if_form(arrival, &head.headers, rule, &body)? {
            return Ok(Outcome::Reply(
                login::run(gateway, arrival, head, found, now).await?,
            ));
        }
    }
    if session.as_ref().retry_buffer_truncated() {
        return Err(Failure::refused(Notice::TooLarge));
    }
    again_as_protected(gateway, session, context, arrival, visitor, now).await
}

/// Bodies shorter than this can be read here and still be sent on.
const REPLAYED: u64 = 60 * 1024;

async fn again_as_protected(
    gateway: &Arc<Gateway>,
    session: &mut Session,
    context: &mut Context,
    arrival: &Arc<Arrival>,
    visitor: &Visitor<'_>,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    let settings = &arrival.app.settings;
    let facts = arrival.facts();
    let class = match classify(&settings.profile, &facts, false) {
        class @ RouteClass::Logout(_) => class,
        _ => RouteClass::Protected,
    };
    match decide(
        &facts,
        class,
        &visitor.session,
        &settings.profile,
        &settings.policy,
        now,
    ) {
        Decision::Forward(Carry::Whole { logout, activity }) => {
            forward(
                gateway, session, context, arrival, visitor, logout, activity, now,
            )
            .await
        }
        Decision::Challenge(_) => Ok(Outcome::Reply(target::to_challenge(
            gateway,
            arrival,
            target::CHALLENGE,
        ))),
        Decision::Refuse(refusal) => Err(Failure::refused(refusal_notice(refusal))),
        Decision::EndSession => {
            let reply = portal::end_session(gateway, arrival, visitor, "logout", now).await?;
            Ok(Outcome::Reply(reply))
        }
        _ => Ok(Outcome::Reply(target::to_login(gateway, arrival))),
    }
}

async fn read(
    session: &mut Session,
    most: usize,
    within: std::time::Duration,
    expects_continue: bool,
) -> Result<Bytes, Failure> {
    respond::read_body(session, most, within, expects_continue)
        .await
        .map_err(|problem| {
            Failure::refused(match problem {
                BodyProblem::TooLarge => Notice::TooLarge,
                BodyProblem::Slow | BodyProblem::Gone => Notice::BadRequest { why: Why::FormLate },
            })
        })
}
