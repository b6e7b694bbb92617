//! People at the command line: invited, named, reset, suspended, merged, signed out.
//!
//! Addresses are `mail`'s, hardware tokens `tokens`'.

use std::fs;

use serde_json::Value;

use crate::clinic::Clinic;
use crate::ground::CONFIG;

#[test]
fn an_enrolment_code_invites_and_is_audited_and_never_kept() {
    let clinic = Clinic::new(CONFIG);
    let said = clinic.ok(&["enrol-code", "alice", "--hours", "4"]);
    let code = said.lines().next().unwrap().rsplit(' ').next().unwrap();
    assert_eq!(code.len(), 9, "{said}");
    assert!(
        said.contains("4 hours") && said.contains("never by mail"),
        "{said}"
    );
    let list = clinic.ok(&["subscriber", "list"]);
    assert!(list.contains("alice  invited"), "{list}");
    let people: Value =
        serde_json::from_str(&clinic.ok(&["subscriber", "list", "--json"])).unwrap();
    assert_eq!(people[0]["status"], "invited");
    assert_eq!(people[0]["enrolment_code_issued"], true);
    let tail = clinic.ok(&["audit", "tail"]);
    let row = tail
        .lines()
        .find(|line| line.contains("enrolment_code_issued"))
        .unwrap();
    assert!(
        row.contains("who=\"alice\"") && row.contains("operator=jane"),
        "{row}"
    );
    for file in fs::read_dir(clinic.path("state")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let plain = code.replace('-', "");
        for text in [code, &plain] {
            assert!(
                !bytes
                    .windows(text.len())
                    .any(|window| window == text.as_bytes())
            );
        }
    }
}

#[test]
fn a_name_that_looks_like_another_persons_gets_no_code() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "jose"]);
    let said = clinic.run(&["enrol-code", "José"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("anteroom subscriber link jose 'José'"),
        "{}",
        said.err
    );
    clinic.ok(&["subscriber", "link", "jose", "José", "--operator", "kim"]);
    clinic.ok(&["enrol-code", "José"]);
    let tail = clinic.ok(&["audit", "tail"]);
    assert!(
        tail.contains("spelling_linked") && tail.contains("operator=kim"),
        "{tail}"
    );
    assert_eq!(tail.matches("spelling_linked").count(), 1, "{tail}");
    let said = clinic.run(&["subscriber", "link", "jose", "robert"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
}

#[test]
fn an_unknown_name_is_answered_with_close_ones() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    for act in [
        &["show"][..],
        &["unlock"],
        &["resume"],
        &["reset", "--reason", "x", "--yes"],
    ] {
        let mut arguments = vec!["subscriber", act[0], "alcie"];
        arguments.extend(&act[1..]);
        let said = clinic.run(&arguments);
        assert_eq!(said.code, Some(1), "{act:?}");
        assert!(said.err.contains("perhaps alice?"), "{}", said.err);
    }
}

#[test]
fn a_reset_asks_first_and_tells_what_comes_next() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    let reset = ["subscriber", "reset", "alice", "--reason", "lost phone"];
    for (typed, code) in [("n\n", 1), ("", 1), ("y\n", 0)] {
        let said = clinic.run_with(&reset, typed);
        assert_eq!(said.code, Some(code), "{typed:?}: {}", said.err);
    }
    let sheet = clinic.ok(&["subscriber", "show", "alice"]);
    assert!(sheet.contains("status          reset"), "{sheet}");
    assert!(
        sheet.contains("operator=jane reason=\"lost phone\""),
        "{sheet}"
    );
    assert!(sheet.contains("anteroom enrol-code alice"), "{sheet}");
    let said = clinic.run(&["subscriber", "reset", "alice", "--reason", " ", "--yes"]);
    assert_eq!(said.code, Some(2));
}

#[test]
fn a_suspension_is_made_once_and_lifted_once() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    let suspend = [
        "subscriber",
        "suspend",
        "alice",
        "--reason",
        "left the clinic",
        "--yes",
    ];
    clinic.ok(&suspend);
    assert_eq!(clinic.run(&suspend).code, Some(1));
    assert_eq!(clinic.run(&["enrol-code", "alice"]).code, Some(1));
    clinic.ok(&["subscriber", "resume", "alice"]);
    assert_eq!(clinic.run(&["subscriber", "resume", "alice"]).code, Some(1));
    let unlocked = clinic.ok(&["subscriber", "unlock", "alice"]);
    assert!(unlocked.contains("no second factor yet"), "{unlocked}");
}

#[test]
fn signing_out_names_one_or_everybody_and_asks_before_everybody() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    let said = clinic.ok(&["subscriber", "sign-out", "alice"]);
    assert!(said.contains("alice was not signed in"), "{said}");
    for wrong in [&["sign-out"][..], &["sign-out", "alice", "--everybody"]] {
        let arguments = [&["subscriber"], wrong].concat();
        assert_eq!(clinic.run(&arguments).code, Some(2), "{wrong:?}");
    }
    let everybody = ["subscriber", "sign-out", "--everybody"];
    let said = clinic.run_with(&everybody, "no\n");
    assert_eq!(said.code, Some(1), "{}", said.out);
    let said = clinic.ok(&["subscriber", "sign-out", "--everybody", "--yes"]);
    assert!(said.contains("(0 sessions)"), "{said}");
    let tail = clinic.ok(&["audit", "tail"]);
    assert_eq!(tail.matches("subscriber_signed_out").count(), 2, "{tail}");
}

#[test]
fn a_temporary_code_is_refused_to_somebody_without_a_second_factor() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    let said = clinic.run(&["subscriber", "temporary-code", "alice", "--reason", "asked"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.err.contains("enrol-code alice"), "{}", said.err);
    let said = clinic.run(&["subscriber", "temporary-code", "alice", "--reason", " "]);
    assert_eq!(said.code, Some(2), "{}", said.out);
    let said = clinic.run(&["subscriber", "revoke-code", "alice"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.err.contains("no temporary code"), "{}", said.err);
}

#[test]
fn two_names_become_one_and_notes_are_kept() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "achen"]);
    clinic.ok(&["enrol-code", "amoreau"]);
    let merge = [
        "subscriber",
        "merge",
        "achen",
        "amoreau",
        "--reason",
        "married",
        "--yes",
    ];
    let said = clinic.ok(&merge);
    assert!(said.contains("achen leads to amoreau"), "{said}");
    let shown = clinic.ok(&["subscriber", "show", "achen"]);
    assert!(shown.contains("amoreau"), "{shown}");
    let listed = clinic.ok(&["subscriber", "list"]);
    assert!(!listed.contains("achen"), "{listed}");
    clinic.ok(&["subscriber", "note", "achen", "prefers mornings"]);
    assert_eq!(
        clinic.run(&["subscriber", "note", "achen", "  "]).code,
        Some(2)
    );
    let said = clinic.ok(&["subscriber", "sessions", "amoreau"]);
    assert!(said.contains("not signed in"), "{said}");
    let said = clinic.run(&["subscriber", "end-session", "amoreau", "7"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
}
