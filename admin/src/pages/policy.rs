//! What is in force, in words: per app and for the admin app itself. Read only.
//!
//! Never reads a setting; who fills this says each of them in one sentence. Look next:
//! `admin/templates/admin/policy.html`.

use super::{Problem, inside};

/// The policy page.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The apps.
    pub apps: Vec<AppPolicy>,
    /// The admin app: what is set, and to what.
    pub admin: Vec<Setting>,
    /// Where these come from: the configuration file's path.
    pub source: String,
}

/// One app's policy.
#[derive(Clone, Debug)]
pub struct AppPolicy {
    /// The app's display name.
    pub name: String,
    /// Its host names.
    pub hosts: Vec<String>,
    /// What is in force, in one sentence: "A code is asked for at every sign-in."
    pub sentence: String,
    /// What is set, and to what.
    pub settings: Vec<Setting>,
}

/// One setting.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What: "Without use for".
    pub label: String,
    /// To what: "15 minutes, then a code is asked for".
    pub value: String,
}

impl Policy {
    fn heading(&self) -> String {
        "What is in force".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }
}

inside!(Policy, "admin/policy.html");
