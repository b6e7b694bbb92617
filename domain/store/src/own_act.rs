//! A person changes her own sign-in: the proof is spent and the act done in one transaction, or
//! neither.
//!
//! Takes core's `Authorised`: a right code that is enough for the act. Whatever cannot be done, a
//! name that is taken or a last authenticator that must stay, spends nothing. The same form sent
//! twice is one act. What waits before: [`own_setup`](crate::own_setup); each deed in SQL:
//! `own_deeds`.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::ids::{AppName, SessionHash, SessionRow, SubscriberId};
use anteroom_core::own_act::{Authorised, OwnAct};
use anteroom_core::time::Timestamp;
use subtle::ConstantTimeEq;

use crate::attempt;
use crate::audit;
use crate::claim::{self, SAME_FORM_FOR};
use crate::counter::{Counter, ThrottleVersion};
use crate::device_end;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::open::{Inner, Store};
use crate::own_deeds::{
    add, add_passkey, end_opened_by_devices, end_others, forget_device, go_without,
    is_another_of_hers, is_left, mark_stolen, rename, take,
};
use crate::own_setup::keep_codes;
use crate::pools::{Conn, End, reading, writing};
use crate::recovery::{self, Hashed};
use crate::row;
use crate::session_end::{self, Whose};

/// What an act needs beside its proof.
#[derive(Clone, Copy)]
pub struct OwnActContext<'a> {
    /// The session it is done in.
    pub row: SessionRow,
    /// The hash of that session's id.
    pub hash: SessionHash,
    /// The app of that session.
    pub app: &'a AppName,
    /// The reading the code was judged by: [`Store::unlock_material`]'s.
    pub version: ThrottleVersion,
    /// A MAC of the whole form, by which it is known again. Never the code.
    pub form_mac: [u8; 32],
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What became of an act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum OwnActOutcome {
    /// Done now.
    Done,
    /// The same form again, within 30 seconds: it was done then.
    Again,
    /// Done, and all her sessions have ended with it: her last authenticator is gone.
    SignedOut,
    /// The code was spent before, or by somebody at the same moment.
    AlreadySpent,
    /// Wrong codes came in since the reading it was judged by: read the material and judge anew.
    Stale,
    /// The session is over, locked, or another subscriber's.
    Gone,
    /// It cannot be done. Nothing was spent.
    Refused(OwnActRefusal),
}

/// Why an act cannot be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OwnActRefusal {
    /// Another authenticator of hers is called that.
    LabelTaken,
    /// There is no such authenticator or session of hers (any more).
    NotHers,
    /// Without this one she could not sign in, and policy does not let her go without.
    LastOne,
    /// What she was setting up waited too long, or was begun anew.
    SetupOver,
    /// She has as many as anybody may have.
    TooMany,
    /// Somebody has this passkey already, or had it (W9).
    PasskeyKnown,
    /// Authenticators know her by another handle by now: it was made for one that is none.
    OtherHandle,
}

/// Who does the act.
pub(crate) struct Herself {
    pub(crate) id: SubscriberId,
}

/// What an act led to, before it is committed.
enum Deed {
    Done(Vec<AuditKind>),
    SignedOut,
    Refused(OwnActRefusal),
}

