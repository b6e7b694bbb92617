//! What AutoScribe tells its users about MFA (`docs/`: the second seed), promise by promise.
//!
//! Frames of an EMR that shows the application inside its own pages are later work. Mail is a real
//! mail server's.

use anteroom_core::audit::AuditKind;
use anteroom_tests::apps::post::PostOffice;
use anteroom_tests::browser::Browser;
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use crate::journeys::mail::clinic_with_mail;
use crate::journeys::mail_code::{enrol_by_mail, known_by_address, mail_allowed, send};
use crate::journeys::people::{
    ALICE, audited, codes_on, must_be_closed, must_be_in, newcomer, password, type_code,
    type_recovery,
};
use crate::ward::MINUTE;

const METHOD: &str = "/.anteroom/enrol/method";

/// Step 2: the page that offers both methods.
async fn at_the_choice(clinic: &Clinic) -> Browser {
    known_by_address(clinic).await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    assert_eq!(alice.page().path(), METHOD, "{}", alice.page().describe());
    alice
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wizard_offers_an_authenticator_app_or_email_and_counts_its_steps() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    let mut alice = at_the_choice(&clinic).await;
    for said in ["Step 1 of 3", "Authenticator app", "Code by e-mail"] {
        assert!(
            alice.page().has(said),
            "{said}: {}",
            alice.page().describe()
        );
    }
    alice.click("Authenticator app").await;
    assert!(
        alice.page().has("Step 2 of 3"),
        "{}",
        alice.page().describe()
    );
    // Back works, and nothing half-made counts.
    alice.open(METHOD).await;
    assert!(alice.page().has("Code by e-mail"));
    assert_eq!(audited(&clinic, AuditKind::EnrolmentConfirmed).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn option_1_scan_type_the_token_and_save_the_backup_tokens() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    let mut alice = at_the_choice(&clinic).await;
    alice.click("Authenticator app").await;
    assert!(alice.page().has("Duo Mobile"));
    let phone = Phone::scan(alice.page()).expect("a QR code");
    type_code(&mut alice, &phone.code_at(&clinic.world.clock)).await;
    assert!(
        alice.page().has("Step 3 of 3"),
        "{}",
        alice.page().describe()
    );
    let codes = codes_on(alice.page());
    assert_eq!(codes.len(), 10);
    alice.press("I have saved them", &[]).await;
    alice.follow_all().await;
    must_be_in(&mut alice).await;
    // They can only be viewed once.
    let again = alice.new_tab().open("/.anteroom/recovery-codes").await;
    assert!(
        !again.everything().contains(&codes[0]),
        "{}",
        again.describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn option_2_a_token_comes_by_email_to_the_registered_address() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    known_by_address(&clinic).await;
    enrol_by_mail(&clinic, &post).await;
    // The code, and the letter that tells of the new way.
    post.wait_for(2);
    clinic.world.clock.advance(MINUTE);
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    must_be_closed(alice.page());
    let code = send(&mut alice, &post).await;
    alice.submit(&[("code", &code)]).await;
    alice.follow_all().await;
    must_be_in(&mut alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_token_is_used_when_device_or_email_is_unavailable_once() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut without = clinic.browser();
    password(&mut without, ALICE).await;
    type_recovery(&mut without, &alice.codes[3]).await;
    must_be_in(&mut without).await;
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    type_recovery(&mut again, &alice.codes[3]).await;
    must_be_closed(again.page());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backup_codes_are_made_anew_at_any_time_and_the_old_ones_die() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    browser.open("/.anteroom/me").await;
    browser.click("Make new recovery codes").await;
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    let new = codes_on(browser.page());
    assert_eq!(new.len(), 10, "{}", browser.page().describe());
    browser.press("I have saved them", &[]).await;
    let mut late = clinic.browser();
    password(&mut late, ALICE).await;
    type_recovery(&mut late, &alice.codes[0]).await;
    must_be_closed(late.page());
    type_recovery(&mut late, &new[0]).await;
    must_be_in(&mut late).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_switches_devices_may_disable_it_and_enable_it_on_the_new_one() {
    let may = "[app.factors]\nkinds = [\"totp\"]\nlast = \"may-remove\"\n";
    let lines = format!("{}{may}", open_enrolment("demo"));
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    browser.open("/.anteroom/me").await;
    browser.click("Remove").await;
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    assert_eq!(audited(&clinic, AuditKind::AuthenticatorRemoved).await, 1);
    let mut next = clinic.browser();
    password(&mut next, ALICE).await;
    let new = Phone::scan(next.page()).expect("a QR code");
    assert_ne!(new.secret(), alice.phone.secret());
    type_code(&mut next, &new.code_at(&clinic.world.clock)).await;
    next.press("I have saved them", &[]).await;
    next.follow_all().await;
    must_be_in(&mut next).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_change_every_thirty_seconds() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let old = alice.next_code(&clinic);
    for _ in 0..3 {
        clinic.world.clock.next_step();
    }
    let mut late = clinic.browser();
    password(&mut late, ALICE).await;
    type_code(&mut late, &old).await;
    must_be_closed(late.page());
    type_code(&mut late, &alice.phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut late).await;
}
