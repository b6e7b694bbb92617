//! Operators in a real browser: the first owner sets herself up from her link, signs in the next
//! morning, by mouse, by keyboard, and where no script may run.
//! What she then does for people: `helpdesk`. How her pages look: `desk_looks`.

use std::time::Duration;

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::screen::Screen;
use anteroom_core::operator::Role;
use anteroom_tests::desk::{PASSPHRASE, clinic_with_desk, invited};
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use super::{next_code, no_complaints, recovery_codes};

/// From the link to the front page: password, QR code from the screen, first code, recovery codes.
pub async fn set_up(clinic: &Clinic, screen: &Screen, link: &str) -> (Phone, Vec<String>) {
    screen.visit(link).await;
    screen.reads("Choose a password").await;
    screen.fill("#password", PASSPHRASE).await;
    screen.fill("#again", PASSPHRASE).await;
    screen.click("main form button").await;
    screen.arrives("/set-up/phone").await;
    let phone = Phone::from_png(&screen.picture().await).expect("the screen shows a QR code");
    screen.fill("#code", &next_code(clinic, &phone)).await;
    screen.click("main form button").await;
    screen.reads("Save your recovery codes").await;
    let codes = recovery_codes(screen).await;
    screen.press("I have saved them").await;
    screen.arrives("/").await;
    (phone, codes)
}

/// A new operator at her own computer, signed in.
pub async fn operator(
    clinic: &Clinic,
    chromium: &Chromium,
    name: &'static str,
    role: Role,
) -> (Screen, Phone) {
    let link = invited(clinic, name, role).await;
    let screen = chromium.desk().await;
    let (phone, _) = set_up(clinic, &screen, &link).await;
    (screen, phone)
}

/// Name, password, the next code: until the front page.
pub async fn sign_in(clinic: &Clinic, screen: &Screen, name: &str, phone: &Phone) {
    screen.visit("/").await;
    screen.arrives("/sign-in").await;
    screen.fill("#name", name).await;
    screen.fill("#password", PASSPHRASE).await;
    screen.click("main form button").await;
    screen.arrives("/sign-in/code").await;
    screen.fill("#code", &next_code(clinic, phone)).await;
    screen.click("main form button").await;
    screen.arrives("/").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_owner_sets_herself_up_from_her_link_and_comes_back_the_next_morning() {
    let program = require!(installed());
    let clinic = clinic_with_desk().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.desk().await;
    let link = invited(&clinic, "olga", Role::Owner).await;

    // What everybody uses is no password for her: the page says why, and her place is kept.
    screen.visit(&link).await;
    screen.reads("olga").await;
    screen.fill("#password", "password12345678").await;
    screen.fill("#again", "password12345678").await;
    screen.click("main form button").await;
    let problem = "!!document.querySelector('[role=alert]')";
    screen.until("a problem", problem).await;

    let (phone, codes) = set_up(&clinic, &screen, &link).await;
    assert_eq!(phone.account(), "olga");
    screen.reads("Is everything all right?").await;
    screen.press("Sign out").await;
    screen.arrives("/signed-out").await;
    // Back shows nothing of what she saw.
    screen.back().await;
    screen.arrives("/sign-in").await;

    // The link is spent, also for whoever finds it.
    let finder = chromium.desk().await;
    finder.visit(&link).await;
    finder.reads("This link no longer works").await;

    clinic
        .world
        .clock
        .advance(Duration::from_secs(15 * 60 * 60));
    sign_in(&clinic, &screen, "olga", &phone).await;
    // A coffee longer than a quarter of an hour, and then without the phone.
    clinic.world.clock.advance(Duration::from_secs(16 * 60));
    screen.visit("/people").await;
    screen.reads("You have been signed out").await;
    screen.press("Go to the sign-in page").await;
    screen.reads("Password").await;
    screen.fill("#name", "olga").await;
    screen.fill("#password", PASSPHRASE).await;
    screen.click("main form button").await;
    screen.arrives("/sign-in/code").await;
    screen.press("use a recovery code").await;
    screen.fill("#recovery-code", &codes[0]).await;
    screen.press("Use recovery code").await;
    screen.arrives("/").await;
    assert!(finder.complaints().is_empty(), "{:?}", finder.complaints());
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_script_runs_and_nothing_is_missing() {
    let program = require!(installed());
    let clinic = clinic_with_desk().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.desk().await;
    screen.without_scripts().await;
    let link = invited(&clinic, "olga", Role::Owner).await;
    let (phone, _) = set_up(&clinic, &screen, &link).await;
    screen.press("Sign out").await;
    screen.arrives("/signed-out").await;
    sign_in(&clinic, &screen, "olga", &phone).await;
    assert!(
        screen.sees("document.scripts.length === 0").await,
        "there is none to run"
    );
    let code = super::helpdesk::letter(&screen, "alice").await;
    assert_eq!(code.len(), 9, "{code}");
    super::helpdesk::look_up(&screen, "alice").await;
    super::helpdesk::begin(&screen, "Suspend", "suspend").await;
    super::helpdesk::confirm(&screen, "on leave until May", false).await;
    screen.reads("They cannot sign in").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}
