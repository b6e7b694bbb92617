//! Names that say nothing are not used: a thing is named for what it is.
//!
//! Looks at file names and at what Rust files define, not at the names other crates chose.

use super::source::Source;
use super::{expect_none, expect_one, lexer, source};

const EMPTY: [&str; 7] = [
    "manager",
    "managers",
    "helper",
    "helpers",
    "util",
    "utils",
    "utilities",
];

fn check(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    if let Some(word) = empty_word(&source.path) {
        complaints.push(complain(&source.path, "a file or folder name", word));
    }
    if source.path.ends_with(".rs") {
        let code = source.code();
        let defined = r"\b(?:fn|struct|enum|trait|mod|type|const|static)\s+([A-Za-z0-9_]+)";
        let defined = regex::Regex::new(defined).expect("a pattern that compiles");
        for found in defined.captures_iter(&code) {
            if let Some(word) = empty_word(&found[1]) {
                let line = lexer::line_of(&code, found.get(1).map_or(0, |name| name.start()));
                let place = format!("{}:{line}", source.path);
                complaints.push(complain(&place, &format!("`{}`", &found[1]), word));
            }
        }
    }
    complaints
}

fn complain(place: &str, what: &str, word: &str) -> String {
    format!(
        "{place}: {what} contains '{word}', which fits anything. Name it for what it does or \
         holds, with the words of ARCHITECTURE.md."
    )
}

fn empty_word(name: &str) -> Option<&'static str> {
    let mut spaced = String::new();
    let mut lower_before = false;
    for c in name.chars() {
        if c.is_uppercase() && lower_before {
            spaced.push(' ');
        }
        lower_before = c.is_lowercase() || c.is_ascii_digit();
        spaced.extend(
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                ' '
            }
            .to_lowercase(),
        );
    }
    EMPTY
        .into_iter()
        .find(|empty| spaced.split_whitespace().any(|word| word == *empty))
}

#[test]
fn no_name_is_empty_of_meaning() {
    let complaints: Vec<_> = source::files().iter().flat_map(check).collect();
    expect_none(&complaints);
}

#[test]
fn empty_names_are_complained_about() {
    let check = |path: &str, text: &str| {
        check(&Source {
            path: path.into(),
            text: text.into(),
        })
    };
    expect_one(&check("core/src/string_utils.rs", ""), "'utils'");
    expect_one(
        &check("core/src/a.rs", "pub struct SessionManager;"),
        "`SessionManager`",
    );
    expect_one(
        &check("core/src/a.rs", "fn helper_for(x: u8) {}"),
        "'helper'",
    );
    expect_none(&check(
        "core/src/a.rs",
        "use tokio_util::io; // a helper\nfn managed() {}",
    ));
}
