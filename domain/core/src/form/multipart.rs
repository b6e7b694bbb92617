//! Watching a multipart stream for a credential's field name, in constant memory.
//!
//! Servers disagree about boundaries, line ends, quotes and doubled parameters (attack B04). So
//! this does not parse parts: it looks at every line that begins with `Content-Disposition`,
//! wherever it stands, and at every `name` in it. A file that holds such a line with a watched name
//! is refused with it; that is the price.

use crate::form::names::{NameFold, Watch, is_bracket};
use crate::form::scanner::Scan;

/// The header whose lines are looked at, in lower case (RFC 7578 section 4.2).
const HEADER: &[u8] = b"content-disposition";

/// The parameter that names a field.
const KEY: &[u8] = b"name";

/// Scans `multipart/*` bytes.
#[derive(Clone, Debug)]
pub struct MultipartScanner {
    watch: Watch,
    /// Backslashes dropped: `user\name` as servers read it that take `\` for an escape.
    dropped: NameFold,
    /// Backslashes kept, for the others.
    kept: NameFold,
    at: At,
    found: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    /// In the header's name, so many bytes in; white space before it is passed over.
    Line(usize),
    /// After the header's whole name, before its colon.
    Colon,
    /// In a line that does not matter.
    Elsewhere,
    /// In the header's value.
    Value(Inside),
    /// After a line end in the header's value, where white space continues it (RFC 5322 section
    /// 2.2.3).
    Fold {
        /// What was interrupted.
        inside: Inside,
        /// The line end may still be completed by a line feed.
        after_return: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Inside {
    /// In a parameter's key, so many bytes of [`KEY`] matched; `None` when it cannot match any
    /// more.
    Key(Option<usize>),
    /// After the whole key, before `=`. `true` after a `*`: RFC 2231 puts a charset before the
    /// value.
    Equals(bool),
    /// After `=`, before the value.
    Start(bool),
    /// In a value that ends at this quote.
    Quoted(u8),
    /// In a value that ends at white space or a separator.
    Token(bool),
}

impl MultipartScanner {
    /// A scanner that looks for any reading of these names.
    #[must_use]
    pub fn new<S: AsRef<str>>(names: &[S]) -> Self {
        let watch = Watch::for_names(names);
        let fold = watch.fold();
        Self {
            watch,
            dropped: fold.clone(),
            kept: fold,
            at: At::Line(0),
            found: false,
        }
    }

    /// Takes the next chunk.
    pub fn feed(&mut self, chunk: &[u8]) -> Scan {
        let mut rest = chunk;
        while let [byte, after @ ..] = rest
            && !self.found
        {
            self.at = self.step(*byte);
            rest = after;
            if self.at == At::Elsewhere {
                // Most of an upload: nothing counts before the next line.
                let line_end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                rest = &rest[line_end.unwrap_or(rest.len())..];
            }
        }
        self.seen()
    }

    /// Says what the whole stream held: it may end inside a value.
    pub fn finish(&mut self) -> Scan {
        self.end_value();
        self.seen()
    }

    fn seen(&self) -> Scan {
        if self.found {
            Scan::Found
        } else {
            Scan::Nothing
        }
    }

    fn step(&mut self, byte: u8) -> At {
        let line_end = matches!(byte, b'\r' | b'\n');
        let blank = matches!(byte, b' ' | b'\t');
        match self.at {
            At::Value(inside) if line_end => {
                self.end_value();
                At::Fold {
                    inside,
                    after_return: byte == b'\r',
                }
            }
            At::Fold {
                inside,
                after_return: true,
            } if byte == b'\n' => At::Fold {
                inside,
                after_return: false,
            },
            At::Fold {
                inside: Inside::Quoted(quote),
                ..
            } if blank => {
                self.name_byte(b' ');
                At::Value(Inside::Quoted(quote))
            }
            At::Fold { .. } if blank => At::Value(Inside::Key(Some(0))),
            // An empty line: the header is over.
            _ if line_end => At::Line(0),
            At::Line(0) if blank => At::Line(0),
            At::Line(matched) if HEADER.get(matched) == Some(&byte.to_ascii_lowercase()) => {
                if matched + 1 == HEADER.len() {
                    At::Colon
                } else {
                    At::Line(matched + 1)
                }
            }
            At::Colon if blank => At::Colon,
            At::Colon if byte == b':' => At::Value(Inside::Key(Some(0))),
            At::Line(_) | At::Colon | At::Elsewhere => At::Elsewhere,
            At::Fold { .. } => {
                self.at = At::Line(0);
                self.step(byte)
            }
            At::Value(inside) => At::Value(self.value_step(inside, byte)),
        }
    }

    fn value_step(&mut self, inside: Inside, byte: u8) -> Inside {
        let blank = matches!(byte, b' ' | b'\t');
        match inside {
            Inside::Key(matched) => key_step(matched, byte),
            Inside::Equals(_) if byte == b'*' => Inside::Equals(true),
            Inside::Equals(extended) if blank || byte.is_ascii_digit() => Inside::Equals(extended),
            Inside::Equals(extended) if byte == b'=' => Inside::Start(extended),
            Inside::Equals(_) => key_step(Some(0), byte),
            Inside::Start(extended) if blank => Inside::Start(extended),
            Inside::Start(extended) => {
                self.dropped.clear();
                self.kept.clear();
                match byte {
                    b'"' => Inside::Quoted(byte),
                    // PHP takes single quotes as well; in RFC 2231 they delimit the charset.
                    b'\'' if !extended => Inside::Quoted(byte),
                    byte => self.value_step(Inside::Token(extended), byte),
                }
            }
            Inside::Quoted(quote) if byte == quote => {
                self.end_value();
                Inside::Key(Some(0))
            }
            Inside::Token(_) if blank || matches!(byte, b';' | b',') => {
                self.end_value();
                Inside::Key(Some(0))
            }
            Inside::Token(true) if byte == b'\'' => {
                self.dropped.clear();
                self.kept.clear();
                inside
            }
            Inside::Quoted(_) | Inside::Token(_) => {
                self.name_byte(byte);
                inside
            }
        }
    }

    fn name_byte(&mut self, byte: u8) {
        self.found |= is_bracket(byte) && self.is_watched();
        self.kept.push(byte);
        if byte != b'\\' {
            self.dropped.push(byte);
        }
    }

    fn end_value(&mut self) {
        if matches!(self.at, At::Value(Inside::Quoted(_) | Inside::Token(_))) {
            self.found |= self.is_watched();
        }
    }

    fn is_watched(&self) -> bool {
        self.watch.has(&self.dropped) || self.watch.has(&self.kept)
    }
}

/// A key begins after anything that is not part of a token, so that `filename` is not `name`.
fn key_step(matched: Option<usize>, byte: u8) -> Inside {
    if !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_') {
        return Inside::Key(Some(0));
    }
    match matched {
        Some(so_far) if KEY.get(so_far) == Some(&byte.to_ascii_lowercase()) => {
            if so_far + 1 == KEY.len() {
                Inside::Equals(false)
            } else {
                Inside::Key(Some(so_far + 1))
            }
        }
        _ => Inside::Key(None),
    }
}
