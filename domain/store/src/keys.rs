//! The keys: named master keys as they were handed in, and the purpose keys derived from them.
//!
//! Never reads a file or draws randomness: `anteroom-config` does. A master key is used for nothing
//! but HKDF, so that no purpose can be played against another. `seal` encrypts with
//! them.

use std::fmt;

use ring::{hkdf, hmac};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::error::KeyProblem;

/// What a derived key is for. The info strings are part of the stored format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// Secret columns.
    AtRest,
    /// Enrolment codes, of which only a MAC is kept.
    EnrolmentCode,
    /// Temporary codes, likewise.
    TemporaryCode,
    /// Codes of sealed envelopes, likewise.
    SealedCode,
    /// Codes by mail, and the mailboxes they went to, likewise.
    MailCode,
    /// The head of the audit log.
    AuditAnchor,
    /// Telling whether a database was written with this key.
    KeyCheck,
}

impl Purpose {
    const fn info(self) -> &'static [u8] {
        match self {
            Self::AtRest => b"anteroom/store/at-rest/1",
            Self::EnrolmentCode => b"anteroom/store/enrolment-code-mac/1",
            Self::TemporaryCode => b"anteroom/store/temporary-code-mac/1",
            Self::SealedCode => b"anteroom/store/sealed-code-mac/1",
            Self::MailCode => b"anteroom/store/mail-code-mac/1",
            Self::AuditAnchor => b"anteroom/store/audit-anchor/1",
            Self::KeyCheck => b"anteroom/store/key-check/1",
        }
    }
}

/// The keys of one id.
struct KeyRing {
    id: u32,
    at_rest: Zeroizing<[u8; 32]>,
    enrolment_code: hmac::Key,
    temporary_code: hmac::Key,
    sealed_code: hmac::Key,
    mail_code: hmac::Key,
    audit_anchor: hmac::Key,
    key_check: hmac::Key,
}

/// Named 32-byte keys: the current one, with which everything new is sealed, and older ones that
/// still open.
///
/// Redacted `Debug`; the master keys are wiped as soon as the purpose keys are derived.
pub struct Keys {
    current: usize,
    rings: Vec<KeyRing>,
}

impl Keys {
    /// Takes the keys by id and the id of the current one.
    ///
    /// # Errors
    /// [`KeyProblem::NoCurrent`] and [`KeyProblem::Twice`].
    pub fn new(current_id: u32, keys: Vec<(u32, [u8; 32])>) -> Result<Self, KeyProblem> {
        let mut rings: Vec<KeyRing> = Vec::with_capacity(keys.len());
        for (id, mut master) in keys {
            if rings.iter().any(|ring| ring.id == id) {
                return Err(KeyProblem::Twice(id));
            }
            rings.push(KeyRing::derive(id, &master));
            master.zeroize();
        }
        let current = rings
            .iter()
            .position(|ring| ring.id == current_id)
            .ok_or(KeyProblem::NoCurrent(current_id))?;
        Ok(Self { current, rings })
    }

    /// The id of the current key.
    #[must_use]
    pub fn current_id(&self) -> u32 {
        self.current().id
    }

    /// The ids of all keys, current and older.
    pub fn ids(&self) -> impl Iterator<Item = u32> {
        self.rings.iter().map(|ring| ring.id)
    }

    fn current(&self) -> &KeyRing {
        &self.rings[self.current]
    }

    fn ring(&self, id: u32) -> Option<&KeyRing> {
        self.rings.iter().find(|ring| ring.id == id)
    }

    /// The current key that seals columns.
    pub(crate) fn sealing(&self) -> (u32, &[u8; 32]) {
        (self.current().id, &self.current().at_rest)
    }

    /// The key of this id that opens columns.
    pub(crate) fn opening(&self, id: u32) -> Option<&[u8; 32]> {
        self.ring(id).map(|ring| &*ring.at_rest)
    }

    /// A MAC over `parts`, each with its length before it, under the current key.
    pub(crate) fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> (u32, [u8; 32]) {
        (self.current().id, self.current().mac(purpose, parts))
    }

    /// The MACs over `parts` under every key, for what is found by its MAC.
    pub(crate) fn macs(&self, purpose: Purpose, parts: &[&[u8]]) -> Vec<(u32, [u8; 32])> {
        let one = |ring: &KeyRing| (ring.id, ring.mac(purpose, parts));
        self.rings.iter().map(one).collect()
    }

    /// Whether `mac` is the MAC over `parts` under the key `id`; in constant time. An unknown key
    /// is a no.
    pub(crate) fn mac_holds(&self, id: u32, purpose: Purpose, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.ring(id)
            .is_some_and(|ring| ring.mac(purpose, parts).ct_eq(mac).into())
    }

    /// By what a database knows the key `id` again; `None` when it is not here.
    pub(crate) fn check_value(&self, id: u32) -> Option<[u8; 32]> {
        self.ring(id)
            .map(|ring| ring.mac(Purpose::KeyCheck, &[b"anteroom"]))
    }
}

impl KeyRing {
    fn derive(id: u32, master: &[u8; 32]) -> Self {
        Self {
            id,
            at_rest: derive(master, Purpose::AtRest),
            enrolment_code: hmac_key(master, Purpose::EnrolmentCode),
            temporary_code: hmac_key(master, Purpose::TemporaryCode),
            sealed_code: hmac_key(master, Purpose::SealedCode),
            mail_code: hmac_key(master, Purpose::MailCode),
            audit_anchor: hmac_key(master, Purpose::AuditAnchor),
            key_check: hmac_key(master, Purpose::KeyCheck),
        }
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let key = match purpose {
            Purpose::EnrolmentCode => &self.enrolment_code,
            Purpose::TemporaryCode => &self.temporary_code,
            Purpose::SealedCode => &self.sealed_code,
            Purpose::MailCode => &self.mail_code,
            Purpose::AuditAnchor => &self.audit_anchor,
            // A column key makes no MACs; were it ever asked to, the check key's is a harmless
            // answer.
            Purpose::KeyCheck | Purpose::AtRest => &self.key_check,
        };
        let mut context = hmac::Context::with_key(key);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut mac = [0; 32];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }
}

fn hmac_key(master: &[u8; 32], purpose: Purpose) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &*derive(master, purpose))
}

/// HKDF-SHA256 (RFC 5869) of the master key under the purpose's info string.
fn derive(master: &[u8; 32], purpose: Purpose) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"anteroom/store").extract(master);
    // Fails only for more than 255 blocks; 32 bytes are one. Were it to fail, the key check on
    // opening would refuse the database, because an all-zero key never wrote it.
    if let Ok(okm) = extracted.expand(&[purpose.info()], hkdf::HKDF_SHA256) {
        let _filled = okm.fill(&mut *key);
    }
    key
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<u32> = self.ids().collect();
        f.debug_struct("Keys")
            .field("current", &self.current_id())
            .field("ids", &ids)
            .finish()
    }
}
