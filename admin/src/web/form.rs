//! What a form or a query brought along: named texts, each at most once.
//!
//! A name that comes twice is refused, not chosen from (attack I7, DESIGN rule 5). Never interprets
//! a value.

use std::collections::BTreeMap;

/// Named texts.
#[derive(Clone, Default)]
pub(crate) struct Form {
    pairs: BTreeMap<String, String>,
}

/// Fields that may come several times: check boxes.
const LISTS: [&str; 1] = ["scope"];

impl Form {
    /// Takes pairs as they came; `None` when a name comes twice that may not.
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Option<Self> {
        let mut form = Self::default();
        for (name, value) in pairs {
            match form.pairs.get_mut(&name) {
                None => {
                    form.pairs.insert(name, value);
                }
                Some(before) if LISTS.contains(&name.as_str()) => {
                    before.push(' ');
                    before.push_str(&value);
                }
                Some(_) => return None,
            }
        }
        Some(form)
    }

    /// The text of this name, trimmed; empty when it did not come.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.pairs.get(name).map_or("", |value| value.trim())
    }

    /// The text of this name exactly as it came: passwords.
    pub(crate) fn exactly(&self, name: &str) -> &str {
        self.pairs.get(name).map_or("", String::as_str)
    }

    /// The number of this name.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.text(name).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Option<Form> {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        Form::of(pairs.iter().map(owned).collect())
    }

    #[test]
    fn a_name_twice_is_refused_but_for_check_boxes() {
        assert!(form(&[("user", "a"), ("user", "b")]).is_none());
        let boxes = form(&[("scope", "a"), ("scope", "b"), ("n", " 7 ")]).unwrap();
        assert_eq!(boxes.text("scope"), "a b");
        assert_eq!(boxes.number::<u32>("n"), Some(7));
        assert_eq!(boxes.exactly("n"), " 7 ");
    }
}
