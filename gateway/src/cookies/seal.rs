//! Sealing the app's cookies for one upstream session (DESIGN 5.3).
//!
//! What the browser holds is `base64url(version ‖ nonce ‖ XChaCha20-Poly1305(attributes ‖ value))`,
//! bound to app and cookie name as associated data, under a key that belongs to the *upstream*
//! session. A planted, copied or swapped value therefore does not open (attacks A01, B18, B19). The
//! attributes travel inside, so that release can re-issue a cookie whose path the browser would
//! never show us (`DESIGN-CASES` 3b). Never decides which cookies are sealed (`transform`).

use anteroom_core::ids::AppName;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;

/// The first byte of every sealed value; another format gets another number.
const VERSION: u8 = 1;
const NONCE: usize = 24;
/// Browsers drop a cookie whose name and value exceed 4096 bytes, without a word (`DESIGN-CASES`
/// 28).
pub const LONGEST: usize = 4000;

/// What a sealed cookie holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contents {
    /// The `Path` the app gave, or the default path of the answer that set it.
    pub path: String,
    /// When it ends, in milliseconds since the epoch; `None` for a session cookie.
    pub expires: Option<i64>,
    /// `HttpOnly` was given.
    pub http_only: bool,
    /// `SameSite` as given: 0 none given, 1 Strict, 2 Lax, 3 None.
    pub same_site: u8,
    /// The exact value, or a handle to one that is kept in the session record.
    pub value: Value,
}

/// The app's value, or where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// The upstream's exact bytes, quotes included.
    Here(Vec<u8>),
    /// Too large for a cookie: kept in the session record under name and path.
    Kept,
}

/// Seals and opens the cookies of one upstream session.
pub struct Sealer<'s> {
    cipher: XChaCha20Poly1305,
    app: &'s AppName,
}

impl<'s> Sealer<'s> {
    /// A sealer for the session that owns `key`.
    #[must_use]
    pub fn new(key: &[u8; 32], app: &'s AppName) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(key.into()),
            app,
        }
    }

    /// Seals; `nonce` must be fresh random bytes.
    #[must_use]
    pub fn seal(&self, name: &[u8], contents: &Contents, nonce: [u8; NONCE]) -> Option<String> {
        let plain = encode(contents);
        let aad = self.associated(name);
        let payload = Payload {
            msg: &plain,
            aad: &aad,
        };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        let mut bytes = Vec::with_capacity(1 + NONCE + sealed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Some(BASE64URL_NOPAD.encode(&bytes))
    }

    /// Opens a value that this session was given under this name; `None` for everything else.
    #[must_use]
    pub fn open(&self, name: &[u8], value: &[u8]) -> Option<Contents> {
        // A sealed value is never shorter, and a foreign one usually is: refuse before decoding.
        if value.len() < (1 + NONCE + 16) * 4 / 3 || value.len() > 2 * LONGEST {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(value).ok()?;
        let (&version, rest) = bytes.split_first()?;
        if version != VERSION {
            return None;
        }
        let (nonce, sealed) = rest.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let aad = self.associated(name);
        let plain = self
            .cipher
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: sealed,
                    aad: &aad,
                },
            )
            .ok()?;
        decode(&plain)
    }

    fn associated(&self, name: &[u8]) -> Vec<u8> {
        [
            b"anteroom cookie\0",
            self.app.as_str().as_bytes(),
            b"\0",
            name,
        ]
        .concat()
    }
}

fn encode(contents: &Contents) -> Vec<u8> {
    let path = contents.path.as_bytes();
    let path = &path[..path.len().min(usize::from(u16::MAX))];
    let (kept, value): (u8, &[u8]) = match &contents.value {
        Value::Here(value) => (0, value),
        Value::Kept => (1, &[]),
    };
    let flags = u8::from(contents.http_only) | contents.same_site << 1 | kept << 3;
    let mut out = Vec::with_capacity(11 + path.len() + value.len());
    out.push(flags);
    out.extend_from_slice(&contents.expires.unwrap_or(0).to_be_bytes());
    out.extend_from_slice(&u16::try_from(path.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(path);
    out.extend_from_slice(value);
    out
}

fn decode(plain: &[u8]) -> Option<Contents> {
    let (&flags, rest) = plain.split_first()?;
    let (expires, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (path, value) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let expires = i64::from_be_bytes(*expires);
    Some(Contents {
        path: String::from_utf8(path.to_vec()).ok()?,
        expires: (expires != 0).then_some(expires),
        http_only: flags & 1 == 1,
        same_site: flags >> 1 & 3,
        value: if flags >> 3 & 1 == 1 {
            Value::Kept
        } else {
            Value::Here(value.to_vec())
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        Contents {
            path: "/examples".into(),
            expires: Some(1_800_000_000_000),
            http_only: true,
            same_site: 1,
            value: Value::Here(b"\"quoted, odd\"".to_vec()),
        }
    }

    #[test]
    fn a_value_opens_only_for_its_key_app_and_name() {
        let app = AppName::new("emr");
        let other = AppName::new("emr2");
        let sealer = Sealer::new(&[1; 32], &app);
        let sealed = sealer.seal(b"JSESSIONID", &contents(), [9; 24]).unwrap();
        assert_eq!(
            sealer.open(b"JSESSIONID", sealed.as_bytes()),
            Some(contents())
        );
        assert_eq!(sealer.open(b"jsessionid", sealed.as_bytes()), None);
        assert_eq!(
            Sealer::new(&[2; 32], &app).open(b"JSESSIONID", sealed.as_bytes()),
            None
        );
        assert_eq!(
            Sealer::new(&[1; 32], &other).open(b"JSESSIONID", sealed.as_bytes()),
            None
        );
        assert!(!sealed.contains("quoted"));
    }

    #[test]
    fn nothing_that_we_did_not_seal_opens() {
        let app = AppName::new("emr");
        let sealer = Sealer::new(&[1; 32], &app);
        for raw in [
            "",
            "attackerchosen1234567890abc",
            "AAAA",
            &"A".repeat(80),
            &"A".repeat(9000),
        ] {
            assert_eq!(sealer.open(b"PHPSESSID", raw.as_bytes()), None);
        }
    }
}
