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
//! [`attempt`] (the answer is held), [`material`] and [`recovery`] (what a code is judged by),
//! [`challenge`] (what a wrong one costs), [`claim`] (a right one is spent: [`Claimed`]),
//! [`device`] (one that was remembered stands in for it) or [`enrolment_code`], [`enrolment`] and
//! [`release`], then [`session`] and [`delivery`]. With a passkey: [`passkey_ceremony`] (the
//! challenge), [`passkey`] (the credential). What a person does herself: [`own`], [`own_setup`],
//! [`own_act`]. What operators see and do: [`people`], [`person`], [`operator`], [`merge`],
//! [`note`], [`overview`], [`audit_search`], [`report`]; what they give: [`hardware_token`],
//! [`temporary_code`], [`sealed_code`], [`emergency`]; who they are: [`operator_account`] and its
//! neighbours, [`approval`], [`api_token`]. How people are told: [`address`], [`told`], [`outbox`],
//! [`channel`], [`mail_code`], [`spoken`], [`person_new`]. Aside: [`subscriber`], [`unlock`],
//! [`audit`], [`audit_verify`], [`audit_prune`], [`sweep`], [`reseal`], [`glance`]. Underneath:
//! `pools`, [`keys`], `seal`, `counter`. Tables and columns are explained in `migrations/sqlite/`.

pub mod address;
pub mod api_token;
pub mod approval;
pub mod attempt;
pub mod audit;
pub mod audit_prune;
pub mod audit_search;
pub mod audit_verify;
pub mod bulk;
pub mod challenge;
pub mod channel;
pub mod claim;
mod claim_again;
mod counter;
pub mod delivery;
pub mod device;
pub mod device_end;
pub mod emergency;
pub mod enrolment;
pub mod enrolment_code;
pub mod error;
mod factors;
pub mod first_factor;
pub mod glance;
pub mod hardware_token;
pub mod hardware_token_acts;
pub mod keys;
pub mod mail_code;
pub mod material;
pub mod merge;
pub mod note;
mod open;
pub mod operator;
pub mod operator_account;
pub mod operator_acts;
pub mod operator_password;
pub mod operator_self;
pub mod operator_session;
pub mod operator_setup;
pub mod operator_setup_confirm;
pub mod operator_sign_in;
pub mod outbox;
pub mod overview;
pub mod own;
pub mod own_act;
mod own_deeds;
pub mod own_setup;
pub mod paper;
pub mod passkey;
pub mod passkey_ceremony;
pub mod people;
pub mod person;
pub mod person_new;
mod pools;
pub mod recovery;
pub mod reference;
pub mod release;
pub mod report;
pub mod reseal;
pub mod room;
mod row;
mod seal;
pub mod sealed_code;
pub mod session;
mod session_end;
pub mod session_record;
pub mod spoken;
pub mod subscriber;
pub mod sweep;
pub mod taint;
pub mod temporary_code;
pub mod told;
pub mod unlock;
pub mod withhold;

#[cfg(test)]
mod tests;

pub use address::{AddressAdded, AddressView, NewAddress};
pub use api_token::{TokenIssue, TokenView};
pub use approval::{ApprovalAct, ApprovalView, Decision};
pub use attempt::{Attempt, AttemptState};
pub use audit::{AuditHead, AuditRow};
pub use audit_prune::Pruned;
pub use audit_search::AuditQuery;
pub use audit_verify::{AuditProblem, AuditReport};
pub use challenge::{CLOCK_OFF, ChallengeFailure, FailureTold};
pub use channel::{Channel, ChannelState};
pub use claim::{Claim, ClaimContext, Claimed};
pub use counter::ThrottleVersion;
pub use device::{DeviceFound, DevicePassage, DevicePassed, DeviceView, NewDevice};
pub use emergency::{EmergencyOpened, EmergencyView};
pub use enrolment::{EnrolContext, EnrolOutcome};
pub use enrolment_code::{CodeTry, EnrolmentCodeIssue};
pub use error::{FileProblem, KeyProblem, StoreError};
pub use first_factor::FirstFactor;
pub use glance::Glance;
pub use hardware_token::{
    HardwareToken, HardwareTokenState, ImportReport, TokenHolder, TokenQuery,
};
pub use hardware_token_acts::{TokenAssigned, TokenRevoked};
pub use keys::Keys;
pub use mail_code::{MailCodeSend, MailCodeSent, MailStanding};
pub use material::{Material, OathMaterial};
pub use merge::{Alias, Merge};
pub use open::{Entropy, Store, StoreOptions};
pub use operator::ResetWithCode;
pub use operator_account::{OperatorCreation, OperatorView};
pub use operator_acts::OperatorAct;
pub use operator_password::{PasswordTry, PasswordTyped};
pub use operator_session::{OperatorSession, OperatorStage};
pub use operator_setup::{SettingUp, SetupLink, SetupOpening, SetupStanding};
pub use operator_setup_confirm::SetupConfirmation;
pub use operator_sign_in::{OperatorClaim, OperatorPass};
pub use outbox::{CodeText, Delivery, Leased, Message, Reader};
pub use overview::{Day, Happening, Overview, Today};
pub use own::OwnFactors;
pub use own_act::{OwnActContext, OwnActOutcome, OwnActRefusal};
pub use own_deeds::MOST_AUTHENTICATORS;
pub use paper::Paper;
pub use passkey::{PasskeyMaterial, PasskeysHeld};
pub use passkey_ceremony::{Ceremony, CeremonyPurpose, NewCeremony};
pub use people::{PeoplePage, PeopleQuery, PersonState, Throttles};
pub use person::{
    AuthenticatorHistory, MergedName, Note, OpenCode, Person, RecoveryState, SpellingOf,
};
pub use person_new::NewPerson;
pub use recovery::RecoveryLookup;
pub use release::{Passage, Release, ReleaseContext, SingleFactor};
pub use report::{FactorRow, PersonFactors, ResetRow};
pub use reseal::Resealed;
pub use room::LoginRefused;
pub use sealed_code::{SealedBatch, SealedUse};
pub use session::{Revocation, SessionSummary};
pub use session_record::{SessionRecord, StoredState};
pub use subscriber::{NameKey, SubscriberListing, SubscriberStatus, SubscriberView};
pub use sweep::{SweepLimits, Swept};
pub use taint::{Taint, TypedIdentity};
pub use temporary_code::{TemporaryCodeIssue, TemporaryCodeView, TemporaryIssued};
pub use told::Told;
pub use unlock::{Unlock, UnlockContext, Unlocked};
pub use withhold::{NewAttempt, Withheld};
