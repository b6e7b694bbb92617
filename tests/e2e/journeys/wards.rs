//! Wardbook on a port of its own, for plans with more than one app, or with anything before them.
//! `Clinic::with_demo` is the short way where one app is enough.

use anteroom::demo::{DemoEmr, Record};
use anteroom_tests::world::start::eventually;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

/// A running Wardbook. Ends when dropped.
pub struct Ward {
    pub demo: DemoEmr,
    pub record: Record,
    /// `http://127.0.0.1:port`.
    pub upstream: String,
    /// Its own, so that its death takes every connection along.
    machine: Option<Runtime>,
}

impl Ward {
    pub async fn open() -> Self {
        Self::of(DemoEmr::new(b"a fixed seed for wards")).await
    }

    /// Another server of the same hospital.
    pub async fn of(demo: DemoEmr) -> Self {
        Self::on(demo, 0)
    }

    /// On this port, where an earlier one died.
    pub fn on(demo: DemoEmr, port: u16) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        listener.set_nonblocking(true).expect("a socket of ours");
        let upstream = format!("http://{}", listener.local_addr().expect("bound"));
        let record = demo.with_record();
        let machine = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let machine = machine.expect("a thread");
        let hospital = demo.clone();
        machine.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a bound socket");
            let _ = hospital.serve(listener, std::future::pending()).await;
        });
        Self {
            demo,
            record,
            upstream,
            machine: Some(machine),
        }
    }

    pub fn port(&self) -> u16 {
        self.upstream
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok())
            .expect("a port")
    }

    /// Pulls the plug: the port is closed and connections go.
    pub async fn dies(mut self) {
        let port = self.port();
        self.unplug();
        eventually("the port is closed", async || {
            TcpStream::connect(("127.0.0.1", port)).await.is_err()
        })
        .await;
    }

    fn unplug(&mut self) {
        if let Some(machine) = self.machine.take() {
            machine.shutdown_background();
        }
    }
}

impl Drop for Ward {
    fn drop(&mut self) {
        self.unplug();
    }
}
