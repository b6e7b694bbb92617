//! Answers to logins, each with what the rules must make of it: attacks B13 and B14 first.
//!
//! The rules are those of the shipped presets. What a reading leads to is `login`'s.

use super::*;

fn regex(text: &str) -> Option<Regex> {
    Some(Regex::new(text).expect("an expression that compiles"))
}

fn rule(outcome: Outcome) -> OutcomeRule {
    OutcomeRule {
        outcome,
        unforgeable: false,
        status: vec![],
        location: None,
        sets_cookie: None,
        body: None,
        body_lacks: None,
    }
}

fn exactly(path: &str) -> LocationTest {
    LocationTest {
        path: PathRule::Exact(path.into()),
        query: None,
        negate: false,
    }
}

fn anywhere_but(path: &str) -> LocationTest {
    LocationTest {
        negate: true,
        ..exactly(path)
    }
}

fn profile(outcomes: Vec<OutcomeRule>) -> LoginProfile {
    LoginProfile {
        outcomes,
        retry_statuses: vec![408, 429, 500, 502, 503, 504],
        ..LoginProfile::default()
    }
}

/// The plain PHP application: the form again, back to the form, or anywhere else.
fn php() -> LoginProfile {
    profile(vec![
        OutcomeRule {
            status: vec![200, 401, 403],
            body: regex(r#"<input[^>]+name="password""#),
            ..rule(Outcome::Failure)
        },
        OutcomeRule {
            status: vec![302, 303],
            location: Some(exactly("/login.php")),
            ..rule(Outcome::Failure)
        },
        OutcomeRule {
            unforgeable: true,
            status: vec![302, 303],
            location: Some(anywhere_but("/login.php")),
            ..rule(Outcome::Success)
        },
    ])
}

fn to<'a>(path: &'a str, query: &'a str) -> Answer<'a> {
    Answer {
        location: Some(Target::Own { path, query }),
        ..answer(302, "")
    }
}

fn answer(status: u16, body: &str) -> Answer<'_> {
    Answer {
        status,
        location: None,
        cookies_set: &[],
        body: Some(body),
    }
}

fn outcome(profile: &LoginProfile, answer: &Answer<'_>) -> Outcome {
    read_answer(profile, answer).outcome
}

const UNKNOWN: Reading = Reading {
    outcome: Outcome::Unknown,
    proved: false,
};

