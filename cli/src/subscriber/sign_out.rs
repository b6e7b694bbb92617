//! `anteroom subscriber sign-out`: ends sessions and unfinished sign-ins, of one person or of all.
//!
//! Takes no factor away and keeps nobody out: that is `reset` and `suspend`.

use crate::failure::Failure;
use crate::operator::{Operator, Scope};
use crate::{people, say};

/// Ends one person's sessions and throws her unfinished sign-ins away.
///
/// # Errors
/// When there is no such person, or the store cannot write.
pub async fn one(operator: &Operator, name: &str, scope: &Scope) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let who = &one.display_name;
    let ended = operator
        .store
        .subscriber_sign_out(one.id, &operator.paper())
        .await?;
    super::still_there(ended.is_some(), who)?;
    say::answer(match ended {
        None | Some(0) => format!(
            "{who} was not signed in; unfinished sign-ins, if there were any, are thrown away."
        ),
        Some(ended) => format!(
            "{who} is signed out ({}); {who} may sign in again.",
            sessions(ended)
        ),
    })
}

/// Ends everybody's sessions and unfinished sign-ins.
///
/// # Errors
/// When the operator does not confirm, or the store cannot write.
pub async fn everybody(operator: &Operator, sure: bool) -> Result<(), Failure> {
    super::confirm(
        "This ends every session of every app and throws every unfinished sign-in away. Sign \
         everybody out?",
        sure,
    )?;
    let ended = operator
        .store
        .everybody_sign_out(&operator.name, operator.now)
        .await?;
    say::answer(format!(
        "Everybody is signed out ({}); all may sign in again.",
        sessions(ended)
    ))
}

fn sessions(count: u64) -> String {
    match count {
        1 => "1 session".to_owned(),
        count => format!("{count} sessions"),
    }
}
