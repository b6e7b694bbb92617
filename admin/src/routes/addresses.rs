//! Where mail reaches a person: an address is written down or taken away, with a reason.
//!
//! Shown on her page ([`people`](super::people)), whole to who may help and masked to others. Never
//! taken from a login (advisory B4); telling the other addresses, and the time for which a new one
//! waits before codes go there (attack D20), are the store's in the same transaction.

use std::time::Duration;

use anteroom_core::address::{AddressSource, HOLD, MailAddress};
use anteroom_core::ids::{AddressId, SubscriberId};
use anteroom_core::time::Timestamp;
use anteroom_store::{AddressAdded, AddressView, NewAddress, Person};

use super::help::without_reason;
use super::people::{Returned, person, sheet};
use super::show::done;
use crate::Admin;
use crate::pages::person::AddressRow;
use crate::pages::{Done, Problem};
use crate::say::when;
use crate::web::failure::Failure;
use crate::web::proof::Helps;
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

pub(super) fn routes() -> Routes {
    Routes::new()
        .post::<Helps, _, _>("/people/{id}/addresses", add)
        .post::<Helps, _, _>("/people/{id}/addresses/remove", remove)
}

/// Her addresses, as rows.
pub(super) async fn rows(
    admin: &Admin,
    id: SubscriberId,
    now: Timestamp,
) -> Result<Vec<AddressRow>, Failure> {
    let row = |one: AddressView| AddressRow {
        id: one.id.0.to_string(),
        full: one.address.expose().to_owned(),
        masked: one.address.masked(),
        since: when(one.added_at, now),
        by: one.operator.unwrap_or_else(|| "herself".to_owned()),
        codes_from: (one.codes_from > now).then(|| when(one.codes_from, now)),
    };
    let known = admin.store.addresses_of(id).await?;
    Ok(known.into_iter().map(row).collect())
}

fn hold(admin: &Admin) -> Duration {
    let mail = admin.settings.mail.as_ref();
    mail.map_or(HOLD, |mail| mail.address_hold)
}

/// Her page once more, with what was typed and what was wrong with it.
async fn again(visit: &Visit<Helps>, found: Person, problem: Problem) -> Answer {
    let returned = Returned {
        address: visit.form.text("address").chars().take(300).collect(),
        problem: Some(problem),
        ..Returned::default()
    };
    let page = sheet(visit, found, returned).await?;
    visit.show_again(|chrome| page.render(chrome)).await
}

async fn add(visit: Visit<Helps>) -> Answer {
    let found = person(&visit).await?;
    let (id, reason) = (found.listing.id, visit.form.text("reason"));
    let address = match MailAddress::parse(visit.form.text("address")) {
        Ok(address) => address,
        Err(why) => {
            let problem = Problem::new("address", "That is no e-mail address.", why.to_string());
            return again(&visit, found, problem).await;
        }
    };
    if let Some(problem) = without_reason(reason) {
        return again(&visit, found, problem).await;
    }
    let new = NewAddress {
        subscriber: id,
        address: &address,
        source: AddressSource::Operator,
        hold: hold(&visit.admin),
        paper: visit.paper(reason, ""),
    };
    let (what, then) = match visit.admin.store.address_add(new).await? {
        AddressAdded::Added { .. } => {
            return Ok(done(&format!("/people/{id}"), Done::AddressAdded));
        }
        AddressAdded::NoSuch => return Err(Failure::NotFound),
        AddressAdded::Already => ("This address is on file already.", "Nothing was changed."),
        AddressAdded::TooMany => ("Nobody may have more addresses.", "Remove one first."),
    };
    again(&visit, found, Problem::new("address", what, then)).await
}

async fn remove(visit: Visit<Helps>) -> Answer {
    let found = person(&visit).await?;
    let (id, reason) = (found.listing.id, visit.form.text("reason"));
    let Some(address) = visit.form.number("which").map(AddressId) else {
        let problem = Problem::new("which", "Choose which address.", "");
        return again(&visit, found, problem).await;
    };
    if let Some(problem) = without_reason(reason) {
        let problem = Problem {
            field: "gone",
            ..problem
        };
        return again(&visit, found, problem).await;
    }
    let paper = visit.paper(reason, "");
    let store = &visit.admin.store;
    if !store.address_remove(id, address, false, paper).await? {
        return Err(Failure::NotFound);
    }
    Ok(done(&format!("/people/{id}"), Done::AddressRemoved))
}
