//! `[app.passkeys]`: the relying party of an application, and the pages that may ask for passkeys.
//!
//! A passkey is bound to a name for good, so names are judged before the first one is made. What
//! browsers would refuse anyway is refused here, where somebody can mend it. Which names live
//! passkeys were made for is in the store; `anteroom serve` compares.

use std::net::{IpAddr, Ipv6Addr};

use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::passkey::{UserVerification, rp_id_fits};

use super::app::Frame;
use crate::raw::measure::quoted;
use crate::raw::section::{Found, Section};
use crate::settings::{Listener, ListenerKind, PasskeySettings};

/// `None` where there is no name that passkeys could be made for.
pub(super) fn passkeys(
    app: &Section<'_>,
    hosts: &[String],
    kinds: Kinds,
    frame: &Frame<'_>,
) -> Option<PasskeySettings> {
    let section = app.table("passkeys");
    let words = [
        ("preferred", UserVerification::Preferred),
        ("required", UserVerification::Required),
    ];
    let verification = section.one_of("user_verification", &words);
    let given = section.text("rp_id");
    let listed = section.some_texts("origins", r#"["https://emr.clinic.test"]"#);
    let named: Vec<&String> = hosts.iter().filter(|host| !is_address(host)).collect();
    let rp_id = match &given {
        Some(text) => checked(&section, text, &named)?,
        None => match named.first() {
            Some(first) => (*first).clone(),
            None => {
                nameless(app, &section);
                return None;
            }
        },
    };
    if given.is_none() && kinds.has(AuthenticatorKind::Passkey) {
        strangers(app, &rp_id, &named);
    }
    let origins = match listed {
        Some(listed) => listed
            .iter()
            .filter_map(|text| origin(&section, text, &rp_id))
            .collect(),
        None => by_themselves(&named, &rp_id, frame.listeners),
    };
    Some(PasskeySettings {
        rp_id,
        origins,
        user_verification: verification.map_or_else(Default::default, |word| word.value),
    })
}

fn is_address(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok() || bare.parse::<Ipv6Addr>().is_ok()
}

/// A name that was written down: it must fit every host.
fn checked(section: &Section<'_>, text: &Found<&str>, named: &[&String]) -> Option<String> {
    let rp_id = text.value;
    if is_address(rp_id) {
        let allowed = "a host name: browsers make no passkeys for addresses";
        section.report().problem(&text.at, quoted(rp_id), allowed);
        return None;
    }
    let stranger = named.iter().find(|host| !rp_id_fits(rp_id, host));
    if let Some(stranger) = stranger {
        let allowed = format!("{stranger} itself, or a name of two parts or more that it ends in");
        let hint = "a passkey is made for one name and works at that name and below it";
        section
            .report()
            .problem_hint(&text.at, quoted(rp_id), allowed, hint);
        return None;
    }
    if named.is_empty() {
        let allowed = "no passkeys at an application whose hosts are addresses";
        section.report().problem(&text.at, quoted(rp_id), allowed);
        return None;
    }
    Some(rp_id.to_owned())
}

/// Passkeys are spoken of, and there is no name to make them for.
fn nameless(app: &Section<'_>, section: &Section<'_>) {
    if section.is_present() {
        let why = "browsers make no passkeys for addresses; other kinds go on working";
        let at = app.place("hosts");
        app.report()
            .warning(&at, "addresses only", "a host name as well", why);
    }
}

/// Hosts at which the passkeys of the first one are dead.
fn strangers(app: &Section<'_>, rp_id: &str, named: &[&String]) {
    for host in named.iter().filter(|host| !rp_id_fits(rp_id, host)) {
        let why = format!(
            "passkeys are made for {rp_id}, the first host, and are neither offered nor asked for \
             at {host}"
        );
        let at = app.place("hosts");
        let better = "[app.passkeys] with an rp_id that both end in";
        app.report().warning(&at, quoted(host), better, &why);
    }
}

/// An origin as browsers write it: scheme, host and, where it is not the usual one, the port.
fn origin(section: &Section<'_>, text: &Found<&str>, rp_id: &str) -> Option<String> {
    let refuse = |allowed: &str| {
        section
            .report()
            .problem(&text.at, quoted(text.value), allowed);
        None
    };
    let Some((scheme, rest)) = text.value.split_once("://") else {
        return refuse(r#"scheme and host, such as "https://emr.clinic.test""#);
    };
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    let usual = if scheme == "https" { "443" } else { "80" };
    let odd_port = port.is_some_and(|port| {
        port == usual
            || port
                .parse::<u16>()
                .map_or(true, |number| number.to_string() != port)
    });
    if odd_port || host.is_empty() || host.contains(['/', '?', '#', '@']) {
        return refuse("scheme, host and a port that is not the usual one: no path, no slash");
    }
    if scheme != "https" && !(scheme == "http" && is_local(host)) {
        return refuse("https; http only for localhost, where browsers trust it");
    }
    if !rp_id_fits(rp_id, host) {
        return refuse(&format!("a host that ends in {rp_id}, the rp_id"));
    }
    Some(text.value.to_owned())
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// `https://` and each host, and the ports that we listen on ourselves.
fn by_themselves(named: &[&String], rp_id: &str, listeners: &[Listener]) -> Vec<String> {
    let mut origins = Vec::new();
    for host in named.iter().filter(|host| rp_id_fits(rp_id, host)) {
        origins.push(format!("https://{host}"));
        for listener in listeners {
            let port = listener.addr.port();
            match listener.kind {
                ListenerKind::Https if port != 443 && port != 0 => {
                    origins.push(format!("https://{host}:{port}"));
                }
                ListenerKind::Http if port == 80 && is_local(host) => {
                    origins.push(format!("http://{host}"));
                }
                ListenerKind::Http if port != 0 && is_local(host) => {
                    origins.push(format!("http://{host}:{port}"));
                }
                _ => {}
            }
        }
    }
    origins
}
