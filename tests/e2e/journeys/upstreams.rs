//! The servers behind us: dead, slow, two of them, behind TLS, or under a name of their own.
//! A broken app costs nobody her session, and nothing is sent to a server that is not right.

use std::time::Duration;

use anteroom_tests::ports::dead_end;
use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::tls::TestCa;
use anteroom_tests::world::start::{Clinic, Plan, eventually, open_enrolment};

use super::oldchart;
use super::people::{
    ALICE, all_is_well, must_be_at_login, must_be_closed, must_be_in, newcomer, sign_in,
};
use super::wards::Ward;

async fn oldchart_at(upstream: &str, more: &str, tables: &str) -> Clinic {
    let lines = oldchart::lines(more) + tables;
    Plan::empty().app("old", upstream, &lines).open().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_app_is_said_to_be_dead_and_nobody_loses_her_session() {
    let ward = Ward::open().await;
    let (demo, port) = (ward.demo.clone(), ward.port());
    let clinic = Plan::empty()
        .app("emr", &ward.upstream, &open_enrolment("demo"))
        .open()
        .await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    ward.dies().await;

    browser.get("/patients").await;
    let page = browser.page().clone();
    assert_eq!(page.status, 502, "{}", page.describe());
    assert!(
        page.has("Ward emr is not answering") && page.has("+1 555 0101"),
        "{}",
        page.describe()
    );
    assert!(
        !page.has("127.0.0.1"),
        "no inner address: {}",
        page.describe()
    );
    let script = browser.xhr("GET", "/api/patients.json").await;
    assert_eq!(script.status, 502, "{}", script.describe());
    assert_eq!(
        script.header("content-type"),
        Some("application/problem+json")
    );
    let mut fresh = clinic.browser();
    fresh.open("/patients").await;
    assert_eq!(
        fresh.page().status,
        502,
        "the login page: {}",
        fresh.page().describe()
    );
    assert!(
        fresh.page().has("not answering"),
        "{}",
        fresh.page().describe()
    );

    let _again = Ward::on(demo, port);
    must_be_in(&mut browser).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_to_an_app_that_dies_in_between_can_simply_be_tried_again() {
    let upstream = oldchart::open().await;
    let clinic = oldchart_at(&format!("http://{}", upstream.addr()), "", "").await;
    let dora = oldchart::dora(&clinic, &mut clinic.browser()).await;
    clinic.world.clock.next_step();
    for ill in [Script::default().reset(), Script::default().close()] {
        let mut browser = clinic.browser();
        browser.open("/home").await;
        let sent = upstream.requests().len();
        upstream.next(ill);
        browser
            .submit(&[("username", "dora"), ("password", "right")])
            .await;
        assert_eq!(browser.page().status, 502, "{}", browser.page().describe());
        must_be_closed(browser.page());
        assert_eq!(
            upstream.requests().len(),
            sent + 1,
            "a password is sent once"
        );
        browser.open("/home").await;
        must_be_at_login(&browser);
        browser
            .submit(&[("username", "dora"), ("password", "right")])
            .await;
        browser.follow_all().await;
        assert_eq!(browser.page().path(), "/.anteroom/challenge");
        let code = dora.next_code(&clinic);
        browser.submit(&[("code", &code)]).await;
        browser.follow_all().await;
        assert!(
            browser.page().has("CANARY-PHI-OLD"),
            "{}",
            browser.page().describe()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_app_is_said_to_be_slow_and_is_not_asked_twice() {
    let upstream = oldchart::open().await;
    let tables = "[app.timeouts]\nread = \"300 ms\"\n";
    let clinic = oldchart_at(&format!("http://{}", upstream.addr()), "", tables).await;
    let mut browser = clinic.browser();
    oldchart::dora(&clinic, &mut browser).await;
    upstream.clear();
    upstream.next(Script::silence());
    browser.get("/home").await;
    assert_eq!(browser.page().status, 504, "{}", browser.page().describe());
    assert!(browser.page().has("taking too long") && browser.page().has("+1 555 0101"));
    upstream.next(Script::silence());
    let saved = browser.xhr_form("/save", &[("note", "once")]).await;
    assert_eq!(saved.status, 504, "{}", saved.describe());
    assert_eq!(upstream.requests().len(), 2, "each was asked once");
    browser.get("/home").await;
    assert!(
        browser.page().has("CANARY-PHI-OLD"),
        "{}",
        browser.page().describe()
    );
    // For strangers as well.
    let mut fresh = clinic.browser();
    upstream.next(Script::silence());
    fresh.open("/home").await;
    assert_eq!(fresh.page().status, 504, "{}", fresh.page().describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_the_dead_one_is_left_out_until_it_is_back() {
    let one = Ward::open().await;
    let two = Ward::of(one.demo.clone()).await;
    let both = format!("{}\", \"{}", one.upstream, two.upstream);
    let health = "[app.health]\npath = \"/health\"\nevery = \"1 s\"\ntimeout = \"1 s\"\n";
    let lines = open_enrolment("demo") + health;
    let clinic = Plan::empty().app("emr", &both, &lines).open().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let (demo, gone) = (two.demo.clone(), two.port());
    two.dies().await;
    // From the first moment on: a refused connection was never a request.
    for _ in 0..6 {
        must_be_in(&mut browser).await;
    }
    let app = clinic.running().gateway().apps().remove(0);
    eventually("the check finds it dead", async || {
        app.servers()
            .iter()
            .filter(|server| server.is_healthy())
            .count()
            == 1
    })
    .await;
    for _ in 0..6 {
        must_be_in(&mut browser).await;
    }
    sign_in(&clinic, &mut clinic.browser(), &alice).await;
    let _back = Ward::on(demo, gone);
    eventually("the check finds it again", async || {
        app.servers().iter().all(|server| server.is_healthy())
    })
    .await;
    for _ in 0..4 {
        must_be_in(&mut browser).await;
    }
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_every_server_is_dead_the_page_says_so_and_ready_too() {
    let lines = oldchart::lines("") + "[app.health]\nevery = \"1 s\"\ntimeout = \"1 s\"\n";
    let at = format!("http://{}\", \"http://{}", dead_end(), dead_end());
    let clinic = Plan::empty().app("old", &at, &lines).open().await;
    let mut browser = clinic.browser();
    browser.open("/home").await;
    assert_eq!(browser.page().status, 502, "{}", browser.page().describe());
    assert!(browser.page().has("Ward old is not answering"));
}

/// Authority and answering server for TLS towards the app; the folder holds the authority's file.
async fn over_tls(names: &[&str]) -> (TestCa, Recorder, tempfile::TempDir, String) {
    let ca = TestCa::new();
    let recorder = Recorder::start_tls(ca.server_config(names, &[])).await;
    recorder.answer_with(oldchart::answer);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, ca.pem()).unwrap();
    let upstream = format!("https://{}", recorder.addr());
    let lines = format!("[app.upstream_tls]\nserver_name = \"emr.internal\"\nca_file = {file:?}\n");
    (ca, recorder, folder, upstream + "\n" + &lines)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_behind_tls_with_an_authority_of_its_own_works() {
    let (_ca, recorder, _folder, found) = over_tls(&["emr.internal"]).await;
    let (at, tables) = found.split_once('\n').unwrap();
    let clinic = oldchart_at(at, "", tables).await;
    let mut browser = clinic.browser();
    oldchart::dora(&clinic, &mut browser).await;
    browser.get("/charts/1").await;
    assert!(
        browser.page().has("CANARY-PHI-OLD"),
        "{}",
        browser.page().describe()
    );
    assert!(recorder.malformed().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_the_wrong_certificate_is_sent_nothing() {
    // The wrong name, and then the wrong authority.
    let (_ca, misnamed, _folder, found) = over_tls(&["else.internal"]).await;
    let (at, tables) = found.split_once('\n').unwrap();
    let stranger = TestCa::new();
    let unsigned = Recorder::start_tls(stranger.server_config(&["emr.internal"], &[])).await;
    let other = format!("https://{}", unsigned.addr());
    for (upstream, server) in [(at, &misnamed), (other.as_str(), &unsigned)] {
        let clinic = oldchart_at(upstream, "", tables).await;
        let mut browser = clinic.browser();
        browser.open("/home").await;
        assert_eq!(browser.page().status, 502, "{}", browser.page().describe());
        assert!(
            browser.page().has("not answering"),
            "{}",
            browser.page().describe()
        );
        // An asset streams through pingora, a login through our own exchange: neither says a word.
        let asset = browser.load("style", "/static/app.css").await;
        assert_eq!(asset.status, 502, "{}", asset.describe());
        let ask = browser.script_ask("POST", "/login").body(
            "application/x-www-form-urlencoded",
            "username=dora&password=right",
        );
        assert_eq!(browser.fetch(&ask).await.unwrap().status, 502);
        assert!(server.requests().is_empty() && !server.saw("dora") && !server.saw("GET"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_23_an_app_that_insists_on_its_own_name_sees_only_that() {
    let upstream = Recorder::start().await;
    upstream.answer_with(|seen| {
        if seen.header("host") != Some("emr.internal") {
            return Script::status(400, &[], "wrong host");
        }
        match (seen.method.as_str(), seen.path()) {
            ("POST", "/save") => Script::redirect("http://emr.internal/home?saved=1", &[]),
            ("POST", "/login") => Script::redirect("http://emr.internal/home", &["S=in; Path=/"]),
            (_, "/charts/away") => Script::redirect("http://other.example/x", &[]),
            _ => oldchart::answer(seen),
        }
    });
    let at = format!("http://{}", upstream.addr());
    let clinic = oldchart_at(&at, "upstream_host = \"emr.internal\"", "").await;
    let mut browser = clinic.browser();
    oldchart::dora(&clinic, &mut browser).await;
    browser.get("/charts/1").await;
    upstream.clear();
    let saved = browser.xhr_form("/save", &[("note", "x")]).await;
    assert_eq!(
        saved.location(),
        Some("https://old.test/home?saved=1"),
        "{}",
        saved.describe()
    );
    let seen = upstream.only_request();
    assert_eq!(seen.header("origin"), Some("http://emr.internal"));
    assert_eq!(seen.header("referer"), Some("http://emr.internal/charts/1"));
    assert_eq!(seen.header("x-forwarded-host"), Some("old.test"));
    assert_eq!(seen.header("x-forwarded-proto"), Some("https"));
    // A foreign address stays what it is.
    let away = browser.get("/charts/away").await;
    assert_eq!(
        away.location(),
        Some("http://other.example/x"),
        "{}",
        away.describe()
    );
    // The probe and the unproved login page were asked for under that name too, or had got a 400.
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirects_that_name_the_wrong_scheme_or_an_inner_name_are_repaired() {
    let upstream = Recorder::start().await;
    let inner = upstream.addr();
    upstream.answer_with(move |seen| match seen.path() {
        "/charts/plain" => Script::redirect("http://old.test/home?a=1", &[]),
        "/charts/inner" => Script::redirect(&format!("http://{inner}/home"), &[]),
        "/charts/local" => Script::redirect("/home", &[]),
        "/charts/near" => Script::redirect("next", &[]),
        "/charts/other" => Script::redirect("https://elsewhere.example/y", &[]),
        "/charts/lookalike" => Script::redirect("http://old.test.evil.example/", &[]),
        _ => oldchart::answer(seen),
    });
    let clinic = oldchart_at(&format!("http://{inner}"), "", "").await;
    let mut browser = clinic.browser();
    oldchart::dora(&clinic, &mut browser).await;
    for (path, wanted) in [
        ("/charts/plain", "https://old.test/home?a=1"),
        ("/charts/inner", "https://old.test/home"),
        ("/charts/local", "/home"),
        ("/charts/near", "next"),
        ("/charts/other", "https://elsewhere.example/y"),
        ("/charts/lookalike", "http://old.test.evil.example/"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.location(), Some(wanted), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_breaks_off_in_the_middle_is_not_taken_for_a_whole_answer() {
    let upstream = oldchart::open().await;
    let tables = "[app.timeouts]\nread = \"2 s\"\n";
    let clinic = oldchart_at(&format!("http://{}", upstream.addr()), "", tables).await;
    let mut browser = clinic.browser();
    oldchart::dora(&clinic, &mut browser).await;
    let half = Script::bytes("HTTP/1.1 200 OK¶Content-Length: 1000¶¶half a chart").close();
    upstream.next(half);
    let ask = browser.script_ask("GET", "/charts/1");
    let got = tokio::time::timeout(Duration::from_secs(5), browser.fetch(&ask))
        .await
        .unwrap();
    assert!(got.is_err(), "half an answer must not look whole: {got:?}");
    browser.get("/charts/1").await;
    assert!(
        browser.page().has("CANARY-PHI-OLD"),
        "{}",
        browser.page().describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_is_never_sent_twice_even_when_the_server_dies_under_it() {
    let upstream = oldchart::open().await;
    let clinic = oldchart_at(&format!("http://{}", upstream.addr()), "", "").await;
    let mut browser = clinic.browser();
    oldchart::dora(&clinic, &mut browser).await;
    for ill in [Script::default().close(), Script::default().reset()] {
        // A connection that was used before is where a proxy is tempted to try again.
        browser.get("/charts/1").await;
        upstream.clear();
        upstream.next(ill);
        let saved = browser.xhr_form("/save", &[("note", "5 mg")]).await;
        assert_eq!(saved.status, 502, "{}", saved.describe());
        assert_eq!(upstream.requests().len(), 1, "sent once");
    }
    // Her session has nothing to do with it, and no page says that it has.
    upstream.next(Script::bytes("no HTTP at all¶¶").close());
    browser.get("/charts/1").await;
    assert_eq!(browser.page().status, 502, "{}", browser.page().describe());
    assert!(
        browser.page().has("not answering"),
        "{}",
        browser.page().describe()
    );
    assert!(
        !browser.page().has("not signed in"),
        "{}",
        browser.page().describe()
    );
    browser.get("/charts/1").await;
    assert!(
        browser.page().has("CANARY-PHI-OLD"),
        "{}",
        browser.page().describe()
    );
}
