//! What a mail says: subject, text and HTML alternative, from a leased row of the outbox.
//!
//! What, when, where and what to do if it was not her; whom to call; a reference that the helpdesk
//! finds in the audit log. No link that acts, no picture, nothing fetched, and no code in the
//! subject (attack D11). Opens no connection: [`smtp`](crate::smtp) does.

use std::net::IpAddr;

use anteroom_config::settings::{AppSettings, Contact, Settings};
use anteroom_core::moment;
use anteroom_core::time::Timestamp;
use anteroom_store::{Leased, Message};
use askama::Template;

use crate::words::{self, Language};

/// One mail, ready but for its envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// The name beside the sender's address.
    pub sender: String,
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML alternative.
    pub html: String,
}

/// The settings a mail is written from.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    settings: &'a Settings,
}

/// Both parts of a mail.
#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Text<'a> {
    what: &'a str,
    code: Option<&'a str>,
    lines: &'a [(&'static str, String)],
    otherwise: &'a str,
    help: &'a [String],
    no_links: &'a str,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    lang: &'a str,
    subject: &'a str,
    what: &'a str,
    code: Option<&'a str>,
    lines: &'a [(&'static str, String)],
    otherwise: &'a str,
    help: &'a [String],
    no_links: &'a str,
}

/// What the parts of a mail are made of.
struct Body<'a> {
    language: Language,
    subject: String,
    what: &'a str,
    code: Option<&'a str>,
    lines: Vec<(&'static str, String)>,
    otherwise: &'a str,
}

impl<'a> Surroundings<'a> {
    /// The settings of this process.
    #[must_use]
    pub const fn new(settings: &'a Settings) -> Self {
        Self { settings }
    }

    /// Writes the mail of a leased row.
    ///
    /// # Errors
    /// When a template fails, which is a mistake of ours.
    pub fn letter(&self, leased: &Leased) -> askama::Result<Letter> {
        let app = self.app(leased.app.as_deref(), &leased.realm);
        let language = self.language(leased.language.as_deref(), app);
        let labels = words::labels(language);
        let names = self.names(leased.app.as_deref(), &leased.realm);
        let mut lines = vec![
            (labels.when, moment::in_utc(leased.at)),
            (labels.app, names.clone()),
            (labels.account, leased.name.clone()),
        ];
        lines.extend(self.place(leased).map(|place| (labels.from, place)));
        lines.push((labels.reference, leased.reference.to_string()));
        let body = |subject: &str| format!("{names}: {subject}");
        match &leased.message {
            Message::Notice(notice) => {
                let told = words::told(*notice, language);
                self.written(
                    app,
                    &Body {
                        language,
                        subject: body(told.subject),
                        what: told.what,
                        code: None,
                        lines,
                        otherwise: told.otherwise,
                    },
                )
            }
            Message::Code(code) => {
                let minutes = leased.expires_at.since(leased.at).as_secs() / 60;
                let (what, otherwise) = words::code_told(language, minutes);
                self.written(
                    app,
                    &Body {
                        language,
                        subject: body(words::code_subject(language)),
                        what: &what,
                        code: Some(code.expose()),
                        lines,
                        otherwise,
                    },
                )
            }
        }
    }

    /// Writes a mail that only tries the way out: the same template, and nobody's name.
    ///
    /// # Errors
    /// When a template fails, which is a mistake of ours.
    pub fn trial(&self, now: Timestamp) -> askama::Result<Letter> {
        let app = self.settings.apps.first();
        let language = self.language(None, app);
        let labels = words::labels(language);
        let (subject, what) = words::trial_told(language);
        let names = app.map_or("Anteroom", |app| &app.display_name);
        let lines = vec![
            (labels.when, moment::in_utc(now)),
            (labels.app, names.to_owned()),
        ];
        let body = Body {
            language,
            subject: format!("{names}: {subject}"),
            what,
            code: None,
            lines,
            otherwise: "",
        };
        self.written(app, &body)
    }

    fn written(&self, app: Option<&AppSettings>, body: &Body<'_>) -> askama::Result<Letter> {
        let labels = words::labels(body.language);
        let help = app.map_or_else(Vec::new, |app| help_lines(labels.help, &app.contact));
        let text = Text {
            what: body.what,
            code: body.code,
            lines: &body.lines,
            otherwise: body.otherwise,
            help: &help,
            no_links: labels.no_links,
        };
        let html = Html {
            lang: body.language.tag(),
            subject: &body.subject,
            what: body.what,
            code: body.code,
            lines: &body.lines,
            otherwise: body.otherwise,
            help: &help,
            no_links: labels.no_links,
        };
        Ok(Letter {
            sender: self.sender(app),
            subject: body.subject.clone(),
            text: text.render()?,
            html: html.render()?,
        })
    }

    /// The app of the event, else the first of her realm.
    fn app(&self, name: Option<&str>, realm: &str) -> Option<&'a AppSettings> {
        let apps = &self.settings.apps;
        let named = apps.iter().find(|app| Some(app.name.as_str()) == name);
        named
            .or_else(|| apps.iter().find(|app| app.realm == realm))
            .or(apps.first())
    }

    /// The app's name for people, or those of all apps she may mean.
    fn names(&self, name: Option<&str>, realm: &str) -> String {
        let apps = &self.settings.apps;
        if let Some(app) = apps.iter().find(|app| Some(app.name.as_str()) == name) {
            return app.display_name.clone();
        }
        let of_realm = apps.iter().filter(|app| app.realm == realm);
        let names: Vec<&str> = of_realm.map(|app| app.display_name.as_str()).collect();
        if names.is_empty() {
            "Anteroom".to_owned()
        } else {
            names.join(", ")
        }
    }

    fn language(&self, hers: Option<&str>, app: Option<&AppSettings>) -> Language {
        let tag = hers.or(app.map(|app| app.language.tag()));
        Language::nearest(tag.unwrap_or("en"))
    }

    fn sender(&self, app: Option<&AppSettings>) -> String {
        let mail = self.settings.mail.as_ref();
        let chosen = mail.and_then(|mail| mail.from_name.clone());
        chosen
            .or_else(|| app.map(|app| app.display_name.clone()))
            .unwrap_or_else(|| "Anteroom".to_owned())
    }

    /// From where, coarsely: the network's name that the operators gave it, or half an address.
    fn place(&self, leased: &Leased) -> Option<String> {
        let ip: IpAddr = leased.client.as_deref()?.parse().ok()?;
        let named = self.settings.admin.as_ref()?.place_of(ip);
        Some(named.map_or_else(|| coarse(ip), str::to_owned))
    }
}

/// Half an address: enough to say "that is not our clinic".
fn coarse(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(four) => {
            let [a, b, _, _] = four.octets();
            format!("{a}.{b}.*.*")
        }
        IpAddr::V6(six) => {
            let [a, b, ..] = six.segments();
            format!("{a:x}:{b:x}:*")
        }
    }
}

fn help_lines(label: &str, contact: &Contact) -> Vec<String> {
    let ways: Vec<&str> = [&contact.email, &contact.text_line, &contact.phone]
        .into_iter()
        .filter_map(|way| way.as_deref())
        .collect();
    let mut lines = Vec::new();
    if !ways.is_empty() {
        lines.push(format!("{label}: {}", ways.join(" · ")));
    }
    let said = contact.said_in(anteroom_core::language::Language::En);
    lines.extend(said.map(|(_, words)| words.to_owned()));
    lines
}

#[cfg(test)]
mod tests;
