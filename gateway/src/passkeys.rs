//! WebAuthn at the edge: options for browsers out, their answers in, as plain values for core.
//!
//! The library reads and verifies; what it leaves to its caller is looked at here as well
//! ([`client_data`], docs/decisions/0007): exact origins, frames, user handles. Never decides what
//! a right answer is worth (`anteroom_core::{assertion, registration}`) and remembers nothing: a
//! challenge's state goes into the store and comes back once.

mod client_data;
mod fault;

use anteroom_config::settings::PasskeySettings;
use anteroom_core::assertion::Assertion;
use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::passkey::{CHALLENGE_FOR, Fault, UserVerification};
use anteroom_core::registration::NewCredential;
use anteroom_store::PasskeyMaterial;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{
    AuthenticationState, COSEAlgorithm, Credential, PublicKeyCredential,
    RegisterPublicKeyCredential, RegistrationState, ResidentKeyRequirement, UserVerificationPolicy,
};

use crate::arrival::Arrival;
use crate::fail::Failure;
pub use client_data::challenge_of;
use client_data::{Ceremony, check};
use fault::fault;

/// What is offered: what every key and platform has, and what the library verifies (W8).
const ALGORITHMS: [COSEAlgorithm; 2] = [COSEAlgorithm::ES256, COSEAlgorithm::RS256];

/// The relying party of one app, for the page that asks.
pub struct RelyingParty<'a> {
    /// Names, origins, user verification.
    pub settings: &'a PasskeySettings,
    core: WebauthnCore,
}

/// A challenge for a browser.
pub struct Asked {
    /// What the browser is asked, as JSON.
    pub options: String,
    /// The SHA-256 of the challenge.
    pub challenge: [u8; 32],
    /// What the library wants back.
    pub state: Vec<u8>,
}

impl<'a> RelyingParty<'a> {
    /// `None` where the app takes no passkeys, or this page's origin may not ask for them.
    #[must_use]
    pub fn of(arrival: &'a Arrival) -> Option<Self> {
        let app = &arrival.app.settings;
        let settings = app.passkeys.as_ref()?;
        let scheme = if arrival.secure { "https" } else { "http" };
        let origin = format!("{scheme}://{}", arrival.host.to_ascii_lowercase());
        if !app.policy.kinds.has(AuthenticatorKind::Passkey) || !settings.is_asked_by(&origin) {
            return None;
        }
        let known = settings.origins.iter();
        let origins = known.filter_map(|origin| Url::parse(origin).ok()).collect();
        let core = WebauthnCore::new_unsafe_experts_only(
            &app.display_name,
            &settings.rp_id,
            origins,
            CHALLENGE_FOR,
            Some(false),
            Some(false),
        );
        Some(Self { settings, core })
    }

    /// Asks for an answer of one of these keys.
    ///
    /// # Errors
    /// When a key that was written down cannot be read.
    pub fn ask(&self, keys: &[PasskeyMaterial]) -> Result<Asked, Failure> {
        let enabled = keys.iter().filter(|key| !key.disabled);
        let known = enabled.map(|key| read::<Credential>(&key.kept)).collect();
        let known: Option<Vec<_>> = known;
        let known = known.ok_or(Failure::Internal("a passkey cannot be read"))?;
        // Preferred, whatever policy says: core judges it, after the signature was found right.
        let policy = Some(UserVerificationPolicy::Preferred);
        let asked = self.core.new_challenge_authenticate_builder(known, policy);
        let asked = asked.and_then(|builder| self.core.generate_challenge_authenticate(builder));
        let (mut options, state) =
            asked.map_err(|_| Failure::Internal("no challenge for a passkey"))?;
        options.public_key.user_verification = self.user_verification();
        let challenge = client_data::hashed(&options.public_key.challenge);
        written(&options.public_key, &state, challenge)
    }

