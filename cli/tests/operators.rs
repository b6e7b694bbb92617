//! The people of the admin app at the command line: the first owner from an empty store, and every
//! act on an operator, as the admin app does it. And the admin app alone, as a process.
//!
//! Signing in with what is printed here is the end-to-end tests'.

// A test that cannot go on should stop at once and say where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clinic;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command};

use anteroom_config::ambient::Ambient;
use anteroom_core::totp::{TotpSecret, code_at, step_at};
use clinic::{CONFIG, Clinic, Said};

const ADMIN: &str = "[admin]\naddr = \"127.0.0.1:0\"\nhosts = [\"localhost\"]\n";

fn clinic(admin: &str) -> Clinic {
    Clinic::new(&format!("{CONFIG}{admin}"))
}

impl Clinic {
    fn operator(&self, arguments: &[&str]) -> Said {
        self.run_with(&[&["operator"], arguments].concat(), "")
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let said = self.operator(arguments);
        assert_eq!(
            said.code,
            Some(0),
            "{arguments:?}: {}{}",
            said.out,
            said.err
        );
        said.out
    }

    /// Fails with this code and says this.
    fn refuses(&self, arguments: &[&str], code: i32, words: &str) {
        let said = self.operator(arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {}", said.err);
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
        assert!(said.out.is_empty(), "{}", said.out);
    }

    /// The admin app alone, once it says that it is ready, and where it listens.
    fn serve(&self) -> (Child, String) {
        let mut child = self.command(&["admin", "serve"]).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("ready") {
            let line = out.next().and_then(Result::ok);
            said += &line.unwrap_or_else(|| panic!("it is not ready: {said}"));
            said.push('\n');
        }
        // What it says later has somewhere to go.
        std::thread::spawn(move || out.for_each(drop));
        let address = between(&said, "http://", "\n");
        let end = address.find([' ', '/']).unwrap_or(address.len());
        let address = address[..end].to_owned();
        (child, address)
    }

    fn tail(&self) -> String {
        self.run_with(&["audit", "tail"], "").out
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.dir.path().join("state")).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }
}

/// SIGTERM, and an orderly end.
fn terminate(child: &mut Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// The set-up link in what a command printed.
fn link(said: &str) -> String {
    let found = said
        .split_whitespace()
        .find(|word| word.starts_with("http"));
    found
        .unwrap_or_else(|| panic!("no link: {said}"))
        .to_owned()
}

#[test]
fn the_first_owner_comes_from_an_empty_store_with_a_link_that_is_printed_once() {
    let clinic = clinic(ADMIN);
    let said = clinic.operator(&["list"]);
    assert!(
        said.code == Some(0) && said.err.contains("operator create NAME --role owner"),
        "{}",
        said.err
    );
    let said = clinic.ok(&["create", "olga", "--role", "owner"]);
    let address = link(&said);
    assert!(address.starts_with("http://localhost"), "{address}");
    assert!(said.contains("Set-up link for olga (owner)"), "{said}");
    assert!(said.contains("It works once, until"), "{said}");
    let token = address.rsplit('/').next().unwrap();
    assert_eq!(token.len(), 43, "{address}");
    let list = clinic.ok(&["list"]);
    assert!(list.contains("olga  owner  invited"), "{list}");
    assert!(!list.contains(token), "{list}");
    for file in clinic.files() {
        let bytes = fs::read(&file).unwrap();
        let found = bytes
            .windows(token.len())
            .any(|window| window == token.as_bytes());
        assert!(!found, "{}", file.display());
    }
    let tail = clinic.tail();
    for kind in ["operator_created", "operator_invited"] {
        assert!(tail.contains(kind), "{kind}: {tail}");
    }
    assert!(
        tail.contains("operator=jane") && tail.contains("olga: owner"),
        "{tail}"
    );
}

#[test]
fn without_an_admin_section_it_is_said_how_to_write_one() {
    let clinic = clinic("");
    clinic.refuses(
        &["create", "olga", "--role", "owner"],
        2,
        "[admin]\naddr = ",
    );
    let said = clinic.run_with(&["admin", "serve"], "");
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("no [admin] section"), "{}", said.err);
    assert!(clinic.ok(&["list"]).is_empty());
}

