//! The cookie of the admin app: an opaque id, of which the store knows only the hash.
//!
//! Another name, another store, another listener than the gateway's: neither is worth anything at
//! the other (advisory I8). Never decides whose it is: [`proof`](super::proof) does.

use anteroom_core::ids::SessionHash;
use data_encoding::BASE64URL_NOPAD;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use ring::digest;
use zeroize::Zeroizing;

/// Its name over TLS: no other host and no path can set it (RFC 6265bis section 4.1.3.2).
const SECURE: &str = "__Host-anteroom-admin";
/// Its name on loopback without TLS.
const PLAIN: &str = "anteroom-admin";

/// The id that a browser shows. Wiped on drop.
pub(crate) struct Shown(Zeroizing<[u8; 32]>);

/// What a request shows.
pub(crate) enum Showing {
    /// Nothing of ours.
    Nothing,
    /// One id.
    One(Shown),
    /// Several: refused, never chosen from (attack C07).
    Several,
}

impl Shown {
    /// A fresh id of 32 random bytes.
    pub(crate) fn new(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// What the store knows it by.
    pub(crate) fn hash(&self) -> SessionHash {
        SessionHash(sha256(&[b"anteroom-admin/session", &self.0[..]]))
    }

    /// The word that every form of this session must bring along.
    pub(crate) fn csrf(&self) -> String {
        BASE64URL_NOPAD.encode(&sha256(&[b"anteroom-admin/form", &self.0[..]]))
    }

    /// The line that gives it to the browser, until the browser is closed.
    pub(crate) fn line(&self, tls: bool) -> HeaderValue {
        let value = BASE64URL_NOPAD.encode(&self.0[..]);
        line(tls, &value, "")
    }
}

/// The line that takes the cookie away.
pub(crate) fn taken_away(tls: bool) -> HeaderValue {
    line(tls, "", "; Max-Age=0")
}

fn line(tls: bool, value: &str, more: &str) -> HeaderValue {
    let (name, secure) = if tls {
        (SECURE, "; Secure")
    } else {
        (PLAIN, "")
    };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// What the request's cookies show.
pub(crate) fn showing(headers: &HeaderMap, tls: bool) -> Showing {
    let name = if tls { SECURE } else { PLAIN };
    let mut found: Option<Option<Shown>> = None;
    for value in headers.get_all(COOKIE) {
        for pair in value.to_str().unwrap_or_default().split(';') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if key.trim() != name {
                continue;
            }
            if found.is_some() {
                return Showing::Several;
            }
            found = Some(read(value.trim()));
        }
    }
    match found.flatten() {
        Some(shown) => Showing::One(shown),
        None => Showing::Nothing,
    }
}

fn read(value: &str) -> Option<Shown> {
    let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(value.as_bytes()).ok()?);
    let id = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
    Some(Shown::new(id))
}

/// SHA-256 over parts, each with its length before it.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[test]
    fn what_was_given_is_known_again_and_two_are_refused() {
        let shown = Shown::new([7; 32]);
        let line = shown.line(true).to_str().unwrap().to_owned();
        assert!(
            line.starts_with("__Host-anteroom-admin=")
                && line.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"),
            "{line}"
        );
        let pair = line.split(';').next().unwrap();
        let Showing::One(again) = showing(&with(&["a=b", pair]), true) else {
            panic!("not known again")
        };
        assert_eq!(again.hash(), shown.hash());
        let twice = format!("{pair}; {pair}");
        assert!(matches!(showing(&with(&[&twice]), true), Showing::Several));
        assert!(matches!(
            showing(&with(&[pair, pair]), true),
            Showing::Several
        ));
        assert!(matches!(showing(&with(&[pair]), false), Showing::Nothing));
    }

    #[test]
    fn the_forms_word_and_the_stores_hash_are_different_things() {
        let shown = Shown::new([7; 32]);
        assert_ne!(shown.csrf().as_bytes(), &shown.hash().0[..]);
        assert_ne!(shown.csrf(), BASE64URL_NOPAD.encode(&shown.hash().0));
    }
}
