//! A table of the file, asked key by key; what nobody asked for is unknown.
//!
//! The questions double as the list of known keys: ask for every key of a table before judging
//! any, also when the table is missing. Knows types and nothing of what a key means; `resolve`
//! does. What holds several values of one kind is asked in `lists`.

mod lists;

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::time::Duration;

use anteroom_core::time::Timestamp;

use super::measure::{self, quoted};
use super::node::{Entry, Node, Value};
use super::report::{Place, Report};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Found<T> {
    /// The value.
    pub value: T,
    /// Where it stands, or would stand.
    pub at: Place,
}

/// One table.
pub(crate) struct Section<'a> {
    at: Place,
    entries: Option<&'a [Entry]>,
    asked: RefCell<Vec<&'static str>>,
    report: &'a Report,
}

impl<'a> Section<'a> {
    /// The file itself.
    pub(crate) fn root(node: &'a Node, report: &'a Report) -> Self {
        Self::new(Place::default(), Some(node), report)
    }

    /// The table that `node` is, or a missing one.
    pub(crate) fn new(at: Place, node: Option<&'a Node>, report: &'a Report) -> Self {
        let entries = match node.map(|node| &node.value) {
            Some(Value::Table(entries)) => Some(entries.as_slice()),
            Some(other) => {
                report.problem(&at, kind(other), "a table");
                None
            }
            None => None,
        };
        Self {
            at,
            entries,
            asked: RefCell::default(),
            report,
        }
    }

    /// Where this table stands.
    pub(crate) const fn at(&self) -> &Place {
        &self.at
    }

    /// Whether this table is in the file.
    pub(crate) const fn is_present(&self) -> bool {
        self.entries.is_some()
    }

