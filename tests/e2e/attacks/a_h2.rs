//! A23, A26: HTTP/2 fields that would become something else as HTTP/1.1.
//! Frames are written by hand (`h2raw`): a polite client could not send any of this.

use anteroom_tests::apps::php::{ALICE, PAT};
use anteroom_tests::h2client::H2Ask;
use anteroom_tests::h2raw::Outcome;
use anteroom_tests::raw::crlf;

use super::a_bench::{
    Bench, CANARY, CHART, HOST, STOLEN, cookies, credentials, enrolled, must_block,
    nothing_reached, ours, pending,
};

type Fields<'a> = Vec<(&'a str, &'a str)>;

fn get<'a>() -> Fields<'a> {
    vec![
        (":method", "GET"),
        (":scheme", "https"),
        (":authority", HOST),
        (":path", "/chart.php"),
    ]
}

fn post<'a>(path: &'a str) -> Fields<'a> {
    vec![
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", HOST),
        (":path", path),
        ("origin", "https://emr.test"),
    ]
}

/// The four pseudo-headers with one of them replaced.
fn but<'a>(name: &'a str, value: &'a str) -> Fields<'a> {
    get()
        .into_iter()
        .map(|(n, v)| if n == name { (name, value) } else { (n, v) })
        .collect()
}

