//! How a command ends badly, and with which exit code.
//!
//! Holds words and a number, never a backtrace: 1 means that it was tried and failed, 2 that what
//! was asked for, or the configuration, is not right.

use std::fmt;
use std::io;

use anteroom_config::ConfigError;
use anteroom_store::StoreError;

use crate::compose::ComposeError;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for cannot be meant, or the configuration is wrong.
    Usage(String),
    /// It was tried.
    Failed(String),
    /// It was tried, failed, and said so already.
    Told,
    /// The configuration is wrong, and that was said already.
    UsageTold,
    /// Nobody reads the answer.
    Unheard,
}

impl Failure {
    /// The exit code.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::UsageTold => 2,
            Self::Failed(_) | Self::Told => 1,
            Self::Unheard => 0,
        }
    }

    /// A failure of something that was tried.
    #[must_use]
    pub fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// A command that cannot be meant.
    #[must_use]
    pub fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Failed(text) => f.write_str(text),
            Self::Told | Self::UsageTold | Self::Unheard => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

impl From<ConfigError> for Failure {
    fn from(problem: ConfigError) -> Self {
        Self::Usage(problem.to_string())
    }
}

impl From<ComposeError> for Failure {
    fn from(problem: ComposeError) -> Self {
        Self::Failed(problem.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(problem: StoreError) -> Self {
        Self::Failed(format!("store: {problem}"))
    }
}

impl From<io::Error> for Failure {
    fn from(problem: io::Error) -> Self {
        Self::Failed(problem.to_string())
    }
}
