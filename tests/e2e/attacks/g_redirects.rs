//! G11: where we send people, and how we speak to the app: never off this host by a visitor's
//! wish, never with cookies over plain HTTP, never to an app whose certificate is another's.

use anteroom_tests::answer::Answer;
use anteroom_tests::browser::ask::{Ask, Kind};
use anteroom_tests::raw::RawClient;
use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::tls::TestCa;
use anteroom_tests::world::World;
use anteroom_tests::world::start::{Clinic, Plan, eventually, open_enrolment};

use crate::ward::{ALICE, CHALLENGE, OURS, all_is_well, at_challenge, enrolled, knock, post};

const LANGUAGE: &str = "/.anteroom/language";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g11_no_wanted_page_leads_off_this_host() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.record().clear();
    for target in [
        "//evil.test/x",
        "/\\evil.test",
        "\\\\evil.test",
        "/%5cevil.test",
        "/%2f%2fevil.test",
        "/%0d%0aSet-Cookie:%20x=1",
        "https://evil.test/x",
        "https:evil.test",
        "javascript:alert(1)",
        "/.//evil.test",
        "/%09/evil.test",
    ] {
        let ask = format!("GET {target} HTTP/1.1¶Host: emr.test¶Accept: text/html¶¶");
        let answer = knock(&clinic, &ask).await.unwrap();
        assert!(
            (400..500).contains(&answer.status),
            "{target}: {}",
            answer.everything()
        );
        assert!(answer.set_cookies().is_empty(), "{target}");
        assert!(answer.location().is_none(), "{target}");
    }
    assert_eq!(clinic.record().count(), 0);
    // In a query they are the app's to read, and come back byte for byte, on this host.
    for query in [
        "next=//evil.test",
        "next=%0d%0aSet-Cookie:x=1",
        "u=https:evil",
        "u=javascript:1",
    ] {
        clinic.world.clock.next_step();
        let mut alice = clinic.browser();
        alice.open(&format!("/patients?{query}")).await;
        alice
            .submit(&[("username", ALICE.name), ("password", ALICE.password)])
            .await;
        alice.follow_all().await;
        let page = alice
            .submit(&[("code", &phone.code_at(&clinic.world.clock))])
            .await;
        assert_eq!(
            page.location(),
            Some(format!("/patients?{query}").as_str()),
            "{query}"
        );
        crate::ward::sign_out(&alice).await;
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g11_a_forged_wanted_page_is_no_page() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    for forged in [
        "//evil.test/",
        "aHR0cHM6Ly9ldmlsLnRlc3Q",
        &"A".repeat(200),
        "/%0d%0aX:1",
    ] {
        clinic.world.clock.next_step();
        let mut alice = clinic.browser();
        alice.open("/login").await;
        alice.jar().plant("emr.test", "__Host-anteroom-to", forged);
        alice
            .submit(&[("username", ALICE.name), ("password", ALICE.password)])
            .await;
        alice.jar().plant("emr.test", "__Host-anteroom-to", forged);
        alice.follow_all().await;
        assert_eq!(alice.page().path(), CHALLENGE);
        let page = alice
            .submit(&[("code", &phone.code_at(&clinic.world.clock))])
            .await;
        assert_eq!(page.location(), Some("/"), "{forged}: {}", page.describe());
        crate::ward::sign_out(&alice).await;
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

/// An app behind a gateway that also listens without TLS.
async fn with_plain_http() -> (Clinic, Recorder) {
    let upstream = Recorder::start().await;
    let address = format!("http://{}", upstream.addr());
    let lines = open_enrolment("php-session") + "[app.health]\nevery = \"10 min\"\n";
    let clinic = Plan::empty()
        .listener("addr = \"127.0.0.1:0\"\nkind = \"redirect\"\nhttps_port = 8443")
        .app("emr", &address, &lines)
        .open()
        .await;
    // The first health check knocks at once, and no other comes in the time of a test.
    eventually("the health check", async || upstream.connections() == 1).await;
    // A connection that is still being closed stays in the record.
    eventually("its end", async || {
        upstream.clear();
        upstream.connections() == 0
    })
    .await;
    (clinic, upstream)
}

async fn plainly(clinic: &Clinic, target: &str, host: &str) -> Answer {
    let mut client = RawClient::plain(clinic.others[0]).await.unwrap();
    let fields = format!("Host: {host}¶Cookie: {OURS}=x; PHPSESSID=CANARY-S¶");
    let asked = format!("GET {target} HTTP/1.1¶{fields}¶");
    client.ask(&asked).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g11_plain_http_gets_an_address_and_nothing_else() {
    let (clinic, upstream) = with_plain_http().await;
    for (target, host, leads_to) in [
        (
            "/chart.php?pid=1",
            "emr.test",
            "https://emr.test:8443/chart.php?pid=1",
        ),
        (
            "/chart.php?pid=1",
            "EMR.test:80",
            "https://emr.test:8443/chart.php?pid=1",
        ),
        ("//evil.test/x", "emr.test", "https://emr.test:8443/"),
        ("/\\evil.test", "emr.test", "https://emr.test:8443/"),
        ("/%0d%0aX:1", "emr.test", "https://emr.test:8443/"),
    ] {
        let answer = plainly(&clinic, target, host).await;
        assert_eq!(answer.status, 308, "{target}: {}", answer.everything());
        assert_eq!(answer.location(), Some(leads_to), "{target} {host}");
        assert!(answer.set_cookies().is_empty() && !answer.everything().contains("CANARY"));
    }
    assert_eq!(upstream.connections(), 0, "the app hears nothing of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g11_plain_http_repeats_no_strange_host_and_sends_no_password_on() {
    let (clinic, upstream) = with_plain_http().await;
    for host in [
        "evil.test",
        "emr.test.evil.test",
        "emr.test@evil.test",
        "emr.test.",
        "emr.test:80@evil",
        "emr.test, evil.test",
        "127.0.0.1",
        "",
    ] {
        let answer = plainly(&clinic, "/", host).await;
        assert!(
            (400..500).contains(&answer.status),
            "{host}: {}",
            answer.everything()
        );
        assert!(answer.location().is_none(), "{host}");
    }
    let mut post = RawClient::plain(clinic.others[0]).await.unwrap();
    let body = "username=alice&password=CANARY-PASSWORD";
    let fields = "Host: emr.test¶Content-Type: application/x-www-form-urlencoded¶";
    let sent = format!(
        "POST /login.php HTTP/1.1¶{fields}Content-Length: {}¶¶{body}",
        body.len()
    );
    let answer = post.ask(&sent).await.unwrap();
    assert!(
        answer.status == 308 || answer.status >= 400,
        "{}",
        answer.everything()
    );
    assert_eq!(
        upstream.connections(),
        0,
        "the app hears nothing of plain HTTP"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g11_an_app_with_somebody_elses_certificate_gets_no_request() {
    let (right, wrong) = (TestCa::new(), TestCa::new());
    let files = World::empty(anteroom::logging::may_log);
    let ca_file = files.file("ca.pem", right.pem());
    for (what, ca, name, fine) in [
        ("the right one", &right, "emr.internal", true),
        ("another authority", &wrong, "emr.internal", false),
        ("another name", &right, "other.internal", false),
    ] {
        let upstream = Recorder::start_tls(ca.server_config(&[name], &[])).await;
        upstream.answer_with(|_| Script::ok("<input name=\"password\">"));
        let lines = format!(
            "{}[app.upstream_tls]\nserver_name = \"emr.internal\"\nca_file = {ca_file:?}\n",
            open_enrolment("php-session"),
        );
        let address = format!("https://{}", upstream.addr());
        let clinic = Plan::empty().app("emr", &address, &lines).open().await;
        let browser = clinic.browser();
        let page = clinic.browser().get("/login.php").await;
        assert_eq!(
            page.status,
            if fine { 200 } else { 502 },
            "{what}: {}",
            page.describe()
        );
        let login = [("username", "alice"), ("password", "CANARY-PASSWORD")];
        let page = crate::ward::post(&browser, "/login.php", &login).await;
        assert_eq!(page.status == 502, !fine, "{what}: {}", page.describe());
        assert_eq!(upstream.saw("CANARY-PASSWORD"), fine, "{what}");
        assert_eq!(upstream.requests().is_empty(), !fine, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g11_a_change_of_language_leads_nowhere_else_and_comes_from_our_own_pages() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let alice = at_challenge(&clinic, ALICE).await;
    let choose = |back| {
        let alice = &alice;
        async move { post(alice, LANGUAGE, &[("language", "fr"), ("back", back)]).await }
    };
    for back in [
        "//evil.test/x",
        "/\\evil.test",
        "\\\\evil.test",
        "https://evil.test/x",
        "https:evil.test",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: x=1",
        "/\t/evil.test",
        "",
        "evil.test",
        "@evil.test",
    ] {
        let page = choose(back).await;
        assert_eq!((page.status, page.location()), (303, Some("/")), "{back}");
        assert!(
            page.header("x").is_none() && page.set_cookie_line("x").is_none(),
            "{back}"
        );
    }
    assert_eq!(choose(CHALLENGE).await.location(), Some(CHALLENGE));
    for fields in [
        &[("language", "de"), ("back", "/")][..],
        &[("language", ""), ("back", "/")],
        &[("back", "/")],
        &[("language", "fr"), ("language", "es"), ("back", "/")],
        &[("language", "fr"), ("back", "/"), ("back", "/x")],
    ] {
        let page = post(&alice, LANGUAGE, fields).await;
        assert_eq!(page.status, 400, "{fields:?}: {}", page.describe());
        assert!(page.set_cookie_line("__Host-anteroom-language").is_none());
    }
    for fields in [
        "Sec-Fetch-Site: cross-site¶Sec-Fetch-Mode: navigate¶Sec-Fetch-Dest: document¶",
        "Sec-Fetch-Site: same-origin¶Sec-Fetch-Mode: cors¶Sec-Fetch-Dest: empty¶",
        "Accept: text/html¶Origin: https://evil.test¶",
        "Accept: text/html¶",
    ] {
        let body = "language=fr&back=%2F";
        let ask = format!(
            "POST {LANGUAGE} HTTP/1.1¶Host: emr.test¶{fields}Content-Type: \
             application/x-www-form-urlencoded¶Content-Length: {}¶¶{body}",
            body.len(),
        );
        let answer = knock(&clinic, &ask).await.unwrap();
        assert_eq!(answer.status, 403, "{fields}: {}", answer.everything());
        assert!(answer.set_cookies().is_empty(), "{fields}");
    }
    let ask = Ask::new("GET", alice.at_home(LANGUAGE), Kind::Document, None).by_hand();
    assert_eq!(alice.fetch(&ask).await.unwrap().status, 405);
    all_is_well(&clinic, ALICE, &phone).await;
}
