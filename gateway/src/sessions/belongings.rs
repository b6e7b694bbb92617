//! What a session remembers of its cookies: bound values, values too large for a browser, the last
//! `Cookie` field, and a held answer that waits for its GET.
//!
//! Opens and seals nothing (`crate::cookies`), writes nothing down (`crate::sign_in::jars`).

use std::sync::Arc;

use anteroom_core::cookies::Jar;
use http::HeaderValue;

use super::{Live, Memo};
use crate::cookies::incoming::{Belongings, fingerprint};

impl Live {
    /// What the last `Cookie` field became, if this is the same one.
    #[must_use]
    pub fn recall(&self, from_browser: &HeaderValue) -> Option<Option<HeaderValue>> {
        let memo = self.memo.load();
        let memo = memo.as_ref()?;
        (memo.from_browser == *from_browser).then(|| memo.to_upstream.clone())
    }

    /// Remembers what a `Cookie` field became.
    pub fn memorise(&self, from_browser: &HeaderValue, to_upstream: Option<HeaderValue>) {
        // A copy: the value itself is a view into the buffer of the whole request head and would
        // keep all of it for as long as the session is idle.
        if let Ok(from_browser) = HeaderValue::from_bytes(from_browser.as_bytes()) {
            self.memo.store(Some(Arc::new(Memo {
                from_browser,
                to_upstream,
            })));
        }
    }

    /// Remembers a bound value. `false` when it was known.
    #[must_use]
    pub fn bind(&self, print: [u8; 32]) -> bool {
        let mut bound = self.bound.lock();
        if bound.contains(&print) {
            return false;
        }
        bound.insert(0, print);
        bound.truncate(crate::cookies::companion::MOST);
        self.memo.store(None);
        true
    }

    /// Changes the values that are too large for the browser; returns them all, to be written down.
    pub fn keep(&self, change: impl FnOnce(&mut Jar)) -> Vec<u8> {
        let mut kept = self.kept.lock();
        change(&mut kept);
        self.memo.store(None);
        kept.to_bytes()
    }

    /// Whether a held answer waits for its GET.
    #[must_use]
    pub fn awaits_delivery(&self) -> bool {
        self.delivery.lock().is_some()
    }

    /// Takes the waiting delivery if it is for this target.
    #[must_use]
    pub fn take_delivery(&self, target: &str) -> bool {
        let mut delivery = self.delivery.lock();
        if delivery.as_deref() == Some(target) {
            *delivery = None;
            return true;
        }
        false
    }

    /// Notes that a held answer waits for its GET.
    pub fn expect_delivery(&self, target: &str) {
        *self.delivery.lock() = Some(target.to_owned());
    }
}

impl Belongings for Arc<Live> {
    fn kept(&self, name: &[u8], path: &str) -> Option<Vec<u8>> {
        let kept = self.kept.lock();
        let found = kept
            .entries()
            .iter()
            .find(|entry| entry.name == name && entry.path == path);
        found.map(|entry| entry.value.clone())
    }

    fn is_bound(&self, name: &[u8], value: &[u8]) -> bool {
        self.bound.lock().contains(&fingerprint(name, value))
    }
}
