//! The front page: "Is everything all right?", answered in words first and in numbers below.
//!
//! Never counts or judges anything itself but how many things need somebody. Look next: `chart`,
//! `admin/templates/admin/front.html`.

use super::chart::Chart;
use super::{Problem, When, inside, words};

/// The front page.
#[derive(Clone)]
pub struct Front {
    /// What needs somebody, the worst first.
    pub alarms: Vec<Alarm>,
    /// The people.
    pub people: PeopleCounts,
    /// Today.
    pub today: Today,
    /// Who used a recovery code lately.
    pub recovery_used: Vec<RecoveryUse>,
    /// Sign-ins per day.
    pub sign_ins: Chart,
    /// Wrong codes per day.
    pub wrong_codes: Chart,
    /// What runs here.
    pub facts: Facts,
}

/// One thing that needs somebody.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// How much it hurries.
    pub severity: Severity,
    /// One sentence.
    pub text: String,
    /// Since when; empty where nobody knows.
    pub since: When,
    /// Where to look: a path of ours; empty for none.
    pub href: String,
}

/// How much an alarm hurries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// People may be locked out or in danger now.
    Now,
    /// Today.
    Soon,
    /// Worth knowing; does not make the answer "no".
    Note,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Now => "Now",
            Self::Soon => "Today",
            Self::Note => "Note",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Soon => "soon",
            Self::Note => "note",
        }
    }
}

/// How many people stand how.
#[derive(Clone, Copy, Default, Debug)]
pub struct PeopleCounts {
    /// Have a second factor.
    pub enrolled: u64,
    /// Have none yet.
    pub not_enrolled: u64,
    /// Cannot sign in now because of wrong codes.
    pub locked: u64,
    /// Suspended by an operator.
    pub suspended: u64,
}

/// What happened since midnight.
#[derive(Clone, Default, Debug)]
pub struct Today {
    /// Sign-ins that got through.
    pub sign_ins: u64,
    /// Right codes.
    pub passed: u64,
    /// Wrong codes.
    pub failed: u64,
    /// Why sign-ins failed, the most frequent first.
    pub failures: Vec<Count>,
}

/// One counted thing.
#[derive(Clone, Debug)]
pub struct Count {
    /// What.
    pub label: String,
    /// How many.
    pub count: u64,
}

/// Somebody used a recovery code.
#[derive(Clone, Debug)]
pub struct RecoveryUse {
    /// Who.
    pub name: String,
    /// Her page.
    pub href: String,
    /// When.
    pub at: When,
    /// How many are left to her.
    pub left: u32,
}

/// What runs here.
#[derive(Clone, Default, Debug)]
pub struct Facts {
    /// Version of the program.
    pub version: String,
    /// Where the store is, and how large.
    pub store: String,
    /// Where the time comes from, and whether it is good.
    pub time_source: String,
    /// When which certificate ends; empty without TLS of our own.
    pub certificate: String,
}

impl Front {
    fn heading(&self) -> String {
        match self.needing() {
            0 => "All is well".to_owned(),
            1 => "One thing needs you".to_owned(),
            many => format!("{} things need you", words::capital(&words::number(many))),
        }
    }

    const fn problem(&self) -> Option<&Problem> {
        None
    }

    fn needing(&self) -> u64 {
        let needs = self.alarms.iter();
        needs
            .filter(|alarm| alarm.severity != Severity::Note)
            .count() as u64
    }

    fn well(&self) -> bool {
        self.needing() == 0
    }

    fn lead(&self) -> String {
        let today = match self.today.sign_ins {
            0 => "Nobody has signed in yet today".to_owned(),
            one @ 1 => format!(
                "{} sign-in so far today",
                words::capital(&words::number(one))
            ),
            many => format!(
                "{} sign-ins so far today",
                words::capital(&words::number(many))
            ),
        };
        match self.people.locked {
            0 => format!("{today}, and nobody is locked out."),
            1 => format!("{today}; one person is locked out."),
            many => format!("{today}; {} people are locked out.", words::number(many)),
        }
    }
}

inside!(Front, "admin/front.html");
