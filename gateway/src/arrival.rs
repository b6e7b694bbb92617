//! One request after the front check: which app it is for, who sent it, and the plain facts of it.
//!
//! Made once per request (`proxy`) and read by everything after. Holds nothing of the session.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use anteroom_core::facts::{Method, RequestFacts, Site, Use};
use anteroom_core::language::Language;
use http::HeaderValue;

use crate::app::App;
use crate::asked::Asked;
use crate::net::connection::{Connection, address_field};

/// A request that has been let in and not yet decided.
pub struct Arrival {
    /// The app its host belongs to.
    pub app: Arc<App>,
    /// The connection it came on.
    pub connection: Arc<Connection>,
    /// The client's address, trusted proxies taken into account.
    pub client: IpAddr,
    /// The host as the browser wrote it, port included.
    pub host: String,
    /// The browser reached us over TLS.
    pub secure: bool,
    /// The method.
    pub method: Method,
    /// The canonical path.
    pub path: String,
    /// The query, without `?`.
    pub query: String,
    /// How the answer will be used.
    pub usage: Use,
    /// Where the request came from.
    pub site: Site,
    /// The language it asks for.
    pub asked: Asked,
    /// Names this request on pages and in the log.
    pub reference: Reference,
}

impl Arrival {
    /// The facts that decisions take.
    #[must_use]
    pub fn facts(&self) -> RequestFacts<'_> {
        RequestFacts {
            method: self.method,
            path: &self.path,
            query: &self.query,
            usage: self.usage,
            site: self.site,
        }
    }

    /// The language of a page that answers it.
    #[must_use]
    pub fn language(&self) -> Language {
        self.asked.language(self.app.settings.language)
    }

    /// The client's address, as a field's value. Made once per connection, unless a proxy in front
    /// of us brings many clients on one.
    #[must_use]
    pub fn client_field(&self) -> HeaderValue {
        if self.client == self.connection.peer_ip() {
            return self.connection.peer_field.clone();
        }
        address_field(self.client)
    }

    /// Path and query, as they go upstream.
    #[must_use]
    pub fn target(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

/// A short name for one request: eight letters and digits that stand on the page and in the log.
///
/// Not a secret and not unique for ever; long enough for a helpdesk to find one line of a day's
/// log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reference(pub u64);

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Crockford's alphabet: nothing in it is misread over a telephone.
        const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        // An odd multiplier spreads consecutive numbers, so that neighbours do not look alike.
        let mixed = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for place in 0..8 {
            let index = usize::try_from(mixed >> (24 + 5 * place) & 31).unwrap_or(0);
            f.write_str(std::str::from_utf8(&LETTERS[index..=index]).unwrap_or("0"))?;
        }
        Ok(())
    }
}
