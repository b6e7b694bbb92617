//! E-mail addresses of people: what is taken for one, how it is shown, when it may receive codes.
//!
//! Strict on purpose: ASCII only, one `@`, no quoting, no comments, so that nothing in an address
//! can be another header, another recipient or a look-alike of another letter (attack D10). Never
//! sends or stores anything: `anteroom-store` keeps addresses sealed, `anteroom-mail` writes to
//! them.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::time::Timestamp;

/// RFC 5321 section 4.5.3.1: octets of a path without its angle brackets.
pub const MAX_ADDRESS_CHARS: usize = 254;

/// RFC 5321 section 4.5.3.1.1.
const MAX_LOCAL_CHARS: usize = 64;

/// How many addresses a person may have (NIST N21 asks for two at least).
pub const MAX_ADDRESSES: usize = 5;

/// How long codes wait after a change of addresses, where no setting says otherwise (attack D20).
pub const HOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// An address that mail may be sent to. Redacted `Debug`, no `Display`: it must not stand in a log
/// or in the audit log.
#[derive(Clone, PartialEq, Eq)]
pub struct MailAddress(Zeroizing<String>);

/// Why a text is not taken for an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAnAddress {
    /// Other letters than ASCII: some look like ASCII ones and lead elsewhere.
    #[error("an address is written in plain letters only, without accents or other alphabets")]
    NotAscii,
    /// A line break, a tab or another character that steers a terminal or a header.
    #[error("an address is one line without spaces")]
    Control,
    /// Too long.
    #[error("an address has at most 254 characters, and 64 before the @")]
    TooLong,
    /// Not `name@domain.example`.
    #[error("an address looks like name@clinic.example")]
    Shape,
}

impl MailAddress {
    /// Reads an address. Space around it is dropped, nothing else is mended.
    ///
    /// # Errors
    /// Says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim_matches(' ');
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(NotAnAddress::Control);
        }
        if !text.is_ascii() {
            return Err(NotAnAddress::NotAscii);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress::Shape)?;
        if text.len() > MAX_ADDRESS_CHARS || local.len() > MAX_LOCAL_CHARS {
            return Err(NotAnAddress::TooLong);
        }
        if !is_dot_string(local) || !is_domain(domain) {
            return Err(NotAnAddress::Shape);
        }
        let domain = domain.to_ascii_lowercase();
        Ok(Self(Zeroizing::new(format!("{local}@{domain}"))))
    }

    /// The address, for sealing and sending.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Enough for its owner to know it again: `j…@c…`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or(("", ""));
        let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
        format!("{}…@{}…", first(local), first(domain))
    }

    /// What limits are counted by: case and `+tags` make no new mailbox (attack D10).
    #[must_use]
    pub fn mailbox(&self) -> Zeroizing<String> {
        let (local, domain) = self.0.split_once('@').unwrap_or(("", ""));
        let base = local.split('+').next().unwrap_or_default();
        let base = if base.is_empty() { local } else { base };
        Zeroizing::new(format!("{}@{domain}", base.to_ascii_lowercase()))
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(..)")
    }
}

/// RFC 5321 `Dot-string`. A leading `-` could be read as an option by a mail program.
fn is_dot_string(local: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let fits = |part: &str| !part.is_empty() && part.chars().all(atom);
    !local.starts_with('-') && local.split('.').all(fits)
}

/// Two labels at least, of letters, digits and inner hyphens. Punycode stays out: its letters are
/// the look-alikes again.
fn is_domain(domain: &str) -> bool {
    let fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.to_ascii_lowercase().starts_with("xn--")
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    let named = last.chars().any(|c| c.is_ascii_alphabetic());
    domain.contains('.') && named && domain.split('.').all(fits)
}

/// Who brought an address. Never a login request: that would be the password thief's (advisory B4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressSource {
    /// An operator typed it.
    Operator,
    /// It came with a list of many.
    Import,
    /// She typed it herself in a verified session, with a fresh code.
    Herself,
}

impl AddressSource {
    /// The word stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Import => "import",
            Self::Herself => "herself",
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Operator, Self::Import, Self::Herself]
            .into_iter()
            .find(|source| source.name() == name)
    }
}

