//! The app's cookies on their way to the browser: sealed, tied to this host, never ours (DESIGN
//! 5.3).
//!
//! `Domain` is removed, `Secure` added where there is TLS, and a name of ours is never let through
//! (attack C13). Writes header values only; which key seals is the caller's choice.

use anteroom_core::cookies::{JarCookie, SetCookie, default_path};
use anteroom_core::profile::{CookieMode, CookieRules};
use anteroom_core::time::Timestamp;

use super::seal::{Contents, LONGEST, Sealer, Value};
use super::{same_site_code, token};

/// What the browser gets, and what the session has to remember for it.
#[derive(Debug, PartialEq, Eq)]
pub enum Sent {
    /// A complete `Set-Cookie` value.
    Line(Vec<u8>),
    /// The same, and the raw value must be remembered as given to this session.
    Bound(Vec<u8>, [u8; 32]),
    /// The same, and the value itself is too large for the browser: keep it under name and path.
    Kept(Vec<u8>),
    /// Nothing: a name of ours, or a value that cannot be sealed.
    Dropped,
}

/// Turns one cookie of an app into what the browser may hold.
#[must_use]
pub fn send(
    cookie: &JarCookie,
    deletes: bool,
    sealer: &Sealer<'_>,
    rules: &CookieRules,
    secure: bool,
    nonce: [u8; 24],
) -> Sent {
    if is_ours(&cookie.name) {
        return Sent::Dropped;
    }
    if deletes {
        return Sent::Line(write(cookie, b"", true, secure));
    }
    match rules.mode(&cookie.name) {
        CookieMode::Plain => Sent::Line(write(cookie, &cookie.value, false, secure)),
        CookieMode::Bind => {
            let print = super::incoming::fingerprint(&cookie.name, &cookie.value);
            Sent::Bound(write(cookie, &cookie.value, false, secure), print)
        }
        CookieMode::Seal => seal(cookie, sealer, secure, nonce),
    }
}

fn seal(cookie: &JarCookie, sealer: &Sealer<'_>, secure: bool, nonce: [u8; 24]) -> Sent {
    let mut contents = Contents {
        path: cookie.path.clone(),
        expires: cookie.expires_at.map(Timestamp::as_millis),
        http_only: cookie.http_only,
        same_site: same_site_code(cookie.same_site),
        value: Value::Here(cookie.value.clone()),
    };
    let Some(sealed) = sealer.seal(&cookie.name, &contents, nonce) else {
        return Sent::Dropped;
    };
    if cookie.name.len() + sealed.len() <= LONGEST {
        return Sent::Line(write(cookie, sealed.as_bytes(), false, secure));
    }
    contents.value = Value::Kept;
    match sealer.seal(&cookie.name, &contents, nonce) {
        Some(handle) => Sent::Kept(write(cookie, handle.as_bytes(), false, secure)),
        None => Sent::Dropped,
    }
}

/// A cookie as the upstream set it, ready for the jar's form: path filled in, age made absolute.
#[must_use]
pub fn as_set(cookie: &SetCookie, request_path: &str, now: Timestamp) -> JarCookie {
    let path = match &cookie.path {
        Some(path) if path.starts_with('/') => path.clone(),
        _ => default_path(request_path),
    };
    let mut out = JarCookie::sent(&cookie.name, &cookie.value, &path);
    out.expires_at = cookie.expires_at(now);
    out.secure = cookie.secure;
    out.http_only = cookie.http_only;
    out.same_site = cookie.same_site;
    out
}

/// Whether a name is ours under any reading of case: the session's, or one that begins with it and
/// `-` (the proofs, the wanted page, the language).
#[must_use]
pub fn is_ours(name: &[u8]) -> bool {
    [token::NAME, token::DEVELOPMENT_NAME].iter().any(|ours| {
        let ours = ours.as_bytes();
        let (start, rest) = name.split_at(ours.len().min(name.len()));
        start.eq_ignore_ascii_case(ours) && matches!(rest.first(), None | Some(b'-'))
    })
}