    /// Where problems go.
    pub(crate) const fn report(&self) -> &'a Report {
        self.report
    }

    fn ask(&self, key: &'static str) -> (Place, Option<&'a Entry>) {
        self.asked.borrow_mut().push(key);
        let entry = self.entry(key);
        let at = self.at.below(key, entry.map(|entry| entry.line));
        self.report.asked_for(&at);
        (at, entry)
    }

    /// The value of `key` as it stands.
    pub(crate) fn node(&self, key: &'static str) -> (Place, Option<&'a Node>) {
        let (at, entry) = self.ask(key);
        (at, entry.map(|entry| &entry.node))
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries
            .unwrap_or_default()
            .iter()
            .find(|entry| entry.key == key)
    }

    /// Whether `key` stands here. Asks nothing.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Where `key` stands, or else where it would. Asks nothing.
    pub(crate) fn place(&self, key: &str) -> Place {
        let line = self.entry(key).map(|entry| entry.line).or(self.at.line);
        self.at.below(key, line)
    }

    /// Says that `key` must be there.
    pub(crate) fn missing(&self, key: &str, allowed: &str) {
        self.report.problem(&self.place(key), "nothing", allowed);
    }

    fn wrong_kind(&self, at: &Place, value: &Value, allowed: &str) {
        self.report.problem(at, kind(value), allowed);
    }

    /// Text.
    pub(crate) fn text(&self, key: &'static str) -> Option<Found<&'a str>> {
        let (at, entry) = self.ask(key);
        match &entry?.node.value {
            Value::Text(value) => Some(Found { value, at }),
            other => {
                self.wrong_kind(&at, other, "text in quotes");
                None
            }
        }
    }

    /// Text that must be there.
    pub(crate) fn required(&self, key: &'static str, allowed: &str) -> Option<Found<&'a str>> {
        let text = self.text(key);
        if !self.has(key) {
            self.missing(key, allowed);
        }
        text
    }

    /// A whole number within `range`.
    pub(crate) fn number(
        &self,
        key: &'static str,
        range: &RangeInclusive<i64>,
    ) -> Option<Found<i64>> {
        let (at, entry) = self.ask(key);
        let value = &entry?.node.value;
        if let Value::Integer(Some(number)) = value
            && range.contains(number)
        {
            return Some(Found { value: *number, at });
        }
        let (low, high) = (range.start(), range.end());
        self.wrong_kind(&at, value, &format!("a whole number from {low} to {high}"));
        None
    }

    /// A switch; off when missing.
    pub(crate) fn flag(&self, key: &'static str) -> Found<bool> {
        let (at, entry) = self.ask(key);
        let value = match entry.map(|entry| &entry.node.value) {
            None => false,
            Some(Value::Flag(flag)) => *flag,
            Some(other) => {
                self.wrong_kind(&at, other, "true or false, without quotes");
                false
            }
        };
        Found { value, at }
    }

    /// One word out of a list.
    pub(crate) fn one_of<T: Copy>(
        &self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<Found<T>> {
        let text = self.text(key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(Found {
                value: *value,
                at: text.at,
            });
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        unknown_word(self.report, &text, &known);
        None
    }

    /// A length of time within `range`.
    pub(crate) fn duration(
        &self,
        key: &'static str,
        default: Duration,
        range: &RangeInclusive<Duration>,
    ) -> Found<Duration> {
        let (at, entry) = self.ask(key);
        let Some(entry) = entry else {
            return Found { value: default, at };
        };
        let parsed = match &entry.node.value {
            Value::Text(text) => measure::duration(text),
            _ => None,
        };
        if let Some(value) = parsed.filter(|value| range.contains(value)) {
            return Found { value, at };
        }
        let (low, high) = (
            measure::in_words(*range.start()),
            measure::in_words(*range.end()),
        );
        let allowed = format!(r#"a time from "{low}" to "{high}" (units: ms, s, min, h, d)"#);
        self.wrong_kind(&at, &entry.node.value, &allowed);
        Found { value: default, at }
    }

    /// A number of bytes within `range`.
    pub(crate) fn size(
        &self,
        key: &'static str,
        range: &RangeInclusive<u64>,
    ) -> Option<Found<u64>> {
        let (at, entry) = self.ask(key);
        let value = &entry?.node.value;
        let parsed = match value {
            Value::Text(text) => measure::size(text),
            _ => None,
        };
        if let Some(value) = parsed.filter(|value| range.contains(value)) {
            return Some(Found { value, at });
        }
        let (low, high) = (
            measure::in_bytes(*range.start()),
            measure::in_bytes(*range.end()),
        );
        let allowed = format!(r#"a size from "{low}" to "{high}" (units: B, KiB, MiB, GiB)"#);
        self.wrong_kind(&at, value, &allowed);
        None
    }

    /// A moment with its offset from UTC.
    pub(crate) fn moment(&self, key: &'static str) -> Option<Found<Timestamp>> {
        let (at, entry) = self.ask(key);
        let value = &entry?.node.value;
        let moment = match value {
            Value::Moment(moment) => measure::timestamp(moment),
            _ => None,
        };
        if let Some(value) = moment {
            return Some(Found { value, at });
        }
        let allowed = "date, time and offset without quotes, such as 2031-03-31T18:00:00-04:00";
        self.wrong_kind(&at, value, allowed);
        None
    }

    /// The table `key`, which may be missing.
    pub(crate) fn table(&self, key: &'static str) -> Section<'a> {
        let (at, node) = self.node(key);
        Section::new(at, node, self.report)
    }

    /// The tables `[[key]]`.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<Section<'a>> {
        let (at, node) = self.node(key);
        let Some(node) = node else {
            return Vec::new();
        };
        match &node.value {
            Value::List(items) if !items.is_empty() => {
                let each = items.iter().enumerate();
                each.map(|(index, item)| {
                    Section::new(at.item(index, item.line), Some(item), self.report)
                })
                .collect()
            }
            Value::Table(_) => {
                let general = at.general_path().replace("[]", "");
                let allowed = format!("[[{general}]], in double brackets: there may be several");
                self.report.problem(&at, format!("[{general}]"), allowed);
                Vec::new()
            }
            other => {
                self.wrong_kind(&at, other, "tables in double brackets");
                Vec::new()
            }
        }
    }
}

/// Unknown keys are found when a section is let go, so that no reader of a section can forget to
/// look.
impl Drop for Section<'_> {
    fn drop(&mut self) {
        let mut asked = self.asked.borrow().clone();
        asked.sort_unstable();
        for entry in self.entries.unwrap_or_default() {
            if asked.contains(&entry.key.as_str()) {
                continue;
            }
            let at = self.at.below(&entry.key, Some(entry.line));
            let found = "a key that means nothing here";
            match measure::nearest(&entry.key, &asked) {
                Some(meant) => {
                    let hint = format!("did you mean {meant}?");
                    self.report.problem_hint(&at, found, asked.join(", "), hint);
                }
                None => self.report.problem(&at, found, asked.join(", ")),
            }
        }
    }
}

/// Says that a word is none of the known ones, and which was probably meant.
pub(crate) fn unknown_word(report: &Report, text: &Found<&str>, known: &[&str]) {
    let (found, allowed) = (quoted(text.value), known.join(", "));
    match measure::nearest(text.value, known) {
        Some(meant) => {
            report.problem_hint(
                &text.at,
                found,
                allowed,
                format!("did you mean \"{meant}\"?"),
            );
        }
        None => report.problem(&text.at, found, allowed),
    }
}

/// A value of the wrong kind, in words.
fn kind(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Integer(Some(number)) => number.to_string(),
        Value::Integer(None) => "a number beyond 64 bits".to_owned(),
        Value::Float => "a number with a point".to_owned(),
        Value::Flag(flag) => flag.to_string(),
        Value::Moment(moment) => moment.to_string(),
        Value::List(items) if items.is_empty() => "an empty list".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Table(_) => "a table".to_owned(),
    }
}
