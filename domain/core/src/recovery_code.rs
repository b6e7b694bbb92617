//! Recovery codes: twenty base32 characters that replace the phone once, on the day it is lost.
//!
//! 100 bits, of which the first four characters select the row and 80 stay secret (`standards.md`
//! 0.1, N20). Minting takes random bytes as an argument. Never hashes and never knows whether a
//! code was spent: both are the store's, which answers with a [`RecoveryMatch`].

use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use crate::ids::RecoveryCodeId;
use crate::totp::grouped;
use crate::written::{read_typed, written};

/// Characters of a code, hyphens not counted.
pub const RECOVERY_CODE_CHARS: usize = 20;

/// How many of them select the row: one slow hash per try instead of one per code on file.
pub const SELECTOR_CHARS: usize = 4;

/// The store found a code that is on file, unspent and equal under its slow hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecoveryMatch {
    /// Which code of the set.
    pub id: RecoveryCodeId,
}

/// One recovery code in its normal form. Redacted `Debug`, no `Display`, wiped on drop.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// Makes a code of 13 random bytes; 100 of their 104 bits are used.
    #[must_use]
    pub fn mint(random: &[u8; 13]) -> Self {
        let mut text = Zeroizing::new(BASE32_NOPAD.encode(random));
        text.truncate(RECOVERY_CODE_CHARS);
        Self(text)
    }

    /// Reads what was typed; nothing when it cannot be a recovery code at all.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        read_typed(typed, RECOVERY_CODE_CHARS).map(Self)
    }

    /// `XXXX-XXXX-XXXX-XXXX-XXXX`: for the page that shows it once.
    #[must_use]
    pub fn shown(&self) -> String {
        grouped(&self.0, '-')
    }

    /// The first four characters, stored in clear to find the row.
    #[must_use]
    pub fn selector(&self) -> &str {
        self.0.get(..SELECTOR_CHARS).unwrap_or_default()
    }

    /// The other sixteen (80 bits): what the slow hash is made of.
    #[must_use]
    pub fn secret_part(&self) -> &str {
        self.0.get(SELECTOR_CHARS..).unwrap_or_default()
    }

    /// All twenty characters, for sealing and for the MAC by which a repeated post is known.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

written!(RecoveryCode);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_minted_code_is_twenty_characters_in_five_groups() {
        let code = RecoveryCode::mint(&[0xA5; 13]);
        assert_eq!(code.shown(), "UWS2-LJNF-UWS2-LJNF-UWS2");
        assert_eq!(
            (code.selector(), code.secret_part()),
            ("UWS2", "LJNFUWS2LJNFUWS2")
        );
        assert_eq!(format!("{code:?}"), "RecoveryCode(..)");
    }

    #[test]
    fn a_code_typed_from_paper_is_understood() {
        let code = RecoveryCode::parse("BIOB-IOBI-OBIO-BIOB-IOBI").unwrap();
        for typed in [
            "biob-iobi-obio-biob-iobi",
            "8108 1081 0810 8108 1081",
            "  BIOBIOBIOBIOBIOBIOBI\n",
            "B I O B–IOBI—OBIO\u{2011}BIOB\u{a0}IOBI",
        ] {
            assert_eq!(RecoveryCode::parse(typed).as_ref(), Some(&code), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_not_one() {
        let long = "A".repeat(1_000_000);
        for typed in [
            "",
            "123456",
            "AAAA-AAAA-AAAA-AAAA-AAA",
            "AAAA-AAAA-AAAA-AAAA-AAAAA",
            "AAAA-AAAA-AAAA-AAAA-AAA9",
            "AAAA-AAAA-AAAA-AAAA-AAA=",
            "AAAA-AAAA-AAAA-AAAA-AAAÄ",
            "ＡAAA-AAAA-AAAA-AAAA-AAAA",
            &long,
        ] {
            assert!(RecoveryCode::parse(typed).is_none(), "{typed:.40}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(random: [u8; 13]) {
            let code = RecoveryCode::mint(&random);
            prop_assert_eq!(RecoveryCode::parse(&code.shown()), Some(code.clone()));
            prop_assert_eq!(RecoveryCode::parse(&code.shown().to_lowercase()), Some(code));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = RecoveryCode::parse(&text);
        }
    }
}
