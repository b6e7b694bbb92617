//! `anteroom enrol-code NAME`: the one-time code with which somebody sets up a second factor.
//!
//! Shown once, kept only as a MAC. Never mails it and never writes it anywhere else.

use std::time::Duration;

use anteroom_core::enrolment::EnrolmentCode;
use anteroom_core::time::Timestamp;
use anteroom_store::{EnrolmentCodeIssue, NameKey};

use crate::failure::Failure;
use crate::operator::{self, Operator, Scope};
use crate::say::quoted;
use crate::{moment, people, say};

/// Longest life of a code: over a long weekend, not over a holiday.
pub const MOST_HOURS: u64 = 14 * 24;

/// Issues a code and prints it.
///
/// # Errors
/// When the name means somebody else or somebody who needs no code, or the store cannot write.
pub async fn run(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    hours: u64,
) -> Result<(), Failure> {
    let name = name.trim();
    let apps = operator.apps(scope)?;
    let Some(first) = apps.first() else {
        return Err(Failure::usage("no app is configured"));
    };
    let (realm, tenant) = (first.realm.as_str(), operator::tenant_of(&apps, scope)?);
    let folded = operator::folded(name)?;
    let keys = operator::spelling_keys(name, &apps);
    let is_new = refuse_wrong_person(operator, name, &keys, realm, &tenant).await?;
    let close = if is_new {
        people::close_names(operator, name).await?
    } else {
        Vec::new()
    };
    let mut random = [0; 5];
    (operator.entropy)(&mut random);
    let code = EnrolmentCode::mint(&random);
    let life = Duration::from_secs(hours * 60 * 60);
    let (spelling_key, others) = keys
        .split_first()
        .ok_or_else(|| Failure::usage("no name"))?;
    let id = operator
        .store
        .enrolment_code_issue(EnrolmentCodeIssue {
            realm,
            tenant: &tenant,
            display: name,
            folded: &folded,
            spelling_key,
            code: &code,
            expires_at: operator.now.plus(life),
            paper: operator.paper(),
        })
        .await?;
    for key in others {
        operator
            .store
            .spelling_link(id, key, name, &operator.paper())
            .await?;
    }
    if is_new {
        say::aside(format!("{name} was not known yet and is now invited."));
    }
    if !close.is_empty() {
        say::aside(format!(
            "Close names that are known: {}. Was one of them meant?",
            close.join(", ")
        ));
    }
    let apps: Vec<&str> = apps.iter().map(|app| app.display_name.as_str()).collect();
    say::answer(handout(name, &code, &apps.join(", "), life, operator.now))
}

/// What the operator needs to know, and what to tell the person.
fn handout(name: &str, code: &EnrolmentCode, apps: &str, life: Duration, now: Timestamp) -> String {
    let (code, hours) = (code.shown(), moment::in_words(life));
    let until = moment::in_utc(now.plus(life));
    format!(
        "Enrolment code for {name}:  {code}\n\
         It works once, until {until} ({hours}), for: {apps}. An older code of {name} is void.\n\
         \n\
         Tell {name}, in person or on a known number, never by mail:\n  \
           \"Sign in as always. Then type this code: {code}. Then choose your phone or a\n   \
            passkey, and do what the page says.\"\n\
         This code is shown only now."
    )
}

/// Whether the name is new. A name that finds somebody else, or somebody with a second factor, gets
/// no code.
async fn refuse_wrong_person(
    operator: &Operator,
    name: &str,
    keys: &[String],
    realm: &str,
    tenant: &str,
) -> Result<bool, Failure> {
    let folded = operator::folded(name)?;
    let mut found = Vec::new();
    for spelling_key in keys {
        let key = NameKey {
            realm,
            tenant,
            folded: &folded,
            spelling_key,
        };
        found.extend(operator.store.subscriber_find(&key).await?);
    }
    let Some(known) = found.first() else {
        return Ok(true);
    };
    let who = &known.display_name;
    if !found.iter().any(|view| view.linked) {
        return Err(Failure::failed(format!(
            "{name:?} looks like {who}, who is known already, but the app may take them for two \
             people. If they are one: anteroom subscriber link {} {}",
            quoted(who),
            quoted(name)
        )));
    }
    if known.suspended {
        return Err(Failure::failed(format!(
            "{who} is suspended, so no code would help; first: anteroom subscriber resume {}",
            quoted(who)
        )));
    }
    if known.totp_active + known.totp_disabled + known.recovery_left > 0 {
        return Err(Failure::failed(format!(
            "{who} has a second factor already, and a code is only for setting up the first; for \
             a lost phone: anteroom subscriber reset {} --reason \"lost phone\"",
            quoted(who)
        )));
    }
    Ok(false)
}
