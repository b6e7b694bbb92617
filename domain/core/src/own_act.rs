//! What a person may do to her own sign-in, and which proof each act needs.
//!
//! Every act takes a fresh proof in the same request. The chain is the one of a sign-in, with one
//! link more: `challenge::Accepted` (the code is right) → [`Authorised`] (it is enough for this
//! act) → the store spends it and does the act in one transaction. Never remembers anything.

use crate::authenticator::Kinds;
use crate::challenge::{Accepted, FirstCode, Spend};
use crate::ids::{AuthenticatorId, DeviceId, OwnSetupId, SessionRow};
use crate::label::Label;
use crate::mail_code::MailCodeUse;
use crate::means::Means;
use crate::recovery_code::RecoveryCode;
use crate::registration::Registered;

/// A new authenticator whose first code was right.
#[derive(Clone, Copy, Debug)]
pub struct NewAuthenticator<'a> {
    /// Which set-up: its seed is the one that the first code was judged by.
    pub setup: OwnSetupId,
    /// What she calls it.
    pub label: &'a Label,
    /// The proof that phone and seed agree.
    pub first: &'a FirstCode,
}

/// A further passkey that was made for us.
#[derive(Clone, Copy, Debug)]
pub struct NewKey<'a> {
    /// What she calls it.
    pub label: &'a Label,
    /// The proof that it was made for us, now, as policy wants it.
    pub registered: &'a Registered,
    /// For which relying party.
    pub rp_id: &'a str,
    /// For which handle of hers.
    pub user_handle: [u8; 32],
}

/// One act.
#[derive(Clone, Copy, Debug)]
pub enum OwnAct<'a> {
    /// One more authenticator.
    Add(NewAuthenticator<'a>),
    /// One more passkey.
    AddPasskey(NewKey<'a>),
    /// A new one in the place of an old one: there is no moment with neither.
    Replace {
        /// The old one.
        old: AuthenticatorId,
        /// The new one.
        new: NewAuthenticator<'a>,
    },
    /// Another name for one.
    Rename {
        /// Which.
        id: AuthenticatorId,
        /// What she calls it from now on.
        label: &'a Label,
    },
    /// One less.
    Remove {
        /// Which.
        id: AuthenticatorId,
        /// The kinds that policy allows: one of another kind does not count as left.
        usable: Kinds,
        /// Whether policy lets her remove the last one that is usable.
        may_be_last: bool,
    },
    /// A new set of recovery codes; the former one is worthless.
    RenewCodes {
        /// The new ones.
        codes: &'a [RecoveryCode],
        /// The same, sealed by the gateway for showing until she says that she has them.
        sealed: &'a [u8],
    },
    /// The end of one session of hers, not this one.
    EndSession(SessionRow),
    /// The end of all her sessions but this one.
    EndOthers,
    /// A code is asked for again on one remembered computer of hers.
    ForgetDevice(DeviceId),
    /// The same on all of them.
    ForgetDevices,
    /// Somebody else signed in as her: all other sessions and unfinished sign-ins end, and it is
    /// remembered that her password may be stolen.
    NotMe,
}

impl OwnAct<'_> {
    /// Whether a code that was written down, given or sent is enough.
    ///
    /// To move to a new phone it is, when a recovery code: that is what those are for. To add
    /// something stronger it is, when a code by mail: it is sent to nobody who holds anything else,
    /// and her way by mail ends with it. To end what somebody else may be doing, any proof is. All
    /// else asks for an authenticator she holds: who came in by a code of paper, or reads her mail,
    /// must not make herself at home by it (advisories A17, B5).
    #[must_use]
    pub const fn takes(&self, spend: &Spend) -> bool {
        match (self, Means::of(spend)) {
            (_, Means::Authenticator(_))
            | (
                Self::EndSession(_)
                | Self::EndOthers
                | Self::ForgetDevice(_)
                | Self::ForgetDevices
                | Self::NotMe,
                _,
            )
            | (Self::Replace { .. }, Means::RecoveryCode)
            | (Self::Add(_), Means::Mail) => true,
            (
                Self::Add(_)
                | Self::AddPasskey(_)
                | Self::Replace { .. }
                | Self::Rename { .. }
                | Self::Remove { .. }
                | Self::RenewCodes { .. },
                _,
            ) => false,
        }
    }

    /// As what a code by mail may be looked for; `None` where none is ever enough.
    #[must_use]
    pub const fn mailed(&self) -> Option<MailCodeUse> {
        match self {
            Self::Add(_) => Some(MailCodeUse::AddAuthenticator),
            _ => None,
        }
    }
}

/// Proof that a right code is enough for this act. Only [`authorise`] makes one.
#[must_use = "an authorised act is worth nothing until the store has done it"]
#[derive(Debug)]
pub struct Authorised<'a> {
    accepted: Accepted,
    act: OwnAct<'a>,
}

