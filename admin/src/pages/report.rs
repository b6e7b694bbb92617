//! The report for an auditor: who has which factor since when, resets, operators over time.
//!
//! Never collects it. Look next: `admin/templates/admin/report.html`.

use super::{Problem, When, inside};

/// The report page. Exports are `/report/factors.csv`, `/report/resets.csv`,
/// `/report/operators.csv`.
#[derive(Clone)]
pub struct Report {
    /// Factors, by person.
    pub factors: Vec<FactorRow>,
    /// Address of more of them.
    pub more: Option<String>,
    /// Resets, the newest first.
    pub resets: Vec<ResetRow>,
    /// What became of operators and roles, the newest first.
    pub operators: Vec<OperatorRow>,
    /// When the report was made.
    pub made: When,
}

/// One factor of one person.
#[derive(Clone, Debug)]
pub struct FactorRow {
    /// Whose.
    pub person: String,
    /// Her page.
    pub href: String,
    /// "Authenticator app".
    pub kind: String,
    /// What she calls it.
    pub name: String,
    /// Since when.
    pub since: When,
    /// When it was last used.
    pub last_used: Option<When>,
}

/// One reset.
#[derive(Clone, Debug)]
pub struct ResetRow {
    /// When.
    pub at: When,
    /// Whose factors.
    pub person: String,
    /// Her page.
    pub href: String,
    /// Who did it.
    pub operator: String,
    /// The second operator; empty where none was needed.
    pub approved_by: String,
    /// Why.
    pub reason: String,
    /// How the caller was known.
    pub check: String,
}

/// One change among operators.
#[derive(Clone, Debug)]
pub struct OperatorRow {
    /// When.
    pub at: When,
    /// Which operator.
    pub operator: String,
    /// What: "made an owner", "role changed from owner to auditor".
    pub what: String,
    /// By whom.
    pub by: String,
}

impl Report {
    fn heading(&self) -> String {
        "Report".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }
}

inside!(Report, "admin/report.html");
