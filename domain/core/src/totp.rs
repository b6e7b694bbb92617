//! One-time codes (RFC 6238 over RFC 4226): secrets, steps, codes, and where a typed one stands.
//!
//! What a phone gets is SHA-1, 6 digits, 30 seconds, 160 bits and nothing else: authenticator apps
//! accept other parameters and then silently compute these (`standards.md` U3 to U6). Tokens of
//! hardware may have 8 digits, 60 seconds or a counter in place of a clock. Never reads a clock and
//! never decides what counts: [`oath`](crate::oath) does, for each authenticator.

use std::fmt;
use std::ops::RangeInclusive;

use data_encoding::BASE32_NOPAD;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use crate::oath::Digits;
use crate::time::Timestamp;

/// Length of one time step. RFC 6238 section 5.2 recommends it; several apps ignore any other (U5).
pub const STEP_SECONDS: u64 = 30;

/// Digits of a phone's code (U4).
pub const CODE_DIGITS: usize = 6;

/// The most digits that a token's code has.
const MOST_DIGITS: usize = 8;

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

    fn generator(&self, digits: Digits) -> Totp {
        // A step of one second makes the library's "time" our step, or a counter: no
        // multiplication, so no overflow at any step (RFC 6238 section 4.2: the time value must be
        // wider than 32 bits).
        let digits = match digits {
            Digits::Six => 6,
            Digits::Eight => 8,
        };
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(digits)
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

/// Which 30 (or 60) seconds since the Unix epoch, or which press of a token's button: the counter
/// of RFC 4226, the thing that is spent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimeStep(pub u64);

/// The step of 30 seconds that `now` lies in. Moments before the epoch count as step zero.
#[must_use]
pub fn step_at(now: Timestamp) -> TimeStep {
    TimeStep(u64::try_from(now.as_secs()).unwrap_or(0) / STEP_SECONDS)
}

/// The same for steps of so many seconds; none is shorter than one.
#[must_use]
pub fn step_of(period: u32, now: Timestamp) -> TimeStep {
    TimeStep(u64::try_from(now.as_secs()).unwrap_or(0) / u64::from(period.max(1)))
}

/// The code of one step, six ASCII digits with leading zeros: what a phone shows.
#[must_use]
pub fn code_at(secret: &TotpSecret, step: TimeStep) -> String {
    code_of(secret, Digits::Six, step)
}

/// The code of one step or counter value, with so many digits.
#[must_use]
pub fn code_of(secret: &TotpSecret, digits: Digits, step: TimeStep) -> String {
    secret.generator(digits).generate(step.0).to_string()
}

/// Which of these steps or counter values the typed code is of.
///
/// Every one is computed and compared in constant time, so that the answer takes as long for the
/// first digit wrong as for the last (attack D13). Of two equal codes the newer step counts.
#[must_use]
pub fn find(
    secret: &TotpSecret,
    digits: Digits,
    code: &TypedCode,
    among: RangeInclusive<u64>,
) -> Option<TimeStep> {
    let generator = secret.generator(digits);
    let (mut found, mut step) = (Choice::from(0), 0_u64);
    for candidate in among {
        let right = generator.generate(candidate).to_string();
        let equal = right.as_bytes().ct_eq(code.0.as_bytes());
        step.conditional_assign(&candidate, equal);
        found |= equal;
    }
    bool::from(found).then_some(TimeStep(step))
}

/// The same for a phone, within `window` steps around `now` (1, by RFC 6238 section 5.2).
#[must_use]
pub fn matching_step(
    secret: &TotpSecret,
    code: &TypedCode,
    now: Timestamp,
    window: u64,
) -> Option<TimeStep> {
    let centre = step_at(now).0;
    let around = centre.saturating_sub(window)..=centre.saturating_add(window);
    find(secret, Digits::Six, code, around)
}

/// The later of two neighbouring steps whose codes these are, both among these and both newer than
/// `after`. Of two such pairs the newer counts; computed like [`find`].
#[must_use]
pub fn find_pair(
    secret: &TotpSecret,
    digits: Digits,
    (first, second): (&TypedCode, &TypedCode),
    among: RangeInclusive<u64>,
    after: Option<TimeStep>,
) -> Option<TimeStep> {
    let generator = secret.generator(digits);
    let (mut found, mut step) = (Choice::from(0), 0_u64);
    let mut before = Choice::from(0);
    for candidate in among {
        let right = generator.generate(candidate).to_string();
        let unspent = Choice::from(u8::from(after.is_none_or(|last| candidate > last.0)));
        let both = before & right.as_bytes().ct_eq(second.0.as_bytes());
        step.conditional_assign(&candidate, both);
        found |= both;
        before = unspent & right.as_bytes().ct_eq(first.0.as_bytes());
    }
    bool::from(found).then_some(TimeStep(step))
}

/// How many steps of 30 seconds a phone's clock is off when a code that does not count now was, or
/// will be, right within `within_steps`. Negative: the phone is slow. The nearest such step counts.
///
/// Only for the sentence that helps somebody who sets a phone up with the seed before her eyes;
/// nothing is accepted by it.
#[must_use]
pub fn drift(
    secret: &TotpSecret,
    code: &TypedCode,
    now: Timestamp,
    within_steps: u64,
) -> Option<i64> {
    let centre = step_at(now).0;
    let near = |among| find(secret, Digits::Six, code, among);
    (0..=within_steps).find_map(|off| {
        let (past, future) = (centre.saturating_sub(off), centre.saturating_add(off));
        let off = off.cast_signed();
        let slow = near(past..=past).map(|_| -off);
        slow.or_else(|| near(future..=future).map(|_| off))
    })
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

/// A typed code in its one normal form: six or eight ASCII digits. Redacted `Debug`, wiped on drop.
pub struct TypedCode(Zeroizing<String>);

impl TypedCode {
    /// Reads what was typed; ASCII spaces and one hyphen between the digits are dropped.
    ///
    /// Apps show `123 456` and people copy that. Everything else is refused, also digits of other
    /// scripts, a sign, or a number that lost its leading zero (attack D08).
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut digits = Zeroizing::new(String::with_capacity(MOST_DIGITS));
        let (mut hyphens, mut after_hyphen) = (0, 0);
        for byte in typed.trim_matches(' ').bytes() {
            match byte {
                b'0'..=b'9' if digits.len() < MOST_DIGITS => {
                    digits.push(char::from(byte));
                    after_hyphen += hyphens;
                }
                b' ' => {}
                b'-' if hyphens == 0 && !digits.is_empty() => hyphens += 1,
                _ => return None,
            }
        }
        let whole = matches!(digits.len(), CODE_DIGITS | MOST_DIGITS);
        (whole && hyphens.min(1) <= after_hyphen).then_some(Self(digits))
    }

    /// The digits, for the MAC by which a repeated post is known.
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
