//! Stolen, guessed and carried-off cookies of remembered computers (`standards.md` N7).
//!
//! What an honest person sees is `journeys::devices`'.

use std::time::Duration;

use anteroom_core::ids::DeviceId;
use anteroom_tests::browser::Browser;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, eventually, open_enrolment};

use crate::ward::{
    ALICE, CHALLENGE, DAY, HOUR, MALLORY, all_is_well, at_challenge, enrolled, id_of, nonce,
    password, post, sees_chart, sign_out, told,
};

const DEVICE: &str = "__Host-anteroom-device";

async fn clinic() -> Clinic {
    let lines = "[app.remembered_devices]\ndays = 14";
    Clinic::with_demo_as(&format!("{}\n{lines}", open_enrolment("demo")), "").await
}

/// Alice, at a computer that is remembered.
async fn stage() -> (Clinic, Browser, Phone) {
    let clinic = clinic().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let mut hers = at_challenge(&clinic, ALICE).await;
    let code = phone.code_at(&clinic.world.clock);
    hers.submit(&[("code", &code), ("remember", "1")]).await;
    hers.follow_all().await;
    assert!(sees_chart(&mut hers).await);
    (clinic, hers, phone)
}

/// Within two seconds this browser sees no chart any more.
async fn is_thrown_out(browser: &Browser) {
    let tab = tokio::sync::Mutex::new(browser.new_tab());
    let out = || async { !sees_chart(&mut *tab.lock().await).await };
    eventually("the session ends", out).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_a_copied_cookie_is_found_out_when_both_have_used_it() {
    let (clinic, mut hers, phone) = stage().await;
    sign_out(&hers).await;
    let mut thief = hers.thief();
    clinic.world.clock.advance(HOUR);
    // The thief has the password and the cookie, and is first.
    assert_eq!(password(&mut thief, ALICE).await.path(), "/patients");
    assert!(sees_chart(&mut thief).await);
    clinic.world.clock.advance(Duration::from_secs(120));
    assert_eq!(password(&mut hers, ALICE).await.path(), CHALLENGE);
    assert_eq!(told(&clinic, "device_stolen").await, 1);
    is_thrown_out(&thief).await;
    let again = password(&mut thief, ALICE).await;
    assert_eq!(again.path(), CHALLENGE, "{}", again.describe());
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_a_copy_that_comes_second_ends_what_the_first_one_opened() {
    let (clinic, mut hers, phone) = stage().await;
    sign_out(&hers).await;
    let mut thief = hers.thief();
    assert_eq!(password(&mut hers, ALICE).await.path(), "/patients");
    clinic.world.clock.advance(Duration::from_secs(120));
    assert_eq!(password(&mut thief, ALICE).await.path(), CHALLENGE);
    assert_eq!(told(&clinic, "device_stolen").await, 1);
    is_thrown_out(&hers).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_the_cookie_is_nothing_without_the_password() {
    let (clinic, hers, phone) = stage().await;
    sign_out(&hers).await;
    let mut thief = hers.thief();
    assert!(!sees_chart(&mut thief).await);
    thief.open("/patients").await;
    let wrong = [("username", "alice"), ("password", "wrong")];
    thief.submit(&wrong).await;
    thief.follow_all().await;
    assert!(!sees_chart(&mut thief).await);
    assert_eq!(told(&clinic, "device_passage").await, 0);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_alices_cookie_does_nothing_for_mallory_and_raises_no_alarm() {
    let (clinic, hers, phone) = stage().await;
    let (_, other, _) = enrolled(&clinic, MALLORY).await;
    sign_out(&hers).await;
    let mut mallory = hers.thief();
    assert_eq!(password(&mut mallory, MALLORY).await.path(), CHALLENGE);
    assert_eq!(told(&clinic, "device_stolen").await, 0);
    all_is_well(&clinic, ALICE, &phone).await;
    all_is_well(&clinic, MALLORY, &other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_a_guessed_token_beside_a_known_selector_ends_the_device() {
    let (clinic, mut hers, phone) = stage().await;
    sign_out(&hers).await;
    let value = hers.cookie(DEVICE).expect("a cookie");
    let mut thief = clinic.browser();
    let guessed = format!("{}{}", &value[..21], "A".repeat(value.len() - 21));
    thief = thief.always("cookie", &format!("{DEVICE}={guessed}"));
    clinic.world.clock.advance(HOUR);
    thief.open("/patients").await;
    let typed = [("username", ALICE.name), ("password", ALICE.password)];
    thief.submit(&typed).await;
    thief.follow_all().await;
    assert!(!thief.page().everything().contains("CANARY-PHI"));
    let _ = password(&mut hers, ALICE).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_elsewhere_the_cookie_is_not_known() {
    let (clinic, hers, phone) = stage().await;
    sign_out(&hers).await;
    let mut elsewhere = hers.thief().from_address("127.0.9.9");
    assert_eq!(password(&mut elsewhere, ALICE).await.path(), CHALLENGE);
    assert_eq!(told(&clinic, "device_passage").await, 0);
    clinic.world.clock.advance(DAY);
    let mut near = hers.thief().from_address("127.0.0.9");
    assert_eq!(password(&mut near, ALICE).await.path(), "/patients");
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_one_token_sent_by_many_at_once_opens_one_session() {
    let (clinic, hers, phone) = stage().await;
    sign_out(&hers).await;
    let many: Vec<Browser> = (0..4).map(|_| hers.thief()).collect();
    let ways = many
        .into_iter()
        .map(|mut one| async move { password(&mut one, ALICE).await.path() == "/patients" });
    let passed = futures_util::future::join_all(ways).await;
    let passed = passed.into_iter().filter(|passed| *passed).count();
    assert!(passed <= 1, "{passed}");
    assert_eq!(told(&clinic, "device_passage").await, passed);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_the_cookie_never_goes_upstream() {
    let (clinic, mut hers, phone) = stage().await;
    hers.get("/patients/1001").await;
    let value = hers.cookie(DEVICE).expect("a cookie");
    let seen = clinic.record().all();
    assert!(!seen.is_empty());
    for one in seen {
        let cookies = one.header("cookie").unwrap_or_default();
        assert!(!cookies.contains(&value), "{}", one.path());
        assert!(!cookies.contains("anteroom"), "{}", one.path());
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

/// The form by which a remembered computer is forgotten.
fn forget(id: DeviceId) -> String {
    format!("/.anteroom/me/forget/{id}")
}

/// The one computer of somebody.
async fn device_of(clinic: &Clinic, name: &str) -> DeviceId {
    let id = id_of(clinic, name).await;
    let found = clinic.store().devices_of(id, clinic.now()).await;
    found.expect("the store answers")[0].id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_only_its_owner_forgets_a_computer_and_only_with_a_fresh_proof() {
    let (clinic, mut hers, phone) = stage().await;
    let (mut mallory, other, _) = enrolled(&clinic, MALLORY).await;
    let path = forget(device_of(&clinic, "alice").await);
    clinic.world.clock.next_step();
    // Somebody else is not even told that there is one.
    mallory.get(&path).await.must_be(404);
    let foreign = nonce(&mallory.open("/.anteroom/me/forget-all").await);
    let code = other.code_at(&clinic.world.clock);
    let page = post(&mallory, &path, &[("nonce", &foreign), ("code", &code)]).await;
    page.must_be(403);
    mallory.submit(&[("code", &code)]).await;
    mallory.page().must_lead_to("/.anteroom/me");
    // Its owner: not without a code, with a wrong one, with another form's nonce, or from a script.
    let wrong = phone.wrong_code(clinic.world.clock.now());
    hers.open(&path).await;
    let own = nonce(hers.page());
    for code in ["", &wrong] {
        hers.submit(&[("code", code)]).await;
        hers.page().must_be(422);
    }
    let good = phone.code_at(&clinic.world.clock);
    let page = post(&hers, &path, &[("nonce", &foreign), ("code", &good)]).await;
    page.must_be(403);
    let page = hers
        .xhr_form(&path, &[("nonce", &own), ("code", &good)])
        .await;
    page.must_be(403);
    assert_eq!(told(&clinic, "device_forgotten").await, 0);
    let page = post(&hers, &path, &[("nonce", &own), ("code", &good)]).await;
    page.must_lead_to("/.anteroom/me");
    assert_eq!(told(&clinic, "device_forgotten").await, 1);
    // The same form again is the same act; a new one finds nothing.
    let page = post(&hers, &path, &[("nonce", &own), ("code", &good)]).await;
    page.must_lead_to("/.anteroom/me");
    assert_eq!(told(&clinic, "device_forgotten").await, 1);
    hers.get(&path).await.must_be(404);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n7_a_computer_is_named_by_its_owner_alone_even_where_the_form_is_right() {
    let (clinic, _, phone) = stage().await;
    let (mut mallory, other, _) = enrolled(&clinic, MALLORY).await;
    let id = device_of(&clinic, "alice").await;
    // A form of his own act for it: its nonce can only come from a page that he is not given.
    for path in [
        forget(id),
        format!("/.anteroom/me/forget/0{id}"),
        "/.anteroom/me/forget/x".to_owned(),
    ] {
        mallory.get(&path).await.must_be(404);
    }
    clinic.world.clock.next_step();
    mallory.open("/.anteroom/me/forget-all").await;
    let code = other.code_at(&clinic.world.clock);
    mallory.submit(&[("code", &code)]).await;
    mallory.page().must_lead_to("/.anteroom/me");
    assert_eq!(told(&clinic, "device_forgotten").await, 0);
    assert_eq!(device_of(&clinic, "alice").await, id);
    all_is_well(&clinic, ALICE, &phone).await;
}
