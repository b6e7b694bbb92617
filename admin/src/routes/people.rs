//! People: the search, one person's page, her sessions and notes.
//!
//! Shows and writes notes; what is done to her factors stands in [`help`](super::help), the rows of
//! her page in `person_rows`. Never shows
//! an operator's own factors: the store gives none here.

use anteroom_core::ids::{DeviceId, SessionRow as SessionId, SubscriberId};
use anteroom_store::{
    PeopleQuery, Person, PersonState, SubscriberListing, SubscriberStatus, Throttles,
};

use super::addresses;
use super::person_events::{lines, trouble};
use super::person_rows::{authenticators, devices, fate, notes, sessions};
use super::show::done;
use crate::Admin;
use crate::pages::people::{LOCKED_NOW, People, Query, Row, Standing};
use crate::pages::person::{self, EnrolmentOpen, Spelling, TemporaryRow};
use crate::pages::{Choice, Done, Problem};
use crate::say::{self, when, when_maybe};
use crate::web::failure::{Failure, to};
use crate::web::proof::{Grants, Helps, Reads};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// People on one page.
const A_PAGE: u32 = 50;
/// Events on a person's page.
const EVENTS: u32 = 60;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 1000;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Reads, _, _>("/people", search)
        .get::<Reads, _, _>("/people/{id}", one)
        .post::<Helps, _, _>("/people/{id}/note", note)
        .post::<Helps, _, _>("/people/{id}/sessions/{session}/end", end_session)
        .post::<Helps, _, _>("/people/{id}/devices/{device}/forget", forget_device)
}

/// The person that the path names. An operator's own factors are nobody here.
pub(super) async fn person<P: Grants>(visit: &Visit<P>) -> Result<Person, Failure> {
    let id = SubscriberId(visit.id("id")?);
    visit.admin.store.person(id).await?.ok_or(Failure::NotFound)
}

/// How wrong codes count, by realm.
pub(crate) fn policies(admin: &Admin) -> Vec<(&str, anteroom_core::throttle::ThrottlePolicy)> {
    let apps = admin.settings.apps.iter();
    apps.map(|app| (app.realm.as_str(), app.policy.throttle))
        .collect()
}

/// The apps of the configuration, to choose from.
pub(super) fn app_choices(admin: &Admin) -> Vec<Choice> {
    let apps = admin.settings.apps.iter();
    apps.map(|app| Choice::new(app.name.as_str(), &app.display_name))
        .collect()
}

async fn search(visit: Visit<Reads>) -> Answer {
    let admin = &visit.admin;
    let query = Query {
        name: visit.query.text("name").chars().take(100).collect(),
        app: visit.query.text("app").to_owned(),
        state: visit.query.text("state").to_owned(),
    };
    let app = admin
        .settings
        .apps
        .iter()
        .find(|app| app.name.as_str() == query.app);
    let by_realm = policies(admin);
    let throttles = Throttles {
        by_realm: &by_realm,
    };
    let found = admin
        .store
        .people_search(
            &PeopleQuery {
                text: &query.name,
                realm: app.map(|app| app.realm.as_str()),
                state: state_of(&query.state),
                after: visit.query.number("after").map(SubscriberId),
                limit: A_PAGE,
            },
            &throttles,
            visit.now,
        )
        .await?;
    let more = found.people.last().filter(|_| found.more).map(|last| {
        let mut pairs = form_urlencoded(&[
            ("name", &query.name),
            ("app", &query.app),
            ("state", &query.state),
        ]);
        pairs.push_str(&format!("&after={}", last.id));
        format!("/people?{pairs}")
    });
    let problem = (!query.app.is_empty() && app.is_none())
        .then(|| Problem::new("app", "There is no app of that name.", ""));
    let rows = found.people.iter().map(|one| row(&visit, one));
    // The store knows both as stopped.
    let wanted = Standing::from_name(&query.state);
    let rows = rows
        .filter(|row| wanted.is_none_or(|wanted| wanted == row.standing))
        .collect();
    let page = People {
        apps: app_choices(admin),
        query,
        rows,
        more,
        problem,
    };
    visit.show(|chrome| page.render(chrome)).await
}

fn state_of(word: &str) -> Option<PersonState> {
    if word == LOCKED_NOW {
        return Some(PersonState::Stopped);
    }
    Some(match Standing::from_name(word)? {
        Standing::Ready => PersonState::Enrolled,
        Standing::NotEnrolled => PersonState::NotEnrolled,
        Standing::Paused | Standing::Disabled => PersonState::Stopped,
        Standing::Suspended => PersonState::Suspended,
        Standing::Merged => return None,
    })
}

/// Pairs as the query of an address.
pub(super) fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

fn row<P: Grants>(visit: &Visit<P>, one: &SubscriberListing) -> Row {
    Row {
        href: format!("/people/{}", one.id),
        name: one.display_name.clone(),
        place: say::place_of(&visit.admin, &one.realm, &one.tenant),
        standing: say::standing(&visit.admin, one, visit.now),
        factors: say::factors(one),
        last: when_maybe(one.last_login_at, visit.now),
    }
}

