//! The messages themselves, embedded and parsed once, one bundle for each language.
//!
//! Holds no sentence: those are in `messages/LANGUAGE/FILE.ftl`. Nothing here fails in service;
//! what is wrong with a message file is found by `tests`.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::Language;

/// Names the files of all languages.
macro_rules! files {
    ($($file:literal),+ $(,)?) => {
        /// The files of a language, by name.
        pub(crate) const fn files(language: Language) -> &'static [(&'static str, &'static str)] {
            match language {
                Language::En => &[$(($file, include_str!(
                    concat!("../messages/en/", $file, ".ftl")))),+],
                Language::Fr => &[$(($file, include_str!(
                    concat!("../messages/fr/", $file, ".ftl")))),+],
                Language::Es => &[$(($file, include_str!(
                    concat!("../messages/es/", $file, ".ftl")))),+],
            }
        }
    };
}

files![
    "challenge",
    "ended",
    "enrolment",
    "frame",
    "letter",
    "mail",
    "notice",
    "own",
    "recovery",
    "time",
    "trouble",
];

type Bundle = FluentBundle<FluentResource>;

static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::En));
static FR: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Fr));
static ES: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Es));

fn bundle(language: Language) -> Bundle {
    let locale = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The marks would be copied with a code, and stand in files and mails. None of our languages is
    // written from right to left.
    bundle.set_use_isolating(false);
    for (_, text) in files(language) {
        // A file with a fault still gives its sound messages; the tests refuse it.
        let resource = FluentResource::try_new((*text).to_owned());
        let resource = resource.unwrap_or_else(|(sound, _)| sound);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// A formatted message.
pub(crate) struct Formatted {
    /// The text; empty when there is no such message.
    pub(crate) text: String,
    /// The message and every value it names were there.
    pub(crate) whole: bool,
}

/// Formats a message.
pub(crate) fn format(language: Language, id: &str, values: &FluentArgs<'_>) -> Formatted {
    let bundle: &Bundle = match language {
        Language::En => &EN,
        Language::Fr => &FR,
        Language::Es => &ES,
    };
    let pattern = bundle.get_message(id).and_then(|message| message.value());
    let Some(pattern) = pattern else {
        return Formatted {
            text: String::new(),
            whole: false,
        };
    };
    let mut gaps = Vec::new();
    let text = bundle.format_pattern(pattern, Some(values), &mut gaps);
    Formatted {
        // A long sentence stands on several lines of its file only.
        text: text.replace('\n', " "),
        whole: gaps.is_empty() && !text.is_empty(),
    }
}
