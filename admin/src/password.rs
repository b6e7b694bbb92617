//! Which passwords an operator may have: long enough, and not among those that are tried first.
//!
//! NIST SP 800-63B-4 3.1.1.2 for a password that a second factor always follows. No rule about
//! kinds of characters; nothing is trimmed; no message repeats a password. Keeps and hashes
//! nothing. A chosen password costs up to 0.1 s to judge, so this belongs off the threads that
//! serve pages, beside the hash.

use thiserror::Error;
use zxcvbn::feedback::Warning;
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Score, zxcvbn};

/// The fewest characters, because a second factor is always asked for as well.
pub const FEWEST_CHARS: usize = 8;

/// The most bytes: far beyond the 64 characters that must be allowed, and little to hash.
pub const MOST_BYTES: usize = 256;

/// How many characters are looked at for habits. The search for swapped letters (`p4$$w0rd`) tries
/// combinations: 100 chosen characters cost 1.3 s, 32 cost 0.06 s. What is strong in 32 characters
/// is strong; the whole password is hashed all the same.
const JUDGED_CHARS: usize = 32;

/// Words that everybody who attacks this page knows, besides the operator's name.
const OWN_WORDS: [&str; 2] = ["anteroom", "clinic"];

/// Why a password is refused. Never holds any of it; each message says how to mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordProblem {
    /// Fewer than [`FEWEST_CHARS`] characters.
    #[error("It has {chars} of at least 8 characters. Three or four words are easy to remember.")]
    TooShort {
        /// How many it has.
        chars: usize,
    },
    /// More than [`MOST_BYTES`] bytes.
    #[error("It is {bytes} bytes long, and 256 is the most. Shorten it: 64 letters are plenty.")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// An attacker would come to it soon.
    #[error("{0}")]
    Guessable(Habit),
}

/// What makes a password easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Habit {
    /// On the lists of passwords that were stolen most often.
    #[error(
        "It is too common: it is among the first passwords an attacker tries. Take three or four \
         words that have nothing to do with each other."
    )]
    Common,
    /// Such a password with a few letters changed or added.
    #[error(
        "It is a common password in disguise: an attacker tries a 0 for an o and a 1 at the end \
         as well. Take three or four words that have nothing to do with each other."
    )]
    Disguised,
    /// Built on the operator's name, or on the name of this place.
    #[error(
        "It is built on your name or on the name of this place, which an attacker tries first. \
         Take words that have nothing to do with you or your work."
    )]
    OwnWord,
    /// Names of people.
    #[error(
        "It is built on a common name, and attackers have lists of those. Add two or three words \
         that have nothing to do with it."
    )]
    Name,
    /// Keys beside each other.
    #[error(
        "It follows the keys of a keyboard, and attackers know those paths. Take three or four \
         words instead."
    )]
    Keyboard,
    /// The same thing again.
    #[error(
        "It repeats itself, and repeating adds almost nothing. Take three or four different words."
    )]
    Repeated,
    /// abc, 6543.
    #[error("It is a sequence such as abc or 6543. Take three or four words instead.")]
    Sequence,
    /// Dates and years.
    #[error(
        "It is built on a date or a year, and there are few of those. Add two or three words that \
         have nothing to do with it."
    )]
    Date,
    /// Words and endings that add up to too little.
    #[error(
        "It can be guessed: what it is made of stands in an attacker's lists. Add another word or \
         two that have nothing to do with it."
    )]
    Predictable,
}

/// Judges a password that an operator called `name` wants to have.
///
/// Characters are Unicode code points, counted as they were typed: the standard counts these, and
/// composing them first could make a password shorter than what its owner sees on her keyboard.
///
/// # Errors
/// When it is too short, too long or easily guessed.
pub fn judge_password(password: &str, name: &str) -> Result<(), PasswordProblem> {
    let bytes = password.len();
    if bytes > MOST_BYTES {
        return Err(PasswordProblem::TooLong { bytes });
    }
    let chars = password.chars().count();
    if chars < FEWEST_CHARS {
        return Err(PasswordProblem::TooShort { chars });
    }
    let judged: String = password.chars().take(JUDGED_CHARS).collect();
    let known = known_words(name);
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    let estimate = zxcvbn(&judged, &words);
    if estimate.score() >= Score::Three || without_pattern(&estimate) {
        return Ok(());
    }
    let habit = habit(&judged, &known, &estimate);
    Err(PasswordProblem::Guessable(habit))
}

/// The operator's name whole and in parts, and the words of this place; lower-case.
fn known_words(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let parts = name.split(|c: char| !c.is_alphanumeric());
    let mut words: Vec<String> = parts
        .filter(|part| part.chars().count() >= 3)
        .map(str::to_owned)
        .collect();
    words.push(name);
    words.extend(OWN_WORDS.map(str::to_owned));
    words
}

/// Nothing in it stands on a list or follows a habit. The estimate takes every character for one
/// out of ten, so that eight characters of a password program would fail for their number alone,
/// and the standard allows eight.
fn without_pattern(estimate: &Entropy) -> bool {
    let mut parts = estimate.sequence().iter();
    parts.all(|part| matches!(part.pattern, MatchPattern::BruteForce))
}

