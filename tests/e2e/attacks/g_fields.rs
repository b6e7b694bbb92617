//! G01, G03: fields by which a client says where it comes from or who it is. None of them reaches
//! the app as the client wrote it, and none of them is read for a decision of ours.

use anteroom_tests::browser::Browser;
use anteroom_tests::raw::RawClient;
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::{Clinic, Plan, coded_enrolment};

use crate::ward::{ALICE, BOB, all_is_well, audit_is_whole, enrolled, password, wardbook};

const ENROL: &str = "/.anteroom/enrol/method";
const ENROL_CODE: &str = "/.anteroom/enrol/code";

fn by_network() -> String {
    let lines = coded_enrolment("demo");
    format!("{lines}[app.enrolment]\npolicy = \"network\"\nnetworks = [\"10.20.0.0/16\"]\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g01_a_forged_address_relaxes_nothing_and_does_not_reach_the_app() {
    let clinic = Clinic::with_demo_as(&by_network(), "").await;
    let hops = vec!["10.20.0.1"; 200].join(", ");
    for (name, value) in [
        ("X-Forwarded-For", "10.20.0.1"),
        ("X-Forwarded-For", "a"),
        ("X-Forwarded-For", hops.as_str()),
        ("X_Forwarded_For", "10.20.0.1"),
        ("Forwarded", "for=10.20.0.1"),
        ("X-Real-IP", "10.20.0.1"),
        ("True-Client-IP", "10.20.0.1"),
        ("CF-Connecting-IP", "10.20.0.1"),
        ("X-Client-IP", "10.20.0.1"),
        ("X-Cluster-Client-IP", "10.20.0.1"),
    ] {
        clinic.record().clear();
        let mut bob = clinic.browser().always(name, value);
        let page = password(&mut bob, BOB).await;
        assert_eq!(
            page.path(),
            ENROL_CODE,
            "{name}: {value}: {}",
            page.describe()
        );
        for served in clinic.record().all() {
            assert_eq!(
                served.header("x-forwarded-for"),
                Some("127.0.0.1"),
                "{name}"
            );
            let seen = served
                .headers
                .iter()
                .any(|(_, value)| value.contains("10.20.0.1"));
            assert!(!seen, "{name}: {:?}", served.headers);
        }
        crate::ward::start_over(&bob).await;
    }
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g01_a_trusted_proxy_is_believed_and_what_cannot_be_read_is_not() {
    let (_demo, address) = wardbook().await;
    let clinic = Plan::empty()
        .top("trusted_proxies = [\"127.0.0.1/32\"]")
        .app("emr", &address, &by_network())
        .open()
        .await;
    for (value, page) in [
        ("10.20.0.1", ENROL),
        ("192.0.2.7, 10.20.0.1", ENROL),
        ("10.20.0.1, 192.0.2.7", ENROL_CODE),
        ("10.20.0.1, zzz", ENROL_CODE),
        ("10.20.0.1:80", ENROL_CODE),
        ("10.20.0", ENROL_CODE),
        ("", ENROL_CODE),
    ] {
        let mut bob = clinic.browser().always("X-Forwarded-For", value);
        let shown = password(&mut bob, BOB).await;
        assert_eq!(shown.path(), page, "{value:?}: {}", shown.describe());
        crate::ward::start_over(&bob).await;
    }
    // Another peer is no proxy of ours, whatever it says.
    let mut bob = clinic
        .browser()
        .from_address("127.0.0.2")
        .always("X-Forwarded-For", "10.20.0.1");
    assert_eq!(password(&mut bob, BOB).await.path(), ENROL_CODE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g01_the_bytes_of_a_proxy_protocol_are_refused() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.record().clear();
    let hello = "PROXY TCP4 10.20.0.1 10.20.0.2 1 443¶";
    let mut outside = RawClient::plain(clinic.addr).await.unwrap();
    outside
        .say(&format!("{hello}GET / HTTP/1.1¶Host: emr.test¶¶"))
        .await;
    assert!(outside.answer().await.is_err(), "no TLS, no answer");
    let mut inside = RawClient::tls(clinic.addr, Sni::Name("emr.test"))
        .await
        .unwrap();
    let answer = inside
        .ask(&format!("{hello}GET / HTTP/1.1¶Host: emr.test¶¶"))
        .await;
    assert!(
        answer.as_ref().is_ok_and(|answer| answer.status >= 400),
        "{answer:?}"
    );
    assert_eq!(clinic.record().count(), 0);
    all_is_well(&clinic, ALICE, &phone).await;
}

async fn told_to_the_app(browser: &Browser, name: &str) -> serde_json::Value {
    let ask = browser
        .script_ask("GET", "/admin/whoami-headers")
        .with(name, "FORGED-IDENTITY");
    let page = browser.fetch(&ask).await.unwrap();
    assert_eq!(page.status, 200, "{name}: {}", page.describe());
    page.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g03_identity_fields_are_stripped_in_every_spelling() {
    let clinic = Clinic::with_demo().await;
    let (alice, phone, _) = enrolled(&clinic, ALICE).await;
    for name in [
        "X-Remote-User",
        "X_Remote_User",
        "X.Remote.User",
        "x-remote_user",
        "REMOTE_USER",
        "Remote-User",
        "X-Gw-User",
        "X_Gw_User",
        "X-Anteroom-User",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Uri",
        "X-Forwarded-Prefix",
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Auth-Request-User",
        "X-Auth-Request-Roles",
        "X-Authenticated-User",
        "X-WebAuth-User",
        "X-SSL-Client-Cert",
        "X-SSL-Client-S-DN",
        "SSL_CLIENT_CERT",
        "Authorization",
        "Proxy-Authorization",
        "X-HTTP-Method-Override",
        "Via",
    ] {
        let told = told_to_the_app(&alice, name).await;
        assert!(!told.to_string().contains("FORGED"), "{name}: {told}");
        assert_eq!(told["user"], "alice", "{name}");
    }
    // The check can see: a field that means nothing to anybody goes through.
    let told = told_to_the_app(&alice, "X-Requested-Colour").await;
    assert!(told.to_string().contains("FORGED-IDENTITY"), "{told}");
    // Nor do they decide anything: a stranger with all of them is a stranger.
    let mut stranger = clinic.browser();
    for name in [
        "X-Remote-User",
        "X-Forwarded-User",
        "X-Anteroom-User",
        "Authorization",
    ] {
        stranger = stranger.always(name, "alice");
    }
    assert!(!crate::ward::sees_chart(&mut stranger).await);
    all_is_well(&clinic, ALICE, &phone).await;
}
