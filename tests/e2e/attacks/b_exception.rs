//! Family B under an open exception: it takes the second factor away and nothing else. What the app
//! did not prove is withheld as ever, and what an exception opened is no way to anything more.

use anteroom::demo::FailureMode;
use anteroom_core::ids::AppName;
use anteroom_store::Paper;
use anteroom_tests::world::start::Clinic;

use super::legacy::{self, Legacy};
use crate::ward::{
    self, ALICE, BOB, CHALLENGE, HOUR, all_is_well, break_glass, enrolled, password, post,
    sees_chart, told,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b13_an_exception_never_lets_an_unproved_outcome_through() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    break_glass(&clinic, "emr", HOUR).await;
    let demo = clinic.demo.as_ref().expect("the demonstration EMR");
    for mode in [
        FailureMode::JsonOk,
        FailureMode::NoContent,
        FailureMode::MetaRefresh,
    ] {
        demo.failure_modes([mode]);
        let mut thief = clinic.browser();
        thief.open("/patients").await;
        thief
            .submit(&[("username", "alice"), ("password", "guessed")])
            .await;
        thief.follow_all().await;
        assert!(!sees_chart(&mut thief).await, "{mode:?}");
        assert_eq!(told(&clinic, "emergency_passage").await, 0, "{mode:?}");
    }
    clinic.world.clock.advance(HOUR);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b13_without_a_probe_only_the_answer_that_proves_it_passes() {
    let legacy = Legacy::start().await;
    let clinic = legacy.clinic().await;
    let (_, phone) = legacy::enrolled(&clinic, clinic.browser(), "alice").await;
    let app = clinic.running().gateway().apps()[0]
        .name()
        .as_str()
        .to_owned();
    break_glass(&clinic, &app, HOUR).await;
    for what in [
        "the page itself",
        "nothing",
        "a refresh",
        "JSON",
        "elsewhere",
        "500",
    ] {
        legacy.answer_logins_with(move |id| super::b_outcomes::disguise(what, id));
        let mut browser = clinic.browser();
        browser.open(legacy::CHART).await;
        browser
            .submit(&[
                ("username", "alice"),
                ("password", &legacy::secret("alice")),
            ])
            .await;
        browser.follow_all().await;
        assert!(
            legacy::is_blocked(&legacy, &mut browser.thief()).await,
            "{what}"
        );
        assert_eq!(told(&clinic, "emergency_passage").await, 0, "{what}");
        ward::start_over(&browser).await;
        legacy.behave();
    }
    clinic.world.clock.advance(HOUR);
    legacy::all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b18_a_session_of_an_exception_is_unlocked_by_nothing_and_dies_with_it() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, codes) = enrolled(&clinic, ALICE).await;
    enrolled(&clinic, BOB).await;
    break_glass(&clinic, "emr", HOUR).await;
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    assert!(
        sees_chart(&mut browser).await,
        "{}",
        browser.page().describe()
    );
    // Open or locked, our challenge has no form for it; one that is made up changes nothing.
    browser.get(CHALLENGE).await;
    assert!(
        !browser.page().has_field("code"),
        "{}",
        browser.page().describe()
    );
    clinic.world.clock.advance(16 * ward::MINUTE);
    let form = "00000000000000000000000000000000";
    for code in [codes[0].as_str(), "000000", "00000-00000"] {
        let page = post(&browser, CHALLENGE, &[("nonce", form), ("code", code)]).await;
        assert!(ward::given(&page).is_none(), "{}", page.describe());
        assert!(!sees_chart(&mut browser).await);
    }
    assert_eq!(told(&clinic, "session_unlocked").await, 0);

    // Two at once with the closing: whoever comes after it gets a challenge.
    let paper = Paper::of("helen", clinic.now());
    let app = AppName::new("emr");
    let mut late = clinic.browser();
    late.open("/patients").await;
    let (closed, _) = tokio::join!(
        clinic.store().emergency_close(&app, paper),
        late.submit(&[("username", "bob"), ("password", BOB.password)])
    );
    closed.unwrap();
    late.follow_all().await;
    let gone = anteroom_tests::world::start::eventually("no session is left", async || {
        !sees_chart(&mut late.new_tab()).await
    });
    gone.await;
    let mut other = clinic.browser();
    let page = password(&mut other, BOB).await;
    assert_eq!(page.path(), CHALLENGE, "{}", page.describe());
    all_is_well(&clinic, ALICE, &phone).await;
}
