//! How one app logs people in: the login profile, as checked values (DESIGN section 4).
//!
//! Holds what was told, decides nothing: [`route`](crate::route) reads the paths,
//! [`outcome`](crate::outcome) the answers, the gateway the cookies. Built by `anteroom-config`
//! from TOML; presets ship there.

use regex::Regex;

use crate::cookies::NamePattern;
use crate::fold::SpellingRule;
use crate::outcome::Outcome;

/// Everything Anteroom knows about one app's own password login. By default nothing is open and
/// nobody can sign in.
#[derive(Clone, Debug, Default)]
pub struct LoginProfile {
    /// The ways to submit a credential, tried in order.
    pub logins: Vec<LoginRule>,
    /// Where an anonymous visitor is sent to sign in: path and query on the app's host.
    pub login_page: String,
    /// Exact paths whose answer is a login page, and how to recognise one.
    pub login_pages: Vec<PathRule>,
    /// Text that stands in every login page of the app and in none other.
    pub login_marker: Option<Regex>,
    /// The app shows its login form in place of the protected page (Tomcat, DokuWiki;
    /// `DESIGN-CASES` 4).
    pub form_in_place: bool,
    /// Open paths sent with the clean anonymous session.
    pub pages: Vec<PathRule>,
    /// Open paths sent bare, GET and HEAD only.
    pub assets: Vec<PathRule>,
    /// Paths that nobody may reach through us, verified or not (second doors: SOAP, XML-RPC).
    pub denied: Vec<PathRule>,
    /// Requests that do not count as activity.
    pub polls: Vec<PollRule>,
    /// How answers to a login are read, in order; the first match wins.
    pub outcomes: Vec<OutcomeRule>,
    /// Statuses that mean "try again", never a login (`DESIGN-CASES` 24).
    pub retry_statuses: Vec<u16>,
    /// How to ask the app who is logged in.
    pub probe: Option<Probe>,
    /// Which spellings the app itself treats as one name.
    pub spelling: SpellingRule,
    /// What to do with the app's cookies.
    pub cookies: CookieRules,
    /// Session ids carried in URLs.
    pub url_ids: UrlIds,
    /// What ends a session.
    pub logouts: Vec<LogoutRule>,
    /// Methods beyond GET, HEAD and POST that verified sessions may use.
    pub methods: Vec<String>,
    /// `Authorization` and identity headers the app needs from the browser; normally none.
    pub allowed_headers: Vec<String>,
    /// Service workers may be registered over the whole origin (attack D22). Normally not.
    pub service_workers: bool,
    /// WebSocket handshakes are passed for verified sessions.
    pub websockets: bool,
    /// Paths that want a factor no older than this many seconds (RFC 9470 step-up).
    pub fresh: Vec<(PathRule, u32)>,
}

/// One way to submit a credential. Other kinds (JSON, Basic, steps) join as variants of
/// [`Credential`].
#[derive(Clone, Debug)]
pub struct LoginRule {
    /// Where it is posted.
    pub path: LoginPath,
    /// What it carries.
    pub credential: Credential,
}

/// Where a login may be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginPath {
    /// Exactly this path.
    Exact(String),
    /// Any path ending so (`/j_security_check` below every folder).
    Suffix(String),
    /// Any path at all: other bodies are scanned while they stream (`DESIGN-CASES` 7).
    Any,
}

/// What a login submission carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An urlencoded HTML form.
    Form(FormFields),
}

/// The fields of a form login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFields {
    /// The field with the name a person types.
    pub user: String,
    /// The field with the password, and further secret fields (PIN).
    pub secrets: Vec<String>,
    /// Fields that select a tenant (site, database).
    pub tenant: Vec<String>,
    /// A field that must have this value for the form to be a login (`do=login`).
    pub discriminator: Option<(String, String)>,
    /// Fields removed before the form goes upstream (remember-me).
    pub strip: Vec<String>,
}

/// A path pattern, matched under the strict reading only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathRule {
    /// Exactly this path.
    Exact(String),
    /// This path and everything below it; ends with `/`.
    Under(String),
}

