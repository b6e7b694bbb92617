//! Starting and stopping: the only place where the gateway's pieces meet sockets, threads and each
//! other.
//!
//! Workers serve browsers, one thread each; one more thread follows the store, checks the upstreams
//! and serves the private listener. Never reads configuration files (`anteroom-config`) or opens
//! the store (`cli`).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anteroom_config::ambient::Ambient;
use anteroom_config::settings::{ListenerKind, Settings};
use anteroom_store::{Store, StoreError};
use tokio::sync::watch;

use crate::app::{App, AppError};
use crate::cookies::provider;
use crate::feed;
use crate::gateway::Gateway;
use crate::keys::Keys;
use crate::net::limits::ConnectionLimits;
use crate::net::listen::{Shared, Workers};
use crate::net::tls::{CertificateError, Certificates, server_config};
use crate::private;
use crate::sessions::ExchangeKind;
use crate::surroundings;
use crate::upstream::health;

/// How long the last activity may take to be written at a stop.
const LAST_WRITE: Duration = Duration::from_secs(3);

/// Why the gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address could not be bound, or a thread not started.
    #[error("{what}: {problem}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        problem: io::Error,
    },
    /// A certificate or key towards browsers.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A certificate or key towards an upstream.
    #[error(transparent)]
    App(#[from] AppError),
    /// The store.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// TLS itself.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The key file gave no key.
    #[error("there is no key to sign sessions with")]
    NoKey,
}

/// A gateway that serves.
pub struct Running {
    /// The addresses of the listeners, in the order of the settings.
    pub addresses: Vec<SocketAddr>,
    /// The address of the private listener.
    pub private: Option<SocketAddr>,
    gateway: Arc<Gateway>,
    certificates: Option<Arc<Certificates>>,
    workers: Workers,
    stop: watch::Sender<bool>,
    background: JoinHandle<()>,
}

/// Starts a gateway.
///
/// # Errors
/// See [`StartError`]. Nothing is left running then.
pub async fn start(
    settings: Settings,
    store: Store,
    keys: &[(String, [u8; 32])],
    ambient: Ambient,
) -> Result<Running, StartError> {
    provider::install();
    if keys.is_empty() {
        return Err(StartError::NoKey);
    }
    let apps = apps(&settings).await?;
    let last_revocation = store.revocation_last().await?;
    let certificates = certificates(&settings)?;
    let tls = certificates.clone().map(server_config).transpose()?;
    let limits = ConnectionLimits::new(
        settings.limits.connections,
        settings.limits.connections_per_client,
    );
    let listeners = settings.listeners.clone();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = settings.workers.unwrap_or(cores);
    let private = settings.private.map(bind_private).transpose()?;
    let private_address = private.as_ref().and_then(|socket| socket.local_addr().ok());
    let gateway = Arc::new(Gateway::new(
        settings,
        store,
        Keys::new(keys),
        ambient,
        &apps,
    ));
    let (stop, stopped) = watch::channel(false);
    let background = background(
        Arc::clone(&gateway),
        apps,
        private,
        last_revocation,
        stopped,
    )
    .map_err(|problem| StartError::Io {
        what: "background thread".into(),
        problem,
    })?;
    let shared = Arc::new(Shared {
        gateway: Arc::clone(&gateway),
        tls,
        limits,
    });
    let workers = Workers::start(&shared, &listeners, workers).map_err(|problem| {
        let _ = stop.send(true);
        let addresses: Vec<String> = listeners
            .iter()
            .map(|listener| listener.addr.to_string())
            .collect();
        let what = format!("listen on {}", addresses.join(", "));
        StartError::Io { what, problem }
    })?;
    let addresses = workers.addresses.clone();
    Ok(Running {
        addresses,
        private: private_address,
        gateway,
        certificates,
        workers,
        stop,
        background,
    })
}

async fn apps(settings: &Settings) -> Result<Vec<Arc<App>>, AppError> {
    let apps: Vec<Arc<App>> = settings
        .apps
        .iter()
        .cloned()
        .map(App::new)
        .collect::<Result<_, _>>()?;
    for app in &apps {
        health::resolve(app).await;
    }
    Ok(apps)
}

/// Each certificate serves the hosts of the apps; which one is decided by the names inside it when
/// several are given, in the order of the settings.
fn certificates(settings: &Settings) -> Result<Option<Arc<Certificates>>, StartError> {
    let https = settings
        .listeners
        .iter()
        .any(|listener| listener.kind == ListenerKind::Https);
    if !https {
        return Ok(None);
    }
    let hosts: Vec<String> = settings
        .apps
        .iter()
        .flat_map(|app| app.hosts.iter().cloned())
        .collect();
    Ok(Some(Certificates::load(&settings.certificates, hosts)?))
}

fn bind_private(address: SocketAddr) -> Result<std::net::TcpListener, StartError> {
    let bound = std::net::TcpListener::bind(address).and_then(|socket| {
        socket.set_nonblocking(true)?;
        Ok(socket)
    });
    bound.map_err(|problem| StartError::Io {
        what: format!("listen on {address}"),
        problem,
    })
}

fn background(
    gateway: Arc<Gateway>,
    apps: Vec<Arc<App>>,
    private: Option<std::net::TcpListener>,
    last_revocation: i64,
    mut stopped: watch::Receiver<bool>,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let work = move || {
        runtime.block_on(async move {
            let mut tasks = tokio::task::JoinSet::new();
            tasks.spawn(feed::revocations(Arc::clone(&gateway), last_revocation));
            tasks.spawn(feed::upkeep(Arc::clone(&gateway)));
            tasks.spawn(feed::checkpoints(Arc::clone(&gateway)));
            tasks.spawn(feed::idle_sockets(Arc::clone(&gateway)));
            tasks.spawn(feed::clock_jumps(Arc::clone(&gateway)));
            tasks.spawn(surroundings::emergencies(Arc::clone(&gateway)));
            tasks.spawn(feed::outbox(Arc::clone(&gateway)));
            for app in apps {
                tasks.spawn(health::watch(app));
            }
            if let Some(socket) = private {
                let gateway = Arc::clone(&gateway);
                tasks.spawn(async move {
                    let served = match tokio::net::TcpListener::from_std(socket) {
                        Ok(socket) => private::serve(gateway, socket).await,
                        Err(problem) => Err(problem),
                    };
                    if let Err(problem) = served {
                        tracing::error!(%problem, "the private listener stopped");
                    }
                });
            }
            let _ = stopped.wait_for(|stop| *stop).await;
            tasks.shutdown().await;
            let _ = tokio::time::timeout(LAST_WRITE, feed::write_activity(&gateway)).await;
        });
    };
    std::thread::Builder::new()
        .name("background".to_owned())
        .spawn(work)
}

impl Running {
    /// The gateway itself: its store, its sessions, its counters.
    #[must_use]
    pub fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// Reads the certificate files again. Returns how many names they serve; on any problem the
    /// certificates in use stay.
    ///
    /// # Errors
    /// See [`CertificateError`].
    pub fn reload_certificates(&self) -> Result<usize, CertificateError> {
        self.certificates
            .as_ref()
            .map_or(Ok(0), |certificates| certificates.reload())
    }

    /// Stops: no new connections, running exchanges finish for a while, activity is written.
    /// Blocks.
    pub fn stop(self) {
        // What has no end of its own would hold the stop until the grace period is over.
        self.gateway
            .sessions
            .each(|live| live.cut(Some(ExchangeKind::Endless), None));
        self.workers.stop();
        let _ = self.stop.send(true);
        let _ = self.background.join();
    }
}
