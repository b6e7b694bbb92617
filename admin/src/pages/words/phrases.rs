//! The phrase of every audit kind, how its reason is told, and the spelling alphabet.
//!
//! Exhaustive on purpose: a new kind does not build without its words. Used by `words` only.

use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::means::Means;

/// How a kind is said.
#[derive(Clone, Copy)]
pub(super) enum Phrase {
    /// Something that is counted: one of it, many of it.
    Thing(&'static str, &'static str),
    /// Something that was done, told in the passive so that "by olga" can follow.
    Deed(&'static str),
}

/// How the reason of a kind is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// An operator's own words.
    Quoted,
    /// A word of ours, or a count.
    Plain,
    /// How far the phone's clock is off.
    Clock,
    /// Why a session ended.
    End,
    /// By what a sign-in was finished.
    Means,
}

/// The phrase of a kind.
pub(super) const fn phrase(kind: AuditKind) -> Phrase {
    use AuditKind as K;
    use Phrase::{Deed, Thing};
    match kind {
        K::LoginTainted => Thing("a password sent on", "passwords sent on"),
        K::LoginFailed => Thing("a wrong password", "wrong passwords"),
        K::LoginUnknown => Thing(
            "an unclear answer to a sign-in",
            "unclear answers to sign-ins",
        ),
        K::LoginWithheld => Thing("a right password", "right passwords"),
        K::LoginRefused => Thing("a sign-in refused unsent", "sign-ins refused unsent"),
        K::IdentityMismatch => Thing(
            "a sign-in under another name than the one typed",
            "sign-ins under another name than the one typed",
        ),
        K::ChallengePassed => Thing("a right code", "right codes"),
        K::ChallengeFailed => Thing("a wrong code", "wrong codes"),
        K::CodeReused => Thing("a code typed a second time", "codes typed a second time"),
        K::RecoveryCodeUsed => Thing("a recovery code used", "recovery codes used"),
        K::ThrottlePaused => Thing("a pause after wrong codes", "pauses after wrong codes"),
        K::AuthenticatorDisabled => Deed("authenticator switched off"),
        K::AuthenticatorEnabled => Deed("authenticator switched on again"),
        K::AuthenticatorRemoved => Deed("authenticator removed"),
        K::PasswordMayBeStolen => Thing(
            "a sign that the password may be stolen",
            "signs that the password may be stolen",
        ),
        K::EnrolmentStarted => Deed("second factor set-up begun"),
        K::EnrolmentConfirmed => Deed("second factor set up"),
        K::EnrolmentRefused => Deed("second factor set-up refused"),
        K::EnrolmentCodeIssued => Deed("enrolment code issued"),
        K::EnrolmentCodeUsed => Deed("enrolment code used"),
        K::EnrolmentCodeFailed => Thing("a wrong enrolment code", "wrong enrolment codes"),
        K::RecoveryCodesIssued => Deed("new recovery codes made"),
        K::SessionVerified => Thing(
            "a sign-in with second factor",
            "sign-ins with second factor",
        ),
        K::SessionLocked => Deed("session locked because it was not used"),
        K::SessionUnlocked => Deed("session unlocked with a code"),
        K::SessionMoved => Deed("session went on from another address"),
        K::SessionEnded => Thing("a session ended", "sessions ended"),
        K::Released => Thing("a sign-in let through", "sign-ins let through"),
        K::AttemptCancelled => Thing("a sign-in given up", "sign-ins given up"),
        K::AttemptExpired => Thing(
            "a sign-in that got no code in time",
            "sign-ins that got no code in time",
        ),
        K::AttemptsFull => Thing(
            "a sign-in refused because others still wait for a code",
            "sign-ins refused because others still wait for a code",
        ),
        K::SingleFactorPassage => Thing(
            "a sign-in that policy lets through without second factor",
            "sign-ins that policy lets through without second factor",
        ),
        K::WouldRefuse => Thing(
            "a request that would be refused",
            "requests that would be refused",
        ),
        K::WouldChallenge => Thing(
            "a sign-in that would be asked for a code",
            "sign-ins that would be asked for a code",
        ),
        _ => passkey(kind),
    }
}