impl PathRule {
    /// Whether the canonical path matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(exact) => path == exact,
            Self::Under(prefix) => path.starts_with(prefix.as_str()),
        }
    }
}

/// A request that a page sends by itself and that keeps nobody awake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollRule {
    /// The path.
    pub path: PathRule,
    /// The query must contain this, when given.
    pub query: Option<String>,
}

/// One line of the outcome table.
#[derive(Clone, Debug)]
pub struct OutcomeRule {
    /// What a match means.
    pub outcome: Outcome,
    /// The answer cannot be had without a right password: enough for enrolment (`DESIGN-CASES` 5).
    pub unforgeable: bool,
    /// Statuses; empty means any.
    pub status: Vec<u16>,
    /// What `Location` must be, after resolving it against the request.
    pub location: Option<LocationTest>,
    /// A cookie of this name is set (and not deleted).
    pub sets_cookie: Option<NamePattern>,
    /// Text in the first 64 KiB of the body.
    pub body: Option<Regex>,
    /// Text that must be missing from the body; one of 64 KiB or more never matches.
    pub body_lacks: Option<Regex>,
}

/// A test on a redirect's target on the app's own host.
#[derive(Clone, Debug)]
pub struct LocationTest {
    /// The path must match.
    pub path: PathRule,
    /// The query must match.
    pub query: Option<Regex>,
    /// Turns the test round: anywhere on this host but there, nor any other spelling of there.
    pub negate: bool,
}

/// A question to the app on the held session: who is logged in?
#[derive(Clone, Debug)]
pub struct Probe {
    /// Path and query to GET.
    pub path: String,
    /// Where the name stands in a 200 answer; a match proves the login.
    pub name: ProbeName,
}

/// Where the probe's answer holds the name.
#[derive(Clone, Debug)]
pub enum ProbeName {
    /// RFC 6901 pointer into a JSON body; the value is a string or a number.
    Json(String),
    /// First capture group.
    Regex(Regex),
}

/// What happens to the app's cookies (DESIGN 5.3). `seal` is what happens to every name not listed.
#[derive(Clone, Debug, Default)]
pub struct CookieRules {
    /// Read by scripts and logging nobody in: left alone.
    pub plain: Vec<NamePattern>,
    /// Rewritten by scripts: left alone but accepted only when given to this session.
    pub bind: Vec<NamePattern>,
    /// Carrying the login: deleting one in a verified session is a logout.
    pub login: Vec<NamePattern>,
}

/// The mode that applies to one cookie name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CookieMode {
    /// Encrypted for its session.
    Seal,
    /// Left alone.
    Plain,
    /// Left alone, checked by membership.
    Bind,
}

impl CookieRules {
    /// The mode of a cookie name. `plain` never covers a name that is also `login` (checked at
    /// start).
    #[must_use]
    pub fn mode(&self, name: &[u8]) -> CookieMode {
        if self.bind.iter().any(|pattern| pattern.matches(name)) {
            CookieMode::Bind
        } else if self.plain.iter().any(|pattern| pattern.matches(name)) {
            CookieMode::Plain
        } else {
            CookieMode::Seal
        }
    }

    /// Whether this cookie carries the login.
    #[must_use]
    pub fn carries_login(&self, name: &[u8]) -> bool {
        self.login.iter().any(|pattern| pattern.matches(name))
    }
}

/// Session ids carried in URLs (`DESIGN-CASES` 17).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlIds {
    /// Path parameters cut out of requests and, in unverified answers, out of HTML and `Location`.
    pub cut: Vec<String>,
    /// Query parameters that are refused.
    pub refuse: Vec<String>,
}

/// What ends a session: a request, together with its answer.
#[derive(Clone, Debug)]
pub struct LogoutRule {
    /// The request's path.
    pub path: PathRule,
    /// Text the query must contain.
    pub query: Option<String>,
    /// The method, when it matters.
    pub post_only: bool,
    /// Statuses of the answer; empty means any.
    pub status: Vec<u16>,
    /// The path that the answer must redirect to.
    pub location: Option<PathRule>,
}
