//! The sentences of our mails, one function for each kind of sentence, each taking the language.
//!
//! Says what happened and what to do, never a code, a patient or a link. Filled into the templates
//! by [`letter`](crate::letter).

use anteroom_core::notice::Notice;

/// A language that mails are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// English, and whatever is not spoken here.
    English,
}

impl Language {
    /// The nearest to a BCP 47 tag.
    pub fn nearest(_tag: &str) -> Self {
        Self::English
    }

    /// The `lang` of the HTML part.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }
}

/// What is said of one notice.
pub struct Told {
    /// The subject, after the app's name.
    pub subject: &'static str,
    /// What happened, as a sentence.
    pub what: &'static str,
    /// What to do where it was not her.
    pub otherwise: &'static str,
}

const SOMEBODY_ELSE: &str = "If this was not you, somebody else may be changing how you sign in. \
    Call your helpdesk now, before you sign in again.";
const CHANGE_PASSWORD: &str = "If this was not you, somebody knows your password. Change it in the \
    application, then call your helpdesk.";
const ASK: &str = "If you did not expect this, call your helpdesk.";

/// What is said of a notice.
pub fn told(notice: Notice, _language: Language) -> Told {
    let (subject, what, otherwise) = of_factors(notice);
    Told {
        subject,
        what,
        otherwise,
    }
}

type Sentences = (&'static str, &'static str, &'static str);

/// What is said of authenticators, recovery codes and the helpdesk's codes.
const fn of_factors(notice: Notice) -> Sentences {
    match notice {
        Notice::AuthenticatorAdded => (
            "a new way to sign in was added",
            "A new authenticator was set up for your account. From now on it can confirm your \
             sign-ins.",
            SOMEBODY_ELSE,
        ),
        Notice::AuthenticatorReplaced => (
            "you sign in with a new authenticator",
            "A new authenticator took the place of an old one, which cannot confirm your sign-ins \
             any more.",
            SOMEBODY_ELSE,
        ),
        Notice::AuthenticatorRemoved => (
            "a way to sign in was removed",
            "An authenticator was removed from your account. It cannot confirm your sign-ins any \
             more.",
            SOMEBODY_ELSE,
        ),
        Notice::AuthenticatorDisabled => (
            "your codes do not work any more",
            "After too many wrong codes, or by your helpdesk, your authenticator was switched off.",
            CHANGE_PASSWORD,
        ),
        Notice::FactorsReset => (
            "your second step was reset",
            "Your helpdesk removed every authenticator and recovery code of your account. At your \
             next sign-in you will be asked for an enrolment code.",
            "If you did not ask for this, call your helpdesk now: somebody may have called in your \
             name.",
        ),
        Notice::RecoveryCodeUsed => (
            "a recovery code was used",
            "One of your saved recovery codes was used to sign in. It cannot be used again.",
            CHANGE_PASSWORD,
        ),
        Notice::RecoveryCodesReplaced => (
            "you have new recovery codes",
            "New recovery codes were made for your account. The old ones do not work any more.",
            SOMEBODY_ELSE,
        ),
        Notice::TemporaryCodeIssued => (
            "a temporary code was issued for you",
            "Your helpdesk issued a temporary code with which you can sign in without your phone.",
            "If you did not ask for one, call your helpdesk now: somebody may have called in your \
             name.",
        ),
        Notice::TemporaryCodeUsed => (
            "a temporary code was used",
            "A temporary code from your helpdesk was used to sign in.",
            CHANGE_PASSWORD,
        ),
        other => of_the_rest(other),
    }
}

/// What is said of addresses, wrong codes and what operators do to the account.
const fn of_the_rest(notice: Notice) -> Sentences {
    match notice {
        Notice::AddressAdded => (
            "an e-mail address was added",
            "Another e-mail address was added to your account. Messages like this one go there \
             too.",
            SOMEBODY_ELSE,
        ),
        Notice::AddressRemoved => (
            "an e-mail address was removed",
            "An e-mail address was removed from your account.",
            SOMEBODY_ELSE,
        ),
        Notice::TriesPaused => (
            "wrong codes were typed",
            "Several wrong codes were typed for your account, so it takes no codes for a while.",
            CHANGE_PASSWORD,
        ),
        Notice::Suspended => (
            "your account was suspended",
            "Your helpdesk suspended your account. Nobody can sign in with it.",
            ASK,
        ),
        Notice::PasswordMayBeStolen => (
            "your password may be stolen",
            "Somebody typed your right password and then several wrong codes.",
            CHANGE_PASSWORD,
        ),
        Notice::EmergencyPassage => (
            "a sign-in without a second step",
            "During an emergency your account was signed in with the password alone.",
            CHANGE_PASSWORD,
        ),
        Notice::SealedCodeUsed => (
            "an emergency code was used",
            "A code from a sealed envelope was used to sign in with your account.",
            CHANGE_PASSWORD,
        ),
        Notice::NamesMerged => (
            "two names became one account",
            "Your helpdesk joined this name with another name of yours. Sign in with the other \
             name's second step from now on.",
            ASK,
        ),
        Notice::DeviceRemembered => (
            "a computer was remembered",
            "A computer was remembered: for some days no code is asked for on it, only your \
             password.",
            SOMEBODY_ELSE,
        ),
        Notice::DeviceStolen => (
            "a remembered computer may have been copied",
            "What a remembered computer proves itself with came from two browsers. It was \
             forgotten, and what it had opened was ended.",
            CHANGE_PASSWORD,
        ),
        Notice::NotMeReported => (
            "a sign-in was reported as not yours",
            "On your own page it was said that a sign-in was not you. All other sessions of your \
             account were ended.",
            CHANGE_PASSWORD,
        ),
        // Said above; a test finds two notices with one subject.
        _ => (
            "something changed",
            "Something about your sign-in changed.",
            ASK,
        ),
    }
}

/// The subject of a mail with a code: never the code, which a locked screen would show (D11).
pub const fn code_subject(_language: Language) -> &'static str {
    "your sign-in code"
}

/// What a mail with a code says around it.
pub fn code_told(_language: Language, minutes: u64) -> (String, &'static str) {
    (
        format!(
            "Type this code on the page where you are signing in. It works once, there only, for \
             {minutes} minutes. Nobody from your helpdesk will ever ask you for it."
        ),
        CHANGE_PASSWORD,
    )
}

/// A mail that only tries the way out.
pub const fn trial_told(_language: Language) -> (&'static str, &'static str) {
    (
        "this is a test",
        "An operator sent this message to see whether mail goes out. Nothing has happened to your \
         account, and there is nothing to do.",
    )
}

/// The names of the lines below the text.
pub struct Labels {
    pub when: &'static str,
    pub app: &'static str,
    pub account: &'static str,
    pub from: &'static str,
    pub reference: &'static str,
    pub help: &'static str,
    pub no_links: &'static str,
}

/// The names of the lines below the text.
pub const fn labels(_language: Language) -> Labels {
    Labels {
        when: "When",
        app: "Where",
        account: "Account",
        from: "From",
        reference: "Reference",
        help: "Helpdesk",
        no_links: "This message has no links, on purpose: go to the application the way you always \
            do.",
    }
}