#[test]
fn a_success_that_no_rule_knows_is_held_and_never_a_failure() {
    let elsewhere = Answer {
        location: Some(Target::Elsewhere),
        ..answer(302, "")
    };
    let session: [&[u8]; 1] = [b"PHPSESSID"];
    let refused = Answer {
        cookies_set: &session,
        ..answer(401, "no")
    };
    let encoded = Answer {
        body: None,
        ..answer(200, "")
    };
    for (what, answer) in [
        ("200 and a page", answer(200, "<h1>Welcome</h1>")),
        ("302 to another host", elsewhere),
        ("302 to nowhere", answer(302, "")),
        ("204", answer(204, "")),
        (
            "meta refresh",
            answer(200, "<meta http-equiv=refresh content=0>"),
        ),
        ("JSON", answer(200, r#"{"ok":true}"#)),
        ("gzip body", encoded),
        ("401 with a session", refused),
        ("201", answer(201, "")),
    ] {
        assert_eq!(read_answer(&php(), &answer), UNKNOWN, "{what}");
    }
}

#[test]
fn an_error_of_the_server_means_try_again_and_never_a_login() {
    for status in [408, 429, 500, 502, 503, 504] {
        let read = read_answer(&php(), &answer(status, "<h1>Welcome</h1>"));
        assert_eq!(read.outcome, Outcome::Retry, "{status}");
        assert!(!read.proved);
    }
    assert_eq!(outcome(&php(), &answer(501, "")), Outcome::Unknown);
}

#[test]
fn a_profile_may_say_that_an_error_is_an_answer() {
    let mut profile = php();
    profile.outcomes.insert(
        0,
        OutcomeRule {
            status: vec![500],
            body: regex("wrong password"),
            ..rule(Outcome::Failure)
        },
    );
    let failure = answer(500, "wrong password");
    assert_eq!(outcome(&profile, &failure), Outcome::Failure);
    assert_eq!(outcome(&profile, &answer(500, "")), Outcome::Retry);
}

#[test]
fn an_echoed_marker_does_not_turn_a_failure_into_a_success() {
    let by_text = profile(vec![
        OutcomeRule {
            body: regex("Invalid credentials"),
            ..rule(Outcome::Failure)
        },
        OutcomeRule {
            status: vec![200],
            body: regex("Welcome back"),
            ..rule(Outcome::Success)
        },
    ]);
    let echoed = answer(
        200,
        "<p>Invalid credentials</p><input value='Welcome back'>",
    );
    assert_eq!(outcome(&by_text, &echoed), Outcome::Failure);

    let by_place = profile(vec![OutcomeRule {
        unforgeable: true,
        location: Some(LocationTest {
            query: regex("^$"),
            ..exactly("/home")
        }),
        ..rule(Outcome::Success)
    }]);
    assert!(read_answer(&by_place, &to("/home", "")).proved);
    let message = to("/home", "msg=Invalid");
    assert_eq!(read_answer(&by_place, &message), UNKNOWN);
    let next = to("/login.php", "next=/dashboard");
    assert_eq!(outcome(&php(), &next), Outcome::Failure);
    assert!(!read_answer(&php(), &next).proved);
}

#[test]
fn a_marker_pushed_out_of_sight_is_not_missing() {
    let lacks_the_form = profile(vec![OutcomeRule {
        unforgeable: true,
        status: vec![200],
        body_lacks: regex(r#"id="login""#),
        ..rule(Outcome::Success)
    }]);
    assert!(read_answer(&lacks_the_form, &answer(200, "<h1>Chart</h1>")).proved);
    let echoed = "x".repeat(BODY_PREFIX);
    let cut = answer(200, &echoed);
    assert_eq!(read_answer(&lacks_the_form, &cut), UNKNOWN);
    let whole = answer(200, &echoed[1..]);
    assert!(read_answer(&lacks_the_form, &whole).proved);
}

#[test]
fn anywhere_but_the_login_page_means_no_spelling_of_it() {
    for path in [
        "/login.php",
        "/LOGIN.PHP",
        "/login.php;x=1",
        "/login%2ephp",
        "//login.php",
        "/a/../login.php",
        "/login.php/",
    ] {
        let read = read_answer(&php(), &to(path, "error=1"));
        assert_ne!(read.outcome, Outcome::Success, "{path}");
        assert!(!read.proved, "{path}");
    }
    for path in ["/", "/home.php", "/login.php.bak", "/login.php/home"] {
        assert!(read_answer(&php(), &to(path, "")).proved, "{path}");
    }
    let folder = profile(vec![OutcomeRule {
        location: Some(LocationTest {
            path: PathRule::Under("/auth/".into()),
            ..anywhere_but("/")
        }),
        ..rule(Outcome::Success)
    }]);
    assert_eq!(outcome(&folder, &to("/Auth/again", "")), Outcome::Unknown);
    assert_eq!(outcome(&folder, &to("/chart", "")), Outcome::Success);
}

#[test]
fn a_session_id_in_the_redirect_is_cut_out_before_it_is_read() {
    let mut tomcat = php();
    tomcat.url_ids.cut = vec!["jsessionid".into()];
    let back = to("/login.php;JSESSIONID=0A1B.node1", "error");
    assert_eq!(outcome(&tomcat, &back), Outcome::Failure);
    assert_eq!(outcome(&php(), &back), Outcome::Unknown);
    let on = to("/home;jsessionid=0A1B", "");
    assert!(read_answer(&tomcat, &on).proved);
}

#[test]
fn a_negated_location_does_not_match_a_foreign_host_or_none() {
    let wanted = profile(vec![OutcomeRule {
        location: Some(anywhere_but("/login")),
        ..rule(Outcome::Success)
    }]);
    assert_eq!(outcome(&wanted, &to("/home", "")), Outcome::Success);
    for location in [Some(Target::Elsewhere), None] {
        let answer = Answer {
            location,
            ..to("/", "")
        };
        assert_eq!(outcome(&wanted, &answer), Outcome::Unknown);
    }
}

#[test]
fn a_negated_location_with_a_query_spares_the_other_queries() {
    let wanted = profile(vec![OutcomeRule {
        location: Some(LocationTest {
            query: regex("(^|&)error="),
            ..anywhere_but("/index.php")
        }),
        ..rule(Outcome::Success)
    }]);
    for (query, reading) in [
        ("error=1", Outcome::Unknown),
        ("a=1&error=", Outcome::Unknown),
        ("page=home", Outcome::Success),
    ] {
        assert_eq!(
            outcome(&wanted, &to("/index.php", query)),
            reading,
            "{query}"
        );
    }
}

#[test]
fn a_body_that_cannot_be_decoded_matches_no_body_rule() {
    let answer = Answer {
        body: None,
        ..to("/", "")
    };
    for rule in [
        OutcomeRule {
            body: regex(""),
            ..rule(Outcome::Failure)
        },
        OutcomeRule {
            body_lacks: regex("nowhere"),
            ..rule(Outcome::Success)
        },
    ] {
        assert_eq!(outcome(&profile(vec![rule]), &answer), Outcome::Unknown);
    }
}

#[test]
fn every_test_of_a_rule_must_hold_and_the_first_rule_wins() {
    let narrow = OutcomeRule {
        unforgeable: true,
        status: vec![303],
        sets_cookie: Some(NamePattern::Exact("JSESSIONID".into())),
        body: regex("ok"),
        body_lacks: regex("error"),
        location: Some(exactly("/home")),
        ..rule(Outcome::Success)
    };
    let rules = profile(vec![narrow, rule(Outcome::Intermediate)]);
    let set: [&[u8]; 2] = [b"theme", b"JSESSIONID"];
    let good = Answer {
        status: 303,
        cookies_set: &set,
        body: Some("ok"),
        ..to("/home", "")
    };
    let read = read_answer(&rules, &good);
    assert_eq!((read.outcome, read.proved), (Outcome::Success, true));
    let lower: [&[u8]; 1] = [b"jsessionid"];
    for short in [
        Answer {
            status: 302,
            ..good
        },
        Answer {
            cookies_set: &lower,
            ..good
        },
        Answer {
            body: Some("ok, error"),
            ..good
        },
        Answer {
            body: Some(""),
            ..good
        },
        Answer {
            location: None,
            ..good
        },
    ] {
        assert_eq!(outcome(&rules, &short), Outcome::Intermediate, "{short:?}");
    }
}

#[test]
fn only_a_success_can_be_proved() {
    for kind in [
        Outcome::Failure,
        Outcome::Intermediate,
        Outcome::Retry,
        Outcome::Unknown,
    ] {
        let rules = profile(vec![OutcomeRule {
            unforgeable: true,
            ..rule(kind)
        }]);
        assert!(
            !read_answer(&rules, &answer(200, "")).proved,
            "{}",
            kind.name()
        );
    }
}
