//! The search for a person, as one searches with somebody on the phone.
//!
//! Never searches: the rows are handed in. Look next: `person`, and for the HTML
//! `admin/templates/admin/people.html`.

use super::{Choice, Problem, When, inside, words};

/// How somebody stands: what a helpdesk must know at a glance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Has a second factor and can sign in.
    Ready,
    /// Has no second factor yet.
    NotEnrolled,
    /// Wrong codes: tries are paused for a while.
    Paused,
    /// Wrong codes: an authenticator is switched off until an operator unlocks.
    Disabled,
    /// An operator suspended her.
    Suspended,
    /// Only a second spelling: leads to another person.
    Merged,
}

impl Standing {
    /// All, in the order of the filter.
    pub const ALL: [Self; 6] = [
        Self::Ready,
        Self::NotEnrolled,
        Self::Paused,
        Self::Disabled,
        Self::Suspended,
        Self::Merged,
    ];

    /// The word for the address: `?state=paused`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotEnrolled => "not-enrolled",
            Self::Paused => "paused",
            Self::Disabled => "locked",
            Self::Suspended => "suspended",
            Self::Merged => "merged",
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// In words, for a row or a list of choices.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ready => "Can sign in",
            Self::NotEnrolled => "No second factor yet",
            Self::Paused => "Locked for a while",
            Self::Disabled => "Locked until unlocked",
            Self::Suspended => "Suspended",
            Self::Merged => "Second spelling",
        }
    }

    /// Whether the lock is the green closed one.
    pub(super) const fn closed(self) -> bool {
        matches!(self, Self::Ready)
    }
}

/// The filter for everybody who cannot get in because of wrong codes: [`Standing::Paused`] or
/// [`Standing::Disabled`].
pub const LOCKED_NOW: &str = "locked-now";

/// The search page: `GET /people?name=&app=&state=`.
#[derive(Clone)]
pub struct People {
    /// What was searched for.
    pub query: Query,
    /// The apps to choose from: name and display name.
    pub apps: Vec<Choice>,
    /// What was found.
    pub rows: Vec<Row>,
    /// Address of the next rows; `None` when these are all.
    pub more: Option<String>,
    /// What was wrong with the search.
    pub problem: Option<Problem>,
}

/// What was searched for, as typed.
#[derive(Clone, Default, Debug)]
pub struct Query {
    /// Part of a name.
    pub name: String,
    /// An app's name; empty for all.
    pub app: String,
    /// A [`Standing`]'s name or [`LOCKED_NOW`]; empty for all.
    pub state: String,
}

/// One person found.
#[derive(Clone, Debug)]
pub struct Row {
    /// Her page.
    pub href: String,
    /// Her name as shown.
    pub name: String,
    /// The apps or realm she belongs to.
    pub place: String,
    /// How she stands.
    pub standing: Standing,
    /// Her factors in words: "Authenticator app, 8 recovery codes"; may be empty.
    pub factors: String,
    /// When she last signed in.
    pub last: Option<When>,
}

impl People {
    fn heading(&self) -> String {
        "People".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn searched(&self) -> bool {
        let query = &self.query;
        !(query.name.is_empty() && query.app.is_empty() && query.state.is_empty())
    }

    fn found(&self) -> String {
        match (self.rows.len(), self.more.is_some()) {
            (0, _) => "Nobody found.".to_owned(),
            (1, false) => "One person found.".to_owned(),
            (many, false) => {
                let many = words::capital(&words::number(many as u64));
                format!("{many} people found.")
            }
            (many, true) => {
                format!("The first {}; there are more.", words::number(many as u64))
            }
        }
    }
}

inside!(People, "admin/people.html");
