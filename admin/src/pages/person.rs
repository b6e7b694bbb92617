//! One person: how she stands in one sentence, what would help, and everything below it.
//!
//! Shows no seed and no code, because none is handed in. Look next: `acts` for the forms the
//! buttons lead to, `admin/templates/admin/person.html`.

use super::acts::Act;
use super::people::Standing;
use super::{AuthenticatorRow, Problem, When, inside, words};

/// A person's page.
#[derive(Clone)]
pub struct Person {
    /// Her number: the address is `/people/{id}`.
    pub id: i64,
    /// Her name as shown.
    pub name: String,
    /// Realm, tenant or apps, in words.
    pub place: String,
    /// How she stands.
    pub standing: Standing,
    /// The end of a pause, or since when she is suspended or locked.
    pub standing_when: Option<When>,
    /// What went wrong last, as one sentence; empty for nothing.
    pub trouble: String,
    /// For [`Standing::Merged`]: the person this spelling leads to, with her address.
    pub merged_into: Option<(String, String)>,
    /// Her authenticators, removed ones left out.
    pub authenticators: Vec<AuthenticatorRow>,
    /// Serial numbers of the hardware tokens among them.
    pub tokens: Vec<String>,
    /// Unspent recovery codes; `None` when she never had any.
    pub recovery_left: Option<u32>,
    /// Temporary codes, the newest first.
    pub temporary: Vec<TemporaryRow>,
    /// The enrolment code that is open.
    pub enrolment: Option<EnrolmentOpen>,
    /// Her live sessions.
    pub sessions: Vec<SessionRow>,
    /// Computers on which a code is not asked for.
    pub devices: Vec<DeviceRow>,
    /// Other spellings that lead here, and names merged into this one.
    pub spellings: Vec<Spelling>,
    /// Where mail reaches her, the oldest first.
    pub addresses: Vec<AddressRow>,
    /// Notes, the newest first.
    pub notes: Vec<Note>,
    /// What happened last, the newest first.
    pub events: Vec<EventLine>,
    /// Address of all her events in the audit log.
    pub all_events: String,
    /// The note as typed before, when it came back.
    pub note: String,
    /// The address as typed before, when it came back.
    pub address: String,
    /// What was wrong with the note or the address.
    pub problem: Option<Problem>,
}

/// One temporary code.
#[derive(Clone, Debug)]
pub struct TemporaryRow {
    /// When it was issued.
    pub issued: When,
    /// By which operator.
    pub operator: String,
    /// When it ends.
    pub expires: When,
    /// How often it may still be used.
    pub uses_left: u32,
    /// What became of it, in words: "used Tuesday 07:12", "refused 07:20: it had expired".
    pub fate: String,
    /// Whether it counts now.
    pub live: bool,
}

/// An enrolment code that nobody has used yet.
#[derive(Clone, Debug)]
pub struct EnrolmentOpen {
    /// When it was issued.
    pub issued: When,
    /// By which operator.
    pub operator: String,
    /// When it ends.
    pub expires: When,
}

/// One live session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// What names it in the address: `/people/{id}/sessions/{session}/end`.
    pub session: String,
    /// The app's display name.
    pub app: String,
    /// When it began.
    pub since: When,
    /// When it was last used.
    pub active: When,
    /// From where.
    pub from: String,
    /// With which factor it was opened.
    pub factor: String,
    /// Idle: waits for a code.
    pub locked: bool,
}

/// One remembered computer.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// What names it in the address: `/people/{id}/devices/{device}/forget`.
    pub device: String,
    /// Which browser, coarsely.
    pub name: String,
    /// The app's display name.
    pub app: String,
    /// Where it counts.
    pub network: String,
    /// When it was remembered.
    pub since: When,
    /// When it last stood in for a code.
    pub last_used: Option<When>,
    /// Its end.
    pub expires: When,
}

/// Another spelling of the name.
#[derive(Clone, Debug)]
pub struct Spelling {
    /// The name.
    pub name: String,
    /// How it came here: "confirmed by olga", "merged by olga".
    pub how: String,
}

