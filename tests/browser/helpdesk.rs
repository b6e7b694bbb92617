//! A lock-out is called in: the operator at her window, the person at hers, and what is said on
//! the phone in between. Each ends with the person at her patients.
//! The operator's own ways in: `desk`.

use std::time::Duration;

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::screen::Screen;
use anteroom_core::operator::Role;
use anteroom_tests::desk::clinic_with_desk;
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use super::desk::operator;
use super::{NAME, next_code, no_complaints, password, recovery_codes, sign_in, take_phone};

/// Finds the person as on the phone: a few letters, then her line.
pub async fn look_up(screen: &Screen, name: &str) {
    screen.visit("/").await;
    screen.fill("#name", &name[..3]).await;
    screen.press("Find").await;
    screen.arrives("/people").await;
    screen.press(name).await;
    let there = format!(
        "document.querySelector('h1').innerText === {name:?} && document.readyState === 'complete'"
    );
    screen.until(name, &there).await;
}

/// Opens the form of an act on the page of a person.
pub async fn begin(screen: &Screen, label: &str, segment: &str) {
    screen.press(label).await;
    let form =
        format!("location.pathname.endsWith('/{segment}') && document.readyState === 'complete'");
    screen.until(segment, &form).await;
}

/// Says how the caller was known, and why; then does it.
pub async fn confirm(screen: &Screen, reason: &str, caller: bool) {
    if caller {
        screen.click("#check-1").await;
    }
    screen.fill("#reason", reason).await;
    screen.click(".choose button").await;
}

/// The code in large letters, which is read out.
pub async fn read_out(screen: &Screen) -> String {
    screen
        .until("a code", "!!document.querySelector('.big code')")
        .await;
    let code = screen.look("document.querySelector('.big code').innerText");
    code.await.as_str().unwrap_or_default().to_owned()
}

/// Issues an enrolment code for a new colleague, by letter.
pub async fn letter(screen: &Screen, name: &str) -> String {
    screen.visit("/staff").await;
    screen.fill("#list", name).await;
    screen.press("Look it over").await;
    screen.arrives("/staff/preview").await;
    confirm(screen, "starts on Monday", true).await;
    screen.arrives("/staff/issue").await;
    read_out(screen).await
}

/// Her first sign-in with the code that was read to her: until the app.
async fn enrol(clinic: &Clinic, screen: &Screen, code: &str) -> (Phone, Vec<String>) {
    password(screen).await;
    screen.arrives("/.anteroom/enrol/code").await;
    screen.fill("#code", code).await;
    screen.click("main button").await;
    take_phone(screen).await;
    let phone = Phone::from_png(&screen.picture().await).expect("the screen shows a QR code");
    screen.fill("#code", &next_code(clinic, &phone)).await;
    screen.click("main button").await;
    screen.arrives("/.anteroom/recovery-codes").await;
    let codes = recovery_codes(screen).await;
    screen.press("I have saved them").await;
    screen.arrives("/patients").await;
    (phone, codes)
}

/// Wrong codes, until the page has no field any more.
async fn locks_herself_out(clinic: &Clinic, screen: &Screen, phone: &Phone) {
    password(screen).await;
    screen.arrives("/.anteroom/challenge").await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    for _ in 0..10 {
        if screen.sees("!document.querySelector('#code')").await {
            break;
        }
        let tries = "document.body.innerText";
        let before = screen.look(tries).await;
        screen.fill("#code", &wrong).await;
        screen.click("main button").await;
        let next = format!("document.readyState === 'complete' && {tries} !== {before}");
        screen.until("the next page", &next).await;
    }
    screen.reads("You can try again").await;
}

struct Desk {
    clinic: Clinic,
    chromium: Chromium,
    hanna: Screen,
    hannas_phone: Phone,
    alice: Screen,
    alices_phone: Phone,
}

/// Hanna of the helpdesk at her window; Alice enrolled, and signed out.
async fn open(program: &std::path::Path) -> Desk {
    let clinic = clinic_with_desk().await;
    let chromium = Chromium::start(program, &clinic).await;
    let (hanna, hannas_phone) = operator(&clinic, &chromium, "hanna", Role::Helpdesk).await;
    let code = letter(&hanna, NAME).await;
    let alice = chromium.window("https://emr.test").await;
    let (alices_phone, _) = enrol(&clinic, &alice, &code).await;
    alice.visit("/logout").await;
    alice.arrives("/login").await;
    Desk {
        clinic,
        chromium,
        hanna,
        hannas_phone,
        alice,
        alices_phone,
    }
}

