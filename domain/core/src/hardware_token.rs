//! Hardware tokens as they come from their maker: serial numbers, and what a seed must be.
//!
//! Never reads a file (the config room does) and never computes a code ([`oath`](crate::oath)).
//! Only SHA-1: it is what RFC 4226 names, and what every token of these kinds does.

use std::fmt;

use crate::oath::{Digits, MovingFactor};
use crate::totp::TotpSecret;

/// The shortest seed: RFC 4226 section 4 R6 says 128 bits. NIST would take 112 (N12).
pub const MIN_SECRET_BYTES: usize = 16;

/// The longest seed: one block of SHA-1; anything longer is hashed down by HMAC.
pub const MAX_SECRET_BYTES: usize = 64;

/// The longest serial number.
const MAX_SERIAL_CHARS: usize = 32;

/// How much of a serial number pages and logs show where the whole is not needed.
const TAIL_CHARS: usize = 4;

/// A serial number in its one spelling: capitals and digits, without spaces and hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Serial(String);

impl Serial {
    /// Reads what was typed, or stands in a file. `None` for anything but letters, digits, and
    /// spaces or hyphens between them.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let kept: String = typed
            .trim()
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let plain = kept.chars().all(|c| c.is_ascii_alphanumeric());
        let fits = plain && (1..=MAX_SERIAL_CHARS).contains(&kept.len());
        fits.then_some(Self(kept))
    }

    /// One that was stored.
    #[must_use]
    pub fn from_stored(serial: String) -> Self {
        Self(serial)
    }

    /// The whole.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last characters: enough to tell two tokens in a drawer apart.
    #[must_use]
    pub fn tail(&self) -> &str {
        let from = self.0.len().saturating_sub(TAIL_CHARS);
        self.0.get(from..).unwrap_or(&self.0)
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One token of a maker's file. `Debug` shows no seed.
#[derive(Clone, Debug)]
pub struct TokenSeed {
    /// What stands on its back.
    pub serial: Serial,
    /// Its seed.
    pub secret: TotpSecret,
    /// What moves its codes on.
    pub factor: MovingFactor,
    /// How many digits they have.
    pub digits: Digits,
    /// The counter value whose code comes next; zero for a new token, and for one with a clock.
    pub next_counter: u64,
}

/// Why a line of a maker's file is no token. The words are [`fmt::Display`]'s; never a seed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SeedProblem {
    /// A serial number that is none.
    #[error("the serial number must be 1 to 32 letters and digits")]
    Serial,
    /// The seed is too short or too long.
    #[error("the secret is {0} bytes long; 16 to 64 are needed")]
    Length(usize),
    /// Another period than a clock of 30 or 60 seconds.
    #[error("the period is {0} seconds; 30 and 60 are supported")]
    Period(u64),
    /// Another number of digits.
    #[error("the codes have {0} digits; 6 and 8 are supported")]
    Digits(u64),
    /// A counter beyond what can be stored.
    #[error("the counter is too large")]
    Counter,
    /// Another algorithm, by its name.
    #[error("the algorithm is {0}; only SHA-1 is supported")]
    Algorithm(String),
}

impl TokenSeed {
    /// Checks what a line says. `period` is `None` for a token with a button.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(
        serial: &str,
        secret: &[u8],
        period: Option<u64>,
        digits: u64,
        next_counter: u64,
    ) -> Result<Self, SeedProblem> {
        let serial = Serial::parse(serial).ok_or(SeedProblem::Serial)?;
        if !(MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&secret.len()) {
            return Err(SeedProblem::Length(secret.len()));
        }
        let factor = match period {
            None => MovingFactor::Counter,
            Some(30) => MovingFactor::Time { period: 30 },
            // Longer than NIST's two minutes never; 60 is what makers of older tokens have.
            Some(60) => MovingFactor::Time { period: 60 },
            Some(other) => return Err(SeedProblem::Period(other)),
        };
        let known = i64::try_from(digits).ok().and_then(Digits::of_count);
        let digits = known.ok_or(SeedProblem::Digits(digits))?;
        // Far below the largest value of a column, so that no addition ever meets it.
        if next_counter > u64::from(u32::MAX) {
            return Err(SeedProblem::Counter);
        }
        Ok(Self {
            serial,
            secret: TotpSecret::from_bytes(secret),
            factor,
            digits,
            next_counter,
        })
    }

    /// The only algorithm there is, by the names that makers give it.
    ///
    /// # Errors
    /// Any other, by its name.
    pub fn check_algorithm(name: &str) -> Result<(), SeedProblem> {
        let plain = name.trim().to_ascii_uppercase().replace(['-', '_'], "");
        let plain = plain.strip_prefix("HMAC").unwrap_or(&plain);
        if matches!(plain, "" | "SHA1") {
            return Ok(());
        }
        let short: String = name.trim().chars().take(MAX_SERIAL_CHARS).collect();
        Err(SeedProblem::Algorithm(short))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_has_one_spelling_or_none() {
        let read = |typed| Serial::parse(typed).map(|serial| serial.0);
        assert_eq!(read(" ft-200 4711 "), Some("FT2004711".to_owned()));
        for bad in ["", " - ", "47/11", "47\u{a0}11", "№1", &"9".repeat(33)] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        assert_eq!(Serial::parse("1234567").unwrap().tail(), "4567");
        assert_eq!(Serial::parse("7").unwrap().tail(), "7");
    }

    #[test]
    fn only_sha_1_is_taken_and_others_are_named() {
        for name in ["", "SHA1", "sha-1", "HmacSHA1", "HMAC-SHA1", "hmac_sha_1"] {
            assert_eq!(TokenSeed::check_algorithm(name), Ok(()), "{name}");
        }
        for name in ["SHA256", "HMAC-SHA512", "MD5"] {
            let refused = TokenSeed::check_algorithm(name).unwrap_err().to_string();
            assert!(refused.contains(name), "{refused}");
        }
    }

    #[test]
    fn weak_seeds_and_odd_parameters_are_refused() {
        let check = |bytes: usize, period, digits, counter| {
            let secret = vec![7; bytes];
            TokenSeed::check("1", &secret, period, digits, counter).err()
        };
        assert_eq!(check(20, Some(30), 6, 0), None);
        assert_eq!(check(64, None, 8, u64::from(u32::MAX)), None);
        assert_eq!(check(15, None, 6, 0), Some(SeedProblem::Length(15)));
        assert_eq!(check(65, None, 6, 0), Some(SeedProblem::Length(65)));
        assert_eq!(check(20, Some(0), 6, 0), Some(SeedProblem::Period(0)));
        assert_eq!(check(20, Some(120), 6, 0), Some(SeedProblem::Period(120)));
        assert_eq!(check(20, None, 7, 0), Some(SeedProblem::Digits(7)));
        assert_eq!(check(20, None, 6, u64::MAX), Some(SeedProblem::Counter));
    }
}
