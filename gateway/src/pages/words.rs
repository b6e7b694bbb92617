//! How a page speaks: the voice of one language about one app, and the sentences that count or
//! measure: spans of time, tries, and what was wrong with a typed code.
//!
//! Where somebody has to wait no moment is named: a clinic's clock is not ours, so a page says "in
//! about 2 minutes". What is past, or agreed with others, is said in UTC. Holds no sentence itself:
//! those are `anteroom_words`. Used by all families.

use anteroom_core::temporary_code::TemporaryOver;
use anteroom_core::time::Timestamp;
use anteroom_words::{Language, Value, moment};

use super::CodeProblem;

/// Six digits, or eight as some tokens have, with whatever a person or a clipboard puts between
/// them. The same for everybody: nobody learns from it who has a token. The server checks again.
pub(super) const CODE_DIGITS: &str = r"\s*([0-9][\s\-]*){6}(([0-9][\s\-]*){2})?";

/// Six digits, with whatever a person or a clipboard puts between them. The server checks again.
pub(super) const SIX_DIGITS: &str = r"\s*([0-9][\s\-]*){6}";

/// Speaks one language about one app.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice<'a> {
    /// The language.
    pub(super) language: Language,
    /// The app, which every sentence may name.
    pub(super) app: &'a str,
}

impl Voice<'_> {
    /// Says a sentence.
    pub(super) fn say(&self, id: &'static str) -> String {
        self.say_with(id, &[])
    }

    /// Says a sentence that names more than the app.
    pub(super) fn say_with(
        &self,
        id: &'static str,
        values: &[(&'static str, Value<'_>)],
    ) -> String {
        anteroom_words::say(self.language, id, &self.with_app(values))
    }

    /// What a sentence says before and after the value that the page marks up.
    pub(super) fn around(&self, id: &'static str, name: &'static str) -> (String, String) {
        anteroom_words::around(self.language, id, name, &self.with_app(&[]))
    }

    fn with_app<'v>(
        &'v self,
        values: &[(&'static str, Value<'v>)],
    ) -> Vec<(&'static str, Value<'v>)> {
        let mut all = vec![("app", Value::from(self.app))];
        all.extend_from_slice(values);
        all
    }

    /// A length of time, as a person would say it. Rounded up: who waits that long never comes too
    /// early.
    pub(super) fn span(&self, seconds: u64) -> String {
        let (id, count) = match seconds {
            0..=10 => ("span-few-seconds", 0),
            11..=50 => ("span-seconds", seconds.div_ceil(10) * 10),
            51..=60 => ("span-minute", 1),
            61..=3300 => ("span-minutes", seconds.div_ceil(60)),
            3301..=3600 => ("span-hour", 1),
            _ => ("span-hours", seconds.div_ceil(3600)),
        };
        self.say_with(id, &[("count", count.into())])
    }

    /// How many recovery codes are unspent.
    pub(super) fn codes_left(&self, count: u32) -> String {
        self.say_with("recovery-left", &[("count", count.into())])
    }

    /// How long the page lives and how many tries are left.
    pub(super) fn limits(&self, minutes_left: u32, tries_left: Option<u32>) -> String {
        let minutes = [("minutes", minutes_left.into())];
        let time = self.say_with("challenge-minutes-left", &minutes);
        match tries_left {
            None => time,
            Some(tries) => {
                let tries = self.say_with("challenge-tries-left", &[("tries", tries.into())]);
                format!("{time} {tries}")
            }
        }
    }

    /// `10:42 UTC`.
    pub(super) fn clock(&self, at: Timestamp) -> String {
        moment::clock(self.language, at)
    }

    /// `10:42 UTC on 1 March`: a day has to be named, because a code may live for days.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        moment::within_the_year(self.language, at)
    }

    /// What to tell about a code that was not taken.
    pub(super) fn said(&self, problem: CodeProblem, field: Field) -> Said {
        let (what, then) = match problem {
            CodeProblem::TemporaryOver(why) => return self.over(why),
            CodeProblem::ClockOff { minutes } => return self.clock_off(minutes),
            CodeProblem::TokenSlow { minutes } => return self.token_slow(minutes),
            CodeProblem::Missing => ("trouble-missing", expected(field)),
            CodeProblem::Malformed => (malformed(field), expected(field)),
            CodeProblem::Reused if field == Field::RecoveryCode => {
                ("trouble-reused-saved", "trouble-reused-saved-then")
            }
            CodeProblem::Reused if field == Field::TokenCode => {
                ("trouble-reused", "trouble-reused-token-then")
            }
            CodeProblem::Reused => ("trouble-reused", "trouble-reused-then"),
            CodeProblem::SwitchedOff => ("trouble-switched-off", "trouble-switched-off-then"),
            CodeProblem::NotInARow => ("trouble-not-in-a-row", "trouble-not-in-a-row-then"),
            CodeProblem::Expired if field == Field::EnrolmentCode => {
                ("trouble-expired-enrolment", "trouble-new-one")
            }
            CodeProblem::Expired => ("trouble-expired", "trouble-expired-then"),
            CodeProblem::WrongRecoveryCode => wrong(Field::RecoveryCode),
            CodeProblem::WrongTemporaryCode => {
                ("trouble-wrong-temporary", "trouble-wrong-temporary-then")
            }
            CodeProblem::WrongSealedCode => ("trouble-wrong-sealed", "trouble-wrong-sealed-then"),
            CodeProblem::NotFresh => ("trouble-not-fresh", "trouble-not-fresh-then"),
            CodeProblem::WrongMailCode => wrong(Field::MailCode),
            CodeProblem::WrongEnrolmentCode => wrong(Field::EnrolmentCode),
            CodeProblem::Wrong => wrong(field),
            other => passkey(other),
        };
        let mut then = self.say(then);
        if problem == CodeProblem::Wrong && field == Field::Code {
            then = format!("{then} {}", self.say("trouble-wrong-other"));
        }
        Said {
            what: self.say(what),
            then,
        }
    }

    /// What became of a temporary code that was right once.
    fn over(&self, why: TemporaryOver) -> Said {
        let (what, then) = match why {
            TemporaryOver::UsedUp(_) => (
                "trouble-temporary-used-up",
                "trouble-temporary-used-up-then",
            ),
            TemporaryOver::Expired(_) => ("trouble-temporary-expired", "trouble-new-one"),
            TemporaryOver::Revoked(_) => (
                "trouble-temporary-withdrawn",
                "trouble-temporary-withdrawn-then",
            ),
        };
        Said {
            what: self.say_with(what, &[("moment", self.moment(why.at()).into())]),
            then: self.say(then),
        }
    }

    fn clock_off(&self, minutes: i64) -> Said {
        let what = if minutes < 0 {
            "trouble-clock-slow"
        } else {
            "trouble-clock-fast"
        };
        Said {
            what: self.say_with(what, &[("minutes", minutes.unsigned_abs().into())]),
            then: self.say("trouble-clock-then"),
        }
    }

    fn token_slow(&self, minutes: i64) -> Said {
        let minutes = [("minutes", minutes.unsigned_abs().into())];
        Said {
            what: self.say_with("trouble-token-slow", &minutes),
            then: self.say("trouble-token-slow-then"),
        }
    }
}

