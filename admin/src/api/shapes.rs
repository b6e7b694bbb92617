//! The shapes that the API takes and gives. Field names are part of the contract; times are RFC
//! 3339 in UTC.
//!
//! No shape has room for a seed, a password or a cookie. What a body may hold besides is refused.

use anteroom_core::moment::rfc3339;
use anteroom_core::time::Timestamp;
use anteroom_store::{AuditRow, Person, SubscriberListing};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Admin;

/// Why, and how the caller was known.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Act {
    /// Why, in 1 to 150 characters; an auditor reads it.
    pub(crate) reason: String,
    /// How the caller's identity was verified: one of the configured sentences.
    #[serde(default)]
    pub(crate) identity_check: String,
}

/// A temporary code to be issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemporaryWanted {
    /// Why, in 1 to 150 characters.
    pub(crate) reason: String,
    /// How the caller's identity was verified: one of the configured sentences.
    #[serde(default)]
    pub(crate) identity_check: String,
    /// For how many hours: one of the configured numbers.
    pub(crate) hours: u32,
    /// How often it may be used: one of the configured numbers.
    pub(crate) uses: u32,
}

/// A note to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteWanted {
    /// The text, at most 1000 characters.
    pub(crate) text: String,
}

/// An enrolment code to be issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrolmentWanted {
    /// The app's configured name.
    pub(crate) app: String,
    /// The name that the person signs in with.
    pub(crate) name: String,
    /// Why, in 1 to 150 characters.
    pub(crate) reason: String,
    /// How the caller's identity was verified: one of the configured sentences.
    #[serde(default)]
    pub(crate) identity_check: String,
}

/// A person in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonInList {
    /// Her number.
    pub(crate) id: i64,
    /// Her name.
    pub(crate) name: String,
    /// The realm whose apps share her factors.
    pub(crate) realm: String,
    /// Her tenant; empty where there is none.
    pub(crate) tenant: String,
    /// `enrolled`, `invited`, `reset`, `paused`, `disabled` or `suspended`.
    pub(crate) status: &'static str,
    /// Authenticators that work.
    pub(crate) authenticators: u32,
    /// Recovery codes not yet used.
    pub(crate) recovery_codes_left: u32,
    /// When she enrolled.
    pub(crate) enrolled_at: Option<String>,
    /// When she last signed in.
    pub(crate) last_sign_in_at: Option<String>,
}

/// People, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct PeopleFound {
    /// The people.
    pub(crate) people: Vec<PersonInList>,
    /// Give this as `after` for the next ones; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<i64>,
}

/// A person in full.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonInFull {
    /// What lists say too.
    #[serde(flatten)]
    pub(crate) listed: PersonInList,
    /// Spellings that are this person.
    pub(crate) spellings: Vec<String>,
    /// Live sessions.
    pub(crate) sessions: Vec<SessionNow>,
    /// Notes, the newest first.
    pub(crate) notes: Vec<NoteKept>,
}

/// A live session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionNow {
    /// Its number, for ending it.
    pub(crate) id: i64,
    /// Where.
    pub(crate) app: String,
    /// Since when.
    pub(crate) since: String,
    /// The last activity written.
    pub(crate) active_at: String,
    /// RFC 8176 values.
    pub(crate) amr: String,
    /// Let through without a second factor.
    pub(crate) single_factor: bool,
}

/// A note.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoteKept {
    /// When.
    pub(crate) at: String,
    /// Who wrote it.
    pub(crate) operator: String,
    /// The text.
    pub(crate) text: String,
}

/// A code that is shown now and never again.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodeIssued {
    /// The person's number.
    pub(crate) id: i64,
    /// The code, to be read out or printed, never mailed.
    pub(crate) code: String,
    /// When it ends.
    pub(crate) expires_at: String,
}

/// What became of an act.
#[derive(Serialize, ToSchema)]
pub(crate) struct Outcome {
    /// `done`, `unchanged` or `waits_for_second_operator`.
    pub(crate) outcome: &'static str,
    /// Until when a second operator can grant it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<String>,
}

/// One row of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Its number; the chain has no gaps.
    pub(crate) seq: i64,
    /// When.
    pub(crate) at: String,
    /// What: a stable name.
    pub(crate) kind: &'static str,
    /// To whom, by number.
    pub(crate) subscriber: Option<i64>,
    /// At which app.
    pub(crate) app: Option<String>,
    /// In which session: the first digits of its hash.
    pub(crate) session: Option<String>,
    /// From which address.
    pub(crate) client: Option<String>,
    /// By which operator.
    pub(crate) operator: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Its place in the chain, in hexadecimal digits.
    pub(crate) hash: String,
    /// In answer to which request: what its page shows.
    pub(crate) reference: Option<String>,
}

/// Rows of the audit log, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditPage {
    /// The rows.
    pub(crate) rows: Vec<AuditEntry>,
    /// Give this as `after` for the next ones.
    pub(crate) next: i64,
}

/// A problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemDocument {
    /// The status code.
    pub(crate) status: u16,
    /// What is wrong.
    pub(crate) title: String,
    /// For the log.
    pub(crate) reference: String,
}

impl PersonInList {
    pub(crate) fn of(admin: &Admin, one: &SubscriberListing, now: Timestamp) -> Self {
        Self {
            id: one.id.0,
            name: one.display_name.clone(),
            realm: one.realm.clone(),
            tenant: one.tenant.clone(),
            status: one.status(&admin.throttle_of(&one.realm), now).word(),
            authenticators: one.totp_active,
            recovery_codes_left: one.recovery_left,
            enrolled_at: one.enrolled_at.map(rfc3339),
            last_sign_in_at: one.last_login_at.map(rfc3339),
        }
    }
}

impl PersonInFull {
    pub(crate) fn of(
        admin: &Admin,
        found: &Person,
        sessions: Vec<SessionNow>,
        now: Timestamp,
    ) -> Self {
        let note = |one: &anteroom_store::Note| NoteKept {
            at: rfc3339(one.at),
            operator: one.operator.clone(),
            text: one.text.clone(),
        };
        Self {
            listed: PersonInList::of(admin, &found.listing, now),
            spellings: found
                .spellings
                .iter()
                .map(|one| one.display.clone())
                .collect(),
            sessions,
            notes: found.notes.iter().map(note).collect(),
        }
    }
}

impl AuditEntry {
    pub(crate) fn of(row: &AuditRow) -> Self {
        let event = &row.event;
        Self {
            seq: row.seq,
            at: rfc3339(row.at),
            kind: event.kind.name(),
            subscriber: event.subscriber.map(|id| id.0),
            app: event.app.as_ref().map(|app| app.as_str().to_owned()),
            session: event
                .session
                .as_ref()
                .map(anteroom_core::ids::SessionHash::short),
            client: event.client.map(|client| client.to_string()),
            operator: event.operator.clone(),
            reason: event.reason.clone(),
            hash: HEXLOWER.encode(&row.hash),
            reference: event.reference.map(|one| one.to_string()),
        }
    }
}
