//! The challenge: a code for a held login, or for a locked session.
//!
//! `sign_in::release` judges and releases; here it is asked for and refused in words.

use anteroom_core::session::{Session, Standing};
use anteroom_core::throttle::ThrottleStanding;
use anteroom_core::time::Timestamp;
use anteroom_store::{Attempt, AttemptState, Material, SessionRecord};
use http::StatusCode;

use super::passkey::{self, PasskeyAsked};
use super::posted_code::{is_passkey_form, missing, posted_form, typed};
use super::visit::{Posted, Visit, nonce_text};
use super::{Answer, leave};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::gateway::Visitor;
use crate::pages::{CodeForm, CodeProblem, EndWhy, Notice, Page};
use crate::reply::Reply;
use crate::sessions::Live;
use crate::sign_in::release::{self, Tried};
use crate::sign_in::{answered, remembered, target, unlock};

pub(crate) async fn get(visit: Visit) -> Answer {
    ask(&visit, CodeForm::Code).await.into()
}

pub(crate) async fn get_recovery(visit: Visit) -> Answer {
    ask(&visit, CodeForm::Saved).await.into()
}

/// Two codes in a row; for who has no token known here, the ordinary form.
pub(crate) async fn get_token(visit: Visit) -> Answer {
    ask(&visit, CodeForm::Token).await.into()
}

pub(crate) async fn post(visit: Visit) -> Answer {
    answer(&visit).await.into()
}

/// The same, for the form with a passkey's answer.
pub(crate) async fn post_passkey(visit: Visit) -> Answer {
    answer(&visit).await.into()
}

/// How a form looks that is shown (again).
#[derive(Clone, Copy, Default)]
struct Look {
    problem: Option<CodeProblem>,
    tries_left: Option<u32>,
    form: CodeForm,
}

impl Look {
    /// Nobody is shown the form for two codes who has no token.
    fn form_for(self, token: bool) -> CodeForm {
        match self.form {
            CodeForm::Token if !token => CodeForm::Code,
            form => form,
        }
    }

    /// Until when the page of a pause stands in the form's place. The form without the phone is
    /// shown all the same, to everybody alike: what an operator gave, and a passkey, count.
    fn waits_until(self, visit: &Visit, material: &Material) -> Option<Timestamp> {
        let policy = &visit.arrival.app.settings.policy.throttle;
        match material.throttle.standing(policy, visit.now) {
            ThrottleStanding::Paused { until } if self.form != CodeForm::Saved => Some(until),
            _ => None,
        }
    }
}

async fn ask(visit: &Visit, form: CodeForm) -> Result<Reply, Failure> {
    let visitor = visit.visitor().await?;
    let look = Look {
        form,
        ..Look::default()
    };
    match (&visitor.session, &visitor.live, &visitor.signed) {
        (Session::Pending { .. }, _, Some(signed)) => for_login(visit, signed, look).await,
        (Session::Verified(_), Some(live), _) => for_session(visit, &visitor, live, look).await,
        _ => Ok(target::to_login(&visit.gateway, &visit.arrival)),
    }
}

async fn for_login(visit: &Visit, signed: &Signed<'_>, look: Look) -> Result<Reply, Failure> {
    let Some(attempt) = visit.gateway.store.attempt_find(&signed.hash).await? else {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    };
    if attempt.expires_at <= visit.now {
        visit
            .gateway
            .store
            .attempt_expire(attempt.id, visit.now)
            .await?;
        return Ok(over(visit, EndWhy::Expired));
    }
    match attempt.state {
        AttemptState::Pending => {}
        AttemptState::Enrolling if attempt.enrolment_code_ok => {
            return super::enrol::begin(visit, &attempt).await;
        }
        AttemptState::Enrolling => return Ok(Reply::redirect(target::ENROL_CODE)),
        AttemptState::Claimed => return Ok(Reply::redirect("/.anteroom/recovery-codes")),
        AttemptState::Released => return Ok(over(visit, EndWhy::Elsewhere)),
    }
    if look.form != CodeForm::Saved && super::mail::is_her_way(visit, &attempt).await? {
        return Ok(Reply::redirect(target::MAIL));
    }
    let material = visit.gateway.store.challenge_material(&attempt).await?;
    if let Some(until) = look.waits_until(visit, &material) {
        return Ok(paused_code(visit, until, false));
    }
    show_login_form(visit, signed, &attempt, &material, StatusCode::OK, look).await
}

async fn show_login_form(
    visit: &Visit,
    signed: &Signed<'_>,
    attempt: &Attempt,
    material: &Material,
    status: StatusCode,
    look: Look,
) -> Result<Reply, Failure> {
    let asked = passkey::ask(visit, signed.hash, attempt.subscriber, attempt.proved).await?;
    // Without a proved password the page is the same for everybody (attack D12).
    let token = attempt.proved && material.has_token();
    let left = attempt.expires_at.since(visit.now).as_secs();
    let page = Page::Challenge {
        nonce: &nonce_text(&attempt.form_nonce),
        problem: look.problem,
        unlock: false,
        stale: false,
        form: look.form_for(token),
        token,
        // How many are left tells somebody who only guesses that there is somebody to guess.
        recovery_left: None,
        minutes_left: u32::try_from(left.div_ceil(60)).unwrap_or(u32::MAX),
        tries_left: look.tries_left,
        remember_days: remembered::offered(&visit.arrival),
        passkey: asked.as_ref().map(PasskeyAsked::on_page),
    };
    Ok(visit.show_held(status, attempt, &page))
}

