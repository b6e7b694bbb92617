//! The command line: what can be said, and who carries it out.
//!
//! Each command is a module of its own; what can be said about people stands in [`subscribers`],
//! about hardware tokens in [`tokens`], about exceptions in [`emergencies`], about operators in
//! [`operators`], about the audit log in [`audits`], longer words of `--help` in [`words`].

mod audits;
mod emergencies;
mod mails;
mod operators;
mod subscribers;
mod tokens;
mod words;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anteroom_config::ambient::Ambient;
use clap::{Args, Parser, Subcommand};

use crate::demonstration::Wishes;
use crate::failure::Failure;
use crate::operator::{Operator, Scope};
use crate::{admin_serve, check, demonstration, enrol_code, harden, new_key, reseal, say, serve};

/// A second factor for web applications that have none and cannot be changed
#[derive(Parser)]
#[command(name = "anteroom", version, after_help = words::EXAMPLES, subcommand_required = true)]
#[command(
    arg_required_else_help = true,
    max_term_width = 100,
    disable_help_subcommand = true
)]
struct CommandLine {
    /// The configuration file; without it, the one that ANTEROOM_CONFIG names
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Protect the configured applications until told to stop
    #[command(after_help = words::SERVE)]
    Serve,
    /// Try it out: a sample EMR with Anteroom in front, on this machine only
    #[command(after_help = words::DEMO)]
    Demo(Demo),
    /// Look at configuration, files, certificates and the apps themselves, and say what is wrong
    #[command(after_help = words::CHECK)]
    Check(Check),
    /// Issue the one-time code with which somebody sets up a second factor
    #[command(after_help = words::ENROL_CODE)]
    EnrolCode(EnrolCode),
    /// Look at people, and help them
    #[command(subcommand, after_help = words::SUBSCRIBER, visible_alias = "sub")]
    Subscriber(subscribers::Act),
    /// Hardware tokens: bring them in, give them to people, take them out of use
    #[command(subcommand, after_help = words::TOKEN)]
    Token(tokens::Act),
    /// Break the glass: exceptions for one app, and codes for sealed envelopes
    #[command(subcommand, after_help = words::EMERGENCY)]
    Emergency(emergencies::Act),
    /// The people who use the admin app, from the first owner on
    #[command(subcommand, after_help = words::OPERATOR)]
    Operator(operators::Act),
    /// The admin app alone; `anteroom serve` serves it too
    #[command(subcommand)]
    Admin(AdminAct),
    /// Does mail go out, and if not, why not?
    #[command(subcommand, after_help = words::MAIL)]
    Mail(mails::Act),
    /// Read and verify the audit log
    #[command(subcommand, after_help = words::AUDIT)]
    Audit(audits::Act),
    /// Make keys for the key file, and take old ones out of use
    #[command(subcommand)]
    Keys(KeysAct),
}

#[derive(Args)]
struct Demo {
    /// The port to listen on; the next free one if it is taken
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,
    /// The address to listen on: 127.0.0.1 or ::1, nothing else
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1")]
    listen: IpAddr,
    /// Where enrolled phones and the audit log are kept
    #[arg(long, value_name = "DIR", default_value = ".demo")]
    dir: PathBuf,
    /// Keep nothing: begin anew, and forget everything at the end
    #[arg(long, conflicts_with = "dir")]
    fresh: bool,
}

#[derive(Args)]
struct Check {
    /// A page that nobody may read without a login; can be given several times
    #[arg(long = "page", value_name = "PATH", value_parser = page)]
    pages: Vec<String>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

fn page(given: &str) -> Result<String, String> {
    let path = given.parse::<http::uri::PathAndQuery>();
    match path {
        Ok(_) if given.starts_with('/') => Ok(given.to_owned()),
        _ => Err("a path on the app's host, such as /patients?id=1".to_owned()),
    }
}

fn reason(given: &str) -> Result<String, String> {
    if given.trim().is_empty() {
        return Err("a few words are needed: an auditor will read them".to_owned());
    }
    Ok(given.trim().to_owned())
}

/// Who acts.
#[derive(Args, Clone)]
struct Acting {
    /// Your name for the audit log [default: who called sudo, or your user name]
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
}

#[derive(Args)]
struct EnrolCode {
    /// The name that the person signs in with
    name: String,
    /// How long the code works
    #[arg(long, value_name = "N", default_value_t = 24)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=enrol_code::MOST_HOURS))]
    hours: u64,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Subcommand)]
