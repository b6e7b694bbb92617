//! What can be said after `anteroom token`, and who carries it out.
//!
//! Names and options only; the acts stand in `crate::token`.

use std::path::{Path, PathBuf};

use anteroom_config::ambient::Ambient;
use anteroom_config::token_file::TokenFormat;
use anteroom_store::HardwareTokenState;
use clap::{Args, Subcommand, ValueEnum};

use super::{Acting, open, reason};
use crate::failure::Failure;
use crate::operator::Scope;
use crate::token;

/// How a maker's file is written.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// Lines of serial,secret,type,digits,period,counter
    Csv,
    /// RFC 6030, XML
    Pskc,
}

/// How tokens stand.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum State {
    /// To be given to somebody
    Free,
    /// Somebody's
    Assigned,
    /// Out of use for good
    Revoked,
}

/// One token.
#[derive(Args)]
pub(super) struct Token {
    /// The serial number on its back
    serial: String,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Subcommand)]
pub(super) enum Act {
    /// Bring the tokens of a maker's file in: all of them, or none
    Import {
        /// The file; destroy it afterwards
        file: PathBuf,
        /// How it is written [default: by its first character]
        #[arg(long)]
        format: Option<Format>,
        /// What opens the encrypted keys of a PSKC file, alone in a file that only you can read: the
        /// transport key in hexadecimal, or the passphrase
        #[arg(long, value_name = "KEY")]
        key_file: Option<PathBuf>,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// List tokens and whose they are
    List {
        /// A part of the serial number or of the holder's name
        #[arg(default_value = "", hide_default_value = true)]
        filter: String,
        /// Only those that stand like this
        #[arg(long)]
        state: Option<State>,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Give a token to somebody; who has no second factor needs nothing else
    Assign {
        #[command(flatten)]
        token: Token,
        /// The name that the person signs in with
        name: String,
        #[command(flatten)]
        scope: Scope,
        /// Why; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// How you made sure who it is; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        identity_check: String,
    },
    /// Take a token out of use for good: lost, broken, returned
    Revoke {
        #[command(flatten)]
        token: Token,
        /// Why; for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Put a token right whose codes are not taken, with two codes in a row
    Resync {
        #[command(flatten)]
        token: Token,
        /// A fresh code that was typed nowhere yet
        first: String,
        /// The code that comes next
        second: String,
    },
}

/// Carries out what was said.
///
/// # Errors
/// Whatever the act itself fails with.
pub(super) async fn carry_out(act: Act, config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    let open = async |acting: &Acting| open(config, acting.operator.clone(), ambient).await;
    match act {
        Act::Import {
            file,
            format,
            key_file,
            dry_run,
            acting,
        } => {
            let format = format.map(|format| match format {
                Format::Csv => TokenFormat::Csv,
                Format::Pskc => TokenFormat::Pskc,
            });
            let key_file = key_file.as_deref();
            token::import(&open(&acting).await?, &file, format, key_file, dry_run).await
        }
        Act::List {
            filter,
            state,
            json,
        } => {
            let state = state.map(|state| match state {
                State::Free => HardwareTokenState::Free,
                State::Assigned => HardwareTokenState::Assigned,
                State::Revoked => HardwareTokenState::Revoked,
            });
            let operator = super::open(config, None, ambient).await?;
            token::list(&operator, &filter, state, json).await
        }
        Act::Assign {
            token,
            name,
            scope,
            reason,
            identity_check,
        } => {
            let paper = (reason.as_str(), identity_check.as_str());
            let operator = open(&token.acting).await?;
            token::assign(&operator, &token.serial, &name, &scope, paper).await
        }
        Act::Revoke { token, reason } => {
            token::revoke(&open(&token.acting).await?, &token.serial, &reason).await
        }
        Act::Resync {
            token,
            first,
            second,
        } => {
            let codes = (first.as_str(), second.as_str());
            token::resync(&open(&token.acting).await?, &token.serial, codes).await
        }
    }
}
