//! Health and metrics, on a listener that the public never reaches.
//!
//! `/live` says that the process runs; `/ready` that the store answers and every app has a server;
//! `/metrics` is for Prometheus. Nothing here names a person, a path or an address.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use tokio::net::TcpListener;

use crate::gateway::Gateway;

/// Serves the private listener for ever.
///
/// # Errors
/// When the socket breaks.
pub async fn serve(gateway: Arc<Gateway>, listener: TcpListener) -> std::io::Result<()> {
    let router = Router::new()
        .route("/live", get(|| async { "live\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(gateway);
    axum::serve(listener, router).await
}

async fn ready(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    let mut problems = Vec::new();
    if gateway.store.ping().await.is_err() {
        problems.push("the store does not answer".to_owned());
    }
    for app in gateway.apps() {
        if app.peer().is_none() {
            problems.push(format!("app {}: no upstream has an address", app.name()));
        } else if !app.servers().iter().any(crate::app::Server::was_asked) {
            problems.push(format!("app {}: no upstream was asked yet", app.name()));
        } else if !app.servers().iter().any(crate::app::Server::is_healthy) {
            problems.push(format!("app {}: no upstream answers", app.name()));
        }
    }
    if problems.is_empty() {
        (StatusCode::OK, "ready\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n")
    }
}

async fn metrics(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    gateway.metrics.set_sessions(gateway.sessions.count());
    let down = |app: &Arc<crate::app::App>| {
        app.servers()
            .iter()
            .filter(|server| !server.is_healthy())
            .count()
    };
    gateway
        .metrics
        .set_upstreams_down(gateway.apps().iter().map(down).sum());
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], gateway.metrics.text())
}
