//! Reading an upstream's answer to a login: ordered rules, first match wins, everything else is
//! unknown.
//!
//! An outcome chooses the page that is shown. It never releases anything (DESIGN rule 3). Holds no
//! HTTP types.

use crate::profile::{LocationTest, LoginProfile, OutcomeRule};

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
        /// Canonical enough to compare: the raw path.
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
    for rule in &profile.outcomes {
        if matches(rule, answer) {
            let proved = rule.unforgeable && rule.outcome == Outcome::Success;
            return Reading {
                outcome: rule.outcome,
                proved,
            };
        }
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

fn matches(rule: &OutcomeRule, answer: &Answer<'_>) -> bool {
    if !rule.status.is_empty() && !rule.status.contains(&answer.status) {
        return false;
    }
    if let Some(test) = &rule.location
        && !location_matches(test, answer.location)
    {
        return false;
    }
    if let Some(pattern) = &rule.sets_cookie
        && !answer.cookies_set.iter().any(|name| pattern.matches(name))
    {
        return false;
    }
    // A body that could not be decoded matches no body rule, neither way round: doubt is never a
    // match.
    if let Some(wanted) = &rule.body
        && !answer.body.is_some_and(|body| wanted.is_match(body))
    {
        return false;
    }
    if let Some(unwanted) = &rule.body_lacks
        && !answer.body.is_some_and(|body| !unwanted.is_match(body))
    {
        return false;
    }
    true
}

fn location_matches(test: &LocationTest, location: Option<Target<'_>>) -> bool {
    // A missing or foreign target matches nothing, not even a negated test (`emr-logins.md` 3.4).
    let Some(Target::Own { path, query }) = location else {
        return false;
    };
    let hit = test.path.matches(path)
        && test
            .query
            .as_ref()
            .is_none_or(|query_test| query_test.is_match(query));
    hit != test.negate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::PathRule;

    fn rule(outcome: Outcome) -> OutcomeRule {
        OutcomeRule {
            outcome,
            unforgeable: false,
            status: vec![],
            location: None,
            sets_cookie: None,
            body: None,
            body_lacks: None,
        }
    }

    fn to(path: &str) -> Answer<'_> {
        let location = Some(Target::Own { path, query: "" });
        Answer {
            status: 302,
            location,
            cookies_set: &[],
            body: Some(""),
        }
    }

    #[test]
    fn a_negated_location_does_not_match_a_foreign_host() {
        let path = PathRule::Exact("/login".into());
        let test = LocationTest {
            path,
            query: None,
            negate: true,
        };
        let wanted = OutcomeRule {
            location: Some(test),
            ..rule(Outcome::Success)
        };
        assert!(matches(&wanted, &to("/home")));
        assert!(!matches(&wanted, &to("/login")));
        assert!(!matches(
            &wanted,
            &Answer {
                location: Some(Target::Elsewhere),
                ..to("/")
            }
        ));
        assert!(!matches(
            &wanted,
            &Answer {
                location: None,
                ..to("/")
            }
        ));
    }

    #[test]
    fn a_body_that_cannot_be_decoded_matches_no_body_rule() {
        let anything = regex::Regex::new("").ok();
        let answer = Answer {
            body: None,
            ..to("/")
        };
        assert!(!matches(
            &OutcomeRule {
                body: anything.clone(),
                ..rule(Outcome::Failure)
            },
            &answer
        ));
        assert!(!matches(
            &OutcomeRule {
                body_lacks: anything,
                ..rule(Outcome::Success)
            },
            &answer
        ));
    }
}
