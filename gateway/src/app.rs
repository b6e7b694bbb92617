//! One protected app at run time: its settings and the servers behind it, resolved and watched.
//!
//! The address that a request goes to comes from here and never from the request. Names
//! are resolved at start and again with every health check, never on a request's path (pingora's
//! own resolution blocks and panics). Never reads requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anteroom_config::settings::{AppSettings, CertificateFiles, Upstream};
use anteroom_core::ids::AppName;
use arc_swap::ArcSwapOption;
use pingora::connectors::http::v1::Connector;
use pingora::upstreams::peer::{HttpPeer, Peer};
use pingora::utils::tls::{CertKey, WrappedX509, parse_x509};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ParsedCertificate;

use crate::pages::Brand;

/// One app.
pub struct App {
    /// What it was told.
    pub settings: AppSettings,
    /// Fresh connections for login exchanges: never pooled, so never stale and never shared.
    pub connector: Connector,
    /// How its pages look.
    pub brand: Brand,
    servers: Vec<Server>,
    next: AtomicUsize,
    tls: Option<TlsParts>,
}

/// One server of an app.
pub struct Server {
    /// Name and port as configured.
    pub upstream: Upstream,
    address: ArcSwapOption<SocketAddr>,
    healthy: AtomicBool,
    asked: AtomicBool,
}

struct TlsParts {
    server_name: Option<String>,
    ca: Option<Arc<[WrappedX509]>>,
    client: Option<Arc<CertKey>>,
}

/// Why an app could not be prepared.
#[derive(Debug, thiserror::Error)]
#[error("app {app}: {file}: {problem}")]
pub struct AppError {
    app: AppName,
    file: String,
    problem: String,
}

impl App {
    /// Prepares an app. Does not connect to anything.
    ///
    /// # Errors
    /// When a certificate or key file for its upstreams, or its logo, cannot be used.
    pub fn new(settings: AppSettings) -> Result<Arc<Self>, AppError> {
        let tls = match &settings.upstream_tls {
            None => None,
            Some(wanted) => Some(TlsParts {
                server_name: wanted.server_name.clone(),
                ca: match &wanted.ca_file {
                    None => None,
                    Some(file) => Some(read_authorities(&settings.name, file)?),
                },
                client: match &wanted.client_certificate {
                    None => None,
                    Some(files) => Some(Arc::new(read_client(&settings.name, files)?)),
                },
            }),
        };
        let server = |upstream: &Upstream| Server {
            upstream: upstream.clone(),
            address: ArcSwapOption::empty(),
            healthy: AtomicBool::new(true),
            asked: AtomicBool::new(false),
        };
        let servers = settings.upstreams.iter().map(server).collect();
        let connector = Connector::new(None);
        let brand = Brand::new(&settings.brand).map_err(|problem| AppError {
            app: settings.name.clone(),
            file: "logo".to_owned(),
            problem: problem.to_string(),
        })?;
        Ok(Arc::new(Self {
            settings,
            connector,
            brand,
            servers,
            next: AtomicUsize::new(0),
            tls,
        }))
    }

    /// The app's name.
    #[must_use]
    pub fn name(&self) -> &AppName {
        &self.settings.name
    }

    /// Its servers.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// Where the next request goes: round robin over healthy servers; when none is healthy, over
    /// all, because a check may be wrong and a refusal would be certain.
    #[must_use]
    pub fn peer(&self) -> Option<Box<HttpPeer>> {
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.servers.len();
        let at = |offset: usize| {
            self.servers
                .get((start.wrapping_add(offset)) % count.max(1))
        };
        let usable = |server: &&Server| server.address.load().is_some();
        let healthy = (0..count)
            .filter_map(at)
            .filter(usable)
            .find(|server| server.is_healthy());
        let chosen = healthy.or_else(|| (0..count).filter_map(at).find(usable))?;
        let address = **chosen.address.load().as_ref()?;
        Some(Box::new(self.peer_at(chosen, address)))
    }