    /// Offers to make a new key for somebody of this name and handle.
    ///
    /// # Errors
    /// When the library makes no challenge.
    pub fn offer(
        &self,
        name: &str,
        handle: &[u8; 32],
        known: &[PasskeyMaterial],
    ) -> Result<Asked, Failure> {
        let ids = known.iter().filter_map(|key| read::<Credential>(&key.kept));
        let ids: Vec<_> = ids.map(|credential| credential.cred_id).collect();
        let name = if name.is_empty() { "-" } else { name };
        let offered = self.core.new_challenge_register_builder(handle, name, name);
        let offered = offered.and_then(|builder| {
            let builder = builder
                .credential_algorithms(ALGORITHMS.to_vec())
                .user_verification_policy(UserVerificationPolicy::Preferred)
                .exclude_credentials(Some(ids));
            self.core.generate_challenge_register(builder)
        });
        let (mut options, state) =
            offered.map_err(|_| Failure::Internal("no challenge for a new passkey"))?;
        if let Some(wanted) = &mut options.public_key.authenticator_selection {
            wanted.user_verification = self.user_verification();
            // Telephones keep passkeys that way only; a key without room for it does not mind.
            wanted.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        let challenge = client_data::hashed(&options.public_key.challenge);
        written(&options.public_key, &state, challenge)
    }

    /// Verifies an answer to a challenge that was taken from the store.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(
        &self,
        answer: &str,
        state: &[u8],
        keys: &[PasskeyMaterial],
        handle: Option<&[u8; 32]>,
    ) -> Result<Assertion, Fault> {
        let answer: PublicKeyCredential = read(answer.as_bytes()).ok_or(Fault::Malformed)?;
        let state: AuthenticationState = read(state).ok_or(Fault::Challenge)?;
        let said = &answer.response.client_data_json;
        check(said, Ceremony::Assert, &self.settings.origins)?;
        client_data::names_itself(&answer.id, &answer.raw_id, &answer.type_)?;
        let is_hers = |key: &&PasskeyMaterial| {
            read::<Credential>(&key.kept)
                .is_some_and(|known| known.cred_id.as_slice() == answer.raw_id.as_slice())
        };
        let key = keys.iter().find(is_hers).ok_or(Fault::Credential)?;
        // The library does not look at it (W10).
        if let Some(given) = answer.get_user_unique_id()
            && handle.is_none_or(|hers| &hers[..] != given)
        {
            return Err(Fault::UserHandle);
        }
        let right = self
            .core
            .authenticate_credential(&answer, &state)
            .map_err(|problem| fault(&problem))?;
        Ok(Assertion {
            authenticator: key.id,
            disabled: key.disabled,
            user_verified: right.user_verified(),
            sign_count: right.counter(),
            last_sign_count: key.sign_count,
            backed_up: right.backup_state(),
        })
    }

    /// Reads a new key that answers a challenge taken from the store.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn register(&self, answer: &str, state: &[u8]) -> Result<NewCredential, Fault> {
        let answer: RegisterPublicKeyCredential =
            read(answer.as_bytes()).ok_or(Fault::Malformed)?;
        let state: RegistrationState = read(state).ok_or(Fault::Challenge)?;
        let said = &answer.response.client_data_json;
        check(said, Ceremony::Register, &self.settings.origins)?;
        client_data::names_itself(&answer.id, &answer.raw_id, &answer.type_)?;
        let made = self
            .core
            .register_credential(&answer, &state, None)
            .map_err(|problem| fault(&problem))?;
        if made.cred_id.as_slice() != answer.raw_id.as_slice() {
            return Err(Fault::Credential);
        }
        let (user_verified, sign_count) = (made.user_verified, made.counter);
        let (backup_eligible, backed_up) = (made.backup_eligible, made.backup_state);
        let id = made.cred_id.to_vec();
        // The library would refuse a count that went back, and a key that was verified once and not
        // today; both are core's to judge (W12, W6), by what the store keeps beside.
        let kept = Credential {
            counter: 0,
            user_verified: false,
            ..made
        };
        let kept = serde_json::to_vec(&kept).map_err(|_| Fault::Malformed)?;
        Ok(NewCredential {
            id,
            kept,
            user_verified,
            backup_eligible,
            backed_up,
            sign_count,
        })
    }

    const fn user_verification(&self) -> UserVerificationPolicy {
        match self.settings.user_verification {
            UserVerification::Preferred => UserVerificationPolicy::Preferred,
            UserVerification::Required => UserVerificationPolicy::Required,
        }
    }
}

/// What an app allows, as far as this page can ask for it.
#[must_use]
pub fn allowed(arrival: &Arrival) -> Kinds {
    let allowed = arrival.app.settings.policy.kinds;
    match RelyingParty::of(arrival) {
        Some(_) => allowed,
        None => allowed.without(AuthenticatorKind::Passkey),
    }
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).ok()
}

fn written(
    options: &impl Serialize,
    state: &impl Serialize,
    challenge: [u8; 32],
) -> Result<Asked, Failure> {
    let unsaid = |_| Failure::Internal("a challenge cannot be written down");
    Ok(Asked {
        options: serde_json::to_string(options).map_err(unsaid)?,
        challenge,
        state: serde_json::to_vec(state).map_err(unsaid)?,
    })
}
