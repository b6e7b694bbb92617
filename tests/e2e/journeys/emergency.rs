//! Break-glass: nobody's phone works, and the patients cannot wait. Envelopes, and an exception
//! that two people open: whom it lets through, how it is seen, and how it ends.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::AppName;
use anteroom_store::Paper;
use anteroom_tests::world::start::{Clinic, eventually};

use crate::ward::{HOUR, MINUTE, break_glass, print_codes, private};

use super::people::{
    ALICE, BOB, CHEN, all_is_well, audited, id_of, must_be_at_login, must_be_in, must_be_out,
    newcomer, password, type_recovery,
};

const SOON: Duration = Duration::from_secs(3);
const BANNER: &str = "Emergency access is open for Ward emr until 09:00 UTC";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_envelope_lets_one_enrolled_person_in_once() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let (batch, codes) = print_codes(&clinic, "emr", 3).await;
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_recovery(&mut browser, &codes[1].to_lowercase()).await;
    assert_eq!(
        browser.page().path(),
        "/patients",
        "{}",
        browser.page().describe()
    );
    must_be_in(&mut browser).await;
    // Used is used, for everybody.
    let mut other = clinic.browser();
    password(&mut other, BOB).await;
    type_recovery(&mut other, &codes[1]).await;
    assert_eq!(other.page().status, 422, "{}", other.page().describe());
    assert!(other.page().has("from an envelope did not match"));
    type_recovery(&mut other, &codes[0]).await;
    must_be_in(&mut other).await;
    let app = AppName::new("emr");
    let seen = clinic.store().sealed_codes_of(&app).await.unwrap();
    assert_eq!((seen.len(), seen[0].total, seen[0].left), (1, 3, 1));
    let used: Vec<(u32, &str)> = seen[0]
        .used
        .iter()
        .map(|one| (one.serial, one.name.as_str()))
        .collect();
    assert_eq!(used, [(1, "bob"), (2, "alice")]);
    assert_eq!(audited(&clinic, AuditKind::SealedCodeUsed).await, 2);
    let metrics = private(&clinic, "/metrics").await;
    let counted = "anteroom_break_glass_total{app=\"emr\",kind=\"sealed_code\"} 2";
    assert!(metrics.text().contains(counted), "{}", metrics.text());
    // The rest is shredded.
    let paper = Paper::of("helen", clinic.now());
    assert_eq!(
        clinic
            .store()
            .sealed_codes_revoke(&app, batch, paper)
            .await
            .unwrap(),
        1
    );
    let mut third = clinic.browser();
    password(&mut third, BOB).await;
    type_recovery(&mut third, &codes[2]).await;
    assert_eq!(third.page().status, 422, "{}", third.page().describe());
    must_be_out(&mut third).await;
    clinic
        .world
        .must_not_leak(&[&codes[0], &codes[1], &codes[2]]);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exception_lets_a_doctor_pass_with_the_password_alone_until_she_is_idle() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    break_glass(&clinic, "emr", HOUR).await;
    eventually("the banner", async || {
        clinic
            .browser()
            .get("/.anteroom/signed-out")
            .await
            .has(BANNER)
    })
    .await;
    assert!(
        private(&clinic, "/metrics")
            .await
            .text()
            .contains("anteroom_emergencies_open 1")
    );

    let mut browser = clinic.browser();
    browser.open("/patients/1001").await;
    browser
        .submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    browser.follow_all().await;
    assert_eq!(
        browser.page().path(),
        "/patients/1001",
        "{}",
        browser.page().describe()
    );
    must_be_in(&mut browser).await;
    assert_eq!(audited(&clinic, AuditKind::EmergencyPassage).await, 1);
    let id = id_of(&clinic, "alice").await;
    let hers = clinic.store().sessions_of(id).await.unwrap();
    assert!(hers[0].single_factor && hers[0].amr == "pwd", "{hers:?}");
    assert_eq!(hers[0].ends_at, clinic.now().plus(HOUR));
    // A wrong password is still a wrong password.
    let mut wrong = clinic.browser();
    wrong.open("/patients").await;
    wrong
        .submit(&[("username", "alice"), ("password", "guessed")])
        .await;
    wrong.follow_all().await;
    must_be_out(&mut wrong).await;
    // Idle is locked, and there is no code that could open it: a full login.
    clinic.world.clock.advance(16 * MINUTE);
    browser.open("/patients/1001").await;
    assert!(
        !browser.page().has_field("code"),
        "{}",
        browser.page().describe()
    );
    assert!(
        browser.page().has("Please sign in again"),
        "{}",
        browser.page().describe()
    );
    must_be_out(&mut browser).await;

    clinic.world.clock.advance(HOUR);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exception_ends_by_itself_with_the_sessions_and_sockets_it_opened() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    break_glass(&clinic, "emr", HOUR).await;
    let mut last = clinic.browser();
    last.open("/patients").await;
    last.submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    last.follow_all().await;
    must_be_in(&mut last).await;
    let mut ticker = last.socket("/ws/ticker").await.unwrap();
    // The hour is over: she was active all the time, and it makes no difference.
    for _ in 0..4 {
        clinic
            .world
            .clock
            .advance(15 * MINUTE - Duration::from_secs(1));
        last.get("/patients/1001").await;
    }
    must_be_in(&mut last).await;
    clinic.world.clock.advance(Duration::from_secs(4));
    must_be_out(&mut last).await;
    assert!(ticker.closed(SOON).await, "the socket goes on");
    let mut after = clinic.browser();
    password(&mut after, ALICE).await;
    assert_eq!(
        after.page().path(),
        "/.anteroom/challenge",
        "{}",
        after.page().describe()
    );
    assert!(!after.page().has("Emergency access"));
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_it_ends_what_began_under_it_within_two_seconds_and_nothing_else() {
    let clinic = Clinic::with_demo().await;
    let mut ordinary = clinic.browser();
    let alice = newcomer(&clinic, &mut ordinary, ALICE).await;
    newcomer(&clinic, &mut clinic.browser(), BOB).await;
    break_glass(&clinic, "emr", HOUR).await;
    let mut browser = clinic.browser();
    browser.open("/patients").await;
    browser
        .submit(&[("username", BOB.name), ("password", BOB.password)])
        .await;
    browser.follow_all().await;
    must_be_in(&mut browser).await;
    let mut ticker = browser.socket("/ws/ticker").await.unwrap();
    let app = AppName::new("emr");
    let paper = Paper::of("helen", clinic.now());
    let closed = clinic.store().emergency_close(&app, paper).await.unwrap();
    assert_eq!(closed, Some(1));
    let ended = eventually("the session ends", async || {
        browser.new_tab().get("/patients/1001").await.status != 200
    });
    assert!(
        tokio::time::timeout(Duration::from_secs(2), ended)
            .await
            .is_ok()
    );
    assert!(ticker.closed(SOON).await, "the socket goes on");
    must_be_out(&mut browser).await;
    must_be_in(&mut ordinary).await;
    let mut again = clinic.browser();
    password(&mut again, BOB).await;
    assert_eq!(
        again.page().path(),
        "/.anteroom/challenge",
        "{}",
        again.page().describe()
    );
    assert_eq!(
        clinic.store().emergency_close(&app, paper).await.unwrap(),
        None
    );
    assert_eq!(audited(&clinic, AuditKind::EmergencyClosed).await, 1);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_nobody_knows_still_enrols_and_whoever_is_suspended_stays_out() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let bob = id_of(&clinic, "bob").await;
    let left = anteroom_store::Paper::of("helen", clinic.now()).because("left");
    let suspended = clinic.store().subscriber_suspend(bob, &left);
    assert!(suspended.await.unwrap());
    break_glass(&clinic, "emr", HOUR).await;
    let mut stranger = clinic.browser();
    password(&mut stranger, CHEN).await;
    assert_eq!(
        stranger.page().path(),
        "/.anteroom/enrol/method",
        "{}",
        stranger.page().describe()
    );
    must_be_out(&mut stranger).await;
    let mut gone = clinic.browser();
    password(&mut gone, BOB).await;
    assert_eq!(gone.page().status, 403, "{}", gone.page().describe());
    assert!(gone.page().has("switched off"));
    must_be_out(&mut gone).await;
    assert_eq!(audited(&clinic, AuditKind::EmergencyPassage).await, 0);
    // Signing out works as always, and leads back to the app's own form.
    let mut browser = clinic.browser();
    browser.open("/patients").await;
    browser
        .submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    browser.follow_all().await;
    must_be_in(&mut browser).await;
    crate::ward::sign_out(&browser).await;
    must_be_out(&mut browser).await;
    browser.open("/patients").await;
    must_be_at_login(&browser);
    clinic.world.clock.advance(HOUR);
    all_is_well(&clinic, &alice).await;
}
