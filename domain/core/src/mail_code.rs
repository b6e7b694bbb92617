//! E-mail codes: eight digits sent to an address on file, good for ten minutes in the one pending
//! login that asked for them.
//!
//! The weakest way there is, so it is the most bounded one: newest only, five tries, few sends
//! (`standards.md` 0.1, N15, N16). Minting takes random bytes as an argument; whether it may be
//! offered at all is [`authenticator`](crate::authenticator)'s. Never sends, stores or spends one.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::ids::MailCodeId;
use crate::time::Timestamp;
use crate::written::{is_dash, written};

/// Digits of a code, spaces not counted.
pub const MAIL_CODE_DIGITS: usize = 8;
/// How long a code counts.
pub const MAIL_CODE_FOR: Duration = Duration::from_secs(10 * 60);
/// Wrong codes after which the sent one does not count any more.
pub const MAIL_CODE_TRIES: u32 = 5;

/// Codes to one person within [`SHORT_WINDOW`].
const SENDS_IN_SHORT: usize = 3;
const SHORT_WINDOW: Duration = Duration::from_secs(15 * 60);
/// Codes to one mailbox within [`LONG_WINDOW`].
const SENDS_IN_LONG: usize = 10;
/// The longer of both windows: what has to be remembered.
pub const LONG_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
/// Codes asked for from one source within the short window, over all names.
const SENDS_OF_SOURCE: usize = 20;

/// What a code by mail is for. One that was sent for the one never counts for the other (attack
/// D11): it goes into the code's MAC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailCodeUse {
    /// A sign-in, a first set-up, or a locked session.
    SignIn,
    /// The set-up of another authenticator on its owner's page.
    AddAuthenticator,
}

impl MailCodeUse {
    /// What stands in the MAC. Stable.
    #[must_use]
    pub const fn label(self) -> &'static [u8] {
        match self {
            Self::SignIn => b"code",
            Self::AddAuthenticator => b"code to add an authenticator",
        }
    }
}

/// One code: eight ASCII digits. Redacted `Debug`, no `Display`, wiped on drop.
#[derive(Clone)]
pub struct MailCode(Zeroizing<String>);

impl MailCode {
    /// Makes a code of 16 random bytes; no code is noticeably likelier than another.
    #[must_use]
    pub fn mint(random: &[u8; 16]) -> Self {
        let number = u128::from_be_bytes(*random) % 100_000_000;
        Self(Zeroizing::new(format!("{number:08}")))
    }

    /// Reads what was typed: spaces and dashes are dropped, exactly eight ASCII digits must remain.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut digits = Zeroizing::new(String::with_capacity(MAIL_CODE_DIGITS));
        for c in typed.chars() {
            match c {
                '0'..='9' if digits.len() < MAIL_CODE_DIGITS => digits.push(c),
                c if c.is_whitespace() || is_dash(c) => {}
                _ => return None,
            }
        }
        (digits.len() == MAIL_CODE_DIGITS).then_some(Self(digits))
    }

    /// `1234 5678`: as it stands in the mail.
    #[must_use]
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at(MAIL_CODE_DIGITS / 2);
        format!("{first} {second}")
    }

    /// The eight digits, for the MAC that is stored.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

written!(MailCode);

/// The typed digits are those of the code that was sent for this very login, and it counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MailCodeMatch {
    /// Which.
    pub id: MailCodeId,
}

/// When codes were sent before: to this person, to this mailbox (of whomever), and by request of
/// this source.
#[derive(Clone, Debug, Default)]
pub struct SendsBefore {
    /// To her, any address.
    pub to_person: Vec<Timestamp>,
    /// To the mailbox.
    pub to_mailbox: Vec<Timestamp>,
    /// From the client address.
    pub from_source: Vec<Timestamp>,
}

/// Whether another code may be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MaySend {
    /// Yes.
    Now,
    /// Not before then.
    NotBefore(Timestamp),
}

