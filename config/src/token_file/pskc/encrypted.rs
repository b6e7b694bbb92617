//! Encrypted keys of a PSKC file (RFC 6030 section 6): a key shared beforehand, or one derived from a
//! passphrase, and a MAC over every value.
//!
//! A value is opened only after its MAC held (section 6.1.1), so padding is no oracle. Ciphers are
//! `aes` and `cbc`, MAC and PBKDF2 are `ring`'s. Nothing said here ever holds a key.

use std::num::NonZeroU32;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use ring::{hmac, pbkdf2};
use roxmltree::Node;
use zeroize::Zeroizing;

use super::{child, is, text};

/// AES block, and so the IV before every ciphertext.
const BLOCK: usize = 16;
/// More rounds than any maker uses; a file that asks for more only wants the processor.
const MOST_ROUNDS: u32 = 5_000_000;
/// The longest key there is an algorithm for.
const MOST_KEY: usize = 32;

/// What opens the values of one file.
pub(super) enum Opener {
    /// Nothing was given to open them with; the words say what is wanted.
    Missing(String),
    /// These keys do.
    Keys {
        /// Of the values.
        values: Zeroizing<Vec<u8>>,
        /// Of their MACs.
        mac: hmac::Key,
    },
}

impl Opener {
    /// Of a container. With nothing encrypted in it, nothing is asked of it.
    pub(super) fn of(container: Node<'_, '_>, given: Option<&str>) -> Result<Self, String> {
        let told = child(container, "EncryptionKey");
        let derived = told.and_then(|told| child(told, "DerivedKey"));
        let wanted = match derived {
            Some(_) => "the passphrase".to_owned(),
            None => {
                let name = told.and_then(|told| text(told, &["KeyName"]));
                let name: String = name.unwrap_or("of the maker").chars().take(64).collect();
                format!("the transport key {name:?} in hexadecimal")
            }
        };
        let encrypted = |node: &Node<'_, '_>| is(*node, "EncryptedValue");
        let first = container.descendants().find(encrypted);
        let (Some(first), Some(given)) = (first, given) else {
            return Ok(Self::Missing(wanted));
        };
        let values = match derived {
            Some(derived) => derive(derived, given)?,
            None => in_hexadecimal(given).ok_or_else(|| {
                format!("the key file does not hold {wanted}: 32, 48 or 64 digits")
            })?,
        };
        let mac = mac(container, &values)?;
        let opener = Self::Keys { values, mac };
        // One value tells whether this is the key, before every line of the file says so.
        match first.parent().map(|value| opener.open(value)) {
            Some(Err(Fault::Mac)) => Err(OTHER.to_owned()),
            _ => Ok(opener),
        }
    }

    /// The plain bytes of an element with `EncryptedValue` and `ValueMAC`.
    pub(super) fn open(&self, value: Node<'_, '_>) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let (values, mac) = match self {
            Self::Keys { values, mac } => (values, mac),
            Self::Missing(wanted) => return Err(Fault::Missing(wanted.clone())),
        };
        let encrypted = child(value, "EncryptedValue").ok_or(Fault::Shape)?;
        let sealed = sealed(encrypted)?;
        let tag = text(value, &["ValueMAC"]).ok_or(Fault::NoMac)?;
        hmac::verify(mac, &sealed, &base64(tag)?).map_err(|_| Fault::Mac)?;
        decrypt(&cipher(encrypted)?, values, &sealed)
    }
}

/// Why one value cannot be opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    Missing(String),
    Shape,
    NoMac,
    Mac,
    Algorithm(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(wanted) => write!(
                f,
                "it is encrypted; put {wanted}, which its maker sends apart, into a file that only \
                 you can read, and name that one: anteroom token import --key-file KEY FILE"
            ),
            Self::Shape => f.write_str("the encrypted value is not whole"),
            Self::NoMac => f.write_str("the encrypted value has no ValueMAC"),
            Self::Mac => f.write_str("the value was changed after it was encrypted"),
            Self::Algorithm(name) => write!(
                f,
                "the algorithm is {name:?}; aes128-cbc, aes192-cbc and aes256-cbc are supported"
            ),
        }
    }
}

/// What is said where it is seen by the first value, or by the key of the MACs.
const OTHER: &str = "the key is not the one of this file, or the file was changed";

fn in_hexadecimal(given: &str) -> Option<Zeroizing<Vec<u8>>> {
    let key = HEXLOWER_PERMISSIVE.decode(given.trim().as_bytes()).ok()?;
    let key = Zeroizing::new(key);
    [16, 24, MOST_KEY].contains(&key.len()).then_some(key)
}

