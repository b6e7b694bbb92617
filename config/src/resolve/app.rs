//! One protected application: its names, hosts and contact, and the parts read by the neighbours.
//!
//! Also what holds between applications: no name and no host twice. The upstream side stands in
//! [`upstream`](super::upstream), second factors in [`policy`](super::policy), the login profile in
//! [`login`](super::login).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use anteroom_core::ids::AppName;
use anteroom_core::language::Language;

use super::{Surroundings, login, plain_text, policy, upstream};
use crate::raw::measure::quoted;
use crate::raw::report::Place;
use crate::raw::section::{Found, Section, unknown_word};
use crate::settings::{AppSettings, Contact};

/// What an application needs to know of the file around it.
pub(super) struct Frame<'a> {
    /// Folders and the clock.
    pub around: &'a Surroundings<'a>,
    /// Nobody but this machine can connect.
    pub all_loopback: bool,
}

pub(super) fn apps(file: &Section<'_>, frame: &Frame<'_>) -> Vec<AppSettings> {
    let sections = file.tables("app");
    if !file.has("app") {
        file.missing("app", "at least one [[app]]: what is to be protected");
    }
    let mut seen = Seen::default();
    sections
        .iter()
        .map(|section| app(section, frame, &mut seen))
        .collect()
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
    let reached_only_by_us = section.flag("upstream_reachable_only_through_us").value;
    let profile = login::profile(section, reached_only_by_us);
    AppSettings {
        display_name,
        realm: realm.unwrap_or_else(|| name.clone()),
        hosts,
        upstreams: servers.list,
        upstream_host: upstream::host(section),
        upstream_tls: servers.tls,
        health: upstream::health(section),
        timeouts: upstream::timeouts(section),
        max_body: section
            .size("max_body", &(1..=1 << 40))
            .map(|size| size.value),
        policy: policy::policy(section, &profile, frame),
        profile,
        contact: contact(section, frame),
        hsts: section.flag("hsts").value || !section.has("hsts"),
        language: language(section),
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

fn contact(section: &Section<'_>, frame: &Frame<'_>) -> Contact {
    let contact = section.table("contact");
    let line = |key, most| plain_text(&contact, &contact.text(key)?, most);
    let email = contact.text("email").and_then(|text| {
        let shaped = text.value.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host_refusal(host).is_none() && !name.contains(char::is_whitespace)
        });
        if !shaped {
            let allowed = r#"an address such as "it@clinic.test""#;
            section
                .report()
                .problem(&text.at, quoted(text.value), allowed);
        }
        shaped.then(|| text.value.to_owned())
    });
    let text_line = line("text_line", 40);
    let phone = line("phone", 40);
    let say = line("say", 200);
    if !frame.all_loopback && email.is_none() && text_line.is_none() && phone.is_none() {
        let why = "somebody who has lost her phone would read \"ask for help\" and not where";
        let better = "email, text_line or phone";
        section
            .report()
            .warning(contact.at(), "nobody to turn to", better, why);
    }
    Contact {
        email,
        text_line,
        phone,
        say,
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
