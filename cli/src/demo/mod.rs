//! Wardbook: a small, honest "legacy" medical-records application to try Anteroom on.
//!
//! It does what old applications do and what a proxy has to live with: a session cookie that exists
//! before the login and is not rotated by it, success and failure that are both a 302, an error
//! text that waits in the session, pop-ups, frames, uploads, a WebSocket. It has no second factor,
//! knows nothing of Anteroom, and is never reachable from another machine: every patient is
//! invented and the passwords are printed in the manual.
//!
//! Look next: `login` for the way in, `session` for the cookie, `failure` and `record` for what
//! tests use.

mod accounts;
mod api;
mod assets;
mod chart;
mod download;
mod failure;
mod files;
mod live;
mod login;
mod pages;
mod patients;
mod range;
mod record;
mod serve;
mod session;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{get, post};
use tokio::sync::watch;

pub use accounts::{ACCOUNTS, Account};
pub use failure::FailureMode;
pub use patients::{PATIENTS, Patient};
pub use record::{Record, Served};
pub use session::SESSION_COOKIE;

/// The whole application: cheap to clone, every clone is the same hospital.
#[derive(Clone)]
pub struct DemoEmr {
    ward: Ward,
}

/// What every handler is given.
type Ward = Arc<Shared>;

/// Everything the application remembers; all of it is gone when the process ends.
struct Shared {
    sessions: session::Sessions,
    notes: chart::Notes,
    files: files::Files,
    failures: failure::Queue,
    record: record::Record,
    /// Turns true when the server is told to stop, so that endless answers end.
    closing: watch::Sender<bool>,
}

impl DemoEmr {
    /// Opens the hospital. Session ids and form tokens are derived from `seed`, so that this room
    /// draws no randomness of its own; give it fresh random bytes outside tests.
    #[must_use]
    pub fn new(seed: &[u8]) -> Self {
        let ward = Shared {
            sessions: session::Sessions::new(seed),
            notes: chart::Notes::default(),
            files: files::Files::default(),
            failures: failure::Queue::default(),
            record: record::Record::default(),
            closing: watch::Sender::new(false),
        };
        Self {
            ward: Arc::new(ward),
        }
    }

    /// Starts keeping a list of every request that arrives, and returns the list. Off until asked
    /// for.
    #[must_use]
    pub fn with_record(&self) -> Record {
        self.ward.record.start();
        self.ward.record.clone()
    }

    /// Says how the next login submissions are answered, one mode each, in order; for tests of what
    /// a proxy makes of an upstream that misbehaves.
    pub fn failure_modes(&self, next: impl IntoIterator<Item = FailureMode>) {
        self.ward.failures.set(next);
    }

    /// The application as a service, for a caller who brings the connections.
    pub fn router(&self) -> Router {
        let ward = &self.ward;
        let upload = post(files::upload).layer(DefaultBodyLimit::max(files::UPLOAD_LIMIT));
        let pages = Router::new()
            .route("/", get(pages::home))
            .route("/login", get(login::form).post(login::submit))
            .route("/logout", get(login::logout_by_link).post(login::logout))
            .route("/patients", get(pages::patients))
            .route("/patients/{id}", get(chart::show))
            .route("/patients/{id}/notes", post(chart::add_note))
            .route("/popup/allergies/{id}", get(chart::allergies))
            .route("/frame/vitals/{id}", get(chart::vitals))
            .route("/files", get(files::list).merge(upload))
            .route("/files/{id}", get(files::download))
            .route("/download/big", get(download::big))
            .route("/ws/ticker", get(live::ticker))
            .route("/events", get(live::events))
            .route("/api/patients.json", get(api::patients))
            .route("/api/files.json", get(api::files))
            .route("/api/whoami.json", get(api::whoami))
            .route("/admin/whoami-headers", get(api::identity_headers))
            .fallback(pages::not_found)
            .layer(from_fn_with_state(ward.clone(), session::open));
        Router::new()
            .route("/health", get(|| async { "ok\n" }))
            .route("/static/app.css", get(assets::css))
            .route("/static/app.js", get(assets::js))
            .merge(pages)
            .layer(map_response(assets::name_the_server))
            .layer(from_fn_with_state(ward.clone(), record::note))
            .with_state(ward.clone())
    }
}

/// Takes a lock whether or not another handler panicked while it held it: the data here has no
/// half-written states worth protecting.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
