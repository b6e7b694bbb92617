//! Proves that the trust tools tell right from wrong.
//! Never leaves loopback; the tools are in `tls`.

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::wire::Wire;

/// A server that shakes hands once and reports the name the client asked for.
async fn door(config: Arc<ServerConfig>) -> (SocketAddr, tokio::task::JoinHandle<Option<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let stream = TlsAcceptor::from(config).accept(tcp).await.ok()?;
        Some(
            stream
                .get_ref()
                .1
                .server_name()
                .unwrap_or("nobody")
                .to_owned(),
        )
    });
    (addr, task)
}

#[tokio::test]
async fn a_trusting_client_takes_the_right_name_and_settles_on_h2() {
    let ca = TestCa::new();
    let (addr, server) = door(ca.server_config(&["emr.test"], &["h2", "http/1.1"])).await;
    let wire = Wire::tls(addr, &ca.trust(), Sni::Name("emr.test"), &["h2"])
        .await
        .unwrap();
    assert_eq!(wire.alpn().as_deref(), Some("h2"));
    assert_eq!(server.await.unwrap().as_deref(), Some("emr.test"));
}

#[tokio::test]
async fn a_wrong_name_or_a_strange_authority_is_refused() {
    let ca = TestCa::new();
    let (addr, _server) = door(ca.server_config(&["emr.test"], &[])).await;
    assert!(
        Wire::tls(addr, &ca.trust(), Sni::Name("emr2.test"), &[])
            .await
            .is_err()
    );
    let (addr, _server) = door(ca.server_config(&["emr.test"], &[])).await;
    let stranger = TestCa::new();
    assert!(
        Wire::tls(addr, &stranger.trust(), Sni::Name("emr.test"), &[])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_attacker_may_lie_about_the_name_or_give_none() {
    let ca = TestCa::new();
    let (addr, server) = door(ca.server_config(&["emr.test"], &[])).await;
    Wire::tls(addr, &Trust::anyone(), Sni::Name("evil.test"), &[])
        .await
        .unwrap();
    assert_eq!(server.await.unwrap().as_deref(), Some("evil.test"));
    let (addr, server) = door(ca.server_config(&["emr.test"], &[])).await;
    Wire::tls(addr, &Trust::anyone(), Sni::Absent, &[])
        .await
        .unwrap();
    assert_eq!(server.await.unwrap().as_deref(), Some("nobody"));
}
