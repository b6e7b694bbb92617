//! The page that shows new recovery codes, once: to copy, to download, to print.
//!
//! Never mints or checks a code. Look next: `gateway/templates/portal/recovery_codes.html`, and the
//! part of `gateway/assets/portal.css` that is for paper.

use askama::Template;

use super::Chrome;
use super::frame::Frame;

#[derive(Template)]
#[template(path = "portal/recovery_codes.html")]
struct RecoveryCodes<'a> {
    frame: Frame<'a>,
    nonce: &'a str,
    codes: &'a [String],
    account: &'a str,
}

/// The page with the codes.
pub(super) fn codes(
    nonce: &str,
    codes: &[String],
    account: &str,
    chrome: &Chrome<'_>,
) -> askama::Result<String> {
    let frame = Frame::new(chrome, "Save your recovery codes", false).wide();
    RecoveryCodes {
        frame,
        nonce,
        codes,
        account,
    }
    .render()
}

/// The same codes as a text file, for the download beside the page.
#[must_use]
pub fn codes_file(codes: &[String], account: &str, app: &str) -> String {
    let list = codes
        .iter()
        .map(|code| format!("{code}\r\n"))
        .collect::<String>();
    format!(
        "Recovery codes for {}\r\nAccount: {}\r\n\r\n{list}\r\n\
         Each code works once, in place of the code from your phone.\r\n\
         Keep this file where only you can read it. Nobody will ever ask you for a code.\r\n",
        on_one_line(app),
        on_one_line(account),
    )
}

fn on_one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
