//! Several apps behind one gateway: people of one realm carry one phone, realms share nothing.
//! A session of one app is no session of the other, whatever the realm.

use anteroom_store::Paper;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::send::Protocol;
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};

use super::people::{
    ALICE, all_is_well, enrol, must_be_at_login, must_be_in, must_be_out, newcomer, password,
    type_code,
};
use super::wards::Ward;

async fn two_wards(realm_of_second: &str) -> (Clinic, Ward, Ward) {
    let (one, two) = (Ward::open().await, Ward::open().await);
    let lines = |realm: &str| format!("realm = \"{realm}\"\n{}", open_enrolment("demo"));
    let plan = Plan::empty()
        .app("north", &one.upstream, &lines("clinic"))
        .app("south", &two.upstream, &lines(realm_of_second));
    (plan.open().await, one, two)
}

/// A copy of everything this browser holds for one host, planted for the other.
fn moved(browser: &Browser, to: &str) -> Browser {
    let other = Browser::new(browser.internet(), &format!("https://{to}"));
    for cookie in browser.jar().all() {
        other.jar().plant(to, &cookie.name, &cookie.value);
    }
    other
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apps_of_one_realm_share_the_phone_but_not_the_session() {
    let (clinic, north, south) = two_wards("clinic").await;
    let mut at_north = clinic.browser_at("north.test");
    let alice = newcomer(&clinic, &mut at_north, ALICE).await;

    // Signed in at one, she is nobody at the other.
    let mut stolen = moved(&at_north, "south.test");
    must_be_out(&mut stolen).await;
    let mut at_south = at_north.new_tab();
    at_south.open("https://south.test/patients").await;
    must_be_at_login(&at_south);
    assert!(
        south
            .record
            .all()
            .iter()
            .all(|served| served.user.is_none())
    );

    // Her phone from the first is her phone at the second.
    let mut at_south = clinic.browser_at("south.test");
    password(&mut at_south, ALICE).await;
    assert_eq!(
        at_south.page().path(),
        "/.anteroom/challenge",
        "{}",
        at_south.page().describe()
    );
    let code = alice.next_code(&clinic);
    type_code(&mut at_south, &code).await;
    must_be_in(&mut at_south).await;

    // A code spent at one is spent at the other.
    let mut again = clinic.browser_at("north.test");
    password(&mut again, ALICE).await;
    type_code(&mut again, &code).await;
    assert!(
        again.page().has("already been used"),
        "{}",
        again.page().describe()
    );

    // Leaving one is leaving one.
    at_south.press("Log out", &[]).await;
    must_be_out(&mut at_south).await;
    must_be_in(&mut at_north).await;
    drop(north);
    let mut third = clinic.browser_at("south.test");
    super::people::sign_in(&clinic, &mut third, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn realms_share_nothing_not_even_a_name() {
    let (clinic, _north, _south) = two_wards("billing").await;
    let mut at_north = clinic.browser_at("north.test");
    let here = newcomer(&clinic, &mut at_north, ALICE).await;
    let mut at_south = clinic.browser_at("south.test");
    password(&mut at_south, ALICE).await;
    assert_eq!(
        at_south.page().path(),
        "/.anteroom/enrol/method",
        "{}",
        at_south.page().describe()
    );
    let there = enrol(&mut at_south, &clinic, ALICE).await;
    must_be_in(&mut at_south).await;
    assert_ne!(here.phone.secret(), there.phone.secret());

    let mut crossed = clinic.browser_at("south.test");
    password(&mut crossed, ALICE).await;
    type_code(&mut crossed, &here.next_code(&clinic)).await;
    assert_eq!(crossed.page().status, 422, "{}", crossed.page().describe());
    type_code(&mut crossed, &there.phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut crossed).await;

    // An operator's reset in one realm leaves the other alone.
    let all = clinic.store().subscriber_list("alice", 10).await.unwrap();
    let one = all.iter().find(|found| found.realm == "clinic").unwrap();
    assert_eq!(all.len(), 2);
    let paper = Paper::of("operator:it", clinic.now()).because("lost");
    let reset = clinic.store().subscriber_reset(one.id, &paper);
    assert!(reset.await.unwrap());
    must_be_in(&mut crossed).await;
    let mut third = clinic.browser_at("south.test");
    super::people::sign_in(&clinic, &mut third, &there).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_codes_count_over_all_apps_of_a_realm() {
    let (clinic, _north, _south) = two_wards("clinic").await;
    let alice = newcomer(&clinic, &mut clinic.browser_at("north.test"), ALICE).await;
    clinic.world.clock.next_step();
    let wrong = alice.phone.wrong_code(clinic.world.clock.now());
    let (mut one, mut two) = (
        clinic.browser_at("north.test"),
        clinic.browser_at("south.test"),
    );
    password(&mut one, ALICE).await;
    password(&mut two, ALICE).await;
    for at_one in [true, false, true, false, true] {
        type_code(if at_one { &mut one } else { &mut two }, &wrong).await;
    }
    assert_eq!(one.page().status, 429, "{}", one.page().describe());
    two.open("/.anteroom/challenge").await;
    assert_eq!(two.page().status, 429, "{}", two.page().describe());
    clinic
        .world
        .clock
        .advance(std::time::Duration::from_secs(31));
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_day_works_over_http_2_as_over_http_1() {
    for protocol in [Protocol::H1, Protocol::H2] {
        let clinic = Clinic::with_demo().await;
        let mut browser = clinic.browser().over(protocol);
        let alice = newcomer(&clinic, &mut browser, ALICE).await;
        browser.get("/patients/1002").await;
        browser.submit(&[("note", "slept well, ate little")]).await;
        browser.follow_all().await;
        assert!(
            browser.page().has("slept well, ate little"),
            "{}",
            browser.page().describe()
        );
        assert!(browser.page().has("Alice") || browser.page().has("alice"));
        let frame = browser.frame("/frame/vitals/1002").await;
        assert_eq!(frame.status, 200, "{}", frame.describe());
        let style = browser.load("style", "/static/app.css").await;
        assert_eq!(style.status, 200);
        let list = browser.xhr("GET", "/api/patients.json").await;
        assert!(list.json().as_array().is_some_and(|list| !list.is_empty()));
        clinic
            .world
            .clock
            .advance(std::time::Duration::from_secs(16 * 60));
        browser.open("/patients/1002").await;
        type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
        assert!(
            browser.page().has("slept well"),
            "{}",
            browser.page().describe()
        );
        browser.press("Log out", &[]).await;
        must_be_out(&mut browser).await;
        all_is_well(&clinic, &alice).await;
    }
}
