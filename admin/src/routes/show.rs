//! Showing a page to a proven operator: the chrome round it is gathered here, once for all pages.
//!
//! Every page tells of exceptions that are open and of acts that wait, so both are asked of the
//! store for every page.

use axum::response::Response;
use http::StatusCode;

use crate::pages::{Chrome, Done, OpenEmergency, Problem};
use crate::say;
use crate::web::failure::{Failure, html, to};
use crate::web::fresh::NotFresh;
use crate::web::proof::Grants;
use crate::web::visit::{Answer, Visit};

impl<P: Grants> Visit<P> {
    /// A page.
    pub(crate) async fn show(&self, render: impl FnOnce(&Chrome<'_>) -> String) -> Answer {
        self.show_as(StatusCode::OK, render).await
    }

    /// A form that came back with a problem.
    pub(crate) async fn show_again(&self, render: impl FnOnce(&Chrome<'_>) -> String) -> Answer {
        self.show_as(StatusCode::UNPROCESSABLE_ENTITY, render).await
    }

    async fn show_as(
        &self,
        status: StatusCode,
        render: impl FnOnce(&Chrome<'_>) -> String,
    ) -> Answer {
        let emergencies = self.emergencies().await?;
        let approvals = self.admin.store.approvals_open(self.now).await?.len();
        let csrf = self.who.shown().csrf();
        let reference = self.admin.reference();
        let chrome = Chrome {
            operator: self.who.name(),
            role: self.who.role(),
            csrf: &csrf,
            emergencies: &emergencies,
            approvals: u32::try_from(approvals).unwrap_or(u32::MAX),
            path: &self.path,
            reference: &reference,
            done: Done::from_name(self.query.text("done")),
        };
        Ok(html(status, render(&chrome)))
    }

    async fn emergencies(&self) -> Result<Vec<OpenEmergency>, Failure> {
        let open = self.admin.store.emergencies_open(self.now).await?;
        let told = open.into_iter().map(|one| OpenEmergency {
            app: say::app(&self.admin, one.app.as_str()),
            until: say::when(one.ends_at, self.now),
            opened_by: one.opened_by,
        });
        Ok(told.collect())
    }
}

/// "Done", and on to a page that says so.
pub(crate) fn done(place: &str, done: Done) -> Response {
    let mark = if place.contains('?') { '&' } else { '?' };
    to(&format!("{place}{mark}done={}", done.name()), None)
}

/// What stands in the way of a dangerous act, as the form tells it.
pub(crate) fn not_fresh(why: NotFresh) -> Problem {
    let field = "own_code";
    match why {
        NotFresh::Wanted => Problem::new(
            field,
            "Type a fresh code from your own phone to do this.",
            "Nothing was changed yet.",
        ),
        NotFresh::Wrong => Problem::new(
            field,
            "Your own code was not right.",
            "Wait for the next one and type it. Nothing was changed.",
        ),
        NotFresh::Reused => Problem::new(
            field,
            "Your own code was used already.",
            "Wait for the next one: a new code comes every 30 seconds. Nothing was changed.",
        ),
        NotFresh::Paused { .. } => Problem::new(
            field,
            "Too many wrong codes of your own.",
            "Wait a little before the next try. Nothing was changed.",
        ),
        NotFresh::Stopped => Problem::new(
            field,
            "Your own authenticator is switched off after too many wrong codes.",
            "Ask an owner to unlock you. Nothing was changed.",
        ),
    }
}
