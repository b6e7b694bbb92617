//! The gateway itself: everything that requests share, and who a request's cookie says it is.
//!
//! Built once by [`crate::start`]. Holds the pieces and finds sessions; what becomes of a request
//! is `anteroom_core::decide`, carried out by `proxy`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anteroom_config::ambient::{Ambient, Monotonic};
use anteroom_config::settings::Settings;
use anteroom_core::cookies::pairs;
use anteroom_core::ids::{AppName, SessionHash, SessionId};
use anteroom_core::reference::Reference;
use anteroom_core::session::{Session, Standing, Verified};
use anteroom_core::time::Timestamp;
use anteroom_store::{SessionRecord, Store, StoredState};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::app::App;
use crate::arrival::Arrival;
use crate::cookies::token::{self, Signed};
use crate::fail::Failure;
use crate::feed::Freshness;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::net::connection::Connections;
use crate::sessions::{Beginning, Live, Sessions};
use crate::sign_in::inflight::Inflight;
use crate::sign_in::jars;
use crate::sign_in::repeat::Repeats;
use crate::sign_in::sources::Sources;
use crate::sign_in::turns::Turns;
use crate::surroundings::Emergencies;

/// Everything that requests share.
pub struct Gateway {
    /// What we were told.
    pub settings: Settings,
    /// What is remembered.
    pub store: Store,
    /// Keys, each for one purpose.
    pub keys: Keys,
    /// Clock and entropy.
    pub ambient: Ambient,
    /// Time that never jumps, for limits.
    pub monotonic: Monotonic,
    /// Verified sessions in memory.
    pub sessions: Sessions,
    /// Live connections.
    pub connections: Connections,
    /// Counters.
    pub metrics: Metrics,
    /// Unverified requests under way, per session.
    pub inflight: Inflight,
    /// Who uses a tainted session's jar.
    pub turns: Turns,
    /// Login submissions under way, so that a double click is one login.
    pub repeats: Repeats,
    /// Failed logins per source.
    pub sources: Sources,
    /// How fresh our knowledge of revocations is.
    pub freshness: Freshness,
    /// Exceptions that are open, for pages and the gauge.
    pub emergencies: Emergencies,
    apps: HashMap<String, Arc<App>>,
    references: AtomicU64,
}

/// Who a request's cookie says it is.
pub struct Visitor<'g> {
    /// The cookie, if it is ours and in time.
    pub signed: Option<Signed<'g>>,
    /// The session's state, as decisions take it.
    pub session: Session,
    /// The verified session in memory.
    pub live: Option<Arc<Live>>,
    /// The record of a tainted or pending session.
    pub record: Option<SessionRecord>,
}

impl Gateway {
    /// Puts the pieces together.
    #[must_use]
    pub fn new(
        settings: Settings,
        store: Store,
        keys: Keys,
        ambient: Ambient,
        apps: &[Arc<App>],
    ) -> Self {
        let mut by_host = HashMap::new();
        for app in apps {
            for host in &app.settings.hosts {
                by_host.insert(host.clone(), Arc::clone(app));
            }
        }
        let mut start = [0_u8; 8];
        (ambient.entropy)(&mut start);
        Self {
            store,
            keys,
            sessions: Sessions::new(settings.limits.sessions_in_memory),
            connections: Connections::default(),
            metrics: Metrics::new(),
            inflight: Inflight::default(),
            turns: Turns::default(),
            repeats: Repeats::default(),
            sources: Sources::new(settings.limits.login_failures_per_source_per_minute),
            freshness: Freshness::default(),
            emergencies: Emergencies::default(),
            monotonic: Monotonic::start(),
            apps: by_host,
            references: AtomicU64::new(u64::from_be_bytes(start)),
            ambient,
            settings,
        }
    }

    /// The app that serves a host.
    #[must_use]
    pub fn app_for(&self, host: &str) -> Option<&Arc<App>> {
        self.apps.get(host)
    }

