//! The real binary on a directory of its own: started, signalled, killed at once, started again.
//! Time is the machine's, so tests here never wait for minutes: those are `start`'s. Never built by
//! the harness: cargo puts it beside the test executable (`cargo test --workspace`).

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anteroom_config::ambient::Ambient;
use anteroom_store::Store;

use super::World;
use super::start::eventually;
use crate::browser::Browser;

/// What the binary is to serve.
pub struct Site {
    /// Lines of the configuration but for listeners, certificates and store.
    pub lines: String,
    /// The hosts, each with a certificate of its own.
    pub hosts: Vec<String>,
}

/// A directory, a configuration, and most of the time a running process.
pub struct Binary {
    pub world: World,
    /// Where browsers connect to; another one after each start.
    pub addr: SocketAddr,
    /// Health and metrics.
    pub private: SocketAddr,
    config: PathBuf,
    hosts: Vec<String>,
    child: Option<Child>,
    said: Arc<Mutex<String>>,
}

impl Binary {
    /// Writes the configuration and starts for the first time.
    pub async fn start(site: Site) -> Self {
        let world = World::empty(|_, _| true);
        let mut text = String::from(
            "version = 1\nprivate = \"127.0.0.1:0\"\nworkers = 2\n\
             [[listener]]\naddr = \"127.0.0.1:0\"\n\
             [store]\npath = \"anteroom.db\"\nkey_file = \"anteroom.key\"\n",
        );
        for host in &site.hosts {
            let (chain, key) = world.certificate(&[host]);
            text += &format!("[[certificate]]\ncertificate = {chain:?}\nkey = {key:?}\n");
        }
        text += &site.lines;
        let config = world.file("anteroom.toml", &text);
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut binary = Self {
            world,
            addr: nowhere,
            private: nowhere,
            config,
            hosts: site.hosts,
            child: None,
            said: Arc::default(),
        };
        binary.run().await;
        binary
    }

    /// Starts on the same directory, and waits until it says that it is ready.
    pub async fn run(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        self.said.lock().expect("sound").clear();
        let mut child = self
            .command(&["serve"])
            .spawn()
            .expect("cargo has built the binary");
        let (out, err) = (child.stdout.take(), child.stderr.take());
        for stream in [out.map(boxed), err.map(boxed)].into_iter().flatten() {
            let said = self.said.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    *said.lock().expect("sound") += &(line + "\n");
                }
            });
        }
        self.child = Some(child);
        eventually("the binary is ready", async || {
            self.said().contains("ready;")
        })
        .await;
        let said = self.said();
        self.addr = address(&said, "https://");
        self.private = address(&said, "http://");
        for host in &self.hosts {
            self.world.internet.host(host, self.addr);
        }
        self.set_clock();
    }

    /// A command line of this binary with this configuration, not yet started.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(path());
        command.arg("--config").arg(&self.config).args(words);
        command
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end, beside the running service.
    pub async fn operate(&self, words: &[&str]) -> Output {
        let mut command = self.command(words);
        let done = tokio::task::spawn_blocking(move || command.output()).await;
        done.expect("no panic").expect("the binary starts")
    }

    /// What it has printed since its last start, logs included.
    pub fn said(&self) -> String {
        self.said.lock().expect("sound").clone()
    }

    /// SIGKILL: no last word, no last write.
    pub fn kill_9(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is our child");
            child.wait().expect("it ends");
        }
    }

    /// Any other signal, such as `HUP` or `TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.pid();
        let sent = Command::new("sh")
            .arg("-c")
            .arg(format!("kill -{name} {pid}"))
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "{name} to {pid}");
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let ending = tokio::task::spawn_blocking(move || child.wait());
        let ended = tokio::time::timeout(Duration::from_secs(20), ending).await;
        ended
            .expect("it ends")
            .expect("no panic")
            .expect("it is our child")
    }

    /// Its resident memory in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("a running process of Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number
            .and_then(|number| number.parse().ok())
            .expect("a number of kB")
    }

    /// The store, opened by us: while the binary is dead, or beside it.
    pub async fn store(&self) -> Store {
        let ambient = Ambient::system();
        let settings = anteroom_config::load(&self.config, &ambient).expect("it was served");
        anteroom::compose::open(settings, &ambient)
            .await
            .expect("the store opens")
            .store
    }

    /// Unix seconds, by the machine.
    pub fn now(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs()
    }

    /// A fresh browser at the first host. Its cookies age by the machine's clock of this moment.
    pub fn browser(&self) -> Browser {
        self.set_clock();
        self.world.browser(&format!("https://{}", self.hosts[0]))
    }

    fn set_clock(&self) {
        let now = i64::try_from(self.now()).expect("before the end of time");
        self.world.clock.set_ms(now * 1000);
    }

    fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        self.kill_9();
    }
}

fn boxed(stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(stream)
}

/// The program itself, beside the directory of the test executables.
pub fn path() -> PathBuf {
    let own = std::env::current_exe().expect("a running test");
    let target = own
        .parent()
        .and_then(|deps| deps.parent())
        .expect("target/debug/deps");
    target.join("anteroom")
}

/// The first address printed after this scheme.
fn address(said: &str, scheme: &str) -> SocketAddr {
    let found = said
        .lines()
        .find_map(|line| line.trim().strip_prefix(scheme));
    let found = found.and_then(|line| line.split_whitespace().next());
    found
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("no {scheme} in: {said}"))
}
