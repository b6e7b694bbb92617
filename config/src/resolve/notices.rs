//! Who is told of what: `[notices]`, its operators and its webhook.
//!
//! Connects to nothing and reads no secret. What can be told stands in `anteroom_core::notice`; how
//! mail leaves is [`mail`](super::mail)'s.

use std::time::Duration;

use anteroom_core::address::MailAddress;
use anteroom_core::notice::Notice;

use super::Surroundings;
use super::app::host_refusal;
use super::mail::{self, SECRET_FILE, is_this_machine};
use super::server::file_at;
use crate::raw::measure::quoted;
use crate::raw::section::{Found, Section, unknown_word};
use crate::settings::{NoticeSettings, WebhookSettings};

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn notices(file: &Section<'_>, around: &Surroundings<'_>) -> NoticeSettings {
    let section = file.table("notices");
    let off: Vec<Notice> = named(&section, &section.texts("off").value, Notice::ALL)
        .into_iter()
        .map(|(_, notice)| notice)
        .collect();
    let operators = operators(&section, &off, file.has("mail"));
    let webhook = webhook(&section, around);
    NoticeSettings {
        off,
        operators,
        webhook,
    }
}

/// The notices that these words name, by their places; any other word is a mistake.
fn named(section: &Section<'_>, texts: &[Found<&str>], known: &[Notice]) -> Vec<(usize, Notice)> {
    let mut found = Vec::new();
    for (place, word) in texts.iter().enumerate() {
        match known.iter().find(|notice| notice.name() == word.value) {
            Some(notice) => found.push((place, *notice)),
            None => {
                let words: Vec<&str> = known.iter().map(|notice| notice.name()).collect();
                unknown_word(section.report(), word, &words);
            }
        }
    }
    found
}

/// `[[notices.operators]]`: addresses of an office. Nothing that comes from outside adds one.
fn operators(notices: &Section<'_>, off: &[Notice], has_mail: bool) -> Vec<(Notice, MailAddress)> {
    let mut told = Vec::new();
    for section in notices.tables("operators") {
        if !has_mail {
            let allowed = "only with a mail server: [mail] with server and from";
            section.report().problem(section.at(), "no [mail]", allowed);
        }
        let of = of_what(&section, off);
        for address in addresses(&section) {
            told.extend(of.iter().map(|notice| (*notice, address.clone())));
        }
    }
    told
}

fn addresses(section: &Section<'_>) -> Vec<MailAddress> {
    let texts = section.some_texts("to", r#"["it@clinic.test"]"#);
    if !section.has("to") {
        section.missing("to", r#"their addresses, such as ["it@clinic.test"]"#);
    }
    let texts = texts.unwrap_or_default();
    texts
        .iter()
        .filter_map(|text| mail::address_of(section, text))
        .collect()
}

/// Of what some operators are told; where nothing is said, of everything that is not off.
fn of_what(section: &Section<'_>, off: &[Notice]) -> Vec<Notice> {
    let texts = section.some_texts("of", r#"["factors_reset"]"#);
    let Some(texts) = texts else {
        let all = Notice::FOR_OPERATORS.into_iter();
        return all.filter(|notice| !off.contains(notice)).collect();
    };
    let mut told = Vec::new();
    for (place, notice) in named(section, &texts, &Notice::FOR_OPERATORS) {
        match texts.get(place).filter(|_| off.contains(&notice)) {
            None => told.push(notice),
            Some(word) => {
                let found = format!("{}, which nobody is told of", quoted(word.value));
                let allowed = "what notices.off does not name";
                section.report().problem(&word.at, found, allowed);
            }
        }
    }
    told
}

fn webhook(section: &Section<'_>, around: &Surroundings<'_>) -> Option<WebhookSettings> {
    let url = section.text("webhook");
    let target = url.as_ref().and_then(|url| target(section, url));
    let secret_file = mail::secret(section, "webhook_secret_file", around);
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
    target
        .zip(secret_file)
        .map(|((https, host, port, path), secret_file)| WebhookSettings {
            https,
            host,
            port,
            path,
            secret_file,
            ca_file,
            timeout: timeout.value,
        })
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
