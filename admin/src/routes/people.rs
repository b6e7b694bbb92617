//! People: the search, one person's page, her sessions and notes.
//!
//! Shows and writes notes; what is done to her factors stands in [`help`](super::help). Never shows
//! an operator's own factors: the store gives none here.

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::ids::{DeviceId, SessionRow as SessionId, SubscriberId};
use anteroom_store::{
    DeviceView, Forgetter, PeopleQuery, Person, PersonState, SubscriberListing, SubscriberStatus,
    Throttles,
};

use super::addresses;
use super::person_events::{fate, lines, trouble};
use super::show::done;
use crate::Admin;
use crate::pages::people::{LOCKED_NOW, People, Query, Row, Standing};
use crate::pages::person::{self, EnrolmentOpen, Spelling, TemporaryRow};
use crate::pages::{AuthenticatorRow, Choice, Done, Problem};
use crate::say::{self, when, when_maybe};
use crate::web::failure::{Failure, to};
use crate::web::proof::{Grants, Helps, Reads};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// People on one page.
const A_PAGE: u32 = 50;
/// Events on a person's page.
const EVENTS: u32 = 60;
/// What authenticators on phones are called.
pub(super) const KIND: &str = "Authenticator app";
/// What tokens are called; the name beside it has the end of the serial number.
const TOKEN_KIND: &str = "Hardware token";
/// What codes by mail are called.
const MAIL_KIND: &str = "Codes by e-mail";
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
    let by = Forgetter::Operator(&paper);
    if !visit.admin.store.device_forget(id, device, &by).await? {
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

fn notes(
    notes: Vec<anteroom_store::Note>,
    now: anteroom_core::time::Timestamp,
) -> Vec<person::Note> {
    let shown = notes.into_iter().map(|note| person::Note {
        at: when(note.at, now),
        operator: note.operator,
        text: note.text,
    });
    shown.collect()
}

/// The name of an authenticator, where its owner gave it one: else it is called like its kind.
pub(super) fn own_name(label: &str) -> String {
    let given = if label == KIND { "" } else { label };
    given.to_owned()
}

/// Authenticators in use, as rows.
pub(super) fn authenticators(
    all: &[anteroom_store::AuthenticatorHistory],
    now: anteroom_core::time::Timestamp,
) -> Vec<AuthenticatorRow> {
    let live = all.iter().filter(|one| one.removed_at.is_none());
    let row = |one: &anteroom_store::AuthenticatorHistory| AuthenticatorRow {
        kind: match AuthenticatorKind::from_name(&one.kind) {
            Some(AuthenticatorKind::Hardware) => TOKEN_KIND.to_owned(),
            Some(AuthenticatorKind::Email) => MAIL_KIND.to_owned(),
            _ => KIND.to_owned(),
        },
        name: own_name(&one.label),
        since: when(one.enrolled_at, now),
        last_used: when_maybe(one.last_used_at, now),
        works: one.disabled_at.is_none(),
        state: match one.disabled_by.as_deref() {
            None => "works".to_owned(),
            Some("throttle") => "switched off after too many wrong codes".to_owned(),
            Some(_) => "switched off by an operator".to_owned(),
        },
    };
    live.map(row).collect()
}

/// Computers on which a code is not asked for, as rows.
async fn devices<P: Grants>(
    visit: &Visit<P>,
    id: SubscriberId,
) -> Result<Vec<person::DeviceRow>, Failure> {
    let (admin, now) = (&visit.admin, visit.now);
    let found = admin.store.devices_of(id, now).await?;
    let row = |one: DeviceView| person::DeviceRow {
        device: one.id.to_string(),
        name: one.label,
        app: say::app(admin, one.app.as_str()),
        network: one.network,
        since: when(one.created_at, now),
        last_used: when_maybe(one.last_used_at, now),
        expires: when(one.expires_at, now),
    };
    Ok(found.into_iter().map(row).collect())
}

async fn sessions<P: Grants>(
    visit: &Visit<P>,
    id: SubscriberId,
) -> Result<Vec<person::SessionRow>, Failure> {
    let (admin, now) = (&visit.admin, visit.now);
    let mut rows = Vec::new();
    for one in admin.store.sessions_of(id).await? {
        let idle = admin.settings.apps.iter().find(|app| app.name == one.app);
        let idle = idle.is_some_and(|app| now.since(one.active_at) >= app.policy.lifetimes.idle);
        let from = admin.store.session_opened_from(&one.hash).await?;
        rows.push(person::SessionRow {
            session: one.row.to_string(),
            app: say::app(admin, one.app.as_str()),
            since: when(one.created_at, now),
            active: when(one.active_at, now),
            from: from.map_or_else(|| "unknown".to_owned(), |client| say::place(admin, client)),
            factor: say::factor_of(&one.amr, one.single_factor),
            locked: one.locked || idle,
        });
    }
    Ok(rows)
}
