//! What somebody enrols with, proved; and how it is added in the transaction of her enrolment.
//!
//! One [`FirstFactor`] per kind that may be a first one. Never decides who may enrol:
//! [`enrolment`](crate::enrolment) does.

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::challenge::{FirstCode, FirstMail};
use anteroom_core::ids::{AttemptId, SubscriberId};
use anteroom_core::registration::Registered;
use anteroom_core::time::Timestamp;

use crate::attempt::seed_place;
use crate::error::StoreError;
use crate::factors::{NewTotp, email_add, totp_add};
use crate::mail_code;
use crate::open::Inner;
use crate::passkey::{Kept, NewPasskey, passkey_keep};
use crate::pools::Conn;

/// What somebody enrols with, proved.
#[derive(Debug)]
pub enum FirstFactor<'a> {
    /// The authenticator app whose seed the attempt holds.
    Totp(FirstCode),
    /// Codes by mail: the one that was sent is spent with it.
    Mail(FirstMail),
    /// A passkey.
    Passkey {
        /// The credential.
        registered: &'a Registered,
        /// For which relying party it was made.
        rp_id: &'a str,
        /// The handle it was made for.
        user_handle: [u8; 32],
    },
}

impl From<FirstCode> for FirstFactor<'_> {
    fn from(first: FirstCode) -> Self {
        Self::Totp(first)
    }
}

impl From<FirstMail> for FirstFactor<'_> {
    fn from(first: FirstMail) -> Self {
        Self::Mail(first)
    }
}

impl FirstFactor<'_> {
    pub(crate) const fn kind(&self) -> AuthenticatorKind {
        match self {
            Self::Totp(_) => AuthenticatorKind::Totp,
            Self::Mail(_) => AuthenticatorKind::Email,
            Self::Passkey { .. } => AuthenticatorKind::Passkey,
        }
    }
}

/// For whom, and out of which attempt.
pub(crate) struct NewFirst<'a> {
    pub(crate) attempt: AttemptId,
    pub(crate) subscriber: SubscriberId,
    pub(crate) label: &'a str,
    pub(crate) proof: &'a str,
    /// The sealed seed of the attempt.
    pub(crate) seed: Option<&'a [u8]>,
    pub(crate) now: Timestamp,
}

/// Whether a first authenticator was added.
pub(crate) enum Added {
    Yes,
    /// Somebody has this passkey, or it was made for another handle.
    Known,
    /// The attempt never showed a seed, or the mailed code was used or replaced meanwhile.
    Nothing,
}

/// Adds it. Anything but `Yes` must undo the transaction.
pub(crate) async fn add(
    c: &mut Conn,
    inner: &Inner,
    first: &FirstFactor<'_>,
    new: &NewFirst<'_>,
) -> Result<Added, StoreError> {
    match *first {
        FirstFactor::Totp(ref first) => {
            let Some(sealed) = new.seed else {
                return Ok(Added::Nothing);
            };
            let seed = inner.unseal(seed_place(new.attempt.0), sealed)?;
            let totp = NewTotp {
                subscriber: new.subscriber,
                label: new.label,
                proof: new.proof,
                seed: &seed,
                first,
                now: new.now,
            };
            totp_add(c, inner, &totp).await?;
            Ok(Added::Yes)
        }
        FirstFactor::Mail(ref first) => {
            // Of any number of forms with one code, one wins; a newer code was sent for the others.
            if !mail_code::use_up(c, new.subscriber, first.code(), new.now).await? {
                return Ok(Added::Nothing);
            }
            let named = (new.label, new.proof);
            email_add(c, inner, new.subscriber, named, new.now).await?;
            Ok(Added::Yes)
        }
        FirstFactor::Passkey {
            registered,
            rp_id,
            user_handle,
        } => {
            let passkey = NewPasskey {
                subscriber: new.subscriber,
                label: new.label,
                proof: new.proof,
                rp_id,
                user_handle,
                registered,
                now: new.now,
            };
            Ok(match passkey_keep(c, inner, &passkey).await? {
                Kept::Yes => Added::Yes,
                Kept::Known | Kept::OtherHandle => Added::Known,
            })
        }
    }
}
