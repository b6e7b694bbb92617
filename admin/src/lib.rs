//! The operator's way: the web app in which locked-out people are helped and the audit log is read.
//!
//! Never touches a subscriber's request and never knows the gateway: the two meet in the store
//! alone, so either may be stopped. Pages need no script. Start with [`web::table`] (which routes
//! there are and what each asks for), then `routes` (what they do), `pages` (what they show).

mod acts;
mod api;
mod export;
pub mod pages;
pub mod password;
mod retention;
mod routes;
mod say;
mod server;
mod verifying;
pub mod web;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anteroom_config::ambient::{Ambient, Clock, Entropy};
use anteroom_config::settings::{AdminSettings, AppSettings, Settings};
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_store::Store;

pub use routes::link_hash;
pub use server::{Running, StartError, start};

use verifying::Verifying;
use web::sources::Sources;

/// Everything that the routes share.
pub(crate) struct Admin {
    /// What is remembered.
    pub(crate) store: Store,
    /// What the whole process was told.
    pub(crate) settings: Settings,
    /// What the admin app was told.
    pub(crate) mine: AdminSettings,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub(crate) entropy: Entropy,
    /// Who guesses.
    pub(crate) sources: Sources,
    /// The walk over the audit log, while one runs.
    pub(crate) verifying: Verifying,
    requests: AtomicU64,
}

impl Admin {
    pub(crate) fn new(
        settings: Settings,
        mine: AdminSettings,
        store: Store,
        ambient: &Ambient,
    ) -> Self {
        Self {
            store,
            settings,
            mine,
            clock: ambient.clock.clone(),
            entropy: ambient.entropy.clone(),
            sources: Sources::default(),
            verifying: Verifying::default(),
            requests: AtomicU64::new(0),
        }
    }

    /// Whether browsers speak TLS with us.
    pub(crate) const fn tls(&self) -> bool {
        self.mine.tls.is_some()
    }

    /// `N` random bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.entropy)(&mut bytes);
        bytes
    }

    /// A short name for one request, on its page and in the log.
    pub(crate) fn reference(&self) -> String {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        let random = u16::from_be_bytes(self.random());
        format!("A{:04x}{random:04x}", count & 0xffff)
    }

    /// The apps of a realm.
    pub(crate) fn apps_of<'a>(&'a self, realm: &'a str) -> impl Iterator<Item = &'a AppSettings> {
        self.settings
            .apps
            .iter()
            .filter(move |app| app.realm == realm)
    }

    /// How wrong codes count in a realm.
    pub(crate) fn throttle_of(&self, realm: &str) -> ThrottlePolicy {
        self.apps_of(realm)
            .next()
            .map_or_else(ThrottlePolicy::default, |app| app.policy.throttle)
    }
}
