//! What belongs to the whole process: listeners, certificates, the store, limits, the log.
//!
//! Opens no socket and no file. Protected applications stand in [`app`](super::app); whether the
//! named files are fit for use is asked in [`crate::inspect`].

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::Surroundings;
use crate::raw::measure::quoted;
use crate::raw::report::Report;
use crate::raw::section::{Found, Section};
use crate::settings::{
    CertificateFiles, Limits, Listener, ListenerKind, LogFormat, LogLevel, LogSettings,
    StoreSettings,
};

const LISTENER_ADDR: &str = r#"an address and port such as "0.0.0.0:443" or "[::1]:8443""#;

pub(super) fn listeners(file: &Section<'_>, development: bool) -> Vec<Listener> {
    let mut listeners: Vec<Listener> = Vec::new();
    let sections = file.tables("listener");
    for section in &sections {
        let Some(listener) = listener(section, development) else {
            continue;
        };
        let twice = listeners.iter().any(|known| known.addr == listener.addr);
        if twice && listener.addr.port() != 0 {
            let found = format!("{} again", listener.addr);
            section
                .report()
                .problem(section.at(), found, "each address once");
        }
        listeners.push(listener);
    }
    if !file.has("listener") {
        file.missing(
            "listener",
            r#"at least one [[listener]] with addr = "0.0.0.0:443""#,
        );
    } else if !sections.is_empty()
        && listeners.len() == sections.len()
        && !listeners
            .iter()
            .any(|listener| listener.kind.serves_pages())
    {
        let found = "listeners that only redirect";
        file.report()
            .problem(&file.place("listener"), found, "one of kind https");
    }
    listeners
}

