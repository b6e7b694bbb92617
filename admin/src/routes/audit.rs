//! The audit log: searched, one event followed, the chain verified, rows taken away as files.
//!
//! Reads only; the walk over the chain runs in the background. Files are streamed page by page, and
//! every export is itself an event.

use std::collections::HashMap;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::SubscriberId;
use anteroom_store::{AuditQuery, AuditRow};
use data_encoding::HEXLOWER;

use super::audit_query::{pairs, typed, understand};
use super::people::{app_choices, form_urlencoded};
use crate::export::{self, Format};
use crate::pages::audit::{Audit, Follow, Row, Verify, VerifyState};
use crate::pages::words::{self, Fact};
use crate::say::{self, when};
use crate::verifying::Walk;
use crate::web::failure::{Failure, to};
use crate::web::proof::{Exports, Grants, Reads};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// Rows on one page.
const A_PAGE: u32 = 50;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Reads, _, _>("/audit", search)
        .get::<Reads, _, _>("/audit/{seq}", follow)
        .get::<Reads, _, _>("/audit/verify", verify)
        .post::<Reads, _, _>("/audit/verify", begin_verify)
        .get::<Exports, _, _>("/audit/export.csv", |visit| take_away(visit, Format::Csv))
        .get::<Exports, _, _>("/audit/export.jsonl", |visit| {
            take_away(visit, Format::JsonLines)
        })
}

