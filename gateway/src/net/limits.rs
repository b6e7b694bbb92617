//! How many connections there may be: in all, and from one address.
//!
//! Counts only; who is cut is the accept loop's business (`listen`). Fixed cost per connection, and
//! an entry disappears with its last connection, so the table cannot be made to grow (attack F06).

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;

/// Counts connections against two limits.
pub struct ConnectionLimits {
    most: usize,
    most_per_client: usize,
    all: AtomicUsize,
    by_client: DashMap<IpAddr, usize>,
}

/// One counted connection; dropping it gives the place back.
pub struct Place {
    limits: Arc<ConnectionLimits>,
    client: IpAddr,
}

impl ConnectionLimits {
    /// Limits over all listeners.
    #[must_use]
    pub fn new(most: usize, most_per_client: usize) -> Arc<Self> {
        let by_client = DashMap::new();
        Arc::new(Self {
            most,
            most_per_client,
            all: AtomicUsize::new(0),
            by_client,
        })
    }

    /// Takes a place, or says that there is none. `trusted` peers (proxies in front of us) carry
    /// many clients and count only towards the whole.
    #[must_use]
    pub fn enter(self: &Arc<Self>, client: IpAddr, trusted: bool) -> Option<Place> {
        if self.all.fetch_add(1, Ordering::AcqRel) >= self.most {
            self.all.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        let mut mine = self.by_client.entry(client).or_insert(0);
        if !trusted && *mine >= self.most_per_client {
            drop(mine);
            self.all.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        *mine += 1;
        Some(Place {
            limits: Arc::clone(self),
            client,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.limits.all.fetch_sub(1, Ordering::AcqRel);
        if let Some(mut count) = self.limits.by_client.get_mut(&self.client) {
            *count = count.saturating_sub(1);
        }
        self.limits
            .by_client
            .remove_if(&self.client, |_, count| *count == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_its_share_and_gives_it_back() {
        let limits = ConnectionLimits::new(3, 2);
        let (a, b) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let first = limits.enter(a, false);
        let second = limits.enter(a, false);
        assert!(first.is_some() && second.is_some());
        assert!(limits.enter(a, false).is_none());
        let other = limits.enter(b, false);
        assert!(other.is_some());
        assert!(limits.enter(b, false).is_none(), "the whole is full");
        drop(first);
        assert!(limits.enter(a, false).is_some());
        drop((second, other));
        assert_eq!(limits.all.load(Ordering::Relaxed), 0);
        assert!(limits.by_client.is_empty());
    }
}
