//! Every page of the admin app: plain values in, one HTML string out.
//!
//! Nothing here knows of sockets, sessions, the store or the clock, and no page holds a script. One
//! file per family; each page is a struct of plain values with one `render`. Pages for operators
//! want a [`Chrome`], pages for anybody a [`Door`], so that none can be shown without what stands
//! round it. `words` tells audit rows in plain language; the HTML is in `admin/templates/admin`.

pub mod acts;
pub mod approvals;
pub mod assets;
pub mod audit;
pub mod chart;
pub mod door;
pub mod emergency;
mod frame;
pub mod front;
pub mod hardware_tokens;
pub mod me;
pub mod notice;
pub mod operators;
mod parts;
pub mod people;
pub mod person;
pub mod policy;
pub mod qr;
pub mod report;
pub mod results;
pub mod staff;
pub mod words;

#[cfg(test)]
mod tests;

use anteroom_core::operator::Role;

pub use assets::{STYLESHEET, STYLESHEET_TYPE, security_headers, stylesheet_path};

/// What stands round every page of a signed-in operator.
#[derive(Clone, Copy)]
pub struct Chrome<'a> {
    /// The operator's name.
    pub operator: &'a str,
    /// Her role: decides which ways and buttons are shown at all.
    pub role: Role,
    /// Goes into every form, and is compared with the session's when the form comes back.
    pub csrf: &'a str,
    /// Exceptions that are open now; told on every page.
    pub emergencies: &'a [OpenEmergency],
    /// How many acts wait for a second operator.
    pub approvals: u32,
    /// Path of this page: the way to it is marked in the navigation.
    pub path: &'a str,
    /// Short id of this request, as in the log.
    pub reference: &'a str,
    /// What was just done, after the redirect that followed the act.
    pub done: Option<Done>,
}

/// What stands round a page for somebody who is not signed in.
#[derive(Clone, Copy)]
pub struct Door<'a> {
    /// Goes into every form.
    pub csrf: &'a str,
    /// Short id of this request, as in the log.
    pub reference: &'a str,
}

/// An exception that is open now.
#[derive(Clone, Debug)]
pub struct OpenEmergency {
    /// The app's display name.
    pub app: String,
    /// When it ends by itself.
    pub until: When,
    /// The operator who opened it.
    pub opened_by: String,
}

/// A moment, formatted by the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// As a person says it: "Tuesday 07:02", "in 3 hours".
    pub text: String,
    /// The `datetime` attribute, RFC 3339; left out where empty.
    pub machine: String,
}

impl When {
    /// A moment in words and for machines.
    #[must_use]
    pub fn new(text: impl Into<String>, machine: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            machine: machine.into(),
        }
    }
}

/// What was wrong with a form that came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// What was wrong, in one sentence.
    pub what: String,
    /// What to do now; may be empty.
    pub then: String,
    /// The `name` of the field it is about; empty where it is about none.
    pub field: &'static str,
}

impl Problem {
    /// A problem with this field.
    #[must_use]
    pub fn new(field: &'static str, what: impl Into<String>, then: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            then: then.into(),
            field,
        }
    }
}

/// One choice of a list in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// A choice.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

macro_rules! done {
    ($($(#[$doc:meta])* $done:ident = $name:literal, $text:literal;)*) => {
        /// What an act did, as told on the page after it. A name in the address chooses one of
        /// these sentences; no text comes from the address.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Done {
            $($(#[$doc])* $done,)*
        }

        impl Done {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$done,)*];

            /// The word for the address: `?done=unlocked`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$done => $name,)* }
            }

            /// The sentence.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$done => $text,)* }
            }

            /// Reads [`name`](Self::name) back.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|done| done.name() == name)
            }
        }
    };
}

