//! Licences of everything that is built in: permissive ones, and exceptions with a reason.
//!
//! The expressions are read as cargo finds them: `OR`, `AND`, parentheses, and the old slash for
//! `OR`.

use cargo_metadata::MetadataCommand;

use super::{expect_none, expect_one, source};

const ALLOWED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Crate, licence, why it is all right.
const EXCEPTIONS: [(&str, &str, &str); 5] = [
    (
        "tiny-keccak",
        "CC0-1.0",
        "runs at build time only, in a macro that pingora's tables use to seed their hashes",
    ),
    ("webauthn-rs-core", "MPL-2.0", UNCHANGED),
    ("webauthn-rs-proto", "MPL-2.0", UNCHANGED),
    ("webauthn-attestation-ca", "MPL-2.0", UNCHANGED),
    ("crypto-glue", "MPL-2.0", UNCHANGED),
];

/// MPL-2.0 asks for the source of changed files only (section 3.1), and there are none.
const UNCHANGED: &str = "taken from the registry as it is; see docs/decisions/0007";

/// We ship for this platform; crates for others are not in the binary.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

fn check(name: &str, licence: Option<&str>) -> Option<String> {
    let accepts = |id: &str| {
        ALLOWED.contains(&id)
            || EXCEPTIONS
                .iter()
                .any(|(who, what, _)| *who == name && *what == id)
    };
    let licence = licence.unwrap_or("no licence at all");
    (!any(licence, &accepts)).then(|| {
        format!(
            "{name}: its licence is '{licence}'; allowed are {ALLOWED:?}. Use another crate, or \
             add an exception with a reason to tests/e2e/tidy/licences.rs."
        )
    })
}

/// One side of an `OR` is enough.
fn any(expression: &str, accepts: &dyn Fn(&str) -> bool) -> bool {
    let expression = expression.replace('/', " OR ");
    split(&expression, " OR ")
        .into_iter()
        .any(|part| all(part, accepts))
}

/// Every side of an `AND` is needed.
fn all(expression: &str, accepts: &dyn Fn(&str) -> bool) -> bool {
    split(expression, " AND ").into_iter().all(|part| {
        let part = part.trim();
        match part
            .strip_prefix('(')
            .and_then(|part| part.strip_suffix(')'))
        {
            Some(inner) => any(inner, accepts),
            None => accepts(part),
        }
    })
}

/// Splits at a word that stands outside all parentheses.
fn split<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut from, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, c) in expression.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 && at >= from && expression[at..].starts_with(word) {
            parts.push(&expression[from..at]);
            from = at + word.len();
        }
    }
    parts.push(&expression[from..]);
    parts
}

#[test]
fn every_licence_is_permissive() {
    let metadata = MetadataCommand::new()
        .manifest_path(source::root().join("Cargo.toml"))
        .other_options(["--filter-platform".to_owned(), PLATFORM.to_owned()])
        .exec()
        .expect("cargo metadata");
    let resolved = metadata.resolve.as_ref().expect("a resolved graph");
    let built = |id: &cargo_metadata::PackageId| resolved.nodes.iter().any(|node| node.id == *id);
    let packages = || {
        metadata
            .packages
            .iter()
            .filter(|package| built(&package.id))
    };
    let mut complaints: Vec<_> = packages()
        .filter_map(|package| check(&package.name, package.license.as_deref()))
        .collect();
    for (name, _, _) in EXCEPTIONS {
        if !packages().any(|package| package.name.as_str() == name) {
            complaints.push(format!(
                "{name}: has an exception but is not used; remove the exception"
            ));
        }
    }
    expect_none(&complaints);
}

#[test]
fn licences_outside_the_list_are_complained_about() {
    let verdict = |licence: &str| Vec::from_iter(check("a", Some(licence)));
    for bad in [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR ISC) AND AGPL-3.0",
        "CC0-1.0",
    ] {
        expect_one(&verdict(bad), bad);
    }
    for good in [
        "MIT/Apache-2.0",
        "Apache-2.0 / MIT",
        "GPL-2.0 OR MIT",
        "(MIT OR GPL-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
    ] {
        expect_none(&verdict(good));
    }
    expect_one(&Vec::from_iter(check("a", None)), "no licence at all");
    expect_none(&Vec::from_iter(check("tiny-keccak", Some("CC0-1.0"))));
}
