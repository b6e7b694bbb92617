//! Odd answers to a login, for tests of what a proxy makes of them.
//!
//! Where the password was right the session is logged in *before* the odd answer is given: that is
//! what makes reading it as a failure dangerous. Never happens unless a test asks. Look next:
//! `DemoEmr::failure_modes`.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::sync::Mutex;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::login::found;
use super::pages::patients_html;
use super::session::{SESSION_COOKIE, Visit, set_cookie};
use super::{Ward, lock};

/// How a login submission is answered instead of with the usual 302.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureMode {
    /// 500, after the session was logged in.
    ErrorAfterSession,
    /// 200 with the patient list in place of a redirect.
    PageInPlace,
    /// 204.
    NoContent,
    /// 200 with the patient list, compressed with gzip.
    GzipPage,
    /// A head that promises a body, some of it, then a closed connection.
    CutAfterHeaders,
    /// No answer at all.
    Hang,
    /// 200 with a body that never ends.
    EndlessBody,
    /// The usual 302, with ten thousand cookies.
    ManyCookies,
    /// 200 with `{"ok":true}`.
    JsonOk,
    /// 200 with a page that sends the browser on by `<meta http-equiv="refresh">`.
    MetaRefresh,
    /// 401 that sets a second, logged-in session id.
    UnauthorizedWithCookie,
}

impl FailureMode {
    /// Every mode, for tests that walk them all.
    pub const ALL: [Self; 11] = [
        Self::ErrorAfterSession,
        Self::PageInPlace,
        Self::NoContent,
        Self::GzipPage,
        Self::CutAfterHeaders,
        Self::Hang,
        Self::EndlessBody,
        Self::ManyCookies,
        Self::JsonOk,
        Self::MetaRefresh,
        Self::UnauthorizedWithCookie,
    ];
}

/// The modes still to be used.
#[derive(Default)]
pub(super) struct Queue(Mutex<VecDeque<FailureMode>>);

impl Queue {
    pub(super) fn set(&self, next: impl IntoIterator<Item = FailureMode>) {
        *lock(&self.0) = next.into_iter().collect();
    }

    pub(super) fn take(&self) -> Option<FailureMode> {
        lock(&self.0).pop_front()
    }
}

/// Gives the odd answer. `user` is who has just been logged in, if the password was right.
pub(super) async fn answer(
    mode: FailureMode,
    ward: &Ward,
    visit: &Visit,
    user: Option<&'static str>,
) -> Response {
    match mode {
        FailureMode::ErrorAfterSession => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Fatal error: audit table is read only\n",
        )
            .into_response(),
        FailureMode::PageInPlace => Html(patients_html(visit)).into_response(),
        FailureMode::NoContent => StatusCode::NO_CONTENT.into_response(),
        FailureMode::GzipPage => {
            let kind = [
                (CONTENT_ENCODING, "gzip"),
                (CONTENT_TYPE, "text/html; charset=utf-8"),
            ];
            (kind, gzip(patients_html(visit).as_bytes())).into_response()
        }
        FailureMode::CutAfterHeaders => cut(),
        FailureMode::Hang => {
            drop(ward.closing.subscribe().wait_for(|&closing| closing).await);
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        FailureMode::EndlessBody => endless(ward),
        FailureMode::ManyCookies => {
            let mut response = found("/");
            (0..10_000).for_each(|n| set_cookie(&mut response, &format!("wb_junk_{n}=1; Path=/")));
            response
        }
        FailureMode::JsonOk => Json(json!({ "ok": true })).into_response(),
        FailureMode::MetaRefresh => {
            Html("<!doctype html><meta http-equiv=\"refresh\" content=\"0; url=/\">Logging in\n")
                .into_response()
        }
        FailureMode::UnauthorizedWithCookie => {
            let id = ward.sessions.mint();
            if let Some(user) = user {
                ward.sessions.log_in(&id, user);
            }
            let mut response = StatusCode::UNAUTHORIZED.into_response();
            set_cookie(
                &mut response,
                &format!("{SESSION_COOKIE}={id}; Path=/; HttpOnly"),
            );
            response
        }
    }
}

fn cut() -> Response {
    let first = stream::iter([Ok(Bytes::from_static(b"<!doctype html>"))]);
    // The pause lets the head and the first bytes leave before the connection goes.
    let then = stream::once(async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    (
        [(CONTENT_LENGTH, "4096")],
        Body::from_stream(first.chain(then)),
    )
        .into_response()
}

fn endless(ward: &Ward) -> Response {
    let piece = Bytes::from_static(&[b'.'; 16 * 1024]);
    let closing = ward.closing.subscribe();
    let pieces = stream::unfold((piece, closing), |(piece, closing)| async {
        let open = !*closing.borrow();
        open.then(|| (Ok::<_, Infallible>(piece.clone()), (piece, closing)))
    });
    Body::from_stream(pieces).into_response()
}

/// A gzip file (RFC 1952) of stored blocks: every reader opens it, and it needs no compressor.
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = content.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        file.push(u8::from(blocks.peek().is_none()));
        file.extend_from_slice(&length.to_le_bytes());
        file.extend_from_slice(&(!length).to_le_bytes());
        file.extend_from_slice(block);
    }
    file.extend_from_slice(&crc32(content).to_le_bytes());
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    file.extend_from_slice(&length.to_le_bytes());
    file
}

fn crc32(content: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    !content
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}