fn write(cookie: &JarCookie, value: &[u8], deletes: bool, secure: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(cookie.name.len() + value.len() + 64);
    out.extend_from_slice(&cookie.name);
    out.push(b'=');
    out.extend_from_slice(value);
    out.extend_from_slice(b"; Path=");
    out.extend_from_slice(cookie.path.as_bytes());
    if deletes {
        out.extend_from_slice(b"; Max-Age=0");
    } else if let Some(end) = cookie.expires_at {
        out.extend_from_slice(b"; Expires=");
        out.extend_from_slice(http_date(end).as_bytes());
    }
    if cookie.http_only {
        out.extend_from_slice(b"; HttpOnly");
    }
    if secure {
        out.extend_from_slice(b"; Secure");
    }
    if let Some(same_site) = cookie.same_site {
        // `None` without `Secure` is refused by browsers: on plain loopback it is left out.
        if secure || same_site != anteroom_core::cookies::SameSite::None {
            out.extend_from_slice(b"; SameSite=");
            out.extend_from_slice(same_site.name().as_bytes());
        }
    }
    out
}

/// RFC 9110 section 5.6.7 date, by the `cookie` crate's own clockless formatter.
fn http_date(moment: Timestamp) -> String {
    use cookie::time::OffsetDateTime;
    let date =
        OffsetDateTime::from_unix_timestamp(moment.as_secs()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (hour, minute, second) = date.to_hms();
    let weekday = date.weekday().to_string();
    let month = date.month().to_string();
    format!(
        "{}, {:02} {} {:04} {hour:02}:{minute:02}:{second:02} GMT",
        &weekday[..3],
        date.day(),
        &month[..3],
        date.year(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use anteroom_core::ids::AppName;

    #[test]
    fn a_sealed_cookie_keeps_its_path_and_loses_its_domain() {
        let app = AppName::new("emr");
        let sealer = Sealer::new(&[3; 32], &app);
        let text = b"S=secret; Domain=clinic.test; Path=/app; HttpOnly; SameSite=Strict";
        let set = anteroom_core::cookies::parse_set_cookie(text).unwrap();
        let now = Timestamp::from_secs(1_800_000_000);
        let cookie = as_set(&set, "/app/login", now);
        let rules = CookieRules::default();
        let Sent::Line(line) = send(&cookie, false, &sealer, &rules, true, [1; 24]) else {
            panic!("not sealed");
        };
        let line = String::from_utf8(line).unwrap();
        assert!(
            line.contains("; Path=/app; HttpOnly; Secure; SameSite=Strict"),
            "{line}"
        );
        assert!(!line.contains("secret") && !line.contains("Domain"));
    }

    #[test]
    fn a_value_too_large_for_a_browser_is_kept_by_us() {
        let app = AppName::new("emr");
        let sealer = Sealer::new(&[3; 32], &app);
        let cookie = JarCookie::sent(b"S", &[b'x'; 3500], "/");
        let Sent::Kept(line) = send(
            &cookie,
            false,
            &sealer,
            &CookieRules::default(),
            true,
            [1; 24],
        ) else {
            panic!("not kept");
        };
        assert!(line.len() < 300);
    }

    #[test]
    fn nobody_else_sets_our_cookie() {
        let app = AppName::new("emr");
        let sealer = Sealer::new(&[3; 32], &app);
        for name in [
            "__Host-anteroom",
            "__host-ANTEROOM",
            "anteroom-dev",
            "__Host-anteroom-bound",
            "__Host-anteroom-to",
            "__host-Anteroom-language",
            "anteroom-dev-language",
            "__Host-anteroom-device",
            "anteroom-dev-device",
        ] {
            let cookie = JarCookie::sent(name.as_bytes(), b"x", "/");
            let sent = send(
                &cookie,
                false,
                &sealer,
                &CookieRules::default(),
                true,
                [1; 24],
            );
            assert_eq!(sent, Sent::Dropped);
        }
    }

    #[test]
    fn dates_are_written_as_http_wants_them() {
        assert_eq!(
            http_date(Timestamp::from_secs(784_111_777)),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
    }
}
