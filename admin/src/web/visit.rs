//! One request as its handler sees it: who asks, for what, with which form.
//!
//! A [`Visit`] holds a proof and exists only behind [`Routes`](super::table::Routes); a [`Knock`]
//! is the visit of somebody who is nobody yet. Both read path, query and form, bounded, and check
//! the form's word against the session (attack E01). Never decides what is shown.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use anteroom_core::operator::Permission;
use anteroom_core::time::Timestamp;
use anteroom_store::Paper;
use axum::extract::{FromRequest, Multipart, RawPathParams, Request};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use subtle::ConstantTimeEq;

use super::cookie::{self, Showing, Shown};
use super::failure::Failure;
use super::form::Form;
use super::guard::{authority_of, host_of};
use super::proof::{Grants, Proven, prove, refused};
use crate::Admin;

/// How long a body may take, whoever sends it.
pub(crate) const BODY_WITHIN: std::time::Duration = std::time::Duration::from_secs(30);

/// What a handler gives.
pub(crate) type Answer = Result<Response, Failure>;

/// The request of a proven operator.
pub struct Visit<P: Grants> {
    pub(crate) admin: Arc<Admin>,
    pub(crate) who: Proven<P>,
    pub(crate) path: String,
    pub(crate) query: Form,
    pub(crate) form: Form,
    pub(crate) host: String,
    pub(crate) client: IpAddr,
    pub(crate) now: Timestamp,
    authority: String,
    params: HashMap<String, String>,
}

/// The request of somebody who is not signed in.
pub(crate) struct Knock {
    pub(crate) admin: Arc<Admin>,
    pub(crate) query: Form,
    pub(crate) form: Form,
    pub(crate) host: String,
    pub(crate) client: IpAddr,
    pub(crate) now: Timestamp,
    pub(crate) shown: Option<Shown>,
    params: HashMap<String, String>,
}

/// What both have in common before anybody is proven.
struct Received {
    headers: HeaderMap,
    path: String,
    query: Form,
    form: Form,
    host: String,
    is_post: bool,
}

async fn receive(admin: &Arc<Admin>, request: Request) -> Result<Received, Failure> {
    let host = host_of(request.uri(), request.headers()).ok_or(Failure::WrongHost)?;
    let query = pairs(request.uri().query().unwrap_or_default())?;
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let is_post = request.method() == Method::POST;
    let form = if is_post {
        let reading = tokio::time::timeout(BODY_WITHIN, read_form(admin, request));
        reading.await.map_err(|_| UNREADABLE)??
    } else {
        Form::default()
    };
    Ok(Received {
        headers,
        path,
        query,
        form,
        host,
        is_post,
    })
}

fn pairs(query: &str) -> Result<Form, Failure> {
    let uri = format!("/?{query}");
    let parsed = uri
        .parse::<http::Uri>()
        .ok()
        .and_then(|uri| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
    let pairs = parsed.map(|query| query.0).unwrap_or_default();
    Form::of(pairs).ok_or(Failure::BadForm {
        why: "A field was given twice in the address.",
    })
}

const UNREADABLE: Failure = Failure::BadForm {
    why: "The form could not be read: it is too large, or not text.",
};

async fn read_form(admin: &Arc<Admin>, request: Request) -> Result<Form, Failure> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let pairs = if kind.starts_with("application/x-www-form-urlencoded") {
        let form = axum::Form::<Vec<(String, String)>>::from_request(request, admin).await;
        form.map_err(|_| UNREADABLE)?.0
    } else if kind.starts_with("multipart/form-data") {
        let parts = Multipart::from_request(request, admin).await;
        read_parts(parts.map_err(|_| UNREADABLE)?).await?
    } else {
        return Err(Failure::BadForm {
            why: "This address takes forms only.",
        });
    };
    Form::of(pairs).ok_or(Failure::BadForm {
        why: "A field was sent twice.",
    })
}

async fn read_parts(mut parts: Multipart) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| UNREADABLE)? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| UNREADABLE)?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| UNREADABLE)?;
        pairs.push((name, text));
    }
    Ok(pairs)
}

fn named(params: &RawPathParams) -> HashMap<String, String> {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    params.iter().map(owned).collect()
}

impl<P: Grants> Visit<P> {
    /// Receives a request and proves who sent it. A form must bring the session's own word.
    pub(crate) async fn receive(
        admin: Arc<Admin>,
        params: RawPathParams,
        client: IpAddr,
        request: Request,
    ) -> Result<Self, Failure> {
        let mut now = admin.clock.now();
        let (uri, headers) = (request.uri(), request.headers());
        let authority = authority_of(uri, headers).ok_or(Failure::WrongHost)?;
        let host = host_of(uri, headers).ok_or(Failure::WrongHost)?;
        // Before the body is read: strangers send nothing.
        let mut who = prove(&admin, headers, &host, client, now).await?;
        let received = receive(&admin, request).await?;
        if received.is_post {
            // A body may take its time. What counts is who she is when all of it is there: whoever
            // began a form before her demotion must not end it afterwards (attack E03).
            now = admin.clock.now();
            who = prove(&admin, &received.headers, &host, client, now).await?;
            let (given, wanted) = (received.form.text("csrf"), who.shown().csrf());
            if !bool::from(given.as_bytes().ct_eq(wanted.as_bytes())) {
                return Err(Failure::OldForm);
            }
        }
        Ok(Self {
            admin,
            who,
            path: received.path,
            query: received.query,
            form: received.form,
            host,
            client,
            now,
            authority,
            params: named(&params),
        })
    }

    /// The whole address of a path here, as this operator's browser writes it.
    pub(crate) fn address(&self, path: &str) -> String {
        let scheme = if self.admin.tls() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.authority)
    }

    /// A number from the path; what is none is not found.
    pub(crate) fn id(&self, name: &str) -> Result<i64, Failure> {
        let text = self.params.get(name).map_or("", String::as_str);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| text.parse().ok())
            .flatten()
            .ok_or(Failure::NotFound)
    }

    /// A word from the path.
    pub(crate) fn word(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// The refusal of what turned out to need more than the route does; it is in the audit log.
    pub(crate) async fn forbidden(&self, needs: Permission) -> Result<Failure, Failure> {
        refused(
            &self.admin,
            self.who.session(),
            needs,
            self.client,
            self.now,
        )
        .await?;
        Ok(Failure::Forbidden { needs })
    }

    /// The paper of an act of hers.
    pub(crate) fn paper<'a>(&'a self, reason: &'a str, identity_check: &'a str) -> Paper<'a> {
        Paper {
            operator: self.who.name(),
            reason,
            identity_check,
            approved_by: None,
            client: Some(self.client),
            now: self.now,
        }
    }
}

impl Knock {
    /// Receives a request of somebody who is nobody yet.
    pub(crate) async fn receive(
        admin: Arc<Admin>,
        params: RawPathParams,
        client: IpAddr,
        request: Request,
    ) -> Result<Self, Failure> {
        let now = admin.clock.now();
        let received = receive(&admin, request).await?;
        let shown = match cookie::showing(&received.headers, admin.tls()) {
            Showing::One(shown) => Some(shown),
            Showing::Nothing => None,
            Showing::Several => return Err(Failure::TwoCookies),
        };
        Ok(Self {
            admin,
            query: received.query,
            form: received.form,
            host: received.host,
            client,
            now,
            shown,
            params: named(&params),
        })
    }

    /// A word from the path.
    pub(crate) fn word(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }
}
