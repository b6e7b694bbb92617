//! The audit log: searched, one event followed, the chain verified, rows taken away as files.
//!
//! Reads only; the walk over the chain runs in the background. Files are streamed page by page, and
//! every export is itself an event.

use std::collections::HashMap;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AppName, SubscriberId};
use anteroom_core::moment::parse_day;
use anteroom_core::operator::operator_name;
use anteroom_core::time::Timestamp;
use anteroom_store::{AuditQuery, AuditRow, PeopleQuery, Throttles};
use data_encoding::HEXLOWER;

use super::people::{app_choices, form_urlencoded, policies};
use crate::export::{self, Format};
use crate::pages::Problem;
use crate::pages::audit::{Audit, Follow, Query, Row, Verify, VerifyState};
use crate::pages::words::{self, Fact};
use crate::say::{self, when};
use crate::verifying::Walk;
use crate::web::failure::{Failure, to};
use crate::web::proof::{Exports, Grants, Reads};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// Rows on one page.
const A_PAGE: u32 = 50;
const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

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

/// A search as it was understood.
pub(crate) struct Wanted {
    subscriber: Option<SubscriberId>,
    operator: Option<String>,
    app: Option<AppName>,
    kinds: Vec<AuditKind>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wanted {
    /// The search as the store takes it.
    pub(crate) fn query(
        &self,
        beyond: Option<i64>,
        limit: u32,
        oldest_first: bool,
    ) -> AuditQuery<'_> {
        AuditQuery {
            subscriber: self.subscriber,
            operator: self.operator.as_deref(),
            app: self.app.as_ref(),
            kinds: &self.kinds,
            session: None,
            from: self.from,
            until: self.until,
            beyond,
            oldest_first,
            limit,
        }
    }
}

fn typed<P: Grants>(visit: &Visit<P>) -> Query {
    let text = |name: &str| visit.query.text(name).chars().take(100).collect::<String>();
    Query {
        person: text("person"),
        operator: text("operator"),
        app: text("app"),
        kind: text("kind"),
        from: text("from"),
        until: text("until"),
    }
}

/// Understands a search, or says what was wrong with it.
async fn understand<P: Grants>(
    visit: &Visit<P>,
    query: &Query,
) -> Result<Result<Wanted, Problem>, Failure> {
    let mut wanted = Wanted {
        subscriber: visit.query.number("id").map(SubscriberId),
        operator: None,
        app: None,
        kinds: Vec::new(),
        from: None,
        until: None,
    };
    if !query.person.is_empty() {
        match person_named(visit, &query.person).await? {
            Ok(id) => wanted.subscriber = Some(id),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    if !query.operator.is_empty() {
        // Also names that act at the command line, which have a shape of their own.
        wanted.operator =
            Some(operator_name(&query.operator).unwrap_or_else(|| query.operator.clone()));
    }
    if !query.app.is_empty() {
        let app = visit
            .admin
            .settings
            .apps
            .iter()
            .find(|app| app.name.as_str() == query.app);
        // An app that is gone from the configuration is still in the log.
        wanted.app = Some(app.map_or_else(|| AppName::new(&query.app), |app| app.name.clone()));
    }
    if !query.kind.is_empty() {
        let Some(kind) = AuditKind::from_name(&query.kind) else {
            return Ok(Err(Problem::new(
                "kind",
                "There is no such kind of event.",
                "",
            )));
        };
        wanted.kinds.push(kind);
    }
    for (text, field, into, later) in [
        (&query.from, "from", &mut wanted.from, false),
        (&query.until, "until", &mut wanted.until, true),
    ] {
        if text.is_empty() {
            continue;
        }
        let Some(day) = parse_day(text) else {
            let then = "Write it as 2031-03-01.";
            return Ok(Err(Problem::new(field, "That is not a day.", then)));
        };
        // The last day is meant with all its hours.
        *into = Some(if later { day.plus(DAY) } else { day });
    }
    Ok(Ok(wanted))
}

/// The one person whose name holds this.
async fn person_named<P: Grants>(
    visit: &Visit<P>,
    text: &str,
) -> Result<Result<SubscriberId, Problem>, Failure> {
    let by_realm = policies(&visit.admin);
    let throttles = Throttles {
        by_realm: &by_realm,
    };
    let query = PeopleQuery {
        text,
        limit: 20,
        ..PeopleQuery::default()
    };
    let found = visit
        .admin
        .store
        .people_search(&query, &throttles, visit.now)
        .await?;
    let exact = found
        .people
        .iter()
        .find(|one| one.display_name.eq_ignore_ascii_case(text));
    Ok(match (exact, found.people.as_slice()) {
        (Some(one), _) => Ok(one.id),
        (None, [one]) if !found.more => Ok(one.id),
        (None, []) => Err(Problem::new("person", "Nobody's name contains this.", "")),
        (None, [first, ..]) => {
            let then = format!("Write more of the name, such as {}.", first.display_name);
            Err(Problem::new(
                "person",
                "Several people's names contain this.",
                then,
            ))
        }
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

fn pairs(query: &Query) -> Vec<(&str, &str)> {
    let all = [
        ("person", query.person.as_str()),
        ("operator", &query.operator),
        ("app", &query.app),
        ("kind", &query.kind),
        ("from", &query.from),
        ("until", &query.until),
    ];
    all.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
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