impl Store {
    /// Spends the proof and does the act.
    ///
    /// # Errors
    /// With [`StoreError::Unavailable`] or [`StoreError::Full`] it is not known whether it was
    /// done: the same form sent again tells. [`StoreError::Corrupt`] for a seed that does not open.
    pub async fn own_act(
        &self,
        authorised: Authorised<'_>,
        context: OwnActContext<'_>,
    ) -> Result<OwnActOutcome, StoreError> {
        let now = context.now;
        let act = authorised.act();
        let codes = match act {
            OwnAct::RenewCodes { codes, .. } => self.recovery_hash(codes.to_vec()).await?,
            _ => Vec::new(),
        };
        writing!(self, PowerCut, c => {
            if is_repeated(c, context.row, &context.form_mac, now).await? {
                return Ok(End::Rollback(OwnActOutcome::Again));
            }
            let Some(herself) = find(c, &context).await? else {
                return Ok(End::Rollback(OwnActOutcome::Gone));
            };
            if context.version.counter != Counter::Subscriber(herself.id) {
                return Ok(End::Rollback(OwnActOutcome::Gone));
            }
            let keys = &self.inner.keys;
            let spend = authorised.spend();
            if !claim::spend(c, context.app, herself.id, spend, now).await? {
                let reused = context.event(AuditKind::CodeReused, &herself);
                audit::append(c, keys, &[reused], now).await?;
                return Ok(End::Commit(OwnActOutcome::AlreadySpent));
            }
            if !claim::count_success(c, context.version, now).await? {
                return Ok(End::Rollback(OwnActOutcome::Stale));
            }
            let mut told = vec![AuditKind::ChallengePassed];
            told.extend(claim::used(spend));
            let (deed, outcome) = match carry_out(c, &self.inner, &herself, act, &codes, &context)
                .await?
            {
                Deed::Done(kinds) => (kinds, OwnActOutcome::Done),
                Deed::SignedOut => {
                    (vec![AuditKind::AuthenticatorRemoved], OwnActOutcome::SignedOut)
                }
                Deed::Refused(why) => return Ok(End::Rollback(OwnActOutcome::Refused(why))),
            };
            told.extend(deed);
            let events: Vec<_> =
                told.into_iter().map(|kind| context.told(kind, &herself, act)).collect();
            audit::append(c, keys, &events, now).await?;
            afterwards(c, keys, &herself, act, &outcome, &context).await?;
            remember(c, &context).await?;
            Ok(End::Commit(outcome))
        })
    }

    /// Whether this very form was carried out some seconds ago: then its code was spent by it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn own_act_again(
        &self,
        session: SessionRow,
        form_mac: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        reading!(self, c => is_repeated(c, session, form_mac, now).await)
    }
}

impl OwnActContext<'_> {
    /// Of an authenticator that was added, the log says when it is a passkey.
    fn told(&self, kind: AuditKind, herself: &Herself, act: OwnAct<'_>) -> AuditEvent {
        let event = self.event(kind, herself);
        match (kind, act) {
            (AuditKind::AuthenticatorAdded, OwnAct::AddPasskey(_)) => {
                event.reason(AuthenticatorKind::Passkey.name())
            }
            _ => event,
        }
    }

    pub(crate) fn event(&self, kind: AuditKind, herself: &Herself) -> AuditEvent {
        AuditEvent::new(kind)
            .subscriber(herself.id)
            .app(self.app)
            .session(self.hash)
            .client(self.client)
    }
}

/// Whose session this is, if it is one in which anything may be changed.
async fn find(c: &mut Conn, context: &OwnActContext<'_>) -> Result<Option<Herself>, StoreError> {
    let found = sqlx::query(
        "SELECT v.subscriber_id FROM session v JOIN subscriber s ON s.id = v.subscriber_id
         WHERE v.id = $1 AND v.hash = $2 AND v.state = 'verified' AND v.locked_at IS NULL
           AND v.single_factor = 0 AND v.ends_at > $3 AND s.suspended_at IS NULL",
    )
    .bind(context.row.0)
    .bind(&context.hash.0[..])
    .bind(context.now.as_millis())
    .fetch_optional(&mut *c)
    .await?;
    found
        .map(|found| {
            let id = SubscriberId(row::get(&found, "subscriber_id")?);
            Ok(Herself { id })
        })
        .transpose()
}

