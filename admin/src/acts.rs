//! What can be done for a person, the same from a page and from the API: rules first, then one call
//! of the store.
//!
//! The rules that are not the store's stand here: who needs a second operator, how many resets one
//! operator may do in an hour, for how long codes work. Dangerous acts take a [`Fresh`].

use std::time::Duration;

use anteroom_core::enrolment::EnrolmentCode;
use anteroom_core::fold::fold;
use anteroom_core::ids::{AppName, OperatorId, SubscriberId};
use anteroom_core::temporary_code::TemporaryCode;
use anteroom_core::time::Timestamp;
use anteroom_store::{
    ApprovalAct, Paper, Person, ResetWithCode, TemporaryCodeIssue, TemporaryIssued,
};

use crate::Admin;
use crate::web::failure::Failure;
use crate::web::fresh::Fresh;

/// How long an act waits for a second operator.
pub(crate) const APPROVAL_FOR: Duration = Duration::from_secs(60 * 60);

/// What became of a reset.
pub(crate) enum Reset {
    /// Done; this is the way back.
    Done {
        /// To be read out, once.
        code: EnrolmentCode,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// It waits for a second operator.
    Waits {
        /// How long.
        until: Timestamp,
    },
    /// The operator did too many within an hour.
    TooMany,
    /// There is no such person.
    NoSuch,
}

/// Whether the reset of this person needs a second operator: under whichever of her names the
/// configuration knows her, so that another spelling or a merge takes nobody out of a group.
pub(crate) fn needs_second(admin: &Admin, found: &Person) -> bool {
    let one = &found.listing;
    let spellings = found.spellings.iter().map(|one| one.display.as_str());
    let merged = found.merged.iter().map(|one| one.display_name.as_str());
    let mut names = spellings.chain(merged).chain([one.display_name.as_str()]);
    names.any(|name| {
        let Ok(folded) = fold(name) else {
            return true;
        };
        let here = admin
            .mine
            .groups
            .iter()
            .filter(|group| group.realm == one.realm);
        let mut people = here.flat_map(|group| &group.people);
        people.any(|known| *known == folded)
    })
}

/// Takes a person's factors away and gives the way back, or asks a second operator.
pub(crate) async fn reset(
    admin: &Admin,
    found: &Person,
    asked_by: OperatorId,
    paper: &Paper<'_>,
    fresh: Fresh,
) -> Result<Reset, Failure> {
    let _proof = fresh;
    let one = &found.listing;
    if paper.approved_by.is_none() && needs_second(admin, found) {
        let until = paper.now.plus(APPROVAL_FOR);
        let act = ApprovalAct::ResetSubscriber(one.id);
        admin
            .store
            .approval_ask(&act, asked_by, until, paper)
            .await?;
        return Ok(Reset::Waits { until });
    }
    let (code, expires_at) = new_enrolment_code(admin, paper.now);
    let most = admin.mine.resets_per_hour;
    let done = admin
        .store
        .subscriber_reset_with_code(one.id, &code, expires_at, most, paper);
    Ok(match done.await? {
        ResetWithCode::Done => Reset::Done { code, expires_at },
        ResetWithCode::TooMany => Reset::TooMany,
        ResetWithCode::NoSuch => Reset::NoSuch,
    })
}

/// A fresh enrolment code, and when it ends.
pub(crate) fn new_enrolment_code(admin: &Admin, now: Timestamp) -> (EnrolmentCode, Timestamp) {
    let code = EnrolmentCode::mint(&admin.random());
    let hours = u64::from(admin.mine.enrolment_code_hours);
    (code, now.plus(Duration::from_secs(hours * 3600)))
}

/// What became of a temporary code.
pub(crate) enum Temporary {
    /// To be read out, once.
    Issued {
        /// The code.
        code: TemporaryCode,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// She has no phone that it could stand in for.
    NotEnrolled,
    /// She is suspended.
    Suspended,
    /// There is no such person.
    NoSuch,
}

/// Gives a temporary code.
pub(crate) async fn temporary_code(
    admin: &Admin,
    subscriber: SubscriberId,
    (hours, uses): (u32, u32),
    paper: &Paper<'_>,
    fresh: Fresh,
) -> Result<Temporary, Failure> {
    let _proof = fresh;
    let code = TemporaryCode::mint(&admin.random());
    let expires_at = paper.now.plus(Duration::from_secs(u64::from(hours) * 3600));
    let issue = TemporaryCodeIssue {
        subscriber,
        code: &code,
        expires_at,
        uses,
        paper: *paper,
    };
    Ok(match admin.store.temporary_code_issue(issue).await? {
        TemporaryIssued::Issued(_) => Temporary::Issued { code, expires_at },
        TemporaryIssued::NotEnrolled => Temporary::NotEnrolled,
        TemporaryIssued::Suspended => Temporary::Suspended,
        TemporaryIssued::NoSuchSubscriber => Temporary::NoSuch,
    })
}

/// The app of this name.
pub(crate) fn app_named(admin: &Admin, name: &str) -> Option<AppName> {
    let found = admin
        .settings
        .apps
        .iter()
        .find(|app| app.name.as_str() == name);
    found.map(|app| app.name.clone())
}
