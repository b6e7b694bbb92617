//! Authenticated encryption of secret columns, bound to table, column and row.
//!
//! A sealed value that is copied to another row, column or table does not open there. Format:
//! version 1 | key id, 4 bytes | nonce, 24 bytes | XChaCha20-Poly1305 ciphertext and tag. Which
//! keys: [`keys`](crate::keys).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::keys::Keys;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const HEAD: usize = 1 + 4 + NONCE;

/// Where a sealed value lives; its associated data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    /// A row id that is never reused (AUTOINCREMENT).
    pub(crate) row: i64,
}

impl Place {
    fn associated_data(self, key_id: u32) -> Vec<u8> {
        let mut data = Vec::with_capacity(64);
        for part in [self.table.as_bytes(), self.column.as_bytes()] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data.extend_from_slice(&self.row.to_be_bytes());
        data.push(VERSION);
        data.extend_from_slice(&key_id.to_be_bytes());
        data
    }

    fn corrupt(self) -> StoreError {
        StoreError::corrupt(self.table, self.column, self.row)
    }
}

/// Seals `plain` for `place` under the current key; `nonce` is 24 fresh random bytes.
///
/// # Errors
/// Only when `plain` is longer than the cipher allows (256 GiB).
pub(crate) fn seal(
    keys: &Keys,
    place: Place,
    nonce: [u8; NONCE],
    plain: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let (key_id, key) = keys.sealing();
    let aad = place.associated_data(key_id);
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: plain,
                aad: &aad,
            },
        )
        .map_err(|_| place.corrupt())?;
    let mut out = Vec::with_capacity(HEAD + sealed.len());
    out.extend_from_slice(&head(key_id));
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Opens what was sealed for `place`.
///
/// # Errors
/// [`StoreError::Corrupt`] when it was not sealed there, with one of these keys, or has been
/// changed.
pub(crate) fn open(
    keys: &Keys,
    place: Place,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let key_id = key_id(sealed).ok_or_else(|| place.corrupt())?;
    let key = keys.opening(key_id).ok_or_else(|| place.corrupt())?;
    let nonce = sealed
        .get(5..HEAD)
        .and_then(|nonce| <[u8; NONCE]>::try_from(nonce).ok());
    let (Some(nonce), Some(msg)) = (nonce, sealed.get(HEAD..)) else {
        return Err(place.corrupt());
    };
    let aad = place.associated_data(key_id);
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(nonce), Payload { msg, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| place.corrupt())
}

/// As [`open`], for a value of exactly 32 bytes.
pub(crate) fn open_key(keys: &Keys, place: Place, sealed: &[u8]) -> Result<[u8; 32], StoreError> {
    let plain = open(keys, place, sealed)?;
    <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| place.corrupt())
}

/// The first bytes of everything sealed under the key `id`.
pub(crate) const fn head(id: u32) -> [u8; 5] {
    let [a, b, c, d] = id.to_be_bytes();
    [VERSION, a, b, c, d]
}

/// Under which key a value was sealed.
fn key_id(sealed: &[u8]) -> Option<u32> {
    match sealed {
        [VERSION, a, b, c, d, ..] => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}
