//! Every failure, and the one place where failures become answers: closed, and with a reference.
//!
//! No phase invents its own status or text. What went wrong goes to the log under the reference;
//! the browser learns what to do next and whom to call, never why in detail.

use anteroom_core::facts::Use;
use anteroom_store::StoreError;
use http::StatusCode;
use http::header::RETRY_AFTER;

use crate::arrival::Arrival;
use crate::gateway::Gateway;
use crate::pages::{Notice, Page};
use crate::reply::Reply;
use crate::upstream::exchange::ExchangeError;

/// Something broke, or cannot be done now.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store cannot be used. Nothing new is verified and no password goes upstream.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// The app did not give a whole answer.
    #[error("upstream: {0}")]
    Upstream(#[from] ExchangeError),
    /// The same, to a login: the password was sent, and what came back is gone.
    #[error("login: {0}")]
    Login(ExchangeError),
    /// A notice that ends the request; not broken, but refused.
    #[error("refused: {}", .0.title())]
    Refused(Box<Notice<'static>>),
    /// Something of ours.
    #[error("internal: {0}")]
    Internal(&'static str),
}

impl Failure {
    /// A refusal with this notice.
    #[must_use]
    pub fn refused(notice: Notice<'static>) -> Self {
        Self::Refused(Box::new(notice))
    }
}

/// Turns a failure into an answer and one log line.
#[must_use]
pub fn answer(gateway: &Gateway, arrival: &Arrival, failure: &Failure) -> Reply {
    let notice = match failure {
        Failure::Store(problem) => {
            log(gateway, arrival, "store", problem);
            Notice::StoreDown
        }
        Failure::Upstream(problem) | Failure::Login(problem) => {
            log(gateway, arrival, problem.name(), problem);
            match problem {
                ExchangeError::Slow => Notice::UpstreamSlow,
                ExchangeError::TooLarge => Notice::LoginNotUnderstood,
                ExchangeError::Broken if matches!(failure, Failure::Login(_)) => {
                    Notice::LoginNotUnderstood
                }
                ExchangeError::Unreachable | ExchangeError::Broken => Notice::UpstreamDown,
            }
        }
        Failure::Internal(problem) => {
            log(gateway, arrival, "internal", problem);
            Notice::Internal
        }
        Failure::Refused(notice) => return notice_reply(gateway, arrival, notice),
    };
    notice_reply(gateway, arrival, &notice)
}

/// A notice in the form that the client can use: a page, or a problem document.
#[must_use]
pub fn notice_reply(gateway: &Gateway, arrival: &Arrival, notice: &Notice<'_>) -> Reply {
    let status = StatusCode::from_u16(notice.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    gateway.metrics.refused(notice.name());
    let reply = match arrival.usage {
        Use::Document | Use::Frame => {
            let reference = arrival.reference.to_string();
            let page = Page::Notice(notice.clone());
            let reply = Reply::page(status, &page, &gateway.chrome(arrival, &reference));
            forget_conflicts(arrival, notice, reply)
        }
        Use::Data | Use::WebSocket => Reply::problem(status, notice.name(), &notice.title(), None),
    };
    match retry_after(arrival, notice) {
        Some(seconds) => reply.with(RETRY_AFTER, &seconds.to_string()),
        None => reply,
    }
}

/// Seconds until trying again is of use (RFC 9110, 10.2.3): when the oldest unfinished sign-in
/// makes room is not worth a look into the store, the longest that it can take is.
fn retry_after(arrival: &Arrival, notice: &Notice<'_>) -> Option<u64> {
    match notice {
        Notice::TooManyRequests { retry_seconds } => Some(*retry_seconds),
        Notice::AttemptsFull => Some(arrival.app.settings.policy.pending_for().as_secs()),
        _ => None,
    }
}

/// Makes the browser forget cookies that contradict each other: on every path above this one, and
/// for the parent domain, from where another host may have set them (`DESIGN-CASES` 20).
fn forget_conflicts(arrival: &Arrival, notice: &Notice<'_>, mut reply: Reply) -> Reply {
    let Notice::ConflictingCookies { names } = notice else {
        return reply;
    };
    let host = arrival.host.split(':').next().unwrap_or_default();
    let parent = host
        .split_once('.')
        .map(|(_, parent)| parent)
        .filter(|name| name.contains('.'));
    let mut paths = vec!["/".to_owned()];
    for (index, _) in arrival.path.match_indices('/').skip(1) {
        paths.push(arrival.path[..index].to_owned());
    }
    for name in names {
        for path in &paths {
            let line = format!("{name}=; Path={path}; Max-Age=0");
            reply = reply.with_cookie(line.as_bytes());
            if let Some(parent) = parent {
                reply = reply.with_cookie(format!("{line}; Domain={parent}").as_bytes());
            }
        }
    }
    reply
}

fn log(gateway: &Gateway, arrival: &Arrival, kind: &'static str, problem: &dyn std::fmt::Display) {
    gateway.metrics.failed(kind);
    tracing::error!(
        reference = %arrival.reference,
        app = arrival.app.name().as_str(),
        kind,
        %problem,
        "a request could not be served"
    );
}
