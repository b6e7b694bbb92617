//! How mail leaves: `[mail]`.
//!
//! Connects to nothing and reads no secret; whether files are fit for use is asked in
//! [`crate::inspect`], whether the server answers by `anteroom mail test`. Who is told of what is
//! [`notices`](super::notices)'.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anteroom_core::address::MailAddress;
use anteroom_core::authenticator::AuthenticatorKind;

use super::app::host_refusal;
use super::server::{file_at, secret_at};
use super::{Surroundings, plain_text};
use crate::raw::measure::quoted;
use crate::raw::report::Place;
use crate::raw::section::{Found, Section};
use crate::settings::{AppSettings, MailLogin, MailSettings, MailTls, SecretPath};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) const SECRET_FILE: &str =
    "the path of a file of mode 0600 with one line, or credential:NAME";

pub(super) fn mail(
    file: &Section<'_>,
    apps: &[AppSettings],
    around: &Surroundings<'_>,
) -> Option<MailSettings> {
    let section = file.table("mail");
    let wanted = apps
        .iter()
        .find(|app| app.policy.kinds.has(AuthenticatorKind::Email));
    if let (Some(app), false) = (wanted, section.is_present()) {
        let found = format!("nothing, but app {} takes codes by e-mail", app.name);
        let allowed = "[mail] with server and from, or factors.kinds without \"email\"";
        file.report().problem(&file.place("mail"), found, allowed);
    }
    if !section.is_present() {
        return None;
    }
    let words = [
        ("starttls", MailTls::StartTls),
        ("implicit", MailTls::Implicit),
        ("none", MailTls::None),
    ];
    let tls_word = section.one_of("tls", &words);
    let tls = tls_word
        .as_ref()
        .map_or(MailTls::StartTls, |word| word.value);
    let server = server(&section, tls, tls_word.map(|word| word.at));
    let port = section.number("port", &(1..=65_535));
    let usual = match tls {
        MailTls::StartTls => 587,
        MailTls::Implicit => 465,
        MailTls::None => 25,
    };
    let login = login(&section, around);
    let ca_file = ca_file(&section, around);
    let from = address(&section, "from");
    if !section.has("from") {
        section.missing("from", r#"who writes, such as "anteroom@clinic.test""#);
    }
    let from_name = section
        .text("from_name")
        .and_then(|text| plain_text(&section, &text, 60));
    let reply_to = address(&section, "reply_to");
    let timeout = section.duration("timeout", 30 * SECOND, &(SECOND..=300 * SECOND));
    let hold = section.duration("address_hold", DAY, &(Duration::ZERO..=6 * DAY));
    if hold.value < HOUR {
        let why = "a stolen session, or a story told to the helpdesk, then moves a person's codes \
            to another address before she reads the notice";
        let better = "\"24 h\", the default";
        section
            .report()
            .warning(&hold.at, "hardly any time", better, why);
    }
    Some(MailSettings {
        server: server?,
        port: port
            .and_then(|port| u16::try_from(port.value).ok())
            .unwrap_or(usual),
        tls,
        login,
        ca_file,
        from: from?,
        from_name,
        reply_to,
        timeout: timeout.value,
        address_hold: hold.value,
    })
}

fn server(section: &Section<'_>, tls: MailTls, tls_at: Option<Place>) -> Option<String> {
    let text = section.required("server", r#"the mail server, such as "mail.clinic.test""#)?;
    let report = section.report();
    if let Some(hint) = host_refusal(text.value) {
        let allowed = r#"a host name such as "mail.clinic.test", or an address"#;
        report.problem_hint(&text.at, quoted(text.value), allowed, hint);
        return None;
    }
    if tls == MailTls::None && !is_this_machine(text.value) {
        let at = tls_at.as_ref().unwrap_or(&text.at);
        let found = format!("\"none\", to {}", text.value);
        let hint = "in the clear everybody on the way reads people's codes; \"none\" is for a \
            mail server on 127.0.0.1, [::1] or localhost";
        report.problem_hint(at, found, "starttls or implicit", hint);
    }
    Some(text.value.to_owned())
}

pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn login(section: &Section<'_>, around: &Surroundings<'_>) -> Option<MailLogin> {
    let user = section
        .text("user")
        .and_then(|text| plain_text(section, &text, 254));
    let password_file = secret(section, "password_file", around);
    for (has, lacks) in [("user", "password_file"), ("password_file", "user")] {
        if section.has(has) && !section.has(lacks) {
            section.missing(lacks, "user and password_file together, or neither");
        }
    }
    Some(MailLogin {
        user: user?,
        password_file: password_file?,
    })
}

pub(super) fn secret(
    section: &Section<'_>,
    key: &'static str,
    around: &Surroundings<'_>,
) -> Option<SecretPath> {
    let text = section.text(key)?;
    let (path, is_credential) = secret_at(section.report(), &text, around, SECRET_FILE);
    Some(SecretPath {
        path,
        is_credential,
    })
}

fn ca_file(section: &Section<'_>, around: &Surroundings<'_>) -> Option<PathBuf> {
    let text = section.text("ca_file")?;
    Some(file_at(section.report(), &text, around))
}

fn address(section: &Section<'_>, key: &'static str) -> Option<MailAddress> {
    address_of(section, &section.text(key)?)
}

/// An address, if this can be one.
pub(super) fn address_of(section: &Section<'_>, text: &Found<&str>) -> Option<MailAddress> {
    match MailAddress::parse(text.value) {
        Ok(address) => Some(address),
        Err(why) => {
            let allowed = r#"an address such as "anteroom@clinic.test""#;
            let found = quoted(text.value);
            section
                .report()
                .problem_hint(&text.at, found, allowed, why.to_string());
            None
        }
    }
}
