//! What the app tells somebody who has not signed in (hazard K2: "localhost means no password").
//!
//! An app that trusts our address asks nobody for a password any more, and every rule about logins
//! is in vain. A warning, because a page may be meant for everybody; an app that takes us for
//! a signed-in person fails.

use anteroom_config::inspect::{Finding, Level};
use anteroom_config::settings::{AppSettings, UpstreamHost};
use anteroom_core::profile::{LoginProfile, Probe, ProbeName};

use super::ask::{Answer, Asked};
use super::{finding, hinted};

/// How many redirects are walked to see where they lead.
const HOPS: usize = 4;

/// Asks for protected pages, and for the probe, as nobody.
pub async fn look(asked: &Asked<'_>, pages: &[String]) -> Vec<Finding> {
    let profile = &asked.app.settings.profile;
    let mut findings = Vec::new();
    let home = (pages.is_empty() && !is_open(profile, "/")).then(|| "/".to_owned());
    for page in home.iter().chain(pages) {
        let subject = format!("without a login, {page}");
        if is_denied(profile, page) {
            findings.push(finding(
                Level::Ok,
                subject,
                "is closed to everybody by the profile",
            ));
        } else if is_open(profile, page) {
            findings.push(finding(
                Level::Ok,
                subject,
                "is open to everybody by the profile",
            ));
        } else {
            findings.push(walk(asked, page, subject).await);
        }
    }
    if let Some(probe) = &profile.probe {
        let subject = format!("without a login, probe {}", probe.path);
        findings.push(match asked.get(&probe.path).await {
            Ok(answer) => probed(probe, subject, &answer),
            Err(problem) => finding(Level::Warn, subject, problem),
        });
    }
    findings
}

fn is_open(profile: &LoginProfile, page: &str) -> bool {
    let open = [&profile.pages, &profile.assets];
    open.into_iter()
        .flatten()
        .any(|rule| rule.matches(path_of(page)))
}

fn is_denied(profile: &LoginProfile, page: &str) -> bool {
    profile
        .denied
        .iter()
        .any(|rule| rule.matches(path_of(page)))
}

fn path_of(page: &str) -> &str {
    page.split('?').next().unwrap_or(page)
}

async fn walk(asked: &Asked<'_>, page: &str, subject: String) -> Finding {
    let profile = &asked.app.settings.profile;
    let mut at = page.to_owned();
    for _ in 0..HOPS {
        let answer = match asked.get(&at).await {
            Ok(answer) => answer,
            Err(problem) => return finding(Level::Warn, subject, problem),
        };
        let Some(target) = answer.redirect() else {
            return shown(profile, subject, &answer);
        };
        let Some(next) = on_own_host(&asked.app.settings, &at, target) else {
            let hint = "if that is a single sign-on, logins there are not seen by Anteroom";
            return hinted(
                Level::Warn,
                subject,
                format!("leads to {target}, elsewhere"),
                hint,
            );
        };
        if leads_to_login(profile, &next) {
            return finding(
                Level::Ok,
                subject,
                format!("leads to the login page, {next}"),
            );
        }
        at = next;
    }
    finding(Level::Warn, subject, "redirects again and again")
}

fn shown(profile: &LoginProfile, subject: String, answer: &Answer) -> Finding {
    let marker = profile.login_marker.as_ref();
    let text = answer.text.as_deref().unwrap_or_default();
    let has_form = marker.is_some_and(|marker| marker.is_match(text));
    match answer.status {
        _ if has_form && profile.form_in_place => finding(
            Level::Ok,
            subject,
            "shows the login form in its place, as the profile says",
        ),
        _ if has_form => hinted(
            Level::Warn,
            subject,
            "shows the login form in its place",
            "set form_in_place = true, and people come back to the page they wanted",
        ),
        401 | 403 => finding(
            Level::Ok,
            subject,
            format!("is refused ({})", answer.status),
        ),
        404 | 410 => hinted(
            Level::Warn,
            subject,
            "does not exist, so nothing is known about protected pages",
            "name a page that only signed-in people see: anteroom check --page /patients",
        ),
        200..=299 => hinted(
            Level::Warn,
            subject,
            "is answered without asking anybody to sign in",
            "either it is public (then list it under open_pages), or the app trusts this machine's \
             address: then it asks nobody for a password, and that must be switched off there",
        ),
        status => finding(
            Level::Warn,
            subject,
            format!("is answered with status {status}"),
        ),
    }
}

