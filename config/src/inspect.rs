//! What `anteroom check` and every start look at besides the text of the configuration: files and
//! clock.
//!
//! Changes nothing and connects to nothing; upstreams are tried by the gateway. `now` is an
//! argument. What is looked for in key files stands in [`crate::keys`], in certificates in
//! [`crate::certificates`].

mod telling;

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use anteroom_core::time::Timestamp;

use crate::ambient::timestamp_of;
use crate::certificates::{self, Certificate};
use crate::keys;
use crate::logo;
use crate::settings::{CertificateFiles, ListenerKind, Settings, StoreSettings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, and deserves a second look.
    Warn,
    /// Must be mended before the public may come.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at.
    pub subject: String,
    /// What was seen.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    fn new(level: Level, subject: &str, text: impl Into<String>) -> Self {
        Self {
            level,
            subject: subject.to_owned(),
            text: text.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.level {
            Level::Ok => "ok  ",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
        };
        write!(f, "{word}  {}: {}", self.subject, self.text)?;
        match &self.hint {
            Some(hint) => write!(f, "\n      {hint}"),
            None => Ok(()),
        }
    }
}

/// Looks at everything that can be seen without connecting.
#[must_use]
pub fn all(settings: &Settings, config: &Path, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![config_file(config), clock(&settings.store.path, now)];
    findings.push(key_file(&settings.store));
    findings.push(database_file(&settings.store.path));
    findings.extend(certificates(settings, now));
    findings.extend(admin_certificate(settings, now));
    findings.extend(logos(settings));
    findings.extend(telling::files(settings));
    findings.extend(settings.warnings.iter().map(|warning| {
        let subject = if warning.path.is_empty() {
            "configuration"
        } else {
            &warning.path
        };
        let found = Finding::new(Level::Warn, subject, &warning.found);
        let why = warning.hint.as_deref().unwrap_or_default();
        found.hint(format!("better: {}. {why}", warning.allowed))
    }));
    findings
}

/// Whoever may change the configuration may switch the second factor off.
#[must_use]
pub fn config_file(path: &Path) -> Finding {
    const SUBJECT: &str = "configuration file";
    match fs::metadata(path) {
        Err(error) => Finding::new(Level::Fail, SUBJECT, format!("{}: {error}", path.display())),
        Ok(file) if file.mode() & 0o022 != 0 => {
            let text = format!("{} can be changed by others", path.display());
            let hint = format!("chmod go-w {}", path.display());
            Finding::new(Level::Fail, SUBJECT, text).hint(hint)
        }
        Ok(_) => Finding::new(Level::Ok, SUBJECT, path.display().to_string()),
    }
}

/// The key file, without making one.
#[must_use]
pub fn key_file(store: &StoreSettings) -> Finding {
    const SUBJECT: &str = "key file";
    let path = &store.key_file;
    if !store.key_is_credential && fs::symlink_metadata(path).is_err() {
        if store.path.exists() {
            let text = format!("{} is missing, but there is a store", path.display());
            let hint = "bring the key file back from your copy: a new key cannot open the store";
            return Finding::new(Level::Fail, SUBJECT, text).hint(hint);
        }
        let text = format!("{} will be made on the first start", path.display());
        return Finding::new(Level::Ok, SUBJECT, text);
    }
    match keys::inspect(store) {
        Ok(ring) => {
            let text = format!("{} keys, {} is current", ring.keys.len(), ring.current);
            Finding::new(Level::Ok, SUBJECT, text)
        }
        Err(problem) => Finding::new(Level::Fail, SUBJECT, problem.to_string()),
    }
}

/// The database file: who may read it, whether it can be made.
#[must_use]
pub fn database_file(path: &Path) -> Finding {
    const SUBJECT: &str = "store";
    let Ok(file) = fs::symlink_metadata(path) else {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        return if folder.is_none_or(Path::is_dir) {
            let text = format!("{} will be made on the first start", path.display());
            Finding::new(Level::Ok, SUBJECT, text)
        } else {
            let text = format!("the folder of {} does not exist", path.display());
            Finding::new(Level::Fail, SUBJECT, text).hint("make it, mode 0700, for the service")
        };
    };
    let mode = file.mode() & 0o777;
    if !file.is_file() {
        let text = format!("{} is not a regular file", path.display());
        Finding::new(Level::Fail, SUBJECT, text).hint("name the file itself, not a link to it")
    } else if mode & 0o077 != 0 {
        let text = format!("{} has mode {mode:04o}: others can read it", path.display());
        Finding::new(Level::Fail, SUBJECT, text).hint(format!("chmod 600 {}", path.display()))
    } else {
        Finding::new(Level::Ok, SUBJECT, path.display().to_string())
    }
}