fn listener(section: &Section<'_>, development: bool) -> Option<Listener> {
    let report = section.report();
    let addr = section.required("addr", r#"an address and port such as "0.0.0.0:443""#);
    let redirect = ListenerKind::RedirectToHttps { https_port: 443 };
    let kinds = [
        ("https", ListenerKind::Https),
        ("http", ListenerKind::Http),
        ("redirect", redirect),
    ];
    let word = section.one_of("kind", &kinds);
    let port = section.number("https_port", &(1..=65_535));
    let addr = address(section, &addr?, LISTENER_ADDR)?.value;
    let mut kind = word.as_ref().map_or(ListenerKind::Https, |word| word.value);
    if let Some(port) = port {
        match &mut kind {
            ListenerKind::RedirectToHttps { https_port } => {
                *https_port = u16::try_from(port.value).unwrap_or(443);
            }
            _ => {
                let allowed = "a port only with kind = \"redirect\"";
                report.problem(&port.at, port.value.to_string(), allowed);
            }
        }
    }
    if let Some(word) = word
        && kind == ListenerKind::Http
        && !(development && addr.ip().is_loopback())
    {
        let allowed = "https; http only on 127.0.0.1 or [::1], with development = true";
        let hint = "over plain HTTP every password and session can be read on the way";
        report.problem_hint(&word.at, format!("http on {addr}"), allowed, hint);
    }
    Some(Listener { addr, kind })
}

/// An address and a port. `allowed` says so with an example that fits the place.
pub(super) fn address(
    section: &Section<'_>,
    text: &Found<&str>,
    allowed: &str,
) -> Option<Found<SocketAddr>> {
    if let Ok(value) = text.value.parse() {
        return Some(Found {
            value,
            at: text.at.clone(),
        });
    }
    section
        .report()
        .problem(&text.at, quoted(text.value), allowed);
    None
}

pub(super) fn certificates(
    file: &Section<'_>,
    listeners: &[Listener],
    around: &Surroundings<'_>,
) -> Vec<CertificateFiles> {
    let sections = file.tables("certificate");
    let https = listeners
        .iter()
        .any(|listener| listener.kind == ListenerKind::Https);
    if https && !file.has("certificate") {
        file.missing(
            "certificate",
            "a [[certificate]] with certificate and key, for https",
        );
    }
    sections
        .iter()
        .map(|section| certificate_files(section, around))
        .collect()
}

fn certificate_files(section: &Section<'_>, around: &Surroundings<'_>) -> CertificateFiles {
    let certificate = path(section, "certificate", around);
    CertificateFiles {
        certificate,
        key: path(section, "key", around),
    }
}

/// A file that must be named. The stand-in is an empty path.
fn path(section: &Section<'_>, key: &'static str, around: &Surroundings<'_>) -> PathBuf {
    let text = section.required(key, "the path of a file");
    text.map_or_else(PathBuf::new, |text| {
        file_at(section.report(), &text, around)
    })
}

/// The file that `text` names.
pub(super) fn file_at(report: &Report, text: &Found<&str>, around: &Surroundings<'_>) -> PathBuf {
    if text.value.contains("-----BEGIN") {
        report.problem(&text.at, "the text of a PEM file", "the path of a PEM file");
    } else if text.value.is_empty() || text.value.chars().any(char::is_control) {
        report.problem(&text.at, quoted(text.value), "the path of a file");
    }
    around.absolute(text.value)
}

pub(super) fn private(file: &Section<'_>, listeners: &[Listener]) -> Option<SocketAddr> {
    let private = address(file, &file.text("private")?, LISTENER_ADDR)?;
    let addr = private.value;
    if addr.port() != 0 && listeners.iter().any(|listener| listener.addr == addr) {
        let allowed = "an address of its own: metrics are not for browsers";
        file.report()
            .problem(&private.at, format!("{addr}, a listener"), allowed);
    }
    if !is_inside(addr.ip()) {
        let why = "health and metrics are served there to whoever can connect";
        let better = "an address of the inner network, such as 127.0.0.1:9464";
        file.report()
            .warning(&private.at, addr.to_string(), better, why);
    }
    Some(addr)
}

/// Whether only the own machine or the own network can be there.
pub(super) fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

pub(super) fn store(file: &Section<'_>, around: &Surroundings<'_>) -> StoreSettings {
    let section = file.table("store");
    let grace = Duration::ZERO..=Duration::from_secs(15 * 60);
    let outage_grace = section
        .duration("outage_grace", Duration::from_secs(60), &grace)
        .value;
    let (key_file, key_is_credential) = key_file(&section, around);
    let path = path(&section, "path", around);
    StoreSettings {
        path,
        key_file,
        key_is_credential,
        outage_grace,
    }
}

fn key_file(section: &Section<'_>, around: &Surroundings<'_>) -> (PathBuf, bool) {
    let report = section.report();
    let Some(text) = section.required("key_file", "the path of a key file, or credential:NAME")
    else {
        return (PathBuf::new(), false);
    };
    let allowed = "the path of a key file";
    secret_at(report, &text, around, allowed)
}

/// A file that holds a secret: where it is, and whether systemd hands it over.
pub(super) fn secret_at(
    report: &Report,
    text: &Found<&str>,
    around: &Surroundings<'_>,
    file_allowed: &str,
) -> (PathBuf, bool) {
    let Some(name) = text.value.strip_prefix("credential:") else {
        // 32 bytes are 43 letters of base64url; a path that long has a dot or a slash.
        if text.value.len() >= 40 && !text.value.contains(['/', '.']) {
            let hint = "it is not repeated here; take it out of this file and make a new one";
            report.problem_hint(&text.at, "a key", file_allowed, hint);
        }
        return (file_at(report, text, around), false);
    };
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        let allowed = r#""credential:NAME" with the NAME of LoadCredential=NAME:PATH"#;
        report.problem(&text.at, quoted(text.value), allowed);
    } else if around.credentials.is_none() {
        let hint = "CREDENTIALS_DIRECTORY is not set; systemd sets it for LoadCredential=";
        let allowed = "a path, or a credential when started by systemd";
        report.problem_hint(&text.at, quoted(text.value), allowed, hint);
    }
    (
        around.credentials.unwrap_or(around.base_dir).join(name),
        true,
    )
}

pub(super) fn trusted_proxies(file: &Section<'_>) -> Vec<IpNet> {
    networks(
        file,
        "trusted_proxies",
        "every client could claim any address",
    )
}

