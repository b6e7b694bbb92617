//! What is counted, and how it is shown to Prometheus.
//!
//! Labels are names from closed lists: an app, a decision, a reason. Never a name, an address, a
//! path or a query (attack G05). Served on the private listener only (`private`).

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// One label: what happened.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Kind {
    kind: &'static str,
}

/// Two labels: where and what.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct AppKind {
    app: String,
    kind: &'static str,
}

/// All counters.
pub struct Metrics {
    registry: Registry,
    requests: Counter<u64, AtomicU64>,
    decisions: Family<AppKind, Counter>,
    refusals: Family<Kind, Counter>,
    logins: Family<AppKind, Counter>,
    challenges: Family<AppKind, Counter>,
    connections: Family<Kind, Counter>,
    dropped_cookies: Family<AppKind, Counter>,
    failures: Family<Kind, Counter>,
    break_glass: Family<AppKind, Counter>,
    mail_codes: Family<AppKind, Counter>,
    outbox_waiting: Family<Kind, Gauge>,
    outbox_failing: Family<Kind, Gauge>,
    sessions: Gauge,
    upstreams_down: Gauge,
    emergencies: Gauge,
}

impl Metrics {
    /// All at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("anteroom");
        let requests = Counter::default();
        registry.register(
            "requests",
            "Requests that passed the front check",
            requests.clone(),
        );
        let decisions = Family::default();
        registry.register(
            "decisions",
            "What became of requests, per app",
            decisions.clone(),
        );
        let refusals = Family::default();
        registry.register("refusals", "Requests refused, by reason", refusals.clone());
        let logins = Family::default();
        registry.register("logins", "Judged login answers, per app", logins.clone());
        let challenges = Family::default();
        registry.register("challenges", "Judged codes, per app", challenges.clone());
        let connections = Family::default();
        registry.register(
            "connections",
            "Connections that were turned away",
            connections.clone(),
        );
        let dropped_cookies = Family::default();
        let help = "Cookies from browsers that did not belong to their session";
        registry.register("dropped_cookies", help, dropped_cookies.clone());
        let failures = Family::default();
        registry.register("failures", "Things that broke", failures.clone());
        let break_glass = Family::default();
        let help = "Sign-ins by an exception or by a code of a sealed envelope, per app";
        registry.register("break_glass", help, break_glass.clone());
        let mail_codes = Family::default();
        let help = "Codes by mail that were asked for, per app";
        registry.register("mail_codes", help, mail_codes.clone());
        let outbox_waiting = Family::default();
        let help = "Messages that wait to be sent, by channel";
        registry.register("outbox_waiting", help, outbox_waiting.clone());
        let outbox_failing = Family::default();
        let help = "1 while nothing goes out, by channel";
        registry.register("outbox_failing", help, outbox_failing.clone());
        let sessions = Gauge::default();
        registry.register("sessions", "Verified sessions in memory", sessions.clone());
        let upstreams_down = Gauge::default();
        let help = "Upstream servers whose last health check failed";
        registry.register("upstreams_down", help, upstreams_down.clone());
        let emergencies = Gauge::default();
        let help = "Apps at which a password alone is enough just now";
        registry.register("emergencies_open", help, emergencies.clone());
        Self {
            registry,
            requests,
            decisions,
            refusals,
            logins,
            challenges,
            connections,
            dropped_cookies,
            failures,
            break_glass,
            mail_codes,
            outbox_waiting,
            outbox_failing,
            sessions,
            upstreams_down,
            emergencies,
        }
    }

    /// A request passed the front check.
    pub fn request(&self) {
        self.requests.inc();
    }

    /// A request other than a plainly forwarded one was decided. Forwarded ones are the rest of
    /// `requests`: a labelled counter takes a lock, which the hot path does not.
    pub fn decision(&self, app: &str, kind: &'static str) {
        self.decisions
            .get_or_create(&AppKind {
                app: app.to_owned(),
                kind,
            })
            .inc();
    }

    /// A request was refused.
    pub fn refused(&self, kind: &'static str) {
        self.refusals.get_or_create(&Kind { kind }).inc();
    }

    /// A login answer was judged.
    pub fn login(&self, app: &str, kind: &'static str) {
        self.logins
            .get_or_create(&AppKind {
                app: app.to_owned(),
                kind,
            })
            .inc();
    }

    /// A code was judged.
    pub fn challenge(&self, app: &str, kind: &'static str) {
        self.challenges
            .get_or_create(&AppKind {
                app: app.to_owned(),
                kind,
            })
            .inc();
    }

    /// A code by mail was asked for.
    pub fn mail_code(&self, app: &str, kind: &'static str) {
        let app = app.to_owned();
        self.mail_codes.get_or_create(&AppKind { app, kind }).inc();
    }

    /// How a channel of the outbox stands.
    pub fn set_outbox(&self, kind: &'static str, waiting: u64, failing: bool) {
        let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
        self.outbox_waiting
            .get_or_create(&Kind { kind })
            .set(waiting);
        self.outbox_failing
            .get_or_create(&Kind { kind })
            .set(i64::from(failing));
    }

    /// Cookies were dropped on their way upstream.
    pub fn cookies_dropped(&self, app: &str, kind: &'static str, count: usize) {
        let label = AppKind {
            app: app.to_owned(),
            kind,
        };
        self.dropped_cookies
            .get_or_create(&label)
            .inc_by(count as u64);
    }

    /// Somebody passed by an exception or by a code of a sealed envelope.
    pub fn broke_glass(&self, app: &str, kind: &'static str) {
        let app = app.to_owned();
        self.break_glass.get_or_create(&AppKind { app, kind }).inc();
    }

    /// How many exceptions are open.
    pub fn set_emergencies(&self, count: usize) {
        self.emergencies
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Something broke.
    pub fn failed(&self, kind: &'static str) {
        self.failures.get_or_create(&Kind { kind }).inc();
    }

    /// A connection over a limit was closed.
    pub fn connection_refused(&self) {
        self.connections
            .get_or_create(&Kind { kind: "limit" })
            .inc();
    }

    /// A TLS handshake failed or took too long.
    pub fn handshake_failed(&self) {
        self.connections
            .get_or_create(&Kind { kind: "handshake" })
            .inc();
    }

    /// A request head took too long.
    pub fn head_overdue(&self) {
        self.connections
            .get_or_create(&Kind { kind: "slow_head" })
            .inc();
    }

    /// How many verified sessions are in memory.
    pub fn set_sessions(&self, count: usize) {
        self.sessions.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// How many upstream servers are down.
    pub fn set_upstreams_down(&self, count: usize) {
        self.upstreams_down
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// The text that Prometheus reads (OpenMetrics).
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = encode(&mut out, &self.registry);
        out
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
