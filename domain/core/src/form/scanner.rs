//! Watching an urlencoded stream for a credential's field name, in constant memory.
//!
//! For apps that take a login on any path (`DESIGN-CASES` 7). The answer comes no later than the
//! `=` after the name, so the gateway can cut the request before the value leaves. How the stream
//! is split into chunks never matters. For multipart bodies see `multipart`.

use crate::form::names::{NameFold, Watch, is_bracket};

/// What a scanner has seen so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scan {
    /// No watched name.
    Nothing,
    /// A watched name; stays so.
    Found,
}

/// Scans `application/x-www-form-urlencoded` bytes. A `;` separates fields as well: old servers
/// split there.
#[derive(Clone, Debug)]
pub struct FieldScanner {
    watch: Watch,
    name: NameFold,
    place: Place,
    escape: Escape,
    found: bool,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Name,
    Value,
}

/// How much of a percent escape has been read.
#[derive(Clone, Copy, Debug)]
enum Escape {
    None,
    Percent,
    Digit(u8),
}

impl FieldScanner {
    /// A scanner that looks for any reading of these names.
    #[must_use]
    pub fn new<S: AsRef<str>>(names: &[S]) -> Self {
        let watch = Watch::for_names(names);
        let name = watch.fold();
        Self {
            watch,
            name,
            place: Place::Name,
            escape: Escape::None,
            found: false,
        }
    }

    /// Takes the next chunk.
    pub fn feed(&mut self, chunk: &[u8]) -> Scan {
        for byte in chunk {
            if self.found {
                break;
            }
            match (self.place, byte) {
                (Place::Name, b'=') => {
                    self.end_name();
                    self.place = Place::Value;
                }
                (_, b'&' | b';') => {
                    if matches!(self.place, Place::Name) {
                        self.end_name();
                    }
                    self.name.clear();
                    self.place = Place::Name;
                }
                (Place::Name, byte) => self.name_byte(*byte),
                (Place::Value, _) => {}
            }
        }
        self.seen()
    }

    /// Says what the whole stream held: the last name may have come without `=`.
    pub fn finish(&mut self) -> Scan {
        if matches!(self.place, Place::Name) {
            self.end_name();
        }
        self.seen()
    }

    fn seen(&self) -> Scan {
        if self.found {
            Scan::Found
        } else {
            Scan::Nothing
        }
    }

    fn end_name(&mut self) {
        self.give_up_escape();
        self.found |= self.watch.has(&self.name);
    }

    fn name_byte(&mut self, byte: u8) {
        match (self.escape, char::from(byte).to_digit(16)) {
            (Escape::Percent, Some(_)) => self.escape = Escape::Digit(byte),
            (Escape::Digit(first), Some(low)) => {
                self.escape = Escape::None;
                let high = char::from(first).to_digit(16).unwrap_or(0);
                self.decoded(u8::try_from(high * 16 + low).unwrap_or(0));
            }
            _ => {
                self.give_up_escape();
                match byte {
                    b'%' => self.escape = Escape::Percent,
                    b'+' => self.decoded(b' '),
                    byte => self.decoded(byte),
                }
            }
        }
    }

    /// A broken escape stands for itself.
    fn give_up_escape(&mut self) {
        match std::mem::replace(&mut self.escape, Escape::None) {
            Escape::None => {}
            Escape::Percent => self.decoded(b'%'),
            Escape::Digit(first) => {
                self.decoded(b'%');
                self.decoded(first);
            }
        }
    }

    fn decoded(&mut self, byte: u8) {
        // `user[0]` is `user` to PHP: what stands before a bracket is a name of its own.
        self.found |= is_bracket(byte) && self.watch.has(&self.name);
        self.name.push(byte);
    }
}

