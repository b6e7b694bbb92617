//! Whom a stuck person may turn to: three lines to reach somebody, and a sentence of the clinic's.
//!
//! The sentence may be written in each of our languages; who reads another one gets the app's. What
//! is made of the lines (links) is the gateway's.

use anteroom_core::language::Language;

use super::app::{Frame, host_refusal};
use super::plain_text;
use crate::raw::measure::quoted;
use crate::raw::node::Value;
use crate::raw::section::Section;
use crate::settings::Contact;

/// Longest sentence of the clinic's.
const LONGEST: usize = 200;

/// Reads `[app.contact]` of an app whose pages are in `language` by default.
pub(super) fn contact(section: &Section<'_>, frame: &Frame<'_>, language: Language) -> Contact {
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
    let say = say(&contact, language);
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

/// `say = "…"` is in the app's language; `[app.contact.say]` has a key for each.
fn say(contact: &Section<'_>, language: Language) -> Vec<(Language, String)> {
    let (at, node) = contact.node("say");
    if !matches!(node.map(|node| &node.value), Some(Value::Table(_)) | None) {
        let text = contact.text("say");
        let text = text.and_then(|text| plain_text(contact, &text, LONGEST));
        return text.map(|text| (language, text)).into_iter().collect();
    }
    let each = Section::new(at, node, contact.report());
    let mut said: Vec<_> = Language::ALL
        .into_iter()
        .filter_map(|language| {
            let text = plain_text(&each, &each.text(language.tag())?, LONGEST)?;
            Some((language, text))
        })
        .collect();
    said.sort_by_key(|(written, _)| *written != language);
    said
}