impl<'a> Authorised<'a> {
    /// What the act has to use up.
    #[must_use]
    pub fn spend(&self) -> &Spend {
        self.accepted.spend()
    }

    /// The act.
    #[must_use]
    pub const fn act(&self) -> OwnAct<'a> {
        self.act
    }
}

/// A right code, but not enough for this act. Nothing is spent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotEnough;

/// Says whether a right code is enough for an act.
///
/// # Errors
/// [`NotEnough`] when it is not.
pub fn authorise(accepted: Accepted, act: OwnAct<'_>) -> Result<Authorised<'_>, NotEnough> {
    if act.takes(accepted.spend()) {
        Ok(Authorised { accepted, act })
    } else {
        Err(NotEnough)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authenticator::AuthenticatorKind;
    use crate::challenge::{FirstCodeVerdict, SpentStep, judge_first_code};
    use crate::ids::{MailCodeId, RecoveryCodeId, SealedCodeId, TemporaryCodeId};
    use crate::oath::Drift;
    use crate::passkey::UserVerification;
    use crate::registration::{
        NewCredential, RegistrationFacts, RegistrationVerdict, judge_registration,
    };
    use crate::time::Timestamp;
    use crate::totp::{TimeStep, TotpSecret, code_at, step_at};

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    #[test]
    fn each_act_takes_an_authenticator_and_few_take_less() {
        let secret = TotpSecret::from_bytes(vec![7; 20]);
        let code = code_at(&secret, step_at(NOW));
        let FirstCodeVerdict::Accept(first) = judge_first_code(&secret, &code, NOW) else {
            panic!("the first code is right");
        };
        let label = Label::parse("phone").unwrap();
        let new = NewAuthenticator {
            setup: OwnSetupId(1),
            label: &label,
            first: &first,
        };
        let id = AuthenticatorId(1);
        let remove = |may_be_last| OwnAct::Remove {
            id,
            usable: Kinds::PRESET,
            may_be_last,
        };
        let codes = OwnAct::RenewCodes {
            codes: &[],
            sealed: b"",
        };
        let registered = registered();
        let key = NewKey {
            label: &label,
            registered: &registered,
            rp_id: "emr.test",
            user_handle: [7; 32],
        };
        let acts = [
            // act, recovery code, given code; a code by mail only adds
            (OwnAct::Add(new), false, false),
            (OwnAct::AddPasskey(key), false, false),
            (OwnAct::Replace { old: id, new }, true, false),
            (OwnAct::Rename { id, label: &label }, false, false),
            (remove(false), false, false),
            (remove(true), false, false),
            (codes, false, false),
            (OwnAct::EndSession(SessionRow(1)), true, true),
            (OwnAct::EndOthers, true, true),
            (OwnAct::ForgetDevice(DeviceId(1)), true, true),
            (OwnAct::ForgetDevices, true, true),
            (OwnAct::NotMe, true, true),
        ];
        let step = Spend::Step(spent(id));
        for (act, by_recovery, by_given) in acts {
            assert!(act.takes(&step), "{act:?}");
            assert!(act.takes(&ASSERTION), "{act:?}");
            let recovery = Spend::RecoveryCode(RecoveryCodeId(1));
            assert_eq!(act.takes(&recovery), by_recovery, "{act:?}");
            let temporary = Spend::TemporaryCode(TemporaryCodeId(1));
            assert_eq!(act.takes(&temporary), by_given, "{act:?}");
            let sealed = Spend::SealedCode(SealedCodeId(1));
            assert_eq!(act.takes(&sealed), by_given, "{act:?}");
            let mailed = Spend::MailCode(MailCodeId(1));
            let by_mail = by_given || matches!(act, OwnAct::Add(_));
            assert_eq!(act.takes(&mailed), by_mail, "{act:?}");
            assert_eq!(act.mailed().is_some(), by_mail && !by_given, "{act:?}");
        }
    }

    const ASSERTION: Spend = Spend::Assertion {
        authenticator: AuthenticatorId(2),
        sign_count: 1,
        backed_up: false,
        regressed: false,
    };

    fn registered() -> Registered {
        let facts = RegistrationFacts {
            outcome: Ok(NewCredential {
                id: vec![7; 32],
                kept: b"a key".to_vec(),
                user_verified: true,
                backup_eligible: false,
                backed_up: false,
                sign_count: 0,
            }),
            challenge_ends: NOW.plus(std::time::Duration::from_secs(1)),
            offered: Kinds::PRESET,
            user_verification: UserVerification::Required,
        };
        match judge_registration(facts, NOW) {
            RegistrationVerdict::Accept(registered) => registered,
            other => panic!("{other:?}"),
        }
    }

    fn spent(authenticator: AuthenticatorId) -> SpentStep {
        SpentStep {
            authenticator,
            kind: AuthenticatorKind::Totp,
            step: TimeStep(1),
            drift: Drift::default(),
        }
    }
}
