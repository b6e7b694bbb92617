//! What we were told: one TOML file becomes checked [`Settings`], or a list of every mistake in it.
//!
//! This crate never listens, connects or stores. It is the one door to clock, entropy,
//! environment and secret files ([`ambient`]); it reads key files ([`keys`]), makers'
//! files of hardware tokens ([`token_file`]), and looks at certificates ([`inspect`]).
//!
//! Read in this order: [`settings`] (what comes out), `anteroom.example.toml` (what goes in),
//! `resolve` (how one becomes the other), [`problem`] (what is said when it does not),
//! [`presets`].

pub mod ambient;
pub mod certificates;
pub mod inspect;
pub mod keys;
pub mod list;
pub mod logo;
pub mod presets;
pub mod problem;
mod raw;
mod resolve;
pub mod secret_file;
pub mod settings;
pub mod token_file;

use std::path::Path;

use ambient::Ambient;
pub use problem::{ConfigError, ConfigProblem};
use raw::report::Report;
use resolve::Surroundings;
pub use settings::Settings;

/// The example file, complete and commented: every key that exists stands in it.
pub const EXAMPLE: &str = include_str!("../anteroom.example.toml");

/// Reads and checks the configuration file. Relative paths start from its folder.
///
/// # Errors
/// Names every problem of the file, with lines.
pub fn load(path: &Path, ambient: &Ambient) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let found = format!("a file that cannot be read ({error})");
        let problem = ConfigProblem {
            path: String::new(),
            line: None,
            found,
            allowed: "a readable text file".to_owned(),
            hint: Some("name it on the command line or in ANTEROOM_CONFIG".to_owned()),
        };
        ConfigError {
            file: path.to_owned(),
            problems: vec![problem],
        }
    })?;
    let around = Surroundings {
        base_dir: path.parent().unwrap_or_else(|| Path::new("")),
        credentials: ambient.credentials.as_deref(),
        now: Some(ambient.clock.now()),
    };
    parse_within(&text, path, &around)
}

/// Checks a configuration from memory; `base_dir` is where relative paths start. There are no
/// systemd credentials, and nothing is held against the clock.
///
/// # Errors
/// Names every problem of the text, with lines.
pub fn parse(text: &str, base_dir: &Path) -> Result<Settings, ConfigError> {
    let around = Surroundings {
        base_dir,
        credentials: None,
        now: None,
    };
    parse_within(text, Path::new("configuration"), &around)
}

fn parse_within(
    text: &str,
    file: &Path,
    around: &Surroundings<'_>,
) -> Result<Settings, ConfigError> {
    let refuse = |problems| ConfigError {
        file: file.to_owned(),
        problems,
    };
    let root = raw::node::parse(text).map_err(|error| refuse(vec![syntax(&error)]))?;
    let report = Report::default();
    let mut settings = resolve::resolve(&root, around, &report);
    let (problems, warnings) = report.into_parts();
    if !problems.is_empty() {
        return Err(refuse(problems));
    }
    settings.warnings = warnings;
    Ok(settings)
}

/// A syntax error: the toml crate's own words show line, column and the place itself.
fn syntax(error: &toml::de::Error) -> ConfigProblem {
    let shown = error.to_string().trim_end().replace('\n', "\n     ");
    ConfigProblem {
        path: String::new(),
        line: None,
        found: "text that is not TOML".to_owned(),
        allowed: "TOML (https://toml.io)".to_owned(),
        hint: Some(format!("\n     {shown}")),
    }
}

#[cfg(test)]
mod tests;
