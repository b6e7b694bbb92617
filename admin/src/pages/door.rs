//! The pages before sign-in: name and password, second factor, set-up by link, and the way out.
//!
//! Never checks a password, a code or a link. Look next: `me`, which shows the same recovery codes
//! page to somebody inside; `admin/templates/admin/sign_in.html` and its neighbours.

use askama::Template;
use data_encoding::BASE64;

use anteroom_core::operator::Role;

use super::frame::{self, Frame};
use super::{Chrome, Door, Problem, outside, qr, whole};

/// Six digits, with whatever a person or a clipboard puts between them. The server checks again.
pub(super) const SIX_DIGITS: &str = r"\s*([0-9][\s\-]*){6}";

/// Asks for name and password. Posts `name`, `password` to `/sign-in`.
#[derive(Clone, Default)]
pub struct SignIn {
    /// The name as typed before.
    pub name: String,
    /// What was wrong.
    pub problem: Option<Problem>,
}

impl SignIn {
    fn heading(&self) -> String {
        "Sign in".to_owned()
    }

    fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }
}

outside!(SignIn, "admin/sign_in.html");

/// Asks for the second factor. Posts `code` to `/sign-in/code`, or to `/sign-in/recovery`.
#[derive(Clone, Default)]
pub struct SecondFactor {
    /// Who is signing in.
    pub name: String,
    /// The recovery code was tried last: its form comes first.
    pub recovery: bool,
    /// What was wrong.
    pub problem: Option<Problem>,
}

impl SecondFactor {
    fn heading(&self) -> String {
        "Enter your code".to_owned()
    }

    fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }
}

outside!(SecondFactor, "admin/second_factor.html");

/// The set-up link was opened: asks for a password. Posts `token`, `password`, `again` to
/// `/set-up`.
#[derive(Clone)]
pub struct SetUpPassword {
    /// Whom the link was made for.
    pub name: String,
    /// Her role.
    pub role: Role,
    /// The link's token, carried in the form; empty where a session carries it.
    pub token: String,
    /// Fewest characters of a password.
    pub least: u32,
    /// What was wrong.
    pub problem: Option<Problem>,
}

impl SetUpPassword {
    fn heading(&self) -> String {
        "Choose a password".to_owned()
    }

    fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn role(&self) -> &'static str {
        frame::role(&self.role)
    }

    fn role_for(&self) -> &'static str {
        frame::role_for(&self.role)
    }
}

outside!(SetUpPassword, "admin/set_up_password.html");

/// Shows the QR code of a new authenticator. Posts `code` to `/set-up/phone`. Holds a secret.
#[derive(Clone)]
pub struct SetUpPhone {
    /// How the app on the phone will list the entry.
    pub account: String,
    /// The picture made by [`qr::qr_png`] from `uri`.
    pub qr_png: Vec<u8>,
    /// The secret in base32, in groups of four.
    pub secret_groups: String,
    /// The `otpauth:` address, for a phone that reads this page itself.
    pub uri: String,
    /// What was wrong.
    pub problem: Option<Problem>,
}

impl SetUpPhone {
    fn heading(&self) -> String {
        "Connect your authenticator app".to_owned()
    }

    fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn src(&self) -> String {
        // Inside the page: nothing is fetched, so the secret stands in no address and in no log.
        format!("data:image/png;base64,{}", BASE64.encode(&self.qr_png))
    }

    fn side(&self) -> u32 {
        qr::shown_side(&self.qr_png)
    }

    fn link(&self) -> Option<&str> {
        // No other kind of address belongs behind that link.
        let uri = self.uri.as_str();
        uri.starts_with("otpauth://").then_some(uri)
    }
}

outside!(SetUpPhone, "admin/set_up_phone.html");

/// Shows new recovery codes, once. Posts nothing but the token to `action`. Holds secrets.
#[derive(Clone)]
pub struct RecoveryCodes {
    /// Whose codes they are.
    pub account: String,
    /// The codes as they are to be written down.
    pub codes: Vec<String>,
    /// Where "I have saved them" goes: `/set-up/done` or `/me/recovery-codes/saved`.
    pub action: String,
}

#[derive(Template)]
#[template(path = "admin/recovery_codes.html")]
struct ShownCodes<'a> {
    frame: Frame<'a>,
    page: &'a RecoveryCodes,
}

impl RecoveryCodes {
    const HEADING: &'static str = "Save your recovery codes";

    /// The whole page as HTML, at the end of a set-up.
    #[must_use]
    pub fn render(&self, door: &Door<'_>) -> String {
        let frame = Frame::outside(door, Self::HEADING, false);
        whole(&ShownCodes { frame, page: self })
    }

    /// The whole page as HTML, for somebody signed in.
    #[must_use]
    pub fn render_inside(&self, chrome: &Chrome<'_>) -> String {
        let frame = Frame::inside(chrome, Self::HEADING, false);
        whole(&ShownCodes { frame, page: self })
    }
}

/// A page that only says something and leads to the sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// The set-up link was used, or a newer one was made, or its time is up.
    LinkOver,
    /// The set-up is finished.
    SetUpDone,
    /// The operator signed out.
    SignedOut,
    /// The session was not used for too long, or its time was up.
    Ended,
    /// The session was ended: by herself elsewhere, or by an owner.
    Revoked,
    /// Too many wrong passwords or codes.
    Paused {
        /// Seconds until the next try.
        seconds: u64,
    },
}

impl Told {
    fn heading(&self) -> String {
        let heading = match self {
            Self::LinkOver => "This link no longer works",
            Self::SetUpDone => "You are all set",
            Self::SignedOut => "You are signed out",
            Self::Ended => "You have been signed out",
            Self::Revoked => "Your session was ended",
            Self::Paused { .. } => "Please wait a moment",
        };
        heading.to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }

    fn wait(&self) -> String {
        match self {
            Self::Paused { seconds } => span(*seconds),
            _ => String::new(),
        }
    }
}

outside!(Told, "admin/told.html");

/// A length of time, as a person would say it. Rounded up: who waits that long never comes too
/// early.
#[must_use]
pub fn span(seconds: u64) -> String {
    match seconds {
        0..=10 => "a few seconds".to_owned(),
        11..=50 => format!("about {} seconds", seconds.div_ceil(10) * 10),
        51..=60 => "about a minute".to_owned(),
        61..=3300 => format!("about {} minutes", seconds.div_ceil(60)),
        3301..=3600 => "about an hour".to_owned(),
        _ => format!("about {} hours", seconds.div_ceil(3600)),
    }
}