enum AdminAct {
    /// Serve the admin app on the store that the gateway uses, until told to stop
    #[command(after_help = words::ADMIN)]
    Serve,
}

#[derive(Subcommand)]
enum KeysAct {
    /// Print a new line for the key file
    New,
    /// Seal everything anew under the first key of the file, and say which older ones may go
    #[command(after_help = words::RESEAL)]
    Reseal,
}

/// Reads the command line, carries it out, and says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(said) => {
            // Help and version come this way too. With nobody to tell, the exit code must do.
            let _ = said.print();
            return ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(2));
        }
    };
    let done = carry_out(line, &Ambient::system());
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let words = failure.to_string();
            if !words.is_empty() {
                say::aside(format!("anteroom: {words}"));
            }
            ExitCode::from(failure.code())
        }
    }
}

fn carry_out(line: CommandLine, ambient: &Ambient) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(run(line, ambient));
    // Whatever still runs was told to stop and did not, and somebody said so twice.
    runtime.shutdown_background();
    done
}

async fn run(line: CommandLine, ambient: &Ambient) -> Result<(), Failure> {
    let config = line.config.or_else(|| ambient.config_file.clone());
    let config = || {
        config.as_deref().ok_or_else(|| {
            Failure::usage("which configuration? Name it with --config FILE or in ANTEROOM_CONFIG")
        })
    };
    match line.command {
        Command::Serve => serve::run(config()?, ambient).await,
        Command::Demo(demo) => demonstration::run(demo.into(), ambient).await,
        Command::Check(asked) => check::run(config()?, &asked.pages, asked.json, ambient).await,
        Command::EnrolCode(asked) => {
            let operator = open(config()?, asked.acting.operator, ambient).await?;
            enrol_code::run(&operator, &asked.name, &asked.scope, asked.hours).await
        }
        Command::Subscriber(act) => subscribers::carry_out(act, config()?, ambient).await,
        Command::Token(act) => tokens::carry_out(act, config()?, ambient).await,
        Command::Emergency(act) => emergencies::carry_out(act, config()?, ambient).await,
        Command::Operator(act) => operators::carry_out(act, config()?, ambient).await,
        Command::Admin(AdminAct::Serve) => admin_serve::run(config()?, ambient).await,
        Command::Mail(act) => mails::carry_out(act, config()?, ambient).await,
        Command::Audit(act) => audits::carry_out(act, config()?, ambient).await,
        Command::Keys(KeysAct::New) => new_key::run(&ambient.entropy),
        Command::Keys(KeysAct::Reseal) => reseal::run(&open(config()?, None, ambient).await?).await,
    }
}

/// Opens store and keys for a command that is over soon.
async fn open(
    config: &Path,
    operator: Option<String>,
    ambient: &Ambient,
) -> Result<Operator, Failure> {
    // Keys pass through this process too; where the system refuses, the command still works.
    let _ = harden::keep_memory_private();
    Operator::open(config, operator, ambient).await
}

impl From<Demo> for Wishes {
    fn from(demo: Demo) -> Self {
        Self {
            listen: demo.listen,
            port: demo.port,
            dir: demo.dir,
            fresh: demo.fresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed_and_every_option_is_explained() {
        let mut command = CommandLine::command();
        command.build();
        command.clone().debug_assert();
        let mut waiting: Vec<clap::Command> = vec![command];
        while let Some(command) = waiting.pop() {
            assert!(
                command.get_about().is_some(),
                "{} says nothing",
                command.get_name()
            );
            for argument in command.get_arguments() {
                let named = argument.get_help().is_some();
                assert!(named, "{} {}", command.get_name(), argument.get_id());
            }
            waiting.extend(command.get_subcommands().cloned());
        }
    }
}
