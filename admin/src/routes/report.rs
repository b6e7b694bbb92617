//! The report for an auditor: who has which factor since when, resets with approver and reason,
//! operators and roles over time. On a page, and as files.
//!
//! Collects nothing itself: the store's `report` does.

use std::collections::HashMap;

use anteroom_core::audit::AuditKind;
use anteroom_core::export::{FACTOR_COLUMNS, RESET_COLUMNS};
use anteroom_core::ids::SubscriberId;
use anteroom_core::moment::rfc3339;
use anteroom_core::time::Timestamp;
use anteroom_store::{AuditRow, PersonFactors, ResetRow};

use super::person_rows::{KIND, own_name};
use crate::export;
use crate::pages::report::{FactorRow, OperatorRow, Report, ResetRow as ResetShown};
use crate::pages::words::{self, Fact};
use crate::say::{when, when_maybe};
use crate::web::failure::Failure;
use crate::web::proof::{Exports, Grants, Reads};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// People on one page.
const A_PAGE: u32 = 100;
/// Rows of the other two lists on the page.
const LATEST: usize = 100;
/// Rows of a file, read at a time.
const READ: u32 = 1000;
/// How far the page looks back.
const YEAR: std::time::Duration = std::time::Duration::from_secs(365 * 24 * 60 * 60);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Reads, _, _>("/report", look)
        .get::<Exports, _, _>("/report/factors.csv", factors_file)
        .get::<Exports, _, _>("/report/resets.csv", resets_file)
        .get::<Exports, _, _>("/report/operators.csv", operators_file)
}

async fn look(visit: Visit<Reads>) -> Answer {
    let (store, now) = (&visit.admin.store, visit.now);
    let after = visit.query.number("after").map(SubscriberId);
    let people = store.report_factors(after, A_PAGE).await?;
    let full = people.len() >= A_PAGE as usize;
    let more = people.last().filter(|_| full);
    let mut resets = resets(&visit, now.minus(YEAR)).await?;
    resets.reverse();
    resets.truncate(LATEST);
    let mut operators = operators(&visit, now.minus(YEAR)).await?;
    operators.reverse();
    operators.truncate(LATEST);
    let page = Report {
        more: more.map(|last| format!("/report?after={}", last.id)),
        factors: people.iter().flat_map(|one| factors(one, now)).collect(),
        resets: shown(&visit, &resets).await?,
        operators: operators.iter().map(|row| operator(row, now)).collect(),
        made: when(now, now),
    };
    visit.show(|chrome| page.render(chrome)).await
}

fn factors(one: &PersonFactors, now: Timestamp) -> Vec<FactorRow> {
    let row = |factor: &anteroom_store::FactorRow| FactorRow {
        person: one.display_name.clone(),
        href: format!("/people/{}", one.id),
        kind: KIND.to_owned(),
        name: own_name(&factor.label),
        since: when(factor.enrolled_at, now),
        last_used: when_maybe(factor.last_used_at, now),
    };
    one.factors.iter().map(row).collect()
}

/// All resets since a moment, oldest first.
async fn resets<P: Grants>(visit: &Visit<P>, since: Timestamp) -> Result<Vec<ResetRow>, Failure> {
    let (mut all, mut beyond) = (Vec::new(), None);
    loop {
        let later = visit.now.plus(std::time::Duration::from_secs(1));
        let page = visit
            .admin
            .store
            .report_resets(since, later, beyond, READ)
            .await?;
        let over = page.len() < READ as usize;
        beyond = page.last().map(|row| row.seq);
        all.extend(page);
        if over {
            return Ok(all);
        }
    }
}

/// All that happened to operators since a moment, oldest first.
async fn operators<P: Grants>(
    visit: &Visit<P>,
    since: Timestamp,
) -> Result<Vec<AuditRow>, Failure> {
    let (mut all, mut beyond) = (Vec::new(), None);
    loop {
        let later = visit.now.plus(std::time::Duration::from_secs(1));
        let page = visit
            .admin
            .store
            .report_operators(since, later, beyond, READ)
            .await?;
        let over = page.len() < READ as usize;
        beyond = page.last().map(|row| row.seq);
        all.extend(page);
        if over {
            return Ok(all);
        }
    }
}

async fn names<P: Grants>(
    visit: &Visit<P>,
    rows: &[ResetRow],
) -> Result<HashMap<SubscriberId, String>, Failure> {
    let ids: Vec<SubscriberId> = rows.iter().filter_map(|row| row.subscriber).collect();
    let names = visit.admin.store.subscriber_names(&ids).await?;
    Ok(names.into_iter().collect())
}

