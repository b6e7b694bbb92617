//! F01, F02, F05: slow clients, huge heads and floods of sign-ins cost little and stop at a bound,
//! and meanwhile everybody else is served.

use std::time::Duration;

use anteroom_tests::h2client::{H2Ask, H2Client};
use anteroom_tests::h2raw::{H2Raw, block, flag, kind};
use anteroom_tests::raw::{RawClient, crlf};
use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::tls::{Sni, Trust};
use anteroom_tests::wire::{Wire, tcp_from};
use anteroom_tests::world::start::{Clinic, Plan, eventually, open_enrolment};
use futures_util::future::join_all;

use crate::ward::{
    ALICE, BOB, DAY, MINUTE, OURS, all_is_well, enrolled, knock, password, sees_chart, told,
};

const SNI: Sni<'_> = Sni::Name("emr.test");

async fn from(clinic: &Clinic, source: &str) -> RawClient {
    let tcp = tcp_from(Some(source.parse().unwrap()), clinic.addr)
        .await
        .unwrap();
    let alpn = ["http/1.1"];
    let wire = Wire::shake(tcp, clinic.addr, &Trust::anyone(), SNI, &alpn)
        .await
        .unwrap();
    RawClient::over(wire)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_two_hundred_unfinished_heads_are_closed_and_nobody_waits_for_them() {
    let limits = "[limits]\nheader_deadline = \"1 s\"\nconnections_per_client = 300\n";
    let clinic = Clinic::with_demo_as(&open_enrolment("demo"), limits).await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.record().clear();
    let mut slow = Vec::new();
    for n in 0..200_u32 {
        let mut client = from(&clinic, "127.0.3.3").await;
        let head = crlf("GET /patients HTTP/1.1¶Host: emr.test¶X-Slow: ");
        let part = &head[..1 + (n as usize % (head.len() - 1))];
        let _ = client.send(part).await;
        slow.push(client);
    }
    // One of them keeps sending a byte now and then: the deadline is for the whole head.
    let mut dripping = from(&clinic, "127.0.3.4").await;
    let drip = tokio::spawn(async move {
        let head =
            crlf("GET / HTTP/1.1¶Host: emr.test¶X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        let sent = dripping.drip(&head, Duration::from_millis(40)).await;
        sent.is_err() || dripping.closed(Duration::from_secs(2)).await
    });
    assert!(
        !sees_chart(&mut clinic.browser()).await,
        "others are answered meanwhile"
    );
    let closed = join_all(
        slow.iter_mut()
            .map(|client| client.closed(Duration::from_secs(5))),
    );
    assert!(
        closed.await.into_iter().all(|closed| closed),
        "some stayed open"
    );
    assert!(drip.await.unwrap(), "a dripping head stayed open");
    let unfinished = clinic
        .record()
        .all()
        .iter()
        .any(|served| served.header("x-slow").is_some());
    assert!(!unfinished, "an unfinished head reached the app");
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_a_login_that_drips_in_is_given_up_and_not_sent_on() {
    let limits = "[limits]\nlogin_deadline = \"1 s\"\nheader_deadline = \"1 s\"\n";
    let clinic = Clinic::with_demo_as(&open_enrolment("demo"), limits).await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.record().clear();
    for path in ["/login", "/.anteroom/challenge"] {
        let mut client = from(&clinic, "127.0.3.5").await;
        let head = format!(
            "POST {path} HTTP/1.1¶Host: emr.test¶Sec-Fetch-Site: same-origin¶\
             Content-Type: application/x-www-form-urlencoded¶Content-Length: 500¶¶username=al"
        );
        client.say(&head).await;
        let answer = client.answer().await;
        assert!(
            answer.as_ref().is_ok_and(|answer| answer.status == 400),
            "{path}: {answer:?}"
        );
        assert!(client.closed(Duration::from_secs(6)).await, "{path}");
    }
    assert!(
        clinic
            .record()
            .all()
            .iter()
            .all(|served| served.method != "POST")
    );
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_one_address_gets_its_share_of_connections_and_no_more() {
    let limits = "[limits]\nconnections_per_client = 20\n";
    let clinic = Clinic::with_demo_as(&open_enrolment("demo"), limits).await;
    let mut open = Vec::new();
    let mut refused = 0;
    for _ in 0..40 {
        let tcp = tcp_from(Some([127, 0, 3, 6].into()), clinic.addr)
            .await
            .unwrap();
        match Wire::shake(tcp, clinic.addr, &Trust::anyone(), SNI, &["http/1.1"]).await {
            Ok(wire) => open.push(wire),
            Err(_) => refused += 1,
        }
    }
    assert_eq!((open.len(), refused), (20, 20));
    let mut other = from(&clinic, "127.0.3.7").await;
    assert_eq!(
        other
            .ask("GET /login HTTP/1.1¶Host: emr.test¶¶")
            .await
            .unwrap()
            .status,
        200
    );
    drop(open);
    eventually("the places are given back", async || {
        let tcp = tcp_from(Some([127, 0, 3, 6].into()), clinic.addr)
            .await
            .unwrap();
        Wire::shake(tcp, clinic.addr, &Trust::anyone(), SNI, &["http/1.1"])
            .await
            .is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_a_client_that_never_reads_is_let_go() {
    let limits = "[limits]\nbody_idle = \"1 s\"\n";
    let clinic = Clinic::with_demo_as(&open_enrolment("demo"), limits).await;
    let (alice, phone, _) = enrolled(&clinic, ALICE).await;
    let before = clinic.running().gateway().connections.count();
    let cookies = format!(
        "{OURS}={}; WBSESSION={}",
        alice.cookie(OURS).unwrap(),
        alice.cookie("WBSESSION").unwrap()
    );
    // Asking for a socket, and getting a page, lifts no limit.
    let socket = "Origin: https://emr.test¶Connection: Upgrade¶Upgrade: websocket¶\
                  Sec-WebSocket-Version: 13¶Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==¶";
    for fields in ["", socket] {
        let mut deaf = from(&clinic, "127.0.3.8").await;
        deaf.say(&format!(
            "GET /download/big?mb=900 HTTP/1.1¶Host: emr.test¶{fields}Cookie: {cookies}¶¶"
        ))
        .await;
        assert_eq!(
            deaf.head().await.unwrap().status,
            200,
            "the download begins"
        );
        eventually("the connection is given up", async || {
            clinic.running().gateway().connections.count() <= before
        })
        .await;
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_huge_heads_are_refused_before_the_app_hears_of_them() {
    let upstream = Recorder::start().await;
    upstream.answer_with(|_| Script::ok(LOGIN_FORM));
    let clinic = Plan::empty()
        .app(
            "emr",
            &format!("http://{}", upstream.addr()),
            &open_enrolment("php-session"),
        )
        .open()
        .await;
    let good = knock(&clinic, "GET /login.php HTTP/1.1¶Host: emr.test¶¶")
        .await
        .unwrap();
    assert_eq!(good.status, 200);
    upstream.clear();
    let many: String = (0..257).map(|n| format!("X-F{n}: 1¶")).collect();
    let blocks: String = (0..100)
        .map(|n| format!("X-B{n}: {}¶", "b".repeat(10_000)))
        .collect();
    let cookie = format!("Cookie: c={}¶", "c".repeat(64 * 1024));
    let crumbs: String = (0..300).map(|n| format!("Cookie: c{n}=1¶")).collect();
    let path = format!("/login.php?{}", "q".repeat(64 * 1024));
    for (what, target, fields) in [
        ("257 fields", "/login.php", many.as_str()),
        (
            "a value of 1 MiB",
            "/login.php",
            &format!("X-Big: {}¶", "x".repeat(1 << 20)),
        ),
        ("100 fields of 10 kB", "/login.php", &blocks),
        ("a cookie of 64 kB", "/login.php", &cookie),
        ("300 cookie fields", "/login.php", &crumbs),
        ("a target of 64 kB", path.as_str(), ""),
    ] {
        let request = format!("GET {target} HTTP/1.1¶Host: emr.test¶{fields}¶");
        let mut client = RawClient::tls(clinic.addr, SNI).await.unwrap();
        let _ = client.send(crlf(&request)).await;
        match client.answer().await {
            Ok(answer) => {
                assert!(
                    matches!(answer.status, 400 | 414 | 431),
                    "{what}: {}",
                    answer.status
                );
            }
            Err(why) => assert!(
                matches!(why, anteroom_tests::answer::NoAnswer::Closed { .. }),
                "{what}: {why}"
            ),
        }
        assert!(
            client.closed(Duration::from_secs(3)).await,
            "{what} stayed open"
        );
    }
    assert!(upstream.requests().is_empty(), "{:?}", upstream.requests());
    let page = clinic.browser().get("/login.php").await;
    assert_eq!(page.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_huge_heads_over_http_2_end_their_stream_and_no_other() {
    let upstream = Recorder::start().await;
    upstream.answer_with(|_| Script::ok(LOGIN_FORM));
    let clinic = Plan::empty()
        .app(
            "emr",
            &format!("http://{}", upstream.addr()),
            &open_enrolment("php-session"),
        )
        .open()
        .await;
    let client = H2Client::tls(clinic.addr, clinic.world.internet.trust(), SNI)
        .await
        .unwrap();
    let ask = || H2Ask::get("https://emr.test/login.php");
    let mut many = ask();
    for n in 0..257 {
        many = many.field(&format!("x-f{n}"), "1");
    }
    let large = ask().field("x-big", &"x".repeat(40_000));
    for (what, asked) in [("257 fields", many), ("40 kB", large)] {
        let answer = client.ask(asked).await;
        let refused = match &answer {
            Ok(answer) => (400..500).contains(&answer.status),
            Err(_) => true,
        };
        assert!(refused, "{what}: {answer:?}");
        assert!(upstream.requests().is_empty(), "{what}");
    }
    assert_eq!(
        client.ask(ask()).await.unwrap().status,
        200,
        "the same connection goes on"
    );
    upstream.clear();
    // HPACK: one field of 4 kB goes into the table, then 16 000 references to it, a byte each.
    let mut raw = H2Raw::tls(clinic.addr, SNI).await.unwrap();
    let start = [
        (":method", "GET"),
        (":scheme", "https"),
        (":authority", "emr.test"),
        (":path", "/login.php"),
    ];
    let mut payload = block(&start);
    let value = "v".repeat(3900);
    payload.extend([0x40, 1, b'x', 0x7f]);
    let mut rest = value.len() - 127;
    while rest >= 128 {
        payload.push((rest % 128) as u8 | 0x80);
        rest /= 128;
    }
    payload.push(rest as u8);
    payload.extend(value.as_bytes());
    payload.extend(std::iter::repeat_n(0xbe, 12_000));
    let stream = raw.fresh_stream();
    let flags = flag::END_HEADERS | flag::END_STREAM;
    raw.frame(kind::HEADERS, flags, stream, &payload)
        .await
        .unwrap();
    let outcome = raw.outcome(stream).await;
    assert!(outcome.is_refusal(), "{outcome:?}");
    assert!(upstream.requests().is_empty());
}

/// What the profile knows a login page by.
const LOGIN_FORM: &str = "<input type=text name=\"username\">\
                          <input type=password name=\"password\">";

/// A php-like app on a recorder: every login succeeds.
async fn yes_sayer(limits: &str) -> (Clinic, Recorder) {
    let upstream = Recorder::start().await;
    upstream.answer_with(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/login.php") => Script::redirect("/home.php", &["PHPSESSID=logged-in"]),
        ("GET", "/login.php") => Script::ok(LOGIN_FORM),
        _ => Script::ok("CANARY-PHI"),
    });
    let plan = Plan::empty().with(limits);
    let address = format!("http://{}", upstream.addr());
    (
        plan.app("emr", &address, &open_enrolment("php-session"))
            .open()
            .await,
        upstream,
    )
}

async fn log_in(clinic: &Clinic, source: &str, name: &str) -> u16 {
    let body = format!("username={name}&password=stolen");
    let request = format!(
        "POST /login.php HTTP/1.1¶Host: emr.test¶Sec-Fetch-Site: same-origin¶\
         Sec-Fetch-Mode: navigate¶Sec-Fetch-Dest: document¶Connection: close¶\
         Content-Type: application/x-www-form-urlencoded¶Content-Length: {}¶¶{body}",
        body.len()
    );
    let answer = from(clinic, source).await.ask(&request).await.unwrap();
    assert!(!answer.everything().contains("CANARY-PHI"));
    let told_when = answer.header("retry-after").is_some();
    assert_eq!(told_when, answer.status == 429, "{}", answer.status);
    answer.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_pending_sign_ins_are_bounded_per_person_per_source_and_in_all() {
    let (clinic, upstream) = yes_sayer("[limits]\nattempts_total = 60\n").await;
    let logins = || {
        upstream
            .requests()
            .iter()
            .filter(|seen| seen.method == "POST")
            .count()
    };
    // One stolen account from everywhere: five wait, and then its password is not even sent.
    for n in 0..100 {
        let status = log_in(&clinic, &format!("127.0.4.{}", n + 1), "alice").await;
        assert_eq!(status, if n < 5 { 303 } else { 429 }, "{n}");
    }
    assert_eq!(logins(), 5);
    // Many accounts from one place: twenty.
    for n in 0..100 {
        let status = log_in(&clinic, "127.0.5.1", &format!("nurse{n}")).await;
        assert_eq!(status, if n < 20 { 303 } else { 429 }, "{n}");
    }
    assert_eq!(logins(), 25);
    // Many accounts from everywhere: the whole table.
    let mut taken = 0;
    for n in 0..100 {
        let source = format!("127.0.6.{}", n + 1);
        taken += usize::from(log_in(&clinic, &source, &format!("doctor{n}")).await == 303);
    }
    assert_eq!((taken, logins()), (35, 60));
    // What nobody confirms is gone after its time, and there is room again.
    clinic.world.clock.advance(11 * MINUTE);
    assert_eq!(log_in(&clinic, "127.0.7.1", "alice").await, 303);
    clinic.world.clock.advance(2 * DAY);
    let swept = clinic
        .store()
        .sweep(clinic.now(), Default::default())
        .await
        .unwrap();
    assert!(
        format!("{swept:?}").contains("61"),
        "every attempt is swept: {swept:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_cookies_and_names_out_of_thin_air_leave_nothing_behind() {
    let (clinic, upstream) = yes_sayer("").await;
    upstream.answer_with(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => Script::redirect("/login.php", &[]),
        _ => Script::ok("<input name=\"password\">"),
    });
    let size = || {
        let path = &clinic.running().gateway().settings.store.path;
        std::fs::metadata(path.with_extension("db-wal")).map_or(0, |found| found.len())
    };
    let client = H2Client::tls(clinic.addr, clinic.world.internet.trust(), SNI)
        .await
        .unwrap();
    let before = size();
    for n in 0..300 {
        let ask = H2Ask::get("https://emr.test/home.php")
            .field("accept", "text/html")
            .crumb(&format!("{OURS}=eyJhbGciOiJIUzI1NiJ9.{n}.junk{n}"))
            .crumb(&format!("PHPSESSID=made-up-{n}"));
        assert_eq!(client.ask(ask).await.unwrap().status, 303, "{n}");
    }
    assert_eq!(size(), before, "junk cookies write nothing");
    assert_eq!(clinic.running().gateway().sessions.count(), 0);
    // Wrong passwords for invented names: slowed by source, and no subscriber appears.
    let mut slowed = 0;
    for n in 0..60 {
        slowed += usize::from(log_in(&clinic, "127.0.8.1", &format!("nobody{n}")).await == 429);
    }
    assert!(slowed >= 25, "{slowed}");
    assert!(
        clinic
            .store()
            .subscriber_list("nobody", 100)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(told(&clinic, "enrolment_started").await, 0);
    assert_eq!(
        log_in(&clinic, "127.0.8.2", "somebody").await,
        302,
        "others are not slowed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_an_attacker_who_fills_her_places_does_not_keep_her_out_for_long() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    for n in 0..8 {
        let mut thief = clinic.browser().from_address(&format!("127.0.9.{}", n + 1));
        let page = password(&mut thief, ALICE).await;
        assert_eq!(
            page.status,
            if n < 5 { 200 } else { 429 },
            "{n}: {}",
            page.describe()
        );
        assert!(!sees_chart(&mut thief).await);
    }
    assert!(
        sees_chart(&mut alice).await,
        "who is signed in notices nothing"
    );
    let (_, bobs, _) = enrolled(&clinic, BOB).await;
    all_is_well(&clinic, BOB, &bobs).await;
    clinic.world.clock.advance(6 * MINUTE);
    all_is_well(&clinic, ALICE, &phone).await;
}
