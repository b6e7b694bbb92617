//! The login page: is it there, and is it what the profile says?
//!
//! A page that is not recognised is shown to nobody, so a wrong marker locks everybody out.

use anteroom_config::inspect::{Finding, Level};
use anteroom_core::profile::{Credential, LoginProfile};

use super::ask::{Answer, Asked};
use super::{finding, form_action, hinted};

/// Asks for the login page and compares it with the profile.
pub async fn look(asked: &Asked<'_>) -> Vec<Finding> {
    let profile = &asked.app.settings.profile;
    let subject = format!("login page {}", profile.login_page);
    match asked.get(&profile.login_page).await {
        Ok(answer) => judge(profile, &subject, &answer),
        Err(problem) => vec![finding(Level::Fail, subject, problem)],
    }
}

fn judge(profile: &LoginProfile, subject: &str, answer: &Answer) -> Vec<Finding> {
    if let Some(target) = answer.redirect() {
        return vec![hinted(
            Level::Warn,
            subject,
            format!("redirects to {target}"),
            "name the page that has the form as login_page, and both in login_pages",
        )];
    }
    // An app that shows its form in place of a page may well do so with 401 or 403.
    if answer.status >= 400 && !(profile.form_in_place && answer.status < 500) {
        let hint = "login_page is the page with the login form: path and query, on the app's host";
        let text = format!("answers with status {}", answer.status);
        return vec![hinted(Level::Fail, subject, text, hint)];
    }
    let Some(text) = &answer.text else {
        return vec![hinted(
            Level::Fail,
            subject,
            "is compressed although we ask it not to be, so it cannot be recognised",
            "let the app's server heed Accept-Encoding: identity, and not compress then",
        )];
    };
    let mut findings = vec![marker(profile, subject, text)];
    findings.extend(fields(profile, subject, text));
    findings.extend(form_action::look(profile, subject, text));
    findings
}

fn marker(profile: &LoginProfile, subject: &str, text: &str) -> Finding {
    match &profile.login_marker {
        None => hinted(
            Level::Warn,
            subject,
            "answers; the profile has no login_marker to know it by",
            "set login_marker to text that stands in the login form and on no other page",
        ),
        Some(marker) if marker.is_match(text) => finding(
            Level::Ok,
            subject,
            format!("found, with its marker {:?}", marker.as_str()),
        ),
        Some(marker) => hinted(
            Level::Fail,
            subject,
            format!("does not hold the login_marker {:?}", marker.as_str()),
            "the page would be shown to nobody; look at its source, and take for a marker what \
             stands in the form",
        ),
    }
}

/// Whether the form has the fields that the profile watches. A form that a script builds has none
/// in its source, so this is never worse than a warning.
fn fields(profile: &LoginProfile, subject: &str, text: &str) -> Vec<Finding> {
    let stands = |field: &str| {
        [
            format!("name=\"{field}\""),
            format!("name='{field}'"),
            format!("name={field}"),
        ]
        .iter()
        .any(|attribute| text.contains(attribute.as_str()))
    };
    let mut findings = Vec::new();
    let complete = |rule: &anteroom_core::profile::LoginRule| {
        let Credential::Form(fields) = &rule.credential;
        stands(&fields.user) && fields.secrets.first().is_none_or(|secret| stands(secret))
    };
    if profile.logins.iter().any(complete) {
        findings.push(finding(
            Level::Ok,
            subject,
            "its form has the fields of the profile",
        ));
        return findings;
    }
    for rule in &profile.logins {
        let Credential::Form(fields) = &rule.credential;
        let mut wanted = vec![fields.user.as_str()];
        wanted.extend(fields.secrets.first().map(String::as_str));
        wanted.retain(|field| !stands(field));
        findings.push(hinted(
            Level::Warn,
            subject,
            format!("has no field named {}", wanted.join(" and ")),
            "compare [[app.login.form]] with the page's source; ignore this if a script builds \
             the form",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn profile() -> LoginProfile {
        let (listen, upstream) = (
            "127.0.0.1:0".parse().unwrap(),
            "127.0.0.1:9".parse().unwrap(),
        );
        let settings = crate::demo_config::settings(listen, upstream, std::path::Path::new("/"));
        settings.unwrap().apps.remove(0).profile
    }

    fn judged(profile: &LoginProfile, status: u16, text: &str) -> Vec<(Level, String)> {
        let answer = Answer {
            status,
            headers: HeaderMap::new(),
            text: Some(text.to_owned()),
        };
        let findings = judge(profile, "login page /login", &answer);
        findings
            .into_iter()
            .map(|found| (found.level, found.text))
            .collect()
    }

    #[test]
    fn a_page_with_marker_and_fields_is_the_login_page() {
        let page = "<form id=\"wb-login\"><input name=\"username\"><input name='password'>";
        let found = judged(&profile(), 200, page);
        assert!(
            found.iter().all(|(level, _)| *level == Level::Ok),
            "{found:?}"
        );
    }

    #[test]
    fn a_page_without_its_marker_fails_and_one_without_fields_warns() {
        let found = judged(
            &profile(),
            200,
            "<form id=\"other\"><input name=\"username\">",
        );
        let levels: Vec<Level> = found.iter().map(|(level, _)| *level).collect();
        assert_eq!(levels, [Level::Fail, Level::Warn]);
        assert!(found[1].1.ends_with("no field named password"), "{found:?}");
    }

    #[test]
    fn an_error_page_is_no_login_page() {
        let found = judged(&profile(), 404, "not here");
        assert_eq!(found[0].0, Level::Fail);
        assert!(found[0].1.contains("404"), "{found:?}");
    }
}
