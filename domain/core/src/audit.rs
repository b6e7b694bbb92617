//! Every fact worth recording, as a value; and the bytes by which the audit log is chained.
//!
//! There is no field for a code, cookie, seed, password or query, and there must never be one
//! (DESIGN section 7). Never writes anything: the store appends events in the transaction of the
//! change they tell of.

use std::net::IpAddr;

use crate::ids::{AppName, SessionHash, SubscriberId};
use crate::reference::Reference;
use crate::time::Timestamp;

/// The longest free text that an event keeps, in characters.
pub const MAX_TEXT_CHARS: usize = 200;

macro_rules! audit_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What happened. The names are stable: exports, alarms and the hash chain depend on them.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum AuditKind {
            $($(#[$doc])* $kind,)*
        }

        impl AuditKind {
            /// Every kind, in the order of the life of a session.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

audit_kinds! {
    /// A credential is about to go upstream.
    LoginTainted = "login_tainted",
    /// The app refused the password.
    LoginFailed = "login_failed",
    /// The answer was neither success nor failure.
    LoginUnknown = "login_unknown",
    /// A login answer is held for a second factor.
    LoginWithheld = "login_withheld",
    /// A submission was refused before it went upstream: two readings, limits, no room.
    LoginRefused = "login_refused",
    /// The probe named another account than the one typed or linked.
    IdentityMismatch = "identity_mismatch",
    /// A right code was claimed.
    ChallengePassed = "challenge_passed",
    /// A wrong code.
    ChallengeFailed = "challenge_failed",
    /// A code that had been used already.
    CodeReused = "code_reused",
    /// A recovery code was spent.
    RecoveryCodeUsed = "recovery_code_used",
    /// A passkey's answer was claimed.
    PasskeyUsed = "passkey_used",
    /// A passkey's count of signatures did not grow: there may be two copies of it.
    PasskeyRegressed = "passkey_regressed",
    /// Tries are paused.
    ThrottlePaused = "throttle_paused",
    /// An authenticator was disabled at the ceiling, or by an operator.
    AuthenticatorDisabled = "authenticator_disabled",
    /// A disabled authenticator works again.
    AuthenticatorEnabled = "authenticator_enabled",
    /// A person added an authenticator to those she has.
    AuthenticatorAdded = "authenticator_added",
    /// A person gave an authenticator of hers another name.
    AuthenticatorRenamed = "authenticator_renamed",
    /// A person put a new authenticator in the place of an old one.
    AuthenticatorReplaced = "authenticator_replaced",
    /// An authenticator was removed; its history row stays.
    AuthenticatorRemoved = "authenticator_removed",
    /// Many wrong codes after a right password.
    PasswordMayBeStolen = "password_may_be_stolen",
    /// A person says that a sign-in was not hers.
    NotMeReported = "not_me_reported",
    /// A seed was shown.
    EnrolmentStarted = "enrolment_started",
    /// The first right code of a new authenticator.
    EnrolmentConfirmed = "enrolment_confirmed",
    /// An enrolment was not allowed.
    EnrolmentRefused = "enrolment_refused",
    /// An operator issued an enrolment code.
    EnrolmentCodeIssued = "enrolment_code_issued",
    /// An operator made an enrolment code worthless.
    EnrolmentCodeRevoked = "enrolment_code_revoked",
    /// An enrolment code was spent.
    EnrolmentCodeUsed = "enrolment_code_used",
    /// A wrong enrolment code.
    EnrolmentCodeFailed = "enrolment_code_failed",
    /// A set of recovery codes replaced the former one.
    RecoveryCodesIssued = "recovery_codes_issued",
    /// A session became verified.
    SessionVerified = "session_verified",
    /// A session was locked.
    SessionLocked = "session_locked",
    /// A locked session was brought back by a code.
    SessionUnlocked = "session_unlocked",
    /// A session was used from another address than before (attack C05).
    SessionMoved = "session_moved",
    /// A session ended.
    SessionEnded = "session_ended",
    /// A held answer was handed over.
    Released = "released",
    /// A held answer was thrown away by its owner.
    AttemptCancelled = "attempt_cancelled",
    /// A held answer was thrown away by time.
    AttemptExpired = "attempt_expired",
    /// No room for another held answer.
    AttemptsFull = "attempts_full",
    /// Somebody without a factor was let through by policy.
    SingleFactorPassage = "single_factor_passage",
    /// Report mode: this request would have been stopped.
    WouldRefuse = "would_refuse",
    /// Report mode: this login would have been asked for a code.
    WouldChallenge = "would_challenge",
    /// An operator removed all factors of a subscriber.
    SubscriberReset = "subscriber_reset",
    /// An operator let a subscriber try again.
    SubscriberUnlocked = "subscriber_unlocked",
    /// An operator ended a subscriber's sessions and unfinished sign-ins.
    SubscriberSignedOut = "subscriber_signed_out",
    /// An operator suspended a subscriber.
    SubscriberSuspended = "subscriber_suspended",
    /// An operator lifted a suspension.
    SubscriberResumed = "subscriber_resumed",
    /// A spelling was linked to a subscriber.
    SpellingLinked = "spelling_linked",
    /// A spelling that folds to a subscriber is not linked to it.
    SpellingHeld = "spelling_held",
    /// An operator made sure who was asking for help; the reason says how.
    IdentityChecked = "identity_checked",
    /// An operator issued a temporary code.
    TemporaryCodeIssued = "temporary_code_issued",
    /// A temporary code was spent, once.
    TemporaryCodeUsed = "temporary_code_used",
    /// A temporary code was typed when it did not count any more; the reason says why.
    TemporaryCodeRefused = "temporary_code_refused",
    /// A temporary code was made worthless by an operator.
    TemporaryCodeRevoked = "temporary_code_revoked",
    /// A computer was remembered: a code is not asked for on it for a while.
    DeviceRemembered = "device_remembered",
    /// A remembered computer stood in for a code.
    DevicePassage = "device_passage",
    /// A spent token of a remembered computer came again: two browsers hold it.
    DeviceStolen = "device_stolen",
    /// A remembered computer was forgotten; the reason says why.
    DeviceForgotten = "device_forgotten",
    /// An address for mail was added to a person; the reason says by whom, never which.
    AddressAdded = "address_added",
    /// An address for mail was removed from a person.
    AddressRemoved = "address_removed",
    /// A code was put into the outbox for an address on file.
    MailCodeSent = "mail_code_sent",
    /// Another code by mail was asked for too soon, or where none may be sent.
    MailCodeRefused = "mail_code_refused",
    /// A code by mail was spent: a weaker second factor than any other.
    MailCodeUsed = "mail_code_used",
    /// Two names became one person.
    SubscribersMerged = "subscribers_merged",
    /// An operator wrote something down about a subscriber.
    NoteAdded = "note_added",
    /// An exception was opened: until its end a right password is enough at one app.
    EmergencyOpened = "emergency_opened",
    /// An exception was closed before its end.
    EmergencyClosed = "emergency_closed",
    /// Somebody was let through by an exception.
    EmergencyPassage = "emergency_passage",
    /// Codes for sealed envelopes were issued.
    SealedCodesIssued = "sealed_codes_issued",
    /// A code from a sealed envelope was spent.
    SealedCodeUsed = "sealed_code_used",
    /// Codes for sealed envelopes were made worthless.
    SealedCodesRevoked = "sealed_codes_revoked",
    /// An act waits for a second operator.
    ApprovalAsked = "approval_asked",
    /// A second operator granted an act.
    ApprovalGranted = "approval_granted",
    /// A second operator refused an act, or its asker took it back.
    ApprovalRefused = "approval_refused",
    /// An operator was made.
    OperatorCreated = "operator_created",
    /// A one-time set-up link was issued for an operator.
    OperatorInvited = "operator_invited",
    /// An operator chose password and second factor.
    OperatorSetUp = "operator_set_up",
    /// An operator signed in with both factors.
    OperatorSignedIn = "operator_signed_in",
    /// A wrong password or code at the admin app.
    OperatorSignInFailed = "operator_sign_in_failed",
    /// An operator signed out, or was signed out.
    OperatorSignedOut = "operator_signed_out",
    /// An operator proved the second factor again for a dangerous act.
    OperatorConfirmed = "operator_confirmed",
    /// An operator's role changed.
    OperatorRoleChanged = "operator_role_changed",
    /// An operator's password and factors were taken away.
    OperatorReset = "operator_reset",
    /// An operator may not sign in any more.
    OperatorDisabled = "operator_disabled",
    /// An operator may sign in again.
    OperatorEnabled = "operator_enabled",
    /// An operator asked for something that the role does not allow.
    OperatorRefused = "operator_refused",
    /// Hardware tokens came in from their maker's file; the reason says how many.
    HardwareTokensImported = "hardware_tokens_imported",
    /// A hardware token was given to a subscriber; the reason says which.
    HardwareTokenAssigned = "hardware_token_assigned",
    /// A hardware token was taken out of use for good.
    HardwareTokenRevoked = "hardware_token_revoked",
    /// Two codes in a row put a hardware token's clock or counter right.
    HardwareTokenResynchronised = "hardware_token_resynchronised",
    /// A token for the API was issued.
    TokenIssued = "token_issued",
    /// A token for the API was made worthless.
    TokenRevoked = "token_revoked",
    /// Rows of the audit log were exported.
    AuditExported = "audit_exported",
    /// The oldest rows of the audit log were removed; the reason says which, and their last hash.
    AuditPruned = "audit_pruned",
    /// A login inside a verified session was not let through.
    ReloginRefused = "relogin_refused",
    /// A cookie that did not belong to the session was dropped.
    ForeignCookieDropped = "foreign_cookie_dropped",
    /// The store was opened.
    StoreOpened = "store_opened",
    /// A configuration took effect.
    ConfigLoaded = "config_loaded",
    /// A configuration was refused; the former one stays.
    ConfigRefused = "config_refused",
    /// Another key became the current one.
    KeyRotated = "key_rotated",
    /// The audit log was verified.
    AuditVerified = "audit_verified",
    /// Old rows were removed.
    Sweep = "sweep",
}

impl AuditKind {
    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// One fact. Build it with [`AuditEvent::new`] and the methods named after its fields, which clean
/// free text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEvent {
    /// What happened.
    pub kind: AuditKind,
    /// To whom.
    pub subscriber: Option<SubscriberId>,
    /// At which app.
    pub app: Option<AppName>,
    /// In which session, by hash.
    pub session: Option<SessionHash>,
    /// From which address.
    pub client: Option<IpAddr>,
    /// By which operator.
    pub operator: Option<String>,
    /// Why, in words; never anything a browser sent but a name.
    pub reason: Option<String>,
    /// In answer to which request; the store fills it in.
    pub reference: Option<Reference>,
}

impl AuditEvent {
    /// An event of which nothing but the kind is known yet.
    #[must_use]
    pub const fn new(kind: AuditKind) -> Self {
        Self {
            kind,
            subscriber: None,
            app: None,
            session: None,
            client: None,
            operator: None,
            reason: None,
            reference: None,
        }
    }

    /// Names the subscriber.
    #[must_use]
    pub const fn subscriber(mut self, subscriber: SubscriberId) -> Self {
        self.subscriber = Some(subscriber);
        self
    }

    /// Names the app.
    #[must_use]
    pub fn app(mut self, app: &AppName) -> Self {
        self.app = Some(app.clone());
        self
    }

    /// Names the session.
    #[must_use]
    pub const fn session(mut self, session: SessionHash) -> Self {
        self.session = Some(session);
        self
    }

    /// Names the client's address.
    #[must_use]
    pub const fn client(mut self, client: IpAddr) -> Self {
        self.client = Some(client);
        self
    }

    /// Names the operator.
    #[must_use]
    pub fn operator(mut self, operator: &str) -> Self {
        self.operator = Some(clean_text(operator));
        self
    }

    /// Gives the reason.
    #[must_use]
    pub fn reason(mut self, reason: &str) -> Self {
        self.reason = Some(clean_text(reason));
        self
    }

    /// The bytes that are hashed into the chain: a version, then every field with a mark for
    /// absence and its length, so that no two different events share their bytes. The reference
    /// came with the second version; an event without one keeps the first, and its old hash.
    #[must_use]
    pub fn canonical_bytes(&self, seq: i64, at: Timestamp) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        out.extend_from_slice(match self.reference {
            None => b"anteroom-audit-1",
            Some(_) => b"anteroom-audit-2",
        });
        out.extend_from_slice(&seq.to_be_bytes());
        out.extend_from_slice(&at.as_millis().to_be_bytes());
        put(&mut out, Some(self.kind.name().as_bytes()));
        put(
            &mut out,
            self.subscriber
                .map(|id| id.0.to_be_bytes())
                .as_ref()
                .map(|id| &id[..]),
        );
        put(
            &mut out,
            self.app.as_ref().map(|app| app.as_str().as_bytes()),
        );
        put(&mut out, self.session.as_ref().map(|hash| &hash.0[..]));
        put(
            &mut out,
            self.client
                .map(|client| client.to_string())
                .as_deref()
                .map(str::as_bytes),
        );
        put(
            &mut out,
            self.operator
                .as_deref()
                .map(clean_text)
                .as_deref()
                .map(str::as_bytes),
        );
        put(
            &mut out,
            self.reason
                .as_deref()
                .map(clean_text)
                .as_deref()
                .map(str::as_bytes),
        );
        if let Some(reference) = &self.reference {
            put(&mut out, Some(reference.as_str().as_bytes()));
        }
        out
    }
}

fn put(out: &mut Vec<u8>, field: Option<&[u8]>) {
    match field {
        None => out.push(0),
        Some(bytes) => {
            out.push(1);
            out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            out.extend_from_slice(bytes);
        }
    }
}

/// Makes free text safe to keep and show on one line (attack E08): what controls a terminal, breaks
/// a line or turns the reading direction becomes U+FFFD, and text over [`MAX_TEXT_CHARS`] is cut.
/// Cleaning twice changes nothing.
#[must_use]
pub fn clean_text(text: &str) -> String {
    text.chars()
        .map(|c| if is_steering(c) { '\u{FFFD}' } else { c })
        .take(MAX_TEXT_CHARS)
        .collect()
}

/// Whether a character controls a terminal, breaks a line or turns the reading direction.
#[must_use]
pub fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests;