    /// All apps, each once.
    #[must_use]
    pub fn apps(&self) -> Vec<Arc<App>> {
        let mut apps: Vec<Arc<App>> = self.apps.values().map(Arc::clone).collect();
        apps.sort_by(|one, other| one.name().cmp(other.name()));
        apps.dedup_by(|one, other| Arc::ptr_eq(one, other));
        apps
    }

    /// The app of this name.
    #[must_use]
    pub fn app_named(&self, name: &AppName) -> Option<&Arc<App>> {
        self.apps.values().find(|app| app.name() == name)
    }

    /// Whether a peer is a proxy in front of us.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.settings
            .trusted_proxies
            .iter()
            .any(|net| net.contains(&peer))
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }

    /// Fresh random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        (self.ambient.entropy)(&mut bytes);
        bytes
    }

    /// A fresh session id.
    #[must_use]
    pub fn new_session_id(&self) -> SessionId {
        SessionId::new(self.random())
    }

    /// The next request's reference.
    #[must_use]
    pub fn next_reference(&self) -> Reference {
        Reference::of(self.references.fetch_add(1, Ordering::Relaxed))
    }

    /// Finds out who sent a request. Reads the store for everything but a verified session in
    /// memory.
    ///
    /// # Errors
    /// When the store is needed and cannot be read: doubt is closed (invariant I4).
    pub async fn visitor<'g>(
        &'g self,
        arrival: &Arrival,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Visitor<'g>, Failure> {
        let name = token::name(arrival.secure);
        let value = cookie_value(headers, name);
        let app = arrival.app.name();
        let known = &arrival.connection.token;
        let Some(signed) = value.and_then(|value| known.check(&self.keys, value, app, now)) else {
            let outdated = value.and_then(|value| token::outdated(&self.keys, value, app, now));
            if let Some(hash) = outdated {
                self.end_outdated(&hash, now).await?;
            }
            return Ok(Visitor::absent());
        };
        if let Some(live) = self.sessions.find(&signed.hash) {
            self.confirm(&live, now).await?;
            if !live.is_ended() {
                let session = Session::Verified(live.verified());
                let visitor = Visitor {
                    signed: Some(signed),
                    session,
                    live: Some(live),
                    record: None,
                };
                return self.unless_over(arrival, visitor, now).await;
            }
        }
        let record = Box::pin(self.store.session_find(&signed.hash)).await?;
        self.unless_over(arrival, self.visitor_of(signed, record), now)
            .await
    }

    /// A session past its end is ended in fact before anything is decided: what comes next is a
    /// first visit, not a second login in a session that somebody is still using.
    async fn unless_over<'g>(
        &self,
        arrival: &Arrival,
        visitor: Visitor<'g>,
        now: Timestamp,
    ) -> Result<Visitor<'g>, Failure> {
        let limits = &arrival.app.settings.policy.lifetimes;
        let (Session::Verified(verified), Some(live)) = (&visitor.session, &visitor.live) else {
            return Ok(visitor);
        };
        if verified.standing(limits, now) != Standing::Over {
            return Ok(visitor);
        }
        self.sessions.end(live, None);
        self.store.session_end(live.row, "age", now).await?;
        Ok(Visitor {
            session: Session::Ended,
            live: None,
            ..visitor
        })
    }

    /// Ends what an outdated cookie names: a clock set back must not revive it (attack F09).
    async fn end_outdated(&self, hash: &SessionHash, now: Timestamp) -> Result<(), Failure> {
        let Some(record) = self.store.session_find(hash).await? else {
            return Ok(());
        };
        match record.state {
            StoredState::Verified => {
                if let Some(live) = self.sessions.find(hash) {
                    self.sessions.end(&live, None);
                }
                self.store.session_end(record.row, "age", now).await?;
            }
            StoredState::Pending => {
                if let Some(attempt) = self.store.attempt_find(hash).await? {
                    self.store.attempt_expire(attempt.id, now).await?;
                }
            }
            StoredState::Tainted | StoredState::Ended => {}
        }
        Ok(())
    }

    fn visitor_of<'g>(&self, signed: Signed<'g>, record: Option<SessionRecord>) -> Visitor<'g> {
        let Some(record) = record else {
            let session = Session::Anonymous;
            return Visitor {
                signed: Some(signed),
                session,
                live: None,
                record: None,
            };
        };
        let (session, live) = match record.state {
            // Its jar went on with the pending session that took over, perhaps into a verified one:
            // whoever still has this id must not put another credential on it (attacks B18, B19).
            StoredState::Tainted if record.superseded_by_rotation_at.is_some() => {
                (Session::Ended, None)
            }
            StoredState::Tainted => (Session::Tainted, None),
            StoredState::Pending => (
                Session::Pending {
                    expires_at: record.ends_at,
                },
                None,
            ),
            StoredState::Ended => (Session::Ended, None),
            // An id that was rotated away keeps its old, locked rights for some seconds and gets no
            // new ones (`DESIGN-CASES` 12): the page it asks for leads to the challenge, and that
            // to the new id.
            StoredState::Verified if record.superseded_by_rotation_at.is_some() => (
                Session::Verified(Verified {
                    locked: true,
                    ..moments(&record)
                }),
                None,
            ),
            StoredState::Verified => match self.load(&record) {
                Some(live) => (Session::Verified(live.verified()), Some(live)),
                None => (Session::Ended, None),
            },
        };
        Visitor {
            signed: Some(signed),
            session,
            live,
            record: Some(record),
        }
    }

    /// Takes a verified record into memory.
    #[must_use]
    pub fn load(&self, record: &SessionRecord) -> Option<Arc<Live>> {
        let key = record.jar_key.as_ref()?;
        let kept = record
            .jar
            .as_deref()
            .and_then(|sealed| jars::kept_of(key, sealed));
        let kept = kept.unwrap_or_default();
        self.sessions.insert(Live::new(Beginning {
            row: record.row,
            hash: record.hash,
            app: record.app.clone(),
            subscriber: record.subscriber,
            jar_key: Zeroizing::new(*key),
            verified: moments(record),
            single_factor: record.single_factor,
            bound: record.bound.iter().rev().copied().collect(),
            kept,
            delivery: record.delivery.clone(),
        }))
    }

    /// While revocations cannot be followed, a session in memory is confirmed by the store at each
    /// request, and if even that fails it goes on for the written grace (`DESIGN-CASES` 22).
    async fn confirm(&self, live: &Arc<Live>, now: Timestamp) -> Result<(), Failure> {
        let elapsed = self.monotonic.elapsed();
        if self.freshness.is_fresh(elapsed) {
            return Ok(());
        }
        match Box::pin(self.store.session_find(&live.hash())).await {
            Ok(Some(record)) if record.state == StoredState::Verified && record.ends_at > now => {
                Ok(())
            }
            Ok(_) => {
                self.sessions.end(live, None);
                Ok(())
            }
            Err(_)
                if self
                    .freshness
                    .within(elapsed, self.settings.store.outage_grace) =>
            {
                Ok(())
            }
            Err(problem) => Err(problem.into()),
        }
    }
}

impl Visitor<'_> {
    const fn absent() -> Self {
        Self {
            signed: None,
            session: Session::Absent,
            live: None,
            record: None,
        }
    }
}

const fn moments(record: &SessionRecord) -> Verified {
    Verified {
        authenticated_at: record.authenticated_at,
        active_at: record.active_at,
        ends_at: record.ends_at,
        locked: record.locked,
    }
}

/// The value of a cookie, over all `Cookie` fields. The front check made sure that ours stands
/// once.
#[must_use]
pub fn cookie_value<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h [u8]> {
    headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .flat_map(pairs)
        .find(|(name, _)| *name == wanted.as_bytes())
        .map(|(_, value)| value)
}
