//! How a change on her own page may be proved: by a code that she types, or by a passkey of hers.
//!
//! Gives a challenge out for the passkey, to this session; what comes back is judged like at the
//! challenge pages (`sign_in::answered`), and whether it is enough by `core::own_act`.

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_store::OwnFactors;

use super::Herself;
use crate::fail::Failure;
use crate::pages::own::Proof;
use crate::portal::passkey::{self, PasskeyAsked};
use crate::portal::visit::Visit;
use crate::sign_in::answered::usable;

/// What a form asks for.
pub(super) struct ProofAsked {
    passkey: Option<PasskeyAsked>,
    code: bool,
}

impl ProofAsked {
    /// The same, for a page.
    pub(super) fn on_page(&self) -> Proof<'_> {
        Proof {
            code: self.code,
            passkey: self.passkey.as_ref().map(|asked| asked.on_page().options),
        }
    }
}

impl Herself<'_> {
    /// By what she may prove a change on this page.
    pub(super) async fn proof(
        &self,
        visit: &Visit,
        factors: &OwnFactors,
    ) -> Result<ProofAsked, Failure> {
        let (session, whose) = (self.live.hash(), Some(self.subscriber));
        let passkey = passkey::ask(visit, session, whose, true).await?;
        let shown = usable(&visit.arrival, factors.kinds()).without(AuthenticatorKind::Passkey);
        Ok(ProofAsked {
            code: passkey.is_none() || !shown.is_empty(),
            passkey,
        })
    }
}
