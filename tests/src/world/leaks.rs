//! Looks for canaries: in a text, and in every file below a directory.
//! Never decides what a canary is; `World::must_not_leak` is told by the test.

use std::path::Path;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use crate::browser::form::urlencoded;

/// A canary, and where it should not have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    pub canary: String,
    /// `log`, or a path below the world's directory.
    pub place: String,
    /// `plain`, or the encoding that did not hide it.
    pub spelling: &'static str,
    /// Some of what stands around it.
    pub around: String,
}

pub fn in_text(place: &str, text: &str, canaries: &[&str]) -> Vec<Leak> {
    in_bytes(place, text.as_bytes(), canaries)
}

pub fn in_files(dir: &Path, canaries: &[&str]) -> Vec<Leak> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        // A file may go while we look, as journals of a database do.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let place = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy();
                found.extend(in_bytes(&place, &bytes, canaries));
            }
        }
    }
    found
}

fn in_bytes(place: &str, bytes: &[u8], canaries: &[&str]) -> Vec<Leak> {
    // As text, because the standard library searches text fast even in a test build, and logs at
    // TRACE are long. Bytes that are no text become marks and cannot hide what stands beside them.
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for canary in canaries {
        assert!(
            canary.len() >= 6,
            "{canary:?} is too short: it could stand there by chance"
        );
        for (spelling, needle) in spellings(canary) {
            if text.contains(&needle) {
                found.push(Leak {
                    canary: (*canary).to_owned(),
                    place: place.to_owned(),
                    spelling,
                    around: around(&text, &needle),
                });
                // One spelling is enough to fail; plain text matches several of them.
                break;
            }
        }
    }
    found
}

fn around(text: &str, needle: &str) -> String {
    let (before, after) = text.split_once(needle).unwrap_or_default();
    let before: Vec<char> = before.chars().rev().take(80).collect();
    let before: String = before.into_iter().rev().collect();
    format!(
        "{before}{needle}{}",
        after.chars().take(40).collect::<String>()
    )
}

fn spellings(canary: &str) -> [(&'static str, String); 7] {
    let bytes = canary.as_bytes();
    let form = urlencoded(&[("", canary)]);
    let json = serde_json::to_string(canary).expect("text is JSON");
    [
        ("plain", canary.to_owned()),
        ("form", form.trim_start_matches('=').to_owned()),
        ("json", json.trim_matches('"').to_owned()),
        ("base64", BASE64_NOPAD.encode(bytes)),
        ("base64url", BASE64URL_NOPAD.encode(bytes)),
        ("hex", HEXLOWER.encode(bytes)),
        ("hex", HEXUPPER.encode(bytes)),
    ]
}
