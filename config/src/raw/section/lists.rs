//! Questions for lists: texts and numbers.
//!
//! A wrong item is reported where it stands and left out, so that the others are still judged.

use std::ops::RangeInclusive;

use super::{Found, Section};
use crate::raw::node::Value;

impl<'a> Section<'a> {
    /// A list of texts; a missing list is empty.
    pub(crate) fn texts(&self, key: &'static str) -> Found<Vec<Found<&'a str>>> {
        let (at, entry) = self.ask(key);
        let mut value = Vec::new();
        match entry.map(|entry| &entry.node.value) {
            None => {}
            Some(Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let at = at.item(index, item.line);
                    match &item.value {
                        Value::Text(text) => value.push(Found {
                            value: text.as_str(),
                            at,
                        }),
                        other => self.wrong_kind(&at, other, "text in quotes"),
                    }
                }
            }
            Some(other) => self.wrong_kind(&at, other, r#"a list such as ["one", "two"]"#),
        }
        Found { value, at }
    }

    /// A list of texts that must not be empty where it stands; `None` when it is missing or no
    /// such list. The example tells what was meant.
    pub(crate) fn some_texts(
        &self,
        key: &'static str,
        such_as: &str,
    ) -> Option<Vec<Found<&'a str>>> {
        if let Some(entry) = self.entry(key)
            && !matches!(&entry.node.value, Value::List(items) if !items.is_empty())
        {
            let (at, entry) = self.ask(key);
            self.wrong_kind(
                &at,
                &entry?.node.value,
                &format!("a list such as {such_as}"),
            );
            return None;
        }
        let found = self.texts(key);
        self.has(key).then_some(found.value)
    }

    /// A list of whole numbers within `range`, at least one; `None` when there is no list. An
    /// example of such a list helps whoever wrote something else.
    pub(crate) fn numbers(
        &self,
        key: &'static str,
        range: &RangeInclusive<u16>,
        such_as: &str,
    ) -> Option<Found<Vec<u16>>> {
        let (at, entry) = self.ask(key);
        let items = match &entry?.node.value {
            Value::List(items) if !items.is_empty() => items,
            other => {
                self.wrong_kind(&at, other, &format!("a list of numbers such as {such_as}"));
                return None;
            }
        };
        let (low, high) = (range.start(), range.end());
        let mut value = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let number = match item.value {
                Value::Integer(number) => number.and_then(|number| u16::try_from(number).ok()),
                _ => None,
            };
            match number.filter(|number| range.contains(number)) {
                Some(number) => value.push(number),
                None => {
                    let at = at.item(index, item.line);
                    self.wrong_kind(&at, &item.value, &format!("a number from {low} to {high}"));
                }
            }
        }
        Some(Found { value, at })
    }
}
