//! Decisions and refusals in words: for pages, and for metrics.
//!
//! Names only; what is done about them is `act`.

use anteroom_core::decide::{Carry, Decision, Refusal};
use anteroom_core::route::RouteRefusal;

use crate::pages::Notice;

pub(super) const fn refusal_notice(refusal: Refusal) -> Notice<'static> {
    match refusal {
        Refusal::Route(RouteRefusal::Ambiguous) => Notice::BadRequest {
            why: "the address could be read in more than one way",
        },
        Refusal::Route(RouteRefusal::Denied) => Notice::Forbidden {
            why: "this way into the app is closed",
        },
        Refusal::Route(RouteRefusal::CredentialInQuery) => Notice::BadRequest {
            why: "a password must not stand in an address",
        },
        Refusal::Route(RouteRefusal::SessionInQuery) => Notice::BadRequest {
            why: "a session must not stand in an address",
        },
        Refusal::CrossSite => Notice::CrossSite,
        Refusal::WebSocket => Notice::Forbidden {
            why: "sign in first",
        },
        Refusal::Method => Notice::MethodNotAllowed,
        Refusal::ServiceWorker => Notice::ServiceWorkerRefused,
    }
}

pub(super) const fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Serve => "serve",
        Decision::Forward(Carry::Untouched) => "report",
        Decision::Forward(_) => "bare",
        Decision::Watch(..) => "watch",
        Decision::Intercept(_) => "intercept",
        Decision::ReadForm => "read_form",
        Decision::SendToLogin => "send_to_login",
        Decision::Challenge(_) => "challenge",
        Decision::EndSession => "end_session",
        Decision::Refuse(_) => "refuse",
    }
}
