//! Cases 10, 11, 12, 14, 15, 21, 22, 29: a session while it lives, and how it ends.
//! Never the first sign-in; `before` has that.

use anteroom_store::Paper;
use std::time::Duration;

use anteroom_tests::browser::ask::Kind;
use anteroom_tests::recorder::{Latch, Script, Seen};
use anteroom_tests::world::start::eventually;

use super::oldapp::{
    CANARY, FORM, all_is_well, clinic, enrolled, field, password, sign_in, straight, user,
};
use crate::ward::{CHALLENGE, HOUR, MINUTE, OURS, id_of, posting, sessions_of, sign_out};

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
    assert_eq!(upstream.requests().len(), 1, "{:#?}", upstream.requests());
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

fn cookie_games(seen: &Seen) -> Option<Script> {
    let gone = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/";
    let lines: Vec<String> = match seen.path() {
        "/swap.php" => vec![
            format!("PHPSESSID=deleted; {gone}"),
            "PHPSESSID=in-alice-900; Path=/".to_owned(),
        ],
        "/other.php" => vec![format!("theme=; {gone}"), format!("OTHER=; {gone}")],
        "/thrice.php" => vec![
            "PHPSESSID=in-alice-1; Path=/".to_owned(),
            format!("PHPSESSID=x; {gone}"),
            "PHPSESSID=in-alice-901; Path=/".to_owned(),
        ],
        "/out.php" => vec![format!("PHPSESSID=deleted; {gone}")],
        "/login.php" if user(seen).is_none() && seen.method == "GET" => {
            let deletes = format!("REMEMBER=; {gone}");
            let html = ("Content-Type", "text/html");
            let id = "PHPSESSID=anonymous-1; Path=/";
            let both = [html, ("Set-Cookie", &*deletes), ("Set-Cookie", id)];
            return Some(Script::status(200, &both, FORM));
        }
        _ => return None,
    };
    let fields: Vec<_> = lines
        .iter()
        .map(|line| ("Set-Cookie", line.as_str()))
        .collect();
    Some(Script::status(200, &fields, "done"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_14_only_the_net_deletion_of_the_login_cookie_signs_out() {
    let (clinic, _upstream) = clinic(cookie_games, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    let mut alice = sign_in(&clinic, "alice", &phone).await;
    for path in ["/swap.php", "/other.php", "/thrice.php"] {
        assert_eq!(alice.get(path).await.status, 200, "{path}");
        assert!(
            alice.get("/home.php").await.has(CANARY),
            "{path} signed her out"
        );
    }
    let page = alice.get("/out.php").await;
    assert_eq!(
        page.header("clear-site-data"),
        Some("\"cache\""),
        "{}",
        page.describe()
    );
    assert!(alice.cookie(OURS).is_none());
    assert!(!alice.get("/home.php").await.everything().contains(CANARY));
    all_is_well(&clinic, "alice", &phone).await;
}

/// A logout that asks first, as WordPress and Roundcube do without their token.
fn asks_first(seen: &Seen) -> Option<Script> {
    let asks = seen.path() == "/logout.php" && !seen.target.contains("token=1");
    asks.then(|| Script::ok("Do you really want to log out?"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_14_a_logout_counts_by_its_answer_and_never_across_sites() {
    let (clinic, _upstream) = clinic(asks_first, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    let mut alice = sign_in(&clinic, "alice", &phone).await;
    assert!(alice.get("/logout.php").await.has("really"));
    assert!(
        alice.get("/home.php").await.has(CANARY),
        "a question is no logout"
    );
    for site in ["https://evil.test/", "https://sister.emr.test/"] {
        let image = Kind::Resource("image");
        alice
            .cross_site_load(site, "/logout.php?token=1", image)
            .await;
        assert!(
            alice.get("/home.php").await.has(CANARY),
            "{site} signed her out"
        );
    }
    alice.get("/logout.php?token=1").await;
    assert!(alice.cookie(OURS).is_none(), "{}", alice.page().describe());
    assert_eq!(
        sessions_of(&clinic, "alice").await,
        1,
        "the one she enrolled in"
    );
    all_is_well(&clinic, "alice", &phone).await;
}

/// A login that succeeds with a page of its own in place of a redirect.
fn page_in_place(seen: &Seen) -> Option<Script> {
    let login = seen.method == "POST" && field(seen, "password") == "right";
    let fields = [
        ("Content-Type", "text/html"),
        ("Set-Cookie", "PHPSESSID=in-alice-5; Path=/"),
    ];
    login.then(|| Script::status(200, &fields, "<a href=\"next.php\">once</a> CANARY-HELD"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_15_a_held_page_is_shown_once_at_the_address_it_belongs_to() {
    let more = "[[app.login.outcome]]\noutcome = \"failure\"\nstatus = [200]\n\
        body = '<input[^>]+name=\"password\"'\n[[app.login.outcome]]\noutcome = \"success\"\n\
        status = [200]\nbody = 'CANARY-HELD'\nunforgeable = true\n";
    let (clinic, upstream) = clinic(page_in_place, more).await;
    let mut alice = clinic.browser();
    password(&mut alice, "alice", "right").await;
    assert!(
        !alice.page().everything().contains("CANARY"),
        "{}",
        alice.page().describe()
    );
    crate::ward::enrol_here(&mut alice, &clinic).await;
    let page = alice.page().clone();
    assert_eq!(
        (page.status, page.path()),
        (200, "/login.php"),
        "{}",
        page.describe()
    );
    assert!(page.has("CANARY-HELD"), "{}", page.describe());
    assert_eq!(page.header("cache-control"), Some("no-store"));
    upstream.clear();
    let again = alice.get("/login.php").await;
    assert!(
        !again.has("CANARY-HELD"),
        "later ones go upstream: {}",
        again.describe()
    );
    assert_eq!(upstream.requests().len(), 1);
    assert!(alice.get("/home.php").await.has(CANARY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_21_an_end_puts_the_apps_session_out_of_reach_at_once_however_it_comes() {
    let (clinic, upstream) = clinic(straight, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    for end in ["sign out", "revoke", "suspend"] {
        let mut alice = sign_in(&clinic, "alice", &phone).await;
        assert!(alice.get("/home.php").await.has(CANARY));
        let id = upstream.requests().last().unwrap().cookies("PHPSESSID")[0].clone();
        let (mut kept, sealed) = (alice.thief(), alice.cookie("PHPSESSID").unwrap());
        let (who, now) = (id_of(&clinic, "alice").await, clinic.now());
        match end {
            "sign out" => sign_out(&alice).await,
            "revoke" => {
                clinic
                    .store()
                    .sessions_end_all(who, "operator", now)
                    .await
                    .unwrap();
            }
            _ => assert!(
                clinic
                    .store()
                    .subscriber_suspend(who, &Paper::of("helen", now).because("left"))
                    .await
                    .unwrap()
            ),
        }
        let over = tokio::sync::Mutex::new(alice);
        let started = std::time::Instant::now();
        eventually("the session is over", async || {
            !over
                .lock()
                .await
                .get("/home.php")
                .await
                .everything()
                .contains(CANARY)
        })
        .await;
        assert!(
            started.elapsed() < Duration::from_secs(3),
            "{end}: {:?}",
            started.elapsed()
        );
        upstream.clear();
        assert!(
            !kept.get("/home.php").await.everything().contains(CANARY),
            "{end}"
        );
        clinic
            .store()
            .subscriber_resume(who, &Paper::of("helen", clinic.now()))
            .await
            .unwrap();
        // Nor does it open in the next session of the same person.
        let mut next = sign_in(&clinic, "alice", &phone).await;
        next.jar().plant("emr.test", "PHPSESSID", &sealed);
        next.get("/home.php").await;
        assert!(
            !upstream.saw(&id),
            "{end}: the app's id went upstream again"
        );
    }
    all_is_well(&clinic, "alice", &phone).await;
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
