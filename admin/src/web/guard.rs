//! What is refused before anybody looks: other hosts, cross-site forms, other methods.
//!
//! And what every answer leaves with. Knows neither operators nor routes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::failure::Failure;
use crate::Admin;
use crate::pages::security_headers;

/// Refuses what needs no operator to be refused, and dresses every answer.
pub(crate) async fn guard(
    State(admin): State<Arc<Admin>>,
    request: Request,
    next: Next,
) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let refused = refuse(&admin, &request, api);
    let mut response = match refused {
        Some(failure) => failure.into_response(&admin, api),
        None => next.run(request).await,
    };
    dress(response.headers_mut(), admin.tls());
    response
}

fn refuse(admin: &Admin, request: &Request, api: bool) -> Option<Failure> {
    let host = host_of(request.uri(), request.headers());
    // DNS rebinding reaches a loopback listener under a foreign name (attack E11).
    let known = host.is_some_and(|host| admin.mine.hosts.contains(&host));
    if !known {
        return Some(Failure::WrongHost);
    }
    match *request.method() {
        Method::GET | Method::HEAD => None,
        // A token is not sent by a browser on its own: nothing to forge.
        Method::POST | Method::DELETE if api => None,
        Method::POST => same_origin(admin, request.headers())
            .then_some(())
            .map_or_else(|| Some(Failure::CrossSite), |()| None),
        _ => Some(Failure::Method),
    }
}

/// The host asked for, without its port, in lower case.
pub(crate) fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(HOST).iter();
    let named = match (uri.host(), all.next(), all.next()) {
        (_, _, Some(_)) => return None,
        (Some(host), _, None) => host.to_owned(),
        (None, Some(host), None) => without_port(host.to_str().ok()?).to_owned(),
        (None, None, None) => return None,
    };
    Some(named.to_ascii_lowercase())
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    }
}

/// Whether a form comes from one of our own pages. Browsers that say neither `Sec-Fetch-Site` nor
/// `Origin` with a form are older than ten years.
fn same_origin(admin: &Admin, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"same-origin") {
        return false;
    }
    let Some(origin) = headers.get(ORIGIN).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let scheme = if admin.tls() { "https://" } else { "http://" };
    let Some(authority) = origin.strip_prefix(scheme) else {
        return false;
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

fn dress(headers: &mut HeaderMap, tls: bool) {
    for (name, value) in security_headers() {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if tls {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(http::header::STRICT_TRANSPORT_SECURITY, year);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_without_its_port() {
        let host = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_str(text).unwrap());
            host_of(&Uri::from_static("/"), &headers)
        };
        assert_eq!(host("Admin.Test:8443").as_deref(), Some("admin.test"));
        assert_eq!(host("[::1]:80").as_deref(), Some("[::1]"));
        assert_eq!(host("[::1]").as_deref(), Some("[::1]"));
        let mut two = HeaderMap::new();
        two.append(HOST, HeaderValue::from_static("a"));
        two.append(HOST, HeaderValue::from_static("a"));
        assert_eq!(host_of(&Uri::from_static("/"), &two), None);
    }
}
