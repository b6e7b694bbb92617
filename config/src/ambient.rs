//! The one door to the world outside: wall clock, monotonic clock, entropy, environment, secret
//! files.
//!
//! Everything else in the tree takes `now` and random bytes as arguments; `clippy.toml` bans the
//! ambient calls and the `#[expect]`s below are its only exceptions. Holds no rules: what a key
//! file must look like stands in [`crate::keys`], what the configuration means in `resolve`.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anteroom_core::time::Timestamp;
use zeroize::Zeroizing;

/// Tells the time. Tests bring a clock that they move themselves.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Fills a buffer with random bytes. Tests bring a seeded one.
pub type Entropy = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// The operating system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one wall clock of the tree")]
    fn now(&self) -> Timestamp {
        timestamp_of(SystemTime::now())
    }
}

/// A file's or the system's idea of a moment, as ours. Moments before 1970 become negative.
pub(crate) fn timestamp_of(moment: SystemTime) -> Timestamp {
    match moment.duration_since(UNIX_EPOCH) {
        Ok(after) => Timestamp::default().plus(after),
        Err(before) => Timestamp::default().minus(before.duration()),
    }
}

/// Time since the process started measuring: for timers and limits, which must not care about
/// clock jumps (attack F09).
#[derive(Clone, Copy, Debug)]
pub struct Monotonic {
    started: Instant,
}

impl Monotonic {
    /// Starts measuring.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one monotonic clock of the tree"
    )]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// How long ago it started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// How many milliseconds ago it started.
    #[must_use]
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Fills `bytes` from the operating system.
///
/// Ends the process when there is no entropy: every alternative hands out ids and keys that can
/// be guessed.
#[expect(
    clippy::disallowed_methods,
    reason = "the one source of entropy of the tree"
)]
pub fn entropy(bytes: &mut [u8]) {
    if let Err(problem) = getrandom::fill(bytes) {
        let _ = writeln!(
            io::stderr(),
            "anteroom: no entropy from the system ({problem}); \
            stopping"
        );
        std::process::abort();
    }
}

/// What the process finds around it, read once at start.
#[derive(Clone)]
pub struct Ambient {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub entropy: Entropy,
    /// `ANTEROOM_CONFIG`: the configuration file, when the command line names none.
    pub config_file: Option<PathBuf>,
    /// `CREDENTIALS_DIRECTORY`: where systemd puts what `LoadCredential=` names.
    pub credentials: Option<PathBuf>,
}

impl Ambient {
    /// The real thing.
    #[must_use]
    pub fn system() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(entropy),
            config_file: environment_path("ANTEROOM_CONFIG"),
            credentials: environment_path("CREDENTIALS_DIRECTORY"),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one reader of the environment"
)]
fn environment_path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// Whom the environment names as the user of this process. Anybody may set it: good for a paper
/// trail, not for a permission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvokingUser {
    /// `SUDO_USER`: who called sudo.
    pub sudo: Option<String>,
    /// `LOGNAME` or `USER`: who logged in.
    pub login: Option<String>,
}

/// Reads who runs this process from its environment.
#[must_use]
pub fn invoking_user() -> InvokingUser {
    let name =
        |variable| environment_path(variable).and_then(|name| name.to_str().map(str::to_owned));
    InvokingUser {
        sudo: name("SUDO_USER"),
        login: name("LOGNAME").or_else(|| name("USER")),
    }
}

/// The file of the running program, for examples that can be copied.
#[must_use]
pub fn program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// Reads a secret file whole, wiped from memory when dropped. `at_most` bounds a wrong path to a
/// huge file.
///
/// # Errors
/// When the file cannot be read, is longer than `at_most`, or is not UTF-8.
pub fn read_secret(path: &Path, at_most: u64) -> io::Result<Zeroizing<String>> {
    read_secret_from(&File::open(path)?, at_most)
}

/// As [`read_secret`], from a file that was opened and checked already.
pub(crate) fn read_secret_from(file: &File, at_most: u64) -> io::Result<Zeroizing<String>> {
    // Full capacity first: a growing buffer would leave copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        usize::try_from(at_most).unwrap_or(0) + 1,
    ));
    file.take(at_most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > at_most {
        let message = format!("longer than {at_most} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "not text (UTF-8)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_agrees_with_the_year_of_this_source() {
        // 2025-01-01T00:00:00Z: a build machine whose clock was never set fails here first.
        assert!(SystemClock.now() > Timestamp::from_secs(1_735_689_600));
        assert_eq!(
            timestamp_of(UNIX_EPOCH - Duration::from_secs(2)),
            Timestamp::from_secs(-2)
        );
    }

    #[test]
    fn monotonic_time_never_goes_back() {
        let monotonic = Monotonic::start();
        let first = monotonic.elapsed_ms();
        assert!(monotonic.elapsed_ms() >= first);
    }

    #[test]
    fn entropy_differs_each_time() {
        let (mut one, mut other) = ([0; 32], [0; 32]);
        entropy(&mut one);
        entropy(&mut other);
        assert_ne!(one, other);
        assert_ne!(one, [0; 32]);
    }

    #[test]
    fn a_secret_file_is_bounded_and_must_be_text() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        for (content, at_most, said) in [
            (&b"four"[..], 4, Ok("four")),
            (b"fives", 4, Err("longer than 4 bytes")),
            (b"\xff", 4, Err("not text (UTF-8)")),
        ] {
            std::fs::write(&path, content).expect("written");
            let read = read_secret(&path, at_most).map_err(|error| error.to_string());
            let read = read
                .as_ref()
                .map(|text| text.as_str())
                .map_err(String::as_str);
            assert_eq!(read, said);
        }
    }
}