/// Codes depend on the clock; a store from the future says that it went back.
#[must_use]
pub fn clock(store: &Path, now: Timestamp) -> Finding {
    const SUBJECT: &str = "clock";
    // 2025-01-01 and 2100-01-01: a clock outside has never been set.
    let sane = Timestamp::from_secs(1_735_689_600)..Timestamp::from_secs(4_102_444_800);
    if !sane.contains(&now) {
        let text = "the year cannot be right, so no code will be";
        return Finding::new(Level::Fail, SUBJECT, text).hint("start a time service (NTP)");
    }
    let written = fs::metadata(store)
        .and_then(|file| file.modified())
        .map(timestamp_of);
    let ahead = written
        .map(|written| written.since(now))
        .unwrap_or_default();
    if ahead > Duration::from_secs(5 * 60) {
        let text = format!(
            "the store was written {} min from now",
            ahead.as_secs() / 60
        );
        let hint = "the clock went back: people will be told that their codes are wrong";
        return Finding::new(Level::Warn, SUBJECT, text).hint(hint);
    }
    Finding::new(Level::Ok, SUBJECT, "plausible")
}

/// The certificates: each by itself, and whether every host has one.
#[must_use]
pub fn certificates(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut usable = Vec::new();
    for files in &settings.certificates {
        let (found, certificate) = one_certificate(files, now);
        findings.extend(found);
        usable.extend(certificate);
    }
    if settings
        .listeners
        .iter()
        .any(|listener| listener.kind == ListenerKind::Https)
    {
        let hosts = settings.apps.iter().flat_map(|app| &app.hosts);
        let bare = hosts.filter(|host| !usable.iter().any(|known| known.covers(host)));
        findings.extend(bare.map(|host| {
            let text = "no certificate is for this name; browsers will refuse it";
            Finding::new(Level::Fail, host, text)
        }));
    }
    findings
}

/// The certificate of the admin app, where it has one, and whether its hosts are in it.
#[must_use]
pub fn admin_certificate(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let Some(admin) = &settings.admin else {
        return Vec::new();
    };
    let Some(files) = &admin.tls else {
        return Vec::new();
    };
    let (mut findings, certificate) = one_certificate(files, now);
    if let Some(certificate) = certificate {
        let bare: Vec<&str> = admin
            .hosts
            .iter()
            .filter(|host| !certificate.covers(host))
            .map(String::as_str)
            .collect();
        // Operators need one name that works; the others may be leftovers of a default.
        let level = if bare.len() == admin.hosts.len() {
            Level::Fail
        } else {
            Level::Warn
        };
        if !bare.is_empty() {
            let text = "its certificate is for other names; browsers will refuse these";
            let hint = "take them out of hosts, or get a certificate that names them";
            let subject = format!("admin app at {}", bare.join(", "));
            findings.push(Finding::new(level, &subject, text).hint(hint));
        }
    }
    findings
}

/// The logos of the apps that have one.
#[must_use]
pub fn logos(settings: &Settings) -> Vec<Finding> {
    let files = settings.apps.iter().filter_map(|app| {
        let file = app.brand.logo.as_deref()?;
        Some((format!("logo of {}", app.name), file))
    });
    let look = |(subject, file): (String, &Path)| match logo::read(file) {
        Ok(logo) => {
            let text = format!("{} by {} dots", logo.width, logo.height);
            Finding::new(Level::Ok, &subject, text)
        }
        Err(problem) => Finding::new(Level::Fail, &subject, problem.to_string()),
    };
    files.map(look).collect()
}

/// What is to be said of a certificate, and itself where it can be served.
fn one_certificate(
    files: &CertificateFiles,
    now: Timestamp,
) -> (Vec<Finding>, Option<Certificate>) {
    match certificates::read(files) {
        Ok(certificate) => {
            let mut findings = vec![certificate_standing(files, &certificate, now)];
            findings.extend(key_mode(&files.key));
            (findings, Some(certificate))
        }
        Err(problem) => {
            let subject = files.certificate.display().to_string();
            let finding = Finding::new(Level::Fail, &subject, problem.to_string());
            (vec![finding], None)
        }
    }
}

fn certificate_standing(
    files: &CertificateFiles,
    certificate: &Certificate,
    now: Timestamp,
) -> Finding {
    let subject = files.certificate.display().to_string();
    let names = certificate.names.join(", ");
    if certificate.not_before > now {
        return Finding::new(Level::Fail, &subject, "is not valid yet").hint("look at the clock");
    }
    let left = certificate.not_after.since(now);
    if left.is_zero() {
        return Finding::new(Level::Fail, &subject, "has expired").hint("renew it");
    }
    let days = left.as_secs() / DAY.as_secs();
    let text = format!("for {names}; {days} days left");
    let level = if left < 21 * DAY {
        Level::Warn
    } else {
        Level::Ok
    };
    Finding::new(level, &subject, text)
}

/// A group such as `ssl-cert` may read TLS keys; everybody must not.
fn key_mode(key: &Path) -> Option<Finding> {
    let mode = fs::metadata(key).ok()?.mode() & 0o777;
    (mode & 0o027 != 0).then(|| {
        let text = format!("has mode {mode:04o}: others can read or change it");
        let hint = format!("chmod 640 {}", key.display());
        Finding::new(Level::Fail, &key.display().to_string(), text).hint(hint)
    })
}

#[cfg(test)]
mod tests;
