//! What a path means in one app: watch loosely, allow strictly.
//!
//! Login, logout, denied and portal paths are recognised under the *loosest* reading any server
//! might have; open paths only under the strict one. Where the two readings disagree about a
//! watched path, the request is ambiguous and is refused (DESIGN rule 5, attacks A03-A06). Never
//! looks at cookies or sessions.

use std::borrow::Cow;

use crate::facts::{Method, RequestFacts};
use crate::form::query_carries;
use crate::path::{loose, loosely_ends_with, unescaped};
use crate::profile::{Credential, LoginPath, LoginProfile, PathRule};

/// The prefix of our own pages.
pub const PORTAL: &str = "/.anteroom";

/// What one request is, judged by method and path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum RouteClass {
    /// One of our own pages.
    Portal,
    /// A submission to a path where logins are posted: the index of the rule.
    Login(usize),
    /// A form body on an app that takes logins anywhere: to be read before it is classified.
    MaybeLogin,
    /// The app's login page.
    LoginPage,
    /// Open, with the clean anonymous session.
    Page,
    /// Open, bare.
    Asset,
    /// Ends the session: the index of the rule.
    Logout(usize),
    /// A listed second door, or a path that means two things.
    Refused(RouteRefusal),
    /// Everything else.
    Protected,
}

/// Why a path is refused whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum RouteRefusal {
    /// It reads as a watched path to some servers and not to others.
    Ambiguous,
    /// The profile denies it.
    Denied,
    /// A credential in the query (attack B10).
    CredentialInQuery,
    /// A session id in the query (attack A02).
    SessionInQuery,
}

/// Classifies a request whose path is canonical.
///
/// `form_body` says that the request carries an urlencoded or multipart body.
#[must_use]
pub fn classify(profile: &LoginProfile, facts: &RequestFacts<'_>, form_body: bool) -> RouteClass {
    let path = facts.path;
    if path == PORTAL || path.starts_with("/.anteroom/") {
        return RouteClass::Portal;
    }
    let watched = loosened(path);
    if reaches(&watched, PORTAL) {
        return RouteClass::Refused(RouteRefusal::Ambiguous);
    }
    if profile
        .denied
        .iter()
        .any(|rule| rule.matches(path) || covers(rule, &watched))
    {
        return RouteClass::Refused(RouteRefusal::Denied);
    }
    if let Some(refusal) = query_refusal(profile, facts.query) {
        return RouteClass::Refused(refusal);
    }
    // GET of a login path is looked at like that of any page.
    if !facts.method.is_safe()
        && let Some(class) = login_class(profile, path, &watched, form_body)
    {
        return class;
    }
    if let Some(class) = logout_class(profile, facts, &watched) {
        return class;
    }
    open_class(profile, facts, &watched)
}

/// Whether a path is a rule's to some server: for rules that ask for more, never to allow by.
pub(crate) fn watches(rule: &PathRule, path: &str) -> bool {
    rule.matches(path) || covers(rule, &loosened(path))
}

/// The loose reading of a path. It allocates, and most paths are already their own loose reading.
fn loosened(path: &str) -> Cow<'_, str> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    if path == "/" {
        Cow::Borrowed(path)
    } else if is_plain(bare) {
        Cow::Borrowed(bare)
    } else {
        Cow::Owned(loose(path))
    }
}

/// True when no server could read the path otherwise: lower-case letters, digits, `-`, `_`, single
/// `/` and dots that are not last in a segment.
fn is_plain(path: &str) -> bool {
    let mut last = b'/';
    for (index, &byte) in path.as_bytes().iter().enumerate() {
        let fine = match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => true,
            b'/' => index == 0 || (last != b'/' && last != b'.'),
            _ => false,
        };
        if !fine {
            return false;
        }
        last = byte;
    }
    last != b'/' && last != b'.'
}

