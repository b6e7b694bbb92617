//! Codes that people read out, write down and type: what all kinds have in common.
//!
//! Each kind is a type of its own, so that none counts in another's place (attack C12); how they
//! are compared, kept out of logs and read from paper is the same for all and stands here.

use zeroize::Zeroizing;

/// Compares in constant time, and shows nothing to `{:?}`: for a type that wraps its text.
macro_rules! written {
    ($code:ident) => {
        impl PartialEq for $code {
            fn eq(&self, other: &Self) -> bool {
                subtle::ConstantTimeEq::ct_eq(self.0.as_bytes(), other.0.as_bytes()).into()
            }
        }

        impl Eq for $code {}

        impl std::fmt::Debug for $code {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($code), "(..)"))
            }
        }
    };
}

pub(crate) use written;

/// Brings a code typed from paper into RFC 4648 section 6 base32 of exactly `chars` characters.
///
/// Spaces and dashes of any kind are dropped (phones turn `--` into `–`), case is folded, and the
/// digits that the alphabet lacks are read as the letters they were: `0`→`O`, `1`→`I`, `8`→`B`.
pub(crate) fn read_typed(typed: &str, chars: usize) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(chars));
    for c in typed.chars() {
        let letter = match c {
            c if is_dash(c) || c.is_whitespace() => continue,
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            'a'..='z' | 'A'..='Z' | '2'..='7' => c.to_ascii_uppercase(),
            _ => return None,
        };
        // Refused before it grows: the text wiped on drop must never have been moved by the
        // allocator.
        if text.len() == chars {
            return None;
        }
        text.push(letter);
    }
    (text.len() == chars).then_some(text)
}

/// A dash of any kind: phones turn `--` into `–`.
pub(crate) const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