/// From when on codes may be sent to a new address. Only the very first one of somebody who has no
/// factor yet counts at once: whoever took a session over, or talked an operator into a change,
/// waits while the notice reaches the former address (attack D20).
#[must_use]
pub fn codes_from(
    had_another: bool,
    enrolled: bool,
    source: AddressSource,
    hold: Duration,
    now: Timestamp,
) -> Timestamp {
    if had_another || enrolled || matches!(source, AddressSource::Herself) {
        now.plus(hold)
    } else {
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_addresses_are_read_and_shown_masked() {
        for (typed, read, masked) in [
            ("jo.chen@clinic.test", "jo.chen@clinic.test", "j…@c…"),
            (" Ann@Clinic.Test ", "Ann@clinic.test", "A…@c…"),
            ("o'neil+emr@a-b.co", "o'neil+emr@a-b.co", "o…@a…"),
        ] {
            let address = MailAddress::parse(typed).unwrap();
            assert_eq!(address.expose(), read);
            assert_eq!(address.masked(), masked);
            assert_eq!(format!("{address:?}"), "MailAddress(..)");
        }
    }

    #[test]
    fn tags_and_case_are_one_mailbox() {
        let mailbox = |text| MailAddress::parse(text).unwrap().mailbox().to_string();
        assert_eq!(mailbox("Jo+a@clinic.test"), mailbox("jo+b@CLINIC.test"));
        assert_ne!(mailbox("jo@clinic.test"), mailbox("joe@clinic.test"));
        assert_eq!(mailbox("+x@clinic.test"), "+x@clinic.test");
    }

    #[test]
    fn d10_an_address_cannot_be_a_header_another_recipient_or_a_look_alike() {
        let long = format!("{}@clinic.test", "a".repeat(65));
        for (typed, why) in [
            ("a@x.test\nBcc: b@y.test", NotAnAddress::Control),
            ("a@x.test\r\nBcc: b@y.test", NotAnAddress::Control),
            ("a@x.test\u{b6}Bcc: b@y.test", NotAnAddress::Control),
            ("a@x.test\u{b6}b", NotAnAddress::NotAscii),
            ("\u{430}nn@clinic.test", NotAnAddress::NotAscii),
            ("ann@clin\u{0131}c.test", NotAnAddress::NotAscii),
            ("ann@xn--clinc-q4a.test", NotAnAddress::Shape),
            ("a@x.test,b@y.test", NotAnAddress::Shape),
            ("a@b@x.test", NotAnAddress::Shape),
            ("Ann <ann@x.test>", NotAnAddress::Control),
            ("<ann@x.test>", NotAnAddress::Shape),
            ("\"ann\"@x.test", NotAnAddress::Shape),
            ("-f@x.test", NotAnAddress::Shape),
            ("ann@localhost", NotAnAddress::Shape),
            ("ann@127.0.0.1", NotAnAddress::Shape),
            ("ann@[127.0.0.1]", NotAnAddress::Shape),
            (".a@x.test", NotAnAddress::Shape),
            ("a..b@x.test", NotAnAddress::Shape),
            ("a@-x.test", NotAnAddress::Shape),
            ("", NotAnAddress::Shape),
            (long.as_str(), NotAnAddress::TooLong),
        ] {
            assert_eq!(MailAddress::parse(typed), Err(why), "{typed:?}");
        }
    }

    #[test]
    fn d20_a_changed_address_waits_before_codes_go_there() {
        let (now, hold) = (Timestamp::from_secs(1_000), Duration::from_secs(86_400));
        let from = |had, enrolled, source| codes_from(had, enrolled, source, hold, now);
        assert_eq!(from(false, false, AddressSource::Operator), now);
        assert_eq!(from(false, false, AddressSource::Import), now);
        let later = now.plus(hold);
        assert_eq!(from(true, false, AddressSource::Operator), later);
        assert_eq!(from(false, true, AddressSource::Operator), later);
        assert_eq!(from(false, false, AddressSource::Herself), later);
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_one_plain_token(text in any::<String>()) {
            if let Ok(address) = MailAddress::parse(&text) {
                let plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c);
                prop_assert!(address.expose().chars().all(plain));
                prop_assert_eq!(MailAddress::parse(address.expose()), Ok(address));
            }
        }
    }
}
