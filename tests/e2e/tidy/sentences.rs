//! What a subscriber reads stands in `domain/words/messages`, and everything there is said by
//! somebody.
//!
//! Looks at the templates of pages and letters, and at the code that speaks. That the languages
//! agree with each other is the words' own test; what the pages look like is the gateway's.

use std::collections::BTreeSet;

use super::source::Source;
use super::{expect_none, expect_one, lexer, source};

const MESSAGES: &str = "domain/words/messages/en/";
const TEMPLATES: [&str; 2] = ["gateway/templates/portal/", "domain/mail/templates/"];

/// Rooms that speak to subscribers; a new one is added here. Moments the words say themselves.
const SPEAKERS: [&str; 3] = ["gateway/", "domain/mail/", "domain/words/src/moment.rs"];

/// Attributes that are read out or shown.
const SPOKEN: [&str; 4] = ["alt", "title", "aria-label", "placeholder"];

/// Literal words of a template: outside of tags and template marks, or in a spoken attribute.
fn literal_words(source: &Source) -> Vec<String> {
    let marks = regex::Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}").expect("a pattern");
    let tags = regex::Regex::new(r"(?s)<[^>]*>").expect("a pattern");
    // Of the same length, so that lines stay what they are.
    let blank = |found: &regex::Captures<'_>| {
        let keep = |c: char| if c == '\n' { '\n' } else { ' ' };
        found[0].chars().map(keep).collect::<String>()
    };
    let plain = marks.replace_all(&source.text, blank);
    let mut found = Vec::new();
    for attribute in SPOKEN {
        let spoken = regex::Regex::new(&format!("{attribute}=\"([^\"]*)\"")).expect("a pattern");
        for value in spoken.captures_iter(&plain) {
            if let Some(words) = value.get(1).filter(|words| speaks(words.as_str())) {
                found.push((words.start(), words.as_str().to_owned()));
            }
        }
    }
    let text = tags.replace_all(&plain, blank);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if speaks(line) {
            found.push((at, line.trim().to_owned()));
        }
        at += line.len();
    }
    found
        .into_iter()
        .map(|(at, words)| {
            format!(
                "{}:{}: '{words}' stands in the template itself, in one language only. Move it to \
                 {MESSAGES} and its neighbours, and say it by its id.",
                source.path,
                lexer::line_of(&text, at)
            )
        })
        .collect()
}

fn is_template(source: &Source) -> bool {
    let path = &source.path;
    TEMPLATES.iter().any(|folder| path.starts_with(folder))
}

fn speaks(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// The ids of the messages in one file.
fn ids(messages: &str) -> impl Iterator<Item = &str> {
    messages.lines().filter_map(|line| {
        let (id, _) = line.split_once(" =")?;
        let named = id.starts_with(|c: char| c.is_ascii_lowercase());
        named.then_some(id)
    })
}

/// The ids that a text says by name.
fn said(text: &str) -> impl Iterator<Item = String> {
    let says =
        regex::Regex::new(r#"\b(?:say|say_with|say_of|around)\(\s*(?:language,\s*)?"([^"]+)""#);
    let says = says.expect("a pattern");
    let found: Vec<String> = says.captures_iter(text).map(|c| c[1].to_owned()).collect();
    found.into_iter()
}

fn gaps(known: &BTreeSet<String>, texts: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in texts {
        for id in said(&source.text).filter(|id| !known.contains(id)) {
            complaints.push(format!(
                "{}: says `{id}`, which is no message. Write it into {MESSAGES} and its \
                 neighbours.",
                source.path
            ));
        }
    }
    for id in known {
        let quoted = format!("\"{id}\"");
        if !texts.iter().any(|source| source.text.contains(&quoted)) {
            complaints.push(format!(
                "{MESSAGES}: nobody says `{id}`. Say it, or take it out of every language."
            ));
        }
    }
    complaints
}

#[test]
fn no_template_speaks_one_language_only() {
    let complaints: Vec<_> = source::files()
        .iter()
        .filter(|source| is_template(source))
        .flat_map(literal_words)
        .collect();
    expect_none(&complaints);
}

#[test]
fn every_sentence_is_written_and_every_written_one_is_said() {
    let files = source::files();
    let known = files
        .iter()
        .filter(|source| source.path.starts_with(MESSAGES))
        .flat_map(|source| ids(&source.text).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let speaks = |source: &Source| {
        let speaker = SPEAKERS.iter().any(|room| source.path.starts_with(room));
        let code = source.path.ends_with(".rs") || is_template(source);
        speaker && code && !source.is_test()
    };
    let texts: Vec<Source> = files.into_iter().filter(speaks).collect();
    expect_none(&gaps(&known, &texts));
}

#[test]
fn words_in_a_template_are_complained_about() {
    let check = |text: &str| {
        literal_words(&Source {
            path: "a.html".into(),
            text: text.into(),
        })
    };
    expect_none(&check(
        "<p class=\"a\">{{ frame.say(\"x\") }}</p>\n{# a note #}",
    ));
    expect_one(&check("<p>\n  Hello {{ name }}\n</p>"), "a.html:2: 'Hello");
    expect_one(&check("<img alt=\"A picture\">"), "A picture");
    expect_none(&check("<img alt=\"{{ frame.say(\"x\") }}\">"));
}

#[test]
fn sentences_that_are_missing_or_left_over_are_complained_about() {
    let known: BTreeSet<String> = ids("a-b = Hello\n# c = no\n  [one] d = e\n")
        .map(str::to_owned)
        .collect();
    assert_eq!(known.len(), 1, "{known:?}");
    let texts = |text: &str| {
        vec![Source {
            path: "gateway/src/a.rs".into(),
            text: text.into(),
        }]
    };
    expect_none(&gaps(&known, &texts("voice.say(\"a-b\")")));
    expect_none(&gaps(&known, &texts("say(match x { _ => \"a-b\" })")));
    expect_one(&gaps(&known, &texts("")), "nobody says `a-b`");
    expect_one(
        &gaps(&known, &texts("say(\"a-b\"); around(\"a-c\", \"x\")")),
        "says `a-c`",
    );
}
