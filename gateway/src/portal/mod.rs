//! Our own pages under `/.anteroom/`: an axum router called in process, and the guards before it.
//!
//! On the app's own origin, scripts of the app could drive these pages (attacks D21, D22), so a
//! page is given only to a top-level load and a form taken only from a navigation of this very
//! origin. Handlers are in `challenge`, `mail`, `enrol`, `enrol_passkey`, `enrol_mail`,
//! `saved_codes`, `own`, `leave`, `language`; they see a [`Visit`] and return a [`Reply`]. Nothing
//! here names pingora.

mod challenge;
mod enrol;
mod enrol_mail;
mod enrol_passkey;
mod enrolled;
mod language;
mod leave;
mod mail;
mod new_passkey;
mod own;
mod passkey;
mod posted_code;
mod saved_codes;
mod visit;

use std::sync::{Arc, OnceLock};

use anteroom_core::facts::{Method, Site, Use};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tower::ServiceExt;

use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::pages::{self, Notice, Why};
use crate::reply::Reply;
use crate::sign_in::target;

pub use leave::end_session;
pub use own::addresses as own_addresses;
pub(crate) use visit::Visit;

/// The largest form we take: a nonce and a code.
const LARGEST_FORM: usize = 4096;
/// The same with a passkey's answer: an id of up to 1023 bytes, an RSA key, an attestation that
/// nobody asked for, all of it percent-encoded.
const LARGEST_ANSWER: usize = 32 * 1024;
/// Our largest answer.
const LARGEST_PAGE: usize = 1 << 20;

/// The largest form that this path takes.
#[must_use]
pub fn largest_form(path: &str) -> usize {
    match path {
        target::CHALLENGE_PASSKEY | target::ENROL_PASSKEY => LARGEST_ANSWER,
        // Every change there may be proved by a passkey.
        own if own.starts_with("/.anteroom/me/") => LARGEST_ANSWER,
        _ => LARGEST_FORM,
    }
}

/// A handler's answer: a reply, or a failure that `crate::fail` turns into one.
pub(crate) struct Answer(Result<Reply, Failure>);

#[derive(Clone)]
struct Failed(Arc<parking_lot::Mutex<Option<Failure>>>);

impl From<Result<Reply, Failure>> for Answer {
    fn from(outcome: Result<Reply, Failure>) -> Self {
        Self(outcome)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self.0 {
            Ok(reply) => {
                let mut response = Response::new(Body::from(reply.body));
                *response.status_mut() = reply.status;
                *response.headers_mut() = reply.headers;
                response
            }
            Err(failure) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                let carried = Failed(Arc::new(parking_lot::Mutex::new(Some(failure))));
                response.extensions_mut().insert(carried);
                response
            }
        }
    }
}

fn router() -> &'static Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    ROUTER.get_or_init(|| {
        Router::new()
            .route(
                "/.anteroom/challenge",
                get(challenge::get).post(challenge::post),
            )
            .route(
                "/.anteroom/recovery",
                get(challenge::get_recovery).post(challenge::post),
            )
            .route(target::CHALLENGE_PASSKEY, post(challenge::post_passkey))
            .route(
                target::ENROL_PASSKEY,
                get(enrol_passkey::get).post(enrol_passkey::post),
            )
            .route("/.anteroom/mail", get(mail::get).post(mail::post))
            .route("/.anteroom/mail/send", post(mail::send))
            .route(
                "/.anteroom/enrol/email",
                get(enrol_mail::get).post(enrol_mail::post),
            )
            .route("/.anteroom/enrol/email/send", post(enrol_mail::send))
            .route(
                "/.anteroom/token",
                get(challenge::get_token).post(challenge::post),
            )
            .route(
                "/.anteroom/enrol/code",
                get(enrol::get_code).post(enrol::post_code),
            )
            .route("/.anteroom/enrol/method", get(enrol::get_method))
            .route("/.anteroom/enrol", get(enrol::get).post(enrol::post))
            .route(
                "/.anteroom/recovery-codes",
                get(saved_codes::get).post(saved_codes::post),
            )
            .route("/.anteroom/recovery-codes.txt", get(saved_codes::get_file))
            .route("/.anteroom/cancel", post(leave::cancel))
            .route("/.anteroom/sign-out", post(leave::sign_out))
            .route("/.anteroom/signed-out", get(leave::signed_out))
            .merge(own::router())
            .route(language::LANGUAGE, post(language::post))
    })
}

