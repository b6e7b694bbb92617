//! Our own accept loop around pingora's HTTP processing: one single-threaded runtime per core, each
//! with its own socket (SO_REUSEPORT), its own proxy and its own upstream pool.
//!
//! A connection, its upstream connection and all work for it stay on one thread; the wake-ups
//! between threads were the larger part of a request's cost (docs/decisions/0002). Owns sockets and
//! threads, never a decision.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anteroom_config::settings::{Listener, ListenerKind};
use pingora::apps::{HttpServerOptions, ServerApp};
use pingora::protocols::http::v2::server::default_h2_options;
use pingora::protocols::l4::socket::SocketAddr as L4Address;
use pingora::protocols::l4::stream::Stream as L4Stream;
use pingora::protocols::{GetSocketDigest, SocketDigest, Stream};
use pingora::proxy::{HttpProxy, http_proxy};
use pingora::server::configuration::ServerConf;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use super::connection::{Connection, Overdue};
use super::limits::{ConnectionLimits, Place};
use super::stream::ClientStream;
use crate::gateway::Gateway;
use crate::proxy::Proxy;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a stop waits for exchanges that are still running.
const PARTING: Duration = Duration::from_secs(8);
/// Streams of one HTTP/2 connection at a time, and bytes of one head (attacks F02, F03).
const H2_STREAMS: u32 = 100;
/// Flow-control windows: the default of 64 KiB makes uploads crawl.
const H2_STREAM_WINDOW: u32 = 1 << 20;
const H2_CONNECTION_WINDOW: u32 = 4 << 20;

/// What every worker needs.
pub struct Shared {
    /// The gateway itself.
    pub gateway: Arc<Gateway>,
    /// TLS for the `https` listeners.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Connection counting over all workers.
    pub limits: Arc<ConnectionLimits>,
}

/// The workers of a running gateway.
pub struct Workers {
    /// The addresses that were bound, in the order of the settings.
    pub addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Binds all listeners on every worker and starts serving.
    ///
    /// # Errors
    /// When an address cannot be bound or a thread cannot be started.
    pub fn start(shared: &Arc<Shared>, listeners: &[Listener], workers: usize) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let mut addresses = Vec::new();
        let mut sockets: Vec<Vec<(Listener, std::net::TcpListener)>> = Vec::new();
        for worker in 0..workers.max(1) {
            let mut mine = Vec::new();
            for (index, listener) in listeners.iter().enumerate() {
                let wanted = addresses.get(index).copied().unwrap_or(listener.addr);
                let socket = bind(wanted)?;
                if worker == 0 {
                    addresses.push(socket.local_addr()?);
                }
                mine.push((*listener, socket));
            }
            sockets.push(mine);
        }
        let mut threads = Vec::new();
        for (worker, mine) in sockets.into_iter().enumerate() {
            let (shared, stopped) = (Arc::clone(shared), stopped.clone());
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let thread = std::thread::Builder::new().name(format!("worker-{worker}"));
            threads.push(thread.spawn(move || runtime.block_on(serve(shared, mine, stopped)))?);
        }
        Ok(Self {
            addresses,
            stop,
            threads,
        })
    }

    /// Stops accepting, lets running exchanges finish for a while, and returns when all threads
    /// have ended.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    // Every worker has its own queue of new connections, and the kernel deals them out.
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    Ok(socket.into())
}

async fn serve(
    shared: Arc<Shared>,
    listeners: Vec<(Listener, std::net::TcpListener)>,
    stopped: watch::Receiver<bool>,
) {
    let proxy = Arc::new(build_proxy(Arc::clone(&shared.gateway)));
    let mut accepting = tokio::task::JoinSet::new();
    for (listener, socket) in listeners {
        match TcpListener::from_std(socket) {
            Ok(socket) => {
                let (shared, proxy, stopped) =
                    (Arc::clone(&shared), Arc::clone(&proxy), stopped.clone());
                accepting.spawn(accept(shared, proxy, listener, socket, stopped));
            }
            Err(problem) => tracing::error!(%problem, address = %listener.addr, "cannot listen"),
        }
    }
    let mut running = Vec::new();
    while let Some(ended) = accepting.join_next().await {
        running.extend(ended.ok());
    }
    // Wakes connections that wait for a next request, so that they close at once.
    proxy.cleanup().await;
    let finish = async {
        for mut connections in running {
            while connections.join_next().await.is_some() {}
        }
    };
    if tokio::time::timeout(PARTING, finish).await.is_err() {
        tracing::info!("exchanges still running at the end of the grace period were cut");
    }
}

