//! The raw head of an HTTP/1 request, line by line (attacks A07, A08, A20, A21).
//!
//! pingora's parser forgives bare line feeds, folded lines and odd spaces; servers behind us
//! forgive other things. We forgive nothing. Fields themselves are looked at in `fields`.

use memchr::memchr2;

use super::{FrontRefusal, LONGEST_TARGET, has_controls};

/// Checks the lines of a raw head. Returns `true` for HTTP/1.0.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(raw: &[u8]) -> Result<bool, FrontRefusal> {
    // What pingora keeps ends with the empty line; without it there is nothing we could vouch for.
    let head = raw.strip_suffix(b"\r\n\r\n").ok_or(FrontRefusal::Lines)?;
    let mut rest = head;
    let first = next_line(&mut rest)?;
    let old = request_line(first)?;
    let (mut lengths, mut encodings) = (0, 0);
    while !rest.is_empty() {
        let name = field_line(next_line(&mut rest)?)?;
        lengths += u32::from(name.eq_ignore_ascii_case(b"content-length"));
        encodings += u32::from(name.eq_ignore_ascii_case(b"transfer-encoding"));
    }
    // Counted here, because pingora's parser drops a length that stands next to an encoding and
    // joins equal ones (attacks A17, A19): `fields` would see one plain reading.
    match (lengths, encodings) {
        (0 | 1, 0) | (0, 1) => Ok(old),
        (_, 0) => Err(FrontRefusal::ContentLength),
        _ => Err(FrontRefusal::TransferEncoding),
    }
}

fn next_line<'h>(rest: &mut &'h [u8]) -> Result<&'h [u8], FrontRefusal> {
    let line = match memchr2(b'\r', b'\n', rest) {
        None => std::mem::take(rest),
        Some(end) => {
            let (line, tail) = rest.split_at(end);
            *rest = tail.strip_prefix(b"\r\n").ok_or(FrontRefusal::Lines)?;
            line
        }
    };
    if line.is_empty() || has_controls(line) {
        return Err(FrontRefusal::Lines);
    }
    Ok(line)
}

fn request_line(line: &[u8]) -> Result<bool, FrontRefusal> {
    let mut parts = line.split(|&byte| byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(FrontRefusal::RequestLine);
    };
    if method.is_empty() || !method.iter().all(u8::is_ascii_uppercase) {
        return Err(FrontRefusal::Method);
    }
    if target.len() > LONGEST_TARGET {
        return Err(FrontRefusal::TargetTooLong);
    }
    if target.is_empty() || !target.iter().all(u8::is_ascii_graphic) || target.contains(&b'#') {
        return Err(FrontRefusal::Target);
    }
    match version {
        b"HTTP/1.1" => Ok(false),
        b"HTTP/1.0" => Ok(true),
        _ => Err(FrontRefusal::Version),
    }
}

/// The name of a field.
fn field_line(line: &[u8]) -> Result<&[u8], FrontRefusal> {
    let colon = line
        .iter()
        .position(|&byte| byte == b':')
        .ok_or(FrontRefusal::FieldName)?;
    let name = &line[..colon];
    if name.is_empty() || !name.iter().all(|&byte| is_name_byte(byte)) {
        return Err(FrontRefusal::FieldName);
    }
    Ok(name)
}

/// RFC 9110 section 5.6.2 `tchar`, without those that CGI-like servers fold into one another beyond
/// `_` and `.` (those two are dealt with by name, in `fields`).
const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Result<bool, FrontRefusal> {
        check(text.replace('¶', "\r\n").as_bytes())
    }

    #[test]
    fn a_plain_head_passes() {
        assert_eq!(
            verdict("GET /a?b=%20 HTTP/1.1¶Host: emr.test¶X-A:¶X-B: a\tb¶¶"),
            Ok(false)
        );
        assert_eq!(verdict("GET / HTTP/1.0¶Host: emr.test¶¶"), Ok(true));
    }

    #[test]
    fn a_body_has_one_length_or_one_encoding() {
        use FrontRefusal::{ContentLength, TransferEncoding};
        let (length, chunked) = ("content-LENGTH: 4¶", "Transfer-encoding: chunked¶");
        for (fields, wanted) in [
            (length.to_owned(), Ok(false)),
            (chunked.to_owned(), Ok(false)),
            (format!("{length}{chunked}"), Err(TransferEncoding)),
            (format!("{chunked}{length}"), Err(TransferEncoding)),
            (format!("{length}{length}"), Err(ContentLength)),
            (format!("{chunked}{chunked}"), Err(TransferEncoding)),
        ] {
            let text = format!("POST / HTTP/1.1¶{fields}¶");
            assert_eq!(verdict(&text), wanted, "{text}");
        }
    }

    #[test]
    fn every_odd_line_is_refused() {
        use FrontRefusal::{FieldName, Lines, Method, RequestLine, Target, Version};
        for (text, why) in [
            ("GET / HTTP/1.1\nHost: x¶¶", Lines),
            ("GET / HTTP/1.1¶X: a\rCookie: S¶¶", Lines),
            ("GET / HTTP/1.1¶X: a¶ Cookie: S¶¶", FieldName),
            ("GET / HTTP/1.1¶X: a\0b¶¶", Lines),
            ("¶¶GET / HTTP/1.1¶Host: x¶¶", Lines),
            ("GET / HTTP/1.1¶Host : x¶¶", FieldName),
            ("GET / HTTP/1.1¶Cookie\t: x¶¶", FieldName),
            ("GET / HTTP/1.1¶: x¶¶", FieldName),
            ("GET / HTTP/1.1¶nothing¶¶", FieldName),
            ("get / HTTP/1.1¶¶", Method),
            ("GET  / HTTP/1.1¶¶", RequestLine),
            ("GET /a b HTTP/1.1¶¶", RequestLine),
            ("GET /¶¶", RequestLine),
            ("GET /a\tb HTTP/1.1¶¶", Lines),
            ("GET /é HTTP/1.1¶¶", Target),
            ("GET /a#b HTTP/1.1¶¶", Target),
            ("GET / HTTP/1.2¶¶", Version),
            ("GET / HTTP/2.0¶¶", Version),
            ("GET / http/1.1¶¶", Version),
        ] {
            let found = verdict(text);
            assert!(
                found == Err(why) || found == Err(Target),
                "{text:?}: {found:?}"
            );
        }
    }
}
