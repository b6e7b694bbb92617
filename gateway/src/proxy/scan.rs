//! Watching the bodies of verified requests while they stream: size, and logins where none belong.
//!
//! An app that takes a login on any path would take one hidden in a note (`DESIGN-CASES` 7): field names are
//! scanned in constant memory, and the upstream request is cut before its end when a credential field
//! appears. Never keeps a body.

use anteroom_core::form::{ContentType, FieldScanner, MultipartScanner, Scan as Verdict, content_type};
use anteroom_core::profile::{Credential, LoginPath, LoginProfile};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use pingora::Result;

use super::{Context, Way};
use crate::pages::Notice;
use crate::respond;

/// A scanner fitting the body's type.
pub(super) enum Scan {
    Form(FieldScanner),
    Multipart(MultipartScanner),
}

/// Bodies that no form parser reads.
const HARMLESS: [&str; 4] =
    ["application/json", "application/octet-stream", "application/pdf", "application/dicom"];

/// Whether some login of this app may be posted anywhere.
pub(super) fn takes_logins_anywhere(profile: &LoginProfile) -> bool {
    profile.logins.iter().any(|rule| rule.path == LoginPath::Any)
}

/// Chooses the scanner for a body. `Err` when a body of this type cannot be vouched for.
pub(super) fn scanner(
    profile: &LoginProfile,
    headers: &HeaderMap,
) -> std::result::Result<Option<Scan>, Notice<'static>> {
    if !takes_logins_anywhere(profile) {
        return Ok(None);
    }
    let secrets: Vec<&str> = profile
        .logins
        .iter()
        .filter(|rule| rule.path == LoginPath::Any)
        .flat_map(|rule| {
            let Credential::Form(fields) = &rule.credential;
            fields.secrets.iter().map(String::as_str)
        })
        .collect();
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(Notice::UnsupportedForm);
    }
    let value = headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    match content_type(value) {
        ContentType::Form => Ok(Some(Scan::Form(FieldScanner::new(&secrets)))),
        ContentType::Multipart { .. } => Ok(Some(Scan::Multipart(MultipartScanner::new(&secrets)))),
        ContentType::Json => Ok(None),
        ContentType::Other | ContentType::Absent => {
            let text = value.and_then(|value| std::str::from_utf8(value).ok()).unwrap_or_default();
            let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let image = essence.starts_with("image/") && !text.contains(',');
            if image || HARMLESS.contains(&essence.as_str()) && !text.contains(',') {
                Ok(None)
            } else {
                Err(Notice::UnsupportedForm)
            }
        }
    }
}

/// Looks at one piece of a body on its way upstream.
///
/// # Errors
/// When the body is too large, carries a login, or somebody logged in on its session meanwhile: the upstream
/// request ends unfinished.
pub(super) fn watch(context: &mut Context, chunk: Option<&Bytes>, end: bool) -> Result<()> {
    let bytes = chunk.map_or(0, Bytes::len);
    context.body_bytes = context.body_bytes.saturating_add(bytes as u64);
    let most = context.arrival.as_ref().and_then(|arrival| arrival.app.settings.max_body);
    if most.is_some_and(|most| context.body_bytes > most) {
        context.notice = Some(Notice::TooLarge);
        return Err(respond::stop(413));
    }
    if let Way::Whole(whole) = &context.way
        && whole.exchange.is_overtaken()
    {
        context.notice = Some(Notice::TryLoginAgain);
        return Err(respond::stop(409));
    }
    let Some(scan) = &mut context.scan else {
        return Ok(());
    };
    let mut verdict = Verdict::Nothing;
    if let Some(chunk) = chunk {
        verdict = match scan {
            Scan::Form(scanner) => scanner.feed(chunk),
            Scan::Multipart(scanner) => scanner.feed(chunk),
        };
    }
    if end && verdict == Verdict::Nothing {
        verdict = match scan {
            Scan::Form(scanner) => scanner.finish(),
            Scan::Multipart(scanner) => scanner.finish(),
        };
    }
    if verdict == Verdict::Found {
        context.notice = Some(Notice::SignOutFirst);
        return Err(respond::stop(403));
    }
    Ok(())
}
