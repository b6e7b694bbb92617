//! Codes in, sessions out: the second half of a sign-in (DESIGN 5.2, steps 3 and 4).
//!
//! `judge_code` makes [`Accepted`](anteroom_core::challenge::Accepted), the store turns it into
//! [`Claimed`] in one transaction, and only a `Claimed` makes [`Released`] here: the whole upstream
//! jar, re-sealed for the new session, and the held answer (`hand_over`). The new session's id is
//! derived from the pending one and the form's nonce, so that the same form sent twice gets the
//! same session once (`DESIGN-CASES` 15c). Pages are `crate::portal`'s.

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::challenge::Spend;
use anteroom_core::ids::{SessionHash, SessionId};
use anteroom_core::mail_code::MailCodeUse;
use anteroom_core::means::Means;
use anteroom_core::time::Timestamp;
use anteroom_store::{
    Attempt, AttemptState, Claim, ClaimContext, Claimed, Material, Release, ReleaseContext,
};
use data_encoding::HEXLOWER;

use super::answered::Answered;
use super::hand_over::{Handed, hand_over};
use super::held::{Held, WITHHELD};
use super::jars;
use super::judging::{Judgement, Place, amr, judge, passed, tries_left};
use super::remembered::remember;
use crate::arrival::Arrival;
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::keys::{KeySet, hash_session};
use crate::pages::{CodeProblem, EndWhy};
use crate::reply::Reply;

/// How often a code is judged anew because another one came in between.
pub(super) const JUDGED_AT_MOST: u32 = 4;

/// What became of a typed code.
pub enum Tried {
    /// Right: the answer for the browser.
    Released(Released),
    /// Not taken; show the form again.
    Not {
        /// What was wrong.
        problem: CodeProblem,
        /// Tries before a pause.
        tries_left: u32,
    },
    /// Too many wrong codes.
    Paused {
        /// Until when.
        until: Timestamp,
    },
    /// Every authenticator is disabled, or the ceiling is reached.
    Stopped,
    /// The attempt or the session is over.
    Over(EndWhy),
}

/// An open answer: made only from a [`Claimed`] or an unlocked session.
pub struct Released(pub(super) Reply);

impl Released {
    /// The reply for the browser.
    #[must_use]
    pub fn into_reply(self) -> Reply {
        self.0
    }

    fn with_cookie(self, line: Option<String>) -> Self {
        match line {
            Some(line) => Self(self.0.with_cookie(line.as_bytes())),
            None => self,
        }
    }
}

/// A code, or a passkey's answer, as it was posted.
pub struct Typed<'t> {
    /// What stood in the field.
    pub code: &'t str,
    /// What stood in the second field of the form for two codes in a row.
    pub second: Option<&'t str>,
    /// The posted nonce, decoded.
    pub nonce: [u8; 16],
    /// She asked that this computer be remembered: what it is called in her list.
    pub remember: Option<&'t str>,
    /// What became of a passkey's answer; `None` for a code.
    pub answered: Option<&'t Answered>,
}

/// Judges a code for a held login.
///
/// # Errors
/// When the store fails.
pub async fn try_code(
    gateway: &Gateway,
    arrival: &Arrival,
    signed: &Signed<'_>,
    attempt: &Attempt,
    typed: &Typed<'_>,
    now: Timestamp,
) -> Result<Tried, Failure> {
    let code_mac = code_mac(gateway, &signed.id, typed);
    if attempt.state != AttemptState::Pending {
        let again = again(gateway, arrival, signed, attempt, &code_mac, now).await?;
        return Ok(again.unwrap_or(Tried::Over(EndWhy::Elsewhere)));
    }
    if attempt.expires_at <= now {
        gateway.store.attempt_expire(attempt.id, now).await?;
        return Ok(Tried::Over(EndWhy::Expired));
    }
    let verified = verified_id(signed.keys, arrival, &signed.id, &attempt.form_nonce);
    for _ in 0..JUDGED_AT_MOST {
        let material = gateway.store.challenge_material(attempt).await?;
        // The first click of two may have been taken since `attempt` was read; what is on file now
        // would call its code a used one.
        if let Some(tried) = again(gateway, arrival, signed, attempt, &code_mac, now).await? {
            return Ok(tried);
        }
        let place = Place {
            subscriber: attempt.subscriber,
            attempt: Some(attempt),
            session: signed.hash,
            mailed: Some(MailCodeUse::SignIn),
        };
        let accepted = match judge(gateway, arrival, &place, &material, typed, now).await? {
            Judgement::Accept(accepted) => accepted,
            Judgement::Tried(tried) => return Ok(tried),
        };
        let context = ClaimContext {
            attempt: attempt.id,
            version: material.version,
            code_mac,
            verified: hash_session(&verified),
            jar_key: gateway.random(),
            authenticated_at: fresh_since(accepted.spend(), now),
            ends_at: now.plus(arrival.app.settings.policy.lifetimes.overall),
            amr: amr(&accepted),
            client: arrival.client,
            now,
        };
        let spend = *accepted.spend();
        return match gateway.store.challenge_claim(accepted, context).await? {
            Claim::Claimed(claimed) => {
                passed(gateway, arrival, &spend);
                let label = typed.remember;
                let cookie = remember(gateway, arrival, &claimed, &spend, label, now).await;
                let released = open(gateway, arrival, signed, attempt, &claimed, now).await?;
                Ok(tried(released.map(|released| released.with_cookie(cookie))))
            }
            Claim::Again(claimed) => {
                let released = open(gateway, arrival, signed, attempt, &claimed, now).await?;
                Ok(tried(released))
            }
            // Judged anew it is told what became of it.
            Claim::AlreadySpent if matches!(spend, Spend::TemporaryCode(_)) => continue,
            Claim::AlreadySpent => Ok(reused(arrival, &material)),
            Claim::Stale => continue,
            Claim::Gone => Ok(Tried::Over(EndWhy::Elsewhere)),
        };
    }
    Ok(one_moment(now))
}

