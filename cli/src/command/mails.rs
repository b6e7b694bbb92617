//! What can be said after `anteroom mail`, and about people's addresses; and who carries it out.
//!
//! Names and options only; the acts stand in `crate::mail` and `crate::subscriber::address`.

use std::path::{Path, PathBuf};

use anteroom_config::ambient::Ambient;
use anteroom_core::language::Language;
use clap::Subcommand;

use super::subscribers::Person;
use super::{Acting, open, reason};
use crate::failure::Failure;
use crate::mail;
use crate::operator::Scope;
use crate::subscriber::address;

#[derive(Subcommand)]
pub(super) enum Act {
    /// Send a test message now, and say what failed and how to mend it
    Test {
        /// To which address
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// In which language: en, fr or es; without it, the first app's
        #[arg(long, value_name = "TAG", value_parser = language)]
        language: Option<Language>,
    },
    /// Say whether mail and webhook go out, what waits, and since when
    Status {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
}

/// Where mail reaches people.
#[derive(Subcommand)]
pub(super) enum Addresses {
    /// List, add or remove the e-mail addresses of somebody
    #[command(subcommand)]
    Address(OneAddress),
    /// Add e-mail addresses from a list: CSV with a head, name,email
    Import {
        /// The list
        file: PathBuf,
        /// Where it comes from; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        #[command(flatten)]
        scope: Scope,
        #[command(flatten)]
        acting: Acting,
    },
}

#[derive(Subcommand)]
pub(super) enum OneAddress {
    /// List them
    List {
        #[command(flatten)]
        person: Person,
    },
    /// Add one; the others are told, and codes wait for a day
    Add {
        #[command(flatten)]
        person: Person,
        /// The address
        address: String,
        /// Why, and how you made sure who is asking; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Remove one; it is told itself
    Remove {
        #[command(flatten)]
        person: Person,
        /// The address
        address: String,
        /// Why, and how you made sure who is asking; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
}

/// A language that letters are written in.
fn language(tag: &str) -> Result<Language, String> {
    Language::from_tag(tag).ok_or_else(|| {
        let tags = Language::ALL.map(Language::tag).join(", ");
        format!("letters are written in {tags}")
    })
}

/// Carries out what was said.
///
/// # Errors
/// Whatever the act itself fails with.
pub(super) async fn carry_out(act: Act, config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    let operator = open(config, None, ambient).await?;
    match act {
        Act::Test { to, language } => mail::test(&operator, &to, language).await,
        Act::Status { json } => mail::status(&operator, json).await,
    }
}

/// Carries out what was said about addresses.
///
/// # Errors
/// Whatever the act itself fails with.
pub(super) async fn carry_out_addresses(
    act: Addresses,
    config: &Path,
    ambient: &Ambient,
) -> Result<(), Failure> {
    let open = async |acting: &Acting| open(config, acting.operator.clone(), ambient).await;
    match act {
        Addresses::Import {
            file,
            reason,
            scope,
            acting,
        } => {
            let operator = open(&acting).await?;
            address::import(&operator, &file, &scope, &reason).await
        }
        Addresses::Address(OneAddress::List { person }) => {
            let operator = open(&person.acting).await?;
            address::list(&operator, &person.name, &person.scope).await
        }
        Addresses::Address(OneAddress::Add {
            person,
            address,
            reason,
        }) => {
            let operator = open(&person.acting).await?;
            address::add(&operator, &person.name, &person.scope, &address, &reason).await
        }
        Addresses::Address(OneAddress::Remove {
            person,
            address,
            reason,
        }) => {
            let operator = open(&person.acting).await?;
            address::remove(&operator, &person.name, &person.scope, &address, &reason).await
        }
    }
}