done! {
    /// A person may try again.
    Unlocked = "unlocked", "Unlocked. They can type a code again right now.";
    /// Factors were removed.
    Reset = "reset", "The second factor is reset, and all sessions have ended.";
    /// A person was suspended.
    Suspended = "suspended", "Suspended. They cannot sign in until somebody reinstates them.";
    /// A suspension was lifted.
    Reinstated = "reinstated", "Reinstated. They can sign in as before.";
    /// Two names became one.
    Merged = "merged", "The two spellings now lead to the same person.";
    /// All sessions of a person were ended.
    SignedOut = "signed-out", "Signed out everywhere. It takes effect within two seconds.";
    /// One session was ended.
    SessionEnded = "session-ended", "That session has ended.";
    /// A remembered computer was forgotten.
    DeviceForgotten = "device-forgotten", "Forgotten. The next sign-in there asks for a code.";
    /// An address was written down.
    AddressAdded = "address-added", "The address is on file, and those before it were told.";
    /// An address was taken away.
    AddressRemoved = "address-removed", "No mail goes there any more. That address was told.";
    /// A note was written.
    Noted = "noted", "Your note is saved.";
    /// A temporary or enrolment code was made worthless.
    CodeRevoked = "code-revoked", "That code no longer works.";
    /// A hardware token was given.
    TokenGiven = "token-given", "The token is theirs. Its next code works at the sign-in.";
    /// A hardware token was put right.
    TokenRight = "token-right", "Right again: the next code of that token works.";
    /// A hardware token was taken out of use.
    HardwareRevoked = "hardware-revoked", "That hardware token is out of use for good.";
    /// The only hardware token of a person was taken out of use.
    HardwareReset = "hardware-reset",
        "That hardware token is out of use. They need another, or an enrolment code.";
    /// An act waits for a second operator.
    Asked = "asked", "Asked. It happens as soon as a second operator agrees.";
    /// A second operator agreed.
    Granted = "granted", "Granted, and done.";
    /// A second operator refused.
    Refused = "refused", "Refused. Nothing was changed.";
    /// An exception was opened.
    EmergencyOpened = "emergency-opened", "The exception is open, and everybody is told.";
    /// An exception was closed.
    EmergencyClosed = "emergency-closed", "The exception is closed. Codes are asked for again.";
    /// Sealed codes were made worthless.
    SealedRevoked = "sealed-revoked", "Those sealed codes no longer work. Shred the paper.";
    /// The role of an operator was changed.
    RoleChanged = "role-changed", "The role is changed, and their sessions have ended.";
    /// An operator was disabled.
    OperatorDisabled = "operator-disabled", "Disabled. They cannot sign in any more.";
    /// An operator was enabled.
    OperatorEnabled = "operator-enabled", "Enabled. They can sign in again.";
    /// All sessions of an operator were ended.
    OperatorSignedOut = "operator-signed-out", "All of that operator’s sessions have ended.";
    /// A token was made worthless.
    TokenRevoked = "token-revoked", "That token no longer works.";
    /// The recovery codes page was left.
    CodesSaved = "codes-saved", "Your new recovery codes count from now; the old ones do not.";
    /// The password was changed.
    PasswordChanged = "password-changed", "Your password is changed.";
}

/// Which second factor a new authenticator or session was made with, in words for a row.
#[derive(Clone, Debug)]
pub struct AuthenticatorRow {
    /// "Authenticator app".
    pub kind: String,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// When it was confirmed.
    pub since: When,
    /// When it last let somebody in.
    pub last_used: Option<When>,
    /// Whether it counts now.
    pub works: bool,
    /// Its state in words: "works", "switched off after 100 wrong codes".
    pub state: String,
}

/// Makes `render` for a page inside: the struct it is used for has `heading` and `problem`.
macro_rules! inside {
    ($view:ident, $path:tt) => {
        impl $view {
            /// The whole page as HTML.
            #[must_use]
            pub fn render(&self, chrome: &$crate::pages::Chrome<'_>) -> String {
                // What the templates call by name; none calls all of them.
                #[allow(unused_imports)]
                use $crate::pages::{door, emergency, frame, me, parts, words};
                #[derive(askama::Template)]
                #[template(path = $path)]
                struct Shown<'a> {
                    frame: $crate::pages::frame::Frame<'a>,
                    page: &'a $view,
                }
                let problem = self.problem().is_some();
                $crate::pages::whole(&Shown {
                    frame: $crate::pages::frame::Frame::inside(chrome, &self.heading(), problem),
                    page: self,
                })
            }
        }
    };
}

/// Makes `render` for a page before sign-in.
macro_rules! outside {
    ($view:ident, $path:tt) => {
        impl $view {
            /// The whole page as HTML, for somebody who is not signed in.
            #[must_use]
            pub fn render(&self, door: &$crate::pages::Door<'_>) -> String {
                // What the templates call by name; none calls all of them.
                #[allow(unused_imports)]
                use $crate::pages::{door, emergency, frame, me, parts, words};
                #[derive(askama::Template)]
                #[template(path = $path)]
                struct Shown<'a> {
                    frame: $crate::pages::frame::Frame<'a>,
                    page: &'a $view,
                }
                let problem = self.problem().is_some();
                $crate::pages::whole(&Shown {
                    frame: $crate::pages::frame::Frame::outside(door, &self.heading(), problem),
                    page: self,
                })
            }
        }
    };
}

pub(crate) use {inside, outside};

/// Renders, and makes harmless what turns the reading direction: such a character in a name could
/// make a sentence read as another one (attack E08).
fn whole(page: &impl askama::Template) -> String {
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r'))
            || matches!(c,
                '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    // Writing into a string cannot fail; should a template ever say otherwise, the page still says
    // something.
    let made = page.render().unwrap_or_else(|_| LAST_RESORT.to_owned());
    if made.contains(steers) {
        made.replace(steers, "\u{FFFD}")
    } else {
        made
    }
}

/// What is shown when a template refuses to render.
const LAST_RESORT: &str = "<!doctype html><html lang=\"en\"><title>Please try again</title>\
    <h1>Please try again</h1><p>This page could not be shown. Go back and try once more.</p>";
