//! An urlencoded body in its one strict reading, or refused.
//!
//! What is read here is what goes upstream: the raw bytes, less the fields that the profile strips.
//! Never repairs anything. The loose readings, for watching, are in `scanner`.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::form::names::FoldedName;
use crate::path::escaped;

/// Why a body has not exactly one reading. Never holds a value.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum FormProblem {
    /// More fields than allowed.
    #[error("the form has too many fields")]
    TooManyFields,
    /// A `%` without two hexadecimal digits.
    #[error("the form holds a broken percent escape")]
    Escape,
    /// Not UTF-8, or an overlong form of it.
    #[error("the form is not UTF-8")]
    Utf8,
    /// NUL, raw or encoded: some servers cut there.
    #[error("the form holds a NUL")]
    Nul,
    /// A raw control character or `;`: some servers split there.
    #[error("the form holds a raw separator")]
    Separator,
    /// `_charset_` asks for another reading (attack B07).
    #[error("the form asks for another charset")]
    Charset,
    /// A configured field comes twice, or under a name that some servers take for it.
    #[error("the field {field} comes more than once")]
    Ambiguous {
        /// The field as configured.
        field: String,
    },
}

impl FormProblem {
    /// A short word for metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooManyFields => "form_too_many_fields",
            Self::Escape => "form_escape",
            Self::Utf8 => "form_utf8",
            Self::Nul => "form_nul",
            Self::Separator => "form_separator",
            Self::Charset => "form_charset",
            Self::Ambiguous { .. } => "form_ambiguous",
        }
    }
}

/// A strictly read `application/x-www-form-urlencoded` body.
pub struct Form<'b> {
    pieces: Vec<Piece<'b>>,
}

/// What stands between two `&`: usually a field, sometimes nothing.
struct Piece<'b> {
    raw: &'b [u8],
    name: Cow<'b, str>,
    value: Cow<'b, str>,
}

impl<'b> Form<'b> {
    /// Reads a body of at most `max_fields` fields.
    ///
    /// # Errors
    ///
    /// Every body that two servers could read differently is refused.
    pub fn parse(body: &'b [u8], max_fields: usize) -> Result<Self, FormProblem> {
        if body.is_empty() {
            return Ok(Self { pieces: Vec::new() });
        }
        let mut pieces = Vec::new();
        for raw in body.split(|byte| *byte == b'&') {
            if pieces.len() == max_fields {
                return Err(FormProblem::TooManyFields);
            }
            let (name, value) = match raw.iter().position(|byte| *byte == b'=') {
                Some(at) => (&raw[..at], &raw[at + 1..]),
                None => (raw, &raw[..0]),
            };
            pieces.push(Piece {
                raw,
                name: decoded(name)?,
                value: decoded(value)?,
            });
        }
        let form = Self { pieces };
        let other_charset = |(name, value): (&str, &str)| {
            name.eq_ignore_ascii_case("_charset_") && !value.eq_ignore_ascii_case("utf-8")
        };
        if form.fields().any(other_charset) {
            Err(FormProblem::Charset)
        } else {
            Ok(form)
        }
    }

    /// All fields in order, decoded.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let filled = self.pieces.iter().filter(|piece| !piece.raw.is_empty());
        filled.map(|piece| (piece.name.as_ref(), piece.value.as_ref()))
    }

    /// The value of the one field of this name, if there is one.
    ///
    /// # Errors
    ///
    /// [`FormProblem::Ambiguous`] when it comes twice, or beside a name that some server takes for
    /// it: PHP takes the last, others the first or both joined (attacks B01, B02).
    pub fn the_one(&self, name: &str) -> Result<Option<&str>, FormProblem> {
        let configured = FoldedName::of(name.as_bytes());
        let mut found = None;
        for (seen, value) in self.fields() {
            if seen != name && !FoldedName::of(seen.as_bytes()).meets(&configured) {
                continue;
            }
            if seen != name || found.is_some() {
                return Err(FormProblem::Ambiguous {
                    field: name.to_owned(),
                });
            }
            found = Some(value);
        }
        Ok(found)
    }

    /// Whether a field has another name that some server takes for this one.
    #[must_use]
    pub fn has_alias_of(&self, name: &str) -> bool {
        let configured = FoldedName::of(name.as_bytes());
        let meets = |seen: &str| FoldedName::of(seen.as_bytes()).meets(&configured);
        self.fields().any(|(seen, _)| seen != name && meets(seen))
    }

    /// The body without these fields and their aliases; all other bytes exactly as they came.
    #[must_use]
    pub fn without<S: AsRef<str>>(&self, names: &[S]) -> Vec<u8> {
        let stripped: Vec<FoldedName> = names
            .iter()
            .map(|name| FoldedName::of(name.as_ref().as_bytes()))
            .collect();
        let stays = |piece: &&Piece<'b>| {
            let seen = FoldedName::of(piece.name.as_bytes());
            !stripped.iter().any(|name| seen.meets(name))
        };
        let kept: Vec<&[u8]> = self
            .pieces
            .iter()
            .filter(stays)
            .map(|piece| piece.raw)
            .collect();
        kept.join(&b'&')
    }
}

impl fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values hold passwords, and names may hold what somebody typed into the wrong place.
        write!(f, "Form({} fields)", self.pieces.len())
    }
}

/// Decodes a name or value by the URL standard, strictly.
fn decoded(raw: &[u8]) -> Result<Cow<'_, str>, FormProblem> {
    let plain = |byte: &u8| !matches!(byte, b'%' | b'+');
    let bytes = if raw.iter().all(plain) {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(unescaped(raw)?)
    };
    if raw
        .iter()
        .any(|byte| *byte == b';' || (byte.is_ascii_control() && *byte != 0))
    {
        return Err(FormProblem::Separator);
    }
    if bytes.contains(&0) {
        return Err(FormProblem::Nul);
    }
    // std refuses overlong forms and surrogates.
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).ok(),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
    }
    .ok_or(FormProblem::Utf8)
}

fn unescaped(raw: &[u8]) -> Result<Vec<u8>, FormProblem> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(byte) = raw.get(at) {
        at += 1;
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                out.push(escaped(&raw[at - 1..]).ok_or(FormProblem::Escape)?);
                at += 2;
            }
            byte => out.push(*byte),
        }
    }
    Ok(out)
}
