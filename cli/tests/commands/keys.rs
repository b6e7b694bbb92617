//! Key and store on disk: whose they are, and how a new key takes over from an old one.
//!
//! What is sealed under them is the store's tests'.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::clinic::Clinic;
use crate::ground::CONFIG;

#[test]
fn key_and_store_are_made_for_their_owner_alone_and_loose_ones_are_refused() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["subscriber", "list"]);
    let key = clinic.path("state/anteroom.key");
    for path in [&key, &clinic.path("state/anteroom.db")] {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    for arguments in [
        &["serve"][..],
        &["enrol-code", "alice"],
        &["audit", "verify"],
    ] {
        let said = clinic.run(arguments);
        assert_eq!(said.code, Some(1), "{arguments:?}");
        assert!(said.err.contains("chmod 600"), "{}", said.err);
    }
    let said = clinic.run(&["check"]);
    assert_eq!(said.code, Some(1));
    assert!(said.out.contains("FAIL  key file"), "{}", said.out);
}

#[test]
fn a_new_key_line_fits_on_top_of_the_key_file() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["enrol-code", "alice"]);
    let line = clinic.ok(&["keys", "new"]);
    assert_eq!(line.lines().count(), 1, "{line}");
    let key = clinic.path("state/anteroom.key");
    let old = fs::read_to_string(&key).unwrap();
    fs::write(&key, format!("{line}{old}")).unwrap();
    // A running gateway could not read what is written under a key that it has not got.
    for arguments in [&["audit", "verify"][..], &["keys", "reseal"]] {
        let said = clinic.run(arguments);
        assert_eq!(said.code, Some(1), "{}", said.out);
        assert!(said.err.contains("restart the gateway"), "{}", said.err);
    }
    clinic.restart();
    clinic.ok(&["audit", "verify"]);
    let tail = clinic.ok(&["audit", "tail"]);
    assert_eq!(tail.matches("key_rotated").count(), 2, "{tail}");
}

#[test]
fn an_old_key_line_goes_when_reseal_names_it_and_not_before() {
    let clinic = Clinic::new(CONFIG);
    clinic.ok(&["subscriber", "list"]);
    let key = clinic.path("state/anteroom.key");
    let old = fs::read_to_string(&key).unwrap();
    let name = old.lines().last().unwrap().split(' ').next().unwrap();
    let line = clinic.ok(&["keys", "new"]);
    fs::write(&key, &line).unwrap();
    let said = clinic.run(&["keys", "reseal"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.err.contains("put the old line back"), "{}", said.err);
    fs::write(&key, format!("{line}{old}")).unwrap();
    clinic.restart();
    for _ in 0..2 {
        let said = clinic.ok(&["keys", "reseal"]);
        assert!(said.contains(&format!("in the store: {name}.")), "{said}");
    }
    fs::write(&key, &line).unwrap();
    clinic.ok(&["audit", "verify"]);
    let said = clinic.ok(&["keys", "reseal"]);
    assert!(said.contains("holds no other key"), "{said}");
}
