//! Cases 2, 4, 5, 9, 13, 17, 24: what happens before and at the password.
//! Never past the code; `during` goes on from there.

use anteroom_core::fold::{SpellingRule, fold, spelling_key};
use anteroom_store::Paper;
use anteroom_tests::browser::ask::{Ask, Kind};
use anteroom_tests::recorder::{Script, Seen};
use anteroom_tests::world::start::open_enrolment;

use super::oldapp::{
    self, CANARY, FORM, all_is_well, clinic, clinic_with, enrolled, field, password, sign_in,
    straight, user,
};
use crate::ward::{
    CHALLENGE, DAY, OURS, id_of, knock, listed, nonce, post, posting, sessions_of, told,
};

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

/// Cacti without its token: the answer of a good login, whatever the password.
fn always_yes(seen: &Seen) -> Option<Script> {
    let login = seen.method == "POST" && seen.path() == "/login.php";
    login.then(|| Script::redirect("/home.php", &[]))
}

const UNPROVED: &str = "[app.contact]\nphone = \"+1 555 0101\"\n[app.enrolment]\n\
    policy = \"open\"\nuntil = 2031-01-01T00:00:00Z\n[app.login]\nlogin_page = \"/login.php\"\n\
    login_marker = '<input[^>]+name=\"password\"'\n[[app.login.form]]\npath = \"/login.php\"\n\
    user = \"username\"\nsecrets = [\"password\"]\n[[app.login.outcome]]\noutcome = \"success\"\n\
    status = [302]\nlocation = { path = \"/login.php\", not = true }\n\
    [app.login.cookies]\nlogin = [\"PHPSESSID\"]\n\
    [app.login.probe]\npath = \"/whoami.php\"\njson = \"/user\"\n";

fn probed(seen: &Seen) -> Option<Script> {
    if seen.path() == "/whoami.php" {
        let json = user(seen).map_or("{}".to_owned(), |user| format!("{{\"user\":\"{user}\"}}"));
        return Some(Script::status(
            200,
            &[("Content-Type", "application/json")],
            &json,
        ));
    }
    let junk = seen.method == "POST" && field(seen, "password") != "right";
    if junk { always_yes(seen) } else { None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_05_a_success_without_proof_enrols_nobody_and_counts_against_nobody() {
    let (clinic, _upstream) = clinic_with(probed, UNPROVED).await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    let mut thief = clinic.browser();
    let page = password(&mut thief, "bob", "junk").await;
    assert_eq!(page.path(), CHALLENGE, "no enrolment: {}", page.describe());
    for path in ["/.anteroom/enrol", "/.anteroom/enrol/code"] {
        assert_eq!(thief.get(path).await.location(), Some(CHALLENGE));
    }
    assert!(listed(&clinic, "bob").await.is_none());
    for _ in 0..6 {
        let mut thief = clinic.browser();
        let page = password(&mut thief, "alice", "junk").await;
        let form = nonce(&page);
        for _ in 0..4 {
            post(&thief, CHALLENGE, &[("nonce", &form), ("code", "000000")]).await;
        }
        clinic.world.clock.advance(2 * crate::ward::HOUR);
    }
    let alice = listed(&clinic, "alice").await.unwrap();
    assert_eq!((alice.throttle.consecutive, alice.throttle.rolling), (0, 0));
    assert_eq!(told(&clinic, "password_may_be_stolen").await, 0);
    clinic.world.clock.advance(crate::ward::HOUR);
    all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_09_two_people_whose_names_fold_together_never_share_a_phone() {
    let (clinic, _upstream) = clinic(straight, "").await;
    let (_, phone) = enrolled(&clinic, "jose").await;
    let plain = fold("jose").unwrap();
    let mut met = 0;
    for other in [
        "jos%C3%A9",
        "JOSE",
        "jo%CC%81se",
        "j%EF%BD%8Fse",
        "jose%20",
        "jo%C5%9Fe",
        "josef",
    ] {
        let typed = anteroom_typed(other);
        if fold(&typed).unwrap() != plain {
            continue;
        }
        met += 1;
        assert_ne!(
            spelling_key(&typed, &SpellingRule::default()),
            "jose",
            "{typed}"
        );
        let mut browser = clinic.browser();
        let page = password(&mut browser, &typed, "right").await;
        assert_eq!(page.status, 403, "{typed}: {}", page.describe());
        assert!(
            page.has("Your name is spelled in a new way"),
            "{typed}: {}",
            page.describe()
        );
        assert!(
            !browser.get("/home.php").await.everything().contains(CANARY),
            "{typed}"
        );
        assert!(browser.get("/.anteroom/enrol").await.is_redirect());
    }
    assert!(met >= 3, "{met}");
    assert!(told(&clinic, "spelling_held").await >= met);
    // An operator who knows that it is one person links the spelling; then her own phone counts.
    let (id, now) = (id_of(&clinic, "jose").await, clinic.now());
    let linked = spelling_key("JOSE", &SpellingRule::default());
    assert!(
        clinic
            .store()
            .spelling_link(id, &linked, "JOSE", &Paper::of("olga", now))
            .await
            .unwrap()
    );
    assert!(
        sign_in(&clinic, "JOSE", &phone)
            .await
            .get("/home.php")
            .await
            .has(CANARY)
    );
    all_is_well(&clinic, "jose", &phone).await;
}

/// What a person types for this percent-encoded name.
fn anteroom_typed(encoded: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
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

fn not_now(seen: &Seen) -> Option<Script> {
    let status = field(seen, "password")
        .parse()
        .ok()
        .filter(|_| seen.method == "POST")?;
    Some(Script::status(
        status,
        &[("Content-Type", "text/html")],
        "CANARY-BODY of the error",
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_24_statuses_that_mean_try_again_get_our_own_sentence_for_every_name() {
    let (clinic, _upstream) = clinic(not_now, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    for status in ["408", "429", "500", "502", "503", "504"] {
        for name in ["alice", "nobody"] {
            let mut browser = clinic.browser();
            let page = oldapp::password(&mut browser, name, status).await;
            assert_eq!(page.status, 409, "{status} {name}: {}", page.describe());
            assert!(page.has("Please sign in once more"), "{}", page.describe());
            assert!(
                !page.everything().contains("CANARY"),
                "{status}: {}",
                page.everything()
            );
            let links = page.links();
            assert!(links.iter().any(|(_, to)| to == "/login.php"), "{links:?}");
            // Nothing waits for a code, and the session is tainted.
            assert!(browser.get(CHALLENGE).await.is_redirect());
            assert!(browser.get("/home.php").await.is_redirect());
        }
    }
    assert_eq!(sessions_of(&clinic, "alice").await, 1);
    assert!(told(&clinic, "login_tainted").await >= 12);
    all_is_well(&clinic, "alice", &phone).await;
}
