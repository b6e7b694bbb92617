//! The strict reading: a list of refusals over RFC 3986 section 3.3, not a normaliser.
//! Never decides what a path means; `loose` is the reading for watching, `route` uses both.

use std::borrow::Cow;

use thiserror::Error;

use crate::path::{escaped, unescaped};

/// The longest path that is read.
pub const MAX_PATH_BYTES: usize = 8 * 1024;

/// Why a path has not exactly one reading.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum PathProblem {
    /// Does not begin with `/`.
    #[error("the path does not begin with a slash")]
    Form,
    /// Longer than [`MAX_PATH_BYTES`].
    #[error("the path is too long")]
    TooLong,
    /// A raw byte that RFC 3986 does not allow in a path.
    #[error("the path holds a character that must be encoded")]
    Character,
    /// A backslash: a slash to Windows servers and browsers.
    #[error("the path holds a backslash")]
    Backslash,
    /// A `;`: cut by Java servers, kept by others.
    #[error("the path holds a parameter")]
    Parameter,
    /// Two slashes in a row: merged by some.
    #[error("the path holds an empty segment")]
    EmptySegment,
    /// `.` or `..`: resolved by some.
    #[error("the path holds a dot segment")]
    DotSegment,
    /// A `%` without two hexadecimal digits.
    #[error("the path holds a broken percent escape")]
    Escape,
    /// An encoded separator or control character: decoded before splitting by some.
    #[error("the path holds an encoded separator")]
    EncodedSeparator,
    /// An encoded character that needs no encoding: decoded by some (RFC 3986 section 6.2.2.2).
    #[error("the path holds a needless percent escape")]
    NeedlessEscape,
    /// Escapes that are not UTF-8, or an overlong form of it.
    #[error("the path is not UTF-8")]
    Utf8,
    /// An ASP.NET session id in the path, `/(S(…))/`.
    #[error("the path holds a session id")]
    SessionSegment,
}

impl PathProblem {
    /// A short word for metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "path_form",
            Self::TooLong => "path_too_long",
            Self::Character => "path_character",
            Self::Backslash => "path_backslash",
            Self::Parameter => "path_parameter",
            Self::EmptySegment => "path_empty_segment",
            Self::DotSegment => "path_dot_segment",
            Self::Escape => "path_escape",
            Self::EncodedSeparator => "path_encoded_separator",
            Self::NeedlessEscape => "path_needless_escape",
            Self::Utf8 => "path_utf8",
            Self::SessionSegment => "path_session_segment",
        }
    }
}

/// Reads an origin-form path (without query) that every server reads alike, and gives back the same
/// slice.
///
/// # Errors
///
/// Says what gives the path a second reading. Nothing is repaired.
pub fn canonical(path: &str) -> Result<&str, PathProblem> {
    let bytes = path.as_bytes();
    if bytes.first() != Some(&b'/') {
        return Err(PathProblem::Form);
    }
    if bytes.len() > MAX_PATH_BYTES {
        return Err(PathProblem::TooLong);
    }
    let (mut high, mut at) = (false, 0);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'%' => {
                high |= reads_one_way(escaped(&bytes[at - 1..]).ok_or(PathProblem::Escape)?)?;
                at += 2;
            }
            b'\\' => return Err(PathProblem::Backslash),
            b';' => return Err(PathProblem::Parameter),
            byte if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=:@".contains(byte) => {}
            _ => return Err(PathProblem::Character),
        }
    }
    if high && !decodes_to_utf8(bytes) {
        return Err(PathProblem::Utf8);
    }
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "" if segments.peek().is_some() => return Err(PathProblem::EmptySegment),
            "." | ".." => return Err(PathProblem::DotSegment),
            segment if holds_session(segment.as_bytes()) => {
                return Err(PathProblem::SessionSegment);
            }
            _ => {}
        }
    }
    Ok(path)
}

/// Whether an escaped byte is part of a UTF-8 sequence, or an error when it must not be escaped at
/// all.
fn reads_one_way(byte: u8) -> Result<bool, PathProblem> {
    match byte {
        b'/' | b'\\' | b'.' | b';' | b'%' | b'?' | b'#' => Err(PathProblem::EncodedSeparator),
        byte if byte.is_ascii_control() => Err(PathProblem::EncodedSeparator),
        b'-' | b'_' | b'~' => Err(PathProblem::NeedlessEscape),
        byte if byte.is_ascii_alphanumeric() => Err(PathProblem::NeedlessEscape),
        byte => Ok(!byte.is_ascii()),
    }
}

/// RFC 3629 section 3: no overlong forms, no surrogates. Nor the control characters of U+0080 to
/// U+009F.
fn decodes_to_utf8(bytes: &[u8]) -> bool {
    String::from_utf8(unescaped(bytes)).is_ok_and(|text| !text.chars().any(char::is_control))
}

/// ASP.NET's `(S(…))`, `(A(…)F(…))`, `(X(1)…)`: it takes the segment out before it looks at the
/// path.
fn holds_session(segment: &[u8]) -> bool {
    let opening = |bytes: &[u8]| match bytes {
        [b'(', ..] => 1,
        _ if escaped(bytes) == Some(b'(') => 3,
        _ => 0,
    };
    let outer = opening(segment);
    match segment.get(outer..) {
        Some([letter, rest @ ..]) if outer > 0 => letter.is_ascii_alphabetic() && opening(rest) > 0,
        _ => false,
    }
}

/// Cuts `;name=value` out of every segment, the name in any ASCII case (`DESIGN-CASES` 17: Tomcat's
/// first visit). What is encoded stays, and [`canonical`] refuses it.
#[must_use]
pub fn cut_parameter<'p>(path: &'p str, name: &str) -> Cow<'p, str> {
    let mut kept: Option<String> = None;
    let mut done = 0;
    for (at, _) in path.match_indices(';') {
        let (before, parameter) = path.split_at(at);
        let length = parameter[1..]
            .find(['/', ';'])
            .map_or(parameter.len(), |end| end + 1);
        let named = parameter[1..length].split_once('=');
        if named.is_some_and(|(key, _)| key.eq_ignore_ascii_case(name)) {
            kept.get_or_insert_default().push_str(&before[done..]);
            done = at + length;
        }
    }
    match kept {
        None => Cow::Borrowed(path),
        Some(kept) => Cow::Owned(kept + &path[done..]),
    }
}
