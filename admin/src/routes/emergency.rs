//! Emergency access: an exception that an owner asks for and a second operator grants, and sealed
//! codes on paper for the day when nobody can be asked.
//!
//! Opening is [`approvals`](super::approvals)' part; here it is asked for, shown and closed.

use anteroom_core::audit::AuditKind;
use anteroom_core::sealed_code::SealedCode;
use anteroom_store::{ApprovalAct, EmergencyView, SealedBatch};

use super::people::app_choices;
use super::show::{done, not_fresh};
use crate::Admin;
use crate::acts::{APPROVAL_FOR, app_named};
use crate::pages::emergency::{
    Batch, Emergency, OpenRow, PastRow, SealedSheet, TypedOpen, TypedSealed,
};
use crate::pages::results::Waiting;
use crate::pages::{Done, Problem, When};
use crate::say::{self, when};
use crate::web::failure::Failure;
use crate::web::proof::{Excepts, Grants, Reads};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// For how many minutes an exception may be asked for.
const MINUTES: [u32; 6] = [30, 60, 120, 240, 480, 1440];
/// How many codes a sheet may have; the first is the default.
const COUNTS: [u32; 4] = [10, 5, 20, 40];
/// Exceptions that are shown after their end.
const PAST: u32 = 10;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Reads, _, _>("/emergency", look)
        .post::<Excepts, _, _>("/emergency", open)
        .post::<Excepts, _, _>("/emergency/{id}/close", close)
        .post::<Excepts, _, _>("/emergency/sealed", print)
        .post::<Excepts, _, _>("/emergency/sealed/{batch}/revoke", revoke)
}

async fn look(visit: Visit<Reads>) -> Answer {
    let page = sheet(&visit, Typed::default(), None).await?;
    visit.show(|chrome| page.render(chrome)).await
}

/// What was typed into either form.
#[derive(Default)]
struct Typed {
    open: TypedOpen,
    sealed: TypedSealed,
    about_sealed: bool,
}

/// The lengths that the configuration allows.
fn minutes(admin: &Admin) -> Vec<u32> {
    let most = admin.mine.emergency_longest.as_secs() / 60;
    let fits = MINUTES
        .into_iter()
        .filter(|minutes| u64::from(*minutes) <= most);
    let mut fits: Vec<u32> = fits.collect();
    if fits.is_empty() {
        fits.push(u32::try_from(most).unwrap_or(30).max(1));
    }
    fits
}

async fn passages<P: Grants>(visit: &Visit<P>, one: &EmergencyView) -> Result<u64, Failure> {
    let until = one.closed_at.unwrap_or(one.ends_at);
    let (kind, app) = (AuditKind::EmergencyPassage, &one.app);
    Ok(visit
        .admin
        .store
        .audit_count(kind, app, one.opened_at, until)
        .await?)
}

async fn sheet<P: Grants>(
    visit: &Visit<P>,
    typed: Typed,
    problem: Option<Problem>,
) -> Result<Emergency, Failure> {
    let (admin, now) = (&visit.admin, visit.now);
    let (mut open, mut past) = (Vec::new(), Vec::new());
    for one in admin.store.emergencies_latest(PAST).await? {
        let (passages, app) = (
            passages(visit, &one).await?,
            say::app(admin, one.app.as_str()),
        );
        if one.is_open(now) {
            open.push(OpenRow {
                id: one.id.0,
                app,
                opened: when(one.opened_at, now),
                until: when(one.ends_at, now),
                opened_by: one.opened_by,
                approved_by: one.approved_by,
                reason: one.reason,
                passages,
            });
        } else {
            past.push(PastRow {
                app,
                opened: when(one.opened_at, now),
                ended: ended(&one, now),
                opened_by: one.opened_by,
                approved_by: one.approved_by,
                reason: one.reason,
                passages,
            });
        }
    }
    let mut batches = Vec::new();
    for app in &admin.settings.apps {
        let of_app = admin.store.sealed_codes_of(&app.name).await?;
        batches.extend(of_app.iter().map(|one| batch(&app.display_name, one, now)));
    }
    Ok(Emergency {
        open,
        past,
        batches,
        apps: app_choices(admin),
        minutes: minutes(admin),
        counts: COUNTS.to_vec(),
        fresh_needed: visit.needs_code(),
        typed: typed.open,
        typed_sealed: typed.sealed,
        problem,
        problem_sealed: typed.about_sealed,
    })
}

fn ended(one: &EmergencyView, now: anteroom_core::time::Timestamp) -> When {
    let at = one.closed_at.unwrap_or(one.ends_at);
    let mut ended = when(at, now);
    if let Some(by) = &one.closed_by {
        ended.text = format!("{}, closed by {by}", ended.text);
    }
    ended
}

