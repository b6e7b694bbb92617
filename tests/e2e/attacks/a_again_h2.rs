//! A02 to A06, A12, A13, A27 once more over HTTP/2: another parser, the same gate.
//! The app shows its canary to everybody here, so whatever is forwarded would be seen.

use anteroom_tests::apps::php::ALICE;
use anteroom_tests::h2raw::Outcome;
use anteroom_tests::recorder::Recorder;

use super::a_bench::{
    Bench, CANARY, CHART, HOST, STOLEN, cookies, credentials, nothing_reached, nothing_usable, ward,
};
use super::a_paths::{DOTTED, LOGIN_ALIASES, OUR_OWN, SUFFIXES, careless};

/// Asks on a connection of its own, with these fields after the usual ones.
async fn ask(
    bench: &Bench,
    method: &str,
    path: &str,
    more: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Outcome {
    // One byte a character is all that this client writes.
    let path: String = path.bytes().map(char::from).collect();
    let start = [
        (":method", method),
        (":scheme", "https"),
        (":authority", HOST),
        (":path", path.as_str()),
        ("accept", "text/html"),
    ];
    let fields: Vec<_> = start.into_iter().chain(more.iter().copied()).collect();
    bench.h2_raw().await.ask(&fields, body).await
}

fn must_block(what: &str, outcome: &Outcome, upstream: &Recorder) {
    nothing_usable(what, &format!("{outcome:?}"));
    let text = match outcome {
        Outcome::Answer { body, .. } => String::from_utf8_lossy(body).into_owned(),
        _ => String::new(),
    };
    nothing_usable(what, &text);
    let led_away = outcome.status() == Some(303);
    assert!(led_away || outcome.is_refusal(), "{what}: {outcome:?}");
    nothing_reached(what, upstream);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a03_to_a06_odd_paths_lead_nowhere_over_h2() {
    let (bench, upstream) = Bench::recorded().await;
    careless(&upstream);
    let verified = cookies(&bench.alice);
    let stolen = format!("PHPSESSID={STOLEN}");
    let control = ask(&bench, "GET", "/static/x.css", &[], None).await;
    assert_eq!(control.status(), Some(200), "open files pass");
    upstream.clear();
    for path in DOTTED.iter().chain(&SUFFIXES).chain(&OUR_OWN) {
        must_block(
            path,
            &ask(&bench, "GET", path, &[("cookie", &stolen)], None).await,
            &upstream,
        );
    }
    for path in OUR_OWN {
        let told = ask(&bench, "GET", path, &[("cookie", &verified)], None).await;
        must_block(path, &told, &upstream);
    }
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://emr.test"),
    ];
    for alias in LOGIN_ALIASES
        .iter()
        .filter(|alias| **alias != "/login.php?")
    {
        let told = ask(
            &bench,
            "POST",
            alias,
            &form,
            Some(credentials(ALICE).as_bytes()),
        )
        .await;
        must_block(alias, &told, &upstream);
    }
    upstream.answer_with(ward);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a12_a13_no_method_goes_round_the_gate_over_h2() {
    let (bench, upstream) = Bench::recorded().await;
    careless(&upstream);
    let verified = cookies(&bench.alice);
    let stolen = format!("PHPSESSID={STOLEN}");
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "HEAD", "get", "FOO",
        "TRACE", "TRACK", "DEBUG",
    ] {
        let told = ask(&bench, method, CHART, &[("cookie", &stolen)], None).await;
        must_block(method, &told, &upstream);
        if [
            "TRACE", "TRACK", "DEBUG", "get", "FOO", "PROPFIND", "PATCH", "OPTIONS",
        ]
        .contains(&method)
        {
            let told = ask(&bench, method, CHART, &[("cookie", &verified)], None).await;
            must_block(method, &told, &upstream);
        }
    }
    let told = ask(&bench, "GET", CHART, &[("cookie", &verified)], None).await;
    let Outcome::Answer { status: 200, body } = told else {
        panic!("the honest request: {told:?}")
    };
    assert!(String::from_utf8_lossy(&body).contains(CANARY));
    upstream.answer_with(ward);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a02_a27_ids_in_addresses_and_conditional_requests_get_nothing_over_h2() {
    let (bench, upstream) = Bench::recorded().await;
    careless(&upstream);
    let verified = cookies(&bench.alice);
    for target in [
        format!("/chart.php?PHPSESSID={STOLEN}"),
        format!("/static/x.css?PHPSESSID={STOLEN}"),
        format!("/chart.jsp;jsessionid={STOLEN}"),
        format!("/(S({STOLEN}))/chart.aspx"),
    ] {
        for jar in ["a=1", verified.as_str()] {
            must_block(
                &target,
                &ask(&bench, "GET", &target, &[("cookie", jar)], None).await,
                &upstream,
            );
        }
    }
    for (name, value) in [
        ("if-none-match", "*"),
        ("if-modified-since", "Mon, 01 Jan 2024 00:00:00 GMT"),
        ("range", "bytes=0-10"),
        ("cache-control", "only-if-cached"),
    ] {
        must_block(
            name,
            &ask(&bench, "GET", CHART, &[(name, value)], None).await,
            &upstream,
        );
        must_block(
            name,
            &ask(&bench, "HEAD", CHART, &[(name, value)], None).await,
            &upstream,
        );
    }
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", verified.as_str()),
    ];
    let told = ask(
        &bench,
        "POST",
        "/note.php",
        &form,
        Some(b"a=1&PHPSESSID=stolen"),
    )
    .await;
    assert!(told.is_refusal(), "{told:?}");
    assert!(
        !upstream.requests().iter().any(|seen| seen.complete),
        "an id in a form"
    );
    upstream.answer_with(ward);
    bench.finish().await;
}
