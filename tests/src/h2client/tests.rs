//! Proves the polite client against a small HTTP/2 server of the same crate.
//! Never needs the gateway. `server` is lent to the tests of `h2raw` too.

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_rustls::{TlsAcceptor, TlsStream};

use super::*;
use crate::tls::TestCa;

/// Answers 207 with a text that names method, authority, host, cookies and the body's length.
pub(crate) async fn server(config: Option<Arc<ServerConfig>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let config = config.clone();
            tokio::spawn(async move {
                let wire = match config {
                    None => Wire::Plain(tcp),
                    Some(config) => {
                        let stream = TlsAcceptor::from(config).accept(tcp).await.ok()?;
                        Wire::Tls(Box::new(TlsStream::Server(stream)))
                    }
                };
                let mut connection = h2::server::handshake(wire).await.ok()?;
                while let Some(Ok((request, reply))) = connection.accept().await {
                    tokio::spawn(answer(request, reply));
                }
                Some(())
            });
        }
    });
    addr
}

async fn answer(request: http::Request<RecvStream>, mut reply: h2::server::SendResponse<Bytes>) {
    let (head, mut body) = request.into_parts();
    let headers = Headers::from(&head.headers);
    if head.uri.path() == "/hint" {
        let hint = http::Response::builder()
            .status(103)
            .header("link", "</x>")
            .body(())
            .unwrap();
        reply.send_informational(hint).unwrap();
    }
    let mut length = 0;
    while let Some(Ok(piece)) = body.data().await {
        length += piece.len();
        let _ = body.flow_control().release_capacity(piece.len());
    }
    let told = format!(
        "{} {} host={:?} cookies={} body={length}",
        head.method,
        head.uri,
        headers.get("host"),
        headers.all("cookie").join("|")
    );
    let response = http::Response::builder()
        .status(207)
        .header("x-a", "1")
        .body(())
        .unwrap();
    let Ok(mut stream) = reply.send_response(response, false) else {
        return;
    };
    let _ = stream.send_data(Bytes::from(told), false);
    let trailers = [("x-late", "yes")].map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
    let _ = stream.send_trailers(http::HeaderMap::from_iter(trailers));
}

#[tokio::test]
async fn crumbs_stay_crumbs_and_hints_and_trailers_are_kept() {
    let ca = TestCa::new();
    let addr = server(Some(ca.server_config(&["emr.test"], &["h2"]))).await;
    let client = H2Client::tls(addr, &ca.trust(), Sni::Name("emr.test"))
        .await
        .unwrap();
    let ask = H2Ask::get("https://emr.test/hint")
        .crumb("a=1")
        .crumb("b=2");
    let answer = client.ask(ask.field("host", "emr2.test")).await.unwrap();
    assert_eq!(answer.status, 207);
    let told = "GET https://emr.test/hint host=Some(\"emr2.test\") cookies=a=1|b=2 body=0";
    assert_eq!(answer.text(), told);
    assert_eq!(answer.informational[0].1.get("link"), Some("</x>"));
    assert_eq!(answer.trailers.get("x-late"), Some("yes"));
}

#[tokio::test]
async fn a_body_larger_than_the_window_is_streamed() {
    let client = H2Client::plain(server(None).await).await.unwrap();
    let ask = H2Ask::form("http://emr.test/up", &"x".repeat(300_000));
    assert!(client.ask(ask).await.unwrap().has("body=300000"));
    let mut exchange = client
        .open(&H2Ask::new("PUT", "http://emr.test/up"))
        .await
        .unwrap();
    exchange.send("one").await.unwrap();
    exchange.send("two").await.unwrap();
    exchange.finish().unwrap();
    assert!(
        exchange
            .whole()
            .await
            .unwrap()
            .has("PUT http://emr.test/up host=None")
    );
}

#[tokio::test]
async fn a_server_that_goes_away_is_noticed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(tcp).await.unwrap();
        let (_, mut reply) = connection.accept().await.unwrap().unwrap();
        reply.send_reset(Reason::ENHANCE_YOUR_CALM);
        connection.graceful_shutdown();
        while connection.accept().await.is_some() {}
    });
    let client = H2Client::plain(addr).await.unwrap();
    let refused = client
        .ask(H2Ask::get("http://emr.test/"))
        .await
        .unwrap_err();
    assert_eq!(refused, NoAnswer::StreamReset(11));
    server.await.unwrap();
    assert!(client.closed(Duration::from_secs(5)).await && client.is_closed());
}
