//! Where the login form posts to, read from the page's source, against where the profile expects
//! it.
//!
//! A profile that waits at another path sees no login at all: every password leads back to the
//! login page and nothing says why. A form without an address in its source (a script sends it) is
//! not judged.

use anteroom_config::inspect::{Finding, Level};
use anteroom_core::profile::{LoginPath, LoginProfile};

use super::{finding, hinted};

/// Compares the addresses of all forms that hold a password field with the profile.
pub fn look(profile: &LoginProfile, subject: &str, html: &str) -> Vec<Finding> {
    let page = profile.login_page.split('?').next().unwrap_or_default();
    let posts: Vec<String> = password_forms(html)
        .map(|form| address(form, page))
        .collect();
    if posts.is_empty() {
        return Vec::new();
    }
    let watched = |path: &String| {
        profile
            .logins
            .iter()
            .any(|rule| fits(&rule.path, path, profile))
    };
    match posts.iter().find(|path| watched(path)) {
        Some(path) => vec![finding(
            Level::Ok,
            subject,
            format!("its form posts to {path}"),
        )],
        None => vec![hinted(
            Level::Fail,
            subject,
            format!(
                "its form posts to {}, which no [[app.login.form]] names",
                posts.join(" and ")
            ),
            "set path there to that address; until then no password is recognised as a login",
        )],
    }
}

fn fits(rule: &LoginPath, path: &str, profile: &LoginProfile) -> bool {
    let mut path = path.to_owned();
    for carrier in &profile.url_ids.cut {
        path = anteroom_core::path::cut_parameter(&path, carrier).into_owned();
    }
    match rule {
        LoginPath::Exact(exact) => path == *exact,
        LoginPath::Suffix(suffix) => path.ends_with(suffix.as_str()),
        LoginPath::Any => true,
    }
}

/// The source of each form that has a password field, from its tag to its end.
fn password_forms(html: &str) -> impl Iterator<Item = &str> {
    html.match_indices("<form")
        .chain(html.match_indices("<FORM"))
        .filter_map(|(at, _)| {
            let rest = &html[at..];
            let end = rest
                .find("</form>")
                .or_else(|| rest.find("</FORM>"))
                .unwrap_or(rest.len());
            let form = &rest[..end];
            let lower = form.to_ascii_lowercase();
            let secret = ["type=\"password\"", "type='password'", "type=password"];
            secret
                .iter()
                .any(|kind| lower.contains(kind))
                .then_some(form)
        })
}

/// The path a form posts to, resolved against the page it stands in.
fn address(form: &str, page: &str) -> String {
    let tag = &form[..form.find('>').unwrap_or(form.len())];
    let action = tag
        .to_ascii_lowercase()
        .find("action=")
        .map(|at| &tag[at + "action=".len()..]);
    let value = match action {
        None => "",
        Some(text) => match text.chars().next() {
            Some(quote @ ('"' | '\'')) => text[1..].split(quote).next().unwrap_or_default(),
            _ => text.split([' ', '>']).next().unwrap_or_default(),
        },
    };
    let value = value.trim().replace("&amp;", "&");
    let local = match value.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => value.as_str(),
    };
    let path = local.split(['?', '#']).next().unwrap_or_default();
    if path.starts_with('/') {
        path.to_owned()
    } else if path.is_empty() {
        page.to_owned()
    } else {
        let folder = page.rfind('/').map_or("/", |at| &page[..=at]);
        format!("{folder}{}", path.trim_start_matches("./"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anteroom_core::profile::{Credential, FormFields, LoginRule};

    fn profile(path: LoginPath) -> LoginProfile {
        let fields = FormFields {
            user: "u".into(),
            secrets: vec!["p".into()],
            tenant: vec![],
            discriminator: None,
            strip: vec![],
        };
        LoginProfile {
            login_page: "/app/login?x=1".into(),
            logins: vec![LoginRule {
                path,
                credential: Credential::Form(fields),
            }],
            ..LoginProfile::default()
        }
    }

    fn level(path: LoginPath, action: &str) -> Option<Level> {
        let html =
            format!("<form id=search></form><form {action}><input type=\"password\"></form>");
        look(&profile(path), "page", &html)
            .first()
            .map(|finding| finding.level)
    }

    #[test]
    fn a_form_that_posts_elsewhere_fails_the_check() {
        let exact = |path: &str| LoginPath::Exact(path.to_owned());
        assert_eq!(
            level(exact("/app/signin"), "action=\"signin.do\""),
            Some(Level::Fail)
        );
        assert_eq!(
            level(exact("/app/signin"), "action=\"./signin\""),
            Some(Level::Ok)
        );
        assert_eq!(level(exact("/app/login"), "method=post"), Some(Level::Ok));
        assert_eq!(
            level(exact("/in"), "action='http://app:8080/in?a=b'"),
            Some(Level::Ok)
        );
        let suffix = LoginPath::Suffix("/j_security_check".into());
        assert_eq!(level(suffix, "action=j_security_check"), Some(Level::Ok));
    }

    #[test]
    fn a_page_without_a_password_field_is_not_judged() {
        let page = "<form action=\"/elsewhere\"><input name=q></form>";
        assert!(look(&profile(LoginPath::Exact("/x".into())), "page", page).is_empty());
    }
}
