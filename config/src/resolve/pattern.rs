//! Paths, cookie names and regular expressions, as a profile writes them.
//!
//! A path stands for itself; `/static/*` stands for everything below `/static/`; there is no
//! other pattern, because what the app makes of `/chart.php/x.css` is unknown to us. Matching is
//! not done here: see `anteroom_core::{profile, path, cookies}`.

use anteroom_core::cookies::NamePattern;
use anteroom_core::path::canonical;
use anteroom_core::profile::PathRule;
use regex::{Regex, RegexBuilder};

use crate::raw::measure::quoted;
use crate::raw::report::Report;
use crate::raw::section::Found;

/// Which patterns a place takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// One path.
    One,
    /// One path, or everything below a folder that is not the root.
    Folder,
    /// Also `/*`, every path: for rules that ask for something more.
    Everything,
}

impl Reach {
    const fn allowed(self) -> &'static str {
        match self {
            Self::One => r#"one path such as "/login""#,
            Self::Folder => r#"a path such as "/login", or "/static/*" for all below it"#,
            Self::Everything => r#"a path such as "/login", "/static/*", or "/*" for any"#,
        }
    }
}

/// One path rule.
pub(crate) fn path_rule(report: &Report, text: &Found<&str>, reach: Reach) -> Option<PathRule> {
    let path = text.value;
    let (fixed, under) = match path.strip_suffix('*') {
        Some(folder) => (folder, true),
        None => (path, false),
    };
    match refusal(path, fixed, under, reach) {
        None if under => Some(PathRule::Under(fixed.to_owned())),
        None => Some(PathRule::Exact(fixed.to_owned())),
        Some(hint) => {
            report.problem_hint(&text.at, quoted(path), reach.allowed(), hint);
            None
        }
    }
}

fn refusal(path: &str, fixed: &str, under: bool, reach: Reach) -> Option<String> {
    if path.contains("*.") {
        let hint = "rules by suffix do not exist: /chart.php/x.css would open a chart";
        return Some(hint.to_owned());
    }
    if !path.starts_with('/') {
        return Some("a path begins with /".to_owned());
    }
    if path.contains('?') {
        return Some("what follows ? is not part of a path".to_owned());
    }
    if fixed.contains('*') || (under && !fixed.ends_with('/')) {
        return Some("* stands only at the end, after /".to_owned());
    }
    if under && reach == Reach::One {
        return Some("exactly one path is wanted here".to_owned());
    }
    if under && fixed == "/" && reach != Reach::Everything {
        return Some("\"/*\" is every path of the app".to_owned());
    }
    canonical(fixed).err().map(|problem| {
        let name = problem.name();
        format!("written so, it would match no request we let pass ({name})")
    })
}

/// A list of path rules.
pub(crate) fn path_rules(
    report: &Report,
    texts: &Found<Vec<Found<&str>>>,
    reach: Reach,
) -> Vec<PathRule> {
    texts
        .value
        .iter()
        .filter_map(|text| path_rule(report, text, reach))
        .collect()
}

/// A path with an optional query, to be fetched or linked to. Returns it whole.
pub(crate) fn target(report: &Report, text: &Found<&str>) -> Option<String> {
    let (path, query) = text.value.split_once('?').unwrap_or((text.value, ""));
    let fine = canonical(path).is_ok()
        && !path.contains('*')
        && query
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if !fine {
        let allowed = r#"a path on the app's own host such as "/login" or "/doku.php?do=login""#;
        report.problem(&text.at, quoted(text.value), allowed);
    }
    fine.then(|| text.value.to_owned())
}

/// The path of a [`target`].
pub(crate) fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// One cookie name, or a prefix of names: `DW*`.
pub(crate) fn cookie_name(report: &Report, text: &Found<&str>) -> Option<NamePattern> {
    let (fixed, prefix) = match text.value.strip_suffix('*') {
        Some(fixed) => (fixed, true),
        None => (text.value, false),
    };
    if fixed.is_empty() || !fixed.bytes().all(is_token) || fixed.contains('*') {
        let allowed = r#"a cookie name such as "PHPSESSID", or "DW*" for all that begin so"#;
        report.problem(&text.at, quoted(text.value), allowed);
        return None;
    }
    let fixed = fixed.to_owned();
    Some(if prefix {
        NamePattern::Prefix(fixed)
    } else {
        NamePattern::Exact(fixed)
    })
}

/// RFC 9110 token characters.
pub(crate) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_'
        )
        || matches!(byte, b'`' | b'|' | b'~')
}

/// A regular expression, bounded in size.
pub(crate) fn regex(report: &Report, text: &Found<&str>) -> Option<Regex> {
    // The upstream's pages are searched with it on every login: a compiled megabyte is a mistake.
    match RegexBuilder::new(text.value).size_limit(1 << 20).build() {
        Ok(_) if text.value.is_empty() => {
            report.problem(
                &text.at,
                "an empty expression",
                "text that stands in the answer",
            );
            None
        }
        Ok(regex) => Some(regex),
        Err(error) => {
            let said = error.to_string();
            let reason = said
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            let allowed = "a regular expression of the Rust regex crate; single quotes keep \\ as \
                it is";
            report.problem_hint(&text.at, quoted(text.value), allowed, reason);
            None
        }
    }
}
