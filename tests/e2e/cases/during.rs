//! Cases 10, 11, 12, 22, 29: a session while it lives.
//! Never the first sign-in, which `before` has, nor the ways out, which `leaving` has.

use std::time::Duration;

use anteroom_tests::browser::ask::Kind;
use anteroom_tests::recorder::{Latch, Script};
use anteroom_tests::world::start::eventually;

use super::oldapp::{CANARY, all_is_well, begins_anew, clinic, enrolled, sign_in, straight, user};
use crate::ward::{CHALLENGE, HOUR, MINUTE, OURS, id_of, posting, sessions_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_10_after_the_overall_age_a_code_alone_is_not_a_sign_in() {
    let (clinic, _upstream) = clinic(straight, "").await;
    let (mut alice, phone) = enrolled(&clinic, "alice").await;
    for _ in 0..72 {
        clinic.world.clock.advance(10 * MINUTE);
        alice.get("/home.php").await;
    }
    let page = alice.page().clone();
    assert_eq!(
        page.location(),
        Some("/login.php"),
        "twelve hours: {}",
        page.describe()
    );
    let page = alice.get(CHALLENGE).await;
    assert!(
        !page.has_field("code"),
        "no code stands in for a password: {}",
        page.describe()
    );
    assert_eq!(sessions_of(&clinic, "alice").await, 0);
    all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_10_a_switch_makes_idle_an_end() {
    let (clinic, _upstream) = clinic(straight, "[app.sessions]\nunlock_within = \"0 s\"\n").await;
    let (mut alice, phone) = enrolled(&clinic, "alice").await;
    clinic.world.clock.advance(16 * MINUTE);
    let page = alice.get("/home.php").await;
    assert_eq!(page.location(), Some("/login.php"), "{}", page.describe());
    all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_11_another_name_ends_the_session_whatever_the_outcome() {
    let (clinic, upstream) = clinic(straight, "").await;
    let (_, bobs) = enrolled(&clinic, "bob").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    for (name, typed) in [("bob", "right"), ("bob", "wrong"), ("nobody", "wrong")] {
        let mut alice = sign_in(&clinic, "alice", &phone).await;
        assert!(alice.get("/home.php").await.has(CANARY));
        let old = alice.thief();
        upstream.clear();
        alice.get("/login.php").await;
        alice
            .submit(&[("username", name), ("password", typed)])
            .await;
        let page = alice.follow_all().await;
        assert!(!page.has(CANARY), "{name} {typed}: {}", page.describe());
        for browser in [&mut alice, &mut old.thief()] {
            let page = browser.get("/home.php").await;
            assert!(
                !page.everything().contains(CANARY),
                "{name} {typed}: {}",
                page.describe()
            );
        }
        let as_alice = upstream
            .requests()
            .into_iter()
            .filter(|seen| seen.method == "POST");
        let as_alice: Vec<_> = as_alice.filter(|seen| user(seen).is_some()).collect();
        assert!(as_alice.len() <= 1, "{as_alice:#?}");
    }
    all_is_well(&clinic, "alice", &phone).await;
    all_is_well(&clinic, "bob", &bobs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_11_the_same_person_is_locked_by_a_failure_and_asked_again_after_a_success() {
    let (clinic, _upstream) = clinic(straight, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    let mut alice = sign_in(&clinic, "alice", &phone).await;
    alice.get("/login.php").await;
    alice
        .submit(&[("username", "alice"), ("password", "wrong")])
        .await;
    alice.follow_all().await;
    let page = alice.open("/home.php").await;
    assert_eq!(
        page.path(),
        CHALLENGE,
        "locked, not lost: {}",
        page.describe()
    );
    clinic.world.clock.next_step();
    alice
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    alice.follow_all().await;
    assert!(
        alice.get("/home.php").await.has(CANARY),
        "{}",
        alice.page().describe()
    );
    // The app's own time-out, and she logs in again: a code again, and the old jar is worthless.
    let old = alice.thief();
    alice.get("/login.php").await;
    alice
        .submit(&[("username", "alice"), ("password", "right")])
        .await;
    assert_eq!(alice.follow_all().await.path(), CHALLENGE);
    assert!(
        !old.thief()
            .get("/home.php")
            .await
            .everything()
            .contains(CANARY)
    );
    clinic.world.clock.next_step();
    alice
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    alice.follow_all().await;
    assert!(alice.get("/home.php").await.has(CANARY));
    assert!(
        !old.thief()
            .get("/home.php")
            .await
            .everything()
            .contains(CANARY)
    );
    all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_11_while_a_login_is_judged_the_others_wait_and_get_the_new_state() {
    let (clinic, upstream) = clinic(straight, "").await;
    let (mut alice, _) = enrolled(&clinic, "alice").await;
    alice.get("/login.php").await;
    let latch = Latch::shut();
    let held = latch.clone();
    upstream.clear();
    upstream.answer_with(move |seen| match seen.method.as_str() {
        "POST" => Script::default().until(&held).then(
            "HTTP/1.1 302 Found¶Location: /home.php¶\
             Set-Cookie: PHPSESSID=in-bob-5; Path=/¶Content-Length: 0¶¶",
        ),
        _ => Script::ok(CANARY),
    });
    let login = [("username", "bob"), ("password", "right")];
    let login = alice.form_ask(&alice.form_with(&login), &login, None);
    let note = alice.script_ask("GET", "/home.php");
    let (tab, other) = (alice.new_tab(), alice.new_tab());
    let first = tokio::spawn(async move { tab.fetch(&login).await.unwrap() });
    assert!(upstream.wait_for(1, Duration::from_secs(5)).await);
    let second = tokio::spawn(async move { other.fetch(&note).await.unwrap() });
    // Nothing tells that the second one waits but that it has not arrived when the first is done.
    tokio::task::yield_now().await;
    latch.open();
    assert_eq!(
        first.await.unwrap().location(),
        Some("/.anteroom/enrol/method")
    );
    let note = second.await.unwrap();
    assert_eq!(note.status, 401, "{}", note.describe());
    begins_anew(&upstream.requests());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_12_only_a_page_load_a_login_a_code_and_an_end_set_our_cookie() {
    let (clinic, _upstream) = clinic(straight, "").await;
    let mut first = clinic.browser();
    // Parts of a page, frames and scripts of a first visit start no session of their own.
    for kind in [Kind::Resource("image"), Kind::Fetch, Kind::Frame] {
        let page = first
            .cross_site_load("https://emr.test/", "/login.php", kind)
            .await;
        assert!(
            page.set_cookie_line(OURS).is_none(),
            "{kind:?}: {}",
            page.describe()
        );
    }
    assert!(first.cookie(OURS).is_none());
    let (mut alice, phone) = enrolled(&clinic, "alice").await;
    let own = alice.cookie(OURS);
    // A link on another site, a form on another site, a frame on another site.
    let page = alice
        .cross_site_get("https://evil.test/", "/login.php")
        .await;
    assert!(page.set_cookie_line(OURS).is_none(), "{}", page.describe());
    let login = [("username", "mallory"), ("password", "right")];
    let page = alice
        .cross_site_post("https://evil.test/", "/login.php", &login)
        .await;
    assert!(
        page.status == 403 && page.set_cookie_line(OURS).is_none(),
        "{}",
        page.describe()
    );
    for kind in [Kind::Frame, Kind::Resource("image"), Kind::Fetch] {
        let page = alice
            .cross_site_load("https://evil.test/", "/login.php", kind)
            .await;
        assert!(page.set_cookie_line(OURS).is_none(), "{kind:?}");
    }
    assert_eq!(alice.cookie(OURS), own);
    assert!(alice.get("/home.php").await.has(CANARY));
    assert!(
        alice.page().set_cookie_line(OURS).is_none(),
        "verified answers leave it alone"
    );
    let line = sign_in(&clinic, "alice", &phone)
        .await
        .jar()
        .find(OURS)
        .unwrap();
    assert_eq!(
        line.same_site,
        anteroom_tests::browser::cookie::SameSite::Lax
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_22_a_lock_from_outside_holds_within_two_seconds_and_keeps_the_key() {
    let (clinic, _upstream) = clinic(straight, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    let mut alice = sign_in(&clinic, "alice", &phone).await;
    let sessions = clinic
        .store()
        .sessions_of(id_of(&clinic, "alice").await)
        .await
        .unwrap();
    for session in sessions {
        clinic
            .store()
            .session_lock(session.row, clinic.now())
            .await
            .unwrap();
    }
    let started = std::time::Instant::now();
    let over = tokio::sync::Mutex::new(&mut alice);
    eventually("the session is locked", async || {
        over.lock().await.get("/home.php").await.location() == Some(CHALLENGE)
    })
    .await;
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    alice.get(CHALLENGE).await;
    clinic.world.clock.next_step();
    alice
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    alice.follow_all().await;
    assert!(
        alice.get("/home.php").await.has(CANARY),
        "the same upstream session goes on"
    );
    all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_29_polls_are_no_activity_and_doubt_is() {
    let more = "[[app.login.poll]]\npath = \"/messages.php\"\nquery = \"auto=1\"\n";
    let (clinic, _upstream) = clinic(straight, more).await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    for (path, awake) in [("/messages.php?auto=1", false), ("/messages.php", true)] {
        let mut alice = sign_in(&clinic, "alice", &phone).await;
        for _ in 0..4 {
            clinic.world.clock.advance(5 * MINUTE);
            alice.xhr("GET", path).await;
        }
        let page = alice.get("/home.php").await;
        assert_eq!(page.has(CANARY), awake, "{path}: {}", page.describe());
        clinic.world.clock.advance(2 * HOUR);
    }
    let browser = clinic.browser();
    let login = posting(
        &browser,
        "/login.php",
        &[("username", "alice"), ("password", "right")],
    );
    assert_eq!(
        browser.fetch(&login).await.unwrap().location(),
        Some(CHALLENGE)
    );
}
