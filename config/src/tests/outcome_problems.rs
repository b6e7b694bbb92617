//! Mistakes in the rules that read an answer, and in the probe.
//!
//! What right rules make of real answers is in `shipped`; `hold` and `hold_own` stand in the
//! parent.

use super::*;

#[test]
fn outcome_rules_look_at_something_that_tells() {
    hold_own(&[
        (
            "status = [302]",
            "",
            "line 23: app[0].login.outcome[0]: found a rule that matches every answer; allowed: at \
             least one test: status, location, sets_cookie, body, body_lacks",
        ),
        (
            "status = [403]",
            "status = [200]",
            "line 27: app[0].login.outcome[1]: found a failure without a sign of its own; allowed: \
             status of 400 and above, a location without not, sets_cookie or body; a success that \
             is read as a failure would be shown before the second factor",
        ),
        (
            "status = [403]",
            "status = [302]\nlocation = { path = \"/home\", not = true }",
            "line 27: app[0].login.outcome[1]: found a failure without a sign of its own; allowed: \
             status of 400 and above, a location without not, sets_cookie or body; a success that \
             is read as a failure would be shown before the second factor",
        ),
        (
            "status = [403]",
            "body_lacks = \"Welcome\"",
            "line 27: app[0].login.outcome[1]: found a failure without a sign of its own; allowed: \
             status of 400 and above, a location without not, sets_cookie or body; a success that \
             is read as a failure would be shown before the second factor",
        ),
        (
            "status = [403]",
            "status = [403]\nunforgeable = true",
            "line 30: app[0].login.outcome[1].unforgeable: found true; allowed: only on a success \
             rule",
        ),
        (
            "status = [403]",
            "status = [\"403\"]",
            "line 29: app[0].login.outcome[1].status[0]: found \"403\"; allowed: a number from 200 \
             to 599",
        ),
        (
            "outcome = \"success\"",
            "outcome = \"sucess\"",
            "line 24: app[0].login.outcome[0].outcome: found \"sucess\"; allowed: success, \
             failure, intermediate, retry; did you mean \"success\"?",
        ),
        (
            "status = [403]",
            "body = \"(oops\"",
            "line 29: app[0].login.outcome[1].body: found \"(oops\"; allowed: a regular expression \
             of the Rust regex crate; single quotes keep \\ as it is; unclosed group",
        ),
        (
            "status = [403]",
            "location = { query = \"x\" }",
            "line 29: app[0].login.outcome[1].location.path: found nothing; allowed: the path of \
             the redirect, such as \"/login\"",
        ),
    ]);
}

#[test]
fn success_must_be_recognised_and_provable() {
    hold_own(&[(
        "unforgeable = true",
        "",
        "line 23: app[0].login.outcome: found no answer that proves the right password; allowed: a \
         [app.login.probe], or unforgeable = true on a success rule; without proof nobody can \
         enrol: an answer that junk gets too proves nothing",
    )]);
    let mute = GOOD.replace("preset = \"demo\"\n", "")
        + OWN.split("[[app.login.outcome]]").next().expect("text");
    assert_eq!(
        problems(&mute),
        [
            "line 16: app[0].login.outcome: found nothing; allowed: [[app.login.outcome]] rules: \
             how success and failure look"
        ]
    );
    let said = problems(&own("outcome = \"success\"", "outcome = \"intermediate\"")).concat();
    assert!(said.contains("found no success rule"), "{said}");
    let only_success = OWN.rsplit_once("[[").expect("text").0;
    let text = GOOD.replace("preset = \"demo\"\n", "") + only_success;
    assert!(
        settings(&text).warnings[0]
            .found
            .contains("no failure rule")
    );
}

#[test]
fn probes() {
    hold(&[
        (
            "",
            "[app.login.probe]\npath = \"/who\"",
            "line 17: app[0].login.probe: found both or neither; allowed: either json or regex: \
             where the name stands",
        ),
        (
            "",
            "[app.login.probe]\npath = \"/who\"\njson = \"user\"",
            "line 19: app[0].login.probe.json: found \"user\"; allowed: a JSON pointer such as \
             \"/user/name\"",
        ),
        (
            "",
            "[app.login.probe]\npath = \"/who\"\nregex = \"Hello .*\"",
            "line 19: app[0].login.probe.regex: found \"Hello .*\"; allowed: one group in round \
             brackets: the name",
        ),
        (
            "",
            "[app.login.probe]\npath = \"/static/who\"\njson = \"/user\"",
            "line 17: app[0].login.probe: found an open path; allowed: a path behind the login; \
             what anybody may read does not tell who is logged in",
        ),
    ]);
}
