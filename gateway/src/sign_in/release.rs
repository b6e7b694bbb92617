//! Codes in, sessions out: the second half of a sign-in (DESIGN 5.2, steps 3 and 4).
//!
//! `judge_code` makes [`Accepted`](anteroom_core::challenge::Accepted), the store turns it into
//! [`Claimed`] in one transaction, and only a `Claimed` makes [`Released`] here: the whole upstream
//! jar, re-sealed for the new session, and the held answer. The new session's id is derived from
//! the pending one and the form's nonce, so that the same form sent twice gets the same session
//! once (`DESIGN-CASES` 15c). Pages are `crate::portal`'s.

use std::sync::Arc;

use anteroom_core::audit::AuditKind;
use anteroom_core::challenge::{Accepted, CodeFacts, CodeHint, CodeVerdict, Spend, judge_code};
use anteroom_core::cookies::Jar;
use anteroom_core::facts::Method;
use anteroom_core::ids::{SessionHash, SessionId};
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::throttle::{Throttle, ThrottleStanding};
use anteroom_core::time::Timestamp;
use anteroom_store::{
    Attempt, AttemptState, ChallengeFailure, Claim, ClaimContext, Claimed, Material,
    RecoveryLookup, Release, ReleaseContext, SessionRecord, Unlock, UnlockContext,
};
use data_encoding::HEXLOWER;
use http::header::LOCATION;

use super::held::{DELIVERY, Held, WITHHELD};
use super::{jars, show, target};
use crate::arrival::Arrival;
use crate::cookies::outgoing::{self, Sent};
use crate::cookies::seal::Sealer;
use crate::cookies::token::Signed;
use crate::cookies::{companion, incoming};
use crate::fail::Failure;
use crate::gateway::{Gateway, Visitor};
use crate::keys::{KeySet, hash_session};
use crate::pages::{CodeProblem, EndWhy, Notice};
use crate::reply::Reply;
use crate::sessions::Live;
use crate::upstream::answer::{View, repair, resolve};

/// How long a held answer that is no redirect waits for its GET.
const DELIVERY_SECS: u64 = 60;
/// How often a code is judged anew because another one came in between.
const JUDGED_AT_MOST: u32 = 4;

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
pub struct Released(Reply);

impl Released {
    /// The reply for the browser.
    #[must_use]
    pub fn into_reply(self) -> Reply {
        self.0
    }
}

/// A code as it was posted.
pub struct Typed<'t> {
    /// What stood in the field.
    pub code: &'t str,
    /// The posted nonce, decoded.
    pub nonce: [u8; 16],
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
        // A double click, or an answer that was lost: the same form gets the same session once
        // more.
        let Some(claimed) = gateway
            .store
            .challenge_again(attempt.id, &code_mac, now)
            .await?
        else {
            return Ok(Tried::Over(EndWhy::Elsewhere));
        };
        let released = open(gateway, arrival, signed, attempt, &claimed, now).await?;
        return Ok(released.map_or(Tried::Over(EndWhy::Expired), Tried::Released));
    }
    if attempt.expires_at <= now {
        gateway.store.attempt_expire(attempt.id, now).await?;
        return Ok(Tried::Over(EndWhy::Expired));
    }
    let verified = verified_id(signed.keys, arrival, &signed.id, &attempt.form_nonce);
    for _ in 0..JUDGED_AT_MOST {
        let material = gateway.store.challenge_material(attempt).await?;
        let place = Place {
            subscriber: attempt.subscriber,
            attempt: Some(attempt),
            session: signed.hash,
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
            authenticated_at: now,
            ends_at: now.plus(arrival.app.settings.policy.lifetimes.overall),
            amr: amr(&accepted),
            client: arrival.client,
            now,
        };
        return match gateway.store.challenge_claim(accepted, context).await? {
            Claim::Claimed(claimed) | Claim::Again(claimed) => {
                gateway
                    .metrics
                    .challenge(arrival.app.name().as_str(), "passed");
                let released = open(gateway, arrival, signed, attempt, &claimed, now).await?;
                Ok(released.map_or(Tried::Over(EndWhy::Expired), Tried::Released))
            }
            Claim::AlreadySpent => {
                let left = tries_left(arrival, &material.throttle);
                Ok(Tried::Not {
                    problem: CodeProblem::Reused,
                    tries_left: left,
                })
            }
            Claim::Stale => continue,
            Claim::Gone => Ok(Tried::Over(EndWhy::Elsewhere)),
        };
    }
    Ok(Tried::Paused {
        until: now.plus(std::time::Duration::from_secs(1)),
    })
}

enum Judgement {
    Accept(Accepted),
    Tried(Tried),
}

/// Where a code was typed: in a held login, or in a locked session.
struct Place<'p> {
    subscriber: Option<anteroom_core::ids::SubscriberId>,
    attempt: Option<&'p Attempt>,
    session: SessionHash,
}

