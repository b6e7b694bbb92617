//! What a person is told by mail, and a webhook with her: one table from audit events to notices.
//!
//! Every act is audited, so every act that stands in [`Notice::of`] is told, whoever does it and
//! wherever the code for it stands (NIST N23, ASVS 6.3.7). Never knows an address or a sentence:
//! the store queues, `anteroom-mail` says it.

use crate::audit::{AuditEvent, AuditKind};

macro_rules! notices {
    ($($(#[$doc:meta])* $notice:ident = $name:literal,)*) => {
        /// One thing that a person is told.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Notice {
            $($(#[$doc])* $notice,)*
        }

        impl Notice {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$notice,)*];

            /// The word in settings, in the outbox and in webhooks. Stable.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$notice => $name,)*
                }
            }
        }
    };
}

notices! {
    /// A new authenticator counts.
    AuthenticatorAdded = "authenticator_added",
    /// A new authenticator took the place of an old one.
    AuthenticatorReplaced = "authenticator_replaced",
    /// An authenticator was taken away.
    AuthenticatorRemoved = "authenticator_removed",
    /// An authenticator does not count any more after too many wrong codes, or by an operator.
    AuthenticatorDisabled = "authenticator_disabled",
    /// An operator took all factors away.
    FactorsReset = "factors_reset",
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery_code_used",
    /// The recovery codes were replaced.
    RecoveryCodesReplaced = "recovery_codes_replaced",
    /// An operator issued a code that stands in for the second factor.
    TemporaryCodeIssued = "temporary_code_issued",
    /// Such a code was used.
    TemporaryCodeUsed = "temporary_code_used",
    /// An address for mail was added.
    AddressAdded = "address_added",
    /// An address for mail was removed.
    AddressRemoved = "address_removed",
    /// Tries are paused after wrong codes.
    TriesPaused = "tries_paused",
    /// An operator suspended her.
    Suspended = "suspended",
    /// Wrong codes after a right password.
    PasswordMayBeStolen = "password_may_be_stolen",
    /// She was let in with the password alone, by an exception.
    EmergencyPassage = "emergency_passage",
    /// A code from a sealed envelope was used in her name.
    SealedCodeUsed = "sealed_code_used",
    /// Her name and another one became one person.
    NamesMerged = "names_merged",
    /// A computer was remembered: no code is asked for on it for a while.
    DeviceRemembered = "device_remembered",
    /// The token of a remembered computer came from two browsers.
    DeviceStolen = "device_stolen",
    /// She said that a sign-in was not hers.
    NotMeReported = "not_me_reported",
}

impl Notice {
    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// What operators can be told of by mail as well: what somebody should look into, and soon.
    pub const FOR_OPERATORS: [Self; 5] = [
        Self::AuthenticatorDisabled,
        Self::FactorsReset,
        Self::PasswordMayBeStolen,
        Self::DeviceStolen,
        Self::NotMeReported,
    ];

    /// What is told of an event; `None` for what a person need not hear of.
    #[must_use]
    pub const fn of(kind: AuditKind) -> Option<Self> {
        Some(match kind {
            AuditKind::EnrolmentConfirmed
            | AuditKind::AuthenticatorAdded
            | AuditKind::HardwareTokenAssigned => Self::AuthenticatorAdded,
            AuditKind::AuthenticatorReplaced => Self::AuthenticatorReplaced,
            AuditKind::AuthenticatorRemoved => Self::AuthenticatorRemoved,
            AuditKind::AuthenticatorDisabled => Self::AuthenticatorDisabled,
            AuditKind::SubscriberReset => Self::FactorsReset,
            AuditKind::RecoveryCodeUsed => Self::RecoveryCodeUsed,
            AuditKind::RecoveryCodesIssued => Self::RecoveryCodesReplaced,
            AuditKind::TemporaryCodeIssued => Self::TemporaryCodeIssued,
            AuditKind::TemporaryCodeUsed => Self::TemporaryCodeUsed,
            AuditKind::AddressAdded => Self::AddressAdded,
            AuditKind::AddressRemoved => Self::AddressRemoved,
            AuditKind::ThrottlePaused => Self::TriesPaused,
            AuditKind::SubscriberSuspended => Self::Suspended,
            AuditKind::PasswordMayBeStolen => Self::PasswordMayBeStolen,
            AuditKind::EmergencyPassage => Self::EmergencyPassage,
            AuditKind::SealedCodeUsed => Self::SealedCodeUsed,
            AuditKind::SubscribersMerged => Self::NamesMerged,
            AuditKind::DeviceRemembered => Self::DeviceRemembered,
            AuditKind::DeviceStolen => Self::DeviceStolen,
            AuditKind::NotMeReported => Self::NotMeReported,
            _ => return None,
        })
    }

