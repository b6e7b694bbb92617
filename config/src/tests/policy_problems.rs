//! Mistakes in what an owner decided about second factors, and the defaults of what she left open.
//!
//! The limits are those of `standards.md` 0.1; `hold` and the good file stand in the parent.

use std::time::Duration;

use anteroom_core::policy::{Enforcement, EnrolmentPolicy};

use super::*;

#[test]
fn only_required_is_available_yet() {
    let later = "allowed: required; it comes with a later version of Anteroom";
    for (written, found) in [
        ("\"report\"", "\"report\""),
        ("\"optional\"", "\"optional\""),
        ("\"by 2031-01-01\"", "\"by 2031-01-01\""),
        ("2031-01-01", "the date 2031-01-01"),
    ] {
        let by = format!("preset = \"demo\"\nenforcement = {written}");
        let said = format!("line 15: app[0].enforcement: found {found}; {later}");
        assert_eq!(problems(&edited("preset = \"demo\"", &by)), [said]);
    }
    hold(&[(
        "preset = \"demo\"",
        "preset = \"demo\"\nenforcement = \"requird\"",
        "line 15: app[0].enforcement: found \"requird\"; allowed: required; did you mean \
         \"required\"?",
    )]);
}

#[test]
fn enrolment() {
    hold(&[
        (
            "",
            "[app.enrolment]\npolicy = \"opne\"",
            "line 18: app[0].enrolment.policy: found \"opne\"; allowed: code, network, open; did \
             you mean \"open\"?",
        ),
        (
            "",
            "[app.enrolment]\npolicy = \"open\"",
            "line 17: app[0].enrolment.until: found nothing; allowed: until = date and time when \
             the roll-out is over; while enrolment is open, a stolen password enrols the thief's \
             phone",
        ),
        (
            "",
            "[app.enrolment]\npolicy = \"open\"\nuntil = 2031-03-31",
            "line 19: app[0].enrolment.until: found 2031-03-31; allowed: date, time and offset \
             without quotes, such as 2031-03-31T18:00:00-04:00",
        ),
        (
            "",
            "[app.enrolment]\npolicy = \"network\"",
            "line 17: app[0].enrolment.networks: found nothing; allowed: the networks to trust, \
             such as [\"10.20.0.0/16\"]",
        ),
        (
            "",
            "[app.enrolment]\npolicy = \"network\"\nnetworks = [\"::/0\"]",
            "line 19: app[0].enrolment.networks[0]: found \"::/0\"; allowed: a network smaller \
             than the internet; so anybody could enrol, which is \"open\"",
        ),
        (
            "",
            "[app.enrolment]\nnetworks = [\"10.0.0.0/8\"]",
            "line 18: app[0].enrolment.networks: found networks; allowed: only with policy = \
             \"network\"",
        ),
        (
            "",
            "[app.enrolment]\nuntil = 2031-03-31T18:00:00Z",
            "line 18: app[0].enrolment.until: found an end date; allowed: only with policy = \
             \"open\"",
        ),
    ]);
    assert_eq!(
        settings(GOOD).apps[0].policy.enrolment,
        EnrolmentPolicy::Code
    );
}

#[test]
fn open_enrolment_without_an_end_is_for_loopback_only() {
    let open = format!("{GOOD}[app.enrolment]\npolicy = \"open\"\n");
    let loopback = open.replace("0.0.0.0:443", "127.0.0.1:8443");
    let policy = settings(&loopback).apps.remove(0).policy;
    assert_eq!(policy.enrolment, EnrolmentPolicy::Open { until: None });
}

#[test]
fn open_enrolment_without_a_probe_warns_about_second_names() {
    let open = "[app.enrolment]\npolicy = \"open\"\nuntil = 2031-03-31T18:00:00Z\n";
    let text = format!("{GOOD}{open}").replace("\"demo\"", "\"tomcat-form\"");
    let warnings = settings(&text).warnings;
    assert_eq!(
        warnings[0].to_string(),
        "line 18: app[0].enrolment.policy: found open, without a probe; allowed: a \
         [app.login.probe]; without one, a second name of the same account (user name and e-mail) \
         can be enrolled by whoever stole the password"
    );
}

#[test]
fn an_enrolment_window_that_is_over_is_told_at_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("anteroom.toml");
    let open = "[app.enrolment]\npolicy = \"open\"\nuntil = 2001-01-01T00:00:00Z\n";
    std::fs::write(&file, format!("{GOOD}{open}")).expect("written");
    let settings = crate::load(&file, &crate::ambient::Ambient::system()).expect("good");
    assert_eq!(
        settings.warnings[0].to_string(),
        "line 19: app[0].enrolment.until: found a moment that has passed; allowed: policy = \
         \"code\"; from then on enrolment needs an operator's code"
    );
}