/// One address for mail. Redacted `Debug`: it must not stand in a log.
#[derive(Clone)]
pub struct AddressRow {
    /// What names it in the form that removes it.
    pub id: String,
    /// The address: for who may help.
    pub full: String,
    /// Enough of it to be known again: for who may only look.
    pub masked: String,
    /// Since when it is on file.
    pub since: When,
    /// Who brought it.
    pub by: String,
    /// From when on codes may go there, while they may not.
    pub codes_from: Option<When>,
}

impl std::fmt::Debug for AddressRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddressRow")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// One note.
#[derive(Clone, Debug)]
pub struct Note {
    /// When.
    pub at: When,
    /// Who wrote it.
    pub operator: String,
    /// The text.
    pub text: String,
}

/// One line of what happened.
#[derive(Clone, Debug)]
pub struct EventLine {
    /// When it began.
    pub at: When,
    /// The sentence of [`words::tell`].
    pub sentence: String,
    /// Address of the audit row.
    pub href: String,
}

impl Person {
    fn heading(&self) -> String {
        self.name.clone()
    }

    const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Whether the problem is one with an address.
    fn of_address(&self) -> Option<Problem> {
        let here = ["address", "reason", "which", "gone"];
        let problem = self.problem.clone();
        problem.filter(|problem| here.contains(&problem.field))
    }

    /// Whether the problem is one with the note.
    fn of_note(&self) -> Option<Problem> {
        let problem = self.problem.clone();
        problem.filter(|problem| problem.field == "note")
    }

    /// What would help, and why; nothing where nothing is wrong.
    fn suggestion(&self) -> Option<(Act, &'static str)> {
        match self.standing {
            Standing::Paused => Some((
                Act::Unlock,
                "They can type a code again at once. Check that the phone sets its time \
                 automatically.",
            )),
            Standing::Disabled => Some((
                Act::Unlock,
                "The authenticator counts again at once. First make sure who is calling: many \
                 wrong codes can also mean that somebody has the password.",
            )),
            Standing::NotEnrolled if self.enrolment.is_none() => Some((
                Act::EnrolmentCode,
                "With it they connect their phone at the next sign-in. It takes two minutes.",
            )),
            Standing::Suspended => Some((
                Act::Reinstate,
                "Look at the notes first: somebody had a reason.",
            )),
            Standing::NotEnrolled | Standing::Ready | Standing::Merged => None,
        }
    }

    /// The acts that make sense now, the gentlest first, without the suggested one.
    fn acts(&self) -> Vec<Act> {
        let suggested = self.suggestion().map(|(act, _)| act);
        let enrolled = !self.authenticators.is_empty();
        let all = [
            (Act::Unlock, enrolled),
            (Act::TemporaryCode, enrolled),
            (Act::EnrolmentCode, !enrolled || self.enrolment.is_some()),
            (Act::GiveToken, self.standing != Standing::Suspended),
            (Act::ResyncToken, !self.tokens.is_empty()),
            (Act::RevokeToken, !self.tokens.is_empty()),
            (Act::Reset, enrolled),
            (Act::SignOut, !self.sessions.is_empty()),
            (Act::Merge, true),
            (Act::Suspend, self.standing != Standing::Suspended),
            (Act::Reinstate, self.standing == Standing::Suspended),
        ];
        let fits = all.into_iter().filter(|(_, fits)| *fits);
        let fits = fits.map(|(act, _)| act);
        fits.filter(|act| Some(*act) != suggested).collect()
    }

    fn recovery(&self) -> String {
        match self.recovery_left {
            None => "Never had recovery codes.".to_owned(),
            Some(0) => "No recovery code is left.".to_owned(),
            Some(left) => {
                let left = words::counted(left.into(), "recovery code is", "recovery codes are");
                format!("{} left.", words::capital(&left))
            }
        }
    }
}

inside!(Person, "admin/person.html");
