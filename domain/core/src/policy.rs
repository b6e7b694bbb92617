//! What an app's owner decided: enforcement, enrolment, limits. Values only; `decide`, `login` and
//! `challenge` apply them. Checked settings are built by `anteroom-config`.

use std::time::Duration;

use ipnet::IpNet;

use crate::authenticator::{AuthenticatorKind, Kinds};
use crate::device::DevicePolicy;
use crate::mail_code::MAIL_CODE_FOR;
use crate::session::Lifetimes;
use crate::throttle::ThrottlePolicy;
use crate::time::Timestamp;

/// Whether a second factor is asked for at all (DESIGN section 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Enforcement {
    /// Touch nothing; only record what would have happened.
    Report,
    /// Subscribers with a factor need it; others pass, marked single-factor.
    Optional,
    /// Optional until this moment, required from then on.
    By(Timestamp),
    /// Nobody passes without a second factor.
    Required,
}

impl Policy {
    /// How long a held login answer waits for a code: where one may come by mail, as long as that
    /// counts, because mail takes its time.
    #[must_use]
    pub fn pending_for(&self) -> Duration {
        if self.kinds.has(AuthenticatorKind::Email) {
            self.pending_for.max(MAIL_CODE_FOR)
        } else {
            self.pending_for
        }
    }
}

impl Enforcement {
    /// Whether somebody without a factor may pass at `now`, marked single-factor.
    #[must_use]
    pub fn lets_unenrolled_through(self, now: Timestamp) -> bool {
        match self {
            Self::Report | Self::Optional => true,
            Self::By(date) => now < date,
            Self::Required => false,
        }
    }
}

/// What a first enrolment needs beyond the password (attack D14: the password thief enrols first).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EnrolmentPolicy {
    /// A one-time code issued by an operator.
    Code,
    /// A client address in one of these networks, or else a code.
    Network(Vec<IpNet>),
    /// The first proved login enrols, until this moment; then as `Code`.
    Open {
        /// The end of the roll-out window. `None` only in the loopback demonstration.
        until: Option<Timestamp>,
    },
}

/// Everything an app's owner decided about second factors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Whether a factor is needed.
    pub enforcement: Enforcement,
    /// What a first enrolment needs.
    pub enrolment: EnrolmentPolicy,
    /// How long sessions live.
    pub lifetimes: Lifetimes,
    /// How long a held login answer waits for a code (at most 10 minutes); see
    /// [`pending_for`](Self::pending_for).
    pub pending_for: Duration,
    /// How long a held login answer waits for an enrolment.
    pub enrolling_for: Duration,
    /// How many recovery codes a subscriber gets (5 to 20).
    pub recovery_codes: u8,
    /// Which kinds of authenticators may be set up and asked for.
    pub kinds: Kinds,
    /// Whether a subscriber may remove her last authenticator herself (OutSmart: never; AutoScribe:
    /// yes). Her next sign-in then enrols as a first one does.
    pub may_remove_last: bool,
    /// Whether, and how, a code is not asked for again on the same computer. `None`: always asked.
    pub devices: Option<DevicePolicy>,
    /// How wrong codes are slowed and stopped.
    pub throttle: ThrottlePolicy,
}
