//! What waits for a second operator: granted by another, refused by anybody who could ask, taken
//! back by its asker.
//!
//! The grant is kept first and once; then the act is carried out with both names on its paper.

use anteroom_core::ids::{ApprovalId, SubscriberId};
use anteroom_core::operator::Permission;
use anteroom_store::{ApprovalAct, ApprovalView, Decision, EmergencyOpened, Paper};
use std::time::Duration;

use super::operator_forms::reset_granted;
use super::show::{done, not_fresh};
use crate::acts::{self, Reset};
use crate::pages::approvals::{Approvals, Waits};
use crate::pages::results::{CodeKind, CodeShown, LinkShown};
use crate::pages::{Done, Problem};
use crate::say::{self, when};
use crate::web::failure::Failure;
use crate::web::fresh::Fresh;
use crate::web::proof::{Grants, Helps, Reads};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Reads, _, _>("/approvals", list)
        .post::<Helps, _, _>("/approvals/{id}/grant", grant)
        .post::<Helps, _, _>("/approvals/{id}/refuse", refuse)
}

/// What a role must hold to grant this.
const fn needs(act: &ApprovalAct) -> Permission {
    match act {
        ApprovalAct::ResetSubscriber(_) => Permission::Help,
        ApprovalAct::ResetOperator(_) => Permission::Operators,
        // The second person of an exception need not be an owner: at night there may be only one.
        ApprovalAct::Emergency { .. } => Permission::Help,
    }
}

async fn list(visit: Visit<Reads>) -> Answer {
    let page = sheet(&visit, None).await?;
    visit.show(|chrome| page.render(chrome)).await
}

async fn sheet<P: Grants>(
    visit: &Visit<P>,
    problem: Option<(i64, Problem)>,
) -> Result<Approvals, Failure> {
    let mut rows = Vec::new();
    for one in visit.admin.store.approvals_open(visit.now).await? {
        rows.push(row(visit, one).await?);
    }
    Ok(Approvals {
        rows,
        fresh_needed: visit.needs_code(),
        problem,
    })
}

async fn row<P: Grants>(visit: &Visit<P>, one: ApprovalView) -> Result<Waits, Failure> {
    let (what, href) = in_words(visit, &one.act).await?;
    Ok(Waits {
        id: one.id.0,
        what,
        href,
        asked_by: one.asked_by_name,
        asked: when(one.asked_at, visit.now),
        expires: when(one.expires_at, visit.now),
        reason: one.reason,
        check: one.identity_check,
        own: one.asked_by == visit.who.id(),
        may_grant: visit.who.role().may(needs(&one.act)),
    })
}

async fn in_words<P: Grants>(
    visit: &Visit<P>,
    act: &ApprovalAct,
) -> Result<(String, String), Failure> {
    let (store, now) = (&visit.admin.store, visit.now);
    Ok(match act {
        ApprovalAct::ResetSubscriber(id) => {
            let name = store
                .person(*id)
                .await?
                .map(|found| found.listing.display_name);
            let name = name.unwrap_or_else(|| "somebody who is gone".to_owned());
            (
                format!("Reset the second factor of {name}"),
                format!("/people/{id}"),
            )
        }
        ApprovalAct::ResetOperator(id) => {
            let name = store.operator_find(*id, now).await?.map(|found| found.name);
            let name = name.unwrap_or_default();
            (
                format!("Reset the operator {name}"),
                format!("/operators/{name}"),
            )
        }
        ApprovalAct::Emergency { app, minutes } => {
            let app = say::app(&visit.admin, app.as_str());
            let what = format!("Open emergency access to {app} for {minutes} minutes");
            (what, "/emergency".to_owned())
        }
    })
}

async fn again(visit: &Visit<Helps>, id: i64, problem: Problem) -> Answer {
    let page = sheet(visit, Some((id, problem))).await?;
    visit.show_again(|chrome| page.render(chrome)).await
}

/// The request that the path names, while it waits.
async fn open(visit: &Visit<Helps>) -> Result<ApprovalView, Failure> {
    let id = ApprovalId(visit.id("id")?);
    let open = visit.admin.store.approvals_open(visit.now).await?;
    open.into_iter()
        .find(|one| one.id == id)
        .ok_or(Failure::NotFound)
}

