//! Cases 2, 4, 13, 17: what happens before and at the password.
//! Never past the code; `during` goes on from there, `proof` has what an app leaves in doubt.

use anteroom_tests::browser::ask::{Ask, Kind};
use anteroom_tests::recorder::{Script, Seen};
use anteroom_tests::world::start::open_enrolment;

use super::oldapp::{
    CANARY, FORM, all_is_well, clinic, clinic_with, enrolled, field, password, sign_in, straight,
    user,
};
use crate::ward::{CHALLENGE, DAY, OURS, knock, post, posting, told};

/// A right password that looks wrong: the form again, and the session is logged in all the same.
fn misread(seen: &Seen) -> Option<Script> {
    let right = seen.method == "POST" && field(seen, "password") == "right2";
    right.then(|| {
        let cookie = ("Set-Cookie", "PHPSESSID=in-alice-99; Path=/");
        let kind = ("Content-Type", "text/html");
        Script::status(200, &[kind, cookie], &format!("<p>wrong</p>{FORM}"))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_02_a_session_that_carried_a_password_travels_only_to_the_login_page() {
    let (clinic, upstream) = clinic(misread, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    upstream.clear();
    let mut thief = clinic.browser();
    let page = password(&mut thief, "alice", "right2").await;
    assert!(
        page.has("wrong") && page.status == 200,
        "{}",
        page.describe()
    );
    assert!(
        !page.everything().contains("in-alice"),
        "its cookie stays here: {}",
        page.everything()
    );
    for path in ["/home.php", "/chart.php?pid=1", "/static/x.css", "/"] {
        let page = thief.get(path).await;
        assert!(
            !page.everything().contains(CANARY),
            "{path}: {}",
            page.describe()
        );
        thief.xhr("GET", path).await;
        thief.load("image", path).await;
    }
    let on_it = |seen: &Seen| user(seen).is_some() && seen.path() != "/login.php";
    let on_it: Vec<_> = upstream.requests().into_iter().filter(on_it).collect();
    assert!(on_it.is_empty(), "{on_it:#?}");
    // Error texts and form tokens come from it: the form and the next try travel on it.
    thief.get("/login.php").await;
    thief
        .submit(&[("username", "alice"), ("password", "again")])
        .await;
    let travelled = upstream
        .requests()
        .into_iter()
        .filter(|seen| user(seen).is_some())
        .count();
    let way: Vec<_> = upstream
        .requests()
        .into_iter()
        .map(|seen| {
            format!(
                "{} {} {:?}",
                seen.method,
                seen.target,
                seen.cookies("PHPSESSID")
            )
        })
        .collect();
    assert!(travelled >= 2, "{way:#?}");
    all_is_well(&clinic, "alice", &phone).await;
}

/// As `misread`, and a login page that shows the app to whoever is in.
fn home_in_place(seen: &Seen) -> Option<Script> {
    let shown = seen.method == "GET" && seen.path() == "/login.php" && user(seen).is_some();
    let home = || Script::ok(&format!("<h1>Welcome</h1>{CANARY}"));
    misread(seen).or_else(|| shown.then(home))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_02_a_login_page_that_turns_out_to_be_none_is_held_for_the_code() {
    let (clinic, _upstream) = clinic(home_in_place, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    let mut thief = clinic.browser();
    password(&mut thief, "alice", "right2").await;
    let page = thief.open("/login.php").await;
    assert_eq!(page.path(), CHALLENGE, "{}", page.describe());
    assert!(!page.everything().contains("CANARY"));
    assert!(!thief.get("/home.php").await.everything().contains(CANARY));
    // For the honest owner nothing is lost: the code opens it.
    thief.get(CHALLENGE).await;
    clinic.world.clock.next_step();
    thief
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    thief.follow_all().await;
    assert!(
        thief.get("/home.php").await.has(CANARY),
        "{}",
        thief.page().describe()
    );
    all_is_well(&clinic, "alice", &phone).await;
}

/// The form stands in place of every closed page, as in Tomcat and DokuWiki.
fn in_place(seen: &Seen) -> Option<Script> {
    match (seen.method.as_str(), seen.path()) {
        ("GET", "/odd.php") => Some(Script::ok(&format!("open by mistake: {CANARY}"))),
        ("GET", "/away.php") => Some(Script::redirect("/login.php", &[])),
        ("GET", _) if user(seen).is_none() => {
            let cookie = ("Set-Cookie", "PHPSESSID=anonymous-7; Path=/");
            Some(Script::status(
                200,
                &[("Content-Type", "text/html"), cookie],
                FORM,
            ))
        }
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_04_a_form_in_place_of_the_page_is_shown_and_nothing_else_is() {
    let more = "[app.login]\nform_in_place = true\n";
    let (clinic, upstream) = clinic(in_place, more).await;
    let mut browser = clinic.browser();
    let page = browser.get("/chart.php?pid=1001").await;
    assert!(
        page.status == 200 && page.has_field("password"),
        "{}",
        page.describe()
    );
    assert!(browser.cookie(OURS).is_some() && browser.cookie("PHPSESSID").is_some());
    for path in ["/odd.php", "/away.php"] {
        let page = browser.get(path).await;
        assert!(
            !page.everything().contains("CANARY"),
            "{path}: {}",
            page.describe()
        );
        assert!(page.is_redirect(), "{path}: {}", page.describe());
    }
    upstream.clear();
    // Only a person's page load: not a script, a picture, a post or another method.
    for kind in [Kind::Fetch, Kind::Resource("image")] {
        let ask = Ask::new("GET", browser.at_home("/chart.php"), kind, None);
        assert_eq!(browser.fetch(&ask).await.unwrap().status, 401, "{kind:?}");
    }
    let page = browser
        .fetch(&posting(&browser, "/chart.php", &[("note", "x")]))
        .await
        .unwrap();
    assert!(page.is_redirect(), "{}", page.describe());
    assert!(upstream.requests().is_empty(), "{:?}", upstream.requests());
    browser.get("/chart.php?pid=1001").await;
    browser
        .submit(&[("username", "alice"), ("password", "right")])
        .await;
    browser.follow_all().await;
    let (phone, _) = crate::ward::enrol_here(&mut browser, &clinic).await;
    assert!(browser.get("/chart.php?pid=1001").await.has(CANARY));
    assert!(
        sign_in(&clinic, "alice", &phone)
            .await
            .get("/home.php")
            .await
            .has(CANARY)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_04_a_deep_link_is_remembered_here_and_not_in_an_address() {
    let (clinic, _upstream) = clinic(straight, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    clinic.world.clock.next_step();
    let mut alice = clinic.browser();
    let first = alice.get("/chart.php?pid=1001&tab=2").await;
    assert_eq!(first.location(), Some("/login.php"));
    alice.follow_all().await;
    alice
        .submit(&[("username", "alice"), ("password", "right")])
        .await;
    alice.follow_all().await;
    alice
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    let page = alice.follow_all().await;
    assert!(
        page.url.to_string().ends_with("/chart.php?pid=1001&tab=2"),
        "{}",
        page.url
    );
    assert!(page.has(CANARY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_13_visitors_without_a_password_leave_no_record() {
    let (clinic, _upstream) = clinic(straight, "").await;
    let rows = async || told(&clinic, "login_tainted").await;
    for n in 0..30 {
        let mut visitor = clinic.browser();
        let page = visitor.get("/home.php").await;
        assert!(
            page.set_cookie_line(OURS).is_none(),
            "a redirect of ours starts nothing"
        );
        visitor.follow_all().await;
        assert!(
            visitor.cookie(OURS).is_some(),
            "{n}: the form brings a cookie of the app's"
        );
        let before = visitor.cookie(OURS);
        visitor.get("/login.php").await;
        assert_eq!(visitor.cookie(OURS), before, "and it stays the same");
    }
    assert_eq!(
        (rows().await, clinic.running().gateway().sessions.count()),
        (0, 0)
    );
    // No cookie at all, or one of the day before yesterday: a first visit, not a refusal.
    let mut late = clinic.browser();
    late.open("/home.php").await;
    clinic.world.clock.advance(2 * DAY);
    late.submit(&[("username", "alice"), ("password", "right")])
        .await;
    assert_eq!(late.follow_all().await.path(), "/.anteroom/enrol/method");
    let bare = clinic.browser();
    let login = [("username", "bob"), ("password", "right")];
    let page = post(&bare, "/login.php", &login).await;
    assert_eq!(
        page.location(),
        Some("/.anteroom/enrol/method"),
        "{}",
        page.describe()
    );
    assert_eq!(rows().await, 2);
}

fn tomcat(seen: &Seen) -> Option<Script> {
    let id = seen
        .cookies("JSESSIONID")
        .first()
        .cloned()
        .unwrap_or_default();
    let html = ("Content-Type", "text/html");
    Some(match (seen.method.as_str(), seen.path()) {
        ("POST", path) if path.ends_with("/j_security_check") => {
            Script::redirect("/app/index.jsp", &["JSESSIONID=IN-77; Path=/"]).with_status_303()
        }
        _ if id == "IN-77" => Script::ok(CANARY),
        _ => Script::status(
            200,
            &[html, ("Set-Cookie", "JSESSIONID=ANON-5; Path=/")],
            "<form method=post action=\"j_security_check;jsessionid=ANON-5\">\
             <input name=\"j_username\"><input name=\"j_password\"></form>",
        ),
    })
}

trait SeeOther {
    fn with_status_303(self) -> Script;
}

impl SeeOther for Script {
    fn with_status_303(self) -> Script {
        Script::status(
            303,
            &[
                ("Location", "/app/index.jsp"),
                ("Set-Cookie", "JSESSIONID=IN-77; Path=/"),
            ],
            "",
        )
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_17_an_id_in_the_address_is_cut_out_whatever_it_says() {
    let (clinic, upstream) = clinic_with(tomcat, &open_enrolment("tomcat-form")).await;
    let mut alice = clinic.browser();
    let page = alice.get("/app/index.jsp").await;
    assert!(page.has_field("j_password"), "{}", page.describe());
    assert!(
        !page.everything().contains("ANON-5"),
        "the raw id is in no page: {}",
        page.text()
    );
    for id in ["ANON-5", "IN-77", "", "x.y~z"] {
        upstream.clear();
        let path = format!("/app/j_security_check;jsessionid={id}");
        let mut thief = clinic.browser();
        let login = [("j_username", "alice"), ("j_password", "right")];
        let page = post(&thief, &path, &login).await;
        assert!(page.is_redirect(), "{path}: {}", page.describe());
        let seen = upstream.requests();
        assert!(
            seen.iter().all(|seen| !seen.target.contains("jsessionid")),
            "{seen:#?}"
        );
        let chart = thief.get(&format!("/app/index.jsp;jsessionid={id}")).await;
        assert!(!chart.everything().contains("CANARY"), "{path}");
    }
    for odd in [
        "/app/index.jsp;v=1",
        "/app;a/index.jsp",
        "/app/index.jsp;jsessionid2=IN-77",
    ] {
        let asked = format!("GET {odd} HTTP/1.1¶Host: emr.test¶Accept: text/html¶¶");
        let answer = knock(&clinic, &asked).await.unwrap();
        assert_eq!(answer.status, 400, "{odd}: {}", answer.everything());
    }
    alice
        .submit(&[("j_username", "alice"), ("j_password", "right")])
        .await;
    alice.follow_all().await;
    crate::ward::enrol_here(&mut alice, &clinic).await;
    assert!(
        alice
            .get("/app/index.jsp;jsessionid=ANON-5")
            .await
            .has(CANARY)
    );
}
