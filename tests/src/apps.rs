//! Real applications behind the gateway: started once for a test process, stopped when it ends.
//! Never installs anything and never touches the machine's own services; what is missing is named.
//! `keeper` starts and stops programs; `php` is a small app of ours, the others come from Debian.

mod apache;
pub mod dokuwiki;
pub mod keeper;
pub mod php;
pub mod post;
pub mod tomcat;

use std::fmt;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use self::keeper::Kept;

/// A running application. Dropping it stops it.
#[derive(Debug)]
pub struct App {
    pub name: &'static str,
    pub addr: SocketAddr,
    kept: Kept,
}

impl App {
    /// Its own address as an origin, for talking to it past the gateway.
    pub fn origin(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The directory it works in.
    pub fn dir(&self) -> &Path {
        self.kept.dir()
    }

    /// What it wrote to its output so far.
    pub fn output(&self) -> String {
        self.kept.output()
    }

    /// Kills it at once, as a crash would.
    pub fn kill(&self) {
        self.kept.kill();
    }
}

/// An application that is not installed here.
#[derive(Clone, Debug)]
pub struct Missing {
    pub app: &'static str,
    /// The Debian packages that bring it.
    pub packages: &'static [&'static str],
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is not installed: apt-get install {}",
            self.app,
            self.packages.join(" ")
        )
    }
}

/// The application, or `None` and a loud line that its tests were skipped. With
/// `ANTEROOM_NO_SKIPS=1`, as in CI, a missing application fails the test instead.
pub fn present<T>(found: Result<T, Missing>) -> Option<T> {
    let strict = std::env::var("ANTEROOM_NO_SKIPS").is_ok_and(|value| value == "1");
    // Past the test runner's capture: a skipped test must not look like a passed one.
    found_or_skipped(found, strict, &mut std::io::stderr())
}

fn found_or_skipped<T>(
    found: Result<T, Missing>,
    strict: bool,
    loud: &mut impl Write,
) -> Option<T> {
    let missing = match found {
        Ok(app) => return Some(app),
        Err(missing) => missing,
    };
    assert!(!strict, "{missing}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(loud, "SKIPPED {test}: {missing}");
    None
}

/// The application, or the end of this test: `let app = require!(php::start());`.
#[macro_export]
macro_rules! require {
    ($found:expr) => {
        match $crate::apps::present($found) {
            Some(app) => app,
            None => return,
        }
    };
}

/// The program of this name on the search path.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers stand in sbin, which an ordinary person's search path leaves out.
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    places.map(|dir| dir.join(name)).find(|file| file.is_file())
}

fn all_present(files: &[&str]) -> bool {
    files.iter().all(|file| Path::new(file).exists())
}

/// Everything below `from`, symbolic links followed; what we may not read is left out.
fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("our own directory");
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_tree(&source, &target);
        } else if let Ok(bytes) = std::fs::read(&source) {
            std::fs::write(&target, bytes).expect("our own directory");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISSING: Missing = Missing {
        app: "Tomcat",
        packages: &["tomcat10", "tomcat10-examples"],
    };

    #[test]
    fn a_present_app_is_handed_over_and_a_missing_one_skips_the_test() {
        let mut loud = Vec::new();
        assert_eq!(found_or_skipped(Ok(7), true, &mut loud), Some(7));
        assert!(loud.is_empty());
        assert_eq!(
            found_or_skipped(Err::<u8, _>(MISSING), false, &mut loud),
            None
        );
        let told = String::from_utf8(loud).unwrap();
        assert!(
            told.starts_with("SKIPPED ") && told.contains("tomcat10"),
            "{told}"
        );
    }

    #[test]
    #[should_panic(expected = "Tomcat is not installed: apt-get install tomcat10 tomcat10-exam")]
    fn where_nothing_may_be_skipped_a_missing_app_fails_the_test_and_names_its_packages() {
        found_or_skipped(Err::<u8, _>(MISSING), true, &mut Vec::new());
    }

    #[test]
    fn a_tree_is_copied_with_what_lies_deep_in_it() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        std::fs::write(dir.path().join("a/b/c"), "deep").unwrap();
        copy_tree(&dir.path().join("a"), &dir.path().join("copy"));
        assert_eq!(
            std::fs::read_to_string(dir.path().join("copy/b/c")).unwrap(),
            "deep"
        );
    }
}
