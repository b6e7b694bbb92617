//! Paths in every spelling that any server folds away: none of them leads past a rule.
//!
//! The rules are those of the tables in `tests`; the spellings are made up by the machine.

use proptest::prelude::*;

use super::*;
use crate::path::loose;

/// Pieces of paths: names that are watched, and what servers disagree about.
const PIECES: &[&str] = &[
    "/",
    "login.php",
    "LOGIN.PHP",
    "step",
    "j_security_check",
    "J_Security_Check",
    "logout.php",
    "session/end",
    "xmlrpc.php",
    "soap",
    "static",
    "favicon.ico",
    "about.php",
    ".anteroom",
    ".Anteroom",
    ".",
    "..",
    "%20",
    "%C2%A0",
    "~",
    "a",
    "x.css",
    "(",
    "@",
    "%C5%BF",
    "%E2%84%AA",
];

fn some_path() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9._~/%-]{1,3}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| format!("/{}", pieces.concat()))
}

/// A watched path in a spelling that the loose reading folds away, or nearly so.
fn spelled(path: &'static str) -> impl Strategy<Value = String> {
    let spellings = proptest::collection::vec(0_u8..12, path.len());
    let tail = proptest::sample::select(&["", "/", "%20", ".", "..", "/.%20", "/x", "x"][..]);
    (spellings, tail).prop_map(move |(spellings, tail)| {
        let mut out = String::new();
        for (byte, spelling) in path.chars().zip(spellings) {
            match spelling {
                0 => out.push(byte.to_ascii_uppercase()),
                1 if byte == '/' => out.push_str("/.%20/"),
                2 if byte == '/' && !out.is_empty() => out.push_str("%20/"),
                3 if byte == '/' => out.push_str("/x/..%20/"),
                _ => out.push(byte),
            }
        }
        out + tail
    })
}

const WATCHED: &[&str] = &[
    "/login.php",
    "/login.php/step",
    "/logout.php",
    "/session/end",
    "/xmlrpc.php",
    "/soap",
    "/.anteroom",
    "/a/j_security_check",
];

fn any_path() -> impl Strategy<Value = String> {
    prop_oneof![
        some_path(),
        proptest::sample::select(WATCHED).prop_flat_map(spelled),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_body_for_a_watched_path_is_watched_in_every_spelling(path in any_path()) {
        prop_assume!(canonical(&path).is_ok());
        let watched = loose(&path);
        let known = WATCHED.iter().any(|one| watched == loose(one));
        let suffix = watched.ends_with("/j_security_check");
        for (profile, form) in [(clinic(), true), (clinic(), false), (wiki(), true)] {
            let class = classify(&profile, &facts(Method::Post, &path), form);
            let open = matches!(
                class, RouteClass::Page | RouteClass::Asset | RouteClass::LoginPage
            );
            prop_assert!(!open, "{path}: {class:?}");
            if known || suffix {
                prop_assert_ne!(class, RouteClass::Protected, "{}", path);
            }
        }
    }

    #[test]
    fn what_is_open_is_open_under_both_readings(path in any_path()) {
        prop_assume!(canonical(&path).is_ok());
        let watched = loose(&path);
        match get(&path) {
            RouteClass::Asset => prop_assert!(
                path.starts_with("/static/") && reaches(&watched, "/static")
                    || path == "/favicon.ico"
            ),
            RouteClass::Page => prop_assert!(["/", "/about.php"].contains(&path.as_str())),
            RouteClass::LoginPage => prop_assert_eq!(&path, "/login.php"),
            RouteClass::Portal => {
                prop_assert!(reaches(&path, PORTAL));
                prop_assert!(reaches(&watched, PORTAL) || path.contains("..%"));
            }
            _ => {}
        }
    }

    #[test]
    fn the_short_way_to_the_loose_reading_leads_there_too(path in any_path()) {
        prop_assert_eq!(loosened(&path), loose(&path));
    }
}
