//! Every Rust file opens by saying what it holds, what it never does and where to look next.
//!
//! Two lines are the least that can say so; one is enough for a module of unit tests, whose place
//! is its parent.

use super::{expect_none, expect_one, source};

const LEAST: usize = 2;

fn check(path: &str, text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .count();
    let unit_tests = path.contains("/src/") && path.contains("tests");
    if lines >= if unit_tests { 1 } else { LEAST } {
        return Vec::new();
    }
    vec![format!(
        "{path}: opens with {lines} lines of `//!`; at least {LEAST} are needed, before anything \
         else. Say what the file holds, what it never does and where to look next."
    )]
}

#[test]
fn every_rust_file_opens_with_a_header() {
    let sources = source::rust();
    let complaints: Vec<_> = sources
        .iter()
        .flat_map(|s| check(&s.path, &s.text))
        .collect();
    expect_none(&complaints);
}

#[test]
fn a_file_without_a_header_is_complained_about() {
    expect_one(&check("a.rs", "use std::fs;\n"), "0 lines");
    expect_one(
        &check("a.rs", "//! Too short.\n\nuse std::fs;\n"),
        "1 lines",
    );
    expect_none(&check(
        "a.rs",
        "//! What it holds.\n//! What it never does.\n",
    ));
}
