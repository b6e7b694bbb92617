//! A visit to one of our pages: everything a handler needs, in one extractor.
//!
//! Handlers take a visit, call the sign-in, show a page. Never decides anything.

use std::sync::Arc;

use anteroom_core::form::Form;
use anteroom_core::ids::SessionId;
use anteroom_core::reference::Reference;
use anteroom_core::time::Timestamp;
use anteroom_store::Attempt;
use axum::extract::FromRequestParts;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use subtle::ConstantTimeEq;

use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::gateway::{Gateway, Visitor};
use crate::pages::{Notice, Page, Why};
use crate::reply::Reply;

/// One request for one of our pages.
#[derive(Clone)]
pub(crate) struct Visit {
    /// The gateway.
    pub gateway: Arc<Gateway>,
    /// The request.
    pub arrival: Arc<Arrival>,
    /// Its fields.
    pub headers: HeaderMap,
    /// Now.
    pub now: Timestamp,
    body: Bytes,
}

/// A posted form of ours.
pub(crate) struct Posted {
    /// The nonce, if it is one.
    pub nonce: Option<[u8; 16]>,
    /// The code as typed; empty when there was none.
    pub code: String,
    /// The first code of a new authenticator, as typed.
    pub first: String,
    /// The name for an authenticator, as typed.
    pub label: String,
    /// The box "do not ask again on this computer" was ticked.
    pub remember: bool,
    /// The second of two codes in a row; empty when there was none.
    pub second: String,
    /// A passkey's answer, as our script wrote it; empty when there was none.
    pub answer: String,
    /// A new passkey, beside the answer of another one; empty when there was none.
    pub made: String,
    /// The button for a passkey was pressed, and not the one for a code.
    pub by_passkey: bool,
}

impl Visit {
    pub(crate) fn new(
        gateway: Arc<Gateway>,
        arrival: Arc<Arrival>,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        let now = gateway.now();
        Self {
            gateway,
            arrival,
            headers,
            now,
            body,
        }
    }

    /// Who this is.
    pub(crate) async fn visitor(&self) -> Result<Visitor<'_>, Failure> {
        self.gateway
            .visitor(&self.arrival, &self.headers, self.now)
            .await
    }

    /// The posted form. Unknown fields are ignored; a known one that stands twice is refused
    /// (attacks D08, D18).
    pub(crate) fn posted(&self) -> Result<Posted, Failure> {
        let form = self.form()?;
        let nonce = form.field("nonce")?.and_then(|text| {
            HEXLOWER
                .decode(text.as_bytes())
                .ok()
                .and_then(|bytes| bytes.try_into().ok())
        });
        Ok(Posted {
            nonce,
            code: form.field("code")?.unwrap_or_default().to_owned(),
            first: form.field("first")?.unwrap_or_default().to_owned(),
            label: form.field("label")?.unwrap_or_default().to_owned(),
            remember: form.field("remember")?.is_some(),
            second: form.field("second")?.unwrap_or_default().to_owned(),
            answer: form.field("answer")?.unwrap_or_default().to_owned(),
            made: form.field("made")?.unwrap_or_default().to_owned(),
            by_passkey: form.field("by")? == Some("passkey"),
        })
    }

    /// The fields of a posted form.
    pub(crate) fn form(&self) -> Result<Fields<'_>, Failure> {
        match Form::parse(&self.body, 20) {
            Ok(form) => Ok(Fields(form)),
            Err(_) => Err(Self::changed_form()),
        }
    }

    /// What is said of a form that is not as we wrote it.
    pub(crate) fn changed_form() -> Failure {
        Failure::refused(Notice::BadRequest {
            why: Why::FormChanged,
        })
    }

    /// A MAC of the whole form as it came, by which the same one is known again. It holds a code,
    /// so nothing else is made of it.
    pub(crate) fn form_mac(&self, id: &SessionId) -> [u8; 32] {
        let path = self.arrival.path.as_bytes();
        let parts: [&[u8]; 3] = [id.expose(), path, &self.body];
        self.gateway.keys.mac("own form", &parts)
    }

    /// Shows a page.
    pub(crate) fn show(&self, page: &Page<'_>) -> Reply {
        self.show_as(StatusCode::OK, page)
    }

    /// Shows a page with a status.
    pub(crate) fn show_as(&self, status: StatusCode, page: &Page<'_>) -> Reply {
        self.show_under(self.arrival.reference, status, page)
    }

    /// Shows a page on which nothing has happened yet: its reference is that of the request by
    /// which the sign-in was held, because that one stands in the audit log.
    pub(crate) fn show_held(
        &self,
        status: StatusCode,
        attempt: &Attempt,
        page: &Page<'_>,
    ) -> Reply {
        // After a refused code this request is what the audit log tells of.
        let held = attempt.reference.filter(|_| status == StatusCode::OK);
        let reference = held.unwrap_or(self.arrival.reference);
        self.show_under(reference, status, page)
    }

    fn show_under(&self, reference: Reference, status: StatusCode, page: &Page<'_>) -> Reply {
        let chrome = self.gateway.chrome(&self.arrival, reference.as_str());
        Reply::page(status, page, &chrome)
    }
}

/// The fields of a form of ours.
pub(crate) struct Fields<'v>(Form<'v>);

impl Fields<'_> {
    /// The value of a field, if it is there; one that stands twice is refused.
    pub(crate) fn field(&self, name: &str) -> Result<Option<&str>, Failure> {
        self.0.the_one(name).map_err(|_| Visit::changed_form())
    }
}

impl Posted {
    /// Whether the form belongs to this nonce (attacks B17, D17).
    pub(crate) fn belongs_to(&self, nonce: &[u8; 16]) -> Result<(), Failure> {
        let same = self
            .nonce
            .is_some_and(|given| bool::from(given.ct_eq(nonce)));
        if same {
            Ok(())
        } else {
            Err(Failure::refused(Notice::CrossSite))
        }
    }
}

/// A nonce as it stands in a form.
pub(crate) fn nonce_text(nonce: &[u8; 16]) -> String {
    HEXLOWER.encode(nonce)
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        // `serve` put it there; without it the router was called by somebody else.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
