//! What stands round every page: the app's name, the title, the way home, whom to ask.
//!
//! Makes links out of contact details and checks them; never decides what a page says. Used by
//! every page family; the HTML is `gateway/templates/portal/base.html`.

use anteroom_config::settings::Contact;
use anteroom_core::time::Timestamp;

use super::assets::{script_path, stylesheet_path};
use super::words::Voice;
use super::{Brand, Chrome};
use anteroom_words::Language;

/// [`Chrome`], as the templates read it.
pub(super) struct Frame<'a> {
    pub(super) app: &'a str,
    voice: Voice<'a>,
    /// The path to come back to in another language.
    pub(super) here: &'a str,
    pub(super) title: String,
    pub(super) stylesheet: &'static str,
    /// Our script, on the pages that cannot do without.
    pub(super) script: Option<&'static str>,
    pub(super) brand: &'a Brand,
    pub(super) reference: &'a str,
    pub(super) home: &'a str,
    pub(super) help: Help<'a>,
    /// Until when a password alone is enough, in words.
    pub(super) emergency: Option<String>,
    /// Enrolment and recovery codes need room.
    pub(super) wide: bool,
}

impl<'a> Frame<'a> {
    /// The surroundings of a page with this heading. A title that starts with "Error:" is heard
    /// first.
    pub(super) fn new(chrome: &Chrome<'a>, heading: &str, problem: bool) -> Self {
        let voice = chrome.voice();
        let title = if problem {
            "page-title-error"
        } else {
            "page-title"
        };
        Self {
            app: chrome.app,
            voice,
            here: local(chrome.here),
            title: voice.say_with(title, &[("heading", heading.into())]),
            stylesheet: stylesheet_path(),
            script: None,
            brand: chrome.brand,
            reference: chrome.reference,
            home: local(chrome.home),
            help: Help::new(chrome.contact, chrome.language),
            emergency: chrome.emergency_until.map(|until| voice.clock(until)),
            wide: false,
        }
    }

    pub(super) fn scripted(mut self, scripted: bool) -> Self {
        self.script = scripted.then(script_path);
        self
    }

    pub(super) fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// Says a sentence.
    pub(super) fn say(&self, id: &'static str) -> String {
        self.voice.say(id)
    }

    /// Says a sentence with one value.
    pub(super) fn say_of(&self, id: &'static str, name: &'static str, value: &str) -> String {
        self.voice.say_with(id, &[(name, value.into())])
    }

    /// Says a sentence with a moment, as `10:42 UTC on 1 March`.
    pub(super) fn say_at(&self, id: &'static str, at: &Timestamp) -> String {
        self.say_of(id, "moment", &self.voice.moment(*at))
    }

    /// What a sentence says before and after the value that is marked up.
    pub(super) fn around(&self, id: &'static str, name: &'static str) -> (String, String) {
        self.voice.around(id, name)
    }

    /// The page's language, for `<html lang>`.
    pub(super) fn language(&self) -> &'static str {
        self.voice.language.tag()
    }

    /// The other languages that the page can be read in.
    pub(super) fn other_languages(&self) -> impl Iterator<Item = Language> {
        let spoken = self.voice.language;
        Language::ALL
            .into_iter()
            .filter(move |other| *other != spoken)
    }
}

/// Whom to ask, each with a link where one can be made safely.
pub(super) struct Help<'a> {
    email: Option<Reach<'a>>,
    text_line: Option<Reach<'a>>,
    phone: Option<Reach<'a>>,
    /// The clinic's own sentence, and the language it is in.
    pub(super) say: Option<(Language, &'a str)>,
}

/// One way to reach somebody. `href` is empty where the text does not make a safe link.
pub(super) struct Reach<'a> {
    pub(super) shown: &'a str,
    pub(super) href: String,
}

impl<'a> Help<'a> {
    fn new(contact: &'a Contact, language: Language) -> Self {
        Self {
            email: filled(contact.email.as_deref()).map(mail),
            text_line: filled(contact.text_line.as_deref()).map(|line| dial("sms", line)),
            phone: filled(contact.phone.as_deref()).map(|line| dial("tel", line)),
            say: contact
                .said_in(language)
                .filter(|(_, words)| !words.trim().is_empty()),
        }
    }

    /// In the order in which people should try them; each with what it is called.
    pub(super) fn ways(&self) -> impl Iterator<Item = (&'static str, &Reach<'a>)> {
        let ways = [
            ("help-email", &self.email),
            ("help-text-line", &self.text_line),
            ("help-phone", &self.phone),
        ];
        ways.into_iter()
            .filter_map(|(kind, reach)| reach.as_ref().map(|reach| (kind, reach)))
    }

    pub(super) fn anyone(&self) -> bool {
        self.email.is_some() || self.text_line.is_some() || self.phone.is_some()
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn mail(shown: &str) -> Reach<'_> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_+@".contains(c);
    let fits = shown.chars().all(plain) && shown.matches('@').count() == 1;
    Reach {
        shown,
        href: if fits {
            format!("mailto:{shown}")
        } else {
            String::new()
        },
    }
}

fn dial<'a>(scheme: &str, shown: &'a str) -> Reach<'a> {
    // "+1 (416) 555-0134" dials as is; "ext. 12" or "room 4" would dial something else, so it stays
    // text.
    let plain = |c: char| c.is_ascii_digit() || "+-(). \u{a0}".contains(c);
    let digits: String = shown
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    let fits = shown.chars().all(plain) && digits.len() >= 3;
    Reach {
        shown,
        href: if fits {
            format!("{scheme}:{digits}")
        } else {
            String::new()
        },
    }
}

/// A path on this host, or `/`: what could lead to another site or run as script is not linked to.
pub fn local(path: &str) -> &str {
    let second = path.as_bytes().get(1);
    let away = matches!(second, Some(b'/' | b'\\')) || path.contains(|c: char| c.is_control());
    if path.starts_with('/') && !away {
        path
    } else {
        "/"
    }
}
