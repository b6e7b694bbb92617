//! What the page scripts and the tests ask for in JSON.
//!
//! Without a login each answers 401 in JSON, never a redirect. `identity_headers` shows what
//! reached the application, so that a test can prove what a proxy took away. Look next: `session`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Ward;
use super::patients::PATIENTS;
use super::session::SignedInScript;

/// Parts of header names that old applications take as a statement about who is asking or from
/// where.
const TELLING: [&str; 16] = [
    "x-", "user", "remote", "forward", "auth", "client", "identity", "real-ip", "via", "original",
    "rewrite", "cert", "sso", "group", "role", "email",
];

/// The 401 of every address that serves scripts.
pub(super) fn not_signed_in() -> Response {
    (
        StatusCode::UNAUTHORIZED,
        Json(json!({ "error": "not signed in" })),
    )
        .into_response()
}

/// `GET /api/whoami.json`.
pub(super) async fn whoami(SignedInScript { user }: SignedInScript) -> Json<Value> {
    Json(json!({ "user": user }))
}

/// `GET /api/patients.json`.
pub(super) async fn patients(_: SignedInScript) -> Json<Value> {
    let list = PATIENTS.iter().map(|patient| {
        json!({
            "id": patient.id,
            "name": patient.name,
            "born": patient.born,
            "place": patient.place,
            "problem": patient.problem,
            "record": patient.canary(),
        })
    });
    Json(Value::Array(list.collect()))
}

/// `GET /api/files.json`.
pub(super) async fn files(State(ward): State<Ward>, _: SignedInScript) -> Json<Value> {
    let list = ward.files.list().into_iter().map(|kept| {
        json!({
            "id": kept.id,
            "name": kept.name,
            "length": kept.length,
            "sha256": kept.sha256,
            "kept": kept.content.is_some(),
        })
    });
    Json(Value::Array(list.collect()))
}

/// `GET /admin/whoami-headers`.
pub(super) async fn identity_headers(
    SignedInScript { user }: SignedInScript,
    headers: HeaderMap,
) -> Json<Value> {
    let mut telling: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| is_telling(name.as_str())) {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        telling.entry(name.as_str()).or_default().push(value);
    }
    Json(json!({ "user": user, "headers": telling }))
}

/// PHP reads `X.Remote_User` and `x-remote-user` as one name, so both count.
fn is_telling(name: &str) -> bool {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '-'
        }
    };
    let folded: String = name.chars().map(plain).collect();
    TELLING.iter().any(|part| folded.contains(part))
}
