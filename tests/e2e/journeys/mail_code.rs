//! Codes by mail: set up at a first sign-in with an address that an operator brought, used at the
//! next one, sent again, and what the page says when mail is down.

use std::time::Duration;

use anteroom_core::ids::SubscriberId;
use anteroom_store::AddressAdded;
use anteroom_tests::apps::post::PostOffice;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::own_pages::ME;
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::{Clinic, eventually, open_enrolment};

use super::mail::{ADDRESS, clinic_with_mail, give_address, until_down};
use crate::journeys::people::{ALICE, listing, password};
use crate::ward::{MINUTE, issue_code};

pub(crate) const MAIL: &str = "/.anteroom/mail";
pub(crate) const ENROL_MAIL: &str = "/.anteroom/enrol/email";
const ENROL_METHOD: &str = "/.anteroom/enrol/method";
const ENROL: &str = "/.anteroom/enrol";

/// The lines of an app whose people may use codes by mail.
pub(crate) fn mail_allowed() -> String {
    format!(
        "{}[app.factors]\nkinds = [\"totp\", \"email\"]\n",
        open_enrolment("demo")
    )
}

/// An operator makes Alice known and writes her address down, before her first sign-in.
pub(crate) async fn known_by_address(clinic: &Clinic) -> SubscriberId {
    issue_code(clinic, "alice", 1, MINUTE).await;
    let id = listing(clinic, "alice").await.id;
    let added = give_address(clinic, id, ADDRESS).await;
    let AddressAdded::Added { codes_from, .. } = added else {
        panic!("{added:?}");
    };
    assert_eq!(codes_from, clinic.now(), "a first address counts at once");
    id
}

/// Sets codes by mail up and lands in the app.
pub(crate) async fn enrol_by_mail(clinic: &Clinic, post: &PostOffice) -> Browser {
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.page();
    assert_eq!(page.path(), ENROL_METHOD, "{}", page.describe());
    alice.click("Code by e-mail").await;
    let page = alice.page().clone();
    assert_eq!(
        (page.status, page.path()),
        (200, ENROL_MAIL),
        "{}",
        page.describe()
    );
    assert!(
        page.has("a…@c…") && !page.everything().contains(ADDRESS),
        "{}",
        page.describe()
    );
    confirm_and_save(&mut alice, post).await;
    alice
}

/// From the page where codes by mail are set up into the app; her recovery codes.
async fn confirm_and_save(alice: &mut Browser, post: &PostOffice) -> Vec<String> {
    let code = send(alice, post).await;
    alice.submit(&[("code", &code)]).await;
    alice.follow_all().await;
    let codes = alice.page().recovery_codes();
    assert_eq!(codes.len(), 10, "{}", alice.page().describe());
    alice.press("I have saved them", &[]).await;
    alice.follow_all().await;
    assert_eq!(alice.page().status, 200, "{}", alice.page().describe());
    codes
}

/// Presses the button that sends a code, or another one.
pub(crate) async fn press_send(browser: &mut Browser) -> Page {
    let text = browser.page().visible();
    let starts = ["Send another code to ", "Send a code to "];
    let found = starts.into_iter().find_map(|start| {
        let masked = text.split(start).nth(1)?.split_whitespace().next()?;
        Some(format!("{start}{masked}"))
    });
    let button = found.unwrap_or_else(|| panic!("no button: {}", browser.page().describe()));
    browser.press(&button, &[]).await
}

