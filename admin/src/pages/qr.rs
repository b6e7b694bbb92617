//! A QR code as a PNG picture, made here so that no secret leaves the house as somebody else's
//! address.
//!
//! Never shown by itself: `door` puts the picture into its page. The drawing is
//! `qrcodegen-image`'s.

/// Why there is no picture.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the address does not fit into a QR code")]
pub struct QrProblem;

/// The text as a QR code: black on white, 8 dots a module, with the white border of four modules
/// that readers need.
///
/// # Errors
///
/// When the text is longer than a QR code can hold. The text, a secret, is not part of the error.
pub fn qr_png(uri: &str) -> Result<Vec<u8>, QrProblem> {
    qrcodegen_image::draw_png(uri).map_err(|_| QrProblem)
}

/// How large a page shows the picture: at least 240, and whole pixels for each module, so that
/// edges stay sharp.
pub(super) fn shown_side(png: &[u8]) -> u32 {
    // The picture's width: four bytes after the signature, the first chunk's length and its name.
    let width = png
        .get(16..20)
        .and_then(|four| <[u8; 4]>::try_from(four).ok());
    match width.map(|four| u32::from_be_bytes(four) / DOTS_PER_MODULE) {
        // A QR code has 21 to 177 modules a side, and eight of border.
        Some(modules @ 29..=185) => modules * 240_u32.div_ceil(modules),
        _ => 240,
    }
}

/// `qrcodegen-image` draws every module eight dots wide.
const DOTS_PER_MODULE: u32 = 8;
