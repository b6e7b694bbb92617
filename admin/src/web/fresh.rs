//! A fresh second factor for dangerous acts: proven some minutes ago, or by a code in the same
//! form.
//!
//! The acts take a [`Fresh`] by value, so none can be carried out without; only this module makes
//! one. The code is judged by `anteroom-core` and spent by the store, as at every sign-in.

use anteroom_core::authenticator::Kinds;
use anteroom_core::challenge::{Accepted, CodeFacts, CodeHint, CodeVerdict, judge_code};
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::throttle::{ThrottlePolicy, ThrottleStanding};
use anteroom_core::time::Timestamp;
use anteroom_store::{Material, OperatorPass, RecoveryLookup};

use super::failure::Failure;
use super::proof::Grants;
use super::visit::Visit;
use crate::Admin;
use crate::api::visit::{ApiVisit, Scoped};
use anteroom_core::ids::SubscriberId;

/// Proof that the operator's second factor is fresh.
#[must_use]
pub(crate) struct Fresh(());

/// What stands in the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotFresh {
    /// A code is wanted and none was typed.
    Wanted,
    /// The code was wrong.
    Wrong,
    /// It was used before.
    Reused,
    /// Too many wrong ones.
    Paused {
        /// The end of the pause.
        until: Timestamp,
    },
    /// Every authenticator is disabled.
    Stopped,
}

impl Fresh {
    /// A token stands in for the factor with which it was issued: its scope and its end were chosen
    /// then.
    pub(crate) const fn of_token<S: Scoped>(_visit: &ApiVisit<S>) -> Self {
        Self(())
    }
}

impl<P: Grants> Visit<P> {
    /// Whether a dangerous act would need a code now.
    pub(crate) fn needs_code(&self) -> bool {
        let age = self.now.since(self.who.session().authenticated_at);
        age >= self.admin.mine.fresh_for
    }

    /// The proof, from the age of the session or from the form's own code.
    pub(crate) async fn fresh(&self) -> Result<Result<Fresh, NotFresh>, Failure> {
        if !self.needs_code() {
            return Ok(Ok(Fresh(())));
        }
        let typed = self.form.text("own_code");
        if typed.is_empty() {
            return Ok(Err(NotFresh::Wanted));
        }
        if let Some(seconds) = self.admin.sources.must_wait(self.client, self.now) {
            return Err(Failure::TooMany { seconds });
        }
        let session = (&self.who.shown().hash(), self.host.as_str());
        for _ in 0..3 {
            let subscriber = self.who.subscriber();
            let whose = (subscriber, self.who.name());
            let (accepted, material) =
                match judge(&self.admin, whose, typed, self.client, self.now).await? {
                    Judged::Right(accepted, material) => (accepted, material),
                    Judged::Not(why) => return Ok(Err(why)),
                };
            let confirmed = self.admin.store.operator_confirm(
                accepted,
                session,
                material.version,
                self.client,
                self.now,
            );
            match confirmed.await? {
                OperatorPass::Open(_) => return Ok(Ok(Fresh(()))),
                OperatorPass::AlreadySpent => return Ok(Err(NotFresh::Reused)),
                OperatorPass::Stale => {}
                OperatorPass::Gone => return Err(Failure::SignIn),
            }
        }
        Ok(Err(NotFresh::Wrong))
    }
}

/// The verdict on an operator's code.
pub(crate) enum Judged {
    /// Right; to be claimed.
    Right(Accepted, Material),
    /// Not, and counted where it was wrong.
    Not(NotFresh),
}

/// Judges an operator's code and counts a wrong one.
pub(crate) async fn judge(
    admin: &Admin,
    operator: (SubscriberId, &str),
    typed: &str,
    client: std::net::IpAddr,
    now: Timestamp,
) -> Result<Judged, Failure> {
    let policy = ThrottlePolicy::default();
    let material = admin.store.unlock_material(operator.0).await?;
    if let ThrottleStanding::Paused { until } = material.throttle.standing(&policy, now) {
        return Ok(Judged::Not(NotFresh::Paused { until }));
    }
    let recovery = match RecoveryCode::parse(typed) {
        Some(code) => match admin.store.recovery_match(Some(operator.0), &code).await? {
            RecoveryLookup::Found(found) => Some(found),
            RecoveryLookup::Nothing => None,
            RecoveryLookup::Busy => return Err(Failure::TooMany { seconds: 5 }),
        },
        None => None,
    };
    let on_file = material.on_file();
    let facts = CodeFacts {
        typed,
        oath: &on_file,
        kinds: Kinds::PRESET,
        recovery,
        // What the helpdesk gives to people is not for operators.
        given: None,
        throttle: &material.throttle,
        policy: &policy,
        expires_at: now.plus(std::time::Duration::from_secs(1)),
        proved: true,
    };
    let why = match judge_code(&facts, now) {
        CodeVerdict::Accept(accepted) => {
            drop(on_file);
            return Ok(Judged::Right(accepted, material));
        }
        CodeVerdict::Paused { until } => return Ok(Judged::Not(NotFresh::Paused { until })),
        CodeVerdict::Disabled | CodeVerdict::Exhausted => {
            return Ok(Judged::Not(NotFresh::Stopped));
        }
        CodeVerdict::Expired | CodeVerdict::Outdated { .. } => NotFresh::Wrong,
        CodeVerdict::Replayed { .. } => NotFresh::Reused,
        CodeVerdict::Wrong {
            hint: Some(CodeHint::Malformed),
            ..
        } if typed.is_empty() => return Ok(Judged::Not(NotFresh::Wanted)),
        CodeVerdict::Wrong { .. } => NotFresh::Wrong,
    };
    admin.sources.failed(client, now);
    let throttle = admin
        .store
        .operator_code_wrong(operator, client, &policy, now)
        .await?;
    Ok(Judged::Not(match throttle.pause(&policy, now) {
        Some(until) => NotFresh::Paused { until },
        None => why,
    }))
}
