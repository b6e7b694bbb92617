//! The small records app in `apps/php`, on PHP's own server: the cheapest app to attack.
//! Never changed for a test's sake; PHP's readings of odd requests are the reason it is here.
//! Each request runs in a fresh PHP; four at once can run, so a held request blocks no other.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;

use super::keeper::{Kept, Workplace};
use super::{App, Missing, copy_tree, program};
use crate::login::Login;
use crate::ports::free_port;

// Their passwords are canaries: they may stand in no log and no file.
pub const ALICE: Login = Login::new("alice", "Larch-Canary-41");
pub const BOB: Login = Login::new("bob", "Birch-Canary-52");
pub const MALLORY: Login = Login::new("mallory", "Yew-Canary-63");
pub const PAT: Login = Login::new("pat", "Elm-Canary-74");

/// Stands on `CHART`, and nowhere without a login.
pub const CANARY: &str = "CANARY-PHI-1001";
pub const CHART: &str = "/chart.php?pid=1001";
pub const WRONG: &str = "Wrong user name or password.";

const PACKAGES: &[&str] = &["php-cli"];

/// The one instance that all tests of this process share.
pub fn start() -> Result<&'static App, Missing> {
    static APP: OnceLock<Result<App, Missing>> = OnceLock::new();
    APP.get_or_init(start_own).as_ref().map_err(Clone::clone)
}

/// An instance of its own, for a test that counts, breaks or kills.
pub fn start_own() -> Result<App, Missing> {
    let php = program("php").ok_or(Missing {
        app: "PHP",
        packages: PACKAGES,
    })?;
    let mut told = String::new();
    // Somebody may take the free port before PHP does.
    for _ in 0..3 {
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let kept = launch(&php, addr);
        match kept.wait_for_http(addr, "/static/x.css") {
            Ok(()) => {
                return Ok(App {
                    name: "php",
                    addr,
                    kept,
                });
            }
            Err(why) => told = why,
        }
    }
    panic!("PHP is installed but does not start: {told}")
}

fn launch(php: &Path, addr: SocketAddr) -> Kept {
    let place = Workplace::new("php");
    let root = place.folder("www");
    // A copy, because the account it runs under may not be able to read our source tree.
    copy_tree(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("apps/php"),
        &root,
    );
    let sessions = place.folder("sessions");
    place.give_to("www-data");
    let mut command: Vec<OsString> = vec![php.into(), "-n".into()];
    for setting in [
        format!("session.save_path={}", sessions.display()),
        // What old apps run with: ids of the client's making, also from the URL.
        "session.use_strict_mode=0".to_owned(),
        "session.use_only_cookies=0".to_owned(),
        "display_errors=0".to_owned(),
        "log_errors=1".to_owned(),
    ] {
        command.extend(["-d".into(), setting.into()]);
    }
    command.extend([
        "-S".into(),
        addr.to_string().into(),
        "-t".into(),
        root.into(),
    ]);
    let workers = [("PHP_CLI_SERVER_WORKERS", OsStr::new("4"))];
    Kept::start(place, Some("www-data"), &command, &workers)
}

/// The notes that were saved in this instance, as `name` and text, in order.
pub fn notes(app: &App) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(app.dir().join("sessions/notes.txt")).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    let note = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| text.to_owned());
    lines
        .map(|(who, text)| (who.to_owned(), note(text)))
        .collect()
}
