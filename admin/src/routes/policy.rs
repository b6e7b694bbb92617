//! What is in force, in words: the configuration as an owner or auditor reads it.
//!
//! Read only: nothing is changed here, and no secret is in what is read.

use anteroom_config::settings::AppSettings;
use anteroom_core::moment::{day_in_words, in_words};
use anteroom_core::policy::{Enforcement, EnrolmentPolicy};

use crate::Admin;
use crate::pages::policy::{AppPolicy, Policy, Setting};
use crate::web::proof::Reads;
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

pub(super) fn routes() -> Routes {
    Routes::new().get::<Reads, _, _>("/policy", look)
}

async fn look(visit: Visit<Reads>) -> Answer {
    let page = Policy {
        apps: visit.admin.settings.apps.iter().map(app).collect(),
        admin: admin(&visit.admin),
        source: "the configuration file; changes take effect at the next start".to_owned(),
    };
    visit.show(|chrome| page.render(chrome)).await
}

fn setting(label: &str, value: impl Into<String>) -> Setting {
    Setting {
        label: label.to_owned(),
        value: value.into(),
    }
}

fn app(app: &AppSettings) -> AppPolicy {
    let policy = &app.policy;
    let times = &policy.lifetimes;
    let throttle = &policy.throttle;
    let sentence = match policy.enforcement {
        Enforcement::Required => "A code is asked for at every sign-in.".to_owned(),
        Enforcement::Optional => "People who have a second factor are asked for a code.".to_owned(),
        Enforcement::Report => "Nobody is asked; what would happen is recorded.".to_owned(),
        Enforcement::By(date) => {
            format!(
                "From {} on, a code is asked for at every sign-in.",
                day_in_words(date)
            )
        }
    };
    let enrolment = match &policy.enrolment {
        EnrolmentPolicy::Code => "with an enrolment code of the helpdesk".to_owned(),
        EnrolmentPolicy::Network(networks) => {
            let names: Vec<String> = networks.iter().map(ToString::to_string).collect();
            format!(
                "from {} without a code, from elsewhere with one",
                names.join(", ")
            )
        }
        EnrolmentPolicy::Open { until: Some(until) } => {
            format!(
                "at the first sign-in, until {}; then with a code",
                day_in_words(*until)
            )
        }
        EnrolmentPolicy::Open { until: None } => "at the first sign-in (demonstration)".to_owned(),
    };
    let pauses = format!(
        "a pause after {}, growing to {}; switched off after {}",
        throttle.free_tries,
        in_words(throttle.longest_pause),
        throttle.disable_at
    );
    AppPolicy {
        name: app.display_name.clone(),
        hosts: app.hosts.clone(),
        sentence,
        settings: vec![
            setting("People set up their phone", enrolment),
            setting("Locked without use after", in_words(times.idle)),
            setting("A session lasts at most", in_words(times.overall)),
            setting("A code may be typed for", in_words(policy.pending_for)),
            setting("Wrong codes", pauses),
            setting("Recovery codes", policy.recovery_codes.to_string()),
            setting("Shares people with realm", &app.realm),
        ],
    }
}

fn admin(admin: &Admin) -> Vec<Setting> {
    let mine = &admin.mine;
    let groups: Vec<&str> = mine
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    let mut four_eyes = Vec::new();
    four_eyes.extend(mine.four_eyes_operators.then_some("resets of operators"));
    four_eyes.extend(groups.iter().copied());
    four_eyes.push("emergency access");
    let keep = mine
        .audit_keep
        .map_or_else(|| "for ever".to_owned(), in_words);
    vec![
        setting("Signed out without use after", in_words(mine.idle)),
        setting("A session lasts at most", in_words(mine.overall)),
        setting("Own code asked again after", in_words(mine.fresh_for)),
        setting("Set-up links work for", in_words(mine.setup_for)),
        setting(
            "Enrolment codes work for",
            format!("{} hours", mine.enrolment_code_hours),
        ),
        setting("A second operator is needed for", four_eyes.join(", ")),
        setting(
            "Resets by one operator within an hour",
            mine.resets_per_hour.to_string(),
        ),
        setting("Longest emergency access", in_words(mine.emergency_longest)),
        setting("Audit rows are kept", keep),
        setting("How callers are known", mine.identity_checks.join("; ")),
    ]
}
