//! Keeps a program running for the length of a test process, and not a moment longer.
//! Never leaves one behind: the program runs under a small shell that holds a pipe from us, and
//! when that pipe ends (we drop it, exit, panic or are killed) the shell stops its whole process
//! group and removes the directory. What to run is said by `php`, `dokuwiki` and `tomcat`.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// $0 is the directory, the rest is the program. TERM first, so that it can stop its own children;
/// KILL five seconds later. `wait` stands twice because our own TERM may cut the first one short.
const WATCH: &str = r#"
exec 3<&0
( trap : TERM; "$@" </dev/null 3<&- >>"$0/output" 2>&1; echo "ended with $?" >"$0/ended" ) 3<&- &
app=$!
trap : TERM
read -r _ <&3
kill -s TERM -- -$$
( trap '' TERM; sleep 5; kill -s KILL -- -$$ ) >/dev/null 2>&1 3<&- &
wait "$app"
wait "$app"
rm -rf -- "$0"
kill -s KILL -- -$$
"#;

/// Where a program works before and while it runs.
#[derive(Debug)]
pub struct Workplace {
    dir: PathBuf,
}

impl Workplace {
    pub fn new(app: &str) -> Self {
        let made = tempfile::Builder::new()
            .prefix(&format!("anteroom-{app}-"))
            .tempdir();
        // From here on the shell removes it, even if we are killed.
        let dir = made.expect("a temporary directory").keep();
        // Accounts that the programs run under have to get in.
        open_to_all(&dir);
        Self { dir }
    }

    pub fn path(&self) -> &Path {
        &self.dir
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.dir.join(name);
        std::fs::create_dir_all(&path).expect("our own directory");
        path
    }

    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.join(name);
        std::fs::create_dir_all(path.parent().expect("below our directory")).expect("ours");
        std::fs::write(&path, text).expect("our own directory");
        path
    }

    /// Makes all of it this account's, if we are root and may.
    pub fn give_to(&self, account: &str) {
        if let (true, Some((user, group))) = (is_root(), ids(account)) {
            give(&self.dir, user, group);
        }
    }
}

/// A program and its directory. Dropping it stops the one and removes the other.
#[derive(Debug)]
pub struct Kept {
    dir: PathBuf,
    shell: Mutex<Child>,
    /// While this is open the program lives.
    pipe: Option<ChildStdin>,
}

impl Kept {
    /// Starts this command line in the directory; under this account, if we are root.
    pub fn start(
        place: Workplace,
        account: Option<&str>,
        command: &[OsString],
        environment: &[(&str, &OsStr)],
    ) -> Self {
        let dir = place.dir;
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(WATCH).arg(&dir);
        if let (true, Some(account)) = (is_root(), account) {
            shell.args([
                "setpriv",
                "--reuid",
                account,
                "--regid",
                account,
                "--clear-groups",
                "--",
            ]);
        }
        shell
            .args(command)
            .envs(environment.iter().copied())
            .current_dir(&dir);
        // A group of its own, so that it can be stopped whole and no signal of ours reaches it.
        shell
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = shell.spawn().expect("sh is everywhere");
        let pipe = child.stdin.take();
        Self {
            dir,
            shell: Mutex::new(child),
            pipe,
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn output(&self) -> String {
        let bytes = std::fs::read(self.dir.join("output")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until any HTTP status comes back; gives up at once when the program has ended.
    pub fn wait_for_http(&self, addr: SocketAddr, path: &str) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let answered = status(addr, path).is_some();
            // Looked at after the answer: somebody else may have taken the port before us.
            if let Ok(ended) = std::fs::read_to_string(self.dir.join("ended")) {
                return Err(format!("{}: {}", ended.trim(), self.output()));
            }
            if answered {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(format!("no answer at {addr}: {}", self.output()));
            }
            look_again_later();
        }
    }

    /// KILL for all of it, at once.
    pub fn kill(&self) {
        let mut shell = self.shell.lock().expect("sound");
        let group = format!("-{}", shell.id());
        // Fails only if the group is gone already.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = shell.wait();
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.pipe.take();
        let _ = self.shell.lock().expect("sound").wait();
        // After `kill` there was no shell left to do it.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The status of a GET, if anything that speaks HTTP answers.
pub fn status(addr: SocketAddr, path: &str) -> Option<u16> {
    let mut tcp = TcpStream::connect_timeout(&addr, Duration::from_secs(1)).ok()?;
    tcp.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    tcp.write_all(request.as_bytes()).ok()?;
    let mut head = [0; 12];
    tcp.read_exact(&mut head).ok()?;
    let line = std::str::from_utf8(&head).ok()?;
    line.strip_prefix("HTTP/1.")?.get(2..)?.parse().ok()
}

/// The pause between two looks at a program that says nothing of itself when it is ready.
fn look_again_later() {
    park_timeout(Duration::from_millis(10));
}

pub fn is_root() -> bool {
    // The owner of our own entry in /proc is who we are.
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn ids(account: &str) -> Option<(u32, u32)> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = accounts
        .lines()
        .find(|line| line.split(':').next() == Some(account))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn give(path: &Path, user: u32, group: u32) {
    chown(path, Some(user), Some(group)).expect("root may give files away");
    if path.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            give(&entry.path(), user, group);
        }
    }
}

fn open_to_all(dir: &Path) {
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(dir, open).expect("our own directory");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    fn until(held: impl Fn() -> bool) -> bool {
        let end = Instant::now() + Duration::from_secs(10);
        while !held() {
            if Instant::now() > end {
                return false;
            }
            look_again_later();
        }
        true
    }

    fn lives(pid: &str) -> bool {
        // A process that has ended but was not waited for shows as a zombie.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[test]
    fn a_dropped_program_is_stopped_with_its_children_and_leaves_no_directory() {
        let script = "sleep 300 & echo $! > child; echo $$ > me; wait";
        let kept = Kept::start(
            Workplace::new("test"),
            None,
            &words(&["sh", "-c", script]),
            &[],
        );
        let dir = kept.dir().to_owned();
        assert!(until(
            || std::fs::read_to_string(dir.join("me")).is_ok_and(|me| me.contains('\n'))
        ));
        let pids = ["child", "me"].map(|name| std::fs::read_to_string(dir.join(name)).unwrap());
        assert!(pids.iter().all(|pid| lives(pid)));
        drop(kept);
        assert!(until(|| !pids.iter().any(|pid| lives(pid))), "{pids:?}");
        assert!(!dir.exists());
    }

    #[test]
    fn a_killed_program_is_gone_at_once() {
        let script = "trap '' TERM; echo $$ > me; while :; do sleep 1; done";
        let kept = Kept::start(
            Workplace::new("test"),
            None,
            &words(&["sh", "-c", script]),
            &[],
        );
        let me = kept.dir().join("me");
        assert!(until(
            || std::fs::read_to_string(&me).is_ok_and(|me| me.contains('\n'))
        ));
        let pid = std::fs::read_to_string(&me).unwrap();
        kept.kill();
        assert!(until(|| !lives(&pid)));
    }

    #[test]
    fn a_program_that_ends_by_itself_is_told_with_its_output() {
        let command = words(&["sh", "-c", "echo no such luck; exit 3"]);
        let kept = Kept::start(Workplace::new("test"), None, &command, &[]);
        let told = kept
            .wait_for_http(crate::ports::dead_end(), "/")
            .unwrap_err();
        assert_eq!(told.trim(), "ended with 3: no such luck");
    }
}
