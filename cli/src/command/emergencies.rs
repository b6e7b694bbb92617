//! What can be said after `anteroom emergency`, and who carries it out.
//!
//! Names and options only; the acts stand in `crate::emergency`.

use std::path::Path;

use anteroom_config::ambient::Ambient;
use clap::{Args, Subcommand};

use super::{Acting, open, reason};
use crate::emergency::{self, Opening};
use crate::failure::Failure;

/// One app.
#[derive(Args)]
pub(super) struct App {
    /// The app, by its configured name
    app: String,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Subcommand)]
pub(super) enum Act {
    /// Let everybody known at one app in with a password alone, for some minutes
    Open {
        #[command(flatten)]
        app: App,
        /// For how long
        #[arg(long, value_name = "N")]
        #[arg(value_parser = clap::value_parser!(u64).range(1..=emergency::MOST_MINUTES))]
        minutes: u64,
        /// Why; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// The second person, who agreed
        #[arg(long, value_name = "NAME", value_parser = reason)]
        second: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Close it before its end, and end the sessions that began under it
    Close {
        #[command(flatten)]
        app: App,
    },
    /// List the latest exceptions
    List,
    /// Print codes for sealed envelopes; each lets one enrolled person in once
    PrintCodes {
        #[command(flatten)]
        app: App,
        /// How many
        #[arg(long, value_name = "N", default_value_t = 10)]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(emergency::MOST_CODES)))]
        count: u32,
        /// Why, or where they are kept; for the audit log
        #[arg(
            long,
            value_name = "TEXT",
            default_value = "",
            hide_default_value = true
        )]
        reason: String,
    },
    /// List what was printed and what was used
    Codes {
        #[command(flatten)]
        app: App,
    },
    /// Make the unused codes of one batch worthless
    RevokeCodes {
        #[command(flatten)]
        app: App,
        /// The number of the batch: the first part of the number beside each code
        #[arg(long, value_name = "N")]
        batch: i64,
    },
}

/// Carries out what was said.
///
/// # Errors
/// Whatever the act itself fails with.
pub(super) async fn carry_out(act: Act, config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    let open = async |app: &App| open(config, app.acting.operator.clone(), ambient).await;
    match act {
        Act::Open {
            app,
            minutes,
            reason,
            second,
            yes,
        } => {
            let opening = Opening {
                minutes,
                reason: &reason,
                second: &second,
                sure: yes,
            };
            emergency::open(&open(&app).await?, &app.app, opening).await
        }
        Act::Close { app } => emergency::close(&open(&app).await?, &app.app).await,
        Act::List => emergency::list(&super::open(config, None, ambient).await?).await,
        Act::PrintCodes { app, count, reason } => {
            emergency::print_codes(&open(&app).await?, &app.app, count, &reason).await
        }
        Act::Codes { app } => emergency::codes(&open(&app).await?, &app.app).await,
        Act::RevokeCodes { app, batch } => {
            emergency::revoke_codes(&open(&app).await?, &app.app, batch).await
        }
    }
}
