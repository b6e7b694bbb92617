//! The set-up at a first sign-in, step by step: choose a way, set it up, save the codes. Back works
//! from every step, and what was only begun counts nowhere.
//! The ways themselves: `enrolment`, `passkeys`, `mail_code`.

use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::phone::Phone;
use anteroom_tests::security_key::SecurityKey;
use anteroom_tests::world::start::{Clinic, coded_enrolment, open_enrolment};

use super::passkeys::{ENROL as KEY, HOME, set_up_key};
use crate::ward::{
    ALICE, HOUR, audit_is_whole, enrol_here, id_of, issue_code, nonce, password, post,
    recovery_codes, sees_chart, told,
};

const PHONE: &str = "/.anteroom/enrol";
const CODE: &str = "/.anteroom/enrol/code";
const CODES: &str = "/.anteroom/recovery-codes";

fn stands(page: &Page, path: &str, step: &str) {
    assert_eq!(
        (page.status, page.path()),
        (200, path),
        "{}",
        page.describe()
    );
    assert!(page.has(step), "{step}: {}", page.describe());
}

/// How many factors somebody was given so far.
async fn made(clinic: &Clinic) -> usize {
    told(clinic, "enrolment_confirmed").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_stands_on_the_first_page_and_back_works_from_every_step() {
    let clinic = Clinic::with_demo().await;
    let mut alice = clinic.browser();
    let page = password(&mut alice, ALICE).await;
    stands(&page, CHOICE, "Step 1 of 3");
    for said in [
        "Authenticator app",
        "Passkey or security key",
        "Take this one if you are not sure.",
        "Not on a computer that others use.",
    ] {
        assert!(page.has(said), "{said}: {}", page.describe());
    }
    assert!(!page.has("e-mail"), "nobody allows it: {}", page.describe());
    assert!(
        page.attribute("defer").is_none(),
        "choosing needs no script"
    );

    let page = alice.click("Passkey or security key").await;
    stands(&page, KEY, "Step 2 of 3");
    let page = alice.back().await;
    stands(&page, CHOICE, "Step 1 of 3");
    alice.click("Passkey or security key").await;
    let page = alice.click("Choose another way").await;
    stands(&page, CHOICE, "Step 1 of 3");
    let page = alice.click("Authenticator app").await;
    stands(&page, PHONE, "Step 2 of 3");
    let first = Phone::scan(&page).expect("a QR code");
    alice.click("Choose another way").await;
    let page = alice.click("Authenticator app").await;
    let second = Phone::scan(&page).expect("a QR code");
    assert_eq!(first.secret(), second.secret(), "what she scanned is right");
    assert_eq!(made(&clinic).await, 0, "nothing half-made counts");

    alice
        .submit(&[("code", &first.code_at(&clinic.world.clock))])
        .await;
    let page = alice.follow_all().await;
    stands(&page, CODES, "Step 3 of 3");
    let codes = recovery_codes(&page);
    for path in [CHOICE, PHONE, KEY, CODE] {
        let page = alice.new_tab().open(path).await;
        stands(&page, CODES, "Step 3 of 3");
        assert_eq!(recovery_codes(&page), codes, "{path}");
    }
    alice.press("I have saved them", &[]).await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);
    assert_eq!(made(&clinic).await, 1);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_operators_code_there_is_one_step_more_and_back_leads_to_the_choice() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let code = issue_code(&clinic, ALICE.name, 5, HOUR).await;
    let mut alice = clinic.browser();
    let page = password(&mut alice, ALICE).await;
    stands(&page, CODE, "Step 1 of 4");
    for path in [CHOICE, PHONE, KEY] {
        let page = alice.new_tab().open(path).await;
        stands(&page, CODE, "Step 1 of 4");
    }
    alice.submit(&[("code", &code)]).await;
    let page = alice.follow_all().await;
    stands(&page, CHOICE, "Step 2 of 4");
    // The code is given; the page that asked for it has nothing more to ask.
    let page = alice.new_tab().open(CODE).await;
    stands(&page, CHOICE, "Step 2 of 4");
    let page = alice.click("Authenticator app").await;
    stands(&page, PHONE, "Step 3 of 4");
    enrol_here(&mut alice, &clinic).await;
    assert!(sees_chart(&mut alice).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_begun_in_one_tab_and_a_phone_finished_in_another_are_one_factor() {
    let clinic = Clinic::with_demo().await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let begun = alice.new_tab().open(KEY).await;
    let options = SecurityKey::asked(&begun).expect("an offer");
    let answer = SecurityKey::new(HOME).create(&options);
    enrol_here(&mut alice, &clinic).await;
    let fields = [("nonce", nonce(&begun)), ("answer", answer)];
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let late = post(&alice, KEY, &fields).await;
    assert_ne!(late.status, 200, "{}", late.describe());
    let id = id_of(&clinic, ALICE.name).await;
    let held = clinic.store().passkeys_held(Some(id), "emr.test").await;
    assert!(held.expect("the store answers").keys.is_empty());
    assert_eq!(made(&clinic).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_only_keys_are_allowed_nothing_is_asked_and_nothing_else_is_offered() {
    let lines = open_enrolment("demo") + "[app.factors]\nkinds = [\"passkey\"]\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut alice: Browser = clinic.browser();
    let page = password(&mut alice, ALICE).await;
    stands(&page, KEY, "Step 1 of 2");
    assert!(!page.has("Choose another way"), "{}", page.describe());
    for path in [CHOICE, PHONE] {
        let page = alice.new_tab().open(path).await;
        stands(&page, KEY, "Step 1 of 2");
        assert!(Phone::scan(&page).is_err(), "{path}");
    }
    set_up_key(&mut alice).await;
    assert!(sees_chart(&mut alice).await);
}
