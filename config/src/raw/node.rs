//! The tree of a TOML file, with lines instead of byte offsets, and how a preset is laid under it.
//!
//! Never judges a key or a value. Syntax is the `toml` crate's business; what is asked of the
//! tree is [`section`](super::section)'s.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

/// A value and the line it begins on. Lines count from 1.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where it begins.
    pub line: usize,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Text in quotes.
    Text(String),
    /// A whole number; `None` when it does not fit.
    Integer(Option<i64>),
    /// A number with a point.
    Float,
    /// `true` or `false`.
    Flag(bool),
    /// A date, a time or both.
    Moment(Datetime),
    /// `[…]`.
    List(Vec<Node>),
    /// `{…}`, `[…]` or the file.
    Table(Vec<Entry>),
}

/// One `key = value`.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key.
    pub key: String,
    /// The line of the key.
    pub line: usize,
    /// The value.
    pub node: Node,
}

/// Parses TOML text.
pub(crate) fn parse(text: &str) -> Result<Node, Box<toml::de::Error>> {
    let lines = Lines::of(text);
    // A byte-order mark is what some editors on Windows leave behind; toml skips it.
    DeTable::parse(text)
        .map(|root| table(root.get_ref(), 1, &lines))
        .map_err(Box::new)
}

/// Where each line begins, to find a line by bisection.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect(),
        )
    }

    fn at(&self, span: Range<usize>) -> usize {
        self.0.partition_point(|start| *start <= span.start)
    }
}

fn node(spanned: &Spanned<DeValue<'_>>, lines: &Lines) -> Node {
    let line = lines.at(spanned.span());
    let value = match spanned.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok())
        }
        DeValue::Float(_) => Value::Float,
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(moment) => Value::Moment(*moment),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, lines)).collect()),
        DeValue::Table(entries) => return table(entries, line, lines),
    };
    Node { line, value }
}

fn table(entries: &DeTable<'_>, line: usize, lines: &Lines) -> Node {
    let entries = entries.iter().map(|(key, value)| Entry {
        key: key.get_ref().to_string(),
        line: lines.at(key.span()),
        node: node(value, lines),
    });
    Node {
        line,
        value: Value::Table(entries.collect()),
    }
}

impl Node {
    /// The same tree with everything on one line: a preset, seen from the line that names it.
    pub(crate) fn all_on_line(mut self, line: usize) -> Self {
        self.line = line;
        match &mut self.value {
            Value::List(items) => {
                *items = items.drain(..).map(|item| item.all_on_line(line)).collect();
            }
            Value::Table(entries) => {
                for entry in entries {
                    entry.line = line;
                    entry.node = entry.node.clone().all_on_line(line);
                }
            }
            _ => {}
        }
        self
    }

    /// Lays `over` on top of this tree: tables key by key, everything else (lists too) whole.
    pub(crate) fn overlaid_with(self, over: &Self) -> Self {
        let (Value::Table(mut entries), Value::Table(above)) = (self.value, &over.value) else {
            return over.clone();
        };
        for entry in above {
            match entries.iter_mut().find(|below| below.key == entry.key) {
                Some(below) if is_unit(&entry.key) => *below = entry.clone(),
                Some(below) => {
                    below.line = entry.line;
                    below.node = below.node.clone().overlaid_with(&entry.node);
                }
                None => entries.push(entry.clone()),
            }
        }
        Self {
            line: over.line,
            value: Value::Table(entries),
        }
    }
}

/// Tables whose keys only mean something together: half of one probe and half of another is none.
fn is_unit(key: &str) -> bool {
    key == "probe"
}