fn build_proxy(gateway: Arc<Gateway>) -> HttpProxy<Proxy> {
    let conf = ServerConf {
        max_retries: 4,
        upstream_keepalive_pool_size: 512,
        ..ServerConf::default()
    };
    let mut proxy = http_proxy(&Arc::new(conf), Proxy::new(gateway));
    let mut h2 = default_h2_options();
    h2.max_concurrent_streams(H2_STREAMS)
        .max_header_list_size(64 * 1024)
        .initial_window_size(H2_STREAM_WINDOW)
        .initial_connection_window_size(H2_CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(20)
        .max_concurrent_reset_streams(50)
        .max_local_error_reset_streams(Some(200));
    proxy.h2_options = Some(h2);
    let mut options = HttpServerOptions::default();
    options.h2_idle_timeout = Some(Duration::from_secs(300));
    options.keepalive_request_limit = Some(10_000);
    proxy.server_options = Some(options);
    proxy
}

type Accepted = tokio::task::JoinSet<()>;

async fn accept(
    shared: Arc<Shared>,
    proxy: Arc<HttpProxy<Proxy>>,
    listener: Listener,
    socket: TcpListener,
    mut stopped: watch::Receiver<bool>,
) -> Accepted {
    let mut connections = Accepted::new();
    loop {
        let next = tokio::select! {
            biased;
            _ = stopped.wait_for(|stop| *stop) => return connections,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            next = socket.accept() => next,
        };
        let (tcp, peer) = match next {
            Ok(accepted) => accepted,
            Err(problem) => {
                // Out of descriptors: accepting at once again would spin.
                tracing::warn!(%problem, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        let trusted = shared.gateway.trusts(address);
        let Some(place) = shared.limits.enter(address, trusted) else {
            shared.gateway.metrics.connection_refused();
            continue;
        };
        let (shared, proxy, stopped) = (Arc::clone(&shared), Arc::clone(&proxy), stopped.clone());
        connections.spawn(run(shared, proxy, listener.kind, tcp, peer, place, stopped));
    }
}

async fn run(
    shared: Arc<Shared>,
    proxy: Arc<HttpProxy<Proxy>>,
    kind: ListenerKind,
    tcp: TcpStream,
    peer: SocketAddr,
    place: Place,
    stopped: watch::Receiver<bool>,
) {
    let _place = place;
    let Some(stream) = prepare(&shared, kind, tcp, peer).await else {
        return;
    };
    let connection = Arc::clone(stream.connection());
    let _registered = shared.gateway.connections.register(&connection);
    let stream: Stream = Box::new(stream);
    let deadline = shared.gateway.settings.limits.header_deadline;
    // A task of its own, so that each of its many wake-ups does not look at the watchmen as well.
    let work = async move { proxy.process_new(stream, &stopped).await };
    let work = AbortOnDropHandle::new(tokio::spawn(work));
    tokio::select! {
        biased;
        () = connection.cut.cancelled() => {}
        why = connection.overdue(deadline) => if why == Overdue::Head {
            shared.gateway.metrics.head_overdue();
        },
        _ = work => {}
    }
}

async fn prepare(
    shared: &Shared,
    kind: ListenerKind,
    tcp: TcpStream,
    peer: SocketAddr,
) -> Option<ClientStream> {
    let digest = SocketDigest::from_raw_fd(tcp.as_raw_fd());
    // Known already: saves pingora a system call per request.
    let _ = digest.peer_addr.set(Some(L4Address::Inet(peer)));
    let mut l4 = L4Stream::from(tcp);
    let _ = l4.set_nodelay();
    l4.set_socket_digest(digest);
    let digest = l4.get_socket_digest()?;
    if kind != ListenerKind::Https {
        let connection = Connection::new(peer, kind, None, digest);
        return Some(ClientStream::plain(l4, connection));
    }
    let acceptor = TlsAcceptor::from(Arc::clone(shared.tls.as_ref()?));
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(l4)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(_)) | Err(_) => {
            shared.gateway.metrics.handshake_failed();
            return None;
        }
    };
    let name = stream
        .get_ref()
        .1
        .server_name()
        .map(str::to_ascii_lowercase);
    let connection = Connection::new(peer, kind, name, digest);
    Some(ClientStream::tls(stream, connection))
}
