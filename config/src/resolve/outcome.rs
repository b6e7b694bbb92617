//! How answers to a login are told apart: outcome rules, retry statuses, the probe.
//!
//! Reads no answer: `anteroom_core::outcome` does. What is refused here are rules that would take a
//! success for a failure, or junk for a success (`DESIGN-CASES` 2 and 5).

use anteroom_core::outcome::Outcome;
use anteroom_core::profile::{LocationTest, LoginProfile, OutcomeRule, PathRule, Probe, ProbeName};

use super::pattern::{self, Reach, path_rule};
use crate::raw::measure::quoted;
use crate::raw::node::Value;
use crate::raw::section::{Found, Section};

/// "Come back later" of servers and of proxies in front of them; never an answer to a password.
const RETRY: [u16; 6] = [408, 429, 500, 502, 503, 504];

pub(super) fn rules(login: &Section<'_>) -> Vec<OutcomeRule> {
    login.tables("outcome").iter().filter_map(rule).collect()
}

pub(super) fn retry_statuses(login: &Section<'_>) -> Vec<u16> {
    let statuses = login.numbers("retry_statuses", &(400..=599), "[302, 303]");
    statuses.map_or_else(|| RETRY.to_vec(), |statuses| statuses.value)
}

/// The key `status`; a missing list means any status.
pub(super) fn statuses(section: &Section<'_>) -> Vec<u16> {
    section
        .numbers("status", &(200..=599), "[302, 303]")
        .map(|statuses| statuses.value)
        .unwrap_or_default()
}

fn rule(section: &Section<'_>) -> Option<OutcomeRule> {
    let report = section.report();
    let words = [
        ("success", Outcome::Success),
        ("failure", Outcome::Failure),
        ("intermediate", Outcome::Intermediate),
        ("retry", Outcome::Retry),
    ];
    let word = section.one_of("outcome", &words);
    if !section.has("outcome") {
        section.missing("outcome", "success, failure, intermediate or retry");
    }
    let unforgeable = section.flag("unforgeable");
    let status = statuses(section);
    let location = location(section);
    let cookie = section.text("sets_cookie");
    let sets_cookie = cookie.and_then(|text| pattern::cookie_name(report, &text));
    let regex = |key| {
        section
            .text(key)
            .and_then(|text| pattern::regex(report, &text))
    };
    let (body, body_lacks) = (regex("body"), regex("body_lacks"));
    let outcome = word?.value;
    if unforgeable.value && outcome != Outcome::Success {
        report.problem(&unforgeable.at, "true", "only on a success rule");
    }
    let rule = OutcomeRule {
        outcome,
        unforgeable: unforgeable.value,
        status,
        location,
        sets_cookie,
        body,
        body_lacks,
    };
    judge_tests(section, &rule);
    Some(rule)
}

/// A rule must look at something, and a failure at something that only a failure has.
fn judge_tests(section: &Section<'_>, rule: &OutcomeRule) {
    let asks = |key: &str| section.has(key);
    let tests = ["status", "location", "sets_cookie", "body", "body_lacks"];
    if !tests.into_iter().any(asks) {
        let allowed = format!("at least one test: {}", tests.join(", "));
        section
            .report()
            .problem(section.at(), "a rule that matches every answer", allowed);
        return;
    }
    // 200 and 302 are what many apps give to either; what is missing may be missing from a
    // success too.
    let telling = asks("status") && rule.status.iter().all(|status| *status >= 400);
    // Asked of the file where a test may not have compiled: one mistake, one problem.
    let there = rule
        .location
        .as_ref()
        .map_or_else(|| asks("location"), |test| !test.negate);
    let positive = telling || there || asks("sets_cookie") || asks("body");
    if rule.outcome == Outcome::Failure && !positive {
        let allowed = "status of 400 and above, a location without not, sets_cookie or body";
        let hint = "a success that is read as a failure would be shown before the second factor";
        let found = "a failure without a sign of its own";
        section
            .report()
            .problem_hint(section.at(), found, allowed, hint);
    }
}

