//! What the admin app can be asked for: one file per subject, each with its routes at the top.
//!
//! Handlers take a `Visit` with its proof, call the store or `crate::acts`, and fill a page. They
//! decide nothing about rights: the permission stands beside each route.

mod account;
mod addresses;
mod approvals;
mod audit;
mod audit_query;
mod deeds;
mod emergency;
mod front;
mod hardware_tokens;
mod help;
mod operator_forms;
mod operators;
mod people;
mod person_events;
mod policy;
mod report;
mod set_up;
mod show;
mod sign_in;
mod staff;

pub(crate) use audit_query::Wanted;
pub(crate) use people::policies;
pub use set_up::link_hash;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::Admin;
use crate::pages;
use crate::web::failure::Failure;
use crate::web::table::Routes;
use crate::web::visit::{Answer, Knock};

/// Every route.
pub(crate) fn all() -> Routes {
    Routes::new()
        .open("GET", "/assets/{name}", stylesheet)
        .and(sign_in::routes())
        .and(set_up::routes())
        .and(front::routes())
        .and(people::routes())
        .and(addresses::routes())
        .and(help::routes())
        .and(staff::routes())
        .and(hardware_tokens::routes())
        .and(approvals::routes())
        .and(emergency::routes())
        .and(audit::routes())
        .and(report::routes())
        .and(operators::routes())
        .and(operator_forms::routes())
        .and(policy::routes())
        .and(account::routes())
        .and(crate::api::routes())
}

/// There is no such page.
pub(crate) async fn nowhere(State(admin): State<Arc<Admin>>, request: Request) -> Response {
    let api = request.uri().path().starts_with("/api/");
    Failure::NotFound.into_response(&admin, api)
}

/// There is such a page, but not for this method.
pub(crate) async fn other_method(State(admin): State<Arc<Admin>>, request: Request) -> Response {
    let api = request.uri().path().starts_with("/api/");
    Failure::Method.into_response(&admin, api)
}

async fn stylesheet(knock: Knock) -> Answer {
    let path = format!("/assets/{}", knock.word("name"));
    if path != pages::stylesheet_path() {
        return Err(Failure::NotFound);
    }
    // Its name holds a hash of its content, and it holds nothing of anybody.
    let headers = [
        (CONTENT_TYPE, pages::STYLESHEET_TYPE),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, pages::STYLESHEET).into_response())
}
