//! Who is at the other end of a connection, and the means to cut it.
//!
//! A request finds its connection by the address of the socket digest that pingora hands through
//! both HTTP/1 and HTTP/2; the digest lives exactly as long as the connection. Never reads or
//! writes bytes (`stream`).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use dashmap::DashMap;
use http::HeaderValue;
use pingora::protocols::SocketDigest;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use anteroom_config::settings::ListenerKind;

use crate::cookies::token;

/// Nothing of a request head has come yet.
const IDLE: u8 = 0;
/// A head has begun; its deadline runs.
const HEAD: u8 = 1;
/// The head is complete; bodies have their own limits.
const BUSY: u8 = 2;

/// One accepted connection.
pub struct Connection {
    /// The peer's address, as the kernel says.
    pub peer: SocketAddr,
    /// Its text, as a field's value.
    pub peer_field: HeaderValue,
    /// What the listener speaks.
    pub kind: ListenerKind,
    /// The name in the TLS handshake, lower-case; `None` on plain connections.
    pub server_name: Option<String>,
    /// Cancelled to cut everything on this connection.
    pub cut: CancellationToken,
    /// The token of ours that it brought last.
    pub token: token::Memory,
    phase: AtomicU8,
    heads: AtomicU32,
    head_begun: Notify,
    digest: Arc<SocketDigest>,
}

impl Connection {
    /// Describes an accepted connection. `digest` is the one its stream hands to pingora.
    #[must_use]
    pub fn new(
        peer: SocketAddr,
        kind: ListenerKind,
        server_name: Option<String>,
        digest: Arc<SocketDigest>,
    ) -> Arc<Self> {
        Arc::new(Self {
            peer,
            peer_field: address_field(peer.ip().to_canonical()),
            kind,
            server_name,
            cut: CancellationToken::new(),
            token: token::Memory::default(),
            phase: AtomicU8::new(IDLE),
            heads: AtomicU32::new(0),
            head_begun: Notify::new(),
            digest,
        })
    }

    /// The digest that names this connection.
    #[must_use]
    pub fn socket_digest(&self) -> Arc<SocketDigest> {
        Arc::clone(&self.digest)
    }

    /// The peer's address without port, IPv4 in its own form.
    #[must_use]
    pub fn peer_ip(&self) -> IpAddr {
        self.peer.ip().to_canonical()
    }

    /// Whether the browser reached us over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.kind == ListenerKind::Https
    }

    /// Bytes came in while a head was awaited: its deadline starts.
    pub fn head_bytes_seen(&self) {
        if self.phase.load(Ordering::Relaxed) == IDLE {
            self.heads.fetch_add(1, Ordering::Relaxed);
            self.phase.store(HEAD, Ordering::Release);
            self.head_begun.notify_one();
        }
    }

    /// A request head is complete.
    pub fn head_complete(&self) {
        self.phase.store(BUSY, Ordering::Release);
    }

    /// An HTTP/1 request is over; the next head may begin.
    ///
    /// Not for HTTP/2, where window updates and pings come at any time and begin nothing.
    pub fn request_over(&self) {
        self.phase.store(IDLE, Ordering::Release);
    }

    /// Returns once a head has begun and was not completed within `limit`.
    pub async fn head_overdue(&self, limit: std::time::Duration) {
        // Whoever connects and says nothing at all holds a place that others could use.
        let begun = tokio::time::timeout(limit, self.head_begun.notified()).await;
        if begun.is_err() {
            return;
        }
        self.head_begun.notify_one();
        loop {
            self.head_begun.notified().await;
            let head = self.heads.load(Ordering::Relaxed);
            tokio::time::sleep(limit).await;
            let same = self.heads.load(Ordering::Relaxed) == head;
            if same && self.phase.load(Ordering::Acquire) == HEAD {
                return;
            }
        }
    }
}

/// An address as a field's value.
#[must_use]
pub fn address_field(address: IpAddr) -> HeaderValue {
    // Every address is one; RFC 7239 section 6.2 has a word for those that are not.
    HeaderValue::try_from(address.to_string()).unwrap_or(HeaderValue::from_static("unknown"))
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// All live connections, found by their socket digest.
#[derive(Default)]
pub struct Connections {
    live: DashMap<usize, Arc<Connection>>,
}

/// Keeps a connection findable; dropping it forgets the connection.
pub struct Registered<'c> {
    all: &'c Connections,
    key: usize,
}

impl Connections {
    /// Makes a connection findable for as long as the guard lives.
    pub fn register(&self, connection: &Arc<Connection>) -> Registered<'_> {
        let key = Arc::as_ptr(&connection.digest) as usize;
        self.live.insert(key, Arc::clone(connection));
        Registered { all: self, key }
    }

    /// The connection that a socket digest belongs to.
    #[must_use]
    pub fn find(&self, digest: &Arc<SocketDigest>) -> Option<Arc<Connection>> {
        self.live
            .get(&(Arc::as_ptr(digest) as usize))
            .map(|found| Arc::clone(&found))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.live.len()
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.all.live.remove(&self.key);
    }
}
