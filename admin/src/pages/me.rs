//! What an operator sees of herself: sessions, authenticators, recovery codes, tokens.
//!
//! Never shows a token or a code twice; those pages are in `results` and `door`. Look next:
//! `admin/templates/admin/me.html`.

use anteroom_core::operator::{Role, Scope};

use super::{AuthenticatorRow, Problem, When, frame, inside};

/// The operator's own page. Where its forms go, each with `own_code` where asked: ending a session
/// to `/me/sessions/{id}/end`, all others to `/me/sessions/end-others`; new recovery codes to
/// `/me/recovery-codes`; a new token (`label`, `scope` several times, `days`) to `/me/tokens`,
/// revoking one to `/me/tokens/{id}/revoke`; a new password (`password`, `again`) to
/// `/me/password`.
#[derive(Clone)]
pub struct Me {
    /// Her role.
    pub role: Role,
    /// Her sessions, this one first.
    pub sessions: Vec<OwnSession>,
    /// Her authenticators.
    pub authenticators: Vec<AuthenticatorRow>,
    /// Unspent recovery codes.
    pub recovery_left: u32,
    /// Her tokens.
    pub tokens: Vec<TokenRow>,
    /// What a new token of hers may be for.
    pub scopes: Vec<Scope>,
    /// For how many days.
    pub days: Vec<u32>,
    /// What was typed into the form for a token.
    pub typed: TypedToken,
    /// Fewest characters of a password.
    pub least: u32,
    /// Her own factor is too old for these forms.
    pub fresh_needed: bool,
    /// What was wrong.
    pub problem: Option<Problem>,
    /// With which form.
    pub problem_form: MeForm,
}

/// The forms of the page.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum MeForm {
    /// The one for a new token.
    #[default]
    Token,
    /// The one for new recovery codes.
    Codes,
    /// The one for a new password.
    Password,
}

/// What was typed into the form for a token.
#[derive(Clone, Default, Debug)]
pub struct TypedToken {
    /// What it is for.
    pub label: String,
    /// What it may.
    pub scopes: Vec<Scope>,
    /// For how many days; zero for the first choice.
    pub days: u32,
}

/// One session of her own.
#[derive(Clone, Debug)]
pub struct OwnSession {
    /// What names it in the address.
    pub id: i64,
    /// It is the one this page was asked for with.
    pub this: bool,
    /// When it began.
    pub since: When,
    /// When it was last used.
    pub active: When,
    /// From where.
    pub from: String,
}

/// One token for the API.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// What names it in the address.
    pub id: i64,
    /// What it is for.
    pub label: String,
    /// What it may, in the words of the API.
    pub scopes: String,
    /// When it was issued.
    pub created: When,
    /// When it ends.
    pub expires: When,
    /// When it was last used.
    pub last_used: Option<When>,
    /// Whether it counts now.
    pub live: bool,
    /// In words: "works", "expired", "revoked".
    pub state: String,
}

/// What a scope is for.
pub(super) const fn scope_words(scope: &Scope) -> &'static str {
    match scope {
        Scope::PeopleRead => "look people up",
        Scope::PeopleHelp => "help people: unlock, reset, codes",
        Scope::AuditRead => "pull the audit log",
    }
}

impl Me {
    fn heading(&self) -> String {
        "My account".to_owned()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn role(&self) -> &'static str {
        frame::role(&self.role)
    }

    fn role_for(&self) -> &'static str {
        frame::role_for(&self.role)
    }

    fn others(&self) -> bool {
        self.sessions.iter().any(|session| !session.this)
    }

    fn problem_in(&self, form: MeForm) -> Option<Problem> {
        let about = self.problem.clone();
        about.filter(|_| self.problem_form == form)
    }

    fn ticked(&self, scope: &Scope) -> bool {
        self.typed.scopes.contains(scope)
    }
}

inside!(Me, "admin/me.html");
