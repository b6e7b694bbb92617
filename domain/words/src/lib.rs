//! What we say: every sentence that a subscriber reads, in every language, as Fluent messages.
//!
//! A new page gets its sentences so:
//! 1. write them into `messages/en/PAGE.ftl`, `fr` and `es` under the same ids (`page-what-it-is`);
//! 2. a new file: add its name to the list in `messages.rs`, nothing else;
//! 3. a template says `{{ frame.say("page-heading") }}`; `$app` is always there. Rust code says
//!    `voice.say_with("page-left", &[("count", 3_u32.into())])` and hands over the text;
//! 4. where a part of the sentence is marked up: `frame.around("page-until", "in")` gives what
//!    stands before and after `{ $in }`, so that the sentence stays whole for the translator;
//! 5. `cargo test -p anteroom-words` and the tidy test `sentences` tell what is missing.
//!
//! Pure: no I/O and no clock. Escapes nothing: that is the template's work. Which language a
//! request is answered in is `anteroom_core::language`'s to say.

mod messages;
pub mod moment;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use anteroom_core::language::Language;
use fluent_bundle::{FluentArgs, FluentValue};

/// Something that stands inside a sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value<'a> {
    /// A name, or a piece that has been said already.
    Text(Cow<'a, str>),
    /// A number that the sentence may count.
    Count(u64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Value<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Value<'_> {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<u8> for Value<'_> {
    fn from(count: u8) -> Self {
        Self::Count(count.into())
    }
}

/// The values of one sentence, by the names they have in the message.
pub type Values<'a, 'v> = &'a [(&'static str, Value<'v>)];

/// Says a message. A gap shows in every debug build and test; in service the English sentence takes
/// the place of a missing one, because a page has to say something.
#[must_use]
pub fn say(language: Language, id: &str, values: Values<'_, '_>) -> String {
    let said = messages::format(language, id, &arguments(values));
    debug_assert!(said.whole, "{id} in {}: {}", language.tag(), said.text);
    if said.text.is_empty() && language != Language::En {
        return say(Language::En, id, values);
    }
    said.text
}

/// Marks the place of the part that the page marks up. It stands in no text: it is for private use.
const PLACE: &str = "\u{e000}";

/// What a message says before and after one of its values.
#[must_use]
pub fn around(
    language: Language,
    id: &str,
    name: &'static str,
    values: Values<'_, '_>,
) -> (String, String) {
    let mut all = values.to_vec();
    all.push((name, PLACE.into()));
    let said = say(language, id, &all);
    debug_assert!(
        said.contains(PLACE),
        "{id} in {}: no {name}",
        language.tag()
    );
    match said.split_once(PLACE) {
        Some((before, after)) => (before.to_owned(), after.to_owned()),
        None => (said, String::new()),
    }
}

fn arguments<'v>(values: &'v [(&'static str, Value<'_>)]) -> FluentArgs<'v> {
    values
        .iter()
        .map(|(name, value)| match value {
            Value::Text(text) => (*name, FluentValue::String(Cow::Borrowed(text))),
            Value::Count(count) => (*name, FluentValue::from(*count)),
        })
        .collect()
}
