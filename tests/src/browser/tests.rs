//! Proves the browser against a scripted upstream, over HTTP/1.1, TLS and HTTP/2.
//! Never needs the gateway; the browser is in `browser`.

use std::time::Duration;

use super::*;
use crate::recorder::{Recorder, Script, Seen};
use crate::tls::{TestCa, Trust};
use crate::world::TestClock;

const LOGIN: &str = "<title>Log in</title><form method=post action=/login><input type=hidden \
                     name=token value=t1><input name=user><input name=pass></form>\
                     <a href='/chart?pid=1&amp;x=2'>Chart of Z</a>";

fn site(seen: &Seen) -> Script {
    let logged_in = seen.cookies("S") == ["1"];
    match (seen.method.as_str(), seen.path()) {
        ("POST", "/login") => Script::redirect("/home", &["S=1; Path=/; HttpOnly"]),
        (_, "/home") if logged_in => Script::ok("<h1>Welcome</h1>"),
        (_, "/loop") => Script::redirect("/loop", &[]),
        (_, "/secret") => Script::status(200, &[("Cache-Control", "no-store")], "secret"),
        (_, "/logout") => Script::status(
            200,
            &[
                ("Clear-Site-Data", "\"cache\", \"cookies\""),
                ("Connection", "close"),
            ],
            "bye",
        ),
        (_, "/hint") => {
            Script::bytes("HTTP/1.1 103 Early Hints¶Set-Cookie: early=1¶¶HTTP/1.1 204 No Content¶¶")
        }
        (_, "/away") => Script::redirect("http://other.test/login", &[]),
        (_, "/home" | "/login") => Script::ok(LOGIN),
        _ => Script::ok("<p>page"),
    }
}

async fn clinic() -> (Recorder, Browser) {
    let upstream = Recorder::start().await;
    upstream.answer_with(site);
    let net = Internet::new(TestClock::new(), Trust::anyone());
    // The one plain name that browsers trust, as Clear-Site-Data wants.
    net.host("localhost", upstream.addr());
    net.host("other.test", upstream.addr());
    (upstream, Browser::new(&net, "http://localhost"))
}

#[tokio::test]
async fn a_login_is_filled_in_submitted_and_followed_step_by_step() {
    let (upstream, mut nurse) = clinic().await;
    assert_eq!(nurse.get("/login").await.title(), "Log in");
    assert_eq!(nurse.page().form_names(), ["token", "user", "pass"]);
    let answer = nurse.submit(&[("user", "alice"), ("pass", "a b&c")]).await;
    assert!(answer.is_redirect() && answer.set_cookie_line("S").is_some());
    assert_eq!(nurse.cookie("S").as_deref(), Some("1"));
    let home = nurse.follow_all().await;
    assert_eq!((home.heading().as_str(), home.path()), ("Welcome", "/home"));
    let sent = &upstream.requests()[1];
    assert_eq!(sent.text(), "token=t1&user=alice&pass=a+b%26c");
    assert_eq!(sent.header("origin"), Some("http://localhost"));
    assert_eq!(sent.header("referer"), Some("http://localhost/login"));
    assert_eq!(
        upstream.connections(),
        1,
        "one kept-alive connection for all of it"
    );
}

#[tokio::test]
async fn tabs_share_the_jar_a_thief_copies_it_and_a_stranger_has_nothing() {
    let (_upstream, mut nurse) = clinic().await;
    nurse.get("/login").await;
    nurse.submit(&[("user", "alice")]).await;
    let (mut tab, mut thief, mut stranger) = (nurse.new_tab(), nurse.thief(), nurse.stranger());
    assert_eq!(tab.get("/home").await.heading(), "Welcome");
    assert_eq!(thief.get("/home").await.heading(), "Welcome");
    assert_eq!(stranger.get("/home").await.title(), "Log in");
    tab.get("/logout").await;
    assert_eq!(nurse.get("/home").await.title(), "Log in", "the jar is one");
    assert_eq!(
        thief.get("/home").await.heading(),
        "Welcome",
        "the copy is its own"
    );
}

#[tokio::test]
async fn links_are_clicked_by_what_they_read_and_back_shows_what_was_kept() {
    let (upstream, mut nurse) = clinic().await;
    nurse.get("/login").await;
    nurse.click("Chart of Z").await;
    assert_eq!(upstream.requests()[1].target, "/chart?pid=1&x=2");
    assert!(nurse.back().await.from_cache);
    nurse.get("/secret").await;
    nurse.get("/chart").await;
    let secret = nurse.back().await;
    assert!(
        !secret.from_cache && secret.has("secret"),
        "no-store is asked for again"
    );
    assert!(nurse.back().await.from_cache);
    nurse.get("/logout").await;
    assert!(!nurse.back().await.from_cache, "the cache was cleared");
}

#[tokio::test]
async fn the_result_of_a_form_that_may_not_be_kept_is_not_sent_twice_by_back() {
    let (upstream, mut nurse) = clinic().await;
    nurse.get("/login").await;
    let form = "<form method=post action=/secret><input name=a></form>";
    upstream.next(Script::ok(form));
    nurse.get("/form").await;
    nurse.submit(&[("a", "1")]).await;
    nurse.get("/chart").await;
    let before = upstream.requests().len();
    assert_eq!(nurse.back().await.status, 0);
    assert_eq!(upstream.requests().len(), before);
}

