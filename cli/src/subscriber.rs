//! `anteroom subscriber …`: look at people, and help them.
//!
//! Every change is one transaction of the store with its audit event, under the operator's name.
//! What is shown stands in [`shown`], ending sessions in [`sign_out`], temporary codes in
//! [`temporary`], notes and merging in [`record`], remembered computers in [`devices`]; a code for
//! a new phone is `enrol_code`'s.

pub mod address;
pub mod devices;
pub mod record;
mod shown;
pub mod sign_out;
pub mod temporary;

use anteroom_store::{Paper, SubscriberListing, SubscriberStatus};

use crate::failure::Failure;
use crate::operator::{self, Operator, Scope};
use crate::say::quoted;
use crate::{moment, people, say};

/// The most people that `list` shows.
const LIST_LIMIT: u32 = 10_000;
/// How many events `show` shows.
const EVENTS: u32 = 10;

/// Lists people whose name contains `filter`.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(
    operator: &Operator,
    filter: &str,
    scope: &Scope,
    json: bool,
) -> Result<(), Failure> {
    let mut found = operator.store.subscriber_list(filter, LIST_LIMIT).await?;
    if scope.app.is_some() || scope.realm.is_some() {
        let apps = operator.apps(scope)?;
        found.retain(|one| apps.iter().any(|app| app.realm == one.realm));
    }
    if !scope.tenant.is_empty() {
        let tenant = operator::joined_tenant(scope);
        found.retain(|one| one.tenant == tenant);
    }
    if json {
        let people: Vec<_> = found
            .iter()
            .map(|one| shown::as_json(operator, one))
            .collect();
        return say::answer(serde_json::Value::from(people));
    }
    if found.is_empty() {
        say::aside(if filter.is_empty() {
            "Nobody yet: people appear with their first sign-in or enrolment code.".to_owned()
        } else {
            format!("Nobody's name contains {filter:?}.")
        });
        return Ok(());
    }
    say::answer(shown::table(operator, &found))?;
    if u32::try_from(found.len()).unwrap_or(u32::MAX) >= LIST_LIMIT {
        say::aside(format!(
            "Only the first {LIST_LIMIT}; give a part of the name."
        ));
    }
    Ok(())
}

/// Shows one person: status, factors, what happened last, what would help.
///
/// # Errors
/// When there is no such person, or the store cannot be read.
pub async fn show(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    json: bool,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let events = operator.store.audit_of_subscriber(one.id, EVENTS).await?;
    if json {
        return say::answer(shown::with_events(operator, &one, &events));
    }
    say::answer(shown::sheet(operator, &one, &events))
}

/// Takes all factors away.
///
/// # Errors
/// When there is no such person, the operator does not confirm, or the store cannot write.
pub async fn reset(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    (reason, identity_check): (&str, &str),
    sure: bool,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let who = &one.display_name;
    let taken = match shown::factors(&one) {
        Some(factors) => format!("takes {factors} away from {who}, ends"),
        None => "ends".to_owned(),
    };
    let question = format!(
        "This {taken} all sessions, and asks {who} for an enrolment code at the next sign-in.\n\
         Have you made sure who is asking? Reset {who}?"
    );
    confirm(&question, sure)?;
    let paper = Paper {
        reason,
        identity_check,
        ..operator.paper()
    };
    let done = operator.store.subscriber_reset(one.id, &paper).await?;
    still_there(done, who)?;
    say::answer(format!(
        "{who} is reset: no authenticator, no recovery code, no session is left.\n\
         Next: anteroom enrol-code {}",
        quoted(who)
    ))
}

