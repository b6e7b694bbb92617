//! Which room may know which: the arrows of ARCHITECTURE.md, read from the manifests.
//!
//! Every dependency counts, also one that only a test or a build script needs. Tests and
//! measurements may see everything.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

use super::{expect_none, expect_one, source};

const ROOMS: [(&str, &[&str]); 8] = [
    ("anteroom-core", &[]),
    ("anteroom-store", &["anteroom-core"]),
    ("anteroom-config", &["anteroom-core"]),
    ("anteroom-words", &["anteroom-core"]),
    (
        "anteroom-mail",
        &[
            "anteroom-core",
            "anteroom-config",
            "anteroom-store",
            "anteroom-words",
        ],
    ),
    (
        "anteroom-gateway",
        &[
            "anteroom-core",
            "anteroom-config",
            "anteroom-store",
            "anteroom-words",
        ],
    ),
    (
        "anteroom-admin",
        &["anteroom-core", "anteroom-config", "anteroom-store"],
    ),
    (
        "anteroom",
        &[
            "anteroom-core",
            "anteroom-config",
            "anteroom-store",
            "anteroom-mail",
            "anteroom-gateway",
            "anteroom-admin",
            "anteroom-words",
        ],
    ),
];

const FREE: [&str; 3] = [
    "anteroom-tests",
    "anteroom-browser-tests",
    "anteroom-benches",
];

/// All that the core may use from outside: pure code, no I/O, no clock, no randomness.
const PURE: [&str; 9] = [
    "totp-rs",
    "regex",
    "ipnet",
    "unicode-normalization",
    "caseless",
    "subtle",
    "zeroize",
    "thiserror",
    "data-encoding",
];
const PURE_TESTS: [&str; 2] = ["insta", "proptest"];

/// Crates (by the first part of their name) that only one room may name.
const KEEPERS: [(&str, &str); 2] = [("pingora", "anteroom-gateway"), ("sqlx", "anteroom-store")];

/// One dependency line of a manifest: the crate named, and whether only tests use it.
type Line = (String, bool);

fn check(room: &str, lines: &[Line]) -> Vec<String> {
    if FREE.contains(&room) {
        return Vec::new();
    }
    let Some((_, known)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!(
            "{room}: is not a known room. Add it to ROOMS in tests/e2e/tidy/arrows.rs and to \
             ARCHITECTURE.md, with the rooms it may know."
        )];
    };
    lines
        .iter()
        .filter_map(|line| complain(room, known, line))
        .collect()
}

fn complain(room: &str, known: &[&str], (name, for_tests): &Line) -> Option<String> {
    let name = name.as_str();
    if name.starts_with("anteroom") {
        return (!known.contains(&name)).then(|| {
            format!(
                "{room} depends on {name}; it may know only {known:?}. Pass a plain value in from \
                 the room that knows both, or move the code."
            )
        });
    }
    for (family, keeper) in KEEPERS {
        if name.split('-').next() == Some(family) && room != keeper {
            return Some(format!(
                "{room} depends on {name}; only {keeper} names {family}. Ask that room for what \
                 is needed."
            ));
        }
    }
    let pure = PURE.contains(&name) || (*for_tests && PURE_TESTS.contains(&name));
    (room == "anteroom-core" && !pure).then(|| {
        format!(
            "{room} depends on {name}; it may use only {PURE:?}, and {PURE_TESTS:?} in tests. Do \
             the impure part in another room and hand the core plain values."
        )
    })
}

fn manifests() -> BTreeMap<String, Vec<Line>> {
    let metadata = MetadataCommand::new()
        .manifest_path(source::root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    let lines = |package: &cargo_metadata::Package| {
        let line = |dependency: &cargo_metadata::Dependency| {
            (
                dependency.name.clone(),
                dependency.kind == DependencyKind::Development,
            )
        };
        package.dependencies.iter().map(line).collect()
    };
    metadata
        .packages
        .iter()
        .map(|package| (package.name.to_string(), lines(package)))
        .collect()
}

#[test]
fn rooms_know_only_the_rooms_they_may_know() {
    let manifests = manifests();
    assert!(
        manifests.contains_key("anteroom-core"),
        "{:?}",
        manifests.keys()
    );
    let complaints: Vec<_> = manifests
        .iter()
        .flat_map(|(room, lines)| check(room, lines))
        .collect();
    expect_none(&complaints);
}

#[test]
fn wrong_arrows_are_complained_about() {
    let check = |room: &str, name: &str, tests: bool| check(room, &[(name.to_owned(), tests)]);
    expect_one(
        &check("anteroom-store", "anteroom-config", false),
        "may know only",
    );
    expect_one(
        &check("anteroom-gateway", "anteroom-admin", false),
        "may know only",
    );
    for room in ["anteroom-gateway", "anteroom-admin", "anteroom-store"] {
        expect_one(&check(room, "anteroom-mail", false), "may know only");
    }
    expect_one(
        &check("anteroom-store", "anteroom-tests", true),
        "may know only",
    );
    expect_one(
        &check("anteroom", "pingora-core", false),
        "only anteroom-gateway names pingora",
    );
    expect_one(
        &check("anteroom-gateway", "sqlx", true),
        "only anteroom-store names sqlx",
    );
    expect_one(&check("anteroom-core", "tokio", false), "may use only");
    expect_one(&check("anteroom-core", "proptest", false), "may use only");
    expect_one(
        &check("anteroom-cellar", "regex", false),
        "not a known room",
    );
    expect_none(&check("anteroom-core", "proptest", true));
    expect_none(&check("anteroom-benches", "pingora", false));
    expect_none(&check("anteroom", "anteroom-gateway", false));
}
