//! A request's head on its way upstream: what is taken out, what we write ourselves.
//!
//! Works on any of our request heads (streamed or exchanged). Fields that name a client, a user or
//! another target are never the browser's to set; names are compared after mapping everything that
//! is not a letter or digit to `-`, because servers do (attack G03). Never touches cookies' values
//! (`crate::cookies`).

use anteroom_config::settings::UpstreamHost;
use http::header::{CONNECTION, COOKIE, HOST, ORIGIN, PROXY_AUTHORIZATION, REFERER};
use http::{HeaderName, HeaderValue};
use pingora::http::RequestHeader;

use crate::app::App;
use crate::arrival::Arrival;

/// Hop-by-hop fields (RFC 9110 section 7.6.1). pingora removes them from what it forwards; the
/// login exchange has to do it itself.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
];

// As text and not as `HeaderName`s: pingora reads the name anew from either, and copies only those.
const X_FORWARDED_FOR: &str = "X-Forwarded-For";
const X_FORWARDED_PROTO: &str = "X-Forwarded-Proto";
const X_FORWARDED_HOST: &str = "X-Forwarded-Host";

/// What the rewriting needs to know of a request.
pub struct Passage<'r> {
    /// The app.
    pub app: &'r App,
    /// The client's address, as a field's value.
    pub client: HeaderValue,
    /// The host the browser asked for, port included.
    pub host: &'r str,
    /// The browser reached us over TLS.
    pub secure: bool,
}

impl<'r> Passage<'r> {
    /// The passage of a request.
    #[must_use]
    pub fn of(arrival: &'r Arrival) -> Self {
        Self {
            app: &arrival.app,
            client: arrival.client_field(),
            host: &arrival.host,
            secure: arrival.secure,
        }
    }
}

/// Takes out what is not the browser's to say, and writes our own fields. Cookies are untouched.
pub fn rewrite(head: &mut RequestHeader, passage: &Passage<'_>) {
    let allowed = &passage.app.settings.profile.allowed_headers;
    let is_allowed = |name: &str| allowed.iter().any(|ours| ours == name);
    let refused = |name: &&HeaderName| {
        is_owned(name.as_str()) && !is_allowed(name.as_str()) || **name == PROXY_AUTHORIZATION
    };
    let refused: Vec<HeaderName> = head.headers.keys().filter(refused).cloned().collect();
    for name in refused {
        head.remove_header(&name);
    }
    let proto = if passage.secure { "https" } else { "http" };
    let _ = head.insert_header(X_FORWARDED_FOR, passage.client.clone());
    let _ = head.insert_header(X_FORWARDED_PROTO, HeaderValue::from_static(proto));
    put_text(head, X_FORWARDED_HOST, passage.host);
    let _ = head.insert_header("Via", HeaderValue::from_static("1.1 anteroom"));
    map_host(head, passage, proto);
}

/// `Host` as the app wants it; with a fixed one, `Origin` and `Referer` are mapped along
/// (`DESIGN-CASES` 23).
fn map_host(head: &mut RequestHeader, passage: &Passage<'_>, proto: &str) {
    let UpstreamHost::Fixed(fixed) = &passage.app.settings.upstream_host else {
        // As it came, but for HTTP/2, which has none, and for letters in upper case.
        let same = head
            .headers
            .get(HOST)
            .is_some_and(|host| host.as_bytes() == passage.host.as_bytes());
        if !same {
            put_text(head, "Host", passage.host);
        }
        return;
    };
    put(head, HOST.as_str(), fixed);
    let upstream = if passage.app.settings.upstream_tls.is_some() {
        "https"
    } else {
        "http"
    };
    let ours = format!("{proto}://{}", passage.host);
    let theirs = format!("{upstream}://{fixed}");
    for name in [ORIGIN, REFERER] {
        let mapped = head
            .headers
            .get(&name)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.strip_prefix(&ours))
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .map(|rest| format!("{theirs}{rest}"));
        if let Some(mapped) = mapped {
            put(head, name.as_str(), &mapped);
        }
    }
}

/// Sets the one `Cookie` line, or none.
pub fn set_cookie_line(head: &mut RequestHeader, line: Option<HeaderValue>) {
    match line {
        // Takes the place of all there were.
        Some(line) => drop(head.insert_header("Cookie", line)),
        None => drop(head.remove_header(&COOKIE)),
    }
}

/// Makes a copy of a head fit for our own exchange: HTTP/1.1, no hop-by-hop fields, nothing
/// conditional.
pub fn for_exchange(head: &mut RequestHeader) {
    head.set_version(http::Version::HTTP_11);
    let named: Vec<HeaderName> = head
        .headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .filter_map(|token| HeaderName::from_bytes(token.trim_ascii()).ok())
        .collect();
    for name in named {
        head.remove_header(&name);
    }
    for name in HOP_BY_HOP {
        head.remove_header(name);
    }
    for name in [
        "expect",
        "transfer-encoding",
        "content-length",
        "range",
        "if-range",
        "if-none-match",
        "if-modified-since",
        "if-match",
        "if-unmodified-since",
        "accept-encoding",
    ] {
        head.remove_header(name);
    }
    // So that the body can be read; an upstream that compresses all the same is not understood.
    put(head, "Accept-Encoding", "identity");
}

