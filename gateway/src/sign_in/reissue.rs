//! The whole upstream jar given to a browser anew, sealed for the session it now belongs to.
//!
//! Never decides that it may be given: that is a `Claimed` in `release`.

use std::sync::Arc;

use anteroom_core::cookies::Jar;

use super::jars;
use crate::arrival::Arrival;
use crate::cookies::incoming;
use crate::cookies::outgoing::{self, Sent};
use crate::cookies::seal::Sealer;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::reply::Reply;
use crate::sessions::Live;

/// Re-issues the whole upstream jar, sealed for the new session (`DESIGN-CASES` 3).
pub(super) async fn give_jar(
    gateway: &Gateway,
    arrival: &Arrival,
    live: &Arc<Live>,
    jar: &Jar,
    mut reply: Reply,
) -> Result<Reply, Failure> {
    let rules = &arrival.app.settings.profile.cookies;
    for cookie in jar.entries() {
        let sent = {
            let sealer = Sealer::new(&live.jar_key, arrival.app.name());
            outgoing::send(
                cookie,
                false,
                &sealer,
                rules,
                arrival.secure,
                gateway.random(),
            )
        };
        match sent {
            Sent::Line(line) => reply = reply.with_cookie(&line),
            Sent::Bound(line, _) => {
                let print = incoming::fingerprint(&cookie.name, &cookie.value);
                if live.bind(print) {
                    gateway.store.session_bind_value(live.row, &print).await?;
                }
                reply = reply.with_cookie(&line);
            }
            Sent::Kept(line) => {
                jars::keep_for(gateway, live, cookie.clone()).await?;
                reply = reply.with_cookie(&line);
            }
            Sent::Dropped => {}
        }
    }
    Ok(reply)
}