fn location(section: &Section<'_>) -> Option<LocationTest> {
    let table = section.table("location");
    let report = table.report();
    let path = table.text("path");
    let query = table
        .text("query")
        .and_then(|text| pattern::regex(report, &text));
    let negate = table.flag("not").value;
    if !table.is_present() {
        return None;
    }
    if !table.has("path") {
        table.missing("path", r#"the path of the redirect, such as "/login""#);
    }
    let path = path_rule(report, &path?, Reach::Everything)?;
    Some(LocationTest {
        path,
        query,
        negate,
    })
}

pub(super) fn probe(login: &Section<'_>) -> Option<Probe> {
    let section = login.table("probe");
    let report = section.report();
    let path = section.text("path");
    let json = section.text("json");
    let regex = section.text("regex");
    if !section.is_present() {
        return None;
    }
    if !section.has("path") {
        section.missing("path", r#"what to GET, such as "/api/whoami""#);
    }
    let name = match (json, regex) {
        (Some(json), None) => json_pointer(&section, &json),
        (None, Some(text)) => pattern::regex(report, &text).and_then(|regex| {
            let named = regex.captures_len() == 2;
            if !named {
                let allowed = "one group in round brackets: the name";
                report.problem(&text.at, quoted(text.value), allowed);
            }
            named.then_some(ProbeName::Regex(regex))
        }),
        _ => {
            let allowed = "either json or regex: where the name stands";
            report.problem(section.at(), "both or neither", allowed);
            None
        }
    };
    Some(Probe {
        path: pattern::target(report, &path?)?,
        name: name?,
    })
}

fn json_pointer(section: &Section<'_>, text: &Found<&str>) -> Option<ProbeName> {
    // RFC 6901: each part begins with /, and ~ is written ~0, / is written ~1.
    let escapes = text
        .value
        .split('~')
        .skip(1)
        .all(|rest| rest.starts_with(['0', '1']));
    let fine = text.value.starts_with('/') && escapes;
    if !fine {
        let allowed = r#"a JSON pointer such as "/user/name""#;
        section
            .report()
            .problem(&text.at, quoted(text.value), allowed);
    }
    fine.then(|| ProbeName::Json(text.value.to_owned()))
}

/// What must hold between the rules.
pub(super) fn agree(login: &Section<'_>, profile: &LoginProfile) {
    if !login.has("outcome") {
        let allowed = "[[app.login.outcome]] rules: how success and failure look";
        login.missing("outcome", allowed);
        return;
    }
    let written = match login.node("outcome").1.map(|node| &node.value) {
        Some(Value::List(rules)) => rules.len(),
        _ => 0,
    };
    if written == 0 || profile.outcomes.len() < written {
        // A rule that could not be read may be the one that is missed below: one mistake, one
        // problem.
        return;
    }
    let report = login.report();
    let at = login.place("outcome");
    let some = |outcome| profile.outcomes.iter().any(|rule| rule.outcome == outcome);
    let sure = |rule: &OutcomeRule| rule.outcome == Outcome::Success && rule.unforgeable;
    if login.has("probe") {
        probe_asks_about_the_session(login, profile);
    } else if !some(Outcome::Success) {
        let hint = "every right password would end in \"we do not understand the answer\"";
        let allowed = "at least one rule with outcome = \"success\"";
        report.problem_hint(&at, "no success rule", allowed, hint);
    } else if !profile.outcomes.iter().any(sure) {
        let found = "no answer that proves the right password";
        let allowed = "a [app.login.probe], or unforgeable = true on a success rule";
        let hint = "without proof nobody can enrol: an answer that junk gets too proves nothing";
        report.problem_hint(&at, found, allowed, hint);
    }
    if !some(Outcome::Failure) {
        let why = "a mistyped password would be answered with our page, not with the app's own";
        report.warning(
            &at,
            "no failure rule",
            "one with outcome = \"failure\"",
            why,
        );
    }
}

/// What anybody may read does not tell who is logged in.
fn probe_asks_about_the_session(login: &Section<'_>, profile: &LoginProfile) {
    let Some(probe) = &profile.probe else {
        return;
    };
    let path = pattern::path_of(&probe.path);
    let open = |rules: &[PathRule]| rules.iter().any(|rule| rule.matches(path));
    if open(&profile.assets) || open(&profile.pages) {
        let hint = "what anybody may read does not tell who is logged in";
        let allowed = "a path behind the login";
        login
            .report()
            .problem_hint(&login.place("probe"), "an open path", allowed, hint);
    }
}