/// A list of networks; single addresses are networks of one. Refuses the whole internet with `why`.
pub(super) fn networks(section: &Section<'_>, key: &'static str, why: &str) -> Vec<IpNet> {
    let texts = section.texts(key).value;
    let each = texts.iter();
    each.filter_map(|text| network(section.report(), text, why))
        .collect()
}

/// One network; a single address is a network of one. Refuses the whole internet with `why`.
pub(super) fn network(report: &Report, text: &Found<&str>, why: &str) -> Option<IpNet> {
    let single = || text.value.parse::<IpAddr>().map(IpNet::from);
    match text.value.parse::<IpNet>().or_else(|_| single()) {
        Ok(network) if network.prefix_len() == 0 => {
            let allowed = "a network smaller than the internet";
            report.problem_hint(&text.at, quoted(text.value), allowed, why);
            None
        }
        Ok(network) => Some(network.trunc()),
        Err(_) => {
            let allowed = r#"an address or network such as "10.20.0.0/16""#;
            report.problem(&text.at, quoted(text.value), allowed);
            None
        }
    }
}

pub(super) fn workers(file: &Section<'_>) -> Option<usize> {
    file.number("workers", &(1..=256))
        .and_then(|workers| usize::try_from(workers.value).ok())
}

pub(super) fn log(file: &Section<'_>) -> LogSettings {
    let section = file.table("log");
    let format = section.one_of(
        "format",
        &[("text", LogFormat::Text), ("json", LogFormat::Json)],
    );
    let levels = [
        LogLevel::Error,
        LogLevel::Warn,
        LogLevel::Info,
        LogLevel::Debug,
        LogLevel::Trace,
    ]
    .map(|level| (level.name(), level));
    let level = section.one_of("level", &levels);
    LogSettings {
        format: format.map_or(LogFormat::Text, |format| format.value),
        level: level.map_or(LogLevel::Info, |level| level.value),
    }
}

pub(super) fn limits(file: &Section<'_>) -> Limits {
    let section = file.table("limits");
    let preset = Limits::default();
    let seconds = |low: u64, high: u64| Duration::from_secs(low)..=Duration::from_secs(high);
    let time = |key, default, range| section.duration(key, default, &range).value;
    let size = |key, default: usize, low: u64, high: u64| {
        let found = section.size(key, &(low..=high));
        found
            .and_then(|found| usize::try_from(found.value).ok())
            .unwrap_or(default)
    };
    let count = |key, default: usize, high: i64| {
        let found = section.number(key, &(1..=high));
        found
            .and_then(|found| usize::try_from(found.value).ok())
            .unwrap_or(default)
    };
    let tries = |key, default: u32, high: i64| {
        let found = section.number(key, &(1..=high));
        found
            .and_then(|found| u32::try_from(found.value).ok())
            .unwrap_or(default)
    };
    Limits {
        header_bytes: size("header_bytes", preset.header_bytes, 4 << 10, 1 << 20),
        header_fields: count("header_fields", preset.header_fields, 1_000),
        header_deadline: time("header_deadline", preset.header_deadline, seconds(1, 60)),
        body_idle: time("body_idle", preset.body_idle, seconds(1, 3_600)),
        connections: count("connections", preset.connections, 1_000_000),
        connections_per_client: count(
            "connections_per_client",
            preset.connections_per_client,
            1_000_000,
        ),
        login_body: size("login_body", preset.login_body, 1 << 10, 1 << 20),
        login_deadline: time("login_deadline", preset.login_deadline, seconds(1, 120)),
        withheld_answer: size(
            "withheld_answer",
            preset.withheld_answer,
            64 << 10,
            16 << 20,
        ),
        attempts_per_subscriber: tries(
            "attempts_per_subscriber",
            preset.attempts_per_subscriber,
            100,
        ),
        attempts_per_source: tries("attempts_per_source", preset.attempts_per_source, 100_000),
        attempts_total: tries("attempts_total", preset.attempts_total, 1_000_000),
        sessions_in_memory: count("sessions_in_memory", preset.sessions_in_memory, 10_000_000),
        login_failures_per_source_per_minute: tries(
            "login_failures_per_source_per_minute",
            preset.login_failures_per_source_per_minute,
            100_000,
        ),
    }
}
