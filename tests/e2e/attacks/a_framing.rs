//! A17 to A22: where one request ends and the next begins, said in two ways.
//! A smuggled request would be found by the recorder's naive count, even inside a body.

use anteroom_tests::raw::crlf;
use anteroom_tests::recorder::Recorder;

use super::a_bench::{
    Bench, CANARY, CHART, CUT, HOST, STOLEN, cookies, must_block, nothing_reached,
};

/// A request that must never be one: 44 bytes long, as the catalogue has it.
const SMUGGLED: &str = "GET /chart.php HTTP/1.1\r\nHost: emr.test\r\n\r\n";

async fn refuse_all(bench: &Bench, upstream: &Recorder, cases: Vec<(String, Vec<u8>)>) {
    for (what, bytes) in cases {
        upstream.clear();
        bench.must_refuse(&what, bytes).await;
        nothing_reached(&what, upstream);
    }
}

/// A login POST with these framing fields and this body, by nobody and by somebody verified.
fn posts(bench: &Bench, fields: &str, body: &str) -> Vec<(String, Vec<u8>)> {
    let jar = cookies(&bench.alice);
    [
        "/login.php",
        "/note.php",
        "/static/x.css",
        "/.anteroom/challenge",
    ]
    .iter()
    .flat_map(|path| {
        ["a=1", jar.as_str()].map(|cookie| {
            let own = format!("Host: {HOST}¶Origin: https://{HOST}¶Cookie: {cookie}¶");
            let head = format!("POST {path} HTTP/1.1¶{own}{fields}¶");
            (
                format!("{fields:?} on {path}"),
                [crlf(&head), body.as_bytes().to_vec()].concat(),
            )
        })
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a17_content_length_with_transfer_encoding_is_refused() {
    let (bench, upstream) = Bench::recorded().await;
    let chunk = format!("0\r\n\r\n{SMUGGLED}");
    for (fields, body) in [
        (
            "Content-Length: 13¶Transfer-Encoding: chunked¶",
            chunk.as_str(),
        ),
        (
            "Transfer-Encoding: chunked¶Content-Length: 4¶",
            "5c\r\nX\r\n0\r\n\r\n",
        ),
        (
            "Transfer-Encoding: chunked¶Content-Length: 0¶",
            chunk.as_str(),
        ),
        ("content-length: 5¶TRANSFER-ENCODING: chunked¶", "0\r\n\r\n"),
    ] {
        refuse_all(&bench, &upstream, posts(&bench, fields, body)).await;
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a18_transfer_encoding_in_any_disguise_is_refused() {
    let (bench, upstream) = Bench::recorded().await;
    let body = format!("0\r\n\r\n{SMUGGLED}");
    for fields in [
        "Transfer-Encoding: xchunked¶",
        "Transfer-Encoding: gzip, chunked¶",
        "Transfer-Encoding: chunked, identity¶",
        "Transfer-Encoding: identity¶Transfer-Encoding: chunked¶",
        "Transfer-Encoding: chunked¶Transfer-Encoding: chunked¶",
        "Transfer-Encoding: \"chunked\"¶",
        "Transfer-Encoding: chunked;q=1¶",
        "Transfer-Encoding : chunked¶",
        "Transfer-Encoding:\u{b}chunked¶",
        "Transfer-Encoding:¶ chunked¶",
        "Transfer_Encoding: chunked¶",
        "Transfer-Encoding: ,chunked¶",
        "Transfer-Encoding: chunked,¶",
        "Transfer.Encoding: chunked¶",
        "Transfer-Encoding: identity¶",
        "Transfer-Encoding:¶",
        "Transfer-Encoding: chun\u{0}ked¶",
        " Transfer-Encoding: chunked¶",
        "Transfer-Encoding\t: chunked¶",
        "X: y¶\tTransfer-Encoding: chunked¶",
        "Transfer-Encoding: cow, chunked¶",
        "Transfer-Encoding: chunked chunked¶",
    ] {
        refuse_all(&bench, &upstream, posts(&bench, fields, &body)).await;
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a19_an_odd_content_length_is_refused() {
    let (bench, upstream) = Bench::recorded().await;
    for fields in [
        "Content-Length: +44¶",
        "Content-Length: -0¶",
        "Content-Length: 044¶",
        "Content-Length: 44, 44¶",
        "Content-Length: 44¶Content-Length: 44¶",
        "Content-Length: 44¶Content-Length: 45¶",
        "Content-Length: 0x2c¶",
        "Content-Length: 44 x¶",
        "Content-Length:¶",
        "Content-Length: 18446744073709551660¶",
        "Content-Length: 4 4¶",
        "Content-Length: 44.0¶",
        "Content-Length: 1e2¶",
        "Content_Length: 44¶",
        "Content-Length : 44¶",
        "Content-Length: -44¶",
        "Content-Length: 44¶ ¶",
        "Content-Length: ,44¶",
        "Content-Length: 44;¶",
        "Content-Length: 9223372036854775808¶",
    ] {
        refuse_all(&bench, &upstream, posts(&bench, fields, SMUGGLED)).await;
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a17_to_a19_honest_framing_passes_and_stays_one_request() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    let note = format!("note={SMUGGLED}");
    for (what, fields, body) in [
        (
            "a length",
            format!("Content-Length: {}¶", note.len()),
            note.clone(),
        ),
        (
            "chunks",
            "Transfer-Encoding: chunked¶".to_owned(),
            format!("{:x}¶{note}¶0¶¶", note.len()),
        ),
        (
            "Chunked",
            "transfer-encoding: Chunked¶".to_owned(),
            format!("{:X};a=b¶{note}¶0¶¶", note.len()),
        ),
    ] {
        upstream.clear();
        let told = bench
            .send(crlf(&format!(
                "POST /note.php HTTP/1.1¶Host: {HOST}¶Cookie: {jar}¶\
                 Content-Type: text/x-note¶{fields}¶{body}"
            )))
            .await
            .unwrap();
        assert_eq!(told.status, 200, "{what}: {}", told.everything());
        let seen = upstream.only_request();
        assert_eq!(seen.text(), note, "{what}");
        assert!(seen.complete && upstream.malformed().is_empty(), "{what}");
        assert!(!upstream.saw(";a=b"), "{what}: a chunk extension went on");
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a20_old_and_unknown_versions_are_refused_and_plain_1_0_is_gated() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    let cases = [
        format!(
            "POST /login.php HTTP/1.0¶Host: {HOST}¶Transfer-Encoding: chunked¶\
             Connection: keep-alive¶¶0¶¶GET /chart.php HTTP/1.1¶Host: {HOST}¶¶"
        ),
        format!(
            "POST /note.php HTTP/1.0¶Host: {HOST}¶Cookie: {jar}¶Transfer-Encoding: chunked¶¶0¶¶"
        ),
        "GET /chart.php¶".to_owned(),
        "GET /chart.php¶¶".to_owned(),
        format!("GET /chart.php HTTP/1.0¶Cookie: {jar}¶¶"),
        format!("GET /static/x.css HTTP/1.2¶Host: {HOST}¶¶"),
        format!("GET /static/x.css HTTP/2.0¶Host: {HOST}¶¶"),
        format!("GET /static/x.css HTTP/0.9¶Host: {HOST}¶¶"),
        format!("GET /static/x.css http/1.1¶Host: {HOST}¶¶"),
        format!("GET /static/x.css HTTP/1.10¶Host: {HOST}¶¶"),
        format!("GET /static/x.css HTTP/1¶Host: {HOST}¶¶"),
        format!("GET /static/x.css HTTPS/1.1¶Host: {HOST}¶¶"),
        "PRI * HTTP/2.0¶¶SM¶¶".to_owned(),
    ];
    let cases = cases
        .iter()
        .map(|text| (text.clone(), crlf(text)))
        .collect();
    refuse_all(&bench, &upstream, cases).await;
    // Plain 1.0: one gated answer, then the end, whatever it says of keeping alive.
    for (target, cookie, status) in [
        ("/chart.php", "PHPSESSID=x", 303),
        ("/static/x.css", "a=1", 200),
        ("/chart.php", jar.as_str(), 200),
    ] {
        let mut client = bench.raw().await;
        let first = format!(
            "GET {target} HTTP/1.0¶Host: {HOST}¶Accept: text/html¶\
             Connection: keep-alive¶Cookie: {cookie}¶¶"
        );
        client.say(&format!("{first}{first}")).await;
        let told = client.answer().await.unwrap();
        assert_eq!(told.status, status, "{target}: {}", told.everything());
        assert!(client.closed(CUT).await, "{target}: kept alive");
        assert_eq!(client.rest().await, b"", "{target}: a second answer");
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a21_line_endings_folds_and_control_characters_are_refused() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    let live = format!("PHPSESSID={STOLEN}");
    let mut cases = Vec::new();
    for cookie in ["a=1", jar.as_str()] {
        let start = format!("GET /static/x.css HTTP/1.1¶Host: {HOST}¶Cookie: {cookie}¶");
        for (what, text) in [
            (
                "bare line feeds",
                format!("{start}X: a\n\n").replace('¶', "\n"),
            ),
            ("one bare line feed", format!("{start}X: a\nY: b¶¶")),
            ("a bare line feed at the end", format!("{start}X: a¶\n")),
            (
                "a bare carriage return",
                format!("{start}X: a\rCookie: {live}¶¶"),
            ),
            ("a folded line", format!("{start}X: a¶ Cookie: {live}¶¶")),
            (
                "a tab-folded line",
                format!("{start}X: a¶\tCookie: {live}¶¶"),
            ),
            ("NUL in a value", format!("{start}X: a\0b¶¶")),
            ("NUL in a name", format!("{start}X\0: a¶¶")),
            ("DEL in a value", format!("{start}X: a\u{7f}¶¶")),
            ("a space before the colon", format!("{start}X : a¶¶")),
            ("a tab in a name", format!("{start}Cookie\t: {live}¶¶")),
            ("no name", format!("{start}: {live}¶¶")),
            ("no colon", format!("{start}Cookie¶¶")),
            ("a name in brackets", format!("{start}(Cookie): {live}¶¶")),
            ("a space first", format!(" {start}¶")),
            (
                "a thousand empty lines",
                format!("{}{start}¶", "¶".repeat(1000)),
            ),
            (
                "a line feed in the first line",
                format!("GET /static/x.css\nX: HTTP/1.1¶Host: {HOST}¶¶"),
            ),
        ] {
            cases.push((format!("{what}, {cookie:.9}"), crlf(&text)));
        }
    }
    refuse_all(&bench, &upstream, cases).await;
    // What passes is written anew: CRLF and nothing else ends a line.
    let told = bench
        .send(crlf(&format!(
            "GET {CHART} HTTP/1.1¶Host: {HOST}¶X-A:  a b\t¶Cookie: {jar}¶¶"
        )))
        .await
        .unwrap();
    assert!(told.has(CANARY), "{}", told.everything());
    let bytes = upstream.bytes().concat();
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "");
    assert!(!text.contains(['\r', '\n']), "{text:?}");
    bench.finish().await;
}

/// Chunked bodies that no two servers read alike.
const BAD_CHUNKS: [&str; 14] = [
    "-1¶hello¶0¶¶",
    "FFFFFFFFFFFFFFFF¶hello¶0¶¶",
    "5¶helloXX0¶¶",
    "5¶hello0¶¶",
    "g¶hello¶0¶¶",
    "0x5¶hello¶0¶¶",
    "¶hello¶0¶¶",
    "5\nhello\n0\n\n",
    " 5¶hello¶0¶¶",
    "+5¶hello¶0¶¶",
    "10000000000000005¶hello¶0¶¶",
    "5;a=\"\n\"¶hello¶0¶¶",
    "5 5¶hello¶0¶¶",
    "5,5¶hello¶0¶¶",
];

fn chunked(target: &str, cookie: &str, chunks: &str) -> Vec<u8> {
    crlf(&format!(
        "POST {target} HTTP/1.1¶Host: {HOST}¶Origin: https://{HOST}¶Cookie: {cookie}¶\
         Transfer-Encoding: chunked¶Content-Type: application/x-www-form-urlencoded¶¶\
         {chunks}{SMUGGLED}"
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a22_bad_chunks_never_make_a_login_and_never_a_second_request() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for chunks in BAD_CHUNKS {
        must_block(
            chunks,
            &bench.send(chunked("/login.php", "a=1", chunks)).await,
        );
        nothing_reached(chunks, &upstream);
    }
    // Streamed, the head may be on its way already (BUILDING 2), or may still come: so each has a
    // name of its own, and all are looked at in the end.
    for (number, chunks) in BAD_CHUNKS.iter().enumerate() {
        let told = bench
            .send(chunked(&format!("/note.php?n={number}"), &jar, chunks))
            .await;
        let refused = told.as_ref().map_or(true, |a| a.status >= 400);
        assert!(refused || is_framed_anew(chunks), "{chunks:?}: {told:?}");
    }
    let seen = upstream.requests();
    assert_eq!(
        upstream.naive_count(),
        seen.len(),
        "one hides behind another"
    );
    for (number, chunks) in BAD_CHUNKS.iter().enumerate() {
        let target = format!("/note.php?n={number}");
        let of_it: Vec<_> = seen.iter().filter(|seen| seen.target == target).collect();
        assert!(of_it.len() <= 1, "{chunks:?}: {of_it:?}");
        for one in of_it {
            let same = one.text().is_empty() || one.text() == "hello";
            let fine = if is_framed_anew(chunks) {
                same
            } else {
                !one.complete
            };
            assert!(fine, "{chunks:?}: {one:?}");
        }
    }
    assert!(
        seen.iter().all(|seen| seen.path() == "/note.php"),
        "{seen:?}"
    );
    bench.finish().await;
}

/// pingora takes a missing size for 0, and any extension; what it read is framed anew.
fn is_framed_anew(chunks: &str) -> bool {
    chunks.starts_with('¶') || chunks.contains(";a=")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a22_trailers_never_reach_the_app() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    let many = format!("X-Pad: {}¶", "y".repeat(1000)).repeat(1000);
    for (what, trailer) in [
        ("a cookie", format!("Cookie: PHPSESSID={STOLEN}¶")),
        ("a length", "Content-Length: 0¶".to_owned()),
        (
            "a password",
            "Authorization: Basic YWxpY2U6eA==¶".to_owned(),
        ),
        ("a host", "Host: evil.test¶".to_owned()),
        ("a megabyte", many),
    ] {
        upstream.clear();
        let told = bench
            .send(crlf(&format!(
                "POST /note.php HTTP/1.1¶Host: {HOST}¶Cookie: {jar}¶Transfer-Encoding: chunked¶\
                 Trailer: Cookie¶¶5¶hello¶0¶{trailer}¶"
            )))
            .await;
        assert!(upstream.naive_count() <= 1, "{what}");
        for seen in upstream.requests() {
            assert!(
                seen.trailers.is_empty() && seen.header("trailer").is_none(),
                "{what}: {seen:?}"
            );
            assert_eq!(seen.path(), "/note.php", "{what}");
        }
        for secret in [STOLEN, "YWxpY2U6", "evil.test", "X-Pad"] {
            assert!(!upstream.saw(secret), "{what}: {told:?}");
        }
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a22_a_body_that_never_ends_is_no_request() {
    let (bench, upstream) = Bench::recorded().await;
    let jar = cookies(&bench.alice);
    for (path, cookie) in [("/login.php", "a=1"), ("/note.php", jar.as_str())] {
        upstream.clear();
        let mut client = bench.raw().await;
        client
            .say(&format!(
                "POST {path} HTTP/1.1¶Host: {HOST}¶Origin: https://{HOST}¶Cookie: {cookie}¶\
                 Transfer-Encoding: chunked¶\
                 Content-Type: application/x-www-form-urlencoded¶¶5¶hello¶"
            ))
            .await;
        client.half_close().await.unwrap();
        let told = client.answer().await;
        assert!(
            told.as_ref().map_or(true, |a| a.status >= 400),
            "{path}: {told:?}"
        );
        assert!(
            !upstream.requests().iter().any(|seen| seen.complete),
            "{path}"
        );
    }
    bench.finish().await;
}
