//! What a person calls one of her authenticators: cleaned, short, told apart by her.
//!
//! Never decides whether another one of hers has the name already (the store does, in the
//! transaction of the change), and never escapes it: that is each page's own (advisory B14).

use crate::audit::is_steering;

/// The longest label, in characters.
pub const LONGEST_LABEL: usize = 40;

/// A cleaned label of 1 to [`LONGEST_LABEL`] characters on one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label(String);

/// Why a text is no label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelProblem {
    /// Nothing that can be seen was typed.
    Empty,
    /// More than [`LONGEST_LABEL`] characters.
    TooLong,
}

impl Label {
    /// Reads what was typed: what controls a terminal, breaks a line or turns the reading direction
    /// is left out, blanks are single ones.
    ///
    /// # Errors
    /// When nothing or too much remains.
    pub fn parse(typed: &str) -> Result<Self, LabelProblem> {
        let seen: String = typed
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !is_steering(*c))
            .collect();
        let words: Vec<&str> = seen.split(' ').filter(|word| !word.is_empty()).collect();
        let label = words.join(" ");
        match label.chars().count() {
            0 => Err(LabelProblem::Empty),
            1..=LONGEST_LABEL => Ok(Self(label)),
            _ => Err(LabelProblem::TooLong),
        }
    }

    /// `wanted`, or `wanted 2` and so on where she has that already. For the field to begin with.
    #[must_use]
    pub fn free(wanted: &str, taken: &[&str]) -> String {
        let is_taken = |label: &str| taken.iter().any(|one| same(one, label));
        if !is_taken(wanted) {
            return wanted.to_owned();
        }
        (2..=99)
            .map(|number| format!("{wanted} {number}"))
            .find(|label| !is_taken(label))
            .unwrap_or_default()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a person would take `other` for the same name.
    #[must_use]
    pub fn is_like(&self, other: &str) -> bool {
        same(&self.0, other)
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(typed: &str) -> Result<String, LabelProblem> {
        Label::parse(typed).map(|label| label.as_str().to_owned())
    }

    #[test]
    fn a_label_is_one_clean_line() {
        assert_eq!(
            label("  My\tnew \u{a0} phone\r\n").as_deref(),
            Ok("My new phone")
        );
        assert_eq!(
            label("a\u{202e}b\u{200f}c\u{1b}[2Jd").as_deref(),
            Ok("abc[2Jd")
        );
        assert_eq!(
            label("Téléphone d’Anaïs 📱").as_deref(),
            Ok("Téléphone d’Anaïs 📱")
        );
        // Kept as it is: escaping is the page's.
        assert_eq!(label("<b>\"&'").as_deref(), Ok("<b>\"&'"));
    }

    #[test]
    fn a_label_has_one_to_forty_characters() {
        for nothing in ["", "  ", "\u{202e}\u{feff}", "\n\0"] {
            assert_eq!(label(nothing), Err(LabelProblem::Empty), "{nothing:?}");
        }
        let long = "é".repeat(LONGEST_LABEL);
        assert_eq!(label(&long).as_deref(), Ok(long.as_str()));
        assert_eq!(label(&format!("{long}é")), Err(LabelProblem::TooLong));
    }

    #[test]
    fn labels_that_look_the_same_are_the_same_and_a_free_one_is_proposed() {
        let label = Label::parse("NEW phone").unwrap();
        assert!(label.is_like("new Phone") && !label.is_like("new phone 2"));
        assert_eq!(Label::free("Phone", &["Tablet"]), "Phone");
        assert_eq!(Label::free("Phone", &["phone", "Phone 2"]), "Phone 3");
    }
}
