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
}
