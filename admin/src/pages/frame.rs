//! What stands round every page: the title, the ways that this role has, banners, who is signed in.
//!
//! Shows nobody a way that the role does not allow; never decides that something is allowed, which
//! is the router's to do. The HTML is `admin/templates/admin/base.html`.

use anteroom_core::operator::{Permission, Role};

use super::assets::stylesheet_path;
use super::{Chrome, Door, Problem};

/// [`Chrome`] or [`Door`], as the templates read it.
pub(super) struct Frame<'a> {
    pub(super) title: String,
    pub(super) stylesheet: &'static str,
    pub(super) reference: &'a str,
    pub(super) csrf: &'a str,
    pub(super) chrome: Option<&'a Chrome<'a>>,
}

/// One way in the navigation.
pub(super) struct Way {
    pub(super) href: &'static str,
    pub(super) label: &'static str,
    pub(super) here: bool,
    pub(super) count: u32,
}

impl<'a> Frame<'a> {
    /// Round a page of a signed-in operator. A title that starts with "Error:" is heard first.
    pub(super) fn inside(chrome: &'a Chrome<'a>, heading: &str, problem: bool) -> Self {
        Self {
            title: title(heading, problem),
            stylesheet: stylesheet_path(),
            reference: chrome.reference,
            csrf: chrome.csrf,
            chrome: Some(chrome),
        }
    }

    /// Round a page for somebody who is not signed in.
    pub(super) fn outside(door: &'a Door<'a>, heading: &str, problem: bool) -> Self {
        Self {
            title: title(heading, problem),
            stylesheet: stylesheet_path(),
            reference: door.reference,
            csrf: door.csrf,
            chrome: None,
        }
    }

    /// The ways that this role has, in the order of a working day.
    pub(super) fn ways(&self) -> Vec<Way> {
        let ways = [
            ("/", "Today", Permission::Read),
            ("/people", "People", Permission::Read),
            ("/approvals", "Approvals", Permission::Read),
            ("/staff", "New staff", Permission::Help),
            ("/hardware-tokens", "Tokens", Permission::Read),
            ("/emergency", "Emergency", Permission::Read),
            ("/audit", "Audit log", Permission::Read),
            ("/report", "Report", Permission::Read),
            ("/operators", "Operators", Permission::Read),
            ("/policy", "Policy", Permission::Read),
        ];
        let Some(chrome) = self.chrome else {
            return Vec::new();
        };
        let may = ways
            .into_iter()
            .filter(|(_, _, need)| chrome.role.may(*need));
        may.map(|(href, label, _)| Way {
            href,
            label,
            here: under(chrome.path, href),
            count: if href == "/approvals" {
                chrome.approvals
            } else {
                0
            },
        })
        .collect()
    }

    /// Whether the operator's own page is shown.
    pub(super) fn at_me(&self) -> bool {
        self.chrome.is_some_and(|chrome| under(chrome.path, "/me"))
    }

    fn may(&self, permission: Permission) -> bool {
        self.chrome
            .is_some_and(|chrome| chrome.role.may(permission))
    }

    pub(super) fn may_help(&self) -> bool {
        self.may(Permission::Help)
    }

    pub(super) fn may_rule(&self) -> bool {
        self.may(Permission::Operators)
    }

    pub(super) fn may_except(&self) -> bool {
        self.may(Permission::Emergency)
    }

    pub(super) fn may_export(&self) -> bool {
        self.may(Permission::Export)
    }
}

fn title(heading: &str, problem: bool) -> String {
    let error = if problem { "Error: " } else { "" };
    format!("{error}{heading} – Anteroom")
}

/// Whether a page lies on this way.
fn under(path: &str, way: &str) -> bool {
    match path.strip_prefix(way) {
        Some("") => true,
        Some(rest) => way != "/" && rest.starts_with('/'),
        None => false,
    }
}

/// Whether the problem is about this field.
pub(super) fn wrong(problem: &Option<Problem>, field: &str) -> bool {
    problem
        .as_ref()
        .is_some_and(|problem| problem.field == field)
}

/// A role as people say it.
pub(super) const fn role(role: &Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Helpdesk => "Helpdesk",
        Role::Auditor => "Auditor",
    }
}

/// What a role is for.
pub(super) const fn role_for(role: &Role) -> &'static str {
    match role {
        Role::Owner => "runs the place: operators, emergencies and exports; and helps people",
        Role::Helpdesk => "answers the phone and helps people",
        Role::Auditor => "reads everything and changes nothing",
    }
}

/// A path on this host, or `/`: what could lead to another site or run as script is not linked to.
pub(super) fn local(path: &str) -> &str {
    let second = path.as_bytes().get(1);
    let away = matches!(second, Some(b'/' | b'\\')) || path.contains(|c: char| c.is_control());
    if path.starts_with('/') && !away {
        path
    } else {
        "/"
    }
}

/// A name as one part of an address.
pub(super) fn segment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            out.push(byte.into());
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}