fn batch(app: &str, one: &SealedBatch, now: anteroom_core::time::Timestamp) -> Batch {
    let used = u32::try_from(one.used.len()).unwrap_or(u32::MAX);
    let uses = one.used.iter();
    Batch {
        batch: one.batch,
        app: app.to_owned(),
        issued: when(one.issued_at, now),
        operator: one.operator.clone(),
        left: one.left,
        used,
        uses: uses
            .map(|one| {
                format!(
                    "No. {}: {}, {}",
                    one.serial,
                    one.name,
                    when(one.at, now).text
                )
            })
            .collect(),
        revoked: one.left == 0 && used < one.total,
    }
}

async fn again(visit: &Visit<Excepts>, typed: Typed, problem: Problem) -> Answer {
    let page = sheet(visit, typed, Some(problem)).await?;
    visit.show_again(|chrome| page.render(chrome)).await
}

fn reason_problem(reason: &str) -> Option<Problem> {
    let long = reason.chars().count() > 150;
    (reason.is_empty() || long).then(|| {
        Problem::new(
            "reason",
            "Say why, in 1 to 150 characters.",
            "An auditor will read it.",
        )
    })
}

async fn open(visit: Visit<Excepts>) -> Answer {
    let typed = TypedOpen {
        app: visit.form.text("app").to_owned(),
        minutes: visit.form.number("minutes").unwrap_or(0),
        reason: visit.form.text("reason").chars().take(400).collect(),
    };
    let typed = Typed {
        open: typed,
        ..Typed::default()
    };
    let asked = &typed.open;
    let Some(app) = app_named(&visit.admin, &asked.app) else {
        return again(&visit, typed, Problem::new("app", "Choose an app.", "")).await;
    };
    if !minutes(&visit.admin).contains(&asked.minutes) {
        let problem = Problem::new("minutes", "Choose for how long.", "");
        return again(&visit, typed, problem).await;
    }
    if let Some(problem) = reason_problem(&asked.reason) {
        return again(&visit, typed, problem).await;
    }
    if let Err(why) = visit.fresh().await? {
        return again(&visit, typed, not_fresh(why)).await;
    }
    let until = visit.now.plus(APPROVAL_FOR);
    let paper = visit.paper(&asked.reason, "");
    let act = ApprovalAct::Emergency {
        app: app.clone(),
        minutes: asked.minutes,
    };
    visit
        .admin
        .store
        .approval_ask(&act, visit.who.id(), until, &paper)
        .await?;
    let page = Waiting {
        what: format!(
            "Emergency access to {}",
            say::app(&visit.admin, app.as_str())
        ),
        expires: when(until, visit.now),
        back: "/emergency".to_owned(),
    };
    visit.show(|chrome| page.render(chrome)).await
}

async fn close(visit: Visit<Excepts>) -> Answer {
    let id = visit.id("id")?;
    let open = visit.admin.store.emergencies_open(visit.now).await?;
    let one = open
        .into_iter()
        .find(|one| one.id.0 == id)
        .ok_or(Failure::NotFound)?;
    let paper = visit.paper("", "");
    visit.admin.store.emergency_close(&one.app, paper).await?;
    tracing::warn!(app = one.app.as_str(), "emergency access was closed");
    Ok(done("/emergency", Done::EmergencyClosed))
}

async fn print(visit: Visit<Excepts>) -> Answer {
    let typed = TypedSealed {
        app: visit.form.text("app").to_owned(),
        count: visit.form.number("count").unwrap_or(0),
        reason: visit.form.text("reason").chars().take(400).collect(),
    };
    let typed = Typed {
        sealed: typed,
        about_sealed: true,
        ..Typed::default()
    };
    let asked = &typed.sealed;
    let Some(app) = app_named(&visit.admin, &asked.app) else {
        return again(&visit, typed, Problem::new("app", "Choose an app.", "")).await;
    };
    if !COUNTS.contains(&asked.count) {
        return again(&visit, typed, Problem::new("count", "Choose how many.", "")).await;
    }
    if let Some(problem) = reason_problem(&asked.reason) {
        return again(&visit, typed, problem).await;
    }
    if let Err(why) = visit.fresh().await? {
        return again(&visit, typed, not_fresh(why)).await;
    }
    let mint = |_| SealedCode::mint(&visit.admin.random());
    let codes: Vec<SealedCode> = (0..asked.count).map(mint).collect();
    let paper = visit.paper(&asked.reason, "");
    let batch = visit
        .admin
        .store
        .sealed_codes_issue(&app, &codes, paper)
        .await?;
    let page = SealedSheet {
        app: say::app(&visit.admin, app.as_str()),
        batch,
        codes: (1..).zip(codes.iter().map(SealedCode::shown)).collect(),
        issued: when(visit.now, visit.now),
    };
    visit.show(|chrome| page.render(chrome)).await
}

async fn revoke(visit: Visit<Excepts>) -> Answer {
    let batch = visit.id("batch")?;
    let mut revoked = 0;
    for app in &visit.admin.settings.apps {
        let paper = visit.paper("", "");
        revoked += visit
            .admin
            .store
            .sealed_codes_revoke(&app.name, batch, paper)
            .await?;
    }
    if revoked == 0 {
        return Err(Failure::NotFound);
    }
    Ok(done("/emergency", Done::SealedRevoked))
}
