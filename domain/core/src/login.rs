//! What a login answer leads to: the judgement between the exchange and the pages.
//!
//! Weighs the outcome, who it was, what that person has on file and what the app's owner decided.
//! Never releases (only a claimed code does) and never talks to anybody. `outcome` reads the answer
//! before.

use std::net::IpAddr;

use crate::enrolment::{EnrolmentNeed, EnrolmentProof, what_enrolment_needs};
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::time::Timestamp;

/// What the store knows about the name that was typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnFile {
    /// Nobody of that name.
    Nobody,
    /// Somebody whose name folds alike, under another spelling (`DESIGN-CASES` 9).
    OtherSpelling,
    /// A subscriber by a linked spelling.
    Known {
        /// Has at least one authenticator that works.
        enrolled: bool,
        /// Had authenticators that were taken away by an operator: enrolment needs a code.
        was_reset: bool,
        /// Every authenticator was disabled by too many wrong codes.
        disabled: bool,
        /// Suspended by an operator.
        suspended: bool,
    },
}

/// Everything `judge_login` weighs.
#[derive(Clone, Copy, Debug)]
pub struct LoginFacts {
    /// What the answer, or the probe, says.
    pub outcome: Outcome,
    /// Whether that cannot be had without the right password.
    pub proved: bool,
    /// The probe named somebody other than the person this name belongs to.
    pub mismatch: bool,
    /// Who that is.
    pub on_file: OnFile,
    /// The client's address, for network enrolment.
    pub client: IpAddr,
    /// An exception is open for this app: a right password of a known person is enough.
    pub emergency: bool,
}

/// What becomes of the held answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum LoginVerdict {
    /// Show the app's own refusal; its cookies stay in the tainted jar.
    ShowFailure,
    /// Show our own "try again"; the answer is dropped.
    ShowRetry,
    /// Withhold and ask for a code.
    Challenge,
    /// Withhold and ask for a code that nobody can give: looks the same, releases nothing.
    ChallengeInVain,
    /// Withhold and enrol, on this ground.
    Enrol(EnrolmentProof),
    /// Withhold, ask for the operator's enrolment code, then enrol.
    EnrolWithCode,
    /// Release at once, marked single-factor.
    LetThrough,
    /// Release at once, marked single-factor, for as long as the exception lasts.
    EmergencyPassage,
    /// Drop the answer; say that this spelling is not known and whom to call.
    HoldSpelling,
    /// Drop the answer; say that the account is suspended or disabled and whom to call.
    Stopped,
}

/// Judges a login answer.
///
/// Order matters: a refusal of the app is shown as it is; without proof of the password every name
/// looks the same (attack D12); then comes what is on file; and having nothing on file never lets
/// anybody through by itself (DESIGN rule 4): a name that nobody has used yet may be another name
/// of somebody who is enrolled, so it enrols, whatever the enforcement (`DESIGN-CASES` 8).
///
/// An open exception (45 CFR 164.312(a)(2)(ii)) stands after all refusals: it takes the second
/// factor away, never the proof of the first one, never the question who it is, and lifts no
/// suspension.
#[must_use]
pub fn judge_login(facts: &LoginFacts, policy: &Policy, now: Timestamp) -> LoginVerdict {
    match facts.outcome {
        Outcome::Failure => return LoginVerdict::ShowFailure,
        Outcome::Retry => return LoginVerdict::ShowRetry,
        Outcome::Success | Outcome::Intermediate | Outcome::Unknown => {}
    }
    if facts.mismatch {
        return unless_unproved(facts, LoginVerdict::HoldSpelling);
    }
    match facts.on_file {
        OnFile::Known {
            suspended: true, ..
        } => unless_unproved(facts, LoginVerdict::Stopped),
        OnFile::Known { .. } if facts.emergency && is_sure(facts) => LoginVerdict::EmergencyPassage,
        OnFile::Known { enrolled: true, .. } => LoginVerdict::Challenge,
        OnFile::Known { disabled: true, .. } => unless_unproved(facts, LoginVerdict::Stopped),
        OnFile::OtherSpelling => unless_unproved(facts, LoginVerdict::HoldSpelling),
        OnFile::Nobody => unless_unproved(facts, enrolment(facts, policy, false, now)),
        OnFile::Known {
            was_reset: true, ..
        } => unless_unproved(facts, enrolment(facts, policy, true, now)),
        OnFile::Known { .. } if policy.enforcement.lets_unenrolled_through(now) => {
            unless_unproved(facts, LoginVerdict::LetThrough)
        }
        OnFile::Known { .. } => unless_unproved(facts, enrolment(facts, policy, false, now)),
    }
}

fn unless_unproved(facts: &LoginFacts, verdict: LoginVerdict) -> LoginVerdict {
    if is_sure(facts) {
        verdict
    } else {
        LoginVerdict::ChallengeInVain
    }
}

/// The password was right, and it is known what the answer means.
fn is_sure(facts: &LoginFacts) -> bool {
    facts.proved && facts.outcome != Outcome::Unknown
}

fn enrolment(facts: &LoginFacts, policy: &Policy, was_reset: bool, now: Timestamp) -> LoginVerdict {
    match what_enrolment_needs(&policy.enrolment, facts.client, was_reset, now) {
        EnrolmentNeed::Nothing(proof) => LoginVerdict::Enrol(proof),
        EnrolmentNeed::Code => LoginVerdict::EnrolWithCode,
    }
}