fn put_text(head: &mut RequestHeader, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        let _ = head.insert_header(name, value);
    }
}

fn put(head: &mut RequestHeader, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (
        HeaderName::from_bytes(name.as_bytes()),
        HeaderValue::from_str(value),
    ) {
        let _ = head.insert_header(name, value);
    }
}

/// Parts of names by which servers and apps know a client, a user, a credential or another target.
const OWNED_PARTS: [&str; 32] = [
    "user",
    "auth",
    "token",
    "session",
    "principal",
    "identity",
    "jwt",
    "oidc",
    "saml",
    "shib",
    "ssl",
    "cert",
    "forwarded",
    "remote",
    "client-ip",
    "clientip",
    "real-ip",
    "connecting-ip",
    "original",
    "rewrite",
    "override",
    "http-method",
    "accel",
    "sendfile",
    "scheme",
    "api-key",
    "apikey",
    "proxy",
    "impersonate",
    "behalf",
    "sudo",
    "anteroom",
];

/// Whole names of the same kind.
const OWNED_NAMES: [&str; 19] = [
    "uid",
    "mail",
    "eppn",
    "x-host",
    "http-host",
    "front-end-https",
    "cookie2",
    "x-principal",
    "destination",
    "early-data",
    "x-login",
    "x-account",
    "x-email",
    "x-uid",
    "x-subject",
    "x-role",
    "x-roles",
    "x-group",
    "x-groups",
];

/// Fields that only we or the app's own proxy may set: they name a client, a user, a credential or
/// another target. An app whose scripts need one of them lists it in `allowed_headers`.
fn is_owned(name: &str) -> bool {
    // An underscore or a dot makes a second name for a field at the next server: none are
    // forwarded.
    if name.contains(['_', '.']) {
        return true;
    }
    if is_everyday(name) {
        return false;
    }
    // Forms' own protection travels in fields that sound alike.
    // OpenMRS's pages ask for an answer without the browser's own dialog.
    let protects = [
        "csrf",
        "xsrf",
        "verificationtoken",
        "nonce",
        "www-authenticate",
    ];
    let protects = protects.iter().any(|part| name.contains(part));
    let is_owned = |part: &&str| {
        let sounds_alike = protects && matches!(*part, "auth" | "token" | "session");
        name.contains(*part) && !sounds_alike
    };
    OWNED_NAMES.contains(&name) || OWNED_PARTS.iter().any(is_owned)
}

/// What browsers send with every request; looked at first, because there are a dozen of them.
fn is_everyday(name: &str) -> bool {
    name.starts_with("sec-fetch-")
        || name.starts_with("sec-ch-")
        || name.starts_with("sec-websocket-")
        || matches!(
            name,
            "host"
                | "accept"
                | "accept-encoding"
                | "accept-language"
                | "content-type"
                | "content-length"
                | "content-encoding"
                | "if-none-match"
                | "if-modified-since"
                | "if-range"
                | "cookie"
                | "user-agent"
                | "referer"
                | "origin"
                | "connection"
                | "cache-control"
                | "pragma"
                | "upgrade-insecure-requests"
                | "x-requested-with"
                | "range"
                | "priority"
                | "dnt"
                | "expect"
                | "transfer-encoding"
                | "upgrade"
                | "via"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_fields_and_their_aliases_are_ours() {
        for name in [
            "x-remote-user",
            "x_remote_user",
            "x.remote.user",
            "remote_user",
            "x-gw-user",
            "x_gw_user",
            "x-original-url",
            "x-rewrite-url",
            "x-forwarded-uri",
            "x-forwarded-prefix",
            "forwarded",
            "x-http-method-override",
            "client-ip",
            "proxy",
            "iv-user",
            "x-auth-token",
            "x-api-key",
            "cf-access-jwt-assertion",
            "x-shib-user",
            "x-session-id",
            "x-accel-redirect",
            "authorization",
            "proxy-authorization",
            "accept-user",
            "content-user",
            "if-user",
            "sec-remote-user",
            "x-csrf-remote-user",
            "x-nonce-user",
            "x-groups",
            "x-email",
        ] {
            assert!(is_owned(name), "{name}");
        }
        for name in [
            "accept",
            "x-requested-with",
            "x-csrf-token",
            "content-type",
            "user-agent",
            "sec-fetch-user",
            "sec-ch-ua",
            "sec-gpc",
            "sec-websocket-key",
            "accept-language",
            "content-disposition",
            "if-unmodified-since",
            "x-xsrf-token",
            "requestverificationtoken",
            "disable-www-authenticate",
            "x-session-csrf",
        ] {
            assert!(!is_owned(name), "{name}");
        }
    }
}
