//! The login exchange: from a submitted password to a held answer (DESIGN 5.2, steps 1 and 2).
//!
//! In this order, and never another: read the form, make sure there is room, commit the taint, wait
//! for or cut what is under way on the session, send once, take the whole answer, ask the probe,
//! judge, act. Nothing of the answer passes by itself. Codes are `release`'s.

use std::sync::Arc;

use anteroom_core::cookies::Jar;
use anteroom_core::ids::SessionRow;
use anteroom_core::login::{LoginFacts, judge_login};
use anteroom_core::time::Timestamp;
use anteroom_store::{StoreError, SubscriberView, Taint, TypedIdentity};
use bytes::Bytes;
use http::HeaderValue;
use http::header::COOKIE;
use pingora::http::RequestHeader;

use super::facts::{exception, must_tell_whose, on_file, tell_of_unknown, whose};
use super::hold::{self, Name};
use super::read_answer::judge;
use super::repeat::Turn;
use super::submission::Submission;
use super::travelling::{Travelling, can_be_asked, of_nobody, travelling};
use super::verdict::{Act, end_before, verdict_name};
use super::{jars, target};
use crate::arrival::Arrival;
use crate::cookies::device::DeviceCookie;
use crate::cookies::incoming;
use crate::cookies::token;
use crate::fail::Failure;
use crate::gateway::{Gateway, cookie_value};
use crate::keys::{hash_session, sha256};
use crate::pages::{Notice, Why};
use crate::reply::Reply;
use crate::sessions::Live;
use crate::upstream::exchange;
use crate::upstream::request::{self, Passage};

/// Runs a login, or gives the answer of the identical one that is already under way.
///
/// # Errors
/// When the store or the app fails, or a bound is reached.
pub async fn run(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    submission: Submission,
    now: Timestamp,
) -> Result<Reply, Failure> {
    if let Some(retry_seconds) = gateway
        .sources
        .wait(arrival.client, gateway.monotonic.elapsed())
    {
        return Err(Failure::refused(Notice::TooManyRequests { retry_seconds }));
    }
    // Two browsers without a cookie of ours may send the very same bytes: only a secret tells one
    // browser's double click from another's login.
    let name = token::name(arrival.secure);
    let ours = cookie_value(&head.headers, name)
        .and_then(|value| token::check(&gateway.keys, value, arrival.app.name(), now));
    if ours.is_none() {
        return once(gateway, arrival, head, submission, now).await;
    }
    match gateway
        .repeats
        .join(print(arrival, head, &submission.body))
        .await
    {
        Turn::Again(Some(reply)) => Ok((*reply).clone()),
        Turn::Again(None) => Err(Failure::refused(Notice::TryLoginAgain)),
        Turn::First(first) => {
            let reply = once(gateway, arrival, head, submission, now).await?;
            first.answer(&reply);
            Ok(reply)
        }
    }
}

/// Same app, same cookies, same path, same body: the same login.
fn print(arrival: &Arrival, head: &RequestHeader, body: &Bytes) -> [u8; 32] {
    let cookies: Vec<&[u8]> = head
        .headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let cookies = cookies.join(&b"; "[..]);
    let target = arrival.target();
    sha256(&[
        arrival.app.name().as_str().as_bytes(),
        b"\0",
        target.as_bytes(),
        b"\0",
        &sha256(&[&cookies]),
        &sha256(&[body]),
        arrival.client.to_string().as_bytes(),
    ])
}

async fn once(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    submission: Submission,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let name = typed_name(arrival, &submission)?;
    let mut visitor = gateway.visitor(arrival, &head.headers, now).await?;
    let mut turn = None;
    if let (Some(signed), None) = (&visitor.signed, &visitor.live) {
        let patience = gateway.settings.limits.login_deadline;
        turn = gateway.turns.take(signed.hash, patience).await;
        if turn.is_none() {
            return Err(Failure::refused(Notice::TryLoginAgain));
        }
        // Whoever had the turn before may have made another session of it.
        visitor = gateway.visitor(arrival, &head.headers, now).await?;
    }
    if let Some(name) = &name {
        hold::make_sure_of_room(gateway, arrival, name, now).await?;
    }
    let mut travelling = travelling(gateway, arrival, head, &visitor, name.as_ref(), now).await?;
    let _thaw = travelling
        .before
        .as_ref()
        .map(|live| Thaw(Arc::clone(live)));
    if let Some(live) = &travelling.before
        && !is_same_person(gateway, arrival, live, name.as_ref()).await?
    {
        // It ends whatever the outcome, so it ends before the password leaves: a crash in between
        // must not leave a verified session that has become somebody else's upstream
        // (`DESIGN-CASES` 11).
        end_before(gateway, arrival, live, "relogin", now).await?;
        // Nor may her cookies go with his password, where nobody could tell afterwards whose they
        // are.
        travelling.two_names = can_be_asked(arrival);
        if !travelling.two_names {
            travelling.jar = of_nobody(gateway, arrival, head, now).await?;
        }
    }
    let outcome = exchange(
        gateway,
        arrival,
        head,
        submission,
        name.as_ref(),
        travelling,
        now,
    )
    .await;
    drop(turn);
    if outcome.is_err()
        && let Some(live) = &visitor.live
        && !live.is_ended()
    {
        // Nobody can say whose session it is upstream now (attack F12).
        end_before(gateway, arrival, live, "relogin_broken", now).await?;
    }
    outcome
}