async fn shown<P: Grants>(visit: &Visit<P>, rows: &[ResetRow]) -> Result<Vec<ResetShown>, Failure> {
    let names = names(visit, rows).await?;
    let row = |one: &ResetRow| ResetShown {
        at: when(one.at, visit.now),
        person: one
            .subscriber
            .and_then(|id| names.get(&id).cloned())
            .unwrap_or_default(),
        href: one
            .subscriber
            .map(|id| format!("/people/{id}"))
            .unwrap_or_default(),
        operator: one.operator.clone().unwrap_or_default(),
        approved_by: one.approved_by.clone().unwrap_or_default(),
        reason: with_kind(one),
        check: one.identity_check.clone().unwrap_or_default(),
    };
    Ok(rows.iter().map(row).collect())
}

/// The reason, with what it was done for where it was no reset.
fn with_kind(one: &ResetRow) -> String {
    let reason = one.reason.clone().unwrap_or_default();
    if one.kind == AuditKind::SubscriberReset {
        return reason;
    }
    format!("{}: {reason}", words::label(one.kind))
}

fn operator(row: &AuditRow, now: Timestamp) -> OperatorRow {
    let reason = row.event.reason.as_deref().unwrap_or_default();
    let about = reason.split(':').next().unwrap_or_default();
    let fact = Fact {
        seq: row.seq,
        at: row.at,
        kind: row.event.kind,
        person: None,
        app: None,
        place: None,
        operator: None,
        reason: Some(reason).filter(|reason| !reason.is_empty()),
    };
    // What says nobody else is about whoever did it.
    let about = match about {
        "" => row.event.operator.as_deref().unwrap_or_default(),
        other => other,
    };
    OperatorRow {
        at: when(row.at, now),
        operator: about.to_owned(),
        what: words::sentence(&fact, 1),
        by: row.event.operator.clone().unwrap_or_default(),
    }
}

/// That something was taken away is itself an event.
async fn taken(visit: &Visit<Exports>, what: &str) -> Result<(), Failure> {
    let event = visit.paper("", "").audit(AuditKind::AuditExported, what);
    Ok(visit.admin.store.audit_append(&[event], visit.now).await?)
}

fn text(at: Option<Timestamp>) -> String {
    at.map(rfc3339).unwrap_or_default()
}

async fn factors_file(visit: Visit<Exports>) -> Answer {
    taken(&visit, "report on factors").await?;
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let people = visit.admin.store.report_factors(after, READ).await?;
        let over = people.len() < READ as usize;
        after = people.last().map(|one| one.id);
        rows.extend(people.iter().flat_map(factor_cells));
        if over {
            break;
        }
    }
    Ok(export::csv("anteroom-factors", &FACTOR_COLUMNS, &rows))
}

fn factor_cells(one: &PersonFactors) -> Vec<Vec<String>> {
    let cells = |factor: Option<&anteroom_store::FactorRow>| {
        let of =
            |pick: fn(&anteroom_store::FactorRow) -> String| factor.map(pick).unwrap_or_default();
        vec![
            one.id.to_string(),
            one.display_name.clone(),
            one.realm.clone(),
            one.tenant.clone(),
            one.suspended.to_string(),
            of(|factor| factor.kind.clone()),
            of(|factor| factor.label.clone()),
            of(|factor| factor.proof.clone()),
            of(|factor| rfc3339(factor.enrolled_at)),
            of(|factor| text(factor.last_used_at)),
            of(|factor| factor.disabled.to_string()),
            one.recovery_left.to_string(),
        ]
    };
    if one.factors.is_empty() {
        return vec![cells(None)];
    }
    one.factors
        .iter()
        .map(|factor| cells(Some(factor)))
        .collect()
}

async fn resets_file(visit: Visit<Exports>) -> Answer {
    taken(&visit, "report on resets").await?;
    let rows = resets(&visit, Timestamp::default()).await?;
    let names = names(&visit, &rows).await?;
    let cells = |one: &ResetRow| {
        vec![
            one.seq.to_string(),
            rfc3339(one.at),
            one.kind.name().to_owned(),
            one.subscriber.map(|id| id.to_string()).unwrap_or_default(),
            one.subscriber
                .and_then(|id| names.get(&id).cloned())
                .unwrap_or_default(),
            one.operator.clone().unwrap_or_default(),
            one.reason.clone().unwrap_or_default(),
            one.identity_check.clone().unwrap_or_default(),
            one.approved_by.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    Ok(export::csv("anteroom-resets", &RESET_COLUMNS, &rows))
}

async fn operators_file(visit: Visit<Exports>) -> Answer {
    taken(&visit, "report on operators").await?;
    let rows = operators(&visit, Timestamp::default()).await?;
    let cells = |row: &AuditRow| {
        vec![
            row.seq.to_string(),
            rfc3339(row.at),
            row.event.kind.name().to_owned(),
            row.event.operator.clone().unwrap_or_default(),
            row.event.reason.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    let columns = ["seq", "at", "act", "by", "about"];
    Ok(export::csv("anteroom-operators", &columns, &rows))
}