async fn refuse(visit: Visit<Helps>) -> Answer {
    let one = open(&visit).await?;
    let wanted = needs(&one.act);
    if !visit.who.role().may(wanted) {
        return Err(visit.forbidden(wanted).await?);
    }
    let paper = visit.paper("", "");
    let decided = visit
        .admin
        .store
        .approval_decide(one.id, visit.who.id(), false, &paper);
    match decided.await? {
        Decision::Decided(_) => Ok(done("/approvals", Done::Refused)),
        Decision::OwnRequest | Decision::Gone => Err(Failure::NotFound),
    }
}

async fn grant(visit: Visit<Helps>) -> Answer {
    let one = open(&visit).await?;
    let id = one.id.0;
    let wanted = needs(&one.act);
    if !visit.who.role().may(wanted) {
        return Err(visit.forbidden(wanted).await?);
    }
    if one.asked_by == visit.who.id() {
        let what = "You asked for this yourself: another operator has to grant it.";
        return again(&visit, id, Problem::new("", what, "")).await;
    }
    let fresh = match visit.fresh().await? {
        Ok(fresh) => fresh,
        Err(why) => return again(&visit, id, not_fresh(why)).await,
    };
    let mine = visit.paper("", "");
    let decided = visit
        .admin
        .store
        .approval_decide(one.id, visit.who.id(), true, &mine);
    let one = match decided.await? {
        Decision::Decided(one) => one,
        Decision::OwnRequest | Decision::Gone => return Err(Failure::NotFound),
    };
    carry_out(&visit, one, fresh).await
}

/// Does what was granted, in the asker's name with the second one beside it.
async fn carry_out(visit: &Visit<Helps>, one: ApprovalView, fresh: Fresh) -> Answer {
    let paper = Paper {
        operator: &one.asked_by_name,
        reason: &one.reason,
        identity_check: &one.identity_check,
        approved_by: Some(visit.who.name()),
        client: Some(visit.client),
        now: visit.now,
    };
    match &one.act {
        ApprovalAct::ResetSubscriber(id) => reset_person(visit, *id, &one, &paper, fresh).await,
        ApprovalAct::ResetOperator(id) => match reset_granted(visit, *id, &paper).await? {
            Some((operator, token, until)) => {
                let page = LinkShown {
                    back: format!("/operators/{}", operator.name),
                    whom: operator.name,
                    link: visit.address(&format!("/set-up/{token}")),
                    expires: when(until, visit.now),
                };
                visit.show(|chrome| page.render(chrome)).await
            }
            None => not_possible(visit, one.id.0).await,
        },
        ApprovalAct::Emergency { app, minutes } => {
            let life = Duration::from_secs(u64::from(*minutes) * 60);
            let until = visit.now.plus(life.min(visit.admin.mine.emergency_longest));
            match visit.admin.store.emergency_open(app, until, paper).await? {
                EmergencyOpened::Opened(_) => {
                    tracing::warn!(app = app.as_str(), minutes, "emergency access was opened");
                    Ok(done("/emergency", Done::EmergencyOpened))
                }
                EmergencyOpened::Already(_) | EmergencyOpened::NoSecond => {
                    not_possible(visit, one.id.0).await
                }
            }
        }
    }
}

async fn not_possible(visit: &Visit<Helps>, id: i64) -> Answer {
    let what = "This could not be carried out: things have changed since it was asked for.";
    again(
        visit,
        id,
        Problem::new("", what, "It has to be asked for again."),
    )
    .await
}

async fn reset_person(
    visit: &Visit<Helps>,
    id: SubscriberId,
    asked: &ApprovalView,
    paper: &Paper<'_>,
    fresh: Fresh,
) -> Answer {
    let Some(found) = visit.admin.store.person(id).await? else {
        return not_possible(visit, asked.id.0).await;
    };
    let one = &found.listing;
    match acts::reset(&visit.admin, &found, asked.asked_by, paper, fresh).await? {
        Reset::Done { code, expires_at } => {
            let page = CodeShown {
                kind: CodeKind::Enrolment,
                whom: one.display_name.clone(),
                back: format!("/people/{id}"),
                code: code.shown(),
                expires: when(expires_at, visit.now),
                uses: 1,
                after_reset: true,
            };
            visit.show(|chrome| page.render(chrome)).await
        }
        Reset::Waits { .. } | Reset::TooMany | Reset::NoSuch => {
            not_possible(visit, asked.id.0).await
        }
    }
}
