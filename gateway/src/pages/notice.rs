//! Refusals and faults: one page each, with its status, its heading and where it leads.
//!
//! Which sentences each page says stands in `gateway/templates/portal/notice.html`, one arm per
//! notice; the sentences in `domain/words/messages`.
//! Nothing here decides that something is refused, and no page tells what a person without a second
//! factor may not know.

use anteroom_words::{Language, say};
use askama::Template;

use super::Chrome;
use super::frame::{Frame, local};
use super::words::Voice;

/// Why a request got a page of ours in place of what it asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice<'a> {
    /// The request cannot be read in one way only.
    BadRequest {
        /// Short reason, for the helpdesk.
        why: Why,
    },
    /// The path or method is closed.
    Forbidden {
        /// Short reason, for the helpdesk.
        why: Why,
    },
    /// No such page of ours.
    NotFound,
    /// A page of ours, asked for with the wrong method.
    MethodNotAllowed,
    /// The body is over its limit.
    TooLarge,
    /// The head is over its limit.
    HeadersTooLarge,
    /// A login form in an encoding that cannot be checked.
    UnsupportedForm,
    /// A form of ours, or a login, posted from another site.
    CrossSite,
    /// The connection was opened for another host.
    Misdirected,
    /// Too many requests from one source.
    TooManyRequests {
        /// When to try again.
        retry_seconds: u64,
    },
    /// Too many sign-ins wait for a code; the password was not sent.
    AttemptsFull,
    /// The login's answer was too large or broken, and was dropped.
    LoginNotUnderstood,
    /// The app cannot be reached.
    UpstreamDown,
    /// The app did not answer in time.
    UpstreamSlow,
    /// The store cannot be reached, so nothing can be verified.
    StoreDown,
    /// A fault of ours.
    Internal,
    /// The browser is sent in circles.
    RedirectLoop {
        /// The likely cause.
        likely: Likely,
    },
    /// The app answered the login with a status that asks for another try.
    TryLoginAgain,
    /// A second login inside a verified session.
    SignOutFirst,
    /// The typed name is close to a known one but not linked to it.
    SpellingHeld,
    /// The subscriber is suspended, or every authenticator is disabled.
    Stopped,
    /// Shown inside a frame of the app: a link out of it.
    BreakOut {
        /// Path of the page that is to open in the whole window.
        to: &'a str,
    },
    /// Two different cookies of one name both open.
    ConflictingCookies {
        /// Their names; the answer makes the browser forget them.
        names: Vec<String>,
    },
    /// The app wanted to install a service worker.
    ServiceWorkerRefused,
    /// The password may be right, but no factor is on file and none may be enrolled now.
    NoAccessYet,
}

/// What was wrong with a request, in short: read out to the helpdesk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The address could be read in more than one way.
    TwoReadings,
    /// This way into the app is closed.
    WayClosed,
    /// A password stood in the address.
    PasswordInAddress,
    /// A session stood in the address.
    SessionInAddress,
    /// A session stood in a form.
    SessionInForm,
    /// A connection that only somebody signed in may open.
    SignInFirst,
    /// The form did not arrive in time.
    FormLate,
    /// A program asked for one of our pages.
    ForPeople,
    /// A form of ours was changed.
    FormChanged,
    /// The form could be read in more than one way.
    FormReadings,
    /// A field of the form stands twice.
    FieldTwice,
    /// The name stands in the address as well as in the form.
    NameInAddress,
    /// The form lacks the field for the name.
    NameMissing,
    /// The form carries a password but is not the app's login form.
    StrangeLogin,
    /// The name holds characters that no name has.
    NoName,
}

