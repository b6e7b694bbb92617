//! Lengths of time, sizes, moments and near misses: small readings that every section shares.
//!
//! Pure functions over text; they never report. A unit is always required: `15` may be seconds to
//! one reader and minutes to the next. Used by [`section`](super::section).

use std::time::Duration;

use anteroom_core::time::Timestamp;
use toml::value::{Datetime, Offset};

const TIME_UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("min", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

const SIZE_UNITS: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// Reads `"15 min"`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    measured(text, &TIME_UNITS).map(Duration::from_millis)
}

/// Reads `"64 KiB"`.
pub(crate) fn size(text: &str) -> Option<u64> {
    measured(text, &SIZE_UNITS)
}

fn measured(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// Writes a length of time as an operator would.
pub(crate) fn in_words(span: Duration) -> String {
    let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    in_units(millis, &TIME_UNITS, "0 s")
}

/// Writes a size as an operator would.
pub(crate) fn in_bytes(size: u64) -> String {
    in_units(size, &SIZE_UNITS, "0 B")
}

fn in_units(amount: u64, units: &[(&str, u64)], zero: &str) -> String {
    let fitting = units
        .iter()
        .find(|(_, factor)| amount != 0 && amount.is_multiple_of(*factor));
    fitting.map_or_else(
        || zero.to_owned(),
        |(name, factor)| format!("{} {name}", amount / factor),
    )
}

/// A moment that has a date, a time and an offset. A local time would mean another moment on each
/// server.
pub(crate) fn timestamp(moment: &Datetime) -> Option<Timestamp> {
    let (date, time, offset) = (moment.date?, moment.time?, moment.offset?);
    let offset = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days_since_epoch(
        i64::from(date.year),
        i64::from(date.month),
        i64::from(date.day),
    );
    let minutes = days * 1_440 + i64::from(time.hour) * 60 + i64::from(time.minute) - offset;
    Some(Timestamp::from_secs(
        minutes * 60 + i64::from(time.second.unwrap_or(0)),
    ))
}

/// Days from 1970-01-01 in the Gregorian calendar (H. Hinnant, "days from civil").
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The known word that was probably meant: at most a quarter of its letters, or one, away.
pub(crate) fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    let typed = word.to_ascii_lowercase();
    let distances = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&typed, known), *known));
    let (distance, nearest) = distances.min()?;
    (distance <= 1 + nearest.len() / 4).then_some(nearest)
}

/// Text as it may be shown: in quotes, control characters escaped, cut at 60 characters.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_needs_its_unit() {
        let minutes = |count: u64| Some(Duration::from_secs(count * 60));
        for (text, meant) in [
            ("15 min", minutes(15)),
            ("15min", minutes(15)),
            ("12 h", minutes(720)),
            ("30 d", minutes(43_200)),
            ("0 s", minutes(0)),
            ("250 ms", Some(Duration::from_millis(250))),
            ("15", None),
            ("15 m", None),
            ("15  min", None),
            ("1.5 h", None),
            ("-1 h", None),
            ("h", None),
            ("", None),
            ("99999999999999999999 s", None),
            ("18446744073709551615 d", None),
        ] {
            assert_eq!(duration(text), meant, "{text}");
        }
    }

    #[test]
    fn sizes_are_powers_of_1024_and_say_so() {
        for (text, meant) in [
            ("64 KiB", Some(65_536)),
            ("1GiB", Some(1 << 30)),
            ("64 KB", None),
            ("64", None),
        ] {
            assert_eq!(size(text), meant, "{text}");
        }
        assert_eq!(in_bytes(65_536), "64 KiB");
        assert_eq!(in_bytes(1_000), "1000 B");
    }

    #[test]
    fn lengths_of_time_are_written_in_the_largest_whole_unit() {
        for (seconds, written) in [(0, "0 s"), (90, "90 s"), (3_600, "1 h"), (5_400, "90 min")] {
            assert_eq!(in_words(Duration::from_secs(seconds)), written);
        }
    }

    #[test]
    fn a_moment_without_offset_is_not_a_moment() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-03-31T18:00:00-04:00", Some(1_774_994_400)),
            ("2024-02-29T23:59:59Z", Some(1_709_251_199)),
            ("2026-03-31T18:00:00", None),
            ("2026-03-31", None),
            ("18:00:00", None),
        ] {
            let moment: Datetime = text.parse().expect("a TOML date");
            assert_eq!(
                timestamp(&moment).map(Timestamp::as_secs),
                seconds,
                "{text}"
            );
        }
    }

    #[test]
    fn a_word_is_guessed_only_when_it_is_near() {
        let known = ["code", "network", "open"];
        assert_eq!(nearest("opne", &known), Some("open"));
        assert_eq!(nearest("Netwerk", &known), Some("network"));
        assert_eq!(nearest("anybody", &known), None);
    }
}
