//! How long a session lives: idle and locked, unlocked where it was, over at the end of the shift.
//! Cookies that the app set on paths of its own still work after every unlock (DESIGN-CASES 3).

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};

use super::oldchart;
use super::people::{
    ALICE, all_is_well, audited, must_be_at_login, must_be_closed, must_be_in, must_be_out,
    newcomer, type_code,
};

const CHALLENGE: &str = "/.anteroom/challenge";
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_session_is_locked_and_a_code_opens_the_page_she_was_on() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let before = browser.cookie("__Host-anteroom");
    clinic
        .world
        .clock
        .advance(15 * MINUTE + Duration::from_secs(1));
    let reached = clinic.record().count();
    browser.open("/patients/1002?tab=notes").await;
    assert_eq!(
        browser.page().path(),
        CHALLENGE,
        "{}",
        browser.page().describe()
    );
    assert!(
        browser.page().has("Welcome back"),
        "{}",
        browser.page().describe()
    );
    must_be_closed(browser.page());
    // Locked for scripts, sockets and writes too, and nothing of it reaches the app.
    let script = browser.xhr("GET", "/api/patients.json").await;
    assert_eq!(
        (script.status, script.json()["challenge"].as_str()),
        (401, Some(CHALLENGE))
    );
    must_be_closed(&script);
    let note = browser
        .xhr_form("/patients/1001/notes", &[("note", "late")])
        .await;
    assert_eq!(note.status, 401);
    assert_eq!(
        browser.socket("/ws/ticker").await.unwrap_err().status(),
        Some(403)
    );
    assert_eq!(clinic.record().count(), reached);

    type_code(
        &mut browser,
        &alice.phone.wrong_code(clinic.world.clock.now()),
    )
    .await;
    assert_eq!(browser.page().status, 422, "{}", browser.page().describe());
    type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    assert_eq!(browser.page().url.target(), "/patients/1002?tab=notes");
    assert!(
        browser.page().has("CANARY-PHI-1002"),
        "{}",
        browser.page().describe()
    );
    assert_ne!(
        browser.cookie("__Host-anteroom"),
        before,
        "rights rose, so the id was rotated"
    );
    must_be_in(&mut browser).await;
    assert_eq!(audited(&clinic, AuditKind::SessionUnlocked).await, 1);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_on_paths_of_the_apps_own_survive_lock_and_unlock() {
    let upstream = oldchart::open().await;
    let at = format!("http://{}", upstream.addr());
    let clinic = Plan::empty()
        .app("old", &at, &oldchart::lines(""))
        .open()
        .await;
    let mut browser = clinic.browser();
    let dora = oldchart::dora(&clinic, &mut browser).await;
    browser.get("/charts/7").await;
    let cookies = |path: &str| {
        let seen = upstream
            .requests()
            .into_iter()
            .rev()
            .find(|seen| seen.path() == path);
        let seen = seen.unwrap_or_else(|| panic!("{path} was asked for"));
        (seen.cookies("S"), seen.cookies("CHART"))
    };
    let both = (vec!["in".to_owned()], vec!["deep".to_owned()]);
    assert_eq!(cookies("/charts/7"), both);
    for round in ["/charts/8", "/charts/9"] {
        clinic.world.clock.advance(16 * MINUTE);
        browser.open(round).await;
        assert_eq!(
            browser.page().path(),
            CHALLENGE,
            "{}",
            browser.page().describe()
        );
        type_code(&mut browser, &dora.phone.code_at(&clinic.world.clock)).await;
        assert_eq!(
            browser.page().path(),
            round,
            "{}",
            browser.page().describe()
        );
        assert!(
            browser.page().has("CANARY-PHI-OLD"),
            "{}",
            browser.page().describe()
        );
        assert_eq!(cookies(round), both, "{round}");
        assert!(!upstream.saw("__Host-anteroom"), "our cookie is ours");
    }
    browser.get("/home").await;
    assert_eq!(
        cookies("/home").1,
        Vec::<String>::new(),
        "its path is /charts"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_nobody_undoes_becomes_an_end() {
    let lines = open_enrolment("demo") + "[app.sessions]\nunlock_within = \"30 min\"\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    clinic.world.clock.advance(15 * MINUTE + 29 * MINUTE);
    browser.open("/patients").await;
    assert_eq!(
        browser.page().path(),
        CHALLENGE,
        "{}",
        browser.page().describe()
    );
    clinic.world.clock.advance(2 * MINUTE);
    // The form is still open in her browser: a code alone is not enough any more.
    type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    must_be_closed(browser.page());
    must_be_out(&mut browser).await;
    browser.open("/patients").await;
    must_be_at_login(&browser);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_owner_says_so_idle_is_the_end() {
    let lines = open_enrolment("demo") + "[app.sessions]\nunlock_within = \"0 s\"\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    clinic
        .world
        .clock
        .advance(15 * MINUTE - Duration::from_secs(1));
    must_be_in(&mut browser).await;
    clinic
        .world
        .clock
        .advance(15 * MINUTE + Duration::from_secs(1));
    browser.open("/patients").await;
    must_be_at_login(&browser);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shift_ends_for_everybody_however_busy() {
    let lines = open_enrolment("demo") + "[app.sessions]\noverall = \"2 h\"\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    for _ in 0..12 {
        clinic
            .world
            .clock
            .advance(9 * MINUTE + Duration::from_secs(50));
        must_be_in(&mut browser).await;
    }
    clinic.world.clock.advance(2 * MINUTE);
    browser.open("/patients").await;
    must_be_at_login(&browser);
    let thief = browser.thief().get("/patients/1001").await;
    must_be_closed(&thief);
    // An unlock in between buys no time either.
    let mut second = clinic.browser();
    super::people::sign_in(&clinic, &mut second, &alice).await;
    for _ in 0..3 {
        clinic.world.clock.advance(35 * MINUTE);
        second.open("/patients").await;
        assert_eq!(
            second.page().path(),
            CHALLENGE,
            "{}",
            second.page().describe()
        );
        type_code(&mut second, &alice.phone.code_at(&clinic.world.clock)).await;
        must_be_in(&mut second).await;
    }
    clinic.world.clock.advance(16 * MINUTE);
    second.open("/patients").await;
    must_be_at_login(&second);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_polls_keeps_nobody_signed_in() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    for _ in 0..3 {
        clinic
            .world
            .clock
            .advance(5 * MINUTE - Duration::from_secs(1));
        let poll = browser.xhr("GET", "/api/whoami.json").await;
        assert_eq!(poll.status, 200, "{}", poll.describe());
    }
    clinic.world.clock.advance(Duration::from_secs(3));
    let poll = browser.xhr("GET", "/api/whoami.json").await;
    assert_eq!(poll.status, 401, "{}", poll.describe());
    browser.open("/patients").await;
    assert_eq!(browser.page().path(), CHALLENGE);
    type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    // A click does keep her in.
    for _ in 0..4 {
        clinic.world.clock.advance(14 * MINUTE);
        must_be_in(&mut browser).await;
    }
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_wants_a_fresh_code_asks_for_one_in_a_running_session() {
    let lines = open_enrolment("demo")
        + "[app.login]\n[[app.login.fresh]]\npath = \"/admin/*\"\nwithin = \"5 min\"\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let admin = "/admin/whoami-headers";
    browser.get(admin).await;
    assert_eq!(
        browser.page().status,
        200,
        "just signed in: {}",
        browser.page().describe()
    );
    clinic.world.clock.advance(6 * MINUTE);
    must_be_in(&mut browser).await;
    let reached = clinic.record().for_path(admin).len();
    let script = browser.xhr("GET", admin).await;
    assert_eq!(
        (script.status, script.json()["challenge"].as_str()),
        (401, Some(CHALLENGE))
    );
    browser.open(admin).await;
    assert_eq!(
        browser.page().path(),
        CHALLENGE,
        "{}",
        browser.page().describe()
    );
    assert!(
        browser.page().has("fresh code"),
        "{}",
        browser.page().describe()
    );
    for disguise in [
        "/admin//whoami-headers",
        "/ADMIN/whoami-headers",
        "/x/../admin/whoami-headers",
    ] {
        let page = browser.new_tab().get(disguise).await;
        assert_ne!(page.status, 200, "{disguise}: {}", page.describe());
    }
    assert_eq!(
        clinic.record().for_path(admin).len(),
        reached,
        "nothing got through meanwhile"
    );
    // The rest goes on.
    must_be_in(&mut browser.new_tab()).await;
    type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    assert_eq!((browser.page().path(), browser.page().status), (admin, 200));
    must_be_in(&mut browser).await;
    clinic.world.clock.advance(6 * MINUTE);
    browser.open(admin).await;
    assert_eq!(
        browser.page().path(),
        CHALLENGE,
        "{}",
        browser.page().describe()
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_login_waits_five_minutes_and_no_longer() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    clinic.world.clock.next_step();
    let mut slow = clinic.browser();
    super::people::password(&mut slow, ALICE).await;
    clinic
        .world
        .clock
        .advance(5 * MINUTE - Duration::from_secs(1));
    let mut late = clinic.browser();
    super::people::password(&mut late, ALICE).await;
    type_code(&mut slow, &alice.phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut slow).await;
    clinic
        .world
        .clock
        .advance(5 * MINUTE + Duration::from_secs(1));
    type_code(&mut late, &alice.phone.code_at(&clinic.world.clock)).await;
    assert!(late.page().has("Time ran out") || late.page().has_field("password"));
    must_be_out(&mut late).await;
    all_is_well(&clinic, &alice).await;
}
