//! Proves the recorder with plain sockets and with the raw client.
//! Never needs the gateway; the recorder is in `recorder`.

use super::*;
use crate::answer::NoAnswer;
use crate::raw::RawClient;

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn every_byte_is_kept_and_hidden_requests_show_in_the_naive_count() {
    let upstream = Recorder::start().await;
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    let hidden = "GET /chart.php HTTP/1.1¶Host: x¶¶".replace('¶', "\r\n");
    let length = hidden.len();
    client
        .ask(&format!(
            "POST /login.php HTTP/1.1¶Host: x¶Content-Length: {length}¶¶{hidden}"
        ))
        .await
        .unwrap();
    assert_eq!(upstream.requests().len(), 1);
    assert_eq!(upstream.naive_count(), 2);
    assert_eq!(upstream.only_request().text(), hidden);
    assert!(upstream.saw("POST /login.php") && upstream.saw("/chart.php"));
    assert!(!upstream.saw("PHPSESSID"));
    upstream.clear();
    assert!(upstream.bytes().is_empty() && upstream.requests().is_empty());
    client.ask("GET /after HTTP/1.1¶Host: x¶¶").await.unwrap();
    assert_eq!(upstream.only_request().target, "/after");
    assert!(
        upstream.saw("/after"),
        "a kept-alive connection is still written down"
    );
}

#[tokio::test]
async fn bytes_of_a_request_that_never_ends_are_kept_too() {
    let upstream = Recorder::start().await;
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    client
        .say("POST /up HTTP/1.1¶Host: x¶Content-Length: 9¶¶half")
        .await;
    assert!(upstream.wait_for_heads(1, SOON).await);
    assert!(!upstream.wait_for(1, Duration::from_millis(50)).await);
    client.vanish();
    assert!(upstream.all_gone(SOON).await);
    assert_eq!(
        (
            upstream.only_request().text().as_str(),
            upstream.connections()
        ),
        ("half", 1)
    );
    assert!(!upstream.only_request().complete);
}

#[tokio::test]
async fn unclear_framing_is_malformed_and_gets_a_400() {
    let upstream = Recorder::start().await;
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    let both = "POST / HTTP/1.1¶Host: x¶Content-Length: 3¶Transfer-Encoding: chunked¶¶0¶¶";
    assert_eq!(client.ask(both).await.unwrap().status, 400);
    assert!(client.closed(SOON).await);
    assert_eq!(
        (upstream.malformed().len(), upstream.requests().len()),
        (1, 0)
    );
    assert!(upstream.saw("chunked"));
}

#[tokio::test]
async fn an_early_101_opens_a_tunnel_before_the_body() {
    let upstream = Recorder::start().await;
    upstream.next(
        Script::bytes("HTTP/1.1 101 Switching Protocols¶Upgrade: foo¶¶")
            .early()
            .echo(),
    );
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    client
        .say("GET /ws HTTP/1.1¶Host: x¶Upgrade: foo¶Content-Length: 5¶¶")
        .await;
    assert_eq!(client.head().await.unwrap().status, 101);
    client.say("hello").await;
    assert_eq!(client.until("hello").await.unwrap(), b"hello");
}

#[tokio::test]
async fn a_latch_freezes_an_answer_until_it_is_opened() {
    let upstream = Recorder::start().await;
    let latch = Latch::shut();
    upstream.next(
        Script::bytes("HTTP/1.1 200 OK¶Content-Length: 2¶¶")
            .until(&latch)
            .then("ok"),
    );
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    client.say("GET / HTTP/1.1¶Host: x¶¶").await;
    client.until("2\r\n\r\n").await.unwrap();
    assert!(!client.closed(Duration::from_millis(50)).await);
    latch.open();
    assert_eq!(client.until("ok").await.unwrap(), b"ok");
}

#[tokio::test]
async fn a_reset_after_the_head_reaches_the_client_as_a_cut() {
    let upstream = Recorder::start().await;
    upstream.next(Script::bytes("HTTP/1.1 200 OK¶Content-Length: 2¶¶").reset());
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    let cut = client.ask("GET / HTTP/1.1¶Host: x¶¶").await.unwrap_err();
    assert!(matches!(cut, NoAnswer::Closed { .. }), "{cut}");
}

#[tokio::test]
async fn a_rule_sees_the_whole_request_and_the_queue_goes_first() {
    let upstream = Recorder::start().await;
    upstream.answer_with(|seen| Script::redirect("/home", &[&format!("who={}", seen.text())]));
    upstream.next(Script::ok("queued"));
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    assert_eq!(
        client.ask("GET / HTTP/1.1¶Host: x¶¶").await.unwrap().text(),
        "queued"
    );
    let answer = client
        .ask("POST / HTTP/1.1¶Content-Length: 5¶¶alice")
        .await
        .unwrap();
    assert_eq!(
        (answer.location(), answer.set_cookies()),
        (Some("/home"), vec!["who=alice"])
    );
    upstream.behave();
    assert_eq!(
        client.ask("GET / HTTP/1.1¶Host: x¶¶").await.unwrap().text(),
        "recorded"
    );
    assert_eq!(upstream.requests()[1].cookies("a"), Vec::<String>::new());
}

#[tokio::test]
async fn an_early_rule_answers_before_the_body_and_leaves_the_rest_alone() {
    let upstream = Recorder::start().await;
    upstream.answer_early_with(|seen| (seen.path() == "/big").then(|| Script::ok("too big")));
    let mut client = RawClient::plain(upstream.addr()).await.unwrap();
    let answer = client
        .ask("POST /big?x HTTP/1.1¶Host: x¶Content-Length: 9¶¶")
        .await
        .unwrap();
    assert_eq!(answer.text(), "too big");
    client.say("123456789").await;
    assert_eq!(
        client.ask("GET / HTTP/1.1¶Host: x¶¶").await.unwrap().text(),
        "recorded"
    );
}
