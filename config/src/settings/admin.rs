//! What the admin app uses: where it listens, how long things last, what its forms offer.
//!
//! Holds values only. Who may do what is not a setting: see `anteroom_core::operator`. Built in
//! `resolve`, like its neighbours in [`settings`](super).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anteroom_core::fold::Folded;
use ipnet::IpNet;

use super::CertificateFiles;

/// The admin app: where operators find it, and what they may do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSettings {
    /// Where it listens; loopback unless `tls` is there. Port 0 lets the system choose. Neither a
    /// listener's address nor the private one.
    pub addr: SocketAddr,
    /// Its certificate; `None` means plain HTTP on loopback.
    pub tls: Option<CertificateFiles>,
    /// The names operators' browsers may use: lower-case, no port; IPv6 in brackets (attack E11).
    /// Never empty. No app has one of them.
    pub hosts: Vec<String>,
    /// Longest silence of a session; never longer than `overall`.
    pub idle: Duration,
    /// Longest life of a session.
    pub overall: Duration,
    /// How old a second factor may be for a dangerous act.
    pub fresh_for: Duration,
    /// How long a set-up link works.
    pub setup_for: Duration,
    /// How many hours a temporary code may work: what a form offers. Never empty; the first is the
    /// default.
    pub temporary_code_hours: Vec<u32>,
    /// How often it may be used: what a form offers. Never empty; the first is the default.
    pub temporary_code_uses: Vec<u32>,
    /// How many hours an enrolment code works.
    pub enrolment_code_hours: u32,
    /// How an operator may have made sure who is calling: what a form offers. Never empty.
    pub identity_checks: Vec<String>,
    /// Whether the reset of an operator needs a second one.
    pub four_eyes_operators: bool,
    /// People whose reset needs a second operator.
    pub groups: Vec<FourEyesGroup>,
    /// Names for networks: "front desk" says more than an address. Asked by
    /// [`place_of`](Self::place_of).
    pub places: Vec<NetworkPlace>,
    /// Resets that one operator may do within an hour (attack E05).
    pub resets_per_hour: u32,
    /// The longest exception that can be opened (break-glass).
    pub emergency_longest: Duration,
    /// How long audit rows are kept; `None` means for ever.
    pub audit_keep: Option<Duration>,
}

impl AdminSettings {
    /// How people call the network that `ip` is in; the narrowest one that has a name.
    #[must_use]
    pub fn place_of(&self, ip: IpAddr) -> Option<&str> {
        let ip = ip.to_canonical();
        let around = self
            .places
            .iter()
            .filter(|place| place.network.contains(&ip));
        around
            .max_by_key(|place| place.network.prefix_len())
            .map(|place| place.name.as_str())
    }
}

/// People whose reset needs a second operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FourEyesGroup {
    /// What the group is called.
    pub name: String,
    /// Whose realm it is.
    pub realm: String,
    /// The people's names, folded.
    pub people: Vec<Folded>,
}

/// A network with a name that people know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPlace {
    /// Which addresses.
    pub network: IpNet,
    /// How people call it.
    pub name: String,
}
