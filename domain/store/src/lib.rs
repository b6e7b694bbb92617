//! What is remembered: the only SQL of the tree, and secrets at rest.
//!
//! Every method of [`Store`] is resource first (`session_find`, `challenge_claim`), takes `now`,
//! and appends its audit events in the transaction of the change they tell of: a decision that
//! cannot be audited is not taken. Races are settled by constraints and conditional updates, never
//! by a prior read. Absence is an `Option`, refusal is an outcome, breakage is a [`StoreError`]
//! that carries no value.
//!
//! Never decides whether a code is right (`anteroom-core` does, and hands over `Accepted`), never
//! seals a cookie or an answer (the gateway does), never reads a clock, a key file or the system's
//! randomness.
//!
//! How one sign-in walks through: [`taint`] (before the password leaves), [`withhold`] and
//! [`attempt`] (the answer is held), [`challenge`] and [`recovery`] (what a code is judged by, and
//! what a wrong one costs), [`claim`] (a right one is spent: [`Claimed`]) or [`enrolment_code`],
//! [`enrolment`] and [`release`], then [`session`] and [`delivery`]. Aside: [`subscriber`] and
//! [`operator`], [`temporary_code`], [`sealed_code`] and [`emergency`], [`unlock`], [`audit`] and
//! [`audit_verify`], [`sweep`], [`reseal`]. Underneath: `pools`, [`keys`], `seal`, `counter`.
//! Tables and columns are explained in `migrations/sqlite/`.

pub mod attempt;
pub mod audit;
pub mod audit_verify;
pub mod challenge;
pub mod claim;
mod claim_again;
mod counter;
pub mod delivery;
pub mod emergency;
pub mod enrolment;
pub mod enrolment_code;
pub mod error;
pub mod keys;
mod open;
pub mod operator;
pub mod paper;
mod pools;
pub mod recovery;
pub mod release;
pub mod reseal;
mod row;
mod seal;
pub mod sealed_code;
pub mod session;
mod session_end;
pub mod session_record;
pub mod subscriber;
pub mod sweep;
pub mod taint;
pub mod temporary_code;
pub mod unlock;
pub mod withhold;

#[cfg(test)]
mod tests;

pub use attempt::{Attempt, AttemptState};
pub use audit::{AuditHead, AuditRow};
pub use audit_verify::{AuditProblem, AuditReport};
pub use challenge::{ChallengeFailure, FailureTold, Material, TotpMaterial};
pub use claim::{Claim, ClaimContext, Claimed};
pub use counter::ThrottleVersion;
pub use emergency::{EmergencyOpened, EmergencyView};
pub use enrolment::{EnrolContext, EnrolOutcome};
pub use enrolment_code::{CodeTry, EnrolmentCodeIssue};
pub use error::{FileProblem, KeyProblem, StoreError};
pub use keys::Keys;
pub use open::{Entropy, Store, StoreOptions};
pub use paper::Paper;
pub use recovery::RecoveryLookup;
pub use release::{Passage, Release, ReleaseContext, SingleFactor};
pub use reseal::Resealed;
pub use sealed_code::{SealedBatch, SealedUse};
pub use session::{Revocation, SessionSummary};
pub use session_record::{SessionRecord, StoredState};
pub use subscriber::{NameKey, SubscriberListing, SubscriberStatus, SubscriberView};
pub use sweep::{SweepLimits, Swept};
pub use taint::{Taint, TypedIdentity};
pub use temporary_code::{TemporaryCodeIssue, TemporaryCodeView, TemporaryIssued};
pub use unlock::{Unlock, UnlockContext, Unlocked};
pub use withhold::{AttemptCaps, NewAttempt, Withheld};
