//! An answer's head on its way to the browser: what leads round us or keeps pages is taken out
//! (`DESIGN-CASES` 27), and what names the wrong host is repaired.
//!
//! Cookies are `crate::cookies::outgoing`; bodies are never touched here.

use anteroom_config::settings::UpstreamHost;
use anteroom_core::outcome::Target;
use http::header::{CACHE_CONTROL, CONTENT_LOCATION, LOCATION};
use http::{HeaderName, HeaderValue};
use pingora::http::ResponseHeader;

use crate::app::App;

/// Fields that no answer may carry to a browser.
fn is_removed(name: &str, view: &View<'_>) -> bool {
    match name {
        "alt-svc" | "set-cookie2" | "clear-site-data" | "keep-alive" | "proxy-connection"
        | "proxy-authenticate" | "trailer" => true,
        "service-worker-allowed" => !view.app.settings.profile.service_workers,
        _ => false,
    }
}

/// One year, as browsers' preload lists want it; other hosts of the clinic are their own
/// business.
pub const HSTS: &str = "max-age=31536000";

/// How an answer is to be cached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Caching {
    /// Protected content: private, asked for again each time.
    Protected,
    /// An open asset: as the app says.
    AsSent,
}

/// What the repair needs to know.
pub struct View<'r> {
    /// The app.
    pub app: &'r App,
    /// The host the browser asked for, port included.
    pub host: &'r str,
    /// The browser reached us over TLS.
    pub secure: bool,
}

/// Cleans and repairs an answer's head. `Set-Cookie` lines are untouched.
pub fn rewrite(head: &mut ResponseHeader, view: &View<'_>, caching: Caching) {
    // One look at what is there costs less than asking for each that seldom is.
    let removed = |name: &&HeaderName| is_removed(name.as_str(), view);
    let removed: Vec<HeaderName> = head.headers.keys().filter(removed).cloned().collect();
    for name in &removed {
        head.remove_header(name);
    }
    for name in [LOCATION, CONTENT_LOCATION] {
        let repaired = head
            .headers
            .get(&name)
            .and_then(|value| value.to_str().ok())
            .and_then(|target| repair(target, view));
        if let Some(value) = repaired.and_then(|text| HeaderValue::from_str(&text).ok()) {
            let _ = head.insert_header(name, value);
        }
    }
    if caching == Caching::Protected {
        make_private(head);
    }
    if view.secure && view.app.settings.hsts {
        let _ = head.insert_header("Strict-Transport-Security", HSTS);
    }
}

/// Without an explicit private policy, a protected answer must not outlive its session in any
/// cache.
fn make_private(head: &mut ResponseHeader) {
    let mut private = false;
    let mut public = false;
    for value in head.headers.get_all(CACHE_CONTROL) {
        for directive in value.as_bytes().split(|&byte| byte == b',') {
            // `private="Set-Cookie"` speaks of that field only (RFC 9111 section 5.2.2.7), so it is
            // no match.
            let says = |word: &[u8]| directive.trim_ascii().eq_ignore_ascii_case(word);
            if says(b"no-store") {
                return;
            }
            private |= says(b"private");
            let name = directive
                .split(|&byte| byte == b'=')
                .next()
                .unwrap_or_default();
            public |= says(b"public") || name.trim_ascii().eq_ignore_ascii_case(b"s-maxage");
        }
    }
    let explicit = private && !public;
    if !explicit {
        let private = HeaderValue::from_static("private, no-cache");
        let _ = head.insert_header(CACHE_CONTROL, private);
        head.remove_header("expires");
        head.remove_header("pragma");
    }
}

/// Rewrites an absolute URL that names the app by one of its inner names, or by the wrong scheme.
/// `None` when nothing needs repair.
#[must_use]
pub fn repair(target: &str, view: &View<'_>) -> Option<String> {
    let (scheme, rest) = target.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if !is_own(authority, view) {
        return None;
    }
    let ours = if view.secure { "https" } else { "http" };
    let slash = if tail.starts_with('/') { "" } else { "/" };
    Some(format!("{ours}://{}{slash}{tail}", view.host))
}

/// Whether an authority is this app under any of its names: the browser's, a configured one, or an
/// inner one.
fn is_own(authority: &str, view: &View<'_>) -> bool {
    let settings = &view.app.settings;
    if authority.eq_ignore_ascii_case(view.host) {
        return true;
    }
    let name = authority
        .rsplit_once(':')
        .map_or(authority, |(name, port)| {
            if port.bytes().all(|byte| byte.is_ascii_digit()) {
                name
            } else {
                authority
            }
        });
    let configured = settings
        .hosts
        .iter()
        .any(|host| host.eq_ignore_ascii_case(name));
    let fixed = matches!(&settings.upstream_host,
        UpstreamHost::Fixed(fixed) if fixed.eq_ignore_ascii_case(authority));
    let inner = settings.upstreams.iter().any(|upstream| {
        upstream.host.eq_ignore_ascii_case(name)
            && (authority.ends_with(&format!(":{}", upstream.port)) || name == authority)
    });
    configured || fixed || inner
}

/// Where a redirect leads, resolved against the request that it answers, for the outcome rules.
#[must_use]
pub fn resolve<'t>(target: &'t str, request_path: &str, view: &View<'_>) -> Resolved<'t> {
    let local = match target.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, tail) = rest.split_at(end);
            let http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
            if !http || !is_own(authority, view) {
                return Resolved::Elsewhere;
            }
            tail
        }
        _ => target,
    };
    // `//host`, `/\host` and schemes without slashes lead elsewhere in browsers (attack G11).
    let odd = local.starts_with("//") || local.contains('\\') || local.starts_with("/\\");
    let scheme = local
        .split(['/', '?', '#'])
        .next()
        .is_some_and(|first| first.contains(':'));
    if odd || scheme || local.bytes().any(|byte| byte < 0x20) {
        return Resolved::Elsewhere;
    }
    let local = local.split('#').next().unwrap_or_default();
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let absolute = if path.starts_with('/') {
        path.to_owned()
    } else if path.is_empty() {
        request_path.to_owned()
    } else {
        let folder = request_path
            .rfind('/')
            .map_or("/", |end| &request_path[..=end]);
        format!("{folder}{path}")
    };
    Resolved::Own {
        path: without_dots(&absolute),
        query,
    }
}

/// A resolved redirect target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Resolved<'t> {
    /// On this host.
    Own {
        /// The path, without dot segments.
        path: String,
        /// The query, without `?`.
        query: &'t str,
    },
    /// Anywhere else.
    Elsewhere,
}

impl Resolved<'_> {
    /// The form that the outcome rules take.
    #[must_use]
    pub fn as_target(&self) -> Target<'_> {
        match self {
            Self::Own { path, query } => Target::Own { path, query },
            Self::Elsewhere => Target::Elsewhere,
        }
    }

    /// Path and query on this host, for our own redirect; `None` when it leads elsewhere.
    #[must_use]
    pub fn local(&self) -> Option<String> {
        match self {
            Self::Own { path, query: "" } => Some(path.clone()),
            Self::Own { path, query } => Some(format!("{path}?{query}")),
            Self::Elsewhere => None,
        }
    }
}

/// RFC 3986 section 5.2.4.
fn without_dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    let tail = if path.ends_with("/.") || path.ends_with("/..") {
        "/"
    } else {
        ""
    };
    format!(
        "/{}{}",
        out.join("/"),
        if out.is_empty() { "" } else { tail }
    )
}