/// Whether any reading of the query names one of these fields (attacks B03, B10).
#[must_use]
pub fn query_carries<S: AsRef<str>>(query: &str, names: &[S]) -> bool {
    let mut scanner = FieldScanner::new(names);
    scanner.feed(query.as_bytes());
    scanner.finish() == Scan::Found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scan(body: &[u8]) -> Scan {
        let mut scanner = FieldScanner::new(&["username", "user_name", "user[email]"]);
        scanner.feed(body);
        scanner.finish()
    }

    #[test]
    fn a_watched_name_is_found_in_every_spelling() {
        for body in [
            "username=alice",
            "a=1&username=alice",
            "a=1;username=alice",
            "a=1&+username=alice",
            "a=1&user%6eame=alice",
            "a=1&USERNAME=alice",
            "a=1&username[]=alice",
            "a=1&username%5B0%5D=alice",
            "a=1&username%00x=alice",
            "a=1&user.name=alice",
            "a=1&user%20name=alice",
            "a=1&user%25name=alice",
            "a=1&user[email]=alice",
            "a&username",
            "username",
            "%=1&username=2",
            "%4=1&username=2",
        ] {
            assert_eq!(scan(body.as_bytes()), Scan::Found, "{body}");
        }
    }

    #[test]
    fn other_names_and_values_are_left_alone() {
        for body in [
            "",
            "note=username",
            "note=username%3Dalice",
            "note=a%26username%3Dalice",
            "usernames=1",
            "myusername=1",
            "usernam%65%65=2",
            "next=%2Flogin%3Fusername%3Dalice",
            "user=1",
        ] {
            assert_eq!(scan(body.as_bytes()), Scan::Nothing, "{body}");
        }
    }

    #[test]
    fn the_name_is_found_before_its_value_comes() {
        let mut scanner = FieldScanner::new(&["password"]);
        assert_eq!(scanner.feed(b"a=1&pass"), Scan::Nothing);
        assert_eq!(scanner.feed(b"word="), Scan::Found);
    }

    #[test]
    fn memory_stays_flat_over_an_endless_name() {
        let mut scanner = FieldScanner::new(&["password"]);
        for _ in 0..1000 {
            assert_eq!(scanner.feed(&[b'a'; 4096]), Scan::Nothing);
        }
        assert!(scanner.name.text().is_none(), "the name is given up on");
        assert_eq!(scanner.feed(b"=1&password=2"), Scan::Found);
    }

    /// Pieces from which bodies are put together.
    const PIECES: &[&[u8]] = &[
        b"username",
        b"user",
        b"%",
        b"6e",
        b"ame",
        b"=",
        b"&",
        b";",
        b"[",
        b"%5b",
        b"%00",
        b"+",
        b".",
        b"name",
        b"%u",
        b"\xff",
    ];

    proptest! {
        #[test]
        fn any_split_gives_the_same_answer(
            body in proptest::collection::vec(proptest::sample::select(PIECES), 0..20),
            cuts in proptest::collection::vec(1_usize..5, 0..60),
        ) {
            let body = body.concat();
            let mut scanner = FieldScanner::new(&["username", "user_name"]);
            let mut rest = body.as_slice();
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                scanner.feed(now);
                rest = later;
            }
            scanner.feed(rest);
            let whole = {
                let mut scanner = FieldScanner::new(&["username", "user_name"]);
                scanner.feed(&body);
                scanner.finish()
            };
            prop_assert_eq!(scanner.finish(), whole);
        }

        #[test]
        fn what_the_strict_reader_reads_the_scanner_has_seen(body in "[a-c=&%+.;\\[]{0,24}") {
            if let Ok(form) = crate::form::Form::parse(body.as_bytes(), 32) {
                let named = form.fields().any(|(name, _)| name == "ab");
                let seen = query_carries(&body, &["ab"]);
                prop_assert!(seen || !named);
            }
        }

        #[test]
        fn no_bytes_make_the_scanner_panic(body in any::<Vec<u8>>()) {
            let _ = scan(&body);
        }
    }
}
