//! Listening: one address of its own, with TLS or on loopback, in whichever process wants it.
//!
//! Knows no route. Never shares a socket, a cookie or a table of sessions with the gateway.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anteroom_config::ambient::Ambient;
use anteroom_config::settings::{AdminSettings, CertificateFiles, Settings};
use anteroom_store::Store;
use axum::extract::DefaultBodyLimit;
use axum_server::tls_rustls::RustlsConfig;
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::web::guard::guard;
use crate::{Admin, retention, routes};
use tokio::task::JoinHandle;

/// The largest form: a list of new staff.
const LARGEST_FORM: usize = 1 << 20;
/// How long the head of a request may take: nobody holds connections open by dripping one.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// How long running requests may take after a stop.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why the admin app did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("the admin app cannot listen on {addr}: {problem}")]
    Listen {
        /// Which address.
        addr: SocketAddr,
        /// What the system said.
        problem: std::io::Error,
    },
    /// The certificate cannot be used. Names the file, never its content.
    #[error("the admin app's certificate {file}: {problem}")]
    Certificate {
        /// Which file.
        file: String,
        /// What was wrong.
        problem: String,
    },
}

/// A running admin app.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    handle: Handle<SocketAddr>,
    tls: Option<(RustlsConfig, CertificateFiles)>,
    serving: JoinHandle<std::io::Result<()>>,
    keeping: JoinHandle<()>,
    store: Store,
}

impl Running {
    /// Stops listening; running requests may finish, for two seconds. Closes the store it was
    /// given.
    pub async fn stop(self) {
        self.keeping.abort();
        self.handle.graceful_shutdown(Some(PATIENCE));
        let _ended = self.serving.await;
        self.store.close().await;
    }

    /// Reads the certificate again. On any problem the one in use stays.
    ///
    /// # Errors
    /// When the files cannot be used.
    pub fn reload_certificate(&self) -> Result<(), StartError> {
        if let Some((config, files)) = &self.tls {
            config.reload_from_config(tls_config(files)?);
        }
        Ok(())
    }
}

/// Starts the admin app on the current runtime.
///
/// # Errors
/// When the address or the certificate cannot be used; nothing is left running then.
pub async fn start(
    settings: &Settings,
    mine: &AdminSettings,
    store: Store,
    ambient: &Ambient,
) -> Result<Running, StartError> {
    let addr = mine.addr;
    let refuse = |problem| StartError::Listen { addr, problem };
    let tls = match &mine.tls {
        Some(files) => Some((RustlsConfig::from_config(tls_config(files)?), files.clone())),
        None => None,
    };
    let listener = std::net::TcpListener::bind(addr).map_err(refuse)?;
    listener.set_nonblocking(true).map_err(refuse)?;
    let address = listener.local_addr().map_err(refuse)?;
    let admin = Arc::new(Admin::new(
        settings.clone(),
        mine.clone(),
        store.clone(),
        ambient,
    ));
    let keeping = tokio::spawn(retention::keep(admin.clone()));
    let (router, _lines) = routes::all().into_parts();
    let service = router
        .fallback(routes::nowhere)
        .method_not_allowed_fallback(routes::other_method)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(axum::middleware::from_fn_with_state(admin.clone(), guard))
        .with_state(admin)
        .into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let serving = match &tls {
        Some((config, _files)) => {
            let server = axum_server::from_tcp_rustls(listener, config.clone());
            let server = bounded(server.map_err(refuse)?.handle(handle.clone()));
            tokio::spawn(async move { server.serve(service).await })
        }
        None => {
            let server = axum_server::from_tcp(listener);
            let server = bounded(server.map_err(refuse)?.handle(handle.clone()));
            tokio::spawn(async move { server.serve(service).await })
        }
    };
    Ok(Running {
        address,
        handle,
        tls,
        serving,
        keeping,
        store,
    })
}

/// HTTP/1.1 only, and no head may be dripped.
fn bounded<A>(server: Server<SocketAddr, A>) -> Server<SocketAddr, A> {
    let mut server = server.http1_only();
    let mut http1 = server.http_builder().http1();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN);
    server
}

fn tls_config(files: &CertificateFiles) -> Result<Arc<ServerConfig>, StartError> {
    let refuse = |file: &std::path::Path, problem: String| StartError::Certificate {
        file: file.display().to_string(),
        problem,
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(|problem| refuse(&files.certificate, problem.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|problem| refuse(&files.key, problem.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|problem| refuse(&files.certificate, problem.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|problem| refuse(&files.certificate, problem.to_string()))?;
    Ok(Arc::new(config))
}