impl Why {
    const fn id(self) -> &'static str {
        match self {
            Self::TwoReadings => "why-two-readings",
            Self::WayClosed => "why-way-closed",
            Self::PasswordInAddress => "why-password-in-address",
            Self::SessionInAddress => "why-session-in-address",
            Self::SessionInForm => "why-session-in-form",
            Self::SignInFirst => "why-sign-in-first",
            Self::FormLate => "why-form-late",
            Self::ForPeople => "why-for-people",
            Self::FormChanged => "why-form-changed",
            Self::FormReadings => "why-form-readings",
            Self::FieldTwice => "why-field-twice",
            Self::NameInAddress => "why-name-in-address",
            Self::NameMissing => "why-name-missing",
            Self::StrangeLogin => "why-strange-login",
            Self::NoName => "why-no-name",
        }
    }
}

/// What probably sends a browser in circles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Likely {
    /// The app's login page is not among its open pages.
    LoginPageClosed,
    /// The app's login page sends visitors on to a protected page.
    LoginPageLeadsOn,
}

impl Likely {
    const fn id(self) -> &'static str {
        match self {
            Self::LoginPageClosed => "likely-login-page-closed",
            Self::LoginPageLeadsOn => "likely-login-page-leads-on",
        }
    }
}

/// Where a notice leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// To the app's login page.
    SignIn,
    /// To the app's front page.
    App,
    /// To the same address once more.
    Again,
    /// Nowhere.
    Nothing,
}

impl Notice<'_> {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest { .. } | Self::ConflictingCookies { .. } => 400,
            Self::Forbidden { .. }
            | Self::CrossSite
            | Self::SpellingHeld
            | Self::Stopped
            | Self::BreakOut { .. }
            | Self::ServiceWorkerRefused
            | Self::NoAccessYet => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TryLoginAgain | Self::SignOutFirst => 409,
            Self::TooLarge => 413,
            Self::UnsupportedForm => 415,
            Self::Misdirected => 421,
            Self::TooManyRequests { .. } | Self::AttemptsFull => 429,
            Self::HeadersTooLarge => 431,
            Self::Internal => 500,
            Self::LoginNotUnderstood | Self::UpstreamDown => 502,
            Self::StoreDown => 503,
            Self::UpstreamSlow => 504,
            Self::RedirectLoop { .. } => 508,
        }
    }

    /// A stable name, for metrics, logs and problem documents.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "bad_request",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge => "too_large",
            Self::HeadersTooLarge => "headers_too_large",
            Self::UnsupportedForm => "unsupported_form",
            Self::CrossSite => "cross_site",
            Self::Misdirected => "misdirected",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::AttemptsFull => "attempts_full",
            Self::LoginNotUnderstood => "login_not_understood",
            Self::UpstreamDown => "upstream_down",
            Self::UpstreamSlow => "upstream_slow",
            Self::StoreDown => "store_down",
            Self::Internal => "internal",
            Self::RedirectLoop { .. } => "redirect_loop",
            Self::TryLoginAgain => "try_login_again",
            Self::SignOutFirst => "sign_out_first",
            Self::SpellingHeld => "spelling_held",
            Self::Stopped => "stopped",
            Self::BreakOut { .. } => "break_out",
            Self::ConflictingCookies { .. } => "conflicting_cookies",
            Self::ServiceWorkerRefused => "service_worker_refused",
            Self::NoAccessYet => "no_access_yet",
        }
    }

    /// The sentence that heads the page, without the app's name.
    const fn heading_id(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "notice-bad-request",
            Self::Forbidden { .. } => "notice-forbidden",
            Self::NotFound => "notice-not-found",
            Self::MethodNotAllowed => "notice-method-not-allowed",
            Self::TooLarge => "notice-too-large",
            Self::HeadersTooLarge => "notice-headers-too-large",
            Self::UnsupportedForm => "notice-unsupported-form",
            Self::CrossSite => "notice-cross-site",
            Self::Misdirected => "notice-misdirected",
            Self::TooManyRequests { .. } => "notice-too-many-requests",
            Self::AttemptsFull => "notice-attempts-full",
            Self::LoginNotUnderstood => "notice-login-not-understood",
            Self::UpstreamDown => "notice-upstream-down",
            Self::UpstreamSlow => "notice-upstream-slow",
            Self::StoreDown => "notice-store-down",
            Self::Internal => "notice-internal",
            Self::RedirectLoop { .. } => "notice-redirect-loop",
            Self::TryLoginAgain => "notice-try-login-again",
            Self::SignOutFirst => "notice-sign-out-first",
            Self::SpellingHeld => "notice-spelling-held",
            Self::Stopped => "notice-stopped",
            Self::BreakOut { .. } => "notice-break-out",
            Self::ConflictingCookies { .. } => "notice-conflicting-cookies",
            Self::ServiceWorkerRefused => "notice-service-worker-refused",
            Self::NoAccessYet => "notice-no-access-yet",
        }
    }

    /// What it is about in a few words of English, for problem documents and logs.
    #[must_use]
    pub fn title(&self) -> String {
        say(Language::En, self.heading_id(), &[])
    }

    /// The page's heading: the title, with the app's name where that says more.
    fn heading(&self, voice: Voice<'_>) -> String {
        voice.say(match self {
            Self::UpstreamDown => "notice-upstream-down-named",
            Self::UpstreamSlow => "notice-upstream-slow-named",
            other => other.heading_id(),
        })
    }

    const fn next(&self) -> Next {
        match self {
            Self::BadRequest { .. }
            | Self::Forbidden { .. }
            | Self::NotFound
            | Self::UpstreamSlow
            | Self::Internal
            | Self::SignOutFirst => Next::App,
            Self::MethodNotAllowed
            | Self::HeadersTooLarge
            | Self::UnsupportedForm
            | Self::CrossSite
            | Self::TooManyRequests { .. }
            | Self::AttemptsFull
            | Self::LoginNotUnderstood
            | Self::RedirectLoop { .. }
            | Self::TryLoginAgain
            | Self::SpellingHeld
            | Self::ConflictingCookies { .. }
            | Self::NoAccessYet => Next::SignIn,
            Self::Misdirected | Self::UpstreamDown | Self::StoreDown => Next::Again,
            Self::TooLarge | Self::Stopped | Self::BreakOut { .. } | Self::ServiceWorkerRefused => {
                Next::Nothing
            }
        }
    }

    const fn why(&self) -> Option<Why> {
        match self {
            Self::BadRequest { why } | Self::Forbidden { why } => Some(*why),
            _ => None,
        }
    }
}