async fn close(desk: Desk) {
    no_complaints(&desk.clinic, &desk.hanna).await;
    no_complaints(&desk.clinic, &desk.alice).await;
    desk.chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_out_is_solved_by_an_unlock() {
    let program = require!(installed());
    let desk = open(&program).await;
    locks_herself_out(&desk.clinic, &desk.alice, &desk.alices_phone).await;

    look_up(&desk.hanna, NAME).await;
    desk.hanna.reads("Is locked after wrong codes").await;
    begin(&desk.hanna, "Unlock", "unlock").await;
    confirm(&desk.hanna, "mistyped before the round", true).await;
    desk.hanna.reads("Unlocked.").await;
    desk.hanna.reads("Nothing stands in the way").await;

    desk.alice.press("Try again").await;
    let form = "!!document.querySelector('#code')";
    desk.alice.until("the form", form).await;
    let code = next_code(&desk.clinic, &desk.alices_phone);
    desk.alice.fill("#code", &code).await;
    desk.alice.click("main button").await;
    desk.alice.arrives("/patients").await;
    close(desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_left_at_home_is_solved_by_a_temporary_code() {
    let program = require!(installed());
    let desk = open(&program).await;
    password(&desk.alice).await;
    desk.alice.arrives("/.anteroom/challenge").await;

    look_up(&desk.hanna, NAME).await;
    begin(&desk.hanna, "Give a temporary code", "temporary-code").await;
    desk.hanna.choose("#hours", "1 hour").await;
    confirm(&desk.hanna, "phone at home today", true).await;
    let code = read_out(&desk.hanna).await;
    desk.hanna.press("Done, I have read it out").await;
    desk.hanna.reads("Temporary codes").await;

    // As she was told: not where the six digits go.
    desk.alice.press("I don’t have my phone").await;
    desk.alice.fill("#recovery-code", &code).await;
    desk.alice.press("Use this code").await;
    desk.alice.arrives("/patients").await;
    // One use was given: later in the day it is refused, and her page at the desk says why.
    desk.alice.visit("/logout").await;
    desk.alice.arrives("/login").await;
    password(&desk.alice).await;
    desk.alice.arrives("/.anteroom/challenge").await;
    desk.alice.press("I don’t have my phone").await;
    desk.alice.fill("#recovery-code", &code).await;
    desk.alice.press("Use this code").await;
    let refused = "document.title.startsWith('Error')";
    desk.alice.until("an error", refused).await;
    look_up(&desk.hanna, NAME).await;
    desk.hanna.reads("temporary code").await;
    let shown = desk.hanna.text().await;
    assert!(!shown.contains(&code), "a code is shown once: {shown}");
    close(desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_phone_is_solved_by_a_reset_and_a_new_phone_at_another_computer() {
    let program = require!(installed());
    let desk = open(&program).await;
    sign_in(&desk.clinic, &desk.alice, &desk.alices_phone).await;
    // Some while after her sign-in the operator is asked for a code of her own.
    desk.clinic.world.clock.advance(Duration::from_secs(6 * 60));
    look_up(&desk.hanna, NAME).await;
    begin(&desk.hanna, "Reset second factor", "reset").await;
    let code = next_code(&desk.clinic, &desk.hannas_phone);
    desk.hanna.fill("#own-code", &code).await;
    confirm(&desk.hanna, "phone lost on Sunday, new one here", true).await;
    let code = read_out(&desk.hanna).await;

    // What was open is over.
    let ended = async || {
        desk.alice.visit("/patients").await;
        !desk.alice.text().await.contains("CANARY-PHI")
    };
    anteroom_tests::world::start::eventually("her session ends", ended).await;

    let second = desk.chromium.window("https://emr.test").await;
    let (phone, _) = enrol(&desk.clinic, &second, &code).await;
    assert_ne!(phone.secret(), desk.alices_phone.secret());
    assert!(second.text().await.contains("CANARY-PHI-1001"));
    // The lost phone opens nothing any more, the new one does.
    second.visit("/logout").await;
    second.arrives("/login").await;
    password(&second).await;
    second.arrives("/.anteroom/challenge").await;
    let old = next_code(&desk.clinic, &desk.alices_phone);
    second.fill("#code", &old).await;
    second.click("main button").await;
    let refused = "document.title.startsWith('Error')";
    second.until("an error", refused).await;
    second.fill("#code", &next_code(&desk.clinic, &phone)).await;
    second.click("main button").await;
    second.arrives("/patients").await;

    look_up(&desk.hanna, NAME).await;
    desk.hanna.reads("Nothing stands in the way").await;
    desk.hanna.reads("phone lost on Sunday").await;
    assert!(second.complaints().is_empty(), "{:?}", second.complaints());
    close(desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_auditor_reads_everything_and_acts_on_nothing() {
    let program = require!(installed());
    let desk = open(&program).await;
    let (auditor, _) = operator(&desk.clinic, &desk.chromium, "ines", Role::Auditor).await;
    look_up(&auditor, NAME).await;
    auditor.reads("What happened last").await;
    let person = auditor.look("location.pathname").await;
    let person = person.as_str().unwrap_or_default().to_owned();
    let forms = "[...document.querySelectorAll('main form')].map(f => f.method).join()";
    assert_eq!(
        auditor.look(forms).await,
        "",
        "no form on her page of a person"
    );
    for label in [
        "Unlock",
        "Give a temporary code",
        "Reset second factor",
        "Suspend",
    ] {
        assert!(!auditor.text().await.contains(label), "{label}");
    }
    // Typed by hand, the address of an act says no, in words.
    auditor.visit(&format!("{person}/reset")).await;
    assert!(!auditor.sees("!!document.querySelector('main form')").await);
    let heading = auditor.look("document.querySelector('h1').innerText").await;
    assert_eq!(
        heading,
        "Your role does not allow this",
        "{}",
        auditor.describe().await
    );
    for path in [
        "/audit",
        "/report",
        "/operators",
        "/emergency",
        "/policy",
        "/approvals",
    ] {
        auditor.visit(path).await;
        let posts = "[...document.querySelectorAll('main form')].filter(f => f.method === 'post')";
        let count = auditor.look(&format!("{posts}.length")).await;
        assert_eq!(count, 0, "{path}");
    }
    // The log is hers to verify.
    auditor.visit("/audit/verify").await;
    auditor.click("main form button").await;
    let done = "document.querySelector('h1').innerText === 'The audit log is whole'";
    for _ in 0..20 {
        if auditor.sees(done).await {
            break;
        }
        auditor.reload().await;
    }
    assert!(auditor.sees(done).await, "{}", auditor.describe().await);
    assert!(
        auditor.complaints().is_empty(),
        "{:?}",
        auditor.complaints()
    );
    close(desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_alone_is_enough_at_the_desk() {
    let program = require!(installed());
    let desk = open(&program).await;
    let hanna = &desk.hanna;
    // From the front page: past the ways by the skip link, a name, her line, the form, done.
    hanna.visit("/").await;
    hanna.key("Tab").await;
    let skip = "document.activeElement.matches('.skip')";
    assert!(hanna.sees(skip).await, "the first stop skips the ways");
    hanna.key("Enter").await;
    hanna.tab_to("#name").await;
    hanna.keys("ali").await;
    hanna.key("Enter").await;
    hanna.arrives("/people").await;
    hanna.tab_to("tbody th a").await;
    hanna.key("Enter").await;
    hanna.reads("Nothing stands in the way").await;
    hanna.tab_to(".ways a[href$='/temporary-code']").await;
    hanna.key("Enter").await;
    hanna.reads("How did you make sure").await;
    hanna.tab_to("#check-1").await;
    hanna.key(" ").await;
    hanna.tab_to("#reason").await;
    hanna.keys("phone at home").await;
    hanna.tab_to(".choose button").await;
    hanna.key("Enter").await;
    let code = read_out(hanna).await;
    assert_eq!(
        code.chars().filter(char::is_ascii_digit).count(),
        10,
        "{code}"
    );
    hanna.tab_to("main a.button").await;
    hanna.key("Enter").await;
    hanna.reads("Temporary codes").await;
    // And out.
    hanna.tab_to(".who button").await;
    hanna.key("Enter").await;
    hanna.arrives("/signed-out").await;
    close(desk).await;
}
