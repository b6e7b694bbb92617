//! The page itself: what she has, where she is signed in, what happened lately.
//!
//! Reads only. Of an address it tells the network, no more: enough to know her own, too little to
//! find anybody.

use std::net::IpAddr;

use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::ids::AppName;
use anteroom_core::means::Means;
use anteroom_store::{AuditQuery, AuditRow, SessionSummary};

use super::{Herself, codes_left, devices, herself, nonce_of, places, show};
use crate::fail::Failure;
use crate::pages::own::{Overview, OwnAuthenticator, OwnEvent, OwnPage, OwnSession};
use crate::portal::Answer;
use crate::portal::visit::{Visit, nonce_text};
use crate::reply::Reply;
use crate::sessions::Live;

/// What is told of her sign-in.
const TOLD: &[AuditKind] = &[
    AuditKind::SessionVerified,
    AuditKind::ChallengeFailed,
    AuditKind::CodeReused,
    AuditKind::RecoveryCodeUsed,
    AuditKind::EnrolmentConfirmed,
    AuditKind::AuthenticatorAdded,
    AuditKind::AuthenticatorRenamed,
    AuditKind::AuthenticatorReplaced,
    AuditKind::AuthenticatorRemoved,
    AuditKind::AuthenticatorDisabled,
    AuditKind::RecoveryCodesIssued,
    AuditKind::TemporaryCodeIssued,
    AuditKind::SubscriberReset,
    AuditKind::NotMeReported,
    AuditKind::DevicePassage,
    AuditKind::DeviceRemembered,
    AuditKind::DeviceForgotten,
    AuditKind::DeviceStolen,
];

/// How many are shown, and how many rows are read for it.
const SHOWN: usize = 12;
const READ: u32 = 24;

pub(super) async fn get(visit: Visit) -> Answer {
    page(&visit).await.into()
}

async fn page(visit: &Visit) -> Result<Reply, Failure> {
    let herself = match herself(visit).await? {
        Ok(herself) => herself,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let store = &visit.gateway.store;
    let factors = herself.factors(visit).await?;
    let authenticators: Vec<OwnAuthenticator> = factors
        .authenticators
        .iter()
        .map(|one| OwnAuthenticator {
            id: one.id.0,
            label: one.label.clone(),
            kind: AuthenticatorKind::from_name(&one.kind),
            added: one.enrolled_at,
            used: one.last_used_at,
            disabled: one.disabled_at.is_some(),
        })
        .collect();
    let sessions = store.sessions_of(herself.subscriber).await?;
    let name = store.person(herself.subscriber).await?;
    let name = name.map_or_else(String::new, |person| person.listing.display_name);
    let nonce = nonce_text(&herself.nonce(visit));
    let overview = Overview {
        nonce: &nonce,
        name: &name,
        on: true,
        authenticators: &authenticators,
        recovery_left: codes_left(&factors),
        mail: &told_addresses(visit, &herself).await?,
        add: &places(visit, &factors),
        sessions: &told_sessions(visit, &herself, &sessions),
        devices: &devices::told(visit, &herself).await?,
        events: &told_events(visit, &herself).await?,
    };
    Ok(show(visit, OwnPage::Overview(overview), None))
}

/// The page of a session that has no second factor: it tells that, and nothing else.
pub(super) fn without(visit: &Visit, live: &Live) -> Reply {
    let nonce = nonce_text(&nonce_of(visit, live));
    let overview = Overview {
        nonce: &nonce,
        name: "",
        on: false,
        authenticators: &[],
        recovery_left: None,
        mail: &[],
        add: &[],
        sessions: &[],
        devices: &[],
        events: &[],
    };
    show(visit, OwnPage::Overview(overview), None)
}

/// Her addresses, masked: enough for her to know them again, too little to be of use to whoever
/// looks over her shoulder. None where no mail is sent.
async fn told_addresses(visit: &Visit, herself: &Herself<'_>) -> Result<Vec<String>, Failure> {
    if visit.gateway.settings.mail.is_none() {
        return Ok(Vec::new());
    }
    let known = visit.gateway.store.addresses_of(herself.subscriber).await?;
    Ok(known.iter().map(|one| one.address.masked()).collect())
}

fn told_sessions(
    visit: &Visit,
    herself: &Herself<'_>,
    sessions: &[SessionSummary],
) -> Vec<OwnSession> {
    let live = |one: &&SessionSummary| one.ends_at > visit.now;
    sessions
        .iter()
        .filter(live)
        .map(|one| {
            let this = one.row == herself.live.row;
            OwnSession {
                id: one.row.0,
                this,
                since: one.created_at,
                active: if this { visit.now } else { one.active_at },
                app: app_shown(visit, &one.app),
            }
        })
        .collect()
}

/// An app by its own name, as long as it is in the settings.
pub(super) fn app_shown(visit: &Visit, app: &AppName) -> String {
    visit.gateway.app_named(app).map_or_else(
        || app.as_str().to_owned(),
        |app| app.settings.display_name.clone(),
    )
}

async fn told_events(visit: &Visit, herself: &Herself<'_>) -> Result<Vec<OwnEvent>, Failure> {
    let query = AuditQuery {
        subscriber: Some(herself.subscriber),
        kinds: TOLD,
        limit: READ,
        ..AuditQuery::default()
    };
    let rows = visit.gateway.store.audit_search(&query).await?;
    Ok(rows
        .iter()
        .filter(|row| !is_part_of_a_sign_in(row, &rows))
        .take(SHOWN)
        .map(|row| OwnEvent {
            at: row.at,
            kind: row.event.kind,
            means: means_of(row),
            from: row.event.client.map(network),
        })
        .collect())
}

/// A code of paper that signed in is told with that sign-in.
fn is_part_of_a_sign_in(row: &AuditRow, rows: &[AuditRow]) -> bool {
    row.event.kind == AuditKind::RecoveryCodeUsed
        && rows.iter().any(|other| {
            means_of(other) == Some(Means::RecoveryCode)
                && (other.at, other.event.session) == (row.at, row.event.session)
        })
}

/// By what a sign-in was finished: the row itself says so. Rows from before that was written down
/// do not, and nothing is guessed.
fn means_of(row: &AuditRow) -> Option<Means> {
    let signed_in = row.event.kind == AuditKind::SessionVerified;
    let said = row.event.reason.as_deref().filter(|_| signed_in);
    said.and_then(Means::from_name)
}

/// `192.0.2.x`, `2001:db8:1::x`.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.x")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::x")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_network_is_told() {
        let told = |text: &str| network(text.parse().unwrap());
        assert_eq!(told("192.0.2.77"), "192.0.2.x");
        assert_eq!(told("::ffff:192.0.2.77"), "192.0.2.x");
        assert_eq!(told("2001:db8:1:2:3::4"), "2001:db8:1::x");
    }
}
