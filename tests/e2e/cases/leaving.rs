//! Cases 14, 15, 21: the app's own way out, a page held at the end, and an end from elsewhere.
//! Never how long a session lives; `during` has that.

use anteroom_store::Paper;
use std::time::Duration;

use anteroom_tests::browser::ask::Kind;
use anteroom_tests::recorder::{Script, Seen};
use anteroom_tests::world::start::eventually;

use super::oldapp::{
    CANARY, FORM, all_is_well, clinic, enrolled, field, password, sign_in, straight, user,
};
use crate::ward::{OURS, id_of, sessions_of, sign_out};

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