fn injections<'a>() -> Vec<(&'static str, Fields<'a>)> {
    let with = |name, value| [get(), vec![(name, value)]].concat();
    vec![
        (
            "CRLF in a value",
            with("x-a", "a\r\nTransfer-Encoding: chunked"),
        ),
        (
            "LF in a value",
            with("x-a", "a\nTransfer-Encoding: chunked"),
        ),
        ("CR in a value", with("x-a", "a\rX: b")),
        ("NUL in a value", with("x-a", "a\0b")),
        ("an upper-case name", with("Foo", "a")),
        ("a colon in a name", with("a:b", "c")),
        ("CRLF in a name", with("x\r\ncookie", "a")),
        ("a space in a name", with("x y", "a")),
        ("an empty name", with("", "a")),
        (
            "a request in :path",
            but(":path", "/ HTTP/1.1\r\nHost: x\r\n\r\nGET /chart.php"),
        ),
        ("a space in :path", but(":path", "/chart.php HTTP/1.1 x")),
        (
            "a request in :method",
            but(":method", "GET / HTTP/1.1\r\nX:"),
        ),
        ("a space in :method", but(":method", "GET /x")),
        ("transfer-encoding", with("transfer-encoding", "chunked")),
        ("connection: close", with("connection", "close")),
        ("connection: cookie", with("connection", "cookie")),
        ("upgrade", with("upgrade", "websocket")),
        (
            "two :path",
            [get(), vec![(":path", "/static/x.css")]].concat(),
        ),
        ("two :method", [vec![(":method", "POST")], get()].concat()),
        (
            "a pseudo-header after a field",
            [vec![("x-a", "b")], get()].concat(),
        ),
        (
            "an unknown pseudo-header",
            [get(), vec![(":x", "y")]].concat(),
        ),
        (
            ":status in a request",
            [get(), vec![(":status", "200")]].concat(),
        ),
        ("an empty :path", but(":path", "")),
        (
            "no :path",
            get().into_iter().filter(|(n, _)| *n != ":path").collect(),
        ),
        (
            "no :method",
            get().into_iter().filter(|(n, _)| *n != ":method").collect(),
        ),
        ("a relative :path", but(":path", "chart.php")),
        ("* for :path", but(":path", "*")),
        ("CRLF in :authority", but(":authority", "emr.test\r\nX: y")),
        ("CRLF in :scheme", but(":scheme", "https\r\nX: y")),
        ("an alias of a length", with("content_length", "3")),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a23_nothing_is_injected_on_the_way_from_h2_to_h1() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for (what, fields) in injections() {
        for cookie in [format!("PHPSESSID={STOLEN}"), jar.clone()] {
            upstream.clear();
            let mut client = bench.h2_raw().await;
            let fields = [fields.clone(), vec![("cookie", cookie.as_str())]].concat();
            let outcome = client.ask(&fields, None).await;
            assert!(outcome.is_refusal(), "{what}: {outcome:?}");
            nothing_reached(what, &upstream);
        }
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a23_a_length_that_lies_is_refused_over_h2() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    let body = "GET /chart.php HTTP/1.1\r\nHost: emr.test\r\n\r\n";
    for (path, cookie) in [("/login.php", "a=1"), ("/note.php", jar.as_str())] {
        for length in ["3", "44000", "+44", "044", "44, 44", "x", "", "44 and 44"] {
            let lengths = match length {
                "44 and 44" => vec![("content-length", "44"), ("content-length", "44")],
                one => vec![("content-length", one)],
            };
            let mut client = bench.h2_raw().await;
            let fields = [post(path), lengths, vec![("cookie", cookie)]].concat();
            let outcome = client.ask(&fields, Some(body.as_bytes())).await;
            assert!(outcome.is_refusal(), "{length} on {path}: {outcome:?}");
            if path == "/login.php" {
                nothing_reached(length, &upstream);
            }
        }
    }
    // Verified, a body streams: what came behind such a head never became whole, nor a request.
    let seen = upstream.requests();
    assert!(
        seen.iter()
            .all(|seen| !seen.complete && seen.path() == "/note.php"),
        "{seen:?}"
    );
    // GET with DATA frames and no length at all.
    let mut client = bench.h2_raw().await;
    let outcome = client
        .ask(
            &[get(), vec![("cookie", jar.as_str())]].concat(),
            Some(b"x=1"),
        )
        .await;
    assert!(outcome.is_refusal(), "{outcome:?}");
    assert!(
        !upstream.requests().iter().any(|seen| seen.method == "GET"),
        "DATA on GET"
    );
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a23_honest_h2_requests_pass() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    let mut client = bench.h2_raw().await;
    let fields = [get(), vec![("cookie", jar.as_str()), ("te", "trailers")]].concat();
    let Outcome::Answer { status: 200, body } = client.ask(&fields, None).await else {
        panic!("an honest GET")
    };
    assert!(String::from_utf8_lossy(&body).contains(CANARY));
    upstream.clear();
    let body = "note=GET+%2Fchart.php";
    let fields = [
        post("/note.php"),
        vec![
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", jar.as_str()),
        ],
    ]
    .concat();
    assert_eq!(
        client.ask(&fields, Some(body.as_bytes())).await.status(),
        Some(200)
    );
    let seen = upstream.only_request();
    assert_eq!((seen.text().as_str(), seen.complete), (body, true));
    assert!(upstream.malformed().is_empty());
    bench.finish().await;
}

/// The ways to bring the app's cookie, a foreign gateway session and a third one.
fn orders(foreign: &str) -> Vec<Vec<String>> {
    let one = "a=1".to_owned();
    let stolen = format!("PHPSESSID={STOLEN}");
    let gateway = foreign.to_owned();
    let all = [one, stolen, gateway];
    [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ]
    .iter()
    .map(|order| order.iter().map(|index| all[*index].clone()).collect())
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a26_split_cookies_are_one_view_and_a_foreign_pair_opens_nothing() {
    let (bench, upstream) = Bench::recorded().await;
    let (pat, _) = enrolled(&bench.clinic, PAT).await;
    let waiting = pending(&bench.clinic, ALICE).await;
    for (who, verified) in [(ours(&pat), true), (ours(&waiting), false)] {
        for order in orders(&who) {
            upstream.clear();
            let mut asked = H2Ask::get(&format!("https://{HOST}{CHART}"));
            for crumb in &order {
                asked = asked.crumb(crumb);
            }
            let told = bench.h2().await.ask(asked).await;
            let lines: String = order
                .iter()
                .map(|crumb| format!("Cookie: {crumb}¶"))
                .collect();
            let h1 = crlf(&format!(
                "GET {CHART} HTTP/1.1¶Host: {HOST}¶Accept: text/html¶{lines}¶"
            ));
            let told_h1 = bench.send(h1).await;
            if !verified {
                must_block("pending", &told);
                must_block("pending", &told_h1);
                nothing_reached("pending", &upstream);
                continue;
            }
            // The app's own refusal: it saw no session at all.
            for answer in [told.unwrap(), told_h1.unwrap()] {
                assert_eq!(answer.status, 302, "{order:?}: {}", answer.everything());
                assert!(!answer.everything().contains(CANARY));
            }
            let seen = upstream.requests();
            assert_eq!(seen.len(), 2);
            assert!(
                seen.iter().all(|s| s.header("cookie").is_none()),
                "{order:?}: {seen:?}"
            );
        }
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a26_many_crumbs_are_joined_into_one_line_or_refused() {
    let (bench, upstream) =
        Bench::recorded_as("[app.login.cookies]\nlogin = [\"PHPSESSID\"]\nplain = [\"t*\"]\n")
            .await;
    let pairs: Vec<String> = bench
        .alice
        .jar()
        .all()
        .iter()
        .map(|cookie| cookie.pair())
        .collect();
    for count in [60, 200] {
        upstream.clear();
        let mut asked = H2Ask::get(&format!("https://{HOST}{CHART}"));
        for number in 0..count {
            asked = asked.crumb(&format!("t{number}={number}"));
        }
        for pair in &pairs {
            asked = asked.crumb(pair);
        }
        let answer = bench.h2().await.ask(asked).await;
        let Ok(answer) = answer else {
            nothing_reached("refused by a reset", &upstream);
            continue;
        };
        if answer.status == 431 {
            assert!(count > 100, "60 cookies are nothing special");
            nothing_reached("too many", &upstream);
            continue;
        }
        assert!(answer.has(CANARY), "{count}: {}", answer.everything());
        let seen = upstream.only_request();
        assert_eq!(seen.headers.all("cookie").len(), 1, "one line");
        let last = count - 1;
        assert_eq!(seen.cookies(&format!("t{last}")), [last.to_string()]);
        assert_eq!(seen.cookies("PHPSESSID").len(), 1);
        assert!(!upstream.saw("__Host-anteroom"), "ours never leaves");
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a26_our_cookie_twice_is_refused_however_it_is_split() {
    let (bench, upstream) = Bench::recorded().await;
    let (pat, _) = enrolled(&bench.clinic, PAT).await;
    upstream.clear();
    let (hers, his) = (ours(&bench.alice), ours(&pat));
    for (first, second) in [(&hers, &his), (&his, &hers), (&hers, &hers)] {
        for line in [
            format!("Cookie: {first}; {second}¶"),
            format!("Cookie: {first}¶Cookie: {second}¶"),
            format!("Cookie: a=1; {first}¶X: y¶Cookie: {second}; b=2¶"),
        ] {
            let bytes = crlf(&format!("GET {CHART} HTTP/1.1¶Host: {HOST}¶{line}¶"));
            bench.must_refuse(&line, bytes).await;
        }
        let asked = H2Ask::get(&format!("https://{HOST}{CHART}"))
            .crumb(first)
            .crumb(second);
        must_block("h2", &bench.h2().await.ask(asked).await);
        nothing_reached("twice", &upstream);
    }
    // A login with two of ours is not sent either.
    let form = H2Ask::form(&format!("https://{HOST}/login.php"), &credentials(ALICE));
    must_block(
        "login",
        &bench
            .h2()
            .await
            .ask(
                form.field("origin", "https://emr.test")
                    .crumb(&hers)
                    .crumb(&his),
            )
            .await,
    );
    nothing_reached("login", &upstream);
    bench.finish().await;
}
