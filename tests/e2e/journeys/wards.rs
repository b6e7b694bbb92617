//! Wardbook on a port of its own, for plans with more than one app, or with anything before them.
//! `Clinic::with_demo` is the short way where one app is enough.

use anteroom::demo::{DemoEmr, Record};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running Wardbook. Ends when dropped.
pub struct Ward {
    pub demo: DemoEmr,
    pub record: Record,
    /// `http://127.0.0.1:port`.
    pub upstream: String,
    served: JoinHandle<()>,
}

impl Ward {
    pub async fn open() -> Self {
        Self::of(DemoEmr::new(b"a fixed seed for wards")).await
    }

    /// Another server of the same hospital.
    pub async fn of(demo: DemoEmr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::on(demo, listener)
    }

    pub fn on(demo: DemoEmr, listener: TcpListener) -> Self {
        let upstream = format!("http://{}", listener.local_addr().expect("bound"));
        let record = demo.with_record();
        let hospital = demo.clone();
        let served = tokio::spawn(async move {
            let _ = hospital.serve(listener, std::future::pending()).await;
        });
        Self { demo, record, upstream, served }
    }

    /// Pulls the plug: the port is closed and connections go.
    pub async fn dies(mut self) {
        self.served.abort();
        let _ = (&mut self.served).await;
    }
}

impl Drop for Ward {
    fn drop(&mut self) {
        self.served.abort();
    }
}
