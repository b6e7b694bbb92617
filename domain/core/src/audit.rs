//! Every fact worth recording, as a value; and the bytes by which the audit log is chained.
//!
//! There is no field for a code, cookie, seed, password or query, and there must never be one
//! (DESIGN section 7). Never writes anything: the store appends events in the transaction of the
//! change they tell of. What may happen is listed in `kind`.

mod kind;

use std::net::IpAddr;

use crate::ids::{AppName, SessionHash, SubscriberId};
use crate::reference::Reference;
use crate::time::Timestamp;

pub use kind::AuditKind;

/// The longest free text that an event keeps, in characters.
pub const MAX_TEXT_CHARS: usize = 200;

/// One fact. Build it with [`AuditEvent::new`] and the methods named after its fields, which clean
/// free text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEvent {
    /// What happened.
    pub kind: AuditKind,
    /// To whom.
    pub subscriber: Option<SubscriberId>,
    /// At which app.
    pub app: Option<AppName>,
    /// In which session, by hash.
    pub session: Option<SessionHash>,
    /// From which address.
    pub client: Option<IpAddr>,
    /// By which operator.
    pub operator: Option<String>,
    /// Why, in words; never anything a browser sent but a name.
    pub reason: Option<String>,
    /// In answer to which request; the store fills it in.
    pub reference: Option<Reference>,
}

impl AuditEvent {
    /// An event of which nothing but the kind is known yet.
    #[must_use]
    pub const fn new(kind: AuditKind) -> Self {
        Self {
            kind,
            subscriber: None,
            app: None,
            session: None,
            client: None,
            operator: None,
            reason: None,
            reference: None,
        }
    }

    /// Names the subscriber.
    #[must_use]
    pub const fn subscriber(mut self, subscriber: SubscriberId) -> Self {
        self.subscriber = Some(subscriber);
        self
    }

    /// Names the app.
    #[must_use]
    pub fn app(mut self, app: &AppName) -> Self {
        self.app = Some(app.clone());
        self
    }

    /// Names the session.
    #[must_use]
    pub const fn session(mut self, session: SessionHash) -> Self {
        self.session = Some(session);
        self
    }

    /// Names the client's address.
    #[must_use]
    pub const fn client(mut self, client: IpAddr) -> Self {
        self.client = Some(client);
        self
    }

    /// Names the operator.
    #[must_use]
    pub fn operator(mut self, operator: &str) -> Self {
        self.operator = Some(clean_text(operator));
        self
    }

    /// Gives the reason.
    #[must_use]
    pub fn reason(mut self, reason: &str) -> Self {
        self.reason = Some(clean_text(reason));
        self
    }

    /// The bytes that are hashed into the chain: a version, then every field with a mark for
    /// absence and its length, so that no two different events share their bytes. The reference
    /// came with the second version; an event without one keeps the first, and its old hash.
    #[must_use]
    pub fn canonical_bytes(&self, seq: i64, at: Timestamp) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        out.extend_from_slice(match self.reference {
            None => b"anteroom-audit-1",
            Some(_) => b"anteroom-audit-2",
        });
        out.extend_from_slice(&seq.to_be_bytes());
        out.extend_from_slice(&at.as_millis().to_be_bytes());
        put(&mut out, Some(self.kind.name().as_bytes()));
        put(
            &mut out,
            self.subscriber
                .map(|id| id.0.to_be_bytes())
                .as_ref()
                .map(|id| &id[..]),
        );
        put(
            &mut out,
            self.app.as_ref().map(|app| app.as_str().as_bytes()),
        );
        put(&mut out, self.session.as_ref().map(|hash| &hash.0[..]));
        put(
            &mut out,
            self.client
                .map(|client| client.to_string())
                .as_deref()
                .map(str::as_bytes),
        );
        put(
            &mut out,
            self.operator
                .as_deref()
                .map(clean_text)
                .as_deref()
                .map(str::as_bytes),
        );
        put(
            &mut out,
            self.reason
                .as_deref()
                .map(clean_text)
                .as_deref()
                .map(str::as_bytes),
        );
        if let Some(reference) = &self.reference {
            put(&mut out, Some(reference.as_str().as_bytes()));
        }
        out
    }
}

fn put(out: &mut Vec<u8>, field: Option<&[u8]>) {
    match field {
        None => out.push(0),
        Some(bytes) => {
            out.push(1);
            out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            out.extend_from_slice(bytes);
        }
    }
}

/// Makes free text safe to keep and show on one line (attack E08): what controls a terminal, breaks
/// a line or turns the reading direction becomes U+FFFD, and text over [`MAX_TEXT_CHARS`] is cut.
/// Cleaning twice changes nothing.
#[must_use]
pub fn clean_text(text: &str) -> String {
    text.chars()
        .map(|c| if is_steering(c) { '\u{FFFD}' } else { c })
        .take(MAX_TEXT_CHARS)
        .collect()
}

/// Whether a character controls a terminal, breaks a line or turns the reading direction.
#[must_use]
pub fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests;
