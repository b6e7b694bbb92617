//! The session that a login travels on: its id, its upstream cookies, and quiet on everything else
//! that uses it.
//!
//! Cookies that went with a password under one name go with one under another only where the app
//! can be asked afterwards who it is: an app that still knows the first would open his charts to
//! the code of the second, or take any password of the second for right (attacks B15, B19). Never
//! sends anything; `login` does, after the taint is committed.

use super::errand::fetch;
use super::held::{Held, WITHHELD};
use super::hold::Name;
use super::jars;
use crate::arrival::Arrival;
use crate::cookies::incoming;
use crate::cookies::seal::Sealer;
use crate::cookies::token::{self, Signed};
use crate::fail::Failure;
use crate::gateway::{Gateway, Visitor};
use crate::pages::Notice;
use crate::sessions::{Live, Spare};
use anteroom_core::cookies::Jar;
use anteroom_core::ids::SessionId;
use anteroom_core::session::Session;
use anteroom_core::time::Timestamp;
use anteroom_store::{Attempt, SessionRecord};
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
    /// A password under another name went with these cookies before.
    pub(super) two_names: bool,
}

/// Finds the session that the login under this name travels on, and stops everything else on it.
pub(super) async fn travelling(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    visitor: &Visitor<'_>,
    name: Option<&Name>,
    now: Timestamp,
) -> Result<Travelling, Failure> {
    if let Some(live) = &visitor.live {
        return in_verified(gateway, arrival, head, live).await;
    }
    let Some(signed) = &visitor.signed else {
        return anew(gateway, arrival, head);
    };
    // Ended, or the former id of a session that goes on under another: nothing of it travels.
    if matches!(visitor.session, Session::Ended | Session::Verified(_)) {
        return anew(gateway, arrival, head);
    }
    let attempt = gateway.store.attempt_find(&signed.hash).await?;
    let record = visitor.record.as_ref();
    let two_names = record.is_some_and(|one| !is_hers(arrival, one, attempt.as_ref(), name));
    if let Some(record) = record
        && two_names
        && !can_be_asked(arrival)
    {
        // Before the password leaves, like every end (`DESIGN-CASES` 11).
        if let Some(attempt) = &attempt {
            gateway.store.attempt_cancel(attempt.id, now).await?;
        }
        let why = "another_name";
        gateway.store.session_end(record.row, why, now).await?;
        let mut anew = anew(gateway, arrival, head)?;
        anew.jar = of_nobody(gateway, arrival, head, now).await?;
        return Ok(anew);
    }
    let from_browser = jars::of_browser(arrival, &head.headers, Some(signed))?;
    let tainted = visitor
        .record
        .as_ref()
        .and_then(|record| record.jar.as_deref());
    let own = match (tainted, &attempt) {
        (Some(sealed), _) => {
            jars::open_for(signed.keys, jars::TAINTED_JAR, arrival, &signed.id, sealed)
        }
        (None, Some(attempt)) => jar_of_held(arrival, signed, attempt),
        (None, None) => None,
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
        two_names,
    })
}

/// A session that nobody has used: of the browser's cookies only those that log nobody in.
fn anew(gateway: &Gateway, arrival: &Arrival, head: &RequestHeader) -> Result<Travelling, Failure> {
    Ok(Travelling {
        id: gateway.new_session_id(),
        fresh: true,
        jar: jars::of_browser(arrival, &head.headers, None)?,
        before: None,
        two_names: false,
    })
}

/// The cookies of somebody who has just come to the login page: apps want the session that showed
/// the form, though nobody is logged in on it.
pub(super) async fn of_nobody(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    now: Timestamp,
) -> Result<Jar, Failure> {
    let mut jar = jars::of_browser(arrival, &head.headers, None)?;
    let page = &arrival.app.settings.profile.login_page;
    let limit = gateway.settings.limits.withheld_answer;
    // Without an answer he has no cookies; the login itself will show what the app makes of that.
    let _ = fetch(gateway, arrival, head, page, limit, &mut jar, now).await;
    Ok(jar)
}

/// Whether the app says after a login whose session it is.
pub(super) fn can_be_asked(arrival: &Arrival) -> bool {
    arrival.app.settings.profile.probe.is_some()
}

/// Whether every password that went with this session's cookies was typed under this name.
fn is_hers(
    arrival: &Arrival,
    record: &SessionRecord,
    attempt: Option<&Attempt>,
    name: Option<&Name>,
) -> bool {
    let same = |tenant: &str, spelling: &str| {
        name.is_some_and(|name| name.tenant == tenant && name.spelling == spelling)
    };
    if let Some(attempt) = attempt {
        return same(&attempt.tenant, &attempt.spelling_key);
    }
    // A record without a name is of a login that is over; an anonymous session has none.
    let typed = record.typed.as_ref();
    let before = typed.and_then(|typed| Name::of(arrival, &typed.tenant, &typed.name));
    before.is_some_and(|before| same(&before.tenant, &before.spelling))
}

/// The upstream jar of a login that waits for its code: the same person may type her password once
/// more.
fn jar_of_held(arrival: &Arrival, signed: &Signed<'_>, attempt: &Attempt) -> Option<Vec<u8>> {
    let opened = jars::open_for(signed.keys, WITHHELD, arrival, &signed.id, &attempt.answer)?;
    Held::from_bytes(&opened).map(|held| held.jar.to_bytes())
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
        two_names: false,
    })
}
