//! What is known about a login beside the app's answer: whose it is, how she stands, which
//! exception is open.
//!
//! Gathers only; `anteroom_core::login::judge_login` decides, `verdict` carries out.

use anteroom_core::ids::SessionRow;
use anteroom_core::login::OnFile;
use anteroom_core::outcome::Outcome;
use anteroom_core::time::Timestamp;
use anteroom_store::{EmergencyView, SubscriberView};

use super::hold::Name;
use super::read_answer::Judged;
use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::pages::Notice;
use crate::upstream::exchange;

/// Whose login it is: by the app's word where it can be asked, else by what was typed.
pub(super) async fn whose(
    gateway: &Gateway,
    arrival: &Arrival,
    judged: &Judged,
    tenant: &str,
    typed: Option<&Name>,
) -> Result<(Option<Name>, Option<SubscriberView>), Failure> {
    let named = match &judged.name {
        Some(probed) => Name::of(arrival, tenant, probed),
        None => typed.cloned(),
    };
    let view = match &named {
        Some(named) => gateway.store.subscriber_find(&named.key(arrival)).await?,
        None => None,
    };
    Ok((named, view))
}

/// After two names, cookies that may still be the first one's are of no use to the second, nor to
/// anybody.
pub(super) async fn must_tell_whose(
    gateway: &Gateway,
    row: SessionRow,
    judged: &Judged,
    now: Timestamp,
) -> Result<(), Failure> {
    if judged.tells_whose() {
        return Ok(());
    }
    gateway.store.session_end(row, "another_name", now).await?;
    Err(Failure::refused(Notice::TryLoginAgain))
}

/// The exception that is open for this app. Read anew for each login that the app did not refuse,
/// and never remembered.
pub(super) async fn exception(
    gateway: &Gateway,
    arrival: &Arrival,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Option<EmergencyView>, Failure> {
    if matches!(outcome, Outcome::Failure | Outcome::Retry) {
        return Ok(None);
    }
    Ok(gateway.store.emergency_of(arrival.app.name(), now).await?)
}

/// An operator who wrote a rule that never matches finds out here. Path and text stay out of the
/// log: either may name a patient.
pub(super) fn tell_of_unknown(arrival: &Arrival, answer: &exchange::Answer, judged: &Judged) {
    if judged.outcome != Outcome::Unknown {
        return;
    }
    let redirects = answer.field(http::header::LOCATION).is_some();
    tracing::warn!(
        reference = %arrival.reference,
        app = arrival.app.name().as_str(),
        status = answer.status,
        redirects,
        probe = judged.asked.unwrap_or("none"),
        "a login's answer was not understood and is held; compare the profile's outcome and probe"
    );
}

/// How the person behind a name stands.
pub(super) fn on_file(view: Option<&SubscriberView>, now: Timestamp) -> OnFile {
    match view {
        None => OnFile::Nobody,
        Some(view) if !view.linked => OnFile::OtherSpelling,
        Some(view) => OnFile::Known {
            enrolled: view.totp_active > 0
                || view.recovery_left > 0 && view.totp_disabled == 0
                || view.enrolled_at.is_some() && view.temporary_until.is_some_and(|at| now < at),
            was_reset: view.was_reset,
            disabled: view.totp_disabled > 0 && view.totp_active == 0,
            suspended: view.suspended,
        },
    }
}
