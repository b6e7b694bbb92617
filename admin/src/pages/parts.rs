//! Small pieces that many pages hold: a moment, a state with its lock, and counts in words.
//!
//! Each escapes its own text, so a template may simply name it. Never a whole page.

use askama::Template;
use askama::filters::HtmlSafe;

use super::{AuthenticatorRow, When, words};

/// How a moment stands in a page.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% if machine.is_empty() %}{{ text }}{% else %}\
              <time datetime=\"{{ machine }}\">{{ text }}</time>{% endif %}"
)]
struct Moment<'a> {
    text: &'a str,
    machine: &'a str,
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { text, machine } = self;
        Moment { text, machine }.fmt(f)
    }
}

impl HtmlSafe for When {}

/// A state in words, with the green closed or the red open lock. The words alone tell it all.
#[derive(Template)]
#[template(path = "admin/badge.html")]
pub(super) struct Badge<'a> {
    pub(super) closed: bool,
    pub(super) words: &'a str,
}

impl HtmlSafe for Badge<'_> {}

/// A badge.
pub(super) const fn badge(closed: bool, words: &str) -> Badge<'_> {
    Badge { closed, words }
}

impl AuthenticatorRow {
    pub(super) fn badge(&self) -> Badge<'_> {
        badge(self.works, &self.state)
    }
}

// Templates hand over everything by reference; these take it so.

/// A count in digits, in groups of three.
pub(super) fn grouped(count: &u64) -> String {
    words::grouped(*count)
}

/// A count that stands alone, in words up to twelve.
pub(super) fn number(count: &u32) -> String {
    match count {
        0 => "none".to_owned(),
        some => words::number(u64::from(*some)),
    }
}

/// A count with its noun.
pub(super) fn counted(count: &u64, one: &str, many: &str) -> String {
    words::counted(*count, one, many)
}

/// A count in digits, with its noun.
pub(super) fn digits(count: &u32, one: &str, many: &str) -> String {
    words::digits(*count, one, many)
}

/// A length of time in hours.
pub(super) fn hours(hours: &u32) -> String {
    words::hours(*hours)
}
