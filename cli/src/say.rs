//! The one place that writes to a terminal: answers to standard output, the rest to standard error.
//!
//! Decides no words. An answer that nobody reads any more (`anteroom audit tail | head`) ends the
//! command without a complaint; see [`Failure::Unheard`](crate::failure::Failure).

use std::fmt::Display;
use std::io::{self, BufRead, Write};

use crate::failure::Failure;

/// Writes one answer, which may have several lines, to standard output.
///
/// # Errors
/// [`Failure::Unheard`] when it cannot be written.
pub fn answer(text: impl Display) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|_| Failure::Unheard)
}

/// Writes a remark to standard error: what is not part of the answer, and complaints.
pub fn aside(text: impl Display) {
    // With standard error gone there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Asks a question whose answer is yes or no. Only `y` and `yes` are a yes; an end of input is a
/// no.
///
/// # Errors
/// When standard input cannot be read.
pub fn asks_yes(question: &str) -> io::Result<bool> {
    let mut err = io::stderr().lock();
    write!(err, "{question} [y/N] ")?;
    err.flush()?;
    let mut typed = String::new();
    io::stdin().lock().read_line(&mut typed)?;
    Ok(is_yes(&typed))
}

fn is_yes(typed: &str) -> bool {
    matches!(typed.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// A name as a shell takes it.
#[must_use]
pub fn quoted(name: &str) -> String {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+' | '/');
    if name.chars().all(plain) && !name.starts_with('-') {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_is_a_yes() {
        for typed in ["y\n", "Y", " yes ", "YES\n"] {
            assert!(is_yes(typed), "{typed:?}");
        }
        for typed in ["", "\n", "n", "yep", "yy", "y n", "1"] {
            assert!(!is_yes(typed), "{typed:?}");
        }
    }

    #[test]
    fn names_are_quoted_for_a_shell_where_they_must_be() {
        for (name, said) in [
            ("alice", "alice"),
            ("dr.chen@clinic.test", "dr.chen@clinic.test"),
            ("Mary Ann", "'Mary Ann'"),
            ("o'neil", r"'o'\''neil'"),
            ("-rf", "'-rf'"),
            ("$(x)", "'$(x)'"),
        ] {
            assert_eq!(quoted(name), said);
        }
    }
}
