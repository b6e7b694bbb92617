//! The rows of one person's page: notes, codes, authenticators, computers, sessions.
//!
//! Puts what the store tells into words; asks nobody and changes nothing. The page itself is
//! `people`'s.

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::ids::SubscriberId;
use anteroom_store::DeviceView;

use crate::pages::AuthenticatorRow;
use crate::pages::person;
use crate::say::{self, when, when_maybe};
use crate::web::failure::Failure;
use crate::web::proof::Grants;
use crate::web::visit::Visit;

/// What authenticators on phones are called.
pub(super) const KIND: &str = "Authenticator app";
/// What tokens are called; the name beside it has the end of the serial number.
const TOKEN_KIND: &str = "Hardware token";
/// What passkeys and security keys are called.
const PASSKEY_KIND: &str = "Passkey";
/// What codes by mail are called.
const MAIL_KIND: &str = "Codes by e-mail";

pub(super) fn notes(
    notes: Vec<anteroom_store::Note>,
    now: anteroom_core::time::Timestamp,
) -> Vec<person::Note> {
    let shown = notes.into_iter().map(|note| person::Note {
        at: when(note.at, now),
        operator: note.operator,
        text: note.text,
    });
    shown.collect()
}

/// What became of a temporary code: whether it was used, why it ended, and whether somebody tried
/// it after that.
pub(super) fn fate(
    code: &anteroom_store::TemporaryCodeView,
    now: anteroom_core::time::Timestamp,
) -> String {
    use anteroom_core::temporary_code::TemporaryOver as Over;

    let over = code.over(now);
    let mut parts = Vec::new();
    match code.last_used_at {
        Some(at) if !matches!(over, Some(Over::UsedUp(_))) => {
            parts.push(format!("used {}", when(at, now).text));
        }
        _ => {}
    }
    parts.extend(over.map(|over| match over {
        Over::UsedUp(at) => format!("used up {}", when(at, now).text),
        Over::Expired(at) => format!("expired {}", when(at, now).text),
        Over::Revoked(at) => format!("revoked {}", when(at, now).text),
    }));
    if let Some(at) = code.refused_at {
        parts.push(format!("refused {}", when(at, now).text));
    }
    if parts.is_empty() && code.expires_at > now {
        parts.push("not used yet".to_owned());
    }
    parts.join(", ")
}

/// The name of an authenticator, where its owner gave it one: else it is called like its kind.
pub(super) fn own_name(label: &str) -> String {
    let given = if label == KIND { "" } else { label };
    given.to_owned()
}

/// Authenticators in use, as rows.
pub(super) fn authenticators(
    all: &[anteroom_store::AuthenticatorHistory],
    now: anteroom_core::time::Timestamp,
) -> Vec<AuthenticatorRow> {
    let live = all.iter().filter(|one| one.removed_at.is_none());
    let row = |one: &anteroom_store::AuthenticatorHistory| AuthenticatorRow {
        kind: match AuthenticatorKind::from_name(&one.kind) {
            Some(AuthenticatorKind::Hardware) => TOKEN_KIND.to_owned(),
            Some(AuthenticatorKind::Email) => MAIL_KIND.to_owned(),
            Some(AuthenticatorKind::Passkey) => PASSKEY_KIND.to_owned(),
            _ => KIND.to_owned(),
        },
        name: own_name(&one.label),
        since: when(one.enrolled_at, now),
        last_used: when_maybe(one.last_used_at, now),
        works: one.disabled_at.is_none(),
        state: match one.disabled_by.as_deref() {
            None => "works".to_owned(),
            Some("throttle") => "switched off after too many wrong codes".to_owned(),
            Some(_) => "switched off by an operator".to_owned(),
        },
    };
    live.map(row).collect()
}

/// Computers on which a code is not asked for, as rows.
pub(super) async fn devices<P: Grants>(
    visit: &Visit<P>,
    id: SubscriberId,
) -> Result<Vec<person::DeviceRow>, Failure> {
    let (admin, now) = (&visit.admin, visit.now);
    let found = admin.store.devices_of(id, now).await?;
    let row = |one: DeviceView| person::DeviceRow {
        device: one.id.to_string(),
        name: one.label,
        app: say::app(admin, one.app.as_str()),
        network: one.network,
        since: when(one.created_at, now),
        last_used: when_maybe(one.last_used_at, now),
        expires: when(one.expires_at, now),
    };
    Ok(found.into_iter().map(row).collect())
}

/// Her live sessions, as rows.
pub(super) async fn sessions<P: Grants>(
    visit: &Visit<P>,
    id: SubscriberId,
) -> Result<Vec<person::SessionRow>, Failure> {
    let (admin, now) = (&visit.admin, visit.now);
    let mut rows = Vec::new();
    for one in admin.store.sessions_of(id).await? {
        let idle = admin.settings.apps.iter().find(|app| app.name == one.app);
        let idle = idle.is_some_and(|app| now.since(one.active_at) >= app.policy.lifetimes.idle);
        let from = admin.store.session_opened_from(&one.hash).await?;
        rows.push(person::SessionRow {
            session: one.row.to_string(),
            app: say::app(admin, one.app.as_str()),
            since: when(one.created_at, now),
            active: when(one.active_at, now),
            from: from.map_or_else(|| "unknown".to_owned(), |client| say::place(admin, client)),
            factor: say::factor_of(&one.amr, one.single_factor),
            locked: one.locked || idle,
        });
    }
    Ok(rows)
}
