//! One request after the front check: which app it is for, who sent it, and the plain facts of it.
//!
//! Made once per request (`proxy`) and read by everything after. Holds nothing of the session.

use std::net::IpAddr;
use std::sync::Arc;

use anteroom_core::facts::{Method, RequestFacts, Site, Use};
use anteroom_core::language::Language;
use anteroom_core::reference::Reference;
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
    /// Names this request on pages, in the log and in the audit log.
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
