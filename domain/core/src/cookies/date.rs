//! The date of a cookie's `Expires` attribute, read as leniently as browsers read it (RFC 6265
//! section 5.1.1).

use crate::time::Timestamp;

/// Reads a cookie date; nothing when browsers would not read one.
#[must_use]
pub fn cookie_date(text: &str) -> Option<Timestamp> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(found) = time_of(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number_of(token, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number_of(token, 2, 4)
        {
            year = Some(found);
        }
    }
    let ((hour, minute, second), day, month) = (time?, day?, month?);
    let year = match year? {
        short @ 70..=99 => short + 1900,
        short @ 0..=69 => short + 2000,
        year => year,
    };
    if year < 1601 || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let of_day = hour * 3600 + minute * 60 + second;
    Some(Timestamp::from_secs(
        days_since_epoch(year, month, day) * 86_400 + of_day,
    ))
}

/// RFC 6265 section 5.1.1: `delimiter`. What is not ASCII is part of a token.
fn is_delimiter(c: char) -> bool {
    matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

/// `1*2DIGIT ":" 1*2DIGIT ":" 1*2DIGIT`, with anything but a digit after it.
fn time_of(token: &str) -> Option<(i64, i64, i64)> {
    let mut parts = token.splitn(3, ':');
    let whole = |part: &str| {
        if part.len() <= 2 {
            part.parse::<u8>().ok()
        } else {
            None
        }
    };
    let (hour, minute) = (whole(parts.next()?)?, whole(parts.next()?)?);
    let second = number_of(parts.next()?, 1, 2)?;
    let sane = hour <= 23 && minute <= 59 && second <= 59;
    sane.then_some((i64::from(hour), i64::from(minute), second))
}

/// A number of `least` to `most` digits at the start of a token, with anything but a digit after
/// it.
fn number_of(token: &str, least: usize, most: usize) -> Option<i64> {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    if (least..=most).contains(&digits) {
        token.get(..digits)?.parse().ok()
    } else {
        None
    }
}

fn month_of(token: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let start = token.get(..3)?;
    let found = MONTHS
        .iter()
        .position(|month| start.eq_ignore_ascii_case(month))?;
    i64::try_from(found + 1).ok()
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counted from a March-based year.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secs(text: &str) -> Option<i64> {
        cookie_date(text).map(Timestamp::as_secs)
    }

    #[test]
    fn the_spellings_seen_in_the_wild_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "6 november 1994 8:49:37",
            "Sun, 06-Nov-1994 08:49:37 GMT",
        ] {
            assert_eq!(secs(text), Some(784_111_777), "{text}");
        }
        assert_eq!(secs("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(secs("Thu, 01-Jan-1970 00:00:10 GMT"), Some(10));
        assert_eq!(secs("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
        assert_eq!(secs("Fri, 31 Dec 9999 23:59:59 GMT"), Some(253_402_300_799));
    }

    #[test]
    fn what_browsers_do_not_read_is_no_date() {
        for text in [
            "",
            "0",
            "-1",
            "Session",
            "Sun, 06 Nov 1994",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Wed, 30 Feb 2000 00:00:00 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Mon, 06 Nov 1600 08:49:37 GMT",
            "06 Nov 19940 08:49:37",
        ] {
            assert_eq!(secs(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = cookie_date(&text);
        }

        #[test]
        fn the_day_count_grows_by_one_a_day(days in -100_000_i64..3_000_000) {
            // Walks the calendar by its own rules and compares with the closed formula.
            let (mut year, mut rest) = (1601 + days.rem_euclid(2000), days.rem_euclid(365));
            let mut month = 1;
            while rest >= days_in(year, month) {
                rest -= days_in(year, month);
                month += 1;
            }
            let here = days_since_epoch(year, month, rest + 1);
            let (next_month, next_day) = match rest + 2 > days_in(year, month) {
                true => (month + 1, 1),
                false => (month, rest + 2),
            };
            let next_month = if next_month == 13 { year += 1; 1 } else { next_month };
            prop_assert_eq!(days_since_epoch(year, next_month, next_day), here + 1);
        }
    }
}
