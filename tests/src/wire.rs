//! One byte stream, plain or TLS, as client or as server.
//! Never knows HTTP; `raw`, `h2client`, `h2raw`, `recorder` and `ws` speak over it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::{TlsConnector, TlsStream};

use crate::quiet::quiet;
use crate::tls::{Sni, Trust};

#[derive(Debug)]
pub enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    pub async fn plain(addr: SocketAddr) -> io::Result<Self> {
        Ok(Self::Plain(tcp_from(None, addr).await?))
    }

    /// Connects and shakes hands. `alpn` in order of preference; empty offers none.
    pub async fn tls(
        addr: SocketAddr,
        trust: &Trust,
        sni: Sni<'_>,
        alpn: &[&str],
    ) -> io::Result<Self> {
        Self::shake(tcp_from(None, addr).await?, addr, trust, sni, alpn).await
    }

    pub async fn shake(
        tcp: TcpStream,
        addr: SocketAddr,
        trust: &Trust,
        sni: Sni<'_>,
        alpn: &[&str],
    ) -> io::Result<Self> {
        let connector = TlsConnector::from(trust.client_config(alpn, sni));
        let stream = quiet(connector.connect(sni.server_name(addr), tcp)).await?;
        Ok(Self::Tls(Box::new(TlsStream::Client(stream))))
    }

    /// The protocol that ALPN settled on, if any.
    pub fn alpn(&self) -> Option<String> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(stream) => stream
                .get_ref()
                .1
                .alpn_protocol()
                .map(|p| String::from_utf8_lossy(p).into_owned()),
        }
    }

    /// From now on dropping this sends RST, not FIN, as a killed process or a cut cable would.
    pub fn reset_on_drop(&self) {
        let tcp = match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(stream) => stream.get_ref().0,
        };
        // An already closed socket cannot be told; it is gone, which is what we want.
        let _ = tcp.set_zero_linger();
    }
}

/// A connection from this source address: all of 127.0.0.0/8 is ours on Linux, so one machine can
/// be many clients.
pub async fn tcp_from(source: Option<IpAddr>, addr: SocketAddr) -> io::Result<TcpStream> {
    let tcp = match source {
        None => TcpStream::connect(addr).await?,
        Some(source) => {
            let socket = TcpSocket::new_v4()?;
            socket.bind(SocketAddr::from((source, 0)))?;
            socket.connect(addr).await?
        }
    };
    // Byte-by-byte tests count on each write leaving at once.
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
