//! The webhook: one signed request for each notice, to a program of the operator's own.
//!
//! Signed so that the receiver knows who writes and that nothing was changed or kept back and sent
//! again later. No code, no address of mail, no patient. Redirects are not followed: the answer is
//! the receiver's, or it failed.

use std::sync::Arc;

use anteroom_config::secret_file;
use anteroom_config::settings::WebhookSettings;
use anteroom_core::time::Timestamp;
use anteroom_store::{Leased, Message};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use ring::hmac;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::trouble::Trouble;

/// The field that carries moment and signature.
pub const SIGNATURE: &str = "anteroom-signature";

/// The body of a notice; `None` for what goes by mail only.
#[must_use]
pub fn body(leased: &Leased) -> Option<String> {
    let Message::Notice(notice) = &leased.message else {
        return None;
    };
    let body = json!({
        "id": leased.id.0,
        "kind": notice.name(),
        "at": leased.at.rfc3339(),
        "app": leased.app,
        "subscriber": leased.name,
        "reference": leased.reference,
    });
    Some(body.to_string())
}

/// `t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY` under the secret.
#[must_use]
pub fn signature(secret: &str, body: &str, now: Timestamp) -> String {
    let seconds = now.as_secs();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", HEXLOWER.encode(tag.as_ref()))
}

/// Sends one body. `Ok` means an answer of 2xx.
///
/// # Errors
/// Why it did not arrive, or was not taken.
pub async fn send(settings: &WebhookSettings, body: String, now: Timestamp) -> Result<(), Trouble> {
    let secret = secret_file::read(&settings.secret_file).map_err(|_| Trouble::File)?;
    let signed = signature(&secret, &body, now);
    let exchange = async {
        let to = (settings.host.as_str(), settings.port);
        let stream = TcpStream::connect(to)
            .await
            .map_err(|_| Trouble::Unreachable)?;
        if settings.https {
            let name = ServerName::try_from(settings.host.clone()).map_err(|_| Trouble::Tls)?;
            let connector = TlsConnector::from(Arc::new(tls(settings)?));
            let stream = connector.connect(name, stream).await;
            let stream = stream.map_err(|error| Trouble::of_chain(&error))?;
            post(settings, TokioIo::new(stream), body, &signed).await
        } else {
            post(settings, TokioIo::new(stream), body, &signed).await
        }
    };
    tokio::time::timeout(settings.timeout, exchange)
        .await
        .map_err(|_| Trouble::Timeout)?
}

async fn post<S>(
    settings: &WebhookSettings,
    stream: TokioIo<S>,
    body: String,
    signed: &str,
) -> Result<(), Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sender, connection) = http1::handshake(stream)
        .await
        .map_err(|error| Trouble::of_chain(&error))?;
    let request = http::Request::post(settings.path.as_str())
        .header(http::header::HOST, authority(settings))
        .header(http::header::CONTENT_TYPE, "application/json")
        .header(http::header::USER_AGENT, "anteroom")
        .header(SIGNATURE, signed)
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| Trouble::Unwritten)?;
    let asked = sender.send_request(request);
    tokio::pin!(connection, asked);
    // Nothing else drives the connection; both are dropped, and it closed, when the head is here.
    let answer = tokio::select! {
        answer = &mut asked => answer,
        ended = &mut connection => match ended {
            Err(error) => return Err(Trouble::of_chain(&error)),
            Ok(()) => asked.await,
        },
    };
    let status = answer.map_err(|error| Trouble::of_chain(&error))?.status();
    if status.is_success() {
        Ok(())
    } else {
        Err(Trouble::Refused(status.as_u16()))
    }
}

fn authority(settings: &WebhookSettings) -> String {
    let usual = if settings.https { 443 } else { 80 };
    let host = if settings.host.contains(':') {
        format!("[{}]", settings.host)
    } else {
        settings.host.clone()
    };
    if settings.port == usual {
        host
    } else {
        format!("{host}:{}", settings.port)
    }
}

fn tls(settings: &WebhookSettings) -> Result<ClientConfig, Trouble> {
    let mut roots = RootCertStore::empty();
    match &settings.ca_file {
        Some(file) => {
            let pem = std::fs::read(file).map_err(|_| Trouble::File)?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|_| Trouble::File)?;
                roots.add(certificate).map_err(|_| Trouble::File)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Trouble::Tls)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_moment_and_body() {
        // Computed with: printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        let signed = signature("secret", "{}", Timestamp::from_secs(1_700_000_000));
        let expected =
            "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163";
        assert_eq!(signed, expected);
    }
}
