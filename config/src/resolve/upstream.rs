//! The side of an application that faces its servers: addresses, TLS, health, patience.
//!
//! Resolves no name and connects to nothing: the gateway does, and only to what stands here (ASVS
//! 13.2.4). Ports are filled in from the scheme.

use std::time::Duration;

use super::app::host_refusal;
use super::{Surroundings, pattern, server};
use crate::raw::measure::quoted;
use crate::raw::section::{Found, Section};
use crate::settings::{
    CertificateFiles, HealthCheck, Upstream, UpstreamHost, UpstreamTimeouts, UpstreamTls,
};

/// The servers of an application and how TLS is spoken to them.
pub(super) struct Servers {
    pub list: Vec<Upstream>,
    pub tls: Option<UpstreamTls>,
}

pub(super) fn servers(section: &Section<'_>, around: &Surroundings<'_>) -> Servers {
    let texts = section.texts("upstreams");
    let tls_section = section.table("upstream_tls");
    let tls = upstream_tls(&tls_section, around);
    if texts.value.is_empty() {
        section.missing(
            "upstreams",
            r#"the app's servers, such as ["http://10.20.0.5:8080"]"#,
        );
    }
    let mut list = Vec::new();
    let mut secure = None;
    for text in &texts.value {
        let Some((upstream, https)) = upstream(section, text) else {
            continue;
        };
        if secure.is_some_and(|first| first != https) {
            let allowed = "one scheme for all servers of an app";
            let hint = "what one server gets encrypted, the next must not get in the clear";
            section
                .report()
                .problem_hint(&text.at, quoted(text.value), allowed, hint);
        }
        secure.get_or_insert(https);
        list.push(upstream);
    }
    let secure = secure.unwrap_or(false);
    if tls_section.is_present() && !secure && !list.is_empty() {
        let allowed = "[app.upstream_tls] only with https:// upstreams";
        section
            .report()
            .problem(tls_section.at(), "http:// upstreams", allowed);
    }
    Servers {
        list,
        tls: secure.then_some(tls),
    }
}

/// `scheme://host:port`, and whether the scheme is https.
fn upstream(section: &Section<'_>, text: &Found<&str>) -> Option<(Upstream, bool)> {
    let parsed = split_url(text.value);
    if let Err(hint) = parsed {
        let allowed = r#"http:// or https:// with host and port, such as "http://10.20.0.5:8080""#;
        // A URL may hold a password before the @.
        let found = match text.value.contains('@') {
            true => "a URL with credentials".to_owned(),
            false => quoted(text.value),
        };
        section
            .report()
            .problem_hint(&text.at, found, allowed, hint);
    }
    parsed.ok()
}

fn split_url(url: &str) -> Result<(Upstream, bool), &'static str> {
    let (https, rest) = if let Some(rest) = url.strip_prefix("https://") {
        (true, rest)
    } else if let Some(rest) = url.strip_prefix("http://") {
        (false, rest)
    } else {
        return Err("the scheme says whether TLS is spoken");
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains('@') {
        return Err("without user name and password");
    }
    if rest.contains(['/', '?', '#']) {
        return Err("without a path: paths are passed on as they are");
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let port = match port {
        Some(port) => port
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or("a port is 1 to 65535")?,
        None if https => 443,
        None => 80,
    };
    if let Some(problem) = host_refusal(host) {
        return Err(problem);
    }
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    Ok((
        Upstream {
            host: bare.to_ascii_lowercase(),
            port,
        },
        https,
    ))
}

fn upstream_tls(section: &Section<'_>, around: &Surroundings<'_>) -> UpstreamTls {
    let server_name = section.text("server_name");
    let ca_file = section.text("ca_file");
    let certificate = section.text("client_certificate");
    let key = section.text("client_key");
    let report = section.report();
    if let Some(name) = &server_name
        && let Some(hint) = host_refusal(name.value)
    {
        report.problem_hint(&name.at, quoted(name.value), "a host name", hint);
    }
    let file = |text: &Found<&str>| server::file_at(report, text, around);
    let client_certificate = match (&certificate, &key) {
        (Some(certificate), Some(key)) => Some(CertificateFiles {
            certificate: file(certificate),
            key: file(key),
        }),
        (Some(lonely), None) => {
            report.problem(&lonely.at, "a certificate", "client_key beside it");
            None
        }
        (None, Some(lonely)) => {
            report.problem(&lonely.at, "a key", "client_certificate beside it");
            None
        }
        (None, None) => None,
    };
    UpstreamTls {
        server_name: server_name.map(|name| name.value.to_ascii_lowercase()),
        ca_file: ca_file.as_ref().map(file),
        client_certificate,
    }
}

pub(super) fn host(section: &Section<'_>) -> UpstreamHost {
    let Some(text) = section.text("upstream_host") else {
        return UpstreamHost::Preserve;
    };
    if text.value == "preserve" {
        return UpstreamHost::Preserve;
    }
    let host = text.value.to_ascii_lowercase();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => (name, port.parse::<u16>().is_ok()),
        _ => (host.as_str(), true),
    };
    if !port || host_refusal(name).is_some() {
        let allowed = r#""preserve", or the Host the app insists on, such as "emr.internal""#;
        section
            .report()
            .problem(&text.at, quoted(text.value), allowed);
    }
    UpstreamHost::Fixed(host)
}

pub(super) fn health(section: &Section<'_>) -> HealthCheck {
    let section = section.table("health");
    let preset = HealthCheck::default();
    let seconds = |low: u64, high: u64| Duration::from_secs(low)..=Duration::from_secs(high);
    let path = section
        .text("path")
        .and_then(|text| pattern::target(section.report(), &text));
    let every = section.duration("every", preset.every, &seconds(1, 3_600));
    let timeout = section.duration("timeout", preset.timeout, &seconds(1, 60));
    if timeout.value > every.value {
        let allowed = "a timeout no longer than every";
        section
            .report()
            .problem(&timeout.at, "a check longer than its interval", allowed);
    }
    HealthCheck {
        path,
        every: every.value,
        timeout: timeout.value,
    }
}

pub(super) fn timeouts(section: &Section<'_>) -> UpstreamTimeouts {
    let section = section.table("timeouts");
    let preset = UpstreamTimeouts::default();
    let up_to = |seconds: u64| Duration::from_millis(100)..=Duration::from_secs(seconds);
    let time = |key, default, range| section.duration(key, default, &range).value;
    UpstreamTimeouts {
        connect: time("connect", preset.connect, up_to(60)),
        read: time("read", preset.read, up_to(3_600)),
        write: time("write", preset.write, up_to(3_600)),
        idle: time("idle", preset.idle, up_to(600)),
    }
}
