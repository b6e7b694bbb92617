//! What a path means in one app: watch loosely, allow strictly.
//!
//! Login, logout, denied and portal paths are recognised under the *loosest* reading any server
//! might have; open paths only under the strict one. Where the two readings disagree about a
//! watched path, the request is ambiguous and is refused (DESIGN rule 5, attacks A03-A06). Never
//! looks at cookies or sessions.

use crate::facts::{Method, RequestFacts};
use crate::path::{loose, loosely_ends_with};
use crate::profile::{LoginPath, LoginProfile, PathRule};

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
    // The loose reading allocates; most paths are already their own loose reading, so look first.
    let plain = is_plain(path);
    let loosely = if plain { None } else { Some(loose(path)) };
    let watched = loosely.as_deref().unwrap_or(path);
    if starts_under(watched, PORTAL) {
        return RouteClass::Refused(RouteRefusal::Ambiguous);
    }
    if profile
        .denied
        .iter()
        .any(|rule| rule.matches(path) || loosely_matches(rule, watched))
    {
        return RouteClass::Refused(RouteRefusal::Denied);
    }
    if let Some(refusal) = query_refusal(profile, facts.query) {
        return RouteClass::Refused(refusal);
    }
    if let Some(class) = login_class(profile, facts, watched, form_body) {
        return class;
    }
    if let Some(class) = logout_class(profile, facts, watched) {
        return class;
    }
    open_class(profile, facts)
}

/// True when no server could read the path otherwise: lower-case letters, digits, `-`, `_`, single
/// `/` and dots that are neither first nor last in a segment.
fn is_plain(path: &str) -> bool {
    let mut last = b'/';
    for (index, &byte) in path.as_bytes().iter().enumerate() {
        let fine = match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => true,
            b'/' => index == 0 || (last != b'/' && last != b'.'),
            b'.' => last != b'/' && last != b'.',
            _ => false,
        };
        if !fine {
            return false;
        }
        last = byte;
    }
    path.len() == 1 || (last != b'/' && last != b'.')
}

fn starts_under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn loosely_matches(rule: &PathRule, watched: &str) -> bool {
    match rule {
        PathRule::Exact(exact) => starts_under(watched, &loose(exact)),
        PathRule::Under(prefix) => starts_under(watched, &loose(prefix)),
    }
}

fn query_refusal(profile: &LoginProfile, query: &str) -> Option<RouteRefusal> {
    if query.is_empty() {
        return None;
    }
    let refused = &profile.url_ids.refuse;
    if !refused.is_empty() && crate::form::query_carries(query, refused) {
        return Some(RouteRefusal::SessionInQuery);
    }
    for rule in &profile.logins {
        let crate::profile::Credential::Form(fields) = &rule.credential;
        if crate::form::query_carries(query, &fields.secrets) {
            return Some(RouteRefusal::CredentialInQuery);
        }
    }
    None
}

fn login_class(
    profile: &LoginProfile,
    facts: &RequestFacts<'_>,
    watched: &str,
    form_body: bool,
) -> Option<RouteClass> {
    let carries_body = !facts.method.is_safe();
    let mut maybe = false;
    for (index, rule) in profile.logins.iter().enumerate() {
        let (strictly, loosely) = match &rule.path {
            LoginPath::Exact(exact) => (facts.path == exact, starts_under(watched, &loose(exact))),
            LoginPath::Suffix(suffix) => (
                facts.path.ends_with(suffix.as_str()),
                loosely_ends_with(watched, suffix),
            ),
            LoginPath::Any => {
                maybe |= carries_body && form_body;
                continue;
            }
        };
        if strictly && carries_body {
            return Some(RouteClass::Login(index));
        }
        // GET of a login path is looked at like any page; a body on an alias of one is two
        // readings.
        if loosely && !strictly && carries_body {
            return Some(RouteClass::Refused(RouteRefusal::Ambiguous));
        }
    }
    maybe.then_some(RouteClass::MaybeLogin)
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
            let on_path = rule.path.matches(facts.path) || loosely_matches(&rule.path, watched);
            let on_query = rule
                .query
                .as_ref()
                .is_none_or(|wanted| facts.query.contains(wanted.as_str()));
            let on_method = !rule.post_only || facts.method == Method::Post;
            (on_path && on_query && on_method).then_some(RouteClass::Logout(index))
        })
}

fn open_class(profile: &LoginProfile, facts: &RequestFacts<'_>) -> RouteClass {
    let listed = |rules: &[PathRule]| rules.iter().any(|rule| rule.matches(facts.path));
    if facts.method.is_safe() {
        if listed(&profile.login_pages) {
            return RouteClass::LoginPage;
        }
        if listed(&profile.assets) {
            return RouteClass::Asset;
        }
    }
    if facts.method.is_safe() && listed(&profile.pages) {
        return RouteClass::Page;
    }
    RouteClass::Protected
}
