//! Whether the servers behind us are alive: resolved and asked at an interval, off every request's
//! path.
//!
//! A check only steers the choice of a server; it never refuses a request by itself (`App::peer`).

use std::sync::Arc;

use http::Method;
use pingora::http::RequestHeader;

use crate::app::{App, Server};

/// Resolves all servers of an app once. Returns how many have an address.
pub async fn resolve(app: &App) -> usize {
    let mut known = 0;
    for server in app.servers() {
        known += usize::from(server.resolve().await.is_some());
    }
    known
}

/// Checks all servers of an app for ever.
pub async fn watch(app: Arc<App>) {
    loop {
        for server in app.servers() {
            let healthy = check(&app, server).await.is_ok();
            if server.note_health(healthy) {
                let (name, host) = (app.name().as_str(), server.upstream.host.as_str());
                if healthy {
                    tracing::info!(app = name, upstream = host, "upstream is back");
                } else {
                    tracing::warn!(app = name, upstream = host, "upstream does not answer");
                }
            }
        }
        tokio::time::sleep(app.settings.health.every).await;
    }
}

/// Why a check failed, in words for `anteroom check`.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    /// The name has no address.
    #[error("the name cannot be resolved")]
    Name,
    /// No connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// No answer, or one of 500 and above.
    #[error("{0}")]
    Answer(String),
}

/// Asks one server. Returns the status it answered with, if it was asked for a page.
///
/// # Errors
/// See [`Unhealthy`].
pub async fn check(app: &App, server: &Server) -> Result<Option<u16>, Unhealthy> {
    let address = server.resolve().await.ok_or(Unhealthy::Name)?;
    let peer = app.peer_at(server, address);
    let health = &app.settings.health;
    let asking = async {
        let connected = app.connector.get_http_session(&peer).await;
        let (mut session, _) =
            connected.map_err(|problem| Unhealthy::Connect(problem.etype().as_str().to_owned()))?;
        let Some(path) = &health.path else {
            return Ok(None);
        };
        let host = app
            .settings
            .hosts
            .first()
            .map_or("localhost", String::as_str);
        let broken = |_| Unhealthy::Answer("the answer is broken".to_owned());
        let mut head = RequestHeader::build(Method::GET, path.as_bytes(), None).map_err(broken)?;
        // The same host as users ask for: some apps answer others with an error (`DESIGN-CASES`
        // 23).
        let host = match &app.settings.upstream_host {
            anteroom_config::settings::UpstreamHost::Preserve => host,
            anteroom_config::settings::UpstreamHost::Fixed(fixed) => fixed,
        };
        let _ = head.insert_header("Host", host);
        let _ = head.insert_header("Connection", "close");
        session
            .write_request_header(Box::new(head))
            .await
            .map_err(broken)?;
        session.read_response().await.map_err(broken)?;
        let status = session
            .resp_header()
            .map_or(0, |found| found.status.as_u16());
        if (100..500).contains(&status) {
            Ok(Some(status))
        } else {
            Err(Unhealthy::Answer(format!("answered with status {status}")))
        }
    };
    tokio::time::timeout(health.timeout, asking)
        .await
        .unwrap_or_else(|_| Err(Unhealthy::Answer("no answer in time".to_owned())))
}
