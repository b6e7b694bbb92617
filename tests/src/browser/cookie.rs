//! One `Set-Cookie` line, read as RFC 6265bis tells browsers to read it.
//! Never decides whether a cookie is stored or sent; that is `jar`.

use crate::world::TestClock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    Strict,
    Lax,
    None,
    /// Not said: treated as Lax here, as Chromium does, without its grace of two minutes for POST.
    Unset,
}

/// A cookie as its line says it, before the jar has looked at where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    pub name: String,
    pub value: String,
    pub domain: Option<String>,
    pub path: Option<String>,
    pub secure: bool,
    pub http_only: bool,
    pub same_site: SameSite,
    /// Unix milliseconds; `None` lives as long as the browser.
    pub expires: Option<i64>,
}

/// Name and value together (RFC 6265bis section 5.6), and each attribute.
const PAIR_LIMIT: usize = 4096;
const ATTRIBUTE_LIMIT: usize = 1024;

impl SetCookie {
    pub fn parse(line: &str, clock: &TestClock) -> Option<Self> {
        if line.bytes().any(|b| matches!(b, 0..=8 | 10..=31 | 127)) {
            return None;
        }
        let mut parts = line.split(';');
        let pair = parts.next()?;
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (name.trim(), value.trim());
        if name.len() + value.len() > PAIR_LIMIT || (name.is_empty() && value.is_empty()) {
            return None;
        }
        let mut cookie = Self {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: None,
            path: None,
            secure: false,
            http_only: false,
            same_site: SameSite::Unset,
            expires: None,
        };
        let mut max_age = None;
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if value.len() > ATTRIBUTE_LIMIT {
                continue;
            }
            match name.as_str() {
                "expires" => cookie.expires = parse_date(value).or(cookie.expires),
                "max-age" => max_age = age(value).or(max_age),
                "domain" => cookie.domain = domain(value),
                "path" => cookie.path = value.starts_with('/').then(|| value.to_owned()),
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "samesite" => cookie.same_site = same_site(value),
                _ => {}
            }
        }
        if let Some(seconds) = max_age {
            // Max-Age wins over Expires, wherever it stands.
            cookie.expires = Some(clock.now_ms().saturating_add(seconds.saturating_mul(1000)));
        }
        Some(cookie)
    }
}

fn domain(value: &str) -> Option<String> {
    let value = value.strip_prefix('.').unwrap_or(value);
    (!value.is_empty()).then(|| value.to_ascii_lowercase())
}

fn age(value: &str) -> Option<i64> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let sound = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // Too long to be a number is as good as for ever.
    sound.then(|| value.parse().unwrap_or(i64::MAX / 4000))
}

fn same_site(value: &str) -> SameSite {
    match value.to_ascii_lowercase().as_str() {
        "strict" => SameSite::Strict,
        "lax" => SameSite::Lax,
        "none" => SameSite::None,
        _ => SameSite::Unset,
    }
}

/// RFC 6265 section 5.1.1, which takes every date format ever seen. Unix milliseconds.
fn parse_date(text: &str) -> Option<i64> {
    const MONTHS: &str = "janfebmaraprmayjunjulaugsepoctnovdec";
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':')) {
        let number = token.parse::<i64>().ok();
        if time.is_none() && token.contains(':') {
            let mut hms = token.split(':').map(|part| part.parse::<i64>().ok());
            let (h, m, s) = (hms.next()??, hms.next()??, hms.next()??);
            time = Some(h * 3600 + m * 60 + s);
        } else if day.is_none() && token.len() <= 2 && number.is_some() {
            day = number;
        } else if month.is_none() && token.len() >= 3 && number.is_none() {
            let name = token[..3].to_ascii_lowercase();
            month = MONTHS
                .find(&name)
                .filter(|at| at % 3 == 0)
                .map(|at| at as i64 / 3);
        } else if year.is_none() {
            year = number.map(|year| match year {
                0..=69 => year + 2000,
                70..=99 => year + 1900,
                _ => year,
            });
        }
    }
    let days = days_since_1970(year?, month?, day?);
    Some((days * 86_400 + time?) * 1000)
}

/// The civil calendar, counted from March so that leap days fall at the end. `month` from 0.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 2 { year - 1 } else { year };
    let month_from_march = (month + 10) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719468 days lie between 1 March of year 0 and 1 January 1970.
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<SetCookie> {
        SetCookie::parse(line, &TestClock::new())
    }

    #[test]
    fn attributes_are_read_whatever_their_case_and_order() {
        let line =
            "JSESSIONID=AB=C; path=/examples; HTTPONLY; samesite=STRICT; Secure; Domain=.X.Test";
        let cookie = read(line).unwrap();
        assert_eq!(
            (cookie.name.as_str(), cookie.value.as_str()),
            ("JSESSIONID", "AB=C")
        );
        assert_eq!(cookie.path.as_deref(), Some("/examples"));
        assert_eq!(cookie.domain.as_deref(), Some("x.test"));
        assert!(cookie.http_only && cookie.secure);
        assert_eq!((cookie.same_site, cookie.expires), (SameSite::Strict, None));
    }

    #[test]
    fn dates_of_every_age_are_read_and_max_age_wins() {
        let clock = TestClock::new();
        for date in [
            "Thu, 01 Jan 1970 00:00:01 GMT",
            "Thursday, 01-Jan-70 00:00:01 GMT",
            "Thu Jan  1 00:00:01 1970",
        ] {
            assert_eq!(
                read(&format!("a=b; Expires={date}")).unwrap().expires,
                Some(1000)
            );
        }
        let date = read("a=b; expires=Mon, 02-Mar-2026 08:00:00 GMT")
            .unwrap()
            .expires;
        assert_eq!(date, Some(clock.now_ms()));
        let both = read("a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:01 GMT").unwrap();
        assert_eq!(both.expires, Some(clock.now_ms() + 60_000));
        assert_eq!(read("a=b; Max-Age=soon").unwrap().expires, None);
    }

    #[test]
    fn a_cookie_too_large_or_with_control_bytes_vanishes_without_a_word() {
        assert!(read(&format!("a={}", "x".repeat(4095))).is_some());
        assert!(read(&format!("a={}", "x".repeat(4096))).is_none());
        assert!(read("a=b\u{1}c").is_none());
        assert!(read("=; Path=/").is_none());
        assert_eq!(read("nameless").unwrap().value, "nameless");
    }
}
