//! Which sentences a letter says: a table from notices to messages, and the frame around them.
//!
//! Holds no sentence itself: those are `anteroom_words`, in `letter.ftl`, in every language. Filled
//! into the templates by [`letter`](crate::letter).

use anteroom_core::language::Language;
use anteroom_core::notice::Notice;

/// What is said of one notice, each the id of a message.
pub struct Told {
    /// The subject, after the app's name.
    pub subject: &'static str,
    /// What happened, as a sentence.
    pub what: &'static str,
    /// What to do where it was not her.
    pub otherwise: &'static str,
}

/// Somebody else may be changing how she signs in.
const CALL: &str = "letter-then-call";
/// Somebody knows her password.
pub const PASSWORD: &str = "letter-then-password";
/// Somebody may have called in her name.
const CALLER: &str = "letter-then-caller";
/// Nothing is wrong, most likely.
const ASK: &str = "letter-then-ask";

/// What is said of a notice.
pub const fn told(notice: Notice) -> Told {
    use Notice as N;
    let (subject, what, otherwise) = match notice {
        N::AuthenticatorAdded => ("letter-added", "letter-added-what", CALL),
        N::AuthenticatorReplaced => ("letter-replaced", "letter-replaced-what", CALL),
        N::AuthenticatorRemoved => ("letter-removed", "letter-removed-what", CALL),
        N::AuthenticatorDisabled => ("letter-disabled", "letter-disabled-what", PASSWORD),
        N::FactorsReset => ("letter-reset", "letter-reset-what", CALLER),
        N::RecoveryCodeUsed => (
            "letter-recovery-used",
            "letter-recovery-used-what",
            PASSWORD,
        ),
        N::RecoveryCodesReplaced => ("letter-codes-replaced", "letter-codes-replaced-what", CALL),
        N::TemporaryCodeIssued => ("letter-temporary", "letter-temporary-what", CALLER),
        N::TemporaryCodeUsed => (
            "letter-temporary-used",
            "letter-temporary-used-what",
            PASSWORD,
        ),
        N::AddressAdded => ("letter-address-added", "letter-address-added-what", CALL),
        N::AddressRemoved => (
            "letter-address-removed",
            "letter-address-removed-what",
            CALL,
        ),
        N::TriesPaused => ("letter-paused", "letter-paused-what", PASSWORD),
        N::Suspended => ("letter-suspended", "letter-suspended-what", ASK),
        N::PasswordMayBeStolen => ("letter-stolen", "letter-stolen-what", PASSWORD),
        N::EmergencyPassage => ("letter-emergency", "letter-emergency-what", PASSWORD),
        N::SealedCodeUsed => ("letter-sealed", "letter-sealed-what", PASSWORD),
        N::NamesMerged => ("letter-merged", "letter-merged-what", ASK),
        N::DeviceRemembered => ("letter-remembered", "letter-remembered-what", CALL),
        N::DeviceStolen => ("letter-copied", "letter-copied-what", PASSWORD),
        N::NotMeReported => ("letter-not-me", "letter-not-me-what", PASSWORD),
    };
    Told {
        subject,
        what,
        otherwise,
    }
}

/// What an operator is told of a notice, who is to look and to call.
pub const fn told_an_operator(notice: Notice) -> Told {
    use Notice as N;
    let (subject, what) = match notice {
        N::AuthenticatorDisabled => ("operator-disabled", "operator-disabled-what"),
        N::FactorsReset => ("operator-reset", "operator-reset-what"),
        N::PasswordMayBeStolen => ("operator-stolen", "operator-stolen-what"),
        N::DeviceStolen => ("operator-copied", "operator-copied-what"),
        N::NotMeReported => ("operator-not-me", "operator-not-me-what"),
        // The settings take none of these; should one come, saying too little is no harm.
        _ => ("operator-other", "operator-other-what"),
    };
    Told {
        subject,
        what,
        otherwise: "operator-then",
    }
}

/// Says a message that names nothing.
pub fn say(language: Language, id: &str) -> String {
    anteroom_words::say(language, id, &[])
}

/// What a letter with a code says above it. The code is never in the subject, which a locked screen
/// would show (D11).
pub fn code_told(language: Language, minutes: u64) -> String {
    let values = [("minutes", minutes.into())];
    let what = anteroom_words::say(language, "letter-code-what", &values);
    format!("{what} {}", say(language, "letter-code-never"))
}

/// The subject: the app first, by which people sort their mail.
pub fn subject(language: Language, app: &str, subject: &str) -> String {
    let values = [("app", app.into()), ("subject", subject.into())];
    anteroom_words::say(language, "letter-subject", &values)
}

/// One line of the text part.
pub fn line(language: Language, label: &str, value: &str) -> String {
    let values = [("label", label.into()), ("value", value.into())];
    anteroom_words::say(language, "letter-line", &values)
}
