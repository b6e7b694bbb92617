//! The loosest reading: what a login, logout or second-door path might be to *some* server.
//!
//! Only for watching. A request that is watched in vain is refused or looked at twice; one that is
//! not watched could be a login that nobody saw.

use crate::path::unescaped;

/// How often escapes are decoded: once by a front server, once by a framework, and then some.
const MAX_DECODINGS: usize = 4;

/// The path as the most obliging server reads it: escapes decoded (again and again), lower case,
/// `\` as `/`, parameters cut, empty and dot segments resolved, cut at NUL, `?` and `#`, without
/// trailing spaces and dots per segment, without a trailing slash. Begins with `/`.
#[must_use]
pub fn loose(path: &str) -> String {
    let text = lowered(&decoded(path));
    let text = text.split(['\0', '?', '#']).next().unwrap_or_default();
    let mut kept: Vec<&str> = Vec::new();
    for segment in text.split(['/', '\\']) {
        let segment = segment.split(';').next().unwrap_or_default().trim_end();
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            // Windows drops trailing dots and spaces of file names.
            segment => match segment.trim_end_matches(|c: char| c == '.' || c.is_whitespace()) {
                "" => {}
                name => kept.push(name),
            },
        }
    }
    format!("/{}", kept.join("/"))
}

/// Whether some server takes the path for the rule's, or for a script of that name with more path
/// behind it (PHP runs `/login.php` for `/login.php/x.css`; attack A03).
#[must_use]
pub fn loosely_is(path: &str, rule: &str) -> bool {
    let (path, rule) = (loose(path), loose(rule));
    if rule == "/" {
        path == "/"
    } else {
        reaches(&path, &rule)
    }
}

/// Whether some server takes the path to end like the suffix, or like it with more path behind it.
#[must_use]
pub fn loosely_ends_with(path: &str, suffix: &str) -> bool {
    let folded = loose(suffix);
    // A suffix that begins with a slash begins a segment; others may end one (`.action`).
    let begins_segment = suffix.starts_with(['/', '\\']);
    let suffix = if begins_segment {
        folded.as_str()
    } else {
        folded.trim_start_matches('/')
    };
    format!("{}/", loose(path)).contains(&format!("{suffix}/"))
}

/// Whether some server takes the path to lie at or below the prefix.
#[must_use]
pub fn loosely_under(path: &str, prefix: &str) -> bool {
    let (path, prefix) = (loose(path), loose(prefix));
    prefix == "/" || reaches(&path, &prefix)
}

fn reaches(path: &str, rule: &str) -> bool {
    path.strip_prefix(rule)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Decodes escapes until none are left, or the bound is reached.
fn decoded(path: &str) -> String {
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..MAX_DECODINGS {
        if !bytes.contains(&b'%') {
            break;
        }
        bytes = unescaped(&bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        // Old servers take overlong forms, `%c0%af`, for the ASCII they spell.
        Err(problem) => String::from_utf8_lossy(&shortened(problem.as_bytes())).into_owned(),
    }
}

/// Reads two-byte overlong forms as the ASCII they spell.
fn shortened(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        match (first, after.first()) {
            (0xC0..=0xC1, Some(second @ 0x80..=0xBF)) => {
                out.push((first & 1) << 6 | (second & 0x3F));
                rest = &after[1..];
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

/// Lower case of the upper case: letters that some server folds together meet, such as `ſ` and `s`.
fn lowered(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let upper = text
        .chars()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).collect()
}