/// Which field a code was typed into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    /// The code from the phone.
    Code,
    /// The same, for who has a hardware token too.
    TokenCode,
    /// The first code of a new authenticator.
    FirstCode,
    /// A code that was written down: a recovery code, or a temporary or sealed one.
    RecoveryCode,
    /// The operator's enrolment code.
    EnrolmentCode,
    /// A code by mail.
    MailCode,
}

/// What was wrong, and what to do now.
pub(super) struct Said {
    pub(super) what: String,
    pub(super) then: String,
}

/// What to tell about a passkey that did not do. Nothing here says "code".
const fn passkey(problem: CodeProblem) -> (&'static str, &'static str) {
    match problem {
        CodeProblem::PasskeyMissing => ("trouble-passkey-missing", "trouble-passkey-missing-then"),
        CodeProblem::PasskeyDisabled => {
            ("trouble-passkey-disabled", "trouble-passkey-disabled-then")
        }
        CodeProblem::PasskeyUnverified => (
            "trouble-passkey-unverified",
            "trouble-passkey-unverified-then",
        ),
        CodeProblem::PasskeyNotMade => {
            ("trouble-passkey-not-made", "trouble-passkey-not-made-then")
        }
        CodeProblem::PasskeyKnown => ("trouble-passkey-known", "trouble-passkey-known-then"),
        CodeProblem::PasskeyWrong => ("trouble-passkey-wrong", "trouble-passkey-wrong-then"),
        _ => ("trouble-expired", "trouble-passkey-late-then"),
    }
}

const fn malformed(field: Field) -> &'static str {
    match field {
        Field::Code | Field::FirstCode => "trouble-malformed",
        Field::TokenCode => "trouble-malformed-token",
        Field::RecoveryCode => "trouble-malformed-saved",
        Field::EnrolmentCode => "trouble-malformed-enrolment",
        Field::MailCode => "trouble-malformed-mail",
    }
}

const fn expected(field: Field) -> &'static str {
    match field {
        Field::Code => "trouble-expected",
        Field::TokenCode => "trouble-expected-token",
        Field::FirstCode => "trouble-expected-first",
        Field::RecoveryCode => "trouble-expected-saved",
        Field::EnrolmentCode => "trouble-expected-enrolment",
        Field::MailCode => "trouble-expected-mail",
    }
}

const fn wrong(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Code => ("trouble-wrong", "trouble-wrong-then"),
        Field::TokenCode => ("trouble-wrong", "trouble-wrong-token-then"),
        Field::FirstCode => ("trouble-wrong", "trouble-wrong-first-then"),
        Field::RecoveryCode => ("trouble-wrong-saved", "trouble-wrong-saved-then"),
        Field::EnrolmentCode => ("trouble-wrong-enrolment", "trouble-wrong-enrolment-then"),
        Field::MailCode => ("trouble-wrong-mail", "trouble-wrong-mail-then"),
    }
}

/// A moment for machines, in UTC: the attribute behind a span of time, never shown as it is.
pub(super) fn machine_time(at: Timestamp) -> String {
    let secs = at.as_secs();
    let (days, rest) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
    // Days to a civil date, counted in 400-year eras that start on a 1 March.
    let shifted = days.saturating_add(719_468);
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let civil_month = if month < 10 { month + 3 } else { month - 9 };
    let civil_year = era * 400 + year + i64::from(civil_month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{civil_year:04}-{civil_month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}Z")
}
