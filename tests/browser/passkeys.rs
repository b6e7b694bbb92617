//! Passkeys in a real browser, with Chromium's own virtual authenticator: two implementations that
//! are not ours meet over our page, our script and our form. What must be refused is
//! `tests/e2e/attacks/d_passkeys.rs`.

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::demo::Demonstration;
use anteroom_browser_tests::look::look_at;
use anteroom_browser_tests::screen::Screen;
use anteroom_browser_tests::virtual_key::VirtualKey;
use anteroom_core::language::Language;
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::require;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use super::languages::speak;
use super::{next_code, no_complaints, password, recovery_codes};

const ME: &str = "/.anteroom/me";
const ADD: &str = "/.anteroom/me/add-passkey";
const BUTTON: &str = "form[data-passkey] button";

/// Enrols with the key that is plugged in, from the choice of a way.
async fn enrol(screen: &Screen) {
    password(screen).await;
    screen.arrives(CHOICE).await;
    screen.press("Passkey or security key").await;
    screen.arrives("/.anteroom/enrol/passkey").await;
    look_at(screen, "enrol-passkey").await;
    screen.press("Set up a passkey").await;
    screen.arrives("/.anteroom/recovery-codes").await;
}

async fn save_codes(screen: &Screen) -> Vec<String> {
    let codes = recovery_codes(screen).await;
    screen.press("I have saved them").await;
    screen.arrives("/patients").await;
    codes
}

async fn sign_out(screen: &Screen) {
    screen.visit("/").await;
    screen.press("Log out").await;
    screen.arrives("/login").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn she_sets_up_a_passkey_and_signs_in_with_it_by_keyboard_alone() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let key = VirtualKey::plug_in(&screen).await;
    enrol(&screen).await;
    assert_eq!(key.credentials().await, 1);
    save_codes(&screen).await;
    assert!(screen.text().await.contains("CANARY-PHI-1001"));
    let complaints = screen.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    sign_out(&screen).await;

    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    look_at(&screen, "challenge-passkey").await;
    screen.reload().await;
    screen.tab_to(BUTTON).await;
    screen.key("Enter").await;
    screen.arrives("/patients").await;
    assert!(screen.text().await.contains("CANARY-PHI-1001"));
    let audit = clinic.store().audit_verify(None).await;
    assert!(audit.is_ok(), "{:?}", audit.err().map(|e| e.to_string()));
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prompt_that_is_closed_costs_nothing_and_another_way_is_there() {
    let program = require!(installed());
    let lines = format!(
        "{}[app.passkeys]\nuser_verification = \"required\"\n",
        open_enrolment("demo")
    );
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let key = VirtualKey::plug_in(&screen).await;
    enrol(&screen).await;
    let codes = save_codes(&screen).await;
    sign_out(&screen).await;

    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    key.knows_its_owner(false).await;
    screen.click(BUTTON).await;
    screen.reads("No passkey was used.").await;
    let focus = format!("document.activeElement.matches('{BUTTON}')");
    screen.until("the button has the focus again", &focus).await;
    let tried = clinic.store().audit_tail(100).await.expect("it answers");
    let wrong = tried
        .iter()
        .filter(|row| row.event.kind.name() == "challenge_failed");
    assert_eq!(wrong.count(), 0, "nobody guessed");

    screen.press("I don’t have my phone").await;
    screen.fill("#recovery-code", &codes[0]).await;
    screen.press("Use this code").await;
    screen.arrives("/patients").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

/// Signs out and types the password again.
async fn again(screen: &Screen) {
    sign_out(screen).await;
    password(screen).await;
    screen.arrives("/.anteroom/challenge").await;
}

/// She holds a phone and a key. The key refuses, the phone works; a second key is made on her own
/// page under the first one, and the next sign-in is made with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_phone_and_a_key_she_adds_a_second_key_on_her_own_page() {
    let program = require!(installed());
    let verified = "[app.passkeys]\nuser_verification = \"required\"\n";
    let lines = open_enrolment("demo") + verified;
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let (phone, _) = super::enrol(&clinic, &screen).await;
    let laptop = VirtualKey::plug_in(&screen).await;
    screen.visit(ME).await;
    screen.press("Add a passkey or security key").await;
    screen.arrives(ADD).await;
    look_at(&screen, "own-key").await;
    screen.reload().await;
    screen.fill("#label", "Laptop").await;
    screen.fill("#code", &next_code(&clinic, &phone)).await;
    screen.click("main form button").await;
    screen.arrives(ME).await;
    screen.reads("Laptop").await;
    look_at(&screen, "own-with-key").await;

    again(&screen).await;
    screen.reads("Enter your code").await;
    clinic.world.clock.next_step();
    screen.settled().await;
    screen.press("Use your passkey or security key").await;
    let open = "!!document.querySelector('details[open] form[data-passkey]')";
    screen.until("the form is there", open).await;
    screen.click(BUTTON).await;
    screen.arrives("/patients").await;
    again(&screen).await;
    screen.reads("Try another way").await;
    laptop.knows_its_owner(false).await;
    screen.click(BUTTON).await;
    screen.reads("No passkey was used.").await;
    screen.press("I have my phone").await;
    screen.fill("#code", &next_code(&clinic, &phone)).await;
    screen
        .click("form[action='/.anteroom/challenge'] button")
        .await;
    screen.arrives("/patients").await;

    // One form, two prompts: the laptop proves that it is she, and will not be made twice.
    laptop.knows_its_owner(true).await;
    clinic.world.clock.next_step();
    screen.visit(ADD).await;
    look_at(&screen, "own-key-either").await;
    for language in [Language::Fr, Language::Es, Language::En] {
        speak(&screen, language).await;
        look_at(&screen, &format!("own-key-either-{}", language.tag())).await;
    }
    screen.reload().await;
    screen.fill("#label", "Key ring").await;
    screen.press("Use a passkey that you have").await;
    screen.reads("has a passkey for you already").await;
    laptop.unplug().await;
    let _key_ring = VirtualKey::plug_in_usb(&screen).await;
    screen.press("Use a passkey that you have").await;
    screen.arrives(ME).await;
    screen.reads("Key ring").await;

    again(&screen).await;
    screen.reads("Try another way").await;
    screen.click(BUTTON).await;
    screen.arrives("/patients").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

/// `localhost` counts as secure, so the demonstration shows passkeys without a certificate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_takes_passkeys_on_localhost() {
    let program = require!(installed());
    let demo = Demonstration::start().await;
    let home = format!("http://localhost:{}", demo.address().port());
    let leads = "MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";
    let chromium = Chromium::start_at(&program, &home, leads).await;
    let screen = chromium.screen().await;
    let _key = VirtualKey::plug_in(&screen).await;
    enrol(&screen).await;
    save_codes(&screen).await;
    sign_out(&screen).await;
    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    screen.click(BUTTON).await;
    screen.arrives("/patients").await;
    chromium.close().await;
    demo.stop().await;
}