/// Lets somebody try again after too many wrong codes.
///
/// # Errors
/// When there is no such person, or the store cannot write.
pub async fn unlock(operator: &Operator, name: &str, scope: &Scope) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let before = one.status(&operator.throttle_of(&one.realm), operator.now);
    let done = operator
        .store
        .subscriber_unlock(one.id, &operator.paper())
        .await?;
    let who = &one.display_name;
    still_there(done, who)?;
    say::answer(match before {
        SubscriberStatus::Paused { .. } | SubscriberStatus::Disabled => {
            format!("{who} may try again now.")
        }
        SubscriberStatus::Suspended => format!(
            "{who}'s wrong codes are forgotten, but {who} stays suspended; \
             anteroom subscriber resume {} lifts that.",
            quoted(who)
        ),
        SubscriberStatus::Reset | SubscriberStatus::Invited => format!(
            "{who} was not stopped by wrong codes, and has no second factor yet; \
             anteroom enrol-code {} gives a code to set one up.",
            quoted(who)
        ),
        SubscriberStatus::Enrolled => {
            format!("{who} was not stopped by wrong codes; what was counted is forgotten.")
        }
    })
}

/// Lets no code of somebody count, and ends all sessions.
///
/// # Errors
/// When there is no such person, the operator does not confirm, or the store cannot write.
pub async fn suspend(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    reason: &str,
    sure: bool,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let who = &one.display_name;
    confirm(
        &format!("This ends {who}'s sessions and lets nobody in as {who}. Suspend?"),
        sure,
    )?;
    let done = operator
        .store
        .subscriber_suspend(one.id, &operator.paper().because(reason))
        .await?;
    if !done {
        return Err(Failure::failed(format!(
            "{who} is suspended already; nothing was changed"
        )));
    }
    say::answer(format!(
        "{who} is suspended; running sessions end within two seconds.\n\
         To lift it: anteroom subscriber resume {}",
        quoted(who)
    ))
}

/// Lifts a suspension.
///
/// # Errors
/// When there is no such person or no suspension, or the store cannot write.
pub async fn resume(operator: &Operator, name: &str, scope: &Scope) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let who = &one.display_name;
    let done = operator
        .store
        .subscriber_resume(one.id, &operator.paper())
        .await?;
    if !done {
        return Err(Failure::failed(format!(
            "{who} is not suspended; nothing was changed"
        )));
    }
    say::answer(format!(
        "{who} may sign in again, with the factors as they were."
    ))
}

/// Says that another spelling is the same person.
///
/// # Errors
/// When the spelling would never find that person, or the store cannot write.
pub async fn link(
    operator: &Operator,
    name: &str,
    spelling: &str,
    scope: &Scope,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let who = &one.display_name;
    if operator::folded(spelling)? != operator::folded(who)? {
        return Err(Failure::usage(format!(
            "{spelling:?} and {who} differ in more than case, accents and spaces, so a login as \
             {spelling} looks for another person; give {spelling} an enrolment code instead"
        )));
    }
    let apps: Vec<_> = operator
        .settings
        .apps
        .iter()
        .filter(|app| app.realm == one.realm)
        .collect();
    let mut news = false;
    for key in operator::spelling_keys(spelling, &apps) {
        news |= operator
            .store
            .spelling_link(one.id, &key, spelling, &operator.paper())
            .await?;
    }
    say::answer(if news {
        format!("{spelling:?} is {who} from now on: the same phone, the same recovery codes.")
    } else {
        format!("{spelling:?} was {who} already; nothing was changed.")
    })
}

fn confirm(question: &str, sure: bool) -> Result<(), Failure> {
    if sure || say::asks_yes(question)? {
        return Ok(());
    }
    Err(Failure::failed(
        "not confirmed; nothing was changed (--yes answers beforehand)",
    ))
}

fn still_there(done: bool, who: &str) -> Result<(), Failure> {
    if done {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{who} is gone from the store; nothing was changed"
    )))
}

/// A status in words, with the end of a pause.
fn status_in_words(operator: &Operator, one: &SubscriberListing) -> String {
    match one.status(&operator.throttle_of(&one.realm), operator.now) {
        SubscriberStatus::Paused { until } => {
            format!("paused for {}", moment::in_words(until.since(operator.now)))
        }
        status => status.word().to_owned(),
    }
}
