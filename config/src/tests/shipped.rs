//! The files that ship with us: the example is complete, every preset resolves, the guide names
//! every key.
//!
//! What a preset makes of real answers is tested with the real applications, in `tests/e2e`.

use std::collections::BTreeSet;

use anteroom_core::outcome::{Answer, Outcome, Target, read_answer};
use anteroom_core::profile::{CookieMode, LoginPath, LoginProfile, PathRule};

use super::*;
use crate::presets;
use crate::raw::node::{self, Node, Value};
use crate::raw::report::Report;
use crate::resolve::{Surroundings, resolve};

const GUIDE: &str = include_str!("../../../docs/profiles.md");

/// Every key of a tree, without indices.
fn keys_of(node: &Node, path: &str, found: &mut BTreeSet<String>) {
    match &node.value {
        Value::Table(entries) => {
            for entry in entries {
                let dot = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{dot}{}", entry.key);
                found.insert(path.clone());
                keys_of(&entry.node, &path, found);
            }
        }
        Value::List(items) => {
            items
                .iter()
                .for_each(|item| keys_of(item, &format!("{path}[]"), found));
        }
        _ => {}
    }
}

fn known_keys() -> BTreeSet<String> {
    let root = node::parse(crate::EXAMPLE).expect("TOML");
    let report = Report::default();
    let around = Surroundings {
        base_dir: Path::new("/"),
        credentials: None,
        now: None,
    };
    resolve(&root, &around, &report);
    report.asked()
}

#[test]
fn the_example_is_good() {
    let settings = settings(crate::EXAMPLE);
    assert_eq!(settings.apps.len(), 2);
    // It shows `open` enrolment, with a probe; the only thing to look at twice is nothing.
    assert_eq!(settings.warnings, []);
}

