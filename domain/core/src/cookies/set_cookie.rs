//! Reading a `Set-Cookie` header the way browsers do (RFC 6265bis section 5.6), because what counts
//! is what a browser would have made of it. Never stores the cookie: see `jar`.

use crate::cookies::date::cookie_date;
use crate::cookies::header::trimmed;
use crate::time::Timestamp;

/// RFC 6265bis section 5.6: browsers drop a cookie whose name and value are longer together.
const MAX_PAIR_BYTES: usize = 4096;

/// RFC 6265bis section 5.6: browsers ignore a longer attribute value.
const MAX_ATTRIBUTE_BYTES: usize = 1024;

/// The `SameSite` attribute; none given is `None` in [`SetCookie::same_site`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SameSite {
    /// `Strict`
    Strict,
    /// `Lax`
    Lax,
    /// `None`
    None,
}

impl SameSite {
    /// The attribute's value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// One `Set-Cookie` header, read.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// The name's exact bytes; may be empty.
    pub name: Vec<u8>,
    /// The value's exact bytes, quotes included.
    pub value: Vec<u8>,
    /// The path, when one is given that counts.
    pub path: Option<String>,
    /// The domain in lower case, without a leading dot.
    pub domain: Option<String>,
    /// Seconds to live; zero or less deletes.
    pub max_age: Option<i64>,
    /// `Expires` as written.
    pub expires: Option<String>,
    /// `Secure`
    pub secure: bool,
    /// `HttpOnly`
    pub http_only: bool,
    /// `SameSite`, when it has one of its three values.
    pub same_site: Option<SameSite>,
    /// `Partitioned`
    pub partitioned: bool,
}

impl SetCookie {
    /// A cookie with no attributes.
    #[must_use]
    pub fn new(name: &[u8], value: &[u8]) -> Self {
        Self {
            name: name.to_vec(),
            value: value.to_vec(),
            path: None,
            domain: None,
            max_age: None,
            expires: None,
            secure: false,
            http_only: false,
            same_site: None,
            partitioned: false,
        }
    }

    /// When the cookie ends, seen from `now`; nothing for a cookie that lives as long as the
    /// browser does.
    ///
    /// RFC 6265bis section 5.7: `Max-Age` wins over `Expires`; an unreadable date counts as none.
    #[must_use]
    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.max_age {
            Some(seconds) if seconds <= 0 => Some(Timestamp::from_millis(i64::MIN)),
            Some(seconds) => Some(now.plus(std::time::Duration::from_secs(seconds.unsigned_abs()))),
            None => self.expires.as_deref().and_then(cookie_date),
        }
    }

    /// Whether a browser that gets this at `now` removes the cookie.
    #[must_use]
    pub fn is_deletion(&self, now: Timestamp) -> bool {
        self.expires_at(now).is_some_and(|end| end <= now)
    }
}

impl std::fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A value may be a session: the name and the attributes have to do.
        f.debug_struct("SetCookie")
            .field("name", &String::from_utf8_lossy(&self.name))
            .field("path", &self.path)
            .field("max_age", &self.max_age)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Reads one `Set-Cookie` header value; nothing when a browser would ignore it whole.
#[must_use]
pub fn parse_set_cookie(header: &[u8]) -> Option<SetCookie> {
    // A tab is allowed, every other control character is not.
    if header
        .iter()
        .any(|byte| byte.is_ascii_control() && *byte != b'\t')
    {
        return None;
    }
    let mut parts = header.split(|byte| *byte == b';');
    let pair = parts.next()?;
    let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (trimmed(&pair[..at]), trimmed(&pair[at + 1..])),
        None => (&pair[..0], trimmed(pair)),
    };
    let nothing = name.is_empty() && value.is_empty();
    if nothing || name.len() + value.len() > MAX_PAIR_BYTES {
        return None;
    }
    let mut cookie = SetCookie::new(name, value);
    for part in parts {
        let (key, value) = match part.iter().position(|byte| *byte == b'=') {
            Some(at) => (trimmed(&part[..at]), trimmed(&part[at + 1..])),
            None => (trimmed(part), &part[..0]),
        };
        if value.len() <= MAX_ATTRIBUTE_BYTES {
            attribute(&mut cookie, key, value);
        }
    }
    Some(cookie)
}

/// Takes one attribute over; of several alike the last counts, also when it says "the default".
fn attribute(cookie: &mut SetCookie, key: &[u8], value: &[u8]) {
    let text = || std::str::from_utf8(value).ok().map(str::to_owned);
    match key.to_ascii_lowercase().as_slice() {
        b"expires" => {
            // RFC 6265bis section 5.6.1: an unreadable date is ignored, it does not unset an
            // earlier one.
            if let Some(date) = text().filter(|date| cookie_date(date).is_some()) {
                cookie.expires = Some(date);
            }
        }
        b"max-age" => {
            if let Some(seconds) = seconds(value) {
                cookie.max_age = Some(seconds);
            }
        }
        b"domain" => {
            let domain = text().map(|domain| domain.to_ascii_lowercase());
            let bare = domain.map(|d| d.strip_prefix('.').map_or(d.clone(), str::to_owned));
            cookie.domain = bare.filter(|domain| !domain.is_empty());
        }
        b"path" => cookie.path = text().filter(|path| path.starts_with('/')),
        b"secure" => cookie.secure = true,
        b"httponly" => cookie.http_only = true,
        b"partitioned" => cookie.partitioned = true,
        b"samesite" => {
            cookie.same_site = match value.to_ascii_lowercase().as_slice() {
                b"strict" => Some(SameSite::Strict),
                b"lax" => Some(SameSite::Lax),
                b"none" => Some(SameSite::None),
                _ => None,
            };
        }
        _ => {}
    }
}