fn habit(password: &str, known: &[String], estimate: &Entropy) -> Habit {
    let lower = password.to_lowercase();
    if known
        .iter()
        .any(|word| !word.is_empty() && lower.contains(word.as_str()))
    {
        return Habit::OwnWord;
    }
    let warning = estimate.feedback().and_then(|feedback| feedback.warning());
    match warning {
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword,
        ) => Habit::Common,
        Some(Warning::ThisIsSimilarToACommonlyUsedPassword) => Habit::Disguised,
        Some(
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Habit::Name,
        Some(
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess,
        ) => Habit::Keyboard,
        Some(
            Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
        ) => Habit::Repeated,
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => Habit::Sequence,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Habit::Date,
        Some(Warning::AWordByItselfIsEasyToGuess) | None => Habit::Predictable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "olga.kovacs";

    fn judged(password: &str) -> Result<(), PasswordProblem> {
        judge_password(password, NAME)
    }

    #[test]
    fn accepted_passwords() {
        for password in [
            // Eight characters of a password program, of one kind or of many.
            "qZ7#kfW2",
            "xkqzwjpv",
            "vTq8mB2zLw",
            // No rule about kinds of characters; spaces are characters.
            "drift kettle",
            "correct horse battery staple",
            "   lantern  mossy   ",
            "purple monkey dishwasher",
            // Any Unicode.
            "漢字かなまじり文",
            "Wölfe nähen Spätzle",
            "🐈🐕🐎🦆🦉🐢🐙🦀",
            "пять весёлых ежей",
            // A name of somebody else with enough beside it; a common password likewise.
            "Tatjana juggles lemons",
            "password manager of a heron",
            // 64 characters must be allowed, 256 bytes are.
            &"fjord wicket plum ".repeat(4)[..64],
            &format!("fjord wicket plum {}", "x".repeat(238)),
            &format!("fjord wicket plum {}", "é".repeat(119)),
        ] {
            assert_eq!(judged(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn refused_passwords() {
        for (password, habit) in [
            ("password", Habit::Common),
            ("iloveyou2", Habit::Common),
            ("12345678", Habit::Common),
            ("Passwort1", Habit::Disguised),
            ("P@ssw0rd!", Habit::Disguised),
            ("Summer2025!", Habit::Disguised),
            ("drowssap", Habit::Disguised),
            ("olga.kovacs", Habit::OwnWord),
            ("Kovacs2024", Habit::OwnWord),
            ("OLGA-2024", Habit::OwnWord),
            ("anteroom2024", Habit::OwnWord),
            ("Clinic-1", Habit::OwnWord),
            ("clinicclinic", Habit::OwnWord),
            ("zaq12wsxcde3", Habit::Disguised),
            ("qwertyuiop[]", Habit::Keyboard),
            ("aaaaaaaaaaaa", Habit::Repeated),
            ("        ", Habit::Repeated),
            ("🐈🐈🐈🐈🐈🐈🐈🐈", Habit::Repeated),
            ("xyzuxyzuxyzu", Habit::Repeated),
            ("abcdefghijkl", Habit::Sequence),
            ("13.07.1984", Habit::Date),
            ("hospital123", Habit::Predictable),
            ("gobbledygook", Habit::Predictable),
        ] {
            let refused = Err(PasswordProblem::Guessable(habit));
            assert_eq!(judged(password), refused, "{password}");
        }
    }

    #[test]
    fn characters_are_counted_and_bytes_bounded() {
        assert_eq!(judged(""), Err(PasswordProblem::TooShort { chars: 0 }));
        assert_eq!(
            judged("qZ7#kfW"),
            Err(PasswordProblem::TooShort { chars: 7 })
        );
        // Seven characters of three bytes each are seven.
        assert_eq!(
            judged("漢字かなまじり"),
            Err(PasswordProblem::TooShort { chars: 7 })
        );
        // Nothing is trimmed: the space at the end counts.
        assert_eq!(judged("qZ7#kfW "), Ok(()));
        // An e with its accent as a code point of its own.
        assert_eq!(judged("qZ7#kfe\u{301}"), Ok(()));
        let long = "x".repeat(257);
        assert_eq!(judged(&long), Err(PasswordProblem::TooLong { bytes: 257 }));
        let longest = "é".repeat(129);
        assert_eq!(
            judged(&longest),
            Err(PasswordProblem::TooLong { bytes: 258 })
        );
    }

    #[test]
    fn what_is_never_looked_at_is_never_the_reason_to_accept() {
        let weak = "password".repeat(4);
        assert_eq!(weak.chars().count(), JUDGED_CHARS);
        assert!(judged(&format!("{weak}fjord wicket plum")).is_err());
        // Control characters and bare combining marks are odd, and no reason to break.
        for odd in [
            "\0\0\0\0\0\0\0\0",
            "\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}",
        ] {
            let _ = judged(odd);
        }
        // Names that have no parts.
        for name in ["", "-", "ok"] {
            assert_eq!(judge_password("drift kettle", name), Ok(()));
        }
    }

    #[test]
    fn every_message_says_what_is_wrong_and_what_to_do_and_nothing_of_the_password() {
        for password in [
            "qZ7",
            &"q".repeat(300),
            "hospital123",
            "OLGA-2024",
            "P@ssw0rd!",
        ] {
            let problem = judged(password).expect_err("refused");
            let said = problem.to_string();
            let advice = ["Take ", "Add ", "Shorten ", "words"];
            assert!(said.starts_with("It "), "{said}");
            assert!(advice.iter().any(|word| said.contains(word)), "{said}");
            assert!(!said.contains(password) && !format!("{problem:?}").contains(password));
        }
        let common = PasswordProblem::Guessable(Habit::Common).to_string();
        assert!(common.contains("among the first passwords an attacker tries"));
    }
}
