//! Reads a `Range` header against a length (RFC 9110 section 14).
//!
//! One range at a time: a request for several gets the whole, which the RFC allows. Knows nothing
//! of what is being sent. Look next: `download`, `files`.

use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// What part of a representation was asked for; `end` is exclusive.
#[derive(Debug, PartialEq)]
pub(super) enum Wanted {
    Whole,
    Part { start: u64, end: u64 },
    Nothing,
}

/// Reads the header; what it does not understand it ignores, as the RFC asks.
pub(super) fn wanted(headers: &HeaderMap, length: u64) -> Wanted {
    let value = headers.get(RANGE).and_then(|value| value.to_str().ok());
    let Some((first, last)) = value
        .and_then(|value| value.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let (start, end) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(length)),
        (Ok(first), Err(_)) if last.is_empty() => (first, length),
        (Err(_), Ok(count)) if first.is_empty() => (length.saturating_sub(count), length),
        _ => return Wanted::Whole,
    };
    if start < end {
        Wanted::Part { start, end }
    } else {
        Wanted::Nothing
    }
}

/// Answers with the part asked for; `body` makes the bytes from `start` to `end`.
pub(super) fn answer(
    headers: &HeaderMap,
    length: u64,
    body: impl FnOnce(u64, u64) -> Body,
) -> Response {
    let (status, start, end) = match wanted(headers, length) {
        Wanted::Whole => (StatusCode::OK, 0, length),
        Wanted::Part { start, end } => (StatusCode::PARTIAL_CONTENT, start, end),
        Wanted::Nothing => {
            let nothing = [(CONTENT_RANGE, format!("bytes */{length}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, nothing).into_response();
        }
    };
    let mut response = (status, body(start, end)).into_response();
    let answered = response.headers_mut();
    answered.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    answered.insert(CONTENT_LENGTH, HeaderValue::from(end - start));
    if status == StatusCode::PARTIAL_CONTENT {
        let part = format!("bytes {start}-{}/{length}", end - 1);
        if let Ok(part) = HeaderValue::from_str(&part) {
            answered.insert(CONTENT_RANGE, part);
        }
    }
    response
}
