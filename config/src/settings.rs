//! What the program uses: every setting checked, every default filled in, no text left to
//! interpret.
//!
//! Holds values only and decides nothing. Built by [`crate::load`] and [`crate::parse`]; nothing
//! here names serde or TOML. What the login profile and the policy mean stands in
//! `anteroom_core::{profile, policy}`; how the file is read stands in `resolve`.

mod admin;
mod look;
mod mail;
mod passkeys;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anteroom_core::ids::AppName;
use anteroom_core::language::Language;
use anteroom_core::policy::Policy;
use anteroom_core::profile::LoginProfile;
use ipnet::IpNet;

pub use admin::{AdminSettings, FourEyesGroup, NetworkPlace};
pub use look::{Accents, Brand, Contact};
pub use mail::{MailLogin, MailSettings, MailTls, NoticeSettings, SecretPath, WebhookSettings};
pub use passkeys::PasskeySettings;

use crate::problem::ConfigProblem;

/// Everything one Anteroom process was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where browsers connect to. Never empty.
    pub listeners: Vec<Listener>,
    /// The certificates of the `https` listeners; which one serves is chosen by the names inside.
    pub certificates: Vec<CertificateFiles>,
    /// Health and metrics, on a listener that the public never reaches.
    pub private: Option<SocketAddr>,
    /// The admin app, where there is one.
    pub admin: Option<AdminSettings>,
    /// The mail server; `None`: no mail is queued, no code goes by mail.
    pub mail: Option<MailSettings>,
    /// What people are told of, and who else is.
    pub notices: NoticeSettings,
    /// Where things are remembered, and under which key.
    pub store: StoreSettings,
    /// Peers whose `X-Forwarded-For` is believed. Empty: the peer itself is the client (attack
    /// G01).
    pub trusted_proxies: Vec<IpNet>,
    /// Bounds on what clients may cost us.
    pub limits: Limits,
    /// Worker threads; `None` means one per core.
    pub workers: Option<usize>,
    /// How to log.
    pub log: LogSettings,
    /// The protected applications. Never empty; no host stands in two of them.
    pub apps: Vec<AppSettings>,
    /// What is allowed but deserves a second look; to be shown at start and by `check`.
    pub warnings: Vec<ConfigProblem>,
    /// Said by `development = true`: every listener is on loopback, and plain HTTP may be spoken
    /// there.
    pub development: bool,
}

impl Settings {
    /// The app that serves `host` (lower-case, no port).
    #[must_use]
    pub fn app_for(&self, host: &str) -> Option<&AppSettings> {
        self.apps
            .iter()
            .find(|app| app.hosts.iter().any(|known| known == host))
    }
}

/// One address to accept connections on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The address; port 0 lets the system choose.
    pub addr: SocketAddr,
    /// What is spoken there.
    pub kind: ListenerKind,
}

/// What a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerKind {
    /// TLS with HTTP/1.1 and HTTP/2.
    Https,
    /// Plain HTTP: loopback only, with the development cookie name.
    Http,
    /// Plain HTTP that answers nothing but a redirect to HTTPS.
    RedirectToHttps {
        /// The port in the redirect.
        https_port: u16,
    },
}

impl ListenerKind {
    /// Whether pages are served there, rather than a redirect.
    #[must_use]
    pub const fn serves_pages(self) -> bool {
        matches!(self, Self::Https | Self::Http)
    }
}

/// A certificate chain and its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key of the leaf.
    pub key: PathBuf,
}

/// Where things are remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// The SQLite file.
    pub path: PathBuf,
    /// The key file; opened by [`crate::keys::open`].
    pub key_file: PathBuf,
    /// The key file was handed over by systemd: it is never created by us.
    pub key_is_credential: bool,
    /// How long verified sessions in memory go on while the store cannot be reached; zero is
    /// allowed.
    pub outage_grace: Duration,
}