async fn search(visit: Visit<Reads>) -> Answer {
    let query = typed(&visit);
    let mut search = form_urlencoded(&pairs(&query));
    if let Some(id) = visit.query.number::<i64>("id") {
        search = format!("id={id}&{search}");
    }
    let wanted = understand(&visit, &query).await?;
    let (rows, problem) = match wanted {
        Ok(wanted) => {
            let beyond = visit.query.number("beyond");
            let query = wanted.query(beyond, A_PAGE, false);
            (visit.admin.store.audit_search(&query).await?, None)
        }
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let full = rows.len() >= A_PAGE as usize;
    let last = rows.last().filter(|_| full).map(|row| row.seq);
    let page = Audit {
        more: last.map(|seq| format!("/audit?{search}&beyond={seq}")),
        apps: app_choices(&visit.admin),
        rows: shown(&visit, &rows).await?,
        query,
        search,
        problem,
    };
    visit.show(|chrome| page.render(chrome)).await
}

/// Rows as the page tells them.
async fn shown<P: Grants>(visit: &Visit<P>, rows: &[AuditRow]) -> Result<Vec<Row>, Failure> {
    let ids: Vec<SubscriberId> = rows.iter().filter_map(|row| row.event.subscriber).collect();
    let names = visit.admin.store.subscriber_names(&ids).await?;
    let names: HashMap<SubscriberId, String> = names.into_iter().collect();
    Ok(rows.iter().map(|row| one(visit, row, &names)).collect())
}

fn one<P: Grants>(visit: &Visit<P>, row: &AuditRow, names: &HashMap<SubscriberId, String>) -> Row {
    let (admin, event) = (&visit.admin, &row.event);
    let app = event.app.as_ref().map(|app| say::app(admin, app.as_str()));
    let place = event.client.map(|client| say::place(admin, client));
    let person = event.subscriber.map(|id| {
        let name = names
            .get(&id)
            .cloned()
            .unwrap_or_else(|| format!("person {id}"));
        (name, format!("/people/{id}"))
    });
    let fact = Fact {
        seq: row.seq,
        at: row.at,
        kind: event.kind,
        person: None,
        app: None,
        place: None,
        operator: None,
        reason: event.reason.as_deref(),
    };
    Row {
        seq: row.seq,
        at: when(row.at, visit.now),
        sentence: words::sentence(&fact, 1),
        kind: event.kind.name().to_owned(),
        person,
        operator: event.operator.clone().unwrap_or_default(),
        app: app.unwrap_or_default(),
        from: place.unwrap_or_default(),
        reference: event
            .reference
            .map(|one| one.to_string())
            .unwrap_or_default(),
    }
}

async fn follow(visit: Visit<Reads>) -> Answer {
    let seq = visit.id("seq")?;
    let store = &visit.admin.store;
    let row = store.audit_row(seq).await?.ok_or(Failure::NotFound)?;
    let before = store.audit_row(seq - 1).await?;
    let around = store.audit_around(&row).await?;
    let session = around
        .iter()
        .filter(|one| row.event.session.is_some() && one.event.session == row.event.session);
    let session: Vec<AuditRow> = session.cloned().collect();
    let from = seq.saturating_sub(6);
    let neighbours = store.audit_after(from, 11).await?;
    let (mut row_shown, reason) = (
        shown(&visit, std::slice::from_ref(&row)).await?,
        &row.event.reason,
    );
    let Some(row_shown) = row_shown.pop() else {
        return Err(Failure::NotFound);
    };
    let short = |hash: &[u8; 32]| HEXLOWER.encode(&hash[..8]);
    let page = Follow {
        row: row_shown,
        reason: reason.clone().unwrap_or_default(),
        hash: short(&row.hash),
        hash_before: before.map(|one| short(&one.hash)).unwrap_or_default(),
        session: shown(&visit, &session).await?,
        neighbours: shown(&visit, &neighbours).await?,
    };
    visit.show(|chrome| page.render(chrome)).await
}

async fn verify(visit: Visit<Reads>) -> Answer {
    let (walk, rows) = visit.admin.verifying.standing();
    let last = visit.admin.store.audit_tail(1).await?;
    let of = last.first().map_or(0, |row| row.seq.unsigned_abs());
    let last_whole = last_verified(&visit).await?;
    let state = match walk {
        Walk::Never => VerifyState::Idle,
        Walk::Running => VerifyState::Running { rows, of },
        Walk::Done { at, report: None } => VerifyState::Broken {
            rows,
            at: when(at, visit.now),
            faults: vec!["The store could not be read to the end.".to_owned()],
        },
        Walk::Done {
            at,
            report: Some(report),
        } => match report.first_problem {
            None => VerifyState::Whole {
                rows: report.rows,
                at: when(at, visit.now),
            },
            Some(problem) => VerifyState::Broken {
                rows: report.rows,
                at: when(at, visit.now),
                faults: vec![words::capital(&problem.to_string())],
            },
        },
    };
    let page = Verify {
        state,
        last: last_whole,
    };
    visit.show(|chrome| page.render(chrome)).await
}

/// When the log was last found whole, and by whom.
async fn last_verified<P: Grants>(visit: &Visit<P>) -> Result<String, Failure> {
    let kinds = [AuditKind::AuditVerified];
    let query = AuditQuery {
        kinds: &kinds,
        limit: 1,
        ..AuditQuery::default()
    };
    let found = visit.admin.store.audit_search(&query).await?;
    Ok(found.first().map_or_else(String::new, |row| {
        let by = row.event.operator.as_deref().unwrap_or("the system");
        format!("{}, by {by}", when(row.at, visit.now).text)
    }))
}

async fn begin_verify(visit: Visit<Reads>) -> Answer {
    let admin = visit.admin.clone();
    let name = visit.who.name().to_owned();
    if admin.verifying.begin() {
        let client = visit.client;
        tokio::spawn(async move {
            let verifying = admin.verifying.clone();
            let walked = admin
                .store
                .audit_verify_telling(None, |rows| verifying.at(rows));
            let report = walked.await;
            if let Err(problem) = &report {
                tracing::error!(%problem, "the audit log could not be verified to its end");
            }
            let (report, now) = (report.ok(), admin.clock.now());
            if report
                .as_ref()
                .is_some_and(|report| report.first_problem.is_none())
            {
                let event = AuditEvent::new(AuditKind::AuditVerified)
                    .operator(&name)
                    .client(client);
                let _ = admin.store.audit_append(&[event], now).await;
            } else {
                tracing::error!("the audit log is not whole: see the admin app");
            }
            admin.verifying.end(report, now);
        });
    }
    Ok(to("/audit/verify", None))
}

async fn take_away(visit: Visit<Exports>, format: Format) -> Answer {
    let query = typed(&visit);
    let wanted = match understand(&visit, &query).await? {
        Ok(wanted) => wanted,
        Err(_) => return Err(Failure::NotFound),
    };
    let about = form_urlencoded(&pairs(&query));
    let about = if about.is_empty() {
        "all rows".to_owned()
    } else {
        about
    };
    let event = visit.paper("", "").audit(AuditKind::AuditExported, &about);
    visit.admin.store.audit_append(&[event], visit.now).await?;
    Ok(export::audit(visit.admin.clone(), wanted, format))
}
