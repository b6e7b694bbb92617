//! Time-based one-time codes (RFC 6238 over RFC 4226): secrets, steps, codes, and when they count.
//!
//! SHA-1, 6 digits, 30 seconds, 160 bits and nothing else: authenticator apps accept other
//! parameters and then silently compute these (`standards.md` U3 to U6). Never reads a clock and
//! never remembers which step was spent: [`challenge`](crate::challenge) compares with the last
//! one, the store settles races.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use crate::time::Timestamp;

/// Length of one time step. RFC 6238 section 5.2 recommends it; several apps ignore any other (U5).
pub const STEP_SECONDS: u64 = 30;

/// Digits of one code (U4).
pub const CODE_DIGITS: usize = 6;

/// Bytes of a new secret: the 160 bits of RFC 4226 section 4 R6, the most that every app takes
/// (U6).
pub const SECRET_BYTES: usize = 20;

/// How many characters of an account name an authenticator app still shows usefully.
const ACCOUNT_CHARS: usize = 60;

/// The seed that the subscriber's phone and we share. Redacted `Debug`, no `Display`, wiped on
/// drop.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl TotpSecret {
    /// Wraps the bytes of a seed: [`SECRET_BYTES`] random ones, or those of a stored or imported
    /// seed.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The bytes, for sealing at rest.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The seed as apps take it: RFC 4648 base32, upper case, without padding (U6).
    #[must_use]
    pub fn to_base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The seed for typing by hand: base32 in groups of four (U9).
    #[must_use]
    pub fn in_groups_of_four(&self) -> String {
        grouped(&self.to_base32(), ' ')
    }

    fn generator(&self) -> Totp {
        // A step of one second makes the library's "time" our step: no multiplication, so no
        // overflow at any step (RFC 6238 section 4.2: the time value must be wider than 32 bits).
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(1)
            .with_secret(self.0.as_slice())
            .build_noncompliant()
    }
}

impl PartialEq for TotpSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for TotpSecret {}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

/// Which 30 seconds since the Unix epoch: the counter of RFC 4226, the thing that is spent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimeStep(pub u64);

/// The step that `now` lies in. Moments before the epoch count as step zero.
#[must_use]
pub fn step_at(now: Timestamp) -> TimeStep {
    TimeStep(u64::try_from(now.as_secs()).unwrap_or(0) / STEP_SECONDS)
}

/// The code of one step, six ASCII digits with leading zeros.
#[must_use]
pub fn code_at(secret: &TotpSecret, step: TimeStep) -> String {
    secret.generator().generate(step.0).to_string()
}

/// The step whose code was typed, within `window` steps around `now` (1, by RFC 6238 section 5.2).
///
/// Every step of the window is computed and compared in constant time, so that the answer takes as
/// long for the first digit wrong as for the last (attack D13). Of two equal codes the newer step
/// counts.
#[must_use]
pub fn matching_step(
    secret: &TotpSecret,
    code: &TypedCode,
    now: Timestamp,
    window: u64,
) -> Option<TimeStep> {
    let generator = secret.generator();
    let centre = step_at(now).0;
    let (mut found, mut step) = (Choice::from(0), 0_u64);
    for candidate in centre.saturating_sub(window)..=centre.saturating_add(window) {
        let right = generator.generate(candidate).to_string();
        let equal = right.as_bytes().ct_eq(code.0.as_bytes());
        step.conditional_assign(&candidate, equal);
        found |= equal;
    }
    bool::from(found).then_some(TimeStep(step))
}

/// How many steps the phone's clock is off when a code that does not count now was, or will be,
/// right within `within_steps`. Negative: the phone is slow. The nearest such step counts.
///
/// Only for the sentence that helps somebody whose clock is off; nothing is accepted by it.
#[must_use]
pub fn drift(
    secret: &TotpSecret,
    code: &TypedCode,
    now: Timestamp,
    within_steps: u64,
) -> Option<i64> {
    let generator = secret.generator();
    let centre = step_at(now).0;
    let mut nearest: Option<i64> = None;
    for candidate in centre.saturating_sub(within_steps)..=centre.saturating_add(within_steps) {
        let right = generator.generate(candidate).to_string();
        if bool::from(right.as_bytes().ct_eq(code.0.as_bytes())) {
            let off = candidate.wrapping_sub(centre).cast_signed();
            if nearest.is_none_or(|known| off.abs() < known.abs()) {
                nearest = Some(off);
            }
        }
    }
    nearest
}

/// What the QR code holds: `otpauth://totp/Issuer:account?secret=…`, with every default written
/// out.
///
/// The issuer stands in the label and in the parameter, because Microsoft Authenticator tells
/// entries apart by the label alone (U7). A colon would end the issuer, so it becomes `-` (U2); a
/// space is `%20`, never `+`.
#[must_use]
pub fn otpauth_uri(secret: &TotpSecret, issuer: &str, account: &str) -> String {
    let issuer = encoded(&label_part(issuer));
    let account = encoded(&label_part(account));
    let secret = secret.to_base32();
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}\
         &algorithm=SHA1&digits={CODE_DIGITS}&period={STEP_SECONDS}"
    )
}

/// One half of the label: no colon, no control characters, at most [`ACCOUNT_CHARS`] characters.
fn label_part(text: &str) -> String {
    let kept = text.trim().chars().filter(|c| !c.is_control());
    kept.map(|c| if c == ':' { '-' } else { c })
        .take(ACCOUNT_CHARS)
        .collect()
}

/// RFC 3986 section 2.3: everything that is not unreserved is percent-encoded.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Groups of four characters with `between` between them: what a person can copy without losing her
/// place.
pub(crate) fn grouped(text: &str, between: char) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push(between);
        }
        out.push(c);
    }
    out
}

/// A typed code in its one normal form: six ASCII digits. Redacted `Debug`, wiped on drop.
pub struct TypedCode(Zeroizing<String>);

impl TypedCode {
    /// Reads what was typed; ASCII spaces and one hyphen between the digits are dropped.
    ///
    /// Apps show `123 456` and people copy that. Everything else is refused, also digits of other
    /// scripts, a sign, or a number that lost its leading zero (attack D08).
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut digits = Zeroizing::new(String::with_capacity(CODE_DIGITS));
        let mut hyphens = 0;
        for byte in typed.trim_matches(' ').bytes() {
            match byte {
                b'0'..=b'9' if digits.len() < CODE_DIGITS => digits.push(char::from(byte)),
                b' ' => {}
                b'-' if hyphens == 0 && !digits.is_empty() && digits.len() < CODE_DIGITS => {
                    hyphens += 1;
                }
                _ => return None,
            }
        }
        (digits.len() == CODE_DIGITS).then_some(Self(digits))
    }

    /// The six digits, for the MAC by which a repeated post is known.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedCode(..)")
    }
}

#[cfg(test)]
mod tests;
