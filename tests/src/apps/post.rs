//! A real mail server (aiosmtpd) with STARTTLS and a login, whose moods a test chooses.
//! Never lets a mail out of this machine: what it takes is written to files and read here, with
//! transfer encodings undone, as a person's mail program would show it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::BASE64_MIME_PERMISSIVE;
use serde_json::Value;

use super::keeper::{Kept, Workplace};
use super::{Missing, copy_tree};
use crate::ports::free_port;
use crate::tls::TestCa;

/// What the mail server knows us by. The password is a canary.
pub const USER: &str = "anteroom";
pub const PASSWORD: &str = "Post-Canary-85";

const PYTHON: &str = "/usr/bin/python3";
const MODULE: &str = "/usr/lib/python3/dist-packages/aiosmtpd";

/// A mail server of a test's own.
pub struct PostOffice {
    ca: TestCa,
    port: u16,
    /// Mails survive a restart here.
    dir: tempfile::TempDir,
    kept: Option<Kept>,
}

/// One mail that was taken.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: Vec<String>,
    /// Whether it came through TLS, after a login.
    pub safely: bool,
    raw: String,
}

impl Mail {
    /// A field of the head, unfolded and decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.raw.split("\n\n").next()?;
        let head = head.replace("\n ", " ").replace("\n\t", " ");
        let wanted = format!("{}:", name.to_ascii_lowercase());
        let line = head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with(&wanted))?;
        Some(decode_words(line.split_once(':')?.1.trim()))
    }

    pub fn subject(&self) -> String {
        self.header("Subject").unwrap_or_default()
    }

    /// The text part, as a person reads it.
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    /// The HTML part.
    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> String {
        let mut parts = self.raw.split("\n--");
        let part = parts.find(|part| {
            let head = part.split("\n\n").next().unwrap_or_default();
            head.to_ascii_lowercase().contains(kind)
        });
        let Some((head, body)) = part.and_then(|part| part.split_once("\n\n")) else {
            return String::new();
        };
        let head = head.to_ascii_lowercase();
        if head.contains("base64") {
            let tight: String = body.split_whitespace().collect();
            let bytes = BASE64_MIME_PERMISSIVE.decode(tight.as_bytes());
            return String::from_utf8_lossy(&bytes.expect("base64")).into_owned();
        }
        if head.contains("quoted-printable") {
            return unquote(body);
        }
        body.to_owned()
    }

    /// The code that stands in the text, without its space.
    pub fn code(&self) -> String {
        let text = self.text();
        let digits = |line: &&str| {
            let plain = line.trim().replace(' ', "");
            plain.len() == 8 && plain.bytes().all(|byte| byte.is_ascii_digit())
        };
        let line = text.lines().find(digits);
        line.expect("a code in the mail").trim().replace(' ', "")
    }

    /// Everything, as it went over the wire.
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

impl PostOffice {
    /// Opens one, or says which package is missing.
    pub fn open() -> Result<Self, Missing> {
        let missing = Missing {
            app: "aiosmtpd",
            packages: &["python3-aiosmtpd"],
        };
        if !Path::new(MODULE).is_dir() || !Path::new(PYTHON).is_file() {
            return Err(missing);
        }
        let mut post = Self {
            ca: TestCa::new(),
            port: free_port(),
            dir: tempfile::tempdir().expect("a temporary directory"),
            kept: None,
        };
        post.start();
        Ok(post)
    }

