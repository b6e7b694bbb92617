//! Certificates of the `https` listeners: read, matched with their keys, and what they say of
//! themselves.
//!
//! Chooses no certificate for a connection: the gateway does, by the names found here. Never
//! shows a private key; what an operator should know about a certificate is said in
//! [`crate::inspect`].

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use anteroom_core::time::Timestamp;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use x509_parser::extensions::GeneralName;

use crate::ambient::read_secret;
use crate::settings::CertificateFiles;

/// A chain of a dozen certificates; a longer file is a wrong path.
const AT_MOST: u64 = 256 * 1024;

/// A certificate that may be served.
#[derive(Clone)]
pub struct Certificate {
    /// Chain and key, known to belong together.
    pub certified: CertifiedKey,
    /// The names it is for: host names in lower case, perhaps `*.clinic.test`, and addresses.
    pub names: Vec<String>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// Whether browsers accept it for `host` (lower-case, no port).
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let below = host.split_once('.').map(|(_, below)| below);
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            // RFC 6125: a wildcard stands for exactly one label.
            Some(parent) => below == Some(parent),
            None => name == host,
        })
    }
}

/// Why a certificate cannot be served. Never holds a key.
#[derive(Debug, Error)]
pub enum CertificateProblem {
    /// A file cannot be read.
    #[error("{}: cannot be read ({error})", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file holds no certificate.
    #[error("{}: holds no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    /// A file holds no private key that can be used.
    #[error("{}: holds no usable private key in PEM form (encrypted keys are not)", .0.display())]
    NoKey(PathBuf),
    /// Certificate and key are not a pair.
    #[error("{}: the key does not belong to the first certificate", .0.display())]
    Mismatch(PathBuf),
    /// The certificate cannot be understood.
    #[error("{}: the first certificate cannot be read as X.509", .0.display())]
    Malformed(PathBuf),
}

/// Reads a certificate with its chain and key.
///
/// # Errors
/// When a file is missing or malformed, or the two do not belong together.
pub fn read(files: &CertificateFiles) -> Result<Certificate, CertificateProblem> {
    let text = |path: &PathBuf| {
        read_secret(path, AT_MOST).map_err(|error| CertificateProblem::Io {
            path: path.clone(),
            error,
        })
    };
    let no_certificate = || CertificateProblem::NoCertificate(files.certificate.clone());
    let chain_text = text(&files.certificate)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain_text.as_bytes()).collect();
    let chain = chain
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(no_certificate)?;
    let no_key = || CertificateProblem::NoKey(files.key.clone());
    let key = PrivateKeyDer::from_pem_slice(text(&files.key)?.as_bytes()).map_err(|_| no_key())?;
    let signer = default_provider()
        .key_provider
        .load_private_key(key)
        .map_err(|_| no_key())?;
    let said = said_by(&chain[0]);
    let (names, not_before, not_after) =
        said.ok_or_else(|| CertificateProblem::Malformed(files.certificate.clone()))?;
    let certified = CertifiedKey::new(chain, signer);
    match certified.keys_match() {
        Ok(()) => Ok(Certificate {
            certified,
            names,
            not_before,
            not_after,
        }),
        Err(_) => Err(CertificateProblem::Mismatch(files.key.clone())),
    }
}

/// Names and validity. The common name does not count: browsers stopped looking at it in 2017.
fn said_by(certificate: &CertificateDer<'_>) -> Option<(Vec<String>, Timestamp, Timestamp)> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let validity = parsed.validity();
    let alternative = parsed.subject_alternative_name().ok()?;
    let general = alternative
        .map(|names| names.value.general_names.clone())
        .unwrap_or_default();
    let names = general.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    });
    let moment = |time: x509_parser::time::ASN1Time| Timestamp::from_secs(time.timestamp());
    Some((
        names.collect(),
        moment(validity.not_before),
        moment(validity.not_after),
    ))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}
