//! The colour of a clinic, and whether text in it can be read: the arithmetic of WCAG 2.2.
//!
//! An accent makes a palette, so that no choice of one colour leaves another unreadable. Holds the
//! grounds that `gateway/assets/portal.css` is painted on (a test there compares them) and never a
//! stylesheet. Look next: `config/src/resolve/brand.rs`, `gateway/src/pages/brand.rs`.

use std::fmt;

/// The least contrast of text with what it stands on (WCAG 2.2, 1.4.3).
pub const LEAST_CONTRAST: f64 = 4.5;

/// How many hundredths of the accent are in the room, and in what is set off from the card.
const IN_ROOM: u8 = 8;
const IN_TINT: u8 = 10;
/// How many hundredths of black or white make the accent under a pointer.
const DEEPENED: u8 = 25;

/// An opaque colour in sRGB.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// Black.
    pub const BLACK: Self = Self([0; 3]);
    /// White.
    pub const WHITE: Self = Self([255; 3]);

    /// Reads `#0a6155`; nothing else that browsers take.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|hex| hex.len() == 6)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// This colour with so many hundredths of another in it.
    #[must_use]
    pub fn with(self, hundredths: u8, other: Self) -> Self {
        let share = u16::from(hundredths.min(100));
        let part = |at: usize| {
            let of = |colour: Self| colour.0.get(at).copied().map_or(0, u16::from);
            let mixed = (of(self) * (100 - share) + of(other) * share + 50) / 100;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Self([part(0), part(1), part(2)])
    }

    /// How far two colours are apart, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// How a page is painted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Paint {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The card that a page stands on.
    #[must_use]
    pub const fn card(self) -> Colour {
        match self {
            Self::Light => Colour::WHITE,
            Self::Dark => Colour([0x16, 0x20, 0x1e]),
        }
    }

    /// Away from the card: what an accent is mixed with to be read better.
    const fn away(self) -> Colour {
        match self {
            Self::Light => Colour::BLACK,
            Self::Dark => Colour::WHITE,
        }
    }
}

/// The colours that hang on one accent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Palette {
    /// Links, buttons, what has the focus.
    pub accent: Colour,
    /// The same under a pointer.
    pub deep: Colour,
    /// Words on a button.
    pub on_accent: Colour,
    /// Round the card.
    pub room: Colour,
    /// What is set off from the card.
    pub tint: Colour,
    paint: Paint,
}

impl Palette {
    /// The palette of an accent.
    #[must_use]
    pub fn of(accent: Colour, paint: Paint) -> Self {
        // The dark room is nearly black: a share of a light accent would make it the brighter one.
        let (room, on_accent) = match paint {
            Paint::Light => (paint.card().with(IN_ROOM, accent), Colour::WHITE),
            Paint::Dark => (Colour([0x0d, 0x14, 0x13]), Colour([0x0d, 0x14, 0x13])),
        };
        Self {
            accent,
            deep: accent.with(DEEPENED, paint.away()),
            on_accent,
            room,
            tint: paint.card().with(IN_TINT, accent),
            paint,
        }
    }

    /// The ground on which the accent is read worst, and its contrast there.
    #[must_use]
    pub fn worst(&self) -> (Colour, f64) {
        let start = (self.on_accent, self.accent.contrast(self.on_accent));
        [self.room, self.paint.card(), self.tint]
            .into_iter()
            .map(|ground| (ground, self.accent.contrast(ground)))
            .fold(
                start,
                |worst, next| if next.1 < worst.1 { next } else { worst },
            )
    }

    /// Whether the accent can be read wherever it stands.
    #[must_use]
    pub fn is_legible(&self) -> bool {
        self.worst().1 >= LEAST_CONTRAST
    }

    /// This palette, or the one of the nearest shade that can be read.
    #[must_use]
    pub fn made_legible(self) -> Self {
        (0..=100_u8)
            .map(|share| Self::of(self.accent.with(share, self.paint.away()), self.paint))
            .find(Self::is_legible)
            .unwrap_or_else(|| Self::of(self.paint.away(), self.paint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words on the room and on the tint, as `portal.css` has them: ink, and the quiet ones.
    const WORDS: [(Paint, [&str; 2]); 2] = [
        (Paint::Light, ["#13201d", "#465853"]),
        (Paint::Dark, ["#e7f0ed", "#a9bab5"]),
    ];

    #[test]
    fn colours_are_six_digits_behind_a_hash() {
        assert_eq!(Colour::parse("#0A6155"), Some(Colour([10, 0x61, 0x55])));
        for bad in [
            "0a6155", "#0a615", "#0a61555", "#+a6155", "#é6155", "teal", "",
        ] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
        assert_eq!(Colour([10, 0x61, 0x55]).to_string(), "#0a6155");
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 1e-9);
        // The grey that every table names as the lightest for text on white.
        let grey = Colour([0x76; 3]).contrast(Colour::WHITE);
        assert!((4.54..4.55).contains(&grey), "{grey}");
    }

    #[test]
    fn yellow_is_not_read_on_white_and_becomes_a_darker_one() {
        let yellow = Palette::of(Colour([0xff, 0xcc, 0x00]), Paint::Light);
        assert!(!yellow.is_legible() && yellow.worst().1 < 1.6);
        let mended = yellow.made_legible();
        let [red, green, blue] = mended.accent.0;
        assert!(
            mended.is_legible() && red > green && green > blue,
            "{}",
            mended.accent
        );
    }

    proptest! {
        #[test]
        fn whatever_accent_is_taken_every_word_can_be_read(parts in any::<[u8; 3]>()) {
            for (paint, words) in WORDS {
                let palette = Palette::of(Colour(parts), paint).made_legible();
                let read = |word: Colour, ground: Colour| word.contrast(ground) >= LEAST_CONTRAST;
                prop_assert!(palette.is_legible(), "{palette:?}");
                prop_assert!(read(palette.on_accent, palette.accent));
                prop_assert!(read(palette.on_accent, palette.deep), "{palette:?}");
                for ground in [palette.room, palette.tint, paint.card()] {
                    prop_assert!(read(palette.deep, ground), "{palette:?}");
                    for word in words {
                        let word = Colour::parse(word).unwrap();
                        prop_assert!(read(word, ground), "{word} on {ground}: {palette:?}");
                    }
                }
            }
        }
    }
}
