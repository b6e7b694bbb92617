//! What becomes of one request: the one function every request passes.
//!
//! Total and pure: request facts, what the path means, what the session is, and the policy go in,
//! one [`Decision`] comes out, and the edge carries it out once. Reads nothing, writes nothing. The
//! whole matrix stands in `tests/snapshots`; the table of DESIGN-CASES 2 and 4 is its source.

use crate::facts::{Method, RequestFacts, Site, Use};
use crate::policy::{Enforcement, Policy};
use crate::profile::LoginProfile;
use crate::route::{RouteClass, RouteRefusal};
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
    /// End the gateway session, then send to the login page.
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
    /// A login or WebSocket caused by another site.
    CrossSite,
    /// A WebSocket without a verified session, or where the app has none.
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
    match class {
        RouteClass::Portal => Decision::Serve,
        RouteClass::Refused(refusal) => Decision::Refuse(Refusal::Route(refusal)),
        RouteClass::Login(_) | RouteClass::MaybeLogin if !same_site(facts.site) => {
            Decision::Refuse(Refusal::CrossSite)
        }
        RouteClass::Login(rule) => Decision::Intercept(rule),
        RouteClass::MaybeLogin => Decision::ReadForm,
        RouteClass::LoginPage
        | RouteClass::Page
        | RouteClass::Asset
        | RouteClass::Logout(_)
        | RouteClass::Protected => by_session(facts, class, session, profile, policy, now),
    }
}

/// A login must come from the app's own page; a browser that sends no field at all is let on,
/// because the same check on an old browser's Referer was already made by the edge (`DESIGN-CASES`
/// 12, 23).
fn same_site(site: Site) -> bool {
    matches!(site, Site::SameOrigin | Site::User | Site::Unknown)
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
        Session::Absent | Session::Anonymous | Session::Ended => unproved(facts, class, profile),
        Session::Tainted => tainted(facts, class, profile),
        Session::Pending { expires_at } if *expires_at <= now => unproved(facts, class, profile),
        Session::Pending { .. } => waiting(class, Cause::Pending),
        Session::Verified(verified) => match verified.standing(&policy.lifetimes, now) {
            Standing::Fresh => proved(facts, class, verified, profile, now),
            Standing::Locked => waiting(class, Cause::Locked),
            Standing::Over => unproved(facts, class, profile),
        },
    }
}

fn unproved(facts: &RequestFacts<'_>, class: RouteClass, profile: &LoginProfile) -> Decision {
    match class {
        RouteClass::Asset => Decision::Forward(Carry::Bare),
        RouteClass::Page | RouteClass::LoginPage => {
            Decision::Watch(Carry::Anonymous, Show::Anything)
        }
        _ if form_in_place(facts, profile) => Decision::Watch(Carry::Anonymous, Show::LoginPage),
        _ => Decision::SendToLogin,
    }
}

/// A session on which a credential travelled goes upstream only to a login page that is recognised
/// as one; everything else starts clean (DESIGN rule 3).
fn tainted(facts: &RequestFacts<'_>, class: RouteClass, profile: &LoginProfile) -> Decision {
    match class {
        RouteClass::Asset => Decision::Forward(Carry::Bare),
        RouteClass::LoginPage => Decision::Watch(Carry::Tainted, Show::LoginPageOrChallenge),
        RouteClass::Page => Decision::Watch(Carry::Bare, Show::Anything),
        _ if form_in_place(facts, profile) => Decision::Watch(Carry::Bare, Show::LoginPage),
        _ => Decision::SendToLogin,
    }
}

fn form_in_place(facts: &RequestFacts<'_>, profile: &LoginProfile) -> bool {
    let page_load = matches!(facts.usage, Use::Document | Use::Frame);
    profile.form_in_place && page_load && facts.method == Method::Get
}

fn waiting(class: RouteClass, cause: Cause) -> Decision {
    match class {
        RouteClass::Asset => Decision::Forward(Carry::Bare),
        RouteClass::Logout(_) => Decision::EndSession,
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
    if facts.method == Method::Other && profile.methods.is_empty() {
        return Decision::Refuse(Refusal::Method);
    }
    let age = now.since(verified.authenticated_at).as_secs();
    let stale = |(path, limit): &(_, u32)| {
        crate::profile::PathRule::matches(path, facts.path) && age >= u64::from(*limit)
    };
    if profile.fresh.iter().any(stale) {
        return Decision::Challenge(Cause::Stale);
    }
    let logout = match class {
        // Never across sites: an <img> on a foreign page must not sign anybody out (`DESIGN-CASES`
        // 14).
        RouteClass::Logout(rule) if facts.site != Site::Foreign => Some(rule),
        _ => None,
    };
    Decision::Forward(Carry::Whole {
        logout,
        activity: !is_poll(facts, profile),
    })
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

fn decide_socket(
    facts: &RequestFacts<'_>,
    class: RouteClass,
    session: &Session,
    profile: &LoginProfile,
    policy: &Policy,
    now: Timestamp,
) -> Decision {
    let Session::Verified(verified) = session else {
        return Decision::Refuse(Refusal::WebSocket);
    };
    let fresh = verified.standing(&policy.lifetimes, now) == Standing::Fresh;
    if !profile.websockets || !fresh || class == RouteClass::Portal {
        return Decision::Refuse(Refusal::WebSocket);
    }
    // A handshake always carries Origin in browsers; one without it is no browser (attack A14).
    if facts.site != Site::SameOrigin {
        return Decision::Refuse(Refusal::CrossSite);
    }
    // Frames are never activity: a ticker must not keep a session awake (`DESIGN-CASES` 29).
    Decision::Forward(Carry::Whole {
        logout: None,
        activity: false,
    })
}
