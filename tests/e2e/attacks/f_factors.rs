//! Advisory A5 (nc-sa-2018-011): a store that lost one table while the rest of it works. Whichever
//! it is, nobody is let in without her second factor, and the page that says so is ours.

use std::path::Path;
use std::process::Command;

use anteroom_tests::apps::post::PostOffice;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::require;
use anteroom_tests::world::start::{Clinic, eventually};

use crate::journeys::mail::clinic_with_mail;
use crate::journeys::mail_code::{MAIL, enrol_by_mail, known_by_address, mail_allowed, press_send};
use crate::journeys::people::{ALICE, Person, newcomer, password, sign_in, type_recovery};
use crate::ward::{CHALLENGE, MINUTE, audit_is_whole, sees_chart};

/// Tables that a sign-in with password and phone never asks: operators', those of other ways and of
/// her own page, and what is told or followed aside. Without any other one it stays closed.
const NOT_ASKED: [&str; 22] = [
    "address",
    "api_token",
    "approval",
    "audit_base",
    "channel",
    "hardware_token",
    "mail_code",
    "meta",
    "name_throttle",
    "note",
    "operator",
    "operator_session",
    "operator_setup",
    "outbox",
    "own_act",
    "own_codes",
    "own_setup",
    "passkey_ceremony",
    "revocation",
    "sealed_code",
    "told",
    "told_operator",
];

/// What no page says, whatever breaks: words of the store.
const OURS_ALONE: [&str; 5] = ["no such table", "sqlx", "SQLite", "SELECT", "anteroom.db"];

/// A table out of its place, as if it were lost, while everything else works.
struct Lost<'c> {
    clinic: &'c Clinic,
    table: String,
}

impl<'c> Lost<'c> {
    fn of(clinic: &'c Clinic, table: &str) -> Self {
        let table = table.to_owned();
        statements(clinic, &format!("ALTER TABLE {table} RENAME TO lost"));
        Self { clinic, table }
    }

    /// Puts it back, and waits until everything has noticed.
    async fn found(self) {
        statements(
            self.clinic,
            &format!("ALTER TABLE lost RENAME TO {}", self.table),
        );
        eventually("the gateway is ready again", async || {
            super::f_store::ready(self.clinic).await == 200
        })
        .await;
    }
}

/// Runs a statement on the file, beside the running gateway; what it prints.
fn statements(clinic: &Clinic, sql: &str) -> String {
    let file = &clinic.running().gateway().settings.store.path;
    run(file, sql)
}

fn run(file: &Path, sql: &str) -> String {
    // Without these a rename would be followed by every reference to the table.
    let code = "import sqlite3, sys\n\
                store = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)\n\
                store.execute('PRAGMA foreign_keys = OFF')\n\
                store.execute('PRAGMA legacy_alter_table = ON')\n\
                for row in store.execute(sys.argv[2]): print(row[0])\n";
    let mut python = Command::new("/usr/bin/python3");
    let done = python.args(["-c", code]).arg(file).arg(sql).output();
    let done = done.expect("python");
    assert!(
        done.status.success(),
        "{sql}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).expect("text")
}

fn tables(clinic: &Clinic) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
               AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name";
    statements(clinic, sql).lines().map(str::to_owned).collect()
}

/// Nothing of the chart, nothing of the app's session, and words of ours alone.
fn stays_closed(what: &str, page: &Page) {
    let all = page.everything();
    assert!(!all.contains("CANARY-PHI"), "{what}: {}", page.describe());
    assert!(
        page.set_cookie_line("WBSESSION").is_none(),
        "{what}: {}",
        page.describe()
    );
    for word in OURS_ALONE {
        assert!(!all.contains(word), "{what}: {word}: {}", page.describe());
    }
    if page.status >= 500 {
        assert!(
            page.has("Sign-in is not working just now"),
            "{what}: {}",
            page.describe()
        );
        assert!(page.has("+1 555 0101"), "{what} says whom to call");
    }
}

/// Password and code as far as they lead; whether that is into the app.
async fn gets_in(clinic: &Clinic, alice: &Person, what: &str) -> bool {
    let mut browser = clinic.browser();
    browser.open("/patients").await;
    let entries = [("username", ALICE.name), ("password", ALICE.password)];
    stays_closed(what, &browser.submit(&entries).await);
    let page = browser.follow_all().await;
    stays_closed(what, &page);
    if page.path() == CHALLENGE && page.status == 200 {
        let code = [("code", &*alice.next_code(clinic))];
        let page = browser.submit(&code).await;
        if page.status != 303 {
            stays_closed(what, &page);
        }
    }
    sees_chart(&mut browser).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_whichever_table_is_lost_nobody_gets_in_without_it_and_then_all_goes_on() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut let_in = Vec::new();
    for table in tables(&clinic) {
        let lost = Lost::of(&clinic, &table);
        if gets_in(&clinic, &alice, &table).await {
            let_in.push(table.clone());
        }
        lost.found().await;
        assert!(
            gets_in(&clinic, &alice, "afterwards").await,
            "after {table} came back"
        );
    }
    assert_eq!(let_in, NOT_ASKED);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_a_saved_code_opens_nothing_while_the_saved_codes_are_lost() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    let lost = Lost::of(&clinic, "recovery_code");
    type_recovery(&mut browser, &alice.codes[0]).await;
    let page = browser.page().clone();
    assert_eq!(page.status, 503, "{}", page.describe());
    stays_closed("recovery_code", &page);
    assert!(!sees_chart(&mut browser).await);
    lost.found().await;
    browser.open(CHALLENGE).await;
    type_recovery(&mut browser, &alice.codes[0]).await;
    assert!(sees_chart(&mut browser).await, "it was not spent in vain");
    sign_in(&clinic, &mut clinic.browser(), &alice).await;
}

/// Alice, whose way is a code by mail, with one in her hand.
async fn with_a_code(clinic: &Clinic, post: &PostOffice) -> (Browser, String) {
    clinic.world.clock.advance(20 * MINUTE);
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    assert_eq!(browser.page().path(), MAIL, "{}", browser.page().describe());
    let code = crate::journeys::mail_code::send(&mut browser, post).await;
    (browser, code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_a_code_by_mail_opens_and_sends_nothing_while_a_table_of_its_own_is_lost() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    known_by_address(&clinic).await;
    enrol_by_mail(&clinic, &post).await;
    post.wait_for(2);
    for table in ["mail_code", "authenticator", "attempt", "session", "audit"] {
        let (mut browser, code) = with_a_code(&clinic, &post).await;
        let lost = Lost::of(&clinic, table);
        let page = browser.submit(&[("code", &code)]).await;
        assert_eq!(page.status, 503, "{table}: {}", page.describe());
        stays_closed(table, &page);
        assert!(!sees_chart(&mut browser).await, "{table}");
        lost.found().await;
        browser.open(MAIL).await;
        assert_eq!(
            browser.submit(&[("code", &code)]).await.status,
            303,
            "{table}"
        );
        assert!(
            sees_chart(&mut browser).await,
            "the same code, once {table} is back"
        );
    }
    for table in ["mail_code", "address", "outbox"] {
        let (mut browser, _) = with_a_code(&clinic, &post).await;
        let sent = post.mails().len();
        let lost = Lost::of(&clinic, table);
        let page = press_send(&mut browser).await;
        assert_eq!(page.status, 503, "{table}: {}", page.describe());
        stays_closed(table, &page);
        lost.found().await;
        assert_eq!(
            post.mails().len(),
            sent,
            "{table}: nothing half queued went out"
        );
    }
    audit_is_whole(&clinic).await;
}
