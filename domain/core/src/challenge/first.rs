//! The first code of something new: whether phone, or mail, and we agree, before it is on file.
//!
//! [`FirstCode`] and [`FirstMail`] are made here only, and the store confirms no enrolment without.
//! Never counts a wrong try: the session that sets up does. Later codes: `challenge::judge_code`.

use super::CodeHint;
use crate::ids::MailCodeId;
use crate::mail_code::MailCodeMatch;
use crate::oath::{self, Digits};
use crate::time::Timestamp;
use crate::totp::{self, TimeStep, TotpSecret, TypedCode};

/// Proof that a new authenticator's first code was right. Only [`judge_first_code`] makes one.
#[must_use = "a first code is worth nothing until the store has confirmed the enrolment"]
#[derive(Debug)]
pub struct FirstCode {
    step: TimeStep,
}

impl FirstCode {
    /// The step the code belongs to: spent with the enrolment.
    #[must_use]
    pub fn step(&self) -> TimeStep {
        self.step
    }
}

/// The verdict on the first code of a new authenticator.
#[derive(Debug)]
pub enum FirstCodeVerdict {
    /// Right: the phone and we agree on seed, time and algorithm (U10).
    Accept(FirstCode),
    /// Wrong.
    Wrong {
        /// What may be said about it.
        hint: Option<CodeHint>,
    },
}

/// Judges the first code of an authenticator that is being enrolled.
///
/// Its seed is on the same screen, so there is nothing to guess: no throttle, and hints in both
/// directions.
#[must_use]
pub fn judge_first_code(secret: &TotpSecret, typed: &str, now: Timestamp) -> FirstCodeVerdict {
    let of_phone = |code: &TypedCode| code.expose().len() == Digits::Six.count();
    let Some(code) = TypedCode::parse(typed).filter(of_phone) else {
        return FirstCodeVerdict::Wrong {
            hint: Some(CodeHint::Malformed),
        };
    };
    match totp::matching_step(secret, &code, now, oath::WINDOW.unsigned_abs()) {
        Some(step) => FirstCodeVerdict::Accept(FirstCode { step }),
        None => FirstCodeVerdict::Wrong {
            hint: totp::drift(secret, &code, now, CLOCK_HINT_STEPS).map(clock_off),
        },
    }
}

/// Proof that the code sent to an address was typed right at enrolment. Only
/// [`judge_first_mail_code`] makes one.
#[must_use = "a first code is worth nothing until the store has confirmed the enrolment"]
#[derive(Debug)]
pub struct FirstMail {
    code: MailCodeId,
}

impl FirstMail {
    /// The code: spent with the enrolment.
    #[must_use]
    pub fn code(&self) -> MailCodeId {
        self.code
    }
}

/// Judges the code by which an address becomes a way to sign in. Unlike a seed it stood on no
/// screen: only the store knows whether it counts in this session.
#[must_use]
pub fn judge_first_mail_code(found: Option<MailCodeMatch>) -> Option<FirstMail> {
    found.map(|found| FirstMail { code: found.id })
}

/// How far off a phone's clock may be and still be named.
const CLOCK_HINT_STEPS: u64 = oath::CLOCK_SECONDS / totp::STEP_SECONDS;

fn clock_off(steps: i64) -> CodeHint {
    CodeHint::ClockOff {
        minutes: oath::minutes(steps, 30),
    }
}