    /// Leaves out the server of a peer that could not be reached, until a check finds it alive
    /// again. `false` when there is no other to ask.
    #[must_use]
    pub fn set_aside(&self, peer: &HttpPeer) -> bool {
        let address = peer.address().as_inet();
        let is_it = |server: &&Server| server.address.load().as_deref() == address;
        let another = self
            .servers
            .iter()
            .any(|server| server.is_healthy() && !is_it(&server));
        if another && let Some(server) = self.servers.iter().find(is_it) {
            let _ = server.note_health(false);
        }
        another
    }

    /// A peer for one address, with this app's TLS and timeouts.
    #[must_use]
    pub fn peer_at(&self, server: &Server, address: SocketAddr) -> HttpPeer {
        let name = self.tls.as_ref().map(|tls| {
            tls.server_name
                .clone()
                .unwrap_or_else(|| server.upstream.host.clone())
        });
        let mut peer = HttpPeer::new(address, self.tls.is_some(), name.unwrap_or_default());
        if let Some(tls) = &self.tls {
            peer.client_cert_key.clone_from(&tls.client);
            peer.options.ca.clone_from(&tls.ca);
        }
        let timeouts = &self.settings.timeouts;
        peer.options.connection_timeout = Some(timeouts.connect);
        peer.options.total_connection_timeout = Some(timeouts.connect);
        peer.options.read_timeout = Some(timeouts.read);
        peer.options.write_timeout = Some(timeouts.write);
        peer.options.idle_timeout = Some(timeouts.idle);
        peer
    }
}

impl Server {
    /// Whether the last check found it alive.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Acquire)
    }

    /// Whether it was asked at all.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// Notes a check's result; `true` when that is news.
    #[must_use]
    pub fn note_health(&self, healthy: bool) -> bool {
        self.asked.store(true, Ordering::Release);
        self.healthy.swap(healthy, Ordering::AcqRel) != healthy
    }

    /// Resolves its name. Keeps the last address when the name cannot be resolved any more.
    pub async fn resolve(&self) -> Option<SocketAddr> {
        let found =
            tokio::net::lookup_host((self.upstream.host.as_str(), self.upstream.port)).await;
        if let Ok(mut addresses) = found
            && let Some(address) = addresses.next()
        {
            self.address.store(Some(Arc::new(address)));
        }
        self.address.load().as_ref().map(|address| **address)
    }
}

fn read_authorities(app: &AppName, file: &std::path::Path) -> Result<Arc<[WrappedX509]>, AppError> {
    let wrong = |problem: &dyn std::fmt::Display| AppError {
        app: app.clone(),
        file: file.display().to_string(),
        problem: problem.to_string(),
    };
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|problem| wrong(&problem))?;
    if certificates.is_empty() {
        return Err(wrong(&"holds no certificate in PEM form"));
    }
    // pingora panics over bytes that are no certificate, so rustls looks at them first.
    for certificate in &certificates {
        ParsedCertificate::try_from(certificate).map_err(|problem| wrong(&problem))?;
    }
    let wrap = |der: CertificateDer<'static>| WrappedX509::new(der.to_vec(), parse_x509);
    Ok(certificates.into_iter().map(wrap).collect())
}

fn read_client(app: &AppName, files: &CertificateFiles) -> Result<CertKey, AppError> {
    let wrong = |file: &std::path::Path, problem: &dyn std::fmt::Display| AppError {
        app: app.clone(),
        file: file.display().to_string(),
        problem: problem.to_string(),
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|problem| wrong(&files.certificate, &problem))?;
    if chain.is_empty() {
        return Err(wrong(
            &files.certificate,
            &"holds no certificate in PEM form",
        ));
    }
    for certificate in &chain {
        ParsedCertificate::try_from(certificate)
            .map_err(|problem| wrong(&files.certificate, &problem))?;
    }
    let chain = chain.into_iter().map(|der| der.to_vec()).collect();
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|problem| wrong(&files.key, &problem))?;
    Ok(CertKey::new(chain, key.secret_der().to_vec()))
}
