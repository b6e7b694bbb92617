//! Failed logins per client address: slowed by source first, so that nobody can lock a colleague
//! out by guessing passwords (attack D09).
//!
//! Counted in memory, in windows of one minute, in a table of fixed size: when it is full the
//! oldest entries go (attack F06). Wrong *codes* are counted elsewhere, per subscriber, in the
//! store.

use std::net::IpAddr;
use std::time::Duration;

use dashmap::DashMap;

const WINDOW: Duration = Duration::from_secs(60);
const MOST: usize = 20_000;

/// Failures per source.
pub struct Sources {
    most: u32,
    by_source: DashMap<IpAddr, (Duration, u32)>,
}

impl Sources {
    /// Allows `most` failures a minute.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self {
            most,
            by_source: DashMap::new(),
        }
    }

    /// Seconds until this source may try again, if it has to wait. `elapsed` is monotonic.
    #[must_use]
    pub fn wait(&self, source: IpAddr, elapsed: Duration) -> Option<u64> {
        let entry = self.by_source.get(&group(source))?;
        let (since, count) = *entry;
        let age = elapsed.saturating_sub(since);
        (count >= self.most && age < WINDOW).then(|| (WINDOW - age).as_secs() + 1)
    }

    /// Counts a failure.
    pub fn failed(&self, source: IpAddr, elapsed: Duration) {
        if self.by_source.len() >= MOST {
            self.by_source
                .retain(|_, (since, _)| elapsed.saturating_sub(*since) < WINDOW);
        }
        if self.by_source.len() >= MOST {
            return;
        }
        let mut entry = self.by_source.entry(group(source)).or_insert((elapsed, 0));
        if elapsed.saturating_sub(entry.0) >= WINDOW {
            *entry = (elapsed, 0);
        }
        entry.1 = entry.1.saturating_add(1);
    }
}

/// One household has a whole IPv6 /64; single addresses there are free to invent.
fn group(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(v6) => {
            let mut segments = v6.segments();
            segments[4..].fill(0);
            IpAddr::from(segments)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_waits_after_too_many_failures_and_others_do_not() {
        let sources = Sources::new(3);
        let (bad, good) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let at = |secs| Duration::from_secs(secs);
        for _ in 0..3 {
            assert_eq!(sources.wait(bad, at(5)), None);
            sources.failed(bad, at(5));
        }
        assert_eq!(sources.wait(bad, at(15)), Some(51));
        assert_eq!(sources.wait(good, at(15)), None);
        assert_eq!(sources.wait(bad, at(65)), None);
    }
}
