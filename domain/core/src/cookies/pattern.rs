//! Patterns over cookie names, and names that some server would read as a configured one.
//!
//! Rules match byte for byte; aliases are only ever refused (attack C08). See
//! `profile::CookieRules` for what the rules mean.

use crate::form::FoldedName;
use crate::path::unescaped;

/// A configured cookie name, or the beginning of one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum NamePattern {
    /// Exactly this name.
    Exact(String),
    /// Every name that begins so.
    Prefix(String),
}

impl NamePattern {
    /// Whether the name matches, byte for byte.
    #[must_use]
    pub fn matches(&self, name: &[u8]) -> bool {
        match self {
            Self::Exact(exact) => name == exact.as_bytes(),
            Self::Prefix(prefix) => name.starts_with(prefix.as_bytes()),
        }
    }

    /// Whether some server would take the name for one that matches, though it does not: PHP turns
    /// `.`, space and `[` into `_`, old PHP decodes percent escapes in names, .NET folds case.
    #[must_use]
    pub fn alias_of(&self, name: &[u8]) -> bool {
        if self.matches(name) {
            return false;
        }
        let seen = FoldedName::of(&unescaped(name));
        match self {
            Self::Exact(exact) => seen.meets(&FoldedName::of(exact.as_bytes())),
            Self::Prefix(prefix) => seen.begins_like(&FoldedName::of(prefix.as_bytes())),
        }
    }

    /// Whether a value hides a pair that servers splitting at commas (RFC 2109) would take for this
    /// cookie, as in `a=1,sess=S`.
    #[must_use]
    pub fn hidden_in(&self, value: &[u8]) -> bool {
        value.split(|byte| *byte == b',').skip(1).any(|piece| {
            let name = piece
                .split(|byte| *byte == b'=')
                .next()
                .unwrap_or_default()
                .trim_ascii();
            piece.contains(&b'=') && (self.matches(name) || self.alias_of(name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_byte_for_byte() {
        let exact = NamePattern::Exact("my_sess".into());
        assert!(exact.matches(b"my_sess"));
        assert!(!exact.matches(b"MY_SESS") && !exact.matches(b"my_sess2"));
        let prefix = NamePattern::Prefix("wordpress_logged_in_".into());
        assert!(prefix.matches(b"wordpress_logged_in_ab12"));
        assert!(!prefix.matches(b"wordpress_logged_in"));
    }

    #[test]
    fn every_alias_is_seen_and_the_name_itself_is_none() {
        let exact = NamePattern::Exact("my_sess".into());
        for alias in [
            "my.sess",
            "my sess",
            "my[sess",
            "%6dy_sess",
            "MY_SESS",
            "my_sess[0]",
            "%20my_sess",
        ] {
            assert!(exact.alias_of(alias.as_bytes()), "{alias}");
        }
        for other in ["my_sess", "my_session", "", "sess", "$Version"] {
            assert!(!exact.alias_of(other.as_bytes()), "{other}");
        }
        let prefix = NamePattern::Prefix("wp_".into());
        assert!(prefix.alias_of(b"WP_x") && prefix.alias_of(b"wp.x"));
        assert!(!prefix.alias_of(b"wp_x") && !prefix.alias_of(b"awp.x"));
    }

    #[test]
    fn a_pair_hidden_behind_a_comma_is_seen() {
        let exact = NamePattern::Exact("my_sess".into());
        assert!(exact.hidden_in(b"1,my_sess=S"));
        assert!(exact.hidden_in(b"1, MY.SESS=S"));
        assert!(!exact.hidden_in(b"my_sess=S"));
        assert!(!exact.hidden_in(b"1,my_sess"));
        assert!(!exact.hidden_in(b"1,other=my_sess"));
    }
}
