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
        Method::POST => same_origin(admin, request.uri(), request.headers())
            .then_some(())
            .map_or_else(|| Some(Failure::CrossSite), |()| None),
        _ => Some(Failure::Method),
    }
}

/// The host asked for, without its port, in lower case.
pub(crate) fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut host = authority_of(uri, headers)?;
    host.truncate(split(&host)?.0.len());
    Some(host)
}

/// The host asked for with its port, in lower case: what links to ourselves are written with, so
/// nothing but a host and a number may stand in it.
///
/// `None` where it is missing, said twice, or said differently in the request line and the field.
pub(crate) fn authority_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(HOST).iter();
    let (field, more) = (all.next(), all.next());
    if more.is_some() {
        return None;
    }
    let field = match field {
        Some(field) => Some(field.to_str().ok()?),
        None => None,
    };
    let named = match (uri.authority().map(http::uri::Authority::as_str), field) {
        (Some(line), Some(field)) if !line.eq_ignore_ascii_case(field) => return None,
        (Some(named), _) | (None, Some(named)) => named.to_ascii_lowercase(),
        (None, None) => return None,
    };
    split(&named)?;
    Some(named)
}

/// Host and port; `None` where the port is no number.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => {
            let port = &authority[at + 1..];
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            let port = digits.then(|| port.parse().ok()).flatten()?;
            Some((&authority[..at], Some(port)))
        }
        _ => Some((authority, None)),
    }
}

/// Whether a form comes from one of our own pages. Browsers that say neither `Sec-Fetch-Site` nor
/// `Origin` with a form are older than ten years.
fn same_origin(admin: &Admin, uri: &Uri, headers: &HeaderMap) -> bool {
    let mut site = headers.get_all("sec-fetch-site").iter();
    if !site.all(|site| site.as_bytes() == b"same-origin") {
        return false;
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return false;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let scheme = if admin.tls() { "https://" } else { "http://" };
    let Some(authority) = origin.strip_prefix(scheme) else {
        return false;
    };
    authority_of(uri, headers).is_some_and(|own| own.eq_ignore_ascii_case(authority))
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
    fn the_request_line_and_the_field_name_one_place_or_none() {
        let place = |line: &'static str, field: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(field));
            authority_of(&Uri::from_static(line), &headers)
        };
        let same = place("https://Admin.test:8443/x", "admin.test:8443");
        assert_eq!(same.as_deref(), Some("admin.test:8443"));
        assert_eq!(place("https://admin.test/x", "evil.test"), None);
        assert_eq!(place("https://admin.test/x", "admin.test:1"), None);
    }

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
        for bad in ["a:", "a:x", "a:80@evil.test", "a:+80", "a:65536", "[::1]:"] {
            assert_eq!(host(bad), None, "{bad}");
        }
    }
}
