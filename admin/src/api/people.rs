//! The API's way to look people up and to help them. The acts are those of the pages (`crate::acts`
//! and the store), with the token's operator in the audit log.
//!
//! A token proves no second factor of the moment, so what it may is bounded by its scope, its
//! operator's role, its end and the same four eyes and rate of resets.

use anteroom_core::fold::{fold, spelling_key};
use anteroom_core::ids::{SessionRow, SubscriberId};
use anteroom_core::moment::rfc3339;
use anteroom_store::{EnrolmentCodeIssue, NameKey, PeopleQuery, Person, PersonState, Throttles};
use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;

use super::shapes::{
    Act, CodeIssued, EnrolmentWanted, NoteWanted, Outcome, PeopleFound, PersonInFull, PersonInList,
    ProblemDocument, SessionNow, TemporaryWanted,
};
use super::visit::{ApiAnswer, ApiVisit, HelpsPeople, Scoped, SeesPeople};
use crate::acts::{self, Reset, Temporary};
use crate::routes::policies;
use crate::web::failure::{Failure, problem};
use crate::web::fresh::Fresh;
use crate::web::table::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .api::<SeesPeople, _, _>("GET", "/api/v1/people", search)
        .api::<SeesPeople, _, _>("GET", "/api/v1/people/{id}", one)
        .api::<HelpsPeople, _, _>("POST", "/api/v1/people/{id}/unlock", unlock)
        .api::<HelpsPeople, _, _>("POST", "/api/v1/people/{id}/reset", reset)
        .api::<HelpsPeople, _, _>("POST", "/api/v1/people/{id}/temporary-code", temporary)
        .api::<HelpsPeople, _, _>("POST", "/api/v1/people/{id}/sign-out", sign_out)
        .api::<HelpsPeople, _, _>("POST", "/api/v1/people/{id}/suspend", suspend)
        .api::<HelpsPeople, _, _>("POST", "/api/v1/people/{id}/reinstate", reinstate)
        .api::<HelpsPeople, _, _>("POST", "/api/v1/people/{id}/notes", note)
        .api::<HelpsPeople, _, _>(
            "DELETE",
            "/api/v1/people/{id}/sessions/{session}",
            end_session,
        )
        .api::<HelpsPeople, _, _>("POST", "/api/v1/enrolment-codes", enrolment)
}

fn refused(visit_reference: String, status: StatusCode, title: &str) -> ApiAnswer {
    Ok(problem(status, title, &visit_reference))
}

impl<S: Scoped> ApiVisit<S> {
    async fn person(&self) -> Result<Person, Failure> {
        let id = SubscriberId(self.id("id")?);
        self.admin.store.person(id).await?.ok_or(Failure::NotFound)
    }

    /// Reason and identity check, as the configuration wants them.
    fn in_order(&self, reason: &str, check: &str, called: bool) -> Result<(), Failure> {
        if reason.trim().is_empty() || reason.chars().count() > 150 {
            return Err(Failure::BadForm {
                why: "reason: 1 to 150 characters are needed",
            });
        }
        let known = self
            .admin
            .mine
            .identity_checks
            .iter()
            .any(|one| one == check);
        if called && !known {
            return Err(Failure::BadForm {
                why: "identity_check: one of the configured sentences is needed",
            });
        }
        Ok(())
    }

    fn done(changed: bool) -> ApiAnswer {
        let outcome = if changed { "done" } else { "unchanged" };
        Ok(Json(Outcome {
            outcome,
            until: None,
        })
        .into_response())
    }
}

/// Search people by a part of the name, an app and a state.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(
    ("text" = Option<String>, Query, description = "A part of the name"),
    ("app" = Option<String>, Query, description = "An app's configured name"),
    ("state" = Option<String>, Query, description = "enrolled, not-enrolled, stopped, suspended"),
    ("after" = Option<i64>, Query, description = "`next` of the page before"),
    ("limit" = Option<u32>, Query, description = "At most 200")),
    responses((status = 200, body = PeopleFound), (status = 401, body = ProblemDocument)),
    security(("token" = ["people:read"])))]
