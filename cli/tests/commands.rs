//! The real binary, as an operator uses it: what it prints, what it refuses, how it ends.
//!
//! Each test has a clinic of its own in a temporary folder. Sign-ins through a running gateway are
//! the end-to-end tests'.

// A test that cannot go on should stop at once and say where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clinic;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::Duration;

use clinic::{Clinic, Said, anteroom};
use serde_json::Value;

const CONFIG: &str = r#"
version = 1
development = true
[[listener]]
addr = "127.0.0.1:0"
kind = "http"
[store]
path = "state/anteroom.db"
key_file = "state/anteroom.key"
[[app]]
name = "emr"
hosts = ["127.0.0.1"]
upstreams = ["http://127.0.0.1:9"]
preset = "demo"
[app.contact]
phone = "+1 555 0101"
"#;

impl Clinic {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, "")
    }

    /// The gateway comes up once and goes down again.
    fn restart(&self) {
        let config = self.path("anteroom.toml");
        let serve = ["serve", "--config", config.to_str().unwrap()];
        let going = Going::start(self.dir.path(), &serve);
        going.until("ready");
        assert_eq!(going.end().0, Some(0));
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(
            said.code,
            Some(0),
            "{arguments:?}: {}{}",
            said.out,
            said.err
        );
        said.out
    }
}

/// A command that goes on until it is ended, with its lines as they come.
struct Going {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Going {
    fn start(dir: &Path, arguments: &[&str]) -> Self {
        let mut child = anteroom(dir, arguments).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Lines up to the first that holds `text`, that one included.
    fn until(&self, text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        while !seen.last().is_some_and(|line: &String| line.contains(text)) {
            match self.lines.recv_timeout(Duration::from_secs(30)) {
                Ok(line) => seen.push(line),
                Err(_) => panic!("{text:?} was not said: {seen:#?}"),
            }
        }
        seen
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    fn end(mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let code = self.child.wait().unwrap().code();
        let mut err = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        (code, err)
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The address after `http://` in the first of these lines that has one.
fn address_in(lines: &[String]) -> String {
    let line = lines
        .iter()
        .find_map(|line| line.split_once("http://"))
        .expect("an address");
    line.1
        .chars()
        .take_while(|c| !matches!(c, ' ' | '/'))
        .collect()
}

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

#[test]
fn the_demonstration_listens_on_loopback_only() {
    let dir = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0", "192.0.2.7", "::"] {
        let child = anteroom(dir.path(), &["demo", "--listen", address])
            .spawn()
            .unwrap();
        let said = Said::of(child.wait_with_output().unwrap());
        assert_eq!(said.code, Some(2), "{address}");
        assert!(said.err.contains("127.0.0.1 or ::1 only"), "{}", said.err);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_demonstration_steps_over_a_taken_port_and_can_be_checked_and_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let demo = Going::start(dir.path(), &["demo", "--port", &port]);
    let lines = demo.until("Ctrl-C");
    assert!(
        lines
            .iter()
            .any(|line| line.contains(&format!("Port {port} was taken"))),
        "{lines:?}"
    );
    let address = address_in(&lines);
    let refused = get(&address, "/patients");
    assert!(!refused.starts_with("HTTP/1.1 200"), "{refused}");
    assert!(!refused.contains("CANARY-PHI"), "{refused}");
    assert!(get(&address, "/login").contains("wb-login"));

    // Beside it, on the files it left.
    let config = dir.path().join(".demo/anteroom.toml");
    let config = config.to_str().unwrap();
    let check = anteroom(
        dir.path(),
        &["--config", config, "check", "--page", "/patients"],
    );
    let said = Said::of({ check }.spawn().unwrap().wait_with_output().unwrap());
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("/patients: leads to the login page"),
        "{}",
        said.out
    );
    assert!(said.out.contains("its form has the fields"), "{}", said.out);
    let (code, err) = demo.end();
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn serving_says_where_and_takes_no_address_that_is_in_use() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = free.local_addr().unwrap();
    drop(free);
    let clinic = Clinic::new(&CONFIG.replace("127.0.0.1:0", &address.to_string()));
    let config = clinic.path("anteroom.toml");
    let config = config.to_str().unwrap();
    let first = Going::start(clinic.dir.path(), &["serve", "--config", config]);
    let lines = first.until("ready");
    assert!(
        lines.iter().any(|line| line.contains("emr: 127.0.0.1")),
        "{lines:?}"
    );
    let second = clinic.run(&["serve"]);
    assert_eq!(second.code, Some(1), "{}", second.out);
    assert!(second.err.contains(&address.to_string()), "{}", second.err);
    assert!(
        second.err.contains("another program listens there"),
        "{}",
        second.err
    );

    // Operators work beside the running gateway, and a bad moment to reload changes nothing.
    clinic.ok(&["enrol-code", "alice"]);
    first.signal("HUP");
    assert!(get(&address.to_string(), "/").starts_with("HTTP/1.1 "));
    let tail = clinic.ok(&["audit", "tail"]);
    assert!(
        tail.contains("config_loaded") && tail.contains("sha256:"),
        "{tail}"
    );
    let (code, err) = first.end();
    assert_eq!(code, Some(0), "{err}");
    clinic.ok(&["audit", "verify"]);
}

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
