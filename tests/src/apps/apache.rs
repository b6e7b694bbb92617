//! The configuration of a private Apache with mod_php, for PHP applications from Debian.
//! Never reads the machine's own Apache configuration, only its modules and MIME types.
//! Used by `dokuwiki`.

use std::ffi::OsString;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

const MODULES: &str = "/usr/lib/apache2/modules";

/// In the order they depend on each other.
const NEEDED: [&str; 9] = [
    "mpm_prefork",
    "authz_core",
    "authz_host",
    "authn_core",
    "alias",
    "dir",
    "mime",
    "env",
    "setenvif",
];

/// The server and the newest mod_php, if both are installed.
pub fn installed() -> Option<(PathBuf, PathBuf)> {
    let server = super::program("apache2")?;
    let modules = std::fs::read_dir(MODULES)
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    let is_php = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("libphp"))
    };
    Some((server, modules.filter(is_php).max()?))
}

/// One site with PHP; `more` are directives of the application.
pub fn configuration(dir: &Path, addr: SocketAddr, php: &Path, root: &str, more: &str) -> String {
    let dir = dir.display();
    let mut text = format!(
        "ServerRoot /etc/apache2\nServerName {}\nListen {addr}\nUser www-data\nGroup www-data\n\
         PidFile {dir}/run/pid\nDefaultRuntimeDir {dir}/run\nMutex file:{dir}/run default\n\
         ErrorLog {dir}/error.log\nLogLevel warn\n",
        addr.ip()
    );
    for module in NEEDED {
        let _ = writeln!(text, "LoadModule {module}_module {MODULES}/mod_{module}.so");
    }
    let _ = writeln!(text, "LoadModule php_module {}", php.display());
    let _ = write!(
        text,
        "TypesConfig /etc/mime.types\nStartServers 2\nMinSpareServers 1\nMaxSpareServers 4\n\
         MaxRequestWorkers 20\nDirectoryIndex index.php index.html\n\
         <FilesMatch \"\\.ph(p|tml)$\">\n  SetHandler application/x-httpd-php\n</FilesMatch>\n\
         php_admin_value session.save_path {dir}/sessions\n\
         php_admin_value error_log {dir}/php.log\n\
         DocumentRoot \"{root}\"\n<Directory />\n  Require all denied\n</Directory>\n\
         <Directory \"{root}\">\n  Options FollowSymLinks\n  AllowOverride None\n\
         \x20 Require all granted\n</Directory>\n{more}"
    );
    text
}

/// In the foreground, so that it stays in the process group that `keeper` stops.
pub fn command(server: &Path, configuration: &Path) -> Vec<OsString> {
    let words: [OsString; 4] = [server.into(), "-D".into(), "FOREGROUND".into(), "-f".into()];
    words.into_iter().chain([configuration.into()]).collect()
}
