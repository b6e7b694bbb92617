//! The paper trail of an operator's act: who, why, how the caller was known, who agreed, from
//! where.
//!
//! Only carries it and turns it into audit events; whether an operator may is the caller's
//! question.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::SubscriberId;
use anteroom_core::time::Timestamp;

/// What stands behind an operator's act.
#[derive(Clone, Copy, Debug)]
pub struct Paper<'a> {
    /// Who acts.
    pub operator: &'a str,
    /// Why; may be empty where nobody is asked.
    pub reason: &'a str,
    /// How the operator made sure who is calling; empty where nobody called.
    pub identity_check: &'a str,
    /// The second operator, where one was needed.
    pub approved_by: Option<&'a str>,
    /// From which address; `None` at the command line.
    pub client: Option<IpAddr>,
    /// When.
    pub now: Timestamp,
}

impl<'a> Paper<'a> {
    /// The paper of an act that nobody is asked a reason for.
    #[must_use]
    pub const fn of(operator: &'a str, now: Timestamp) -> Self {
        Self {
            operator,
            reason: "",
            identity_check: "",
            approved_by: None,
            client: None,
            now,
        }
    }

    /// The same, with a reason.
    #[must_use]
    pub const fn because(mut self, reason: &'a str) -> Self {
        self.reason = reason;
        self
    }

    /// What an act is about beside the person, with the reason behind it.
    pub(crate) fn about(&self, what: &str) -> String {
        if self.reason.is_empty() {
            what.to_owned()
        } else {
            format!("{what}: {}", self.reason)
        }
    }

    /// An event of this act that accompanies no change of the store.
    #[must_use]
    pub fn audit(&self, kind: AuditKind, about: &str) -> AuditEvent {
        self.event(kind).reason(about)
    }

    /// One event of this act.
    pub(crate) fn event(&self, kind: AuditKind) -> AuditEvent {
        let mut event = AuditEvent::new(kind).operator(self.operator);
        event.client = self.client;
        event
    }

    /// The event of the act itself, and beside it how the caller was known and who agreed, each an
    /// event of its own, so that all of it is in the chain.
    pub(crate) fn events(&self, kind: AuditKind, whom: Option<SubscriberId>) -> Vec<AuditEvent> {
        let about = |mut event: AuditEvent| {
            event.subscriber = whom;
            event
        };
        let mut act = about(self.event(kind));
        if !self.reason.is_empty() {
            act = act.reason(self.reason);
        }
        let mut events = vec![act];
        if !self.identity_check.is_empty() {
            let checked = self.event(AuditKind::IdentityChecked);
            events.push(about(checked.reason(self.identity_check)));
        }
        if let Some(second) = self.approved_by {
            let granted = AuditEvent::new(AuditKind::ApprovalGranted).operator(second);
            events.push(about(granted.reason(kind.name())));
        }
        events
    }
}
