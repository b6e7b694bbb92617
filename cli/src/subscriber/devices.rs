//! `anteroom subscriber devices`, `forget-device`: the computers on which a code is not asked for.
//!
//! Each change is one transaction of the store with its audit event. Which device counts is judged
//! at a sign-in, never here.

use anteroom_core::ids::DeviceId;
use anteroom_store::DeviceView;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::operator::{Operator, Scope};
use crate::{columns, moment, people, say};

/// Lists remembered computers.
///
/// # Errors
/// When there is no such person, or the store cannot be read.
pub async fn list(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    json: bool,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let now = operator.paper().now;
    let found = operator.store.devices_of(one.id, now).await?;
    if json {
        return say::answer(found.iter().map(as_json).collect::<Value>());
    }
    if found.is_empty() {
        let name = one.display_name;
        return say::answer(format!("No computer is remembered for {name}."));
    }
    let head = [
        "ID",
        "BROWSER",
        "APP",
        "COUNTS IN",
        "SINCE",
        "LAST USED",
        "UNTIL",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(found.iter().map(|device| {
        let used = device.last_used_at.map(moment::in_utc);
        vec![
            device.id.to_string(),
            device.label.clone(),
            device.app.to_string(),
            device.network.clone(),
            moment::in_utc(device.created_at),
            used.unwrap_or_else(|| "not yet".to_owned()),
            moment::in_utc(device.expires_at),
        ]
    }));
    say::answer(columns::aligned(&rows))
}

fn as_json(device: &DeviceView) -> Value {
    json!({
        "id": device.id.0,
        "browser": device.label,
        "app": device.app.as_str(),
        "network": device.network,
        "created_at": moment::rfc3339(device.created_at),
        "last_used_at": device.last_used_at.map(moment::rfc3339),
        "expires_at": moment::rfc3339(device.expires_at),
    })
}

/// Forgets one.
///
/// # Errors
/// When there is no such person or computer of hers, or the store cannot write.
pub async fn forget(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    device: i64,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let paper = operator.paper();
    let store = &operator.store;
    let done = store
        .device_forget(one.id, DeviceId(device), &paper)
        .await?;
    let name = one.display_name;
    if !done {
        return Err(Failure::failed(format!(
            "no computer {device} is remembered for {name}; nothing was changed"
        )));
    }
    say::answer(format!(
        "Computer {device} of {name} is forgotten: the next sign-in there asks for a code."
    ))
}