async fn for_session(
    visit: &Visit,
    visitor: &Visitor<'_>,
    live: &Live,
    look: Look,
) -> Result<Reply, Failure> {
    let limits = &visit.arrival.app.settings.policy.lifetimes;
    let wanted = target::wanted(&visit.gateway, &visit.arrival, &visit.headers);
    let stale = match live.verified().standing(limits, visit.now) {
        Standing::Over => return leave::over(visit, visitor, EndWhy::Expired).await,
        // There is no second factor that a code could renew: a full login.
        Standing::Locked if live.is_single_factor() => {
            return leave::over(visit, visitor, EndWhy::Idle).await;
        }
        Standing::Locked => false,
        Standing::Fresh if is_stale(visit, live, wanted.as_deref()) => true,
        Standing::Fresh => return Ok(Reply::redirect(wanted.as_deref().unwrap_or("/"))),
    };
    let Some(subscriber) = live.subscriber else {
        return leave::over(visit, visitor, EndWhy::Idle).await;
    };
    // A code by mail is bound to a login: who has no other way signs in anew.
    if super::mail::is_only_way(visit, live.hash(), subscriber).await? {
        return leave::over(visit, visitor, EndWhy::Idle).await;
    }
    let material = visit.gateway.store.unlock_material(subscriber).await?;
    if let Some(until) = look.waits_until(visit, &material) {
        return Ok(paused_code(visit, until, true));
    }
    let ends = live
        .verified()
        .active_at
        .plus(limits.idle)
        .plus(limits.unlock_within);
    let left = ends.min(live.ends_at).since(visit.now).as_secs();
    let nonce = nonce_text(&unlock_nonce(visit, live));
    let asked = passkey::ask(visit, live.hash(), Some(subscriber), true).await?;
    Ok(visit.show(&Page::Challenge {
        nonce: &nonce,
        problem: look.problem,
        unlock: !stale,
        stale,
        form: look.form_for(material.has_token()),
        token: material.has_token(),
        recovery_left: Some(material.recovery_left),
        minutes_left: u32::try_from(left.div_ceil(60)).unwrap_or(u32::MAX),
        tries_left: look.tries_left,
        remember_days: None,
        passkey: asked.as_ref().map(PasskeyAsked::on_page),
    }))
}

fn is_stale(visit: &Visit, live: &Live, wanted: Option<&str>) -> bool {
    let age = visit.now.since(live.verified().authenticated_at).as_secs();
    let path = wanted.map(|target| target.split('?').next().unwrap_or_default());
    path.is_some_and(|path| {
        let fresh = &visit.arrival.app.settings.profile.fresh;
        fresh
            .iter()
            .any(|(rule, limit)| rule.matches(path) && age >= u64::from(*limit))
    })
}

/// The nonce of an unlock form: the same until the session is unlocked, so that two tabs do not
/// quarrel.
fn unlock_nonce(visit: &Visit, live: &Live) -> [u8; 16] {
    let at = live.verified().authenticated_at.as_millis().to_be_bytes();
    let mac = visit
        .gateway
        .keys
        .mac("unlock form", &[&live.hash().0, &at]);
    let mut nonce = [0_u8; 16];
    nonce.copy_from_slice(&mac[..16]);
    nonce
}

pub(super) async fn answer(visit: &Visit) -> Result<Reply, Failure> {
    let posted = visit.posted()?;
    let visitor = visit.visitor().await?;
    let Some(signed) = &visitor.signed else {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    };
    if let (Session::Verified(_), Some(live)) = (&visitor.session, &visitor.live) {
        return reopen(visit, &visitor, live, signed, &posted).await;
    }
    if let (Session::Verified(_), Some(record)) = (&visitor.session, &visitor.record) {
        return unlocked_before(visit, signed, record, &posted).await;
    }
    let Some(attempt) = visit.gateway.store.attempt_find(&signed.hash).await? else {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    };
    posted.belongs_to(&attempt.form_nonce)?;
    let look = Look {
        form: posted_form(visit),
        ..Look::default()
    };
    let by_mail = visit.arrival.path == target::MAIL;
    if let Some(problem) = missing(visit, &posted) {
        if by_mail {
            return super::mail::again(visit, signed, &attempt, problem).await;
        }
        let problem = Some(problem);
        return for_login(visit, signed, Look { problem, ..look }).await;
    }
    let (gateway, arrival) = (&visit.gateway, &visit.arrival);
    let waits = attempt.state == AttemptState::Pending && visit.now < attempt.expires_at;
    let answered = if is_passkey_form(visit) && waits {
        let answer = &posted.answer;
        let taken = answered::take(gateway, arrival, &signed.hash, attempt.subscriber, answer);
        Some(taken.await?)
    } else {
        None
    };
    let typed = typed(visit, &posted, attempt.form_nonce, answered.as_ref());
    let tried = release::try_code(gateway, arrival, signed, &attempt, &typed, visit.now).await?;
    match tried {
        Tried::Not { .. } if by_mail => {
            super::mail::again(visit, signed, &attempt, CodeProblem::WrongMailCode).await
        }
        Tried::Not {
            problem,
            tries_left,
        } => {
            let look = Look {
                problem: Some(problem),
                tries_left: Some(tries_left),
                ..look
            };
            let material = gateway.store.challenge_material(&attempt).await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_login_form(visit, signed, &attempt, &material, status, look).await
        }
        other => Ok(told(visit, other, false)),
    }
}

