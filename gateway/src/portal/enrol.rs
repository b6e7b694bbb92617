//! Enrolment: the operator's code if one is needed, the choice of a method where there is one, the
//! QR code, the first code. The recovery codes follow in `saved_codes`.
//!
//! Nothing counts before the first code is confirmed. The seed is shown only here, only while it
//! does not count yet (attack D16). The store keeps every step, so that a crash loses none.

use anteroom_core::authenticator::{AuthenticatorKind, Reachable};
use anteroom_core::challenge::{CodeHint, FirstCodeVerdict, judge_first_code};
use anteroom_core::enrolment::{EnrolmentCode, EnrolmentProof};
use anteroom_core::session::Session;
use anteroom_core::totp::{SECRET_BYTES, TotpSecret, otpauth_uri};
use anteroom_store::{Attempt, AttemptState, CodeTry};
use http::StatusCode;

use super::visit::{Visit, nonce_text};
use super::{Answer, enrol_mail, enrolled, mail};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::method::Methods;
use crate::pages::{CodeProblem, EndWhy, Notice, Page, qr};
use crate::passkeys::allowed;
use crate::reply::Reply;
use crate::sign_in::methods::{self, Steps};
use crate::sign_in::target;

pub(super) const CODES: &str = "/.anteroom/recovery-codes";
/// What the first authenticator is called until its owner names it.
const LABEL: &str = "Authenticator app";

pub(crate) async fn get_code(visit: Visit) -> Answer {
    show_code_form(&visit).await.into()
}

pub(crate) async fn post_code(visit: Visit) -> Answer {
    take_code(&visit).await.into()
}

pub(crate) async fn get_method(visit: Visit) -> Answer {
    show_methods(&visit).await.into()
}

pub(crate) async fn get(visit: Visit) -> Answer {
    show_seed(&visit).await.into()
}

pub(crate) async fn post(visit: Visit) -> Answer {
    confirm(&visit).await.into()
}

/// The attempt of this browser, and its cookie; or where to go instead.
pub(super) enum Found<'v> {
    Attempt(Signed<'v>, Box<Attempt>),
    Elsewhere(Reply),
}

pub(super) async fn find(visit: &Visit) -> Result<Found<'_>, Failure> {
    let visitor = visit.visitor().await?;
    let pending = matches!(visitor.session, Session::Pending { .. });
    let to_login = || Found::Elsewhere(target::to_login(&visit.gateway, &visit.arrival));
    let Some(signed) = visitor.signed.filter(|_| pending) else {
        return Ok(match visitor.live {
            Some(_) => Found::Elsewhere(Reply::redirect("/")),
            None => to_login(),
        });
    };
    let Some(attempt) = visit.gateway.store.attempt_find(&signed.hash).await? else {
        return Ok(to_login());
    };
    if attempt.expires_at <= visit.now {
        visit
            .gateway
            .store
            .attempt_expire(attempt.id, visit.now)
            .await?;
        let page = Page::Ended {
            why: EndWhy::Expired,
        };
        return Ok(Found::Elsewhere(
            visit.show_as(StatusCode::FORBIDDEN, &page),
        ));
    }
    Ok(Found::Attempt(signed, Box::new(attempt)))
}

pub(super) fn needs_code(attempt: &Attempt) -> bool {
    attempt.enrolling == Some(EnrolmentProof::Code) && !attempt.enrolment_code_ok
}

/// How far somebody has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Station {
    /// She has set up something before: a code is asked for.
    Challenge,
    /// An operator's code is asked for.
    Code,
    /// The choice of a way, and the pages of each.
    SetUp,
    /// The recovery codes.
    Codes,
}

impl Station {
    fn of(attempt: &Attempt) -> Self {
        match attempt.state {
            AttemptState::Pending => Self::Challenge,
            AttemptState::Enrolling if needs_code(attempt) => Self::Code,
            AttemptState::Enrolling => Self::SetUp,
            AttemptState::Claimed | AttemptState::Released => Self::Codes,
        }
    }
}

