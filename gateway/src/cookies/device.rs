//! The cookie of a remembered device: a selector that finds its record, and a token that changes
//! with every use.
//!
//! Opaque and without meaning of its own: everything stands in the store, which knows only the
//! token's hash. Never goes upstream. What one is worth is judged by `anteroom_core::device`;
//! `crate::sign_in::remembered` carries it out.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use zeroize::Zeroizing;

use crate::gateway::cookie_value;
use crate::keys::sha256;

/// The cookie's name where there is TLS.
pub const NAME: &str = "__Host-anteroom-device";
/// The cookie's name on plain loopback.
pub const DEVELOPMENT_NAME: &str = "anteroom-dev-device";

const SELECTOR: usize = 16;
const TOKEN: usize = 32;

/// What a browser holds. No `Debug`: the token is worth a code.
#[derive(Clone)]
pub struct DeviceCookie {
    /// Finds the record.
    pub selector: [u8; SELECTOR],
    token: Zeroizing<[u8; TOKEN]>,
}

impl DeviceCookie {
    /// A cookie of a selector and 32 random bytes.
    #[must_use]
    pub fn new(selector: [u8; SELECTOR], token: [u8; TOKEN]) -> Self {
        let token = Zeroizing::new(token);
        Self { selector, token }
    }

    /// Reads the cookie of a request; `None` for none, or one that has not our shape.
    #[must_use]
    pub fn of(headers: &HeaderMap, secure: bool) -> Option<Self> {
        let value = cookie_value(headers, name(secure))?;
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(value).ok()?);
        let (selector, token) = bytes.split_at_checked(SELECTOR)?;
        Some(Self::new(selector.try_into().ok()?, token.try_into().ok()?))
    }

    /// What the store knows of the token.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[b"remembered device\0", self.token.as_ref()])
    }

    /// The whole `Set-Cookie` value.
    #[must_use]
    pub fn line(&self, secure: bool, lasts: Duration) -> String {
        let bytes = Zeroizing::new([&self.selector[..], self.token.as_ref()].concat());
        let value = BASE64URL_NOPAD.encode(&bytes);
        let (name, seconds) = (name(secure), lasts.as_secs());
        let attributes = if secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{attributes}")
    }
}

/// The cookie's name.
#[must_use]
pub const fn name(secure: bool) -> &'static str {
    if secure { NAME } else { DEVELOPMENT_NAME }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    fn sent(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let line = format!("a=b; {NAME}={value}");
        headers.insert(COOKIE, line.parse().unwrap());
        headers
    }

    #[test]
    fn what_is_written_is_read_back() {
        let cookie = DeviceCookie::new([1; 16], [2; 32]);
        let line = cookie.line(true, Duration::from_secs(60));
        assert!(line.ends_with("; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"));
        let value = line.split([';', '=']).nth(1).unwrap();
        let read = DeviceCookie::of(&sent(value), true).unwrap();
        assert_eq!(
            (read.selector, read.hash()),
            (cookie.selector, cookie.hash())
        );
        assert!(DeviceCookie::of(&sent(value), false).is_none());
    }

    #[test]
    fn other_shapes_are_no_cookie() {
        for value in ["", "AAAA", "!", &"A".repeat(63), &"A".repeat(65)] {
            assert!(DeviceCookie::of(&sent(value), true).is_none(), "{value}");
        }
    }
}
