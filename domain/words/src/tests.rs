//! The message files: the same ids, values and plurals in every language, and nothing left over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser;

use super::*;

/// What has to be the same in every language, and the words.
#[derive(Default)]
struct Message {
    values: BTreeSet<String>,
    /// The keys of each value that is counted or chosen by.
    keys: BTreeMap<String, BTreeSet<String>>,
    words: String,
}

fn messages(language: Language) -> BTreeMap<String, Message> {
    let mut all = BTreeMap::new();
    for (file, text) in messages::files(language) {
        let parsed = parser::parse(*text)
            .unwrap_or_else(|(_, faults)| panic!("{}/{file}: {faults:?}", language.tag()));
        for entry in parsed.body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
                other => panic!("{}/{file}: {other:?}", language.tag()),
            };
            let id = message.id.name.to_owned();
            assert!(
                message.attributes.is_empty(),
                "{id}: no attributes are used"
            );
            let mut found = Message::default();
            read(&message.value.expect("a value"), &mut found);
            assert!(all.insert(id.clone(), found).is_none(), "{id} stands twice");
        }
    }
    all
}

fn read(pattern: &Pattern<&str>, into: &mut Message) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => into.words.push_str(value),
            PatternElement::Placeable { expression } => read_placed(expression, into),
        }
    }
}

fn read_placed(expression: &Expression<&str>, into: &mut Message) {
    let name = |inline: &InlineExpression<&str>| match inline {
        InlineExpression::VariableReference { id } => id.name.to_owned(),
        other => panic!("only values stand in messages: {other:?}"),
    };
    match expression {
        Expression::Inline(inline) => {
            into.values.insert(name(inline));
        }
        Expression::Select { selector, variants } => {
            let name = name(selector);
            for variant in variants {
                let key = match &variant.key {
                    VariantKey::Identifier { name } => (*name).to_owned(),
                    VariantKey::NumberLiteral { value } => (*value).to_owned(),
                };
                into.keys.entry(name.clone()).or_default().insert(key);
                read(&variant.value, into);
            }
            into.values.insert(name);
        }
    }
}

#[test]
fn every_language_has_the_same_messages_with_the_same_values() {
    let english = messages(Language::En);
    for language in [Language::Fr, Language::Es] {
        let other = messages(language);
        let ids = |all: &BTreeMap<String, Message>| all.keys().cloned().collect::<BTreeSet<_>>();
        let (ours, theirs) = (ids(&english), ids(&other));
        let apart: Vec<_> = ours.symmetric_difference(&theirs).collect();
        assert!(apart.is_empty(), "{}: {apart:?}", language.tag());
        for (id, message) in &english {
            assert_eq!(message.values, other[id].values, "{}: {id}", language.tag());
        }
    }
}

#[test]
fn what_is_counted_is_counted_in_every_language() {
    let english = messages(Language::En);
    for language in Language::ALL {
        for (id, message) in messages(language) {
            for (name, keys) in &message.keys {
                if keys.contains("other") && english[&id].keys.contains_key(name) {
                    assert!(keys.contains("one"), "{}: {id} lacks one", language.tag());
                }
            }
            for (name, keys) in &english[&id].keys {
                assert_eq!(
                    Some(keys),
                    message.keys.get(name),
                    "{}: {id}",
                    language.tag()
                );
            }
        }
    }
}

#[test]
fn no_message_is_empty_or_carries_markup() {
    for language in Language::ALL {
        for (id, message) in messages(language) {
            let silent = message.words.trim().is_empty() && message.values.is_empty();
            assert!(!silent, "{}: {id} is empty", language.tag());
            let marked = message.words.contains(['<', '>', '&']);
            assert!(!marked, "{}: {id} carries markup", language.tag());
        }
    }
}

/// The same word in two languages, and rightly.
const SHARED: [&str; 3] = ["page-title", "page-title-error", "clock"];

#[test]
fn nothing_is_left_in_english() {
    const ENGLISH: [&str; 22] = [
        "the", "you", "your", "and", "this", "that", "with", "was", "were", "has", "have", "not",
        "of", "to", "for", "from", "is", "it", "them", "its", "page", "sign",
    ];
    // "page" is French too.
    let french = |word: &str| word == "page";
    let english = messages(Language::En);
    for language in [Language::Fr, Language::Es] {
        for (id, message) in messages(language) {
            let same = message.words == english[&id].words;
            let wordless = !message.words.chars().any(char::is_alphabetic);
            let shared = SHARED.contains(&id.as_str());
            assert!(
                !same || wordless || shared,
                "{}: {id} is English",
                language.tag()
            );
            let words = message.words.to_lowercase();
            for word in words.split(|c: char| !c.is_alphabetic()) {
                let left = ENGLISH.contains(&word) && !(language == Language::Fr && french(word));
                assert!(!left, "{}: {id} says '{word}'", language.tag());
            }
        }
    }
}

#[test]
fn french_and_spanish_marks_are_set_as_they_are_there() {
    for (id, message) in messages(Language::Fr) {
        for bad in [" :", " ;", " ?", " !", "« ", " »", "“", "'"] {
            assert!(!message.words.contains(bad), "fr: {id} has '{bad}'");
        }
    }
    for (id, message) in messages(Language::Es) {
        for (open, close) in [('¿', '?'), ('¡', '!'), ('«', '»')] {
            let of = |mark| message.words.matches(mark).count();
            assert_eq!(of(open), of(close), "es: {id}");
        }
        assert!(!message.words.contains('“'), "es: {id}");
    }
}

#[test]
fn every_file_on_disk_is_read() {
    for language in Language::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("messages")
            .join(language.tag());
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort_unstable();
        let mut read: Vec<String> = messages::files(language)
            .iter()
            .map(|(name, _)| format!("{name}.ftl"))
            .collect();
        read.sort_unstable();
        assert_eq!(there, read, "{}", language.tag());
    }
}

#[test]
fn numbers_choose_the_right_words() {
    let left = |language, count: u32| say(language, "recovery-left", &[("count", count.into())]);
    assert_eq!(left(Language::En, 1), "You have 1 code left.");
    assert_eq!(left(Language::En, 0), "You have 0 codes left.");
    // French counts nothing like one.
    assert_eq!(left(Language::Fr, 0), "Il vous reste 0 code.");
    assert_eq!(left(Language::Fr, 2), "Il vous reste 2 codes.");
    assert_eq!(left(Language::Es, 1), "Le queda 1 código.");
    assert_eq!(left(Language::Es, 7), "Le quedan 7 códigos.");
}

#[test]
fn a_sentence_is_given_in_two_parts_where_one_value_is_marked_up() {
    let values = [("app", "Wardbook".into())];
    let (before, after) = around(Language::En, "help-reference", "reference", &values);
    assert_eq!(before, "If you get in touch, give this reference: ");
    assert_eq!(after, "");
}

#[test]
#[should_panic(expected = "no-such-message in fr")]
fn a_missing_message_is_loud_here() {
    let _ = say(Language::Fr, "no-such-message", &[]);
}

#[test]
#[should_panic(expected = "recovery-left in en")]
fn a_missing_value_is_loud_here() {
    let _ = say(Language::En, "recovery-left", &[]);
}
