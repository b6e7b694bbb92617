//! The operators: all of them, one of them, and the form for a new one.
//!
//! Never changes one. Look next: `acts` for reset, disable and enable, `results` for the set-up
//! link, `admin/templates/admin/operators.html`.

use anteroom_core::operator::Role;

use super::me::TokenRow;
use super::{AuthenticatorRow, Problem, When, frame, inside};

/// The list. A new one posts `name`, `role`, and `own_code` where asked, to `/operators`.
#[derive(Clone)]
pub struct Operators {
    /// All operators, by name.
    pub rows: Vec<Row>,
    /// The name typed before.
    pub typed_name: String,
    /// The role chosen before.
    pub typed_role: Role,
    /// The owner's own factor is too old.
    pub fresh_needed: bool,
    /// What was wrong.
    pub problem: Option<Problem>,
}

/// One operator in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name: her page is `/operators/{name}`.
    pub name: String,
    /// Her role.
    pub role: Role,
    /// Whether she can sign in.
    pub state: State,
    /// Her factors in words.
    pub factors: String,
    /// When she last signed in.
    pub last: Option<When>,
    /// How many sessions are open.
    pub sessions: u32,
}

/// Whether an operator can sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Yes.
    Active,
    /// The set-up link was not used yet.
    Invited,
    /// The set-up link was not used in time.
    LinkOver,
    /// An owner disabled her.
    Disabled,
}

impl State {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Active => "Can sign in",
            Self::Invited => "Has not used the set-up link yet",
            Self::LinkOver => "The set-up link has expired",
            Self::Disabled => "Disabled",
        }
    }

    pub(super) const fn closed(self) -> bool {
        matches!(self, Self::Active)
    }
}

impl Row {
    fn address(&self) -> String {
        frame::segment(&self.name)
    }

    fn role(&self) -> &'static str {
        frame::role(&self.role)
    }
}

/// A role in a list of choices.
pub(super) struct RoleChoice {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) purpose: &'static str,
    pub(super) chosen: bool,
}

fn roles(chosen: Role) -> Vec<RoleChoice> {
    let one = |role: Role| RoleChoice {
        name: role.name(),
        label: frame::role(&role),
        purpose: frame::role_for(&role),
        chosen: role == chosen,
    };
    Role::ALL.into_iter().map(one).collect()
}

impl Operators {
    fn heading(&self) -> String {
        "Operators".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn roles(&self) -> Vec<RoleChoice> {
        roles(self.typed_role)
    }
}

inside!(Operators, "admin/operators.html");

/// One operator. A new role posts `role` to `/operators/{name}/role`, a new link posts to
/// `/operators/{name}/link`, ending sessions to `/operators/{name}/end-sessions`, each with
/// `own_code` where asked; the other ways are forms of their own.
#[derive(Clone)]
pub struct OneOperator {
    /// The name.
    pub name: String,
    /// Her role.
    pub role: Role,
    /// Whether she can sign in.
    pub state: State,
    /// Who made her, and when.
    pub created_by: String,
    /// When.
    pub created: When,
    /// When she last signed in.
    pub last: Option<When>,
    /// When the set-up link ends.
    pub link_expires: Option<When>,
    /// Her authenticators.
    pub authenticators: Vec<AuthenticatorRow>,
    /// Unspent recovery codes.
    pub recovery_left: u32,
    /// How many sessions are open.
    pub sessions: u32,
    /// Her tokens.
    pub tokens: Vec<TokenRow>,
    /// Her reset needs a second operator.
    pub four_eyes: bool,
    /// It is the reader herself: some ways are shut.
    pub own: bool,
    /// The owner's own factor is too old.
    pub fresh_needed: bool,
    /// What was wrong.
    pub problem: Option<Problem>,
}

impl OneOperator {
    fn heading(&self) -> String {
        self.name.clone()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn role(&self) -> &'static str {
        frame::role(&self.role)
    }

    fn roles(&self) -> Vec<RoleChoice> {
        roles(self.role)
    }

    fn at(&self) -> String {
        format!("/operators/{}", frame::segment(&self.name))
    }

    fn tokens_at(&self) -> String {
        format!("{}/tokens", self.at())
    }

    fn disabled(&self) -> bool {
        self.state == State::Disabled
    }

    fn set_up(&self) -> bool {
        !matches!(self.state, State::Invited | State::LinkOver)
    }
}

inside!(OneOperator, "admin/operator.html");
