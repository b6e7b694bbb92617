//! Refusals and faults: one page each, with its status, its heading and where it leads.
//!
//! What each page says stands in `gateway/templates/portal/notice.html`, one arm per notice.
//! Nothing here decides that something is refused, and no page tells what a person without a second
//! factor may not know.

use std::borrow::Cow;

use askama::Template;

use super::Chrome;
use super::frame::{Frame, local};
use super::words;

/// Why a request got a page of ours in place of what it asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice<'a> {
    /// The request cannot be read in one way only.
    BadRequest {
        /// Short reason, for the helpdesk.
        why: &'static str,
    },
    /// The path or method is closed.
    Forbidden {
        /// Short reason, for the helpdesk.
        why: &'static str,
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
        /// The likely cause, as a sentence.
        likely: &'static str,
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

    /// What the page is about, in a few words and without the app's name.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "That request could not be read",
            Self::Forbidden { .. } => "This is not open to you",
            Self::NotFound => "There is no such page",
            Self::MethodNotAllowed => "That does not work here",
            Self::TooLarge => "That is too large to send",
            Self::HeadersTooLarge => "Your browser sent too many cookies",
            Self::UnsupportedForm => "That form could not be read",
            Self::CrossSite => "That came from another website",
            Self::Misdirected => "Please try again",
            Self::TooManyRequests { .. } => "Too many tries just now",
            Self::AttemptsFull => "Too many unfinished sign-ins",
            Self::LoginNotUnderstood => "Sign-in did not work",
            Self::UpstreamDown => "The application is not answering",
            Self::UpstreamSlow => "The application is taking too long",
            Self::StoreDown => "Sign-in is not working just now",
            Self::Internal => "Something went wrong",
            Self::RedirectLoop { .. } => "Your browser was going in circles",
            Self::TryLoginAgain => "Please sign in once more",
            Self::SignOutFirst => "Please sign out first",
            Self::SpellingHeld => "Your name is spelled in a new way",
            Self::Stopped => "Your sign-in is switched off",
            Self::BreakOut { .. } => "One more step to sign in",
            Self::ConflictingCookies { .. } => "Two cookies got mixed up",
            Self::ServiceWorkerRefused => "A helper program was refused",
            Self::NoAccessYet => "Your phone is not set up yet",
        }
    }

    /// The page's heading: the title, with the app's name where that says more.
    fn heading(&self, app: &str) -> Cow<'static, str> {
        match self {
            Self::UpstreamDown => Cow::Owned(format!("{app} is not answering")),
            Self::UpstreamSlow => Cow::Owned(format!("{app} is taking too long")),
            other => Cow::Borrowed(other.title()),
        }
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

    /// How long to wait, in words.
    fn wait(&self) -> String {
        match self {
            Self::TooManyRequests { retry_seconds } => words::span(*retry_seconds),
            _ => String::new(),
        }
    }

    const fn why(&self) -> Option<&'static str> {
        match self {
            Self::BadRequest { why } | Self::Forbidden { why } => Some(why),
            _ => None,
        }
    }
}

#[derive(Template)]
#[template(path = "portal/notice.html")]
struct Shown<'a> {
    frame: Frame<'a>,
    heading: Cow<'static, str>,
    notice: &'a Notice<'a>,
}

/// The page of a notice.
pub(super) fn notice(notice: &Notice<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let heading = notice.heading(chrome.app);
    Shown {
        frame: Frame::new(chrome, &heading, false),
        heading,
        notice,
    }
    .render()
}

#[derive(Template)]
#[template(path = "portal/break_out.html")]
struct BreakOut<'a> {
    frame: Frame<'a>,
    heading: Cow<'static, str>,
    to: &'a str,
}

/// The page inside a frame. It stands alone: a frame may be no larger than a stamp.
pub(super) fn break_out(to: &str, chrome: &Chrome<'_>) -> askama::Result<String> {
    let heading = Notice::BreakOut { to }.heading(chrome.app);
    BreakOut {
        frame: Frame::new(chrome, &heading, false),
        heading,
        to: local(to),
    }
    .render()
}
