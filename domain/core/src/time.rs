//! Moments, as the rest of the core sees them: milliseconds since the Unix epoch, handed in from
//! outside.
//!
//! Never reads a clock. The one clock of the tree is `anteroom-config`'s `ambient` module.

use std::time::Duration;

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Arithmetic saturates, it never panics.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The moment `secs` seconds after the Unix epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment `span` later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// The moment `span` earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long after `earlier` this moment lies; zero when it does not.
    ///
    /// A clock that jumped back therefore makes an age of zero, never a negative one (attack F09).
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The date in UTC, as year, month and day of the Gregorian calendar.
    ///
    /// Years begin on 1 March inside, so that the leap day is a year's last one (Hinnant,
    /// "chrono-compatible low-level date algorithms").
    #[must_use]
    pub const fn utc_date(self) -> (i64, i64, i64) {
        let shifted = self.0.div_euclid(86_400_000) + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + (month <= 2) as i64;
        (year, month, day)
    }

    /// `2031-03-01T18:00:05.250Z` (RFC 3339).
    #[must_use]
    pub fn rfc3339(self) -> String {
        let (year, month, day) = self.utc_date();
        let ms = self.0.rem_euclid(86_400_000);
        let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
        let (second, millis) = (ms / 1000 % 60, ms % 1000);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }

    /// The first moment of a date in UTC; `None` when there is no such day.
    #[must_use]
    pub fn of_utc_date(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(0..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // The same algorithm backwards.
        let year_from_march = if month <= 2 { year - 1 } else { year };
        let era = year_from_march.div_euclid(400);
        let year_of_era = year_from_march.rem_euclid(400);
        let from_march = (month + 9) % 12;
        let of_year = (153 * from_march + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        let moment = Self::from_secs((era * 146_097 + of_era - 719_468) * 86_400);
        (moment.utc_date() == (year, month, day)).then_some(moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back_and_days_that_are_none_are_none() {
        for (secs, date) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (951_782_400, (2000, 2, 29)),
            (4_107_542_400, (2100, 3, 1)),
        ] {
            let moment = Timestamp::from_secs(secs);
            assert_eq!(moment.utc_date(), date);
            let midnight = Timestamp::of_utc_date(date.0, date.1, date.2).unwrap();
            assert_eq!(midnight.as_secs(), secs.div_euclid(86_400) * 86_400);
        }
        for (year, month, day) in [(2100, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 1, 0)] {
            assert_eq!(Timestamp::of_utc_date(year, month, day), None);
        }
    }
}
