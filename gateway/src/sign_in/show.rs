//! An app's held answer as our reply: cleaned, repaired, without cookies and without session ids in
//! its text.
//!
//! The caller adds cookies for the session that the reply goes to. Never decides whether to show.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use pingora::http::ResponseHeader;
use regex::bytes::Regex;

use crate::arrival::Arrival;
use crate::reply::Reply;
use crate::upstream::answer::{self, Caching, View};
use crate::upstream::exchange::{Answer, is_encoded};

/// Fields that belong to the connection with the app and not to its answer.
const HOP_BY_HOP: [HeaderName; 4] = [
    http::header::CONNECTION,
    http::header::TRANSFER_ENCODING,
    http::header::UPGRADE,
    http::header::TRAILER,
];

/// Makes a reply of a held answer.
#[must_use]
pub fn show(arrival: &Arrival, held: &Answer) -> Reply {
    let status = StatusCode::from_u16(held.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut headers = HeaderMap::with_capacity(held.headers.len());
    for (name, value) in &held.headers {
        let ours = HOP_BY_HOP.contains(name) || *name == SET_COOKIE || *name == CONTENT_LENGTH;
        if !ours {
            headers.append(name.clone(), value.clone());
        }
    }
    let mut body = held.body.clone();
    for carrier in &arrival.app.settings.profile.url_ids.cut {
        strip_ids(carrier, &mut headers, &mut body);
    }
    let headers = cleaned(arrival, status, headers);
    Reply {
        status,
        headers,
        body,
        close: false,
    }
}

/// As [`show`], and no cache may keep it: released and withheld answers (`DESIGN-CASES` 27).
#[must_use]
pub fn show_once(arrival: &Arrival, held: &Answer) -> Reply {
    let mut reply = show(arrival, held);
    reply
        .headers
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

fn cleaned(arrival: &Arrival, status: StatusCode, headers: HeaderMap) -> HeaderMap {
    let Ok(mut head) = ResponseHeader::build(status, Some(headers.len())) else {
        return HeaderMap::new();
    };
    for (name, value) in &headers {
        let _ = head.append_header(name.clone(), value.clone());
    }
    let view = View {
        app: &arrival.app,
        host: &arrival.host,
        secure: arrival.secure,
    };
    answer::rewrite(&mut head, &view, Caching::Protected);
    head.headers.clone()
}

/// Takes `;jsessionid=…` out of HTML and `Location`: where the app does not rotate its id, the one
/// in the text is the one that will be logged in (`DESIGN-CASES` 17).
fn strip_ids(carrier: &str, headers: &mut HeaderMap, body: &mut Bytes) {
    let Ok(pattern) = Regex::new(&format!(
        r"(?i);{}=[A-Za-z0-9._~!*-]*",
        regex::escape(carrier)
    )) else {
        return;
    };
    if let Some(location) = headers.get(LOCATION) {
        let stripped = pattern.replace_all(location.as_bytes(), &b""[..]);
        if let Ok(value) = HeaderValue::from_bytes(&stripped) {
            headers.insert(LOCATION, value);
        }
    }
    let html = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    if html && !is_encoded(headers) {
        *body = Bytes::from(pattern.replace_all(body, &b""[..]).into_owned());
    }
}