#[test]
fn names_that_cannot_be_or_were_given_before_are_refused() {
    let clinic = clinic(ADMIN);
    clinic.ok(&["create", "olga", "--role", "owner"]);
    for name in [
        "Olga Ö",
        "-olga",
        "",
        "o;lga",
        "a123456789012345678901234567890123",
    ] {
        let said = clinic.operator(&["create", "--role", "owner", "--", name]);
        assert_eq!(said.code, Some(2), "{name:?}: {}", said.err);
        assert!(
            said.err.contains("cannot be an operator's name"),
            "{}",
            said.err
        );
    }
    let create = |name| ["create", name, "--role", "auditor"];
    clinic.refuses(&create("olga"), 1, "names are never given twice");
    clinic.refuses(
        &["create", "ana", "--role", "king"],
        2,
        "owner, helpdesk or auditor",
    );
    clinic.refuses(&["link", "nobody"], 1, "there is no operator called nobody");
}

#[test]
fn a_new_link_replaces_the_first_one_until_it_was_used() {
    let clinic = clinic(ADMIN);
    let first = link(&clinic.ok(&["create", "helen", "--role", "helpdesk"]));
    let second = link(&clinic.ok(&["link", "helen"]));
    assert_ne!(first, second);
    assert_eq!(clinic.tail().matches("operator_invited").count(), 2);
    clinic.ok(&["disable", "helen", "--reason", "never came"]);
    clinic.refuses(&["link", "helen"], 1, "is disabled");
}

#[test]
fn roles_change_and_operators_are_disabled_and_enabled_each_once() {
    let clinic = clinic(ADMIN);
    clinic.ok(&["create", "olga", "--role", "owner"]);
    clinic.ok(&["create", "helen", "--role", "helpdesk"]);
    let said = clinic.ok(&["role", "helen", "auditor", "--operator", "kim"]);
    assert!(said.contains("helen is auditor now"), "{said}");
    clinic.refuses(&["role", "helen", "auditor"], 1, "it was so already");
    let said = clinic.ok(&["disable", "helen", "--reason", "left us"]);
    assert!(said.contains("helen may not sign in any more"), "{said}");
    clinic.refuses(
        &["disable", "helen", "--reason", "again"],
        1,
        "it was so already",
    );
    assert!(clinic.ok(&["list"]).contains("disabled"));
    clinic.ok(&["enable", "helen"]);
    clinic.refuses(&["enable", "helen"], 1, "it was so already");
    // Why is asked for where something is taken away.
    assert_eq!(clinic.operator(&["disable", "helen"]).code, Some(2));
    let said = clinic.ok(&["unlock", "helen"]);
    assert!(said.contains("helen may try again at once"), "{said}");
    let said = clinic.ok(&["sign-out", "helen"]);
    assert!(said.contains("0 sessions of helen have ended"), "{said}");
    let tail = clinic.tail();
    for words in [
        "operator_role_changed",
        "helen: helpdesk to auditor",
        "operator=kim",
        "operator_disabled",
        "left us",
        "operator_enabled",
        "operator_signed_out",
    ] {
        assert!(tail.contains(words), "{words}: {tail}");
    }
}

#[test]
fn a_reset_asks_first_wants_a_reason_and_prints_a_new_link() {
    let clinic = clinic(ADMIN);
    let first = link(&clinic.ok(&["create", "olga", "--role", "owner"]));
    let reset = [
        "operator",
        "reset",
        "olga",
        "--reason",
        "phone lost, seen in person",
    ];
    let said = clinic.run_with(&reset, "no\n");
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("nothing was changed"), "{}", said.err);
    // Also the last owner: whoever reads the key file is trusted with that.
    let said = clinic.run_with(&reset, "yes\n");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_ne!(link(&said.out), first);
    assert_eq!(clinic.operator(&["reset", "olga", "--yes"]).code, Some(2));
    let tail = clinic.tail();
    assert!(
        tail.contains("operator_reset") && tail.contains("phone lost, seen in person"),
        "{tail}"
    );
}

