//! Moments and spans in words, for the terminal, and moments as somebody types them there.
//!
//! The words are `anteroom_core::moment`'s. Never reads a clock.

use std::time::Duration;

use anteroom_core::time::Timestamp;

pub use anteroom_core::moment::{in_utc, in_words, rfc3339};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A moment as somebody types it: a date (its first moment in UTC), `2031-03-01T18:00` or
/// `2031-03-01T18:00:05` with or without a `Z`, or a span that lies back from `now`: `6 y`, `30 d`,
/// `12 h`.
#[must_use]
pub fn read(typed: &str, now: Timestamp) -> Option<Timestamp> {
    let typed = typed.trim();
    if let Some((count, unit)) = typed.split_once(' ') {
        let unit = match unit {
            "y" | "year" | "years" => 365 * DAY + DAY / 4,
            "d" | "day" | "days" => DAY,
            "h" | "hour" | "hours" => HOUR,
            _ => return None,
        };
        let span = count.parse::<u64>().ok()?.checked_mul(unit)?;
        return Some(now.minus(Duration::from_secs(span)));
    }
    let (date, time) = typed.split_once('T').unwrap_or((typed, "00:00"));
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let midnight = Timestamp::of_utc_date(parts.next()??, parts.next()??, parts.next()??)?;
    let time = time.strip_suffix('Z').unwrap_or(time);
    let fields: Vec<u64> = time
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let (hour, minute, second) = match fields.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let sound = hour < 24 && minute < 60 && second < 60;
    let seconds = hour * HOUR + minute * MINUTE + second;
    sound.then(|| midnight.plus(Duration::from_secs(seconds)))
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
    fn moments_are_read_as_people_type_them() {
        let now = Timestamp::from_secs(1_930_154_405);
        for (typed, secs) in [
            ("2031-03-01", 1_930_089_600),
            ("2031-03-01T18:00", 1_930_154_400),
            ("2031-03-01T18:00:05Z", 1_930_154_405),
            (" 2 h ", 1_930_147_205),
            ("30 d", 1_927_562_405),
            ("1 y", 1_898_596_805),
        ] {
            assert_eq!(
                read(typed, now).map(Timestamp::as_secs),
                Some(secs),
                "{typed}"
            );
        }
        for bad in [
            "",
            "yesterday",
            "2031-02-30",
            "2031-03-01T25:00",
            "6y",
            "-1 d",
            "2031-03",
        ] {
            assert_eq!(read(bad, now), None, "{bad}");
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
