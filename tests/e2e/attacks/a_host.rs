//! A08 to A11: which app a request is for, said in more than one place.
//! Two tenants on one listener; a request of one must never reach the other, nor go anywhere else.

use anteroom_tests::h2client::H2Ask;
use anteroom_tests::h2raw::Outcome;
use anteroom_tests::raw::{RawClient, crlf};
use anteroom_tests::recorder::Recorder;
use anteroom_tests::tls::Sni;

use super::a_bench::{Bench, CANARY, HOST, STOLEN, cookies, nothing_reached};

struct Tenants {
    bench: Bench,
    own: Recorder,
    other: Recorder,
}

async fn tenants() -> Tenants {
    let (bench, own, other) = Bench::two().await;
    Tenants { bench, own, other }
}

impl Tenants {
    fn untouched(&self, what: &str) {
        nothing_reached(what, &self.own);
        nothing_reached(what, &self.other);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a08_an_absolute_target_names_the_same_host_or_is_refused() {
    let tenants = tenants().await;
    let jar = cookies(&tenants.bench.alice);
    for target in [
        "http://emr2.test/chart.php",
        "https://emr2.test/static/x.css",
        "https://emr.test:1/..",
        "https://emr.test:1/static/x.css",
        "http://emr.test@evil/",
        "http://evil@emr.test/static/x.css",
        "ftp://emr.test/static/x.css",
        "emr.test/chart.php",
        "https://emr.test",
        "https:///static/x.css",
        "https://emr.test./static/x.css",
        "https:/static/x.css",
        "//emr2.test/static/x.css",
        "https://emr.test\\@emr2.test/static/x.css",
        "http://127.0.0.1/static/x.css",
        "*",
        "https://emr.test%00.emr2.test/static/x.css",
        "emr.test:443",
    ] {
        for cookie in [String::new(), format!("Cookie: {jar}¶")] {
            let bytes = crlf(&format!("GET {target} HTTP/1.1¶Host: {HOST}¶{cookie}¶"));
            let told = tenants.bench.send(bytes).await;
            let refused = told
                .as_ref()
                .map_or(true, |a| matches!(a.status, 400 | 405 | 421));
            assert!(refused, "{target}: {told:?}");
            tenants.untouched(target);
        }
    }
    // The same host is the same request, sent on in origin-form.
    for (target, host) in [
        ("https://emr.test/static/x.css", HOST),
        ("https://emr.test:443/static/x.css", "emr.test:443"),
    ] {
        let bytes = crlf(&format!("GET {target} HTTP/1.1¶Host: {host}¶¶"));
        assert_eq!(
            tenants.bench.send(bytes).await.unwrap().status,
            200,
            "{target}"
        );
        let seen = tenants.own.only_request();
        assert_eq!(
            (seen.target.as_str(), seen.header("host")),
            ("/static/x.css", Some(host))
        );
        tenants.own.clear();
    }
    let gated = crlf(&format!(
        "GET https://emr.test/chart.php HTTP/1.1¶Host: {HOST}¶¶"
    ));
    assert_eq!(tenants.bench.send(gated).await.unwrap().status, 401);
    tenants.untouched("gated");
    tenants.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a09_one_plain_host_or_none_at_all() {
    let tenants = tenants().await;
    for hosts in [
        "Host: emr.test¶Host: emr.test¶",
        "Host: emr.test¶Host: emr2.test¶",
        "",
        "Host:¶",
        "Host: ¶",
        "Host: emr.test.¶",
        "Host: emr.test:80@evil¶",
        "Host: emr.test, emr2.test¶",
        "Host : emr.test¶",
        "Host: emr2.test¶",
        "Host: evil.test¶",
        "Host: 127.0.0.1¶",
        "Host: [::1]¶",
        "Host: emr.test:¶",
        "Host: emr.test:x¶",
        "Host: emr.test/x¶",
        "Host: emr.test emr2.test¶",
        "Host: emr.test\tx¶",
        "Host: emr.test%00¶",
        "Host: \"emr.test\"¶",
        "Host: emr.test:999999¶",
        "Host_: emr.test¶",
        "X-Host: emr.test¶",
        "Host: xemr.test¶",
        "Host: emr.testx¶",
        "Host: *.test¶",
        "Host: .test¶",
        "Host: emr..test¶",
    ] {
        let bytes = crlf(&format!("GET /static/x.css HTTP/1.1¶{hosts}¶"));
        tenants.bench.must_refuse(hosts, bytes).await;
        tenants.untouched(hosts);
    }
    for host in ["EMR.TEST", "emr.test:443", "Emr.Test:443"] {
        let bytes = crlf(&format!("GET /static/x.css HTTP/1.1¶Host: {host}¶¶"));
        assert_eq!(
            tenants.bench.send(bytes).await.unwrap().status,
            200,
            "{host}"
        );
        assert_eq!(tenants.own.only_request().path(), "/static/x.css");
        tenants.own.clear();
    }
    tenants.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a09_no_field_and_no_server_name_moves_a_request_to_another_tenant() {
    let tenants = tenants().await;
    for field in [
        "X-Forwarded-Host",
        "X-Host",
        "Forwarded",
        "X-Original-Host",
        "X_Forwarded_Host",
    ] {
        let bytes = crlf(&format!(
            "GET /static/x.css HTTP/1.1¶Host: {HOST}¶{field}: emr2.test¶¶"
        ));
        assert_eq!(
            tenants.bench.send(bytes).await.unwrap().status,
            200,
            "{field}"
        );
        nothing_reached(field, &tenants.other);
        let seen = tenants.own.only_request();
        let named: Vec<&str> = seen.headers.iter().map(|(_, value)| value).collect();
        assert!(!named.contains(&"emr2.test"), "{field}: {}", seen.headers);
        assert_eq!(seen.header("x-forwarded-host"), Some(HOST), "{field}");
        tenants.own.clear();
    }
    // The name in the handshake and the name in the request are one name.
    let mut crossed = RawClient::tls(tenants.bench.clinic.addr, Sni::Name("emr2.test"))
        .await
        .unwrap();
    let told = crossed
        .ask(&format!("GET /static/x.css HTTP/1.1¶Host: {HOST}¶¶"))
        .await
        .unwrap();
    assert_eq!(told.status, 421, "{}", told.everything());
    assert!(crossed.closed(super::a_bench::CUT).await);
    for sni in [Sni::Absent, Sni::Name("evil.test"), Sni::Name("127.0.0.1")] {
        let shaken = RawClient::tls(tenants.bench.clinic.addr, sni).await;
        assert!(shaken.is_err(), "{sni:?}: there is no default app");
    }
    tenants.untouched("server names");
    let mut other = RawClient::tls(tenants.bench.clinic.addr, Sni::Name("emr2.test"))
        .await
        .unwrap();
    let told = other
        .ask("GET /static/x.css HTTP/1.1¶Host: emr2.test¶¶")
        .await
        .unwrap();
    assert_eq!(told.status, 200);
    assert_eq!(tenants.other.only_request().path(), "/static/x.css");
    tenants.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a09_a_session_of_one_tenant_is_nothing_at_the_other() {
    let tenants = tenants().await;
    let jar = cookies(&tenants.bench.alice);
    let mut other = RawClient::tls(tenants.bench.clinic.addr, Sni::Name("emr2.test"))
        .await
        .unwrap();
    let told = other
        .ask(&format!(
            "GET /chart.php HTTP/1.1¶Host: emr2.test¶Accept: text/html¶Cookie: {jar}¶¶"
        ))
        .await
        .unwrap();
    assert_eq!(
        (told.status, told.location()),
        (303, Some("/login.php")),
        "{}",
        told.everything()
    );
    tenants.untouched("the other tenant");
    tenants.bench.finish().await;
}

type Fields = Vec<(&'static str, &'static str)>;

fn ask_at(authority: &'static str) -> Fields {
    vec![
        (":method", "GET"),
        (":scheme", "https"),
        (":authority", authority),
        (":path", "/chart.php"),
    ]
}

fn names_in_two_places() -> Vec<(&'static str, Fields)> {
    let with = |authority, more: &[(&'static str, &'static str)]| {
        ask_at(authority)
            .into_iter()
            .chain(more.iter().copied())
            .collect()
    };
    let mut nameless = ask_at(HOST);
    nameless.remove(2);
    let mut absolute = ask_at(HOST);
    absolute[3].1 = "https://emr2.test/chart.php";
    vec![
        ("emr2 with host emr", with("emr2.test", &[("host", HOST)])),
        ("emr with host emr2", with(HOST, &[("host", "emr2.test")])),
        ("two hosts", with(HOST, &[("host", HOST), ("host", HOST)])),
        ("another tenant", ask_at("emr2.test")),
        ("a trailing dot", ask_at("emr.test.")),
        ("user information", ask_at("x@emr.test")),
        ("a list", ask_at("emr.test,emr2.test")),
        ("no name at all", nameless),
        ("an empty name", ask_at("")),
        (
            "two authorities",
            with(HOST, &[(":authority", "emr2.test")]),
        ),
        ("an absolute path", absolute),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a10_authority_and_host_are_one_name_over_h2() {
    let tenants = tenants().await;
    let jar = cookies(&tenants.bench.alice);
    for (what, fields) in names_in_two_places() {
        for cookie in [format!("PHPSESSID={STOLEN}"), jar.clone()] {
            let mut client = tenants.bench.h2_raw().await;
            let fields = [fields.clone(), vec![("cookie", cookie.as_str())]].concat();
            let outcome = client.ask(&fields, None).await;
            assert!(outcome.is_refusal(), "{what}: {outcome:?}");
            assert!(outcome.status() != Some(401), "{what} was routed");
            tenants.untouched(what);
        }
    }
    let mut client = tenants.bench.h2_raw().await;
    let fields = [ask_at(HOST), vec![("host", HOST), ("cookie", jar.as_str())]].concat();
    let Outcome::Answer { status: 200, body } = client.ask(&fields, None).await else {
        panic!("the honest request passes")
    };
    assert!(String::from_utf8_lossy(&body).contains(CANARY));
    tenants.own.clear();
    tenants.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a11_there_are_no_tunnels() {
    let tenants = tenants().await;
    let inner = Recorder::start().await;
    let goal = inner.addr().to_string();
    let jar = cookies(&tenants.bench.alice);
    for cookie in [String::new(), format!("Cookie: {jar}¶")] {
        for host in [goal.as_str(), HOST, "x"] {
            let bytes = crlf(&format!(
                "CONNECT {goal} HTTP/1.1¶Host: {host}¶{cookie}¶GET /inside HTTP/1.1¶Host: x¶¶"
            ));
            tenants
                .bench
                .must_refuse(&format!("CONNECT for {host}"), bytes)
                .await;
        }
        let slash = crlf(&format!(
            "CONNECT /chart.php HTTP/1.1¶Host: {HOST}¶{cookie}¶"
        ));
        tenants.bench.must_refuse("CONNECT /", slash).await;
    }
    let plain = vec![(":method", "CONNECT"), (":authority", goal.as_str())];
    let extended = vec![
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":authority", HOST),
        (":path", "/ws"),
        ("sec-websocket-version", "13"),
        ("origin", "https://emr.test"),
    ];
    for fields in [plain, extended] {
        for cookie in ["a=1", jar.as_str()] {
            let mut client = tenants.bench.h2_raw().await;
            let fields = [fields.clone(), vec![("cookie", cookie)]].concat();
            let outcome = client
                .ask(&fields, Some(b"GET /inside HTTP/1.1\r\n\r\n"))
                .await;
            assert!(outcome.is_refusal(), "{fields:?}: {outcome:?}");
        }
    }
    assert_eq!(inner.connections(), 0, "somebody was connected");
    tenants.untouched("CONNECT");
    tenants.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a10_a_browser_that_reuses_its_connection_for_another_tenant_is_told_so_and_goes_on() {
    let tenants = tenants().await;
    let jar = cookies(&tenants.bench.alice);
    let client = tenants.bench.h2().await;
    let chart = H2Ask::get("https://emr.test/chart.php").crumb(&jar);
    assert!(client.ask(chart.clone()).await.unwrap().has(CANARY));
    tenants.own.clear();
    let crossed = H2Ask::get("https://emr2.test/static/x.css").crumb(&jar);
    assert_eq!(client.ask(crossed).await.unwrap().status, 421);
    tenants.untouched("a reused connection");
    // Other streams of this connection are other tabs: they live on (`DESIGN-CASES` 30).
    assert!(client.ask(chart).await.unwrap().has(CANARY));
    tenants.bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a09_the_plain_listener_sends_known_hosts_to_https_and_nobody_anywhere_else() {
    let (bench, upstream) = Bench::with_redirects().await;
    let plain = bench.clinic.others[0];
    let stolen = format!("Cookie: PHPSESSID={STOLEN}¶");
    for host in [
        "Host: evil.test¶",
        "",
        "Host: emr.test.¶",
        "Host: emr.test¶Host: evil.test¶",
    ] {
        let mut client = RawClient::plain(plain).await.unwrap();
        let told = client
            .ask(&format!("GET /chart.php HTTP/1.1¶{host}{stolen}¶"))
            .await;
        let refused = told
            .as_ref()
            .map_or(true, |a| matches!(a.status, 400 | 421));
        assert!(refused, "{host}: {told:?}");
    }
    for (target, wanted) in [
        ("/chart.php?pid=1001", "https://emr.test/chart.php?pid=1001"),
        ("//evil.test/x", "https://emr.test/"),
        ("/\\evil.test", "https://emr.test/"),
        ("/a/../b", "https://emr.test/"),
        (
            "/.anteroom/challenge",
            "https://emr.test/.anteroom/challenge",
        ),
    ] {
        let mut client = RawClient::plain(plain).await.unwrap();
        let told = client
            .ask(&format!("GET {target} HTTP/1.1¶Host: {HOST}¶{stolen}¶"))
            .await
            .unwrap();
        assert_eq!(
            (told.status, told.location()),
            (308, Some(wanted)),
            "{target}"
        );
        assert!(told.set_cookies().is_empty(), "no cookie over plain HTTP");
    }
    nothing_reached("plain HTTP", &upstream);
    bench.finish().await;
}