/// Whether a form of ours is posted to the address of the page that it stands on.
#[must_use]
pub fn shows(path: &str) -> bool {
    const PAGES: [&str; 5] = [
        "/.anteroom/challenge",
        "/.anteroom/recovery",
        "/.anteroom/enrol/code",
        "/.anteroom/enrol",
        "/.anteroom/recovery-codes",
    ];
    PAGES.contains(&path)
}

/// Serves one of our pages.
///
/// # Errors
/// When the page is refused to this kind of request, or something breaks.
pub async fn serve(
    gateway: &Arc<Gateway>,
    arrival: &Arc<Arrival>,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Reply, Failure> {
    if let Some(reply) = asset(arrival) {
        return Ok(reply);
    }
    if let Some(reply) = guard(gateway, arrival, headers)? {
        return Ok(reply);
    }
    let method = match arrival.method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
        Method::Other => return Err(Failure::refused(Notice::MethodNotAllowed)),
    };
    let mut request = http::Request::new(Body::empty());
    *request.method_mut() = method;
    *request.uri_mut() = arrival.path.parse().unwrap_or_default();
    let visit = Visit::new(
        Arc::clone(gateway),
        Arc::clone(arrival),
        headers.clone(),
        body,
    );
    request.extensions_mut().insert(visit);
    let response = match router().clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    into_reply(response).await
}

async fn into_reply(response: Response) -> Result<Reply, Failure> {
    let (parts, body) = response.into_parts();
    if let Some(failed) = parts.extensions.get::<Failed>()
        && let Some(failure) = failed.0.lock().take()
    {
        return Err(failure);
    }
    if parts.status == StatusCode::NOT_FOUND {
        return Err(Failure::refused(Notice::NotFound));
    }
    if parts.status == StatusCode::METHOD_NOT_ALLOWED {
        return Err(Failure::refused(Notice::MethodNotAllowed));
    }
    let body = to_bytes(body, LARGEST_PAGE)
        .await
        .map_err(|_| Failure::Internal("a page of ours is larger than any should be"))?;
    Ok(Reply {
        status: parts.status,
        headers: parts.headers,
        body,
        close: false,
    })
}

/// Who may see our pages at all (`DESIGN-CASES` 16).
fn guard(
    gateway: &Gateway,
    arrival: &Arrival,
    headers: &HeaderMap,
) -> Result<Option<Reply>, Failure> {
    if arrival.usage == Use::Frame {
        return Ok(Some(target::break_out(gateway, arrival, &arrival.path)));
    }
    if arrival.usage != Use::Document {
        return Err(Failure::refused(Notice::Forbidden {
            why: Why::ForPeople,
        }));
    }
    if arrival.method == Method::Post {
        if arrival.site != Site::SameOrigin {
            return Err(Failure::refused(Notice::CrossSite));
        }
        let form = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        if anteroom_core::form::content_type(form) != anteroom_core::form::ContentType::Form {
            return Err(Failure::refused(Notice::UnsupportedForm));
        }
    }
    Ok(None)
}

/// What all pages name, and what a clinic put on its own: before any guard, because a page fetches
/// them.
fn asset(arrival: &Arrival) -> Option<Reply> {
    if let Some(ours) = pages::assets::at(&arrival.path) {
        return Some(kept_for_ever(
            ours.kind,
            Bytes::from_static(ours.content.as_bytes()),
        ));
    }
    let found = arrival.app.brand.asset(&arrival.path)?;
    Some(kept_for_ever(found.kind, found.bytes.clone()))
}

fn kept_for_ever(kind: &'static str, bytes: Bytes) -> Reply {
    let mut reply = Reply::empty(StatusCode::OK);
    let kind = HeaderValue::from_static(kind);
    reply.headers.insert(CONTENT_TYPE, kind);
    // Its name holds a hash of its content, and it holds nothing of anybody.
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    reply.headers.insert(CACHE_CONTROL, forever);
    reply.headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    reply.body = bytes;
    reply
}
