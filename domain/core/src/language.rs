//! The languages we speak, and which of them a request is answered in.
//!
//! Knows no sentence: those are in `anteroom-words`. Look next: `gateway/src/asked.rs` for where a
//! request says what it wants, `domain/words/src/lib.rs` for how a page says something.

/// A language that every sentence of ours exists in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

/// More ranges than anybody reads; what follows is not looked at.
const MOST_RANGES: usize = 16;

impl Language {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::En, Self::Fr, Self::Es];

    /// Its tag (BCP 47): in `lang` attributes, cookies and settings.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Es => "es",
        }
    }

    /// Its name in English, for settings, logs and operators.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "French",
            Self::Es => "Spanish",
        }
    }

    /// Its name in itself, for those who read nothing else.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
            Self::Es => "Español",
        }
    }

    /// The language of a tag: `fr`, `fr-CA` and `FR` are French. Regions change nothing.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The language of an answer: what was chosen on a page of ours, else what the browser prefers
    /// (`Accept-Language`), else what the app's settings say.
    #[must_use]
    pub fn choose(chosen: Option<Self>, accept_language: Option<&str>, default: Self) -> Self {
        chosen
            .or_else(|| accept_language.and_then(preferred))
            .unwrap_or(default)
    }
}

/// The best language range that we speak (RFC 9110, 12.5.4).
///
/// Read here because the libraries do not serve: `fluent-langneg` ignores weights, and
/// `accept-language` sorts by floats that a stranger wrote, where a `NaN` may panic.
fn preferred(field: &str) -> Option<Language> {
    let ranges = field.split(',').take(MOST_RANGES).filter_map(|range| {
        let (tag, parameter) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight(parameter.trim())?;
        Some((weight, Language::from_tag(tag)?))
    });
    // Of equals the first counts: people put what they like best there.
    let best = ranges
        .filter(|(weight, _)| *weight > 0)
        .enumerate()
        .max_by_key(|(place, (weight, _))| (*weight, std::cmp::Reverse(*place)));
    best.map(|(_, (_, language))| language)
}

/// A weight in thousandths; none for what is not one.
fn weight(parameter: &str) -> Option<u16> {
    if parameter.is_empty() {
        return Some(1000);
    }
    let (name, value) = parameter.split_once('=')?;
    if !name.trim_end().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, part) = match value.trim().split_once('.') {
        Some((whole, part)) => (whole, part),
        None => (value.trim(), ""),
    };
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{part:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(field: &str) -> Language {
        Language::choose(None, Some(field), Language::En)
    }

    #[test]
    fn what_was_chosen_goes_before_what_the_browser_prefers_and_that_before_the_settings() {
        let (fr, es) = (Language::Fr, Language::Es);
        assert_eq!(Language::choose(Some(es), Some("fr"), Language::En), es);
        assert_eq!(Language::choose(None, Some("fr-CA,fr;q=0.9"), es), fr);
        assert_eq!(Language::choose(None, Some("de, ja;q=0.5"), es), es);
        assert_eq!(Language::choose(None, None, fr), fr);
    }

    #[test]
    fn the_heaviest_range_that_we_speak_wins_and_the_first_of_equals() {
        assert_eq!(accepts("en;q=0.5, es-MX;q=0.8, fr;q=0.7"), Language::Es);
        assert_eq!(accepts("de-AT, FR , en"), Language::Fr);
        assert_eq!(accepts("es;q=0.500, fr;q=0.5"), Language::Es);
        assert_eq!(accepts("fr;Q=1.000, es"), Language::Fr);
    }

    #[test]
    fn a_weight_of_nothing_refuses_and_a_broken_weight_counts_for_nothing() {
        assert_eq!(accepts("fr;q=0, es;q=0.001"), Language::Es);
        for broken in [
            "fr;q=nan",
            "fr;q=2",
            "fr;q=1.5",
            "fr;q=-1",
            "fr;q",
            "fr;v=1",
            "fr;q=0.1234",
            "",
            ",,;;,",
            "français",
            "frank",
            "fr_CA",
            "*",
            "fr;q=0.٣",
        ] {
            assert_eq!(accepts(broken), Language::En, "{broken}");
        }
    }

    #[test]
    fn a_field_without_end_is_read_to_a_bound() {
        let long = format!("{}fr", "de,".repeat(MOST_RANGES));
        assert_eq!(accepts(&long), Language::En);
        assert_eq!(accepts(&long[3..]), Language::Fr);
    }

    #[test]
    fn every_language_is_found_by_its_own_tag() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
            assert!(!language.name().is_empty() && !language.own_name().is_empty());
        }
        assert_eq!(Language::from_tag("fra"), None);
    }
}
