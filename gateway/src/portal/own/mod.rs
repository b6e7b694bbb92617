//! A person's own page and the forms of its acts: who may see them, and how their forms are tied.
//!
//! Only a verified session that is neither locked nor single-factor makes a [`Herself`], and every
//! form handler begins with one (advisories B2, B5). A form's nonce belongs to the session and the
//! act, so that no other session's and no other act's is taken (attack D17). Handlers: `overview`,
//! `acts`, `phone`, `key`, `codes`; `mailed` sends a code, `devices` reads, `proof` says what may
//! be asked for. What an act needs is `crate::sign_in::own_act`'s.

mod acts;
mod codes;
mod devices;
mod key;
mod mailed;
mod overview;
mod phone;
mod proof;

use std::sync::Arc;

use anteroom_core::authenticator::{AuthenticatorKind, Kinds, Reachable, may_set_up};
use anteroom_core::ids::{AuthenticatorId, SubscriberId};
use anteroom_core::own_act::OwnAct;
use anteroom_core::session::{Session, Standing};
use anteroom_store::{OwnActRefusal, OwnFactors};
use axum::Router;
use axum::routing::{MethodRouter, get};
use http::StatusCode;

use super::visit::{Posted, Visit};
use super::{challenge, leave};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::own::{OwnPage, OwnProblem};
use crate::pages::{CodeProblem, EndWhy, Notice, Page};
use crate::passkeys::allowed;
use crate::reply::Reply;
use crate::sessions::Live;
use crate::sign_in::answered;
use crate::sign_in::methods;
use crate::sign_in::own_act::{OwnTried, try_act};
use crate::sign_in::release::{Tried, Typed};
use crate::sign_in::target;

pub(super) use codes::{download as download_codes, mint as mint_codes};
pub(super) use codes::{seen as codes_seen, show as show_codes};

/// The page and its forms, each by its address.
fn table() -> [(&'static str, MethodRouter); 13] {
    [
        ("/.anteroom/me", get(overview::get)),
        (
            "/.anteroom/me/add",
            get(phone::get_add).post(phone::post_add),
        ),
        ("/.anteroom/me/add-passkey", get(key::get).post(key::post)),
        (mailed::SEND, get(mailed::get_send).post(mailed::post_send)),
        (
            "/.anteroom/me/move/{id}",
            get(phone::get_move).post(phone::post_move),
        ),
        (
            "/.anteroom/me/rename/{id}",
            get(acts::get_rename).post(acts::post_rename),
        ),
        (
            "/.anteroom/me/remove/{id}",
            get(acts::get_remove).post(acts::post_remove),
        ),
        (
            "/.anteroom/me/codes",
            get(acts::get_codes).post(acts::post_codes),
        ),
        (
            "/.anteroom/me/end/{id}",
            get(acts::get_end).post(acts::post_end),
        ),
        (
            "/.anteroom/me/end-others",
            get(acts::get_others).post(acts::post_others),
        ),
        (
            "/.anteroom/me/forget/{id}",
            get(acts::get_forget).post(acts::post_forget),
        ),
        (
            "/.anteroom/me/forget-all",
            get(acts::get_forget_all).post(acts::post_forget_all),
        ),
        (
            "/.anteroom/me/not-me",
            get(acts::get_not_me).post(acts::post_not_me),
        ),
    ]
}

/// The addresses of a person's own page and of all its forms, for whoever tries them all.
pub fn addresses() -> impl Iterator<Item = &'static str> {
    table().into_iter().map(|(address, _)| address)
}

pub(super) fn router() -> Router {
    let add = |router: Router, (address, ways)| router.route(address, ways);
    table().into_iter().fold(Router::new(), add)
}

/// Proof that a request comes from a verified session of this person, fresh and with a second
/// factor. Made only by [`herself`].
pub(super) struct Herself<'v> {
    pub(super) live: Arc<Live>,
    pub(super) signed: Signed<'v>,
    pub(super) subscriber: SubscriberId,
}

