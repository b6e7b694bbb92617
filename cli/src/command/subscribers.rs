//! What can be said after `anteroom subscriber`, and who carries it out.
//!
//! Names and options only; the acts stand in `crate::subscriber`.

use std::path::Path;

use anteroom_config::ambient::Ambient;
use clap::{Args, Subcommand};

use super::{Acting, mails, open, reason, words};
use crate::failure::Failure;
use crate::operator::Scope;
use crate::subscriber::{self, devices, record, sign_out, temporary};

/// One person.
#[derive(Args)]
pub(super) struct Person {
    /// The name that the person signs in with
    pub(super) name: String,
    #[command(flatten)]
    pub(super) scope: Scope,
    #[command(flatten)]
    pub(super) acting: Acting,
}

#[derive(Args)]
pub(super) struct SignOut {
    /// The name that the person signs in with
    #[arg(required_unless_present = "everybody")]
    name: Option<String>,
    /// Everybody, in every app: after the database was put back from a copy
    #[arg(long, conflicts_with_all = ["name", "app", "realm", "tenant"])]
    everybody: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Subcommand)]
pub(super) enum Act {
    /// List people, with status and factors
    List {
        /// Only names that contain this
        #[arg(default_value = "", hide_default_value = true)]
        filter: String,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        scope: Scope,
    },
    /// Show one person: status, factors, latest events, what would help
    Show {
        #[command(flatten)]
        person: Person,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Take all factors away, because the phone is lost; the way back is an enrolment code
    Reset {
        #[command(flatten)]
        person: Person,
        /// Why, and how you made sure who is asking; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// How you made sure who is asking, such as 'called back on 0101'; for the audit log
        #[arg(
            long,
            value_name = "TEXT",
            default_value = "",
            hide_default_value = true
        )]
        identity_check: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Let somebody try again who typed too many wrong codes
    Unlock {
        #[command(flatten)]
        person: Person,
    },
    /// Give somebody whose phone is not at hand ten digits that work for some hours
    TemporaryCode {
        #[command(flatten)]
        person: Person,
        /// How long the code works
        #[arg(long, value_name = "N", default_value_t = 12)]
        #[arg(value_parser = clap::value_parser!(u64).range(1..=temporary::MOST_HOURS))]
        hours: u64,
        /// How many sign-ins and unlocks it works for
        #[arg(long, value_name = "N", default_value_t = 10)]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(temporary::MOST_USES)))]
        uses: u32,
        /// Why, and how you made sure who is asking; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Take a temporary code back
    RevokeCode {
        #[command(flatten)]
        person: Person,
    },
    /// End somebody's sessions and unfinished sign-ins; factors stay
    #[command(after_help = words::SIGN_OUT)]
    SignOut(SignOut),
    /// Let nobody in under this name, and end all its sessions
    Suspend {
        #[command(flatten)]
        person: Person,
        /// Why; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Lift a suspension
    Resume {
        #[command(flatten)]
        person: Person,
    },
    /// Say that another spelling of the name is the same person
    Link {
        #[command(flatten)]
        person: Person,
        /// The spelling, as it is typed at the login
        spelling: String,
    },
    #[command(flatten)]
    Kept(Kept),
    #[command(flatten)]
    Addresses(mails::Addresses),
}

/// What is kept about one person.
#[derive(Subcommand)]
pub(super) enum Kept {
    /// Say that two names are one person: the first one leads to the second
    Merge {
        #[command(flatten)]
        person: Person,
        /// The name whose factors stay
        into: String,
        /// Why; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Write something down about somebody
    Note {
        #[command(flatten)]
        person: Person,
        /// What; other operators read it, the person does not
        text: String,
    },
    /// List somebody's running sessions
    Sessions {
        #[command(flatten)]
        person: Person,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// List the computers on which somebody is not asked for a code
    Devices {
        #[command(flatten)]
        person: Person,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Forget one remembered computer and end what it opened
    ForgetDevice {
        #[command(flatten)]
        person: Person,
        /// Its number, as `devices` shows it
        id: i64,
    },
    /// End one session
    EndSession {
        #[command(flatten)]
        person: Person,
        /// Its number, as `sessions` shows it
        id: i64,
    },
}

/// Carries out what was said.
///
/// # Errors
/// Whatever the act itself fails with.
pub(super) async fn carry_out(act: Act, config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    let open = async |acting: &Acting| open(config, acting.operator.clone(), ambient).await;
    match act {
        Act::List {
            filter,
            json,
            scope,
        } => {
            let operator = open(&Acting { operator: None }).await?;
            subscriber::list(&operator, &filter, &scope, json).await
        }
        Act::Show { person, json } => {
            let operator = open(&person.acting).await?;
            subscriber::show(&operator, &person.name, &person.scope, json).await
        }
        Act::Reset {
            person,
            reason,
            identity_check,
            yes,
        } => {
            let operator = open(&person.acting).await?;
            let why = (reason.as_str(), identity_check.trim());
            subscriber::reset(&operator, &person.name, &person.scope, why, yes).await
        }
        Act::Unlock { person } => {
            let operator = open(&person.acting).await?;
            subscriber::unlock(&operator, &person.name, &person.scope).await
        }
        Act::TemporaryCode {
            person,
            hours,
            uses,
            reason,
        } => {
            let operator = open(&person.acting).await?;
            let wanted = temporary::Wanted::new(hours, uses, &reason);
            temporary::issue(&operator, &person.name, &person.scope, wanted).await
        }
        Act::RevokeCode { person } => {
            let operator = open(&person.acting).await?;
            temporary::revoke(&operator, &person.name, &person.scope).await
        }
        Act::SignOut(asked) => {
            let operator = open(&asked.acting).await?;
            match &asked.name {
                Some(name) => sign_out::one(&operator, name, &asked.scope).await,
                None => sign_out::everybody(&operator, asked.yes).await,
            }
        }
        Act::Suspend {
            person,
            reason,
            yes,
        } => {
            let operator = open(&person.acting).await?;
            subscriber::suspend(&operator, &person.name, &person.scope, &reason, yes).await
        }
        Act::Resume { person } => {
            let operator = open(&person.acting).await?;
            subscriber::resume(&operator, &person.name, &person.scope).await
        }
        Act::Link { person, spelling } => {
            let operator = open(&person.acting).await?;
            subscriber::link(&operator, &person.name, &spelling, &person.scope).await
        }
        Act::Kept(act) => carry_out_kept(act, config, ambient).await,
        Act::Addresses(act) => mails::carry_out_addresses(act, config, ambient).await,
    }
}

/// The acts of `record` and `devices`.
async fn carry_out_kept(act: Kept, config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    let open = async |acting: &Acting| open(config, acting.operator.clone(), ambient).await;
    match act {
        Kept::Merge {
            person,
            into,
            reason,
            yes,
        } => {
            let operator = open(&person.acting).await?;
            let names = (person.name.as_str(), into.as_str());
            record::merge(&operator, names, &person.scope, &reason, yes).await
        }
        Kept::Note { person, text } => {
            let operator = open(&person.acting).await?;
            record::note(&operator, &person.name, &person.scope, &text).await
        }
        Kept::Sessions { person, json } => {
            let operator = open(&person.acting).await?;
            record::sessions(&operator, &person.name, &person.scope, json).await
        }
        Kept::Devices { person, json } => {
            let operator = open(&person.acting).await?;
            devices::list(&operator, &person.name, &person.scope, json).await
        }
        Kept::ForgetDevice { person, id } => {
            let operator = open(&person.acting).await?;
            devices::forget(&operator, &person.name, &person.scope, id).await
        }
        Kept::EndSession { person, id } => {
            let operator = open(&person.acting).await?;
            record::end_session(&operator, &person.name, &person.scope, id).await
        }
    }
}
