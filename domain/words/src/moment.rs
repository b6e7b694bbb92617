//! Moments as a person writes them: `10:42 UTC on 1 March`, `le 1er mars`, `1 de marzo`.
//!
//! Always UTC and always said so; what is read later names the year too. Never reads a clock, and
//! holds no sentence: those are in `messages/LANGUAGE/time.ftl`.

use anteroom_core::time::Timestamp;

use crate::{Language, Value, say};

/// `10:42 UTC`.
#[must_use]
pub fn clock(language: Language, at: Timestamp) -> String {
    let minutes = at.as_secs().div_euclid(60);
    let two = |number: i64| Value::from(format!("{number:02}"));
    let hour = two(minutes.div_euclid(60).rem_euclid(24));
    let minute = two(minutes.rem_euclid(60));
    say(language, "clock", &[("hour", hour), ("minute", minute)])
}

/// `10:42 UTC on 1 March`: for what lasts for days.
#[must_use]
pub fn within_the_year(language: Language, at: Timestamp) -> String {
    let values = [
        ("clock", clock(language, at).into()),
        ("date", date(language, at).into()),
    ];
    say(language, "moment", &values)
}

/// `1 March 2031, 10:42 UTC`: for what may be read years later.
#[must_use]
pub fn whole(language: Language, at: Timestamp) -> String {
    let (year, _, _) = at.utc_date();
    let values = [
        ("date", date(language, at).into()),
        // As text: a year is not grouped as other numbers are.
        ("year", year.to_string().into()),
        ("clock", clock(language, at).into()),
    ];
    say(language, "moment-whole", &values)
}

/// `1 March`.
fn date(language: Language, at: Timestamp) -> String {
    let (_, month, day) = at.utc_date();
    let counted = |number: i64| Value::Count(number.unsigned_abs());
    let month = say(language, "month", &[("month", counted(month))]);
    let values = [("day", counted(day)), ("month", month.into())];
    say(language, "date", &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_secs(1_930_154_405);

    #[test]
    fn each_language_writes_a_moment_in_its_own_way() {
        let first = AT;
        let later = Timestamp::from_secs(1_930_154_405 + 86_400 * 9);
        for (language, year, days) in [
            (
                Language::En,
                "1 March 2031, 18:00 UTC",
                "18:00 UTC on 10 March",
            ),
            (
                Language::Fr,
                "1er mars 2031, 18\u{a0}h\u{a0}00 UTC",
                "18\u{a0}h\u{a0}00 UTC, le 10 mars",
            ),
            (
                Language::Es,
                "1 de marzo de 2031, 18:00 UTC",
                "18:00 UTC del 10 de marzo",
            ),
        ] {
            assert_eq!(whole(language, first), year);
            assert_eq!(within_the_year(language, later), days);
        }
    }

    #[test]
    fn every_month_has_a_name_and_times_before_1970_are_times() {
        for language in Language::ALL {
            let names: std::collections::BTreeSet<String> = (0..12)
                .map(|month| date(language, Timestamp::from_secs(month * 2_630_000 + 86_400)))
                .collect();
            assert_eq!(names.len(), 12, "{names:?}");
        }
        assert_eq!(clock(Language::En, Timestamp::from_secs(-1)), "23:59 UTC");
    }
}
