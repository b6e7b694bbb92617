//! What becomes of one request: the one function every request passes.
//!
//! Total and pure: request facts, what the path means, what the session is, and the policy go in,
//! one [`Decision`] comes out, and the edge carries it out once. Reads nothing, writes nothing. The
//! whole matrix stands in `tests/snapshots`; the table of DESIGN-CASES 2 and 4 is its source.

use crate::facts::{Method, RequestFacts, Site, Use};
use crate::policy::{Enforcement, Policy};
use crate::profile::LoginProfile;
use crate::route::{RouteClass, RouteRefusal, watches};
use crate::session::{Session, Standing, Verified};
use crate::time::Timestamp;

/// What the edge does with a request. Exactly one of these, exactly once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Decision {
    /// Answer with one of our own pages.
    Serve,
    /// Send it upstream as it streams.
    Forward(Carry),
    /// Send it upstream complete, hold the answer, show it only if `Show` allows.
    Watch(Carry, Show),
    /// Run the login exchange by this rule: nothing of its answer passes by itself.
    Intercept(usize),
    /// Read the (bounded) form body first; it may be a login. If not, decide again as
    /// [`RouteClass::Protected`].
    ReadForm,
    /// 303 to the app's own login page, target remembered; 401 for anything but a page load.
    SendToLogin,
    /// 303 to our challenge; 401 with its address for anything but a page load.
    Challenge(Cause),
    /// End whatever session there is and send to the login page, no target remembered.
    EndSession,
    /// Refuse.
    Refuse(Refusal),
}

/// Which upstream cookies go along.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Carry {
    /// Nothing is touched at all (report only).
    Untouched,
    /// The verified session's own; `logout` names the rule that may end it with the answer.
    Whole {
        /// The logout rule to judge the answer by.
        logout: Option<usize>,
        /// Whether this request counts as activity.
        activity: bool,
    },
    /// The clean anonymous session's own.
    Anonymous,
    /// The tainted session's jar.
    Tainted,
    /// None.
    Bare,
}

/// When a watched answer may be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Show {
    /// Whatever it is, provided that the session was not tainted meanwhile.
    Anything,
    /// Only if it is a login page, or a redirect to one; else our refusal.
    LoginPage,
    /// Only if it is a login page; else the attempt becomes `unknown` and is challenged.
    LoginPageOrChallenge,
}

/// Why a code is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Cause {
    /// A login answer is held.
    Pending,
    /// The session is locked by idleness or by us.
    Locked,
    /// The path wants a fresher factor (RFC 9470).
    Stale,
}

/// Why a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Refusal {
    /// Two readings, or a listed door.
    Route(RouteRefusal),
    /// A login, a form of ours or a WebSocket that does not come from the app's own pages.
    CrossSite,
    /// A WebSocket without a verified, unlocked session, where the app has none, or to our pages.
    WebSocket,
    /// A method the app's profile does not list.
    Method,
    /// A script for a service worker (attack D22).
    ServiceWorker,
}

/// Says what becomes of one request.
#[must_use]
pub fn decide(
    facts: &RequestFacts<'_>,
    class: RouteClass,
    session: &Session,
    profile: &LoginProfile,
    policy: &Policy,
    now: Timestamp,
) -> Decision {
    if policy.enforcement == Enforcement::Report && class != RouteClass::Portal {
        return Decision::Forward(Carry::Untouched);
    }
    if let RouteClass::Refused(refusal) = class {
        return Decision::Refuse(Refusal::Route(refusal));
    }
    if facts.usage == Use::WebSocket {
        return decide_socket(facts, class, session, profile, policy, now);
    }
    let own_page = facts.site == Site::SameOrigin;
    match class {
        RouteClass::Portal if !facts.method.is_safe() && !own_page => {
            Decision::Refuse(Refusal::CrossSite)
        }
        RouteClass::Portal => Decision::Serve,
        _ if facts.method == Method::Other && profile.methods.is_empty() => {
            Decision::Refuse(Refusal::Method)
        }
        // Only from the app's own pages, in whatever session: a foreign page must neither sign a
        // clinician in as somebody else nor end her session by trying. Silence is no proof; the
        // edge has already taken an equal Origin or Referer for it (`DESIGN-CASES` 12, 23).
        RouteClass::Login(_) | RouteClass::MaybeLogin if !own_page => {
            Decision::Refuse(Refusal::CrossSite)
        }
        RouteClass::Login(rule) => Decision::Intercept(rule),
        RouteClass::MaybeLogin => Decision::ReadForm,
        // An open path is open to be read. A body sent there is like a body sent anywhere.
        RouteClass::LoginPage | RouteClass::Page | RouteClass::Asset if !facts.method.is_safe() => {
            by_session(facts, RouteClass::Protected, session, profile, policy, now)
        }
        _ => by_session(facts, class, session, profile, policy, now),
    }
}

