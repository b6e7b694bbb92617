//! Field names as the most tolerant server reads them, so that no alias goes unseen.
//!
//! PHP turns `.`, space and an unclosed `[` into `_`, drops leading spaces, cuts at NUL, and reads
//! `user[0]` as `user`; other servers fold case (attack B02). Used for watching only, never to take
//! a value.

/// A name in its folded readings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoldedName {
    /// Lower case, with `_` for each run of anything but letters and digits, none at the end.
    whole: Vec<u8>,
    /// The same of the part before the first bracket, when there is one.
    base: Option<Vec<u8>>,
}

impl FoldedName {
    /// Folds a decoded name.
    #[must_use]
    pub fn of(name: &[u8]) -> Self {
        let mut fold = NameFold::with_limit(usize::MAX);
        let mut base = None;
        for byte in name {
            if base.is_none() && is_bracket(*byte) {
                base = fold.text().map(<[u8]>::to_vec);
            }
            fold.push(*byte);
        }
        Self {
            whole: fold.text().unwrap_or_default().to_vec(),
            base,
        }
    }

    /// Whether some server reads this name as the configured one.
    ///
    /// Only this name is cut at a bracket: `user[0]` is an alias of `user`, but `user[password]`
    /// must not be one of a configured `user[email]`.
    #[must_use]
    pub fn meets(&self, configured: &Self) -> bool {
        let wanted = &configured.whole;
        !wanted.is_empty() && (self.whole == *wanted || self.base.as_ref() == Some(wanted))
    }

    /// Whether some server reads this name as one that begins like the configured prefix.
    #[must_use]
    pub fn begins_like(&self, prefix: &Self) -> bool {
        !prefix.whole.is_empty() && self.whole.starts_with(&prefix.whole)
    }
}

pub(super) fn is_bracket(byte: u8) -> bool {
    matches!(byte, b'[' | b']')
}

/// Folds a name byte by byte, in memory bounded by `limit`.
#[derive(Clone, Debug)]
pub(super) struct NameFold {
    text: Vec<u8>,
    limit: usize,
    gap: bool,
    cut: bool,
    over: bool,
}

impl NameFold {
    /// A fold that gives up on names longer than `limit`: longer than all that are watched for.
    pub(super) fn with_limit(limit: usize) -> Self {
        Self {
            text: Vec::new(),
            limit,
            gap: false,
            cut: false,
            over: false,
        }
    }

    /// Starts the next name.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        (self.gap, self.cut, self.over) = (false, false, false);
    }

    /// Takes one decoded byte of the name.
    pub(super) fn push(&mut self, byte: u8) {
        let at_start = self.text.is_empty() && !self.gap;
        match byte {
            _ if self.cut || self.over => {}
            0 => self.cut = true,
            b' ' if at_start => {}
            letter if letter.is_ascii_alphanumeric() || !letter.is_ascii() => {
                if self.gap {
                    self.text.push(b'_');
                    self.gap = false;
                }
                self.text.push(letter.to_ascii_lowercase());
                self.over = self.text.len() > self.limit;
            }
            _ => self.gap = true,
        }
    }

    /// The fold so far; nothing when the name is longer than the limit.
    pub(super) fn text(&self) -> Option<&[u8]> {
        (!self.over).then_some(self.text.as_slice())
    }
}

/// The configured names that a scanner looks for.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    names: Vec<Vec<u8>>,
}

impl Watch {
    pub(super) fn for_names<S: AsRef<str>>(names: &[S]) -> Self {
        let folded = names
            .iter()
            .map(|name| FoldedName::of(name.as_ref().as_bytes()).whole);
        Self {
            names: folded.filter(|name| !name.is_empty()).collect(),
        }
    }

    /// A fold that is just long enough for these names.
    pub(super) fn fold(&self) -> NameFold {
        NameFold::with_limit(self.names.iter().map(Vec::len).max().unwrap_or(0))
    }

    pub(super) fn has(&self, fold: &NameFold) -> bool {
        fold.text()
            .is_some_and(|text| self.names.iter().any(|name| name == text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(seen: &str, configured: &str) -> bool {
        FoldedName::of(seen.as_bytes()).meets(&FoldedName::of(configured.as_bytes()))
    }

    #[test]
    fn every_known_alias_meets_its_field() {
        for alias in [
            "user_name",
            "user.name",
            "user name",
            "user[name",
            " user_name",
            "USER_NAME",
            "user_name[]",
            "user_name[0]",
            "user_name\0x",
            "user-name",
            "user__name",
            "user_name ",
            "user.name[x][y]",
        ] {
            assert!(meet(alias, "user_name"), "{alias:?}");
        }
    }

    #[test]
    fn neighbours_in_one_rails_form_do_not_meet() {
        assert!(!meet("user[password]", "user[email]"));
        assert!(!meet("user", "user[email]"));
        assert!(meet("user[email][]", "user[email]"));
        assert!(meet("user.email", "user[email]"));
    }

    #[test]
    fn other_names_do_not_meet() {
        for other in [
            "",
            "username",
            "user_name2",
            "x_user_name",
            "_user_name",
            "[user_name]",
            "é",
        ] {
            assert!(!meet(other, "user_name"), "{other:?}");
        }
        assert!(!meet("", ""));
    }
}
