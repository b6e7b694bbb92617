//! The forms of all acts on a person or an operator: one view, one template, one [`Act`] each.
//!
//! Never does the act. Every form says first what will happen, then asks for the reason and how the
//! caller was known. Look next: `results`, `admin/templates/admin/act.html`.

use super::{Problem, inside};

/// Something an operator does to a person or to another operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Lets a person try again.
    Unlock,
    /// Gives a code that works for some hours.
    TemporaryCode,
    /// Gives a code with which a phone is connected.
    EnrolmentCode,
    /// Removes factors, ends sessions, gives an enrolment code.
    Reset,
    /// Ends all sessions.
    SignOut,
    /// Makes two spellings one person.
    Merge,
    /// Stops signing in.
    Suspend,
    /// Allows it again.
    Reinstate,
    /// Makes a temporary code worthless.
    RevokeTemporaryCode,
    /// Makes an enrolment code worthless.
    RevokeEnrolmentCode,
    /// Gives a hardware token.
    GiveToken,
    /// Puts a hardware token right with two codes that are read out.
    ResyncToken,
    /// Takes a hardware token out of use.
    RevokeToken,
    /// Removes an operator's password and factors, gives a new set-up link.
    ResetOperator,
    /// Stops an operator from signing in.
    DisableOperator,
    /// Allows it again.
    EnableOperator,
}

impl Act {
    /// All acts.
    pub const ALL: [Self; 16] = [
        Self::Unlock,
        Self::TemporaryCode,
        Self::EnrolmentCode,
        Self::Reset,
        Self::SignOut,
        Self::Merge,
        Self::Suspend,
        Self::Reinstate,
        Self::RevokeTemporaryCode,
        Self::RevokeEnrolmentCode,
        Self::GiveToken,
        Self::ResyncToken,
        Self::RevokeToken,
        Self::ResetOperator,
        Self::DisableOperator,
        Self::EnableOperator,
    ];