/// The page that this attempt has come to, unless it is this one: by Back, by an old tab or by an
/// address typed, nobody gets behind what was done or before what is still to do.
pub(super) async fn elsewhere(
    visit: &Visit,
    attempt: &Attempt,
    this: Station,
) -> Result<Option<Reply>, Failure> {
    Ok(match Station::of(attempt) {
        station if station == this => None,
        Station::Challenge => Some(Reply::redirect(target::CHALLENGE)),
        Station::Code => Some(Reply::redirect(target::ENROL_CODE)),
        Station::SetUp => Some(begin(visit, attempt).await?),
        Station::Codes => Some(Reply::redirect(CODES)),
    })
}

async fn show_code_form(visit: &Visit) -> Result<Reply, Failure> {
    let attempt = match find(visit).await? {
        Found::Attempt(_, attempt) => attempt,
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(visit, &attempt, Station::Code).await? {
        return Ok(reply);
    }
    code_form(visit, &attempt, StatusCode::OK, None).await
}

async fn code_form(
    visit: &Visit,
    attempt: &Attempt,
    status: StatusCode,
    problem: Option<CodeProblem>,
) -> Result<Reply, Failure> {
    let nonce = nonce_text(&attempt.form_nonce);
    let page = Page::EnrolCode {
        nonce: &nonce,
        problem,
        name: &attempt.display_name,
        steps: steps(visit, attempt).await?.all(),
    };
    Ok(visit.show_held(status, attempt, &page))
}

async fn take_code(visit: &Visit) -> Result<Reply, Failure> {
    let attempt = match find(visit).await? {
        Found::Attempt(_, attempt) => attempt,
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(visit, &attempt, Station::Code).await? {
        return Ok(reply);
    }
    let posted = visit.posted()?;
    posted.belongs_to(&attempt.form_nonce)?;
    let again = |problem| {
        code_form(
            visit,
            &attempt,
            StatusCode::UNPROCESSABLE_ENTITY,
            Some(problem),
        )
    };
    if posted.code.trim().is_empty() {
        return again(CodeProblem::Missing).await;
    }
    let Some(code) = EnrolmentCode::parse(&posted.code) else {
        return again(CodeProblem::Malformed).await;
    };
    let policy = &visit.arrival.app.settings.policy.throttle;
    let tried = visit
        .gateway
        .store
        .enrolment_code_try(attempt.id, &code, policy, visit.now)
        .await?;
    Ok(match tried {
        CodeTry::Ok => begin(visit, &attempt).await?,
        CodeTry::Wrong => again(CodeProblem::WrongEnrolmentCode).await?,
        CodeTry::Paused { until } => super::challenge::paused(visit, until, false),
        CodeTry::Exhausted => visit.show_as(StatusCode::FORBIDDEN, &Page::Notice(Notice::Stopped)),
        CodeTry::Gone => target::to_login(&visit.gateway, &visit.arrival),
    })
}

type Choice = Vec<(AuthenticatorKind, &'static str)>;

/// What this person may choose from. Codes by mail while mail works, and where they are her only
/// way: then their page says that it does not.
async fn choice(visit: &Visit, attempt: &Attempt) -> Result<Choice, Failure> {
    let allowed = allowed(&visit.arrival);
    let others = methods::choice(allowed, Reachable { email: false });
    if !enrol_mail::is_open(visit, attempt).await? {
        return Ok(others);
    }
    if !others.is_empty() && mail::is_down(visit).await? {
        return Ok(others);
    }
    Ok(methods::choice(allowed, Reachable { email: true }))
}

pub(super) async fn steps(visit: &Visit, attempt: &Attempt) -> Result<Steps, Failure> {
    Ok(Steps {
        coded: attempt.enrolling == Some(EnrolmentProof::Code),
        chosen: choice(visit, attempt).await?.len() > 1,
    })
}

/// To the first page of the set-up.
pub(super) async fn begin(visit: &Visit, attempt: &Attempt) -> Result<Reply, Failure> {
    Ok(match methods::start(&choice(visit, attempt).await?) {
        Some(place) => Reply::redirect(place),
        None => visit.show_as(StatusCode::FORBIDDEN, &Page::Notice(Notice::NoAccessYet)),
    })
}

async fn show_methods(visit: &Visit) -> Result<Reply, Failure> {
    let attempt = match find(visit).await? {
        Found::Attempt(_, attempt) => attempt,
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(visit, &attempt, Station::SetUp).await? {
        return Ok(reply);
    }
    let open = choice(visit, &attempt).await?;
    let steps = steps(visit, &attempt).await?;
    if !steps.chosen {
        return begin(visit, &attempt).await;
    }
    Ok(visit.show(&Page::Method(Methods {
        nonce: &nonce_text(&attempt.form_nonce),
        open: &open,
        step: steps.choice(),
        steps: steps.all(),
    })))
}

/// Policy decides what may be set up, not the address that was asked for (attack D19).
fn may_use_a_phone(visit: &Visit) -> bool {
    let open = methods::choice(allowed(&visit.arrival), Reachable { email: false });
    open.iter()
        .any(|(kind, _)| *kind == AuthenticatorKind::Totp)
}

async fn show_seed(visit: &Visit) -> Result<Reply, Failure> {
    let attempt = match find(visit).await? {
        Found::Attempt(_, attempt) => attempt,
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(visit, &attempt, Station::SetUp).await? {
        return Ok(reply);
    }
    if !may_use_a_phone(visit) {
        return begin(visit, &attempt).await;
    }
    let Some(seed) = seed_of(visit, &attempt).await? else {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    };
    seed_form(visit, &attempt, &seed, StatusCode::OK, None).await
}

async fn seed_of(visit: &Visit, attempt: &Attempt) -> Result<Option<TotpSecret>, Failure> {
    let random: [u8; SECRET_BYTES] = visit.gateway.random();
    let candidate = TotpSecret::from_bytes(random);
    Ok(visit
        .gateway
        .store
        .enrolment_seed(attempt.id, &candidate, visit.now)
        .await?)
}

async fn seed_form(
    visit: &Visit,
    attempt: &Attempt,
    seed: &TotpSecret,
    status: StatusCode,
    problem: Option<CodeProblem>,
) -> Result<Reply, Failure> {
    let app = &visit.arrival.app.settings.display_name;
    let uri = otpauth_uri(seed, app, &attempt.display_name);
    let picture =
        qr::qr_png(&uri).map_err(|_| Failure::Internal("a QR code could not be drawn"))?;
    let nonce = nonce_text(&attempt.form_nonce);
    let steps = steps(visit, attempt).await?;
    let page = Page::EnrolTotp {
        nonce: &nonce,
        problem,
        qr_png: &picture,
        secret_groups: &seed.in_groups_of_four(),
        uri: &uri,
        account: &attempt.display_name,
        step: steps.set_up(),
        steps: steps.all(),
        others: steps.chosen,
    };
    Ok(visit.show_as(status, &page))
}

async fn confirm(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(visit, &attempt, Station::SetUp).await? {
        return Ok(reply);
    }
    if !may_use_a_phone(visit) {
        return begin(visit, &attempt).await;
    }
    let posted = visit.posted()?;
    posted.belongs_to(&attempt.form_nonce)?;
    let Some(seed) = seed_of(visit, &attempt).await? else {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    };
    let again = |problem| {
        seed_form(
            visit,
            &attempt,
            &seed,
            StatusCode::UNPROCESSABLE_ENTITY,
            Some(problem),
        )
    };
    if posted.code.trim().is_empty() {
        return again(CodeProblem::Missing).await;
    }
    let first = match judge_first_code(&seed, &posted.code, visit.now) {
        FirstCodeVerdict::Accept(first) => first,
        FirstCodeVerdict::Wrong { hint } => {
            return again(match hint {
                Some(CodeHint::Malformed) => CodeProblem::Malformed,
                Some(CodeHint::ClockOff { minutes }) => CodeProblem::ClockOff { minutes },
                // Said of codes that are on file already, never of a first one.
                Some(CodeHint::TokenSlow { .. } | CodeHint::SwitchedOff) | None => {
                    CodeProblem::Wrong
                }
            })
            .await;
        }
    };
    let confirmed = enrolled::confirm_with(visit, &signed, &attempt, first.into(), LABEL).await?;
    Ok(confirmed.unwrap_or_else(|| ended_elsewhere(visit)))
}

pub(super) fn ended_elsewhere(visit: &Visit) -> Reply {
    let page = Page::Ended {
        why: EndWhy::Elsewhere,
    };
    visit.show_as(StatusCode::FORBIDDEN, &page)
}
