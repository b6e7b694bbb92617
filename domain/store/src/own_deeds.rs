//! The deeds of a person who changes her own sign-in, one by one.
//!
//! Always inside the transaction of [`own_act`](crate::own_act), after the proof was spent: what
//! cannot be done is told, and undoes that too. Never decides who may.

use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::ids::{AuthenticatorId, DeviceId, SessionRow};
use anteroom_core::label::Label;
use anteroom_core::own_act::{NewAuthenticator, NewKey};
use anteroom_core::time::Timestamp;

use crate::attempt;
use crate::audit;
use crate::device_end;
use crate::enrolment_code;
use crate::error::StoreError;
use crate::factors::{NewTotp, totp_add};
use crate::keys::Keys;
use crate::open::Inner;
use crate::own_act::{Herself, OwnActContext, OwnActRefusal};
use crate::own_setup::{setup_place, take_seed};
use crate::passkey::{Kept, NewPasskey, passkey_keep};
use crate::pools::Conn;
use crate::recovery;
use crate::session_end::{self, Whose};
use crate::temporary_code;

/// How many authenticators one person may have.
pub const MOST_AUTHENTICATORS: usize = 10;

/// What stood beside the password when a person added an authenticator herself (N17).
const PROOF: &str = "own";

pub(crate) async fn add(
    c: &mut Conn,
    inner: &Inner,
    herself: &Herself,
    new: &NewAuthenticator<'_>,
    context: &OwnActContext<'_>,
) -> Result<Option<OwnActRefusal>, StoreError> {
    if let Some(why) = has_no_room(c, herself, new.label).await? {
        return Ok(Some(why));
    }
    let Some(sealed) = take_seed(c, new.setup, context.row, context.now).await? else {
        return Ok(Some(OwnActRefusal::SetupOver));
    };
    let seed = inner.unseal(setup_place(new.setup.0), &sealed)?;
    let totp = NewTotp {
        subscriber: herself.id,
        label: new.label.as_str(),
        proof: PROOF,
        seed: &seed,
        first: new.first,
        now: context.now,
    };
    totp_add(c, inner, &totp).await?;
    Ok(None)
}

pub(crate) async fn add_passkey(
    c: &mut Conn,
    inner: &Inner,
    herself: &Herself,
    new: &NewKey<'_>,
    context: &OwnActContext<'_>,
) -> Result<Option<OwnActRefusal>, StoreError> {
    if let Some(why) = has_no_room(c, herself, new.label).await? {
        return Ok(Some(why));
    }
    let passkey = NewPasskey {
        subscriber: herself.id,
        label: new.label.as_str(),
        proof: PROOF,
        rp_id: new.rp_id,
        user_handle: new.user_handle,
        registered: new.registered,
        now: context.now,
    };
    Ok(match passkey_keep(c, inner, &passkey).await? {
        Kept::Yes => None,
        Kept::Known => Some(OwnActRefusal::PasskeyKnown),
        Kept::OtherHandle => Some(OwnActRefusal::OtherHandle),
    })
}

/// Why she cannot have one more of this name, if she cannot.
async fn has_no_room(
    c: &mut Conn,
    herself: &Herself,
    label: &Label,
) -> Result<Option<OwnActRefusal>, StoreError> {
    let labels = labels(c, herself, None).await?;
    if labels.len() >= MOST_AUTHENTICATORS {
        return Ok(Some(OwnActRefusal::TooMany));
    }
    let taken = labels.iter().any(|other| label.is_like(other));
    Ok(taken.then_some(OwnActRefusal::LabelTaken))
}

pub(crate) async fn rename(
    c: &mut Conn,
    herself: &Herself,
    id: AuthenticatorId,
    label: &Label,
) -> Result<Option<OwnActRefusal>, StoreError> {
    let others = labels(c, herself, Some(id)).await?;
    if others.iter().any(|other| label.is_like(other)) {
        return Ok(Some(OwnActRefusal::LabelTaken));
    }
    let renamed = sqlx::query(
        "UPDATE authenticator SET label = $3
         WHERE id = $1 AND subscriber_id = $2 AND removed_at IS NULL",
    )
    .bind(id.0)
    .bind(herself.id.0)
    .bind(label.as_str())
    .execute(&mut *c)
    .await?;
    Ok((renamed.rows_affected() == 0).then_some(OwnActRefusal::NotHers))
}

/// What her authenticators in use are called, but for one. Read under the lock of the writing
/// transaction, because no engine folds all letters alike.
async fn labels(
    c: &mut Conn,
    herself: &Herself,
    but: Option<AuthenticatorId>,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT label FROM authenticator
         WHERE subscriber_id = $1 AND removed_at IS NULL AND id <> $2",
    )
    .bind(herself.id.0)
    .bind(but.map_or(0, |id| id.0))
    .fetch_all(&mut *c)
    .await?)
}

