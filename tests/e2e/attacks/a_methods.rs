//! A12, A13: methods that show a page as well as GET does, and fields that turn one into another.
//! PHP runs a script under any method; the gate must not care which it is.

use anteroom_tests::apps::php::{self, ALICE, MALLORY};
use anteroom_tests::raw::crlf;
use anteroom_tests::require;

use super::a_bench::{
    Bench, CANARY, CHART, HOST, STOLEN, cookies, credentials, enrolled, load, login_behind,
    must_block, nothing_reached,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a12_trace_and_its_like_are_refused_and_reflect_nothing() {
    let app = require!(php::start());
    let id = "stolenForTraceAAAAAAAAAAAA";
    login_behind(app, id, ALICE).await;
    let php = Bench::php(app).await;
    let (recorded, upstream) = Bench::recorded().await;
    for (bench, stolen) in [(&php, id), (&recorded, STOLEN)] {
        let verified = cookies(&bench.alice);
        for jar in [format!("PHPSESSID={stolen}"), verified] {
            for method in ["TRACE", "TRACK", "DEBUG"] {
                for hops in ["", "Max-Forwards: 0¶", "Max-Forwards: 1¶"] {
                    let bytes = crlf(&format!(
                        "{method} {CHART} HTTP/1.1¶Host: {HOST}¶{hops}Cookie: {jar}¶¶"
                    ));
                    let told = bench.must_refuse(method, bytes).await.expect("an answer");
                    assert_eq!(told.status, 405, "{method}: {}", told.everything());
                    assert!(
                        !told.everything().contains(&jar),
                        "{method} reflects the cookie"
                    );
                }
            }
            let star = crlf(&format!("OPTIONS * HTTP/1.1¶Host: {HOST}¶Cookie: {jar}¶¶"));
            bench.must_refuse("OPTIONS *", star).await;
        }
    }
    nothing_reached("TRACE", &upstream);
    php.finish().await;
    recorded.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a13_no_method_goes_round_the_gate() {
    let app = require!(php::start());
    let id = "stolenForMethodsAAAAAAAAAA";
    login_behind(app, id, ALICE).await;
    let php = Bench::php(app).await;
    let (recorded, upstream) = Bench::recorded().await;
    let mut waiting = super::a_bench::pending(&recorded.clinic, ALICE).await;
    waiting.follow_all().await;
    upstream.clear();
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "HEAD", "get", "Get",
        "FOO", "G", "GETX", "REPORT", "SEARCH", "MKCOL", "PURGE", "LINK", "PRI", "QUERY",
    ] {
        must_block(
            method,
            &php.send(load(method, CHART, &format!("PHPSESSID={id}")))
                .await,
        );
        for jar in [
            format!("PHPSESSID={STOLEN}"),
            String::new(),
            cookies(&waiting),
        ] {
            must_block(method, &recorded.send(load(method, CHART, &jar)).await);
            nothing_reached(method, &upstream);
        }
        let open = recorded.send(load(method, "/static/x.css", "")).await;
        if !matches!(method, "GET" | "HEAD") {
            must_block(&format!("{method} on an open path"), &open);
            nothing_reached(method, &upstream);
        }
        upstream.clear();
    }
    php.finish().await;
    recorded.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a13_a_verified_session_has_the_methods_of_its_profile_and_no_others() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for (method, status) in [
        ("GET", 200),
        ("HEAD", 200),
        ("POST", 200),
        ("PUT", 200),
        ("DELETE", 200),
        ("PATCH", 405),
        ("OPTIONS", 405),
        ("PROPFIND", 405),
        ("FOO", 405),
    ] {
        upstream.clear();
        let mut client = bench.raw().await;
        client.send(load(method, CHART, &jar)).await.unwrap();
        let told = match method {
            "HEAD" => client.answer_to_head().await,
            _ => client.answer().await,
        };
        assert_eq!(told.unwrap().status, status, "{method}");
        let reached = upstream
            .requests()
            .iter()
            .filter(|seen| seen.method == method)
            .count();
        assert_eq!(reached, usize::from(status == 200), "{method}");
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a13_no_field_and_no_query_changes_the_method() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for field in [
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-HTTP-Method",
        "X_HTTP_Method_Override",
        "x.method.override",
    ] {
        let asked = |cookies: &str| {
            crlf(&format!(
                "POST /static/x.css HTTP/1.1¶Host: {HOST}¶{field}: GET¶{cookies}Content-Length: 0¶¶"
            ))
        };
        upstream.clear();
        must_block(field, &bench.send(asked("")).await);
        nothing_reached(field, &upstream);
        let told = bench.send(asked(&format!("Cookie: {jar}¶"))).await.unwrap();
        assert_eq!(told.status, 200, "{field}");
        let seen = upstream.only_request();
        assert_eq!(seen.method, "POST");
        let left = seen
            .headers
            .names()
            .iter()
            .any(|name| name.to_lowercase().contains("method"));
        assert!(!left, "{field}: {}", seen.headers);
    }
    for target in [
        "/static/x.css?_method=GET",
        "/chart.php?_method=GET",
        "/login.php/?_method=GET",
    ] {
        upstream.clear();
        must_block(
            target,
            &bench
                .send(load("POST", target, &format!("PHPSESSID={STOLEN}")))
                .await,
        );
        nothing_reached(target, &upstream);
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a13_a_body_where_none_belongs_is_no_login() {
    let app = require!(php::start());
    let php = Bench::php(app).await;
    let (mallory, _) = enrolled(&php.clinic, MALLORY).await;
    let (recorded, upstream) = Bench::recorded().await;
    let form = credentials(ALICE);
    for method in ["GET", "HEAD"] {
        for (what, bench, jar) in [
            ("nobody", &recorded, "a=1".to_owned()),
            ("alice", &recorded, cookies(&recorded.alice)),
            ("mallory", &php, cookies(&mallory)),
        ] {
            let bytes = crlf(&format!(
                "{method} /login.php HTTP/1.1¶Host: {HOST}¶Cookie: {jar}¶Content-Length: {}¶\
                 Content-Type: application/x-www-form-urlencoded¶¶{form}",
                form.len()
            ));
            bench
                .must_refuse(&format!("{method} by {what}"), bytes)
                .await;
            let chunked = crlf(&format!(
                "{method} /login.php HTTP/1.1¶Host: {HOST}¶Cookie: {jar}¶\
                 Transfer-Encoding: chunked¶\
                 Content-Type: application/x-www-form-urlencoded¶¶{:x}¶{form}¶0¶¶",
                form.len()
            ));
            bench
                .must_refuse(&format!("chunked {method} by {what}"), chunked)
                .await;
        }
    }
    nothing_reached("a body on GET", &upstream);
    let told = php
        .send(load("GET", CHART, &cookies(&mallory)))
        .await
        .unwrap();
    assert!(
        told.has("mallory") && told.has(CANARY),
        "{}",
        told.everything()
    );
    php.finish().await;
    recorded.finish().await;
}
