//! Operators: their roles, what each role may, and what a token of theirs may be for.
//!
//! A role is a fixed set of permissions, so that an auditor can read who may do what on one page.
//! Never knows a route or a session: the admin app asks [`Role::may`] for a [`Permission`] and gets
//! an answer. Names of operators are read here, so that every room means the same person.

/// The realm of operators' own authenticators. No app can have it: the names of realms are
/// `a-z0-9-`.
pub const OPERATOR_REALM: &str = "@operators";

/// The longest name of an operator, in characters.
pub const MAX_NAME_CHARS: usize = 32;

/// What an operator is there for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Runs the place: operators, exceptions, export, and everything below.
    Owner,
    /// Answers the phone: sees people and helps them.
    Helpdesk,
    /// Reads everything and changes nothing.
    Auditor,
}

/// One thing that a role may or may not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Permission {
    /// See people, their state, the audit log and the reports.
    Read,
    /// Help people: unlock, reset, codes, sessions, suspend, merge, notes.
    Help,
    /// Make, change and reset operators; see and revoke everybody's tokens.
    Operators,
    /// Open and close exceptions, print sealed codes.
    Emergency,
    /// Take the audit log and reports away as files.
    Export,
    /// Hold tokens for the API.
    Tokens,
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Helpdesk, Self::Auditor];

    /// The word stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Helpdesk => "helpdesk",
            Self::Auditor => "auditor",
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether this role may do that.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        match self {
            Self::Owner => true,
            Self::Helpdesk => matches!(
                permission,
                Permission::Read | Permission::Help | Permission::Tokens
            ),
            Self::Auditor => matches!(permission, Permission::Read | Permission::Tokens),
        }
    }
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Help,
        Self::Operators,
        Self::Emergency,
        Self::Export,
        Self::Tokens,
    ];

    /// The word for tables and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Help => "help",
            Self::Operators => "operators",
            Self::Emergency => "emergency",
            Self::Export => "export",
            Self::Tokens => "tokens",
        }
    }
}

/// What a token for the API may be used for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// Look people up.
    PeopleRead,
    /// Help people.
    PeopleHelp,
    /// Pull the audit log.
    AuditRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::PeopleRead, Self::PeopleHelp, Self::AuditRead];

    /// The word stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PeopleRead => "people:read",
            Self::PeopleHelp => "people:help",
            Self::AuditRead => "audit:read",
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// What the token's operator must be allowed to do at the moment of its use.
    #[must_use]
    pub const fn needs(self) -> Permission {
        match self {
            Self::PeopleRead => Permission::Read,
            Self::PeopleHelp => Permission::Help,
            // A pulled log is a log taken away.
            Self::AuditRead => Permission::Export,
        }
    }
}

/// The name of an operator in its one spelling: lower-case letters, digits, `.`, `-`, `_`, `@`.
///
/// `None` for anything else: what stands in the audit log must be read in one way only.
#[must_use]
pub fn operator_name(typed: &str) -> Option<String> {
    let name = typed.trim().to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let fits = starts && name.chars().count() <= MAX_NAME_CHARS && name.chars().all(plain);
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_reads_and_a_helpdesk_helps_and_only_an_owner_rules() {
        let may = |role: Role| {
            let all = Permission::ALL.into_iter();
            let words: Vec<_> = all.filter(|p| role.may(*p)).map(Permission::name).collect();
            words.join(" ")
        };
        assert_eq!(may(Role::Auditor), "read tokens");
        assert_eq!(may(Role::Helpdesk), "read help tokens");
        assert_eq!(
            may(Role::Owner),
            "read help operators emergency export tokens"
        );
    }

    #[test]
    fn words_are_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        for scope in Scope::ALL {
            assert_eq!(Scope::from_name(scope.name()), Some(scope));
        }
        assert_eq!(Role::from_name("Owner"), None);
    }

    #[test]
    fn a_name_has_one_spelling_or_none() {
        assert_eq!(operator_name(" Olga.K "), Some("olga.k".to_owned()));
        for bad in [
            "",
            "-x",
            "olga k",
            "ol\u{1}ga",
            "ölga",
            &"o".repeat(33),
            "a/b",
            "<b>",
        ] {
            assert_eq!(operator_name(bad), None, "{bad:?}");
        }
    }
}
