//! What flows: the ticker, events, downloads in parts, uploads that ask first, and the limits.
//! A stream is cut when its session ends or locks; a finite answer may finish.

use std::time::Duration;

use anteroom_tests::browser::Browser;
use anteroom_tests::browser::jar::Use;
use anteroom_tests::raw::RawClient;
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};
use anteroom_tests::ws::Heard;

use super::oldchart;
use super::people::{
    ALICE, all_is_well, id_of, must_be_at_login, must_be_in, must_be_out, newcomer,
};

const SOON: Duration = Duration::from_secs(3);

/// What this browser would send as `Cookie` for a page of its own.
pub fn cookie_line(browser: &Browser) -> String {
    let url = browser.at_home("/");
    let how = Use {
        url: &url,
        initiator: Some(&url),
        top_level: false,
        method: "GET",
    };
    browser.jar().pairs(how).join("; ")
}

/// A connection of its own with this browser's cookies; `request` ends after its own fields.
async fn raw(clinic: &Clinic, browser: &Browser, line: &str, fields: &str) -> RawClient {
    let host = browser.home().host.clone();
    let mut raw = RawClient::tls(clinic.addr, Sni::Name(&host)).await.unwrap();
    let cookies = cookie_line(browser);
    raw.say(&format!(
        "{line} HTTP/1.1¶Host: {host}¶Cookie: {cookies}¶Sec-Fetch-Site: same-origin¶\
         Sec-Fetch-Mode: cors¶Sec-Fetch-Dest: empty¶{fields}¶"
    ))
    .await;
    raw
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ticker_ticks_echoes_and_ends_with_its_session() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let refused = browser.socket("/ws/ticker").await.unwrap_err();
    assert!(matches!(refused.status(), Some(401 | 403)), "{refused}");
    assert!(clinic.record().for_path("/ws/ticker").is_empty());
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let mut ticker = browser.socket("/ws/ticker").await.unwrap();
    let Heard::Text(tick) = ticker.hear(SOON).await else {
        panic!("a tick")
    };
    assert!(tick.contains("\"user\":\"alice\""), "{tick}");
    ticker.say("are you there").await;
    let echo = loop {
        match ticker.hear(SOON).await {
            Heard::Text(text) if text.contains("echo") => break text,
            Heard::Text(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(echo.contains("are you there"), "{echo}");
    // Another site cannot open it with her cookies.
    let foreign = browser.knock("/ws/ticker").origin("https://evil.test");
    let refused = foreign.open(browser.internet()).await.unwrap_err();
    assert_eq!(refused.status(), Some(403), "{refused}");

    // Ended by the operator: within two seconds.
    let id = id_of(&clinic, "alice").await;
    clinic
        .store()
        .sessions_end_all(id, "operator", clinic.now())
        .await
        .unwrap();
    assert!(
        ticker.closed(Duration::from_secs(2)).await,
        "the socket outlived its session"
    );
    must_be_out(&mut browser).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticker_keeps_nobody_awake_and_is_cut_by_the_lock() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let mut ticker = browser.socket("/ws/ticker").await.unwrap();
    let mut events = raw(
        &clinic,
        &browser,
        "GET /events",
        "Accept: text/event-stream¶",
    )
    .await;
    assert_eq!(events.head().await.unwrap().status, 200);
    events.until("\"tick\":1").await.unwrap();
    for _ in 0..3 {
        clinic.world.clock.advance(Duration::from_secs(5 * 60));
        ticker.say("still here").await;
        assert!(matches!(ticker.hear(SOON).await, Heard::Text(_)));
    }
    clinic.world.clock.advance(Duration::from_secs(1));
    assert!(ticker.closed(SOON).await, "locked, but the socket goes on");
    assert!(events.closed(SOON).await, "locked, but the events go on");
    let page = browser.open("/patients").await;
    assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
    super::people::type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut browser).await;
    let mut ticker = browser.socket("/ws/ticker").await.unwrap();
    assert!(matches!(ticker.hear(SOON).await, Heard::Text(_)));
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_arrive_as_they_happen_and_end_with_the_session() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let mut events = raw(
        &clinic,
        &browser,
        "GET /events",
        "Accept: text/event-stream¶",
    )
    .await;
    let head = events.head().await.unwrap();
    assert_eq!(head.status, 200);
    assert!(
        head.header("content-type")
            .unwrap()
            .starts_with("text/event-stream")
    );
    let first = events.until("\"tick\":1").await.unwrap();
    assert!(String::from_utf8_lossy(&first).contains("event: tick"));
    browser.get("/logout").await;
    assert!(
        events.closed(Duration::from_secs(2)).await,
        "the events outlived their session"
    );
    all_is_well(&clinic, &alice).await;
}

/// Byte n of the study is n modulo 251.
fn is_study(bytes: &[u8], from: usize) -> bool {
    bytes
        .iter()
        .enumerate()
        .all(|(n, byte)| usize::from(*byte) == (from + n) % 251)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_can_be_had_in_parts() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let study = "/download/big?mb=1";
    let whole = browser.get(study).await;
    assert_eq!((whole.status, whole.body.len()), (200, 1024 * 1024));
    assert!(is_study(&whole.body, 0));
    for (range, from, length) in [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 1000),
        ("bytes=1048000-", 1_048_000, 576),
        ("bytes=-10", 1_048_566, 10),
    ] {
        let ask = browser.script_ask("GET", study).with("Range", range);
        let part = browser.fetch(&ask).await.unwrap();
        assert_eq!((part.status, part.body.len()), (206, length), "{range}");
        assert!(is_study(&part.body, from), "{range}");
        assert!(
            part.header("content-range").unwrap().ends_with("/1048576"),
            "{range}"
        );
    }
    let ask = browser
        .script_ask("GET", study)
        .with("Range", "bytes=9999999-");
    assert_eq!(browser.fetch(&ask).await.unwrap().status, 416);
    let head = browser.script_ask("HEAD", study);
    let head = browser.fetch(&head).await.unwrap();
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("1048576"))
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_asks_before_it_sends_is_told_at_once() {
    let upstream = oldchart::open().await;
    let at = format!("http://{}", upstream.addr());
    let clinic = Plan::empty()
        .app("old", &at, &oldchart::lines(""))
        .open()
        .await;
    let mut browser = clinic.browser();
    oldchart::dora(&clinic, &mut browser).await;
    upstream.clear();
    let fields = "Content-Type: text/plain¶Content-Length: 5¶Expect: 100-continue¶";
    let mut sure = raw(&clinic, &browser, "POST /save", fields).await;
    let go = tokio::time::timeout(SOON, sure.until("100 Continue")).await;
    assert!(go.is_ok_and(|go| go.is_ok()), "nobody said go on");
    sure.say("hello").await;
    sure.until("CANARY-PHI-OLD").await.unwrap();
    assert_eq!(upstream.only_request().text(), "hello");

    // Somebody who may not send is told so without having sent.
    let stranger = clinic.browser();
    let begun = std::time::Instant::now();
    let mut told = raw(&clinic, &stranger, "POST /save", fields).await;
    let answer = told.answer().await.unwrap();
    assert_eq!(answer.status, 401, "{}", answer.everything());
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "told only after {:?}",
        begun.elapsed()
    );
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_gets_413_and_the_next_one_works() {
    let lines = format!("max_body = \"64 KiB\"\n{}", open_enrolment("demo"));
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    browser.get("/patients/1001").await;
    let long = "x".repeat(100 * 1024);
    let before = clinic.record().for_path("/patients/1001/notes").len();
    let page = browser.submit(&[("note", &long)]).await;
    assert_eq!(page.status, 413, "{}", page.describe());
    assert!(
        page.has("too large") && page.has("+1 555 0101"),
        "{}",
        page.describe()
    );
    let sent = clinic.record().for_path("/patients/1001/notes").len();
    assert_eq!(
        sent, before,
        "a length over the limit is refused before anything leaves"
    );
    // One that does not say how long it will be is cut where it is too long.
    let piece = "x".repeat(0x8000);
    let fields = "Content-Type: application/x-www-form-urlencoded¶Transfer-Encoding: chunked¶";
    let mut chunked = raw(&clinic, &browser, "POST /patients/1001/notes", fields).await;
    for _ in 0..3 {
        // The refusal may come while we still write.
        let _ = chunked.send(format!("8000\r\n{piece}\r\n")).await;
    }
    let _ = chunked.send("0\r\n\r\n").await;
    if let Ok(answer) = chunked.answer().await {
        assert_eq!(answer.status, 413, "{}", answer.everything());
    }
    browser.get("/patients/1001").await;
    assert!(!browser.page().has("xxxxxxxx"), "nothing of it was saved");
    browser.submit(&[("note", "short enough")]).await;
    browser.follow_all().await;
    assert!(
        browser.page().has("short enough"),
        "{}",
        browser.page().describe()
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_over_the_limit_gets_431_and_the_browser_forgets_its_cookies() {
    let clinic = Clinic::with_demo_as(
        &open_enrolment("demo"),
        "[limits]\nheader_bytes = \"8 KiB\"",
    )
    .await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let reached = clinic.record().count();
    let mut stuffed = browser.thief();
    for n in 0..5 {
        stuffed
            .jar()
            .plant("emr.test", &format!("junk{n}"), &"y".repeat(2000));
    }
    let page = stuffed.get("/patients/1001").await;
    assert_eq!(page.status, 431, "{}", page.describe());
    assert_eq!(clinic.record().count(), reached);
    // A long head that is no fault of the cookies signs nobody out.
    let ask = browser
        .script_ask("GET", "/patients")
        .with("X-Long", &"z".repeat(9000));
    let long = browser.fetch(&ask).await.unwrap();
    assert_eq!(
        (long.status, long.header("clear-site-data")),
        (431, None),
        "{}",
        long.describe()
    );
    // The cookies went with the answer, so she can sign in again.
    stuffed.get("/patients").await;
    stuffed.follow_all().await;
    must_be_at_login(&stuffed);
    must_be_in(&mut browser).await;
    all_is_well(&clinic, &alice).await;
}
