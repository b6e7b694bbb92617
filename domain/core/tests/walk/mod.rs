//! Every request that `decide` can be asked about: the values of each thing it looks at, and the
//! walk over all of them.
//!
//! Sessions stand on both sides of every boundary of time. Expectations are in `decision_table`.

mod rows;
mod words;

use std::time::Duration;

use anteroom_core::authenticator::Kinds;
use anteroom_core::decide::{Decision, decide};
use anteroom_core::facts::{Method, RequestFacts, Site, Use};
use anteroom_core::policy::{Enforcement, EnrolmentPolicy, Policy};
use anteroom_core::profile::{LoginProfile, PathRule, PollRule};
use anteroom_core::route::{RouteClass, RouteRefusal};
use anteroom_core::session::{Lifetimes, Session, Verified};
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_core::time::Timestamp;

pub use rows::{LEGEND, cases, changes, shown};

pub const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
/// The address of every request here.
pub const PATH: &str = "/ward/list";

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);

pub const CLASSES: [(&str, RouteClass); 12] = [
    ("OUR OWN PAGE", RouteClass::Portal),
    ("LOGIN", RouteClass::Login(0)),
    (
        "FORM (app takes logins on any path)",
        RouteClass::MaybeLogin,
    ),
    ("LOGIN PAGE", RouteClass::LoginPage),
    ("OPEN PAGE", RouteClass::Page),
    ("ASSET", RouteClass::Asset),
    ("LOGOUT", RouteClass::Logout(0)),
    ("PROTECTED", RouteClass::Protected),
    (
        "AMBIGUOUS PATH",
        RouteClass::Refused(RouteRefusal::Ambiguous),
    ),
    ("DENIED PATH", RouteClass::Refused(RouteRefusal::Denied)),
    (
        "PASSWORD IN QUERY",
        RouteClass::Refused(RouteRefusal::CredentialInQuery),
    ),
    (
        "SESSION ID IN QUERY",
        RouteClass::Refused(RouteRefusal::SessionInQuery),
    ),
];

pub const USAGES: [(&str, Use); 4] = [
    ("page", Use::Document),
    ("frame", Use::Frame),
    ("data", Use::Data),
    ("socket", Use::WebSocket),
];

pub const METHODS: [(&str, Method); 4] = [
    ("GET", Method::Get),
    ("HEAD", Method::Head),
    ("POST", Method::Post),
    ("other", Method::Other),
];

pub const SITES: [(&str, Site); 4] = [
    ("own", Site::SameOrigin),
    ("user", Site::User),
    ("foreign", Site::Foreign),
    ("unknown", Site::Unknown),
];

/// What a session is worth, whatever brought it there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Worth {
    /// Nothing was ever sent on it.
    Clean,
    /// A credential was sent, and no second factor has followed.
    Tainted,
    /// Waits for a code.
    Waiting,
    /// Over.
    Spent,
    /// Good.
    Verified,
}

/// A session, named for the table.
#[derive(Clone, Copy, Debug)]
pub struct Visitor {
    pub name: &'static str,
    pub worth: Worth,
    pub session: Session,
}

/// Verified an hour ago.
fn verified(quiet: Duration, locked: bool, ends_at: Timestamp) -> Session {
    let authenticated_at = NOW.minus(HOUR);
    Session::Verified(Verified {
        authenticated_at,
        active_at: NOW.minus(quiet),
        ends_at,
        locked,
    })
}

/// Every session there can be.
#[must_use]
pub fn visitors() -> Vec<Visitor> {
    let pending = |expires_at| Session::Pending { expires_at };
    let soon = NOW.plus(Duration::from_millis(1));
    let mut all = vec![
        visitor("none", Worth::Clean, Session::Absent),
        visitor("anonymous", Worth::Clean, Session::Anonymous),
        visitor("tainted", Worth::Tainted, Session::Tainted),
        visitor("pending", Worth::Waiting, pending(soon)),
        visitor("pending expired", Worth::Spent, pending(NOW)),
        visitor("ended", Worth::Spent, Session::Ended),
    ];
    all.extend(aged());
    all
}

const fn visitor(name: &'static str, worth: Worth, session: Session) -> Visitor {
    Visitor {
        name,
        worth,
        session,
    }
}

