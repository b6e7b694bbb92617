//! The stylesheet and the script, their addresses, and the headers that every page of ours leaves
//! with.
//!
//! Never the app's headers: what the app answers is not ours to dress. Look next:
//! `gateway/assets/portal.css`, `gateway/assets/passkey.js`.

use std::sync::LazyLock;

/// The one stylesheet of all pages.
pub const STYLESHEET: &str = include_str!("../../assets/portal.css");

/// The stylesheet's media type.
pub const STYLESHEET_TYPE: &str = "text/css; charset=utf-8";

static STYLESHEET_PATH: LazyLock<String> =
    LazyLock::new(|| named_after(STYLESHEET.as_bytes(), "portal", "css"));

/// Where the stylesheet is served. The name changes with the content, so it may be cached for ever.
#[must_use]
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
}

/// The one script, for the pages that ask for a passkey.
pub const SCRIPT: &str = include_str!("../../assets/passkey.js");

static SCRIPT_PATH: LazyLock<String> =
    LazyLock::new(|| named_after(SCRIPT.as_bytes(), "passkey", "js"));

/// Where the script is served; named like the stylesheet.
#[must_use]
pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// A file that pages name.
pub struct Asset {
    /// What it holds.
    pub content: &'static str,
    /// Its media type.
    pub kind: &'static str,
}

/// The file at this path, if there is one.
#[must_use]
pub fn at(path: &str) -> Option<Asset> {
    if path == stylesheet_path() {
        return Some(Asset {
            content: STYLESHEET,
            kind: STYLESHEET_TYPE,
        });
    }
    (path == script_path()).then_some(Asset {
        content: SCRIPT,
        kind: "text/javascript; charset=utf-8",
    })
}

/// A path that changes with the content behind it.
pub(super) fn named_after(content: &[u8], name: &str, ending: &str) -> String {
    format!("/.anteroom/assets/{name}-{:08x}.{ending}", fnv1a(content))
}

/// FNV-1a, 32 bits: tells one stylesheet from the next. Nothing secret hangs on it.
const fn fnv1a(bytes: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
        rest = tail;
    }
    hash
}

/// No script, nothing from elsewhere, no frame, forms only to ourselves.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The same with our one script: for the pages that ask for a passkey, and no other.
const POLICY_SCRIPTED: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The same, but a page of the app may hold it: only for the page that leads out of the frame.
const POLICY_FRAMED: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; frame-ancestors 'self'; base-uri 'none'";

/// What an anteroom never needs of a browser.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

static HEADERS: [(&str, &str); 8] = headers(POLICY, "DENY");
static HEADERS_SCRIPTED: [(&str, &str); 8] = headers(POLICY_SCRIPTED, "DENY");
static HEADERS_FRAMED: [(&str, &str); 8] = headers(POLICY_FRAMED, "SAMEORIGIN");

const fn headers(policy: &'static str, frames: &'static str) -> [(&'static str, &'static str); 8] {
    [
        ("content-security-policy", policy),
        // `no-referrer` would make browsers send `Origin: null` with our own forms (DESIGN-CASES
        // 23).
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", frames),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", PERMISSIONS),
    ]
}

/// The headers of a page that names our script ([`Page::needs_script`](super::Page::needs_script)).
#[must_use]
pub fn security_headers_scripted() -> &'static [(&'static str, &'static str)] {
    &HEADERS_SCRIPTED
}

/// The headers of every other page but one.
#[must_use]
pub fn security_headers() -> &'static [(&'static str, &'static str)] {
    &HEADERS
}

/// The headers of [`Notice::BreakOut`](super::Notice::BreakOut), which is read inside a frame of
/// the app.
#[must_use]
pub fn security_headers_framed() -> &'static [(&'static str, &'static str)] {
    &HEADERS_FRAMED
}
