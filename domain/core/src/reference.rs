//! The short name of one request: stands on the page, in the log, and in the audit log beside what
//! the request did, so that a helpdesk finds what somebody reads out over a telephone.
//!
//! Not a secret and not unique for ever: it finds lines, it proves nothing. Never made out of
//! anything of a person.

use std::fmt;

/// How many letters and digits it has.
pub const LENGTH: usize = 8;

/// Crockford's alphabet: nothing in it is misread over a telephone.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The short name of one request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reference([u8; LENGTH]);

impl Reference {
    /// The reference of a request by its number.
    #[must_use]
    pub fn of(number: u64) -> Self {
        // An odd multiplier spreads consecutive numbers, so that neighbours do not look alike.
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut letters = [b'0'; LENGTH];
        for (place, letter) in (0_u32..).zip(&mut letters) {
            let index = usize::try_from(mixed >> (24 + 5 * place) & 31).unwrap_or(0);
            *letter = LETTERS.get(index).copied().unwrap_or(b'0');
        }
        Self(letters)
    }

    /// Reads one as people write it down: in any case, in groups, with O for 0 and I or L for 1.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}'));
        let mut letters = [b'0'; LENGTH];
        let mut places = letters.iter_mut();
        for c in plain {
            let letter = match c.to_ascii_uppercase() {
                'O' => b'0',
                'I' | 'L' => b'1',
                other => u8::try_from(other).ok().filter(|b| LETTERS.contains(b))?,
            };
            *places.next()? = letter;
        }
        places.next().is_none().then_some(Self(letters))
    }

    /// As it is shown and stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_heard_on_the_telephone_is_what_was_read_out() {
        let shown = Reference::parse("7K2M01XA");
        assert!(shown.is_some());
        for heard in [
            "7k2m01xa",
            "7K2M-01XA",
            "7k2m o1xa",
            "7K2MOLXA",
            "7k2moixa",
            " 7K2M\u{a0}01XA ",
        ] {
            assert_eq!(Reference::parse(heard), shown, "{heard}");
        }
        for none in [
            "",
            "7K2M01X",
            "7K2M01XAB",
            "7K2M01XU",
            "7K2M01X'",
            "７K2M01XA",
        ] {
            assert_eq!(Reference::parse(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn every_reference_reads_back(number in any::<u64>()) {
            let reference = Reference::of(number);
            prop_assert_eq!(Reference::parse(&reference.to_string()), Some(reference));
            prop_assert_ne!(Reference::of(number.wrapping_add(1)), reference);
        }
    }
}
