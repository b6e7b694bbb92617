//! The whole way in a real browser: from the password to the chart, with everything that only a
//! browser does (its cookie rules, its content policy, its keyboard, its sockets, its eyes).
//! What the gateway must refuse is `tests/e2e`; here everything is honest. Start with `sign_in`.

// A test that cannot go on stops at once and says where; clocks and the environment are its to use.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

mod demonstration;
mod desk;
mod desk_looks;
mod desk_weeks;
mod helpdesk;
mod languages;
mod looks;
mod own_looks;
mod own_page;
mod passkeys;
mod sign_in;
mod trouble;

use std::path::Path;

use anteroom_browser_tests::chromium::Chromium;
use anteroom_browser_tests::screen::Screen;
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::Clinic;

const NAME: &str = "alice";
const PASSWORD: &str = "Stethoscope-1";

/// Gives name and password on the app's login page.
async fn password(screen: &Screen) {
    screen.visit("/patients").await;
    screen.arrives("/login").await;
    screen.fill("#username", NAME).await;
    screen.fill("#password", PASSWORD).await;
    screen.click("main button").await;
}

/// From the choice of a way to the page with the QR code.
async fn take_phone(screen: &Screen) {
    screen.arrives(CHOICE).await;
    screen.press("Authenticator app").await;
    screen.arrives("/.anteroom/enrol").await;
}

/// The code that `oathtool` computes for the next step of the clinic's clock.
fn next_code(clinic: &Clinic, phone: &Phone) -> String {
    clinic.world.clock.next_step();
    let now = clinic.world.clock.now();
    match phone.code_by_oathtool(now) {
        Some(code) => code,
        // Said aloud by the story that is about it.
        None => phone.code(now),
    }
}

/// A browser in which somebody has just given her password for the first time.
async fn at_first_sign_in(program: &Path, clinic: &Clinic) -> (Chromium, Screen) {
    let chromium = Chromium::start(program, clinic).await;
    let screen = chromium.screen().await;
    password(&screen).await;
    screen.arrives(CHOICE).await;
    (chromium, screen)
}

/// Her phone, once its first code was taken.
async fn scan(clinic: &Clinic, screen: &Screen) -> Phone {
    let phone = Phone::from_png(&screen.picture().await).expect("the screen shows a QR code");
    screen.fill("#code", &next_code(clinic, &phone)).await;
    screen.click("main form button").await;
    screen.arrives("/.anteroom/recovery-codes").await;
    phone
}

/// Password, QR code from the screen, first code, recovery codes: until the app.
async fn enrol(clinic: &Clinic, screen: &Screen) -> (Phone, Vec<String>) {
    password(screen).await;
    take_phone(screen).await;
    let phone = scan(clinic, screen).await;
    let codes = recovery_codes(screen).await;
    screen.press("I have saved them").await;
    screen.arrives("/patients").await;
    (phone, codes)
}

async fn recovery_codes(screen: &Screen) -> Vec<String> {
    let listed = screen
        .look("document.querySelector('.codes').innerText")
        .await;
    let codes: Vec<String> = listed
        .as_str()
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 10, "{codes:?}");
    codes
}

/// Password and the next code of the phone: until the app.
async fn sign_in(clinic: &Clinic, screen: &Screen, phone: &Phone) {
    password(screen).await;
    screen.arrives("/.anteroom/challenge").await;
    screen.fill("#code", &next_code(clinic, phone)).await;
    screen.click("main button").await;
    screen.arrives("/patients").await;
}

/// The end of every story: the browser had nothing to complain about, the audit log is whole.
async fn no_complaints(clinic: &Clinic, screen: &Screen) {
    let complaints = screen.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let audit = clinic.store().audit_verify(None).await;
    assert!(audit.is_ok(), "{:?}", audit.err().map(|e| e.to_string()));
}
