//! A login page that answers with something else: it may have logged its visitor in by what stood
//! in its address, a link from a mail or a callback.
//!
//! Nobody can say whose such a session is, so its answer is never shown (attacks A29, B20). Where
//! it is recognised: `watch`.

use anteroom_core::time::Timestamp;
use anteroom_store::{Taint, TypedIdentity};

use super::jars;
use crate::arrival::Arrival;
use crate::cookies::token::{self, Signed};
use crate::fail::{self, Failure};
use crate::gateway::Gateway;
use crate::pages::{Notice, Why};
use crate::reply::Reply;

/// Drops such an answer, and taints the session it was fetched for.
///
/// # Errors
/// When the store fails; nothing is shown then either.
pub async fn dropped(
    gateway: &Gateway,
    arrival: &Arrival,
    session: Option<&Signed<'_>>,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let app = arrival.app.name();
    tracing::warn!(
        reference = %arrival.reference,
        app = app.as_str(),
        "a login page without its marker was not shown; compare the profile's login_marker"
    );
    if let Some(signed) = session {
        let nobody = TypedIdentity {
            tenant: String::new(),
            name: String::new(),
        };
        let taint = Taint {
            session: signed.hash,
            app,
            values: &[],
            typed: &nobody,
            jar: &[],
            client: arrival.client,
            expires_at: now.plus(jars::ANONYMOUS),
            now,
        };
        gateway.store.login_taint(taint).await?;
    }
    // Nobody has said who it is: nothing can be said of a phone either.
    let why = Why::WayClosed;
    let reply = fail::notice_reply(gateway, arrival, &Notice::Forbidden { why });
    let gone = token::clear_cookie(arrival.secure);
    Ok(reply.with_cookie(gone.as_bytes()))
}
