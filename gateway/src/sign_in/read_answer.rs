//! What a login answer says, and what the app says when it is asked who is logged in.
//!
//! The rules read the answer; the probe, where the profile has one, decides alone (`DESIGN-CASES`
//! 5). Both only inform `anteroom_core::login::judge_login`: nothing is shown or released here.

use anteroom_core::cookies::{Jar, parse_set_cookie};
use anteroom_core::outcome::{self, BODY_PREFIX, Outcome};
use anteroom_core::profile::{Probe, ProbeName};
use anteroom_core::time::Timestamp;
use http::header::LOCATION;
use pingora::http::RequestHeader;

use super::errand::fetch;
use crate::arrival::Arrival;
use crate::gateway::Gateway;
use crate::upstream::answer::{View, resolve};
use crate::upstream::exchange::Answer;

/// What was found out about a login.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether it cannot be had without the right password.
    pub proved: bool,
    /// Who the app says is logged in.
    pub name: Option<String>,
    /// What the probe said, in a word; `None` when the profile has none.
    pub asked: Option<&'static str>,
}

impl Judged {
    /// Whether it is known whose the app's session is now: somebody's by name, or nobody's. Only a
    /// probe tells, and a refusal stands beside one only where it said so.
    pub(super) fn tells_whose(&self) -> bool {
        let nobodys = matches!(self.outcome, Outcome::Failure | Outcome::Retry);
        self.name.is_some() || (self.asked.is_some() && nobodys)
    }
}

enum Probed {
    /// Somebody is logged in.
    Name(String),
    /// Nobody is.
    Nobody,
    /// The app gave no usable answer.
    Silent,
}

/// Judges an answer. The probe's cookies are merged into the jar.
pub async fn judge(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    answer: &Answer,
    jar: &mut Jar,
    now: Timestamp,
) -> Judged {
    let reading = read(arrival, answer, now);
    let Some(probe) = &arrival.app.settings.profile.probe else {
        return Judged {
            outcome: reading.outcome,
            proved: reading.proved,
            name: None,
            asked: None,
        };
    };
    match ask(gateway, arrival, head, probe, jar, now).await {
        Probed::Name(name) => Judged {
            outcome: Outcome::Success,
            proved: true,
            name: Some(name),
            asked: Some("somebody"),
        },
        // Nobody is logged in: a refusal stays one; anything that looked like more is held as
        // unknown.
        Probed::Nobody => {
            let outcome = match reading.outcome {
                Outcome::Failure | Outcome::Retry => reading.outcome,
                Outcome::Success | Outcome::Intermediate | Outcome::Unknown => Outcome::Unknown,
            };
            Judged {
                outcome,
                proved: false,
                name: None,
                asked: Some("nobody"),
            }
        }
        // Doubt is never a refusal that would be shown with its cookies, nor a success.
        Probed::Silent => Judged {
            outcome: Outcome::Unknown,
            proved: false,
            name: None,
            asked: Some("no usable answer"),
        },
    }
}

fn read(arrival: &Arrival, answer: &Answer, now: Timestamp) -> outcome::Reading {
    let parsed: Vec<_> = answer.set_cookies().filter_map(parse_set_cookie).collect();
    let cookies_set: Vec<&[u8]> = parsed
        .iter()
        .filter(|cookie| !cookie.is_deletion(now))
        .map(|cookie| cookie.name.as_slice())
        .collect();
    let view = View {
        app: &arrival.app,
        host: &arrival.host,
        secure: arrival.secure,
    };
    let redirect = (300..400)
        .contains(&answer.status)
        .then(|| answer.field(LOCATION))
        .flatten();
    let resolved = redirect.map(|target| resolve(target, &arrival.path, &view));
    let text = answer.text(BODY_PREFIX);
    let facts = outcome::Answer {
        status: answer.status,
        location: resolved.as_ref().map(|resolved| resolved.as_target()),
        cookies_set: &cookies_set,
        body: text.as_deref(),
    };
    outcome::read_answer(&arrival.app.settings.profile, &facts)
}

async fn ask(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    probe: &Probe,
    jar: &mut Jar,
    now: Timestamp,
) -> Probed {
    let asked = fetch(gateway, arrival, head, &probe.path, BODY_PREFIX, jar, now).await;
    let Some(answer) = asked else {
        return Probed::Silent;
    };
    match answer.status {
        200 => name_in(probe, &answer),
        300..=399 | 401 | 403 => Probed::Nobody,
        _ => Probed::Silent,
    }
}

fn name_in(probe: &Probe, answer: &Answer) -> Probed {
    let Some(text) = answer.text(BODY_PREFIX) else {
        return Probed::Silent;
    };
    let found = match &probe.name {
        ProbeName::Regex(pattern) => pattern
            .captures(&text)
            .and_then(|captures| captures.get(1))
            .map(|name| name.as_str().to_owned()),
        ProbeName::Json(pointer) => match serde_json::from_str::<serde_json::Value>(&text) {
            Err(_) => return Probed::Silent,
            Ok(value) => match value.pointer(pointer) {
                Some(serde_json::Value::String(name)) => Some(name.clone()),
                Some(serde_json::Value::Number(number)) => Some(number.to_string()),
                _ => None,
            },
        },
    };
    match found {
        Some(name) if !name.is_empty() => Probed::Name(name),
        _ => Probed::Nobody,
    }
}
