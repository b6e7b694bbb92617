//! From the tree of the file to settings: every section read, every rule checked, every problem
//! kept.
//!
//! Each function reads one section, reports what is wrong with it and goes on with a stand-in, so
//! that one run names all mistakes. Does no I/O: files are named here and looked at in
//! [`crate::inspect`]. One file per part of the configuration: [`server`], [`app`] with
//! [`upstream`], [`passkeys`] and [`policy`], [`login`] with [`form`], [`outcome`], [`cookies`]
//! and [`pattern`], [`admin`], [`mail`].

mod admin;
mod app;
mod brand;
mod contact;
mod cookies;
mod form;
mod login;
mod mail;
mod outcome;
mod passkeys;
mod pattern;
mod policy;
mod realm;
mod server;
mod upstream;

use std::path::{Path, PathBuf};

use anteroom_core::time::Timestamp;

use crate::raw::node::Node;
use crate::raw::report::Report;
use crate::raw::section::{Found, Section};
use crate::settings::Settings;

/// What the meaning of a file depends on besides its text.
pub(crate) struct Surroundings<'a> {
    /// The folder that relative paths start from.
    pub base_dir: &'a Path,
    /// Where `credential:NAME` looks.
    pub credentials: Option<&'a Path>,
    /// The present moment, where it is known.
    pub now: Option<Timestamp>,
}

impl Surroundings<'_> {
    fn absolute(&self, path: &str) -> PathBuf {
        self.base_dir.join(path)
    }
}

/// Reads the whole file. The settings count only when the report stays without problems.
pub(crate) fn resolve(root: &Node, around: &Surroundings<'_>, report: &Report) -> Settings {
    let file = Section::root(root, report);
    version(&file);
    let development = file.flag("development");
    let listeners = server::listeners(&file, development.value);
    let certificates = server::certificates(&file, &listeners, around);
    let private = server::private(&file, &listeners);
    let all_loopback = listeners
        .iter()
        .all(|listener| listener.addr.ip().is_loopback());
    let apps = app::apps(
        &file,
        &app::Frame {
            around,
            all_loopback,
            listeners: &listeners,
        },
    );
    let admin = admin::admin(
        &file,
        &admin::Beside {
            around,
            listeners: &listeners,
            private,
            apps: &apps,
        },
    );
    let mail = mail::mail(&file, &apps, around);
    if development.value && !all_loopback {
        let hint = "development mode speaks plain HTTP and lets anybody enrol: never for real \
            people";
        let allowed = "listeners on 127.0.0.1 or [::1] only";
        report.problem_hint(
            &development.at,
            "true, with a public listener",
            allowed,
            hint,
        );
    }
    Settings {
        store: server::store(&file, around),
        trusted_proxies: server::trusted_proxies(&file),
        limits: server::limits(&file),
        workers: server::workers(&file),
        log: server::log(&file),
        notices: mail::notices(&file, around),
        mail,
        listeners,
        certificates,
        private,
        admin,
        apps,
        warnings: Vec::new(),
        development: development.value,
    }
}

fn version(file: &Section<'_>) {
    match file.node("version").1 {
        Some(_) => {
            file.number("version", &(1..=1));
        }
        None => file.missing("version", "version = 1, the shape of this file"),
    }
}

/// Text that must not be empty, must fit a page and must not hold control characters.
fn plain_text(file: &Section<'_>, text: &Found<&str>, most: usize) -> Option<String> {
    let fine = !text.value.trim().is_empty()
        && text.value.chars().count() <= most
        && !text.value.chars().any(char::is_control);
    if !fine {
        let allowed = format!("1 to {most} characters on one line");
        file.report()
            .problem(&text.at, crate::raw::measure::quoted(text.value), allowed);
    }
    fine.then(|| text.value.trim().to_owned())
}
