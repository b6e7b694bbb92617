//! Everything that can go wrong, and the one place where it becomes an answer: closed, kind, and
//! without a detail that would help a stranger.
//!
//! Never decides anything. Breakage is logged here with the reference that the page shows.

use anteroom_core::operator::Permission;
use anteroom_store::StoreError;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use super::cookie;
use crate::Admin;
use crate::pages::Door;
use crate::pages::notice::Notice;

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody is signed in.
    SignIn,
    /// The session was not used for too long.
    Idle,
    /// The password was right; the code is still to come.
    CodeFirst,
    /// A set-up is half done.
    SetupFirst,
    /// The role does not hold this.
    Forbidden {
        /// What would be needed.
        needs: Permission,
    },
    /// There is no such thing, or not for this operator.
    NotFound,
    /// The form is older than the session, or is not ours.
    OldForm,
    /// The form comes from another site.
    CrossSite,
    /// The request has two of our cookies.
    TwoCookies,
    /// A field comes twice, is too long or is not text.
    BadForm {
        /// What was wrong.
        why: &'static str,
    },
    /// The body is over its limit.
    TooLarge,
    /// Not one of our host names.
    WrongHost,
    /// Not one of our methods.
    Method,
    /// Too many tries.
    TooMany {
        /// How long to wait.
        seconds: u64,
    },
    /// The store broke.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(problem: StoreError) -> Self {
        Self::Store(problem)
    }
}

impl Failure {
    /// The answer; for programs a small JSON document, for people a page.
    pub(crate) fn into_response(self, admin: &Admin, api: bool) -> Response {
        let reference = admin.reference();
        if let Self::Store(problem) = &self {
            tracing::error!(reference, %problem, "the admin app could not use the store");
        }
        if let Self::Forbidden { needs } = &self {
            tracing::info!(reference, needs = needs.name(), "an operator was refused");
        }
        if api {
            return self.as_problem(&reference);
        }
        match self {
            Self::SignIn => to("/sign-in", None),
            Self::Idle => to("/sign-in?idle=1", Some(cookie::taken_away(admin.tls()))),
            Self::CodeFirst => to("/sign-in/code", None),
            Self::SetupFirst => to("/set-up/phone", None),
            other => other.as_page(&reference),
        }
    }

    fn as_page(&self, reference: &str) -> Response {
        let notice = match self {
            Self::Forbidden { .. } => Notice::Forbidden,
            Self::NotFound => Notice::NotFound,
            Self::OldForm => Notice::FormOld,
            Self::CrossSite => Notice::CrossSite,
            Self::TwoCookies | Self::BadForm { .. } => Notice::BadRequest,
            Self::TooLarge => Notice::TooLarge,
            Self::WrongHost => Notice::Misdirected,
            Self::Method => Notice::MethodNotAllowed,
            Self::TooMany { seconds } => Notice::TooMany {
                retry_seconds: *seconds,
            },
            Self::Store(_) => Notice::StoreDown,
            // Each of these leads to a page of its own and never comes here.
            Self::SignIn | Self::Idle | Self::CodeFirst | Self::SetupFirst => Notice::FormOld,
        };
        let status = StatusCode::from_u16(notice.status());
        let door = Door {
            csrf: "",
            reference,
        };
        let mut response = html(
            status.unwrap_or(StatusCode::BAD_REQUEST),
            notice.render(&door),
        );
        if let Self::TooMany { seconds } = self {
            let seconds = HeaderValue::from(*seconds);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }

    fn as_problem(&self, reference: &str) -> Response {
        let (status, title) = match self {
            Self::SignIn | Self::Idle | Self::CodeFirst | Self::SetupFirst => (
                StatusCode::UNAUTHORIZED,
                "a live token is needed: Authorization: Bearer …",
            ),
            Self::Forbidden { .. } => (
                StatusCode::FORBIDDEN,
                "the token's scope or its operator's role is too small",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "there is no such thing"),
            Self::OldForm | Self::CrossSite | Self::TwoCookies => {
                (StatusCode::FORBIDDEN, "this is not for browsers")
            }
            Self::BadForm { why } => (StatusCode::BAD_REQUEST, *why),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
            Self::WrongHost => (StatusCode::MISDIRECTED_REQUEST, "not one of our hosts"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "not this method"),
            Self::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "wait a little"),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer"),
        };
        problem(status, title, reference)
    }
}

/// A problem document (RFC 9457).
pub(crate) fn problem(status: StatusCode, title: &str, reference: &str) -> Response {
    let body = serde_json::json!({
        "status": status.as_u16(), "title": title, "reference": reference,
    });
    let mut response = (status, body.to_string()).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    if status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(http::header::WWW_AUTHENTICATE, bearer);
    }
    response
}

/// A page.
pub(crate) fn html(status: StatusCode, page: String) -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = (status, page).into_response();
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// "Go there", by GET.
pub(crate) fn to(place: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(LOCATION, place);
    }
    if let Some(cookie) = cookie {
        response
            .headers_mut()
            .append(http::header::SET_COOKIE, cookie);
    }
    response
}
