//! One request of a program: its token proven, its body read.
//!
//! An [`ApiVisit<S>`] says: this request showed a live token with the scope `S`, of an operator
//! whose role holds what the scope needs at this moment. Made here only.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::operator::Scope;
use anteroom_core::time::Timestamp;
use anteroom_store::{Paper, TokenView};
use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::de::DeserializeOwned;

use super::token_hash;
use crate::Admin;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::visit::BODY_WITHIN;

/// What a handler gives.
pub(crate) type ApiAnswer = Result<Response, Failure>;

/// The largest body, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// A scope as a type: what a route's handler names to get its proof.
pub trait Scoped: Send + Sync + 'static {
    /// Which scope.
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $scope:ident,)*) => {
        $($(#[$doc])* #[derive(Debug)] pub enum $name {}
        impl Scoped for $name {
            const SCOPE: Scope = Scope::$scope;
        })*
    };
}

scopes! {
    /// Looks people up.
    SeesPeople = PeopleRead,
    /// Helps people.
    HelpsPeople = PeopleHelp,
    /// Pulls the audit log.
    PullsAudit = AuditRead,
}

/// The request of a proven token.
pub struct ApiVisit<S: Scoped> {
    pub(crate) admin: Arc<Admin>,
    pub(crate) token: TokenView,
    pub(crate) query: Form,
    pub(crate) client: IpAddr,
    pub(crate) now: Timestamp,
    body: serde_json::Value,
    params: HashMap<String, String>,
    scope: PhantomData<S>,
}

impl<S: Scoped> ApiVisit<S> {
    /// Receives a request and proves its token before the body is read.
    pub(crate) async fn receive(
        admin: Arc<Admin>,
        params: RawPathParams,
        client: IpAddr,
        request: Request,
    ) -> Result<Self, Failure> {
        let mut now = admin.clock.now();
        if let Some(seconds) = admin.sources.must_wait(client, now) {
            return Err(Failure::TooMany { seconds });
        }
        let bearer = bearer(request.headers()).ok_or(Failure::SignIn)?;
        let mut token = prove(&admin, &bearer, S::SCOPE, client, now).await?;
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(request.uri());
        let query = query.map(|query| query.0).unwrap_or_default();
        let query = Form::of(query).ok_or(Failure::BadForm {
            why: "a field was given twice",
        })?;
        let is_post = request.method() == Method::POST;
        let mut body = serde_json::Value::Null;
        if is_post {
            let reading = tokio::time::timeout(BODY_WITHIN, read_body(request));
            body = reading.await.map_err(|_| UNREADABLE)??;
            // As with forms: what counts is what the token may when all of the body is there.
            now = admin.clock.now();
            token = prove(&admin, &bearer, S::SCOPE, client, now).await?;
        }
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(Self {
            admin,
            token,
            query,
            client,
            now,
            body,
            params: params.iter().map(owned).collect(),
            scope: PhantomData,
        })
    }

    /// A number from the path.
    pub(crate) fn id(&self, name: &str) -> Result<i64, Failure> {
        let text = self.params.get(name).map_or("", String::as_str);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| text.parse().ok())
            .flatten()
            .ok_or(Failure::NotFound)
    }

    /// The body as this shape; unknown fields are refused by the shapes themselves.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_value(self.body.clone()).map_err(|_| Failure::BadForm {
            why: "the body is not of the described shape: see /api/v1/openapi.json",
        })
    }

    /// The paper of an act by this token: its operator's name.
    pub(crate) fn paper<'a>(&'a self, reason: &'a str, identity_check: &'a str) -> Paper<'a> {
        Paper {
            operator: &self.token.name,
            reason,
            identity_check,
            approved_by: None,
            client: Some(self.client),
            now: self.now,
        }
    }
}

/// The one token that the request shows (RFC 6750 section 2.1).
fn bearer(headers: &http::HeaderMap) -> Option<String> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (one, more) = (given.next()?, given.next());
    let token = one.to_str().ok()?.strip_prefix("Bearer ")?;
    let shaped = token.starts_with("art_") && token.len() <= 64;
    (more.is_none() && shaped).then(|| token.to_owned())
}

async fn prove(
    admin: &Admin,
    bearer: &str,
    scope: Scope,
    client: IpAddr,
    now: Timestamp,
) -> Result<TokenView, Failure> {
    let Some(token) = admin.store.api_token_use(&token_hash(bearer), now).await? else {
        admin.sources.failed(client, now);
        return Err(Failure::SignIn);
    };
    if !token.scopes.contains(&scope) || !token.role.may(scope.needs()) {
        refused(admin, &token, scope, client, now).await?;
        let needs = scope.needs();
        return Err(Failure::Forbidden { needs });
    }
    Ok(token)
}

async fn refused(
    admin: &Admin,
    token: &TokenView,
    scope: Scope,
    client: IpAddr,
    now: Timestamp,
) -> Result<(), Failure> {
    let about = format!("token {} wanted {}", token.label, scope.name());
    let event = AuditEvent::new(AuditKind::OperatorRefused)
        .operator(&token.name)
        .client(client)
        .reason(&about);
    Ok(admin.store.audit_append(&[event], now).await?)
}

const UNREADABLE: Failure = Failure::BadForm {
    why: "the body is not JSON, or Content-Type is not application/json",
};

async fn read_body(request: Request) -> Result<serde_json::Value, Failure> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(UNREADABLE);
    }
    // Counted as it comes: a chunked body declares no length.
    let bytes = axum::body::to_bytes(request.into_body(), LARGEST_BODY).await;
    let bytes = bytes.map_err(|_| Failure::TooLarge)?;
    serde_json::from_slice(&bytes).map_err(|_| UNREADABLE)
}
