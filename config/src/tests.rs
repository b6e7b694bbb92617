//! What an operator reads: every problem message, written out in tables, and the files that ship
//! with us.
//!
//! A row is one mistake in an otherwise good file and the words it gets. Never tests a private
//! function; those have their tests beside them.

mod admin_problems;
mod app_problems;
mod login_problems;
mod outcome_problems;
mod passkey_problems;
mod policy_problems;
mod realm_problems;
mod server_problems;
mod shipped;

use std::path::Path;

use crate::{ConfigError, Settings, parse};

/// The smallest file that is good, with the lines that the messages name.
const GOOD: &str = r#"version = 1
[[listener]]
addr = "0.0.0.0:443"
[[certificate]]
certificate = "clinic.crt"
key = "clinic.key"
[store]
path = "anteroom.db"
key_file = "anteroom.key"
[[app]]
name = "emr"
hosts = ["emr.test"]
upstreams = ["http://10.0.0.5:8080"]
preset = "demo"
[app.contact]
phone = "555 0101"
"#;

/// A mistake: the line that is replaced (empty: the end of the file), by what, and what is said.
type Row = (&'static str, &'static str, &'static str);

fn edited(line: &str, by: &str) -> String {
    if line.is_empty() {
        return format!("{GOOD}{by}\n");
    }
    assert!(
        GOOD.contains(&format!("{line}\n")),
        "the good file has no line {line}"
    );
    GOOD.replace(&format!("{line}\n"), &format!("{by}\n"))
}

fn read(text: &str) -> Result<Settings, ConfigError> {
    parse(text, Path::new("/etc/anteroom"))
}

fn settings(text: &str) -> Settings {
    read(text).unwrap_or_else(|error| panic!("{error}"))
}

fn problems(text: &str) -> Vec<String> {
    let error = read(text).err();
    error
        .map(|error| error.problems.iter().map(ToString::to_string).collect())
        .unwrap_or_default()
}

/// Holds every row of a table: exactly one problem, in exactly these words.
fn hold(rows: &[Row]) {
    for (line, by, says) in rows {
        assert_eq!(problems(&edited(line, by)), [*says], "\nwritten: {by}\n");
    }
}

/// As [`hold`], for things that are allowed and warned about.
fn warned(rows: &[Row]) {
    for (line, by, says) in rows {
        let settings = settings(&edited(line, by));
        let warnings: Vec<_> = settings.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings, [*says], "\nwritten: {by}\n");
    }
}

/// A whole profile of one's own, for what cannot be reached by overriding a preset.
const OWN: &str = r#"[app.login]
login_page = "/in"
login_marker = "<form id=in>"
[[app.login.form]]
path = "/in"
user = "u"
secrets = ["p"]
[[app.login.outcome]]
outcome = "success"
status = [302]
unforgeable = true
[[app.login.outcome]]
outcome = "failure"
status = [403]
"#;

fn own(line: &str, by: &str) -> String {
    assert!(OWN.contains(line), "the profile has no {line}");
    let good = GOOD.replace("preset = \"demo\"\n", "");
    format!("{good}{}", OWN.replacen(line, by, 1))
}

/// Holds rows of mistakes in [`OWN`], which begins on line 16.
fn hold_own(rows: &[Row]) {
    for (line, by, says) in rows {
        assert_eq!(problems(&own(line, by)), [*says], "\nwritten: {by}\n");
    }
}

#[test]
fn the_good_file_is_good_and_gets_no_warning() {
    assert_eq!(settings(GOOD).warnings, []);
}

#[test]
fn all_problems_are_reported_together_in_the_order_of_the_file() {
    let text = GOOD
        .replace("version = 1", "version = 7")
        .replace("preset = \"demo\"", "preset = \"dmeo\"")
        .replace("0.0.0.0:443", "0.0.0.0");
    let said = read(&text).expect_err("three mistakes").to_string();
    let numbered = [
        "configuration: 3 problems",
        "  1. line 1: version: found 7; allowed: a whole number from 1 to 1",
        "  2. line 3: listener[0].addr: found \"0.0.0.0\"; allowed: an address and port such as \
         \"0.0.0.0:443\" or \"[::1]:8443\"",
        "  3. line 14: app[0].preset: found \"dmeo\"; allowed: demo, dokuwiki, php-session, \
         tomcat-form; did you mean \"demo\"?",
    ];
    assert_eq!(said, numbered.join("\n"));
}

#[test]
fn a_syntax_error_shows_line_column_and_place() {
    let error = read("version = 1\nworkers == 2\n").expect_err("no TOML");
    let said = error.to_string();
    assert!(said.contains("line 2, column 10"), "{said}");
    assert!(said.contains("2 | workers == 2\n"), "{said}");
    assert!(said.contains("^"), "{said}");
}

#[test]
fn the_words_of_a_stranger_are_escaped_and_cut() {
    let long = format!("preset = \"{}\\u001b[2J\"", "x".repeat(500));
    let said = problems(&edited("preset = \"demo\"", &long)).concat();
    assert!(said.len() < 200 && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let ambient = crate::ambient::Ambient::system();
    let error = crate::load(Path::new("/nowhere/anteroom.toml"), &ambient).expect_err("no file");
    let said = error.to_string();
    assert!(
        said.starts_with("/nowhere/anteroom.toml: 1 problem"),
        "{said}"
    );
    assert!(said.contains("No such file"), "{said}");
}

#[test]
fn a_file_from_windows_is_read_with_the_same_lines() {
    let text = format!("\u{feff}{GOOD}")
        .replace("version = 1", "version = 2")
        .replace('\n', "\r\n");
    assert_eq!(
        problems(&text),
        problems(&GOOD.replace("version = 1", "version = 2"))
    );
}