/// Bounds on what clients may cost us. The defaults are DESIGN section 8 and `standards.md` 0.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request head.
    pub header_bytes: usize,
    /// Fields in a request head.
    pub header_fields: usize,
    /// From the first byte of a request head to its last.
    pub header_deadline: Duration,
    /// Longest silence inside a request body.
    pub body_idle: Duration,
    /// Connections over all listeners.
    pub connections: usize,
    /// Connections from one client address.
    pub connections_per_client: usize,
    /// Bytes of a login submission.
    pub login_body: usize,
    /// From sending a login upstream to its whole answer.
    pub login_deadline: Duration,
    /// Bytes of an answer that is withheld.
    pub withheld_answer: usize,
    /// Held attempts of one subscriber or typed name.
    pub attempts_per_subscriber: u32,
    /// Held attempts from one client address.
    pub attempts_per_source: u32,
    /// Held attempts in all.
    pub attempts_total: u32,
    /// Verified sessions kept in memory.
    pub sessions_in_memory: usize,
    /// Failed logins from one client address within a minute, before its next one is refused
    /// unsent.
    pub login_failures_per_source_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 64 * 1024,
            header_fields: 100,
            header_deadline: Duration::from_secs(10),
            body_idle: Duration::from_secs(60),
            connections: 10_000,
            connections_per_client: 100,
            login_body: 64 * 1024,
            login_deadline: Duration::from_secs(30),
            withheld_answer: 2 * 1024 * 1024,
            attempts_per_subscriber: 5,
            attempts_per_source: 20,
            attempts_total: 5_000,
            sessions_in_memory: 50_000,
            login_failures_per_source_per_minute: 30,
        }
    }
}

/// How to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// The shape of a line.
    pub format: LogFormat,
    /// How much to say. The targets that would print whole requests stay capped in code (attack
    /// G04).
    pub level: LogLevel,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For a terminal or the journal.
    Text,
    /// For a log shipper.
    Json,
}

/// How much to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// What broke.
    Error,
    /// What may break.
    Warn,
    /// What happened.
    Info,
    /// Why it happened.
    Debug,
    /// Everything that may be said.
    Trace,
}

impl LogLevel {
    /// The word in the file, which is also what `tracing` understands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// One protected application.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// Its name in logs, commands and the store.
    pub name: AppName,
    /// Its name on pages.
    pub display_name: String,
    /// Apps of one realm share their subscribers' factors.
    pub realm: String,
    /// The hosts it is reached under: lower-case, no port.
    pub hosts: Vec<String>,
    /// The servers behind it. Never empty; resolved by the gateway, never from a request
    ///
    pub upstreams: Vec<Upstream>,
    /// The `Host` that the upstream sees.
    pub upstream_host: UpstreamHost,
    /// How TLS is spoken to the upstreams; `None` means plain HTTP.
    pub upstream_tls: Option<UpstreamTls>,
    /// How an upstream is known to be alive.
    pub health: HealthCheck,
    /// How long to wait for an upstream.
    pub timeouts: UpstreamTimeouts,
    /// Bytes of a request body; `None` means any.
    pub max_body: Option<u64>,
    /// How this app logs people in.
    pub profile: LoginProfile,
    /// What its owner decided about second factors.
    pub policy: Policy,
    /// For which name passkeys are made; `None` where the app has no name of its own.
    pub passkeys: Option<PasskeySettings>,
    /// Whom a stuck person may turn to.
    pub contact: Contact,
    /// How its pages look.
    pub brand: Brand,
    /// Send `Strict-Transport-Security` on HTTPS.
    pub hsts: bool,
    /// The language of our pages for those whose browser asks for none that we speak.
    pub language: Language,
}

/// One server of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// A name or an address; IPv6 addresses without brackets.
    pub host: String,
    /// The port, always filled in.
    pub port: u16,
}

/// The `Host` that the upstream sees (`DESIGN-CASES` 23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamHost {
    /// As the browser sent it.
    Preserve,
    /// Always this one; `Origin`, `Referer`, `Location` and cookies are mapped along.
    Fixed(String),
}

/// How TLS is spoken to the upstreams of an app. Certificates are always verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamTls {
    /// The name to verify and to send as SNI; `None` means the upstream's host.
    pub server_name: Option<String>,
    /// The authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// What we show to the upstream.
    pub client_certificate: Option<CertificateFiles>,
}

/// How an upstream is known to be alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// Path to GET, any answer below 500 counts; `None` means that a connection is enough.
    pub path: Option<String>,
    /// From one check to the next.
    pub every: Duration,
    /// How long a check may take.
    pub timeout: Duration,
}

impl Default for HealthCheck {
    fn default() -> Self {
        let (every, timeout) = (Duration::from_secs(10), Duration::from_secs(3));
        Self {
            path: None,
            every,
            timeout,
        }
    }
}

/// How long to wait for an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamTimeouts {
    /// Until connected, TLS included.
    pub connect: Duration,
    /// Longest silence from the upstream.
    pub read: Duration,
    /// Longest stall while sending to it.
    pub write: Duration,
    /// How long an unused connection is kept; must be shorter than the upstream's own keep-alive.
    pub idle: Duration,
}

impl Default for UpstreamTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(60),
            write: Duration::from_secs(60),
            // Apache keeps a connection for 5 s; a connection that dies while we use it costs a
            // request.
            idle: Duration::from_secs(4),
        }
    }
}
