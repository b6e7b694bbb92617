//! Remembered devices at a sign-in: one that is known stands in for the code, and one is remembered
//! beside a code or a passkey that was right.
//!
//! `anteroom_core::device::judge_device` says what a cookie is worth, the store spends its token.
//! Whatever is doubtful asks for a code: nothing here stops a sign-in.

use anteroom_core::browser::browser_of;
use anteroom_core::challenge::Spend;
use anteroom_core::device::{DeviceFacts, DeviceVerdict, Remembered, judge_device};
use anteroom_core::outcome::Outcome;
use anteroom_core::time::Timestamp;
use anteroom_store::{Claimed, DevicePassage, DevicePassed, NewDevice};
use http::HeaderMap;
use http::header::USER_AGENT;

use super::hand_over::{Handed, hand_over};
use super::held::Held;
use super::jars;
use super::verdict::Act;
use crate::arrival::Arrival;
use crate::cookies::device::DeviceCookie;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::keys::hash_session;
use crate::reply::Reply;

impl Act<'_> {
    /// The answer for somebody whose computer is remembered; `None` where a code is to be asked
    /// for.
    pub(super) async fn pass_by_device(&self) -> Result<Option<Reply>, Failure> {
        let Some(cookie) = &self.device else {
            return Ok(None);
        };
        match self.judge_device(cookie).await? {
            DeviceVerdict::Known(remembered) => self.pass_as(remembered, cookie).await,
            DeviceVerdict::Stolen(id) => {
                let (gateway, arrival) = (self.gateway, self.arrival);
                let store = &gateway.store;
                store.device_stolen(id, arrival.client, self.now).await?;
                gateway
                    .metrics
                    .challenge(arrival.app.name().as_str(), "device_stolen");
                tracing::warn!(
                    reference = %arrival.reference,
                    app = arrival.app.name().as_str(),
                    "a spent token of a remembered computer came again; its sessions have ended"
                );
                Ok(None)
            }
            DeviceVerdict::Unknown => Ok(None),
        }
    }

    async fn judge_device(&self, cookie: &DeviceCookie) -> Result<DeviceVerdict, Failure> {
        let (gateway, arrival) = (self.gateway, self.arrival);
        let Some(view) = self.view.as_ref().filter(|view| view.linked) else {
            return Ok(DeviceVerdict::Unknown);
        };
        let store = &gateway.store;
        let found = store.device_find(&cookie.selector, &cookie.hash()).await?;
        let Some(found) = found else {
            return Ok(DeviceVerdict::Unknown);
        };
        let policy = &arrival.app.settings.policy;
        let facts = DeviceFacts {
            subscriber: view.id,
            proved: self.judged.proved && self.judged.outcome != Outcome::Unknown,
            app: arrival.app.name(),
            client: arrival.client,
            kinds: policy.kinds,
        };
        let devices = policy.devices.as_ref();
        Ok(judge_device(devices, &found.on_file(), &facts, self.now))
    }

    async fn pass_as(
        &self,
        remembered: Remembered,
        cookie: &DeviceCookie,
    ) -> Result<Option<Reply>, Failure> {
        let (gateway, arrival, now) = (self.gateway, self.arrival, self.now);
        let policy = &arrival.app.settings.policy;
        let next = DeviceCookie::new(cookie.selector, gateway.random());
        let id = gateway.new_session_id();
        let passage = DevicePassage {
            token: cookie.hash(),
            next: next.hash(),
            tainted: hash_session(&self.id),
            verified: hash_session(&id),
            app: arrival.app.name(),
            jar_key: gateway.random(),
            ends_at: now.plus(policy.lifetimes.overall),
            client: arrival.client,
            now,
        };
        match gateway.store.device_pass(remembered, passage).await? {
            DevicePassed::Opened(_) => {}
            DevicePassed::Over => return Ok(None),
        }
        let app = arrival.app.name().as_str();
        gateway.metrics.challenge(app, "device");
        let held = Held {
            answer: self.answer.clone(),
            jar: self.jar.clone(),
            wanted: self.wanted.clone(),
        };
        let handed = Handed {
            keys: jars::current(gateway)?,
            id: &id,
            submitted_to: &arrival.target(),
            held: &held,
        };
        let reply = hand_over(gateway, arrival, handed, now).await?;
        let lasts = policy.devices.as_ref().map(|devices| devices.lasts);
        let line = next.line(arrival.secure, lasts.unwrap_or_default());
        Ok(reply.map(|reply| reply.with_cookie(line.as_bytes())))
    }
}

/// Whether a sign-in at this address may be offered to be remembered, and for how many days.
#[must_use]
pub fn offered(arrival: &Arrival) -> Option<u64> {
    let policy = arrival.app.settings.policy.devices.as_ref()?;
    policy.network_of(arrival.client)?;
    Some(policy.lasts.as_secs().div_ceil(86_400))
}

/// Remembers this computer for the person of a claimed code, where she asked for it (`label`),
/// policy allows it and an authenticator answered, by a code or as a passkey: a saved or lent code
/// proves nothing about tomorrow. Gives the cookie. A store that fails now costs nothing but the
/// remembering.
pub(super) async fn remember(
    gateway: &Gateway,
    arrival: &Arrival,
    claimed: &Claimed,
    spend: &Spend,
    label: Option<&str>,
    now: Timestamp,
) -> Option<String> {
    let label = label?;
    let policy = &arrival.app.settings.policy;
    let devices = policy.devices.as_ref()?;
    let network = devices.network_of(arrival.client)?.to_string();
    if !matches!(spend, Spend::Step(_) | Spend::Assertion { .. }) {
        return None;
    }
    let cookie = DeviceCookie::new(gateway.random(), gateway.random());
    let new = NewDevice {
        app: arrival.app.name(),
        selector: cookie.selector,
        token: cookie.hash(),
        network: &network,
        terms: &devices.terms(policy.kinds),
        label,
        client: arrival.client,
        expires_at: now.plus(devices.lasts),
        now,
    };
    match gateway.store.device_remember(claimed, new).await {
        Ok(made) => made.map(|_| cookie.line(arrival.secure, devices.lasts)),
        Err(problem) => {
            tracing::warn!(
                reference = %arrival.reference,
                %problem,
                "a computer could not be remembered; a code will be asked for again"
            );
            None
        }
    }
}

/// Which browser this is, coarsely, for the list of remembered computers.
#[must_use]
pub fn label(headers: &HeaderMap) -> &'static str {
    let said = headers.get(USER_AGENT).and_then(|said| said.to_str().ok());
    browser_of(said.unwrap_or_default())
}
