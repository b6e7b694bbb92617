//! Proof of an operator: no route that asks for one can run without, because only this module makes
//! it.
//!
//! A [`Proven<P>`] says: this request showed a live session of an operator whose role holds the
//! permission `P` at this moment. Role and state are read from the store with every request, so a
//! demotion counts at once (attack E03). Never looks at what is asked for.

use std::marker::PhantomData;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{OperatorId, SubscriberId};
use anteroom_core::operator::{Permission, Role};
use anteroom_core::time::Timestamp;
use anteroom_store::{OperatorSession, OperatorStage, Paper};
use http::HeaderMap;

use super::cookie::{self, Showing, Shown};
use super::failure::Failure;
use crate::Admin;

/// How often a session's activity is written.
const TOUCHED_EVERY: std::time::Duration = std::time::Duration::from_secs(30);

/// A permission as a type: what a route's handler names to get its proof.
pub trait Grants: Send + Sync + 'static {
    /// Which permission.
    const NEEDS: Permission;
}

macro_rules! grants {
    ($($(#[$doc:meta])* $name:ident = $permission:ident,)*) => {
        $($(#[$doc])* #[derive(Debug)] pub enum $name {}
        impl Grants for $name {
            const NEEDS: Permission = Permission::$permission;
        })*
    };
}

grants! {
    /// May read.
    Reads = Read,
    /// May help people.
    Helps = Help,
    /// May rule operators.
    Rules = Operators,
    /// May open exceptions.
    Excepts = Emergency,
    /// May take data away.
    Exports = Export,
    /// May hold tokens.
    HoldsTokens = Tokens,
}

/// An operator who may do `P`. Made by [`prove`] alone.
pub struct Proven<P: Grants> {
    session: OperatorSession,
    shown: Shown,
    permission: PhantomData<P>,
}

impl<P: Grants> Proven<P> {
    /// Her name.
    pub(crate) fn name(&self) -> &str {
        &self.session.name
    }

    /// Who she is.
    pub(crate) const fn id(&self) -> OperatorId {
        self.session.operator
    }

    /// Her role.
    pub(crate) const fn role(&self) -> Role {
        self.session.role
    }

    /// Whose authenticators are hers.
    pub(crate) const fn subscriber(&self) -> SubscriberId {
        self.session.subscriber
    }

    /// Her session.
    pub(crate) const fn session(&self) -> &OperatorSession {
        &self.session
    }

    /// The id her browser showed.
    pub(crate) const fn shown(&self) -> &Shown {
        &self.shown
    }
}

/// Proves the operator behind a request.
///
/// # Errors
/// [`Failure::SignIn`] without a live session, [`Failure::Forbidden`] when the role does not hold
/// the permission (which is audited), [`Failure::Store`].
pub(crate) async fn prove<P: Grants>(
    admin: &Admin,
    headers: &HeaderMap,
    host: &str,
    client: std::net::IpAddr,
    now: Timestamp,
) -> Result<Proven<P>, Failure> {
    let shown = match cookie::showing(headers, admin.tls()) {
        Showing::One(shown) => shown,
        Showing::Nothing => return Err(Failure::SignIn),
        Showing::Several => return Err(Failure::TwoCookies),
    };
    let hash = shown.hash();
    let found = admin.store.operator_session_find(&hash, host, now).await?;
    let session = found.ok_or(Failure::SignIn)?;
    match session.stage {
        OperatorStage::Open => {}
        OperatorStage::Password => return Err(Failure::CodeFirst),
        OperatorStage::Setup => return Err(Failure::SetupFirst),
    }
    let idle = now.since(session.active_at);
    if idle >= admin.mine.idle {
        let mut paper = Paper::of(&session.name, now);
        paper.client = Some(client);
        let ended = admin
            .store
            .operator_session_end(session.row, None, "idle", &paper);
        ended.await?;
        return Err(Failure::Idle);
    }
    if idle >= TOUCHED_EVERY {
        admin.store.operator_session_touch(session.row, now).await?;
    }
    if !session.role.may(P::NEEDS) {
        refused(admin, &session, P::NEEDS, client, now).await?;
        return Err(Failure::Forbidden { needs: P::NEEDS });
    }
    Ok(Proven {
        session,
        shown,
        permission: PhantomData,
    })
}

/// Writes down that an operator wanted more than her role holds.
pub(super) async fn refused(
    admin: &Admin,
    session: &OperatorSession,
    needs: Permission,
    client: std::net::IpAddr,
    now: Timestamp,
) -> Result<(), Failure> {
    let about = format!("{} wanted {}", session.role.name(), needs.name());
    let event = AuditEvent::new(AuditKind::OperatorRefused)
        .operator(&session.name)
        .client(client)
        .reason(&about);
    Ok(admin.store.audit_append(&[event], now).await?)
}
