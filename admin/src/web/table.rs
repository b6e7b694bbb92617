//! The table of routes: each with the permission it needs, and no way to add one without.
//!
//! [`Routes`] takes handlers of a [`Visit`] only, whose proof nobody else can make; what anybody
//! may ask for is added by a method of its own and is listed as such. [`lines`] is what the tests
//! walk.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anteroom_core::operator::{Permission, Scope};
use axum::Router;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::routing::{MethodFilter, on};

use super::proof::Grants;
use super::visit::{Answer, Knock, Visit};
use crate::Admin;
use crate::api::visit::{ApiAnswer, ApiVisit, Scoped};

/// What a route asks of whoever comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Nothing: signing in, setting up, the stylesheet.
    Anybody,
    /// An operator with this permission.
    Operator(Permission),
    /// A token with this scope.
    Token(Scope),
}

/// One route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// Its path, with `{names}`.
    pub path: &'static str,
    /// What it asks for.
    pub access: Access,
}

/// Routes being put together.
pub(crate) struct Routes {
    router: Router<Arc<Admin>>,
    lines: Vec<Line>,
}

type Peer = ConnectInfo<SocketAddr>;
/// A request before anybody has looked at it.
type Knocking = (Arc<Admin>, RawPathParams, IpAddr, Request);

impl Routes {
    pub(crate) fn new() -> Self {
        Self {
            router: Router::new(),
            lines: Vec::new(),
        }
    }

    /// A page for operators with the permission `P`.
    pub(crate) fn get<P, F, Fut>(self, path: &'static str, handler: F) -> Self
    where
        P: Grants,
        F: Fn(Visit<P>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send,
    {
        self.guarded("GET", path, handler)
    }

    /// A form of operators with the permission `P`.
    pub(crate) fn post<P, F, Fut>(self, path: &'static str, handler: F) -> Self
    where
        P: Grants,
        F: Fn(Visit<P>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send,
    {
        self.guarded("POST", path, handler)
    }

    fn guarded<P, F, Fut>(self, method: &'static str, path: &'static str, handler: F) -> Self
    where
        P: Grants,
        F: Fn(Visit<P>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send,
    {
        let access = Access::Operator(P::NEEDS);
        self.add(method, path, access, move |knocking| {
            let handler = handler.clone();
            async move {
                let (admin, params, client, request) = knocking;
                handler(Visit::<P>::receive(admin, params, client, request).await?).await
            }
        })
    }

    /// What anybody may ask for.
    pub(crate) fn open<F, Fut>(self, method: &'static str, path: &'static str, handler: F) -> Self
    where
        F: Fn(Knock) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send,
    {
        self.add(method, path, Access::Anybody, move |knocking| {
            let handler = handler.clone();
            async move {
                let (admin, params, client, request) = knocking;
                handler(Knock::receive(admin, params, client, request).await?).await
            }
        })
    }

    /// A route of the API, for tokens with the scope `S`.
    pub(crate) fn api<S, F, Fut>(self, method: &'static str, path: &'static str, handler: F) -> Self
    where
        S: Scoped,
        F: Fn(ApiVisit<S>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ApiAnswer> + Send,
    {
        self.add(method, path, Access::Token(S::SCOPE), move |knocking| {
            let handler = handler.clone();
            async move {
                let (admin, params, client, request) = knocking;
                handler(ApiVisit::<S>::receive(admin, params, client, request).await?).await
            }
        })
    }

    /// A line of the table and what serves it; a failure becomes an answer here.
    fn add<F, Fut>(
        mut self,
        method: &'static str,
        path: &'static str,
        access: Access,
        serve: F,
    ) -> Self
    where
        F: Fn(Knocking) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send,
    {
        self.lines.push(Line {
            method,
            path,
            access,
        });
        let is_api = matches!(access, Access::Token(_));
        let serve = move |State(admin): State<Arc<Admin>>,
                          ConnectInfo(peer): Peer,
                          params: RawPathParams,
                          request: Request| {
            let answering = serve((admin.clone(), params, peer.ip(), request));
            async move {
                let answer = answering.await;
                answer.unwrap_or_else(|failure| failure.into_response(&admin, is_api))
            }
        };
        self.router = self.router.route(path, on(filter_of(method), serve));
        self
    }

    /// Joins another room's routes.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        self.lines.extend(others.lines);
        self
    }

    pub(crate) fn into_parts(self) -> (Router<Arc<Admin>>, Vec<Line>) {
        (self.router, self.lines)
    }
}

fn filter_of(method: &str) -> MethodFilter {
    match method {
        "POST" => MethodFilter::POST,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// Every route there is.
#[must_use]
pub fn lines() -> Vec<Line> {
    crate::routes::all().into_parts().1
}
