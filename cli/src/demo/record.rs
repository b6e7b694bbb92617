//! What reached the application, request by request, for tests that prove what did not.
//!
//! Off until a test asks for it, because it keeps cookies and header values in clear. It holds no
//! bodies, so no passwords. Look next: `DemoEmr::with_record`.

use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::header::COOKIE;
use axum::middleware::Next;
use axum::response::Response;

use super::{Ward, lock, session};

/// A test that sends more than this has lost its way; later requests are counted but not listed.
const LISTED: usize = 100_000;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Served {
    /// The method, as sent.
    pub method: String,
    /// Path and query, as sent.
    pub path_and_query: String,
    /// The `Cookie` field; several are joined with `; `.
    pub cookie: Option<String>,
    /// Who was logged in to the application by the session this request carried, when it arrived.
    pub user: Option<&'static str>,
    /// All header fields in the order they came, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Served {
    /// The first header field with this (lower-case) name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }
}

/// The list of requests; every clone is the same list.
#[derive(Clone, Default)]
pub struct Record(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    on: bool,
    total: usize,
    served: Vec<Served>,
}

impl Record {
    pub(super) fn start(&self) {
        lock(&self.0).on = true;
    }

    /// Every request so far, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Served> {
        lock(&self.0).served.clone()
    }

    /// The requests for one path, whatever the query.
    #[must_use]
    pub fn for_path(&self, path: &str) -> Vec<Served> {
        lock(&self.0)
            .served
            .iter()
            .filter(|served| served.path() == path)
            .cloned()
            .collect()
    }

    /// How many requests arrived, listed or not.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.0).total
    }

    /// Forgets what was listed and goes on.
    pub fn clear(&self) {
        let mut kept = lock(&self.0);
        kept.total = 0;
        kept.served.clear();
    }

    fn add(&self, served: impl FnOnce() -> Served) {
        let mut kept = lock(&self.0);
        if !kept.on {
            return;
        }
        kept.total += 1;
        if kept.served.len() < LISTED {
            kept.served.push(served());
        }
    }
}

/// Notes every request before anything else looks at it, also those that no page answers.
pub(super) async fn note(State(ward): State<Ward>, request: Request, next: Next) -> Response {
    ward.record.add(|| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = request.headers();
        let cookies: Vec<_> = headers
            .get_all(COOKIE)
            .iter()
            .map(|line| text(line.as_bytes()))
            .collect();
        Served {
            method: request.method().to_string(),
            path_and_query: request.uri().to_string(),
            cookie: (!cookies.is_empty()).then(|| cookies.join("; ")),
            user: session::session_id(headers).and_then(|id| ward.sessions.user(&id)),
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
                .collect(),
        }
    });
    next.run(request).await
}
