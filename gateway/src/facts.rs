//! From a request's head to the plain facts that decisions take.
//!
//! Reads fields that the front check has passed; decides nothing (`anteroom_core::decide`). The
//! order of proof for where a request came from is `Sec-Fetch-Site`, then `Origin`, then `Referer`
//! (`DESIGN-CASES` 12, 23).

use std::net::IpAddr;

use anteroom_core::facts::{Method, Site, Use};
use http::header::{ACCEPT, ORIGIN, REFERER};
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

/// The method, folded.
#[must_use]
pub fn method(method: &http::Method) -> Method {
    match *method {
        http::Method::GET => Method::Get,
        http::Method::HEAD => Method::Head,
        http::Method::POST => Method::Post,
        _ => Method::Other,
    }
}

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Our own origin, as browsers write it.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'o> {
    /// `http` or `https`.
    pub scheme: &'o str,
    /// The host as the browser wrote it, port included.
    pub host: &'o str,
}

impl Origin<'_> {
    /// What follows our origin at the start of a value; `None` when another one stands there.
    fn rest<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        let after_scheme = strip_start(value, self.scheme)?;
        strip_start(after_scheme.strip_prefix(b"://")?, self.host)
    }

    fn is(&self, value: &[u8]) -> bool {
        self.rest(value).is_some_and(<[u8]>::is_empty)
    }
}

fn strip_start<'v>(value: &'v [u8], start: &str) -> Option<&'v [u8]> {
    let (found, rest) = value.split_at_checked(start.len())?;
    found.eq_ignore_ascii_case(start.as_bytes()).then_some(rest)
}

/// How the answer will be used.
#[must_use]
pub fn usage(headers: &HeaderMap, method: Method, websocket: bool) -> Use {
    if websocket {
        return Use::WebSocket;
    }
    let field = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (field(&SEC_FETCH_MODE), field(&SEC_FETCH_DEST)) {
        (Some("navigate"), Some("document")) => Use::Document,
        (Some("navigate"), Some("iframe" | "frame" | "embed" | "object")) => Use::Frame,
        (Some("navigate"), None) => Use::Document,
        (Some(_), _) | (None, Some(_)) => Use::Data,
        (None, None) => usage_without_metadata(headers, method),
    }
}

/// Old browsers and programs send no Fetch Metadata: a page load asks for HTML and says so.
fn usage_without_metadata(headers: &HeaderMap, method: Method) -> Use {
    let html = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let script = headers.contains_key("x-requested-with");
    let page_method = matches!(method, Method::Get | Method::Head | Method::Post);
    if html && !script && page_method {
        Use::Document
    } else {
        Use::Data
    }
}

/// Which site caused the request; `ours` is our own origin.
#[must_use]
pub fn site(headers: &HeaderMap, ours: Origin<'_>, websocket: bool) -> Site {
    let stated = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    if websocket {
        // RFC 6455 section 10.2; browsers always send it on a handshake.
        return match stated {
            Some(value) if ours.is(value) => Site::SameOrigin,
            Some(_) => Site::Foreign,
            None => Site::Unknown,
        };
    }
    if let Some(value) = headers.get(&SEC_FETCH_SITE) {
        return match value.as_bytes() {
            b"same-origin" => Site::SameOrigin,
            b"none" => Site::User,
            _ => Site::Foreign,
        };
    }
    if let Some(value) = stated {
        return if ours.is(value) {
            Site::SameOrigin
        } else {
            Site::Foreign
        };
    }
    match headers.get(REFERER).map(HeaderValue::as_bytes) {
        None => Site::Unknown,
        Some(referer) => match ours.rest(referer) {
            Some([] | [b'/', ..]) => Site::SameOrigin,
            _ => Site::Foreign,
        },
    }
}

/// The client's address: the peer's, unless the peer is a proxy we trust; then the last address in
/// `X-Forwarded-For` that no trusted proxy added. Anything unreadable means the peer (attack G01).
#[must_use]
pub fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let trusts = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    if trusted.is_empty() || !trusts(&peer) {
        return peer;
    }
    let mut hops = Vec::new();
    for line in headers.get_all("x-forwarded-for") {
        let Ok(text) = line.to_str() else { return peer };
        for hop in text.split(',') {
            let Ok(ip) = hop.trim().parse::<IpAddr>() else {
                return peer;
            };
            hops.push(ip.to_canonical());
        }
    }
    hops.into_iter()
        .rev()
        .find(|hop| !trusts(hop))
        .unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut out = HeaderMap::new();
        for (name, value) in fields {
            out.append(*name, HeaderValue::from_static(value));
        }
        out
    }

    const OURS: Origin<'_> = Origin {
        scheme: "https",
        host: "emr.test",
    };

    #[test]
    fn fetch_metadata_wins_over_origin_and_origin_over_referer() {
        for (fields, wanted) in [
            (
                vec![("sec-fetch-site", "same-origin"), ("origin", "null")],
                Site::SameOrigin,
            ),
            (
                vec![
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://emr.test"),
                ],
                Site::Foreign,
            ),
            (vec![("sec-fetch-site", "same-site")], Site::Foreign),
            (vec![("sec-fetch-site", "none")], Site::User),
            (
                vec![
                    ("origin", "https://EMR.test"),
                    ("referer", "https://evil.test/"),
                ],
                Site::SameOrigin,
            ),
            (vec![("origin", "null")], Site::Foreign),
            (vec![("origin", "http://emr.test")], Site::Foreign),
            (vec![("origin", "https://emr.test:8443")], Site::Foreign),
            (
                vec![("referer", "https://emr.test/login")],
                Site::SameOrigin,
            ),
            (
                vec![("referer", "https://emr.test.evil/login")],
                Site::Foreign,
            ),
            (vec![], Site::Unknown),
        ] {
            assert_eq!(site(&headers(&fields), OURS, false), wanted, "{fields:?}");
        }
    }

    #[test]
    fn a_socket_needs_our_origin_whatever_else_it_says() {
        let lying = headers(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://evil.test"),
        ]);
        assert_eq!(site(&lying, OURS, true), Site::Foreign);
        assert_eq!(site(&headers(&[]), OURS, true), Site::Unknown);
    }

    #[test]
    fn forwarded_addresses_count_only_from_trusted_peers() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let (proxy, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([192, 0, 2, 1]));
        let chain = headers(&[("x-forwarded-for", "198.51.100.7, 203.0.113.9, 10.0.0.2")]);
        assert_eq!(client_ip(other, &chain, &trusted), other);
        assert_eq!(
            client_ip(proxy, &chain, &trusted),
            IpAddr::from([203, 0, 113, 9])
        );
        for junk in ["a", "203.0.113.9, zzz", ""] {
            let fields = headers(&[("x-forwarded-for", junk)]);
            assert_eq!(client_ip(proxy, &fields, &trusted), proxy, "{junk:?}");
        }
    }

    #[test]
    fn a_script_is_no_page_load() {
        let page = headers(&[("accept", "text/html,*/*")]);
        assert_eq!(usage(&page, Method::Get, false), Use::Document);
        let xhr = headers(&[
            ("accept", "text/html"),
            ("x-requested-with", "XMLHttpRequest"),
        ]);
        assert_eq!(usage(&xhr, Method::Get, false), Use::Data);
        let cors = headers(&[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")]);
        assert_eq!(usage(&cors, Method::Get, false), Use::Data);
        let frame = headers(&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")]);
        assert_eq!(usage(&frame, Method::Get, false), Use::Frame);
    }
}
