//! Makers' files of hardware tokens: CSV and PSKC (RFC 6030) become checked seeds, or a list of
//! every line that is none.
//!
//! Reads bytes, never a path. Lines are the `csv` crate's, XML is `roxmltree`'s with document types
//! off, so that no entity is ever expanded. What a seed must be stands in
//! `anteroom_core::hardware_token`; nothing said here ever holds one.

mod pskc;
mod table;

use std::collections::HashSet;
use std::fmt;

use anteroom_core::hardware_token::TokenSeed;

/// The largest file that is looked at.
pub const MOST_BYTES: usize = 8 << 20;

/// The most tokens of one file.
pub const MOST_TOKENS: usize = 20_000;

/// How many lines are named where a file is refused.
const MOST_NAMED: usize = 20;

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenFormat {
    /// One line for each token: serial, secret, type, digits, period, counter.
    Csv,
    /// RFC 6030.
    Pskc,
}

impl TokenFormat {
    /// By the first byte that says anything: XML begins with `<`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let text = bytes.strip_prefix(BOM).unwrap_or(bytes).trim_ascii_start();
        if text.starts_with(b"<") {
            Self::Pskc
        } else {
            Self::Csv
        }
    }
}

/// The mark that some programs put before UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A line, or a key of an XML file, that is no token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadLine {
    /// Counted from 1, as an editor does.
    pub line: u32,
    /// What is wrong with it.
    pub why: String,
}

/// Why nothing of a file is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TokenFileProblem {
    /// Larger than any list of tokens.
    TooLarge,
    /// More tokens than one file may have.
    TooMany,
    /// Not text in UTF-8.
    NotText,
    /// Not XML, or not of this kind; the words say where.
    NotPskc(String),
    /// Its keys are encrypted, and cannot be opened; the words say why.
    NotOpened(String),
    /// There is no token in it.
    Empty,
    /// These lines are wrong; good ones are not taken either, so that a mended file can simply be
    /// brought in again.
    Lines(Vec<BadLine>),
}

impl fmt::Display for TokenFileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the file is larger than {} MiB", MOST_BYTES >> 20),
            Self::TooMany => write!(f, "the file has more than {MOST_TOKENS} lines"),
            Self::NotText => f.write_str("the file is not text in UTF-8"),
            Self::NotPskc(why) => write!(f, "the file is not PSKC (RFC 6030): {why}"),
            Self::NotOpened(why) => write!(f, "the keys in it are encrypted: {why}"),
            Self::Empty => f.write_str("there is no token in the file"),
            Self::Lines(bad) => {
                write!(f, "{} bad, so none was taken:", counted(bad.len()))?;
                for one in bad.iter().take(MOST_NAMED) {
                    write!(f, "\n  line {}: {}", one.line, one.why)?;
                }
                let more = bad.len().saturating_sub(MOST_NAMED);
                if more > 0 {
                    write!(f, "\n  and {more} more")?;
                }
                Ok(())
            }
        }
    }
}

fn counted(lines: usize) -> String {
    match lines {
        1 => "1 line is".to_owned(),
        many => format!("{many} lines are"),
    }
}

/// Reads a file: all of its tokens, or why there are none. `given` is what its maker sent apart from
/// it, where its keys are encrypted: the transport key in hexadecimal, or the passphrase.
///
/// # Errors
/// Names every bad line, one that repeats a serial number too.
pub fn read(
    bytes: &[u8],
    format: TokenFormat,
    given: Option<&str>,
) -> Result<Vec<TokenSeed>, TokenFileProblem> {
    if bytes.len() > MOST_BYTES {
        return Err(TokenFileProblem::TooLarge);
    }
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| TokenFileProblem::NotText)?;
    let read = match format {
        TokenFormat::Csv => table::read(text)?,
        TokenFormat::Pskc => pskc::read(text, given)?,
    };
    let (mut tokens, mut bad, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (line, token) in read {
        match token {
            Ok(token) if !seen.insert(token.serial.clone()) => {
                let why = format!("the serial number {} was there before", token.serial);
                bad.push(BadLine { line, why });
            }
            Ok(token) => tokens.push(token),
            Err(why) => bad.push(BadLine { line, why }),
        }
    }
    match (bad.is_empty(), tokens.is_empty()) {
        (false, _) => Err(TokenFileProblem::Lines(bad)),
        (true, true) => Err(TokenFileProblem::Empty),
        (true, false) => Ok(tokens),
    }
}

/// A line and what it came to.
type Line = (u32, Result<TokenSeed, String>);

#[cfg(test)]
mod tests;