async fn one(visit: Visit<Reads>) -> Answer {
    let found = person(&visit).await?;
    // The number of a name that was merged: old links and audit rows lead on to the one person.
    if visit.id("id")? != found.listing.id.0 {
        return Ok(to(&format!("/people/{}", found.listing.id), None));
    }
    let page = sheet(&visit, found, Returned::default()).await?;
    visit.show(|chrome| page.render(chrome)).await
}

async fn note(visit: Visit<Helps>) -> Answer {
    let found = person(&visit).await?;
    let (id, text) = (found.listing.id, visit.form.text("note"));
    let problem = if text.is_empty() {
        Some("Write something first.")
    } else if text.chars().count() > LONGEST_NOTE {
        Some("A note has at most 1000 characters.")
    } else {
        None
    };
    if let Some(problem) = problem {
        let problem = Problem::new("note", problem, "");
        let returned = Returned {
            note: text.to_owned(),
            problem: Some(problem),
            ..Returned::default()
        };
        let page = sheet(&visit, found, returned).await?;
        return visit.show_again(|chrome| page.render(chrome)).await;
    }
    let paper = visit.paper("", "");
    visit.admin.store.note_add(id, text, &paper).await?;
    Ok(done(&format!("/people/{id}"), Done::Noted))
}

async fn end_session(visit: Visit<Helps>) -> Answer {
    let found = person(&visit).await?;
    let (id, session) = (found.listing.id, SessionId(visit.id("session")?));
    let paper = visit.paper("", "");
    let ended = visit
        .admin
        .store
        .session_end_by_operator(id, session, &paper)
        .await?;
    if !ended {
        return Err(Failure::NotFound);
    }
    Ok(done(&format!("/people/{id}"), Done::SessionEnded))
}

async fn forget_device(visit: Visit<Helps>) -> Answer {
    let found = person(&visit).await?;
    let (id, device) = (found.listing.id, DeviceId(visit.id("device")?));
    let paper = visit.paper("", "");
    let forgotten = visit.admin.store.device_forget(id, device, &paper).await?;
    if !forgotten {
        return Err(Failure::NotFound);
    }
    Ok(done(&format!("/people/{id}"), Done::DeviceForgotten))
}

/// What comes back with a person's page: as typed, and what was wrong with it.
#[derive(Default)]
pub(super) struct Returned {
    pub(super) note: String,
    pub(super) address: String,
    pub(super) problem: Option<Problem>,
}

/// The person's page.
pub(super) async fn sheet<P: Grants>(
    visit: &Visit<P>,
    found: Person,
    returned: Returned,
) -> Result<person::Person, Failure> {
    let (admin, now) = (&visit.admin, visit.now);
    let one = &found.listing;
    let status = one.status(&admin.throttle_of(&one.realm), now);
    let events = admin.store.audit_of_subscriber(one.id, EVENTS).await?;
    let sessions = sessions(visit, one.id).await?;
    let tokens = admin.store.hardware_tokens_of(one.id).await?;
    let temporary = admin.store.temporary_codes_of(one.id, 5).await?;
    let temporary = temporary.into_iter().map(|code| TemporaryRow {
        issued: when(code.issued_at, now),
        expires: when(code.expires_at, now),
        uses_left: code.uses_left,
        fate: fate(&code, now),
        live: code.over(now).is_none(),
        operator: code.operator,
    });
    let spellings = found
        .spellings
        .into_iter()
        .filter(|one| one.display != found.listing.display_name);
    let spellings = spellings.map(|one| Spelling {
        how: format!("since {}", when(one.linked_at, now).text),
        name: one.display,
    });
    let merged = found.merged.into_iter().map(|one| Spelling {
        name: one.display_name,
        how: "merged".to_owned(),
    });
    Ok(person::Person {
        id: one.id.0,
        name: one.display_name.clone(),
        place: say::place_of(admin, &one.realm, &one.tenant),
        standing: say::standing(admin, one, now),
        standing_when: match status {
            SubscriberStatus::Paused { until } => Some(when(until, now)),
            SubscriberStatus::Suspended => when_maybe(found.suspended_at, now),
            _ => None,
        },
        trouble: trouble(visit, one, &events),
        // A merged name has no page: see `one`.
        merged_into: None,
        authenticators: authenticators(&found.authenticators, now),
        tokens: tokens.iter().map(ToString::to_string).collect(),
        recovery_left: found.recovery.issued_at.map(|_| found.recovery.left),
        temporary: temporary.collect(),
        enrolment: found.enrolment_code.map(|code| EnrolmentOpen {
            issued: when(code.issued_at, now),
            expires: when(code.expires_at, now),
            operator: code.operator,
        }),
        sessions,
        devices: devices(visit, one.id).await?,
        spellings: spellings.chain(merged).collect(),
        notes: notes(found.notes, now),
        events: lines(visit, &events),
        all_events: format!("/audit?id={}", one.id),
        addresses: addresses::rows(admin, one.id, now).await?,
        note: returned.note,
        address: returned.address,
        problem: returned.problem,
    })
}
