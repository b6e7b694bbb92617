//! The files by which people are told: the mail password, the webhook's secret, own authorities.
//!
//! Opens what the settings name and says what is wrong with it; shows nothing of what is inside.
//! Whether the server answers is tried by `anteroom mail test`.

use std::fs;
use std::path::Path;

use super::{Finding, Level};
use crate::secret_file;
use crate::settings::{SecretPath, Settings};

/// Looks at each of them.
pub(super) fn files(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mail = settings.mail.as_ref();
    let webhook = settings.notices.webhook.as_ref();
    if let Some(login) = mail.and_then(|mail| mail.login.as_ref()) {
        findings.push(secret("mail password", &login.password_file));
    }
    if let Some(webhook) = webhook {
        findings.push(secret("webhook secret", &webhook.secret_file));
    }
    let of_mail = mail.and_then(|mail| mail.ca_file.as_deref());
    let of_webhook = webhook.and_then(|webhook| webhook.ca_file.as_deref());
    for (subject, file) in [
        ("mail authority", of_mail),
        ("webhook authority", of_webhook),
    ] {
        findings.extend(file.map(|file| authority(subject, file)));
    }
    findings
}

fn secret(subject: &str, file: &SecretPath) -> Finding {
    match secret_file::read(file) {
        Ok(_) => Finding::new(Level::Ok, subject, file.path.display().to_string()),
        Err(problem) => Finding::new(Level::Fail, subject, problem.to_string()),
    }
}

fn authority(subject: &str, file: &Path) -> Finding {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            let text = format!("{}: {error}", file.display());
            return Finding::new(Level::Fail, subject, text);
        }
    };
    if text.contains("-----BEGIN CERTIFICATE-----") {
        Finding::new(Level::Ok, subject, file.display().to_string())
    } else {
        let text = format!("{} holds no PEM certificate", file.display());
        Finding::new(Level::Fail, subject, text)
            .hint("it begins with -----BEGIN CERTIFICATE-----; a key does not belong there")
    }
}
