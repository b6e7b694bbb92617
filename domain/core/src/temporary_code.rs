//! Temporary codes: ten digits that an operator reads out to somebody without a phone, good for
//! hours and for one or more sign-ins.
//!
//! 33 bits, so unlike a recovery code they always need the throttle (`challenge::judge_code` counts
//! wrong ones also above a ceiling). Minting takes random bytes as an argument. Never issues,
//! stores or spends one: the store does, and answers with a [`TemporaryFound`].

use zeroize::Zeroizing;

use crate::ids::TemporaryCodeId;
use crate::time::Timestamp;
use crate::written::{is_dash, written};

/// Digits of a code, hyphen not counted.
pub const TEMPORARY_CODE_DIGITS: usize = 10;

/// How often, in its whole life, something is compared with one code while tries are paused. Ten
/// digits guessed a hundred times (the ceiling of NIST SP 800-63B-4 3.2.2) are found once in a
/// hundred million; afterwards a pause holds for this code too.
pub const LOOKS_IN_PAUSES: u32 = 100;

/// One temporary code: ten ASCII digits. Redacted `Debug`, no `Display`, wiped on drop.
#[derive(Clone)]
pub struct TemporaryCode(Zeroizing<String>);

impl TemporaryCode {
    /// Makes a code of 16 random bytes. Dividing 128 bits by ten milliards leaves no code more
    /// likely than another by more than one part in 2^94.
    #[must_use]
    pub fn mint(random: &[u8; 16]) -> Self {
        let number = u128::from_be_bytes(*random) % 10_000_000_000;
        Self(Zeroizing::new(format!("{number:010}")))
    }

    /// Reads what was typed: spaces and dashes are dropped, exactly ten ASCII digits must remain.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut digits = Zeroizing::new(String::with_capacity(TEMPORARY_CODE_DIGITS));
        for c in typed.chars() {
            match c {
                '0'..='9' if digits.len() < TEMPORARY_CODE_DIGITS => digits.push(c),
                c if c.is_whitespace() || is_dash(c) => {}
                _ => return None,
            }
        }
        (digits.len() == TEMPORARY_CODE_DIGITS).then_some(Self(digits))
    }

    /// `12345-67890`: to be read out.
    #[must_use]
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at(TEMPORARY_CODE_DIGITS / 2);
        format!("{first}-{second}")
    }

    /// The ten digits, for the MAC that is stored.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

written!(TemporaryCode);

/// The typed digits are those of a code that was issued to this very subscriber.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TemporaryFound {
    /// It counts.
    Live(TemporaryCodeId),
    /// It does not count any more.
    Over {
        /// Which.
        id: TemporaryCodeId,
        /// Why, and since when.
        why: TemporaryOver,
    },
}

/// Why a temporary code does not count any more. Each holds the moment from which on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TemporaryOver {
    /// It was used as often as it may be.
    UsedUp(Timestamp),
    /// Its time was up.
    Expired(Timestamp),
    /// An operator took it back, reset or suspended its owner, or issued a newer one.
    Revoked(Timestamp),
}

impl TemporaryOver {
    /// The words of the audit log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UsedUp(_) => "used up",
            Self::Expired(_) => "expired",
            Self::Revoked(_) => "revoked",
        }
    }

    /// Since when.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        match self {
            Self::UsedUp(at) | Self::Expired(at) | Self::Revoked(at) => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrolment::EnrolmentCode;
    use crate::recovery_code::RecoveryCode;
    use crate::sealed_code::SealedCode;
    use crate::totp::TypedCode;
    use proptest::prelude::*;

    #[test]
    fn a_minted_code_is_ten_digits_in_two_groups_with_its_leading_zeros() {
        let mut random = [0; 16];
        assert_eq!(TemporaryCode::mint(&random).shown(), "00000-00000");
        random[15] = 42;
        let code = TemporaryCode::mint(&random);
        assert_eq!(
            (code.shown(), code.expose()),
            ("00000-00042".into(), "0000000042")
        );
        assert_eq!(format!("{code:?}"), "TemporaryCode(..)");
        assert_eq!(TemporaryCode::mint(&[0xFF; 16]).expose().len(), 10);
    }

    #[test]
    fn a_code_written_down_at_the_phone_is_understood() {
        let code = TemporaryCode::parse("12345-67890").unwrap();
        for typed in [
            "1234567890",
            " 123 456 78 90\n",
            "12345\u{2013}67890",
            "12-34-56-78-90",
        ] {
            assert_eq!(TemporaryCode::parse(typed).as_ref(), Some(&code), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_temporary_code_is_not_one() {
        let long = "1".repeat(1_000_000);
        for typed in [
            "",
            "123456",
            "123456789",
            "12345678901",
            "12345-6789O",
            "+1234567890",
            "１２３４５６７８９０",
            "12345.67890",
            &long,
        ] {
            assert!(TemporaryCode::parse(typed).is_none(), "{typed:.40}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back_and_is_no_code_of_another_kind(random: [u8; 16]) {
            let code = TemporaryCode::mint(&random);
            let shown = code.shown();
            prop_assert_eq!(TemporaryCode::parse(&shown), Some(code));
            prop_assert!(TypedCode::parse(&shown).is_none());
            prop_assert!(RecoveryCode::parse(&shown).is_none());
            prop_assert!(EnrolmentCode::parse(&shown).is_none());
            prop_assert!(SealedCode::parse(&shown).is_none());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = TemporaryCode::parse(&text);
        }
    }
}