#[tokio::test]
#[should_panic(expected = "a redirect loop")]
async fn a_redirect_loop_is_told() {
    let (_upstream, mut nurse) = clinic().await;
    nurse.open("/loop").await;
}

#[tokio::test]
async fn scripts_frames_and_other_sites_are_told_apart() {
    let ca = TestCa::new();
    let config = ca.server_config(&["emr.test"], &["http/1.1"]);
    let upstream = Recorder::start_tls(config).await;
    upstream
        .answer_with(|_| Script::status(200, &[("Set-Cookie", "S=1; Secure; SameSite=Lax")], ""));
    let net = Internet::new(TestClock::new(), ca.trust());
    net.host("emr.test", upstream.addr());
    let mut nurse = Browser::new(&net, "https://emr.test");
    nurse.get("/").await;
    nurse.xhr_json("POST", "/api", "{}").await;
    nurse.frame("/frame").await;
    nurse.load("script", "/x.js").await;
    nurse
        .cross_site_post("https://evil.test/trap", "/login", &[("user", "mallory")])
        .await;
    nurse
        .cross_site_get("https://evil.test/trap", "/chart")
        .await;
    nurse.service_worker("/sw.js").await;
    let told: Vec<_> = upstream.requests();
    let field = |at: usize, name: &str| told[at].header(name).unwrap_or("-").to_owned();
    let row = |at| ["site", "mode", "dest", "user"].map(|f| field(at, &format!("sec-fetch-{f}")));
    assert_eq!(row(0), ["none", "navigate", "document", "?1"]);
    assert_eq!(row(1), ["same-origin", "cors", "empty", "-"]);
    assert_eq!(row(2), ["same-origin", "navigate", "iframe", "-"]);
    assert_eq!(row(3), ["same-origin", "no-cors", "script", "-"]);
    assert_eq!(row(4), ["cross-site", "navigate", "document", "-"]);
    assert_eq!(row(5), ["cross-site", "navigate", "document", "?1"]);
    assert_eq!(field(6, "service-worker"), "script");
    assert_eq!(field(4, "origin"), "https://evil.test");
    assert_eq!(
        (field(4, "cookie"), field(5, "cookie")),
        ("-".to_owned(), "S=1".to_owned())
    );
    assert_eq!(field(1, "content-type"), "application/json");
}

#[tokio::test]
async fn over_h2_each_cookie_is_a_field_of_its_own() {
    let ca = TestCa::new();
    let config = ca.server_config(&["emr.test"], &["h2"]);
    let net = Internet::new(TestClock::new(), ca.trust());
    net.host(
        "emr.test",
        crate::h2client::tests::server(Some(config)).await,
    );
    let mut nurse = Browser::new(&net, "https://emr.test").over(Protocol::H2);
    nurse.jar().plant("emr.test", "a", "1");
    nurse.jar().plant("emr.test", "b", "2");
    let page = nurse.get("/x?y").await;
    assert_eq!(page.status, 207);
    assert!(
        page.has("GET https://emr.test/x?y host=None cookies=a=1|b=2"),
        "{}",
        page.text()
    );
    let posted = nurse.xhr_form("/up", &[("k", "v")]).await;
    assert!(posted.has("POST https://emr.test/up") && posted.has("body=3"));
}

#[tokio::test]
async fn a_cookie_in_an_early_hint_lands_in_the_jar() {
    let (_upstream, mut nurse) = clinic().await;
    assert_eq!(nurse.get("/hint").await.status, 204);
    assert_eq!(nurse.cookie("early").as_deref(), Some("1"));
}

#[tokio::test]
async fn one_form_can_be_sent_twice_at_once_and_from_another_address() {
    let (upstream, nurse) = clinic().await;
    let mut nurse = nurse.from_address("127.0.0.9");
    nurse.get("/login").await;
    let entries = [("user", "alice")];
    let ask = nurse.form_ask(&nurse.form_with(&entries), &entries, None);
    let (one, two) = tokio::join!(nurse.fetch(&ask), nurse.fetch(&ask));
    assert_eq!((one.unwrap().status, two.unwrap().status), (302, 302));
    assert!(upstream.wait_for(3, Duration::from_secs(5)).await);
    assert_eq!(
        nurse.page().title(),
        "Log in",
        "the page shown has not changed"
    );
}

#[tokio::test]
async fn a_redirect_to_another_host_does_not_take_the_cookies_along() {
    let (upstream, mut nurse) = clinic().await;
    nurse.get("/login").await;
    nurse.submit(&[("user", "alice")]).await;
    nurse.open("/away").await;
    let last = upstream.requests().pop().unwrap();
    assert_eq!(
        (last.header("host"), last.header("cookie")),
        (Some("other.test"), None)
    );
    assert_eq!(nurse.page().url.host, "other.test");
}

#[tokio::test]
async fn many_browsers_visit_at_once_as_tasks_of_their_own() {
    let (upstream, nurse) = clinic().await;
    let visits = (1..=20).map(|n| {
        let mut other = nurse.stranger().from_address(&format!("127.0.0.{n}"));
        tokio::spawn(async move { other.open("/login").await.title() })
    });
    for visit in visits.collect::<Vec<_>>() {
        assert_eq!(visit.await.unwrap(), "Log in");
    }
    assert_eq!(
        (upstream.connections(), upstream.requests().len()),
        (20, 20)
    );
}
