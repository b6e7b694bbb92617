//! `anteroom subscriber temporary-code` and `revoke-code`: ten digits for somebody whose phone is
//! at home, for some hours.
//!
//! Shown once, kept only as a MAC. Somebody whose phone is gone for good needs `reset` instead.

use std::time::Duration;

use anteroom_core::temporary_code::TemporaryCode;
use anteroom_store::{Paper, TemporaryCodeIssue, TemporaryIssued};

use crate::failure::Failure;
use crate::operator::{Operator, Scope};
use crate::say::quoted;
use crate::{moment, people, say};

/// Longest life of a code: over a weekend.
pub const MOST_HOURS: u64 = 72;
/// How often a code may be used at most.
pub const MOST_USES: u32 = 50;

/// What is asked for.
pub struct Wanted<'w> {
    /// How long it counts.
    pub hours: u64,
    /// How often.
    pub uses: u32,
    /// Why, and how the caller was known.
    pub reason: &'w str,
}

impl<'w> Wanted<'w> {
    /// So many hours, so many uses, for this reason.
    #[must_use]
    pub const fn new(hours: u64, uses: u32, reason: &'w str) -> Self {
        Self {
            hours,
            uses,
            reason,
        }
    }
}

/// Issues a code and prints it.
///
/// # Errors
/// When there is no such person, or nobody whom a code would help, or the store cannot write.
pub async fn issue(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    wanted: Wanted<'_>,
) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let mut random = [0; 16];
    (operator.entropy)(&mut random);
    let code = TemporaryCode::mint(&random);
    let expires_at = operator
        .now
        .plus(Duration::from_secs(wanted.hours * 60 * 60));
    let issued = operator
        .store
        .temporary_code_issue(TemporaryCodeIssue {
            subscriber: one.id,
            code: &code,
            expires_at,
            uses: wanted.uses,
            paper: Paper::of(&operator.name, operator.now).because(wanted.reason),
        })
        .await?;
    let who = &one.display_name;
    match issued {
        TemporaryIssued::Issued(_) => {}
        TemporaryIssued::NotEnrolled => {
            return Err(Failure::failed(format!(
                "{who} has no second factor that a code could stand in for; \
                 anteroom enrol-code {} gives a code to set one up",
                quoted(who)
            )));
        }
        TemporaryIssued::Suspended => {
            return Err(Failure::failed(format!(
                "{who} is suspended, so no code would help; first: anteroom subscriber resume {}",
                quoted(who)
            )));
        }
        TemporaryIssued::NoSuchSubscriber => return super::still_there(false, who),
    }
    let (code, until) = (code.shown(), moment::in_utc(expires_at));
    let times = match wanted.uses {
        1 => "once".to_owned(),
        uses => format!("{uses} times"),
    };
    say::answer(format!(
        "Temporary code for {who}:  {code}\n\
         It works {times}, until {until}. An older one of {who} is void; a pause is lifted.\n\
         \n\
         Read it out to {who}, on a number that you know, never by mail:\n  \
           \"Sign in as always. Choose 'I don't have my phone' and type: {code}.\"\n\
         This code is shown only now. To take it back: anteroom subscriber revoke-code {}",
        quoted(who)
    ))
}

/// Takes a code back.
///
/// # Errors
/// When there is no such person or no code that counts, or the store cannot write.
pub async fn revoke(operator: &Operator, name: &str, scope: &Scope) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let who = &one.display_name;
    let paper = Paper::of(&operator.name, operator.now);
    if !operator.store.temporary_code_revoke(one.id, paper).await? {
        return Err(Failure::failed(format!(
            "{who} has no temporary code that counts; nothing was changed"
        )));
    }
    say::answer(format!(
        "The temporary code of {who} counts no more. Sessions that it opened go on; to end them: \
         anteroom subscriber sign-out {}",
        quoted(who)
    ))
}
