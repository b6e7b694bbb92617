//! How the pages of an app look: whose they are, a logo, an accent for light and one for dark.
//!
//! A colour in which nobody could read is refused, with what was measured and the nearest shade
//! that can be read. The logo's file is named here and looked at in [`crate::inspect`].

use std::path::{Path, PathBuf};

use anteroom_core::colour::{Colour, LEAST_CONTRAST, Paint, Palette};

use super::app::Frame;
use super::plain_text;
use crate::raw::measure::quoted;
use crate::raw::section::{Found, Section};
use crate::settings::{Accents, Brand};

/// Reads `[app.brand]`.
pub(super) fn brand(section: &Section<'_>, frame: &Frame<'_>) -> Brand {
    let brand = section.table("brand");
    Brand {
        name: brand
            .text("name")
            .and_then(|text| plain_text(&brand, &text, 60)),
        logo: brand
            .text("logo")
            .and_then(|text| logo(&brand, &text, frame)),
        accents: accents(&brand),
    }
}

fn logo(brand: &Section<'_>, text: &Found<&str>, frame: &Frame<'_>) -> Option<PathBuf> {
    let ending = Path::new(text.value).extension()?.to_ascii_lowercase();
    let fine = ["png", "jpg", "jpeg"].iter().any(|known| ending == *known);
    if !fine {
        let hint = "a drawing such as SVG can hold scripts and fetch things: save it as PNG";
        let allowed = "a file that ends in .png, .jpg or .jpeg";
        brand
            .report()
            .problem_hint(&text.at, quoted(text.value), allowed, hint);
    }
    fine.then(|| frame.around.absolute(text.value))
}

fn accents(brand: &Section<'_>) -> Option<Accents> {
    let light = accent(brand, "accent", Paint::Light);
    let dark = accent(brand, "accent_dark", Paint::Dark);
    if brand.has("accent_dark") && !brand.has("accent") {
        let allowed = "accent as well: accent_dark is the shade of it for dark screens";
        brand.missing("accent", allowed);
    }
    let light = light?;
    let dark = dark.unwrap_or_else(|| Palette::of(light.accent, Paint::Dark).made_legible());
    Some(Accents { light, dark })
}

fn accent(brand: &Section<'_>, key: &'static str, paint: Paint) -> Option<Palette> {
    let text = brand.text(key)?;
    let Some(colour) = Colour::parse(text.value) else {
        let allowed = "a colour as # and six hexadecimal digits, such as \"#0b5cad\"";
        brand
            .report()
            .problem(&text.at, quoted(text.value), allowed);
        return None;
    };
    let palette = Palette::of(colour, paint);
    if !palette.is_legible() {
        let (ground, ratio) = palette.worst();
        // Rounded down: 4.499 must not read as 4.5.
        let ratio = (ratio * 100.0).floor() / 100.0;
        let found = format!(
            "{}, which has a contrast of {ratio:.2}:1 on our {} ground {ground}",
            quoted(text.value),
            paint.name()
        );
        let allowed = format!("a colour with {LEAST_CONTRAST}:1 or more (WCAG 2.2 AA)");
        let nearest = palette.made_legible().accent;
        let hint = format!("the nearest shade of it that can be read is \"{nearest}\"");
        brand.report().problem_hint(&text.at, found, allowed, hint);
    }
    Some(palette)
}