async fn judge(
    gateway: &Gateway,
    arrival: &Arrival,
    place: &Place<'_>,
    material: &Material,
    typed: &Typed<'_>,
    now: Timestamp,
) -> Result<Judgement, Failure> {
    let policy = &arrival.app.settings.policy.throttle;
    let recovery = RecoveryCode::parse(typed.code);
    // Paused: nothing is looked at, and no hash is run for anybody.
    if let ThrottleStanding::Paused { until } = material.throttle.standing(policy, now) {
        return Ok(Judgement::Tried(Tried::Paused { until }));
    }
    let matched = match &recovery {
        None => None,
        Some(code) => match gateway.store.recovery_match(place.subscriber, code).await? {
            RecoveryLookup::Found(found) => Some(found),
            RecoveryLookup::Nothing => None,
            RecoveryLookup::Busy => {
                return Err(Failure::refused(Notice::TooManyRequests {
                    retry_seconds: 5,
                }));
            }
        },
    };
    let on_file = material.on_file();
    let facts = CodeFacts {
        typed: typed.code,
        totp: &on_file,
        recovery: matched,
        throttle: &material.throttle,
        policy,
        expires_at: place
            .attempt
            .map_or(now.plus(std::time::Duration::from_secs(1)), |held| {
                held.expires_at
            }),
        proved: place.attempt.is_none_or(|held| held.proved),
    };
    let name = arrival.app.name().as_str();
    let (kind, problem) = match judge_code(&facts, now) {
        CodeVerdict::Accept(accepted) => return Ok(Judgement::Accept(accepted)),
        CodeVerdict::Expired => return Ok(Judgement::Tried(Tried::Over(EndWhy::Expired))),
        CodeVerdict::Paused { until } => return Ok(Judgement::Tried(Tried::Paused { until })),
        CodeVerdict::Disabled | CodeVerdict::Exhausted => {
            return Ok(Judgement::Tried(Tried::Stopped));
        }
        CodeVerdict::Replayed { .. } => {
            gateway.metrics.challenge(name, "reused");
            (AuditKind::CodeReused, CodeProblem::Reused)
        }
        CodeVerdict::Wrong { hint, .. } => {
            gateway.metrics.challenge(name, "wrong");
            (
                AuditKind::ChallengeFailed,
                problem_of(hint, recovery.is_some()),
            )
        }
    };
    let told = gateway
        .store
        .challenge_fail(ChallengeFailure {
            version: material.version,
            subscriber: place.subscriber,
            attempt: place.attempt.map(|held| held.id),
            session: place.session,
            app: arrival.app.name(),
            policy,
            kind,
            client: arrival.client,
            now,
        })
        .await?;
    Ok(Judgement::Tried(
        match told.throttle.standing(policy, now) {
            _ if told.disabled => Tried::Stopped,
            ThrottleStanding::Paused { until } => Tried::Paused { until },
            ThrottleStanding::Exhausted => Tried::Stopped,
            ThrottleStanding::Open => Tried::Not {
                problem,
                tries_left: tries_left(arrival, &told.throttle),
            },
        },
    ))
}

const fn problem_of(hint: Option<CodeHint>, recovery: bool) -> CodeProblem {
    match hint {
        _ if recovery => CodeProblem::WrongRecoveryCode,
        Some(CodeHint::Malformed) => CodeProblem::Malformed,
        Some(CodeHint::ClockOff { minutes }) => CodeProblem::ClockOff { minutes },
        None => CodeProblem::Wrong,
    }
}

fn tries_left(arrival: &Arrival, throttle: &Throttle) -> u32 {
    let policy = &arrival.app.settings.policy.throttle;
    policy
        .free_tries
        .saturating_sub(throttle.consecutive)
        .max(1)
}

/// RFC 8176 values for what was proved.
fn amr(accepted: &Accepted) -> &'static str {
    match accepted.spend() {
        Spend::Step { .. } => "pwd otp mfa",
        // A saved look-up secret has no value of its own in the registry; `kba` would be wrong.
        Spend::RecoveryCode(_) => "pwd mfa",
    }
}

/// The verified session's id: known to nobody before the claim, and the same for the same form.
fn verified_id(
    keys: &KeySet,
    arrival: &Arrival,
    pending: &SessionId,
    nonce: &[u8; 16],
) -> SessionId {
    let purpose = format!("verified session {}", HEXLOWER.encode(nonce));
    SessionId::new(*keys.for_session(&purpose, arrival.app.name(), pending))
}

fn code_mac(gateway: &Gateway, id: &SessionId, typed: &Typed<'_>) -> [u8; 32] {
    let plain: Vec<u8> = typed
        .code
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_uppercase())
        .collect();
    gateway
        .keys
        .mac("typed code", &[id.expose(), &typed.nonce, &plain])
}

