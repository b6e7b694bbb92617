//! Names of people: [`fold`] *finds* a subscriber, [`spelling_key`] helps to *be* one.
//!
//! The fold goes further than any app's comparison, so that every spelling an app takes for alice
//! leads to alice's factors (attack B09; `emr-logins.md` 3.3). Meeting in the fold proves nothing:
//! `jose` and `josé` may be two people (`DESIGN-CASES` 9). Never links spellings by itself and
//! never decides; see `login` and the store.

use caseless::Caseless;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

/// The longest name that is read.
pub const MAX_NAME_BYTES: usize = 255;

/// A name reduced until all spellings that some app takes for the same person meet.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Folded(String);

impl Folded {
    /// Wraps a fold that this module made earlier and the store kept.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a typed name is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum NameProblem {
    /// Nothing is left of it.
    #[error("the name is empty")]
    Empty,
    /// Longer than [`MAX_NAME_BYTES`].
    #[error("the name is longer than 255 bytes")]
    TooLong,
    /// A control character, also NUL: apps cut there, or do not.
    #[error("the name holds a control character")]
    Control,
}

impl NameProblem {
    /// A short word for metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "name_empty",
            Self::TooLong => "name_too_long",
            Self::Control => "name_control",
        }
    }
}

/// Folds a typed name.
///
/// # Errors
///
/// A name that is empty, too long or holds control characters is refused, not repaired.
pub fn fold(name: &str) -> Result<Folded, NameProblem> {
    if name.len() > MAX_NAME_BYTES {
        return Err(NameProblem::TooLong);
    }
    if name.chars().any(char::is_control) {
        return Err(NameProblem::Control);
    }
    let mut text = fold_once(name);
    // One round settles every character by itself (tried over all of Unicode); a dropped one may
    // bring its neighbours together, so rounds follow until nothing changes.
    for _ in 0..4 {
        let again = fold_once(&text);
        if again == text {
            break;
        }
        text = again;
    }
    if text.is_empty() {
        Err(NameProblem::Empty)
    } else {
        Ok(Folded(text))
    }
}

fn fold_once(name: &str) -> String {
    let letters = name.nfkc().default_case_fold().nfkd();
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    for c in letters.filter(|c| !is_accent(*c) && !is_ignorable(*c)) {
        if c.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        match base_letters(c) {
            Some(base) => out.push_str(base),
            None => out.push(c),
        }
    }
    // Windows file names and mail systems drop trailing dots.
    out.truncate(out.trim_end_matches(['.', ' ']).len());
    out.nfc().collect()
}

/// Whether a mark is an accent, which MySQL's `_ci` and `_ai` collations drop (`é` = `e`).
///
/// Signs that are letters of their own carry a class of 0, 7, 9 or of their script (Devanagari,
/// Thai, Lao, Tibetan vowels): dropping those would fold a whole clinic into one name.
fn is_accent(c: char) -> bool {
    is_combining_mark(c)
        && !matches!(
            canonical_combining_class(c),
            0 | 7 | 9 | 84 | 91 | 103 | 107 | 118..=132
        )
}

/// Unicode's `Default_Ignorable_Code_Point`: zero-width and format characters, which do not show.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Letters that collations treat as accented though Unicode does not decompose them
/// (DUCET; `ı` as MySQL's `utf8_general_ci` has it).
fn base_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ı' => "i",
        'ø' => "o",
        'đ' => "d",
        'ħ' => "h",
        'ł' => "l",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

/// The equalities between spellings that a profile declares the app to make. The default declares
/// none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SpellingRule {
    /// `Alice` and `alice` are one account.
    pub case_insensitive: bool,
    /// Spaces before and after the name do not count.
    pub trims_space: bool,
}

/// The key under which a spelling is linked to a subscriber: the name as typed, but for declared
/// equalities.
///
/// Narrow on purpose. A spelling that is equal to the app but not to us is held until a probe or an
/// operator links it; one that is equal to us but not to the app would hand a person's factors to
/// another.
#[must_use]
pub fn spelling_key(name: &str, rule: &SpellingRule) -> String {
    let name = if rule.trims_space {
        name.trim_matches(' ')
    } else {
        name
    };
    if !rule.case_insensitive {
        return name.to_owned();
    }
    name.chars().map(lowered).collect()
}

/// Lower case where it is one letter each way: `K` (Kelvin), `İ` and `ẞ` stay, as apps differ about
/// them.
fn lowered(c: char) -> char {
    let only = |mut letters: std::char::ToLowercase| match (letters.next(), letters.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    };
    match only(c.to_lowercase()) {
        Some(lower) if lower.to_uppercase().eq([c]) => lower,
        _ => c,
    }
}

#[cfg(test)]
mod tests;
