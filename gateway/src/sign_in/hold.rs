//! Withholding: a login answer and its jar go into the store, sealed, and the browser gets a
//! pending session.
//!
//! The key that opens the answer needs the pending id, which only the browser has. Never looks at
//! codes (`release`) and never talks to the app (`login`).

use anteroom_core::attempts::AttemptCaps;
use anteroom_core::cookies::Jar;
use anteroom_core::enrolment::EnrolmentProof;
use anteroom_core::fold::{Folded, fold, spelling_key};
use anteroom_core::ids::{SessionHash, SubscriberId};
use anteroom_core::outcome::Outcome;
use anteroom_core::time::Timestamp;
use anteroom_store::{LoginRefused, NameKey, NewAttempt, SessionRecord, SubscriberView, Withheld};

use super::held::{Held, WITHHELD};
use super::{jars, target};
use crate::arrival::Arrival;
use crate::cookies::token::{self, Signed};
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::keys::hash_session;
use crate::pages::Notice;
use crate::reply::Reply;
use crate::upstream::exchange::Answer;

/// The name behind a login, in the forms that the store takes.
#[derive(Clone, Debug)]
pub struct Name {
    /// Tenant; empty where the app has none.
    pub tenant: String,
    /// As typed, or as the probe gave it.
    pub typed: String,
    /// Finds the subscriber.
    pub folded: Folded,
    /// Is the subscriber, when linked.
    pub spelling: String,
}

impl Name {
    /// Folds a name by the app's rules. `None` for a name that cannot be anybody's.
    #[must_use]
    pub fn of(arrival: &Arrival, tenant: &str, typed: &str) -> Option<Self> {
        let rule = &arrival.app.settings.profile.spelling;
        Some(Self {
            tenant: tenant.to_owned(),
            typed: typed.to_owned(),
            folded: fold(typed).ok()?,
            spelling: spelling_key(typed, rule),
        })
    }

    /// The key that the store looks up.
    #[must_use]
    pub fn key<'n>(&'n self, arrival: &'n Arrival) -> NameKey<'n> {
        NameKey {
            realm: &arrival.app.settings.realm,
            tenant: &self.tenant,
            folded: &self.folded,
            spelling_key: &self.spelling,
        }
    }
}

/// What is to be withheld, and for whom.
pub struct Holding<'h> {
    /// The session that submitted the login, now tainted.
    pub tainted: SessionHash,
    /// Whose login it was.
    pub name: &'h Name,
    /// Who can be challenged; `None` when no code can be right.
    pub subscriber: Option<SubscriberId>,
    /// The name for pages.
    pub display: &'h str,
    /// What the rules made of the answer.
    pub outcome: Outcome,
    /// Whether the password is known to be right.
    pub proved: bool,
    /// The ground of an enrolment, if it leads to one.
    pub enrolling: Option<EnrolmentProof>,
    /// The answer, the jar and the wanted page.
    pub held: Held,
}

/// Withholds and sends the browser to `page` with a pending session.
///
/// # Errors
/// When the store fails, or a bound is reached: then nothing is held and the answer is gone.
pub async fn withhold(
    gateway: &Gateway,
    arrival: &Arrival,
    holding: Holding<'_>,
    page: &'static str,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let pending = gateway.new_session_id();
    let keys = jars::current(gateway)?;
    let plain = holding.held.to_bytes();
    let sealed = jars::seal_for(gateway, keys, WITHHELD, arrival, &pending, &plain)?;
    let policy = &arrival.app.settings.policy;
    let life = if holding.enrolling.is_some() {
        policy.enrolling_for
    } else {
        policy.pending_for()
    };
    let new = NewAttempt {
        tainted: holding.tainted,
        pending: hash_session(&pending),
        app: arrival.app.name(),
        realm: &arrival.app.settings.realm,
        tenant: &holding.name.tenant,
        typed_name: &holding.name.typed,
        folded: &holding.name.folded,
        spelling_key: &holding.name.spelling,
        display_name: holding.display,
        subscriber: holding.subscriber,
        outcome: holding.outcome.name(),
        proved: holding.proved,
        enrolling: holding.enrolling,
        answer: &sealed,
        submitted_path: &arrival.target(),
        client: arrival.client,
        expires_at: now.plus(life),
        form_nonce: gateway.random(),
        now,
        caps: caps(gateway),
    };
    match gateway.store.attempt_withhold(new).await? {
        Withheld::Full => Err(Failure::refused(Notice::AttemptsFull)),
        Withheld::Row(_) => {
            let cookie = jars::our_cookie(gateway, arrival, &pending, now, life)?;
            let forget = target::forget(arrival.secure);
            let reply = target::to_challenge(gateway, arrival, page);
            Ok(reply
                .with_cookie(cookie.as_bytes())
                .with_cookie(forget.as_bytes()))
        }
    }
}

/// Makes sure that an answer to this name's right password could be held. The refusal is written
/// down, once in a while: the password is not sent, so the log has nothing else of it.
///
/// # Errors
/// When there is no room, or the store fails: then no password may be sent.
pub async fn make_sure_of_room(
    gateway: &Gateway,
    arrival: &Arrival,
    name: &Name,
    now: Timestamp,
) -> Result<(), Failure> {
    let (store, key, caps) = (&gateway.store, name.key(arrival), caps(gateway));
    let asked = store.attempts_room(&key, arrival.client, &caps, now);
    if asked.await? {
        return Ok(());
    }
    let view = store.subscriber_find(&key).await?;
    let refused = LoginRefused {
        subscriber: view.map(|view| view.id),
        app: arrival.app.name(),
        client: arrival.client,
        now,
    };
    store.attempts_refused(refused).await?;
    Err(Failure::refused(Notice::AttemptsFull))
}

/// The bounds on held attempts.
#[must_use]
fn caps(gateway: &Gateway) -> AttemptCaps {
    let limits = &gateway.settings.limits;
    AttemptCaps {
        per_subscriber_or_name: limits.attempts_per_subscriber,
        per_source: limits.attempts_per_source,
        total: limits.attempts_total,
    }
}

/// A page fetched with a tainted session that is not the login page: perhaps the login worked after
/// all. It is held as an unknown outcome, which looks the same for every name (`DESIGN-CASES` 2,
/// 24).
///
/// # Errors
/// As [`withhold`].
pub async fn unrecognised(
    gateway: &Gateway,
    arrival: &Arrival,
    signed: &Signed<'_>,
    record: &SessionRecord,
    answer: &Answer,
    jar: Jar,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let typed = record.typed.as_ref();
    let name = typed.and_then(|typed| Name::of(arrival, &typed.tenant, &typed.name));
    let Some(name) = name else {
        // Nobody typed a name on it: it starts anew, with the next page load.
        let gone = token::clear_cookie(arrival.secure);
        return Ok(target::to_login(gateway, arrival).with_cookie(gone.as_bytes()));
    };
    let found = gateway.store.subscriber_find(&name.key(arrival)).await?;
    let holding = Holding {
        tainted: signed.hash,
        subscriber: challengeable(found.as_ref()),
        display: &name.typed,
        name: &name,
        outcome: Outcome::Unknown,
        proved: false,
        enrolling: None,
        held: Held {
            answer: answer.clone(),
            jar,
            wanted: None,
        },
    };
    withhold(gateway, arrival, holding, target::CHALLENGE, now).await
}

/// Who may be challenged under a name: only a linked spelling of somebody who is not suspended.
#[must_use]
pub fn challengeable(found: Option<&SubscriberView>) -> Option<SubscriberId> {
    found
        .filter(|view| view.linked && !view.suspended)
        .map(|view| view.id)
}
