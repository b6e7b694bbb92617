//! When something that could not be sent is tried again, and when it is given up.
//!
//! Pure arithmetic: the queue itself is `anteroom-store`'s, the sending `anteroom-mail`'s. Never
//! judges whether a failure was for good; a server that refuses for ever is asked again too,
//! because people mend servers.

use std::time::Duration;

use crate::time::Timestamp;

/// After the first failure.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// From one try to the next at most.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
/// How long a notice is worth telling: after that the news is stale and the operator knows why.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What becomes of a message that could not be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retry {
    /// It is tried again then.
    At(Timestamp),
    /// It is not sent any more.
    GivenUp,
}

/// One minute, doubling to one hour, until `expires_at`. `tries` are those made so far, this one
/// included.
#[must_use]
pub fn after_failure(tries: u32, expires_at: Timestamp, now: Timestamp) -> Retry {
    let doubled = FIRST_WAIT.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let next = now.plus(doubled.min(LONGEST_WAIT));
    if next < expires_at {
        Retry::At(next)
    } else {
        Retry::GivenUp
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_a_minute_to_an_hour_and_end_with_the_day() {
        let start = Timestamp::from_secs(0);
        let end = start.plus(GIVE_UP_AFTER);
        let (mut now, mut waits) = (start, Vec::new());
        for tries in 1.. {
            let Retry::At(next) = after_failure(tries, end, now) else {
                break;
            };
            waits.push(next.since(now).as_secs() / 60);
            now = next;
        }
        assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(now < end && end.since(now) <= LONGEST_WAIT, "{now:?}");
    }

    #[test]
    fn what_is_worth_ten_minutes_is_tried_a_few_times_only() {
        let now = Timestamp::from_secs(0);
        let soon = now.plus(Duration::from_secs(60));
        assert_eq!(after_failure(1, soon, now), Retry::GivenUp);
        assert_eq!(
            after_failure(u32::MAX, now.plus(GIVE_UP_AFTER), now),
            Retry::At(now.plus(LONGEST_WAIT))
        );
    }
}
