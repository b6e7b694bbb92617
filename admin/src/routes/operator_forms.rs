//! The forms that take an operator's access away or give it back: reset, disable, enable.
//!
//! Each wants a reason and a fresh factor of the owner's own; a reset also how the caller was known
//! and, where the configuration says so, a second operator. The rest stands in
//! [`operators`](super::operators).

use anteroom_core::ids::OperatorId;
use anteroom_core::time::Timestamp;
use anteroom_store::{ApprovalAct, OperatorAct, OperatorView, Paper};
use axum::response::Response;

use super::operators::{about_herself, named, new_link, not_done, show_link};
use super::show::{done, not_fresh};
use crate::acts::APPROVAL_FOR;
use crate::pages::acts::{Act, ActForm, Typed};
use crate::pages::results::Waiting;
use crate::pages::{Done, Problem};
use crate::say::when;
use crate::web::failure::Failure;
use crate::web::fresh::Fresh;
use crate::web::proof::{Grants, Rules};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Rules, _, _>("/operators/{name}/reset", |v| ask(v, Act::ResetOperator))
        .post::<Rules, _, _>("/operators/{name}/reset", reset)
        .get::<Rules, _, _>("/operators/{name}/disable", |v| {
            ask(v, Act::DisableOperator)
        })
        .post::<Rules, _, _>("/operators/{name}/disable", disable)
        .get::<Rules, _, _>("/operators/{name}/enable", |v| ask(v, Act::EnableOperator))
        .post::<Rules, _, _>("/operators/{name}/enable", enable)
}

async fn ask(visit: Visit<Rules>, act: Act) -> Answer {
    let one = named(&visit).await?;
    let page = form(&visit, act, &one, Typed::default(), None);
    visit.show(|chrome| page.render(chrome)).await
}

fn form(
    visit: &Visit<Rules>,
    act: Act,
    one: &OperatorView,
    typed: Typed,
    problem: Option<Problem>,
) -> ActForm {
    let mine = &visit.admin.mine;
    let resets = act == Act::ResetOperator;
    ActForm {
        act,
        whom: one.name.clone(),
        action: format!("/operators/{}/{}", one.name, act.segment()),
        back: format!("/operators/{}", one.name),
        checks: if resets {
            mine.identity_checks.clone()
        } else {
            Vec::new()
        },
        hours: Vec::new(),
        uses: Vec::new(),
        facts: Vec::new(),
        four_eyes: resets && mine.four_eyes_operators,
        fresh_needed: visit.needs_code(),
        typed,
        problem,
    }
}

/// What an act on an operator needs before it may happen: a reason, a fresh factor, not herself.
async fn granted(
    visit: &Visit<Rules>,
    act: Act,
    one: &OperatorView,
) -> Result<Result<(Typed, Fresh), Response>, Failure> {
    let cut = |text: &str| text.chars().take(400).collect::<String>();
    let typed = Typed {
        reason: cut(visit.form.text("reason")),
        check: cut(visit.form.text("check")),
        ..Typed::default()
    };
    let checks = &visit.admin.mine.identity_checks;
    let problem = if let Some(problem) = about_herself(visit, one) {
        Some(problem)
    } else if typed.reason.is_empty() || typed.reason.chars().count() > 150 {
        Some(Problem::new(
            "reason",
            "Say why, in 1 to 150 characters.",
            "An auditor will read it.",
        ))
    } else if act == Act::ResetOperator && !checks.contains(&typed.check) {
        Some(Problem::new(
            "check",
            "Say how you made sure who is asking.",
            "",
        ))
    } else {
        None
    };
    let problem = match problem {
        Some(problem) => problem,
        None => match visit.fresh().await? {
            Ok(fresh) => return Ok(Ok((typed, fresh))),
            Err(why) => not_fresh(why),
        },
    };
    let page = form(visit, act, one, typed, Some(problem));
    Ok(Err(visit.show_again(|chrome| page.render(chrome)).await?))
}

async fn reset(visit: Visit<Rules>) -> Answer {
    let one = named(&visit).await?;
    let (typed, _fresh) = match granted(&visit, Act::ResetOperator, &one).await? {
        Ok(granted) => granted,
        Err(page) => return Ok(page),
    };
    let paper = visit.paper(&typed.reason, &typed.check);
    if visit.admin.mine.four_eyes_operators {
        let until = visit.now.plus(APPROVAL_FOR);
        let act = ApprovalAct::ResetOperator(one.id);
        visit
            .admin
            .store
            .approval_ask(&act, visit.who.id(), until, &paper)
            .await?;
        let page = Waiting {
            what: format!("Reset the operator {}", one.name),
            expires: when(until, visit.now),
            back: format!("/operators/{}", one.name),
        };
        return visit.show(|chrome| page.render(chrome)).await;
    }
    let (token, link) = new_link(&visit)?;
    let done = visit
        .admin
        .store
        .operator_reset(one.id, &link, false, &paper)
        .await?;
    match not_done(done) {
        Some(problem) => {
            let page = form(
                &visit,
                Act::ResetOperator,
                &one,
                typed.clone(),
                Some(problem),
            );
            visit.show_again(|chrome| page.render(chrome)).await
        }
        None => show_link(&visit, &one.name, &token, link.expires_at).await,
    }
}

/// Carries a granted reset of an operator out. Used by [`approvals`](super::approvals).
pub(super) async fn reset_granted<P: Grants>(
    visit: &Visit<P>,
    id: OperatorId,
    paper: &Paper<'_>,
) -> Result<Option<(OperatorView, String, Timestamp)>, Failure> {
    let (token, link) = new_link(visit)?;
    let done = visit
        .admin
        .store
        .operator_reset(id, &link, false, paper)
        .await?;
    if done != OperatorAct::Done {
        return Ok(None);
    }
    let found = visit.admin.store.operator_find(id, visit.now).await?;
    Ok(found.map(|one| (one, token, link.expires_at)))
}

async fn disable(visit: Visit<Rules>) -> Answer {
    let one = named(&visit).await?;
    let (typed, _fresh) = match granted(&visit, Act::DisableOperator, &one).await? {
        Ok(granted) => granted,
        Err(page) => return Ok(page),
    };
    let paper = visit.paper(&typed.reason, "");
    match not_done(visit.admin.store.operator_disable(one.id, &paper).await?) {
        Some(problem) => {
            let page = form(
                &visit,
                Act::DisableOperator,
                &one,
                typed.clone(),
                Some(problem),
            );
            visit.show_again(|chrome| page.render(chrome)).await
        }
        None => Ok(done(
            &format!("/operators/{}", one.name),
            Done::OperatorDisabled,
        )),
    }
}

async fn enable(visit: Visit<Rules>) -> Answer {
    let one = named(&visit).await?;
    let (typed, _fresh) = match granted(&visit, Act::EnableOperator, &one).await? {
        Ok(granted) => granted,
        Err(page) => return Ok(page),
    };
    let paper = visit.paper(&typed.reason, "");
    match not_done(visit.admin.store.operator_enable(one.id, &paper).await?) {
        Some(problem) => {
            let page = form(
                &visit,
                Act::EnableOperator,
                &one,
                typed.clone(),
                Some(problem),
            );
            visit.show_again(|chrome| page.render(chrome)).await
        }
        None => Ok(done(
            &format!("/operators/{}", one.name),
            Done::OperatorEnabled,
        )),
    }
}
