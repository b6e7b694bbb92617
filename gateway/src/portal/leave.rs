//! Leaving: starting over, signing out, and the page that says a session is over.
//!
//! Ending destroys the session's key here and in the store, which puts the upstream session out of
//! reach at once (`DESIGN-CASES` 21). Never talks to the app.

use anteroom_core::time::Timestamp;
use http::StatusCode;

use super::Answer;
use super::visit::Visit;
use crate::arrival::Arrival;
use crate::cookies::token;
use crate::fail::Failure;
use crate::gateway::{Gateway, Visitor};
use crate::pages::{EndWhy, Page};
use crate::reply::Reply;
use crate::sessions::Spare;
use crate::sign_in::target;

pub(crate) async fn cancel(visit: Visit) -> Answer {
    start_over(&visit).await.into()
}

pub(crate) async fn sign_out(visit: Visit) -> Answer {
    leave(&visit).await.into()
}

pub(crate) async fn signed_out(visit: Visit) -> Answer {
    Ok(visit.show(&Page::SignedOut)).into()
}

/// Where somebody lands whose sessions have all just ended, this one among them.
pub(super) fn signed_out_now(visit: &Visit) -> Reply {
    cleared(Reply::redirect("/.anteroom/signed-out"), &visit.arrival)
}

async fn start_over(visit: &Visit) -> Result<Reply, Failure> {
    visit.posted()?;
    let visitor = visit.visitor().await?;
    end_session(
        &visit.gateway,
        &visit.arrival,
        &visitor,
        "cancelled",
        visit.now,
    )
    .await
}

async fn leave(visit: &Visit) -> Result<Reply, Failure> {
    visit.posted()?;
    let visitor = visit.visitor().await?;
    end(
        &visit.gateway,
        &visit.arrival,
        &visitor,
        "sign_out",
        visit.now,
    )
    .await?;
    let reply = Reply::redirect("/.anteroom/signed-out");
    Ok(cleared(reply, &visit.arrival))
}

/// Ends whatever session this is and leads to the app's login page.
///
/// # Errors
/// When the store cannot be told.
pub async fn end_session(
    gateway: &Gateway,
    arrival: &Arrival,
    visitor: &Visitor<'_>,
    why: &str,
    now: Timestamp,
) -> Result<Reply, Failure> {
    end(gateway, arrival, visitor, why, now).await?;
    let reply = Reply::redirect(&arrival.app.settings.profile.login_page);
    Ok(cleared(reply, arrival))
}

/// Ends a session that is over and says so.
pub(super) async fn over(
    visit: &Visit,
    visitor: &Visitor<'_>,
    why: EndWhy,
) -> Result<Reply, Failure> {
    end(&visit.gateway, &visit.arrival, visitor, "age", visit.now).await?;
    let reply = visit.show_as(StatusCode::FORBIDDEN, &Page::Ended { why });
    Ok(cleared(reply, &visit.arrival))
}

async fn end(
    gateway: &Gateway,
    arrival: &Arrival,
    visitor: &Visitor<'_>,
    why: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    if let Some(live) = &visitor.live {
        let spare = Spare {
            connection: &arrival.connection,
            own: 0,
        };
        gateway.sessions.end(live, Some(&spare));
        gateway.store.session_end(live.row, why, now).await?;
        return Ok(());
    }
    if let Some(signed) = &visitor.signed
        && let Some(attempt) = gateway.store.attempt_find(&signed.hash).await?
    {
        gateway.store.attempt_cancel(attempt.id, now).await?;
    }
    Ok(())
}

fn cleared(reply: Reply, arrival: &Arrival) -> Reply {
    let gone = token::clear_cookie(arrival.secure);
    let mut reply = reply
        .with_cookie(gone.as_bytes())
        .with_cookie(target::forget(arrival.secure).as_bytes());
    // Pages in the browser's cache must not come back by its Back button (attack A27).
    reply.headers.insert(
        "clear-site-data",
        http::HeaderValue::from_static("\"cache\""),
    );
    reply
}
