//! `anteroom subscriber note`, `merge`, `sessions`, `end-session`: what is kept about one person.
//!
//! Each change is one transaction of the store with its audit event.

use anteroom_core::ids::SessionRow;
use anteroom_core::time::Timestamp;
use anteroom_store::{Merge, SessionSummary};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::operator::{Operator, Scope};
use crate::{columns, moment, people, say};

/// Writes a note down.
///
/// # Errors
/// When there is no such person, the note is empty, or the store cannot write.
pub async fn note(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    text: &str,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let done = operator
        .store
        .note_add(one.id, text, &operator.paper())
        .await?;
    if !done {
        return Err(Failure::usage("a note needs some words"));
    }
    say::answer(format!("Noted about {}.", one.display_name))
}

/// Makes two names one person.
///
/// # Errors
/// When one of them is not there, they cannot be one, the operator does not confirm, or the store
/// cannot write.
pub async fn merge(
    operator: &Operator,
    (name, into): (&str, &str),
    scope: &Scope,
    reason: &str,
    sure: bool,
) -> Result<(), Failure> {
    let from = people::find(operator, name, scope).await?;
    let into = people::find(operator, into, scope).await?;
    let (old, new) = (&from.display_name, &into.display_name);
    super::confirm(
        &format!(
            "From now on {old} is {new}: {old}'s own factors, codes and sessions are taken away, \
             {new}'s stay. This cannot be undone. Merge?"
        ),
        sure,
    )?;
    let paper = operator.paper().because(reason);
    match operator
        .store
        .subscribers_merge(from.id, into.id, &paper)
        .await?
    {
        Merge::Done { .. } => say::answer(format!(
            "{old} leads to {new} now: the same phone, the same recovery codes."
        )),
        Merge::Same => say::answer(format!("{old} is {new} already; nothing was changed.")),
        Merge::Unknown => Err(Failure::failed(format!(
            "{old} or {new} is gone from the store; nothing was changed"
        ))),
        Merge::Apart => Err(Failure::failed(format!(
            "{old} and {new} belong to different realms or tenants, so they are two people"
        ))),
        Merge::Suspended => Err(Failure::failed(format!(
            "one of {old} and {new} is suspended and the other is not; suspend both, or neither, \
             first"
        ))),
    }
}

/// Lists running sessions.
///
/// # Errors
/// When there is no such person, or the store cannot be read.
pub async fn sessions(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    json: bool,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let found = operator.store.sessions_of(one.id).await?;
    if json {
        return say::answer(found.iter().map(as_json).collect::<Value>());
    }
    if found.is_empty() {
        return say::answer(format!("{} is not signed in.", one.display_name));
    }
    let mut rows = vec![
        ["ID", "APP", "SINCE", "LAST ACTIVE", "STATE"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(found.iter().map(|session| {
        vec![
            session.row.to_string(),
            session.app.to_string(),
            moment::in_utc(session.created_at),
            moment::in_utc(session.active_at),
            state(session).to_owned(),
        ]
    }));
    say::answer(columns::aligned(&rows))
}

const fn state(session: &SessionSummary) -> &'static str {
    match (session.locked, session.single_factor) {
        (true, _) => "locked",
        (false, true) => "open, without a second factor",
        (false, false) => "open",
    }
}

fn as_json(session: &SessionSummary) -> Value {
    json!({
        "id": session.row.0,
        "app": session.app.as_str(),
        "created_at": moment::rfc3339(session.created_at),
        // Nothing where no authenticator of hers was ever asked for: a code of paper is none.
        "authenticated_at": (session.authenticated_at > Timestamp::from_secs(0))
            .then(|| moment::rfc3339(session.authenticated_at)),
        "active_at": moment::rfc3339(session.active_at),
        "ends_at": moment::rfc3339(session.ends_at),
        "locked": session.locked,
        "single_factor": session.single_factor,
    })
}

/// Ends one session.
///
/// # Errors
/// When there is no such person or session of hers, or the store cannot write.
pub async fn end_session(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    session: i64,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let done = operator
        .store
        .session_end_by_operator(one.id, SessionRow(session), &operator.paper())
        .await?;
    if !done {
        return Err(Failure::failed(format!(
            "{} has no running session {session}; nothing was changed",
            one.display_name
        )));
    }
    say::answer(format!(
        "Session {session} of {} is over.",
        one.display_name
    ))
}
