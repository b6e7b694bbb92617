//! Who is at the other end of a connection, and the means to cut it.
//!
//! A request finds its connection by the address of the socket digest that pingora hands through
//! both HTTP/1 and HTTP/2; the digest lives exactly as long as the connection. Never reads or
//! writes bytes (`stream`).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

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

/// How long an HTTP/1 connection may lie idle: browsers give theirs up after one to two minutes.
/// HTTP/2 has pingora's own limit.
const IDLE_FOR: Duration = Duration::from_secs(60);

/// Why a connection is cut that nobody speaks on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overdue {
    /// A request head did not come, or not whole.
    Head,
    /// No further request came.
    Idle,
}

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

    /// Returns once a head was not completed within `limit` of its beginning, nothing came at all,
    /// or an HTTP/1 connection lay idle between two requests for [`IDLE_FOR`] to twice that.
    pub async fn overdue(&self, limit: Duration) -> Overdue {
        // Whoever connects and says nothing at all holds a place that others could use.
        let begun = tokio::time::timeout(limit, self.head_begun.notified()).await;
        if begun.is_err() {
            return Overdue::Head;
        }
        self.head_begun.notify_one();
        let mut idle_since = None;
        loop {
            let begun = tokio::time::timeout(IDLE_FOR, self.head_begun.notified()).await;
            let head = self.heads.load(Ordering::Relaxed);
            if begun.is_err() {
                // And so does whoever has asked once and never again (attack F01).
                let idle = self.phase.load(Ordering::Acquire) == IDLE;
                if idle && idle_since == Some(head) {
                    return Overdue::Idle;
                }
                idle_since = idle.then_some(head);
                continue;
            }
            idle_since = None;
            tokio::time::sleep(limit).await;
            let same = self.heads.load(Ordering::Relaxed) == head;
            if same && self.phase.load(Ordering::Acquire) == HEAD {
                return Overdue::Head;
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

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(3);

    fn connection() -> Arc<Connection> {
        let peer = SocketAddr::from(([192, 0, 2, 1], 1024));
        let digest = Arc::new(SocketDigest::from_raw_fd(-1));
        Connection::new(peer, ListenerKind::Http, None, digest)
    }

    fn request(connection: &Connection) {
        connection.head_bytes_seen();
        connection.head_complete();
        connection.request_over();
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_does_not_hold_a_connection_for_ever() {
        let connection = connection();
        request(&connection);
        let began = tokio::time::Instant::now();
        assert_eq!(connection.overdue(LIMIT).await, Overdue::Idle);
        let lay = began.elapsed();
        assert!(
            lay >= IDLE_FOR && lay <= 2 * IDLE_FOR + 2 * LIMIT,
            "{lay:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_used_or_busy_stays() {
        let used = connection();
        let using = async {
            for _ in 0..20 {
                request(&used);
                tokio::time::sleep(IDLE_FOR - Duration::from_secs(5)).await;
            }
            // One long answer, or an HTTP/2 connection, which is never between two requests.
            used.head_bytes_seen();
            used.head_complete();
            tokio::time::sleep(20 * IDLE_FOR).await;
        };
        tokio::select! {
            why = used.overdue(LIMIT) => panic!("cut: {why:?}"),
            () = using => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_is_overdue() {
        let (silent, slow) = (connection(), connection());
        assert_eq!(silent.overdue(LIMIT).await, Overdue::Head);
        request(&slow);
        slow.head_bytes_seen();
        assert_eq!(slow.overdue(LIMIT).await, Overdue::Head);
    }
}