/// Whether a loose path is this one, or a script of that name with more path behind it.
fn reaches(watched: &str, rule: &str) -> bool {
    let rest = watched.strip_prefix(rule);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a rule means a loose path. Of the root it is the folder that has everything below it,
/// not the page.
fn covers(rule: &PathRule, watched: &str) -> bool {
    match rule {
        PathRule::Exact(exact) => reaches(watched, &loosened(exact)),
        PathRule::Under(prefix) => prefix == "/" || reaches(watched, &loosened(prefix)),
    }
}

fn query_refusal(profile: &LoginProfile, query: &str) -> Option<RouteRefusal> {
    if query.is_empty() {
        return None;
    }
    let refused = &profile.url_ids.refuse;
    if !refused.is_empty() && query_carries(query, refused) {
        return Some(RouteRefusal::SessionInQuery);
    }
    let carries = |rule: &crate::profile::LoginRule| {
        let Credential::Form(fields) = &rule.credential;
        query_carries(query, &fields.secrets)
    };
    profile
        .logins
        .iter()
        .any(carries)
        .then_some(RouteRefusal::CredentialInQuery)
}

/// What a request with a body is to the login rules. An exact match of any rule comes before a
/// loose one of another: `/login/step` may be a rule beside `/login`.
fn login_class(
    profile: &LoginProfile,
    path: &str,
    watched: &str,
    form_body: bool,
) -> Option<RouteClass> {
    let strictly = |rule: &LoginPath| match rule {
        LoginPath::Exact(exact) => path == exact,
        LoginPath::Suffix(suffix) => path.ends_with(suffix.as_str()),
        LoginPath::Any => false,
    };
    let loosely = |rule: &LoginPath| match rule {
        LoginPath::Exact(exact) => reaches(watched, &loosened(exact)),
        LoginPath::Suffix(suffix) => loosely_ends_with(watched, suffix),
        LoginPath::Any => false,
    };
    let mut rules = profile.logins.iter().map(|rule| &rule.path);
    if let Some(index) = rules.clone().position(strictly) {
        return Some(RouteClass::Login(index));
    }
    // A body sent to an alias of a login path is two readings.
    if rules.clone().any(loosely) {
        return Some(RouteClass::Refused(RouteRefusal::Ambiguous));
    }
    (form_body && rules.any(|rule| *rule == LoginPath::Any)).then_some(RouteClass::MaybeLogin)
}

fn logout_class(
    profile: &LoginProfile,
    facts: &RequestFacts<'_>,
    watched: &str,
) -> Option<RouteClass> {
    profile
        .logouts
        .iter()
        .enumerate()
        .find_map(|(index, rule)| {
            let on_path = rule.path.matches(facts.path) || covers(&rule.path, watched);
            let on_method = !rule.post_only || facts.method == Method::Post;
            let on_query = || {
                rule.query
                    .as_ref()
                    .is_none_or(|wanted| query_says(facts.query, wanted))
            };
            (on_path && on_method && on_query()).then_some(RouteClass::Logout(index))
        })
}

/// Whether some server reads the query as one with this text in it.
fn query_says(query: &str, wanted: &str) -> bool {
    if query.is_empty() || query.contains(wanted) {
        return query.contains(wanted);
    }
    let decoded = unescaped(query.as_bytes());
    let decoded = String::from_utf8_lossy(&decoded).to_ascii_lowercase();
    decoded.contains(&wanted.to_ascii_lowercase())
}

/// Open paths must be open under both readings: `/static/..%20/chart` lies below `/static/` only
/// to servers that keep a trailing space.
fn open_class(profile: &LoginProfile, facts: &RequestFacts<'_>, watched: &str) -> RouteClass {
    if !facts.method.is_safe() {
        return RouteClass::Protected;
    }
    let listed = |rules: &[PathRule]| {
        rules
            .iter()
            .any(|rule| rule.matches(facts.path) && covers(rule, watched))
    };
    if listed(&profile.login_pages) {
        RouteClass::LoginPage
    } else if listed(&profile.assets) {
        RouteClass::Asset
    } else if listed(&profile.pages) {
        RouteClass::Page
    } else {
        RouteClass::Protected
    }
}

#[cfg(test)]
mod tests;
