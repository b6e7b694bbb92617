//! Answers of our own: pages, redirects and problem documents, as plain values.
//!
//! Every one is `no-store` and carries the headers of `pages::security_headers`. Holds no pingora
//! types; `respond` writes a reply to a browser, `fail` makes one out of a failure.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, LOCATION, SET_COOKIE, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::pages::{self, Chrome, Page};

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Fields, without `Content-Length`.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Close an HTTP/1 connection afterwards: what it holds is not to be trusted.
    pub close: bool,
}

impl Reply {
    /// An empty answer that no cache keeps.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self {
            status,
            headers,
            body: Bytes::new(),
            close: false,
        }
    }

    /// 303 to a path on this host.
    #[must_use]
    pub fn redirect(path: &str) -> Self {
        let mut reply = Self::empty(StatusCode::SEE_OTHER);
        // A target that is no field value goes to the front page rather than nowhere.
        let target = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
        reply.headers.insert(LOCATION, target);
        reply
    }

    /// One of our pages.
    #[must_use]
    pub fn page(status: StatusCode, page: &Page<'_>, chrome: &Chrome<'_>) -> Self {
        let framed = matches!(page, Page::Notice(pages::Notice::BreakOut { .. }));
        let headers = if framed {
            pages::security_headers_framed()
        } else if page.needs_script() {
            pages::security_headers_scripted()
        } else {
            pages::security_headers()
        };
        let mut reply = Self::empty(status);
        reply.put_all(headers);
        reply.headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        reply.headers.insert(
            CONTENT_LANGUAGE,
            HeaderValue::from_static(chrome.language.tag()),
        );
        // Not kept by any cache; said for those that do not listen.
        reply
            .headers
            .insert(VARY, HeaderValue::from_static("accept-language, cookie"));
        reply.body = Bytes::from(pages::render(page, chrome));
        reply
    }

    /// A problem document (RFC 9457) for scripts and programs; `challenge` is where a person can go
    /// on.
    #[must_use]
    pub fn problem(status: StatusCode, kind: &str, title: &str, challenge: Option<&str>) -> Self {
        let mut body = serde_json::json!({
            "type": format!("urn:anteroom:{kind}"),
            "title": title,
            "status": status.as_u16(),
        });
        if let (Some(challenge), Some(object)) = (challenge, body.as_object_mut()) {
            object.insert("challenge".into(), challenge.into());
        }
        let mut reply = Self::empty(status);
        let kind = HeaderValue::from_static("application/problem+json");
        reply.headers.insert(CONTENT_TYPE, kind);
        reply.headers.insert(
            "x-content-type-options",
            HeaderValue::from_static("nosniff"),
        );
        reply.body = Bytes::from(body.to_string());
        reply
    }

    /// Adds a `Set-Cookie`.
    #[must_use]
    pub fn with_cookie(mut self, line: &[u8]) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            self.headers.append(SET_COOKIE, value);
        }
        self
    }

    /// Sets a field.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Closes the connection afterwards.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    fn put_all(&mut self, fields: &[(&'static str, &'static str)]) {
        for (name, value) in fields {
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                self.headers.insert(name, HeaderValue::from_static(value));
            }
        }
    }
}
