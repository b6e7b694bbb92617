//! The log: its format, its level, and a cap that no configuration lifts.
//!
//! Libraries under us print whole request heads, cookies and passwords included, at debug and
//! trace (attack G04). So below a warning only our own code may speak. Never writes to standard
//! output: that belongs to what a command was asked for.

use std::io::{self, IsTerminal};

use anteroom_config::settings::{LogFormat, LogLevel, LogSettings};
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Whether a line may be written at all, whatever the configuration says.
///
/// Only our own targets (`anteroom*`) may say less than a warning: pingora, h2, hyper, sqlx and
/// rustls are the known offenders, and a list of offenders is never complete.
#[must_use]
pub fn may_log(target: &str, level: Level) -> bool {
    level <= Level::WARN || target.starts_with("anteroom")
}

/// Makes a panic say where it happened, and what only if the words stand in the source: a formatted
/// message may hold whatever was being worked on.
pub fn keep_panics_short() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let words = panic.payload().downcast_ref::<&'static str>().copied();
        let words = words.unwrap_or("(formatted message left out)");
        tracing::error!(
            place,
            words,
            "a bug: a thread stopped where it never should"
        );
    }));
}

/// Starts logging to standard error, what comes through the `log` crate (pingora) included. Once
/// per process.
///
/// # Errors
/// When logging was started already.
pub fn start(settings: LogSettings) -> Result<(), TryInitError> {
    let wanted = level(settings.level);
    let filter =
        FilterFn::new(move |line| *line.level() <= wanted && may_log(line.target(), *line.level()))
            .with_max_level_hint(wanted);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match settings.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init()
}

fn level(wanted: LogLevel) -> LevelFilter {
    match wanted {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_capped_at_warnings_and_we_are_not() {
        for target in [
            "pingora_core::protocols::http::v1::server",
            "pingora_proxy",
            "h2::codec",
            "hyper_util::client",
            "sqlx::query",
            "rustls::client",
            "tokio_tungstenite",
            "axum::rejection",
            "log",
        ] {
            assert!(may_log(target, Level::WARN), "{target}");
            assert!(may_log(target, Level::ERROR), "{target}");
            assert!(!may_log(target, Level::INFO), "{target}");
            assert!(!may_log(target, Level::TRACE), "{target}");
        }
        for target in ["anteroom", "anteroom::serve", "anteroom_gateway::feed"] {
            assert!(may_log(target, Level::TRACE), "{target}");
        }
    }
}
