//! Enrolment codes, and what a first enrolment needs beyond the password.
//!
//! Whoever holds only a stolen password must not be the first to enrol (attacks D14, D15; CISA
//! AA22-074A). Decides and reads typed codes; never issues, stores or spends one (the store does),
//! and never judges the first code of a new authenticator
//! ([`challenge::judge_first_code`](crate::challenge::judge_first_code)).

use std::net::IpAddr;

use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use crate::policy::EnrolmentPolicy;
use crate::time::Timestamp;
use crate::totp::grouped;
use crate::written::{read_typed, written};

/// Characters of an enrolment code, hyphen not counted: 40 bits (NIST SP 800-63B-4 4.1.2.2, N19).
pub const ENROLMENT_CODE_CHARS: usize = 8;

/// A one-time code that an operator hands to one subscriber. Redacted `Debug`, wiped on drop.
#[derive(Clone)]
pub struct EnrolmentCode(Zeroizing<String>);

impl EnrolmentCode {
    /// Makes a code of 5 random bytes.
    #[must_use]
    pub fn mint(random: &[u8; 5]) -> Self {
        Self(Zeroizing::new(BASE32_NOPAD.encode(random)))
    }

    /// Reads what was typed, with the same mends as a recovery code.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        read_typed(typed, ENROLMENT_CODE_CHARS).map(Self)
    }

    /// `XXXX-XXXX`: to be read out, printed or shown, never mailed.
    #[must_use]
    pub fn shown(&self) -> String {
        grouped(&self.0, '-')
    }

    /// The eight characters, for the MAC that is stored.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

written!(EnrolmentCode);

/// What stood beside the password when an enrolment was allowed; kept with the authenticator (N17).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EnrolmentProof {
    /// A code issued by an operator.
    Code,
    /// An address in a listed network.
    Network,
    /// Nothing: the app was in its open roll-out window.
    Open,
}

impl EnrolmentProof {
    /// The word stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Network => "network",
            Self::Open => "open",
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Code, Self::Network, Self::Open]
            .into_iter()
            .find(|proof| proof.name() == name)
    }
}

/// What is still missing before an enrolment may begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnrolmentNeed {
    /// Nothing more; this is the proof.
    Nothing(EnrolmentProof),
    /// An operator's code.
    Code,
}

/// Says what a proved login without an authenticator needs before it may enrol.
///
/// After a reset always a code, whatever the policy: a reset must not be the moment in which the
/// password thief comes first (attack D15).
#[must_use]
pub fn what_enrolment_needs(
    policy: &EnrolmentPolicy,
    client: IpAddr,
    was_reset: bool,
    now: Timestamp,
) -> EnrolmentNeed {
    if was_reset {
        return EnrolmentNeed::Code;
    }
    match policy {
        EnrolmentPolicy::Code => EnrolmentNeed::Code,
        EnrolmentPolicy::Network(networks) => {
            // ::ffff:192.0.2.1 is the same client as 192.0.2.1 (RFC 4291 section 2.5.5.2).
            let client = client.to_canonical();
            if networks.iter().any(|network| network.contains(&client)) {
                EnrolmentNeed::Nothing(EnrolmentProof::Network)
            } else {
                EnrolmentNeed::Code
            }
        }
        EnrolmentPolicy::Open { until } => match until {
            Some(end) if now >= *end => EnrolmentNeed::Code,
            _ => EnrolmentNeed::Nothing(EnrolmentProof::Open),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn need(policy: &EnrolmentPolicy, client: &str, was_reset: bool) -> EnrolmentNeed {
        what_enrolment_needs(policy, client.parse().unwrap(), was_reset, NOW)
    }

    fn open_until(until: Timestamp) -> EnrolmentPolicy {
        EnrolmentPolicy::Open { until: Some(until) }
    }

    #[test]
    fn a_code_is_shown_in_two_groups_and_read_back_with_mends() {
        let code = EnrolmentCode::mint(&[0x0A, 0x1C, 0xE0, 0x0A, 0x1C]);
        assert_eq!(code.shown(), "BIOO-ACQ4");
        assert_eq!(EnrolmentCode::parse("8i00 acq4"), Some(code.clone()));
        assert_eq!(EnrolmentCode::parse("BIOOACQ"), None);
        assert_eq!(EnrolmentCode::parse("BIOOACQ44"), None);
        assert_eq!(format!("{code:?}"), "EnrolmentCode(..)");
    }

    #[test]
    fn the_code_policy_always_wants_a_code() {
        assert_eq!(
            need(&EnrolmentPolicy::Code, "10.0.0.1", false),
            EnrolmentNeed::Code
        );
    }

    #[test]
    fn a_listed_network_is_proof_in_both_spellings_of_an_address() {
        let networks = vec![
            "10.1.0.0/16".parse().unwrap(),
            "2001:db8::/32".parse().unwrap(),
        ];
        let policy = EnrolmentPolicy::Network(networks);
        let proof = EnrolmentNeed::Nothing(EnrolmentProof::Network);
        for inside in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"] {
            assert_eq!(need(&policy, inside, false), proof, "{inside}");
        }
        for outside in ["10.2.0.1", "2001:db9::1", "::ffff:10.2.0.1"] {
            assert_eq!(
                need(&policy, outside, false),
                EnrolmentNeed::Code,
                "{outside}"
            );
        }
    }

    #[test]
    fn an_open_window_closes_on_the_millisecond() {
        let open = EnrolmentNeed::Nothing(EnrolmentProof::Open);
        let in_a_moment = NOW.plus(std::time::Duration::from_millis(1));
        assert_eq!(need(&open_until(in_a_moment), "192.0.2.1", false), open);
        assert_eq!(
            need(&open_until(NOW), "192.0.2.1", false),
            EnrolmentNeed::Code
        );
        assert_eq!(
            need(&EnrolmentPolicy::Open { until: None }, "192.0.2.1", false),
            open
        );
    }

    #[test]
    fn after_a_reset_every_policy_wants_a_code() {
        let everywhere = EnrolmentPolicy::Network(vec!["0.0.0.0/0".parse().unwrap()]);
        for policy in [
            EnrolmentPolicy::Code,
            everywhere,
            EnrolmentPolicy::Open { until: None },
        ] {
            assert_eq!(
                need(&policy, "10.0.0.1", true),
                EnrolmentNeed::Code,
                "{policy:?}"
            );
        }
    }

    #[test]
    fn proofs_have_stable_names() {
        for proof in [
            EnrolmentProof::Code,
            EnrolmentProof::Network,
            EnrolmentProof::Open,
        ] {
            assert_eq!(EnrolmentProof::from_name(proof.name()), Some(proof));
        }
        assert_eq!(EnrolmentProof::from_name("Open"), None);
    }
}
