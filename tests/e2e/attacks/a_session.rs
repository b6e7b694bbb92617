//! A01, A02, A28: sessions that the browser should never be able to use by themselves.
//! The upstream believes any id; what keeps it safe is that no id of the browser's reaches it.

use anteroom_tests::answer::Answer;
use anteroom_tests::apps::php::{self, ALICE, MALLORY};
use anteroom_tests::h2client::H2Ask;
use anteroom_tests::recorder::Script;
use anteroom_tests::require;

use super::a_bench::{
    Bench, CANARY, CHART, LIVE, STOLEN, cookies, credentials, enrolled, load, login, login_behind,
    must_block, nothing_reached, nothing_usable, ours, pending,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a01_a_session_id_of_the_clients_making_is_never_upgraded_in_place() {
    let app = require!(php::start());
    login_behind(app, "attackerchosenAAAAAAAAAAAA", ALICE).await;
    let bench = Bench::php(app).await;
    let chosen = "PHPSESSID=attackerchosen1234567890abc";
    let mut one = bench.raw().await;
    one.send(load("GET", "/login.php", chosen)).await.unwrap();
    let form = one.answer().await.unwrap();
    assert_eq!(form.status, 200, "{}", form.everything());
    let told = bench
        .send(login("/login.php", chosen, &credentials(ALICE)))
        .await;
    must_block("the login", &told);
    let told = told.unwrap();
    assert!(
        told.location().unwrap().starts_with("/.anteroom/"),
        "{}",
        told.everything()
    );
    let given: Vec<_> = told
        .set_cookies()
        .iter()
        .map(|line| line.to_string())
        .collect();
    assert!(
        given.iter().all(|line| !line.starts_with("PHPSESSID=")),
        "{given:?}"
    );
    let pair = given
        .iter()
        .find(|line| line.starts_with("__Host-anteroom="))
        .unwrap();
    let pair = pair.split(';').next().unwrap();
    for jar in [
        chosen.to_owned(),
        format!("{pair}; {chosen}"),
        pair.to_owned(),
    ] {
        must_block(&jar, &bench.send(load("GET", CHART, &jar)).await);
        let mut asked = H2Ask::get(&format!("https://emr.test{CHART}"));
        for crumb in jar.split("; ") {
            asked = asked.crumb(crumb);
        }
        must_block(&format!("h2 {jar}"), &bench.h2().await.ask(asked).await);
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a01_a_live_upstream_session_opens_nothing_whoever_presents_it() {
    let app = require!(php::start());
    login_behind(app, "stolenFromAliceAAAAAAAAAAA", ALICE).await;
    let bench = Bench::php(app).await;
    let (mut mallory, _) = enrolled(&bench.clinic, MALLORY).await;
    let waiting = pending(&bench.clinic, MALLORY).await;
    let stolen = "PHPSESSID=stolenFromAliceAAAAAAAAAAA";
    let alice = bench.alice.cookie("PHPSESSID").unwrap();
    let jars = [
        stolen.to_owned(),
        format!("{}; {stolen}", ours(&waiting)),
        // A sealed value of hers without her session, and within his.
        format!("PHPSESSID={alice}"),
        format!("{}; PHPSESSID={alice}", ours(&waiting)),
    ];
    for jar in jars {
        must_block(&jar, &bench.send(load("GET", CHART, &jar)).await);
    }
    // Verified as mallory, every foreign value is dropped: PHP sees a stranger.
    for jar in [
        format!("{}; {stolen}", ours(&mallory)),
        format!("PHPSESSID={alice}; {}", ours(&mallory)),
    ] {
        let told = bench.send(load("GET", "/whoami.php", &jar)).await.unwrap();
        assert!(
            told.has("\"username\":null"),
            "{jar}: {}",
            told.everything()
        );
    }
    mallory.get("/whoami.php").await;
    assert!(
        mallory.page().has("mallory"),
        "{}",
        mallory.page().describe()
    );
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a02_a_session_id_in_an_address_or_a_form_is_refused() {
    let app = require!(php::start());
    let id = "stolenInTheUrlAAAAAAAAAAAA";
    login_behind(app, id, ALICE).await;
    let bench = Bench::php(app).await;
    let (mallory, _) = enrolled(&bench.clinic, MALLORY).await;
    let carriers = [
        format!("/chart.php?PHPSESSID={id}"),
        format!("/chart.php?pid=1001&PHPSESSID={id}"),
        format!("/chart.php?pid=1001&%50HPSESSID={id}"),
        format!("/whoami.php?PHPSESSID[]={id}&PHPSESSID={id}"),
        format!("/login.php?PHPSESSID={id}"),
        format!("/static/x.css?PHPSESSID={id}"),
        format!("/chart.jsp;jsessionid={id}"),
        format!("/(S({id}))/chart.aspx"),
        format!("/chart.cfm?CFID=1&CFTOKEN={id}"),
    ];
    for target in &carriers {
        for jar in [String::new(), ours(&mallory)] {
            let told = bench.send(load("GET", target, &jar)).await;
            let stranger = told
                .as_ref()
                .is_ok_and(|a| a.status == 404 && !jar.is_empty());
            if !stranger {
                must_block(&format!("{target} {jar}"), &told);
            }
        }
    }
    let field = format!("PHPSESSID={id}");
    for target in ["/whoami.php", CHART] {
        must_block(target, &bench.send(login(target, "", &field)).await);
        let told = bench
            .send(login(target, &ours(&mallory), &field))
            .await
            .unwrap();
        assert!(
            !told.has("alice"),
            "the field {field} made PHP alice's: {}",
            told.everything()
        );
        assert_eq!(told.status, 400, "{}", told.everything());
    }
    let with_login = format!("{field}&{}", credentials(MALLORY));
    let told = bench
        .send(login("/login.php", "", &with_login))
        .await
        .unwrap();
    assert_eq!(told.status, 400, "{}", told.everything());
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a02_a_session_id_in_any_kind_of_form_body_is_refused() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    let multipart =
        "--b\r\nContent-Disposition: form-data; name=\"PHPSESSID\"\r\n\r\nx\r\n--b--\r\n";
    let long = format!("note={}&PHPSESSID={STOLEN}", "x".repeat(100_000));
    for (kind, body) in [
        (
            "application/x-www-form-urlencoded",
            format!("note=1&PHPSESSID={STOLEN}"),
        ),
        (
            "application/x-www-form-urlencoded",
            format!("%50HPSESSID={STOLEN}"),
        ),
        ("application/x-www-form-urlencoded", long),
        (
            "APPLICATION/x-www-form-urlencoded; charset=utf-8",
            format!("PHPSESSID={STOLEN}"),
        ),
        (
            "application/x-www-form-urlencoded, text/plain",
            format!("PHPSESSID={STOLEN}"),
        ),
        ("multipart/form-data; boundary=b", multipart.to_owned()),
    ] {
        upstream.clear();
        let head = format!(
            "POST /note.php HTTP/1.1\r\nHost: emr.test\r\nCookie: {jar}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let told = bench
            .send([head.as_bytes(), body.as_bytes()].concat())
            .await;
        must_block(kind, &told);
        assert!(!upstream.saw(STOLEN), "{kind}");
        assert!(
            !upstream.requests().iter().any(|seen| seen.complete),
            "{kind}"
        );
    }
    // Honest notes pass.
    let mut alice = bench.alice.new_tab();
    alice.get(CHART).await;
    let saved = alice
        .xhr_form("/note.php", &[("note", "slept well, PHPSESSID=no field")])
        .await;
    assert_eq!(saved.status, 200, "{}", saved.describe());
    let saved = alice
        .xhr_json("POST", "/note.php", "{\"PHPSESSID\":1}")
        .await;
    assert_eq!(saved.status, 200, "{}", saved.describe());
    bench.finish().await;
}

/// Answers to a right password, each with the session or the page in another place.
fn carriers() -> Vec<(&'static str, String)> {
    let id = STOLEN;
    let cookie = format!("Set-Cookie: PHPSESSID={id}; Path=/¶");
    let found =
        |fields: &str| format!("HTTP/1.1 302 Found¶Location: {CHART}¶{fields}Content-Length: 0¶¶");
    let page = |fields: &str, body: &str| format!("HTTP/1.1 200 OK¶{fields}¶{body}");
    let hint = format!("HTTP/1.1 103 Early Hints¶{cookie}Link: </x?sid={id}>; rel=preload¶¶");
    let html = "Content-Type: text/html¶";
    let json = format!("{{\"token\":\"{id}\",\"chart\":\"{CANARY}\"}}");
    let inline = format!("<h1>{CANARY}</h1><a href=/?sid={id}>go</a>");
    let chunked = "Transfer-Encoding: chunked¶Trailer: Set-Cookie¶¶0¶";
    vec![
        ("a plain cookie", found(&cookie)),
        (
            "103 with a cookie and a link",
            format!("{hint}{}", found("")),
        ),
        (
            "a cookie in a trailer",
            format!("HTTP/1.1 302 Found¶Location: /¶{chunked}{cookie}¶"),
        ),
        ("one name three times", found(&cookie.repeat(3))),
        (
            "Set-Cookie2",
            found(&format!("Set-Cookie2: PHPSESSID={id}¶")),
        ),
        (
            "a token in JSON",
            page("Content-Type: application/json¶", &json),
        ),
        (
            "X-Auth-Token",
            found(&format!("X-Auth-Token: {id}¶Authorization: {id}¶")),
        ),
        (
            "an id in Location",
            format!("HTTP/1.1 302 Found¶Location: /?sid={id}¶¶"),
        ),
        (
            "Refresh",
            page(&format!("{html}Refresh: 0; url=/?sid={id}¶"), "ok"),
        ),
        ("the chart inline", page(html, &inline)),
        (
            "preloads",
            found(&format!("{cookie}Link: </d?sid={id}>; rel=preload¶")),
        ),
        (
            "a late page without a length",
            page(html, &format!("{CANARY} {id}")),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a28_nothing_of_a_login_answer_leaves_by_any_carrier_before_the_factor() {
    let (bench, upstream) = Bench::recorded().await;
    for (what, bytes) in carriers() {
        let mut thief = bench.clinic.browser();
        thief.open(CHART).await;
        upstream.next(Script::bytes(&bytes).close());
        let page = thief
            .submit(&[("username", ALICE.name), ("password", ALICE.password)])
            .await;
        nothing_usable(what, &page.everything());
        assert_eq!(
            page.location(),
            Some("/.anteroom/challenge"),
            "{what}: {}",
            page.describe()
        );
        assert_eq!(page.header("cache-control"), Some("no-store"), "{what}");
        let page = thief.follow().await;
        nothing_usable(what, &page.everything());
        upstream.clear();
        let page = thief.get(CHART).await;
        nothing_usable(what, &page.everything());
        assert_eq!(page.status, 303, "{what}: {}", page.describe());
        nothing_reached(what, &upstream);
        // Cancelled, so that the next try finds room among the open attempts.
        thief.open("/.anteroom/challenge").await;
        thief.submit_form("cancel", &[]).await;
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a28_a_wrong_password_page_brings_no_session_by_any_carrier() {
    let (bench, upstream) = Bench::recorded().await;
    let form =
        "<form id=login method=post><input name=\"username\"><input name=\"password\"></form>";
    let cookie = format!("Set-Cookie: PHPSESSID={STOLEN}; Path=/¶");
    let bytes = format!(
        "HTTP/1.1 103 Early Hints¶{cookie}¶HTTP/1.1 200 OK¶Content-Type: text/html¶{cookie}\
         Set-Cookie2: PHPSESSID={STOLEN}¶Transfer-Encoding: chunked¶¶{:x}¶{form}¶0¶{cookie}¶",
        form.len()
    );
    let mut thief = bench.clinic.browser();
    thief.open(CHART).await;
    upstream.next(Script::bytes(&bytes));
    let page = thief
        .submit(&[("username", ALICE.name), ("password", "wrong")])
        .await;
    assert_eq!(page.status, 200, "{}", page.describe());
    nothing_usable("the failure", &page.everything());
    upstream.clear();
    let page = thief.get(CHART).await;
    assert_eq!(page.location(), Some("/login.php"), "{}", page.describe());
    nothing_reached("after a failure", &upstream);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a28_a_verified_browser_sees_no_raw_session_value_by_any_carrier() {
    let (bench, upstream) = Bench::recorded().await;
    let cookie = format!("Set-Cookie: PHPSESSID={STOLEN}; Path=/¶");
    let bytes = format!(
        "HTTP/1.1 103 Early Hints¶{cookie}Link: </x>; rel=preload¶¶HTTP/1.1 200 OK¶{cookie}\
         Set-Cookie2: PHPSESSID={STOLEN}¶Alt-Svc: h3=\":1\"¶Content-Type: text/html¶\
         Trailer: Set-Cookie¶Transfer-Encoding: chunked¶¶2¶ok¶0¶{cookie}¶"
    );
    let jar = cookies(&bench.alice);
    let no_session = |answer: &Answer| {
        assert!(answer.has("ok"), "{}", answer.everything());
        assert!(
            !answer.everything().contains(LIVE),
            "{}",
            answer.everything()
        );
        assert!(answer.header("alt-svc").is_none() && answer.header("set-cookie2").is_none());
        assert!(answer.trailers.is_empty(), "{}", answer.everything());
        assert!(
            answer
                .informational
                .iter()
                .all(|(_, fields)| fields.is_empty())
        );
    };
    upstream.next(Script::bytes(&bytes));
    no_session(&bench.send(load("GET", CHART, &jar)).await.unwrap());
    upstream.next(Script::bytes(&bytes));
    let asked = H2Ask::get("https://emr.test/chart.php").crumb(&jar);
    no_session(&bench.h2().await.ask(asked).await.unwrap());
    // And an open file, fetched by nobody at all.
    upstream.next(Script::bytes(&bytes));
    no_session(&bench.send(load("GET", "/static/x.css", "")).await.unwrap());
    bench.finish().await;
}