/// The phrases of passkeys.
const fn passkey(kind: AuditKind) -> Phrase {
    use AuditKind as K;
    use Phrase::{Deed, Thing};
    match kind {
        K::AuthenticatorAdded => Deed("authenticator added"),
        K::PasskeyUsed => Thing("a passkey used", "passkeys used"),
        K::PasskeyRegressed => Thing(
            "a sign that there are two copies of a passkey",
            "signs that there are two copies of a passkey",
        ),
        _ => help(kind),
    }
}

/// The phrases of what people do to their own sign-in, and what operators do for people.
const fn help(kind: AuditKind) -> Phrase {
    use AuditKind as K;
    use Phrase::{Deed, Thing};
    match kind {
        K::AuthenticatorAdded => Deed("another authenticator added by its owner"),
        K::AuthenticatorRenamed => Deed("authenticator renamed by its owner"),
        K::AuthenticatorReplaced => Deed("authenticator moved to a new one by its owner"),
        K::NotMeReported => Deed("sign-in reported as not her own"),
        K::SubscriberReset => Deed("second factor reset"),
        K::SubscriberUnlocked => Deed("unlocked"),
        K::SubscriberSignedOut => Deed("signed out everywhere"),
        K::SubscriberSuspended => Deed("suspended"),
        K::SubscriberResumed => Deed("reinstated"),
        K::SpellingLinked => Deed("spelling confirmed"),
        K::SpellingHeld => Thing("an unconfirmed spelling", "unconfirmed spellings"),
        K::IdentityChecked => Deed("identity verified"),
        K::TemporaryCodeIssued => Deed("temporary code issued"),
        K::TemporaryCodeUsed => Deed("temporary code used"),
        K::TemporaryCodeRefused => Deed("temporary code refused"),
        K::TemporaryCodeRevoked => Deed("temporary code revoked"),
        K::EnrolmentCodeRevoked => Deed("enrolment code revoked"),
        K::AddressAdded => Deed("e-mail address added"),
        K::AddressRemoved => Deed("e-mail address removed"),
        K::MailCodeSent => Thing("a code sent by e-mail", "codes sent by e-mail"),
        K::MailCodeRefused => Thing(
            "a code by e-mail asked for and not sent",
            "codes by e-mail asked for and not sent",
        ),
        K::MailCodeUsed => Thing("a code from an e-mail used", "codes from e-mails used"),
        K::SubscribersMerged => Deed("two spellings merged"),
        K::NoteAdded => Deed("note written"),
        K::DeviceRemembered => Deed("computer remembered"),
        K::DevicePassage => Thing(
            "a sign-in at a remembered computer, without a code",
            "sign-ins at a remembered computer, without a code",
        ),
        K::DeviceStolen => Deed("remembered computer’s cookie used twice, perhaps stolen"),
        K::DeviceForgotten => Deed("remembered computer forgotten"),
        _ => office(kind),
    }
}

