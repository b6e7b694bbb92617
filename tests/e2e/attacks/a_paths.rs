//! A03 to A07: paths that mean one thing to us and another to the app.
//! Two apps: real PHP, which has the odd readings, and one that shows its canary to everybody.

use anteroom_tests::apps::php::{self, ALICE, MALLORY};
use anteroom_tests::raw::crlf;
use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::require;

use super::a_bench::{
    Bench, CANARY, CHART, STOLEN, chart, cookies, credentials, enrolled, load, login, login_behind,
    must_block, nothing_reached, ours,
};

/// From now on the app shows the canary to everybody, on every path.
pub fn careless(upstream: &Recorder) {
    upstream.answer_with(|seen| match seen.path() {
        "/login.php" => super::a_bench::ward(seen),
        _ => Script::ok(&chart()),
    });
    upstream.clear();
}

pub const LOGIN_ALIASES: [&str; 18] = [
    "//login.php",
    "/./login.php",
    "/a/../login.php",
    "/%6cogin.php",
    "/login%2Ephp",
    "/login.php/",
    "/login.php/x/y.css",
    "/login.php;x=1",
    "/login.php%20",
    "/login.php%00",
    "/LOGIN.PHP",
    "/login.php?",
    "/index.php/login",
    "/?r=login",
    "/static/../login.php",
    "/login.php.",
    "/static/..%2flogin.php",
    "\\login.php",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a03_credentials_on_an_alias_of_the_login_path_are_watched_or_refused() {
    let (bench, upstream) = Bench::recorded().await;
    for alias in LOGIN_ALIASES {
        upstream.clear();
        let told = bench.send(login(alias, "", &credentials(ALICE))).await;
        must_block(alias, &told);
        let watched = told.is_ok_and(|answer| {
            answer
                .location()
                .is_some_and(|target| target.starts_with("/.anteroom/"))
        });
        assert!(
            watched || upstream.bytes().is_empty(),
            "{alias} was forwarded unobserved"
        );
    }
    // Under somebody's verified session an alias is two readings as well.
    let jar = cookies(&bench.alice);
    for alias in LOGIN_ALIASES
        .iter()
        .filter(|alias| !alias.contains("login.php?"))
    {
        upstream.clear();
        let told = bench.send(login(alias, &jar, &credentials(MALLORY))).await;
        if !["/index.php/login", "/?r=login"].contains(alias) {
            must_block(alias, &told);
            nothing_reached(alias, &upstream);
        }
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a03_php_runs_the_login_by_an_alias_and_the_chart_stays_shut() {
    let app = require!(php::start());
    let bench = Bench::php(app).await;
    for (number, alias) in LOGIN_ALIASES.iter().enumerate() {
        let planted = format!("PHPSESSID=plantedForAlias{number:010}");
        must_block(
            alias,
            &bench
                .send(login(alias, &planted, &credentials(ALICE)))
                .await,
        );
        must_block(alias, &bench.send(load("GET", CHART, &planted)).await);
    }
    bench.finish().await;
}

/// Ways out of the open paths.
pub const DOTTED: [&str; 25] = [
    "/static/../chart.php",
    "/static/%2e%2e/chart.php",
    "/static/..%2fchart.php",
    "/static/.%2e/chart.php",
    "/static/..;/chart.php",
    "/static\\..\\chart.php",
    "/static/%252e%252e/chart.php",
    "/static//../chart.php",
    "/static/..%5cchart.php",
    "/static/%2e%2e%2fchart.php",
    "/static/x/../../chart.php",
    "/static/./x.css",
    "/static/%c0%ae%c0%ae/chart.php",
    "/static/..",
    "/static/.",
    "/static/%2e",
    "/static//x.css",
    "/static/..%00/chart.php",
    "/static/..\u{ff0f}chart.php",
    "/static",
    "/staticx/a",
    "/STATIC/x.css",
    "/static;x/x.css",
    "/static%2fx.css",
    "/favicon.ico/../chart.php",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a04_no_dot_segment_or_encoded_slash_leaves_the_open_paths() {
    let (bench, upstream) = Bench::recorded().await;
    careless(&upstream);
    let stolen = format!("PHPSESSID={STOLEN}");
    let control = bench
        .send(load("GET", "/static/x.css", &stolen))
        .await
        .unwrap();
    assert!(
        control.has(CANARY),
        "open files pass: {}",
        control.everything()
    );
    assert_eq!(upstream.only_request().header("cookie"), None);
    for path in DOTTED {
        for (who, jar) in [("a thief", &stolen), ("nobody", &String::new())] {
            upstream.clear();
            must_block(
                &format!("{who} at {path}"),
                &bench.send(load("GET", path, jar)).await,
            );
            nothing_reached(path, &upstream);
        }
    }
    upstream.answer_with(super::a_bench::ward);
    bench.finish().await;
}

pub const SUFFIXES: [&str; 9] = [
    "/chart.php/x.css?pid=1001",
    "/chart.php;x.css",
    "/chart.php%3bx.css",
    "/chart.php%0a.css",
    "/chart.php%00.css",
    "/chart.php?pid=1001&f=.css",
    "/chart.php%23.css",
    "/chart.php/static/x.css",
    "/chart.php?/static/x.css",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a05_no_file_ending_makes_a_page_public() {
    let app = require!(php::start());
    login_behind(app, "stolenForTheEndingAAAAAAAA", ALICE).await;
    let php = Bench::php(app).await;
    let stolen = "PHPSESSID=stolenForTheEndingAAAAAAAA";
    let (bench, upstream) = Bench::recorded().await;
    careless(&upstream);
    for path in SUFFIXES {
        must_block(path, &php.send(load("GET", path, stolen)).await);
        must_block(
            path,
            &bench
                .send(load("GET", path, &format!("PHPSESSID={STOLEN}")))
                .await,
        );
        nothing_reached(path, &upstream);
    }
    upstream.answer_with(super::a_bench::ward);
    php.finish().await;
    bench.finish().await;
}

/// Ways into our namespace and out of it.
pub const OUR_OWN: [&str; 19] = [
    "/.anteroom/../chart.php",
    "/.anteroom%2f..%2fchart.php",
    "/.anteroom/..%2fchart.php",
    "/.ANTEROOM/x",
    "/.Anteroom/challenge",
    "/.anteroom;/x",
    "//.anteroom/challenge",
    "/.anteroom/login",
    "/.anteroom",
    "/.anteroom/",
    "/.anteroom/x.php",
    "/%2eanteroom/challenge",
    "/.anteroom./x",
    "/x/../.anteroom/challenge",
    "/.anteroom/challenge/",
    "/.anteroom/challenge/x",
    "/.anteroom%00/x",
    "/.anteroom\\x",
    "/./.anteroom/challenge",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a06_our_own_paths_are_never_the_apps_and_its_pages_never_stand_under_ours() {
    let (bench, upstream) = Bench::recorded().await;
    careless(&upstream);
    let verified = cookies(&bench.alice);
    for path in OUR_OWN {
        for jar in ["", &verified, &format!("PHPSESSID={STOLEN}")] {
            for method in ["GET", "POST", "PUT"] {
                upstream.clear();
                let told = bench.send(load(method, path, jar)).await;
                must_block(&format!("{method} {path} {jar}"), &told);
                nothing_reached(path, &upstream);
            }
        }
    }
    // The portal itself is there.
    let told = bench
        .send(load("GET", "/.anteroom/signed-out", ""))
        .await
        .unwrap();
    assert_eq!(
        (told.status, told.header("cache-control")),
        (200, Some("no-store"))
    );
    upstream.answer_with(super::a_bench::ward);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a07_a_dirty_target_is_refused_or_judged_as_it_is_sent_on() {
    let (bench, upstream) = Bench::recorded().await;
    careless(&upstream);
    let jar = cookies(&bench.alice);
    let long = format!("/chart.php?{}", "x".repeat(70_000));
    let dirty: [&[u8]; 10] = [
        b"/chart.php?pid=1001 x",
        b"/ch\tart.php",
        b"/chart.php\xff",
        b"/<x>",
        b" /chart.php",
        b"/chart.php ",
        b"/chart.php#x",
        b"/static/x.css /../chart.php",
        b"/\x01chart.php",
        long.as_bytes(),
    ];
    for target in dirty {
        let what = String::from_utf8_lossy(&target[..target.len().min(40)]).into_owned();
        let request = |cookies: &str| {
            let rest = crlf(&format!(
                " HTTP/1.1¶Host: emr.test¶Accept: text/html¶{cookies}¶"
            ));
            [b"GET ", target, &rest].concat()
        };
        upstream.clear();
        must_block(&what, &bench.send(request("")).await);
        nothing_reached(&what, &upstream);
        // What cannot be refused (BUILDING 2) is one request, whose target is clean by then.
        let _ = bench.send(request(&format!("Cookie: {jar}¶"))).await;
        assert!(
            upstream.naive_count() <= 1,
            "{what}: {:?}",
            upstream.bytes()
        );
        assert_eq!(upstream.malformed(), Vec::<String>::new(), "{what}");
        for seen in upstream.requests() {
            assert!(
                seen.target.bytes().all(|b| b.is_ascii_graphic()),
                "{what}: {}",
                seen.target
            );
        }
    }
    upstream.clear();
    must_block(
        "70 KB, verified",
        &bench.send(load("GET", &long, &jar)).await,
    );
    nothing_reached("70 KB", &upstream);
    upstream.answer_with(super::a_bench::ward);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a04_a_verified_browser_reaches_the_path_it_asked_for_and_no_other() {
    let app = require!(php::start());
    let bench = Bench::php(app).await;
    let (mallory, _) = enrolled(&bench.clinic, MALLORY).await;
    let told = bench
        .send(load("GET", CHART, &cookies(&mallory)))
        .await
        .unwrap();
    assert!(
        told.has(CANARY) && told.has("mallory"),
        "{}",
        told.everything()
    );
    for path in ["/a/../chart.php", "/%63hart.php", "/chart.php;x"] {
        must_block(
            path,
            &bench.send(load("GET", path, &cookies(&mallory))).await,
        );
        must_block(path, &bench.send(load("GET", path, &ours(&mallory))).await);
    }
    bench.finish().await;
}