    /// The last part of its address: `/people/{id}/unlock`, `/operators/{name}/reset`.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::TemporaryCode => "temporary-code",
            Self::EnrolmentCode => "enrolment-code",
            Self::Reset | Self::ResetOperator => "reset",
            Self::SignOut => "sign-out",
            Self::Merge => "merge",
            Self::Suspend => "suspend",
            Self::Reinstate => "reinstate",
            Self::RevokeTemporaryCode => "revoke-temporary-code",
            Self::RevokeEnrolmentCode => "revoke-enrolment-code",
            Self::GiveToken => "token",
            Self::ResyncToken => "resync-token",
            Self::RevokeToken => "revoke-token",
            Self::DisableOperator => "disable",
            Self::EnableOperator => "enable",
        }
    }

    /// On the button that leads to the form.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unlock => "Unlock",
            Self::TemporaryCode => "Give a temporary code",
            Self::EnrolmentCode => "Give an enrolment code",
            Self::Reset => "Reset second factor",
            Self::SignOut => "Sign out everywhere",
            Self::Merge => "Merge another spelling",
            Self::Suspend => "Suspend",
            Self::Reinstate => "Reinstate",
            Self::RevokeTemporaryCode => "Revoke temporary code",
            Self::RevokeEnrolmentCode => "Revoke enrolment code",
            Self::GiveToken => "Give a hardware token",
            Self::ResyncToken => "Put a hardware token right",
            Self::RevokeToken => "Revoke a hardware token",
            Self::ResetOperator => "Reset password and phone",
            Self::DisableOperator => "Disable",
            Self::EnableOperator => "Enable",
        }
    }

    /// When to choose it, in one line beside the button.
    pub(super) const fn when(self) -> &'static str {
        match self {
            Self::Unlock => "Wrong codes, and the phone or token is at hand.",
            Self::TemporaryCode => "The phone is at home or broken for today.",
            Self::EnrolmentCode => "No phone is connected yet.",
            Self::Reset => "The phone is lost, stolen or replaced.",
            Self::SignOut => "A computer was left open somewhere.",
            Self::Merge => "The same person under two names.",
            Self::Suspend => "Nobody may sign in under this name now.",
            Self::Reinstate => "The reason for the suspension is over.",
            Self::RevokeTemporaryCode | Self::RevokeEnrolmentCode => {
                "It was read to the wrong one."
            }
            Self::GiveToken => "They have no phone for codes, or want none.",
            Self::ResyncToken => "The token is theirs, and its codes are refused.",
            Self::RevokeToken => "The token is lost, broken or given back.",
            Self::ResetOperator => "The phone or the password is lost.",
            Self::DisableOperator => "They no longer work here.",
            Self::EnableOperator => "They work here again.",
        }
    }

    /// What it will do, sentence by sentence.
    pub(super) const fn does(self) -> &'static [&'static str] {
        match self {
            Self::Unlock => &[
                "Wrong codes are forgotten, and a switched-off authenticator counts again.",
                "They still need their password and a code of their own.",
            ],
            Self::TemporaryCode => &[
                "You get a code to read out. It works in place of the code from the phone.",
                "It ends by itself. An older temporary code stops working now.",
                "Their password is still needed, and the phone stays connected.",
            ],
            Self::EnrolmentCode => &[
                "You get a code to read out. With it they connect a phone at the next sign-in.",
                "It works once. An older enrolment code stops working now.",
            ],
            Self::Reset => &[
                "All authenticators and recovery codes are removed.",
                "All sessions and remembered devices end within two seconds. Unsaved work is lost.",
                "You get an enrolment code to read out, so that a new phone can be connected.",
            ],
            Self::SignOut => &[
                "All sessions end within two seconds, on every computer. Unsaved work is lost.",
                "They can sign in again at once.",
            ],
            Self::Merge => &[
                "The other spelling leads to this person from now on.",
                "Its own authenticators and sessions end; those of this person stay.",
                "This cannot be undone here.",
            ],
            Self::Suspend => &[
                "All sessions end within two seconds, and nobody can sign in under this name.",
                "Authenticators stay as they are, for the day somebody reinstates them.",
            ],
            Self::Reinstate => &["They can sign in as before, with password and second factor."],
            Self::RevokeTemporaryCode => {
                &["The code stops working now. A session it opened stays."]
            }
            Self::RevokeEnrolmentCode => &["The code stops working now."],
            Self::GiveToken => &[
                "The codes of this token work at the next sign-in, with their password.",
                "Who has no second factor yet needs nothing else: an enrolment code stops working.",
                "There are no recovery codes with it. After the first sign-in they can make some, \
                 at /.anteroom/me.",
            ],
            Self::ResyncToken => &[
                "They read out two codes that the token shows, one right after the other.",
                "If the two belong together, its codes count again from there on.",
                "Nobody is signed in by it. If they do not, it counts as one wrong code of theirs.",
            ],
            Self::RevokeToken => &[
                "The token is out of use for good, and all sessions end within two seconds.",
                "If it is the only way to sign in, this is a reset: a token or a code is needed.",
            ],
            Self::ResetOperator => &[
                "Password, authenticators and recovery codes are removed, and all sessions end.",
                "You get a set-up link. Hand it over in person or by a way you trust.",
            ],
            Self::DisableOperator => &[
                "All their sessions and API tokens stop working within two seconds.",
                "What they did stays in the audit log.",
            ],
            Self::EnableOperator => &["They can sign in again with their password and phone."],
        }
    }

    /// Takes something away from somebody: the button says so in red.
    pub(super) const fn grave(self) -> bool {
        matches!(
            self,
            Self::Reset
                | Self::Suspend
                | Self::Merge
                | Self::RevokeToken
                | Self::ResetOperator
                | Self::DisableOperator
        )
    }
}

