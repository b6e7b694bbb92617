//! The yardstick: the same pingora, the same accept loop and threads, and no checks at all.
//! Built into the same binary with the same allocator and profile, so that only our work differs.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use pingora::Result;
use pingora::apps::ServerApp;
use pingora::protocols::l4::stream::Stream as L4Stream;
use pingora::protocols::{GetSocketDigest, SocketDigest};
use pingora::proxy::{ProxyHttp, Session, http_proxy};
use pingora::server::configuration::ServerConf;
use pingora::upstreams::peer::HttpPeer;
use socket2::{Domain, Protocol, Socket, Type};

struct Bare {
    upstream: SocketAddr,
}

#[async_trait]
impl ProxyHttp for Bare {
    type CTX = ();

    fn new_ctx(&self) {}

    fn init_downstream_modules(&self, _: &mut pingora::modules::http::HttpModules) {}

    async fn upstream_peer(&self, _: &mut Session, (): &mut ()) -> Result<Box<HttpPeer>> {
        let mut peer = HttpPeer::new(self.upstream, false, String::new());
        peer.options.idle_timeout = Some(std::time::Duration::from_secs(4));
        Ok(Box::new(peer))
    }
}

/// Serves for ever: `serve-bare PORT UPSTREAM THREADS`.
pub fn serve(words: &[String]) {
    let port: u16 = words[0].parse().unwrap();
    let upstream: SocketAddr = words[1].parse().unwrap();
    let threads: usize = words[2].parse().unwrap();
    let workers: Vec<_> = (0..threads)
        .map(|_| std::thread::spawn(move || worker(port, upstream)))
        .collect();
    for worker in workers {
        let _ = worker.join();
    }
}

fn worker(port: u16, upstream: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async move {
        let address: SocketAddr = ([127, 0, 0, 1], port).into();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
        socket.set_reuse_address(true).unwrap();
        socket.set_reuse_port(true).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket.bind(&address.into()).unwrap();
        socket.listen(1024).unwrap();
        let listener = tokio::net::TcpListener::from_std(socket.into()).unwrap();
        let conf = ServerConf {
            upstream_keepalive_pool_size: 512,
            ..ServerConf::default()
        };
        let proxy = Arc::new(http_proxy(&Arc::new(conf), Bare { upstream }));
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        loop {
            let (tcp, peer) = listener.accept().await.unwrap();
            let (proxy, stopped) = (Arc::clone(&proxy), stopped.clone());
            tokio::spawn(async move {
                use std::os::fd::AsRawFd;
                let digest = SocketDigest::from_raw_fd(tcp.as_raw_fd());
                let peer = pingora::protocols::l4::socket::SocketAddr::Inet(peer);
                let _ = digest.peer_addr.set(Some(peer));
                let mut stream = L4Stream::from(tcp);
                let _ = stream.set_nodelay();
                stream.set_socket_digest(digest);
                proxy.process_new(Box::new(stream), &stopped).await;
            });
        }
    });
}
