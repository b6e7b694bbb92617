//! What a clinic puts on our pages: whom to ask, in which words, under which name and colours.
//!
//! Holds values only. The logo is named here and read by [`crate::logo`]; colours are weighed in
//! `resolve`, so that none stands here in which nobody could read.

use std::path::PathBuf;

use anteroom_core::colour::Palette;
use anteroom_core::language::Language;

/// Whom a stuck person may turn to. Shown on every page of ours that stops somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// An e-mail address.
    pub email: Option<String>,
    /// A number that takes text messages.
    pub text_line: Option<String>,
    /// A number that takes calls.
    pub phone: Option<String>,
    /// One sentence in the clinic's own words, such as opening hours; in the languages it was
    /// written in, the app's own first.
    pub say: Vec<(Language, String)>,
}

impl Contact {
    /// The clinic's sentence for a page in `language`, and what it is written in: that language,
    /// or else the app's.
    #[must_use]
    pub fn said_in(&self, language: Language) -> Option<(Language, &str)> {
        let same = self.say.iter().find(|(written, _)| *written == language);
        let (written, words) = same.or_else(|| self.say.first())?;
        Some((*written, words))
    }
}

/// How the pages of an app look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// Whose pages they are.
    pub name: Option<String>,
    /// Its sign: a PNG or JPEG file.
    pub logo: Option<PathBuf>,
    /// Its colours; ours, when there are none.
    pub accents: Option<Accents>,
}

/// The colours that hang on an accent, both legible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accents {
    /// On light pages.
    pub light: Palette,
    /// On dark ones.
    pub dark: Palette,
}
