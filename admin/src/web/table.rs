//! The table of routes: each with the permission it needs, and no way to add one without.
//!
//! [`Routes`] takes handlers of a [`Visit`] only, whose proof nobody else can make; what anybody
//! may ask for is added by a method of its own and is listed as such. [`lines`] is what the tests
//! walk.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use anteroom_core::operator::{Permission, Scope};
use axum::Router;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::response::Response;
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
        self.guarded("GET", MethodFilter::GET, path, handler)
    }

    /// A form of operators with the permission `P`.
    pub(crate) fn post<P, F, Fut>(self, path: &'static str, handler: F) -> Self
    where
        P: Grants,
        F: Fn(Visit<P>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send,
    {
        self.guarded("POST", MethodFilter::POST, path, handler)
    }

    fn guarded<P, F, Fut>(
        mut self,
        method: &'static str,
        filter: MethodFilter,
        path: &'static str,
        handler: F,
    ) -> Self
    where
        P: Grants,
        F: Fn(Visit<P>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send,
    {
        let access = Access::Operator(P::NEEDS);
        self.lines.push(Line {
            method,
            path,
            access,
        });
        let serve = move |State(admin): State<Arc<Admin>>,
                          ConnectInfo(peer): Peer,
                          params: RawPathParams,
                          request: Request| {
            let handler = handler.clone();
            async move {
                let visit = Visit::<P>::receive(admin.clone(), params, peer.ip(), request).await;
                let answer = match visit {
                    Ok(visit) => handler(visit).await,
                    Err(failure) => Err(failure),
                };
                settle(&admin, answer)
            }
        };
        self.router = self.router.route(path, on(filter, serve));
        self
    }

    /// What anybody may ask for.
    pub(crate) fn open<F, Fut>(
        mut self,
        method: &'static str,
        path: &'static str,
        handler: F,
    ) -> Self
    where
        F: Fn(Knock) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send,
    {
        let access = Access::Anybody;
        self.lines.push(Line {
            method,
            path,
            access,
        });
        let filter = filter_of(method);
        let serve = move |State(admin): State<Arc<Admin>>,
                          ConnectInfo(peer): Peer,
                          params: RawPathParams,
                          request: Request| {
            let handler = handler.clone();
            async move {
                let knock = Knock::receive(admin.clone(), params, peer.ip(), request).await;
                let answer = match knock {
                    Ok(knock) => handler(knock).await,
                    Err(failure) => Err(failure),
                };
                settle(&admin, answer)
            }
        };
        self.router = self.router.route(path, on(filter, serve));
        self
    }

    /// A route of the API, for tokens with the scope `S`.
    pub(crate) fn api<S, F, Fut>(
        mut self,
        method: &'static str,
        path: &'static str,
        handler: F,
    ) -> Self
    where
        S: Scoped,
        F: Fn(ApiVisit<S>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ApiAnswer> + Send,
    {
        let access = Access::Token(S::SCOPE);
        self.lines.push(Line {
            method,
            path,
            access,
        });
        let filter = filter_of(method);
        let serve = move |State(admin): State<Arc<Admin>>,
                          ConnectInfo(peer): Peer,
                          params: RawPathParams,
                          request: Request| {
            let handler = handler.clone();
            async move {
                let visit = ApiVisit::<S>::receive(admin.clone(), params, peer.ip(), request).await;
                let answer = match visit {
                    Ok(visit) => handler(visit).await,
                    Err(failure) => Err(failure),
                };
                answer.unwrap_or_else(|failure| failure.into_response(&admin, true))
            }
        };
        self.router = self.router.route(path, on(filter, serve));
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

fn settle(admin: &Admin, answer: Answer) -> Response {
    answer.unwrap_or_else(|failure| failure.into_response(admin, false))
}

/// Every route there is.
#[must_use]
pub fn lines() -> Vec<Line> {
    crate::routes::all().into_parts().1
}
