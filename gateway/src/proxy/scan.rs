//! Watching the bodies of verified requests while they stream: size, logins where none belong, and
//! session ids.
//!
//! An app that takes a login on any path would take one hidden in a note (`DESIGN-CASES` 7), and
//! one that takes a session id from an address takes it from a form too (attack A02): field names
//! are scanned in constant memory, and the upstream request is cut before its end when such a field
//! appears. Never keeps a body.

use anteroom_core::form::{
    ContentType, FieldScanner, MultipartScanner, Scan as Verdict, content_type,
};
use anteroom_core::profile::{Credential, LoginPath, LoginProfile};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use pingora::Result;

use super::{Context, Way};
use crate::pages::{Notice, Why};
use crate::respond;

/// Reads a body's field names while it streams.
pub(super) struct Scan {
    reader: Reader,
    /// What is said when one of them must not be there.
    found: Notice<'static>,
}

/// A scanner fitting the body's type.
enum Reader {
    Form(FieldScanner),
    Multipart(MultipartScanner),
}

/// Bodies that no form parser reads.
const HARMLESS: [&str; 4] = [
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "application/dicom",
];

/// Whether some login of this app may be posted anywhere.
pub(super) fn takes_logins_anywhere(profile: &LoginProfile) -> bool {
    profile
        .logins
        .iter()
        .any(|rule| rule.path == LoginPath::Any)
}

/// Chooses the scanner for a body. `Err` when a body of this type cannot be vouched for.
pub(super) fn scanner(
    profile: &LoginProfile,
    headers: &HeaderMap,
) -> std::result::Result<Option<Scan>, Notice<'static>> {
    let anywhere = takes_logins_anywhere(profile);
    let ids = &profile.url_ids.refuse;
    if !anywhere && ids.is_empty() {
        return Ok(None);
    }
    let encoded = headers.contains_key(CONTENT_ENCODING);
    if anywhere && encoded {
        return Err(Notice::UnsupportedForm);
    }
    let names: Vec<&str> = profile
        .logins
        .iter()
        .filter(|rule| rule.path == LoginPath::Any)
        .flat_map(|rule| {
            let Credential::Form(fields) = &rule.credential;
            fields.secrets.iter()
        })
        .chain(ids)
        .map(String::as_str)
        .collect();
    let value = headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    let reader = match content_type(value) {
        ContentType::Form => Reader::Form(FieldScanner::new(&names)),
        ContentType::Multipart { .. } => Reader::Multipart(MultipartScanner::new(&names)),
        ContentType::Json => return Ok(None),
        ContentType::Other | ContentType::Absent => {
            let fine = if anywhere {
                is_harmless(value)
            } else {
                !may_be_form(value)
            };
            return if fine {
                Ok(None)
            } else {
                Err(Notice::UnsupportedForm)
            };
        }
    };
    if encoded {
        return Err(Notice::UnsupportedForm);
    }
    let found = if anywhere {
        Notice::SignOutFirst
    } else {
        Notice::BadRequest {
            why: Why::SessionInForm,
        }
    };
    Ok(Some(Scan { reader, found }))
}

/// Whether no form parser reads a body of this type.
fn is_harmless(value: Option<&[u8]>) -> bool {
    let text = value
        .and_then(|value| std::str::from_utf8(value).ok())
        .unwrap_or_default();
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let known = essence.starts_with("image/") || HARMLESS.contains(&essence.as_str());
    known && !text.contains(',')
}

/// Whether some server takes this odd type for a form's (attack B06: PHP stops reading it at a
/// comma).
fn may_be_form(value: Option<&[u8]>) -> bool {
    value.is_some_and(|value| {
        value
            .to_ascii_lowercase()
            .windows(4)
            .any(|four| four == b"form")
    })
}

/// Looks at one piece of a body on its way upstream.
///
/// # Errors
/// When the body is too large, carries a login, or somebody logged in on its session meanwhile: the
/// upstream request ends unfinished.
pub(super) fn watch(context: &mut Context, chunk: Option<&Bytes>, end: bool) -> Result<()> {
    let bytes = chunk.map_or(0, Bytes::len);
    context.body_bytes = context.body_bytes.saturating_add(bytes as u64);
    let most = context
        .arrival
        .as_ref()
        .and_then(|arrival| arrival.app.settings.max_body);
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
        verdict = match &mut scan.reader {
            Reader::Form(scanner) => scanner.feed(chunk),
            Reader::Multipart(scanner) => scanner.feed(chunk),
        };
    }
    if end && verdict == Verdict::Nothing {
        verdict = match &mut scan.reader {
            Reader::Form(scanner) => scanner.finish(),
            Reader::Multipart(scanner) => scanner.finish(),
        };
    }
    if verdict == Verdict::Found {
        context.notice = Some(scan.found.clone());
        return Err(respond::stop(403));
    }
    Ok(())
}
