//! Whether a key can be guessed: sample values, patterns, sentences.
//!
//! Never proves that a key is good, only that some are bad; good keys come from
//! [`new_text`](super::new_text). Each check refuses a random key less than once in 2^35.

use super::KEY_BYTES;

/// Words that people leave in places where a key should be.
const SAMPLE_WORDS: [&str; 6] = [
    "changeme",
    "change-me",
    "example",
    "secret",
    "password",
    "insert",
];

/// Keys that stand in documents: ours (head of `keys`), and the bytes of many test vectors.
pub(super) const DOCUMENTED: [&str; 3] = [
    "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8",
];

/// What a line that holds no key holds instead.
pub(super) fn sample_word(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    SAMPLE_WORDS
        .iter()
        .any(|word| lower.contains(word))
        .then_some("a sample value")
}

/// What the 43 letters give away.
pub(super) fn telling_text(encoded: &str) -> Option<&'static str> {
    if DOCUMENTED.contains(&encoded) {
        return Some("a key that is printed in documents");
    }
    if !encoded
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        return Some("letters that were typed");
    }
    let pieces: Vec<&[u8]> = encoded.as_bytes().windows(8).collect();
    let repeats = |(index, piece): (usize, &&[u8])| pieces[index + 1..].contains(piece);
    pieces
        .iter()
        .enumerate()
        .any(repeats)
        .then_some("a piece that repeats")
}

/// What the bytes give away.
pub(super) fn telling_bytes(key: &[u8; KEY_BYTES]) -> Option<&'static str> {
    let mut seen = [false; 256];
    for byte in key {
        seen[usize::from(*byte)] = true;
    }
    // 32 random bytes hold about 30 different ones, and fewer than 16 once in 2^60.
    if seen.iter().filter(|seen| **seen).count() < 16 {
        return Some("too few different bytes");
    }
    let step = key[1].wrapping_sub(key[0]);
    if key
        .windows(2)
        .all(|pair| pair[1].wrapping_sub(pair[0]) == step)
    {
        return Some("bytes that count");
    }
    // Printable letters only: once in 2^45 by chance, always for a pass phrase or a hexadecimal
    // key.
    if key
        .iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ')
    {
        return Some("letters instead of random bytes");
    }
    None
}
