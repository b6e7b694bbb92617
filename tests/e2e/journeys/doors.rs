//! The doors themselves: proxies in front, plain HTTP, certificates, names, the private listener.
//! What a client says about itself is believed only where the configuration says so.

use anteroom_tests::h2client::{H2Ask, H2Client};
use anteroom_tests::raw::RawClient;
use anteroom_tests::tls::{Sni, TestCa, Trust};
use anteroom_tests::wire::Wire;
use anteroom_tests::world::start::{Clinic, Plan, eventually, open_enrolment};

use super::people::{ALICE, all_is_well, must_be_in, newcomer};
use super::wards::Ward;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_trusted_proxy_says_who_the_client_is() {
    let ward = Ward::open().await;
    let clinic = Plan::empty()
        .top("trusted_proxies = [\"127.0.9.1\"]")
        .app("emr", &ward.upstream, &open_enrolment("demo"))
        .open()
        .await;
    let chain = "198.51.100.7, 203.0.113.9";
    let mut proxied = clinic
        .browser()
        .from_address("127.0.9.1")
        .always("X-Forwarded-For", chain);
    let alice = newcomer(&clinic, &mut proxied, ALICE).await;
    let seen = |path: &str| {
        let served = ward.record.for_path(path).pop().expect("it was asked for");
        let fields: Vec<_> = served
            .headers
            .iter()
            .filter(|(name, _)| name == "x-forwarded-for")
            .cloned()
            .collect();
        assert_eq!(fields.len(), 1, "one field: {fields:?}");
        fields[0].1.clone()
    };
    assert_eq!(
        seen("/patients/1001"),
        "203.0.113.9",
        "the last one that the proxy saw"
    );
    let audit = clinic.store().audit_tail(100).await.unwrap();
    let clients: Vec<_> = audit.iter().filter_map(|row| row.event.client).collect();
    assert!(
        clients
            .iter()
            .all(|client| client.to_string() == "203.0.113.9"),
        "{clients:?}"
    );

    let mut direct = clinic.browser().always("X-Forwarded-For", chain);
    super::people::sign_in(&clinic, &mut direct, &alice).await;
    assert_eq!(
        seen("/patients/1001"),
        "127.0.0.1",
        "not believed from anybody else"
    );
    let mut junk = clinic
        .browser()
        .from_address("127.0.9.1")
        .always("X-Forwarded-For", "no ip");
    super::people::sign_in(&clinic, &mut junk, &alice).await;
    assert_eq!(seen("/patients/1001"), "127.0.9.1", "junk names nobody");
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_says_nothing_but_go_to_https() {
    let ward = Ward::open().await;
    let clinic = Plan::empty()
        .listener("addr = \"127.0.0.1:0\"\nkind = \"redirect\"\nhttps_port = 8443")
        .app("emr", &ward.upstream, &open_enrolment("demo"))
        .open()
        .await;
    for (line, wanted) in [
        (
            "GET /patients/1?a=b HTTP/1.1",
            "https://emr.test:8443/patients/1?a=b",
        ),
        (
            "GET /.anteroom/challenge HTTP/1.1",
            "https://emr.test:8443/.anteroom/challenge",
        ),
        ("GET //evil.test/%2e%2e HTTP/1.1", "https://emr.test:8443/"),
    ] {
        let mut raw = RawClient::plain(clinic.others[0]).await.unwrap();
        let ask = format!("{line}¶Host: emr.test¶Cookie: __Host-anteroom=x¶¶");
        let answer = raw.ask(&ask).await.unwrap();
        assert_eq!(
            (answer.status, answer.location()),
            (308, Some(wanted)),
            "{line}"
        );
        assert!(
            answer.set_cookies().is_empty() && answer.body.is_empty(),
            "{line}"
        );
    }
    let mut raw = RawClient::plain(clinic.others[0]).await.unwrap();
    let login = "username=alice&password=Stethoscope-1";
    let ask = format!(
        "POST /login HTTP/1.1¶Host: emr.test¶Content-Type: application/x-www-form-urlencoded¶\
         Content-Length: {}¶¶{login}",
        login.len()
    );
    assert_eq!(raw.ask(&ask).await.unwrap().status, 308);
    let mut raw = RawClient::plain(clinic.others[0]).await.unwrap();
    let foreign = raw.ask("GET / HTTP/1.1¶Host: evil.test¶¶").await.unwrap();
    assert_eq!((foreign.status, foreign.location()), (421, None));
    assert_eq!(ward.record.count(), 0, "none of it reached the app");
    // HTTPS itself tells browsers to stay.
    let mut browser = clinic.browser();
    browser.open("/patients").await;
    assert!(browser.page().header("strict-transport-security").is_some());
}

async fn accepted(clinic: &Clinic, trust: &Trust) -> bool {
    Wire::tls(clinic.addr, trust, Sni::Name("emr.test"), &["http/1.1"])
        .await
        .is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_served_without_a_restart_and_a_broken_one_changes_nothing() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let next = TestCa::new();
    let (old_trust, new_trust) = (clinic.world.ca.trust(), next.trust());
    assert!(accepted(&clinic, &old_trust).await && !accepted(&clinic, &new_trust).await);

    let identity = next.identity(&["emr.test"]);
    let good_key = std::fs::read_to_string(clinic.world.dir().join("emr.test.private")).unwrap();
    for (chain, key) in [
        ("not pem at all", good_key.as_str()),
        (identity.cert_pem.as_str(), good_key.as_str()),
        ("", ""),
    ] {
        clinic.world.file("emr.test.chain", chain);
        clinic.world.file("emr.test.private", key);
        let problem = clinic
            .running()
            .reload_certificates()
            .unwrap_err()
            .to_string();
        assert!(
            problem.contains("emr.test.") && !problem.contains("PRIVATE"),
            "{problem}"
        );
        assert!(
            accepted(&clinic, &old_trust).await,
            "the certificate in use stays"
        );
    }
    clinic.world.file("emr.test.chain", &identity.cert_pem);
    clinic.world.file("emr.test.private", &identity.key_pem);
    assert_eq!(clinic.running().reload_certificates().unwrap(), 1);
    assert!(accepted(&clinic, &new_trust).await && !accepted(&clinic, &old_trust).await);
    // Connections that are open go on.
    must_be_in(&mut browser).await;
    let identity = clinic.world.ca.identity(&["emr.test"]);
    clinic.world.file("emr.test.chain", &identity.cert_pem);
    clinic.world.file("emr.test.private", &identity.key_pem);
    clinic.running().reload_certificates().unwrap();
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_for_the_host_it_was_opened_for() {
    let (one, two) = (Ward::open().await, Ward::open().await);
    let clinic = Plan::empty()
        .app("north", &one.upstream, &open_enrolment("demo"))
        .app("south", &two.upstream, &open_enrolment("demo"))
        .open()
        .await;
    let trust = clinic.world.ca.trust();
    let h2 = H2Client::tls(clinic.addr, &trust, Sni::Name("north.test"))
        .await
        .unwrap();
    assert_eq!(
        h2.ask(H2Ask::get("https://north.test/login"))
            .await
            .unwrap()
            .status,
        200
    );
    assert_eq!(
        h2.ask(H2Ask::get("https://south.test/login"))
            .await
            .unwrap()
            .status,
        421
    );
    // Only that stream was refused: a browser's other tabs go on.
    assert_eq!(
        h2.ask(H2Ask::get("https://north.test/login"))
            .await
            .unwrap()
            .status,
        200
    );
    assert_eq!(two.record.count(), 0);
    let mut raw = RawClient::tls(clinic.addr, Sni::Name("south.test"))
        .await
        .unwrap();
    let answer = raw
        .ask("GET /login HTTP/1.1¶Host: north.test¶¶")
        .await
        .unwrap();
    assert_eq!(answer.status, 421);
    for name in [Sni::Name("unknown.test"), Sni::Absent] {
        let refused = Wire::tls(clinic.addr, &Trust::anyone(), name, &["http/1.1"]).await;
        assert!(refused.is_err(), "no name we serve, no certificate");
    }
}

async fn private(clinic: &Clinic, path: &str) -> anteroom_tests::answer::Answer {
    let addr = clinic.running().private.expect("a private listener");
    let mut raw = RawClient::plain(addr).await.unwrap();
    raw.ask(&format!("GET {path} HTTP/1.1¶Host: x¶Connection: close¶¶"))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_and_metrics_are_private_and_name_nobody() {
    let ward = Ward::open().await;
    let health = "[app.health]\npath = \"/health\"\nevery = \"1 s\"\ntimeout = \"1 s\"\n";
    let lines = open_enrolment("demo") + health;
    let clinic = Plan::empty()
        .app("emr", &ward.upstream, &lines)
        .open()
        .await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    assert_eq!(private(&clinic, "/live").await.status, 200);
    let ready = private(&clinic, "/ready").await;
    assert_eq!((ready.status, ready.text().as_str()), (200, "ready\n"));
    let metrics = private(&clinic, "/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    let text = metrics.text();
    assert!(text.ends_with("# EOF\n"), "{text}");
    for name in ["alice", "1001", "127.0.0.1", "CANARY", "/patients"] {
        assert!(!text.contains(name), "{name} in the metrics:\n{text}");
    }
    assert!(text.contains("app=\"emr\""), "{text}");
    // Not at the public door.
    let mut browser = clinic.browser();
    for path in ["/metrics", "/ready", "/live"] {
        browser.open(path).await;
        assert!(
            browser.page().has_field("password"),
            "{path}: {}",
            browser.page().describe()
        );
    }
    all_is_well(&clinic, &alice).await;
    ward.dies().await;
    eventually("ready says what is wrong", async || {
        private(&clinic, "/ready").await.status == 503
    })
    .await;
    let ready = private(&clinic, "/ready").await.text();
    assert!(ready.contains("app emr"), "{ready}");
    assert_eq!(
        private(&clinic, "/live").await.status,
        200,
        "the process itself lives"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_ready_before_its_server_was_asked() {
    // The kernel takes connections for it, and nobody ever answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let upstream = format!("http://{}", silent.local_addr().unwrap());
    let health = "[app.health]\npath = \"/health\"\nevery = \"3 s\"\ntimeout = \"3 s\"\n";
    let lines = open_enrolment("demo") + health;
    let clinic = Plan::empty().app("emr", &upstream, &lines).open().await;
    let ready = private(&clinic, "/ready").await;
    assert_eq!(ready.status, 503, "{}", ready.text());
    assert!(ready.text().contains("asked yet"), "{}", ready.text());
    eventually("ready says what is wrong", async || {
        let ready = private(&clinic, "/ready").await;
        ready.text().contains("no upstream answers")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_loses_nobody() {
    let mut clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    clinic.world.clock.next_step();
    let mut halfway = clinic.browser();
    super::people::password(&mut halfway, ALICE).await;
    clinic.restart().await;
    must_be_in(&mut browser).await;
    super::people::type_code(&mut halfway, &alice.phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut halfway).await;
    all_is_well(&clinic, &alice).await;
}
