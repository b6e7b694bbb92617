//! The audit log at the command line: verified, searched, exported, reported, pruned.
//!
//! What stands in it is told by the tests of the acts.

use std::fs;

use serde_json::Value;

use crate::clinic::Clinic;
use crate::ground::CONFIG;

#[test]
fn the_audit_log_verifies_against_a_head_kept_outside_until_it_is_touched() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    fs::write(clinic.path("head.txt"), clinic.ok(&["audit", "head"])).unwrap();
    clinic.ok(&["enrol-code", "bob"]);
    let said = clinic.ok(&["audit", "verify", "--head", "head.txt"]);
    assert!(
        said.contains("whole") && said.contains("the head that you kept"),
        "{said}"
    );
    let said = clinic.run(&["audit", "verify", "--head", "nonsense"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    let last: Vec<String> = clinic
        .ok(&["audit", "tail", "-n", "2", "--json"])
        .lines()
        .map(str::to_owned)
        .collect();
    let kinds: Vec<Value> = last
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(kinds[1]["kind"], "audit_verified");
    assert_eq!(kinds[1]["operator"], "jane");

    // Put an older copy back: only the head tells.
    let head = clinic.ok(&["audit", "head"]);
    for name in ["anteroom.db", "anteroom.db-wal", "anteroom.db-shm"] {
        let _ = fs::remove_file(clinic.path("state").join(name));
    }
    clinic.ok(&["enrol-code", "alice"]);
    let said = clinic.run(&["audit", "verify", "--head", head.trim()]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("does NOT verify"), "{}", said.err);
}

#[test]
fn the_log_is_searched_exported_and_reported() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    clinic.ok(&["enrol-code", "bob"]);
    let why = [
        "--reason",
        "=HYPERLINK(\"http://evil.test\")",
        "--identity-check",
        "staff card",
    ];
    let reset = [&["subscriber", "reset", "alice", "--yes"][..], &why].concat();
    clinic.ok(&reset);
    let found = clinic.ok(&[
        "audit",
        "search",
        "--person",
        "alice",
        "--kind",
        "subscriber_reset",
    ]);
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(
        found.contains("who=\"alice\"") && found.contains("operator=jane"),
        "{found}"
    );

    let csv = clinic.ok(&["audit", "export", "--by", "jane"]);
    let mut lines = csv.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("seq,at,kind,subscriber,name,app,"),
        "{csv}"
    );
    assert!(
        csv.contains("\"'=HYPERLINK(\"\"http://evil.test\"\")\""),
        "{csv}"
    );
    let jsonl = clinic.ok(&[
        "audit",
        "export",
        "--format",
        "jsonl",
        "--kind",
        "identity_checked",
    ]);
    let row: Value = serde_json::from_str(jsonl.trim()).unwrap();
    assert_eq!(
        (&row["name"], &row["reason"]),
        (&"alice".into(), &"staff card".into())
    );
    let exported = clinic.ok(&["audit", "search", "--kind", "audit_exported"]);
    assert_eq!(exported.lines().count(), 2, "{exported}");
}

#[test]
fn an_auditor_gets_reports_and_a_typing_slip_is_named() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    clinic.ok(&["enrol-code", "bob"]);
    let why = ["--reason", "lost phone", "--identity-check", "staff card"];
    let reset = [&["subscriber", "reset", "alice", "--yes"][..], &why].concat();
    clinic.ok(&reset);
    let resets = clinic.ok(&["audit", "report", "resets", "--format", "jsonl"]);
    let row: Value = serde_json::from_str(resets.trim()).unwrap();
    assert_eq!(
        (&row["name"], &row["identity_check"]),
        (&"alice".into(), &"staff card".into())
    );
    assert_eq!(
        (&row["operator"], &row["approved_by"]),
        (&"jane".into(), &Value::Null)
    );
    let factors = clinic.ok(&["audit", "report", "factors"]);
    assert_eq!(factors.lines().count(), 3, "{factors}");
    let said = clinic.run(&["audit", "search", "--kind", "challenge"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("challenge_failed"), "{}", said.err);
    let said = clinic.run(&["audit", "export", "--from", "yesterday"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
}

#[test]
fn retention_asks_first_and_leaves_a_log_that_verifies() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    clinic.ok(&["enrol-code", "bob"]);
    let said = clinic.run_with(&["audit", "prune", "--older-than", "0 d"], "n\n");
    assert_eq!(said.code, Some(1), "{}", said.err);
    let said = clinic.ok(&["audit", "prune", "--older-than", "6 y", "--yes"]);
    assert!(said.contains("nothing was removed"), "{said}");
    let said = clinic.ok(&["audit", "prune", "--older-than", "0 d", "--yes"]);
    assert!(said.contains("2 rows are removed"), "{said}");
    let whole = clinic.ok(&["audit", "verify"]);
    assert!(
        whole.contains("the first 2 were removed by retention"),
        "{whole}"
    );
}
