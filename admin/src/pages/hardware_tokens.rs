//! Hardware tokens: the list of them all, and the form by which an owner brings a maker's file in.
//!
//! Never holds a seed. Giving and revoking are acts on a person: `acts`. Look next:
//! `admin/templates/admin/hardware_tokens.html`.

use super::{Choice, Problem, When, inside};

/// Tokens, with a search. The form posts multipart `file`, `reason`, and `own_code` where asked, to
/// `/hardware-tokens/import`.
#[derive(Clone)]
pub struct HardwareTokens {
    /// A part of the serial number or of the name, as searched.
    pub text: String,
    /// The state searched for.
    pub state: String,
    /// The states to choose from.
    pub states: Vec<Choice>,
    /// What was found.
    pub rows: Vec<TokenRow>,
    /// Whether there may be more than are shown.
    pub more: bool,
    /// Whether this operator may bring files in.
    pub may_import: bool,
    /// What an import just did; empty when there was none.
    pub told: String,
    /// The reason typed before.
    pub reason: String,
    /// The operator's own factor is too old.
    pub fresh_needed: bool,
    /// What was wrong.
    pub problem: Option<Problem>,
}

/// One token.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// What stands on its back.
    pub serial: String,
    /// "6 digits, every 30 seconds".
    pub kind: String,
    /// `free`, `assigned` or `revoked`.
    pub state: String,
    /// Since when it stands so.
    pub since: When,
    /// Whose it is or was, and the way to that person.
    pub holder: Option<(String, String)>,
}

impl HardwareTokens {
    fn heading(&self) -> String {
        "Hardware tokens".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }
}

inside!(HardwareTokens, "admin/hardware_tokens.html");
