//! `impl ProxyHttp`: each of pingora's phases turns one [`Decision`] into one action.
//!
//! `admit` checks the head and finds the app, `act` carries the decision out, `verified` passes
//! requests of verified sessions in both directions, `scan` watches their bodies. No policy here
//! and no SQL; failures become answers in `crate::fail` only.

mod act;
mod admit;
mod scan;
mod told;
mod verified;

use std::sync::Arc;

use anteroom_store::reference;
use async_trait::async_trait;
use bytes::Bytes;
use http::header::SET_COOKIE;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::proxy::{FailToProxy, ProxyHttp, ProxyWarnLogContext, Session};
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorSource, ErrorType, Result};

use crate::arrival::Arrival;
use crate::fail::{self, Failure};
use crate::front::FrontRefusal;
use crate::front::fields::Found;
use crate::gateway::Gateway;
use crate::net::connection::Connection;
use crate::pages::Notice;
use crate::reply::Reply;
use crate::respond;
use crate::upstream::answer::{self, Caching, View};
use crate::upstream::exchange::ExchangeError;
use crate::upstream::request::{self, Passage};

/// The proxy: a view on the shared gateway.
pub struct Proxy {
    gateway: Arc<Gateway>,
}

impl Proxy {
    /// A proxy over a gateway.
    #[must_use]
    pub fn new(gateway: Arc<Gateway>) -> Self {
        Self { gateway }
    }
}

/// What one request has come to.
#[derive(Default)]
pub struct Context {
    connection: Option<Arc<Connection>>,
    found: Found,
    refused: Option<FrontRefusal>,
    notice: Option<Notice<'static>>,
    arrival: Option<Arc<Arrival>>,
    way: Way,
    body_bytes: u64,
    scan: Option<scan::Scan>,
}

/// How a request travels upstream when it streams.
#[derive(Default)]
enum Way {
    /// It does not: it was answered by us, or not yet decided.
    #[default]
    None,
    /// Without cookies; the answer's cookies are dropped.
    Bare,
    /// With its own cookies, watched by nobody (report only).
    Untouched,
    /// Under a verified session.
    Whole(Box<verified::Whole>),
}

#[async_trait]
impl ProxyHttp for Proxy {
    type CTX = Context;

    fn new_ctx(&self) -> Context {
        Context::default()
    }

    // The default module list holds a compression module that we never switch on.
    fn init_downstream_modules(&self, _: &mut pingora::modules::http::HttpModules) {}

    async fn early_request_filter(
        &self,
        session: &mut Session,
        context: &mut Context,
    ) -> Result<()> {
        admit::check(&self.gateway, session, context)
    }

    async fn request_filter(&self, session: &mut Session, context: &mut Context) -> Result<bool> {
        // Whatever the answer is: a client that does not read it is let go (attack F01).
        session.set_write_timeout(Some(self.gateway.settings.limits.body_idle));
        if let Some(reply) = admit::arrive(&self.gateway, session, context)? {
            Box::pin(respond::write(session, reply)).await?;
            return Ok(true);
        }
        let Some(arrival) = context.arrival.take() else {
            return Err(respond::stop(500));
        };
        let acting = act::act(&self.gateway, session, context, &arrival);
        let outcome = reference::under(arrival.reference, acting).await;
        let reply = match outcome {
            Ok(act::Outcome::Stream) => None,
            Ok(act::Outcome::Reply(reply)) => Some(reply),
            Err(failure) => Some(fail::answer(&self.gateway, &arrival, &failure)),
        };
        context.arrival = Some(arrival);
        match reply {
            None => Ok(false),
            Some(reply) => {
                let secured = context
                    .arrival
                    .as_ref()
                    .map(|arrival| with_hsts(arrival, reply));
                let reply = secured.ok_or_else(|| respond::stop(500))?;
                Box::pin(respond::write(session, reply))
                    .await
                    .map(|()| true)
            }
        }
    }

