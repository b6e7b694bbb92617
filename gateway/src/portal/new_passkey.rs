//! A new passkey: offered to one session, and judged when the browser brings it.
//!
//! The same at a first sign-in ([`enrol_passkey`](super::enrol_passkey)) and on a person's own page
//! (`own::key`). A challenge belongs to the session that it was given to and is taken before its
//! answer is looked at (W2, advisory B9). Keeps nothing: that is the store's transaction.

use anteroom_core::authenticator::{Kinds, Reachable, may_set_up};
use anteroom_core::ids::SessionHash;
use anteroom_core::passkey::CHALLENGE_FOR;
use anteroom_core::registration::{
    Registered, RegistrationFacts, RegistrationVerdict, judge_registration,
};
use anteroom_store::{Ceremony, CeremonyPurpose, NewCeremony, PasskeyMaterial};

use super::visit::Visit;
use crate::fail::Failure;
use crate::pages::CodeProblem;
use crate::passkeys::{Asked, RelyingParty, allowed, challenge_of};

/// By what authenticators know a person. Its bytes stand before the library's state.
pub(super) type Handle = [u8; HANDLE];
const HANDLE: usize = 32;

/// A new passkey, offered.
pub(super) struct Offer {
    asked: Asked,
    state: Vec<u8>,
}

impl Offer {
    /// To somebody of this name and handle, who has these already (W9).
    pub(super) fn new(
        party: &RelyingParty<'_>,
        name: &str,
        handle: &Handle,
        known: &[PasskeyMaterial],
    ) -> Result<Self, Failure> {
        let asked = party.offer(name, handle, known)?;
        let state = [&handle[..], &asked.state[..]].concat();
        Ok(Self { asked, state })
    }

    /// What the browser is asked, as JSON.
    pub(super) fn options(&self) -> &str {
        &self.asked.options
    }

    /// What the store is to remember of it.
    pub(super) fn ceremony(&self, visit: &Visit, session: SessionHash) -> NewCeremony<'_> {
        NewCeremony {
            purpose: CeremonyPurpose::Register,
            session,
            challenge: self.asked.challenge,
            state: &self.state,
            expires_at: visit.now.plus(CHALLENGE_FOR),
            now: visit.now,
        }
    }
}

/// What the browser made for this session, with the handle it was made for; or why it is not
/// taken.
pub(super) async fn take(
    visit: &Visit,
    party: &RelyingParty<'_>,
    session: &SessionHash,
    answer: &str,
) -> Result<Result<(Handle, Registered), CodeProblem>, Failure> {
    if answer.trim().is_empty() {
        return Ok(Err(CodeProblem::PasskeyMissing));
    }
    let Some(challenge) = challenge_of(answer) else {
        return Ok(Err(CodeProblem::PasskeyNotMade));
    };
    let (store, purpose) = (&visit.gateway.store, CeremonyPurpose::Register);
    let taken = store.ceremony_take(purpose, session, &challenge).await?;
    Ok(match taken {
        Some(ceremony) => judge(visit, party, answer, &ceremony),
        None => Err(CodeProblem::PasskeyLate),
    })
}

/// What may be set up from this page.
fn offered(visit: &Visit) -> Kinds {
    let allowed = allowed(&visit.arrival);
    may_set_up(Kinds::NONE, allowed, Reachable { email: false })
}

fn judge(
    visit: &Visit,
    party: &RelyingParty<'_>,
    answer: &str,
    ceremony: &Ceremony,
) -> Result<(Handle, Registered), CodeProblem> {
    let (handle, state) = ceremony
        .state
        .split_first_chunk::<HANDLE>()
        .ok_or(CodeProblem::PasskeyLate)?;
    let facts = RegistrationFacts {
        outcome: party.register(answer, state),
        challenge_ends: ceremony.expires_at,
        offered: offered(visit),
        user_verification: party.settings.user_verification,
    };
    match judge_registration(facts, visit.now) {
        RegistrationVerdict::Accept(registered) => Ok((*handle, registered)),
        RegistrationVerdict::Late | RegistrationVerdict::NotOffered => {
            Err(CodeProblem::PasskeyLate)
        }
        RegistrationVerdict::Unverified => Err(CodeProblem::PasskeyUnverified),
        RegistrationVerdict::Faulty(fault) => {
            tracing::info!(
                reference = %visit.arrival.reference,
                fault = fault.name(),
                "a new passkey was not taken"
            );
            Err(CodeProblem::PasskeyNotMade)
        }
    }
}
