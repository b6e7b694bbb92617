//! A folder with a configuration, and the real binary run in it: what every test of the command
//! line begins with. Never asserts anything itself.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The smallest clinic: one app that nobody answers for.
pub const CONFIG: &str = r#"
version = 1
development = true
[[listener]]
addr = "127.0.0.1:0"
kind = "http"
[store]
path = "state/anteroom.db"
key_file = "state/anteroom.key"
[[app]]
name = "emr"
hosts = ["127.0.0.1"]
upstreams = ["http://127.0.0.1:9"]
preset = "demo"
[app.contact]
phone = "+1 555 0101"
"#;

/// A folder with a configuration.
pub struct Clinic {
    pub dir: TempDir,
}

/// What a command left.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Clinic {
    pub fn new(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("state")).unwrap();
        for folder in [dir.path().to_owned(), dir.path().join("state")] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
        }
        fs::write(dir.path().join("anteroom.toml"), config).unwrap();
        Self { dir }
    }

    /// A command that finds the configuration by itself.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = anteroom(self.dir.path(), arguments);
        command.env("ANTEROOM_CONFIG", self.dir.path().join("anteroom.toml"));
        command
    }

    pub fn run_with(&self, arguments: &[&str], typed: &str) -> Said {
        let mut child = self.command(arguments).spawn().unwrap();
        // A command that asks nothing has ended already, and its end of the pipe with it.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        Said::of(child.wait_with_output().unwrap())
    }
}

impl Said {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The binary in this folder, run by jane; it knows of no configuration.
pub fn anteroom(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anteroom"));
    command
        .args(arguments)
        .current_dir(dir)
        .env_remove("ANTEROOM_CONFIG")
        .env("SUDO_USER", "jane")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}
