//! Which of the app's cookies are left alone, and what that may cost (DESIGN 5.3).
//!
//! Every name that is not listed is sealed, so an empty table is the safe one. Matching is
//! `anteroom_core::cookies`' business; here the lists are held against each other.

use anteroom_core::cookies::NamePattern;
use anteroom_core::profile::CookieRules;

use super::pattern;
use crate::raw::section::Section;

/// Names under which common frameworks keep the login. Left `plain` they would walk out of the
/// door.
const SESSION_NAMES: [&str; 12] = [
    "phpsessid",
    "jsessionid",
    "asp.net_sessionid",
    ".aspxauth",
    "sessionid",
    "session",
    "session_id",
    "connect.sid",
    "laravel_session",
    "cfid",
    "cftoken",
    "openemr",
];

pub(super) fn rules(login: &Section<'_>, reached_only_by_us: bool) -> CookieRules {
    let section = login.table("cookies");
    let names = |key| {
        let texts = section.texts(key);
        let each = texts.value.iter();
        each.filter_map(|text| pattern::cookie_name(section.report(), text))
            .collect()
    };
    let rules = CookieRules {
        plain: names("plain"),
        bind: names("bind"),
        login: names("login"),
    };
    agree(&section, &rules);
    if !rules.bind.is_empty() && !reached_only_by_us {
        // `DESIGN-CASES` 19: a bound cookie is the app's real session id, in the browser.
        let hint = "a bound cookie works wherever the app can be reached; close the way round us";
        let allowed = "bind only with upstream_reachable_only_through_us = true in [[app]]";
        section
            .report()
            .problem_hint(&section.place("bind"), "bind", allowed, hint);
    }
    rules
}

/// What must hold between the lists.
fn agree(section: &Section<'_>, rules: &CookieRules) {
    let report = section.report();
    let plain = section.place("plain");
    for pattern in &rules.plain {
        if let Some(other) = rules.login.iter().find(|other| overlap(pattern, other)) {
            let found = format!(
                "{}, which overlaps login ({})",
                shown(pattern),
                shown(other)
            );
            let hint = "a plain cookie reaches the browser before the second factor";
            report.problem_hint(&plain, found, "cookies that log nobody in", hint);
        }
        if let Some(other) = rules.bind.iter().find(|other| overlap(pattern, other)) {
            let found = format!("{}, which overlaps bind ({})", shown(pattern), shown(other));
            report.problem(&plain, found, "each name in one list");
        }
        if let Some(name) = SESSION_NAMES.iter().find(|name| covers(pattern, name)) {
            let why = "if it carries the login, the second factor is worth nothing";
            let found = format!("{}, which covers {name}", shown(pattern));
            report.warning(&plain, found, "sealed: not listed at all", why);
        }
    }
    for pattern in rules.plain.iter().chain(&rules.bind) {
        if covers(pattern, "__host-anteroom") || covers(pattern, "anteroom") {
            report.problem(section.at(), shown(pattern), "cookies of the app, not ours");
        }
    }
}

fn shown(pattern: &NamePattern) -> String {
    match pattern {
        NamePattern::Exact(name) => format!("\"{name}\""),
        NamePattern::Prefix(prefix) => format!("\"{prefix}*\""),
    }
}

/// Names as a careless server may read them: without case, dots and spaces as underscores (attack
/// C08).
fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace(['.', ' '], "_")
}

fn covers(pattern: &NamePattern, name: &str) -> bool {
    match pattern {
        NamePattern::Exact(exact) => folded(exact) == folded(name),
        NamePattern::Prefix(prefix) => folded(name).starts_with(&folded(prefix)),
    }
}

/// Whether some name matches both.
fn overlap(one: &NamePattern, other: &NamePattern) -> bool {
    match (one, other) {
        (NamePattern::Prefix(one), NamePattern::Prefix(other)) => {
            let (one, other) = (folded(one), folded(other));
            one.starts_with(&other) || other.starts_with(&one)
        }
        (pattern, NamePattern::Exact(name)) | (NamePattern::Exact(name), pattern) => {
            covers(pattern, name)
        }
    }
}
