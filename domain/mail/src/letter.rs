//! What a mail says: subject, text and HTML alternative, from a leased row of the outbox.
//!
//! What, when, where and what to do if it was not her; whom to call; a reference that the helpdesk
//! finds in the audit log. No link that acts, no picture, nothing fetched, and no code in the
//! subject (attack D11). Opens no connection: [`smtp`](crate::smtp) does.

use std::net::IpAddr;

use anteroom_config::settings::{AppSettings, Contact, Settings};
use anteroom_core::language::Language;
use anteroom_core::time::Timestamp;
use anteroom_store::{Leased, Message, Reader};
use anteroom_words::moment;
use askama::Template;

use crate::words::{self, say};

/// One mail, ready but for its envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// The name beside the sender's address.
    pub sender: String,
    /// The language of its words.
    pub language: Language,
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

/// One line of the table below the text.
struct Line {
    label: String,
    value: String,
    /// Both, as the text part writes them.
    text: String,
}

/// Both parts of a mail.
#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Text<'a> {
    body: &'a Body<'a>,
    help: &'a [String],
    no_links: &'a str,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    body: &'a Body<'a>,
    help: &'a [String],
    no_links: &'a str,
}

/// What the parts of a mail are made of.
struct Body<'a> {
    language: Language,
    subject: String,
    what: String,
    code: Option<&'a str>,
    lines: Vec<Line>,
    otherwise: Option<String>,
    reader: Reader,
}

impl<'a> Surroundings<'a> {
    /// The settings of this process.
    #[must_use]
    pub const fn new(settings: &'a Settings) -> Self {
        Self { settings }
    }

    /// Writes the mail of a leased row, in its reader's language, else in the app's.
    ///
    /// # Errors
    /// When a template fails, which is a mistake of ours.
    pub fn letter(&self, leased: &Leased) -> askama::Result<Letter> {
        let app = self.app(leased.app.as_deref(), &leased.realm);
        let language = leased.language.unwrap_or_else(|| language_of(app));
        let names = self.names(leased.app.as_deref(), &leased.realm);
        let (subject, what, code, otherwise) = match &leased.message {
            Message::Notice(notice) => {
                let told = match leased.reader {
                    Reader::Herself => words::told(*notice),
                    Reader::Operator => words::told_an_operator(*notice),
                };
                (told.subject, say(language, told.what), None, told.otherwise)
            }
            Message::Code(code) => {
                let minutes = leased.expires_at.since(leased.at).as_secs() / 60;
                let what = words::code_told(language, minutes);
                ("letter-code", what, Some(code.expose()), words::PASSWORD)
            }
        };
        let body = Body {
            language,
            subject: words::subject(language, &names, &say(language, subject)),
            what,
            code,
            lines: self.lines(leased, language, names),
            otherwise: Some(say(language, otherwise)),
            reader: leased.reader,
        };
        self.written(app, &body)
    }

    /// Writes a mail that only tries the way out: the same template, and nobody's name.
    ///
    /// # Errors
    /// When a template fails, which is a mistake of ours.
    pub fn trial(&self, language: Option<Language>, now: Timestamp) -> askama::Result<Letter> {
        let app = self.settings.apps.first();
        let language = language.unwrap_or_else(|| language_of(app));
        let names = app.map_or("Anteroom", |app| &app.display_name);
        let lines = [
            ("letter-when", moment::whole(language, now)),
            ("letter-where", names.to_owned()),
        ];
        let body = Body {
            language,
            subject: words::subject(language, names, &say(language, "letter-test")),
            what: say(language, "letter-test-what"),
            code: None,
            lines: lines
                .map(|(id, value)| Line::new(language, id, value))
                .into(),
            otherwise: None,
            reader: Reader::Herself,
        };
        self.written(app, &body)
    }

    /// When, where, whose, from where, and the reference for the helpdesk.
    fn lines(&self, leased: &Leased, language: Language, names: String) -> Vec<Line> {
        let said = [
            ("letter-when", Some(moment::whole(language, leased.at))),
            ("letter-where", Some(names)),
            ("letter-account", Some(leased.name.clone())),
            ("letter-from", self.place(leased)),
            ("letter-reference", Some(leased.reference.to_string())),
        ];
        said.into_iter()
            .filter_map(|(id, value)| Some(Line::new(language, id, value?)))
            .collect()
    }

    fn written(&self, app: Option<&AppSettings>, body: &Body<'_>) -> askama::Result<Letter> {
        let language = body.language;
        // An operator is the help.
        let (helped, no_links) = match body.reader {
            Reader::Herself => (app, "letter-no-links"),
            Reader::Operator => (None, "operator-no-links"),
        };
        let help = helped.map_or_else(Vec::new, |app| help_lines(language, &app.contact));
        let no_links = &say(language, no_links);
        let help = &help;
        let text = Text {
            body,
            help,
            no_links,
        };
        let html = Html {
            body,
            help,
            no_links,
        };
        Ok(Letter {
            sender: self.sender(app),
            language,
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

impl Line {
    fn new(language: Language, label: &str, value: String) -> Self {
        let label = say(language, label);
        Self {
            text: words::line(language, &label, &value),
            label,
            value,
        }
    }
}

/// The language of an app's pages for whom nothing is known of.
fn language_of(app: Option<&AppSettings>) -> Language {
    app.map_or(Language::En, |app| app.language)
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

fn help_lines(language: Language, contact: &Contact) -> Vec<String> {
    let ways: Vec<&str> = [&contact.email, &contact.text_line, &contact.phone]
        .into_iter()
        .filter_map(|way| way.as_deref())
        .collect();
    let mut lines = Vec::new();
    if !ways.is_empty() {
        let label = say(language, "letter-help");
        lines.push(words::line(language, &label, &ways.join(" · ")));
    }
    let said = contact.said_in(language);
    lines.extend(said.map(|(_, words)| words.to_owned()));
    lines
}

#[cfg(test)]
mod tests;
