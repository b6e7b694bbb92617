//! Emergency access: exceptions that are open, the form for a new one, and sealed codes on paper.
//!
//! Never opens anything. Look next: `admin/templates/admin/emergency.html`, and `sealed_sheet.html`
//! for the paper.

use super::{Choice, Problem, When, inside, words};

/// The emergency page. Opening posts `app`, `minutes`, `reason` to `/emergency`; printing posts
/// `app`, `count`, `reason` to `/emergency/sealed`; both with `own_code` where asked.
#[derive(Clone)]
pub struct Emergency {
    /// Exceptions that are open.
    pub open: Vec<OpenRow>,
    /// Exceptions that are over, the newest first.
    pub past: Vec<PastRow>,
    /// Printed codes.
    pub batches: Vec<Batch>,
    /// The apps to choose from.
    pub apps: Vec<Choice>,
    /// For how many minutes an exception may be opened.
    pub minutes: Vec<u32>,
    /// How many codes a sheet may have.
    pub counts: Vec<u32>,
    /// The operator's own factor is too old.
    pub fresh_needed: bool,
    /// What was typed into the form for an exception.
    pub typed: TypedOpen,
    /// What was typed into the form for sealed codes.
    pub typed_sealed: TypedSealed,
    /// What was wrong.
    pub problem: Option<Problem>,
    /// Which form the problem is about: the one for sealed codes, not the one for an exception.
    pub problem_sealed: bool,
}

/// What was typed into the form for an exception.
#[derive(Clone, Default, Debug)]
pub struct TypedOpen {
    /// The app's name.
    pub app: String,
    /// For how long; zero for the first choice.
    pub minutes: u32,
    /// Why.
    pub reason: String,
}

/// What was typed into the form for sealed codes.
#[derive(Clone, Default, Debug)]
pub struct TypedSealed {
    /// The app's name.
    pub app: String,
    /// How many; zero for the first choice.
    pub count: u32,
    /// Why.
    pub reason: String,
}

/// An exception that is open.
#[derive(Clone, Debug)]
pub struct OpenRow {
    /// Its number: closing posts to `/emergency/{id}/close`.
    pub id: i64,
    /// The app's display name.
    pub app: String,
    /// Since when.
    pub opened: When,
    /// When it ends by itself.
    pub until: When,
    /// Who opened it.
    pub opened_by: String,
    /// The second operator.
    pub approved_by: String,
    /// Why.
    pub reason: String,
    /// How often somebody was let through by it.
    pub passages: u64,
}

/// An exception that is over.
#[derive(Clone, Debug)]
pub struct PastRow {
    /// The app's display name.
    pub app: String,
    /// When it was opened.
    pub opened: When,
    /// When it ended, and how: "Monday 11:40, closed by olga".
    pub ended: When,
    /// Who opened it.
    pub opened_by: String,
    /// The second operator.
    pub approved_by: String,
    /// Why.
    pub reason: String,
    /// How often somebody was let through by it.
    pub passages: u64,
}

/// Codes that were printed together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Its number: revoking posts to `/emergency/sealed/{batch}/revoke`.
    pub batch: i64,
    /// The app's display name.
    pub app: String,
    /// When they were printed.
    pub issued: When,
    /// By whom.
    pub operator: String,
    /// How many still count.
    pub left: u32,
    /// How many were used.
    pub used: u32,
    /// Who used them when, in words.
    pub uses: Vec<String>,
    /// They were made worthless.
    pub revoked: bool,
}

impl Emergency {
    fn heading(&self) -> String {
        "Emergency access".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn problem_open(&self) -> Option<Problem> {
        let about = self.problem.clone();
        about.filter(|_| !self.problem_sealed)
    }

    fn problem_of_sealed(&self) -> Option<Problem> {
        let about = self.problem.clone();
        about.filter(|_| self.problem_sealed)
    }
}

inside!(Emergency, "admin/emergency.html");

/// A length of time in minutes, as people say it.
pub(super) fn minutes(minutes: &u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest} minutes"),
        (1, 0) => "1 hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (hours, rest) => format!("{hours} h {rest} min"),
    }
}

/// A sheet of codes for sealed envelopes, shown once, to be printed. Holds secrets.
#[derive(Clone)]
pub struct SealedSheet {
    /// The app's display name.
    pub app: String,
    /// The number of the batch.
    pub batch: i64,
    /// Serial number and code.
    pub codes: Vec<(u32, String)>,
    /// When they were printed.
    pub issued: When,
}

impl SealedSheet {
    fn heading(&self) -> String {
        format!("Sealed codes for {}", self.app)
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }

    fn how_many(&self) -> String {
        words::counted(self.codes.len() as u64, "code", "codes")
    }
}

inside!(SealedSheet, "admin/sealed_sheet.html");
