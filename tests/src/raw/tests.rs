//! Proves the raw client against the recording upstream, over TCP and TLS.
//! Never needs the gateway; the client is in `raw`.

use super::*;
use crate::recorder::{Recorder, Script};
use crate::tls::TestCa;

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn two_requests_in_one_write_get_two_answers_in_order() {
    let upstream = Recorder::start().await;
    upstream.next(Script::ok("first"));
    upstream.next(Script::ok("second"));
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    client
        .say("GET /1 HTTP/1.1¶Host: a¶¶GET /2 HTTP/1.1¶Host: a¶¶")
        .await;
    assert_eq!(client.answer().await.unwrap().text(), "first");
    assert_eq!(client.answer().await.unwrap().text(), "second");
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn chunks_hints_and_trailers_are_all_kept() {
    let upstream = Recorder::start().await;
    upstream.next(Script::bytes(
        "HTTP/1.1 103 Early Hints¶Link: </x>¶¶HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶\
         Set-Cookie: a=1¶Set-Cookie: b=2¶¶2¶ok¶0¶X-Late: yes¶¶",
    ));
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    let answer = client.ask("GET / HTTP/1.1¶Host: a¶¶").await.unwrap();
    assert_eq!(answer.informational[0].0, 103);
    assert_eq!(answer.set_cookies(), ["a=1", "b=2"]);
    assert_eq!(answer.text(), "ok");
    assert_eq!(answer.trailers.get("x-late"), Some("yes"));
}

#[tokio::test]
async fn a_body_without_length_ends_with_the_connection() {
    let upstream = Recorder::start().await;
    upstream.next(Script::bytes("HTTP/1.1 200 ¶¶all there is").close());
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    let answer = client.ask("GET / HTTP/1.1¶Host: a¶¶").await.unwrap();
    assert_eq!(answer.text(), "all there is");
    assert!(client.closed(SHORT).await);
}

#[tokio::test]
async fn an_answer_cut_short_is_no_answer() {
    let upstream = Recorder::start().await;
    upstream.next(Script::bytes("HTTP/1.1 200 OK¶Content-Length: 99¶¶oh").close());
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    let failed = client.ask("GET / HTTP/1.1¶Host: a¶¶").await.unwrap_err();
    assert!(
        matches!(failed, NoAnswer::Closed { after } if after > 30),
        "{failed}"
    );
}

#[tokio::test]
async fn silence_ends_with_patience_and_an_open_line_is_not_closed() {
    let upstream = Recorder::start().await;
    upstream.next(Script::silence());
    let mut client = RawClient::plain(upstream.addr())
        .await
        .unwrap()
        .patient(SHORT);
    let failed = client.ask("GET / HTTP/1.1¶Host: a¶¶").await.unwrap_err();
    assert_eq!(failed, NoAnswer::Deadline { after: 0 });
    assert!(!client.closed(SHORT).await);
}

#[tokio::test]
async fn single_bytes_half_close_and_head_work_over_tls() {
    let ca = TestCa::new();
    let upstream = Recorder::start_tls(ca.server_config(&["emr.test"], &["http/1.1"])).await;
    let mut client = RawClient::tls(upstream.addr(), Sni::Name("emr.test"))
        .await
        .unwrap();
    client
        .drip(crlf("HEAD /h HTTP/1.1¶Host: a¶¶"), Duration::ZERO)
        .await
        .unwrap();
    let answer = client.answer_to_head().await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    client.say("GET /g HTTP/1.1¶Host: a¶¶").await;
    client.half_close().await.unwrap();
    assert_eq!(client.answer().await.unwrap().status, 200);
    assert!(client.closed(Duration::from_secs(5)).await);
    assert_eq!(upstream.requests()[1].target, "/g");
}

#[tokio::test]
async fn an_endless_answer_can_be_read_piece_by_piece_and_left() {
    let upstream = Recorder::start().await;
    upstream.next(Script::bytes("HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶¶").endless("1¶x¶"));
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    client.say("GET / HTTP/1.1¶Host: a¶¶").await;
    assert_eq!(client.head().await.unwrap().status, 200);
    client.until("x\r\n1\r\nx").await.unwrap();
    assert!(!client.some().await.unwrap().is_empty());
    client.vanish();
    assert!(upstream.all_gone(Duration::from_secs(5)).await);
}