    async fn upstream_peer(&self, _: &mut Session, context: &mut Context) -> Result<Box<HttpPeer>> {
        let arrival = context.arrival.as_ref().ok_or_else(|| respond::stop(500))?;
        let mut peer = arrival
            .app
            .peer()
            .ok_or_else(|| Error::new_up(ErrorType::ConnectError))?;
        if context.found.websocket {
            // Silence on a socket is no failure; its session's end is what cuts it.
            peer.options.read_timeout = None;
            peer.options.write_timeout = None;
        }
        Ok(peer)
    }

    /// Nothing was sent yet: where one server cannot be reached, another is asked.
    fn fail_to_connect(
        &self,
        _: &mut Session,
        peer: &HttpPeer,
        context: &mut Context,
        mut error: Box<Error>,
    ) -> Box<Error> {
        let another = context
            .arrival
            .as_ref()
            .is_some_and(|arrival| arrival.app.set_aside(peer));
        error.set_retry(another);
        error
    }

    async fn upstream_request_filter(
        &self,
        _: &mut Session,
        head: &mut RequestHeader,
        context: &mut Context,
    ) -> Result<()> {
        let arrival = context.arrival.as_ref().ok_or_else(|| respond::stop(500))?;
        let passage = Passage::of(arrival);
        if matches!(context.way, Way::Untouched) {
            return Ok(());
        }
        request::rewrite(head, &passage);
        let line = match &context.way {
            Way::Whole(whole) => whole.cookie_line(),
            _ => None,
        };
        request::set_cookie_line(head, line);
        Ok(())
    }

    async fn request_body_filter(
        &self,
        _: &mut Session,
        body: &mut Option<Bytes>,
        end: bool,
        context: &mut Context,
    ) -> Result<()> {
        scan::watch(context, body.as_ref(), end)
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        head: &mut ResponseHeader,
        context: &mut Context,
    ) -> Result<()> {
        if head.status.is_informational() && head.status != 101 {
            strip_all(head);
            return Ok(());
        }
        if head.status == 101 && !context.found.websocket {
            // Nobody asked for it, and behind it there would be a tunnel that nobody watches
            // (attack A15).
            return Err(respond::stop(502));
        }
        if head.status == 101 {
            // Only now is it a socket, on which silence is no failure: that somebody asks for one
            // lifts no limit.
            session.set_read_timeout(None);
            session.set_write_timeout(None);
        }
        let Some(arrival) = context.arrival.as_ref() else {
            return Err(respond::stop(500));
        };
        let view = View {
            app: &arrival.app,
            host: &arrival.host,
            secure: arrival.secure,
        };
        match &mut context.way {
            Way::Untouched => {}
            Way::None | Way::Bare => {
                head.remove_header(&SET_COOKIE);
                answer::rewrite(head, &view, Caching::AsSent);
            }
            Way::Whole(whole) => {
                answer::rewrite(head, &view, caching_for(arrival, head));
                if let Err(failure) = whole.answer(&self.gateway, arrival, head).await {
                    let reference = arrival.reference;
                    tracing::error!(%reference, %failure, "an answer was stopped");
                    let notice = match failure {
                        Failure::Refused(notice) => *notice,
                        _ => Notice::StoreDown,
                    };
                    let status = notice.status();
                    context.notice = Some(notice);
                    return Err(respond::stop(status));
                }
            }
        }
        Ok(())
    }

    fn upstream_response_trailer_filter(
        &self,
        _: &mut Session,
        trailers: &mut http::HeaderMap,
        _: &mut Context,
    ) -> Result<()> {
        // Nothing that counts may come after the head was judged (attack A28).
        trailers.clear();
        Ok(())
    }

    async fn logging(&self, session: &mut Session, _: Option<&Error>, context: &mut Context) {
        context.way = Way::None;
        if let Some(connection) = &context.connection
            && !session.is_http2()
        {
            connection.request_over();
        }
        if let Some(arrival) = &context.arrival {
            let status = session
                .response_written()
                .map_or(0, |head| head.status.as_u16());
            // No path and no query: either may hold a patient's number (attack G05).
            tracing::debug!(
                reference = %arrival.reference,
                app = arrival.app.name().as_str(),
                status,
                "request"
            );
        }
    }

