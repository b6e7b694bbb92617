//! A locked session opened again by a code, under a new id.
//!
//! Nothing is held and nothing is released here but the session itself; its key and its cookies
//! stay.

use super::judging::{Judgement, Place, amr, judge, passed, tries_left};
use super::release::{
    JUDGED_AT_MOST, Released, Tried, Typed, code_mac, one_moment, reused, verified_id,
};
use super::{jars, target};
use crate::arrival::Arrival;
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::keys::hash_session;
use crate::pages::{CodeProblem, EndWhy};
use crate::reply::Reply;
use crate::sessions::Live;
use anteroom_core::challenge::{Accepted, Spend};
use anteroom_core::ids::{SessionHash, SessionId};
use anteroom_core::mail_code::MailCodeUse;
use anteroom_core::means::Means;
use anteroom_core::session::Standing;
use anteroom_core::time::Timestamp;
use anteroom_store::{SessionRecord, Unlock, UnlockContext};
use std::sync::Arc;

/// Judges a code for a locked session, and opens it again under a new id.
///
/// # Errors
/// When the store fails.
pub async fn try_unlock(
    gateway: &Gateway,
    arrival: &Arrival,
    signed: &Signed<'_>,
    live: &Arc<Live>,
    typed: &Typed<'_>,
    wanted: Option<String>,
    now: Timestamp,
) -> Result<Tried, Failure> {
    let Some(subscriber) = live.subscriber else {
        return Ok(Tried::Over(EndWhy::Expired));
    };
    let new = verified_id(signed.keys, arrival, &signed.id, &typed.nonce);
    let mac = code_mac(gateway, &signed.id, typed);
    for _ in 0..JUDGED_AT_MOST {
        let material = gateway.store.unlock_material(subscriber).await?;
        if is_taken(gateway, live, &signed.hash, &mac, &new, now).await? {
            let wanted = wanted.as_deref();
            let again = reopened(gateway, arrival, &new, live.ends_at, wanted, now)?;
            return Ok(Tried::Released(again));
        }
        let place = Place {
            subscriber: Some(subscriber),
            attempt: None,
            session: signed.hash,
            mailed: Some(MailCodeUse::SignIn),
        };
        let accepted = match judge(gateway, arrival, &place, &material, typed, now).await? {
            Judgement::Accept(accepted) if is_enough(arrival, live, &accepted, now) => accepted,
            Judgement::Accept(_) => {
                return Ok(Tried::Not {
                    problem: CodeProblem::NotFresh,
                    tries_left: tries_left(arrival, &material.throttle),
                });
            }
            Judgement::Tried(tried) => return Ok(tried),
        };
        let context = UnlockContext {
            row: live.row,
            old: signed.hash,
            new: hash_session(&new),
            version: material.version,
            code_mac: mac,
            amr: amr(&accepted),
            client: arrival.client,
            now,
        };
        let spend = *accepted.spend();
        return match gateway.store.unlock_claim(accepted, context).await? {
            Unlock::Unlocked(unlocked) | Unlock::Again(unlocked) => {
                passed(gateway, arrival, &spend);
                if live.hash() != unlocked.session() {
                    let (new, proved) = (unlocked.session(), proved_at(live, &spend, now));
                    gateway.sessions.rotate(live, new, proved, now);
                }
                let wanted = wanted.as_deref();
                let open = reopened(gateway, arrival, &new, live.ends_at, wanted, now)?;
                Ok(Tried::Released(open))
            }
            // Judged anew it is told what became of it.
            Unlock::AlreadySpent if matches!(spend, Spend::TemporaryCode(_)) => continue,
            Unlock::AlreadySpent => Ok(reused(arrival, &material)),
            Unlock::Stale => continue,
            Unlock::Gone => Ok(Tried::Over(EndWhy::Expired)),
        };
    }
    Ok(one_moment(now))
}

/// When a factor was last fresh: what did not prove one leaves that where it was.
fn proved_at(live: &Live, spend: &Spend, now: Timestamp) -> Timestamp {
    if Means::of(spend).is_fresh_factor() {
        now
    } else {
        live.verified().authenticated_at
    }
}

/// A locked session goes on by any code. Where an open one asks again it is for a fresh factor, and
/// a code of paper, right as it is, is none (advisory A17). Nothing is spent then.
fn is_enough(arrival: &Arrival, live: &Live, accepted: &Accepted, now: Timestamp) -> bool {
    let limits = &arrival.app.settings.policy.lifetimes;
    live.verified().standing(limits, now) != Standing::Fresh
        || Means::of(accepted.spend()).is_fresh_factor()
}

/// Whether the first click of two was taken since this session was looked at; its new id then holds
/// in memory too.
async fn is_taken(
    gateway: &Gateway,
    live: &Arc<Live>,
    old: &SessionHash,
    mac: &[u8; 32],
    new: &SessionId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let new = hash_session(new);
    let again = gateway.store.unlock_again(live.row, old, mac, now).await?;
    let taken = again.is_some_and(|unlocked| unlocked.session() == new);
    if taken
        && live.hash() != new
        && let Some(record) = gateway.store.session_find(&new).await?
    {
        let proved = record.authenticated_at;
        gateway.sessions.rotate(live, new, proved, now);
    }
    Ok(taken)
}

/// A double click on the unlock form: the id it came with was rotated away by the first one, and
/// the same form gets the same new id again. `None` for every other form.
///
/// # Errors
/// When the store fails.
pub async fn unlock_again(
    gateway: &Gateway,
    arrival: &Arrival,
    signed: &Signed<'_>,
    record: &SessionRecord,
    typed: &Typed<'_>,
    wanted: Option<&str>,
    now: Timestamp,
) -> Result<Option<Released>, Failure> {
    let mac = code_mac(gateway, &signed.id, typed);
    let again = gateway
        .store
        .unlock_again(record.row, &signed.hash, &mac, now)
        .await?;
    let new = verified_id(signed.keys, arrival, &signed.id, &typed.nonce);
    match again {
        Some(unlocked) if unlocked.session() == hash_session(&new) => {
            reopened(gateway, arrival, &new, record.ends_at, wanted, now).map(Some)
        }
        _ => Ok(None),
    }
}

fn reopened(
    gateway: &Gateway,
    arrival: &Arrival,
    id: &SessionId,
    ends_at: Timestamp,
    wanted: Option<&str>,
    now: Timestamp,
) -> Result<Released, Failure> {
    let ours = jars::our_cookie(gateway, arrival, id, now, ends_at.since(now))?;
    let reply = Reply::redirect(wanted.unwrap_or("/"))
        .with_cookie(ours.as_bytes())
        .with_cookie(target::forget(arrival.secure).as_bytes());
    Ok(Released(reply))
}
