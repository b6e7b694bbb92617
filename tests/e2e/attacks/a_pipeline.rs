//! A24, A25: requests that hide behind another one, and fields that take fields away.
//! Every request is judged on its own, after the one before it has had its effect.

use std::time::Duration;

use anteroom_tests::apps::php::ALICE;
use anteroom_tests::h2raw::{Frame, block, flag, kind};
use anteroom_tests::raw::crlf;

use super::a_bench::{
    Bench, CANARY, CHART, CUT, HOST, STOLEN, cookies, credentials, load, login, must_block,
    nothing_reached, nothing_usable,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a24_a_request_pipelined_behind_a_login_sees_the_pending_state() {
    let (bench, upstream) = Bench::recorded().await;
    let mut thief = bench.clinic.browser();
    thief.open("/login.php").await;
    let jar = cookies(&thief);
    for with in [jar.clone(), format!("{jar}; PHPSESSID={STOLEN}")] {
        upstream.clear();
        let mut client = bench.raw().await;
        let both = [
            login("/login.php", &with, &credentials(ALICE)),
            load("GET", CHART, &with),
        ]
        .concat();
        client.send(both).await.unwrap();
        must_block("the login", &client.answer().await);
        must_block("the chart behind it", &client.answer().await);
        let paths: Vec<_> = upstream
            .requests()
            .iter()
            .map(|s| s.path().to_owned())
            .collect();
        assert_eq!(paths, ["/login.php"], "ONE");
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a24_two_streams_in_one_packet_are_judged_one_by_one() {
    let (bench, upstream) = Bench::recorded().await;
    let mut thief = bench.clinic.browser();
    thief.open("/login.php").await;
    let jar = cookies(&thief);
    let form = credentials(ALICE);
    upstream.clear();
    let mut client = bench.h2_raw().await;
    let (one, two) = (client.fresh_stream(), client.fresh_stream());
    let head = |method, path| {
        vec![
            (":method", method),
            (":scheme", "https"),
            (":authority", HOST),
            (":path", path),
        ]
    };
    let posted = [
        head("POST", "/login.php"),
        vec![
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://emr.test"),
            ("cookie", &jar),
        ],
    ]
    .concat();
    let asked = [head("GET", CHART), vec![("cookie", &jar)]].concat();
    let mut packet = Frame::new(kind::HEADERS, flag::END_HEADERS, one, &block(&posted)).to_bytes();
    packet.extend(Frame::new(kind::DATA, flag::END_STREAM, one, form.as_bytes()).to_bytes());
    let flags = flag::END_HEADERS | flag::END_STREAM;
    packet.extend(Frame::new(kind::HEADERS, flags, two, &block(&asked)).to_bytes());
    client.send(&packet).await.unwrap();
    for stream in [two, one] {
        let outcome = client.outcome(stream).await;
        let status = outcome.status().unwrap();
        assert!(matches!(status, 303 | 401), "{outcome:?}");
        nothing_usable("a stream", &format!("{outcome:?}"));
    }
    let paths: Vec<_> = upstream
        .requests()
        .iter()
        .map(|s| s.path().to_owned())
        .collect();
    assert_eq!(paths, ["/login.php"], "ONE");
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a24_a_body_that_was_not_read_is_never_the_next_request() {
    let (bench, upstream) = Bench::recorded().await;
    let verified = cookies(&bench.alice);
    let hidden = format!("GET {CHART} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {verified}\r\n\r\n");
    for (path, cookie) in [
        ("/static/x", ""),
        ("/.anteroom/nope", ""),
        ("/.anteroom/challenge", ""),
        ("/chart.php", ""),
        ("/LOGIN.PHP", ""),
        ("/a/../b", ""),
        ("/.anteroom/nope", verified.as_str()),
        ("/.anteroom/sign-out", "a=1"),
        ("/login.php", ""),
        ("/x;y", verified.as_str()),
    ] {
        upstream.clear();
        let mut client = bench.raw().await.patient(Duration::from_secs(3));
        let line = if cookie.is_empty() {
            String::new()
        } else {
            format!("Cookie: {cookie}¶")
        };
        let head = format!(
            "POST {path} HTTP/1.1¶Host: {HOST}¶Accept: text/html¶{line}Content-Type: text/plain¶\
             Content-Length: {}¶¶",
            hidden.len()
        );
        client
            .send([crlf(&head), hidden.clone().into_bytes()].concat())
            .await
            .unwrap();
        must_block(path, &client.answer().await);
        // The connection goes on cleanly, or not at all.
        let _ = client.send(load("GET", "/static/x.css", "")).await;
        if let Ok(next) = client.answer().await {
            assert!(
                !next.has(CANARY) && next.has("color"),
                "{path}: {}",
                next.everything()
            );
        }
        let paths: Vec<_> = upstream
            .requests()
            .iter()
            .map(|s| s.path().to_owned())
            .collect();
        assert!(
            paths.iter().all(|seen| seen == "/static/x.css"),
            "{path}: {paths:?}"
        );
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a24_an_answer_that_comes_before_the_body_leaves_no_second_request() {
    let (bench, upstream) = Bench::recorded().await;
    let verified = cookies(&bench.alice);
    let hidden = format!("GET /hidden.php HTTP/1.1\r\nHost: {HOST}\r\nCookie: {verified}\r\n\r\n");
    upstream.answer_early_with(|seen| {
        (seen.path() == "/note.php")
            .then(|| anteroom_tests::recorder::Script::status(200, &[], "early").early())
    });
    let mut client = bench.raw().await.patient(Duration::from_secs(3));
    client
        .say(&format!(
            "POST /note.php HTTP/1.1¶Host: {HOST}¶Cookie: {verified}¶Content-Type: text/x-note¶\
             Content-Length: {}¶¶{hidden}",
            hidden.len()
        ))
        .await;
    assert_eq!(client.answer().await.unwrap().text(), "early");
    let _ = client.send(load("GET", "/static/x.css", "")).await;
    let _ = client.answer().await;
    upstream.behave();
    upstream.answer_with(super::a_bench::ward);
    let paths: Vec<_> = upstream
        .requests()
        .iter()
        .map(|s| s.path().to_owned())
        .collect();
    assert!(!paths.contains(&"/hidden.php".to_owned()), "{paths:?}");
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a25_connection_takes_no_field_away_that_matters() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for named in [
        "Cookie",
        "close, Cookie",
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "COOKIE",
        "keep-alive,cookie",
        "close, X-Forwarded-For",
        "X-Forwarded-For",
        "Authorization",
        "Origin",
        "Referer",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "Content-Type",
        "\"Cookie\"",
        ":authority",
        "a, b, c, d, e, f, g, h, i, j",
    ] {
        upstream.clear();
        let bytes = crlf(&format!(
            "GET {CHART} HTTP/1.1¶Host: {HOST}¶Connection: {named}¶Cookie: {jar}¶¶"
        ));
        bench.must_refuse(named, bytes).await;
        nothing_reached(named, &upstream);
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a25_hop_by_hop_fields_end_here_and_ours_are_added_afterwards() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for fields in [
        "Connection: X-Gw-User¶X-Gw-User: admin¶",
        "Connection: close, X-Named¶X-Named: v¶",
        "Connection: X-Named¶Connection: close¶X-Named: v¶",
        "Proxy-Connection: keep-alive¶",
        "Keep-Alive: timeout=5¶",
        "TE: trailers¶",
        "TE: gzip¶",
        "Connection: Via¶",
        "Proxy-Authorization: Basic eA==¶",
        "Trailer: X¶",
        "Connection: close, , X-Named¶X-Named: v¶",
        "X-Forwarded-For: 10.0.0.1¶Via: 1.1 evil¶",
    ] {
        upstream.clear();
        let told = bench
            .send(crlf(&format!(
                "GET {CHART} HTTP/1.1¶Host: {HOST}¶{fields}Cookie: {jar}¶¶"
            )))
            .await;
        if told.as_ref().is_ok_and(|answer| answer.status == 400) {
            nothing_reached(fields, &upstream);
            continue;
        }
        let told = told.unwrap_or_else(|why| panic!("{fields}: {why}"));
        assert!(told.has(CANARY), "{fields}: {}", told.everything());
        let seen = upstream.only_request();
        for gone in [
            "x-gw-user",
            "x-named",
            "proxy-connection",
            "keep-alive",
            "te",
            "proxy-authorization",
            "trailer",
            "connection",
            "upgrade",
        ] {
            let left = seen
                .header(gone)
                .filter(|value| !value.eq_ignore_ascii_case("keep-alive"));
            assert_eq!(left, None, "{fields}: {gone} went on\n{}", seen.headers);
        }
        assert_eq!(
            seen.headers.all("x-forwarded-for"),
            ["127.0.0.1"],
            "{fields}"
        );
        assert_eq!(seen.headers.all("x-forwarded-proto"), ["https"], "{fields}");
        assert_eq!(seen.headers.all("x-forwarded-host"), [HOST], "{fields}");
        assert_eq!(seen.headers.all("via"), ["1.1 anteroom"], "{fields}");
        assert_eq!(seen.cookies("PHPSESSID").len(), 1, "{fields}");
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a25_named_fields_end_before_the_login_page_too() {
    let (bench, upstream) = Bench::recorded().await;
    let told = bench
        .send(crlf(&format!(
            "GET /login.php HTTP/1.1¶Host: {HOST}¶Connection: X-Named, close¶X-Named: v¶\
             Keep-Alive: x¶TE: trailers¶¶"
        )))
        .await;
    assert_eq!(told.unwrap().status, 200);
    let seen = upstream.only_request();
    for gone in ["x-named", "keep-alive", "te"] {
        assert_eq!(seen.header(gone), None, "{}", seen.headers);
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a25_honest_connections_are_kept_and_closed_as_asked() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    let ask = |connection: &str| {
        format!("GET {CHART} HTTP/1.1¶Host: {HOST}¶Connection: {connection}¶Cookie: {jar}¶¶")
    };
    let mut client = bench.raw().await;
    assert!(client.ask(&ask("keep-alive")).await.unwrap().has(CANARY));
    assert!(client.ask(&ask("keep-alive")).await.unwrap().has(CANARY));
    assert!(client.ask(&ask("close")).await.unwrap().has(CANARY));
    assert!(client.closed(CUT).await);
    assert_eq!(upstream.requests().len(), 3);
    bench.finish().await;
}
