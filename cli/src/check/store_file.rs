//! The store as a file: is it a database, how large is it, how much room is left?
//!
//! Opens no database: that could change it while the gateway runs. Whether the keys fit is found
//! out by every start.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anteroom_config::inspect::{Finding, Level};

use super::{finding, hinted};

/// What an SQLite file begins with (<https://www.sqlite.org/fileformat2.html>).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// With less room than this, a busy day may fill the disk.
const LITTLE_ROOM: u64 = 512 << 20;
/// With less than this, sign-ins may stop at any moment: nothing is let through that cannot be
/// written down.
const NO_ROOM: u64 = 32 << 20;

/// Looks at the store's file, if there is one, and at its disk.
pub fn look(path: &Path) -> Vec<Finding> {
    let mut findings = Vec::from_iter(database(path));
    findings.extend(room(path));
    findings
}

fn database(path: &Path) -> Option<Finding> {
    let subject = "store content";
    let size = std::fs::metadata(path).ok()?.len();
    Some(match begins_with_magic(path) {
        // A file that was made and never written: the next start finishes it.
        _ if size == 0 => finding(Level::Ok, subject, "empty"),
        Ok(true) => finding(
            Level::Ok,
            subject,
            format!("an SQLite database of {}", bytes(size)),
        ),
        Ok(false) => hinted(
            Level::Fail,
            subject,
            "is no SQLite database",
            "store.path names another program's file, or the file is damaged: see your backup",
        ),
        Err(problem) => finding(Level::Fail, subject, format!("cannot be read ({problem})")),
    })
}

/// Whether there is a database at all.
pub(super) fn is_database(path: &Path) -> bool {
    begins_with_magic(path).unwrap_or(false)
}

fn begins_with_magic(path: &Path) -> io::Result<bool> {
    let mut first = Vec::new();
    File::open(path)?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut first)?;
    Ok(first == MAGIC)
}

fn room(path: &Path) -> Option<Finding> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let disk = rustix::fs::statvfs(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let text = format!("{} free", bytes(free));
    let hint = "when the disk is full nobody can sign in: nothing is let through unrecorded";
    Some(match free {
        free if free < NO_ROOM => hinted(Level::Fail, "store disk", text, hint),
        free if free < LITTLE_ROOM => hinted(Level::Warn, "store disk", text, hint),
        _ => finding(Level::Ok, "store disk", text),
    })
}

fn bytes(count: u64) -> String {
    let units = [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(size, _)| count >= *size) {
        Some((size, name)) => format!("{} {name}", count / size),
        None => format!("{count} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_programs_file_is_told_from_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        assert!(database(&path).is_none());
        for (content, level) in [
            (&b""[..], Level::Ok),
            (b"SQLite format 3\0and more", Level::Ok),
            (b"SQLite", Level::Fail),
            (b"%PDF-1.7 something else", Level::Fail),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(
                database(&path).map(|found| found.level),
                Some(level),
                "{content:?}"
            );
        }
    }

    #[test]
    fn sizes_are_said_in_their_largest_unit() {
        assert_eq!(bytes(12), "12 B");
        assert_eq!(bytes(5 << 20), "5 MiB");
        assert_eq!(bytes((3 << 30) + 5), "3 GiB");
    }
}
