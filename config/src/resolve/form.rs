//! What is posted at sign-in: the path of a login form and the roles of its fields.
//!
//! Reads no form: `anteroom_core::form` does. Further ways to send a credential (JSON, Basic)
//! will stand beside this one. The rest of a profile stands in [`login`](super::login).

use anteroom_core::profile::{Credential, FormFields, LoginPath, LoginRule, PathRule};

use super::pattern::{Reach, path_rule};
use crate::raw::measure::quoted;
use crate::raw::report::Report;
use crate::raw::section::{Found, Section};

const PATH_OF_FORM: &str = r#""/login", "*/j_security_check" below any folder, or "*" for any"#;

pub(super) fn rule(section: &Section<'_>) -> Option<LoginRule> {
    let path = section.required("path", PATH_OF_FORM);
    let user = section.required("user", "the field with the name a person types");
    let secrets = names(section, "secrets");
    let tenant = names(section, "tenant");
    let strip = names(section, "strip");
    let only_if = section.table("only_if");
    let (field, value) = (only_if.text("field"), only_if.text("value"));
    let discriminator = match (field, value) {
        (Some(field), Some(value)) => Some((field.value.to_owned(), value.value.to_owned())),
        _ if only_if.is_present() => {
            let allowed = r#"{ field = "do", value = "login" }"#;
            section
                .report()
                .problem(only_if.at(), "half a condition", allowed);
            None
        }
        _ => None,
    };
    if secrets.is_empty() {
        section.missing(
            "secrets",
            r#"the fields with the password, such as ["password"]"#,
        );
    }
    let user = user?.value.to_owned();
    if secrets.contains(&user) || strip.contains(&user) || strip.iter().any(|s| secrets.contains(s))
    {
        let allowed = "user, secrets and strip without common fields";
        section
            .report()
            .problem(section.at(), "one field in two roles", allowed);
    }
    let path = login_path(section.report(), &path?)?;
    if path == LoginPath::Any && discriminator.is_none() {
        let hint = "every form of the app would be taken for a login";
        let allowed = "only_if beside path = \"*\"";
        section
            .report()
            .problem_hint(section.at(), "a login on any path", allowed, hint);
    }
    let fields = FormFields {
        user,
        secrets,
        tenant,
        discriminator,
        strip,
    };
    Some(LoginRule {
        path,
        credential: Credential::Form(fields),
    })
}

fn login_path(report: &Report, text: &Found<&str>) -> Option<LoginPath> {
    if text.value == "*" {
        return Some(LoginPath::Any);
    }
    let (suffix, path) = match text.value.strip_prefix('*') {
        Some(path) => (true, path),
        None => (false, text.value),
    };
    if path.len() < 2 || path.contains('*') {
        report.problem(&text.at, quoted(text.value), PATH_OF_FORM);
        return None;
    }
    match path_rule(
        report,
        &Found {
            value: path,
            at: text.at.clone(),
        },
        Reach::One,
    )? {
        PathRule::Exact(path) if suffix => Some(LoginPath::Suffix(path)),
        PathRule::Exact(path) => Some(LoginPath::Exact(path)),
        PathRule::Under(_) => None,
    }
}

/// Field names: anything a form may call a field, but something.
fn names(section: &Section<'_>, key: &'static str) -> Vec<String> {
    let texts = section.texts(key);
    for text in texts.value.iter().filter(|text| text.value.is_empty()) {
        section
            .report()
            .problem(&text.at, "an empty name", "the name of a form field");
    }
    texts
        .value
        .iter()
        .map(|text| text.value.to_owned())
        .collect()
}