/// The newest code in the post, after one more was asked for.
pub(crate) async fn send(browser: &mut Browser, post: &PostOffice) -> String {
    let before = post.mails().len();
    press_send(browser).await;
    browser.follow_all().await;
    let mails = post.wait_for(before + 1);
    mails[before].code()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinician_without_a_phone_signs_in_by_codes_in_her_mail() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    known_by_address(&clinic).await;
    enrol_by_mail(&clinic, &post).await;
    let told = post.wait_for(2);
    assert!(
        told[1].subject().contains("a new way to sign in was added"),
        "{:?}",
        told[1]
    );

    clinic.world.clock.advance(MINUTE);
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    assert_eq!(alice.page().path(), MAIL, "{}", alice.page().describe());
    let code = send(&mut alice, &post).await;
    let mail = post.mails().pop().expect("a mail");
    let halves = format!("{} {}", &code[..4], &code[4..]);
    assert!(!mail.subject().contains(&code[..4]), "{}", mail.subject());
    assert!(mail.html().contains(&halves), "{}", mail.html());
    alice.submit(&[("code", &halves)]).await;
    alice.follow_all().await;
    assert_eq!(
        alice.page().path(),
        "/patients",
        "{}",
        alice.page().describe()
    );
    clinic.world.must_not_leak(&[&code, &halves]);
    let page = alice.open("/.anteroom/me").await;
    assert!(page.has("a…@c…"), "{}", page.describe());
    assert!(!page.everything().contains(ADDRESS), "{}", page.describe());
    assert!(
        page.has("Signed in with a code by e-mail"),
        "{}",
        page.describe()
    );

    // It is marked lower wherever somebody asks.
    let id = listing(&clinic, "alice").await.id;
    let sessions = clinic.store().sessions_of(id).await.expect("the store");
    assert!(
        sessions.iter().any(|one| one.amr == "pwd email"),
        "{sessions:?}"
    );
    let kinds = clinic
        .store()
        .audit_of_subscriber(id, 20)
        .await
        .expect("the log");
    assert!(
        kinds
            .iter()
            .any(|row| row.event.kind.name() == "mail_code_used")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_mail_is_down_the_page_says_so_and_a_recovery_code_lets_her_in() {
    let mut post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    let id = known_by_address(&clinic).await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    alice.open(ENROL_MAIL).await;
    let codes = confirm_and_save(&mut alice, &post).await;
    post.wait_for(2);

    post.stop();
    let other = give_address(&clinic, id, "other@clinic.test").await;
    assert!(matches!(other, AddressAdded::Added { .. }));
    until_down(&clinic).await;
    clinic.world.clock.advance(MINUTE);
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    assert!(
        alice.page().has("We cannot send e-mail just now"),
        "{}",
        alice.page().describe()
    );
    alice.click("Use a recovery code").await;
    alice.submit(&[("code", &codes[0])]).await;
    alice.follow_all().await;
    assert_eq!(
        alice.page().path(),
        "/patients",
        "{}",
        alice.page().describe()
    );

    // Back: found out without anybody having asked.
    post.start();
    clinic.world.clock.advance(Duration::from_secs(61));
    let mut alice = clinic.browser();
    eventually("mail works again", || async {
        let state = clinic
            .store()
            .outbox_state(anteroom_store::Channel::Mail, clinic.now());
        state.await.expect("the store").failing_since.is_none()
    })
    .await;
    password(&mut alice, ALICE).await;
    assert!(
        alice.page().has("Send a code to"),
        "{}",
        alice.page().describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_by_mail_are_offered_to_whom_they_reach_and_while_they_do() {
    let mut post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;

    // Nobody has written an address of hers down: there is nothing to choose.
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.page();
    assert_eq!(page.path(), ENROL, "{}", page.describe());

    let id = known_by_address(&clinic).await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.page();
    assert_eq!(page.path(), ENROL_METHOD, "{}", page.describe());
    assert!(page.has("Authenticator app") && page.has("Code by e-mail"));

    post.stop();
    let other = give_address(&clinic, id, "other@clinic.test").await;
    assert!(matches!(other, AddressAdded::Added { .. }));
    until_down(&clinic).await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.page();
    assert_eq!(page.path(), ENROL, "{}", page.describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_codes_by_mail_adds_a_phone_with_one_and_gets_no_more() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    known_by_address(&clinic).await;
    let mut alice = enrol_by_mail(&clinic, &post).await;
    post.wait_for(2);
    let page = alice.open(ME).await;
    page.must_say("Code by e-mail.");
    assert!(!page.has("Move to a new phone"), "{}", page.describe());
    alice.click("Add a phone").await;
    alice.page().must_say("First, ask for a code by e-mail");
    let code = send(&mut alice, &post).await;
    alice.page().must_stand_at("/.anteroom/me/add");
    alice.page().must_say("We are sending 8 digits to a…@c…");
    let phone = Phone::scan(alice.page()).expect("a QR code");
    let first = phone.code_at(&clinic.world.clock);
    let wrong = [("label", "Mine"), ("first", &first), ("code", "12345678")];
    alice.submit(&wrong).await;
    alice.page().must_be(422);
    alice
        .submit(&[("label", "Mine"), ("first", &first), ("code", &code)])
        .await;
    alice.follow_all().await;
    alice.page().must_stand_at(ME);
    alice.page().must_say("An authenticator was added");

    // From now on the phone is asked for, whatever mail could do.
    clinic.world.clock.next_step();
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    alice.page().must_stand_at("/.anteroom/challenge");
    alice.open(MAIL).await;
    assert!(!alice.page().has("Send a code"));
    alice.open("/.anteroom/challenge").await;
    let code = phone.code_at(&clinic.world.clock);
    alice.submit(&[("code", &code)]).await;
    alice.follow_all().await;
    alice.page().must_stand_at("/patients");
    alice.open(ME).await;
    alice
        .page()
        .must_say("Signed in with your authenticator app");
    alice.click("Add another phone").await;
    assert!(!alice.page().has("Send a code"));
}