/// PBKDF2 (RFC 8018), as RFC 6030 section 6.2 writes its parameters.
fn derive(derived: Node<'_, '_>, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let not = |what: &str| format!("of the derived key, {what}");
    let method = child(derived, "KeyDerivationMethod").ok_or(not("there is no method"))?;
    if last(method.attribute("Algorithm")) != "pbkdf2" {
        return Err(not("the method is not PBKDF2"));
    }
    let told = child(method, "PBKDF2-params").ok_or(not("there are no parameters"))?;
    let number = |name: &str| text(told, &[name]).and_then(|text| text.parse::<u32>().ok());
    let salt = text(told, &["Salt", "Specified"]).and_then(|salt| base64(salt).ok());
    let salt = salt.ok_or(not("the salt cannot be read"))?;
    let rounds = number("IterationCount").filter(|rounds| *rounds <= MOST_ROUNDS);
    let rounds = rounds.and_then(NonZeroU32::new);
    let rounds = rounds.ok_or(not("the IterationCount is not 1 to 5000000"))?;
    let length = number("KeyLength").map_or(BLOCK, |length| length as usize);
    if ![16, 24, MOST_KEY].contains(&length) {
        return Err(not("the KeyLength is not 16, 24 or 32"));
    }
    let prf = child(told, "PRF").map(|prf| last(prf.attribute("Algorithm")));
    let algorithm = match prf.as_deref() {
        None | Some("hmac-sha1") => pbkdf2::PBKDF2_HMAC_SHA1,
        Some("hmac-sha256") => pbkdf2::PBKDF2_HMAC_SHA256,
        Some(_) => return Err(not("the PRF is neither HMAC-SHA1 nor HMAC-SHA256")),
    };
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(algorithm, rounds, &salt, passphrase.as_bytes(), &mut key);
    Ok(key)
}

/// The key of the MACs: its own, encrypted beside them, or the same (section 6.1.1).
fn mac(container: Node<'_, '_>, key: &[u8]) -> Result<hmac::Key, String> {
    let method = child(container, "MACMethod");
    let method = method.ok_or_else(|| {
        let why = "there is no MACMethod, so nobody could tell whether the keys were changed";
        why.to_owned()
    })?;
    let algorithm = match last(method.attribute("Algorithm")).as_str() {
        "hmac-sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "hmac-sha256" => hmac::HMAC_SHA256,
        _ => {
            let why = "the MACMethod is neither hmac-sha1 nor hmac-sha256";
            return Err(why.to_owned());
        }
    };
    let own = match child(method, "MACKey") {
        None => Zeroizing::new(key.to_vec()),
        Some(own) => sealed(own)
            .and_then(|sealed| decrypt(&cipher(own)?, key, &sealed))
            .map_err(|fault| match fault {
                Fault::Algorithm(_) => format!("of the MACKey, {fault}"),
                // It has no MAC of its own: what does not open was another key's.
                _ => OTHER.to_owned(),
            })?,
    };
    Ok(hmac::Key::new(algorithm, &own))
}

/// IV and ciphertext of an element with `CipherData`.
fn sealed(encrypted: Node<'_, '_>) -> Result<Vec<u8>, Fault> {
    base64(text(encrypted, &["CipherData", "CipherValue"]).ok_or(Fault::Shape)?)
}

/// The name of its cipher.
fn cipher(encrypted: Node<'_, '_>) -> Result<String, Fault> {
    let method = child(encrypted, "EncryptionMethod").ok_or(Fault::Shape)?;
    Ok(last(method.attribute("Algorithm")))
}

fn decrypt(cipher: &str, key: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let (iv, rest) = sealed.split_at_checked(BLOCK).ok_or(Fault::Shape)?;
    let mut plain = Zeroizing::new(rest.to_vec());
    macro_rules! with {
        ($aes:ty) => {
            cbc::Decryptor::<$aes>::new_from_slices(key, iv)
                .map_err(|_| Fault::Algorithm(cipher.to_owned()))?
                .decrypt_padded::<NoPadding>(&mut plain)
                .map_err(|_| Fault::Shape)?
                .len()
        };
    }
    let length = match cipher {
        "aes128-cbc" => with!(aes::Aes128),
        "aes192-cbc" => with!(aes::Aes192),
        "aes256-cbc" => with!(aes::Aes256),
        other => return Err(Fault::Algorithm(other.chars().take(32).collect())),
    };
    // XML Encryption 1.1 section 5.2: the last byte counts the padding, whose other bytes are free.
    let padding = plain.get(..length).and_then(|plain| plain.last().copied());
    let padding = usize::from(padding.unwrap_or_default());
    if padding == 0 || padding > BLOCK || padding > length {
        return Err(Fault::Shape);
    }
    plain.truncate(length - padding);
    Ok(plain)
}

/// The last part of a URI, small.
fn last(uri: Option<&str>) -> String {
    let last = uri.unwrap_or_default().rsplit([':', '#', '/']).next();
    last.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Base64 over several lines.
fn base64(text: &str) -> Result<Vec<u8>, Fault> {
    let close: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(close.as_bytes()).map_err(|_| Fault::Shape)
}