/// Who asks, or where she is sent instead: to the challenge when locked or pending, to the login
/// when nobody; to the page itself when her session has no second factor.
pub(super) async fn herself(visit: &Visit) -> Result<Result<Herself<'_>, Reply>, Failure> {
    let visitor = visit.visitor().await?;
    let (gateway, arrival) = (&visit.gateway, &visit.arrival);
    let limits = &arrival.app.settings.policy.lifetimes;
    let challenge = || target::to_challenge(gateway, arrival, target::CHALLENGE);
    let (live, signed) = match (visitor.session, visitor.live, visitor.signed) {
        (Session::Verified(_), Some(live), Some(signed)) => (live, signed),
        (Session::Verified(_) | Session::Pending { .. }, ..) => return Ok(Err(challenge())),
        _ => return Ok(Err(target::to_login(gateway, arrival))),
    };
    if live.verified().standing(limits, visit.now) != Standing::Fresh {
        return Ok(Err(challenge()));
    }
    match live.subscriber {
        Some(subscriber) if !live.is_single_factor() => Ok(Ok(Herself {
            live,
            signed,
            subscriber,
        })),
        _ if arrival.path == target::ME => Ok(Err(overview::without(visit, &live))),
        _ => Ok(Err(Reply::redirect(target::ME))),
    }
}

impl Herself<'_> {
    /// The nonce of the form on this path.
    fn nonce(&self, visit: &Visit) -> [u8; 16] {
        nonce_of(visit, &self.live)
    }

    /// The nonce of a form of this page that goes elsewhere.
    fn nonce_for(&self, visit: &Visit, path: &str) -> [u8; 16] {
        nonce_at(visit, &self.live, path)
    }

    /// Whether this very form was carried out some seconds ago: what it set up is gone then.
    async fn sent_before(&self, visit: &Visit) -> Result<bool, Failure> {
        let mac = visit.form_mac(&self.signed.id);
        let store = &visit.gateway.store;
        Ok(store.own_act_again(self.live.row, &mac, visit.now).await?)
    }

    async fn factors(&self, visit: &Visit) -> Result<OwnFactors, Failure> {
        Ok(visit.gateway.store.own_factors(self.subscriber).await?)
    }

    /// Does an act with the code that was typed; a page is shown again with what was wrong.
    async fn act(
        &self,
        visit: &Visit,
        posted: &Posted,
        act: OwnAct<'_>,
        done: &str,
    ) -> Result<Result<Reply, OwnProblem>, Failure> {
        let (gateway, arrival) = (&visit.gateway, &visit.arrival);
        if let Some(problem) = nothing_brought(posted) {
            return Ok(Err(OwnProblem::Code(problem)));
        }
        let mac = visit.form_mac(&self.signed.id);
        let (live, whose) = (&self.live, self.subscriber);
        let (code, answered) = if posted.answer.is_empty() {
            (&posted.code, None)
        } else {
            let (session, answer) = (live.hash(), &posted.answer);
            let taken = answered::take(gateway, arrival, &session, Some(whose), answer);
            (answer, Some(taken.await?))
        };
        let typed = Typed {
            code,
            nonce: self.nonce(visit),
            remember: None,
            second: None,
            answered: answered.as_ref(),
        };
        let tried = try_act(gateway, arrival, live, whose, &typed, mac, act, visit.now).await?;
        Ok(match tried {
            OwnTried::Done => Ok(Reply::redirect(done)),
            OwnTried::SignedOut => Ok(leave::signed_out_now(visit)),
            OwnTried::NotEnough => Err(OwnProblem::NotEnough),
            OwnTried::Refused(why) => Err(problem_of(why)),
            OwnTried::Not(Tried::Not { problem, .. }) => Err(OwnProblem::Code(problem)),
            OwnTried::Not(Tried::Paused { until }) => Ok(challenge::paused(visit, until, true)),
            OwnTried::Not(Tried::Stopped) => {
                Ok(visit.show_as(StatusCode::FORBIDDEN, &Page::Notice(Notice::Stopped)))
            }
            OwnTried::Not(Tried::Over(_) | Tried::Released(_)) => {
                let why = EndWhy::Expired;
                Ok(visit.show_as(StatusCode::FORBIDDEN, &Page::Ended { why }))
            }
        })
    }
}

