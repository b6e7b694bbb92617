//! New staff: a list is read, shown for a last look, and answered with letters to print.
//!
//! Never reads a list. The letters hold codes, so nothing with codes has a `Debug`. Look next:
//! `admin/templates/admin/staff.html`, `letters.html`.

use super::{Choice, Problem, When, inside, words};

/// The form for a list. Posts multipart `place`, `list`, `file` to `/staff/preview`.
#[derive(Clone)]
pub struct Staff {
    /// Where the people belong: the realms or apps to choose from.
    pub places: Vec<Choice>,
    /// What was chosen before.
    pub place: String,
    /// The list as typed before.
    pub list: String,
    /// Most lines of one list.
    pub most: u32,
    /// What was wrong.
    pub problem: Option<Problem>,
}

impl Staff {
    fn heading(&self) -> String {
        "Enrolment codes for new staff".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }
}

inside!(Staff, "admin/staff.html");

/// The list as it was read, before anything is issued. Posts `place`, `list`, `reason`, and
/// `own_code` where asked, to `/staff/issue`.
#[derive(Clone)]
pub struct Preview {
    /// Where the people belong, as sent.
    pub place: String,
    /// Where the people belong, as shown.
    pub place_label: String,
    /// The list, as it goes back.
    pub list: String,
    /// What each line would do.
    pub lines: Vec<Line>,
    /// How many codes would be issued.
    pub good: u32,
    /// How the callers may have been known.
    pub checks: Vec<String>,
    /// The reason and the check typed before.
    pub reason: String,
    /// The check chosen before.
    pub check: String,
    /// The operator's own factor is too old.
    pub fresh_needed: bool,
    /// What was wrong.
    pub problem: Option<Problem>,
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number in the list.
    pub line: u32,
    /// The name as read.
    pub name: String,
    /// Whether a code will be, or was, issued.
    pub good: bool,
    /// In words: "new", "already has a phone: left alone", "no name in this line".
    pub result: String,
}

impl Preview {
    fn heading(&self) -> String {
        "Look this over before any code is issued".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn read(&self) -> String {
        words::counted(self.lines.len() as u64, "line", "lines")
    }

    fn codes_first(&self) -> String {
        words::capital(&self.codes())
    }

    fn codes(&self) -> String {
        words::counted(self.good.into(), "enrolment code", "enrolment codes")
    }
}

inside!(Preview, "admin/staff_preview.html");

/// Letters to print, one to a page, shown once.
#[derive(Clone)]
pub struct Letters {
    /// The letters.
    pub letters: Vec<Letter>,
    /// Lines for which no code was issued.
    pub left_out: Vec<Line>,
    /// Where to go on: the person's page or `/staff`.
    pub back: String,
}

/// One letter.
#[derive(Clone)]
pub struct Letter {
    /// To whom.
    pub name: String,
    /// The app's display name.
    pub app: String,
    /// Where she signs in: the app's address, as text.
    pub address: String,
    /// The code in groups.
    pub code: String,
    /// When it ends.
    pub expires: When,
    /// Whom to ask: one line; empty for none.
    pub contact: String,
}

impl Letters {
    fn heading(&self) -> String {
        let many = words::counted(self.letters.len() as u64, "letter", "letters");
        format!("{} to print", words::capital(&many))
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }
}

inside!(Letters, "admin/letters.html");
