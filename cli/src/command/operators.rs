//! What can be said after `anteroom operator`, and who carries it out.
//!
//! Names and options only; the acts stand in `crate::operators`.

use std::path::Path;

use anteroom_config::ambient::Ambient;
use anteroom_core::operator::Role;
use clap::{Args, Subcommand};

use super::{Acting, open, reason};
use crate::failure::Failure;
use crate::operators;

/// One operator.
#[derive(Args)]
pub(super) struct Who {
    /// The operator's name
    name: String,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Subcommand)]
pub(super) enum Act {
    /// Make an operator and print the one-time set-up link
    Create {
        #[command(flatten)]
        who: Who,
        /// owner, helpdesk or auditor
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Role,
    },
    /// List operators, with role, state and last sign-in
    List,
    /// Print a new set-up link for somebody who has not used the first one
    Link {
        #[command(flatten)]
        who: Who,
    },
    /// Give an operator another role; all sessions of that operator end
    Role {
        #[command(flatten)]
        who: Who,
        /// owner, helpdesk or auditor
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Take password, phone, sessions and tokens away, and print a new set-up link
    Reset {
        #[command(flatten)]
        who: Who,
        /// Why, and how you made sure who is asking; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Let an operator try again after too many wrong passwords or codes
    Unlock {
        #[command(flatten)]
        who: Who,
    },
    /// End all sessions of an operator
    SignOut {
        #[command(flatten)]
        who: Who,
    },
    /// Let an operator in no more
    Disable {
        #[command(flatten)]
        who: Who,
        /// Why; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Let a disabled operator in again
    Enable {
        #[command(flatten)]
        who: Who,
    },
    /// List the API tokens of all operators
    Tokens {
        /// Make this one worthless instead
        #[arg(long, value_name = "ID")]
        revoke: Option<i64>,
        #[command(flatten)]
        acting: Acting,
    },
}

fn role(given: &str) -> Result<Role, String> {
    Role::from_name(given).ok_or_else(|| "owner, helpdesk or auditor".to_owned())
}

/// Carries out what was said.
///
/// # Errors
/// Whatever the act itself fails with.
pub(super) async fn carry_out(act: Act, config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    use operators::Act as Deed;

    let open = async |acting: &Acting| open(config, acting.operator.clone(), ambient).await;
    let (who, deed, why) = match act {
        Act::Create { who, role } => {
            let operator = open(&who.acting).await?;
            return operators::create(&operator, &who.name, role).await;
        }
        Act::List => return operators::list(&open(&Acting { operator: None }).await?).await,
        Act::Link { who } => {
            return operators::link(&open(&who.acting).await?, &who.name).await;
        }
        Act::Reset { who, reason, yes } => {
            let operator = open(&who.acting).await?;
            return operators::reset(&operator, &who.name, &reason, yes).await;
        }
        Act::Tokens { revoke, acting } => {
            return operators::tokens(&open(&acting).await?, revoke).await;
        }
        Act::Role { who, role } => (who, Deed::Role(role), String::new()),
        Act::Unlock { who } => (who, Deed::Unlock, String::new()),
        Act::SignOut { who } => (who, Deed::SignOut, String::new()),
        Act::Disable { who, reason } => (who, Deed::Disable, reason),
        Act::Enable { who } => (who, Deed::Enable, String::new()),
    };
    let operator = open(&who.acting).await?;
    operators::act(&operator, &who.name, deed, &why).await
}
