//! The pages the gateway itself shows: plain values in, one HTML string out.
//!
//! Nothing here knows of sockets, sessions, the store or the clock. Two pages name a script,
//! because no browser asks for a passkey without one; every other way works without. One file per
//! family: `challenge`, `mail`, `enrolment`, `passkey`, `recovery`, `own`, `ended`, `notice`;
//! `words` is how they speak (the sentences are `anteroom_words`), `frame` what stands round every
//! page, `assets` the stylesheet, the script and the headers, `brand` what a clinic changes of the
//! look. The HTML is in `gateway/templates/portal`.

pub mod assets;
pub mod brand;
mod challenge;
mod ended;
mod enrolment;
mod frame;
mod mail;
pub mod method;
mod notice;
pub mod own;
mod passkey;
pub mod qr;
mod recovery;
mod scan;
pub mod words;

#[cfg(test)]
mod tests;

use anteroom_config::settings::Contact;
use anteroom_core::temporary_code::TemporaryOver;
use anteroom_core::time::Timestamp;
use anteroom_words::Language;

pub use assets::{
    STYLESHEET, security_headers, security_headers_framed, security_headers_scripted,
    stylesheet_path,
};
pub use brand::Brand;
pub(crate) use frame::local;
pub use notice::{Likely, Notice, Why};
pub use recovery::codes_file;

/// What stands round every page of one app.
#[derive(Clone, Copy, Debug)]
pub struct Chrome<'a> {
    /// The app's display name.
    pub app: &'a str,
    /// Whom to ask, and what to tell them.
    pub contact: &'a Contact,
    /// Its name, logo and colours.
    pub brand: &'a Brand,
    /// Short id of this request, to be read out to the helpdesk and found in the log.
    pub reference: &'a str,
    /// Path of the app's own login page.
    pub home: &'a str,
    /// While a password alone is enough at this app: when that ends.
    pub emergency_until: Option<Timestamp>,
    /// What the page speaks.
    pub language: Language,
    /// Where a change of language leads back to: a path on this host.
    pub here: &'a str,
}

impl<'a> Chrome<'a> {
    const fn voice(&self) -> words::Voice<'a> {
        words::Voice {
            language: self.language,
            app: self.app,
        }
    }
}

/// One page, with all it needs to be shown. It holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub enum Page<'a> {
    /// Asks for the code from the phone, or for a recovery code.
    Challenge {
        /// Ties the form to this attempt.
        nonce: &'a str,
        /// What was wrong with the last try.
        problem: Option<CodeProblem>,
        /// The session was locked and goes on after the code.
        unlock: bool,
        /// The session is open but this path wants a fresh code.
        stale: bool,
        /// Which of the forms stands first.
        form: CodeForm,
        /// She is known to have a hardware token: offer to put it right with two codes.
        token: bool,
        /// How many recovery codes are unspent, where that may be told.
        recovery_left: Option<u32>,
        /// How long the attempt still lives.
        minutes_left: u32,
        /// Tries before a pause, where that may be told.
        tries_left: Option<u32>,
        /// For how many days this computer may be remembered, where policy allows it.
        remember_days: Option<u64>,
        /// What is asked of a passkey, where she holds one and that may be told.
        passkey: Option<PasskeyAsk<'a>>,
    },
    /// Sends a code by mail and takes it.
    MailCode {
        /// Ties the form to this attempt.
        nonce: &'a str,
        /// What was wrong with the last try.
        problem: Option<CodeProblem>,
        /// What the code is for.
        place: MailFor,
        /// What can be done.
        state: MailState,
        /// To where a code goes, masked.
        masked: Option<&'a str>,
        /// Enough were sent: how long until another one can be.
        wait_seconds: Option<u64>,
    },
    /// Too many wrong codes: says how long to wait and whom to ask.
    Paused {
        /// The end of the pause.
        until: Timestamp,
        /// Seconds from now to `until`.
        seconds: u64,
        /// The session was locked and goes on after the code.
        unlock: bool,
        /// There is the form for who has no phone: what an operator gave counts in a pause.
        otherwise: bool,
    },
    /// Asks for the enrolment code that an operator issued.
    EnrolCode {
        /// Ties the form to this attempt.
        nonce: &'a str,
        /// What was wrong with the last try.
        problem: Option<CodeProblem>,
        /// The name that was typed at the login.
        name: &'a str,
        /// How many steps the set-up has.
        steps: u8,
    },
    /// Offers the kinds of authenticators that are open.
    Method(method::Methods<'a>),
    /// Shows the QR code of a new authenticator and asks for its first code.
    EnrolTotp {
        /// Ties the form to this attempt.
        nonce: &'a str,
        /// What was wrong with the last try.
        problem: Option<CodeProblem>,
        /// The picture made by [`qr::qr_png`] from `uri`.
        qr_png: &'a [u8],
        /// The secret in base32, in groups of four.
        secret_groups: &'a str,
        /// The `otpauth:` address, for a phone that reads this page itself.
        uri: &'a str,
        /// How the app on the phone will list the entry.
        account: &'a str,
        /// Which step of the set-up this is, from 1.
        step: u8,
        /// How many steps the set-up has.
        steps: u8,
        /// There are other ways to choose from.
        others: bool,
    },
    /// Offers to make a passkey.
    EnrolPasskey {
        /// Ties the form to this attempt.
        nonce: &'a str,
        /// Why the last one was not taken.
        problem: Option<CodeProblem>,
        /// What the browser is asked, as JSON.
        options: &'a str,
        /// The name that was typed at the login.
        account: &'a str,
        /// Which step of the set-up this is, from 1.
        step: u8,
        /// How many steps the set-up has.
        steps: u8,
        /// There are other ways to choose from.
        others: bool,
    },
    /// Shows new recovery codes, once.
    RecoveryCodes {
        /// Ties the form to this attempt.
        nonce: &'a str,
        /// The codes as they are to be written down.
        codes: &'a [String],
        /// Whose codes they are.
        account: &'a str,
        /// Which step of how many this is, at the end of a set-up.
        step: Option<(u8, u8)>,
    },
    /// A person's own page, or one of its forms.
    Own(own::OwnPage<'a>),
    /// The subscriber signed out.
    SignedOut,
    /// The session is over for another reason.
    Ended {
        /// The reason.
        why: EndWhy,
    },
    /// A refusal or a fault.
    Notice(Notice<'a>),
}

/// What a code by mail is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailFor {
    /// To sign in.
    SignIn,
    /// To make codes by mail a way to sign in.
    Enrolment {
        /// Which step of the set-up this is, from 1.
        step: u8,
        /// How many steps the set-up has.
        steps: u8,
        /// Whether there is any other way to choose.
        others: bool,
    },
}

/// How it stands with a code by mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailState {
    /// One can be sent.
    Ask,
    /// One is on its way, and counts.
    Sent,
    /// Mail does not go out.
    Down,
    /// No address may receive one.
    NoAddress,
}

