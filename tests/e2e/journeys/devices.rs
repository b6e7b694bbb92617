//! "Do not ask for a code on this computer": ticked once, honoured for days, on that computer only;
//! and everything that ends it.
//!
//! Thefts of its cookie are `attacks::d_devices`'; each bound alone is judged in the core.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_store::Paper;
use anteroom_tests::browser::Browser;
use anteroom_tests::world::start::{Clinic, eventually, open_enrolment};

use super::people::{
    ALICE, BOB, Person, all_is_well, audited, id_of, must_be_closed, must_be_in, newcomer,
    password, type_code, type_recovery,
};
use crate::ward::{DAY, HOUR, give_code, sign_out};

const LINES: &str = "[app.remembered_devices]\ndays = 14";
const DEVICE: &str = "__Host-anteroom-device";
const CHALLENGE: &str = "/.anteroom/challenge";

async fn clinic(lines: &str) -> Clinic {
    Clinic::with_demo_as(&format!("{}\n{lines}", open_enrolment("demo")), "").await
}

/// Signs in with the box ticked.
async fn tick(clinic: &Clinic, browser: &mut Browser, person: &Person) {
    password(browser, person.login).await;
    let code = person.next_code(clinic);
    browser.submit(&[("code", &code), ("remember", "1")]).await;
    browser.follow_all().await;
    must_be_in(browser).await;
    assert!(browser.cookie(DEVICE).is_some());
}

/// Types the password and says whether a code is asked for.
async fn is_asked(browser: &mut Browser, person: &Person) -> bool {
    browser.open("/patients").await;
    let typed = [
        ("username", person.login.name),
        ("password", person.login.password),
    ];
    browser.submit(&typed).await;
    browser.follow_all().await;
    let asked = browser.page().path() == CHALLENGE;
    if asked {
        must_be_closed(browser.page());
    } else {
        must_be_in(browser).await;
    }
    asked
}

/// Signs out, and types the password again.
async fn is_asked_again(browser: &mut Browser, person: &Person) -> bool {
    sign_out(browser).await;
    is_asked(browser, person).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticked_computer_asks_for_no_code_for_a_fortnight_and_another_one_does() {
    let clinic = clinic(LINES).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut hers = clinic.browser();
    tick(&clinic, &mut hers, &alice).await;
    let mut tokens = vec![hers.cookie(DEVICE)];
    for _ in 0..3 {
        clinic.world.clock.advance(DAY);
        assert!(!is_asked_again(&mut hers, &alice).await);
        tokens.push(hers.cookie(DEVICE));
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 4, "every use changes the token");
    assert_eq!(audited(&clinic, AuditKind::DevicePassage).await, 3);
    assert!(is_asked(&mut clinic.browser(), &alice).await);
    clinic.world.clock.advance(12 * DAY);
    assert!(
        is_asked_again(&mut hers, &alice).await,
        "the fortnight is over"
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_box_is_not_there_where_the_clinic_does_not_want_it() {
    let clinic = clinic("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut hers = clinic.browser();
    password(&mut hers, ALICE).await;
    assert!(!hers.page().has("on this computer"));
    // Somebody who sends the field all the same is not remembered either.
    let nonce = crate::ward::nonce(hers.page());
    let code = alice.next_code(&clinic);
    let fields = [
        ("nonce", nonce.as_str()),
        ("code", &code),
        ("remember", "1"),
    ];
    let page = crate::ward::post(&hers, CHALLENGE, &fields).await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert_eq!(hers.cookie(DEVICE), None);
    assert_eq!(audited(&clinic, AuditKind::DeviceRemembered).await, 0);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_tick_nothing_is_remembered() {
    let clinic = clinic(LINES).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut hers = clinic.browser();
    password(&mut hers, ALICE).await;
    let words = "Do not ask for a code on this computer for 14 days";
    assert!(hers.page().has(words), "{}", hers.page().describe());
    type_code(&mut hers, &alice.next_code(&clinic)).await;
    must_be_in(&mut hers).await;
    assert!(is_asked_again(&mut hers, &alice).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_still_asks_for_a_code_and_so_does_a_path_that_wants_a_fresh_one() {
    let fresh = "[[app.login.fresh]]\npath = \"/patients/1002\"\nwithin = \"10 min\"";
    let clinic = clinic(&format!("{LINES}\n{fresh}")).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut hers = clinic.browser();
    tick(&clinic, &mut hers, &alice).await;
    clinic.world.clock.advance(HOUR);
    assert!(!is_asked_again(&mut hers, &alice).await);
    hers.open("/patients/1002").await;
    assert_eq!(hers.page().path(), CHALLENGE, "{}", hers.page().describe());
    must_be_closed(hers.page());
    hers.open("/patients/1001").await;
    assert_eq!(hers.page().status, 200);
    clinic.world.clock.advance(Duration::from_secs(15 * 60 + 1));
    hers.open("/patients/1001").await;
    assert_eq!(hers.page().path(), CHALLENGE, "{}", hers.page().describe());
    type_code(&mut hers, &alice.next_code(&clinic)).await;
    must_be_in(&mut hers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_person_at_the_same_computer_is_asked_and_alice_is_not_forgotten() {
    let clinic = clinic(LINES).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let bob = newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let mut ward_pc = clinic.browser();
    tick(&clinic, &mut ward_pc, &alice).await;
    assert!(is_asked_again(&mut ward_pc, &bob).await);
    type_code(&mut ward_pc, &bob.next_code(&clinic)).await;
    must_be_in(&mut ward_pc).await;
    assert!(!is_asked_again(&mut ward_pc, &alice).await);
    assert_eq!(audited(&clinic, AuditKind::DeviceStolen).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saved_and_lent_codes_remember_nothing() {
    let clinic = clinic(LINES).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let lent = give_code(&clinic, "alice", 2, HOUR).await;
    for code in [alice.codes[0].as_str(), &lent] {
        let mut hers = clinic.browser();
        password(&mut hers, ALICE).await;
        let nonce = crate::ward::nonce(hers.page());
        let fields = [("nonce", nonce.as_str()), ("code", code), ("remember", "1")];
        let page = crate::ward::post(&hers, "/.anteroom/recovery", &fields).await;
        assert_eq!(page.status, 303, "{}", page.describe());
        assert_eq!(hers.cookie(DEVICE), None);
    }
    let mut hers = clinic.browser();
    password(&mut hers, ALICE).await;
    type_recovery(&mut hers, &alice.codes[1]).await;
    must_be_in(&mut hers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_by_the_helpdesk_forgets_the_computer() {
    let clinic = clinic(LINES).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut hers = clinic.browser();
    tick(&clinic, &mut hers, &alice).await;
    let paper = Paper::of("helen", clinic.now()).because("laptop lost");
    let id = id_of(&clinic, "alice").await;
    let ended = clinic.store().subscriber_sign_out(id, &paper).await;
    assert!(ended.expect("the store answers").is_some());
    let tab = tokio::sync::Mutex::new(hers.new_tab());
    let out = || async { tab.lock().await.get("/patients/1001").await.status != 200 };
    eventually("her session ends", out).await;
    assert!(is_asked(&mut hers, &alice).await);
    all_is_well(&clinic, &alice).await;
}