/// A code that was spent while it was judged.
pub(super) fn reused(arrival: &Arrival, material: &Material) -> Tried {
    Tried::Not {
        problem: CodeProblem::Reused,
        tries_left: tries_left(arrival, &material.throttle),
    }
}

/// Others keep coming in between: not a refusal, only "again in a second".
pub(super) fn one_moment(now: Timestamp) -> Tried {
    Tried::Paused {
        until: now.plus(std::time::Duration::from_secs(1)),
    }
}

/// A double click, or an answer that was lost: the same form gets the same session once more.
/// `None` for any other form.
async fn again(
    gateway: &Gateway,
    arrival: &Arrival,
    signed: &Signed<'_>,
    attempt: &Attempt,
    code_mac: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Tried>, Failure> {
    let claimed = gateway
        .store
        .challenge_again(attempt.id, code_mac, now)
        .await?;
    let Some(claimed) = claimed else {
        return Ok(None);
    };
    let released = open(gateway, arrival, signed, attempt, &claimed, now).await?;
    Ok(Some(tried(released)))
}

/// A claim that opened nothing is over after all.
fn tried(released: Option<Released>) -> Tried {
    released.map_or(Tried::Over(EndWhy::Expired), Tried::Released)
}

/// Since when the session is fresh: one that a code of paper opens is so nowhere (advisory A17).
const fn fresh_since(spend: &Spend, now: Timestamp) -> Timestamp {
    if Means::of(spend).is_fresh_factor() {
        now
    } else {
        Timestamp::from_secs(0)
    }
}

/// The verified session's id: known to nobody before the claim, and the same for the same form.
pub(super) fn verified_id(
    keys: &KeySet,
    arrival: &Arrival,
    pending: &SessionId,
    nonce: &[u8; 16],
) -> SessionId {
    let purpose = format!("verified session {}", HEXLOWER.encode(nonce));
    SessionId::new(*keys.for_session(&purpose, arrival.app.name(), pending))
}

pub(super) fn code_mac(gateway: &Gateway, id: &SessionId, typed: &Typed<'_>) -> [u8; 32] {
    let plain = |code: &str| -> Vec<u8> {
        let kept = code.bytes().filter(u8::is_ascii_alphanumeric);
        kept.map(|byte| byte.to_ascii_uppercase()).collect()
    };
    let (code, second) = (plain(typed.code), typed.second.map(plain));
    let mut parts = vec![&id.expose()[..], &typed.nonce, &code];
    parts.extend(second.as_deref());
    gateway.keys.mac("typed code", &parts)
}

/// Opens the verified session of an enrolment whose recovery codes were seen, and releases.
///
/// # Errors
/// When the store fails.
pub async fn after_enrolment(
    gateway: &Gateway,
    arrival: &Arrival,
    signed: &Signed<'_>,
    attempt: &Attempt,
    claimed: &Claimed,
    now: Timestamp,
) -> Result<Option<Released>, Failure> {
    open(gateway, arrival, signed, attempt, claimed, now).await
}

/// The hash of the session that an enrolment will open.
#[must_use]
pub fn verified_hash(arrival: &Arrival, signed: &Signed<'_>, attempt: &Attempt) -> SessionHash {
    hash_session(&verified_id(
        signed.keys,
        arrival,
        &signed.id,
        &attempt.form_nonce,
    ))
}

/// `Claimed` → `Released`: the only way to an open answer. `None` when the claim is over after all.
async fn open(
    gateway: &Gateway,
    arrival: &Arrival,
    signed: &Signed<'_>,
    attempt: &Attempt,
    claimed: &Claimed,
    now: Timestamp,
) -> Result<Option<Released>, Failure> {
    let id = verified_id(signed.keys, arrival, &signed.id, &attempt.form_nonce);
    let hash = hash_session(&id);
    let overall = arrival.app.settings.policy.lifetimes.overall;
    let context = ReleaseContext {
        verified: hash,
        jar_key: gateway.random(),
        authenticated_at: now,
        ends_at: now.plus(overall),
        kind: attempt.enrolled.unwrap_or(AuthenticatorKind::Totp),
        language: arrival.language(),
        client: arrival.client,
        now,
    };
    match gateway.store.attempt_release(claimed, context).await? {
        Release::Created(_) => {}
        Release::Already { session, .. } if session == hash => {}
        Release::Already { .. } | Release::Gone => return Ok(None),
    }
    let sealed = &attempt.answer;
    let held = jars::open_for(signed.keys, WITHHELD, arrival, &signed.id, sealed)
        .as_deref()
        .and_then(Held::from_bytes)
        .ok_or(Failure::Internal("a held answer does not open"))?;
    let handed = Handed {
        keys: signed.keys,
        id: &id,
        submitted_to: &attempt.submitted_path,
        held: &held,
    };
    let reply = hand_over(gateway, arrival, handed, now).await?;
    Ok(reply.map(Released))
}