/// Takes an authenticator of hers away: its seed is destroyed, its row stays as history.
pub(crate) async fn take(
    c: &mut Conn,
    herself: &Herself,
    id: AuthenticatorId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let taken = sqlx::query(
        "UPDATE authenticator SET removed_at = $3, secret = NULL
         WHERE id = $1 AND subscriber_id = $2 AND removed_at IS NULL",
    )
    .bind(id.0)
    .bind(herself.id.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Whether one is left by which she could sign in.
pub(crate) async fn is_left(
    c: &mut Conn,
    herself: &Herself,
    usable: Kinds,
) -> Result<bool, StoreError> {
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT kind FROM authenticator
         WHERE subscriber_id = $1 AND removed_at IS NULL AND disabled_at IS NULL",
    )
    .bind(herself.id.0)
    .fetch_all(&mut *c)
    .await?;
    let mut kinds = left
        .iter()
        .filter_map(|kind| AuthenticatorKind::from_name(kind));
    Ok(kinds.any(|kind| usable.has(kind)))
}

/// Without any authenticator she stands where she stood before her first one: nothing proves her,
/// so every code of hers is worthless and every session over, and her next sign-in needs what a
/// first enrolment needs. It is no reset: nobody on a telephone made it, she proved a factor.
pub(crate) async fn go_without(
    c: &mut Conn,
    keys: &Keys,
    herself: &Herself,
    context: &OwnActContext<'_>,
) -> Result<(), StoreError> {
    let now = context.now;
    // What is left does not count: it is switched off, or of a kind that policy does not allow.
    let useless = sqlx::query(
        "UPDATE authenticator SET removed_at = $2, secret = NULL
         WHERE subscriber_id = $1 AND removed_at IS NULL",
    )
    .bind(herself.id.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    sqlx::query("UPDATE subscriber SET enrolled_at = NULL WHERE id = $1")
        .bind(herself.id.0)
        .execute(&mut *c)
        .await?;
    recovery::remove_all(c, herself.id, now).await?;
    enrolment_code::kill_live(c, herself.id, now).await?;
    temporary_code::revoke_live(c, herself.id, now).await?;
    attempt::end_of_subscriber(c, herself.id, now).await?;
    let gone = (0..useless.rows_affected())
        .map(|_| context.event(AuditKind::AuthenticatorRemoved, herself))
        .collect::<Vec<_>>();
    audit::append(c, keys, &gone, now).await?;
    let whose = Whose::Subscriber(herself.id);
    session_end::end(c, keys, whose, "factor_changed", now).await?;
    Ok(())
}

pub(crate) async fn is_another_of_hers(
    c: &mut Conn,
    herself: &Herself,
    session: SessionRow,
    this: SessionRow,
) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "SELECT 1 FROM session
         WHERE id = $1 AND subscriber_id = $2 AND state = 'verified' AND id <> $3",
    )
    .bind(session.0)
    .bind(herself.id.0)
    .bind(this.0)
    .fetch_optional(&mut *c)
    .await?;
    Ok(found.is_some())
}

/// Asks for a code again on one of her remembered computers; `false` when it is not hers.
pub(crate) async fn forget_device(
    c: &mut Conn,
    keys: &Keys,
    herself: &Herself,
    device: DeviceId,
    context: &OwnActContext<'_>,
) -> Result<bool, StoreError> {
    let now = context.now;
    let Some(gone) = device_end::forget_own(c, device, herself.id, now).await? else {
        return Ok(false);
    };
    let event = gone.session(context.hash).client(context.client);
    audit::append(c, keys, &[event], now).await?;
    Ok(true)
}

/// Ends what a remembered computer of hers opened, or all of them, but for this session: it has
/// just been proved.
pub(crate) async fn end_opened_by_devices(
    c: &mut Conn,
    keys: &Keys,
    herself: &Herself,
    device: Option<DeviceId>,
    context: &OwnActContext<'_>,
) -> Result<(), StoreError> {
    let opened: Vec<i64> = sqlx::query_scalar(
        "SELECT id FROM session WHERE subscriber_id = $1 AND state = 'verified' AND id <> $2
                AND device_id IS NOT NULL AND ($3 IS NULL OR device_id = $3)",
    )
    .bind(herself.id.0)
    .bind(context.row.0)
    .bind(device.map(|device| device.0))
    .fetch_all(&mut *c)
    .await?;
    end_each(c, keys, opened, "device_forgotten", context.now).await
}

pub(crate) async fn end_others(
    c: &mut Conn,
    keys: &Keys,
    herself: &Herself,
    context: &OwnActContext<'_>,
    why: &str,
) -> Result<(), StoreError> {
    let others: Vec<i64> = sqlx::query_scalar(
        "SELECT id FROM session WHERE subscriber_id = $1 AND state = 'verified' AND id <> $2",
    )
    .bind(herself.id.0)
    .bind(context.row.0)
    .fetch_all(&mut *c)
    .await?;
    end_each(c, keys, others, why, context.now).await
}

async fn end_each(
    c: &mut Conn,
    keys: &Keys,
    sessions: Vec<i64>,
    why: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for session in sessions {
        let whose = Whose::Row(SessionRow(session));
        session_end::end(c, keys, whose, why, now).await?;
    }
    Ok(())
}

pub(crate) async fn mark_stolen(
    c: &mut Conn,
    herself: &Herself,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE subscriber SET stolen_notice_at = $2 WHERE id = $1")
        .bind(herself.id.0)
        .bind(now.as_millis())
        .execute(&mut *c)
        .await?;
    Ok(())
}
