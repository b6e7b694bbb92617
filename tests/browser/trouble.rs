//! When something is not right: a wrong password, wrong codes, a pause, a lock, a double click.
//! Each page says what to do next, and the next step works.

use std::time::Duration;

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::look::look_at;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use super::{NAME, enrol, next_code, no_complaints, password, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_codes_are_told_then_paused_and_after_the_pause_the_right_one_works() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let (phone, _) = enrol(&clinic, &screen).await;
    screen.visit("/logout").await;
    screen.arrives("/login").await;

    // The app's own words for a wrong password, which wait in its session for the next page.
    screen.fill("#username", NAME).await;
    screen.fill("#password", "not this").await;
    screen.click("main button").await;
    screen
        .until("the app's own error", "!!document.querySelector('.error')")
        .await;

    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    look_at(&screen, "challenge").await;
    screen.press("use a recovery code").await;
    look_at(&screen, "challenge-recovery-open").await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    screen.fill("#code", &wrong).await;
    screen.click("main button").await;
    screen
        .until("an error", "document.title.startsWith('Error')")
        .await;
    assert!(!screen.text().await.contains("CANARY-PHI"));
    look_at(&screen, "challenge-wrong").await;
    for _ in 0..10 {
        if screen.sees("!document.querySelector('#code')").await {
            break;
        }
        screen.look("window.before = true").await;
        screen.fill("#code", &wrong).await;
        screen.click("main button").await;
        screen
            .until(
                "the next page",
                "!window.before && document.readyState === 'complete'",
            )
            .await;
    }
    screen.reads("You can try again").await;
    look_at(&screen, "paused").await;
    screen.press("Try again").await;
    screen.reads("You can try again").await;
    clinic.world.clock.advance(Duration::from_secs(61));
    screen.press("Try again").await;
    screen
        .until("the form", "!!document.querySelector('#code')")
        .await;
    screen.fill("#code", &next_code(&clinic, &phone)).await;
    screen.click("main button").await;
    screen.arrives("/patients").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_session_locks_and_a_code_opens_it_where_she_was() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let (phone, _) = enrol(&clinic, &screen).await;
    screen.visit("/patients/1002").await;
    clinic.world.clock.advance(Duration::from_secs(16 * 60));
    screen.reload().await;
    screen.arrives("/.anteroom/challenge").await;
    screen.reads("Ward emr was locked").await;
    assert!(!screen.text().await.contains("CANARY-PHI"));
    look_at(&screen, "locked").await;
    screen.fill("#code", &next_code(&clinic, &phone)).await;
    screen.click("main button").await;
    screen.arrives("/patients/1002").await;
    assert!(screen.text().await.contains("CANARY-PHI-1002"));

    // The open lines of a page are cut by the lock; the page says so itself.
    screen.visit("/").await;
    screen.reads("tick ").await;
    clinic.world.clock.advance(Duration::from_secs(16 * 60));
    screen
        .until(
            "the socket is cut",
            "document.querySelector('[data-ticker]').innerText === 'closed'",
        )
        .await;
    screen.visit("/").await;
    screen.arrives("/.anteroom/challenge").await;
    screen.press("Not you? Sign out").await;
    screen.arrives("/.anteroom/signed-out").await;
    look_at(&screen, "signed-out").await;
    screen.press("Sign in again").await;
    screen.arrives("/login").await;
    sign_in(&clinic, &screen, &phone).await;
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_15_a_double_click_on_log_in_and_on_verify_lands_in_the_app() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let (phone, _) = enrol(&clinic, &screen).await;
    screen.visit("/logout").await;
    screen.visit("/patients").await;
    screen.fill("#username", NAME).await;
    screen.fill("#password", super::PASSWORD).await;
    screen.double_click("main button").await;
    screen.arrives("/.anteroom/challenge").await;
    screen.fill("#code", &next_code(&clinic, &phone)).await;
    screen.double_click("main button").await;
    screen.arrives("/patients").await;
    assert!(screen.text().await.contains("CANARY-PHI-1001"));
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}
