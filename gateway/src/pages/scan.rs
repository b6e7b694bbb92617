//! The part of a page that brings a secret onto a phone: the picture, the link, the key to type.
//!
//! Plain values in; makes no secret and no picture. Look next: [`qr`](super::qr) for the picture,
//! `gateway/templates/portal/scan.html` for the HTML.

use data_encoding::BASE64;

use super::qr;

/// What a phone needs. It holds a secret that does not count yet, so it has no `Debug`.
#[derive(Clone)]
pub(super) struct Scan<'a> {
    /// The picture inside the page: nothing is fetched, so the secret stands in no address and in
    /// no log.
    pub(super) src: String,
    pub(super) side: u32,
    /// For a phone that reads this page itself.
    pub(super) link: Option<&'a str>,
    /// How the app on the phone will list the entry.
    pub(super) account: &'a str,
    /// The secret in base32, in groups of four.
    pub(super) secret_groups: &'a str,
}

impl<'a> Scan<'a> {
    pub(super) fn new(
        qr_png: &[u8],
        uri: &'a str,
        secret_groups: &'a str,
        account: &'a str,
    ) -> Self {
        Self {
            src: format!("data:image/png;base64,{}", BASE64.encode(qr_png)),
            side: qr::shown_side(qr_png),
            // No other kind of address belongs behind that link.
            link: uri.starts_with("otpauth://").then_some(uri),
            account,
            secret_groups,
        }
    }
}
