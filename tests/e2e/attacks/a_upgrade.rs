//! A15, A16: ways round the handshake from a request to an open line. The app says 101 to anybody
//! at once. Who may open one, and how soon it ends: `a_streams`.

use std::time::Duration;

use anteroom_tests::answer::{Answer, NoAnswer};
use anteroom_tests::raw::{RawClient, crlf};
use anteroom_tests::recorder::Script;

use super::a_bench::{
    Bench, CHART, CUT, HOST, STOLEN, chart, cookies, load, must_block, nothing_reached, ward,
};

pub(super) const HANDSHAKE: &str = "Upgrade: websocket¶Connection: Upgrade¶\
                                    Sec-WebSocket-Version: 13¶\
                                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==¶";

pub(super) fn knock(cookies: &str, more: &str) -> Vec<u8> {
    crlf(&format!(
        "GET /ws HTTP/1.1¶Host: {HOST}¶{HANDSHAKE}Cookie: {cookies}¶{more}¶"
    ))
}

fn smuggles() -> Vec<(&'static str, String)> {
    let h2c = "Connection: Upgrade, HTTP2-Settings¶Upgrade: h2c¶\
               HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA¶";
    vec![
        ("h2c", h2c.to_owned()),
        ("h2c alone", "Connection: Upgrade¶Upgrade: h2c¶".to_owned()),
        ("h2c without Connection", "Upgrade: h2c¶".to_owned()),
        ("TLS", "Connection: Upgrade¶Upgrade: TLS/1.0¶".to_owned()),
        (
            "a list",
            HANDSHAKE.replace("Upgrade: websocket", "Upgrade: websocket, h2c"),
        ),
        ("two fields", format!("{HANDSHAKE}Upgrade: h2c¶")),
        (
            "Upgrade without a protocol",
            "Connection: Upgrade¶".to_owned(),
        ),
        (
            "an empty protocol",
            "Connection: Upgrade¶Upgrade:¶".to_owned(),
        ),
        ("an old version", HANDSHAKE.replace("13", "8")),
        (
            "no key",
            "Connection: Upgrade¶Upgrade: websocket¶Sec-WebSocket-Version: 13¶".to_owned(),
        ),
        ("a length", format!("{HANDSHAKE}Content-Length: 5¶")),
        ("chunks", format!("{HANDSHAKE}Transfer-Encoding: chunked¶")),
        ("foo", "Connection: Upgrade¶Upgrade: foo¶".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a15_no_upgrade_but_a_whole_websocket_handshake() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    upstream.answer_with(|_| {
        Script::bytes("HTTP/1.1 101 Switching Protocols¶Connection: Upgrade¶Upgrade: h2c¶¶")
            .tunnel()
    });
    let preface =
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET /chart.php HTTP/1.1\r\nHost: emr.test\r\n\r\n";
    for (what, fields) in smuggles() {
        for (path, cookie) in [
            ("/", "a=1"),
            ("/static/x.css", "a=1"),
            ("/ws", &jar),
            (CHART, &jar),
        ] {
            upstream.clear();
            let head = format!(
                "GET {path} HTTP/1.1¶Host: {HOST}¶Origin: https://emr.test¶\
                 Cookie: {cookie}¶{fields}¶{preface}"
            );
            bench
                .must_refuse(&format!("{what} on {path}"), crlf(&head))
                .await;
            nothing_reached(what, &upstream);
        }
    }
    upstream.answer_with(ward);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a15_a_101_that_nobody_asked_for_opens_no_tunnel() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for (path, cookie) in [
        (CHART, jar.as_str()),
        ("/static/x.css", "a=1"),
        ("/login.php", "a=1"),
    ] {
        upstream.clear();
        let kind = "HTTP/1.1 101 Switching Protocols¶Connection: Upgrade¶Upgrade: h2c¶¶";
        upstream.next(Script::bytes(kind).then(&chart()).tunnel());
        let mut client = bench.raw().await.patient(Duration::from_secs(3));
        client.send(load("GET", path, cookie)).await.unwrap();
        let told = client.answer().await;
        assert!(
            told.as_ref().map_or(true, |a| a.status >= 500),
            "{path}: {told:?}"
        );
        // What follows is a request of its own, or nothing.
        let _ = client
            .send(load("GET", "/chart.php?secret-probe", ""))
            .await;
        must_block(path, &client.answer().await);
        assert!(!upstream.saw("secret-probe"), "{path}: a tunnel");
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a16_a_premature_upgrade_hides_no_second_request() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for connection in ["", "Connection: Upgrade¶", "Connection: keep-alive¶"] {
        for behind in [format!("PHPSESSID={STOLEN}"), jar.clone()] {
            upstream.clear();
            let first = format!(
                "GET /login.php HTTP/1.1¶Host: {HOST}¶Upgrade: foo¶{connection}Content-Length: 0¶¶"
            );
            let second = format!("GET {CHART} HTTP/1.1¶Host: {HOST}¶Cookie: {behind}¶¶");
            bench
                .must_refuse(connection, crlf(&format!("{first}{second}")))
                .await;
            nothing_reached(connection, &upstream);
        }
    }
    bench.finish().await;
}

async fn ask_twice(bench: &Bench, first: &[u8]) -> (RawClient, Result<Answer, NoAnswer>) {
    let mut client = bench.raw().await.patient(CUT);
    client
        .send([first, &load("GET", "/hidden.php", "")[..]].concat())
        .await
        .unwrap();
    let told = client.answer().await;
    (client, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a16_a_handshake_that_the_app_declines_leaves_nothing_ungated_behind_it() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for (what, script) in [
        ("200", Script::ok("no socket here")),
        ("403", Script::status(403, &[], "no")),
        (
            "200 and 101",
            Script::ok("no").then("HTTP/1.1 101 Switching Protocols¶¶"),
        ),
    ] {
        upstream.clear();
        upstream.next(script);
        let (mut client, told) = ask_twice(&bench, &knock(&jar, "Origin: https://emr.test¶")).await;
        assert!(
            told.as_ref()
                .map_or(true, |a| matches!(a.status, 200 | 403 | 502)),
            "{what}: {told:?}"
        );
        if let Ok(next) = client.answer().await {
            must_block(what, &Ok(next));
        }
        assert!(
            !upstream.saw("/hidden.php"),
            "{what}: {:?}",
            upstream.bytes()
        );
        assert_eq!(upstream.requests().len(), 1, "{what}: ONE");
    }
    bench.finish().await;
}
