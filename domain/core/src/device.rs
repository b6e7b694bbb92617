//! Remembered devices ("do not ask on this computer for N days"): when one may stand in for a code.
//!
//! Off unless an app's owner turns it on: NIST SP 800-63B-4 section 5.1 forbids it for AAL2 (N7),
//! and many EMRs have it all the same. So it is bounded on every side: one app, one network, a
//! number of days, the terms under which it was made, a token that changes with every use. Judges
//! only; the store keeps the record and spends the token, the gateway holds the cookie.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::authenticator::Kinds;
use crate::ids::{AppName, DeviceId, SubscriberId};
use crate::time::Timestamp;

/// A browser that was just given a new token may still send the former one: a second tab, an answer
/// that was lost. Within this time, and from the same address, that is no theft.
const CROSSING: Duration = Duration::from_secs(60);

/// What an app's owner allows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DevicePolicy {
    /// How long a code is not asked for.
    pub lasts: Duration,
    /// Where this is offered at all; empty means everywhere.
    pub networks: Vec<IpNet>,
}

impl DevicePolicy {
    /// The network that a device at this address is remembered for: the listed one it stands in, or
    /// where none is listed the neighbourhood of the address (its /24, or its /64). `None` where
    /// nothing is remembered.
    #[must_use]
    pub fn network_of(&self, client: IpAddr) -> Option<IpNet> {
        let client = client.to_canonical();
        if self.networks.is_empty() {
            return neighbourhood(client);
        }
        let holds = |network: &&IpNet| network.contains(&client);
        self.networks.iter().find(holds).map(IpNet::trunc)
    }

    /// The terms, as text: a device that was remembered under other ones is not known any more.
    #[must_use]
    pub fn terms(&self, kinds: Kinds) -> String {
        let mut networks: Vec<String> = self.networks.iter().map(ToString::to_string).collect();
        networks.sort_unstable();
        format!(
            "{} s; {}; {kinds:?}",
            self.lasts.as_secs(),
            networks.join(" ")
        )
    }
}

fn neighbourhood(client: IpAddr) -> Option<IpNet> {
    let whole = match client {
        IpAddr::V4(client) => IpNet::V4(Ipv4Net::new(client, 24).ok()?),
        IpAddr::V6(client) => IpNet::V6(Ipv6Net::new(client, 64).ok()?),
    };
    Some(whole.trunc())
}

/// How the token that came compares with those on file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenSeen {
    /// The one given out last.
    Current,
    /// The one before.
    Former,
    /// None of them: an older one, or a guess.
    Neither,
}

/// A remembered device, as the store found it by the selector in its cookie.
#[derive(Clone, Copy, Debug)]
pub struct DeviceOnFile<'a> {
    /// Which.
    pub id: DeviceId,
    /// Whose.
    pub subscriber: SubscriberId,
    /// For which app.
    pub app: &'a AppName,
    /// In which network, as text.
    pub network: &'a str,
    /// Under which terms ([`DevicePolicy::terms`]).
    pub terms: &'a str,
    /// The end, whatever happens.
    pub expires_at: Timestamp,
    /// Ended by its owner, an operator, a reset, a change of factors, or a theft.
    pub revoked: bool,
    /// The token that came.
    pub token: TokenSeen,
    /// When the current token was given out.
    pub rotated_at: Timestamp,
    /// From which address it was last used.
    pub last_client: IpAddr,
}

/// The sign-in in which it came.
#[derive(Clone, Copy, Debug)]
pub struct DeviceFacts<'a> {
    /// Whose password was right.
    pub subscriber: SubscriberId,
    /// Whether it is known to have been right: never otherwise.
    pub proved: bool,
    /// At which app.
    pub app: &'a AppName,
    /// From where.
    pub client: IpAddr,
    /// Which kinds of authenticators the app takes: a part of the terms.
    pub kinds: Kinds,
}

/// Proof that a remembered device may stand in for a code. Only [`judge_device`] makes one.
#[must_use = "a remembered device is worth nothing until the store has spent its token"]
#[derive(PartialEq, Eq, Debug)]
pub struct Remembered {
    id: DeviceId,
    subscriber: SubscriberId,
}

impl Remembered {
    /// Which device.
    #[must_use]
    pub const fn id(&self) -> DeviceId {
        self.id
    }

    /// Whose.
    #[must_use]
    pub const fn subscriber(&self) -> SubscriberId {
        self.subscriber
    }
}

/// What a device's cookie is worth at this sign-in.
#[derive(PartialEq, Eq, Debug)]
pub enum DeviceVerdict {
    /// It stands in for a code; its token is to be spent.
    Known(Remembered),
    /// Somebody else holds a copy of its cookie: everything it opened is to end.
    Stolen(DeviceId),
    /// Nothing: a code is asked for.
    Unknown,
}

/// Judges a device at `now`. What cannot be proved is unknown, and unknown asks for a code.
///
/// A spent token that comes again means that two browsers hold the cookie, and nobody can say which
/// of them is hers. That is judged before network, terms and age, or a thief could try first from
/// elsewhere without anybody noticing.
#[must_use]
pub fn judge_device(
    policy: Option<&DevicePolicy>,
    device: &DeviceOnFile<'_>,
    facts: &DeviceFacts<'_>,
    now: Timestamp,
) -> DeviceVerdict {
    let hers = device.subscriber == facts.subscriber && device.app == facts.app;
    if device.revoked || now >= device.expires_at || !facts.proved || !hers {
        return DeviceVerdict::Unknown;
    }
    let same_place = device.last_client.to_canonical() == facts.client.to_canonical();
    let crossing = same_place && now.since(device.rotated_at) < CROSSING;
    match device.token {
        TokenSeen::Current => {}
        TokenSeen::Former if crossing => return DeviceVerdict::Unknown,
        TokenSeen::Former | TokenSeen::Neither => return DeviceVerdict::Stolen(device.id),
    }
    let Some(policy) = policy else {
        return DeviceVerdict::Unknown;
    };
    let network = policy.network_of(facts.client);
    let here = network.is_some_and(|network| network.to_string() == device.network);
    if !here || policy.terms(facts.kinds) != device.terms {
        return DeviceVerdict::Unknown;
    }
    DeviceVerdict::Known(Remembered {
        id: device.id,
        subscriber: device.subscriber,
    })
}

#[cfg(test)]
mod tests;