fn probed(probe: &Probe, subject: String, answer: &Answer) -> Finding {
    let text = answer.text.as_deref().unwrap_or_default();
    let named = match &probe.name {
        ProbeName::Regex(pattern) => pattern
            .captures(text)
            .and_then(|found| found.get(1))
            .is_some(),
        ProbeName::Json(pointer) => serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|value| value.pointer(pointer).cloned())
            .is_some_and(|name| name.is_number() || name.as_str().is_some_and(|it| !it.is_empty())),
    };
    match answer.status {
        200 if named => hinted(
            Level::Fail,
            subject,
            "names somebody although nobody signed in",
            "the app trusts this machine's address, or the probe reads the wrong place: every \
             login would count as proved",
        ),
        200 | 300..=399 | 401 | 403 => finding(Level::Ok, subject, "names nobody"),
        404 | 410 => hinted(
            Level::Fail,
            subject,
            "does not exist",
            "without its answer no login is proved, so nobody can enrol; see [app.login.probe]",
        ),
        status => finding(
            Level::Warn,
            subject,
            format!("is answered with status {status}"),
        ),
    }
}

/// A redirect's target as path and query on the same app; `None` when it leads elsewhere.
fn on_own_host(app: &AppSettings, from: &str, target: &str) -> Option<String> {
    if let Some((_, rest)) = target.split_once("://") {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        return is_own(app, authority).then(|| without_fragment(&path));
    }
    if target.starts_with("//") {
        return None;
    }
    if target.starts_with('/') {
        return Some(without_fragment(target));
    }
    let folder = from.split('?').next().unwrap_or(from);
    let folder = folder.rfind('/').map_or("/", |end| &folder[..=end]);
    Some(without_fragment(&format!("{folder}{target}")))
}

/// Whether an authority is the app under one of its names, outer or inner.
fn is_own(app: &AppSettings, authority: &str) -> bool {
    let port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let name = match authority.rsplit_once(':') {
        Some((name, end)) if port(end) => name,
        _ => authority,
    };
    let fixed = match &app.upstream_host {
        UpstreamHost::Fixed(fixed) => Some(fixed.as_str()),
        UpstreamHost::Preserve => None,
    };
    let inner = app.upstreams.iter().map(|upstream| upstream.host.as_str());
    let mut names = app
        .hosts
        .iter()
        .map(String::as_str)
        .chain(inner)
        .chain(fixed);
    names.any(|own| own.eq_ignore_ascii_case(name) || own.eq_ignore_ascii_case(authority))
}

fn without_fragment(target: &str) -> String {
    target.split('#').next().unwrap_or(target).to_owned()
}

fn leads_to_login(profile: &LoginProfile, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or(target);
    let page = profile.login_page.split('?').next().unwrap_or_default();
    path == page || profile.login_pages.iter().any(|rule| rule.matches(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn app() -> AppSettings {
        let (listen, upstream) = (
            "127.0.0.1:0".parse().unwrap(),
            "127.0.0.1:9".parse().unwrap(),
        );
        let settings = crate::demo_config::settings(listen, upstream, std::path::Path::new("/"));
        settings.unwrap().apps.remove(0)
    }

    fn answer(status: u16, text: &str) -> Answer {
        Answer {
            status,
            headers: HeaderMap::new(),
            text: Some(text.to_owned()),
        }
    }

    #[test]
    fn redirects_are_followed_on_the_apps_own_names_only() {
        let app = app();
        for (target, own) in [
            ("/login?next=%2F", Some("/login?next=%2F")),
            ("http://127.0.0.1:8080/login#top", Some("/login")),
            ("http://LOCALHOST/login", Some("/login")),
            ("http://localhost?x", Some("/?x")),
            ("login", Some("/patients/login")),
            ("//elsewhere.test/login", None),
            ("https://sso.test/login", None),
        ] {
            assert_eq!(
                on_own_host(&app, "/patients/1?x=/y/", target).as_deref(),
                own,
                "{target}"
            );
        }
    }

    #[test]
    fn content_without_a_login_warns_and_a_refusal_does_not() {
        let profile = app().profile;
        let level = |status, text| shown(&profile, String::new(), &answer(status, text)).level;
        assert_eq!(level(200, "all patients"), Level::Warn);
        assert_eq!(level(200, "<form id=\"wb-login\">"), Level::Warn);
        assert_eq!(level(401, ""), Level::Ok);
        assert_eq!(level(404, ""), Level::Warn);
        let in_place = LoginProfile {
            form_in_place: true,
            ..profile.clone()
        };
        let found = shown(
            &in_place,
            String::new(),
            &answer(200, "<form id=\"wb-login\">"),
        );
        assert_eq!(found.level, Level::Ok);
    }

    #[test]
    fn a_probe_that_names_somebody_unasked_fails() {
        let profile = app().profile;
        let probe = profile.probe.as_ref().expect("the demo has one");
        let level = |status, text| probed(probe, String::new(), &answer(status, text)).level;
        assert_eq!(level(200, r#"{"user":"admin"}"#), Level::Fail);
        assert_eq!(level(200, r#"{"user":""}"#), Level::Ok);
        assert_eq!(level(401, ""), Level::Ok);
        assert_eq!(level(404, ""), Level::Fail);
        assert_eq!(level(500, ""), Level::Warn);
    }
}
