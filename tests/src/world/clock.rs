//! The world's time: stands still until a test moves it.
//! Never follows the machine's clock, so a test of five minutes takes no time at all.
//! Shared by the gateway, the browser's jar and the phone.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Monday, 2 March 2026, 08:00:00 UTC: an early shift, and a multiple of 30 seconds.
pub const START_MS: i64 = 1_772_438_400_000;

#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START_MS)))
    }

    pub fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Unix seconds, as authenticators count.
    pub fn now(&self) -> u64 {
        u64::try_from(self.now_ms() / 1000).expect("after 1970")
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// A clock set back, by a bad time source or an attacker.
    pub fn rewind(&self, by: Duration) {
        self.0.fetch_sub(millis(by), Ordering::SeqCst);
    }

    pub fn set_ms(&self, to: i64) {
        self.0.store(to, Ordering::SeqCst);
    }

    /// To the first moment of the next TOTP step: a fresh code for sure.
    pub fn next_step(&self) {
        const STEP: i64 = 30_000;
        self.set_ms((self.now_ms().div_euclid(STEP) + 1) * STEP);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

fn millis(by: Duration) -> i64 {
    i64::try_from(by.as_millis()).expect("less than an age of the world")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_only_when_told_and_for_every_holder() {
        let clock = TestClock::new();
        let held = clock.clone();
        assert_eq!((held.now(), held.now() % 30), (1_772_438_400, 0));
        clock.advance(Duration::from_millis(29_999));
        assert_eq!(held.now(), 1_772_438_429);
        held.next_step();
        assert_eq!(clock.now_ms(), START_MS + 30_000);
        clock.rewind(Duration::from_secs(30));
        assert_eq!(held.now_ms(), START_MS);
    }
}
