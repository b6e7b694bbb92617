//! The login profile of an application: a preset, the app's own `[app.login]` laid over it, and
//! the rules that hold between its parts.
//!
//! Matches nothing itself: `anteroom_core::profile` holds the result, `core::route` and
//! `core::outcome` use it. Answers are read in [`outcome`](super::outcome), cookies in
//! [`cookies`](super::cookies). `docs/profiles.md` tells an operator how to write one.

use anteroom_core::cookies::NamePattern;
use anteroom_core::fold::SpellingRule;
use anteroom_core::profile::{
    CookieRules, LoginPath, LoginProfile, LogoutRule, PathRule, PollRule, UrlIds,
};

use super::pattern::{self, Reach, path_rule, path_rules};
use super::{cookies, form, outcome};
use crate::presets;
use crate::raw::measure::quoted;
use crate::raw::node::Node;
use crate::raw::section::{Found, Section, unknown_word};

/// The profile of one application.
pub(super) fn profile(app: &Section<'_>, reached_only_by_us: bool) -> LoginProfile {
    let preset = app.text("preset").and_then(|text| preset(app, &text));
    let (mut at, own) = app.node("login");
    at.line = at.line.or(app.place("preset").line);
    let merged = match (preset, own) {
        (Some(preset), Some(own)) => Some(preset.overlaid_with(own)),
        (preset, own) => preset.or_else(|| own.cloned()),
    };
    if merged.is_none() && !app.has("preset") {
        let allowed = format!(
            "preset = one of {}, or [app.login]",
            presets::names().join(", ")
        );
        app.missing("preset", &allowed);
    }
    let missing = merged.is_none();
    let section = Section::new(at, merged.as_ref(), app.report());
    let profile = read(&section, reached_only_by_us);
    if !missing {
        agree(&section, &profile);
    }
    profile
}

fn preset(app: &Section<'_>, text: &Found<&str>) -> Option<Node> {
    let preset = presets::login_of(text.value);
    if preset.is_none() {
        unknown_word(app.report(), text, &presets::names());
    }
    preset.map(|preset| preset.all_on_line(text.at.line.unwrap_or_default()))
}

fn read(section: &Section<'_>, reached_only_by_us: bool) -> LoginProfile {
    let report = section.report();
    let rules = |key, reach| path_rules(report, &section.texts(key), reach);
    let login_page = section
        .text("login_page")
        .and_then(|text| pattern::target(report, &text));
    let form_in_place = section.flag("form_in_place").value;
    let mut login_pages = rules("login_pages", Reach::One);
    if let Some(page) = &login_page
        && !section.has("login_pages")
        && !form_in_place
    {
        login_pages.push(PathRule::Exact(pattern::path_of(page).to_owned()));
    }
    let marker = section
        .text("login_marker")
        .and_then(|text| pattern::regex(report, &text));
    let cookies = cookies::rules(section, reached_only_by_us);
    let url_ids = url_ids(section, &cookies);
    LoginProfile {
        logins: section
            .tables("form")
            .iter()
            .filter_map(form::rule)
            .collect(),
        login_page: login_page.unwrap_or_default(),
        login_pages,
        login_marker: marker,
        form_in_place,
        pages: rules("open_pages", Reach::Folder),
        assets: rules("assets", Reach::Folder),
        denied: rules("denied", Reach::Folder),
        polls: section.tables("poll").iter().filter_map(poll).collect(),
        outcomes: outcome::rules(section),
        retry_statuses: outcome::retry_statuses(section),
        probe: outcome::probe(section),
        spelling: spelling(section),
        cookies,
        url_ids,
        logouts: section.tables("logout").iter().filter_map(logout).collect(),
        methods: methods(section),
        allowed_headers: allowed_headers(section),
        service_workers: section.flag("service_workers").value,
        websockets: section.flag("websockets").value,
        fresh: section.tables("fresh").iter().filter_map(fresh).collect(),
    }
}

