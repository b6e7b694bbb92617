//! "Do not ask for a code on this computer": ticked once, honoured for days, on that computer only;
//! and everything that ends it.
//!
//! Thefts of its cookie are `attacks::d_devices`'; each bound alone is judged in the core.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_store::Paper;
use anteroom_tests::browser::Browser;
use anteroom_tests::own_pages::ME;
use anteroom_tests::phone::Phone;
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
    is_thrown_out(&hers).await;
    assert!(is_asked(&mut hers, &alice).await);
    all_is_well(&clinic, &alice).await;
}

/// Opens the form that a link of her own page leads to, and proves herself with this code.
async fn change(browser: &mut Browser, link: &str, code: &str) {
    browser.open(ME).await;
    browser.click(link).await;
    browser.page().must_be(200);
    browser.submit(&[("code", code)]).await;
    browser.follow_all().await;
}

/// Nothing of what this browser had is open any more, within two seconds.
async fn is_thrown_out(browser: &Browser) {
    let tab = tokio::sync::Mutex::new(browser.new_tab());
    let out = || async { tab.lock().await.get("/patients/1001").await.status != 200 };
    eventually("her session ends", out).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn her_page_lists_the_computers_that_ask_for_no_code_and_she_ends_one_from_home() {
    let clinic = clinic(LINES).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let firefox =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let mut at_work = clinic.browser().always("user-agent", firefox);
    tick(&clinic, &mut at_work, &alice).await;
    clinic.world.clock.advance(DAY);
    assert!(!is_asked_again(&mut at_work, &alice).await);
    let mut home = clinic.browser();
    tick(&clinic, &mut home, &alice).await;
    home.open(ME).await;
    for said in [
        "Computers that ask for no code",
        "Firefox on Windows",
        "(this computer)",
        "Until ",
        "Signed in on a computer that asks for no code",
        "A computer was remembered",
    ] {
        home.page().must_say(said);
    }
    let link = "again : Firefox on Windows";
    change(&mut home, link, &alice.next_code(&clinic)).await;
    home.page().must_stand_at(ME);
    home.page().must_say("A computer was forgotten");
    assert!(!home.page().has("Firefox on Windows"));
    is_thrown_out(&at_work).await;
    assert!(is_asked(&mut at_work, &alice).await);
    must_be_in(&mut home).await;
    assert!(
        !is_asked_again(&mut home, &alice).await,
        "hers is still known"
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn she_ends_all_of_them_at_once_with_a_saved_code_and_stays_signed_in() {
    let clinic = clinic(LINES).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let (mut at_work, mut home) = (clinic.browser(), clinic.browser());
    for browser in [&mut at_work, &mut home] {
        tick(&clinic, browser, &alice).await;
        assert!(!is_asked_again(browser, &alice).await);
    }
    change(
        &mut home,
        "Ask for a code on all of them again",
        &alice.codes[2],
    )
    .await;
    home.page().must_stand_at(ME);
    assert!(!home.page().has("Computers that ask for no code"));
    // Her session here was opened without a code; it was proved by this one, and stays.
    must_be_in(&mut home).await;
    is_thrown_out(&at_work).await;
    assert!(is_asked(&mut at_work, &alice).await);
    assert!(is_asked_again(&mut home, &alice).await);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_of_her_sign_in_makes_all_computers_ask_again_and_is_told_before() {
    let clinic = clinic(LINES).await;
    let mut alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let (mut hers, mut home) = (clinic.browser(), clinic.browser());
    super::people::sign_in(&clinic, &mut home, &alice).await;
    for link in [
        "Add another phone",
        "Make new recovery codes",
        "Remove Tablet",
        "Move to a new phone",
        "This was not me",
    ] {
        tick(&clinic, &mut hers, &alice).await;
        sign_out(&hers).await;
        home.open(ME).await;
        home.click(link).await;
        home.page().must_say("will ask for one again");
        let code = alice.next_code(&clinic);
        let phone = Phone::scan(home.page()).ok();
        let first = phone.as_ref().map(|new| new.code_at(&clinic.world.clock));
        let first = first.unwrap_or_default();
        let entries: &[_] = match link {
            "Add another phone" => &[("label", "Tablet"), ("first", &first), ("code", &code)],
            "Move to a new phone" => &[("first", &first), ("code", &code)],
            _ => &[("code", &code)],
        };
        home.submit(entries).await;
        home.follow_all().await;
        home.page().must_be(200);
        if home.page().path() == "/.anteroom/recovery-codes" {
            home.press("I have saved them", &[]).await;
            home.follow_all().await;
        }
        home.page().must_stand_at(ME);
        if link == "Move to a new phone" {
            alice.phone = phone.expect("a QR code");
        }
        assert!(is_asked(&mut hers, &alice).await, "{link}");
        type_code(&mut hers, &alice.next_code(&clinic)).await;
        sign_out(&hers).await;
    }
    assert_eq!(audited(&clinic, AuditKind::DeviceForgotten).await, 5);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_name_for_her_phone_forgets_no_computer() {
    let clinic = clinic(LINES).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut hers = clinic.browser();
    tick(&clinic, &mut hers, &alice).await;
    hers.open(ME).await;
    hers.click("Rename").await;
    assert!(!hers.page().has("will ask for one again"));
    let code = alice.next_code(&clinic);
    hers.submit(&[("label", "Ward phone"), ("code", &code)])
        .await;
    hers.follow_all().await;
    hers.page().must_say("Ward phone");
    assert!(!is_asked_again(&mut hers, &alice).await);
}