#[test]
fn every_key_that_exists_stands_in_the_example() {
    let mut shown = BTreeSet::new();
    keys_of(&node::parse(crate::EXAMPLE).expect("TOML"), "", &mut shown);
    // The probe is shown with a regex; a pointer beside it would be a mistake. The comment names
    // it.
    shown.insert("app[].login.probe.json".to_owned());
    let missing: Vec<_> = known_keys().difference(&shown).cloned().collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn what_the_example_calls_the_default_is_the_default() {
    let (shown, bare) = (settings(crate::EXAMPLE), settings(GOOD));
    assert_eq!(shown.limits, bare.limits);
    assert_eq!(shown.log, bare.log);
    assert_eq!(shown.store.outage_grace, bare.store.outage_grace);
    assert_eq!(shown.apps[0].timeouts, bare.apps[0].timeouts);
    assert_eq!(shown.apps[0].policy.throttle, bare.apps[0].policy.throttle);
    assert_eq!(shown.apps[0].policy.kinds, bare.apps[0].policy.kinds);
    assert!(!bare.apps[0].policy.may_remove_last);
    assert_eq!(shown.apps[0].policy.devices, None);
    assert_eq!(bare.apps[0].policy.devices, None);
    assert_eq!(
        shown.apps[0].policy.lifetimes,
        bare.apps[0].policy.lifetimes
    );
    assert_eq!(shown.apps[0].hsts, bare.apps[0].hsts);
}

#[test]
fn what_the_example_calls_a_default_of_the_admin_app_is_one() {
    let admin = |text: &str| settings(text).admin.expect("an admin app");
    let shown = admin(crate::EXAMPLE);
    let bare = admin(&edited("", "[admin]\naddr = \"127.0.0.1:8444\""));
    // What the example sets otherwise, and says so beside it.
    let otherwise = crate::settings::AdminSettings {
        addr: shown.addr,
        tls: shown.tls.clone(),
        hosts: shown.hosts.clone(),
        four_eyes_operators: true,
        groups: shown.groups.clone(),
        places: shown.places.clone(),
        audit_keep: shown.audit_keep,
        ..bare
    };
    assert_eq!(shown, otherwise);
    assert_eq!(shown.groups[0].people.len(), 2);
}

#[test]
fn every_key_of_the_admin_app_stands_in_the_example_once() {
    let section = crate::EXAMPLE
        .split("\n[admin]\n")
        .nth(1)
        .expect("a section");
    let section = section.split("\n[[app]]").next().expect("its end");
    for key in known_keys()
        .iter()
        .filter_map(|key| key.strip_prefix("admin."))
    {
        let word = key.rsplit('.').next().expect("a key");
        let setting = format!("{word} = ");
        let table = format!("[[admin.{word}]]");
        let times = section
            .lines()
            .filter(|line| line.starts_with(&setting) || *line == table)
            .count();
        // `name` stands in two tables.
        let expected = if word == "name" { 2 } else { 1 };
        assert_eq!(times, expected, "{key}");
    }
}

#[test]
fn the_guide_names_every_key_of_a_profile() {
    let of_profiles = |key: &String| key.strip_prefix("app[].login.").map(str::to_owned);
    for key in known_keys().iter().filter_map(of_profiles) {
        let word = key.rsplit(['.', ']']).next().expect("a key");
        assert!(
            GUIDE.contains(&format!("`{word}`")),
            "docs/profiles.md says nothing of {key}"
        );
    }
}

#[test]
fn the_profiles_in_the_guide_are_good() {
    let blocks: Vec<&str> = GUIDE.split("```toml\n").skip(1).collect();
    let whole: Vec<&str> = blocks
        .iter()
        .filter_map(|block| block.split("```").next())
        .filter(|block| block.contains("[[app]]"))
        .collect();
    assert_eq!(whole.len(), 2, "two worked examples");
    for block in whole {
        let head = GOOD.split("[[app]]").next().expect("text");
        let text = format!("{head}{block}");
        assert_eq!(problems(&text), [""; 0], "{block}");
    }
}

fn profile_of(preset: &str) -> LoginProfile {
    let text = edited("preset = \"demo\"", &format!("preset = \"{preset}\""));
    settings(&text).apps.remove(0).profile
}

#[test]
fn every_preset_resolves_without_a_problem_or_a_warning() {
    for name in presets::names() {
        let text = edited("preset = \"demo\"", &format!("preset = \"{name}\""));
        let settings = settings(&text);
        assert_eq!(settings.warnings, [], "{name}");
        assert!(
            !settings.apps[0].profile.cookies.login.is_empty(),
            "{name} says what logs in"
        );
    }
}

#[test]
fn every_preset_gives_a_reason_beside_its_rules() {
    for (name, text) in presets::ALL {
        let comments = text.lines().filter(|line| line.starts_with('#')).count();
        let tables = text.lines().filter(|line| line.starts_with('[')).count();
        assert!(comments > tables, "{name} explains too little");
        let wide = text.lines().find(|line| line.chars().count() > 110);
        assert_eq!(wide, None, "{name}");
    }
}

const WRONG: &str = "<h1>Invalid user name and/or password</h1>";
const FORM: &str = r#"<form method="POST" action="j_security_check;jsessionid=8ACC21">"#;
const WIKI_FORM: &str = r#"<form id="dw__login" method="post">"#;
const DW: &str = "DW9a31fb97eda753769bca644238bd8fa6";

/// Preset, status, target, cookie, body; outcome and whether it proves the password.
type Seen = (
    &'static str,
    u16,
    &'static str,
    &'static str,
    &'static str,
    Outcome,
    bool,
);

const SEEN: [Seen; 14] = [
    (
        "demo",
        302,
        "/login?error=1",
        "",
        "",
        Outcome::Failure,
        false,
    ),
    ("demo", 302, "/charts", "", "", Outcome::Success, false),
    ("demo", 200, "", "", "", Outcome::Unknown, false),
    (
        "dokuwiki",
        302,
        "/doku.php?id=start",
        DW,
        "",
        Outcome::Success,
        true,
    ),
    (
        "dokuwiki",
        302,
        "/doku.php?id=start",
        "DokuWiki",
        "",
        Outcome::Unknown,
        false,
    ),
    ("dokuwiki", 403, "", "", WIKI_FORM, Outcome::Failure, false),
    (
        "tomcat-form",
        303,
        "/examples/index.jsp",
        "JSESSIONID",
        "",
        Outcome::Success,
        true,
    ),
    (
        "tomcat-form",
        303,
        "/examples/index.jsp",
        "",
        "",
        Outcome::Unknown,
        false,
    ),
    ("tomcat-form", 200, "", "", WRONG, Outcome::Failure, false),
    ("tomcat-form", 200, "", "", FORM, Outcome::Failure, false),
    ("tomcat-form", 408, "", "", "", Outcome::Retry, false),
    (
        "php-session",
        302,
        "/login.php",
        "",
        "",
        Outcome::Failure,
        false,
    ),
    (
        "php-session",
        302,
        "/chart.php?pid=1",
        "",
        "",
        Outcome::Success,
        true,
    ),
    ("php-session", 500, "", "", "", Outcome::Retry, false),
];

#[test]
fn the_presets_read_the_answers_that_were_observed() {
    for (preset, status, target, cookie, body, outcome, proved) in SEEN {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let cookies = [cookie.as_bytes()];
        let answer = Answer {
            status,
            location: (!path.is_empty()).then_some(Target::Own { path, query }),
            cookies_set: if cookie.is_empty() { &[] } else { &cookies },
            body: Some(body),
        };
        let reading = read_answer(&profile_of(preset), &answer);
        assert_eq!(
            (reading.outcome, reading.proved),
            (outcome, proved),
            "{preset} {answer:?}"
        );
    }
    let marker = |preset| profile_of(preset).login_marker.expect("a marker");
    assert!(marker("tomcat-form").is_match(FORM) && marker("dokuwiki").is_match(WIKI_FORM));
}

#[test]
fn the_wiki_preset_opens_no_media_and_the_demo_preset_leaves_only_the_theme_alone() {
    let wiki = profile_of("dokuwiki");
    let open = |path| {
        wiki.assets
            .iter()
            .chain(&wiki.pages)
            .any(|rule| rule.matches(path))
    };
    assert!(open("/lib/exe/css.php") && open("/lib/tpl/dokuwiki/images/logo.png"));
    assert!(!open("/lib/exe/fetch.php") && !open("/lib/exe/detail.php") && !open("/doku.php"));
    assert_eq!(wiki.logins[0].path, LoginPath::Any);
    let demo = profile_of("demo").cookies;
    assert_eq!(demo.mode(b"wb_theme"), CookieMode::Plain);
    assert_eq!(demo.mode(b"WBSESSION"), CookieMode::Seal);
    assert!(demo.carries_login(b"WBSESSION"));
}

#[test]
fn an_application_overrides_its_preset_key_by_key_and_lists_as_a_whole() {
    let text = edited(
        "",
        "[app.login]\nassets = [\"/pub/*\"]\n[app.login.cookies]\nplain = [\"lang\"]\n\
         [app.login.probe]\npath = \"/who\"\nregex = \"<b>(.*)</b>\"",
    );
    let profile = settings(&text).apps.remove(0).profile;
    assert_eq!(profile.assets, [PathRule::Under("/pub/".to_owned())]);
    assert_eq!(profile.cookies.mode(b"wb_theme"), CookieMode::Seal);
    assert_eq!(profile.cookies.mode(b"lang"), CookieMode::Plain);
    assert!(
        profile.cookies.carries_login(b"WBSESSION"),
        "not overridden, so kept"
    );
    assert_eq!(profile.probe.expect("a probe").path, "/who");
    assert_eq!(profile.login_page, "/login");
}

#[test]
fn a_problem_in_a_preset_is_shown_on_the_line_that_names_it() {
    let text = edited("", "[app.login.cookies]\nlogin = [\"wb_theme\"]");
    let said = problems(&text);
    assert!(
        said[0].starts_with("line 14: app[0].login.cookies.plain: found \"wb_theme\""),
        "{said:?}"
    );
}