/// The phrases of emergencies, operators and the house itself.
const fn office(kind: AuditKind) -> Phrase {
    use AuditKind as K;
    use Phrase::{Deed, Thing};
    match kind {
        K::EmergencyOpened => Deed("emergency exception opened"),
        K::EmergencyClosed => Deed("emergency exception closed"),
        K::EmergencyPassage => Thing(
            "a sign-in that the emergency exception let through",
            "sign-ins that the emergency exception let through",
        ),
        K::HardwareTokensImported => Deed("hardware tokens brought in"),
        K::HardwareTokenAssigned => Deed("hardware token given"),
        K::HardwareTokenRevoked => Deed("hardware token taken out of use"),
        K::HardwareTokenResynchronised => Thing(
            "a hardware token put right by two codes",
            "hardware tokens put right by two codes",
        ),
        K::SealedCodesIssued => Deed("sealed codes printed"),
        K::SealedCodeUsed => Thing("a sealed code used", "sealed codes used"),
        K::SealedCodesRevoked => Deed("sealed codes revoked"),
        K::ApprovalAsked => Deed("second operator asked"),
        K::ApprovalGranted => Deed("second operator’s consent given"),
        K::ApprovalRefused => Deed("second operator’s consent refused"),
        K::OperatorCreated => Deed("operator made"),
        K::OperatorInvited => Deed("set-up link issued"),
        K::OperatorSetUp => Deed("operator’s password and phone set up"),
        K::OperatorSignedIn => Thing("a sign-in to the admin app", "sign-ins to the admin app"),
        K::OperatorSignInFailed => Thing(
            "a failed sign-in to the admin app",
            "failed sign-ins to the admin app",
        ),
        K::OperatorSignedOut => Thing("a sign-out of the admin app", "sign-outs of the admin app"),
        K::OperatorConfirmed => Thing("a fresh code given", "fresh codes given"),
        K::OperatorRoleChanged => Deed("operator’s role changed"),
        K::OperatorReset => Deed("operator’s password and phone reset"),
        K::OperatorDisabled => Deed("operator disabled"),
        K::OperatorEnabled => Deed("operator enabled"),
        K::OperatorRefused => Thing(
            "a request that the role does not allow",
            "requests that the role does not allow",
        ),
        K::TokenIssued => Deed("API token issued"),
        K::TokenRevoked => Deed("API token revoked"),
        K::AuditExported => Deed("audit log exported"),
        K::AuditPruned => Deed("oldest audit rows removed"),
        K::ReloginRefused => Thing(
            "a refused sign-in inside a session",
            "refused sign-ins inside a session",
        ),
        K::ForeignCookieDropped => Thing("a foreign cookie dropped", "foreign cookies dropped"),
        K::StoreOpened => Deed("store opened"),
        K::ConfigLoaded => Deed("configuration taken into use"),
        K::ConfigRefused => Deed("configuration refused"),
        K::KeyRotated => Deed("key rotated"),
        K::AuditVerified => Deed("audit log verified"),
        K::Sweep => Deed("old rows removed"),
        // The lists above have said the others. A kind that is in none is caught by the test that
        // walks all kinds and finds this phrase.
        _ => Deed(UNSAID),
    }
}

/// The phrase of a kind that has none; no kind may have it.
pub(super) const UNSAID: &str = "something happened";

/// How the reason of this kind is told.
pub(super) const fn reason_of(kind: AuditKind) -> Reason {
    use AuditKind as K;
    match kind {
        K::ChallengeFailed => Reason::Clock,
        K::SessionEnded | K::OperatorSignedOut => Reason::End,
        K::SessionVerified | K::SessionUnlocked => Reason::Means,
        K::SubscriberReset
        | K::SubscriberUnlocked
        | K::SubscriberSignedOut
        | K::SubscriberSuspended
        | K::SubscriberResumed
        | K::SpellingLinked
        | K::SpellingHeld
        | K::IdentityChecked
        | K::EnrolmentCodeIssued
        | K::TemporaryCodeIssued
        | K::TemporaryCodeRevoked
        | K::EnrolmentCodeRevoked
        | K::AddressAdded
        | K::AddressRemoved
        | K::SubscribersMerged
        | K::NoteAdded
        | K::AuthenticatorDisabled
        | K::AuthenticatorEnabled
        | K::AuthenticatorRemoved
        | K::EmergencyOpened
        | K::EmergencyClosed
        | K::SealedCodesIssued
        | K::SealedCodesRevoked
        | K::OperatorReset
        | K::OperatorDisabled
        | K::OperatorEnabled
        | K::HardwareTokensImported
        | K::HardwareTokenAssigned
        | K::HardwareTokenRevoked
        | K::TokenIssued
        | K::TokenRevoked
        | K::ApprovalAsked
        | K::ApprovalRefused => Reason::Quoted,
        _ => Reason::Plain,
    }
}

