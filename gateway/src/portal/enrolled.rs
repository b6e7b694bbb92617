//! Enrolling with whatever was proved: a first code or a passkey, then the recovery codes.
//!
//! One transaction of the store makes somebody enrolled; the codes wait, sealed for her browser,
//! until she has seen them ([`saved_codes`]). Judges nothing.

use anteroom_store::{Attempt, EnrolContext, EnrolOutcome, FirstFactor};

use super::enrol::{CODES, ended_elsewhere, needs_code};
use super::visit::Visit;
use super::{own, saved_codes};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::reply::Reply;
use crate::sign_in::{release, target};

/// Enrols with what was proved, and goes on to the recovery codes. `None` for a passkey that
/// somebody has already.
pub(super) async fn confirm_with(
    visit: &Visit,
    signed: &Signed<'_>,
    attempt: &Attempt,
    first: FirstFactor<'_>,
    label: &str,
) -> Result<Option<Reply>, Failure> {
    let codes = own::mint_codes(visit);
    let sealed = saved_codes::seal(visit, signed, &codes)?;
    let context = EnrolContext {
        attempt: attempt.id,
        label,
        codes,
        codes_sealed: &sealed,
        verified: release::verified_hash(&visit.arrival, signed, attempt),
        needs_code: needs_code(attempt),
        language: visit.arrival.language(),
        client: visit.arrival.client,
        now: visit.now,
    };
    let confirmed = visit.gateway.store.enrolment_confirm(first, context);
    Ok(match confirmed.await? {
        EnrolOutcome::Claimed(_) => Some(Reply::redirect(CODES)),
        EnrolOutcome::CodeMissing => Some(Reply::redirect(target::ENROL_CODE)),
        EnrolOutcome::Gone | EnrolOutcome::AlreadyEnrolled => Some(ended_elsewhere(visit)),
        EnrolOutcome::PasskeyKnown => None,
    })
}
