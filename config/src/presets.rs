//! The login profiles that ship with us, as text: `[login]` tables with the reasons beside each
//! line.
//!
//! Resolves nothing: `resolve::login` lays an app's own `[app.login]` over one. How to write
//! another one stands in `docs/profiles.md`.

use crate::raw::node::{self, Entry, Node, Value};

/// Name and text of every preset.
pub const ALL: [(&str, &str); 4] = [
    ("demo", include_str!("../presets/demo.toml")),
    ("dokuwiki", include_str!("../presets/dokuwiki.toml")),
    ("php-session", include_str!("../presets/php-session.toml")),
    ("tomcat-form", include_str!("../presets/tomcat-form.toml")),
];

/// The names of all presets.
#[must_use]
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|(name, _)| *name).collect()
}

/// The `[login]` table of a preset. A test holds that every one can be read.
pub(crate) fn login_of(name: &str) -> Option<Node> {
    let (_, text) = ALL.iter().find(|(known, _)| *known == name)?;
    let Value::Table(entries) = node::parse(text).ok()?.value else {
        return None;
    };
    let login = |entry: Entry| (entry.key == "login").then_some(entry.node);
    entries.into_iter().find_map(login)
}
