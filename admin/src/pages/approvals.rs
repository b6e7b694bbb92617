//! What waits for a second operator, and the two answers.
//!
//! Never decides who may agree: that an asker cannot is said here and held by the store. Look next:
//! `admin/templates/admin/approvals.html`.

use super::{Problem, When, inside, words};

/// The list of open acts. Grants go to `/approvals/{id}/grant`, refusals to
/// `/approvals/{id}/refuse`, with `own_code` where asked.
#[derive(Clone)]
pub struct Approvals {
    /// What waits, the oldest first.
    pub rows: Vec<Waits>,
    /// The operator's own factor is too old for granting.
    pub fresh_needed: bool,
    /// Which row's answer went wrong, and how.
    pub problem: Option<(i64, Problem)>,
}

/// One act that waits.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Its number.
    pub id: i64,
    /// What is to happen: "Reset the second factor of Ana Silva".
    pub what: String,
    /// Where to look at the one concerned; empty for none.
    pub href: String,
    /// Who asks.
    pub asked_by: String,
    /// When.
    pub asked: When,
    /// Until when it can be granted.
    pub expires: When,
    /// Why.
    pub reason: String,
    /// How the caller was known; empty where nobody called.
    pub check: String,
    /// The reader asked for it herself, and can only take it back.
    pub own: bool,
    /// The reader's role may grant it.
    pub may_grant: bool,
}

impl Approvals {
    fn heading(&self) -> String {
        match self.rows.len() {
            0 => "Nothing waits for a second operator".to_owned(),
            1 => "One act waits for a second operator".to_owned(),
            many => {
                let many = words::capital(&words::number(many as u64));
                format!("{many} acts wait for a second operator")
            }
        }
    }

    fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref().map(|(_, problem)| problem)
    }

    fn problem_at(&self, id: &i64) -> Option<&Problem> {
        let at = self.problem.as_ref().filter(|(at, _)| at == id);
        at.map(|(_, problem)| problem)
    }
}

inside!(Approvals, "admin/approvals.html");
