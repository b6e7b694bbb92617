//! What stands on a person's own page: authenticators, sessions, computers, what happened lately.
//!
//! Values in the order in which they are shown; never a secret, never another person's. The page is
//! `own`'s, its sentences `words`'.

use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::means::Means;
use anteroom_core::time::Timestamp;

/// What a person sees of her own sign-in.
#[derive(Clone, Copy)]
pub struct Overview<'a> {
    /// Ties the sign-out form to this session.
    pub nonce: &'a str,
    /// Who.
    pub name: &'a str,
    /// Whether this session has passed a second factor. All else is empty when it has not.
    pub on: bool,
    /// Her authenticators.
    pub authenticators: &'a [OwnAuthenticator],
    /// How many recovery codes are unspent; `None` when none were ever made for her.
    pub recovery_left: Option<u32>,
    /// Where mail about her sign-in goes, masked.
    pub mail: &'a [String],
    /// Where another authenticator is set up, by kind.
    pub add: &'a [(AuthenticatorKind, &'static str)],
    /// Her sessions, this one among them.
    pub sessions: &'a [OwnSession],
    /// Her remembered computers.
    pub devices: &'a [OwnDevice],
    /// What happened lately, the newest first.
    pub events: &'a [OwnEvent],
}

/// One authenticator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnAuthenticator {
    /// Which.
    pub id: i64,
    /// What she calls it.
    pub label: String,
    /// Its kind.
    pub kind: Option<AuthenticatorKind>,
    /// Since when.
    pub added: Timestamp,
    /// When it was last right.
    pub used: Option<Timestamp>,
    /// Its codes do not count.
    pub disabled: bool,
}

/// One session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnSession {
    /// Which.
    pub id: i64,
    /// It is the one that asks.
    pub this: bool,
    /// Since when.
    pub since: Timestamp,
    /// The last activity known.
    pub active: Timestamp,
    /// Where, by the app's own name.
    pub app: String,
}

/// One remembered computer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnDevice {
    /// Which.
    pub id: i64,
    /// It is the one that asks.
    pub this: bool,
    /// Which browser, coarsely.
    pub label: String,
    /// Where no code is asked for, by the app's own name.
    pub app: String,
    /// Since when.
    pub since: Timestamp,
    /// When it last stood in for a code.
    pub used: Option<Timestamp>,
    /// Its end.
    pub until: Timestamp,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: AuditKind,
    /// By what it was proved, where it is a sign-in that says so.
    pub means: Option<Means>,
    /// From which network, coarse.
    pub from: Option<String>,
}
