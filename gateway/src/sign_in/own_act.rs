//! A person changes her own sign-in: a fresh code is judged as at the challenge, then core says
//! whether it is enough for the act, and the store spends it and does the act at once.
//!
//! The session keeps its id: nothing here raises its rights. Pages are `crate::portal::own`'s.

use std::sync::Arc;

use anteroom_core::challenge::Spend;
use anteroom_core::ids::SubscriberId;
use anteroom_core::own_act::{OwnAct, authorise};
use anteroom_core::time::Timestamp;
use anteroom_store::{OwnActContext, OwnActOutcome, OwnActRefusal};

use super::judging::{Judgement, Place, judge, passed, tries_left};
use super::release::{JUDGED_AT_MOST, Tried, Typed};
use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::pages::{CodeProblem, EndWhy};
use crate::sessions::Live;

/// What became of an act.
pub enum OwnTried {
    /// Done, now or by the same form sent before.
    Done,
    /// Done, and with it all her sessions have ended.
    SignedOut,
    /// The code was not taken; what was done with it is what a challenge would do.
    Not(Tried),
    /// The code is right, but not enough for this act. It was not spent.
    NotEnough,
    /// It cannot be done. The code was not spent.
    Refused(OwnActRefusal),
}

/// Judges the code and does the act.
///
/// # Errors
/// When the store fails.
#[expect(
    clippy::too_many_arguments,
    reason = "one request's facts, each of another kind"
)]
pub async fn try_act(
    gateway: &Gateway,
    arrival: &Arrival,
    live: &Arc<Live>,
    subscriber: SubscriberId,
    typed: &Typed<'_>,
    form_mac: [u8; 32],
    act: OwnAct<'_>,
    now: Timestamp,
) -> Result<OwnTried, Failure> {
    for _ in 0..JUDGED_AT_MOST {
        let material = gateway.store.unlock_material(subscriber).await?;
        let context = OwnActContext {
            row: live.row,
            hash: live.hash(),
            app: arrival.app.name(),
            version: material.version,
            form_mac,
            client: arrival.client,
            now,
        };
        // The first click of two was taken: its code would be called a used one.
        if gateway
            .store
            .own_act_again(live.row, &form_mac, now)
            .await?
        {
            return Ok(OwnTried::Done);
        }
        let place = Place {
            subscriber: Some(subscriber),
            attempt: None,
            session: live.hash(),
            mailed: act.mailed(),
        };
        let accepted = match judge(gateway, arrival, &place, &material, typed, now).await? {
            Judgement::Accept(accepted) => accepted,
            Judgement::Tried(tried) => return Ok(OwnTried::Not(tried)),
        };
        let spend = *accepted.spend();
        let Ok(authorised) = authorise(accepted, act) else {
            return Ok(OwnTried::NotEnough);
        };
        return match gateway.store.own_act(authorised, context).await? {
            OwnActOutcome::Done => {
                passed(gateway, arrival, &spend);
                end_here(gateway, live, subscriber, &act, false);
                Ok(OwnTried::Done)
            }
            OwnActOutcome::SignedOut => {
                passed(gateway, arrival, &spend);
                end_here(gateway, live, subscriber, &act, true);
                Ok(OwnTried::SignedOut)
            }
            OwnActOutcome::Again => Ok(OwnTried::Done),
            OwnActOutcome::Refused(why) => Ok(OwnTried::Refused(why)),
            OwnActOutcome::AlreadySpent if matches!(spend, Spend::TemporaryCode(_)) => continue,
            OwnActOutcome::AlreadySpent => Ok(OwnTried::Not(Tried::Not {
                problem: CodeProblem::Reused,
                tries_left: tries_left(arrival, &material.throttle),
            })),
            OwnActOutcome::Stale => continue,
            OwnActOutcome::Gone => Ok(OwnTried::Not(Tried::Over(EndWhy::Expired))),
        };
    }
    let until = now.plus(std::time::Duration::from_secs(1));
    Ok(OwnTried::Not(Tried::Paused { until }))
}

/// Ends in memory at once what the store has ended; other nodes hear of it from the store.
fn end_here(
    gateway: &Gateway,
    this: &Live,
    subscriber: SubscriberId,
    act: &OwnAct<'_>,
    everything: bool,
) {
    let mut ended: Vec<Arc<Live>> = Vec::new();
    gateway.sessions.each(|live| {
        let other = live.row != this.row;
        let meant = match act {
            _ if everything => true,
            OwnAct::EndSession(row) => live.row == *row,
            OwnAct::Replace { .. } | OwnAct::Remove { .. } | OwnAct::EndOthers | OwnAct::NotMe => {
                other
            }
            // What a remembered computer opened is known to the store alone.
            OwnAct::ForgetDevice(_) | OwnAct::ForgetDevices => false,
            OwnAct::Add(_)
            | OwnAct::AddPasskey(_)
            | OwnAct::Rename { .. }
            | OwnAct::RenewCodes { .. } => false,
        };
        if meant && live.subscriber == Some(subscriber) {
            ended.push(Arc::clone(live));
        }
    });
    for live in ended {
        gateway.sessions.end(&live, None);
    }
}
