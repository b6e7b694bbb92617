//! The admin app: where it listens, how long things last there, what its forms offer.
//!
//! Opens no socket and no file; whether the certificate is fit for use is asked in
//! [`crate::inspect`]. Read after listeners and apps, because it must keep clear of them: what
//! operators' browsers hold for the admin app must never be sent to an app.

mod people;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::server::{address, file_at, is_inside};
use super::{Surroundings, app, plain_text};
use crate::raw::measure::{in_words, quoted};
use crate::raw::section::{Found, Section};
use crate::settings::{AdminSettings, AppSettings, CertificateFiles, Listener};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// 45 CFR 164.316(b)(2)(i): six years, of which two may be leap years.
const SIX_YEARS: Duration = Duration::from_secs(2_192 * 24 * 60 * 60);

/// A form with more choices is not read any more.
const MOST_CHOICES: usize = 12;

const IDENTITY_CHECKS: [&str; 4] = [
    "Called back on a known number",
    "In person, known to me",
    "Staff card or photo ID",
    "Confirmed by their manager",
];

/// What the admin app must keep clear of, or refers to.
pub(super) struct Beside<'a> {
    /// Folders and the clock.
    pub around: &'a Surroundings<'a>,
    /// Where browsers connect to.
    pub listeners: &'a [Listener],
    /// Health and metrics.
    pub private: Option<SocketAddr>,
    /// What is protected.
    pub apps: &'a [AppSettings],
}

pub(super) fn admin(file: &Section<'_>, beside: &Beside<'_>) -> Option<AdminSettings> {
    let section = file.table("admin");
    if !section.is_present() {
        return None;
    }
    let tls = tls(&section, beside.around);
    let addr = addr(&section, beside);
    let (idle, overall) = session(&section);
    let time = |key, default, range: RangeInclusive<Duration>| {
        section.duration(key, default, &range).value
    };
    let count = |key, default: u32, most: i64| {
        let found = section.number(key, &(1..=most));
        found
            .and_then(|found| u32::try_from(found.value).ok())
            .unwrap_or(default)
    };
    Some(AdminSettings {
        hosts: hosts(&section, addr, beside.apps),
        // A stand-in after a problem; it never leaves this crate.
        addr: addr.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0))),
        tls,
        idle,
        overall,
        fresh_for: time("fresh_for", 5 * MINUTE, MINUTE..=30 * MINUTE),
        setup_for: time("setup_for", DAY, 10 * MINUTE..=7 * DAY),
        temporary_code_hours: offered(&section, "temporary_code_hours", &[8, 1, 24], 72),
        temporary_code_uses: offered(&section, "temporary_code_uses", &[1, 5, 20], 50),
        enrolment_code_hours: count("enrolment_code_hours", 24, 336),
        identity_checks: identity_checks(&section),
        four_eyes_operators: section.flag("four_eyes_operators").value,
        groups: people::groups(&section, beside.apps),
        places: people::places(&section),
        resets_per_hour: count("resets_per_hour", 20, 1_000),
        emergency_longest: time("emergency_longest", 4 * HOUR, MINUTE..=DAY),
        audit_keep: audit_keep(&section),
    })
}

fn tls(section: &Section<'_>, around: &Surroundings<'_>) -> Option<CertificateFiles> {
    let [certificate, key] = ["certificate", "key"].map(|key| {
        let text = section.text(key);
        text.map(|text| file_at(section.report(), &text, around))
    });
    for (has, lacks) in [("certificate", "key"), ("key", "certificate")] {
        if section.has(has) && !section.has(lacks) {
            let allowed = format!("the path of a file: {has} and {lacks} belong together");
            section.missing(lacks, &allowed);
        }
    }
    Some(CertificateFiles {
        certificate: certificate?,
        key: key?,
    })
}

fn addr(section: &Section<'_>, beside: &Beside<'_>) -> Option<SocketAddr> {
    const ALLOWED: &str = r#"an address and port such as "127.0.0.1:8444""#;
    let text = section.required("addr", ALLOWED)?;
    let found = address(section, &text, ALLOWED)?;
    let (report, addr) = (section.report(), found.value);
    // Half of a certificate is a mistake of its own, already told.
    let encrypted = section.has("certificate") || section.has("key");
    if !addr.ip().is_loopback() && !encrypted {
        let allowed = "127.0.0.1 or [::1]; another address only with certificate and key";
        let hint = "over plain HTTP every operator's password and session can be read on the way; \
            from elsewhere, loopback is reached with `ssh -L`";
        let found = format!("{addr}, without TLS");
        report.problem_hint(&text.at, found, allowed, hint);
    } else if !is_inside(addr.ip()) {
        let better = "127.0.0.1, or an address of the inner network";
        let why = "whoever can connect there may try operators' passwords";
        report.warning(&text.at, addr.to_string(), better, why);
    }
    let of_listeners = beside.listeners.iter();
    let taken = of_listeners
        .map(|listener| (listener.addr, "a listener"))
        .chain(beside.private.map(|addr| (addr, "the private address")));
    if let Some((other, whose)) = taken.into_iter().find(|(other, _)| collide(addr, *other)) {
        let found = if other == addr {
            format!("{addr}, {whose}")
        } else {
            format!("{addr}, which {other} takes as well ({whose})")
        };
        let allowed = "an address and port of its own: the admin app is for operators only";
        report.problem(&text.at, found, allowed);
    }
    Some(addr)
}

/// Whether two sockets cannot be listened on together: 0.0.0.0 and [::] take every address.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let everywhere = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (one.ip() == other.ip() || everywhere)
}

