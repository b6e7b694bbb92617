//! Decisions in the words of the reviewed table.
//!
//! Every variant has words of its own, so that no two decisions look alike in a review.

use anteroom_core::decide::{Carry, Cause, Decision, Refusal, Show};
use anteroom_core::route::RouteRefusal;

#[must_use]
pub fn words(decision: Decision) -> String {
    match decision {
        Decision::Serve => "our page".to_owned(),
        Decision::Forward(carry) => format!("forward {}", carry_words(carry)),
        Decision::Watch(carry, show) => {
            let show = match show {
                Show::Anything => "anything",
                Show::LoginPage => "a login page only",
                Show::LoginPageOrChallenge => "a login page, else challenge",
            };
            format!("watch {}; show {show}", carry_words(carry))
        }
        Decision::Intercept(rule) => format!("intercept by rule {rule}"),
        Decision::ReadForm => "read the form first".to_owned(),
        Decision::SendToLogin => "send to login".to_owned(),
        Decision::Challenge(Cause::Pending) => "challenge: login held".to_owned(),
        Decision::Challenge(Cause::Locked) => "challenge: locked".to_owned(),
        Decision::Challenge(Cause::Stale) => "challenge: fresher factor".to_owned(),
        Decision::EndSession => "end the session".to_owned(),
        Decision::Refuse(refusal) => format!("refuse: {}", refusal_words(refusal)),
    }
}

fn carry_words(carry: Carry) -> String {
    match carry {
        Carry::Untouched => "untouched".to_owned(),
        Carry::Whole { logout, activity } => {
            let logout = logout.map_or_else(String::new, |rule| format!(", may end it by {rule}"));
            let quiet = if activity { "" } else { ", no activity" };
            format!("with the session{logout}{quiet}")
        }
        Carry::Anonymous => "with anonymous cookies".to_owned(),
        Carry::Tainted => "with the tainted jar".to_owned(),
        Carry::Bare => "bare".to_owned(),
    }
}

const fn refusal_words(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Route(RouteRefusal::Ambiguous) => "ambiguous path",
        Refusal::Route(RouteRefusal::Denied) => "denied path",
        Refusal::Route(RouteRefusal::CredentialInQuery) => "password in query",
        Refusal::Route(RouteRefusal::SessionInQuery) => "session id in query",
        Refusal::CrossSite => "cross-site",
        Refusal::WebSocket => "socket",
        Refusal::Method => "method",
        Refusal::ServiceWorker => "service worker",
    }
}
