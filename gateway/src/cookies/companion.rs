//! Proof of bound cookies while there is no session record: a MAC in a cookie of its own
//! (`DESIGN-CASES` 19).
//!
//! Apps whose scripts rewrite their cookie (`bind`) leave the raw value in the browser. A verified
//! session remembers the values it gave out; an anonymous one has no record, so each value it was
//! given is proved by `MAC(session, value)` in a companion cookie. Holds at most [`MOST`] proofs,
//! oldest out first.

use anteroom_core::ids::{AppName, SessionId};
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use subtle::ConstantTimeEq;

use crate::keys::KeySet;

/// The companion's name where there is TLS.
pub const NAME: &str = "__Host-anteroom-bound";
/// The companion's name on plain loopback.
pub const DEVELOPMENT_NAME: &str = "anteroom-dev-bound";
/// How many values are proved at a time.
pub const MOST: usize = 16;

const TAG: usize = 16;

/// The proofs of one anonymous session.
pub struct Companion {
    key: hmac::Key,
    tags: Vec<[u8; TAG]>,
}

impl Companion {
    /// Reads a companion cookie; one that is not ours proves nothing.
    #[must_use]
    pub fn read(keys: &KeySet, app: &AppName, id: &SessionId, value: Option<&[u8]>) -> Self {
        let secret = keys.for_session("bound cookies", app, id);
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref());
        let bytes = value
            .and_then(|value| BASE64URL_NOPAD.decode(value).ok())
            .unwrap_or_default();
        let tags = bytes
            .chunks_exact(TAG)
            .take(MOST)
            .filter_map(|tag| tag.try_into().ok())
            .collect();
        Self { key, tags }
    }

    fn tag(&self, print: &[u8; 32]) -> [u8; TAG] {
        let mut out = [0_u8; TAG];
        out.copy_from_slice(&hmac::sign(&self.key, print).as_ref()[..TAG]);
        out
    }

    /// Whether this value was given to this session.
    #[must_use]
    pub fn proves(&self, print: &[u8; 32]) -> bool {
        let wanted = self.tag(print);
        self.tags.iter().any(|tag| bool::from(tag.ct_eq(&wanted)))
    }

    /// Adds a proof.
    pub fn add(&mut self, print: &[u8; 32]) {
        let tag = self.tag(print);
        self.tags.retain(|old| *old != tag);
        self.tags.insert(0, tag);
        self.tags.truncate(MOST);
    }

    /// The cookie's value.
    #[must_use]
    pub fn value(&self) -> String {
        BASE64URL_NOPAD.encode(&self.tags.concat())
    }
}

/// The companion's name.
#[must_use]
pub const fn name(secure: bool) -> &'static str {
    if secure { NAME } else { DEVELOPMENT_NAME }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;

    #[test]
    fn a_proof_holds_for_its_session_and_value_only() {
        let keys = Keys::new(&[("k".into(), [5; 32])]);
        let set = keys.current().unwrap();
        let app = AppName::new("emr");
        let (one, two) = (SessionId::new([1; 32]), SessionId::new([2; 32]));
        let mut companion = Companion::read(set, &app, &one, None);
        companion.add(&[9; 32]);
        let value = companion.value();
        let again = Companion::read(set, &app, &one, Some(value.as_bytes()));
        assert!(again.proves(&[9; 32]));
        assert!(!again.proves(&[8; 32]));
        assert!(!Companion::read(set, &app, &two, Some(value.as_bytes())).proves(&[9; 32]));
    }
}