    async fn fail_to_proxy(
        &self,
        session: &mut Session,
        error: &Error,
        context: &mut Context,
    ) -> FailToProxy {
        let done = |error_code| FailToProxy {
            error_code,
            can_reuse_downstream: false,
        };
        if *error.esource() == ErrorSource::Downstream {
            return done(0);
        }
        if session.response_written().is_some() {
            // Too late for a page: the browser sees a broken answer, and the log says whose fault.
            if let Some(arrival) = &context.arrival {
                let (reference, app) = (arrival.reference, arrival.app.name().as_str());
                let kind = error.etype().as_str();
                tracing::warn!(%reference, app, kind, "the app's answer broke off");
                self.gateway.metrics.failed("upstream_broke_off");
            }
            return done(0);
        }
        let reply = self.failure_reply(error, context).closing();
        let status = reply.status.as_u16();
        let _ = Box::pin(respond::write(session, reply)).await;
        done(status)
    }

    // Its summary holds path and query; our own line in `fail` holds a reference instead.
    fn suppress_error_log(&self, _: &Session, _: &Context, _: &Error) -> bool {
        true
    }

    fn suppress_proxy_warn_log(
        &self,
        _: &Session,
        _: &Context,
        _: &Error,
        _: ProxyWarnLogContext,
    ) -> bool {
        true
    }

    fn request_summary(&self, _: &Session, context: &Context) -> String {
        context
            .arrival
            .as_ref()
            .map(|arrival| arrival.reference.to_string())
            .unwrap_or_default()
    }
}

impl Proxy {
    fn failure_reply(&self, error: &Error, context: &Context) -> Reply {
        if let Some(refusal) = context.refused {
            return admit::front_reply(refusal);
        }
        let Some(arrival) = &context.arrival else {
            return admit::plain_reply(500);
        };
        if let Some(notice) = &context.notice {
            return fail::notice_reply(&self.gateway, arrival, notice);
        }
        let problem = match error.etype() {
            ErrorType::ConnectTimedout
            | ErrorType::ConnectRefused
            | ErrorType::ConnectNoRoute
            | ErrorType::ConnectError
            | ErrorType::TLSHandshakeFailure
            | ErrorType::TLSHandshakeTimedout
            | ErrorType::InvalidCert
            | ErrorType::BindError => ExchangeError::Unreachable,
            ErrorType::ReadTimedout | ErrorType::WriteTimedout => ExchangeError::Slow,
            _ => ExchangeError::Broken,
        };
        fail::answer(&self.gateway, arrival, &Failure::Upstream(problem))
    }
}

/// What the profile calls an asset is the same for everybody and stays as cacheable as the app made
/// it, also for people who are signed in (`DESIGN-CASES` 27); unless it sets a cookie, which is
/// somebody's.
fn caching_for(arrival: &Arrival, head: &ResponseHeader) -> Caching {
    let assets = &arrival.app.settings.profile.assets;
    let asset = arrival.method.is_safe() && assets.iter().any(|rule| rule.matches(&arrival.path));
    if asset && !head.headers.contains_key(SET_COOKIE) {
        Caching::AsSent
    } else {
        Caching::Protected
    }
}

/// Browsers that came by TLS stay with it, whatever we answer.
fn with_hsts(arrival: &Arrival, reply: Reply) -> Reply {
    if arrival.secure && arrival.app.settings.hsts {
        return reply.with(http::header::STRICT_TRANSPORT_SECURITY, answer::HSTS);
    }
    reply
}

/// 103 and its like may carry cookies and links to what is held: they pass empty (`DESIGN-CASES`
/// 27).
fn strip_all(head: &mut ResponseHeader) {
    let names: Vec<_> = head.headers.keys().cloned().collect();
    for name in names {
        head.remove_header(&name);
    }
}
