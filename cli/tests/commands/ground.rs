//! What the tests of commands stand on: a configuration, a command that goes on, one request.
//!
//! Asserts only that a step worked which a test takes for granted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::Duration;

pub use crate::clinic::CONFIG;
use crate::clinic::{Clinic, Said, anteroom};

impl Clinic {
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, "")
    }

    /// The gateway comes up once and goes down again.
    pub fn restart(&self) {
        let config = self.path("anteroom.toml");
        let serve = ["serve", "--config", config.to_str().unwrap()];
        let going = Going::start(self.dir.path(), &serve);
        going.until("ready");
        assert_eq!(going.end().0, Some(0));
    }

    pub fn ok(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(
            said.code,
            Some(0),
            "{arguments:?}: {}{}",
            said.out,
            said.err
        );
        said.out
    }
}

/// A command that goes on until it is ended, with its lines as they come.
pub struct Going {
    child: Child,
    lines: mpsc::Receiver<String>,
    logged: mpsc::Receiver<String>,
}

impl Going {
    pub fn start(dir: &Path, arguments: &[&str]) -> Self {
        let mut child = anteroom(dir, arguments).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let logged = lines_of(child.stderr.take().unwrap());
        Self {
            child,
            lines,
            logged,
        }
    }

    /// Lines up to the first that holds `text`, that one included.
    pub fn until(&self, text: &str) -> Vec<String> {
        up_to(&self.lines, text)
    }

    /// The same of what is logged.
    pub fn until_logged(&self, text: &str) {
        up_to(&self.logged, text);
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    pub fn end(mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let code = self.child.wait().unwrap().code();
        let err: Vec<String> = self.logged.iter().collect();
        (code, err.join("\n"))
    }
}

/// The lines of a stream, as they come.
fn lines_of(stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn up_to(lines: &mpsc::Receiver<String>, text: &str) -> Vec<String> {
    let mut seen = Vec::new();
    while !seen.last().is_some_and(|line: &String| line.contains(text)) {
        match lines.recv_timeout(Duration::from_secs(30)) {
            Ok(line) => seen.push(line),
            Err(_) => panic!("{text:?} was not said: {seen:#?}"),
        }
    }
    seen
}

pub fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The address after `http://` in the first of these lines that has one.
pub fn address_in(lines: &[String]) -> String {
    let line = lines
        .iter()
        .find_map(|line| line.split_once("http://"))
        .expect("an address");
    line.1
        .chars()
        .take_while(|c| !matches!(c, ' ' | '/'))
        .collect()
}
