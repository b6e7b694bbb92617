//! A27: nothing of a protected page comes out of a cache, ours or the browser's.
//! Conditional and range requests without a session get what any stranger gets.

use anteroom_tests::raw::crlf;
use anteroom_tests::recorder::{Recorder, Script};

use super::a_bench::{
    Bench, CANARY, CHART, HOST, chart, cookies, load, must_block, nothing_reached, nothing_usable,
    ward,
};

/// The chart as an app gives it that wants everybody to keep it.
fn cacheable(upstream: &Recorder) {
    upstream.answer_with(|seen| {
        let page = Script::status(
            200,
            &[
                ("Content-Type", "text/html"),
                ("Cache-Control", "public, max-age=3600, s-maxage=3600"),
                ("Expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
                ("Pragma", "public"),
                ("ETag", "\"chart-1\""),
                ("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"),
                ("Accept-Ranges", "bytes"),
            ],
            &chart(),
        );
        if seen.path() == "/chart.php" {
            page
        } else {
            ward(seen)
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a27_a_page_that_was_just_served_is_served_to_nobody_else() {
    let (bench, upstream) = Bench::recorded().await;
    cacheable(&upstream);
    let verified = bench
        .send(load("GET", CHART, &cookies(&bench.alice)))
        .await
        .unwrap();
    assert!(verified.has(CANARY), "{}", verified.everything());
    let tag = verified.header("etag").unwrap_or("\"chart-1\"").to_owned();
    upstream.clear();
    let plain = format!("GET {CHART} HTTP/1.1¶Host: {HOST}¶Accept: text/html¶");
    for (what, text) in [
        ("the same address", plain.clone()),
        ("If-None-Match", format!("{plain}If-None-Match: {tag}¶")),
        ("If-None-Match *", format!("{plain}If-None-Match: *¶")),
        (
            "If-Modified-Since",
            format!("{plain}If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT¶"),
        ),
        ("a range", format!("{plain}Range: bytes=0-10¶")),
        (
            "a range if unchanged",
            format!("{plain}Range: bytes=0-10¶If-Range: {tag}¶"),
        ),
        (
            "only from caches",
            format!("{plain}Cache-Control: only-if-cached, max-stale=9999¶"),
        ),
        (
            "an ending",
            "GET /chart.php/x.css HTTP/1.1¶Host: emr.test¶".to_owned(),
        ),
        (
            "another host",
            "GET /chart.php?pid=1001 HTTP/1.1¶Host: emr2.test¶".to_owned(),
        ),
        (
            "an XHR",
            format!("GET {CHART} HTTP/1.1¶Host: {HOST}¶X-Requested-With: XMLHttpRequest¶"),
        ),
    ] {
        let told = bench.send(crlf(&format!("{text}¶"))).await;
        must_block(what, &told);
        assert!(
            told.is_ok_and(|a| !matches!(a.status, 200 | 206 | 304 | 412 | 416)),
            "{what}"
        );
        nothing_reached(what, &upstream);
    }
    let mut client = bench.raw().await;
    client.send(load("HEAD", CHART, "")).await.unwrap();
    must_block("HEAD", &client.answer_to_head().await);
    nothing_reached("HEAD", &upstream);
    upstream.answer_with(ward);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a27_protected_answers_may_be_kept_by_no_shared_cache_and_not_without_asking() {
    let (bench, upstream) = Bench::recorded().await;
    cacheable(&upstream);
    let told = bench
        .send(load("GET", CHART, &cookies(&bench.alice)))
        .await
        .unwrap();
    assert_eq!(
        told.headers.all("cache-control"),
        ["private, no-cache"],
        "{}",
        told.everything()
    );
    assert!(told.header("expires").is_none() && told.header("pragma").is_none());
    for (stated, wanted) in [
        ("no-store", "no-store"),
        ("private, max-age=60", "private, max-age=60"),
        ("max-age=60", ""),
        ("s-maxage=9", ""),
        ("private, s-maxage=9", ""),
        ("private=\"x\", public", ""),
        ("", ""),
        ("no-transform", ""),
        ("PUBLIC", ""),
        ("private=\"Set-Cookie\", max-age=60", ""),
    ] {
        upstream.next(Script::status(200, &[("Cache-Control", stated)], "x"));
        let told = bench
            .send(load("GET", CHART, &cookies(&bench.alice)))
            .await
            .unwrap();
        let wanted = if wanted.is_empty() {
            "private, no-cache"
        } else {
            wanted
        };
        assert_eq!(told.headers.all("cache-control"), [wanted], "{stated:?}");
    }
    // Open files are the app's own to keep.
    upstream.next(Script::status(
        200,
        &[("Cache-Control", "public, max-age=60")],
        "x",
    ));
    let told = bench.send(load("GET", "/static/x.css", "")).await.unwrap();
    assert_eq!(told.header("cache-control"), Some("public, max-age=60"));
    upstream.answer_with(ward);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a27_our_own_answers_and_released_ones_are_kept_by_nobody() {
    let (bench, _upstream) = Bench::recorded().await;
    for (what, bytes) in [
        ("the way to the login", load("GET", CHART, "")),
        ("a refused method", load("TRACE", CHART, "")),
        ("a page of ours", load("GET", "/.anteroom/challenge", "")),
        ("signed out", load("GET", "/.anteroom/signed-out", "")),
        ("nothing there", load("GET", "/.anteroom/nope", "")),
        ("an odd path", load("GET", "/a/../b", "")),
        (
            "a script's request",
            crlf(&format!("GET {CHART} HTTP/1.1¶Host: {HOST}¶¶")),
        ),
        ("a bad head", crlf("GET / HTTP/1.1¶¶")),
    ] {
        let told = bench.send(bytes).await.unwrap();
        assert_eq!(
            told.header("cache-control"),
            Some("no-store"),
            "{what}: {}",
            told.everything()
        );
        nothing_usable(what, &told.everything());
    }
    // The login page belongs to one visitor's session.
    let form = bench.send(load("GET", "/login.php", "")).await.unwrap();
    let control = form.header("cache-control").unwrap_or_default();
    assert!(
        control.contains("private") || control.contains("no-store"),
        "{}",
        form.everything()
    );
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a27_back_after_a_logout_shows_no_chart() {
    let (bench, upstream) = Bench::recorded().await;
    cacheable(&upstream);
    for way in ["/.anteroom/sign-out", "/logout.php"] {
        let mut browser = bench.sign_in_again().await;
        browser.get(CHART).await;
        assert!(browser.page().has(CANARY));
        if way == "/logout.php" {
            browser.click("Sign out").await;
        } else {
            let page = browser.page().url.clone();
            let ask = browser.script_ask("POST", way);
            let from = anteroom_tests::browser::ask::Initiator {
                url: page,
                policy: None,
            };
            let ask = anteroom_tests::browser::ask::Ask::new(
                "POST",
                ask.url,
                anteroom_tests::browser::ask::Kind::Document,
                Some(from),
            );
            browser
                .land(ask.body("application/x-www-form-urlencoded", ""))
                .await;
        }
        assert_eq!(
            browser.page().header("clear-site-data"),
            Some("\"cache\""),
            "{way}"
        );
        upstream.clear();
        let page = browser.back().await;
        assert!(!page.from_cache, "{way}: Back shows what was kept");
        nothing_usable(way, &page.everything());
        nothing_reached(way, &upstream);
    }
    upstream.answer_with(ward);
    bench.finish().await;
}
