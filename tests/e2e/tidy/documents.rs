//! What the documents promise is there: rooms, decisions, and a test for every invariant.
//!
//! Knows nothing of what a room does. How an invariant is written: a numbered item under a heading
//! with the word "Invariants", ending in "Held by" and the names of its tests in backticks.

use super::{expect_none, expect_one, source};

const SECTIONS: [&str; 4] = ["Status", "Context", "Choice", "Cost"];

fn rooms_missing(architecture: &str, manifest: &str) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml is TOML");
    let members = manifest["workspace"]["members"]
        .as_array()
        .expect("members");
    let rooms = members.iter().filter_map(toml::Value::as_str);
    let missing = rooms.filter(|room| !architecture.contains(&format!("{room}/")));
    let complain = |room: &str| {
        format!(
            "ARCHITECTURE.md: does not name the room `{room}/`; every member of the workspace is \
             named there. Say in a line what it holds and what it must not know."
        )
    };
    missing.map(complain).collect()
}

fn decision_gaps(path: &str, text: &str) -> Vec<String> {
    let opens = |section: &str| {
        text.lines().any(|line| {
            line.trim_start_matches(['#', '*', '-', ' '])
                .starts_with(section)
        })
    };
    let missing = SECTIONS.into_iter().filter(|section| !opens(section));
    let complain = |section| {
        format!(
            "{path}: has no section '{section}'; a decision has {SECTIONS:?}. Add `## {section}` \
             with a sentence."
        )
    };
    missing.map(complain).collect()
}

/// The items of the section on invariants, one string each.
fn invariants(architecture: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut inside = false;
    for line in architecture.lines() {
        if line.starts_with('#') {
            inside = line.contains("Invariants");
        } else if inside {
            let digits = line.chars().take_while(char::is_ascii_digit).count();
            if digits > 0 && line[digits..].starts_with('.') {
                items.push(line.to_owned());
            } else if let Some(item) = items.last_mut() {
                item.push(' ');
                item.push_str(line.trim());
            }
        }
    }
    items
}

fn invariant_gaps(architecture: &str, has_test: &dyn Fn(&str) -> bool) -> Vec<String> {
    let items = invariants(architecture);
    if items.is_empty() {
        return vec![String::from(
            "ARCHITECTURE.md: has no invariants; a heading with that word and a numbered list are \
             expected.",
        )];
    }
    let mut complaints = Vec::new();
    for item in items {
        let (_, holders) = item.split_once("eld by").unwrap_or_default();
        let names: Vec<&str> = holders.split('`').skip(1).step_by(2).collect();
        let short: String = item.chars().take(60).collect();
        if names.is_empty() {
            complaints.push(format!(
                "ARCHITECTURE.md: '{short}...' names no test. End it with: Held by \
                 `name_of_the_test`."
            ));
        }
        for name in names {
            let last = name.rsplit("::").next().unwrap_or(name);
            if !has_test(last) {
                complaints.push(format!(
                    "ARCHITECTURE.md: '{short}...' is held by `{name}`, which is no function in \
                     this repository. Correct the name or write the test."
                ));
            }
        }
    }
    complaints
}

fn architecture() -> String {
    source::read("ARCHITECTURE.md")
        .expect("ARCHITECTURE.md at the root: the rooms, the walk, the invariants")
}

#[test]
fn every_room_is_named_in_the_architecture() {
    let manifest = source::read("Cargo.toml").expect("Cargo.toml");
    expect_none(&rooms_missing(&architecture(), &manifest));
}

#[test]
fn every_decision_says_status_context_choice_and_cost() {
    let is_decision = |path: &str| {
        path.starts_with("docs/decisions/")
            && path.ends_with(".md")
            && !path.ends_with("/README.md")
    };
    let decisions = source::files()
        .into_iter()
        .filter(|source| is_decision(&source.path));
    let complaints: Vec<_> = decisions
        .flat_map(|s| decision_gaps(&s.path, &s.text))
        .collect();
    expect_none(&complaints);
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let code: Vec<String> = source::rust().iter().map(source::Source::code).collect();
    let has_test = |name: &str| {
        code.iter()
            .any(|code| code.contains(&format!("fn {name}(")))
    };
    expect_none(&invariant_gaps(&architecture(), &has_test));
}

#[test]
fn gaps_in_documents_are_complained_about() {
    let manifest = "[workspace]\nmembers = [\"domain/core\", \"cli\"]\n";
    expect_one(&rooms_missing("`domain/core/` decides", manifest), "`cli/`");
    let decision = "# One\n\n## Status\nx\n## Context\nx\n## Choice\nx\n";
    expect_one(&decision_gaps("docs/decisions/1.md", decision), "'Cost'");
    expect_none(&decision_gaps(
        "docs/decisions/1.md",
        &format!("{decision}Cost: none\n"),
    ));

    let gaps = |text: &str| invariant_gaps(text, &|name| name == "a_code_works_once");
    expect_one(&gaps("# A\n\nno list\n"), "has no invariants");
    expect_one(
        &gaps("## Invariants\n\n1. Codes work once.\n"),
        "names no test",
    );
    expect_one(
        &gaps("## Invariants\n\n1. Codes work once. Held by `other`.\n"),
        "no function",
    );
    let wrapped = "## Invariants\n\n1. Codes work once.\n   Held by `store::a_code_works_once`.\n\
                   \n## Next\n2. x\n";
    expect_none(&gaps(wrapped));
}
