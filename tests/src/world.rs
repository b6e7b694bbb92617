//! What surrounds a gateway in a test: a directory, a clock, certificates, names, logs.
//! Never starts the gateway; that is `world::start`, which builds upon what stands here.
//! Actors come from here: `browser`, and `phone::Phone` with this world's clock.

pub mod binary;
pub mod clock;
pub mod leaks;
pub mod logs;
pub mod start;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub use self::clock::TestClock;
use self::leaks::Leak;
use self::logs::{Cap, Logs};
use crate::browser::Browser;
use crate::browser::send::Internet;
use crate::tls::TestCa;

/// One test's world. Everything in it ends with it.
pub struct World {
    pub clock: TestClock,
    pub ca: TestCa,
    pub internet: Internet,
    logs: Logs,
    dir: TempDir,
}

impl World {
    /// A world in which nothing is running yet. `cap` is the gateway's own rule about log targets.
    pub fn empty(cap: Cap) -> Self {
        let (clock, ca) = (TestClock::new(), TestCa::new());
        let dir = tempfile::Builder::new().prefix("anteroom-world-").tempdir();
        Self {
            internet: Internet::new(clock.clone(), ca.trust()),
            clock,
            ca,
            logs: Logs::capture(cap),
            dir: dir.expect("a temporary directory"),
        }
    }

    /// Where this world's gateway keeps its files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file there and gives its path.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir().join(name);
        std::fs::write(&path, text).expect("the directory is ours");
        path
    }

    /// Certificate and key for these names, as files: first the chain, then the key.
    pub fn certificate(&self, names: &[&str]) -> (PathBuf, PathBuf) {
        let identity = self.ca.identity(names);
        let stem = names.first().copied().unwrap_or("server");
        let chain = self.file(&format!("{stem}.chain"), &identity.cert_pem);
        (
            chain,
            self.file(&format!("{stem}.private"), &identity.key_pem),
        )
    }

    /// A fresh browser whose owner works at this origin. Names lead where `internet` says.
    pub fn browser(&self, home: &str) -> Browser {
        Browser::new(&self.internet, home)
    }

    /// What was logged in this process since this world began, at TRACE.
    pub fn logs(&self) -> String {
        self.logs.text()
    }

    /// Where these canaries are found: in the logs, or in any file of this world, as they are or
    /// in an encoding that hides nothing.
    pub fn leaks(&self, canaries: &[&str]) -> Vec<Leak> {
        assert!(
            self.logs.is_live(),
            "no log reaches this world: nothing could be proved"
        );
        let mut found = leaks::in_text("log", &self.logs.text(), canaries);
        found.extend(leaks::in_files(self.dir(), canaries));
        found
    }

    /// Fails the test if any of these is found by `leaks`. Keys and configuration that a test
    /// itself wrote into the directory are found too, so give only what must not be at rest.
    pub fn must_not_leak(&self, canaries: &[&str]) {
        let leaks = self.leaks(canaries);
        assert!(leaks.is_empty(), "leaked: {leaks:#?}");
    }
}

/// 32 random bytes.
pub fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    anteroom_config::ambient::entropy(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_found_in_logs_and_files_and_in_plain_disguises() {
        let world = World::empty(|_, _| true);
        world.must_not_leak(&["CANARY-W1", "Larch Canary/41"]);
        tracing::debug!("a line with CANARY-W1 in it");
        world.file("store.sqlite", "....Larch+Canary%2F41....");
        std::fs::create_dir(world.dir().join("deep")).unwrap();
        world.file("deep/dump", "xx TGFyY2ggQ2FuYXJ5LzQx xx");
        let leaks = world.leaks(&["CANARY-W1", "Larch Canary/41", "not there"]);
        let places: Vec<&str> = leaks.iter().map(|leak| leak.place.as_str()).collect();
        assert_eq!(leaks.len(), 3, "{leaks:#?}");
        assert!(places.contains(&"log") && places.contains(&"store.sqlite"));
        assert!(
            leaks
                .iter()
                .any(|leak| leak.place.ends_with("dump") && leak.spelling == "base64")
        );
    }

    #[test]
    fn a_world_has_certificates_on_disk_and_its_own_clock() {
        let (one, two) = (World::empty(|_, _| true), World::empty(|_, _| true));
        let (chain, key) = one.certificate(&["emr.test", "127.0.0.1"]);
        assert!(
            std::fs::read_to_string(chain)
                .unwrap()
                .contains("BEGIN CERTIFICATE")
        );
        assert!(
            std::fs::read_to_string(key)
                .unwrap()
                .contains("PRIVATE KEY")
        );
        one.clock.next_step();
        assert_ne!(one.clock.now(), two.clock.now());
        let dir = one.dir().to_owned();
        drop(one);
        assert!(!dir.exists());
    }
}
