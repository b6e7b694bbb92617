//! What happened to a person, in plain sentences: the lines of her page, and what went wrong last.
//!
//! Tells rows that are handed in; the sentences themselves are `pages::words`'.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_store::{AuditRow, SubscriberListing};

use crate::pages::people::Standing;
use crate::pages::person::EventLine;
use crate::pages::words::{self, Fact};
use crate::say::{self, when};
use crate::web::proof::Grants;
use crate::web::visit::Visit;

/// How far apart the steps of one sign-in may be: nobody has longer than this for the code.
const ONE_SIGN_IN: Duration = Duration::from_secs(10 * 60);

/// What went wrong last, while something is wrong.
pub(super) fn trouble<P: Grants>(
    visit: &Visit<P>,
    one: &SubscriberListing,
    events: &[AuditRow],
) -> String {
    let well = say::standing(&visit.admin, one, visit.now) == Standing::Ready;
    if well && one.throttle.consecutive == 0 {
        return String::new();
    }
    // The codes themselves: that a pause followed is what the page says above.
    let wrong = |row: &&AuditRow| row.event.kind == AuditKind::ChallengeFailed;
    let wrong: Vec<AuditRow> = events.iter().filter(wrong).cloned().collect();
    let told = told(visit, &wrong);
    told.first()
        .map(|line| line.sentence.clone())
        .unwrap_or_default()
}

fn told<P: Grants>(visit: &Visit<P>, events: &[AuditRow]) -> Vec<words::Told> {
    let admin = &visit.admin;
    let names: Vec<(String, Option<String>)> = events
        .iter()
        .map(|row| {
            let app = row
                .event
                .app
                .as_ref()
                .map(|app| say::app(admin, app.as_str()));
            let place = row.event.client.map(|client| say::place(admin, client));
            (app.unwrap_or_default(), place)
        })
        .collect();
    let facts: Vec<Fact<'_>> = events
        .iter()
        .zip(&names)
        .map(|(row, (app, place))| Fact {
            seq: row.seq,
            at: row.at,
            kind: row.event.kind,
            person: None,
            app: Some(app.as_str()).filter(|app| !app.is_empty()),
            place: place.as_deref(),
            operator: row.event.operator.as_deref(),
            reason: row.event.reason.as_deref(),
        })
        .collect();
    words::tell(&facts)
}

/// A step of a sign-in that passed: the line of the sign-in itself says all there is to say.
fn is_a_step(row: &AuditRow, events: &[AuditRow]) -> bool {
    use AuditKind::{ChallengePassed, LoginWithheld, Released, SessionVerified};
    let passed = |other: &AuditRow| {
        let apart = row.at.since(other.at).max(other.at.since(row.at));
        other.event.kind == SessionVerified
            && other.event.app == row.event.app
            && other.event.client == row.event.client
            && apart <= ONE_SIGN_IN
    };
    matches!(row.event.kind, ChallengePassed | LoginWithheld | Released)
        && events.iter().any(passed)
}

pub(super) fn lines<P: Grants>(visit: &Visit<P>, events: &[AuditRow]) -> Vec<EventLine> {
    let shown = events.iter().filter(|row| !is_a_step(row, events));
    let shown: Vec<AuditRow> = shown.cloned().collect();
    let told = told(visit, &shown).into_iter().take(20);
    let line = |one: words::Told| EventLine {
        at: when(one.from, visit.now),
        sentence: one.sentence,
        href: format!("/audit/{}", one.seq),
    };
    told.map(line).collect()
}