    /// Starts it (again), on the same port.
    pub fn start(&mut self) {
        let place = Workplace::new("post");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("apps/post");
        copy_tree(&from, place.path());
        let identity = self.ca.identity(&["localhost", "127.0.0.1"]);
        let chain = place.file("server.chain", &identity.cert_pem);
        let key = place.file("server.private", &identity.key_pem);
        let script = place.path().join("server.py");
        let dir = self.dir.path().to_owned();
        let ready = dir.join("ready");
        let _ = std::fs::remove_file(&ready);
        let mut command: Vec<OsString> = vec!["env".into(), "-C".into(), dir.into()];
        command.extend([PYTHON.into(), script.into(), self.port.to_string().into()]);
        command.extend([chain.into(), key.into(), USER.into(), PASSWORD.into()]);
        let kept = Kept::start(place, None, &command, &[]);
        poll("the mail server starts", || {
            assert!(!kept.dir().join("ended").exists(), "{}", kept.output());
            ready.exists()
        });
        self.kept = Some(kept);
    }

    /// Stops it, as if its machine was gone.
    pub fn stop(&mut self) {
        if let Some(kept) = self.kept.take() {
            kept.kill();
        }
        let address = ("127.0.0.1", self.port);
        poll("the mail server is gone", || {
            std::net::TcpStream::connect(address).is_err()
        });
    }

    /// How it treats the next messages: `ok`, `refuse`, `busy`, `slow`.
    pub fn is_in_a_mood(&self, mood: &str) {
        std::fs::write(self.dir.path().join("mood"), mood).expect("our own directory");
    }

    /// The `[mail]` section that leads here, with its files in `world`.
    pub fn settings(&self) -> String {
        let ca = self.file("post-ca.pem", self.ca.pem());
        let password = self.file("post-password", PASSWORD);
        format!(
            "[mail]\nserver = \"localhost\"\nport = {}\nuser = \"{USER}\"\n\
             password_file = {password:?}\nca_file = {ca:?}\nfrom = \"anteroom@clinic.test\"\n\
             timeout = \"2 s\"\n",
            self.port
        )
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("our own directory");
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, mode).expect("our own file");
        path
    }

    /// The mails that were taken, in order.
    pub fn mails(&self) -> Vec<Mail> {
        let folder = self.dir.path().join("mail");
        let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = found.map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
        files.sort();
        files.iter().map(|file| read(file)).collect()
    }

    /// Waits until so many were taken.
    pub fn wait_for(&self, count: usize) -> Vec<Mail> {
        poll("a mail arrives", || self.mails().len() >= count);
        let mails = self.mails();
        assert_eq!(mails.len(), count, "{mails:#?}");
        mails
    }
}

fn read(file: &Path) -> Mail {
    let text = std::fs::read_to_string(file).expect("a mail");
    let told: Value = serde_json::from_str(&text).expect("JSON");
    let to = told["to"].as_array().expect("addresses");
    Mail {
        to: to
            .iter()
            .map(|to| to.as_str().expect("text").to_owned())
            .collect(),
        safely: told["tls"] == true && told["login"] == true,
        raw: told["text"].as_str().expect("text").replace("\r\n", "\n"),
    }
}

/// RFC 2047 words, as far as our own subjects need them.
fn decode_words(text: &str) -> String {
    let mut plain = String::new();
    let mut was_encoded = false;
    for word in text.split_whitespace() {
        let inner = word
            .strip_prefix("=?utf-8?b?")
            .and_then(|word| word.strip_suffix("?="));
        let decoded = inner.map(|inner| BASE64_MIME_PERMISSIVE.decode(inner.as_bytes()));
        let decoded = decoded.map(|bytes| bytes.expect("base64"));
        // Only the space between two encoded words is no part of the text (RFC 2047, 6.2).
        let is_encoded = decoded.is_some();
        let joined = was_encoded && is_encoded;
        if !plain.is_empty() && !joined {
            plain.push(' ');
        }
        was_encoded = is_encoded;
        match decoded {
            Some(bytes) => plain.push_str(&String::from_utf8_lossy(&bytes)),
            None => plain.push_str(word),
        }
    }
    plain
}

fn unquote(text: &str) -> String {
    let joined = text.replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'=')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn poll(what: &str, mut check: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while !check() {
        assert!(std::time::Instant::now() < end, "never happened: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
