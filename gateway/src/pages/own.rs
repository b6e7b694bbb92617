//! A person's own page, and the forms by which she changes her own sign-in.
//!
//! Plain values in; never a secret but the seed of a set-up that does not count yet (attack D16).
//! What is said stands in `words`, how it looks in `gateway/templates/portal/own_*.html`.

mod key;
mod listed;
pub(super) mod words;

pub use key::KeyForm;
pub use listed::{Overview, OwnAuthenticator, OwnDevice, OwnEvent, OwnSession};

use askama::Template;

use super::frame::Frame;
use super::passkey::is_of_passkey;
use super::scan::Scan;
use super::words::{SIX_DIGITS, Said, Voice};
use super::{Chrome, CodeProblem, MailState};

/// One of these pages.
#[derive(Clone, Copy)]
pub enum OwnPage<'a> {
    /// The page itself.
    Overview(Overview<'a>),
    /// The form of one act.
    Act(ActForm<'a>),
    /// The form that connects another phone.
    Phone(PhoneForm<'a>),
    /// The form that makes another passkey.
    Key(KeyForm<'a>),
}

/// How a change may be proved in its form.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// A code of an authenticator of hers may be typed.
    pub code: bool,
    /// What the browser is asked of a passkey of hers, as JSON, where she has one here.
    pub passkey: Option<&'a str>,
}

impl OwnPage<'_> {
    /// Whether our script belongs on it: where a passkey may be asked for.
    pub(super) const fn needs_script(&self) -> bool {
        match self {
            Self::Overview(_) => false,
            Self::Act(form) => form.proof.passkey.is_some(),
            Self::Phone(form) => form.proof.passkey.is_some(),
            Self::Key(_) => true,
        }
    }
}

/// The form of one act.
#[derive(Clone, Copy)]
pub struct ActForm<'a> {
    /// Ties the form to this session and act.
    pub nonce: &'a str,
    /// Where it is posted.
    pub action: &'a str,
    /// Which act.
    pub what: ActWhat<'a>,
    /// How it may be proved.
    pub proof: Proof<'a>,
    /// Her codes come from a hardware token, not from a phone.
    pub token: bool,
    /// With it her remembered computers are forgotten.
    pub forgets: bool,
    /// What was wrong with the last try.
    pub problem: Option<OwnProblem>,
}

/// Which act a form is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActWhat<'a> {
    /// Another name for this authenticator.
    Rename {
        /// What it is called; in the field.
        label: &'a str,
    },
    /// This authenticator goes.
    Remove {
        /// What it is called.
        label: &'a str,
        /// It is the last one, and may go.
        last: bool,
    },
    /// New recovery codes.
    Codes {
        /// How many of the old ones are left; `None` when there were none.
        left: Option<u32>,
    },
    /// The end of one other session.
    End,
    /// The end of all others.
    EndOthers,
    /// A code is asked for again on this computer.
    Forget {
        /// Which browser, coarsely.
        label: &'a str,
    },
    /// The same on all of them.
    ForgetAll,
    /// Somebody else was it.
    NotMe,
}

/// The form that connects another phone.
#[derive(Clone, Copy)]
pub struct PhoneForm<'a> {
    /// Ties the form to this session and act.
    pub nonce: &'a str,
    /// Where it is posted.
    pub action: &'a str,
    /// The authenticator whose place it takes; `None` when it stands beside the others.
    pub replaces: Option<&'a str>,
    /// What stands in the field for the name.
    pub label: &'a str,
    /// The picture made by [`qr_png`](super::qr::qr_png) from `uri`.
    pub qr_png: &'a [u8],
    /// The secret in base32, in groups of four.
    pub secret_groups: &'a str,
    /// The `otpauth:` address, for a phone that reads this page itself.
    pub uri: &'a str,
    /// How the app on the phone will list the entry.
    pub account: &'a str,
    /// How it may be proved.
    pub proof: Proof<'a>,
    /// With it her remembered computers are forgotten.
    pub forgets: bool,
    /// She has no phone yet.
    pub first: bool,
    /// Her codes come from a hardware token, not from a phone.
    pub token: bool,
    /// She has nothing but codes by mail: one of those is the proof.
    pub mail: Option<MailProof<'a>>,
    /// What was wrong with the last try.
    pub problem: Option<OwnProblem>,
}

/// A code by mail as the proof of an act.
#[derive(Clone, Copy)]
pub struct MailProof<'a> {
    /// Ties the form that asks for one to this session.
    pub nonce: &'a str,
    /// Where that is posted.
    pub action: &'a str,
    /// To where one goes, masked; empty when to nowhere.
    pub masked: &'a str,
    /// Whether one is on its way, or can be.
    pub state: MailState,
    /// For how long none is sent, where too many were.
    pub wait_seconds: Option<u64>,
}

impl MailProof<'_> {
    fn sent(&self) -> bool {
        self.state == MailState::Sent
    }

    fn down(&self) -> bool {
        self.state == MailState::Down
    }

    fn may_send(&self) -> bool {
        matches!(self.state, MailState::Ask | MailState::Sent) && !self.masked.is_empty()
    }
}