/// The upstream jar of a login that waits for its code: the same person may type her password once
/// more.
///
/// # Errors
/// When the store fails.
pub async fn jar_of_pending(
    gateway: &Gateway,
    arrival: &Arrival,
    signed: &Signed<'_>,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(attempt) = gateway.store.attempt_find(&signed.hash).await? else {
        return Ok(None);
    };
    let opened = jars::open_for(signed.keys, WITHHELD, arrival, &signed.id, &attempt.answer);
    Ok(opened
        .as_deref()
        .and_then(Held::from_bytes)
        .map(|held| held.jar.to_bytes()))
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
        amr: "pwd otp mfa",
        client: arrival.client,
        now,
    };
    match gateway.store.attempt_release(claimed, context).await? {
        Release::Created(_) => {}
        Release::Already { session, .. } if session == hash => {}
        Release::Already { .. } | Release::Gone => return Ok(None),
    }
    let record = gateway.store.session_find(&hash).await?;
    let Some(live) = record.as_ref().and_then(|record| gateway.load(record)) else {
        return Ok(None);
    };
    // Where she verified is where the session lives; any other address is told of (attack C05).
    let _ = live.is_moved_to(arrival.client);
    let sealed = &attempt.answer;
    let held = jars::open_for(signed.keys, WITHHELD, arrival, &signed.id, sealed)
        .as_deref()
        .and_then(Held::from_bytes)
        .ok_or(Failure::Internal("a held answer does not open"))?;
    let reply = replay(
        gateway,
        arrival,
        signed.keys,
        attempt,
        &held,
        &id,
        &live,
        now,
    )
    .await?;
    let reply = give_jar(gateway, arrival, &live, &held.jar, reply).await?;
    let path = attempt.submitted_path.split('?').next().unwrap_or("/");
    let reply = jars::give_plain(gateway, arrival, &held.answer, path, reply, now);
    let ours = jars::our_cookie(gateway, arrival, &id, now, overall)?;
    let reply = reply
        .with_cookie(ours.as_bytes())
        .with_cookie(target::forget(arrival.secure).as_bytes())
        .with_cookie(forget_companion(arrival.secure).as_bytes());
    Ok(Some(Released(reply)))
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
#[allow(
    clippy::too_many_arguments,
    reason = "one release, each part needed once"
)]
async fn replay(
    gateway: &Gateway,
    arrival: &Arrival,
    keys: &KeySet,
    attempt: &Attempt,
    held: &Held,
    id: &SessionId,
    live: &Arc<Live>,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let path = attempt.submitted_path.split('?').next().unwrap_or("/");
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
        let local = resolve(location, path, &view).local();
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
    let sealed = jars::seal_for(gateway, keys, DELIVERY, arrival, id, &plain)?;
    let until = now.plus(std::time::Duration::from_secs(DELIVERY_SECS));
    gateway
        .store
        .delivery_put(live.hash(), &attempt.submitted_path, &sealed, until)
        .await?;
    live.expect_delivery(&attempt.submitted_path);
    Ok(Reply::redirect(&attempt.submitted_path))
}

/// Re-issues the whole upstream jar, sealed for the new session (`DESIGN-CASES` 3).
async fn give_jar(
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
    for _ in 0..JUDGED_AT_MOST {
        let material = gateway.store.unlock_material(subscriber).await?;
        let place = Place {
            subscriber: Some(subscriber),
            attempt: None,
            session: signed.hash,
        };
        let accepted = match judge(gateway, arrival, &place, &material, typed, now).await? {
            Judgement::Accept(accepted) => accepted,
            Judgement::Tried(tried) => return Ok(tried),
        };
        let context = UnlockContext {
            row: live.row,
            old: signed.hash,
            new: hash_session(&new),
            version: material.version,
            code_mac: code_mac(gateway, &signed.id, typed),
            amr: amr(&accepted),
            client: arrival.client,
            now,
        };
        return match gateway.store.unlock_claim(accepted, context).await? {
            Unlock::Unlocked(unlocked) | Unlock::Again(unlocked) => {
                if live.hash() != unlocked.session() {
                    gateway.sessions.rotate(live, unlocked.session(), now);
                }
                let wanted = wanted.as_deref();
                Ok(Tried::Released(reopened(
                    gateway,
                    arrival,
                    &new,
                    live.ends_at,
                    wanted,
                    now,
                )?))
            }
            Unlock::AlreadySpent => {
                let left = tries_left(arrival, &material.throttle);
                Ok(Tried::Not {
                    problem: CodeProblem::Reused,
                    tries_left: left,
                })
            }
            Unlock::Stale => continue,
            Unlock::Gone => Ok(Tried::Over(EndWhy::Expired)),
        };
    }
    Ok(Tried::Paused {
        until: now.plus(std::time::Duration::from_secs(1)),
    })
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
