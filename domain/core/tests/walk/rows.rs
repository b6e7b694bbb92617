//! The walk as rows of a table, and what one option changes of them.
//!
//! A change is shown with all cases that it touches, so what is not shown is as it was.

use anteroom_core::policy::Enforcement;
use anteroom_core::profile::LoginProfile;

use super::words::words;
use super::{CLASSES, METHODS, SITES, USAGES, visitors, walk};
use crate::table::{Case, table};

/// How to read the table.
pub const LEGEND: &str = "\
Headings say what the path means, and for which sessions; columns how the answer will be used, the
method, which site caused the request; then comes the decision.
Sessions: `idle -1 s` is a second before the lock by idleness, `lock -1 s` a second before a lock
becomes an end, `overall -1 s` a second before the last end; `tomorrow` was active in the future.
Decisions: `bare` is without cookies; `watch` is sent complete and its answer held until it may be
shown; `anything`: unless the session was tainted meanwhile.
";

/// Every request and what becomes of it, in words.
#[must_use]
pub fn cases(profile: &LoginProfile, enforcement: Enforcement) -> Vec<Case> {
    let mut cases = Vec::new();
    walk(profile, enforcement, |asked| {
        cases.push((asked.at.to_vec(), words(asked.decision)))
    });
    cases
}

/// The table of these cases.
#[must_use]
pub fn shown(cases: &[Case]) -> String {
    let visitors = visitors();
    let names: Vec<&str> = visitors.iter().map(|visitor| visitor.name).collect();
    let columns = [
        &CLASSES.map(|(name, _)| name)[..],
        &names,
        &USAGES.map(|(name, _)| name),
        &METHODS.map(|(name, _)| name),
        &SITES.map(|(name, _)| name),
    ];
    table(&columns, 2, cases)
}

/// The table of the cases that are not as before.
#[must_use]
pub fn changes(before: &[Case], after: &[Case]) -> String {
    let changed = before.iter().zip(after).filter(|(one, other)| one != other);
    let changed: Vec<Case> = changed.map(|(_, case)| case.clone()).collect();
    if changed.is_empty() {
        "nothing\n".to_owned()
    } else {
        shown(&changed)
    }
}