#[derive(Template)]
#[template(path = "portal/notice.html")]
struct Shown<'a> {
    frame: Frame<'a>,
    heading: String,
    /// The one value that a sentence of this notice needs.
    detail: String,
    why: Option<String>,
    notice: &'a Notice<'a>,
}

/// The page of a notice.
pub(super) fn notice(notice: &Notice<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let voice = chrome.voice();
    let heading = notice.heading(voice);
    let detail = match notice {
        Notice::TooManyRequests { retry_seconds } => voice.span(*retry_seconds),
        Notice::RedirectLoop { likely } => voice.say(likely.id()),
        _ => String::new(),
    };
    Shown {
        frame: Frame::new(chrome, &heading, false),
        heading,
        detail,
        why: notice.why().map(|why| voice.say(why.id())),
        notice,
    }
    .render()
}

#[derive(Template)]
#[template(path = "portal/break_out.html")]
struct BreakOut<'a> {
    frame: Frame<'a>,
    heading: String,
    to: &'a str,
}

/// The page inside a frame. It stands alone: a frame may be no larger than a stamp.
pub(super) fn break_out(to: &str, chrome: &Chrome<'_>) -> askama::Result<String> {
    let heading = Notice::BreakOut { to }.heading(chrome.voice());
    BreakOut {
        frame: Frame::new(chrome, &heading, false),
        heading,
        to: local(to),
    }
    .render()
}
