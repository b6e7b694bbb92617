//! What follows an act: a code or a link that is shown only now, or the word that somebody else has
//! to agree first.
//!
//! Holds secrets, so nothing here has a `Debug`, and nothing is shown a second time. Look next:
//! `admin/templates/admin/code_shown.html` and its neighbours.

use super::{Problem, When, inside, words};

/// Which kind of code is read out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeKind {
    /// Connects a phone.
    Enrolment,
    /// Works in place of the phone for some hours.
    Temporary,
}

/// A code to read out on the phone.
#[derive(Clone)]
pub struct CodeShown {
    /// Which kind.
    pub kind: CodeKind,
    /// For whom.
    pub whom: String,
    /// Her page.
    pub back: String,
    /// The code in groups: "K7QX-2MBR".
    pub code: String,
    /// When it ends.
    pub expires: When,
    /// How often a temporary code may be used.
    pub uses: u32,
    /// It followed a reset: says that as well.
    pub after_reset: bool,
}

impl CodeShown {
    fn heading(&self) -> String {
        match self.kind {
            CodeKind::Enrolment => format!("Enrolment code for {}", self.whom),
            CodeKind::Temporary => format!("Temporary code for {}", self.whom),
        }
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }

    fn temporary(&self) -> bool {
        self.kind == CodeKind::Temporary
    }

    /// The groups of the code, each letter with its word.
    fn spelled(&self) -> Vec<Vec<(String, &'static str)>> {
        let groups = self.code.split(['-', ' ']);
        groups
            .map(words::spelled)
            .filter(|group| !group.is_empty())
            .collect()
    }

    fn uses(&self) -> String {
        words::counted(self.uses.into(), "sign-in", "sign-ins")
    }
}

inside!(CodeShown, "admin/code_shown.html");

/// A set-up link for an operator, shown once.
#[derive(Clone)]
pub struct LinkShown {
    /// For which operator.
    pub whom: String,
    /// Her page.
    pub back: String,
    /// The whole address.
    pub link: String,
    /// When it ends.
    pub expires: When,
}

impl LinkShown {
    fn heading(&self) -> String {
        format!("Set-up link for {}", self.whom)
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }
}

inside!(LinkShown, "admin/link_shown.html");

/// A token for the API, shown once.
#[derive(Clone)]
pub struct TokenShown {
    /// What it is for.
    pub label: String,
    /// The token.
    pub token: String,
    /// What it may, in words.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires: When,
}

impl TokenShown {
    fn heading(&self) -> String {
        format!("Your new token: {}", self.label)
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }
}

inside!(TokenShown, "admin/token_shown.html");

/// The act waits for a second operator.
#[derive(Clone)]
pub struct Waiting {
    /// What was asked for: "Reset the second factor of Ana Silva".
    pub what: String,
    /// Until when somebody can agree.
    pub expires: When,
    /// Where to go on.
    pub back: String,
}

impl Waiting {
    fn heading(&self) -> String {
        "Waits for a second operator".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }
}

inside!(Waiting, "admin/waiting.html");
