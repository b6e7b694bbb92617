//! What the edge saw of one request, as plain values; the input of
//! [`decide`](crate::decide::decide).
//!
//! Holds no HTTP types and makes no decision. The edge fills it in from headers it has already
//! checked (`anteroom-gateway`, `facts`).

/// The request method, folded to what decisions need.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT, PATCH, DELETE, OPTIONS or another method the app's profile lists.
    Other,
}

impl Method {
    /// RFC 9110 section 9.2.1: a method by which a client asks for nothing but a representation.
    #[must_use]
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// How the client will use the answer; decides whether it gets a page, a redirect or a problem
/// document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Use {
    /// A top-level page load.
    Document,
    /// A page load inside a frame.
    Frame,
    /// Anything a script, style sheet, image or program asked for.
    Data,
    /// A WebSocket handshake.
    WebSocket,
}

/// Which site caused the request (W3C Fetch Metadata, else Origin, else Referer; `DESIGN-CASES` 12
/// and 23).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Site {
    /// The app's own origin.
    SameOrigin,
    /// Typed, bookmarked, or a link from nowhere: `Sec-Fetch-Site: none`.
    User,
    /// Another origin, or one that does not say.
    Foreign,
    /// No field tells: an old browser or a program.
    Unknown,
}

/// What the edge observed of one request, after the front check and with the path already
/// canonical.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'r> {
    /// The method.
    pub method: Method,
    /// The canonical path ([`crate::path::canonical`]), without query.
    pub path: &'r str,
    /// The query without `?`, as sent.
    pub query: &'r str,
    /// How the answer will be used.
    pub usage: Use,
    /// Where the request came from.
    pub site: Site,
}