/// The form of a session whose id was rotated away, by the first click of two.
async fn unlocked_before(
    visit: &Visit,
    signed: &Signed<'_>,
    record: &SessionRecord,
    posted: &Posted,
) -> Result<Reply, Failure> {
    let (gateway, arrival) = (&visit.gateway, &visit.arrival);
    let to_login = || target::to_login(gateway, arrival);
    let Some(nonce) = posted.nonce else {
        return Ok(to_login());
    };
    let typed = typed(visit, posted, nonce, None);
    let wanted = target::wanted(gateway, arrival, &visit.headers);
    let wanted = wanted.as_deref();
    let released =
        unlock::unlock_again(gateway, arrival, signed, record, &typed, wanted, visit.now).await?;
    Ok(released.map_or_else(to_login, release::Released::into_reply))
}

async fn reopen(
    visit: &Visit,
    visitor: &Visitor<'_>,
    live: &std::sync::Arc<Live>,
    signed: &Signed<'_>,
    posted: &Posted,
) -> Result<Reply, Failure> {
    let (gateway, arrival) = (&visit.gateway, &visit.arrival);
    let limits = &arrival.app.settings.policy.lifetimes;
    match live.verified().standing(limits, visit.now) {
        Standing::Over => return leave::over(visit, visitor, EndWhy::Expired).await,
        Standing::Locked if live.is_single_factor() => {
            return leave::over(visit, visitor, EndWhy::Idle).await;
        }
        Standing::Locked | Standing::Fresh => {}
    }
    let nonce = unlock_nonce(visit, live);
    posted.belongs_to(&nonce)?;
    let look = Look {
        form: posted_form(visit),
        ..Look::default()
    };
    if let Some(problem) = missing(visit, posted) {
        let problem = Some(problem);
        return for_session(visit, visitor, live, Look { problem, ..look }).await;
    }
    let wanted = target::wanted(gateway, arrival, &visit.headers);
    let answered = if is_passkey_form(visit) {
        let (session, answer) = (live.hash(), &posted.answer);
        let taken = answered::take(gateway, arrival, &session, live.subscriber, answer);
        Some(taken.await?)
    } else {
        None
    };
    let typed = typed(visit, posted, nonce, answered.as_ref());
    let tried =
        unlock::try_unlock(gateway, arrival, signed, live, &typed, wanted, visit.now).await?;
    match tried {
        Tried::Not {
            problem,
            tries_left,
        } => {
            let look = Look {
                problem: Some(problem),
                tries_left: Some(tries_left),
                ..look
            };
            let mut reply = for_session(visit, visitor, live, look).await?;
            if reply.status == StatusCode::OK {
                reply.status = StatusCode::UNPROCESSABLE_ENTITY;
            }
            Ok(reply)
        }
        other => Ok(told(visit, other, true)),
    }
}

fn told(visit: &Visit, tried: Tried, unlock: bool) -> Reply {
    match tried {
        Tried::Released(released) => released.into_reply(),
        Tried::Paused { until } => paused_code(visit, until, unlock),
        Tried::Stopped => visit.show_as(StatusCode::FORBIDDEN, &Page::Notice(Notice::Stopped)),
        Tried::Over(why) => over(visit, why),
        // Both callers show their own form again.
        Tried::Not { .. } => over(visit, EndWhy::Elsewhere),
    }
}

/// The page of a pause.
pub(super) fn paused(visit: &Visit, until: Timestamp, unlock: bool) -> Reply {
    show_pause(visit, until, unlock, false)
}

/// The same where a code is asked for in place of which something else may count meanwhile.
fn paused_code(visit: &Visit, until: Timestamp, unlock: bool) -> Reply {
    show_pause(visit, until, unlock, true)
}

/// Says the time for programs as well.
fn show_pause(visit: &Visit, until: Timestamp, unlock: bool, otherwise: bool) -> Reply {
    let seconds = until.since(visit.now).as_secs().max(1);
    let page = Page::Paused {
        until,
        seconds,
        unlock,
        otherwise,
    };
    let reply = visit.show_as(StatusCode::TOO_MANY_REQUESTS, &page);
    reply.with(http::header::RETRY_AFTER, &seconds.to_string())
}

fn over(visit: &Visit, why: EndWhy) -> Reply {
    visit.show_as(StatusCode::FORBIDDEN, &Page::Ended { why })
}
