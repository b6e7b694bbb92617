//! What a clinic put on its pages, ready to be served: a stylesheet of a few colours, and a logo.
//!
//! Made once per app at start. The content policy allows no style inside a page, so colours are a
//! stylesheet of their own behind ours, under a name that changes with them. Never chooses one:
//! `anteroom_core::colour` does, and `config` refuses what cannot be read.

use anteroom_config::logo::{self, Logo, LogoProblem};
use anteroom_config::settings::{self, Accents};
use anteroom_core::colour::Palette;
use bytes::Bytes;

use super::assets::{STYLESHEET_TYPE, named_after};

/// How the pages of one app look.
#[derive(Clone, Debug, Default)]
pub struct Brand {
    /// Whose pages they are.
    pub name: Option<String>,
    /// Its colours, laid over ours.
    pub stylesheet: Option<Asset>,
    /// Its sign, in place of ours.
    pub logo: Option<Sign>,
}

/// A file that we serve.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Where. The name changes with the content, so it may be cached for ever.
    pub path: String,
    /// Its media type.
    pub kind: &'static str,
    /// The file.
    pub bytes: Bytes,
}

/// A logo, and how large it is, so that nothing moves when it arrives.
#[derive(Clone, Debug)]
pub struct Sign {
    /// The picture.
    pub file: Asset,
    /// In dots.
    pub width: usize,
    /// In dots.
    pub height: usize,
}

impl Brand {
    /// Prepares what the settings name.
    ///
    /// # Errors
    /// When the logo cannot be used.
    pub fn new(told: &settings::Brand) -> Result<Self, LogoProblem> {
        let logo = told.logo.as_deref().map(logo::read).transpose()?;
        Ok(Self {
            name: told.name.clone(),
            stylesheet: told.accents.as_ref().map(stylesheet),
            logo: logo.map(sign),
        })
    }

    /// The file at a path, if it is one of these.
    #[must_use]
    pub fn asset(&self, path: &str) -> Option<&Asset> {
        let logo = self.logo.as_ref().map(|sign| &sign.file);
        let mut files = self.stylesheet.iter().chain(logo);
        files.find(|file| file.path == path)
    }
}

fn stylesheet(accents: &Accents) -> Asset {
    let text = format!(
        ":root {{ {} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {} }} }}\n",
        colours(&accents.light),
        colours(&accents.dark)
    );
    Asset {
        path: named_after(text.as_bytes(), "brand", "css"),
        kind: STYLESHEET_TYPE,
        bytes: Bytes::from(text),
    }
}

fn colours(palette: &Palette) -> String {
    format!(
        "--accent: {}; --accent-deep: {}; --on-accent: {}; --room: {}; --tint: {};",
        palette.accent, palette.deep, palette.on_accent, palette.room, palette.tint
    )
}

fn sign(logo: Logo) -> Sign {
    let ending = logo.kind.strip_prefix("image/").unwrap_or("png");
    Sign {
        width: logo.width,
        height: logo.height,
        file: Asset {
            path: named_after(&logo.bytes, "logo", ending),
            kind: logo.kind,
            bytes: Bytes::from(logo.bytes),
        },
    }
}
