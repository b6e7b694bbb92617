//! The sentences that count or measure: spans of time, tries, and what was wrong with a typed code.
//!
//! Where somebody has to wait no moment is named: a clinic's clock is not ours, so a page says "in
//! about 2 minutes". What is past, or agreed with others, is said in UTC. Used by all families.

use std::borrow::Cow;

use anteroom_core::temporary_code::TemporaryOver;
use anteroom_core::time::Timestamp;

use super::CodeProblem;

/// Six digits, with whatever a person or a clipboard puts between them. The server checks again.
pub(super) const SIX_DIGITS: &str = r"\s*([0-9][\s\-]*){6}";

/// A length of time, as a person would say it. Rounded up: who waits that long never comes too
/// early.
#[must_use]
pub fn span(seconds: u64) -> String {
    match seconds {
        0..=10 => "a few seconds".to_owned(),
        11..=50 => format!("about {} seconds", seconds.div_ceil(10) * 10),
        51..=60 => "about a minute".to_owned(),
        61..=3300 => format!("about {} minutes", seconds.div_ceil(60)),
        3301..=3600 => "about an hour".to_owned(),
        _ => format!("about {} hours", seconds.div_ceil(3600)),
    }
}

/// How many recovery codes are unspent.
pub(super) fn codes_left(count: u32) -> String {
    format!("You have {} left.", counted(count, "code", "codes"))
}

/// "1 try", "3 tries".
fn counted(count: u32, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

/// How long the page lives and how many tries are left.
pub(super) fn limits(minutes_left: u32, tries_left: Option<u32>) -> String {
    let time = match minutes_left {
        0 => "You have less than a minute for this.".to_owned(),
        minutes => format!(
            "You have about {} for this.",
            counted(minutes, "minute", "minutes")
        ),
    };
    match tries_left {
        None => time,
        Some(0) => format!("{time} After a wrong code there will be a pause."),
        Some(tries) => {
            format!(
                "{time} {} left before a pause.",
                counted(tries, "try", "tries")
            )
        }
    }
}

/// Which field a code was typed into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    /// The code from the phone.
    Code,
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
    pub(super) what: Cow<'static, str>,
    pub(super) then: Cow<'static, str>,
}

/// What to tell about a code that was not taken.
pub(super) fn said(problem: CodeProblem, field: Field) -> Said {
    let (what, then) = match problem {
        CodeProblem::Missing => ("No code was typed.", expected(field)),
        CodeProblem::Malformed => match field {
            Field::Code | Field::FirstCode => ("That is not a 6-digit code.", expected(field)),
            Field::RecoveryCode => (
                "That is neither a whole recovery code nor a whole temporary code.",
                expected(field),
            ),
            Field::EnrolmentCode => ("That is not a whole enrolment code.", expected(field)),
            Field::MailCode => ("That is not an 8-digit code.", expected(field)),
        },
        CodeProblem::Reused if field == Field::RecoveryCode => (
            "That recovery code was used before.",
            "Each works once. Use the next one on your list.",
        ),
        CodeProblem::Reused => (
            "That code has already been used.",
            "Each code works once. Wait until your app shows the next one, at most 30 seconds.",
        ),
        CodeProblem::ClockOff { minutes } => return clock_off(minutes),
        CodeProblem::Expired if field == Field::EnrolmentCode => (
            "That enrolment code has expired.",
            "Ask the people under “Need help?” for a new one.",
        ),
        CodeProblem::Expired => (
            "That page had been open too long.",
            "Here is a fresh one. Type the code again.",
        ),
        CodeProblem::WrongRecoveryCode => wrong(Field::RecoveryCode),
        CodeProblem::WrongTemporaryCode => (
            "That temporary code did not match.",
            "Check it digit by digit, or ask the people under “Need help?” for a new one.",
        ),
        CodeProblem::TemporaryOver(why) => return over(why),
        CodeProblem::WrongSealedCode => (
            "That code from an envelope did not match.",
            "Check it letter by letter. Each works once, for one person, at one application.",
        ),
        CodeProblem::WrongMailCode => wrong(Field::MailCode),
        CodeProblem::WrongEnrolmentCode => wrong(Field::EnrolmentCode),
        CodeProblem::Wrong => wrong(field),
    };
    Said {
        what: Cow::Borrowed(what),
        then: Cow::Borrowed(then),
    }
}

fn expected(field: Field) -> &'static str {
    match field {
        Field::Code => "Type the 6 digits that your authenticator app shows now.",
        Field::FirstCode => {
            "Type the 6 digits that your authenticator app shows for the new entry."
        }
        Field::RecoveryCode => {
            "A recovery code has 20 letters and digits, in five groups of four. A temporary code \
             from the helpdesk has 10 digits."
        }
        Field::EnrolmentCode => "It has 8 letters and digits, in two groups of four.",
        Field::MailCode => "Type the 8 digits of the newest message.",
    }
}

fn wrong(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Code => (
            "That code did not match.",
            "Check that you read the right entry in your authenticator app, and type the code \
             it shows now.",
        ),
        Field::FirstCode => (
            "That code did not match.",
            "Check that you read the new entry, and type the code it shows now. If it still \
             fails, remove the entry from the app and scan again.",
        ),
        Field::RecoveryCode => (
            "That recovery code did not match.",
            "Check it letter by letter. Each works once, so skip those you have used.",
        ),
        Field::MailCode => (
            "That is not the code of our newest message.",
            "Only the newest one counts, once, for ten minutes and five tries. Send another one \
             if in doubt.",
        ),
        Field::EnrolmentCode => (
            "That enrolment code did not match.",
            "Check it letter by letter, or ask the people under “Need help?” for a new one.",
        ),
    }
}

/// What became of a temporary code that was right once.
fn over(why: TemporaryOver) -> Said {
    let (verb, then) = match why {
        TemporaryOver::UsedUp(_) => (
            "was used up",
            "If it was not you who used it, tell the people under “Need help?” now. They can also \
             give you another one.",
        ),
        TemporaryOver::Expired(_) => (
            "expired",
            "Ask the people under “Need help?” for a new one.",
        ),
        TemporaryOver::Revoked(_) => (
            "was withdrawn",
            "If you were given a newer one, type that. Otherwise ask the people under “Need \
             help?”.",
        ),
    };
    Said {
        what: Cow::Owned(format!(
            "This temporary code {verb} at {}.",
            moment(why.at())
        )),
        then: Cow::Borrowed(then),
    }
}

fn clock_off(minutes: i64) -> Said {
    let which = if minutes < 0 { "slow" } else { "fast" };
    let what = match minutes.unsigned_abs() {
        0 => Cow::Borrowed("Your phone’s clock is a little off."),
        1 => Cow::Owned(format!("Your phone’s clock is about 1 minute {which}.")),
        off => Cow::Owned(format!(
            "Your phone’s clock is about {off} minutes {which}."
        )),
    };
    Said {
        what,
        then: Cow::Borrowed("Set its time to automatic, then use the next code."),
    }
}

/// `10:42 UTC`.
pub(super) fn clock(at: Timestamp) -> String {
    let text = machine_time(at);
    format!("{} UTC", text.get(11..16).unwrap_or_default())
}

/// `10:42 UTC on 1 March`: a day has to be named, because a code may live for days.
fn moment(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let text = machine_time(at);
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range).unwrap_or_default();
        digits.parse::<usize>().unwrap_or_default()
    };
    let (month, day) = (number(5..7), number(8..10));
    let month = MONTHS
        .get(month.saturating_sub(1))
        .copied()
        .unwrap_or_default();
    format!("{} on {day} {month}", clock(at))
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
