//! The files of this repository, as the other rules read them.
//!
//! Walks the tree instead of asking git, so that the rules also hold in an image build or a plain
//! archive.

use std::fs;
use std::path::{Path, PathBuf};

use super::lexer;

/// Folders and endings that `.gitignore` keeps out of the repository.
const NOT_OURS: [&str; 4] = [".git", "target", ".demo", "node_modules"];
const NOT_TEXT: [&str; 8] = [
    ".pem", ".key", ".png", ".sqlite", ".db", ".ico", ".new", ".lock",
];

/// One text file.
pub struct Source {
    /// From the root, with forward slashes.
    pub path: String,
    /// As it stands.
    pub text: String,
}

impl Source {
    /// The text with comments and literals blanked out, line by line as before.
    pub fn code(&self) -> String {
        lexer::code_only(&self.text)
    }

    /// Whether this file exists only for tests or measurements.
    pub fn is_test(&self) -> bool {
        is_test(&self.path)
    }
}

/// Whether a path belongs to tests or measurements.
pub fn is_test(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let within = parts.iter().any(|part| ["tests", "benches"].contains(part));
    within || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All text files, sorted by path.
pub fn files() -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root(), "", &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(
        found.len() > 20,
        "the tree looks empty: only {} files under it",
        found.len()
    );
    found
}

/// All Rust files.
pub fn rust() -> Vec<Source> {
    files()
        .into_iter()
        .filter(|source| source.path.ends_with(".rs"))
        .collect()
}

/// One file by its path from the root; none if it does not exist.
pub fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder that can be read") {
        let entry = entry.expect("an entry that can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().expect("an entry with a type");
        if kind.is_dir() {
            if !NOT_OURS.contains(&name.as_str()) {
                walk(&entry.path(), &format!("{path}/"), found);
            }
        } else if kind.is_file() && !NOT_TEXT.iter().any(|ending| name.ends_with(ending)) {
            // A file that is no text has no lines to judge.
            if let Ok(text) = fs::read_to_string(entry.path()) {
                found.push(Source { path, text });
            }
        }
    }
}

/// Complains about entries of an allow-list whose file is gone, so that the list stays short.
pub fn stale<'a>(allowed: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let gone = |path: &&str| !root().join(path).exists();
    let complain =
        |path: &str| format!("{path}: is on an allow-list but does not exist; remove it");
    allowed.into_iter().filter(gone).map(complain).collect()
}