fn by_session(
    facts: &RequestFacts<'_>,
    class: RouteClass,
    session: &Session,
    profile: &LoginProfile,
    policy: &Policy,
    now: Timestamp,
) -> Decision {
    match session {
        Session::Absent | Session::Anonymous => unproved(facts, class, profile, Carry::Anonymous),
        Session::Tainted => tainted(facts, class, profile),
        Session::Pending { expires_at } if *expires_at <= now => spent(facts, class, profile),
        Session::Pending { .. } => waiting(facts, class, profile, Cause::Pending),
        Session::Ended => spent(facts, class, profile),
        Session::Verified(verified) => match verified.standing(&policy.lifetimes, now) {
            Standing::Fresh => proved(facts, class, verified, profile, now),
            Standing::Locked => waiting(facts, class, profile, Cause::Locked),
            Standing::Over => spent(facts, class, profile),
        },
    }
}

/// `carry` is what a page may take along.
fn unproved(
    facts: &RequestFacts<'_>,
    class: RouteClass,
    profile: &LoginProfile,
    carry: Carry,
) -> Decision {
    let carry = if embedded_elsewhere(facts) {
        Carry::Bare
    } else {
        carry
    };
    match class {
        RouteClass::Asset => Decision::Forward(Carry::Bare),
        RouteClass::Page | RouteClass::LoginPage => Decision::Watch(carry, Show::Anything),
        // Not `SendToLogin`, which remembers the page: she would be signed out once she is in.
        RouteClass::Logout(_) if signs_out(facts, profile) => Decision::EndSession,
        RouteClass::Protected if form_in_place(facts, profile) => {
            Decision::Watch(carry, Show::LoginPage)
        }
        _ => Decision::SendToLogin,
    }
}

/// A session that is over, or whose held answer is. A credential may have travelled on it, so its
/// cookies never go upstream again; an answer that sets new ones starts a clean session.
fn spent(facts: &RequestFacts<'_>, class: RouteClass, profile: &LoginProfile) -> Decision {
    unproved(facts, class, profile, Carry::Bare)
}

/// A session on which a credential travelled goes upstream only to a login page that is recognised
/// as one; everything else starts clean (DESIGN rule 3).
fn tainted(facts: &RequestFacts<'_>, class: RouteClass, profile: &LoginProfile) -> Decision {
    // A HEAD has no body by which a login page could be recognised.
    let readable = facts.method == Method::Get && !embedded_elsewhere(facts);
    match class {
        RouteClass::LoginPage if readable => {
            Decision::Watch(Carry::Tainted, Show::LoginPageOrChallenge)
        }
        _ => unproved(facts, class, profile, Carry::Bare),
    }
}

/// Caused by another site and not a link that was followed: a form, a frame or a part of a page.
/// Such a request changes no session and keeps none awake (`DESIGN-CASES` 12).
fn embedded_elsewhere(facts: &RequestFacts<'_>) -> bool {
    let followed_link = facts.usage == Use::Document && facts.method.is_safe();
    facts.site == Site::Foreign && !followed_link
}

/// Only a page of its own is answered with a login form in its place (`DESIGN-CASES` 4).
fn form_in_place(facts: &RequestFacts<'_>, profile: &LoginProfile) -> bool {
    profile.form_in_place && facts.usage == Use::Document && facts.method == Method::Get
}

