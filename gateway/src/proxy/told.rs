//! Decisions and refusals in words: for pages, and for metrics.
//!
//! Names only; what is done about them is `act`.

use anteroom_core::decide::{Carry, Decision, Refusal};
use anteroom_core::route::RouteRefusal;

use crate::pages::{Notice, Why};

pub(super) const fn refusal_notice(refusal: Refusal) -> Notice<'static> {
    match refusal {
        Refusal::Route(RouteRefusal::Ambiguous) => Notice::BadRequest {
            why: Why::TwoReadings,
        },
        Refusal::Route(RouteRefusal::Denied) => Notice::Forbidden {
            why: Why::WayClosed,
        },
        Refusal::Route(RouteRefusal::CredentialInQuery) => Notice::BadRequest {
            why: Why::PasswordInAddress,
        },
        Refusal::Route(RouteRefusal::SessionInQuery) => Notice::BadRequest {
            why: Why::SessionInAddress,
        },
        Refusal::CrossSite => Notice::CrossSite,
        Refusal::WebSocket => Notice::Forbidden {
            why: Why::SignInFirst,
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
