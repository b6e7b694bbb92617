//! How people are told: `[mail]` and `[notices]`.
//!
//! Connects to nothing and reads no secret; whether files are fit for use is asked in
//! [`crate::inspect`], whether the server answers by `anteroom mail test`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anteroom_core::address::MailAddress;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::notice::Notice;

use super::app::host_refusal;
use super::server::{file_at, secret_at};
use super::{Surroundings, plain_text};
use crate::raw::measure::quoted;
use crate::raw::report::Place;
use crate::raw::section::{Found, Section, unknown_word};
use crate::settings::{
    AppSettings, MailLogin, MailSettings, MailTls, NoticeSettings, SecretPath, WebhookSettings,
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const SECRET_FILE: &str = "the path of a file of mode 0600 with one line, or credential:NAME";

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

fn is_this_machine(host: &str) -> bool {
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

fn secret(
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
    let text = section.text(key)?;
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

pub(super) fn notices(file: &Section<'_>, around: &Surroundings<'_>) -> NoticeSettings {
    let section = file.table("notices");
    let words: Vec<&str> = Notice::ALL.iter().map(|notice| notice.name()).collect();
    let mut off = Vec::new();
    for word in &section.texts("off").value {
        match Notice::from_name(word.value) {
            Some(notice) => off.push(notice),
            None => unknown_word(section.report(), word, &words),
        }
    }
    let url = section.text("webhook");
    let target = url.as_ref().and_then(|url| target(&section, url));
    let secret_file = secret(&section, "webhook_secret_file", around);
    let ca_file = section
        .text("webhook_ca_file")
        .map(|text| file_at(section.report(), &text, around));
    let timeout = section.duration("webhook_timeout", 10 * SECOND, &(SECOND..=60 * SECOND));
    if section.has("webhook") && !section.has("webhook_secret_file") {
        section.missing("webhook_secret_file", SECRET_FILE);
    }
    for key in ["webhook_secret_file", "webhook_ca_file", "webhook_timeout"] {
        if section.has(key) && !section.has("webhook") {
            let at = section.place(key);
            section
                .report()
                .problem(&at, "no webhook", "only with webhook = URL");
        }
    }
    let webhook = target
        .zip(secret_file)
        .map(|((https, host, port, path), secret_file)| WebhookSettings {
            https,
            host,
            port,
            path,
            secret_file,
            ca_file,
            timeout: timeout.value,
        });
    NoticeSettings { off, webhook }
}

/// A URL in its parts: whether it is https, host, port, path with query.
fn target(section: &Section<'_>, url: &Found<&str>) -> Option<(bool, String, u16, String)> {
    let allowed = r#"a URL such as "https://hooks.clinic.test/anteroom""#;
    let refuse = |hint: &str| {
        let found = quoted(url.value);
        section.report().problem_hint(&url.at, found, allowed, hint);
        None
    };
    let Some((scheme, rest)) = url.value.split_once("://") else {
        return refuse("it begins with https://");
    };
    let https = match scheme {
        "https" => true,
        "http" => false,
        _ => return refuse("it begins with https://"),
    };
    let (authority, path) = rest
        .find('/')
        .map_or((rest, "/"), |slash| rest.split_at(slash));
    let plain = |c: char| c.is_ascii_graphic() && !"#\"<>\\^`{|}".contains(c);
    if !path.chars().all(plain) || authority.contains('@') {
        return refuse("without a name, a password, a fragment or spaces");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => match port.parse::<u16>() {
            Ok(port) if port != 0 => (host, port),
            _ => return refuse("the port is a number from 1 to 65535"),
        },
        _ => (authority, if https { 443 } else { 80 }),
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Some(hint) = host_refusal(host) {
        return refuse(hint);
    }
    let host = bare.unwrap_or(host).to_owned();
    if !https && !is_this_machine(&host) {
        return refuse(
            "http is for a program on this machine; names of people are in what is sent",
        );
    }
    Some((https, host, port, path.to_owned()))
}
