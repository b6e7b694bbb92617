//! What a `Content-Type` says, read exactly: the one spelling that has one meaning, everything else
//! is `Other` (attacks B06, B07: PHP parses a form under `..., text/plain`; `charset=utf-16`
//! changes every byte).

/// The kinds of body that login rules speak of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ContentType {
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Multipart {
        /// The boundary, without the leading dashes.
        boundary: String,
    },
    /// `application/json`
    Json,
    /// Anything else, also these with unexpected parameters.
    Other,
    /// No header.
    Absent,
}

/// Reads a `Content-Type` header value.
#[must_use]
pub fn content_type(value: Option<&[u8]>) -> ContentType {
    let Some(value) = value else {
        return ContentType::Absent;
    };
    std::str::from_utf8(value)
        .ok()
        .and_then(read)
        .unwrap_or(ContentType::Other)
}

fn read(value: &str) -> Option<ContentType> {
    let mut parts = value.split(';').map(|part| part.trim_matches([' ', '\t']));
    let media_type = parts.next()?.to_ascii_lowercase();
    let (parameter, end) = (parts.next(), parts.next());
    if end.is_some() {
        return None;
    }
    let parameter = match parameter {
        Some(text) => {
            let (key, value) = text.split_once('=')?;
            Some((key.to_ascii_lowercase(), unquoted(value)?))
        }
        None => None,
    };
    let utf8 = match &parameter {
        None => true,
        Some((key, value)) => key == "charset" && value.eq_ignore_ascii_case("utf-8"),
    };
    match (media_type.as_str(), parameter) {
        ("application/x-www-form-urlencoded", _) if utf8 => Some(ContentType::Form),
        ("application/json", _) if utf8 => Some(ContentType::Json),
        ("multipart/form-data", Some((key, boundary))) if key == "boundary" => {
            is_boundary(boundary).then(|| ContentType::Multipart {
                boundary: boundary.to_owned(),
            })
        }
        _ => None,
    }
}

/// A parameter value with or without quotes; escapes inside quotes have more than one reading.
fn unquoted(value: &str) -> Option<&str> {
    let inner = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => value,
    };
    (!inner.is_empty() && !inner.contains(['"', '\\'])).then_some(inner)
}

/// RFC 2046 section 5.1.1: `boundary`, without the space, which some servers cut.
fn is_boundary(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    (1..=70).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> ContentType {
        content_type(Some(value.as_bytes()))
    }

    #[test]
    fn the_spellings_that_browsers_and_scripts_send_are_known() {
        assert_eq!(content_type(None), ContentType::Absent);
        assert_eq!(read("application/x-www-form-urlencoded"), ContentType::Form);
        assert_eq!(
            read("Application/X-WWW-Form-Urlencoded; charset=UTF-8"),
            ContentType::Form
        );
        assert_eq!(
            read("application/x-www-form-urlencoded;charset=\"utf-8\""),
            ContentType::Form
        );
        assert_eq!(read("application/json"), ContentType::Json);
        let boundary = "----WebKitFormBoundaryAb3".to_owned();
        assert_eq!(
            read("multipart/form-data; boundary=----WebKitFormBoundaryAb3"),
            ContentType::Multipart { boundary }
        );
    }

    #[test]
    fn what_has_two_readings_is_other() {
        for value in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded, text/plain",
            "application/x-www-form-urlencoded; charset=utf-16",
            "application/x-www-form-urlencoded; charset=utf-7",
            "application/x-www-form-urlencoded; charset=ibm037",
            "application/x-www-form-urlencoded; charset=utf-8; charset=utf-16",
            "application/x-www-form-urlencoded; boundary=x",
            "application/x-www-form-urlencoded;",
            "application /x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset = utf-8",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data; boundary=\"a\\\"b\"",
            "multipart/form-data; boundary=a b",
            "multipart/mixed; boundary=a",
        ] {
            assert_eq!(read(value), ContentType::Other, "{value}");
        }
        assert_eq!(content_type(Some(b"\xff")), ContentType::Other);
    }
}
