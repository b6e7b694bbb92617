//! What OutSmart tells its users about MFA (`docs/`: the first seed), promise by promise.
//!
//! The lock beside the initials and the optional roll-out are not here: they are no part of what
//! stands in front of an application so far. What a browser shows of it: `tests/browser`.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_store::Paper;
use anteroom_tests::browser::Browser;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::Clinic;

use crate::journeys::people::{
    ALICE, audited, codes_on, id_of, issue_code, must_be_closed, must_be_in, must_be_out, password,
    type_code, type_recovery,
};

const SETTINGS: &str = r#"preset = "demo"
[app.enrolment]
policy = "open"
until = 2031-01-01T00:00:00Z
[app.factors]
kinds = ["totp"]
[app.challenge]
recovery_codes = 5
[app.contact]
email = "info@outsmart.test"
text_line = "+1 416 555 0134"
phone = "+1 416 555 0135"
say = "Text your full name and a brief description of the problem before you call."
"#;

async fn clinic() -> Clinic {
    Clinic::with_demo_as(SETTINGS, "").await
}

/// Steps 1 to 5 of "How to set up".
async fn set_up(clinic: &Clinic, browser: &mut Browser) -> (Phone, Vec<String>) {
    password(browser, ALICE).await;
    let phone = Phone::scan(browser.page()).expect("a QR code");
    type_code(browser, &phone.code_at(&clinic.world.clock)).await;
    let codes = codes_on(browser.page());
    browser.press("I have saved them", &[]).await;
    browser.follow_all().await;
    (phone, codes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_takes_the_password_and_a_time_based_code_and_neither_alone() {
    let clinic = clinic().await;
    let (phone, _) = set_up(&clinic, &mut clinic.browser()).await;
    let mut thief = clinic.browser();
    password(&mut thief, ALICE).await;
    must_be_closed(thief.page());
    must_be_out(&mut thief.new_tab()).await;
    clinic.world.clock.next_step();
    type_code(&mut thief, &phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut thief).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_popular_app_will_do_and_the_camera_will_not() {
    let clinic = clinic().await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    for said in [
        "Google Authenticator",
        "Microsoft Authenticator",
        "Authy",
        "1Password",
        "They are free",
        "Do not scan with the phone’s camera app, that will not work.",
    ] {
        assert!(
            alice.page().has(said),
            "{said}: {}",
            alice.page().describe()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_recovery_codes_are_presented_once_and_each_works_once() {
    let clinic = clinic().await;
    let (_, codes) = set_up(&clinic, &mut clinic.browser()).await;
    assert_eq!(codes.len(), 5);
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    assert!(!again.page().has(&codes[0]));
    type_recovery(&mut again, &codes[0]).await;
    must_be_in(&mut again).await;
    let mut second = clinic.browser();
    password(&mut second, ALICE).await;
    type_recovery(&mut second, &codes[0]).await;
    must_be_closed(second.page());
    must_be_out(&mut second.new_tab()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn next_time_the_code_is_asked_for_after_the_password() {
    let clinic = clinic().await;
    let (phone, _) = set_up(&clinic, &mut clinic.browser()).await;
    clinic.world.clock.next_step();
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    assert!(alice.page().has("6-digit code") && alice.page().has("It changes every 30 seconds"));
    assert!(alice.page().has("recovery code"));
    type_code(&mut alice, &phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_locked_out_reads_whom_to_mail_to_text_and_then_to_call() {
    let clinic = clinic().await;
    set_up(&clinic, &mut clinic.browser()).await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let text = alice.page().visible();
    let place = |said: &str| text.find(said).unwrap_or_else(|| panic!("{said}: {text}"));
    assert!(place("info@outsmart.test") < place("+1 416 555 0134"));
    assert!(place("+1 416 555 0134") < place("+1 416 555 0135"));
    place("Text your full name and a brief description of the problem before you call.");
    place("give this reference");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_or_reinstalled_app_is_reset_by_support_after_they_made_sure() {
    let clinic = clinic().await;
    let (old, _) = set_up(&clinic, &mut clinic.browser()).await;
    let paper = Paper {
        identity_check: "called back",
        ..Paper::of("helen", clinic.now()).because("phone lost")
    };
    let id = id_of(&clinic, "alice").await;
    assert!(clinic.store().subscriber_reset(id, &paper).await.unwrap());
    let code = issue_code(&clinic, "emr.test", "alice").await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    must_be_closed(alice.page());
    type_code(&mut alice, &code).await;
    let new = Phone::scan(alice.page()).expect("a QR code");
    assert_ne!(new.secret(), old.secret());
    type_code(&mut alice, &new.code_at(&clinic.world.clock)).await;
    alice.press("I have saved them", &[]).await;
    alice.follow_all().await;
    must_be_in(&mut alice).await;
    assert_eq!(audited(&clinic, AuditKind::IdentityChecked).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_with_a_wrong_clock_is_told_to_set_it() {
    let clinic = clinic().await;
    let (phone, _) = set_up(&clinic, &mut clinic.browser()).await;
    let slow = phone.code_at(&clinic.world.clock);
    clinic.world.clock.advance(Duration::from_secs(4 * 60));
    let unused = phone.code_at(&clinic.world.clock);
    clinic.world.clock.advance(Duration::from_secs(4 * 60));
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    assert_ne!(slow, unused);
    type_code(&mut alice, &unused).await;
    let page = alice.page();
    assert!(page.has("about 4 minutes slow"), "{}", page.describe());
    assert!(page.has("Set its time to automatic"), "{}", page.describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_enabled_it_cannot_be_disabled() {
    let clinic = clinic().await;
    let mut alice = clinic.browser();
    let (phone, _) = set_up(&clinic, &mut alice).await;
    alice.open("/.anteroom/me").await;
    alice.click("Remove").await;
    clinic.world.clock.next_step();
    let refused = alice.page().clone();
    if refused.forms().iter().any(|form| form.has_field("code")) {
        type_code(&mut alice, &phone.code_at(&clinic.world.clock)).await;
    }
    assert_eq!(audited(&clinic, AuditKind::AuthenticatorRemoved).await, 0);
    clinic.world.clock.next_step();
    let mut next = clinic.browser();
    password(&mut next, ALICE).await;
    must_be_closed(next.page());
    type_code(&mut next, &phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut next).await;
}
