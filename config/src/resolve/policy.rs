//! What an application's owner decided about second factors, within the limits that standards set.
//!
//! Limits and defaults are `standards.md` 0.1. Decides nothing: `anteroom_core::policy` says what
//! each value means. Enforcement other than `required` is understood here and refused, because
//! the gateway does not know it yet.

use std::time::Duration;

use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::device::DevicePolicy;
use anteroom_core::policy::{Enforcement, EnrolmentPolicy, Policy};
use anteroom_core::profile::LoginProfile;
use anteroom_core::session::Lifetimes;
use anteroom_core::throttle::ThrottlePolicy;

use super::app::Frame;
use super::server::networks;
use crate::raw::measure::{in_words, quoted};
use crate::raw::node::Value;
use crate::raw::section::{Found, Section, unknown_word};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn policy(app: &Section<'_>, profile: &LoginProfile, frame: &Frame<'_>) -> Policy {
    enforcement(app);
    let challenge = app.table("challenge");
    let held = MINUTE..=10 * MINUTE;
    let pending_for = challenge.duration("pending_for", 5 * MINUTE, &held).value;
    let enrolling_for = challenge
        .duration("enrolling_for", 10 * MINUTE, &held)
        .value;
    // Under five a lost phone soon ends in a call; over twenty nobody keeps the sheet safe.
    let codes = challenge.number("recovery_codes", &(5..=20));
    let (kinds, may_remove_last) = factors(app);
    Policy {
        enforcement: Enforcement::Required,
        enrolment: enrolment(app, profile, frame),
        lifetimes: lifetimes(app),
        pending_for,
        enrolling_for,
        recovery_codes: codes
            .and_then(|codes| u8::try_from(codes.value).ok())
            .unwrap_or(10),
        kinds,
        may_remove_last,
        devices: devices(app),
        throttle: throttle(app),
    }
}

/// Whether a code is not asked for again on the same computer, and for how long. Off by default.
fn devices(app: &Section<'_>) -> Option<DevicePolicy> {
    let section = app.table("remembered_devices");
    let days = section.number("days", &(0..=90));
    let why = "a device is remembered for one network, and this one is everywhere";
    let networks = networks(&section, "networks", why);
    if section.is_present() && !section.has("days") {
        let allowed = "for how many days a code is not asked for again: 0 (never) to 90";
        section.missing("days", allowed);
    }
    let days = days.filter(|days| days.value > 0)?;
    let found = format!("{} days", days.value);
    let why = "sign-ins on a remembered computer are no AAL2 ones (NIST SP 800-63B-4 5.1)";
    section.report().warning(&days.at, found, "days = 0", why);
    Some(DevicePolicy {
        lasts: DAY.saturating_mul(u32::try_from(days.value).unwrap_or(1)),
        networks,
    })
}

/// Which kinds of authenticators the app takes, and whether the last one may be removed.
fn factors(app: &Section<'_>) -> (Kinds, bool) {
    let section = app.table("factors");
    let remove = section.one_of("last", &[("keep", false), ("may-remove", true)]);
    let may_remove = remove.is_some_and(|word| word.value);
    let Some(listed) = section.some_texts("kinds", r#"["passkey", "totp"]"#) else {
        return (Kinds::PRESET, may_remove);
    };
    let words = AuthenticatorKind::ALL.map(AuthenticatorKind::name);
    let mut kinds = Kinds::NONE;
    for word in &listed {
        match AuthenticatorKind::from_name(word.value) {
            Some(kind) => kinds = kinds.with(kind),
            None => unknown_word(section.report(), word, &words),
        }
    }
    if kinds == Kinds::NONE.with(AuthenticatorKind::Email) {
        let why = "whoever reads a person's mail and has her password then has her charts \
            (NIST SP 800-63B-4 section 3.1.3.1)";
        let at = section.place("kinds");
        section
            .report()
            .warning(&at, "e-mail alone", "\"totp\" or \"passkey\" as well", why);
    }
    (kinds, may_remove)
}

fn enforcement(app: &Section<'_>) {
    let (at, node) = app.node("enforcement");
    let Some(node) = node else {
        return;
    };
    let later = |found: String| {
        let hint = "it comes with a later version of Anteroom";
        app.report().problem_hint(&at, found, "required", hint);
    };
    match &node.value {
        Value::Text(word) if word == "required" => {}
        Value::Text(word) if word == "report" || word == "optional" || word.starts_with("by ") => {
            later(quoted(word));
        }
        Value::Moment(moment) => later(format!("the date {moment}")),
        Value::Text(word) => {
            let text = Found {
                value: word.as_str(),
                at: at.clone(),
            };
            unknown_word(app.report(), &text, &["required"]);
        }
        _ => app
            .report()
            .problem(&at, "something else than text", "required"),
    }
}

#[derive(Clone, Copy)]
enum Ground {
    Code,
    Network,
    Open,
}