/// What must hold between the parts of a profile that stands in the file.
fn agree(section: &Section<'_>, profile: &LoginProfile) {
    let report = section.report();
    if profile.logins.is_empty() && !section.has("form") {
        let allowed = "at least one [[app.login.form]]: where the password is posted";
        section.missing("form", allowed);
    }
    if section.has("login_page") {
        login_page_can_be_seen(section, profile);
    } else {
        section.missing("login_page", r#"where people sign in, such as "/login""#);
    }
    if profile.login_marker.is_none() && !section.has("login_marker") {
        if profile.form_in_place {
            let allowed = "text that stands in every login form of the app and on no other page";
            let at = section.place("login_marker");
            let hint = "form_in_place shows nothing else of a protected page";
            report.problem_hint(&at, "nothing", allowed, hint);
        } else {
            let at = section.place("login_marker");
            let why = "after a wrong password the login page is fetched afresh, and an error text \
                that the app keeps in its session is lost";
            report.warning(&at, "nothing", "text that stands in every login form", why);
        }
    }
    logins_are_not_open(section, profile);
    logins_are_not_denied(section, profile);
    outcome::agree(section, profile);
}

/// An anonymous visitor is sent to the login page; if that were protected, she would be sent
/// there again.
fn login_page_can_be_seen(section: &Section<'_>, profile: &LoginProfile) {
    let path = pattern::path_of(&profile.login_page);
    let listed = profile.login_pages.iter().any(|rule| rule.matches(path));
    if !listed && !profile.form_in_place && !path.is_empty() {
        let at = section.place("login_pages");
        let allowed = format!("a list with the login page {path}");
        let hint = "otherwise the redirect to the login page leads to itself";
        section
            .report()
            .problem_hint(&at, "a list without it", allowed, hint);
    }
}

/// A denied path is closed to everybody: nobody could sign in.
fn logins_are_not_denied(section: &Section<'_>, profile: &LoginProfile) {
    let page = pattern::path_of(&profile.login_page);
    let posted = profile.logins.iter().filter_map(|login| match &login.path {
        LoginPath::Exact(path) => Some(path.as_str()),
        LoginPath::Suffix(_) | LoginPath::Any => None,
    });
    let needed: Vec<&str> = posted.chain([page]).collect();
    for path in needed {
        if profile.denied.iter().any(|rule| rule.matches(path)) {
            let at = section.place("denied");
            let found = format!("{}, which is needed to sign in", quoted(path));
            let hint = "list the paths beside it one by one";
            let allowed = "paths that nobody needs";
            section.report().problem_hint(&at, found, allowed, hint);
            return;
        }
    }
}

/// A path that takes passwords must not also be open: open answers are not withheld.
fn logins_are_not_open(section: &Section<'_>, profile: &LoginProfile) {
    for login in &profile.logins {
        let opens = |rule: &PathRule| match (&login.path, rule) {
            (LoginPath::Exact(path), rule) => rule.matches(path),
            (LoginPath::Suffix(suffix), PathRule::Exact(path)) => path.ends_with(suffix),
            _ => false,
        };
        for (key, rules) in [("assets", &profile.assets), ("open_pages", &profile.pages)] {
            if let Some(PathRule::Exact(path) | PathRule::Under(path)) =
                rules.iter().find(|rule| opens(rule))
            {
                let at = section.place(key);
                let hint = "the login page itself belongs into login_pages";
                let found = format!("{}, which takes passwords", quoted(path));
                section
                    .report()
                    .problem_hint(&at, found, "paths that take none", hint);
            }
        }
    }
}

fn poll(section: &Section<'_>) -> Option<PollRule> {
    let path = section.required("path", "the path that the page asks for by itself");
    let query = section.text("query").map(|text| text.value.to_owned());
    let path = path_rule(section.report(), &path?, Reach::Everything)?;
    if path == PathRule::Under("/".to_owned()) && query.is_none() {
        let hint = "if nothing counts as activity, everybody is locked out while at work";
        section
            .report()
            .problem_hint(section.at(), "every request", "a path, or a query", hint);
    }
    Some(PollRule { path, query })
}

fn logout(section: &Section<'_>) -> Option<LogoutRule> {
    let path = section.required("path", r#"the path of the logout, such as "/logout""#);
    let query = section.text("query").map(|text| text.value.to_owned());
    let post_only = section.flag("post_only").value;
    let status = outcome::statuses(section);
    let location = section.text("location");
    let location = location.and_then(|text| path_rule(section.report(), &text, Reach::Folder));
    let path_alone = section.flag("path_alone").value;
    let path = path_rule(section.report(), &path?, Reach::Everything)?;
    if path == PathRule::Under("/".to_owned()) && query.is_none() {
        let allowed = "a path, or a query beside \"/*\"";
        section
            .report()
            .problem(section.at(), "every request as logout", allowed);
    }
    let answer = !status.is_empty() || location.is_some();
    if answer == path_alone {
        // `DESIGN-CASES` 14: many apps only ask at their logout address, and an <img> can fetch it.
        let hint = "many apps only ask \"really?\" there, so the answer must say that it happened";
        let allowed = "either status or location of the answer, or path_alone = true";
        let found = if answer {
            "path_alone and an answer"
        } else {
            "no answer to look at"
        };
        section
            .report()
            .problem_hint(section.at(), found, allowed, hint);
    }
    Some(LogoutRule {
        path,
        query,
        post_only,
        status,
        location,
    })
}

fn fresh(section: &Section<'_>) -> Option<(PathRule, u32)> {
    let path = section.required("path", "the path that wants a fresh factor");
    let second = std::time::Duration::from_secs(1);
    let within = section.duration("within", 300 * second, &(30 * second..=86_400 * second));
    let path = path_rule(section.report(), &path?, Reach::Everything)?;
    Some((
        path,
        u32::try_from(within.value.as_secs()).unwrap_or(u32::MAX),
    ))
}

fn spelling(section: &Section<'_>) -> SpellingRule {
    let section = section.table("spelling");
    let case_insensitive = section.flag("case_insensitive").value;
    SpellingRule {
        case_insensitive,
        trims_space: section.flag("trims_space").value,
    }
}

/// A login cookie's name is refused as a parameter whether or not the profile says so: many servers
/// take a session id from there as well (attack A02).
fn url_ids(section: &Section<'_>, cookies: &CookieRules) -> UrlIds {
    let section = section.table("url_ids");
    let words = |key| {
        let texts = section.texts(key);
        for text in &texts.value {
            if text.value.is_empty() || !text.value.bytes().all(pattern::is_token) {
                let allowed = r#"a parameter name such as "jsessionid""#;
                section
                    .report()
                    .problem(&text.at, quoted(text.value), allowed);
            }
        }
        texts
            .value
            .iter()
            .map(|text| text.value.to_owned())
            .collect()
    };
    let (cut, mut refuse): (Vec<String>, Vec<String>) = (words("cut"), words("refuse"));
    for pattern in &cookies.login {
        if let NamePattern::Exact(name) = pattern
            && !refuse.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            refuse.push(name.clone());
        }
    }
    UrlIds { cut, refuse }
}

fn methods(section: &Section<'_>) -> Vec<String> {
    let texts = section.texts("methods");
    for text in &texts.value {
        let hint = match text.value {
            "GET" | "HEAD" | "POST" => "always allowed",
            "CONNECT" | "TRACE" | "TRACK" => "never passed",
            word if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                continue;
            }
            _ => "in capitals, one word each",
        };
        let allowed = r#"further methods such as ["PUT", "DELETE"]"#;
        section
            .report()
            .problem_hint(&text.at, quoted(text.value), allowed, hint);
    }
    texts
        .value
        .iter()
        .map(|text| text.value.to_owned())
        .collect()
}

fn allowed_headers(section: &Section<'_>) -> Vec<String> {
    let texts = section.texts("allowed_headers");
    let mut headers = Vec::new();
    for text in &texts.value {
        let name = text.value.to_ascii_lowercase();
        let ours = matches!(
            name.as_str(),
            "cookie" | "host" | "connection" | "transfer-encoding" | "content-length" | "upgrade"
        ) || name.starts_with("x-forwarded-")
            || name == "forwarded";
        if ours || name.is_empty() || !name.bytes().all(pattern::is_token) {
            let allowed = r#"a header the app needs from the browser, such as "authorization""#;
            section
                .report()
                .problem(&text.at, quoted(text.value), allowed);
        }
        headers.push(name);
    }
    headers
}
