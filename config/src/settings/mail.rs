//! How people are told: the mail server, the webhook, and what is not told.
//!
//! Holds values only; secrets stay in their files until [`crate::secret_file`] reads them. Built in
//! `resolve`, like its neighbours in [`settings`](super). What a notice is stands in
//! `anteroom_core::notice`.

use std::path::PathBuf;
use std::time::Duration;

use anteroom_core::address::MailAddress;
use anteroom_core::notice::Notice;

/// The mail server, and what stands in our mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettings {
    /// Its name, which its certificate must have.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How TLS is spoken.
    pub tls: MailTls,
    /// Who we are there; `None`: nobody is asked.
    pub login: Option<MailLogin>,
    /// The authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Who writes.
    pub from: MailAddress,
    /// The name beside it; `None` means the app's.
    pub from_name: Option<String>,
    /// Where answers go; `None` means back to `from`.
    pub reply_to: Option<MailAddress>,
    /// How long one message may take, from connecting to its being taken.
    pub timeout: Duration,
    /// How long a changed address waits before codes go there (attack D20).
    pub address_hold: Duration,
}

/// Name and password for the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLogin {
    /// The name.
    pub user: String,
    /// The file with the password, mode 0600.
    pub password_file: SecretPath,
}

/// A file that holds one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretPath {
    /// Where it is.
    pub path: PathBuf,
    /// Whether systemd hands it over.
    pub is_credential: bool,
}

/// How TLS is spoken to the mail server. Certificates are always verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Begins in the clear and turns to TLS, or ends: there is no way back (RFC 3207).
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// None: to a server on this machine only.
    None,
}

/// What is told, beside mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticeSettings {
    /// What is not told, by no way.
    pub off: Vec<Notice>,
    /// Which operators are told by mail as well, and of what.
    pub operators: Vec<(Notice, MailAddress)>,
    /// Where else it is told.
    pub webhook: Option<WebhookSettings>,
}

/// A program of the operator's own that wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    /// `https`; `http` on this machine only.
    pub https: bool,
    /// A name or an address; IPv6 addresses without brackets.
    pub host: String,
    /// The port, always filled in.
    pub port: u16,
    /// Path and query.
    pub path: String,
    /// The file with the secret that signs, mode 0600.
    pub secret_file: SecretPath,
    /// The authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// How long one request may take.
    pub timeout: Duration,
}