fn enrolment(app: &Section<'_>, profile: &LoginProfile, frame: &Frame<'_>) -> EnrolmentPolicy {
    let section = app.table("enrolment");
    let words = [
        ("code", Ground::Code),
        ("network", Ground::Network),
        ("open", Ground::Open),
    ];
    let word = section.one_of("policy", &words);
    let networks = networks(
        &section,
        "networks",
        "so anybody could enrol, which is \"open\"",
    );
    let until = section.moment("until");
    let report = section.report();
    let ground = word.as_ref().map_or(Ground::Code, |word| word.value);
    if !matches!(ground, Ground::Network) && section.has("networks") {
        let at = section.place("networks");
        report.problem(&at, "networks", "only with policy = \"network\"");
    }
    if !matches!(ground, Ground::Open)
        && let Some(until) = &until
    {
        report.problem(&until.at, "an end date", "only with policy = \"open\"");
    }
    match ground {
        Ground::Code => EnrolmentPolicy::Code,
        Ground::Network => {
            if !section.has("networks") {
                section.missing(
                    "networks",
                    r#"the networks to trust, such as ["10.20.0.0/16"]"#,
                );
            }
            EnrolmentPolicy::Network(networks)
        }
        Ground::Open => {
            open_enrolment(&section, profile, frame, until.as_ref());
            EnrolmentPolicy::Open {
                until: until.map(|until| until.value),
            }
        }
    }
}

/// `open` means that whoever has the password may enrol: bounded in time, and best with a probe.
fn open_enrolment(
    section: &Section<'_>,
    profile: &LoginProfile,
    frame: &Frame<'_>,
    until: Option<&Found<anteroom_core::time::Timestamp>>,
) {
    let report = section.report();
    let at = section.place("policy");
    match (until, frame.around.now) {
        (None, _) if !frame.all_loopback && !section.has("until") => {
            let allowed = "until = date and time when the roll-out is over";
            let hint = "while enrolment is open, a stolen password enrols the thief's phone";
            let at = section.place("until");
            report.problem_hint(&at, "nothing", allowed, hint);
        }
        (Some(until), Some(now)) if until.value <= now => {
            let why = "from then on enrolment needs an operator's code";
            report.warning(
                &until.at,
                "a moment that has passed",
                "policy = \"code\"",
                why,
            );
        }
        _ => {}
    }
    if profile.probe.is_none() {
        // Attack B09: alice and alice@clinic are one account to the app and two names to us.
        let why = "without one, a second name of the same account (user name and e-mail) can be \
            enrolled by whoever stole the password";
        report.warning(&at, "open, without a probe", "a [app.login.probe]", why);
    }
}

fn lifetimes(app: &Section<'_>) -> Lifetimes {
    let section = app.table("sessions");
    let preset = Lifetimes::default();
    let overridden = section.flag("override_limits");
    // A year is not a wish but the edge of what an override may say.
    let range = MINUTE..=366 * DAY;
    let idle = section.duration("idle", preset.idle, &range);
    let overall = section.duration("overall", preset.overall, &range);
    let unlock = Duration::ZERO..=366 * DAY;
    let unlock_within = section
        .duration("unlock_within", preset.unlock_within, &unlock)
        .value;
    let report = section.report();
    for (span, limit, name) in [(&idle, HOUR, "idle"), (&overall, DAY, "overall")] {
        if span.value <= limit {
            continue;
        }
        let found = format!("\"{}\"", in_words(span.value));
        let allowed = format!("at most \"{}\"", in_words(limit));
        let why = "NIST SP 800-63B-4 section 2.2.3";
        if overridden.value {
            let why = format!("{why}; override_limits = true is written beside it");
            report.warning(&span.at, found, allowed, why);
        } else {
            let hint = format!("{why}; override_limits = true lifts it, and {name} is then on you");
            report.problem_hint(&span.at, found, allowed, hint);
        }
    }
    if idle.value > overall.value {
        let found = format!("\"{}\"", in_words(idle.value));
        let allowed = format!("no more than overall (\"{}\")", in_words(overall.value));
        report.problem(&idle.at, found, allowed);
    }
    Lifetimes {
        idle: idle.value,
        unlock_within,
        overall: overall.value,
    }
}

fn throttle(app: &Section<'_>) -> ThrottlePolicy {
    let section = app.table("throttle");
    let preset = ThrottlePolicy::default();
    let count = |key, default: u32, low: i64, high: i64| {
        let found = section.number(key, &(low..=high));
        found
            .and_then(|found| u32::try_from(found.value).ok())
            .unwrap_or(default)
    };
    let time = |key, default, range| section.duration(key, default, &range);
    let free_tries = count("free_tries", preset.free_tries, 1, 10);
    let first_pause = time(
        "first_pause",
        preset.first_pause,
        Duration::from_secs(1)..=HOUR,
    )
    .value;
    let longest = time(
        "longest_pause",
        preset.longest_pause,
        Duration::from_secs(1)..=DAY,
    );
    // NIST SP 800-63B-4 3.2.2: after 100 failures at the latest an authenticator is disabled.
    let disable_at = count("disable_at", preset.disable_at, 2, 100);
    let rolling_cap = count("rolling_cap", preset.rolling_cap, 2, 1_000);
    let rolling_window = time("rolling_window", preset.rolling_window, DAY..=366 * DAY).value;
    let report = section.report();
    if longest.value < first_pause {
        let found = format!("\"{}\"", in_words(longest.value));
        let allowed = format!("no less than first_pause (\"{}\")", in_words(first_pause));
        report.problem(&longest.at, found, allowed);
    }
    if disable_at <= free_tries {
        let at = section.place("disable_at");
        report.problem(
            &at,
            disable_at.to_string(),
            format!("more than free_tries ({free_tries})"),
        );
    }
    ThrottlePolicy {
        free_tries,
        first_pause,
        longest_pause: longest.value,
        disable_at,
        rolling_cap,
        rolling_window,
    }
}
