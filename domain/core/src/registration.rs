//! Whether a new passkey may be kept: [`judge_registration`], the counterpart of a first code.
//!
//! The library's outcome comes in as a fact, like in [`assertion`](crate::assertion). Never
//! decides whether its owner may enrol at all: [`enrolment`](crate::enrolment) and the store's
//! transaction do; that no two people have the same credential is a constraint of the store (W9).

use std::fmt;

use crate::authenticator::{AuthenticatorKind, Kinds};
use crate::passkey::{Fault, LONGEST_ID, SHORTEST_ID, UserVerification};
use crate::time::Timestamp;

/// A credential that a browser brought, as the library read it. Redacted `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCredential {
    /// Its id.
    pub id: Vec<u8>,
    /// Its public key and what belongs to it, as the edge writes it down.
    pub kept: Vec<u8>,
    /// The authenticator made sure that it is its owner (W6).
    pub user_verified: bool,
    /// It may be backed up, and so live on several devices (W7).
    pub backup_eligible: bool,
    /// It is.
    pub backed_up: bool,
    /// Its count of signatures.
    pub sign_count: u32,
}

impl fmt::Debug for NewCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCredential").finish_non_exhaustive()
    }
}

/// Proof that a new passkey was made for us, now, as policy wants it. Only [`judge_registration`]
/// makes one.
#[must_use = "a passkey is worth nothing until the store has kept it"]
#[derive(Clone, Debug)]
pub struct Registered {
    credential: NewCredential,
}

impl Registered {
    /// What is to be kept.
    #[must_use]
    pub const fn credential(&self) -> &NewCredential {
        &self.credential
    }
}

/// All that the verdict on a new passkey depends on.
pub struct RegistrationFacts {
    /// What the library made of the answer.
    pub outcome: Result<NewCredential, Fault>,
    /// Until when the challenge could be answered.
    pub challenge_ends: Timestamp,
    /// What may be set up ([`may_set_up`](crate::authenticator::may_set_up)).
    pub offered: Kinds,
    /// Whether its owner has to be verified.
    pub user_verification: UserVerification,
}

/// The verdict on a new passkey.
#[derive(Debug)]
pub enum RegistrationVerdict {
    /// To be kept.
    Accept(Registered),
    /// Nobody offered one.
    NotOffered,
    /// The challenge is over; a new one may be answered.
    Late,
    /// Its owner was not verified and has to be.
    Unverified,
    /// It cannot be taken.
    Faulty(Fault),
}

/// Judges a new passkey at `now`. Nothing is guessed here, so nothing is throttled.
#[must_use]
pub fn judge_registration(facts: RegistrationFacts, now: Timestamp) -> RegistrationVerdict {
    if !facts.offered.has(AuthenticatorKind::Passkey) {
        return RegistrationVerdict::NotOffered;
    }
    if now >= facts.challenge_ends {
        return RegistrationVerdict::Late;
    }
    match facts.outcome {
        Err(fault) => RegistrationVerdict::Faulty(fault),
        Ok(new) if !(SHORTEST_ID..=LONGEST_ID).contains(&new.id.len()) => {
            RegistrationVerdict::Faulty(Fault::Credential)
        }
        Ok(new) if new.backed_up && !new.backup_eligible => {
            RegistrationVerdict::Faulty(Fault::Backup)
        }
        Ok(new) if !facts.user_verification.is_met(new.user_verified) => {
            RegistrationVerdict::Unverified
        }
        Ok(credential) => RegistrationVerdict::Accept(Registered { credential }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn new() -> NewCredential {
        NewCredential {
            id: vec![7; 32],
            kept: b"a key".to_vec(),
            user_verified: true,
            backup_eligible: false,
            backed_up: false,
            sign_count: 0,
        }
    }

    fn facts(new: NewCredential) -> RegistrationFacts {
        RegistrationFacts {
            outcome: Ok(new),
            challenge_ends: NOW.plus(Duration::from_secs(60)),
            offered: Kinds::PRESET,
            user_verification: UserVerification::Preferred,
        }
    }

    fn said(facts: RegistrationFacts) -> String {
        match judge_registration(facts, NOW) {
            RegistrationVerdict::Accept(_) => "accepted".to_owned(),
            RegistrationVerdict::Faulty(fault) => fault.name().to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_good_one_is_kept_as_it_came() {
        match judge_registration(facts(new()), NOW) {
            RegistrationVerdict::Accept(registered) => assert_eq!(registered.credential(), &new()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn ids_are_of_possible_length() {
        for (length, verdict) in [
            (15, "credential"),
            (16, "accepted"),
            (1023, "accepted"),
            (1024, "credential"),
        ] {
            let id = vec![1; length];
            assert_eq!(said(facts(NewCredential { id, ..new() })), verdict);
        }
    }

    #[test]
    fn a_backup_without_eligibility_is_impossible() {
        let odd = NewCredential {
            backed_up: true,
            ..new()
        };
        assert_eq!(said(facts(odd)), "backup");
    }

    #[test]
    fn what_was_not_offered_came_late_or_is_not_verified_is_not_kept() {
        let not_offered = RegistrationFacts {
            offered: Kinds::NONE.with(AuthenticatorKind::Totp),
            ..facts(new())
        };
        assert_eq!(said(not_offered), "NotOffered");
        let late = RegistrationFacts {
            challenge_ends: NOW,
            ..facts(new())
        };
        assert_eq!(said(late), "Late");
        let required = RegistrationFacts {
            user_verification: UserVerification::Required,
            ..facts(NewCredential {
                user_verified: false,
                ..new()
            })
        };
        assert_eq!(said(required), "Unverified");
    }
}