impl SendsBefore {
    /// Three to a person in a quarter of an hour, ten a day to a person or mailbox, twenty of a
    /// source in a quarter of an hour (attack D10).
    #[must_use]
    pub fn may_send(&self, now: Timestamp) -> MaySend {
        let bounds = [
            bound(&self.to_person, SENDS_IN_SHORT, SHORT_WINDOW, now),
            bound(&self.to_person, SENDS_IN_LONG, LONG_WINDOW, now),
            bound(&self.to_mailbox, SENDS_IN_LONG, LONG_WINDOW, now),
            bound(&self.from_source, SENDS_OF_SOURCE, SHORT_WINDOW, now),
        ];
        let latest = bounds.into_iter().flatten().max();
        latest.map_or(MaySend::Now, MaySend::NotBefore)
    }
}

/// The moment at which the oldest of the newest `most` leaves the window, if that is still to come.
fn bound(sent: &[Timestamp], most: usize, window: Duration, now: Timestamp) -> Option<Timestamp> {
    let mut sent = sent.to_vec();
    sent.sort_unstable_by(|one, other| other.cmp(one));
    let free = sent.get(most.checked_sub(1)?)?.plus(window);
    (free > now).then_some(free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oath::Digits;
    use crate::recovery_code::RecoveryCode;
    use crate::sealed_code::SealedCode;
    use crate::temporary_code::TemporaryCode;
    use crate::totp::TypedCode;
    use proptest::prelude::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_secs(minute * 60)
    }

    #[test]
    fn a_minted_code_is_eight_digits_in_two_groups() {
        let mut random = [0; 16];
        random[15] = 42;
        let code = MailCode::mint(&random);
        assert_eq!(code.shown(), "0000 0042");
        assert_eq!(MailCode::parse(" 0000-0042"), Some(code.clone()));
        assert_eq!(format!("{code:?}"), "MailCode(..)");
        for typed in ["", "123456", "123456789", "1234567a", "１２３４５６７８"] {
            assert_eq!(MailCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn d10_three_in_a_quarter_of_an_hour_and_ten_a_day() {
        let sent = |minutes: &[i64]| SendsBefore {
            to_person: minutes.iter().map(|minute| at(*minute)).collect(),
            ..SendsBefore::default()
        };
        assert_eq!(sent(&[]).may_send(at(0)), MaySend::Now);
        assert_eq!(sent(&[0, 1]).may_send(at(2)), MaySend::Now);
        assert_eq!(sent(&[0, 1, 2]).may_send(at(3)), MaySend::NotBefore(at(15)));
        assert_eq!(sent(&[0, 1, 2]).may_send(at(15)), MaySend::Now);
        let spread: Vec<i64> = (0..10).map(|nth| nth * 20).collect();
        assert_eq!(
            sent(&spread).may_send(at(300)),
            MaySend::NotBefore(at(24 * 60))
        );
    }

    #[test]
    fn d10_other_names_and_tags_do_not_widen_it() {
        let many = |count: i64| (0..count).map(|_| at(0)).collect::<Vec<_>>();
        let mailbox = SendsBefore {
            to_mailbox: many(10),
            ..SendsBefore::default()
        };
        assert_eq!(mailbox.may_send(at(1)), MaySend::NotBefore(at(24 * 60)));
        let source = SendsBefore {
            from_source: many(20),
            ..SendsBefore::default()
        };
        assert_eq!(source.may_send(at(1)), MaySend::NotBefore(at(15)));
    }

    proptest! {
        #[test]
        fn a_mailed_code_is_no_saved_code_and_no_phones(random: [u8; 16]) {
            let code = MailCode::mint(&random);
            let shown = code.shown();
            prop_assert_eq!(MailCode::parse(&shown), Some(code));
            prop_assert!(TemporaryCode::parse(&shown).is_none());
            prop_assert!(RecoveryCode::parse(&shown).is_none());
            prop_assert!(SealedCode::parse(&shown).is_none());
            // A hardware token's may have eight digits too: `challenge` tells them apart by what
            // was sent and what she holds. A phone's has six.
            let typed = TypedCode::parse(&shown);
            prop_assert_eq!(typed.map(|typed| typed.expose().len()), Some(Digits::Eight.count()));
        }
    }
}