/// Why a form of these was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OwnProblem {
    /// Nothing that can be seen was typed as a name.
    LabelEmpty,
    /// The name is too long.
    LabelTooLong,
    /// Another authenticator of hers is called that.
    LabelTaken,
    /// The first code of the new phone, or the new passkey.
    First(CodeProblem),
    /// The proof.
    Code(CodeProblem),
    /// The proof is right, but not enough for this.
    NotEnough,
    /// She would lock herself out.
    LastOne,
    /// There is no such authenticator or session any more.
    Gone,
    /// The QR code had been shown too long.
    SetupOver,
    /// She has as many as anybody may have.
    TooMany,
}

/// Which field a problem is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    Label,
    First,
    Code,
    /// A passkey stands in no field: the button that asks for it.
    Key,
}

impl OwnProblem {
    const fn at(self) -> At {
        match self {
            Self::LabelEmpty | Self::LabelTooLong | Self::LabelTaken => At::Label,
            Self::First(problem) | Self::Code(problem) if is_of_passkey(problem) => At::Key,
            Self::First(_) | Self::SetupOver => At::First,
            Self::Code(_) | Self::NotEnough | Self::LastOne | Self::Gone | Self::TooMany => {
                At::Code
            }
        }
    }
}

#[derive(Template)]
#[template(path = "portal/own.html")]
struct OverviewPage<'a> {
    frame: Frame<'a>,
    voice: Voice<'a>,
    heading: String,
    own: Overview<'a>,
}

#[derive(Template)]
#[template(path = "portal/own_act.html")]
struct ActPage<'a> {
    frame: Frame<'a>,
    heading: String,
    lead: Vec<String>,
    form: ActForm<'a>,
    label: Option<&'a str>,
    at: Option<At>,
    problem: Option<Said>,
    /// A code may be typed.
    by_code: bool,
    hint: &'static str,
}

#[derive(Template)]
#[template(path = "portal/own_phone.html")]
struct PhonePage<'a> {
    frame: Frame<'a>,
    heading: String,
    form: PhoneForm<'a>,
    at: Option<At>,
    problem: Option<Said>,
    scan: Scan<'a>,
    /// A code may be typed.
    by_code: bool,
    hint: &'static str,
    wait: Option<String>,
}

/// One of these pages as HTML.
pub(super) fn own(page: &OwnPage<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    match *page {
        OwnPage::Overview(own) => {
            let voice = chrome.voice();
            let heading = voice.say("own-heading");
            let frame = Frame::new(chrome, &heading, false).wide();
            OverviewPage {
                frame,
                voice,
                heading,
                own,
            }
            .render()
        }
        OwnPage::Act(form) => act(form, chrome),
        OwnPage::Phone(form) => phone(form, chrome),
        OwnPage::Key(form) => key::key(form, chrome),
    }
}

fn act(form: ActForm<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let voice = chrome.voice();
    let heading = voice.say(words::heading(form.what));
    let label = match form.what {
        ActWhat::Rename { label } => Some(label),
        _ => None,
    };
    let takes_paper = match form.what {
        ActWhat::End | ActWhat::EndOthers | ActWhat::NotMe => true,
        ActWhat::Forget { .. } | ActWhat::ForgetAll => true,
        ActWhat::Rename { .. } | ActWhat::Remove { .. } | ActWhat::Codes { .. } => false,
    };
    let mut lead = words::lead(voice, form.what);
    lead.extend(form.forgets.then(|| voice.say("own-then-forgotten")));
    ActPage {
        frame: Frame::new(chrome, &heading, form.problem.is_some())
            .scripted(form.proof.passkey.is_some()),
        heading,
        lead,
        at: form.problem.map(OwnProblem::at),
        problem: form.problem.map(|problem| words::said(voice, problem)),
        by_code: form.proof.code || takes_paper,
        hint: words::hint(takes_paper, form.token),
        form,
        label,
    }
    .render()
}

fn phone(form: PhoneForm<'_>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let voice = chrome.voice();
    let heading = voice.say(match form.replaces {
        Some(_) => "own-move",
        None if form.first => "own-add-totp-first",
        None => "own-add-totp",
    });
    PhonePage {
        frame: Frame::new(chrome, &heading, form.problem.is_some())
            .wide()
            .scripted(form.proof.passkey.is_some()),
        heading,
        // A recovery code may stand for a phone that was lost.
        by_code: form.proof.code || form.replaces.is_some() || form.mail.is_some(),
        at: form.problem.map(OwnProblem::at),
        problem: form.problem.map(|problem| words::said(voice, problem)),
        scan: Scan::new(form.qr_png, form.uri, form.secret_groups, form.account),
        hint: words::hint(false, form.token),
        wait: form
            .mail
            .and_then(|mail| mail.wait_seconds)
            .map(|wait| voice.span(wait)),
        form,
    }
    .render()
}
