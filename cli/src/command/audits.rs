//! What can be said after `anteroom audit`, and who carries it out.
//!
//! Names and options only; the acts stand in `crate::audit_log`, `audit_export`, `audit_retention`
//! and `audit_report`.

use std::path::Path;

use anteroom_config::ambient::Ambient;
use clap::{Args, Subcommand};

use super::{Acting, open, words};
use crate::audit_export::{self, Filters, Format};
use crate::audit_report::{self, Report};
use crate::failure::Failure;
use crate::{audit_log, audit_retention};

#[derive(Args)]
pub(super) struct Reporting {
    /// Which report
    report: Report,
    /// Not before: 2031-03-01, or a span back from now such as '1 y'
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// Only before
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

#[derive(Subcommand)]
pub(super) enum Act {
    /// Verify that every row is as it was written, and print the head
    Verify {
        /// A head that was kept elsewhere, or a file that holds it
        #[arg(long, value_name = "HEAD")]
        head: Option<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Print the newest rows
    Tail {
        /// How many
        #[arg(short, value_name = "N", default_value_t = 20)]
        #[arg(value_parser = clap::value_parser!(u32).range(..=100_000))]
        n: u32,
        /// Go on with new rows as they come
        #[arg(long, short)]
        follow: bool,
        /// Print JSON, an object a line
        #[arg(long)]
        json: bool,
    },
    /// Print the head of the log, to be kept on another machine
    Head,
    /// Print the newest rows about somebody, by somebody, of some kind, at some time
    Search {
        #[command(flatten)]
        filters: Filters,
        /// How many
        #[arg(short, value_name = "N", default_value_t = 100)]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
        n: u32,
        /// Print JSON, an object a line
        #[arg(long)]
        json: bool,
    },
    /// Write rows out for a spreadsheet or another program, oldest first
    #[command(after_help = words::AUDIT_EXPORT)]
    Export {
        #[command(flatten)]
        filters: Filters,
        /// How to write them
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        #[command(flatten)]
        acting: Acting,
    },
    /// Remove the oldest rows; the chain keeps a row that says so
    #[command(after_help = words::AUDIT_PRUNE)]
    Prune {
        /// What is older goes: a span such as '6 y', or a date
        #[arg(long, value_name = "WHEN")]
        older_than: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Write a report for an auditor
    Report(Reporting),
}

/// Carries out what was said.
///
/// # Errors
/// Whatever the act itself fails with.
pub(super) async fn carry_out(act: Act, config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    let open = async |by: Option<String>| open(config, by, ambient).await;
    match act {
        Act::Verify { head, acting } => {
            audit_log::verify(&open(acting.operator).await?, head.as_deref()).await
        }
        Act::Tail { n, follow, json } => audit_log::tail(&open(None).await?, n, follow, json).await,
        Act::Head => audit_log::head(&open(None).await?).await,
        Act::Search { filters, n, json } => {
            audit_export::search(&open(None).await?, &filters, n, json).await
        }
        Act::Export {
            filters,
            format,
            acting,
        } => audit_export::export(&open(acting.operator).await?, &filters, format).await,
        Act::Prune {
            older_than,
            yes,
            acting,
        } => audit_retention::prune(&open(acting.operator).await?, &older_than, yes).await,
        Act::Report(asked) => {
            let (from, until) = (asked.from.as_deref(), asked.until.as_deref());
            let operator = open(None).await?;
            audit_report::run(&operator, asked.report, from, until, asked.format).await
        }
    }
}
