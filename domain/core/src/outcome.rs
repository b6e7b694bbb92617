//! Reading an upstream's answer to a login: ordered rules, first match wins, everything else is
//! unknown.
//!
//! An outcome chooses the page that is shown. It never releases anything (DESIGN rule 3). Holds no
//! HTTP types.

use std::borrow::Cow;

use regex::Regex;

use crate::cookies::NamePattern;
use crate::path::{cut_parameter, loose, loosely_under};
use crate::profile::{LocationTest, LoginProfile, OutcomeRule, PathRule};

/// How many bytes of a body the rules may look at.
pub const BODY_PREFIX: usize = 64 * 1024;

/// What a login answer means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Outcome {
    /// The app accepted the password.
    Success,
    /// The app refused the password. Needs a positive match.
    Failure,
    /// The app asks for something more. Treated like a success once the name is known
    /// (`DESIGN-CASES` 25).
    Intermediate,
    /// The app refused the request itself (expired form, too many requests).
    Retry,
    /// No rule matched: held as if it were a success.
    Unknown,
}

impl Outcome {
    /// A stable name for tables and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Intermediate => "intermediate",
            Self::Retry => "retry",
            Self::Unknown => "unknown",
        }
    }
}

/// A redirect target, resolved against the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target<'a> {
    /// On the app's own host: path and query.
    Own {
        /// The path, dot segments resolved, otherwise as the app wrote it.
        path: &'a str,
        /// Without `?`.
        query: &'a str,
    },
    /// On another host, or not to be understood.
    Elsewhere,
}

/// The parts of an answer that rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Status code.
    pub status: u16,
    /// Where it redirects to, if it does.
    pub location: Option<Target<'a>>,
    /// Names of cookies set and not deleted.
    pub cookies_set: &'a [&'a [u8]],
    /// At most [`BODY_PREFIX`] bytes after decoding; `None` when the body could not be decoded.
    pub body: Option<&'a str>,
}

/// What the rules made of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether the answer itself proves that the password was right.
    pub proved: bool,
}

/// Reads an answer by the profile's rules.
#[must_use]
pub fn read_answer(profile: &LoginProfile, answer: &Answer<'_>) -> Reading {
    let matching = profile
        .outcomes
        .iter()
        .find(|rule| matches(profile, rule, answer));
    if let Some(rule) = matching {
        let proved = rule.unforgeable && rule.outcome == Outcome::Success;
        return Reading {
            outcome: rule.outcome,
            proved,
        };
    }
    let retry = profile.retry_statuses.contains(&answer.status);
    Reading {
        outcome: if retry {
            Outcome::Retry
        } else {
            Outcome::Unknown
        },
        proved: false,
    }
}

fn matches(profile: &LoginProfile, rule: &OutcomeRule, answer: &Answer<'_>) -> bool {
    let status = rule.status.is_empty() || rule.status.contains(&answer.status);
    let location = || {
        rule.location
            .as_ref()
            .is_none_or(|test| location_matches(profile, test, answer))
    };
    let cookie = || {
        let set =
            |pattern: &NamePattern| answer.cookies_set.iter().any(|name| pattern.matches(name));
        rule.sets_cookie.as_ref().is_none_or(set)
    };
    // A body that could not be decoded matches no body rule, neither way round: doubt is never a
    // match.
    let body = || {
        let has = |wanted: &Regex| answer.body.is_some_and(|body| wanted.is_match(body));
        rule.body.as_ref().is_none_or(has)
    };
    // Nor does a body that may go on: what is missing from its beginning may still come, pushed
    // back by an echoed field (attack B14).
    let body_lacks = || {
        let whole = answer.body.filter(|body| body.len() < BODY_PREFIX);
        let lacks = |unwanted: &Regex| whole.is_some_and(|body| !unwanted.is_match(body));
        rule.body_lacks.as_ref().is_none_or(lacks)
    };
    status && location() && cookie() && body() && body_lacks()
}

fn location_matches(profile: &LoginProfile, test: &LocationTest, answer: &Answer<'_>) -> bool {
    // A missing or foreign target matches nothing, not even a negated test (`emr-logins.md` 3.4).
    let Some(Target::Own { path, query }) = answer.location else {
        return false;
    };
    // `/login;jsessionid=…?error` is the login page, on the first visit to a servlet container.
    let mut path = Cow::Borrowed(path);
    for carrier in &profile.url_ids.cut {
        path = Cow::Owned(cut_parameter(&path, carrier).into_owned());
    }
    let on_query = test
        .query
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(query));
    if test.negate {
        // "Anywhere but there" is most often what a success is known by: no spelling of there.
        !(on_query && is_loosely(&test.path, &path))
    } else {
        on_query && test.path.matches(&path)
    }
}

fn is_loosely(rule: &PathRule, path: &str) -> bool {
    match rule {
        PathRule::Exact(exact) => loose(path) == loose(exact),
        PathRule::Under(prefix) => loosely_under(path, prefix),
    }
}

#[cfg(test)]
mod tests;
