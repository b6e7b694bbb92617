//! The keys of the gateway, each derived for one purpose from the key file's keys.
//!
//! HKDF-SHA256 (RFC 5869) with a distinct info string per purpose: no key is ever used for two
//! things (attack G10), and knowing one tells nothing about another. Never reads files
//! (`anteroom-config::keys`) and never prints itself.

use anteroom_core::ids::{AppName, SessionHash, SessionId};
use jsonwebtoken::{DecodingKey, EncodingKey};
use ring::{digest, hkdf, hmac};
use zeroize::Zeroizing;

/// One 256-bit secret that wipes itself.
pub type Secret = Zeroizing<[u8; 32]>;

/// The keys derived from one entry of the key file.
pub struct KeySet {
    /// The entry's name: `kid` in our cookie.
    pub id: String,
    /// Signs our cookie.
    pub signing: EncodingKey,
    /// Checks our cookie.
    pub checking: DecodingKey,
    master: hkdf::Prk,
}

/// All keys, the current one first.
pub struct Keys {
    sets: Vec<KeySet>,
}

struct Length;

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        32
    }
}

fn expand(master: &hkdf::Prk, info: &[&[u8]]) -> Secret {
    let mut out = Zeroizing::new([0_u8; 32]);
    // `expand` and `fill` fail only for lengths over 255 blocks; 32 bytes are one.
    if let Ok(okm) = master.expand(info, Length) {
        let _ = okm.fill(out.as_mut());
    }
    out
}

impl KeySet {
    fn new(id: &str, key: &[u8; 32]) -> Self {
        let master = hkdf::Salt::new(hkdf::HKDF_SHA256, b"anteroom gateway v1").extract(key);
        let cookie = expand(&master, &[b"session cookie"]);
        Self {
            id: id.to_owned(),
            signing: EncodingKey::from_secret(cookie.as_ref()),
            checking: DecodingKey::from_secret(cookie.as_ref()),
            master,
        }
    }

    /// A key for `purpose`, bound to whoever knows this session id.
    #[must_use]
    pub fn for_session(&self, purpose: &str, app: &AppName, id: &SessionId) -> Secret {
        expand(
            &self.master,
            &[
                purpose.as_bytes(),
                b"\0",
                app.as_str().as_bytes(),
                b"\0",
                id.expose(),
            ],
        )
    }
}

impl Keys {
    /// Derives everything from the key file's entries, the current one first.
    #[must_use]
    pub fn new(entries: &[(String, [u8; 32])]) -> Self {
        Self {
            sets: entries
                .iter()
                .map(|(id, key)| KeySet::new(id, key))
                .collect(),
        }
    }

    /// The set that signs.
    #[must_use]
    pub fn current(&self) -> Option<&KeySet> {
        self.sets.first()
    }

    /// All sets that check, the current one first.
    #[must_use]
    pub fn all(&self) -> &[KeySet] {
        &self.sets
    }

    /// A MAC under the current key, for comparing things we must not keep (codes, fingerprints).
    #[must_use]
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut out = [0_u8; 32];
        if let Some(set) = self.sets.first() {
            let key = expand(&set.master, &[b"mac", b"\0", purpose.as_bytes()]);
            let mut context =
                hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()));
            for part in parts {
                context.update(&(part.len() as u64).to_be_bytes());
                context.update(part);
            }
            out.copy_from_slice(context.sign().as_ref());
        }
        out
    }
}

/// SHA-256 of a session id: what the store and the logs know.
#[must_use]
pub fn hash_session(id: &SessionId) -> SessionHash {
    SessionHash(sha256(&[id.expose()]))
}

/// SHA-256 over the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0_u8; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}
