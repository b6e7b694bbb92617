//! One protected application: its names and hosts, and the parts read by the neighbours.
//!
//! Also what holds between applications: no name and no host twice. The upstream side stands in
//! [`upstream`](super::upstream), second factors in [`policy`](super::policy), the login profile in
//! [`login`](super::login), what people read and see in [`contact`] and [`brand`].

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use anteroom_core::ids::AppName;
use anteroom_core::language::Language;

use super::{Surroundings, brand, contact, login, passkeys, plain_text, policy, realm, upstream};
use crate::raw::measure::quoted;
use crate::raw::report::Place;
use crate::raw::section::{Found, Section, unknown_word};
use crate::settings::{AppSettings, Listener};

/// What an application needs to know of the file around it.
pub(super) struct Frame<'a> {
    /// Folders and the clock.
    pub around: &'a Surroundings<'a>,
    /// Nobody but this machine can connect.
    pub all_loopback: bool,
    /// Where browsers connect to.
    pub listeners: &'a [Listener],
}

pub(super) fn apps(file: &Section<'_>, frame: &Frame<'_>) -> Vec<AppSettings> {
    let sections = file.tables("app");
    if !file.has("app") {
        file.missing("app", "at least one [[app]]: what is to be protected");
    }
    let mut seen = Seen::default();
    let apps: Vec<_> = sections
        .iter()
        .map(|section| app(section, frame, &mut seen))
        .collect();
    realm::shared(&sections, &apps);
    apps
}

/// Names and hosts met so far, and where.
#[derive(Default)]
struct Seen {
    names: BTreeMap<String, Place>,
    hosts: BTreeMap<String, Place>,
}

fn app(section: &Section<'_>, frame: &Frame<'_>, seen: &mut Seen) -> AppSettings {
    let name = name(section, seen);
    let text = |key, most| plain_text(section, &section.text(key)?, most);
    let display_name = text("display_name", 60).unwrap_or_else(|| name.clone());
    let realm = section.text("realm").and_then(|text| word(section, &text));
    let hosts = hosts(section, seen);
    let servers = upstream::servers(section, frame.around);
    let language = language(section);
    let reached_only_by_us = section.flag("upstream_reachable_only_through_us").value;
    let profile = login::profile(section, reached_only_by_us);
    let policy = policy::policy(section, &profile, frame);
    AppSettings {
        display_name,
        realm: realm.unwrap_or_else(|| name.clone()),
        upstreams: servers.list,
        upstream_host: upstream::host(section),
        upstream_tls: servers.tls,
        health: upstream::health(section),
        timeouts: upstream::timeouts(section),
        max_body: section
            .size("max_body", &(1..=1 << 40))
            .map(|size| size.value),
        passkeys: passkeys::passkeys(section, &hosts, policy.kinds, frame),
        policy,
        profile,
        contact: contact::contact(section, frame, language),
        brand: brand::brand(section, frame),
        hsts: section.flag("hsts").value || !section.has("hsts"),
        language,
        hosts,
        name: AppName::new(&name),
    }
}

fn name(section: &Section<'_>, seen: &mut Seen) -> String {
    let found = section.required("name", r#"a short name such as "emr""#);
    let Some((at, name)) = found.and_then(|text| Some((text.at.clone(), word(section, &text)?)))
    else {
        // A stand-in that cannot collide: the place itself.
        return section.at().path.clone();
    };
    if let Some(first) = seen.names.insert(name.clone(), at.clone()) {
        let allowed = format!("a name of its own; {} has this one", first.path);
        section.report().problem(&at, quoted(&name), allowed);
    }
    name
}

/// A name for tables, commands and URLs.
fn word(section: &Section<'_>, text: &Found<&str>) -> Option<String> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fine = !text.value.is_empty() && text.value.len() <= 40 && text.value.bytes().all(letters);
    if !fine {
        let allowed = "1 to 40 letters a-z, digits and -";
        section
            .report()
            .problem(&text.at, quoted(text.value), allowed);
    }
    fine.then(|| text.value.to_owned())
}

fn hosts(section: &Section<'_>, seen: &mut Seen) -> Vec<String> {
    let texts = section.texts("hosts");
    if texts.value.is_empty() {
        section.missing(
            "hosts",
            r#"the names browsers use, such as ["emr.clinic.test"]"#,
        );
    }
    let mut hosts = Vec::new();
    for text in &texts.value {
        let mut host = text.value.to_ascii_lowercase();
        if host.parse::<Ipv6Addr>().is_ok() {
            // As it stands in a Host field (RFC 3986 3.2.2).
            host = format!("[{host}]");
        }
        if let Some(hint) = host_refusal(&host) {
            let allowed = r#"a host name such as "emr.clinic.test", or an address"#;
            section
                .report()
                .problem_hint(&text.at, quoted(text.value), allowed, hint);
        } else if let Some(first) = seen.hosts.insert(host.clone(), text.at.clone()) {
            let allowed = format!("each host once; {} has it too", first.path);
            section
                .report()
                .problem(&text.at, quoted(text.value), allowed);
        }
        hosts.push(host);
    }
    hosts
}

/// Why `host` is not a host name, if it is not.
pub(super) fn host_refusal(host: &str) -> Option<&'static str> {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_address = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok(),
    };
    if is_address {
        return None;
    }
    let label = |label: &str| {
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(letters)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.contains("://") || host.contains('/') {
        Some("without scheme and path")
    } else if host.contains(':') {
        Some("without a port: the port belongs to the listener")
    } else if host.contains('*') {
        Some("each host by its name: a wildcard would serve names that nobody checked")
    } else if !host.is_ascii() {
        Some("in its ASCII form (xn--…)")
    } else if host.ends_with('.') {
        Some("without the final dot")
    } else if host.len() > 253 || !host.split('.').all(label) {
        Some("letters, digits and - between dots")
    } else {
        None
    }
}

fn language(section: &Section<'_>) -> Language {
    let Some(text) = section.text("language") else {
        return Language::default();
    };
    let known = |language: &Language| language.tag() == text.value;
    let found = Language::ALL.into_iter().find(known);
    found.unwrap_or_else(|| {
        unknown_word(section.report(), &text, &Language::ALL.map(Language::tag));
        Language::default()
    })
}
