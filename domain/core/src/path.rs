//! Paths in two readings: [`canonical`], the strictest, to allow by; [`loose`], to watch by.
//!
//! A path that has more than one reading is refused at the edge, so that what is classified is what
//! is forwarded (DESIGN rule 5; attacks A03 to A06). Never touches the query, except to stay away
//! from it. See `route`.

mod loose;
mod strict;

pub use loose::{loose, loosely_ends_with, loosely_is, loosely_under};
pub use strict::{MAX_PATH_BYTES, PathProblem, canonical, cut_parameter};

/// The byte that a percent escape at the very start of `bytes` stands for.
pub(crate) fn escaped(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [b'%', high, low, ..] => {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        }
        _ => None,
    }
}

/// Decodes percent escapes once; a broken escape stands for itself.
pub(crate) fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        match escaped(rest) {
            Some(byte) => {
                out.push(byte);
                rest = &rest[3..];
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
