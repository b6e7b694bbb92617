//! Break-glass at the command line: envelopes, and exceptions that take two people.
//!
//! What they open is the end-to-end tests'.

use crate::clinic::Clinic;
use crate::ground::CONFIG;

#[test]
fn envelopes_are_printed_once_listed_without_codes_and_revoked() {
    let clinic = Clinic::new(CONFIG);
    let printed = clinic.ok(&["emergency", "print-codes", "emr", "--count", "3"]);
    let codes: Vec<&str> = printed
        .split_whitespace()
        .filter(|word| word.len() == 29 && word.matches('-').count() == 5)
        .collect();
    assert_eq!(codes.len(), 3, "{printed}");
    assert!(
        printed.contains("1-1 ") && printed.contains("1-3 "),
        "{printed}"
    );
    let listed = clinic.ok(&["emergency", "codes", "emr"]);
    assert!(listed.contains("batch 1: 3 of 3 left"), "{listed}");
    assert!(!codes.iter().any(|code| listed.contains(code)), "{listed}");
    let revoked = clinic.ok(&["emergency", "revoke-codes", "emr", "--batch", "1"]);
    assert!(
        revoked.contains("3 codes of batch 1 count no more"),
        "{revoked}"
    );
    let again = clinic.run(&["emergency", "revoke-codes", "emr", "--batch", "1"]);
    assert_eq!(again.code, Some(1), "{}", again.err);
    let wrong = clinic.run(&["emergency", "print-codes", "erm"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);
}

#[test]
fn an_exception_is_asked_about_takes_a_second_person_and_is_closed_by_hand() {
    let clinic = Clinic::new(CONFIG);
    let open = |second: &'static str, yes: &'static str| {
        let mut arguments = vec!["emergency", "open", "emr", "--minutes", "30"];
        arguments.extend(["--reason", "network down", "--operator", "helen"]);
        arguments.extend(["--second", second]);
        arguments.extend((!yes.is_empty()).then_some(yes));
        arguments
    };
    assert_eq!(clinic.run_with(&open("maria", ""), "no\n").code, Some(1));
    for same in ["helen", "Helen "] {
        let said = clinic.run(&open(same, "--yes"));
        assert_eq!(said.code, Some(2), "{}", said.err);
        assert!(said.err.contains("somebody else than you"), "{}", said.err);
    }
    let said = clinic.ok(&open("maria", "--yes"));
    assert!(said.contains("is open until"), "{said}");
    let twice = clinic.run(&open("maria", "--yes"));
    assert_eq!(twice.code, Some(1));
    assert!(twice.err.contains("open already"), "{}", twice.err);
    let listed = clinic.ok(&["emergency", "list"]);
    assert!(
        listed.contains("maria") && listed.contains("network down"),
        "{listed}"
    );
    let closed = clinic.ok(&["emergency", "close", "emr"]);
    assert!(closed.contains("0 sessions"), "{closed}");
    assert_eq!(clinic.run(&["emergency", "close", "emr"]).code, Some(1));
    let tail = clinic.ok(&["audit", "tail"]);
    for kind in ["emergency_opened", "approval_granted", "emergency_closed"] {
        assert!(tail.contains(kind), "{kind}: {tail}");
    }
}
