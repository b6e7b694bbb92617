//! Going away: logout by link and by button, cancel, the back button, other tabs, somebody else.
//! After each of them the old cookies are worth nothing, to their owner or to whoever copied them.

use anteroom_store::Paper;
use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::send::Protocol;
use anteroom_tests::world::start::{Clinic, eventually};

use super::people::{
    ALICE, BOB, all_is_well, audited, id_of, must_be_at_login, must_be_closed, must_be_in,
    must_be_out, newcomer, password, sign_in, type_code,
};

/// The session is over for its owner, for her other tab and for whoever copied her cookies.
async fn is_over(browser: &mut Browser, copy: &mut Browser, clinic: &Clinic) {
    let (now, before) = (
        browser.cookie("__Host-anteroom"),
        copy.cookie("__Host-anteroom"),
    );
    assert_ne!(now, before, "the browser was told to forget");
    let reached = clinic.record().for_path("/patients/1001").len();
    must_be_out(copy).await;
    must_be_out(&mut browser.new_tab()).await;
    assert_eq!(clinic.record().for_path("/patients/1001").len(), reached);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logging_out_by_link_or_by_button_ends_everything() {
    for (protocol, by_button) in [
        (Protocol::H1, false),
        (Protocol::H1, true),
        (Protocol::H2, true),
    ] {
        let clinic = Clinic::with_demo().await;
        let mut browser = clinic.browser().over(protocol);
        let alice = newcomer(&clinic, &mut browser, ALICE).await;
        let mut copy = browser.thief();
        must_be_in(&mut copy).await;
        let page = if by_button {
            browser.press("Log out", &[]).await
        } else {
            browser.get("/logout").await
        };
        assert_eq!(page.status, 302, "{}", page.describe());
        assert_eq!(page.location(), Some("/login"));
        assert_eq!(
            page.header("clear-site-data"),
            Some("\"cache\""),
            "{}",
            page.describe()
        );
        let told = clinic.record().for_path("/logout");
        assert_eq!(told.len(), 1, "the app was told, once");
        assert_eq!(told[0].user, Some("alice"), "and by whom");
        browser.follow_all().await;
        must_be_at_login(&browser);
        is_over(&mut browser, &mut copy, &clinic).await;
        assert_eq!(audited(&clinic, AuditKind::SessionEnded).await, 1);
        all_is_well(&clinic, &alice).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_back_button_shows_no_chart_after_logout_or_lock() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    browser.get("/patients/1001").await;
    browser.get("/patients/1002").await;
    browser.get("/logout").await;
    browser.follow_all().await;
    for _ in 0..3 {
        let shown = browser.back().await;
        must_be_closed(&shown);
    }
    sign_in(&clinic, &mut browser, &alice).await;
    browser.get("/patients/1002").await;
    clinic.world.clock.advance(Duration::from_secs(16 * 60));
    browser.open("/patients/1001").await;
    assert_eq!(browser.page().path(), "/.anteroom/challenge");
    let shown = browser.back().await;
    must_be_closed(&shown);
    // And back from a page after the code does not post the code again.
    browser.open("/patients/1001").await;
    type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    assert_eq!(browser.page().path(), "/patients/1001");
    let shown = browser.back().await;
    assert!(
        shown.status == 0 || shown.is_redirect(),
        "{}",
        shown.describe()
    );
    must_be_in(&mut browser).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_in_one_tab_is_a_logout_in_the_other_whatever_runs_there() {
    let clinic = Clinic::with_demo().await;
    let mut one = clinic.browser();
    let alice = newcomer(&clinic, &mut one, ALICE).await;
    let mut two = one.new_tab();
    must_be_in(&mut two).await;
    let mut ticker = two.socket("/ws/ticker").await.unwrap();
    one.press("Log out", &[]).await;
    assert!(
        ticker.closed(Duration::from_secs(2)).await,
        "the socket outlived its session"
    );
    let script = two.xhr("GET", "/api/patients.json").await;
    assert_eq!(script.status, 401, "{}", script.describe());
    must_be_closed(&script);
    must_be_out(&mut two).await;
    sign_in(&clinic, &mut two, &alice).await;
    // Both tabs are one browser: the first is in again too.
    must_be_in(&mut one).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_else_can_sign_in_from_the_challenge_page() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let bob = newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let mut ward = clinic.browser();
    password(&mut ward, ALICE).await;
    let mut held = ward.thief();
    ward.press("Start over, or sign in as somebody else", &[])
        .await;
    ward.follow_all().await;
    must_be_at_login(&ward);
    // What was held for alice is gone: her code opens nothing, in a copy of the jar either.
    held.open("/.anteroom/challenge").await;
    if held.page().has_field("code") {
        type_code(&mut held, &alice.next_code(&clinic)).await;
    }
    must_be_out(&mut held).await;

    ward.submit(&[("username", BOB.name), ("password", BOB.password)])
        .await;
    ward.follow_all().await;
    assert_eq!(
        ward.page().path(),
        "/.anteroom/challenge",
        "{}",
        ward.page().describe()
    );
    type_code(&mut ward, &alice.next_code(&clinic)).await;
    assert_eq!(
        ward.page().status,
        422,
        "alice's phone is not bob's: {}",
        ward.page().describe()
    );
    type_code(&mut ward, &bob.next_code(&clinic)).await;
    must_be_in(&mut ward).await;
    assert!(ward.page().has("Bob Adeyemi"), "{}", ward.page().describe());
    let as_whom: Vec<_> = clinic.record().for_path("/patients/1001");
    assert_eq!(as_whom.last().unwrap().user, Some("bob"));
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_you_on_the_lock_page_signs_out_and_the_next_one_starts_clean() {
    let clinic = Clinic::with_demo().await;
    let mut ward = clinic.browser();
    let alice = newcomer(&clinic, &mut ward, ALICE).await;
    let bob = newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let mut copy = ward.thief();
    clinic.world.clock.advance(Duration::from_secs(16 * 60));
    ward.open("/patients").await;
    // Bob's code does not unlock alice's session.
    type_code(&mut ward, &bob.phone.code_at(&clinic.world.clock)).await;
    assert_eq!(ward.page().status, 422, "{}", ward.page().describe());
    ward.press("Not you? Sign out", &[]).await;
    ward.follow_all().await;
    assert!(
        ward.page().has("You are signed out"),
        "{}",
        ward.page().describe()
    );
    is_over(&mut ward, &mut copy, &clinic).await;
    sign_in(&clinic, &mut ward, &bob).await;
    assert_eq!(
        clinic
            .record()
            .for_path("/patients/1001")
            .last()
            .unwrap()
            .user,
        Some("bob")
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_login_in_a_running_session_changes_hands_cleanly() {
    let clinic = Clinic::with_demo().await;
    let mut ward = clinic.browser();
    let alice = newcomer(&clinic, &mut ward, ALICE).await;
    let bob = newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let mut copy = ward.thief();
    clinic.world.clock.next_step();
    let mut tab = ward.new_tab();
    tab.get("/login").await;
    tab.submit(&[("username", BOB.name), ("password", BOB.password)])
        .await;
    tab.follow_all().await;
    assert_eq!(
        tab.page().path(),
        "/.anteroom/challenge",
        "{}",
        tab.page().describe()
    );
    // Alice's session is over in every tab before bob has given a code.
    must_be_out(&mut copy).await;
    must_be_out(&mut ward).await;
    type_code(&mut tab, &bob.phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut tab).await;
    assert_eq!(
        clinic
            .record()
            .for_path("/patients/1001")
            .last()
            .unwrap()
            .user,
        Some("bob")
    );
    must_be_out(&mut copy).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logout_while_locked_or_signed_out_is_no_trap() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    // Never signed in at all: a bookmark on the logout address.
    browser.open("/logout").await;
    must_be_at_login(&browser);
    browser
        .submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    browser.follow_all().await;
    let alice = super::people::enrol(&mut browser, &clinic, ALICE).await;
    must_be_in(&mut browser).await;
    assert!(
        clinic
            .record()
            .for_path("/logout")
            .iter()
            .all(|served| served.user.is_none())
    );
    clinic.world.clock.advance(Duration::from_secs(16 * 60));
    let mut copy = browser.thief();
    browser.open("/logout").await;
    must_be_at_login(&browser);
    is_over(&mut browser, &mut copy, &clinic).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_signs_out_one_person_and_later_everybody_within_two_seconds() {
    let clinic = Clinic::with_demo().await;
    let (mut hers, mut his) = (clinic.browser(), clinic.browser());
    let alice = newcomer(&clinic, &mut hers, ALICE).await;
    let bob = newcomer(&clinic, &mut his, BOB).await;
    let id = id_of(&clinic, "alice").await;
    let paper = Paper::of("operator:it", clinic.now());
    let one = clinic.store().subscriber_sign_out(id, &paper);
    assert_eq!(one.await.unwrap(), Some(1));
    // Factors and rights are as they were; and she is not cut who comes back at once, before the
    // gateway has read what was ended.
    let mut again = clinic.browser();
    sign_in(&clinic, &mut again, &alice).await;
    out_in_time(&mut hers).await;
    must_be_in(&mut his).await;
    must_be_in(&mut again).await;
    let all = clinic
        .store()
        .everybody_sign_out("operator:it", clinic.now());
    assert!(all.await.unwrap() >= 2);
    out_in_time(&mut again).await;
    out_in_time(&mut his).await;
    for kind in [AuditKind::SubscriberSignedOut, AuditKind::SessionEnded] {
        assert!(audited(&clinic, kind).await >= 2, "{}", kind.name());
    }
    all_is_well(&clinic, &bob).await;
}

async fn out_in_time(browser: &mut Browser) {
    let ended = eventually("the session ends", async || {
        browser.new_tab().get("/patients/1001").await.status != 200
    });
    let in_time = tokio::time::timeout(Duration::from_secs(2), ended).await;
    assert!(in_time.is_ok());
    must_be_out(browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_full_of_unfinished_sign_ins_is_freed_by_signing_it_out() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut waiting = clinic.browser();
    password(&mut waiting, ALICE).await;
    for _ in 0..4 {
        password(&mut clinic.browser(), ALICE).await;
    }
    let mut one_too_many = clinic.browser();
    password(&mut one_too_many, ALICE).await;
    let page = one_too_many.page();
    assert_eq!(page.status, 429, "{}", page.describe());
    assert_eq!(page.header("retry-after"), Some("300"));
    let id = id_of(&clinic, "alice").await;
    let paper = Paper::of("operator:it", clinic.now());
    let freed = clinic.store().subscriber_sign_out(id, &paper);
    freed.await.unwrap().unwrap();
    // What waited is gone, whoever it was.
    type_code(&mut waiting, &alice.next_code(&clinic)).await;
    must_be_out(&mut waiting).await;
    all_is_well(&clinic, &alice).await;
}
