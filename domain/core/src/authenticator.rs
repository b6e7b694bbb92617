//! Kinds of authenticators: which may be set up and which may be asked for.
//!
//! Policy, what a person holds and what works at this moment go in; a set of [`Kinds`] comes out.
//! Pages offer exactly that set and posts are checked against it, so that no address or field picks
//! a weaker way than policy (attacks D19, A16). Never judges a code:
//! [`challenge`](crate::challenge).

use std::fmt;

/// What somebody proves herself with, strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum AuthenticatorKind {
    /// A passkey or security key (WebAuthn): the only one that cannot be phished (NIST N27).
    Passkey,
    /// An authenticator app on a phone (RFC 6238).
    Totp,
    /// A hardware OATH token, given out by an operator (RFC 6238 or RFC 4226).
    Hardware,
    /// A code sent by e-mail: labelled lower, off by default (NIST N15).
    Email,
}

impl AuthenticatorKind {
    /// All, strongest first.
    pub const ALL: [Self; 4] = [Self::Passkey, Self::Totp, Self::Hardware, Self::Email];

    /// The word stored, shown in reports and written in the settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::Hardware => "hardware",
            Self::Email => "email",
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// RFC 8176 values of a sign-in with it, after a password. E-mail has none of its own, and a
    /// session made with it is no AAL2 one: `mfa` is left out (NIST N15).
    #[must_use]
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Passkey => "pwd swk mfa",
            Self::Totp => "pwd otp mfa",
            Self::Hardware => "pwd otp hwk mfa",
            Self::Email => "pwd email",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of kinds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Kinds(u8);

impl Kinds {
    /// None at all.
    pub const NONE: Self = Self(0);

    /// What an app allows whose owner says nothing: everything but e-mail.
    pub const PRESET: Self = Self(
        AuthenticatorKind::Passkey.bit()
            | AuthenticatorKind::Totp.bit()
            | AuthenticatorKind::Hardware.bit(),
    );

    /// Whether it is in.
    #[must_use]
    pub const fn has(self, kind: AuthenticatorKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// With this one as well.
    #[must_use]
    pub const fn with(self, kind: AuthenticatorKind) -> Self {
        Self(self.0 | kind.bit())
    }

    /// Without this one.
    #[must_use]
    pub const fn without(self, kind: AuthenticatorKind) -> Self {
        Self(self.0 & !kind.bit())
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each, strongest first.
    pub fn iter(self) -> impl Iterator<Item = AuthenticatorKind> {
        AuthenticatorKind::ALL
            .into_iter()
            .filter(move |kind| self.has(*kind))
    }

    /// Whether anything is in that is stronger than a code by e-mail.
    #[must_use]
    pub const fn beyond_email(self) -> bool {
        !self.without(AuthenticatorKind::Email).is_empty()
    }
}

impl FromIterator<AuthenticatorKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = AuthenticatorKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(AuthenticatorKind::name))
            .finish()
    }
}

/// What works at this moment, for this person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reachable {
    /// Mail can be sent, and an address of hers is on file that she did not bring herself in this
    /// request (advisory B4).
    pub email: bool,
}

/// By what a challenge may be passed: what she holds and policy allows. E-mail only where she holds
/// nothing stronger, however the strongest came to be out of use (`standards.md` 0.2).
#[must_use]
pub const fn may_ask_for(held: Kinds, allowed: Kinds, reachable: Reachable) -> Kinds {
    let usable = held.and(allowed);
    if held.beyond_email() || !reachable.email {
        usable.without(AuthenticatorKind::Email)
    } else {
        usable
    }
}

/// What may be set up by a person herself. A hardware token is an operator's to give; e-mail is
/// offered only to whom nothing stronger belongs, once, and only while mail works.
#[must_use]
pub const fn may_set_up(held: Kinds, allowed: Kinds, reachable: Reachable) -> Kinds {
    let open = allowed.without(AuthenticatorKind::Hardware);
    if !held.is_empty() || !reachable.email {
        open.without(AuthenticatorKind::Email)
    } else {
        open
    }
}

/// Which of the usable kinds is asked for first: the one of last time, else the strongest.
#[must_use]
pub fn asked_first(usable: Kinds, last: Option<AuthenticatorKind>) -> Option<AuthenticatorKind> {
    last.filter(|kind| usable.has(*kind))
        .or_else(|| usable.iter().next())
}

#[cfg(test)]
mod tests {
    use AuthenticatorKind::{Email, Hardware, Passkey, Totp};

    use super::*;

    const MAIL: Reachable = Reachable { email: true };
    const NO_MAIL: Reachable = Reachable { email: false };

    fn kinds<const N: usize>(kinds: [AuthenticatorKind; N]) -> Kinds {
        kinds.into_iter().collect()
    }

    fn every_set() -> impl Iterator<Item = Kinds> {
        (0..16).map(Kinds)
    }

    #[test]
    fn names_are_stable() {
        for kind in AuthenticatorKind::ALL {
            assert_eq!(AuthenticatorKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(AuthenticatorKind::from_name("TOTP"), None);
        assert_eq!(
            format!("{:?}", kinds([Email, Passkey])),
            r#"{"passkey", "email"}"#
        );
    }

    #[test]
    fn by_itself_an_app_allows_everything_but_email() {
        assert_eq!(Kinds::PRESET, kinds([Passkey, Totp, Hardware]));
    }

    #[test]
    fn nothing_is_asked_for_that_is_not_held_and_allowed() {
        for held in every_set() {
            for allowed in every_set() {
                let asked = may_ask_for(held, allowed, MAIL);
                assert_eq!(asked.and(held).and(allowed), asked, "{held:?} {allowed:?}");
            }
        }
    }

    #[test]
    fn email_is_never_asked_for_beside_anything_stronger() {
        for held in every_set().filter(|held| held.beyond_email()) {
            let asked = may_ask_for(held.with(Email), kinds([Email]), MAIL);
            assert_eq!(asked, Kinds::NONE, "{held:?}");
        }
        let only = kinds([Email]);
        assert_eq!(may_ask_for(only, only, MAIL), only);
        assert_eq!(may_ask_for(only, only, NO_MAIL), Kinds::NONE);
    }

    #[test]
    fn a_person_sets_up_what_is_allowed_but_no_token_and_email_only_as_her_first() {
        let all = kinds(AuthenticatorKind::ALL);
        assert_eq!(
            may_set_up(Kinds::NONE, all, MAIL),
            kinds([Passkey, Totp, Email])
        );
        assert_eq!(
            may_set_up(Kinds::NONE, all, NO_MAIL),
            kinds([Passkey, Totp])
        );
        assert_eq!(may_set_up(kinds([Totp]), all, MAIL), kinds([Passkey, Totp]));
        assert_eq!(
            may_set_up(Kinds::NONE, kinds([Hardware]), MAIL),
            Kinds::NONE
        );
    }

    #[test]
    fn the_kind_of_last_time_comes_first_while_it_is_usable() {
        let both = kinds([Passkey, Totp]);
        assert_eq!(asked_first(both, Some(Totp)), Some(Totp));
        assert_eq!(asked_first(both, Some(Email)), Some(Passkey));
        assert_eq!(asked_first(both, None), Some(Passkey));
        assert_eq!(asked_first(Kinds::NONE, Some(Totp)), None);
    }
}
