//! Moments and spans in words: `2031-03-01 18:00:05 UTC`, `in 24 hours`.
//!
//! Always UTC and always said so: the people who read an audit log together may sit in different
//! time zones. Never reads a clock.

use std::time::Duration;

use anteroom_core::time::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `2031-03-01 18:00:05 UTC`.
#[must_use]
pub fn in_utc(moment: Timestamp) -> String {
    let at = Fields::of(moment);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
        at.year, at.month, at.day, at.hour, at.minute, at.second
    )
}

/// `2031-03-01T18:00:05.250Z` (RFC 3339), for JSON.
#[must_use]
pub fn rfc3339(moment: Timestamp) -> String {
    let at = Fields::of(moment);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.millis
    )
}

/// `24 hours`, `3 days`, `40 seconds`: the largest unit of which there are at least two, or one.
#[must_use]
pub fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")];
    let unit = units.into_iter().find(|(size, _)| seconds >= 2 * size);
    let (count, name) = match unit {
        Some((size, name)) => (seconds / size, name),
        None if seconds >= MINUTE => (seconds / MINUTE, "minute"),
        None => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

/// A moment taken apart, in UTC.
struct Fields {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
}

impl Fields {
    fn of(moment: Timestamp) -> Self {
        let day_ms = 86_400_000;
        let ms = moment.as_millis().rem_euclid(day_ms);
        let (year, month, day) = moment.utc_date();
        Self {
            year,
            month,
            day,
            hour: ms / 3_600_000,
            minute: ms / 60_000 % 60,
            second: ms / 1000 % 60,
            millis: ms % 1000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_in_utc() {
        for (seconds, said) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_799, "2000-02-29 23:59:59 UTC"),
            (1_735_689_600, "2025-01-01 00:00:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            (1_930_154_405, "2031-03-01 18:00:05 UTC"),
        ] {
            assert_eq!(in_utc(Timestamp::from_secs(seconds)), said);
        }
        assert_eq!(
            rfc3339(Timestamp::from_millis(1_930_154_405_250)),
            "2031-03-01T18:00:05.250Z"
        );
    }

    #[test]
    fn spans_are_said_in_the_unit_people_use() {
        for (seconds, said) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (119, "1 minute"),
            (120, "2 minutes"),
            (3_600, "60 minutes"),
            (7_200, "2 hours"),
            (86_400, "24 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), said);
        }
    }
}
