//! People whose reset needs a second operator, and names for the places they call from.
//!
//! Names are folded as a typed name is, so that no spelling of a person escapes her group. Whether
//! such people exist is not asked: the store may be empty, and staff may come tomorrow.

use std::collections::BTreeSet;

use anteroom_core::fold::{Folded, fold};

use crate::raw::measure::quoted;
use crate::raw::section::{Found, Section, unknown_word};
use crate::resolve::{plain_text, server};
use crate::settings::{AppSettings, FourEyesGroup, NetworkPlace};

pub(super) fn groups(admin: &Section<'_>, apps: &[AppSettings]) -> Vec<FourEyesGroup> {
    let realms: BTreeSet<&str> = apps.iter().map(|app| app.realm.as_str()).collect();
    let realms: Vec<&str> = realms.into_iter().collect();
    let mut groups: Vec<FourEyesGroup> = Vec::new();
    for section in admin.tables("group") {
        let name = named(
            &section,
            "the name of the group, such as \"Chief physicians\"",
        );
        let realm = realm(&section, &realms);
        let people = people(&section);
        let (Some(name), Some(realm)) = (name, realm) else {
            continue;
        };
        let twice = |known: &FourEyesGroup| known.name == name && known.realm == realm;
        if groups.iter().any(twice) {
            let found = format!("{} again", quoted(&name));
            let allowed = "each group of a realm once, with all of its people";
            section
                .report()
                .problem(&section.place("name"), found, allowed);
        }
        groups.push(FourEyesGroup {
            name,
            realm,
            people,
        });
    }
    groups
}

fn named(section: &Section<'_>, allowed: &str) -> Option<String> {
    plain_text(section, &section.required("name", allowed)?, 60)
}

fn realm(section: &Section<'_>, realms: &[&str]) -> Option<String> {
    let allowed = format!("the realm of an app: {}", realms.join(", "));
    let text = section.required("realm", &allowed)?;
    if realms.contains(&text.value) {
        return Some(text.value.to_owned());
    }
    unknown_word(section.report(), &text, realms);
    None
}

fn people(section: &Section<'_>) -> Vec<Folded> {
    let texts = section.some_texts("people", r#"["alice", "bob"]"#);
    if !section.has("people") {
        section.missing("people", r#"their user names, such as ["alice", "bob"]"#);
    }
    let mut people: Vec<Folded> = Vec::new();
    for text in texts.unwrap_or_default() {
        people.extend(person(section, &text, &people));
    }
    people
}

fn person(section: &Section<'_>, text: &Found<&str>, known: &[Folded]) -> Option<Folded> {
    let report = section.report();
    match fold(text.value) {
        Ok(person) if known.contains(&person) => {
            let allowed = "each person once: spellings do not matter";
            report.problem(&text.at, quoted(text.value), allowed);
            None
        }
        Ok(person) => Some(person),
        Err(problem) => {
            let allowed = "a user name as it is typed into the app";
            report.problem_hint(&text.at, quoted(text.value), allowed, problem.to_string());
            None
        }
    }
}

pub(super) fn places(admin: &Section<'_>) -> Vec<NetworkPlace> {
    let mut places: Vec<NetworkPlace> = Vec::new();
    for section in admin.tables("place") {
        let allowed = r#"an address or network such as "10.20.0.0/16""#;
        let text = section.required("network", allowed);
        let why = "every address would get this name";
        let network = text.and_then(|text| server::network(section.report(), &text, why));
        let name = named(&section, "how people call it, such as \"front desk\"");
        let (Some(network), Some(name)) = (network, name) else {
            continue;
        };
        if places.iter().any(|known| known.network == network) {
            let found = format!("{network} again");
            section.report().problem(
                &section.place("network"),
                found,
                "one name for each network",
            );
        }
        places.push(NetworkPlace { network, name });
    }
    places
}
