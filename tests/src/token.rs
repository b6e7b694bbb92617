//! A token of hardware on somebody's key ring: shows codes by its own clock, or one more at each
//! press of its button. Never uses the gateway's code: codes come from totp-rs and, where it is
//! installed, from `oathtool` as an independent second opinion.

use std::process::Command;

use anteroom_core::hardware_token::{Serial, TokenSeed};
use anteroom_core::ids::SubscriberId;
use anteroom_store::{Paper, TokenAssigned};
use data_encoding::HEXLOWER;
use totp_rs::{Builder, Totp};

use crate::world::start::Clinic;

pub struct Token {
    pub serial: String,
    seed: Vec<u8>,
    digits: usize,
    period: Option<u64>,
    /// How far its clock is ahead, in seconds; negative when it is slow.
    pub ahead: i64,
    presses: u64,
}

impl Token {
    /// One with a clock: a new code every so many seconds.
    pub fn with_clock(serial: &str, period: u64, digits: usize) -> Self {
        Self {
            serial: serial.to_owned(),
            seed: crate::world::random()[..20].to_vec(),
            digits,
            period: Some(period),
            ahead: 0,
            presses: 0,
        }
    }

    /// One with a button.
    pub fn with_button(serial: &str, digits: usize) -> Self {
        Self {
            period: None,
            ..Self::with_clock(serial, 30, digits)
        }
    }

    /// Its line in the maker's file.
    pub fn line(&self) -> String {
        let seed = HEXLOWER.encode(&self.seed);
        let (kind, period) = match self.period {
            Some(period) => ("totp", period.to_string()),
            None => ("hotp", String::new()),
        };
        format!(
            "{},hex:{seed},{kind},{},{period},0",
            self.serial, self.digits
        )
    }

    /// What it shows now.
    pub fn shows(&self, clinic: &Clinic) -> String {
        let period = self.period.expect("it has a clock");
        let its_time = clinic.world.clock.now().saturating_add_signed(self.ahead);
        self.code(its_time / period)
    }

    /// Presses its button.
    pub fn press(&mut self) -> String {
        assert!(self.period.is_none(), "it has a button");
        let code = self.code(self.presses);
        self.presses += 1;
        code
    }

    /// The same where nobody looks.
    pub fn skip(&mut self) {
        self.presses += 1;
    }

    fn code(&self, moving: u64) -> String {
        let generator: Totp = Builder::new()
            .with_digits(u8::try_from(self.digits).expect("few"))
            .with_step_duration(1)
            .with_secret(self.seed.as_slice())
            .build_noncompliant();
        let code = generator.generate(moving).to_string();
        if let Some(second) = self.by_oathtool(moving) {
            assert_eq!(second, code, "oathtool");
        }
        code
    }

    /// RFC 6238 is RFC 4226 with the step for a counter, so one kind of call checks both.
    fn by_oathtool(&self, moving: u64) -> Option<String> {
        let output = Command::new("oathtool")
            .args(["--hotp", "--digits", &self.digits.to_string()])
            .args(["--counter", &moving.to_string()])
            .arg(HEXLOWER.encode(&self.seed))
            .output()
            .ok()?;
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// An operator brings it in and gives it to somebody.
    pub async fn given_to(&self, clinic: &Clinic, id: SubscriberId) {
        let seed = TokenSeed::check(&self.serial, &self.seed, self.period, self.digits as u64, 0);
        let seed = seed.expect("a good token");
        let paper = Paper::of("helen", clinic.now()).because("no phone");
        let store = clinic.store();
        let report = store.hardware_tokens_import(&[seed], false, &paper).await;
        assert_eq!(report.expect("the store answers").added.len(), 1);
        let serial = Serial::parse(&self.serial).expect("a serial number");
        let given = store.hardware_token_assign(&serial, id, u32::MAX, &paper);
        let given = given.await.expect("the store answers");
        assert!(matches!(given, TokenAssigned::Done { .. }), "{given:?}");
    }
}
