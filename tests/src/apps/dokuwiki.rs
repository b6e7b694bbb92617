//! DokuWiki from Debian on a private Apache: a closed wiki that shows its login form on any page.
//! Never writes into the packaged files: configuration and pages live in a directory of our own.
//! A login is taken on any page, by form, by query and by Basic; the cookie holds the login itself.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;

use super::keeper::{Kept, Workplace};
use super::{App, Missing, all_present, apache, copy_tree};
use crate::ports::free_port;

pub const USER: &str = "drhouse";
pub const PASSWORD: &str = "Vicodin-88-Zoo";
/// Somebody else who may read and write, but administers nothing.
pub const OTHER: &str = "cameron";
pub const OTHER_PASSWORD: &str = "Thirteen-07-Zoo";
pub const PAGE: &str = "/doku.php?id=start";
/// Stands on `PAGE`, and nowhere without a login.
pub const MARKER: &str = "MRN-700121";
/// A page deep in the wiki, with a marker of its own.
pub const DEEP_PAGE: &str = "/doku.php?id=ward:night";
pub const DEEP_MARKER: &str = "MRN-700122";
pub const WRONG: &str = "Sorry, username or password was wrong";

const ROOT: &str = "/usr/share/dokuwiki";
/// bcrypt of `PASSWORD` at the lowest cost: these logins are not what a test waits for.
const HASH: &str = "$2y$04$DQl4vqtT..LSQzXHtAy6EO1N8kuwQmXFJU3DHb0hfA9nY9.FCIrxi";
const OTHER_HASH: &str = "$2y$04$aWTSntN4V4V5wRQf1K9ghuKmiW33kEesOr1k.pT2URyMsOa82aULu";
const MISSING: Missing = Missing {
    app: "DokuWiki",
    packages: &["dokuwiki", "apache2", "libapache2-mod-php"],
};

/// The one instance that all tests of this process share.
pub fn start() -> Result<&'static App, Missing> {
    static APP: OnceLock<Result<App, Missing>> = OnceLock::new();
    APP.get_or_init(start_own).as_ref().map_err(Clone::clone)
}

pub fn start_own() -> Result<App, Missing> {
    let (server, php) = apache::installed().ok_or(MISSING)?;
    if !all_present(&["/usr/share/dokuwiki/doku.php", "/etc/dokuwiki/dokuwiki.php"]) {
        return Err(MISSING);
    }
    let mut told = String::new();
    for _ in 0..3 {
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let place = prepare();
        let prepend = format!(
            "php_admin_value auto_prepend_file {}/prepend.php\n\
             <Files \"install.php\">\n  Require all denied\n</Files>\n",
            place.path().display()
        );
        let text = apache::configuration(place.path(), addr, &php, ROOT, &prepend);
        let configuration = place.file("apache.conf", text);
        place.give_to("www-data");
        // It starts as root, if we are, and changes its account by itself.
        let kept = Kept::start(place, None, &apache::command(&server, &configuration), &[]);
        match kept.wait_for_http(addr, "/doku.php") {
            Ok(()) => {
                return Ok(App {
                    name: "dokuwiki",
                    addr,
                    kept,
                });
            }
            Err(why) => told = format!("{why}{}", log(kept.dir())),
        }
    }
    panic!("DokuWiki is installed but does not start: {told}")
}

fn log(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("error.log")).unwrap_or_default()
}

fn prepare() -> Workplace {
    let place = Workplace::new("dokuwiki");
    for folder in ["run", "sessions"] {
        place.folder(folder);
    }
    copy_tree(Path::new("/etc/dokuwiki"), &place.folder("conf"));
    copy_tree(Path::new("/var/lib/dokuwiki/data"), &place.folder("data"));
    for folder in [
        "attic", "cache", "index", "locks", "log", "media", "meta", "pages", "tmp",
    ] {
        place.folder(&format!("data/{folder}"));
    }
    let dir = place.path().display().to_string();
    // The constant has to stand before any file of the wiki is read.
    place.file(
        "prepend.php",
        format!("<?php define('DOKU_CONF', '{dir}/conf/');\n"),
    );
    place.file(
        "conf/local.php",
        format!(
            "<?php\n$conf['title'] = 'Ward Wiki';\n$conf['savedir'] = '{dir}/data';\n\
             $conf['useacl'] = 1;\n$conf['superuser'] = '@admin';\n$conf['license'] = '';\n\
             $conf['updatecheck'] = 0;\n$conf['remote'] = 1;\n$conf['remoteuser'] = '';\n"
        ),
    );
    place.file("conf/acl.auth.php", "*\t@ALL\t0\n*\t@user\t8\n");
    let people = format!(
        "{USER}:{HASH}:Dr House:house@clinic.test:admin,user\n\
         {OTHER}:{OTHER_HASH}:Dr Cameron:cameron@clinic.test:user\n"
    );
    place.file("conf/users.auth.php", people);
    let page = format!("====== Ward round ======\n\nPatient ZEBRA Zelda {MARKER}, bed 4.\n");
    place.file("data/pages/start.txt", page);
    let page = format!("====== Night shift ======\n\nPatient OKAPI Olga {DEEP_MARKER}, bed 9.\n");
    place.file("data/pages/ward/night.txt", page);
    place
}
