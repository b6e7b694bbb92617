//! The JSON API under `/api/v1`: the same acts as the pages, for scripts and for pulling the audit
//! log, by tokens with scopes and an end.
//!
//! Never takes a cookie and never gives a page. [`visit`] proves the token; [`people`], [`audit`]
//! and [`document`] are the routes, each described beside its code (OpenAPI 3.1).

pub(crate) mod audit;
pub(crate) mod document;
pub(crate) mod people;
pub(crate) mod shapes;
pub(crate) mod visit;

use crate::web::cookie::sha256;
use crate::web::table::Routes;

/// Every route of the API.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .and(document::routes())
        .and(people::routes())
        .and(audit::routes())
}

/// What the store knows a token by.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    sha256(&[b"anteroom-admin/token", token.as_bytes()])
}
