//! What the challenge pages ask of a passkey: the one place that gives such a challenge out.
//!
//! Only after the password was proved, and only to somebody who holds one: before, no page differs
//! between a name with passkeys and one without (W13, attack D12). Answers are judged by
//! `sign_in::answered`.

use anteroom_core::authenticator::{AuthenticatorKind, asked_first};
use anteroom_core::ids::{SessionHash, SubscriberId};
use anteroom_core::passkey::CHALLENGE_FOR;
use anteroom_store::{CeremonyPurpose, NewCeremony};

use super::visit::Visit;
use crate::fail::Failure;
use crate::pages::PasskeyAsk;
use crate::passkeys::RelyingParty;
use crate::sign_in::answered::usable;

/// A challenge on a page.
pub(super) struct PasskeyAsked {
    /// What the script asks the browser for.
    pub(super) options: String,
    /// It comes before the code: she used a passkey last time, or holds nothing else.
    pub(super) first: bool,
}

impl PasskeyAsked {
    /// The same, for a page.
    pub(super) fn on_page(&self) -> PasskeyAsk<'_> {
        PasskeyAsk {
            options: &self.options,
            first: self.first,
        }
    }
}

/// Gives a challenge out to this session; `None` where no passkey can be asked for.
pub(super) async fn ask(
    visit: &Visit,
    session: SessionHash,
    subscriber: Option<SubscriberId>,
    proved: bool,
) -> Result<Option<PasskeyAsked>, Failure> {
    let party = RelyingParty::of(&visit.arrival);
    let (Some(party), Some(subscriber), true) = (party, subscriber, proved) else {
        return Ok(None);
    };
    let store = &visit.gateway.store;
    let held = store
        .passkeys_held(Some(subscriber), &party.settings.rp_id)
        .await?;
    let usable = usable(&visit.arrival, held.held);
    let live = held.keys.iter().any(|key| !key.disabled);
    if !live || !usable.has(AuthenticatorKind::Passkey) {
        return Ok(None);
    }
    let asked = party.ask(&held.keys)?;
    store
        .ceremony_begin(NewCeremony {
            purpose: CeremonyPurpose::Assert,
            session,
            challenge: asked.challenge,
            state: &asked.state,
            expires_at: visit.now.plus(CHALLENGE_FOR),
            now: visit.now,
        })
        .await?;
    Ok(Some(PasskeyAsked {
        options: asked.options,
        first: asked_first(usable, held.last) == Some(AuthenticatorKind::Passkey),
    }))
}