pub(crate) async fn search(visit: ApiVisit<SeesPeople>) -> ApiAnswer {
    let admin = &visit.admin;
    let app = visit.query.text("app");
    let known = admin
        .settings
        .apps
        .iter()
        .find(|one| one.name.as_str() == app);
    if !app.is_empty() && known.is_none() {
        return Err(Failure::BadForm {
            why: "app: there is no app of that name",
        });
    }
    let state = visit.query.text("state");
    if !state.is_empty() && PersonState::from_name(state).is_none() {
        return Err(Failure::BadForm {
            why: "state: enrolled, not-enrolled, stopped or suspended",
        });
    }
    let by_realm = policies(admin);
    let throttles = Throttles {
        by_realm: &by_realm,
    };
    let query = PeopleQuery {
        text: visit.query.text("text"),
        realm: known.map(|app| app.realm.as_str()),
        state: PersonState::from_name(state),
        after: visit.query.number("after").map(SubscriberId),
        limit: visit.query.number("limit").unwrap_or(50),
    };
    let found = admin
        .store
        .people_search(&query, &throttles, visit.now)
        .await?;
    let next = found
        .people
        .last()
        .filter(|_| found.more)
        .map(|last| last.id.0);
    let people = found
        .people
        .iter()
        .map(|one| PersonInList::of(admin, one, visit.now));
    Ok(Json(PeopleFound {
        people: people.collect(),
        next,
    })
    .into_response())
}

/// One person in full.
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people",
    params(("id" = i64, Path, description = "Her number")),
    responses((status = 200, body = PersonInFull), (status = 404, body = ProblemDocument)),
    security(("token" = ["people:read"])))]
pub(crate) async fn one(visit: ApiVisit<SeesPeople>) -> ApiAnswer {
    let found = visit.person().await?;
    let sessions = visit.admin.store.sessions_of(found.listing.id).await?;
    let session = |one: &anteroom_store::SessionSummary| SessionNow {
        id: one.row.0,
        app: one.app.as_str().to_owned(),
        since: rfc3339(one.created_at),
        active_at: rfc3339(one.active_at),
        amr: one.amr.clone(),
        single_factor: one.single_factor,
    };
    let sessions = sessions.iter().map(session).collect();
    Ok(Json(PersonInFull::of(&visit.admin, &found, sessions, visit.now)).into_response())
}