/// Whether a logout address, which cannot be asked in this state, ends the session by itself. Never
/// across sites and never as a part of a page: an `<img>` signs nobody out (`DESIGN-CASES` 14).
fn signs_out(facts: &RequestFacts<'_>, profile: &LoginProfile) -> bool {
    let page_load = facts.usage == Use::Document && facts.method != Method::Head;
    let login_page = profile.login_page.as_str();
    let (path, query) = login_page.split_once('?').unwrap_or((login_page, ""));
    // Sent to a login page that is itself a logout address, she would be sent there for ever.
    let leads_back = facts.path == path && facts.query == query;
    page_load && facts.site != Site::Foreign && !leads_back
}

fn waiting(
    facts: &RequestFacts<'_>,
    class: RouteClass,
    profile: &LoginProfile,
    cause: Cause,
) -> Decision {
    match class {
        RouteClass::Asset => Decision::Forward(Carry::Bare),
        RouteClass::Logout(_) if signs_out(facts, profile) => Decision::EndSession,
        _ => Decision::Challenge(cause),
    }
}

fn proved(
    facts: &RequestFacts<'_>,
    class: RouteClass,
    verified: &Verified,
    profile: &LoginProfile,
    now: Timestamp,
) -> Decision {
    if is_stale(facts, verified, profile, now) {
        return Decision::Challenge(Cause::Stale);
    }
    let activity = !is_poll(facts, profile) && !embedded_elsewhere(facts);
    Decision::Forward(Carry::Whole {
        logout: logout_rule(facts, class),
        activity,
    })
}

/// Whether the path wants a fresher factor. Watched like a login path: another spelling of it is no
/// way round.
fn is_stale(
    facts: &RequestFacts<'_>,
    verified: &Verified,
    profile: &LoginProfile,
    now: Timestamp,
) -> bool {
    let age = now.since(verified.authenticated_at).as_secs();
    let wanted = |(path, limit): &(_, u32)| age >= u64::from(*limit) && watches(path, facts.path);
    profile.fresh.iter().any(wanted)
}

/// The logout rule that the answer is judged by; none across sites (`DESIGN-CASES` 14).
fn logout_rule(facts: &RequestFacts<'_>, class: RouteClass) -> Option<usize> {
    match class {
        RouteClass::Logout(rule) if facts.site != Site::Foreign => Some(rule),
        _ => None,
    }
}

fn is_poll(facts: &RequestFacts<'_>, profile: &LoginProfile) -> bool {
    profile.polls.iter().any(|poll| {
        poll.path.matches(facts.path)
            && poll
                .query
                .as_ref()
                .is_none_or(|wanted| facts.query.contains(wanted.as_str()))
    })
}

/// A handshake: to the app only, by a plain GET, in a session that is good right now. A socket can
/// show no page, so what would be a challenge elsewhere is a refusal here.
fn decide_socket(
    facts: &RequestFacts<'_>,
    class: RouteClass,
    session: &Session,
    profile: &LoginProfile,
    policy: &Policy,
    now: Timestamp,
) -> Decision {
    let ours = class == RouteClass::Portal;
    let login = matches!(class, RouteClass::Login(_) | RouteClass::MaybeLogin);
    if ours || login || facts.method != Method::Get || !profile.websockets {
        return Decision::Refuse(Refusal::WebSocket);
    }
    let Session::Verified(verified) = session else {
        return Decision::Refuse(Refusal::WebSocket);
    };
    let good = verified.standing(&policy.lifetimes, now) == Standing::Fresh;
    if !good || is_stale(facts, verified, profile, now) {
        return Decision::Refuse(Refusal::WebSocket);
    }
    // A handshake always carries Origin in browsers; one without it is no browser (attack A14).
    if facts.site != Site::SameOrigin {
        return Decision::Refuse(Refusal::CrossSite);
    }
    // Frames are never activity: a ticker must not keep a session awake (`DESIGN-CASES` 29).
    Decision::Forward(Carry::Whole {
        logout: logout_rule(facts, class),
        activity: false,
    })
}