async fn carry_out(
    c: &mut Conn,
    inner: &Inner,
    herself: &Herself,
    act: OwnAct<'_>,
    codes: &[Hashed],
    context: &OwnActContext<'_>,
) -> Result<Deed, StoreError> {
    let now = context.now;
    let refused = |why| Ok(Deed::Refused(why));
    let unless = |why: Option<_>, kind| Ok(why.map_or(Deed::Done(vec![kind]), Deed::Refused));
    let if_hers = |hers: bool| {
        let gone = Deed::Refused(OwnActRefusal::NotHers);
        Ok(if hers { Deed::Done(Vec::new()) } else { gone })
    };
    match act {
        OwnAct::Add(new) => {
            let why = add(c, inner, herself, &new, context).await?;
            unless(why, AuditKind::AuthenticatorAdded)
        }
        OwnAct::AddPasskey(new) => {
            let why = add_passkey(c, inner, herself, &new, context).await?;
            unless(why, AuditKind::AuthenticatorAdded)
        }
        OwnAct::Replace { old, new } => {
            // The old one first, so that the new one may have its name; one transaction all the
            // same, so there is no moment with neither.
            if !take(c, herself, old, now).await? {
                return refused(OwnActRefusal::NotHers);
            }
            let why = add(c, inner, herself, &new, context).await?;
            unless(why, AuditKind::AuthenticatorReplaced)
        }
        OwnAct::Rename { id, label } => {
            let why = rename(c, herself, id, label).await?;
            unless(why, AuditKind::AuthenticatorRenamed)
        }
        OwnAct::Remove {
            id,
            usable,
            may_be_last,
        } => {
            if !take(c, herself, id, now).await? {
                return refused(OwnActRefusal::NotHers);
            }
            match (is_left(c, herself, usable).await?, may_be_last) {
                (true, _) => Ok(Deed::Done(vec![AuditKind::AuthenticatorRemoved])),
                (false, true) => Ok(Deed::SignedOut),
                (false, false) => refused(OwnActRefusal::LastOne),
            }
        }
        OwnAct::RenewCodes { sealed, .. } => {
            recovery::replace(c, herself.id, codes, now).await?;
            keep_codes(c, context.row, sealed, now).await?;
            Ok(Deed::Done(vec![AuditKind::RecoveryCodesIssued]))
        }
        OwnAct::EndSession(session) => {
            if_hers(is_another_of_hers(c, herself, session, context.row).await?)
        }
        OwnAct::ForgetDevice(device) => {
            if_hers(forget_device(c, &inner.keys, herself, device, context).await?)
        }
        OwnAct::EndOthers | OwnAct::ForgetDevices => Ok(Deed::Done(Vec::new())),
        OwnAct::NotMe => {
            mark_stolen(c, herself, now).await?;
            let told = vec![AuditKind::NotMeReported, AuditKind::PasswordMayBeStolen];
            Ok(Deed::Done(told))
        }
    }
}

/// What ends with an act. After the events of the act itself, so that the log reads in order.
async fn afterwards(
    c: &mut Conn,
    keys: &Keys,
    herself: &Herself,
    act: OwnAct<'_>,
    outcome: &OwnActOutcome,
    context: &OwnActContext<'_>,
) -> Result<(), StoreError> {
    let now = context.now;
    if *outcome == OwnActOutcome::SignedOut {
        return go_without(c, keys, herself, context).await;
    }
    match act {
        OwnAct::Rename { .. } => Ok(()),
        // A remembered computer stands for what she had when it was remembered.
        OwnAct::Add(_) | OwnAct::AddPasskey(_) => {
            device_end::forget_all(c, keys, herself.id, "factor_changed", now).await
        }
        OwnAct::RenewCodes { .. } => {
            device_end::forget_all(c, keys, herself.id, "codes_renewed", now).await
        }
        OwnAct::EndSession(session) => {
            session_end::end(c, keys, Whose::Row(session), "ended_by_owner", now).await?;
            Ok(())
        }
        OwnAct::Replace { .. } | OwnAct::Remove { .. } => {
            device_end::forget_all(c, keys, herself.id, "factor_changed", now).await?;
            end_others(c, keys, herself, context, "factor_changed").await
        }
        OwnAct::EndOthers => end_others(c, keys, herself, context, "ended_by_owner").await,
        OwnAct::ForgetDevice(device) => {
            end_opened_by_devices(c, keys, herself, Some(device), context).await
        }
        OwnAct::ForgetDevices => {
            device_end::forget_all(c, keys, herself.id, "forgotten", now).await?;
            end_opened_by_devices(c, keys, herself, None, context).await
        }
        OwnAct::NotMe => {
            attempt::end_of_subscriber(c, herself.id, now).await?;
            device_end::forget_all(c, keys, herself.id, "not_me", now).await?;
            end_others(c, keys, herself, context, "not_me").await
        }
    }
}

async fn is_repeated(
    c: &mut Conn,
    session: SessionRow,
    form_mac: &[u8; 32],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query("SELECT form_mac FROM own_act WHERE session_id = $1 AND done_at > $2")
        .bind(session.0)
        .bind(now.minus(SAME_FORM_FOR).as_millis())
        .fetch_all(&mut *c)
        .await?;
    for one in &done {
        let mac: [u8; 32] = row::bytes(one, "form_mac")?;
        if bool::from(mac.ct_eq(form_mac)) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn remember(c: &mut Conn, context: &OwnActContext<'_>) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO own_act (session_id, form_mac, done_at) VALUES ($1, $2, $3)
         ON CONFLICT (session_id, form_mac) DO UPDATE SET done_at = $3",
    )
    .bind(context.row.0)
    .bind(&context.form_mac[..])
    .bind(context.now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}
