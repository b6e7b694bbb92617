//! Wrong passwords and codes per client address, in memory: the first thing that slows a guesser.
//!
//! Counted apart from names and operators (the store does that), so that one address cannot try
//! many names (attack E02). Forgets after a minute; never holds more than a bounded number.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use anteroom_core::time::Timestamp;
use parking_lot::Mutex;

/// Failures from one source within a minute before it has to wait.
const FREE: u32 = 20;
/// How long a failure counts.
const MINUTE: std::time::Duration = std::time::Duration::from_secs(60);
/// Sources remembered at once.
const MOST: usize = 10_000;

/// Failures by source.
#[derive(Default)]
pub(crate) struct Sources {
    failures: Mutex<HashMap<IpAddr, (Timestamp, u32)>>,
}

impl Sources {
    /// How many seconds this source has to wait; `None` when it may try.
    pub(crate) fn must_wait(&self, client: IpAddr, now: Timestamp) -> Option<u64> {
        let failures = self.failures.lock();
        let (since, count) = failures.get(&source(client))?;
        let left = MINUTE.saturating_sub(now.since(*since));
        (*count >= FREE && !left.is_zero()).then(|| left.as_secs().max(1))
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, client: IpAddr, now: Timestamp) {
        let mut failures = self.failures.lock();
        if failures.len() >= MOST {
            failures.retain(|_, (since, _)| now.since(*since) < MINUTE);
        }
        let known = failures.len() < MOST || failures.contains_key(&source(client));
        if known {
            let entry = failures.entry(source(client)).or_insert((now, 0));
            if now.since(entry.0) >= MINUTE {
                *entry = (now, 0);
            }
            entry.1 = entry.1.saturating_add(1);
        }
    }
}

/// An IPv6 customer has a whole /64.
fn source(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let bits = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(bits))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_waits_after_many_failures_and_is_forgiven_after_a_minute() {
        let (sources, at) = (Sources::default(), Timestamp::from_secs(1_800_000_000));
        let client: IpAddr = "2001:db8::1".parse().unwrap();
        let neighbour: IpAddr = "2001:db8::ffff".parse().unwrap();
        for _ in 0..FREE {
            assert_eq!(sources.must_wait(client, at), None);
            sources.failed(client, at);
        }
        assert_eq!(sources.must_wait(neighbour, at), Some(60));
        assert_eq!(sources.must_wait("192.0.2.1".parse().unwrap(), at), None);
        assert_eq!(sources.must_wait(client, at.plus(MINUTE)), None);
    }
}
