//! Mail at the command line: tried, asked about, and addresses that come by a list.
//!
//! Letters that arrive are the end-to-end tests', with a real mail server.

use std::fs;
use std::net::TcpListener;

use serde_json::Value;

use crate::clinic::Clinic;
use crate::ground::{CONFIG, Going};

/// A port where nobody listens.
fn dead_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

/// A clinic whose mail server is down.
fn with_mail() -> (Clinic, u16) {
    let port = dead_port();
    let mail = format!(
        "[mail]\nserver = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         from = \"anteroom@clinic.test\"\ntimeout = \"2 s\"\n[[app]]"
    );
    (Clinic::new(&CONFIG.replace("[[app]]", &mail)), port)
}

/// A list of people, brought in.
fn import(clinic: &Clinic, list: &str) -> crate::clinic::Said {
    fs::write(clinic.path("staff.csv"), list).unwrap();
    clinic.run(&[
        "subscriber",
        "import",
        "staff.csv",
        "--reason",
        "staff list",
    ])
}

#[test]
fn a_test_message_says_what_is_missing_and_which_step_failed() {
    let to = ["mail", "test", "--to", "it@clinic.test"];
    let said = Clinic::new(CONFIG).run(&to);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("[mail]\nserver = "), "{}", said.err);

    let (clinic, port) = with_mail();
    let said = clinic.run(&to);
    assert_eq!(said.code, Some(1), "{}", said.err);
    for expected in [
        &format!("127.0.0.1:{port}: the server cannot be reached"),
        "look at server and port",
    ] {
        assert!(said.err.contains(expected), "{}", said.err);
    }
    assert!(!said.out.contains("taken"), "{}", said.out);
    let said = clinic.run(&["mail", "test", "--to", "it at clinic"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    let said = clinic.run(&[&to[..], &["--language", "de"]].concat());
    assert_eq!(said.code, Some(2), "{}", said.err);
    let expected = "letters are written in en, fr, es";
    assert!(said.err.contains(expected), "{}", said.err);
}

#[test]
fn the_status_tells_what_is_not_configured_what_waits_and_since_when_nothing_goes_out() {
    let said = Clinic::new(CONFIG).ok(&["mail", "status"]);
    assert_eq!(said, "mail: not configured\nwebhook: not configured\n");

    let (clinic, _) = with_mail();
    assert!(
        clinic
            .ok(&["mail", "status"])
            .contains("mail: nothing was sent yet")
    );
    clinic.ok(&["enrol-code", "alice"]);
    for address in ["alice@clinic.test", "alice@home.test"] {
        let why = ["--reason", "called back"];
        let add = ["subscriber", "address", "add", "alice", address];
        clinic.ok(&[&add[..], &why].concat());
    }
    // The second address is told to the first one; nobody sends it while nobody serves.
    let said = clinic.ok(&["mail", "status"]);
    assert!(said.contains("1 waiting, the oldest for"), "{said}");

    let config = clinic.path("anteroom.toml");
    let serve = ["serve", "--config", config.to_str().unwrap()];
    let going = Going::start(clinic.dir.path(), &serve);
    going.until("ready");
    going.until_logged("a message could not be sent");
    let status = clinic.run(&["mail", "status", "--json"]);
    assert_eq!(going.end().0, Some(0));
    assert_eq!(
        status.code,
        Some(1),
        "a monitor hears of it: {}",
        status.out
    );
    let channels: Value = serde_json::from_str(&status.out).unwrap();
    let mail = &channels[0];
    assert_eq!(mail["channel"], "mail");
    assert_eq!(mail["waiting"], 1);
    assert_eq!(mail["problem"], "the server cannot be reached");
    assert!(mail["failing_since"].is_string(), "{mail}");
    assert_eq!(channels[1]["configured"], false);
    let said = clinic.run(&["mail", "status"]);
    assert!(said.out.contains("NOTHING GOES OUT since"), "{}", said.out);
    // The address itself is in neither.
    assert!(
        !said.out.contains('@') && !status.out.contains('@'),
        "{}",
        said.out
    );
}

#[test]
fn a_list_of_addresses_is_taken_whole_and_a_second_time_changes_nothing() {
    let clinic = Clinic::new(CONFIG);
    let list = "\u{feff}Email, Name \r\nalice@clinic.test, alice\r\n\r\n\
                \"bob@clinic.test\",Bob\r\n";
    let said = import(&clinic, list);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let expected = "2 added, 0 on file already, 0 with too many addresses.\n";
    assert_eq!(said.out, expected);
    let said = import(&clinic, list);
    let expected = "0 added, 2 on file already, 0 with too many addresses.\n";
    assert_eq!(said.out, expected);
    let known = clinic.ok(&["subscriber", "address", "list", "bob"]);
    assert!(known.starts_with("bob@clinic.test  since"), "{known}");
    let tail = clinic.ok(&["audit", "tail"]);
    assert_eq!(tail.matches("address_added").count(), 2, "{tail}");
    assert!(!tail.contains('@'), "no address stands in the log: {tail}");
}

#[test]
fn every_bad_line_of_a_list_is_named_and_then_nothing_is_taken() {
    let clinic = Clinic::new(CONFIG);
    let list = "name,email\nalice,alice@clinic.test\n\n,nobody@clinic.test\nbob,bob at home\n\
                carol\n\"da\nve\",dave@clinic.test\nerin,erin@clinic.test\n";
    let said = import(&clinic, list);
    assert_eq!(said.code, Some(2), "{}", said.out);
    assert!(said.err.contains("nothing was changed"), "{}", said.err);
    for line in ["line 4:", "line 5:", "line 6:", "line 7:"] {
        assert!(said.err.contains(line), "{line}: {}", said.err);
    }
    for line in ["line 2:", "line 9:"] {
        assert!(!said.err.contains(line), "{line}: {}", said.err);
    }
    assert!(clinic.ok(&["subscriber", "list"]).lines().count() <= 1);
    assert!(!clinic.ok(&["audit", "tail"]).contains("address_added"));
}

#[test]
fn a_list_that_is_none_is_refused_with_what_it_should_look_like() {
    let clinic = Clinic::new(CONFIG);
    for (list, expected) in [
        ("", "no column name"),
        (
            "user,email\nalice,a@clinic.test\n",
            "its head is: name,email",
        ),
        ("name\nalice\n", "no column email"),
    ] {
        let said = import(&clinic, list);
        assert_eq!(said.code, Some(2), "{list:?}: {}", said.out);
        assert!(said.err.contains(expected), "{list:?}: {}", said.err);
    }
    // One byte too many is no reason to take the rest of it.
    let line = "alice,alice@clinic.test\n";
    let long = format!("name,email\n{}", line.repeat((8 << 20) / line.len() + 1));
    let said = import(&clinic, &long);
    assert_eq!(said.code, Some(2), "{}", said.out);
    assert!(said.err.contains("larger than 8 MiB"), "{}", said.err);
    let missing = ["subscriber", "import", "nowhere.csv", "--reason", "list"];
    let said = clinic.run(&missing);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.err.contains("nowhere.csv"), "{}", said.err);
}
