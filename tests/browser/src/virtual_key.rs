//! A security key plugged into a tab: Chromium's own virtual authenticator (CDP, WebAuthn domain).
//!
//! An implementation by other hands than ours and the library's. It is touched at once, and knows
//! its owner's finger until it is told not to. Never answers by itself; the page has to ask.

use chromiumoxide::cdp::browser_protocol::web_authn::{
    AddVirtualAuthenticatorParams, AuthenticatorId, AuthenticatorProtocol, AuthenticatorTransport,
    EnableParams, GetCredentialsParams, RemoveVirtualAuthenticatorParams, SetUserVerifiedParams,
    VirtualAuthenticatorOptions,
};

use crate::screen::Screen;

/// One authenticator of one tab.
pub struct VirtualKey<'s> {
    screen: &'s Screen,
    id: AuthenticatorId,
}

impl<'s> VirtualKey<'s> {
    /// The one that is built into the computer.
    pub async fn plug_in(screen: &'s Screen) -> Self {
        Self::of(screen, AuthenticatorTransport::Internal).await
    }

    /// One for the key ring, with a plug.
    pub async fn plug_in_usb(screen: &'s Screen) -> Self {
        Self::of(screen, AuthenticatorTransport::Usb).await
    }

    async fn of(screen: &'s Screen, transport: AuthenticatorTransport) -> Self {
        let page = screen.tab();
        page.execute(EnableParams::default())
            .await
            .expect("WebAuthn can be watched");
        let mut options = VirtualAuthenticatorOptions::new(AuthenticatorProtocol::Ctap2, transport);
        options.has_resident_key = Some(true);
        options.has_user_verification = Some(true);
        options.is_user_verified = Some(true);
        let added = AddVirtualAuthenticatorParams::new(options);
        let added = page.execute(added).await.expect("a key");
        Self {
            screen,
            id: added.result.authenticator_id.clone(),
        }
    }

    /// Takes it away.
    pub async fn unplug(self) {
        let gone = RemoveVirtualAuthenticatorParams::new(self.id.clone());
        let page = self.screen.tab();
        page.execute(gone).await.expect("it can be taken away");
    }

    /// Whether it knows the finger that is put on it.
    pub async fn knows_its_owner(&self, knows: bool) {
        let told = SetUserVerifiedParams::new(self.id.clone(), knows);
        let page = self.screen.tab();
        page.execute(told).await.expect("it can be told");
    }

    /// How many credentials it holds.
    pub async fn credentials(&self) -> usize {
        let asked = GetCredentialsParams::new(self.id.clone());
        let told = self.screen.tab().execute(asked).await.expect("it tells");
        told.result.credentials.len()
    }
}
