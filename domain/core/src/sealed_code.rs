//! Sealed codes: twenty-four base32 characters, printed beforehand and kept in sealed envelopes for
//! the day on which nobody's phone works.
//!
//! 120 bits. Any one lets any one enrolled person of its app pass once, after a proved password.
//! Minting takes random bytes as an argument. Never issues, stores or spends one: the store does,
//! and answers with a [`SealedMatch`].

use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use crate::ids::SealedCodeId;
use crate::totp::grouped;
use crate::written::{read_typed, written};

/// Characters of a code, hyphens not counted.
pub const SEALED_CODE_CHARS: usize = 24;

/// The store found a code of this app that nobody has used or revoked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SealedMatch {
    /// Which code.
    pub id: SealedCodeId,
}

/// One code of an envelope in its normal form. Redacted `Debug`, no `Display`, wiped on drop.
#[derive(Clone)]
pub struct SealedCode(Zeroizing<String>);

impl SealedCode {
    /// Makes a code of 15 random bytes: 120 bits, all of them used.
    #[must_use]
    pub fn mint(random: &[u8; 15]) -> Self {
        Self(Zeroizing::new(BASE32_NOPAD.encode(random)))
    }

    /// Reads what was typed, with the same mends as a recovery code; nothing when it cannot be a
    /// sealed code at all.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        read_typed(typed, SEALED_CODE_CHARS).map(Self)
    }

    /// `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`: for the printer, once.
    #[must_use]
    pub fn shown(&self) -> String {
        grouped(&self.0, '-')
    }

    /// All twenty-four characters, for the MAC that is stored.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

written!(SealedCode);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrolment::EnrolmentCode;
    use crate::recovery_code::RecoveryCode;
    use crate::temporary_code::TemporaryCode;
    use crate::totp::TypedCode;
    use proptest::prelude::*;

    #[test]
    fn a_minted_code_is_twenty_four_characters_in_six_groups() {
        let code = SealedCode::mint(&[0xA5; 15]);
        assert_eq!(code.shown(), "UWS2-LJNF-UWS2-LJNF-UWS2-LJNF");
        assert_eq!(format!("{code:?}"), "SealedCode(..)");
    }

    #[test]
    fn what_cannot_be_a_sealed_code_is_not_one() {
        for typed in [
            "",
            "12345-67890",
            "AAAA-AAAA-AAAA-AAAA-AAAA",
            "AAAA-AAAA-AAAA-AAAA-AAAA-AAA",
            "AAAA-AAAA-AAAA-AAAA-AAAA-AAAAA",
            "AAAA-AAAA-AAAA-AAAA-AAAA-AAA9",
        ] {
            assert!(SealedCode::parse(typed).is_none(), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back_and_is_no_code_of_another_kind(random: [u8; 15]) {
            let code = SealedCode::mint(&random);
            let shown = code.shown();
            prop_assert_eq!(SealedCode::parse(&shown.to_lowercase()), Some(code.clone()));
            prop_assert_eq!(SealedCode::parse(&shown), Some(code));
            prop_assert!(TypedCode::parse(&shown).is_none());
            prop_assert!(RecoveryCode::parse(&shown).is_none());
            prop_assert!(EnrolmentCode::parse(&shown).is_none());
            prop_assert!(TemporaryCode::parse(&shown).is_none());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = SealedCode::parse(&text);
        }
    }
}
