//! `anteroom check`: everything that can be wrong before the public comes, and after.
//!
//! Changes nothing: makes no key file, opens no store (it looks into its file), sends no password.
//! Files, clock and certificates are `anteroom_config::inspect`'s; the app itself is asked in
//! [`upstream`].

mod ask;
mod form_action;
mod login_page;
mod passkeys;
mod store_file;
mod unasked;
mod upstream;

use std::path::Path;

use anteroom_config::ambient::Ambient;
use anteroom_config::inspect::{self, Finding, Level};
use anteroom_config::settings::Settings;
use anteroom_core::policy::{Enforcement, EnrolmentPolicy, Policy};
use anteroom_core::time::Timestamp;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::{listening, moment, say};

/// Findings that belong together.
pub struct Group {
    /// What they are about.
    pub title: String,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Looks at everything and says what it saw.
///
/// # Errors
/// When the configuration cannot be read at all, or something must be mended.
pub async fn run(
    config: &Path,
    pages: &[String],
    json: bool,
    ambient: &Ambient,
) -> Result<(), Failure> {
    let settings = match anteroom_config::load(config, ambient) {
        Ok(settings) => settings,
        Err(problem) if json => {
            let problems: Vec<String> = problem.problems.iter().map(ToString::to_string).collect();
            say::answer(json!({ "verdict": "FAIL", "problems": problems }))?;
            return Err(Failure::UsageTold);
        }
        Err(problem) => return Err(problem.into()),
    };
    let mut groups = on_this_machine(&settings, config, ambient).await;
    for app in &settings.apps {
        groups.push(upstream::look(&settings, app, pages).await);
    }
    let worst = groups
        .iter()
        .flat_map(|group| &group.findings)
        .map(|finding| finding.level)
        .max();
    let failed = worst == Some(Level::Fail);
    say::answer(if json {
        as_json(&groups).to_string()
    } else {
        in_words(&groups)
    })?;
    if failed { Err(Failure::Told) } else { Ok(()) }
}

async fn on_this_machine(settings: &Settings, config: &Path, ambient: &Ambient) -> Vec<Group> {
    let now = ambient.clock.now();
    let mut files = inspect::all(settings, config, now);
    // The warnings of the configuration stand at the end, one each.
    let warnings = files.split_off(files.len() - settings.warnings.len());
    let mut configuration = vec![finding(
        Level::Ok,
        "configuration",
        format!("version 1, {} app(s)", settings.apps.len()),
    )];
    let bound: Vec<_> = settings
        .listeners
        .iter()
        .map(|listener| listener.addr)
        .collect();
    let listeners = listening::in_words(settings, &bound);
    configuration.extend(
        listeners
            .into_iter()
            .map(|line| finding(Level::Ok, "listens on", line)),
    );
    configuration.push(admin_app(settings));
    configuration.extend(settings.apps.iter().map(|app| {
        let subject = format!("app {}", app.name);
        finding(Level::Ok, subject, policy_in_words(&app.policy, now))
    }));
    configuration.extend(warnings);
    files.extend(store_file::look(&settings.store.path));
    files.extend(passkeys::look(settings).await);
    vec![
        Group {
            title: "Configuration".to_owned(),
            findings: configuration,
        },
        Group {
            title: "This machine".to_owned(),
            findings: files,
        },
    ]
}

/// Where operators find the admin app; that there is none is said too, because it is looked for.
fn admin_app(settings: &Settings) -> Finding {
    match &settings.admin {
        Some(admin) => {
            let line = listening::admin_in_words(admin, admin.addr);
            finding(Level::Ok, "listens on", line)
        }
        None => finding(Level::Ok, "admin app", "none: there is no [admin]"),
    }
}

/// What an app asks of its people: often not what was meant, so it is said.
fn policy_in_words(policy: &Policy, now: Timestamp) -> String {
    let asked = match policy.enforcement {
        Enforcement::Required => "second factor required".to_owned(),
        Enforcement::Optional => "second factor optional".to_owned(),
        Enforcement::Report => "report only".to_owned(),
        Enforcement::By(date) => format!("second factor required from {}", moment::in_utc(date)),
    };
    let enrolment = match &policy.enrolment {
        EnrolmentPolicy::Code => "with an operator's code".to_owned(),
        EnrolmentPolicy::Network(_) => "from the listed networks, else with a code".to_owned(),
        EnrolmentPolicy::Open { until: Some(end) } if *end <= now => {
            "with an operator's code (the open window is over)".to_owned()
        }
        EnrolmentPolicy::Open { until: Some(end) } => {
            format!(
                "open to every right password until {}",
                moment::in_utc(*end)
            )
        }
        EnrolmentPolicy::Open { until: None } => "open to every right password".to_owned(),
    };
    format!("{asked}; enrolment {enrolment}")
}

/// A finding without a hint.
pub(crate) fn finding(
    level: Level,
    subject: impl Into<String>,
    text: impl Into<String>,
) -> Finding {
    Finding {
        level,
        subject: subject.into(),
        text: text.into(),
        hint: None,
    }
}

/// A finding with a hint.
pub(crate) fn hinted(
    level: Level,
    subject: impl Into<String>,
    text: impl Into<String>,
    hint: impl Into<String>,
) -> Finding {
    Finding {
        hint: Some(hint.into()),
        ..finding(level, subject, text)
    }
}

fn in_words(groups: &[Group]) -> String {
    let mut text = String::new();
    for group in groups {
        text.push_str(&group.title);
        text.push('\n');
        for finding in &group.findings {
            text.push_str("  ");
            text.push_str(&finding.to_string().replace('\n', "\n  "));
            text.push('\n');
        }
        text.push('\n');
    }
    let all = || groups.iter().flat_map(|group| &group.findings);
    let count = |level| all().filter(|finding| finding.level == level).count();
    let (ok, warn, fail) = (count(Level::Ok), count(Level::Warn), count(Level::Fail));
    let verdict = match (fail, warn) {
        (0, 0) => "All is well.",
        (0, _) => "It works; the warnings deserve a second look.",
        _ => "Not ready: mend what FAILs, then check again.",
    };
    text.push_str(&format!("{ok} ok, {warn} warn, {fail} FAIL. {verdict}"));
    text
}

fn as_json(groups: &[Group]) -> Value {
    let one = |group: &str, finding: &Finding| {
        json!({
            "group": group,
            "level": word(finding.level),
            "subject": finding.subject,
            "text": finding.text,
            "hint": finding.hint,
        })
    };
    let all = groups.iter().flat_map(|group| {
        group
            .findings
            .iter()
            .map(|finding| one(&group.title, finding))
    });
    let findings: Vec<Value> = all.collect();
    let worst = groups
        .iter()
        .flat_map(|group| &group.findings)
        .map(|finding| finding.level)
        .max();
    json!({ "verdict": word(worst.unwrap_or(Level::Ok)), "findings": findings })
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warn => "warn",
        Level::Fail => "FAIL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Vec<Group> {
        vec![Group {
            title: "App emr".to_owned(),
            findings: vec![
                finding(Level::Ok, "login page", "found"),
                hinted(Level::Warn, "page /", "answers", "look"),
            ],
        }]
    }

    #[test]
    fn findings_are_grouped_counted_and_judged() {
        let said = in_words(&groups());
        assert_eq!(
            said,
            "App emr\n  ok    login page: found\n  warn  page /: answers\n        look\n\n\
             1 ok, 1 warn, 0 FAIL. It works; the warnings deserve a second look."
        );
        let value = as_json(&groups());
        assert_eq!(value["verdict"], "warn");
        assert_eq!(value["findings"][1]["hint"], "look");
    }
}