/// The forms of a challenge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CodeForm {
    /// For the code from a phone or a token.
    #[default]
    Code,
    /// For a saved code: recovery, temporary, sealed.
    Saved,
    /// For two codes in a row of a token whose codes are not taken.
    Token,
}

/// What a page asks of a passkey.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyAsk<'a> {
    /// What the browser is asked, as JSON.
    pub options: &'a str,
    /// It stands before the code, not below it.
    pub first: bool,
}

impl Page<'_> {
    /// Whether the one script of ours belongs on it: no browser asks for a passkey without.
    #[must_use]
    pub const fn needs_script(&self) -> bool {
        match self {
            Self::Challenge { passkey, .. } => passkey.is_some(),
            Self::EnrolPasskey { .. } => true,
            Self::Own(page) => page.needs_script(),
            _ => false,
        }
    }
}

/// Why a typed code was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeProblem {
    /// Not the shape of a code at all.
    Malformed,
    /// Not the code of this moment.
    Wrong,
    /// Right, but already spent.
    Reused,
    /// Right some minutes ago or from now: the phone's clock is off.
    ClockOff {
        /// By how much; negative when the phone is slow.
        minutes: i64,
    },
    /// Right some minutes ago: the clock of the hardware token is slow.
    TokenSlow {
        /// By how much.
        minutes: i64,
    },
    /// Of an authenticator of hers that is switched off.
    SwitchedOff,
    /// Not two codes in a row of a token of hers.
    NotInARow,
    /// No such unspent recovery code.
    WrongRecoveryCode,
    /// No such temporary code.
    WrongTemporaryCode,
    /// It was her temporary code and does not count any more.
    TemporaryOver(TemporaryOver),
    /// No such unused code of an envelope.
    WrongSealedCode,
    /// Not the code that was sent by mail, or not any more.
    WrongMailCode,
    /// No such live enrolment code.
    WrongEnrolmentCode,
    /// The form, or the enrolment code, was too old.
    Expired,
    /// Right, but written down or given: here a fresh code of an authenticator is asked for.
    NotFresh,
    /// Nothing was typed.
    Missing,
    /// No script put a passkey's answer into the form.
    PasskeyMissing,
    /// A passkey's answer to a challenge that is too old, or was answered before.
    PasskeyLate,
    /// A passkey's answer that is wrong.
    PasskeyWrong,
    /// The passkey was switched off.
    PasskeyDisabled,
    /// The passkey asked for neither PIN nor fingerprint.
    PasskeyUnverified,
    /// A new passkey that cannot be taken.
    PasskeyNotMade,
    /// A new passkey that somebody has already.
    PasskeyKnown,
}

/// Why a session is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndWhy {
    /// Its time was up.
    Expired,
    /// It was not used for too long.
    Idle,
    /// An operator, a reset or a change of factors ended it.
    Revoked,
    /// A later sign-in took its place.
    Elsewhere,
}

/// The whole page as HTML.
#[must_use]
pub fn render(page: &Page<'_>, chrome: &Chrome<'_>) -> String {
    let made = match page {
        Page::Challenge { .. } => challenge::ask(page, chrome),
        Page::MailCode { .. } => mail::code(page, chrome),
        Page::Paused {
            until,
            seconds,
            unlock,
            otherwise,
        } => challenge::paused(*until, *seconds, (*unlock, *otherwise), chrome),
        Page::EnrolCode {
            nonce,
            problem,
            name,
            steps,
        } => enrolment::code(nonce, *problem, name, *steps, chrome),
        Page::Method(methods) => method::method(methods, chrome),
        Page::EnrolTotp { .. } => enrolment::totp(page, chrome),
        Page::EnrolPasskey { .. } => passkey::enrol(page, chrome),
        Page::RecoveryCodes { .. } => recovery::codes(page, chrome),
        Page::Own(page) => own::own(page, chrome),
        Page::SignedOut => ended::ended(None, chrome),
        Page::Ended { why } => ended::ended(Some(*why), chrome),
        Page::Notice(Notice::BreakOut { to }) => notice::break_out(to, chrome),
        Page::Notice(shown) => notice::notice(shown, chrome),
    };
    // Writing into a string cannot fail; should a template ever say otherwise, the page still says
    // something.
    made.unwrap_or_else(|_| String::from(LAST_RESORT))
}

/// What is shown when a template refuses to render.
const LAST_RESORT: &str = "<!doctype html><html lang=\"en\"><title>Please try again</title>\
    <h1>Please try again</h1><p>This page could not be shown. Go back and try once more.</p>";
