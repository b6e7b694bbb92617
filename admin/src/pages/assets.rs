//! The stylesheet, its address, and the headers that every page of the admin app leaves with.
//!
//! Never a script and nothing from elsewhere. Look next: `admin/assets/admin.css`.

use std::sync::LazyLock;

/// The one stylesheet of all pages.
pub const STYLESHEET: &str = include_str!("../../assets/admin.css");

/// The stylesheet's media type.
pub const STYLESHEET_TYPE: &str = "text/css; charset=utf-8";

static STYLESHEET_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/assets/admin-{:08x}.css", fnv1a(STYLESHEET.as_bytes())));

/// Where the stylesheet is served. The name changes with the content, so it may be cached for ever.
#[must_use]
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
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

/// What the admin app never needs of a browser.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

static HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", POLICY),
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS),
];

/// The headers of every page.
#[must_use]
pub fn security_headers() -> &'static [(&'static str, &'static str)] {
    &HEADERS
}
