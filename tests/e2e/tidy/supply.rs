//! Where dependencies come from, and which must not be there.
//!
//! Reads `Cargo.lock`, which holds every platform and needs no network.

use super::{expect_none, expect_one, source};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A second TLS or crypto library would be a second thing to patch in a hurry; ring is the one.
const BANNED: [&str; 5] = [
    "aws-lc-sys",
    "aws-lc-rs",
    "openssl-sys",
    "openssl",
    "native-tls",
];

fn check(lock: &str) -> Vec<String> {
    let lock: toml::Table = lock.parse().expect("Cargo.lock is TOML");
    let packages = lock
        .get("package")
        .and_then(toml::Value::as_array)
        .expect("packages");
    let mut complaints = Vec::new();
    for package in packages {
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str);
        let name = text("name").expect("a package has a name");
        if BANNED.contains(&name) {
            complaints.push(format!(
                "{name} is in Cargo.lock; ring is the only crypto library here. Find who asks for \
                 it with `cargo tree -i {name}` and switch that feature off."
            ));
        }
        // A crate without a source is one of ours, by path.
        if let Some(source) = text("source").filter(|source| *source != REGISTRY) {
            complaints.push(format!(
                "{name} comes from {source}; only the public registry is allowed. Use a released \
                 version."
            ));
        }
    }
    complaints
}

#[test]
fn dependencies_come_from_the_registry_and_bring_one_crypto_library() {
    expect_none(&check(&source::read("Cargo.lock").expect("Cargo.lock")));
}

#[test]
fn foreign_sources_and_banned_crates_are_complained_about() {
    let lock = |name: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n")
    };
    expect_one(
        &check(&lock("a", "git+https://git.test/a")),
        "only the public registry",
    );
    expect_one(
        &check(&lock("aws-lc-sys", REGISTRY)),
        "ring is the only crypto library",
    );
    expect_none(&check(&lock("ring", REGISTRY)));
    expect_none(&check(
        "[[package]]\nname = \"anteroom\"\nversion = \"0.1.0\"\n",
    ));
}
