//! The key file: the root of everything that is encrypted, signed or sealed.
//!
//! One key per line, the current one first, each an id and 32 bytes as base64url; `#` begins a
//! comment. This one is printed here, so it is refused:
//!
//! ```text
//! # since 2031-03-01
//! k-2f7a91c0 q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA
//! ```
//!
//! Made on first run, mode 0600, and refused afterwards when anybody else could have read, replaced
//! or guessed it (attacks G08, G10). Never logs, shows or derives a key: whoever uses one separates
//! purposes. How a file is asked for stands in `file`, what makes a key weak in `strength`.

mod file;
mod strength;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::ambient::Entropy;
use crate::settings::StoreSettings;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// The keys of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRing {
    /// The id of the key that seals; the others only open.
    pub current: String,
    /// Ids and keys, in the order of the file.
    pub keys: Vec<(String, [u8; KEY_BYTES])>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|(id, _)| id.as_str()).collect();
        f.debug_struct("KeyRing")
            .field("current", &self.current)
            .field("ids", &ids)
            .finish()
    }
}

impl Drop for KeyRing {
    fn drop(&mut self) {
        for (_, key) in &mut self.keys {
            key.zeroize();
        }
    }
}

/// Why a key file is not used. Never holds a key.
#[derive(Debug, Error)]
#[error("{}: {fault}", path.display())]
pub struct KeyProblem {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: KeyFault,
}

/// What is wrong with a key file.
#[derive(Debug, Error)]
pub enum KeyFault {
    /// It cannot be read or made.
    #[error("cannot be read or made ({0})")]
    Io(#[from] io::Error),
    /// It is a symbolic link: whoever may change the link chooses the key.
    #[error("is a symbolic link; name the file itself")]
    Symlink,
    /// It is a folder, a pipe or a device.
    #[error("is not a regular file")]
    NotAFile,
    /// Others may read or write it.
    #[error("has mode {mode:04o}, so others can read or change it; run: chmod 600 on it")]
    Mode {
        /// The permission bits.
        mode: u32,
    },
    /// It belongs to somebody else, who may change its mode at any time.
    #[error("belongs to user {owner}, but this process runs as user {process}; run: chown on it")]
    Owner {
        /// Who owns the file.
        owner: u32,
        /// Who we are.
        process: u32,
    },
    /// The folder belongs to somebody else, who may put another file in its place.
    #[error("stands in a folder of user {owner}, but this process runs as user {process}")]
    FolderOwner {
        /// Who owns the folder.
        owner: u32,
        /// Who we are.
        process: u32,
    },
    /// Others may put another file in its place.
    #[error("stands in a folder with mode {mode:04o}, where others can replace it; chmod 700 it")]
    Folder {
        /// The permission bits of the folder.
        mode: u32,
    },
    /// The credential that systemd should have handed over is not there.
    #[error("was not handed over; check LoadCredential= in the unit")]
    NoCredential,
    /// It holds one secret, and is empty or has several lines.
    #[error("is not one line with the secret; write it without anything else")]
    NotOneLine,
    /// There is no key in it.
    #[error("holds no key; remove it and a new one is made, unless a store already needs it")]
    Empty,
    /// A line is not `id key`.
    #[error("line {line}: not an id (a-z, 0-9, -) and 43 letters of base64url")]
    Line {
        /// The line.
        line: usize,
    },
    /// A key can be guessed.
    #[error("line {line}: {why}; a key is 32 random bytes, as base64url")]
    Weak {
        /// The line.
        line: usize,
        /// In what way.
        why: &'static str,
    },
    /// Two lines share an id or a key.
    #[error("line {line}: the same {what} as on line {first}")]
    Twice {
        /// The later line.
        line: usize,
        /// The earlier line.
        first: usize,
        /// `id` or `key`.
        what: &'static str,
    },
}

/// Opens the key file that the settings name; makes it on first run, unless systemd hands it over.
///
/// # Errors
/// When it cannot be read or made, or must not be trusted.
pub fn open(store: &StoreSettings, entropy: &Entropy) -> Result<KeyRing, KeyProblem> {
    if store.key_is_credential {
        load_credential(&store.key_file)
    } else {
        load_or_create(&store.key_file, entropy)
    }
}

/// Reads a key file, or makes one with a single new key.
///
/// # Errors
/// When it cannot be read or made, or must not be trusted.
pub fn load_or_create(path: &Path, entropy: &Entropy) -> Result<KeyRing, KeyProblem> {
    let blame = |fault| KeyProblem {
        path: path.to_owned(),
        fault,
    };
    match file::read(path, false) {
        Err(KeyFault::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            file::create(path, &new_text(entropy), entropy).map_err(blame)?;
            // Read back through the front door: what was made must pass what every start checks.
            file::read(path, false)
        }
        read => read,
    }
    .and_then(|text| parse(&text))
    .map_err(blame)
}

/// As [`open`], but makes nothing.
///
/// # Errors
/// When it is missing or must not be trusted.
pub fn inspect(store: &StoreSettings) -> Result<KeyRing, KeyProblem> {
    if store.key_is_credential {
        return load_credential(&store.key_file);
    }
    let read = file::read(&store.key_file, false).and_then(|text| parse(&text));
    read.map_err(|fault| KeyProblem {
        path: store.key_file.clone(),
        fault,
    })
}

/// Reads a key file that systemd handed over. Such files belong to root and are opened to one
/// service by an access list, which the mode shows as group-readable.
///
/// # Errors
/// When it is missing or must not be trusted.
pub fn load_credential(path: &Path) -> Result<KeyRing, KeyProblem> {
    read_text(path, true)
        .and_then(|text| parse(&text))
        .map_err(|fault| KeyProblem {
            path: path.to_owned(),
            fault,
        })
}

/// The text of a file that may be trusted with a secret.
pub(crate) fn read_text(path: &Path, handed_over: bool) -> Result<Zeroizing<String>, KeyFault> {
    file::read(path, handed_over).map_err(|fault| match fault {
        KeyFault::Io(error) if handed_over && error.kind() == io::ErrorKind::NotFound => {
            KeyFault::NoCredential
        }
        other => other,
    })
}

/// The text of a key file with one new key.
#[must_use]
pub fn new_text(entropy: &Entropy) -> Zeroizing<String> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let mut id = [0; 4];
    entropy(key.as_mut());
    entropy(&mut id);
    // Random, not "k1": two files that were made apart and merged later must not share an id.
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let encoded = Zeroizing::new(BASE64URL_NOPAD.encode(key.as_ref()));
    Zeroizing::new(format!(
        "# Anteroom's keys: id and 32 random bytes, the current one first. Keep a copy elsewhere:\n\
         # without it the store cannot be opened. Put a new line on top to rotate.\n\
         k-{id} {}\n",
        encoded.as_str()
    ))
}

