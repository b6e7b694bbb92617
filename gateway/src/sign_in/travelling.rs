//! The session that a login travels on: its id, its upstream cookies, and quiet on everything else
//! that uses it.
//!
//! Never sends anything; `login` does, after the taint is committed.

use super::jars;
use crate::arrival::Arrival;
use crate::cookies::incoming;
use crate::cookies::seal::Sealer;
use crate::cookies::token;
use crate::fail::Failure;
use crate::gateway::{Gateway, Visitor};
use crate::pages::Notice;
use crate::sessions::{Live, Spare};
use anteroom_core::cookies::Jar;
use anteroom_core::ids::SessionId;
use anteroom_core::session::Session;
use http::HeaderValue;
use http::header::COOKIE;
use pingora::http::RequestHeader;
use std::sync::Arc;

/// The session that a login travels on.
pub(super) struct Travelling {
    /// Our id of it, tainted before the password leaves.
    pub(super) id: SessionId,
    /// The browser does not have this id yet.
    pub(super) fresh: bool,
    /// The upstream cookies that go along.
    pub(super) jar: Jar,
    /// A verified session in which somebody logs in again.
    pub(super) before: Option<Arc<Live>>,
}

/// Finds the session that the login travels on, and stops everything else on it.
pub(super) async fn travelling(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    visitor: &Visitor<'_>,
) -> Result<Travelling, Failure> {
    if let Some(live) = &visitor.live {
        return in_verified(gateway, arrival, head, live).await;
    }
    let Some(signed) = &visitor.signed else {
        let jar = jars::of_browser(arrival, &head.headers, None)?;
        return Ok(Travelling {
            id: gateway.new_session_id(),
            fresh: true,
            jar,
            before: None,
        });
    };
    // Ended, or the former id of a session that goes on under another: nothing of it travels.
    let gone = matches!(visitor.session, Session::Ended | Session::Verified(_));
    if gone {
        let jar = jars::of_browser(arrival, &head.headers, None)?;
        return Ok(Travelling {
            id: gateway.new_session_id(),
            fresh: true,
            jar,
            before: None,
        });
    }
    let from_browser = jars::of_browser(arrival, &head.headers, Some(signed))?;
    let tainted = visitor
        .record
        .as_ref()
        .and_then(|record| record.jar.as_deref());
    let own = match tainted {
        Some(sealed) => jars::open_for(signed.keys, jars::TAINTED_JAR, arrival, &signed.id, sealed),
        None => super::release::jar_of_pending(gateway, arrival, signed).await?,
    };
    let rules = &arrival.app.settings.profile.cookies;
    let jar = match own.as_deref().and_then(Jar::from_bytes) {
        // Newer than what the browser still holds from before, also in what it lacks.
        Some(own) => jars::with_scripts_own(own, &from_browser, rules),
        None => from_browser,
    };
    Ok(Travelling {
        id: signed.id.clone(),
        fresh: false,
        jar,
        before: None,
    })
}

pub(super) async fn in_verified(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    live: &Arc<Live>,
) -> Result<Travelling, Failure> {
    if !live.freeze() {
        return Err(Failure::refused(Notice::TryLoginAgain));
    }
    // What already runs would be carried out on what may now be somebody else's session: cut it,
    // but let short requests finish first (`DESIGN-CASES` 11).
    for _ in 0..20 {
        if live.open_exchanges() == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let spare = Spare {
        connection: &arrival.connection,
        own: 0,
    };
    live.cut(None, Some(&spare));
    let app = arrival.app.name();
    let rules = &arrival.app.settings.profile.cookies;
    let lines = head
        .headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes);
    let sealer = Sealer::new(&live.jar_key, app);
    let opened = incoming::open(
        lines,
        Some(&sealer),
        rules,
        live,
        token::name(arrival.secure),
    );
    let jar = opened.map_err(jars::conflict)?.jar;
    let id = gateway.new_session_id();
    Ok(Travelling {
        id,
        fresh: true,
        jar,
        before: Some(Arc::clone(live)),
    })
}
