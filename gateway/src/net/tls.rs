//! Certificates towards browsers: chosen by SNI, reloaded without a restart.
//!
//! A bad file never replaces a good one: [`Certificates::reload`] builds everything first and swaps
//! last. No certificate is a default: a handshake without a known name fails (attack A09). Never
//! listens (`listen`).

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anteroom_config::certificates;
use anteroom_config::settings::CertificateFiles;
use arc_swap::ArcSwap;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};

/// Why certificates could not be loaded. Names the file, never its content.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file could not be read or holds no PEM of the kind.
    #[error("{file}: {problem}")]
    File {
        /// Which file.
        file: String,
        /// What was wrong.
        problem: String,
    },
    /// Two files each fine, but not for one another.
    #[error("{file}: the certificate and the key do not belong together")]
    Mismatch {
        /// The certificate.
        file: String,
    },
}

type ByName = HashMap<String, Arc<CertifiedKey>>;

/// The certificates in use.
pub struct Certificates {
    files: Vec<CertificateFiles>,
    hosts: Vec<String>,
    by_name: ArcSwap<ByName>,
}

impl Certificates {
    /// Loads all files. Each host gets the first certificate that names it.
    ///
    /// # Errors
    /// When a file cannot be read, is not PEM, or key and certificate do not match.
    pub fn load(
        files: &[CertificateFiles],
        hosts: Vec<String>,
    ) -> Result<Arc<Self>, CertificateError> {
        let by_name = ArcSwap::from_pointee(read_all(files, &hosts)?);
        Ok(Arc::new(Self {
            files: files.to_vec(),
            hosts,
            by_name,
        }))
    }

    /// Loads the files again. On any problem the certificates in use stay.
    ///
    /// # Errors
    /// As [`Certificates::load`].
    pub fn reload(&self) -> Result<usize, CertificateError> {
        let fresh = read_all(&self.files, &self.hosts)?;
        let count = fresh.len();
        self.by_name.store(Arc::new(fresh));
        Ok(count)
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificates")
            .field("names", &self.by_name.load().len())
            .finish()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_ascii_lowercase();
        self.by_name.load().get(&name).cloned()
    }
}

/// The TLS side of a listener: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
///
/// # Errors
/// When the built-in cryptography refuses the protocol versions, which would be a broken build.
pub fn server_config(certificates: Arc<Certificates>) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read_all(files: &[CertificateFiles], hosts: &[String]) -> Result<ByName, CertificateError> {
    let mut by_name = ByName::new();
    for pair in files {
        let key = Arc::new(read_pair(pair)?);
        let names = certificates::read(pair).map_err(|problem| CertificateError::File {
            file: pair.certificate.display().to_string(),
            problem: problem.to_string(),
        })?;
        for host in hosts.iter().filter(|host| names.covers(host)) {
            by_name
                .entry(host.clone())
                .or_insert_with(|| Arc::clone(&key));
        }
    }
    for host in hosts.iter().filter(|host| !by_name.contains_key(*host)) {
        tracing::warn!(
            host,
            "no certificate names this host: browsers cannot connect to it"
        );
    }
    Ok(by_name)
}

fn read_pair(pair: &CertificateFiles) -> Result<CertifiedKey, CertificateError> {
    let wrong = |file: &Path, problem: &dyn std::fmt::Display| CertificateError::File {
        file: file.display().to_string(),
        problem: problem.to_string(),
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&pair.certificate)
        .and_then(Iterator::collect)
        .map_err(|problem| wrong(&pair.certificate, &problem))?;
    if chain.is_empty() {
        return Err(wrong(
            &pair.certificate,
            &"holds no certificate in PEM form",
        ));
    }
    let key =
        PrivateKeyDer::from_pem_file(&pair.key).map_err(|problem| wrong(&pair.key, &problem))?;
    let key = rustls::crypto::ring::sign::any_supported_type(&key)
        .map_err(|problem| wrong(&pair.key, &problem))?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok(certified)
        }
        Err(_) => Err(CertificateError::Mismatch {
            file: pair.certificate.display().to_string(),
        }),
    }
}