#[test]
fn sessions_end_within_the_limits_of_nist_unless_overridden_in_writing() {
    hold(&[
        (
            "",
            "[app.sessions]\nidle = \"90 min\"",
            "line 18: app[0].sessions.idle: found \"90 min\"; allowed: at most \"1 h\"; NIST SP \
             800-63B-4 section 2.2.3; override_limits = true lifts it, and idle is then on you",
        ),
        (
            "",
            "[app.sessions]\noverall = \"2 d\"",
            "line 18: app[0].sessions.overall: found \"2 d\"; allowed: at most \"1 d\"; NIST SP \
             800-63B-4 section 2.2.3; override_limits = true lifts it, and overall is then on you",
        ),
        (
            "",
            "[app.sessions]\nidle = \"30 min\"\noverall = \"20 min\"",
            "line 18: app[0].sessions.idle: found \"30 min\"; allowed: no more than overall (\"20 \
             min\")",
        ),
    ]);
    warned(&[(
        "",
        "[app.sessions]\noverride_limits = true\nidle = \"90 min\"",
        "line 19: app[0].sessions.idle: found \"90 min\"; allowed: at most \"1 h\"; NIST SP \
         800-63B-4 section 2.2.3; override_limits = true is written beside it",
    )]);
}

#[test]
fn challenges_and_wrong_codes() {
    hold(&[
        (
            "",
            "[app.challenge]\npending_for = \"11 min\"",
            "line 18: app[0].challenge.pending_for: found \"11 min\"; allowed: a time from \"1 \
             min\" to \"10 min\" (units: ms, s, min, h, d)",
        ),
        (
            "",
            "[app.challenge]\nrecovery_codes = 4",
            "line 18: app[0].challenge.recovery_codes: found 4; allowed: a whole number from 5 to \
             20",
        ),
        (
            "",
            "[app.throttle]\ndisable_at = 101",
            "line 18: app[0].throttle.disable_at: found 101; allowed: a whole number from 2 to 100",
        ),
        (
            "",
            "[app.throttle]\nfree_tries = 8\ndisable_at = 8",
            "line 19: app[0].throttle.disable_at: found 8; allowed: more than free_tries (8)",
        ),
        (
            "",
            "[app.throttle]\nfirst_pause = \"1 h\"\nlongest_pause = \"30 s\"",
            "line 19: app[0].throttle.longest_pause: found \"30 s\"; allowed: no less than \
             first_pause (\"1 h\")",
        ),
    ]);
}

#[test]
fn the_defaults_of_a_policy_are_those_of_the_standards_note() {
    let policy = settings(GOOD).apps.remove(0).policy;
    let minutes = |count: u64| Duration::from_secs(count * 60);
    assert_eq!(policy.enforcement, Enforcement::Required);
    assert_eq!(
        (policy.pending_for, policy.enrolling_for),
        (minutes(5), minutes(10))
    );
    assert_eq!(
        (policy.lifetimes.idle, policy.lifetimes.overall),
        (minutes(15), minutes(720))
    );
    assert_eq!(policy.lifetimes.unlock_within, minutes(60));
    assert_eq!(
        (policy.throttle.free_tries, policy.throttle.disable_at),
        (5, 50)
    );
    assert_eq!(policy.recovery_codes, 10);
}

#[test]
fn kinds_of_authenticators() {
    hold(&[
        (
            "",
            "[app.factors]\nkinds = [\"totp\", \"sms\"]",
            "line 18: app[0].factors.kinds[1]: found \"sms\"; allowed: passkey, totp, hardware, \
             email",
        ),
        (
            "",
            "[app.factors]\nkinds = []",
            "line 18: app[0].factors.kinds: found an empty list; allowed: a list such as \
             [\"passkey\", \"totp\"]",
        ),
        (
            "",
            "[app.factors]\nlast = \"drop\"",
            "line 18: app[0].factors.last: found \"drop\"; allowed: keep, may-remove",
        ),
    ]);
    let mail = "[mail]\nserver = \"localhost\"\nfrom = \"emr@clinic.test\"";
    let only_mail = format!("[app.factors]\nkinds = [\"email\"]\n{mail}");
    let settings = settings(&edited("", &only_mail));
    let said = settings.warnings.iter().map(ToString::to_string);
    let said: Vec<_> = said
        .filter(|line| line.contains("factors.kinds: found e-mail alone"))
        .collect();
    assert_eq!(said.len(), 1, "{:?}", settings.warnings);
}

#[test]
fn remembered_devices() {
    hold(&[
        (
            "",
            "[app.remembered_devices]\ndays = 91",
            "line 18: app[0].remembered_devices.days: found 91; allowed: a whole number \
             from 0 to 90",
        ),
        (
            "",
            "[app.remembered_devices]\nnetworks = [\"10.0.0.0/8\"]",
            "line 17: app[0].remembered_devices.days: found nothing; allowed: for how many days a \
             code is not asked for again: 0 (never) to 90",
        ),
        (
            "",
            "[app.remembered_devices]\ndays = 14\nnetworks = [\"::/0\"]",
            "line 19: app[0].remembered_devices.networks[0]: found \"::/0\"; allowed: a network \
             smaller than the internet; a device is remembered for one network, and this one is \
             everywhere",
        ),
    ]);
    let on = settings(&edited("", "[app.remembered_devices]\ndays = 14"));
    let lasts = on.apps[0].policy.devices.as_ref().map(|on| on.lasts);
    assert_eq!(lasts, Some(Duration::from_secs(14 * 86_400)));
    let warned = |line: &str| line.contains("NIST SP 800-63B-4 5.1");
    assert!(on.warnings.iter().any(|line| warned(&line.to_string())));
}