/// A form without a proof is no try; a passkey's stays away where no script runs.
fn nothing_brought(posted: &Posted) -> Option<CodeProblem> {
    match (posted.answer.is_empty(), posted.code.trim().is_empty()) {
        (true, _) if posted.by_passkey => Some(CodeProblem::PasskeyMissing),
        (true, true) => Some(CodeProblem::Missing),
        _ => None,
    }
}

fn nonce_of(visit: &Visit, live: &Live) -> [u8; 16] {
    nonce_at(visit, live, &visit.arrival.path)
}

fn nonce_at(visit: &Visit, live: &Live, path: &str) -> [u8; 16] {
    let parts: [&[u8]; 2] = [&live.hash().0, path.as_bytes()];
    let mac = visit.gateway.keys.mac("own page form", &parts);
    let mut nonce = [0_u8; 16];
    nonce.copy_from_slice(&mac[..16]);
    nonce
}

const fn problem_of(why: OwnActRefusal) -> OwnProblem {
    match why {
        OwnActRefusal::LabelTaken => OwnProblem::LabelTaken,
        OwnActRefusal::NotHers => OwnProblem::Gone,
        OwnActRefusal::LastOne => OwnProblem::LastOne,
        OwnActRefusal::SetupOver => OwnProblem::SetupOver,
        OwnActRefusal::TooMany => OwnProblem::TooMany,
        OwnActRefusal::PasskeyKnown => OwnProblem::First(CodeProblem::PasskeyKnown),
        OwnActRefusal::OtherHandle => OwnProblem::First(CodeProblem::PasskeyLate),
    }
}

/// The id at the end of this path.
fn id_in(visit: &Visit) -> Result<i64, Failure> {
    let last = visit.arrival.path.rsplit('/').next().unwrap_or_default();
    // One spelling of each: `+7` and `007` are no ids.
    let number = last.parse::<i64>().ok().filter(|id| id.to_string() == last);
    number.ok_or_else(|| Failure::refused(Notice::NotFound))
}

/// What she calls this authenticator; not found when it is none of hers.
fn label_of(factors: &OwnFactors, id: AuthenticatorId) -> Result<&str, Failure> {
    let found = factors.authenticators.iter().find(|one| one.id == id);
    found
        .map(|one| one.label.as_str())
        .ok_or_else(|| Failure::refused(Notice::NotFound))
}

fn show(visit: &Visit, page: OwnPage<'_>, problem: Option<OwnProblem>) -> Reply {
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    visit.show_as(status, &Page::Own(page))
}

/// How many recovery codes she has left; `None` when none were ever made for her.
fn codes_left(factors: &OwnFactors) -> Option<u32> {
    factors.recovery.issued_at.map(|_| factors.recovery.left)
}

/// Whether her codes come from a hardware token alone.
const fn has_only_a_token(held: Kinds) -> bool {
    held.has(AuthenticatorKind::Hardware) && !held.has(AuthenticatorKind::Totp)
}

/// Where she may set up another authenticator, by kind.
fn places(visit: &Visit, factors: &OwnFactors) -> Vec<(AuthenticatorKind, &'static str)> {
    let allowed = allowed(&visit.arrival);
    let open = may_set_up(factors.kinds(), allowed, Reachable { email: false });
    open.iter()
        .filter_map(|kind| methods::beside_others(kind).map(|path| (kind, path)))
        .collect()
}
