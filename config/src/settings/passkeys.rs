//! Passkeys of one app: for which name they are made, and which pages may ask for them.
//!
//! Values only, like its parent; checked in `resolve::passkeys`. What an answer is worth is decided
//! in `anteroom_core::{assertion, registration}`.

use anteroom_core::passkey::UserVerification;

/// What WebAuthn calls a relying party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeySettings {
    /// The name that passkeys are made for. Another one kills those that people have (W5).
    pub rp_id: String,
    /// The origins whose pages may ask, exactly as browsers write them (W3).
    pub origins: Vec<String>,
    /// Whether an authenticator has to make sure that it is its owner (W6).
    pub user_verification: UserVerification,
}

impl PasskeySettings {
    /// Whether a page of this origin may ask.
    #[must_use]
    pub fn is_asked_by(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
    }
}
