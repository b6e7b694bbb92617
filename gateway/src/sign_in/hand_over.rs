//! An open answer given to the browser: the upstream jar sealed anew for its verified session, the
//! held answer replayed, our cookie under its new id.
//!
//! Whoever comes here has opened a session: with a `Claimed` (`release`), or by an exception that
//! is open (`verdict`). Never decides that it may be given.

use std::sync::Arc;
use std::time::Duration;

use anteroom_core::cookies::Jar;
use anteroom_core::facts::Method;
use anteroom_core::ids::SessionId;
use anteroom_core::time::Timestamp;
use http::header::LOCATION;

use super::held::{DELIVERY, Held};
use super::{jars, reissue, show, target};
use crate::arrival::Arrival;
use crate::cookies::companion;
use crate::fail::Failure;
use crate::gateway::{Gateway, Visitor};
use crate::keys::{KeySet, hash_session};
use crate::reply::Reply;
use crate::sessions::Live;
use crate::upstream::answer::{View, repair, resolve};

/// How long a held answer that is no redirect waits for its GET.
const DELIVERY_SECS: u64 = 60;

/// What is handed over, and under which id.
pub(super) struct Handed<'h> {
    /// The keys that our cookie of this login is signed with.
    pub(super) keys: &'h KeySet,
    /// The verified session's id; its record is in the store.
    pub(super) id: &'h SessionId,
    /// Path and query that the login was submitted to.
    pub(super) submitted_to: &'h str,
    /// The answer, the jar, the page that was wanted.
    pub(super) held: &'h Held,
}

/// Takes the new session into memory and gives the browser everything. `None` when the session is
/// over after all.
pub(super) async fn hand_over(
    gateway: &Gateway,
    arrival: &Arrival,
    handed: Handed<'_>,
    now: Timestamp,
) -> Result<Option<Reply>, Failure> {
    let record = gateway.store.session_find(&hash_session(handed.id)).await?;
    let Some(live) = record.as_ref().and_then(|record| gateway.load(record)) else {
        return Ok(None);
    };
    // Where she verified is where the session lives; any other address is told of (attack C05).
    let _ = live.is_moved_to(arrival.client);
    let held = handed.held;
    let reply = replay(gateway, arrival, &handed, &live, now).await?;
    let reply = reissue::give_jar(gateway, arrival, &live, &held.jar, reply).await?;
    let path = path_of(handed.submitted_to);
    let reply = jars::give_plain(gateway, arrival, &held.answer, path, reply, now);
    let life = live.ends_at.since(now);
    let ours = jars::our_cookie(gateway, arrival, handed.id, now, life)?;
    let reply = reply
        .with_cookie(ours.as_bytes())
        .with_cookie(target::forget(arrival.secure).as_bytes())
        .with_cookie(forget_companion(arrival.secure).as_bytes());
    Ok(Some(reply))
}

fn path_of(target: &str) -> &str {
    target.split('?').next().unwrap_or("/")
}

fn forget_companion(secure: bool) -> String {
    let attributes = if secure { "; Secure" } else { "" };
    format!(
        "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{attributes}",
        companion::name(secure)
    )
}

/// The held answer as the browser gets it: a redirect leaves as 303; anything else waits at the
/// address the login was submitted to, because relative links would break on ours (`DESIGN-CASES`
/// 15a).
async fn replay(
    gateway: &Gateway,
    arrival: &Arrival,
    handed: &Handed<'_>,
    live: &Arc<Live>,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let held = handed.held;
    let view = View {
        app: &arrival.app,
        host: &arrival.host,
        secure: arrival.secure,
    };
    if (300..400).contains(&held.answer.status)
        && let Some(location) = held.answer.field(LOCATION)
    {
        if let Some(wanted) = &held.wanted {
            return Ok(Reply::redirect(wanted));
        }
        let local = resolve(location, path_of(handed.submitted_to), &view).local();
        let target = local
            .or_else(|| repair(location, &view))
            .unwrap_or_else(|| location.to_owned());
        return Ok(Reply::redirect(&target));
    }
    let plain = Held {
        jar: Jar::default(),
        ..held.clone()
    }
    .to_bytes();
    let sealed = jars::seal_for(gateway, handed.keys, DELIVERY, arrival, handed.id, &plain)?;
    let until = now.plus(Duration::from_secs(DELIVERY_SECS));
    gateway
        .store
        .delivery_put(live.hash(), handed.submitted_to, &sealed, until)
        .await?;
    live.expect_delivery(handed.submitted_to);
    Ok(Reply::redirect(handed.submitted_to))
}

/// The held answer of a login, for the one GET of the address it was submitted to.
///
/// # Errors
/// When the store fails.
pub async fn deliver(
    gateway: &Gateway,
    arrival: &Arrival,
    visitor: &Visitor<'_>,
    now: Timestamp,
) -> Result<Option<Reply>, Failure> {
    let (Some(live), Some(signed)) = (&visitor.live, &visitor.signed) else {
        return Ok(None);
    };
    let waits = arrival.method == Method::Get && live.awaits_delivery();
    if !waits || !live.take_delivery(&arrival.target()) {
        return Ok(None);
    }
    let target = arrival.target();
    let Some(sealed) = gateway
        .store
        .delivery_take(live.hash(), &target, now)
        .await?
    else {
        return Ok(None);
    };
    let held = jars::open_for(signed.keys, DELIVERY, arrival, &signed.id, &sealed);
    let held = held.as_deref().and_then(Held::from_bytes);
    Ok(held.map(|held| show::show_once(arrival, &held.answer)))
}
