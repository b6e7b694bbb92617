//! Where problems and warnings are gathered while the tree is read, and which keys were asked for.
//!
//! Never ends the reading: whoever reports goes on with a stand-in value, so that an operator
//! sees all mistakes of a file together. The stand-ins never leave the crate, because one problem
//! is enough for [`crate::parse`] to return no settings.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::problem::ConfigProblem;

/// Where something stands, or should stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// `app[0].login`; empty for the file itself.
    pub path: String,
    /// The line, when something stands there.
    pub line: Option<usize>,
}

impl Place {
    /// The place of `key` below this one.
    pub(crate) fn below(&self, key: &str, line: Option<usize>) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self {
            path: format!("{}{dot}{key}", self.path),
            line,
        }
    }

    /// The place of the item `index` of this list.
    pub(crate) fn item(&self, index: usize, line: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            line: Some(line),
        }
    }

    /// The path without indices: `app[].login`.
    pub(crate) fn general_path(&self) -> String {
        self.path
            .chars()
            .filter(|letter| !letter.is_ascii_digit())
            .collect()
    }
}

/// Everything noticed so far.
#[derive(Default)]
pub(crate) struct Report {
    problems: RefCell<Vec<ConfigProblem>>,
    warnings: RefCell<Vec<ConfigProblem>>,
    asked: RefCell<BTreeSet<String>>,
}

impl Report {
    /// A mistake without a hint.
    pub(crate) fn problem(&self, at: &Place, found: impl Into<String>, allowed: impl Into<String>) {
        self.problems
            .borrow_mut()
            .push(problem(at, found.into(), allowed.into(), None));
    }

    /// A mistake, with what was probably meant or why it matters.
    pub(crate) fn problem_hint(
        &self,
        at: &Place,
        found: impl Into<String>,
        allowed: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let hint = Some(hint.into());
        self.problems
            .borrow_mut()
            .push(problem(at, found.into(), allowed.into(), hint));
    }

    /// Something allowed that deserves a second look.
    pub(crate) fn warning(
        &self,
        at: &Place,
        found: impl Into<String>,
        better: impl Into<String>,
        why: impl Into<String>,
    ) {
        let hint = Some(why.into());
        self.warnings
            .borrow_mut()
            .push(problem(at, found.into(), better.into(), hint));
    }

    /// Notes that a key may stand in the file.
    pub(crate) fn asked_for(&self, at: &Place) {
        self.asked.borrow_mut().insert(at.general_path());
    }

    /// Every key that was asked for, without indices.
    #[cfg(test)]
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// The problems and the warnings, each in the order of the file.
    pub(crate) fn into_parts(self) -> (Vec<ConfigProblem>, Vec<ConfigProblem>) {
        (
            in_file_order(self.problems.into_inner()),
            in_file_order(self.warnings.into_inner()),
        )
    }
}

fn problem(at: &Place, found: String, allowed: String, hint: Option<String>) -> ConfigProblem {
    ConfigProblem {
        path: at.path.clone(),
        line: at.line,
        found,
        allowed,
        hint,
    }
}

fn in_file_order(mut problems: Vec<ConfigProblem>) -> Vec<ConfigProblem> {
    problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
    problems
}
