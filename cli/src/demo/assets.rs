//! The style sheet and the script, and the header with which an old server names itself.
//!
//! Served without a session, as assets are. Look next: `cli/src/demo/assets`.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, SERVER};
use axum::response::{IntoResponse, Response};

const CSS: &str = include_str!("assets/app.css");
const JS: &str = include_str!("assets/app.js");
const KEEP: &str = "public, max-age=3600";

/// `GET /static/app.css`.
pub(super) async fn css() -> Response {
    (
        [
            (CONTENT_TYPE, "text/css; charset=utf-8"),
            (CACHE_CONTROL, KEEP),
        ],
        CSS,
    )
        .into_response()
}

/// `GET /static/app.js`.
pub(super) async fn js() -> Response {
    (
        [
            (CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (CACHE_CONTROL, KEEP),
        ],
        JS,
    )
        .into_response()
}

/// Adds the `Server` field.
pub(super) async fn name_the_server(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(SERVER, HeaderValue::from_static("Wardbook/2.4"));
    response
}
