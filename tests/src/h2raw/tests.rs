//! Proves the rude client: a good request is answered, each broken one is refused by a real server.
//! Never needs the gateway; the server is the one that proves `h2client`.

use super::*;
use crate::h2client::tests::server;
use crate::tls::TestCa;

const GOOD: [(&str, &str); 4] = [
    (":method", "GET"),
    (":scheme", "https"),
    (":authority", "emr.test"),
    (":path", "/x"),
];

fn with<'a>(extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    GOOD.iter().chain(extra).copied().collect()
}

async fn connect() -> H2Raw {
    let ca = TestCa::new();
    let addr = server(Some(ca.server_config(&["emr.test"], &["h2"]))).await;
    H2Raw::tls(addr, Sni::Name("emr.test")).await.unwrap()
}

#[tokio::test]
async fn a_well_formed_request_is_answered_with_status_and_body() {
    let mut raw = connect().await;
    let Outcome::Answer { status, body } = raw.ask(&with(&[("cookie", "a=1")]), None).await else {
        panic!("no answer")
    };
    assert_eq!(status, 207);
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains("cookies=a=1 body=0")
    );
    let outcome = raw
        .ask(&with(&[("host", "emr2.test")]), Some(b"12345"))
        .await;
    assert_eq!(
        outcome.status(),
        Some(207),
        "a second stream on the same connection"
    );
    assert!(!outcome.is_refusal());
}

#[tokio::test]
async fn two_requests_in_one_packet_are_told_apart() {
    let mut raw = connect().await;
    let (one, two) = (raw.fresh_stream(), raw.fresh_stream());
    let flags = flag::END_HEADERS | flag::END_STREAM;
    let mut packet = Vec::new();
    for stream in [one, two] {
        packet.extend(Frame::new(kind::HEADERS, flags, stream, &block(&GOOD)).to_bytes());
    }
    raw.send(&packet).await.unwrap();
    assert_eq!(raw.outcome(two).await.status(), Some(207));
    assert_eq!(raw.outcome(one).await.status(), Some(207));
}

#[tokio::test]
async fn broken_fields_leave_this_client_as_written_and_are_refused() {
    for extra in [
        ("Upper", "x"),
        ("connection", "close"),
        ("transfer-encoding", "chunked"),
        ("a", "b\r\nc: d"),
        (":path", "/second"),
        (":late", "x"),
    ] {
        let outcome = connect()
            .await
            .ask(&with(&[("first", "1"), extra]), None)
            .await;
        assert!(outcome.is_refusal(), "{extra:?}: {outcome:?}");
        assert!(
            matches!(outcome, Outcome::Reset(_) | Outcome::GoAway(_)),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn nonsense_instead_of_a_preface_ends_the_connection() {
    let wire = Wire::plain(server(None).await).await.unwrap();
    let mut raw = H2Raw::bare(wire);
    raw.send(b"GET / HTTP/1.1\r\nHost: emr.test\r\n\r\n")
        .await
        .unwrap();
    let outcome = raw.outcome(1).await;
    assert!(
        matches!(outcome, Outcome::GoAway(_) | Outcome::Closed),
        "{outcome:?}"
    );
}
