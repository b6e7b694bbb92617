//! Hardware tokens at the command line: brought in, listed, given, put right, taken out of use.
//!
//! Signing in with one is the end-to-end tests'; how files are read is `anteroom-config`'s.

use std::fs;

use data_encoding::HEXUPPER;
use ring::hmac;
use serde_json::Value;

use crate::clinic::{Clinic, Said};
use crate::ground::CONFIG;

/// The secret of RFC 4226, appendix D.
const SECRET: &[u8] = b"12345678901234567890";

/// The code of a button's press (RFC 4226).
fn pressed(count: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET);
    let tag = hmac::sign(&key, &count.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let bits = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", bits % 1_000_000)
}

fn import(clinic: &Clinic, file: &str, more: &[&str]) -> Said {
    fs::write(clinic.path("tokens.csv"), file).unwrap();
    clinic.run(&[&["token", "import", "tokens.csv"], more].concat())
}

/// A maker's file: two tokens with a button, one with a clock.
fn file() -> String {
    let hex = HEXUPPER.encode(SECRET);
    format!(
        "serial,secret,type,digits,period,counter\nHT-1,{hex},hotp,6,,0\nHT-2,{hex},hotp,6,,0\n\
         TT-1,{hex},totp,6,30,\n"
    )
}

const WHY: [&str; 4] = ["--reason", "no phone", "--identity-check", "staff card"];

fn assign(clinic: &Clinic, serial: &str, name: &str) -> Said {
    clinic.run(&[&["token", "assign", serial, name][..], &WHY].concat())
}

#[test]
fn a_file_is_tried_taken_once_and_its_secrets_stand_nowhere() {
    let clinic = Clinic::new(CONFIG);
    let said = import(&clinic, &file(), &["--dry-run"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("3 would be added"), "{}", said.out);
    assert!(clinic.ok(&["token", "list"]).is_empty());

    let said = import(&clinic, &file(), &[]);
    assert!(
        said.out.contains("3 added, 0 known already"),
        "{}",
        said.out
    );
    assert!(said.err.contains("Destroy it"), "{}", said.err);
    let said = import(&clinic, &file(), &[]);
    assert!(
        said.out.contains("0 added, 3 known already"),
        "{}",
        said.out
    );
    assert!(said.out.contains("HT1 was here before"), "{}", said.out);
    let hex = HEXUPPER.encode(SECRET);
    for said in [said.out, said.err, clinic.ok(&["audit", "tail"])] {
        assert!(!said.contains(&hex), "{said}");
    }
    for file in fs::read_dir(clinic.path("state")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let found = bytes.windows(SECRET.len()).any(|some| some == SECRET);
        assert!(!found, "the secret stands in the clear");
    }
}

#[test]
fn every_bad_line_of_a_makers_file_is_named_and_then_nothing_is_taken() {
    let clinic = Clinic::new(CONFIG);
    let bad = format!(
        "{}HT-4,nonsense!,hotp,6,,0\nHT-1,{},hotp,6,,0\n",
        file(),
        "AB".repeat(20)
    );
    let said = import(&clinic, &bad, &[]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    for expected in ["2 lines are bad, so none was taken", "line 5:", "line 6:"] {
        assert!(said.err.contains(expected), "{expected}: {}", said.err);
    }
    assert!(clinic.ok(&["token", "list"]).is_empty());
    let said = clinic.run(&["token", "import", "nowhere.csv"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("nowhere.csv cannot be read"),
        "{}",
        said.err
    );
}

#[test]
fn a_token_is_given_to_one_person_and_taken_out_of_use_for_good() {
    let clinic = Clinic::new(CONFIG);
    import(&clinic, &file(), &[]);
    for name in ["alice", "bob"] {
        clinic.ok(&["enrol-code", name]);
    }
    let said = assign(&clinic, "ht 1", "alice");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.contains("needs nothing else to sign in"),
        "{}",
        said.out
    );
    for (serial, name, code, why) in [
        ("HT-1", "bob", 1, "is somebody's already"),
        ("HT-9", "bob", 1, "no token has the serial number"),
        ("HT-2", "bbo", 1, "nobody is known as bbo"),
        ("?", "bob", 2, "as printed on the token"),
    ] {
        let said = assign(&clinic, serial, name);
        assert_eq!(said.code, Some(code), "{serial} {name}: {}", said.out);
        assert!(said.err.contains(why), "{serial} {name}: {}", said.err);
    }
    let listed = clinic.ok(&["token", "list", "--json", "--state", "assigned"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(
        (&listed[0]["serial"], &listed[0]["name"]),
        (&"HT1".into(), &"alice".into())
    );
    let free = clinic.ok(&["token", "list", "--state", "free"]);
    assert!(
        free.contains("HT2") && free.contains("TT1") && !free.contains("HT1"),
        "{free}"
    );

    let revoke = ["token", "revoke", "HT1", "--reason", "lost"];
    let said = clinic.ok(&revoke);
    assert!(said.contains("has no second factor left"), "{said}");
    let said = clinic.run(&revoke);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.err.contains("out of use already"), "{}", said.err);
    let said = assign(&clinic, "HT1", "alice");
    assert!(said.err.contains("its secret is destroyed"), "{}", said.err);
    let tail = clinic.ok(&["audit", "tail"]);
    for expected in [
        "hardware_token_assigned",
        "operator=jane",
        "reason=\"HT1: lost\"",
    ] {
        assert!(tail.contains(expected), "{expected}: {tail}");
    }
}

#[test]
fn two_codes_in_a_row_put_a_token_right_once_and_wrong_ones_count() {
    let clinic = Clinic::new(CONFIG);
    import(&clinic, &file(), &[]);
    clinic.ok(&["enrol-code", "alice"]);
    let nobody = clinic.run(&["token", "resync", "HT1", "123456", "654321"]);
    assert_eq!(nobody.code, Some(1), "{}", nobody.out);
    assert!(nobody.err.contains("is nobody's"), "{}", nobody.err);
    assert_eq!(assign(&clinic, "HT1", "alice").code, Some(0));

    // Pressed in a pocket: far ahead of what a sign-in would look for.
    let (first, second) = (pressed(40), pressed(41));
    let swapped = clinic.run(&["token", "resync", "HT1", &second, &first]);
    assert_eq!(swapped.code, Some(1), "{}", swapped.out);
    assert!(swapped.err.contains("one wrong try"), "{}", swapped.err);
    let resync = ["token", "resync", "HT1", &first, &second];
    let said = clinic.ok(&resync);
    assert!(said.contains("is right again"), "{said}");
    let again = clinic.run(&resync);
    assert_eq!(
        again.code,
        Some(1),
        "the same codes count once: {}",
        again.out
    );
    for said in [clinic.ok(&["audit", "tail"]), again.err, again.out] {
        assert!(!said.contains(&first) && !said.contains(&second), "{said}");
    }
}
