//! Letting a request in: the front check, the app its host names, and one reading of its path.
//!
//! Runs before any session is looked at. What is refused here is counted, and answered with a short
//! text, because nobody knows yet whose page to show.

use std::borrow::Cow;
use std::sync::Arc;

use anteroom_config::settings::ListenerKind;
use anteroom_core::facts::{Method, Use};
use anteroom_core::path;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode, Version};
use pingora::Result;
use pingora::proxy::Session;

use super::Context;
use crate::app::App;
use crate::arrival::Arrival;
use crate::asked::Asked;
use crate::facts;
use crate::fail;
use crate::front::fields::{self, Shape};
use crate::front::{FrontRefusal, head, host};
use crate::gateway::Gateway;
use crate::net::connection::Connection;
use crate::net::stream::ClientStream;
use crate::pages::{Notice, Why};
use crate::reply::Reply;
use crate::respond;

/// The methods that exist at all; the rest of HTTP's zoo is not for browsers (attacks A11, A12).
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The front check.
///
/// # Errors
/// With the refusal noted in the context; the connection is closed after the answer.
pub(super) fn check(gateway: &Gateway, session: &mut Session, context: &mut Context) -> Result<()> {
    let Some(connection) = connection_of(gateway, session) else {
        return Err(respond::stop(500));
    };
    connection.head_complete();
    let secure = connection.is_secure();
    context.connection = Some(connection);
    match front(gateway, session, secure) {
        Ok(found) => {
            context.found = found;
            gateway.metrics.request();
            Ok(())
        }
        Err(refusal) => {
            context.refused = Some(refusal);
            gateway.metrics.refused(refusal.name());
            Err(respond::stop(refusal.status()))
        }
    }
}

fn connection_of(gateway: &Gateway, session: &Session) -> Option<Arc<Connection>> {
    if let Some(stream) = session.stream() {
        let ours = stream.as_any().downcast_ref::<ClientStream>()?;
        return Some(Arc::clone(ours.connection()));
    }
    let digest = session.digest()?.socket_digest.as_ref()?;
    gateway.connections.find(digest)
}

fn front(
    gateway: &Gateway,
    session: &mut Session,
    secure: bool,
) -> std::result::Result<fields::Found, FrontRefusal> {
    let empty = session.is_body_empty();
    let request = session.req_header();
    let h2 = request.version == Version::HTTP_2;
    let old = if h2 {
        false
    } else {
        head::check(&session.to_h1_raw())?
    };
    let listed = METHODS.contains(&request.method.as_str());
    if !listed {
        return Err(FrontRefusal::Method);
    }
    let limits = &gateway.settings.limits;
    let shape = Shape {
        method: request.method.as_str(),
        h2,
        old,
        most_fields: limits.header_fields,
        most_bytes: limits.header_bytes,
        secure,
    };
    // RFC 9110 section 9.3.1, as in `fields`, where HTTP/2 need not say a length.
    if h2 && matches!(request.method.as_str(), "GET" | "HEAD") && !empty {
        return Err(FrontRefusal::ContentLength);
    }
    let all = || {
        request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
    };
    fields::check(&shape, all()).map_err(|refusal| match refusal {
        FrontRefusal::HeadTooLarge if fields::are_mostly_cookies(all()) => {
            FrontRefusal::CookiesTooLarge
        }
        other => other,
    })
}

/// Finds the app and reads the path. `Some` is an answer that ends the request.
///
/// # Errors
/// When the head must be refused after all.
pub(super) fn arrive(
    gateway: &Gateway,
    session: &mut Session,
    context: &mut Context,
) -> Result<Option<Reply>> {
    let Some(connection) = context.connection.clone() else {
        return Err(respond::stop(500));
    };
    let (asked, name) = match which_host(session, &connection) {
        Ok(found) => found,
        Err(refusal) => {
            gateway.metrics.refused(refusal.name());
            return Ok(Some(front_reply(refusal)));
        }
    };
    let Some(app) = gateway.app_for(&name) else {
        gateway.metrics.refused(FrontRefusal::Misdirected.name());
        return Ok(Some(front_reply(FrontRefusal::Misdirected)));
    };
    let request = session.req_header();
    let target = String::from_utf8_lossy(request.raw_path()).into_owned();
    if let ListenerKind::RedirectToHttps { https_port } = connection.kind {
        return Ok(Some(to_https(&name, https_port, &target)));
    }
    let (raw_path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = without_ids(raw_path, &app.settings.profile.url_ids.cut);
    let readable = path::canonical(&path);
    let cut = path.len() != raw_path.len();
    let path = readable.unwrap_or_default().to_owned();
    let problem = readable.err();
    let arrival = describe(
        gateway,
        session,
        context,
        app,
        (asked, path, query),
        connection,
    );
    if let Some(problem) = problem {
        gateway.metrics.refused(problem.name());
        let why = Why::TwoReadings;
        let reply = fail::notice_reply(gateway, &arrival, &Notice::BadRequest { why });
        return Ok(Some(reply));
    }
    if cut {
        session
            .req_header_mut()
            .set_raw_path(arrival.target().as_bytes())?;
    }
    if refuses_worker(session, &arrival) {
        return Ok(Some(fail::notice_reply(
            gateway,
            &arrival,
            &Notice::ServiceWorkerRefused,
        )));
    }
    if let Some(reply) = method_refusal(gateway, session, &arrival) {
        return Ok(Some(reply));
    }
    context.arrival = Some(Arc::new(arrival));
    Ok(None)
}

/// Cuts session ids out of a path (`DESIGN-CASES` 17).
fn without_ids<'p>(raw_path: &'p str, carriers: &[String]) -> Cow<'p, str> {
    let mut path = Cow::Borrowed(raw_path);
    for carrier in carriers {
        if path.contains(';') {
            path = Cow::Owned(path::cut_parameter(&path, carrier).into_owned());
        }
    }
    path
}

