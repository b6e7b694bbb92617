//! What `./dev demo` serves, for real browsers: the demonstration EMR and the gateway before it, by
//! the demonstration's own configuration, over plain HTTP on loopback and in real time.
//!
//! Never opens a browser: by which name it comes here is the story's to say.

use std::net::SocketAddr;
use std::sync::Arc;

use anteroom::demo::DemoEmr;
use anteroom::{compose, demo_config};
use anteroom_config::ambient::{Ambient, SystemClock, entropy};
use anteroom_gateway::Running;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// The demonstration, running.
pub struct Demonstration {
    running: Running,
    /// Its store and keys; gone with it.
    _dir: TempDir,
}

impl Demonstration {
    /// Starts it. The port is chosen before, because it stands in the origin of passkeys.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let emr = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let upstream = emr.local_addr().expect("bound");
        let served = DemoEmr::new(b"a fixed seed for tests");
        tokio::spawn(async move { served.serve(emr, std::future::pending()).await });
        let ambient = Ambient {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(entropy),
            config_file: None,
            credentials: None,
        };
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let listen = free.local_addr().expect("bound");
        drop(free);
        let settings = demo_config::settings(listen, upstream, dir.path()).expect("it is sound");
        let running = compose::start(settings, &ambient)
            .await
            .expect("the gateway starts");
        Self { running, _dir: dir }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.addresses[0]
    }

    /// Stops it in an orderly way.
    pub async fn stop(self) {
        tokio::task::spawn_blocking(move || self.running.stop())
            .await
            .expect("it stops");
    }
}