/// RFC 6265bis section 5.6.2: digits with an optional `-`; a number too large is as good as for
/// ever.
fn seconds(value: &[u8]) -> Option<i64> {
    let (sign, digits) = match value {
        [b'-', digits @ ..] => (-1, digits),
        digits => (1, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: i64, digit: &u8| {
        sum.saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    };
    Some(sign * digits.iter().fold(0, add))
}

/// The path of a cookie that gives none (RFC 6265bis section 5.1.4).
#[must_use]
pub fn default_path(request_path: &str) -> String {
    match request_path.rfind('/') {
        Some(at) if at > 0 && request_path.starts_with('/') => request_path[..at].to_owned(),
        _ => "/".to_owned(),
    }
}

/// Whether a cookie of `cookie_path` goes with a request for `request_path` (RFC 6265bis section
/// 5.1.4).
#[must_use]
pub fn path_matches(cookie_path: &str, request_path: &str) -> bool {
    request_path
        .strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn read(header: &str) -> SetCookie {
        parse_set_cookie(header.as_bytes()).unwrap()
    }

    #[test]
    fn a_cookie_is_read_with_all_its_attributes() {
        let cookie = read(
            "DWsess=\"a%3Db=\" ; Path=/wiki/; DOMAIN=.Clinic.Test; max-age=60; \
             Expires=Wed, 21 Oct 2065 07:28:00 GMT; secure; httponly; \
             SameSite=lax; Partitioned; X=y",
        );
        let expected = SetCookie {
            path: Some("/wiki/".into()),
            domain: Some("clinic.test".into()),
            max_age: Some(60),
            expires: Some("Wed, 21 Oct 2065 07:28:00 GMT".into()),
            secure: true,
            http_only: true,
            same_site: Some(SameSite::Lax),
            partitioned: true,
            ..SetCookie::new(b"DWsess", b"\"a%3Db=\"")
        };
        assert!(cookie == expected);
    }

    #[test]
    fn odd_pairs_are_read_as_browsers_read_them() {
        assert!(
            read("lonely; Path=/")
                == SetCookie {
                    path: Some("/".into()),
                    ..SetCookie::new(b"", b"lonely")
                }
        );
        assert!(read("=v") == SetCookie::new(b"", b"v"));
        assert!(read("a=") == SetCookie::new(b"a", b""));
        assert!(read(" a = b=c ") == SetCookie::new(b"a", b"b=c"));
        let bytes = parse_set_cookie(b"a=\xff\xfe").map(|cookie| cookie.value);
        assert_eq!(bytes, Some(vec![0xff, 0xfe]));
        for ignored in [
            "",
            "=",
            " ; Path=/",
            "a=b\r\nSet-Cookie: c=d",
            "a=\0",
            "a=b; Path=/\u{7f}",
        ] {
            assert!(
                parse_set_cookie(ignored.as_bytes()).is_none(),
                "{ignored:?}"
            );
        }
        assert!(parse_set_cookie(format!("a={}", "x".repeat(4095)).as_bytes()).is_some());
        assert!(parse_set_cookie(format!("a={}", "x".repeat(4096)).as_bytes()).is_none());
    }

    #[test]
    fn of_attributes_given_twice_the_last_that_counts_counts() {
        let cookie = read("a=b; Path=/x; Path=y; Max-Age=5; Max-Age=x; SameSite=Lax; SameSite=?");
        assert_eq!(
            (cookie.path, cookie.max_age, cookie.same_site),
            (None, Some(5), None)
        );
        assert_eq!(read(&format!("a=b; Path=/{}", "x".repeat(1024))).path, None);
        let dated = read("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=soon");
        assert!(dated.is_deletion(NOW));
    }

    #[test]
    fn deletion_is_what_a_browser_takes_for_one() {
        for header in [
            "a=; Max-Age=0",
            "a=b; Max-Age=-1",
            "a=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT",
            "a=; Max-Age=-99999999999999999999999",
            "a=; Max-Age=0; Expires=Wed, 21 Oct 2065 07:28:00 GMT",
        ] {
            assert!(read(header).is_deletion(NOW), "{header}");
        }
        for header in [
            "a=",
            "a=b; Max-Age=1",
            "a=b; Max-Age=99999999999999999999999",
            "a=b; Max-Age=1; Expires=Thu, 01-Jan-1970 00:00:01 GMT",
            "a=b; Expires=0",
            "a=b; Max-Age=-",
        ] {
            assert!(!read(header).is_deletion(NOW), "{header}");
        }
    }

    #[test]
    fn default_paths_follow_the_request() {
        for (request, path) in [
            ("/", "/"),
            ("/a", "/"),
            ("/a/b", "/a"),
            ("/a/b/", "/a/b"),
            ("", "/"),
            ("x", "/"),
        ] {
            assert_eq!(default_path(request), path, "{request}");
        }
    }

    #[test]
    fn paths_match_at_segment_borders() {
        for (cookie, request) in [("/", "/a"), ("/a", "/a"), ("/a", "/a/b"), ("/a/", "/a/b")] {
            assert!(path_matches(cookie, request), "{cookie} {request}");
        }
        for (cookie, request) in [("/a", "/ab"), ("/a/", "/a"), ("/A", "/a"), ("/a/b", "/a")] {
            assert!(!path_matches(cookie, request), "{cookie} {request}");
        }
    }

    #[test]
    fn a_cookie_tells_a_log_no_value() {
        assert!(!format!("{:?}", read("sid=topsecret; Path=/")).contains("topsecret"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(header in any::<Vec<u8>>()) {
            if let Some(cookie) = parse_set_cookie(&header) {
                prop_assert!(!cookie.name.contains(&b';') && !cookie.value.contains(&b';'));
                prop_assert!(!cookie.name.contains(&b'='));
            }
        }
    }
}