/// The form of an act. Posts `reason`, `check`, and where asked `hours`, `uses`, `other`, `first`,
/// `second` and `own_code` to `action`.
#[derive(Clone)]
pub struct ActForm {
    /// Which act.
    pub act: Act,
    /// To whom, as shown.
    pub whom: String,
    /// Where the form goes: its own address.
    pub action: String,
    /// Where "Cancel" leads: the page of the person.
    pub back: String,
    /// How the caller may have been known, from the configuration; none: it is not asked.
    pub checks: Vec<String>,
    /// For how many hours; none: it is not asked.
    pub hours: Vec<u32>,
    /// How often; none: it is not asked.
    pub uses: Vec<u32>,
    /// What else to know before: "Two live sessions will end."
    pub facts: Vec<String>,
    /// A second operator has to agree before it happens.
    pub four_eyes: bool,
    /// The operator's own factor is too old for this: ask for a fresh code.
    pub fresh_needed: bool,
    /// What was typed before.
    pub typed: Typed,
    /// What was wrong with it.
    pub problem: Option<Problem>,
}

/// What was typed into the form of an act. Never the operator's own code.
#[derive(Clone, Default, Debug)]
pub struct Typed {
    /// Why.
    pub reason: String,
    /// How the caller was known: one of the offered sentences.
    pub check: String,
    /// For how many hours; zero for the first choice.
    pub hours: u32,
    /// How often; zero for the first choice.
    pub uses: u32,
    /// The other spelling, or the serial number of a token.
    pub other: String,
}

impl ActForm {
    fn heading(&self) -> String {
        let (act, whom) = (self.act, &self.whom);
        match act {
            Act::Unlock => format!("Unlock {whom}"),
            Act::TemporaryCode => format!("A temporary code for {whom}"),
            Act::EnrolmentCode => format!("An enrolment code for {whom}"),
            Act::Reset => format!("Reset the second factor of {whom}"),
            Act::SignOut => format!("Sign {whom} out everywhere"),
            Act::Merge => format!("Merge another spelling into {whom}"),
            Act::Suspend => format!("Suspend {whom}"),
            Act::Reinstate => format!("Reinstate {whom}"),
            Act::RevokeTemporaryCode => format!("Revoke the temporary code of {whom}"),
            Act::RevokeEnrolmentCode => format!("Revoke the enrolment code of {whom}"),
            Act::GiveToken => format!("A hardware token for {whom}"),
            Act::ResyncToken => format!("Put a hardware token of {whom} right"),
            Act::RevokeToken => format!("Revoke a hardware token of {whom}"),
            Act::ResetOperator => format!("Reset the operator {whom}"),
            Act::DisableOperator => format!("Disable the operator {whom}"),
            Act::EnableOperator => format!("Enable the operator {whom}"),
        }
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    fn confirm(&self) -> &'static str {
        if self.four_eyes {
            "Ask a second operator"
        } else {
            self.act.label()
        }
    }

    /// The label and the hint of the field `other`, where it is asked.
    const fn other(&self) -> Option<(&'static str, &'static str)> {
        match self.act {
            Act::Merge => Some((
                "The other spelling",
                "As it stands in the list of people, or as they type it at the sign-in.",
            )),
            Act::GiveToken | Act::ResyncToken | Act::RevokeToken => Some((
                "Serial number of the token",
                "As printed on its back. Spaces and dashes do not matter.",
            )),
            _ => None,
        }
    }

    /// Whether two codes that were read out are asked for. What was typed is never shown again.
    fn two_codes(&self) -> bool {
        self.act == Act::ResyncToken
    }

    /// The address of the list that this page lies under, and what it is called.
    fn above(&self) -> (&'static str, &'static str) {
        match self.act {
            Act::ResetOperator | Act::DisableOperator | Act::EnableOperator => {
                ("/operators", "Operators")
            }
            _ => ("/people", "People"),
        }
    }
}

inside!(ActForm, "admin/act.html");
