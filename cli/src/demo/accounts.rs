//! The four people who may log in. Their passwords are public on purpose.
//!
//! Names are compared as an old database collation does it, without regard to ASCII case, so that
//! `ALICE` and `alice` are one account. Look next: `login`.

/// One person with a password.
#[derive(Debug)]
pub struct Account {
    /// The name as the application itself writes it.
    pub name: &'static str,
    /// The password.
    pub password: &'static str,
    /// The name shown in the page head.
    pub shown_as: &'static str,
}

/// Everybody who can log in to Wardbook.
pub const ACCOUNTS: [Account; 4] = [
    Account {
        name: "alice",
        password: "Stethoscope-1",
        shown_as: "Alice Moreau, RN",
    },
    Account {
        name: "bob",
        password: "Otoscope-2",
        shown_as: "Bob Adeyemi, NP",
    },
    Account {
        name: "mallory",
        password: "Scalpel-3",
        shown_as: "Mallory Voss, locum",
    },
    Account {
        name: "dr.chen",
        password: "Reflex-4",
        shown_as: "Dr. Lin Chen",
    },
];

/// The account that this name and password open, if any.
pub(super) fn find(name: &str, password: &str) -> Option<&'static Account> {
    ACCOUNTS
        .iter()
        .find(|account| account.name.eq_ignore_ascii_case(name) && account.password == password)
}

/// How a logged-in person is greeted.
pub(super) fn shown_as(name: &str) -> &'static str {
    ACCOUNTS
        .iter()
        .find(|account| account.name == name)
        .map_or("", |account| account.shown_as)
}