#[test]
fn tokens_are_listed_and_one_that_is_not_there_is_not_revoked() {
    let clinic = clinic(ADMIN);
    let said = clinic.ok(&["tokens"]);
    assert!(
        said.contains("OPERATOR") && said.contains("SCOPES"),
        "{said}"
    );
    clinic.refuses(&["tokens", "--revoke", "7"], 1, "there is no live token 7");
}

/// One request to the admin app under the name that operators use, as their browser sends it; gives
/// the answer and, where one was set, the cookie.
fn ask(address: &str, cookie: &str, path: &str, form: Option<&str>) -> (String, Option<String>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let method = if form.is_some() { "POST" } else { "GET" };
    let body = form.unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let set = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .map(|line| line.split(';').next().unwrap().to_owned());
    (answer, set)
}

/// The value that stands between these two in a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page.split_once(before);
    let rest = rest.unwrap_or_else(|| panic!("no {before} in {page}")).1;
    rest.split_once(after).unwrap().0
}

/// Chooses a password and connects a phone, as the link's page asks.
fn set_up(address: &str, link: &str) {
    let token = link.rsplit('/').next().unwrap();
    let form =
        format!("csrf=&token={token}&password=nine+quiet+lanterns&again=nine+quiet+lanterns");
    let (answer, cookie) = ask(address, "", "/set-up", Some(&form));
    let cookie = cookie.unwrap_or_else(|| panic!("{answer}"));
    let (page, _) = ask(address, &cookie, "/set-up/phone", None);
    let key = between(&page, "<code class=\"key\">", "<").replace(' ', "");
    let seed = data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap();
    let now = Ambient::system().clock.now();
    let code = code_at(&TotpSecret::from_bytes(seed), step_at(now));
    let csrf = between(&page, "name=\"csrf\" value=\"", "\"");
    let form = format!("csrf={csrf}&code={code}");
    let (page, _) = ask(address, &cookie, "/set-up/phone", Some(&form));
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
}

/// Asks for a page under the name that operators use.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_admin_app_alone_answers_beside_other_commands_and_stops_on_sigterm() {
    let clinic = clinic(ADMIN);
    // The key of the store is made by whoever comes first.
    let made = link(&clinic.ok(&["create", "olga", "--role", "owner"]));
    let (mut child, address) = clinic.serve();
    let page = get(&address, "/sign-in");
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("Sign in"),
        "{page}"
    );
    let path = made.splitn(4, '/').nth(3).unwrap();
    let page = get(&address, &format!("/{path}"));
    assert!(page.contains("Choose a password"), "{page}");
    // Another command works on the same store meanwhile.
    let other = link(&clinic.ok(&["create", "helen", "--role", "helpdesk"]));
    let path = other.splitn(4, '/').nth(3).unwrap();
    assert!(get(&address, &format!("/{path}")).contains("Choose a password"));
    terminate(&mut child);
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn the_last_owner_who_can_sign_in_is_neither_demoted_nor_disabled() {
    let clinic = clinic(ADMIN);
    let made = link(&clinic.ok(&["create", "olga", "--role", "owner"]));
    let (mut child, address) = clinic.serve();
    set_up(&address, &made);
    let said = "is the last owner who can sign in; make another owner first";
    clinic.refuses(&["role", "olga", "helpdesk"], 1, said);
    clinic.refuses(&["disable", "olga", "--reason", "left us"], 1, said);
    // Somebody who was only invited is no other owner.
    let second = link(&clinic.ok(&["create", "oscar", "--role", "owner"]));
    clinic.refuses(&["disable", "olga", "--reason", "left us"], 1, said);
    set_up(&address, &second);
    clinic.ok(&["disable", "olga", "--reason", "left us"]);
    clinic.refuses(&["role", "oscar", "auditor"], 1, said);
    let list = clinic.ok(&["list"]);
    assert!(list.contains("olga   owner  disabled"), "{list}");
    assert!(list.contains("oscar  owner  active"), "{list}");
    terminate(&mut child);
}
