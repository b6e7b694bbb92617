//! The configuration as an operator meets it: what is wrong with it, and how it is found.
//!
//! The judgements themselves are `anteroom-config`'s tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::clinic::{Clinic, Said, anteroom};
use crate::ground::CONFIG;

#[test]
fn every_mistake_of_a_configuration_is_listed_with_its_line() {
    let bad = CONFIG
        .replace("preset = \"demo\"", "preset = \"dmeo\"")
        .replace("hosts = [\"127.0.0.1\"]", "hosts = [\"emr clinic\"]");
    let clinic = Clinic::new(&bad);
    for command in ["check", "serve"] {
        let said = clinic.run(&[command]);
        assert_eq!(said.code, Some(2), "{}", said.err);
        assert!(said.err.contains("2 problems"), "{}", said.err);
        assert!(
            said.err.contains("line 12: app[0].hosts[0]"),
            "{}",
            said.err
        );
        assert!(said.err.contains("line 14: app[0].preset"), "{}", said.err);
        assert!(said.err.contains("demo"), "{}", said.err);
    }
    assert!(!clinic.path("state/anteroom.key").exists());
}

#[test]
fn a_command_without_a_configuration_says_how_to_name_one() {
    let dir = tempfile::tempdir().unwrap();
    let child = anteroom(dir.path(), &["subscriber", "list"])
        .spawn()
        .unwrap();
    let said = Said::of(child.wait_with_output().unwrap());
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--config FILE"), "{}", said.err);
}

#[test]
fn check_judges_as_text_and_as_json_and_makes_nothing() {
    let clinic = Clinic::new(CONFIG);
    let said = clinic.run(&["check"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(
        said.out.contains("FAIL  upstream 127.0.0.1:9"),
        "{}",
        said.out
    );
    assert!(said.out.contains("warn  login profile"), "{}", said.out);
    let said = clinic.run(&["check", "--json"]);
    assert_eq!(said.code, Some(1));
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["verdict"], "FAIL");
    assert_eq!(fs::read_dir(clinic.path("state")).unwrap().count(), 0);
    fs::set_permissions(
        clinic.path("anteroom.toml"),
        fs::Permissions::from_mode(0o666),
    )
    .unwrap();
    let said = clinic.run(&["check"]);
    assert!(
        said.out.contains("FAIL  configuration file"),
        "{}",
        said.out
    );
}