fn hosts(section: &Section<'_>, addr: Option<SocketAddr>, apps: &[AppSettings]) -> Vec<String> {
    const EXAMPLE: &str = r#"["anteroom-admin.clinic.test"]"#;
    let report = section.report();
    let texts = section.some_texts("hosts", EXAMPLE);
    let at = section.place("hosts");
    if !section.has("hosts") {
        let defaults = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        match addr.map(|addr| addr.ip().is_loopback()) {
            Some(true) => {}
            Some(false) => {
                let allowed = format!("the names that operators' browsers use, such as {EXAMPLE}");
                section.missing("hosts", &allowed);
                return Vec::new();
            }
            None => return Vec::new(),
        }
        for host in &defaults {
            if let Some(hint) = of_an_app(host, apps) {
                let found = format!("nothing, which means {}", defaults.join(", "));
                let allowed = r#"names of its own, such as hosts = ["admin.localhost"]"#;
                report.problem_hint(&at, found, allowed, hint);
                break;
            }
        }
        return defaults.to_vec();
    }
    let mut hosts: Vec<String> = Vec::new();
    for text in texts.unwrap_or_default() {
        let host = in_a_host_field(text.value);
        let problem = |allowed: &str, hint: String| {
            report.problem_hint(&text.at, quoted(text.value), allowed, hint);
        };
        let shaped = r#"a host name such as "anteroom-admin.clinic.test", or an address"#;
        if let Some(hint) = app::host_refusal(&host) {
            problem(shaped, hint.to_owned());
        } else if host != host.to_ascii_lowercase() {
            problem(shaped, "in lower case, as browsers send it".to_owned());
        } else if let Some(hint) = of_an_app(&host, apps) {
            problem("a host that no app has", hint);
        } else if hosts.contains(&host) {
            report.problem(&text.at, quoted(text.value), "each host once");
        }
        hosts.push(host);
    }
    hosts
}

/// As it stands in a Host field (RFC 3986 3.2.2): IPv6 in brackets and in its shortest form.
fn in_a_host_field(host: &str) -> String {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bare.unwrap_or(host).parse::<Ipv6Addr>() {
        Ok(address) => format!("[{}]", IpAddr::from(address)),
        Err(_) => host.to_owned(),
    }
}

fn of_an_app(host: &str, apps: &[AppSettings]) -> Option<String> {
    let app = apps
        .iter()
        .find(|app| app.hosts.iter().any(|known| known == host))?;
    Some(format!(
        "{host} is a host of app {}; cookies do not know ports, so operators' sessions would be \
         sent there",
        app.name
    ))
}

/// `idle` and `overall`.
fn session(section: &Section<'_>) -> (Duration, Duration) {
    let idle = section.duration("idle", 15 * MINUTE, &(MINUTE..=60 * MINUTE));
    let overall = section.duration("overall", 8 * HOUR, &(MINUTE..=DAY));
    if idle.value > overall.value {
        let (idle_said, overall_said) = (in_words(idle.value), in_words(overall.value));
        // The one that was written is the one to mend.
        let (at, found, allowed) = if section.has("idle") {
            let allowed = format!("no more than overall (\"{overall_said}\")");
            (&idle.at, idle_said, allowed)
        } else {
            let allowed = format!("no less than idle (\"{idle_said}\")");
            (&overall.at, overall_said, allowed)
        };
        section
            .report()
            .problem(at, format!("\"{found}\""), allowed);
    }
    (idle.value, overall.value)
}

/// Numbers that a form offers, the first one as its default.
fn offered(section: &Section<'_>, key: &'static str, preset: &[u32], most: u16) -> Vec<u32> {
    let found = section.numbers(key, &(1..=most), &format!("{preset:?}"));
    let Some(found) = found else {
        return preset.to_vec();
    };
    let numbers: Vec<u32> = found.value.into_iter().map(u32::from).collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = numbers.iter().find(|number| !seen.insert(**number)) {
        let found = format!("{twice} more than once");
        section
            .report()
            .problem(&section.place(key), found, "each number once");
    }
    too_many(section, key, numbers.len());
    numbers
}

fn too_many(section: &Section<'_>, key: &str, count: usize) {
    if count > MOST_CHOICES {
        let found = format!("{count} choices");
        let allowed = format!("at most {MOST_CHOICES}: somebody must choose while the phone waits");
        section
            .report()
            .problem(&section.place(key), found, allowed);
    }
}

fn identity_checks(section: &Section<'_>) -> Vec<String> {
    let example = format!("[\"{}\"]", IDENTITY_CHECKS[0]);
    let Some(texts) = section.some_texts("identity_checks", &example) else {
        return IDENTITY_CHECKS.map(str::to_owned).to_vec();
    };
    too_many(section, "identity_checks", texts.len());
    each_once(section, &texts)
}

/// Short lines for a form, none of them twice.
fn each_once(section: &Section<'_>, texts: &[Found<&str>]) -> Vec<String> {
    let mut lines = Vec::new();
    for text in texts {
        let Some(line) = plain_text(section, text, 60) else {
            continue;
        };
        if lines.contains(&line) {
            section
                .report()
                .problem(&text.at, quoted(&line), "each line once");
        }
        lines.push(line);
    }
    lines
}

/// Below six years an auditor will ask for what is gone (HIPAA documentation).
fn audit_keep(section: &Section<'_>) -> Option<Duration> {
    let keep = section.duration("audit_keep", SIX_YEARS, &(365 * DAY..=36_500 * DAY));
    if !section.has("audit_keep") {
        return None;
    }
    if keep.value < SIX_YEARS {
        let found = format!("\"{}\"", in_words(keep.value));
        let better = format!("at least \"{}\", six years", in_words(SIX_YEARS));
        let why = "HIPAA asks that documentation be kept for six years (45 CFR 164.316)";
        section.report().warning(&keep.at, found, better, why);
    }
    Some(keep.value)
}
