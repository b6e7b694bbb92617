//! One question to an app, as an anonymous visitor would ask it through us.
//!
//! Goes through the app's own connector, so that TLS, names and timeouts are those of the real
//! thing. Sends no cookie and no password, and follows no redirect by itself.

use anteroom_config::settings::{Settings, UpstreamHost};
use anteroom_core::outcome::BODY_PREFIX;
use anteroom_gateway::App;
use http::header::{CONTENT_ENCODING, LOCATION};
use http::{HeaderMap, Request};

/// Whom to ask, and how.
pub struct Asked<'a> {
    /// The app.
    pub app: &'a App,
    /// Which of its servers, in the order of the configuration.
    pub server: usize,
    /// Browsers reach us over TLS.
    pub secure: bool,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The fields.
    pub headers: HeaderMap,
    /// The beginning of the body; `None` when it is compressed, which we asked it not to be.
    pub text: Option<String>,
}

impl Answer {
    /// Path and query that it redirects to, on the app's own host or wherever it says.
    pub fn redirect(&self) -> Option<&str> {
        let is_redirect = (300..400).contains(&self.status);
        self.headers
            .get(LOCATION)
            .filter(|_| is_redirect)?
            .to_str()
            .ok()
    }
}

/// Why no connection comes about, as exactly as TLS or the system says; `None` when one does.
pub async fn obstacle(app: &App, server: usize) -> Option<String> {
    let server = app.servers().get(server)?;
    let peer = app.peer_at(server, server.resolve().await?);
    let problem = app.connector.get_http_session(&peer).await.err()?;
    Some(innermost(&problem.to_string()))
}

/// The last cause in a chain of them, without the engine's notes on addresses.
fn innermost(chain: &str) -> String {
    let mut causes = chain.rsplit("cause: ").map(str::trim);
    let cause = causes
        .find(|cause| !cause.starts_with("local address"))
        .unwrap_or(chain);
    cause.split(", SNI:").next().unwrap_or(cause).to_owned()
}

impl<'a> Asked<'a> {
    /// An app as browsers ask it.
    pub fn new(settings: &Settings, app: &'a App, server: usize) -> Self {
        use anteroom_config::settings::ListenerKind;

        let secure = settings
            .listeners
            .iter()
            .any(|known| known.kind == ListenerKind::Https);
        Self {
            app,
            server,
            secure,
        }
    }

    /// The host that a browser would name.
    pub fn host(&self) -> &str {
        self.app
            .settings
            .hosts
            .first()
            .map_or("localhost", String::as_str)
    }

    /// Asks for one page.
    ///
    /// # Errors
    /// In words, when there is no answer.
    pub async fn get(&self, path: &str) -> Result<Answer, String> {
        let timeouts = &self.app.settings.timeouts;
        let within = timeouts.connect + timeouts.read.min(std::time::Duration::from_secs(10));
        match tokio::time::timeout(within, self.exchange(path)).await {
            Ok(answered) => answered,
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    async fn exchange(&self, path: &str) -> Result<Answer, String> {
        let server = self
            .app
            .servers()
            .get(self.server)
            .ok_or("there is no server")?;
        let address = server
            .resolve()
            .await
            .ok_or("the name cannot be resolved")?;
        let peer = self.app.peer_at(server, address);
        let connected = self.app.connector.get_http_session(&peer).await;
        let (mut session, _) =
            connected.map_err(|problem| format!("no connection: {}", problem.etype().as_str()))?;
        let head = self.head(path)?;
        let broken = "the answer is no HTTP";
        session
            .write_request_header(Box::new(head.into()))
            .await
            .map_err(|_| broken)?;
        session.finish_body().await.map_err(|_| broken)?;
        loop {
            session.read_response().await.map_err(|_| broken)?;
            let head = session.resp_header().ok_or(broken)?;
            if !head.status.is_informational() {
                break;
            }
        }
        let head = session.resp_header().ok_or(broken)?;
        let (status, headers) = (head.status.as_u16(), head.headers.clone());
        let mut body = Vec::new();
        while body.len() < BODY_PREFIX {
            match session.read_body_bytes().await {
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                Ok(None) => break,
                Err(_) => return Err("the answer breaks off".to_owned()),
            }
        }
        body.truncate(BODY_PREFIX);
        let encoded = headers
            .get(CONTENT_ENCODING)
            .is_some_and(|value| value != "identity");
        let text = (!encoded).then(|| String::from_utf8_lossy(&body).into_owned());
        Ok(Answer {
            status,
            headers,
            text,
        })
    }

    fn head(&self, path: &str) -> Result<http::request::Parts, String> {
        let host = match &self.app.settings.upstream_host {
            UpstreamHost::Preserve => self.host(),
            UpstreamHost::Fixed(fixed) => fixed,
        };
        let request = Request::get(path)
            .header("Host", host)
            .header(
                "User-Agent",
                concat!("anteroom-check/", env!("CARGO_PKG_VERSION")),
            )
            .header("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
            .header("Accept-Encoding", "identity")
            .header("X-Forwarded-For", "192.0.2.1")
            .header(
                "X-Forwarded-Proto",
                if self.secure { "https" } else { "http" },
            )
            .header("X-Forwarded-Host", self.host())
            .header("Connection", "close")
            .body(());
        match request {
            Ok(request) => Ok(request.into_parts().0),
            Err(_) => Err(format!("{path} cannot be asked for")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_cause_is_what_helps() {
        for (chain, said) in [
            (
                " TLSHandshakeFailure context: TLS connect() failed:  TLSHandshakeFailure context: \
                 tls connect error cause: invalid peer certificate: UnknownIssuer, SNI: a.test \
                 cause: local address 127.0.0.1:39014",
                "invalid peer certificate: UnknownIssuer",
            ),
            (
                "Upstream ConnectRefused context: Peer: a cause: Connection refused (os error 111)",
                "Connection refused (os error 111)",
            ),
            ("ConnectTimedout", "ConnectTimedout"),
        ] {
            assert_eq!(innermost(chain), said);
        }
    }
}
