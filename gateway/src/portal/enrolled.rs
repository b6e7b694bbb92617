//! Enrolling with whatever was proved: a first code or a passkey, then the recovery codes.
//!
//! One transaction of the store makes somebody enrolled; the codes wait, sealed for her browser,
//! until she has seen them ([`enrol`](super::enrol)). Judges nothing.

use anteroom_core::recovery_code::RecoveryCode;
use anteroom_store::{Attempt, EnrolContext, EnrolOutcome, FirstFactor};

use super::enrol::{CODES, SEALED_CODES, ended_elsewhere, needs_code};
use super::visit::Visit;
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::reply::Reply;
use crate::sign_in::{jars, release, target};

/// Enrols with what was proved, and goes on to the recovery codes. `None` for a passkey that
/// somebody has already.
pub(super) async fn confirm_with(
    visit: &Visit,
    signed: &Signed<'_>,
    attempt: &Attempt,
    first: FirstFactor<'_>,
    label: &str,
) -> Result<Option<Reply>, Failure> {
    let codes = mint_codes(visit);
    let sealed = seal_codes(visit, signed, &codes)?;
    let context = EnrolContext {
        attempt: attempt.id,
        label,
        codes,
        codes_sealed: &sealed,
        verified: release::verified_hash(&visit.arrival, signed, attempt),
        needs_code: needs_code(attempt),
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

fn mint_codes(visit: &Visit) -> Vec<RecoveryCode> {
    let count = usize::from(visit.arrival.app.settings.policy.recovery_codes);
    (0..count)
        .map(|_| RecoveryCode::mint(&visit.gateway.random()))
        .collect()
}

fn seal_codes(
    visit: &Visit,
    signed: &Signed<'_>,
    codes: &[RecoveryCode],
) -> Result<Vec<u8>, Failure> {
    let shown: Vec<String> = codes.iter().map(RecoveryCode::shown).collect();
    let plain = zeroize::Zeroizing::new(shown.join("\n"));
    jars::seal_for(
        &visit.gateway,
        signed.keys,
        SEALED_CODES,
        &visit.arrival,
        &signed.id,
        plain.as_bytes(),
    )
}
