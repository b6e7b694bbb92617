//! Moments and spans in words: `2031-03-01 18:00:05 UTC`, `in 24 hours`.
//!
//! Always UTC and always said so: the people who read an audit log together may sit in different
//! time zones. Never reads a clock.

use std::time::Duration;

use crate::time::Timestamp;

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
    moment.rfc3339()
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

/// `07:02`.
#[must_use]
pub fn clock(moment: Timestamp) -> String {
    let at = Fields::of(moment);
    format!("{:02}:{:02}", at.hour, at.minute)
}

/// `2031-03-01`.
#[must_use]
pub fn day(moment: Timestamp) -> String {
    let at = Fields::of(moment);
    format!("{:04}-{:02}-{:02}", at.year, at.month, at.day)
}

/// `1 March 2031`.
#[must_use]
pub fn day_in_words(moment: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let at = Fields::of(moment);
    let month = usize::try_from(at.month - 1)
        .ok()
        .and_then(|month| MONTHS.get(month));
    format!("{} {} {}", at.day, month.unwrap_or(&""), at.year)
}

/// `Saturday`.
#[must_use]
pub fn weekday(moment: Timestamp) -> &'static str {
    // 1970-01-01 was a Thursday.
    match days(moment).rem_euclid(7) {
        0 => "Thursday",
        1 => "Friday",
        2 => "Saturday",
        3 => "Sunday",
        4 => "Monday",
        5 => "Tuesday",
        _ => "Wednesday",
    }
}

/// The moment at which the day of this one began.
#[must_use]
pub const fn midnight(moment: Timestamp) -> Timestamp {
    Timestamp::from_millis(days(moment) * DAY_MS)
}

/// How many days lie between the days of two moments; negative when the first is later.
#[must_use]
pub const fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    days(to) - days(from)
}

/// The beginning of a day written as `2031-03-01`.
#[must_use]
pub fn parse_day(text: &str) -> Option<Timestamp> {
    let mut parts = text.splitn(3, '-');
    let mut next = |digits: usize| {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain {
            part.parse::<i64>().ok()
        } else {
            None
        }
    };
    let (year, month, day) = (next(4)?, next(2)?, next(2)?);
    Timestamp::of_utc_date(year, month, day)
}

const DAY_MS: i64 = 86_400_000;

const fn days(moment: Timestamp) -> i64 {
    moment.as_millis().div_euclid(DAY_MS)
}

/// A moment taken apart, in UTC.
struct Fields {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Fields {
    fn of(moment: Timestamp) -> Self {
        let ms = moment.as_millis().rem_euclid(DAY_MS);
        let (year, month, day) = moment.utc_date();
        Self {
            year,
            month,
            day,
            hour: ms / 3_600_000,
            minute: ms / 60_000 % 60,
            second: ms / 1000 % 60,
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
    fn days_have_names_and_are_read_back() {
        let at = Timestamp::from_secs(1_930_154_405);
        assert_eq!(
            (day(at).as_str(), clock(at).as_str()),
            ("2031-03-01", "18:00")
        );
        assert_eq!(
            (weekday(at), day_in_words(at).as_str()),
            ("Saturday", "1 March 2031")
        );
        assert_eq!(parse_day("2031-03-01"), Some(midnight(at)));
        assert_eq!(
            days_between(at, Timestamp::from_secs(1_930_154_405 + 86_400)),
            1
        );
        for days in (-800_000..800_000).step_by(997) {
            let at = Timestamp::from_millis(days * DAY_MS);
            if (0..10_000).contains(&Fields::of(at).year) {
                assert_eq!(parse_day(&day(at)), Some(at));
            }
        }
        for bad in [
            "",
            "2031-3-1",
            "2031-04-31",
            "2031-13-01",
            "2031-03-01x",
            "+031-03-01",
        ] {
            assert_eq!(parse_day(bad), None, "{bad}");
        }
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
