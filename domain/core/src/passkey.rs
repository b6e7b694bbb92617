//! Passkeys and security keys (WebAuthn): the words that both ceremonies share.
//!
//! What a browser's answer holds is read and its signature checked at the edge, by a library; here
//! its outcome is a plain value. Never parses and never computes a signature. Look next:
//! [`assertion`](crate::assertion) (signing in), [`registration`](crate::registration) (setting
//! up).

use std::time::Duration;

/// How long a challenge may be answered (W2): by hand, with a key that has to be found first.
pub const CHALLENGE_FOR: Duration = Duration::from_secs(5 * 60);

/// The longest credential id that a browser may bring (W9, WebAuthn level 3 section 5.8.3).
pub const LONGEST_ID: usize = 1023;

/// The shortest: 16 bytes of which at least 100 bits are random (WebAuthn section 4).
pub const SHORTEST_ID: usize = 16;

/// Whether the authenticator has to make sure that it is its owner who touches it, by PIN or
/// fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum UserVerification {
    /// Where it can. Enough beside a password that was proved (W6).
    #[default]
    Preferred,
    /// Always: an answer without it is refused (advisory B12).
    Required,
}

impl UserVerification {
    /// Whether an answer with or without it is enough.
    #[must_use]
    pub const fn is_met(self, verified: bool) -> bool {
        verified || matches!(self, Self::Preferred)
    }
}

/// What is wrong with an answer. The names stand in the audit log: they tell somebody who looks
/// after the clinic whether a page in between was lying, or a key does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// It cannot be read.
    Malformed,
    /// The answer to another kind of ceremony (W1).
    Type,
    /// Not the challenge of this ceremony (W2).
    Challenge,
    /// Given to a page that is not ours (W3): somebody may be relaying.
    Origin,
    /// Given to a page inside a foreign one (W4).
    Framed,
    /// Made for another relying party (W5).
    RelyingParty,
    /// Nobody touched the authenticator (W6).
    Presence,
    /// Flags about backups that contradict each other, or what was said before (W7).
    Backup,
    /// An algorithm that was not offered, or an attestation that does not hold (W8).
    Algorithm,
    /// A credential that is not one of hers, or an id of impossible length (W9, W10).
    Credential,
    /// The handle of somebody else (W10).
    UserHandle,
    /// The signature does not fit (W11).
    Signature,
}

impl Fault {
    /// All.
    pub const ALL: [Self; 12] = [
        Self::Malformed,
        Self::Type,
        Self::Challenge,
        Self::Origin,
        Self::Framed,
        Self::RelyingParty,
        Self::Presence,
        Self::Backup,
        Self::Algorithm,
        Self::Credential,
        Self::UserHandle,
        Self::Signature,
    ];

    /// The word in the audit log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Type => "type",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::Framed => "framed",
            Self::RelyingParty => "relying_party",
            Self::Presence => "presence",
            Self::Backup => "backup",
            Self::Algorithm => "algorithm",
            Self::Credential => "credential",
            Self::UserHandle => "user_handle",
            Self::Signature => "signature",
        }
    }
}

/// Whether `rp_id` may stand for `host` (WebAuthn section 5.1.2): the same name, or one that it
/// ends in at a dot. A name without a dot stands for nothing but itself.
#[must_use]
pub fn rp_id_fits(rp_id: &str, host: &str) -> bool {
    let below = || {
        host.strip_suffix(rp_id)
            .is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
    };
    host == rp_id || (rp_id.contains('.') && below())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_relying_party_stands_for_itself_and_what_is_below_it() {
        for (rp_id, host, fits) in [
            ("emr.test", "emr.test", true),
            ("clinic.test", "emr.clinic.test", true),
            ("emr.test", "bademr.test", false),
            ("emr.clinic.test", "clinic.test", false),
            ("test", "emr.test", false),
            ("localhost", "localhost", true),
            ("emr.test", ".emr.test", false),
        ] {
            assert_eq!(rp_id_fits(rp_id, host), fits, "{rp_id} for {host}");
        }
    }

    #[test]
    fn every_fault_has_its_own_name() {
        let names: HashSet<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        assert_eq!(names.len(), Fault::ALL.len());
    }

    #[test]
    fn only_required_insists_on_a_verified_user() {
        assert!(UserVerification::Preferred.is_met(false));
        assert!(UserVerification::Required.is_met(true));
        assert!(!UserVerification::Required.is_met(false));
    }
}