/// Reads the text of a key file.
///
/// # Errors
/// When it is malformed, or a key in it can be guessed.
pub fn parse(text: &str) -> Result<KeyRing, KeyFault> {
    let mut ring = KeyRing {
        current: String::new(),
        keys: Vec::new(),
    };
    let mut lines = Vec::new();
    for (index, content) in text.lines().enumerate() {
        let (line, content) = (index + 1, content.trim());
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let weak = |why| KeyFault::Weak { line, why };
        let Some((id, encoded, key)) = key_line(content) else {
            return Err(strength::sample_word(content).map_or(KeyFault::Line { line }, weak));
        };
        if let Some(why) = strength::telling_text(encoded).or(strength::telling_bytes(&key)) {
            return Err(weak(why));
        }
        for (known, first) in ring.keys.iter().zip(&lines) {
            let (same_id, same_key) = (known.0 == id, known.1 == *key);
            if same_id || same_key {
                let what = if same_key { "key" } else { "id" };
                return Err(KeyFault::Twice {
                    line,
                    first: *first,
                    what,
                });
            }
        }
        ring.keys.push((id.to_owned(), *key));
        lines.push(line);
    }
    ring.current = ring
        .keys
        .first()
        .map(|(id, _)| id.clone())
        .ok_or(KeyFault::Empty)?;
    Ok(ring)
}

fn key_line(content: &str) -> Option<(&str, &str, Zeroizing<[u8; KEY_BYTES]>)> {
    let mut words = content.split_ascii_whitespace();
    let (id, encoded) = (words.next()?, words.next()?);
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if words.next().is_some() || id.len() > 32 || !id.bytes().all(letters) {
        return None;
    }
    let decoded = Zeroizing::new(BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?);
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    if decoded.len() != KEY_BYTES {
        return None;
    }
    key.copy_from_slice(&decoded);
    Some((id, encoded, key))
}

#[cfg(test)]
mod tests;