    /// Whether `self`, told of the same act, says `other` too.
    #[must_use]
    pub const fn says_too(self, other: Self) -> bool {
        matches!(
            (self, other),
            (
                Self::FactorsReset,
                Self::AuthenticatorRemoved | Self::RecoveryCodesReplaced
            ) | (
                Self::AuthenticatorAdded,
                Self::RecoveryCodesReplaced | Self::AuthenticatorRemoved
            ) | (
                Self::AuthenticatorDisabled | Self::PasswordMayBeStolen,
                Self::TriesPaused
            ) | (Self::NotMeReported, Self::PasswordMayBeStolen)
                | (Self::NamesMerged, Self::AuthenticatorRemoved)
        )
    }
}

/// Which events of one act are told, by their place in `events`: each notice once for each person,
/// and none that another one says too.
#[must_use]
pub fn worth_telling(events: &[AuditEvent]) -> Vec<(usize, Notice)> {
    let about = |at: usize| {
        let event = events.get(at)?;
        Some((event.subscriber?, Notice::of(event.kind)?))
    };
    let is_told = |at: usize| {
        let (whom, notice) = about(at)?;
        let said = (0..events.len()).any(|other| {
            about(other).is_some_and(|(same, also)| {
                same == whom && ((also == notice && other < at) || also.says_too(notice))
            })
        });
        (!said).then_some((at, notice))
    };
    (0..events.len()).filter_map(is_told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SubscriberId;

    fn told(kinds: &[AuditKind]) -> Vec<&'static str> {
        let event = |kind: &AuditKind| AuditEvent::new(*kind).subscriber(SubscriberId(7));
        let events: Vec<_> = kinds.iter().map(event).collect();
        let told = worth_telling(&events);
        told.into_iter().map(|(_, notice)| notice.name()).collect()
    }

    #[test]
    fn every_notice_has_an_event_and_a_name_that_is_read_back() {
        for notice in Notice::ALL {
            let mut kinds = AuditKind::ALL.iter();
            assert!(kinds.any(|kind| Notice::of(*kind) == Some(*notice)));
            assert_eq!(Notice::from_name(notice.name()), Some(*notice));
        }
        assert_eq!(Notice::from_name("Reset"), None);
    }

    #[test]
    fn one_act_is_one_notice() {
        use AuditKind::*;
        assert_eq!(
            told(&[SubscriberReset, AuthenticatorRemoved, AuthenticatorRemoved]),
            ["factors_reset"]
        );
        assert_eq!(
            told(&[EnrolmentConfirmed, RecoveryCodesIssued]),
            ["authenticator_added"]
        );
        assert_eq!(
            told(&[ChallengeFailed, ThrottlePaused, AuthenticatorDisabled]),
            ["authenticator_disabled"]
        );
        assert_eq!(told(&[RecoveryCodesIssued]), ["recovery_codes_replaced"]);
        assert_eq!(
            told(&[NotMeReported, PasswordMayBeStolen]),
            ["not_me_reported"]
        );
        assert_eq!(told(&[SessionVerified, Released]), [""; 0]);
    }

    #[test]
    fn two_people_of_one_act_are_both_told_and_nobody_else() {
        let event = |kind, id| AuditEvent::new(kind).subscriber(SubscriberId(id));
        let events = [
            event(AuditKind::AuthenticatorRemoved, 1),
            event(AuditKind::SubscriberReset, 2),
            AuditEvent::new(AuditKind::SubscriberReset),
        ];
        let told = worth_telling(&events);
        assert_eq!(
            told,
            [(0, Notice::AuthenticatorRemoved), (1, Notice::FactorsReset)]
        );
    }
}
