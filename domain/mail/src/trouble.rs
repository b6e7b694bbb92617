//! Why something did not leave, in words that name nobody and say how to mend it.
//!
//! What a server answers may hold the address it was asked about, so its own words go nowhere but
//! to the operator who asks by `anteroom mail test`. Decides nothing about the next try.

use std::error::Error;
use std::fmt;
use std::io;

/// Why a message did not leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// No answer in time.
    Timeout,
    /// Nobody listens there, or the name leads nowhere.
    Unreachable,
    /// The certificate is not trusted, has expired, or is for another name.
    Certificate,
    /// TLS fails otherwise.
    Tls,
    /// STARTTLS is not offered: somebody on the way, or a server that has none.
    NoStartTls,
    /// Name or password are not taken, or a way to give them is not offered.
    Login(Option<u16>),
    /// The server asks to come back later.
    Later(u16),
    /// The server takes the connection and refuses the message.
    Refused(u16),
    /// The password or secret file, or an authority, cannot be used.
    File,
    /// The connection ended in the middle.
    CutOff,
    /// The message could not be written.
    Unwritten,
}

impl Trouble {
    /// What to do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Timeout => {
                "look whether the server is busy, or a firewall swallows the connection; \
                 timeout can be raised"
            }
            Self::Unreachable => "look at server and port, and whether a firewall is in between",
            Self::Certificate => {
                "server must be the name in its certificate; for a private authority name its \
                 certificate in ca_file"
            }
            Self::Tls => "port 587 wants tls = \"starttls\", port 465 tls = \"implicit\"",
            Self::NoStartTls => {
                "nothing is sent in the clear; switch STARTTLS on at the server, or use \
                 tls = \"implicit\" with port 465"
            }
            Self::Login(_) => {
                "look at user and password_file, and whether the server lets this account send"
            }
            Self::Later(_) => "nothing to do at first: it is tried again by itself",
            Self::Refused(_) => {
                "look whether the server lets us write as `from`, and whether the address exists; \
                 its log says more"
            }
            Self::File => "`anteroom check` says which file, and what is wrong with it",
            Self::CutOff => "the server ended the connection; its log says why",
            Self::Unwritten => "report this with the version of Anteroom",
        }
    }

    /// Whether the channel is to blame whatever the message was.
    #[must_use]
    pub const fn is_of_channel(self) -> bool {
        !matches!(self, Self::Later(_) | Self::Refused(_) | Self::Unwritten)
    }

    /// Reads what lettre says.
    #[must_use]
    pub fn of_smtp(error: &lettre::transport::smtp::Error) -> Self {
        if let Some(code) = error.status() {
            let code: u16 = code.into();
            return match code {
                530 | 534 | 535 | 538 => Self::Login(Some(code)),
                400..=499 => Self::Later(code),
                _ => Self::Refused(code),
            };
        }
        // The crate has no kinds for these two; its words are pinned by tests.
        let said = error.to_string();
        if said.contains("STARTTLS") {
            Self::NoStartTls
        } else if said.contains("authentication mechanism") {
            Self::Login(None)
        } else if error.is_timeout() || said.contains("timed out") {
            Self::Timeout
        } else {
            Self::of_chain(error)
        }
    }

    /// Reads a chain of errors of the network or of TLS.
    #[must_use]
    pub fn of_chain(error: &(dyn Error + 'static)) -> Self {
        let mut next: Option<&(dyn Error + 'static)> = Some(error);
        let mut told = Self::CutOff;
        while let Some(error) = next {
            if let Some(tls) = error.downcast_ref::<rustls::Error>() {
                return match tls {
                    rustls::Error::InvalidCertificate(_) => Self::Certificate,
                    _ => Self::Tls,
                };
            }
            if let Some(problem) = error.downcast_ref::<io::Error>() {
                told = match problem.kind() {
                    io::ErrorKind::TimedOut => Self::Timeout,
                    io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::BrokenPipe => Self::CutOff,
                    _ => Self::Unreachable,
                };
                if let Some(inner) = problem.get_ref() {
                    next = Some(inner);
                    continue;
                }
            }
            next = error.source();
        }
        told
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("the server does not answer in time"),
            Self::Unreachable => f.write_str("the server cannot be reached"),
            Self::Certificate => f.write_str(
                "the server's certificate is not trusted, has expired, or is for another name",
            ),
            Self::Tls => f.write_str("TLS with the server fails"),
            Self::NoStartTls => f.write_str("the server does not offer STARTTLS"),
            Self::Login(Some(code)) => write!(f, "the server refuses our login ({code})"),
            Self::Login(None) => f.write_str("the server takes no login that we can give"),
            Self::Later(code) => write!(f, "the server asks to come back later ({code})"),
            Self::Refused(code) => write!(f, "the server refuses the message ({code})"),
            Self::File => f.write_str("a file that the settings name cannot be used"),
            Self::CutOff => f.write_str("the server ended the connection"),
            Self::Unwritten => f.write_str("the message could not be written"),
        }
    }
}