async fn is_same_person(
    gateway: &Gateway,
    arrival: &Arrival,
    live: &Live,
    name: Option<&Name>,
) -> Result<bool, Failure> {
    let Some(name) = name else { return Ok(false) };
    let view = gateway.store.subscriber_find(&name.key(arrival)).await?;
    Ok(view.is_some_and(|view| is_linked_to(&view, live)))
}

pub(super) fn is_linked_to(view: &SubscriberView, live: &Live) -> bool {
    view.linked && live.subscriber == Some(view.id)
}

struct Thaw(Arc<Live>);

impl Drop for Thaw {
    fn drop(&mut self) {
        self.0.thaw();
    }
}

/// The typed name, folded; `None` for an empty one, which the app may refuse in its own words.
fn typed_name(arrival: &Arrival, submission: &Submission) -> Result<Option<Name>, Failure> {
    if submission.user.trim().is_empty() {
        return Ok(None);
    }
    let why = Why::NoName;
    Name::of(arrival, &submission.tenant, &submission.user)
        .map(Some)
        .ok_or_else(|| Failure::refused(Notice::BadRequest { why }))
}

#[allow(
    clippy::too_many_arguments,
    reason = "the parts of one login, each needed once"
)]
async fn exchange(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    submission: Submission,
    name: Option<&Name>,
    travelling: Travelling,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let row = taint(gateway, arrival, &submission, name, &travelling, now).await?;
    let hash = hash_session(&travelling.id);
    let rules = &arrival.app.settings.profile.cookies;
    gateway.inflight.drain(&hash).await;
    let answer = send(
        gateway,
        arrival,
        head,
        submission.body,
        &travelling.jar,
        now,
    )
    .await?;
    let mut jar = travelling.jar;
    jars::merge(&mut jar, &answer, &arrival.path, now);
    let judged = judge(gateway, arrival, head, &answer, &mut jar, now).await;
    tell_of_unknown(arrival, &answer, &judged);
    if travelling.two_names {
        must_tell_whose(gateway, row, &judged, now).await?;
    }
    let jar = jars::without_plain(&jar, rules);
    let (named, view) = whose(gateway, arrival, &judged, &submission.tenant, name).await?;
    let exception = exception(gateway, arrival, judged.outcome, now).await?;
    let facts = LoginFacts {
        outcome: judged.outcome,
        proved: judged.proved,
        mismatch: false,
        on_file: on_file(view.as_ref(), now),
        client: arrival.client,
        emergency: exception.is_some(),
    };
    let verdict = judge_login(&facts, &arrival.app.settings.policy, now);
    gateway
        .metrics
        .login(arrival.app.name().as_str(), verdict_name(verdict));
    Act {
        gateway,
        arrival,
        row,
        id: travelling.id,
        fresh: travelling.fresh,
        before: travelling.before,
        answer,
        jar,
        judged,
        named,
        view,
        exception: exception.map(|open| open.id),
        device: DeviceCookie::of(&head.headers, arrival.secure),
        wanted: target::wanted(gateway, arrival, &head.headers),
        now,
    }
    .act(verdict)
    .await
}

/// Commits the taint, before the credential leaves. No row, no login.
async fn taint(
    gateway: &Gateway,
    arrival: &Arrival,
    submission: &Submission,
    name: Option<&Name>,
    travelling: &Travelling,
    now: Timestamp,
) -> Result<SessionRow, Failure> {
    let keys = jars::current(gateway)?;
    let hash = hash_session(&travelling.id);
    let rules = &arrival.app.settings.profile.cookies;
    let plain = jars::without_plain(&travelling.jar, rules).to_bytes();
    let sealed = jars::seal_for(
        gateway,
        keys,
        jars::TAINTED_JAR,
        arrival,
        &travelling.id,
        &plain,
    )?;
    let typed = TypedIdentity {
        tenant: submission.tenant.clone(),
        name: name.map(|name| name.typed.clone()).unwrap_or_default(),
    };
    gateway
        .store
        .login_taint(Taint {
            session: hash,
            app: arrival.app.name(),
            values: &incoming::fingerprints(&travelling.jar, rules),
            typed: &typed,
            jar: &sealed,
            client: arrival.client,
            expires_at: now.plus(jars::ANONYMOUS),
            now,
        })
        .await
        .map_err(|problem| match problem {
            // Somebody else has made another session of this id meanwhile: its jar is not to be
            // used.
            StoreError::Conflict { .. } => Failure::refused(Notice::TryLoginAgain),
            other => other.into(),
        })
}

async fn send(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    body: Bytes,
    jar: &Jar,
    now: Timestamp,
) -> Result<exchange::Answer, Failure> {
    let mut out = head.clone();
    request::for_exchange(&mut out);
    let passage = Passage::of(arrival);
    request::rewrite(&mut out, &passage);
    let line = jar.header_for(&arrival.path, now);
    request::set_cookie_line(
        &mut out,
        line.and_then(|line| HeaderValue::from_bytes(&line).ok()),
    );
    let limits = &gateway.settings.limits;
    let sent = exchange::send(&arrival.app, out, body, limits.login_deadline).await;
    let arriving = sent.map_err(Failure::Login)?;
    arriving
        .whole(limits.withheld_answer)
        .await
        .map_err(Failure::Login)
}
