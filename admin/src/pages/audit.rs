//! The audit log: searched, one row followed, and the whole chain verified.
//!
//! Never reads or verifies a row. Look next: `words` for the sentences,
//! `admin/templates/admin/audit.html` and its neighbours.

use anteroom_core::audit::AuditKind;

use super::{Choice, Problem, When, inside, words};

/// The audit page: `GET /audit?person=&operator=&app=&kind=&from=&until=`.
#[derive(Clone)]
pub struct Audit {
    /// What was searched for.
    pub query: Query,
    /// The apps to choose from.
    pub apps: Vec<Choice>,
    /// The rows, the newest first.
    pub rows: Vec<Row>,
    /// Address of older rows; `None` when these are all.
    pub more: Option<String>,
    /// The search as it stands in the address, without `?`: goes to the exports.
    pub search: String,
    /// What was wrong with the search.
    pub problem: Option<Problem>,
}

/// What was searched for, as typed.
#[derive(Clone, Default, Debug)]
pub struct Query {
    /// Part of a person's name.
    pub person: String,
    /// An operator's name.
    pub operator: String,
    /// An app's name.
    pub app: String,
    /// A kind's stable name.
    pub kind: String,
    /// First day, `2026-03-02`.
    pub from: String,
    /// Last day.
    pub until: String,
    /// What a page showed.
    pub reference: String,
}

/// One audit row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: When,
    /// The sentence of [`words::sentence`].
    pub sentence: String,
    /// The kind's stable name.
    pub kind: String,
    /// The person's name and page.
    pub person: Option<(String, String)>,
    /// The operator's name; empty for none.
    pub operator: String,
    /// The app's display name; empty for none.
    pub app: String,
    /// From where; empty where it is not known.
    pub from: String,
    /// What the page showed that answered; empty for none.
    pub reference: String,
}

/// A heading in the list of kinds, with the kinds under it.
pub(super) struct KindGroup {
    pub(super) label: &'static str,
    pub(super) kinds: Vec<Choice>,
}

/// All kinds, under headings.
pub(super) fn kind_groups() -> Vec<KindGroup> {
    let under = |group: words::Group| {
        let kinds = AuditKind::ALL.iter().copied();
        let kinds = kinds.filter(|kind| words::group(*kind) == group);
        KindGroup {
            label: group.label(),
            kinds: kinds
                .map(|kind| Choice::new(kind.name(), words::label(kind)))
                .collect(),
        }
    };
    words::Group::ALL.into_iter().map(under).collect()
}

impl Audit {
    fn heading(&self) -> String {
        "Audit log".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// No row of a search is "this row".
    fn this(&self) -> i64 {
        0
    }

    fn kinds(&self) -> Vec<KindGroup> {
        kind_groups()
    }

    fn export(&self, ending: &str) -> String {
        let question = if self.search.is_empty() { "" } else { "?" };
        format!("/audit/export.{ending}{question}{}", self.search)
    }
}

inside!(Audit, "admin/audit.html");

/// One row, and what hangs together with it.
#[derive(Clone)]
pub struct Follow {
    /// The row.
    pub row: Row,
    /// Its reason as stored; empty for none.
    pub reason: String,
    /// Its hash, the first hexadecimal digits.
    pub hash: String,
    /// The hash of the row before it, the first hexadecimal digits.
    pub hash_before: String,
    /// Rows of the same session, the oldest first; empty without a session.
    pub session: Vec<Row>,
    /// The rows just before and after it, the oldest first, itself among them.
    pub neighbours: Vec<Row>,
}

impl Follow {
    fn heading(&self) -> String {
        format!("Audit row {}", self.row.seq)
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }

    fn this(&self) -> i64 {
        self.row.seq
    }
}

inside!(Follow, "admin/follow.html");

/// The verification of the chain. Posts to `/audit/verify`.
#[derive(Clone)]
pub struct Verify {
    /// How far it is.
    pub state: VerifyState,
    /// When it was last verified whole, and by whom: "Monday 06:00, by olga"; empty for never.
    pub last: String,
}

/// How far a verification is.
#[derive(Clone, Debug)]
pub enum VerifyState {
    /// None was started.
    Idle,
    /// It runs; the page loads itself again.
    Running {
        /// Rows read so far.
        rows: u64,
        /// Rows in all.
        of: u64,
    },
    /// Nothing is missing or changed.
    Whole {
        /// Rows read.
        rows: u64,
        /// When.
        at: When,
    },
    /// Something is wrong.
    Broken {
        /// Rows read.
        rows: u64,
        /// When.
        at: When,
        /// What was found, one sentence each.
        faults: Vec<String>,
    },
}

impl Verify {
    fn heading(&self) -> String {
        match self.state {
            VerifyState::Idle => "Verify the audit log",
            VerifyState::Running { .. } => "Verifying the audit log",
            VerifyState::Whole { .. } => "The audit log is whole",
            VerifyState::Broken { .. } => "The audit log was tampered with",
        }
        .to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }
}

inside!(Verify, "admin/verify.html");
