//! How every page of the admin app looks, through the real app with two weeks in it: in a wide
//! window, on a small phone, light and dark, and to axe. Pictures: `target/pictures`, and those of
//! the documents wherever `ANTEROOM_PICTURES` says. What the pages do: `desk`, `helpdesk`.

use std::time::Duration;

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::look::look_at;
use anteroom_browser_tests::screen::Screen;
use anteroom_core::operator::Role;
use anteroom_tests::desk::{PASSPHRASE, clinic_with_desk, invited};
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use super::desk::{operator, set_up, sign_in};
use super::desk_weeks::{Weeks, lived};
use super::helpdesk::{begin, confirm, look_up, read_out};
use super::{next_code, no_complaints};

/// Opens these addresses one after the other and looks at each.
async fn look_round(screen: &Screen, pages: &[(&str, &str)]) {
    for (path, name) in pages {
        screen.visit(path).await;
        look_at(screen, name).await;
    }
}

async fn refused(screen: &Screen) {
    let problem = "!!document.querySelector('[role=alert]')";
    screen.until("a problem", problem).await;
}

/// Olga of the two weeks at a window of her own.
async fn olga(weeks: &Weeks, chromium: &Chromium) -> Screen {
    let screen = chromium.desk().await;
    sign_in(&weeks.clinic, &screen, "olga", &weeks.olga.phone).await;
    screen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_door_of_the_admin_app_in_every_size_and_colour() {
    let program = require!(installed());
    let clinic = clinic_with_desk().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.desk().await;
    let link = invited(&clinic, "olga", Role::Owner).await;
    screen.visit(&link).await;
    look_at(&screen, "admin-set-up-password").await;
    screen.fill("#password", "too short").await;
    screen.fill("#again", "too short").await;
    screen.click("main form button").await;
    refused(&screen).await;
    look_at(&screen, "admin-set-up-password-wrong").await;
    screen.fill("#password", PASSPHRASE).await;
    screen.fill("#again", PASSPHRASE).await;
    screen.click("main form button").await;
    screen.arrives("/set-up/phone").await;
    look_at(&screen, "admin-set-up-phone").await;
    let phone = Phone::from_png(&screen.picture().await).expect("the screen shows a QR code");
    let wrong = phone.wrong_code(clinic.world.clock.now());
    screen.fill("#code", &wrong).await;
    screen.click("main form button").await;
    refused(&screen).await;
    look_at(&screen, "admin-set-up-phone-wrong").await;
    screen.fill("#code", &next_code(&clinic, &phone)).await;
    screen.click("main form button").await;
    screen.reads("Save your recovery codes").await;
    look_at(&screen, "admin-set-up-codes").await;
    screen.press("I have saved them").await;
    screen.arrives("/").await;
    look_round(
        &screen,
        &[
            ("/", "admin-front-first-day"),
            ("/people", "admin-people-none"),
            ("/approvals", "admin-approvals-none"),
            ("/report", "admin-report-first-day"),
            ("/nowhere", "admin-notice-not-found"),
            (&link, "admin-notice-link-gone"),
        ],
    )
    .await;
    screen.visit("/").await;
    screen.press("Sign out").await;
    screen.arrives("/signed-out").await;
    look_at(&screen, "admin-signed-out").await;
    at_the_sign_in(&clinic, &screen, &phone).await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

async fn at_the_sign_in(clinic: &Clinic, screen: &Screen, phone: &Phone) {
    screen.visit("/sign-in").await;
    look_at(screen, "admin-sign-in").await;
    screen.fill("#name", "olga").await;
    screen.fill("#password", "not this one at all").await;
    screen.click("main form button").await;
    refused(screen).await;
    look_at(screen, "admin-sign-in-wrong").await;
    screen.fill("#password", PASSPHRASE).await;
    screen.click("main form button").await;
    screen.arrives("/sign-in/code").await;
    look_at(screen, "admin-code").await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    screen.fill("#code", &wrong).await;
    screen.click("main form button").await;
    refused(screen).await;
    look_at(screen, "admin-code-wrong").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_about_people_in_every_size_and_colour() {
    let program = require!(installed());
    let weeks = lived().await;
    let chromium = Chromium::start(&program, &weeks.clinic).await;
    let screen = olga(&weeks, &chromium).await;
    weeks.bob_locks_himself_out().await;
    look_round(
        &screen,
        &[
            ("/", "admin-front"),
            ("/people", "admin-people"),
            ("/people?name=lin", "admin-people-found"),
            ("/people?name=zz", "admin-people-not-found"),
        ],
    )
    .await;
    for (name, label) in [
        ("alice", "admin-person-well"),
        ("mallory", "admin-person-suspended"),
        ("k.lindqvist", "admin-person-new"),
        ("bob", "admin-person"),
    ] {
        look_up(&screen, name).await;
        look_at(&screen, label).await;
    }
    let bob = screen.look("location.pathname").await;
    let bob = bob.as_str().unwrap_or_default().to_owned();
    for act in [
        "unlock",
        "temporary-code",
        "enrolment-code",
        "reset",
        "sign-out",
        "merge",
        "suspend",
        "reinstate",
        "revoke-temporary-code",
        "revoke-enrolment-code",
    ] {
        screen.visit(&format!("{bob}/{act}")).await;
        look_at(&screen, &format!("admin-act-{act}")).await;
    }
    screen.visit(&format!("{bob}/merge")).await;
    screen.fill("#other", "bob").await;
    confirm(&screen, "the same nurse", true).await;
    refused(&screen).await;
    look_at(&screen, "admin-act-wrong").await;
    no_complaints(&weeks.clinic, &screen).await;
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_acts_show_in_every_size_and_colour() {
    let program = require!(installed());
    let weeks = lived().await;
    let clinic = &weeks.clinic;
    let chromium = Chromium::start(&program, clinic).await;
    let screen = olga(&weeks, &chromium).await;
    look_up(&screen, "alice").await;
    begin(&screen, "Give a temporary code", "temporary-code").await;
    screen.click("#check-1").await;
    screen.fill("#reason", "phone at home today").await;
    look_at(&screen, "admin-temporary-code").await;
    screen.click(".choose button").await;
    read_out(&screen).await;
    look_at(&screen, "admin-temporary-code-shown").await;
    screen.press("Done, I have read it out").await;
    screen.reads("Temporary codes").await;
    look_at(&screen, "admin-person-temporary").await;

    // Later the operator's own code is asked for.
    clinic.world.clock.advance(Duration::from_secs(6 * 60));
    look_up(&screen, "bob").await;
    begin(&screen, "Reset second factor", "reset").await;
    screen.click("#check-1").await;
    let why = "phone lost on Sunday, new one here";
    screen.fill("#reason", why).await;
    screen
        .fill("#own-code", &next_code(clinic, &weeks.olga.phone))
        .await;
    look_at(&screen, "admin-reset").await;
    screen.click(".choose button").await;
    read_out(&screen).await;
    look_at(&screen, "admin-reset-shown").await;
    // The same wish for somebody whose reset needs two.
    look_up(&screen, "dr.chen").await;
    begin(&screen, "Reset second factor", "reset").await;
    look_at(&screen, "admin-reset-four-eyes").await;
    confirm(&screen, why, true).await;
    screen
        .until(
            "an answer",
            "!location.pathname.endsWith('/reset') || !document.querySelector('#reason')",
        )
        .await;
    look_at(&screen, "admin-waiting").await;
    screen.visit("/approvals").await;
    look_at(&screen, "admin-approvals-own").await;
    let (hanna, _) = operator(clinic, &chromium, "hanna", Role::Helpdesk).await;
    hanna.visit("/approvals").await;
    look_at(&hanna, "admin-approvals").await;
    hanna.press("Refuse").await;
    hanna.reads("Nothing was changed").await;
    new_staff(&screen).await;
    no_complaints(clinic, &hanna).await;
    no_complaints(clinic, &screen).await;
    chromium.close().await;
}

async fn new_staff(screen: &Screen) {
    screen.visit("/staff").await;
    screen
        .fill("#list", "j.okafor, Joy Okafor\nalice\np.novak\np.novak\n")
        .await;
    look_at(screen, "admin-staff").await;
    screen.press("Look it over").await;
    screen.arrives("/staff/preview").await;
    look_at(screen, "admin-staff-preview").await;
    confirm(screen, "start on Monday", true).await;
    screen.arrives("/staff/issue").await;
    look_at(screen, "admin-letters").await;
    // What was looked over is what is issued.
    let names = "[...document.querySelectorAll('.letter')].map(l => l.querySelector('strong')\
                 .innerText).join()";
    assert_eq!(screen.look(names).await, "j.okafor,p.novak");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_and_the_account_in_every_size_and_colour() {
    let program = require!(installed());
    let weeks = lived().await;
    let chromium = Chromium::start(&program, &weeks.clinic).await;
    let screen = olga(&weeks, &chromium).await;
    look_round(
        &screen,
        &[
            ("/audit", "admin-audit"),
            ("/audit?person=nobody", "admin-audit-none"),
            ("/audit/3", "admin-follow"),
            ("/audit/verify", "admin-verify"),
            ("/report", "admin-report"),
            ("/policy", "admin-policy"),
            ("/me", "admin-me"),
        ],
    )
    .await;
    screen.visit("/audit/verify").await;
    screen.click("main form button").await;
    let whole = "document.querySelector('h1').innerText === 'The audit log is whole'";
    for _ in 0..20 {
        if screen.sees(whole).await {
            break;
        }
        screen.reload().await;
    }
    look_at(&screen, "admin-verify-whole").await;
    screen.visit("/me").await;
    screen.press("Make new recovery codes").await;
    screen.reads("Save your recovery codes").await;
    look_at(&screen, "admin-me-codes").await;
    screen.press("I have saved them").await;
    screen.arrives("/me").await;
    screen.fill("#label", "log collector").await;
    screen.click("#scope-1").await;
    screen.press("Make the token").await;
    screen
        .until("a token", "!!document.querySelector('.secret')")
        .await;
    look_at(&screen, "admin-token-shown").await;
    screen.visit("/me").await;
    screen.fill("#password", "olga").await;
    screen.fill("#again", "olga").await;
    screen.press("Change password").await;
    refused(&screen).await;
    look_at(&screen, "admin-me-wrong").await;
    no_complaints(&weeks.clinic, &screen).await;
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_and_emergencies_in_every_size_and_colour() {
    let program = require!(installed());
    let weeks = lived().await;
    let clinic = &weeks.clinic;
    let chromium = Chromium::start(&program, clinic).await;
    let screen = olga(&weeks, &chromium).await;
    screen.visit("/operators").await;
    screen.fill("#name", "hanna").await;
    screen.click("[type=radio][value=helpdesk]").await;
    look_at(&screen, "admin-operators").await;
    screen.press("Make a set-up link").await;
    screen
        .until("the link", "!!document.querySelector('.secret')")
        .await;
    look_at(&screen, "admin-link-shown").await;
    let link = screen.look("document.querySelector('.secret').innerText");
    let link = link.await.as_str().unwrap_or_default().trim().to_owned();
    let link = link.strip_prefix("https://admin.test").unwrap_or(&link);
    look_round(
        &screen,
        &[
            ("/operators/olga", "admin-operator-own"),
            ("/operators/hanna", "admin-operator-invited"),
        ],
    )
    .await;
    let hanna = chromium.desk().await;
    let (phone, _) = set_up(clinic, &hanna, link).await;
    look_round(
        &screen,
        &[
            ("/operators/hanna", "admin-operator"),
            ("/operators/hanna/reset", "admin-act-operator-reset"),
            ("/operators/hanna/disable", "admin-act-operator-disable"),
            ("/emergency", "admin-emergency"),
        ],
    )
    .await;
    hanna.visit("/policy").await;
    look_at(&hanna, "admin-policy-helpdesk").await;
    hanna.visit("/people/1/nowhere").await;
    look_at(&hanna, "admin-notice-inside").await;
    an_exception(clinic, &screen, &hanna, &phone).await;
    no_complaints(clinic, &hanna).await;
    no_complaints(clinic, &screen).await;
    chromium.close().await;
}

/// Asked for by the owner, agreed to by the helpdesk, seen by both, closed; and codes on paper.
async fn an_exception(clinic: &Clinic, screen: &Screen, hanna: &Screen, phone: &Phone) {
    screen.visit("/emergency").await;
    screen
        .fill("#reason", "the phone network is down in the whole town")
        .await;
    screen.press("Ask a second operator").await;
    screen
        .until(
            "the answer",
            "location.pathname !== '/emergency' || !document.querySelector('button.grave')",
        )
        .await;
    look_at(screen, "admin-emergency-asked").await;
    hanna.visit("/approvals").await;
    look_at(hanna, "admin-approvals-emergency").await;
    if hanna
        .sees("!!document.querySelector('[name=own_code]')")
        .await
    {
        hanna
            .fill("[name=own_code]", &next_code(clinic, phone))
            .await;
    }
    hanna.press("Grant").await;
    hanna.reads("no codes are asked for").await;
    screen.visit("/emergency").await;
    look_at(screen, "admin-emergency-open").await;
    screen.visit("/").await;
    look_at(screen, "admin-front-emergency").await;
    screen.visit("/emergency").await;
    screen.press("Close it now").await;
    screen.reads("The exception is closed").await;
    screen
        .fill(
            "form[action='/emergency/sealed'] [name=reason]",
            "for the safe of the ward",
        )
        .await;
    screen.press("Make a sheet to print").await;
    screen
        .until("the sheet", "!!document.querySelector('.sealed')")
        .await;
    look_at(screen, "admin-sealed").await;
    screen.visit("/emergency").await;
    look_at(screen, "admin-emergency-batches").await;
}
