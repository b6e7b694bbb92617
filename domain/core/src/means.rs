//! By which means somebody proved herself: told of every sign-in, for good.
//!
//! The one word that stands in the audit log with a finished sign-in, and what it means where a
//! fresh factor is asked for. Never says whether a proof is right: that is
//! [`challenge`](crate::challenge)'s.

use crate::authenticator::AuthenticatorKind;
use crate::challenge::Spend;

/// By what something was proved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Means {
    /// An authenticator of this kind that she holds; never a code by mail.
    Authenticator(AuthenticatorKind),
    /// A recovery code of her own.
    RecoveryCode,
    /// A code that an operator gave, to her or in an envelope.
    Given,
    /// A code that was sent by mail.
    Mail,
}

impl Means {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Authenticator(AuthenticatorKind::Passkey),
        Self::Authenticator(AuthenticatorKind::Totp),
        Self::Authenticator(AuthenticatorKind::Hardware),
        Self::RecoveryCode,
        Self::Given,
        Self::Mail,
    ];

    /// What a right code proves.
    #[must_use]
    pub const fn of(spend: &Spend) -> Self {
        match spend {
            Spend::Step(spent) | Spend::Resync(spent) => Self::of_kind(spent.kind),
            Spend::Assertion { .. } => Self::of_kind(AuthenticatorKind::Passkey),
            Spend::RecoveryCode(_) => Self::RecoveryCode,
            Spend::TemporaryCode(_) | Spend::SealedCode(_) => Self::Given,
            Spend::MailCode(_) => Self::Mail,
        }
    }

    /// What an authenticator of this kind proves.
    #[must_use]
    pub const fn of_kind(kind: AuthenticatorKind) -> Self {
        match kind {
            AuthenticatorKind::Email => Self::Mail,
            kind => Self::Authenticator(kind),
        }
    }

    /// The word in the audit log, beside the sign-in that it finished. Stable.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authenticator(kind) => kind.name(),
            Self::RecoveryCode => "recovery_code",
            Self::Given => "given_code",
            Self::Mail => AuthenticatorKind::Email.name(),
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|means| means.name() == name)
    }

    /// Whether a session proved by this counts as fresh where a path asks for a fresh factor
    /// (advisory A17). A code by mail is the weakest there is, but it was made a moment ago and is
    /// the only one its owner can have: no new sign-in would give her a fresher one.
    #[must_use]
    pub const fn is_fresh_factor(self) -> bool {
        matches!(self, Self::Authenticator(_) | Self::Mail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::SpentStep;
    use crate::ids::{AuthenticatorId, MailCodeId, RecoveryCodeId, SealedCodeId, TemporaryCodeId};
    use crate::oath::Drift;
    use crate::totp::TimeStep;

    fn step(kind: AuthenticatorKind) -> SpentStep {
        SpentStep {
            authenticator: AuthenticatorId(1),
            kind,
            step: TimeStep(1),
            drift: Drift::default(),
        }
    }

    #[test]
    fn every_means_is_read_back_from_its_word() {
        for means in Means::ALL {
            assert_eq!(Means::from_name(means.name()), Some(means));
        }
        assert_eq!(Means::from_name("sms"), None);
        for kind in AuthenticatorKind::ALL {
            assert_eq!(Means::from_name(kind.name()), Some(Means::of_kind(kind)));
        }
    }

    #[test]
    fn a_code_tells_of_which_kind_it_was() {
        let (phone, token) = (AuthenticatorKind::Totp, AuthenticatorKind::Hardware);
        let means = |spend| Means::of(&spend).name();
        assert_eq!(means(Spend::Step(step(phone))), "totp");
        assert_eq!(means(Spend::Resync(step(token))), "hardware");
        assert_eq!(means(Spend::MailCode(MailCodeId(1))), "email");
    }

    #[test]
    fn no_code_of_paper_makes_a_session_fresh() {
        let fresh = |spend| Means::of(&spend).is_fresh_factor();
        assert!(fresh(Spend::Step(step(AuthenticatorKind::Totp))));
        assert!(fresh(Spend::Resync(step(AuthenticatorKind::Totp))));
        assert!(fresh(Spend::MailCode(MailCodeId(1))));
        assert!(!fresh(Spend::RecoveryCode(RecoveryCodeId(1))));
        assert!(!fresh(Spend::TemporaryCode(TemporaryCodeId(1))));
        assert!(!fresh(Spend::SealedCode(SealedCodeId(1))));
    }
}
