//! People as a table, as a sheet and as JSON.
//!
//! Reads nothing and changes nothing. Names are cleaned before they reach a terminal: whoever typed
//! them at a login may have been an attacker (attack E08).

use anteroom_core::audit::{AuditKind, clean_text};
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_store::{AuditRow, SubscriberListing, SubscriberStatus};
use serde_json::{Value, json};

use super::status_in_words;
use crate::moment;
use crate::operator::{Operator, TENANT_SEPARATOR};
use crate::say::quoted;
use crate::{audit_log, columns};

/// Many people, a line each; columns that would say the same everywhere are left out.
pub fn table(operator: &Operator, found: &[SubscriberListing]) -> String {
    let realms = found.windows(2).any(|pair| pair[0].realm != pair[1].realm);
    let tenants = found.iter().any(|one| !one.tenant.is_empty());
    let mut head = vec!["NAME"];
    head.extend(realms.then_some("REALM"));
    head.extend(tenants.then_some("TENANT"));
    head.extend(["STATUS", "SECOND FACTOR", "LAST SIGN-IN"]);
    let mut rows = vec![head.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    for one in found {
        let mut row = vec![clean_text(&one.display_name)];
        row.extend(realms.then(|| one.realm.clone()));
        row.extend(tenants.then(|| tenant(one)));
        row.push(status_in_words(operator, one));
        row.push(factors_or_none(one));
        row.push(
            one.last_login_at
                .map_or_else(|| "never".to_owned(), moment::in_utc),
        );
        rows.push(row);
    }
    columns::aligned(&rows)
}

/// One person in full.
pub fn sheet(operator: &Operator, one: &SubscriberListing, events: &[AuditRow]) -> String {
    let or_never = |at: Option<_>| at.map_or_else(|| "never".to_owned(), moment::in_utc);
    let throttle = &one.throttle;
    let mut lines = vec![
        pair("name", clean_text(&one.display_name)),
        pair("realm", one.realm.clone()),
    ];
    if !one.tenant.is_empty() {
        lines.push(pair("tenant", tenant(one)));
    }
    lines.extend([
        pair("status", status_in_words(operator, one)),
        pair("second factor", factors_or_none(one)),
        pair("enrolled", or_never(one.enrolled_at)),
        pair("last sign-in", or_never(one.last_login_at)),
        pair(
            "wrong codes",
            format!(
                "{} in a row, {} in all lately",
                throttle.consecutive, throttle.rolling
            ),
        ),
    ]);
    if one.code_issued {
        lines.push(pair(
            "enrolment code",
            "issued, not used (it may have expired)".to_owned(),
        ));
    }
    lines.push(pair("what helps", advice(operator, one)));
    if spelling_is_held(events) {
        let name = quoted(&clean_text(&one.display_name));
        lines.push(pair(
            "and",
            format!(
                "a sign-in under another spelling was stopped; if that was the same person: \
                 anteroom subscriber link {name} SPELLING"
            ),
        ));
    }
    let mut text: String = lines
        .iter()
        .map(|row| format!("{:<16}{}\n", row[0], row[1]))
        .collect();
    text.push_str("\nLatest events\n");
    if events.is_empty() {
        text.push_str("  none\n");
    }
    for event in events.iter().rev() {
        text.push_str("  ");
        text.push_str(&audit_log::line(event, None));
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

fn pair(key: &str, value: String) -> [String; 2] {
    [key.to_owned(), value]
}

/// Whether the latest word about spellings is that one was held. Events come newest first.
fn spelling_is_held(events: &[AuditRow]) -> bool {
    let about = [AuditKind::SpellingHeld, AuditKind::SpellingLinked];
    let latest = events.iter().find(|row| about.contains(&row.event.kind));
    latest.is_some_and(|row| row.event.kind == AuditKind::SpellingHeld)
}

/// What an operator would do next.
fn advice(operator: &Operator, one: &SubscriberListing) -> String {
    let name = quoted(&clean_text(&one.display_name));
    match one.status(&operator.throttle_of(&one.realm), operator.now) {
        SubscriberStatus::Suspended => format!("anteroom subscriber resume {name}"),
        SubscriberStatus::Disabled | SubscriberStatus::Paused { .. } => {
            format!("right phone, wrong codes: anteroom subscriber unlock {name}")
        }
        SubscriberStatus::Reset | SubscriberStatus::Invited if one.code_issued => {
            format!("the code that was issued, or a new one: anteroom enrol-code {name}")
        }
        SubscriberStatus::Reset | SubscriberStatus::Invited => {
            format!("anteroom enrol-code {name}")
        }
        SubscriberStatus::Enrolled => {
            format!("lost phone: anteroom subscriber reset {name} --reason …")
        }
    }
}

/// `1 authenticator app, 9 recovery codes`; `None` without any.
pub fn factors(one: &SubscriberListing) -> Option<String> {
    let count = |n: u32, what: &str| match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    };
    let mut parts = Vec::new();
    for kind in AuthenticatorKind::ALL {
        let held = one.kinds.iter().filter(|held| **held == kind).count();
        let name = match kind {
            AuthenticatorKind::Passkey => "passkey",
            AuthenticatorKind::Totp => "authenticator app",
            AuthenticatorKind::Hardware => "hardware token",
            AuthenticatorKind::Email => "way by e-mail",
        };
        if held > 0 {
            parts.push(count(u32::try_from(held).unwrap_or(u32::MAX), name));
        }
    }
    if one.totp_disabled > 0 {
        parts.push(count(one.totp_disabled, "disabled authenticator"));
    }
    if one.recovery_left > 0 {
        parts.push(count(one.recovery_left, "recovery code"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn factors_or_none(one: &SubscriberListing) -> String {
    let none = || {
        let word = if one.code_issued {
            "none yet, code issued"
        } else {
            "none"
        };
        word.to_owned()
    };
    factors(one).unwrap_or_else(none)
}

fn tenant(one: &SubscriberListing) -> String {
    clean_text(&one.tenant.replace(TENANT_SEPARATOR, "/"))
}

/// One person for a script.
pub fn as_json(operator: &Operator, one: &SubscriberListing) -> Value {
    let status = one.status(&operator.throttle_of(&one.realm), operator.now);
    let paused_until = match status {
        SubscriberStatus::Paused { until } => Some(moment::rfc3339(until)),
        _ => None,
    };
    let tenant: Vec<&str> = one
        .tenant
        .split(TENANT_SEPARATOR)
        .filter(|part| !part.is_empty())
        .collect();
    json!({
        "id": one.id.0,
        "name": one.display_name,
        "realm": one.realm,
        "tenant": tenant,
        "status": status.word(),
        "paused_until": paused_until,
        "authenticators": one.totp_active,
        "authenticators_disabled": one.totp_disabled,
        "kinds": one.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
        "recovery_codes": one.recovery_left,
        "enrolment_code_issued": one.code_issued,
        "enrolled_at": one.enrolled_at.map(moment::rfc3339),
        "last_sign_in_at": one.last_login_at.map(moment::rfc3339),
        "wrong_codes_in_a_row": one.throttle.consecutive,
    })
}

/// One person with the latest events, oldest first.
pub fn with_events(operator: &Operator, one: &SubscriberListing, events: &[AuditRow]) -> Value {
    let mut value = as_json(operator, one);
    let events: Vec<Value> = events
        .iter()
        .rev()
        .map(|row| audit_log::as_json(row, None))
        .collect();
    value["events"] = events.into();
    value
}