/// Let somebody try again who typed too many wrong codes.
#[utoipa::path(post, path = "/api/v1/people/{id}/unlock", tag = "people", request_body = Act,
    params(("id" = i64, Path, description = "Her number")),
    responses((status = 200, body = Outcome), (status = 404, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn unlock(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let (id, act) = (visit.person().await?.listing.id, visit.body::<Act>()?);
    visit.in_order(&act.reason, &act.identity_check, true)?;
    let paper = visit.paper(&act.reason, &act.identity_check);
    ApiVisit::<HelpsPeople>::done(visit.admin.store.subscriber_unlock(id, &paper).await?)
}

/// Take all factors away and issue the enrolment code of the way back.
#[utoipa::path(post, path = "/api/v1/people/{id}/reset", tag = "people", request_body = Act,
    params(("id" = i64, Path, description = "Her number")),
    responses((status = 200, body = CodeIssued), (status = 202, body = Outcome),
        (status = 429, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn reset(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let (found, act) = (visit.person().await?, visit.body::<Act>()?);
    visit.in_order(&act.reason, &act.identity_check, true)?;
    let paper = visit.paper(&act.reason, &act.identity_check);
    let (one, asked_by) = (&found.listing, visit.token.operator);
    let fresh = Fresh::of_token(&visit);
    match acts::reset(&visit.admin, &found, asked_by, &paper, fresh).await? {
        Reset::Done { code, expires_at } => Ok(Json(CodeIssued {
            id: one.id.0,
            code: code.shown(),
            expires_at: rfc3339(expires_at),
        })
        .into_response()),
        Reset::Waits { until } => Ok((
            StatusCode::ACCEPTED,
            Json(Outcome {
                outcome: "waits_for_second_operator",
                until: Some(rfc3339(until)),
            }),
        )
            .into_response()),
        Reset::TooMany => {
            let title = "as many resets within an hour as this operator may do";
            refused(
                visit.admin.reference(),
                StatusCode::TOO_MANY_REQUESTS,
                title,
            )
        }
        Reset::NoSuch => Err(Failure::NotFound),
    }
}

/// Give a code that stands in for the phone for some hours.
#[utoipa::path(post, path = "/api/v1/people/{id}/temporary-code", tag = "people",
    request_body = TemporaryWanted,
    params(("id" = i64, Path, description = "Her number")),
    responses((status = 200, body = CodeIssued), (status = 409, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn temporary(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let (id, wanted) = (
        visit.person().await?.listing.id,
        visit.body::<TemporaryWanted>()?,
    );
    visit.in_order(&wanted.reason, &wanted.identity_check, true)?;
    let mine = &visit.admin.mine;
    let offered = mine.temporary_code_hours.contains(&wanted.hours)
        && mine.temporary_code_uses.contains(&wanted.uses);
    if !offered {
        return Err(Failure::BadForm {
            why: "hours and uses: only the configured numbers are allowed",
        });
    }
    let paper = visit.paper(&wanted.reason, &wanted.identity_check);
    let (size, fresh) = ((wanted.hours, wanted.uses), Fresh::of_token(&visit));
    let title = match acts::temporary_code(&visit.admin, id, size, &paper, fresh).await? {
        Temporary::Issued { code, expires_at } => {
            return Ok(Json(CodeIssued {
                id: id.0,
                code: code.shown(),
                expires_at: rfc3339(expires_at),
            })
            .into_response());
        }
        Temporary::NotEnrolled => "no phone is connected that the code could stand in for",
        Temporary::Suspended => "suspended: no code would help",
        Temporary::NoSuch => return Err(Failure::NotFound),
    };
    refused(visit.admin.reference(), StatusCode::CONFLICT, title)
}

/// End all sessions and unfinished sign-ins of a person.
#[utoipa::path(post, path = "/api/v1/people/{id}/sign-out", tag = "people", request_body = Act,
    params(("id" = i64, Path, description = "Her number")),
    responses((status = 200, body = Outcome), (status = 404, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn sign_out(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let (id, act) = (visit.person().await?.listing.id, visit.body::<Act>()?);
    visit.in_order(&act.reason, &act.identity_check, false)?;
    let paper = visit.paper(&act.reason, &act.identity_check);
    let ended = visit.admin.store.subscriber_sign_out(id, &paper).await?;
    ApiVisit::<HelpsPeople>::done(ended.is_some())
}

/// Let nobody in under this name, and end all its sessions.
#[utoipa::path(post, path = "/api/v1/people/{id}/suspend", tag = "people", request_body = Act,
    params(("id" = i64, Path, description = "Her number")),
    responses((status = 200, body = Outcome), (status = 404, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn suspend(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let (id, act) = (visit.person().await?.listing.id, visit.body::<Act>()?);
    visit.in_order(&act.reason, &act.identity_check, false)?;
    let paper = visit.paper(&act.reason, &act.identity_check);
    ApiVisit::<HelpsPeople>::done(visit.admin.store.subscriber_suspend(id, &paper).await?)
}

/// Lift a suspension.
#[utoipa::path(post, path = "/api/v1/people/{id}/reinstate", tag = "people", request_body = Act,
    params(("id" = i64, Path, description = "Her number")),
    responses((status = 200, body = Outcome), (status = 404, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn reinstate(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let (id, act) = (visit.person().await?.listing.id, visit.body::<Act>()?);
    visit.in_order(&act.reason, &act.identity_check, true)?;
    let paper = visit.paper(&act.reason, &act.identity_check);
    ApiVisit::<HelpsPeople>::done(visit.admin.store.subscriber_resume(id, &paper).await?)
}

/// Write something down about a person.
#[utoipa::path(post, path = "/api/v1/people/{id}/notes", tag = "people", request_body = NoteWanted,
    params(("id" = i64, Path, description = "Her number")),
    responses((status = 200, body = Outcome), (status = 404, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn note(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let (id, wanted) = (
        visit.person().await?.listing.id,
        visit.body::<NoteWanted>()?,
    );
    let length = wanted.text.trim().chars().count();
    if length == 0 || length > 1000 {
        return Err(Failure::BadForm {
            why: "text: 1 to 1000 characters are needed",
        });
    }
    let paper = visit.paper("", "");
    ApiVisit::<HelpsPeople>::done(visit.admin.store.note_add(id, &wanted.text, &paper).await?)
}

/// End one live session of a person.
#[utoipa::path(delete, path = "/api/v1/people/{id}/sessions/{session}", tag = "people",
    params(("id" = i64, Path, description = "Her number"),
        ("session" = i64, Path, description = "The session's number")),
    responses((status = 200, body = Outcome), (status = 404, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn end_session(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let id = visit.person().await?.listing.id;
    let session = SessionRow(visit.id("session")?);
    let paper = visit.paper("", "");
    if !visit
        .admin
        .store
        .session_end_by_operator(id, session, &paper)
        .await?
    {
        return Err(Failure::NotFound);
    }
    ApiVisit::<HelpsPeople>::done(true)
}

/// Issue an enrolment code for a name, known or new.
#[utoipa::path(post, path = "/api/v1/enrolment-codes", tag = "people",
    request_body = EnrolmentWanted,
    responses((status = 200, body = CodeIssued), (status = 409, body = ProblemDocument)),
    security(("token" = ["people:help"])))]
pub(crate) async fn enrolment(visit: ApiVisit<HelpsPeople>) -> ApiAnswer {
    let wanted = visit.body::<EnrolmentWanted>()?;
    visit.in_order(&wanted.reason, &wanted.identity_check, true)?;
    let admin = &visit.admin;
    let app = admin
        .settings
        .apps
        .iter()
        .find(|app| app.name.as_str() == wanted.app);
    let (Some(app), Ok(folded)) = (app, fold(&wanted.name)) else {
        return Err(Failure::BadForm {
            why: "app and name: a configured app and a possible name are needed",
        });
    };
    let key = spelling_key(&wanted.name, &app.profile.spelling);
    let name = NameKey {
        realm: &app.realm,
        tenant: "",
        folded: &folded,
        spelling_key: &key,
    };
    if let Some(found) = admin.store.subscriber_find(&name).await? {
        let factors = found.totp_active + found.totp_disabled + found.recovery_left;
        let title = match (found.suspended, found.linked) {
            (true, _) => Some("suspended: no code would help"),
            (false, false) => Some("this looks like somebody known, in another spelling"),
            (false, true) if factors > 0 => Some("a phone is connected already; reset instead"),
            (false, true) => None,
        };
        if let Some(title) = title {
            return refused(admin.reference(), StatusCode::CONFLICT, title);
        }
    }
    let (code, expires_at) = acts::new_enrolment_code(admin, visit.now);
    let issue = EnrolmentCodeIssue {
        realm: &app.realm,
        tenant: "",
        display: &wanted.name,
        folded: &folded,
        spelling_key: &key,
        code: &code,
        expires_at,
        paper: visit.paper(&wanted.reason, &wanted.identity_check),
    };
    let id = admin.store.enrolment_code_issue(issue).await?;
    Ok(Json(CodeIssued {
        id: id.0,
        code: code.shown(),
        expires_at: rfc3339(expires_at),
    })
    .into_response())
}
