//! The API's way to pull the audit log: for a SIEM, row after row, oldest first.
//!
//! Never filters: whoever keeps a copy keeps all of it, so that the chain can be checked there.

use axum::Json;
use axum::response::IntoResponse;

use super::shapes::{AuditEntry, AuditPage, ProblemDocument};
use super::visit::{ApiAnswer, ApiVisit, PullsAudit};
use crate::web::table::Routes;

/// Rows at a time, at most.
const MOST: u32 = 1000;

pub(crate) fn routes() -> Routes {
    Routes::new().api::<PullsAudit, _, _>("GET", "/api/v1/audit", pull)
}

/// Rows of the audit log after a number, oldest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(
    ("after" = Option<i64>, Query, description = "`next` of the page before; 0 at first"),
    ("limit" = Option<u32>, Query, description = "At most 1000")),
    responses((status = 200, body = AuditPage), (status = 401, body = ProblemDocument)),
    security(("token" = ["audit:read"])))]
pub(crate) async fn pull(visit: ApiVisit<PullsAudit>) -> ApiAnswer {
    let after: i64 = visit.query.number("after").unwrap_or(0);
    let limit: u32 = visit.query.number("limit").unwrap_or(MOST);
    let rows = visit
        .admin
        .store
        .audit_after(after, limit.clamp(1, MOST))
        .await?;
    let next = rows.last().map_or(after, |row| row.seq);
    let rows = rows.iter().map(AuditEntry::of).collect();
    Ok(Json(AuditPage { rows, next }).into_response())
}