fn describe(
    gateway: &Gateway,
    session: &Session,
    context: &Context,
    app: &Arc<App>,
    (host, path, query): (String, String, &str),
    connection: Arc<Connection>,
) -> Arrival {
    let request = session.req_header();
    let websocket = context.found.websocket;
    let secure = connection.is_secure();
    let method = facts::method(&request.method);
    let scheme = if secure { "https" } else { "http" };
    let origin = facts::Origin {
        scheme,
        host: &host,
    };
    let site = facts::site(&request.headers, origin, websocket);
    let trusted = &gateway.settings.trusted_proxies;
    let usage = facts::usage(&request.headers, method, websocket);
    // Only these can be answered with a page.
    let asked = match usage {
        Use::Document | Use::Frame => Asked::read(&request.headers, secure),
        Use::Data | Use::WebSocket => Asked::default(),
    };
    Arrival {
        app: Arc::clone(app),
        client: facts::client_ip(connection.peer_ip(), &request.headers, trusted),
        connection,
        host,
        secure,
        method,
        path,
        query: query.to_owned(),
        usage,
        site,
        asked,
        reference: gateway.next_reference(),
    }
}

const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");

fn refuses_worker(session: &Session, arrival: &Arrival) -> bool {
    let asks = session.req_header().headers.contains_key(SERVICE_WORKER);
    asks && !arrival.app.settings.profile.service_workers
}

fn method_refusal(gateway: &Gateway, session: &Session, arrival: &Arrival) -> Option<Reply> {
    let named = session.req_header().method.as_str();
    let listed = arrival
        .app
        .settings
        .profile
        .methods
        .iter()
        .any(|method| method == named);
    if arrival.method != Method::Other || listed {
        return None;
    }
    Some(fail::notice_reply(
        gateway,
        arrival,
        &Notice::MethodNotAllowed,
    ))
}

/// The host as the browser wrote it, and its plain name. All places that name one must agree.
fn which_host(
    session: &mut Session,
    connection: &Connection,
) -> std::result::Result<(String, String), FrontRefusal> {
    let request = session.req_header();
    let field = request
        .headers
        .get(http::header::HOST)
        .map(HeaderValue::as_bytes);
    let h2 = request.version == Version::HTTP_2;
    let asked: Vec<u8> = if h2 {
        let authority = request
            .uri
            .authority()
            .map(|found| found.as_str().as_bytes().to_vec());
        match (authority, field) {
            (Some(authority), Some(field)) if authority.eq_ignore_ascii_case(field) => authority,
            (Some(_), Some(_)) => return Err(FrontRefusal::Misdirected),
            (Some(authority), None) => authority,
            (None, Some(field)) => field.to_vec(),
            (None, None) => return Err(FrontRefusal::Host),
        }
    } else {
        field.ok_or(FrontRefusal::Host)?.to_vec()
    };
    let name = host::plain_host(&asked)?;
    if !h2 {
        let target = request.raw_path();
        let relative = target.first() == Some(&b'/');
        let target = if relative {
            String::from("/")
        } else {
            String::from_utf8_lossy(target).into_owned()
        };
        if let Some((absolute, origin)) = host::absolute_form(&target)? {
            if absolute != name {
                return Err(FrontRefusal::Misdirected);
            }
            let origin = origin.to_owned();
            let request = session.req_header_mut();
            request
                .set_raw_path(origin.as_bytes())
                .map_err(|_| FrontRefusal::Target)?;
        }
    }
    if let Some(server_name) = &connection.server_name
        && *server_name != name
    {
        return Err(FrontRefusal::Misdirected);
    }
    let mut asked = String::from_utf8(asked).map_err(|_| FrontRefusal::Host)?;
    asked.make_ascii_lowercase();
    Ok((asked, name))
}

fn to_https(name: &str, port: u16, target: &str) -> Reply {
    let authority = if port == 443 {
        name.to_owned()
    } else {
        format!("{name}:{port}")
    };
    // Only what has one reading is repeated into a header (attack G11).
    let path = target.split('?').next().unwrap_or_default();
    let target = if path::canonical(path).is_ok() {
        target
    } else {
        "/"
    };
    let mut reply = Reply::empty(StatusCode::PERMANENT_REDIRECT);
    if let Ok(value) = HeaderValue::from_str(&format!("https://{authority}{target}")) {
        reply.headers.insert(LOCATION, value);
    }
    reply.closing()
}

/// The answer to a head that was refused: a line of text, and the connection is closed.
pub(super) fn front_reply(refusal: FrontRefusal) -> Reply {
    let mut reply = plain_reply(refusal.status());
    if refusal == FrontRefusal::CookiesTooLarge {
        // It would send them again for ever (attack C09). Not for any other long head: a script's
        // long field is no reason to sign somebody out.
        reply
            .headers
            .insert("clear-site-data", HeaderValue::from_static("\"cookies\""));
    }
    reply
}

/// A status and its standard phrase.
pub(super) fn plain_reply(status: u16) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = Reply::empty(status);
    reply.headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    reply.headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    let phrase = status.canonical_reason().unwrap_or("Refused");
    reply.body = Bytes::from(format!("{} {phrase}\n", status.as_u16()));
    reply.closing()
}