/// By what a sign-in was finished, in words; a word that is not known is shown as it stands.
pub(super) fn means(word: &str) -> String {
    let known = match Means::from_name(word) {
        Some(Means::Authenticator(AuthenticatorKind::Passkey)) => "a passkey",
        Some(Means::Authenticator(AuthenticatorKind::Totp)) => "an authenticator app",
        Some(Means::Authenticator(AuthenticatorKind::Hardware)) => "a hardware token",
        Some(Means::Authenticator(AuthenticatorKind::Email) | Means::Mail) => "a code by e-mail",
        Some(Means::RecoveryCode) => "a recovery code",
        Some(Means::Given) => "a code from the helpdesk",
        None => return word.replace('_', " "),
    };
    known.to_owned()
}

/// Why a session ended, in words; a word that is not known is shown as it stands.
pub(super) fn end(why: &str) -> String {
    let known = match why {
        "signed_out" | "sign_out" | "logout" => "signed out",
        "superseded" | "elsewhere" => "a later sign-in took its place",
        "idle" => "not used for too long",
        "age" | "expired" | "overall" => "time was up",
        "enrolment" => "a second factor was set up",
        "device_stolen" => "the cookie of a remembered computer came twice",
        "device_forgotten" => "its remembered computer was forgotten",
        "ended_by_owner" => "ended from another session",
        "factor_changed" => "an authenticator was changed or removed",
        "not_me" => "a sign-in was reported as not hers",
        "revoked" | "operator" | "signed_out_by_operator" => "ended by an operator",
        "reset" => "the second factor was reset",
        "suspended" => "the person was suspended",
        "merged" => "two spellings became one person",
        "emergency" => "the emergency exception ended",
        other => return other.replace('_', " "),
    };
    known.to_owned()
}

/// Which part of a long list of kinds a kind belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Group {
    /// Passwords, codes, sessions.
    SignIn,
    /// Authenticators and recovery codes.
    Factors,
    /// What operators did for people.
    Help,
    /// Emergencies and consent of a second operator.
    Emergency,
    /// Operators themselves.
    Operators,
    /// The house: store, configuration, keys, the log itself.
    House,
}

impl Group {
    /// All groups, in the order of a list.
    pub(crate) const ALL: [Self; 6] = [
        Self::SignIn,
        Self::Factors,
        Self::Help,
        Self::Emergency,
        Self::Operators,
        Self::House,
    ];

    /// The group's heading.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::SignIn => "Signing in",
            Self::Factors => "Authenticators and recovery codes",
            Self::Help => "Help from operators",
            Self::Emergency => "Emergency and second operators",
            Self::Operators => "Operators and tokens",
            Self::House => "The system itself",
        }
    }
}

/// The group of a kind.
pub(crate) fn group(kind: AuditKind) -> Group {
    let name = kind.name();
    let starts = |any: &[&str]| any.iter().any(|start| name.starts_with(start));
    if starts(&["authenticator", "enrolment_", "recovery_codes_"])
        && name != "enrolment_code_issued"
    {
        Group::Factors
    } else if starts(&[
        "subscriber",
        "spelling_linked",
        "identity_checked",
        "note",
        "address_",
        "enrolment_",
    ]) || (starts(&["temporary_code"])
        && !starts(&["temporary_code_used", "temporary_code_ref"]))
    {
        Group::Help
    } else if starts(&["emergency", "sealed", "approval"]) {
        Group::Emergency
    } else if starts(&["operator", "token"]) {
        Group::Operators
    } else if starts(&["audit", "store", "config", "key", "sweep"]) {
        Group::House
    } else {
        Group::SignIn
    }
}

/// The word with which a letter is read out (ICAO); digits by their names.
pub(super) const fn spelling(letter: char) -> &'static str {
    const LETTERS: [&str; 26] = [
        "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India",
        "Juliett", "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo",
        "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
    ];
    const DIGITS: [&str; 10] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    match letter {
        'A'..='Z' => LETTERS[letter as usize - 'A' as usize],
        '0'..='9' => DIGITS[letter as usize - '0' as usize],
        _ => "",
    }
}
