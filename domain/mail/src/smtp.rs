//! How a mail leaves: one connection, TLS that cannot be talked out of, one message.
//!
//! The password is read when a connection is prepared, so that a mended file works without a
//! restart. Never retries: [`sender`](crate::sender) does, by the store's queue.

use std::time::{Duration, UNIX_EPOCH};

use anteroom_config::secret_file;
use anteroom_config::settings::{MailSettings, MailTls};
use anteroom_core::address::MailAddress;
use anteroom_core::time::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::letter::Letter;
use crate::trouble::Trouble;

/// The way to the mail server.
#[derive(Clone)]
pub struct Post {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    settings: MailSettings,
}

/// What a mail carries beside its words.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// To whom.
    pub to: &'a MailAddress,
    /// The same for every try, so that a mail that came twice can be told.
    pub id: &'a str,
    /// When it was written.
    pub at: Timestamp,
}

impl Post {
    /// Prepares a way; connects to nothing yet.
    ///
    /// # Errors
    /// [`Trouble::File`] when the password or the authority cannot be used.
    pub fn prepare(settings: &MailSettings) -> Result<Self, Trouble> {
        let server = settings.server.trim_matches(['[', ']']).to_owned();
        let tls = match settings.tls {
            MailTls::StartTls => Tls::Required(tls_of(settings, &server)?),
            MailTls::Implicit => Tls::Wrapper(tls_of(settings, &server)?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server)
            .port(settings.port)
            .timeout(Some(settings.timeout))
            .tls(tls);
        if let Some(login) = &settings.login {
            let password = secret_file::read(&login.password_file).map_err(|_| Trouble::File)?;
            let known = Credentials::new(login.user.clone(), password.as_str().to_owned());
            builder = builder.credentials(known);
        }
        Ok(Self {
            transport: builder.build(),
            settings: settings.clone(),
        })
    }

    /// Sends one mail. `Ok` means that the server has taken it.
    ///
    /// # Errors
    /// Why it did not. A refused message is told apart from a server that takes none at all by
    /// knocking once more.
    pub async fn send(&self, letter: &Letter, envelope: &Envelope<'_>) -> Result<(), Trouble> {
        let message = self.message(letter, envelope).ok_or(Trouble::Unwritten)?;
        let sent = self.in_time(self.transport.send(message)).await;
        let Err(trouble) = sent else { return Ok(()) };
        if trouble.is_of_channel() {
            return Err(trouble);
        }
        match self.knock().await {
            Err(worse) if worse.is_of_channel() => Err(worse),
            _ => Err(trouble),
        }
    }

    /// Connects, turns to TLS, logs in and leaves again.
    ///
    /// # Errors
    /// Why that did not work.
    pub async fn knock(&self) -> Result<(), Trouble> {
        let knocked = self.in_time(self.transport.test_connection()).await?;
        if knocked {
            Ok(())
        } else {
            Err(Trouble::CutOff)
        }
    }

    /// The whole exchange has one deadline: lettre's own is for each command, and a server that
    /// answers one line a minute would hold the queue for ever.
    async fn in_time<T>(
        &self,
        exchange: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Trouble> {
        match tokio::time::timeout(self.settings.timeout, exchange).await {
            Ok(done) => done.map_err(|error| Trouble::of_smtp(&error)),
            Err(_) => Err(Trouble::Timeout),
        }
    }

    fn message(&self, letter: &Letter, envelope: &Envelope<'_>) -> Option<Message> {
        let mailbox = |name: Option<String>, address: &MailAddress| {
            // A second reading, by the library that writes the headers (attack D10).
            let address = address.expose().parse().ok()?;
            Some(Mailbox::new(name, address))
        };
        let from = mailbox(Some(letter.sender.clone()), &self.settings.from)?;
        let domain = self.settings.from.expose().rsplit('@').next()?;
        let at = u64::try_from(envelope.at.as_millis()).ok()?;
        let mut builder = Message::builder()
            .from(from)
            .to(mailbox(None, envelope.to)?)
            .subject(letter.subject.clone())
            .date(UNIX_EPOCH.checked_add(Duration::from_millis(at))?)
            .message_id(Some(format!("<{}@{domain}>", envelope.id)))
            // RFC 3834: nobody's "out of office" answers it.
            .raw_header(header("Auto-Submitted", "auto-generated")?)
            .raw_header(header("X-Auto-Response-Suppress", "All")?)
            .raw_header(header("Content-Language", letter.language.tag())?);
        if let Some(reply_to) = &self.settings.reply_to {
            builder = builder.reply_to(mailbox(None, reply_to)?);
        }
        let (text, html) = (letter.text.clone(), letter.html.clone());
        builder
            .multipart(MultiPart::alternative_plain_html(text, html))
            .ok()
    }
}

fn header(name: &'static str, value: &str) -> Option<HeaderValue> {
    let name = HeaderName::new_from_ascii(name.to_owned()).ok()?;
    Some(HeaderValue::new(name, value.to_owned()))
}

fn tls_of(settings: &MailSettings, server: &str) -> Result<TlsParameters, Trouble> {
    let mut builder = TlsParameters::builder(server.to_owned());
    if let Some(file) = &settings.ca_file {
        let pem = std::fs::read(file).map_err(|_| Trouble::File)?;
        let authority = Certificate::from_pem(&pem).map_err(|_| Trouble::File)?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authority);
    }
    builder.build_rustls().map_err(|_| Trouble::File)
}