/// Sessions that passed the second factor, on both sides of every boundary.
fn aged() -> [Visitor; 11] {
    let limits = Lifetimes::default();
    let (idle, lock) = (limits.idle, limits.idle + limits.unlock_within);
    let (tonight, tomorrow) = (NOW.plus(11 * HOUR), NOW.plus(24 * HOUR));
    let quiet = |quiet| verified(quiet, false, tonight);
    let ends = |ends_at| verified(Duration::ZERO, false, ends_at);
    let seen_tomorrow = Verified {
        authenticated_at: NOW,
        active_at: tomorrow,
        ends_at: tomorrow,
        locked: false,
    };
    [
        visitor("active", Worth::Verified, quiet(Duration::ZERO)),
        visitor("idle -1 s", Worth::Verified, quiet(idle - SECOND)),
        visitor("idle 0", Worth::Waiting, quiet(idle)),
        visitor("idle +1 s", Worth::Waiting, quiet(idle + SECOND)),
        visitor(
            "locked",
            Worth::Waiting,
            verified(Duration::ZERO, true, tonight),
        ),
        visitor("lock -1 s", Worth::Waiting, quiet(lock - SECOND)),
        visitor("lock 0", Worth::Spent, quiet(lock)),
        visitor("overall -1 s", Worth::Verified, ends(NOW.plus(SECOND))),
        visitor("overall 0", Worth::Spent, ends(NOW)),
        visitor("overall +1 s", Worth::Spent, ends(NOW.minus(SECOND))),
        visitor("tomorrow", Worth::Waiting, Session::Verified(seen_tomorrow)),
    ]
}

/// An app with one option after the other switched on.
#[derive(Clone, Copy, Debug)]
pub struct App {
    pub form_in_place: bool,
    pub websockets: bool,
    /// Lists no method but GET, HEAD and POST.
    pub no_method: bool,
    /// A poll rule covers [`PATH`].
    pub polled: bool,
    /// [`PATH`] wants a factor as fresh as the visitors' is old.
    pub stale: bool,
    /// [`PATH`] is the login page.
    pub on_login_page: bool,
}

/// Nothing special, but for one method beyond GET, HEAD and POST.
pub const BASE: App = App {
    form_in_place: false,
    websockets: false,
    no_method: false,
    polled: false,
    stale: false,
    on_login_page: false,
};

impl App {
    /// All 64.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..64_u8).map(|bits| {
            let on = |bit: u8| bits & (1 << bit) != 0;
            Self {
                form_in_place: on(0),
                websockets: on(1),
                no_method: on(2),
                polled: on(3),
                stale: on(4),
                on_login_page: on(5),
            }
        })
    }

    #[must_use]
    pub fn profile(self) -> LoginProfile {
        let here = || PathRule::Exact(PATH.to_owned());
        let login_page = if self.on_login_page { PATH } else { "/login" };
        let age = u32::try_from(HOUR.as_secs()).unwrap_or(u32::MAX);
        LoginProfile {
            login_page: login_page.to_owned(),
            form_in_place: self.form_in_place,
            websockets: self.websockets,
            methods: (!self.no_method)
                .then(|| "PUT".to_owned())
                .into_iter()
                .collect(),
            polls: self
                .polled
                .then(|| PollRule {
                    path: here(),
                    query: None,
                })
                .into_iter()
                .collect(),
            fresh: self.stale.then(|| (here(), age)).into_iter().collect(),
            ..LoginProfile::default()
        }
    }
}

#[must_use]
pub fn policy(enforcement: Enforcement) -> Policy {
    Policy {
        enforcement,
        enrolment: EnrolmentPolicy::Code,
        lifetimes: Lifetimes::default(),
        pending_for: Duration::from_secs(300),
        enrolling_for: Duration::from_secs(600),
        recovery_codes: 10,
        kinds: Kinds::PRESET,
        may_remove_last: false,
        devices: None,
        throttle: ThrottlePolicy::default(),
    }
}

/// One request, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'w> {
    /// The index of each value in its list: class, visitor, usage, method, site.
    pub at: [usize; 5],
    pub class: RouteClass,
    pub visitor: &'w Visitor,
    pub facts: RequestFacts<'w>,
    pub decision: Decision,
}

/// Asks about every request, in the order of the lists.
pub fn walk(profile: &LoginProfile, enforcement: Enforcement, mut look: impl FnMut(Asked<'_>)) {
    let (visitors, policy) = (visitors(), policy(enforcement));
    let all = CLASSES.len() * visitors.len() * USAGES.len() * METHODS.len() * SITES.len();
    for number in 0..all {
        let mut rest = number;
        let mut next = |count: usize| {
            let index = rest % count;
            rest /= count;
            index
        };
        let site = next(SITES.len());
        let method = next(METHODS.len());
        let usage = next(USAGES.len());
        let visitor = next(visitors.len());
        let class = next(CLASSES.len());
        let facts = RequestFacts {
            method: METHODS[method].1,
            path: PATH,
            query: "",
            usage: USAGES[usage].1,
            site: SITES[site].1,
        };
        let at = [class, visitor, usage, method, site];
        let (class, visitor) = (CLASSES[class].1, &visitors[visitor]);
        let decision = decide(&facts, class, &visitor.session, profile, &policy, NOW);
        look(Asked {
            at,
            class,
            visitor,
            facts,
            decision,
        });
    }
}
