//! The front check: a list of refusals before anything is routed (DESIGN 5.4).
//!
//! Not a second parser: pingora has parsed the request already. These are the shapes that two
//! servers might read differently, or that no honest browser sends. `head` walks an HTTP/1 head's
//! raw bytes, `fields` looks at the fields of either version. Nothing here knows apps or sessions;
//! what is refused here costs nothing and reaches nobody.

pub mod fields;
pub mod head;
pub mod host;

/// Why a request was refused before routing. The name is for metrics and logs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum FrontRefusal {
    /// A line ends in something other than CRLF, or holds control characters.
    Lines,
    /// The request line is not `METHOD SP target SP HTTP/1.x`.
    RequestLine,
    /// A version other than HTTP/1.0, HTTP/1.1 or HTTP/2.
    Version,
    /// A method that no app may see.
    Method,
    /// A target that is neither a path nor an absolute URI of this host.
    Target,
    /// A target longer than we take.
    TargetTooLong,
    /// A field name with characters that servers fold, or a folded line.
    FieldName,
    /// Too many fields, or a head that is too large.
    HeadTooLarge,
    /// The same, and most of it is cookies.
    CookiesTooLarge,
    /// No host, two hosts, or one that is not a plain name.
    Host,
    /// The authority and the host field differ.
    Misdirected,
    /// `Content-Length` that is not one plain number, or a body where none belongs.
    ContentLength,
    /// `Transfer-Encoding` that is not exactly `chunked`, or next to a length.
    TransferEncoding,
    /// `Connection` names a field that must not be dropped.
    Connection,
    /// An upgrade to anything but a WebSocket, or a malformed handshake.
    Upgrade,
    /// `Expect` other than `100-continue`.
    Expect,
    /// A field that must not be repeated is.
    Repeated,
    /// Our cookie is there twice.
    OurCookieTwice,
}

impl FrontRefusal {
    /// The status to answer with.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Method => 405,
            Self::TargetTooLong => 414,
            Self::HeadTooLarge | Self::CookiesTooLarge => 431,
            Self::Misdirected => 421,
            Self::Expect => 417,
            Self::Version => 505,
            _ => 400,
        }
    }

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::RequestLine => "request_line",
            Self::Version => "version",
            Self::Method => "method",
            Self::Target => "target",
            Self::TargetTooLong => "target_too_long",
            Self::FieldName => "field_name",
            Self::HeadTooLarge => "head_too_large",
            Self::CookiesTooLarge => "cookies_too_large",
            Self::Host => "host",
            Self::Misdirected => "misdirected",
            Self::ContentLength => "content_length",
            Self::TransferEncoding => "transfer_encoding",
            Self::Connection => "connection",
            Self::Upgrade => "upgrade",
            Self::Expect => "expect",
            Self::Repeated => "repeated",
            Self::OurCookieTwice => "our_cookie_twice",
        }
    }
}

/// Whether a control character other than a tab is among these bytes. Looks at all of them: without
/// an early end, the compiler takes many at a time.
fn has_controls(bytes: &[u8]) -> bool {
    let control = |byte: u8| (byte < 0x20) & (byte != b'\t') | (byte == 0x7f);
    bytes
        .iter()
        .fold(false, |found, &byte| found | control(byte))
}

/// The longest target we take; EMRs put long lists into queries.
pub const LONGEST_TARGET: usize = 16 * 1024;
/// The longest single field, `Cookie` included.
pub const LONGEST_FIELD: usize = 32 * 1024;
