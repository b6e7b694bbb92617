//! Enrolment: the operator's code if one is needed, the QR code, the first code, the recovery
//! codes.
//!
//! Nothing counts before the first code is confirmed, and the recovery codes can be seen again
//! until the subscriber says that she has them (attack F10). The seed is shown only here, only
//! while it does not count yet (attack D16). The store keeps every step, so that a crash loses
//! none.

use anteroom_core::challenge::{CodeHint, FirstCodeVerdict, judge_first_code};
use anteroom_core::enrolment::{EnrolmentCode, EnrolmentProof};
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::session::Session;
use anteroom_core::totp::{SECRET_BYTES, TotpSecret, otpauth_uri};
use anteroom_store::{Attempt, AttemptState, CodeTry, EnrolContext, EnrolOutcome};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::Answer;
use super::visit::{Visit, nonce_text};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::{self, CodeProblem, EndWhy, Notice, Page, qr};
use crate::reply::Reply;
use crate::sign_in::{jars, release, target};

const CODES: &str = "/.anteroom/recovery-codes";
/// Purpose of the key under which recovery codes wait to be seen.
const SEALED_CODES: &str = "recovery codes";
/// What the first authenticator is called until its owner names it.
const LABEL: &str = "Authenticator app";

pub(crate) async fn get_code(visit: Visit) -> Answer {
    show_code_form(&visit).await.into()
}

pub(crate) async fn post_code(visit: Visit) -> Answer {
    take_code(&visit).await.into()
}

pub(crate) async fn get(visit: Visit) -> Answer {
    show_seed(&visit).await.into()
}

pub(crate) async fn post(visit: Visit) -> Answer {
    confirm(&visit).await.into()
}

pub(crate) async fn get_codes(visit: Visit) -> Answer {
    show_codes(&visit).await.into()
}

pub(crate) async fn get_codes_file(visit: Visit) -> Answer {
    download_codes(&visit).await.into()
}

pub(crate) async fn post_codes(visit: Visit) -> Answer {
    finish(&visit).await.into()
}

/// The attempt of this browser, and its cookie; or where to go instead.
enum Found<'v> {
    Attempt(Signed<'v>, Box<Attempt>),
    Elsewhere(Reply),
}

async fn find(visit: &Visit) -> Result<Found<'_>, Failure> {
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

fn needs_code(attempt: &Attempt) -> bool {
    attempt.enrolling == Some(EnrolmentProof::Code) && !attempt.enrolment_code_ok
}

/// The page that this attempt has come to, unless it is `wanted`.
fn elsewhere(attempt: &Attempt, wanted: &str) -> Option<Reply> {
    let place = match attempt.state {
        AttemptState::Pending => target::CHALLENGE,
        AttemptState::Enrolling if needs_code(attempt) => target::ENROL_CODE,
        AttemptState::Enrolling => target::ENROL,
        AttemptState::Claimed | AttemptState::Released => CODES,
    };
    (place != wanted).then(|| Reply::redirect(place))
}

async fn show_code_form(visit: &Visit) -> Result<Reply, Failure> {
    let attempt = match find(visit).await? {
        Found::Attempt(_, attempt) => attempt,
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(&attempt, target::ENROL_CODE) {
        return Ok(reply);
    }
    Ok(code_form(visit, &attempt, StatusCode::OK, None))
}

fn code_form(
    visit: &Visit,
    attempt: &Attempt,
    status: StatusCode,
    problem: Option<CodeProblem>,
) -> Reply {
    let nonce = nonce_text(&attempt.form_nonce);
    let page = Page::EnrolCode {
        nonce: &nonce,
        problem,
        name: &attempt.display_name,
    };
    if problem.is_none() {
        return visit.show_held(attempt, &page);
    }
    visit.show_as(status, &page)
}

async fn take_code(visit: &Visit) -> Result<Reply, Failure> {
    let attempt = match find(visit).await? {
        Found::Attempt(_, attempt) => attempt,
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(&attempt, target::ENROL_CODE) {
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
        return Ok(again(CodeProblem::Missing));
    }
    let Some(code) = EnrolmentCode::parse(&posted.code) else {
        return Ok(again(CodeProblem::Malformed));
    };
    let policy = &visit.arrival.app.settings.policy.throttle;
    let tried = visit
        .gateway
        .store
        .enrolment_code_try(attempt.id, &code, policy, visit.now)
        .await?;
    Ok(match tried {
        CodeTry::Ok => Reply::redirect(target::ENROL),
        CodeTry::Wrong => again(CodeProblem::WrongEnrolmentCode),
        CodeTry::Paused { until } => super::challenge::paused(visit, until, false),
        CodeTry::Exhausted => visit.show_as(StatusCode::FORBIDDEN, &Page::Notice(Notice::Stopped)),
        CodeTry::Gone => target::to_login(&visit.gateway, &visit.arrival),
    })
}

async fn show_seed(visit: &Visit) -> Result<Reply, Failure> {
    let attempt = match find(visit).await? {
        Found::Attempt(_, attempt) => attempt,
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(&attempt, target::ENROL) {
        return Ok(reply);
    }
    let Some(seed) = seed_of(visit, &attempt).await? else {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    };
    seed_form(visit, &attempt, &seed, StatusCode::OK, None)
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

fn seed_form(
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
    let coded = attempt.enrolling == Some(EnrolmentProof::Code);
    let (step, steps) = if coded { (2, 3) } else { (1, 2) };
    let page = Page::EnrolTotp {
        nonce: &nonce,
        problem,
        qr_png: &picture,
        secret_groups: &seed.in_groups_of_four(),
        uri: &uri,
        account: &attempt.display_name,
        step,
        steps,
    };
    Ok(visit.show_as(status, &page))
}

async fn confirm(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(&attempt, target::ENROL) {
        return Ok(reply);
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
        return again(CodeProblem::Missing);
    }
    let first = match judge_first_code(&seed, &posted.code, visit.now) {
        FirstCodeVerdict::Accept(first) => first,
        FirstCodeVerdict::Wrong { hint } => {
            return again(match hint {
                Some(CodeHint::Malformed) => CodeProblem::Malformed,
                Some(CodeHint::ClockOff { minutes }) => CodeProblem::ClockOff { minutes },
                None => CodeProblem::Wrong,
            });
        }
    };
    let codes = mint_codes(visit);
    let sealed = seal_codes(visit, &signed, &codes)?;
    let context = EnrolContext {
        attempt: attempt.id,
        label: LABEL,
        codes,
        codes_sealed: &sealed,
        verified: release::verified_hash(&visit.arrival, &signed, &attempt),
        needs_code: needs_code(&attempt),
        client: visit.arrival.client,
        now: visit.now,
    };
    Ok(
        match visit
            .gateway
            .store
            .enrolment_confirm(first, context)
            .await?
        {
            EnrolOutcome::Claimed(_) => Reply::redirect(CODES),
            EnrolOutcome::CodeMissing => Reply::redirect(target::ENROL_CODE),
            EnrolOutcome::Gone | EnrolOutcome::AlreadyEnrolled => {
                let page = Page::Ended {
                    why: EndWhy::Elsewhere,
                };
                visit.show_as(StatusCode::FORBIDDEN, &page)
            }
        },
    )
}

fn mint_codes(visit: &Visit) -> Vec<RecoveryCode> {
    let count = usize::from(visit.arrival.app.settings.policy.recovery_codes);
    (0..count)
        .map(|_| RecoveryCode::mint(&visit.gateway.random()))
        .collect()
}

fn seal_codes(
    visit: &Visit,
    signed: &Signed<'_>,
    codes: &[RecoveryCode],
) -> Result<Vec<u8>, Failure> {
    let shown: Vec<String> = codes.iter().map(RecoveryCode::shown).collect();
    let plain = zeroize::Zeroizing::new(shown.join("\n"));
    jars::seal_for(
        &visit.gateway,
        signed.keys,
        SEALED_CODES,
        &visit.arrival,
        &signed.id,
        plain.as_bytes(),
    )
}

/// The codes that wait to be seen, with the attempt they belong to.
async fn waiting_codes(
    visit: &Visit,
) -> Result<Result<(Box<Attempt>, Vec<String>), Reply>, Failure> {
    let (signed, attempt) = match find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(Err(reply)),
    };
    if let Some(reply) = elsewhere(&attempt, CODES) {
        return Ok(Err(reply));
    }
    let opened = attempt.codes.as_deref().and_then(|sealed| {
        jars::open_for(
            signed.keys,
            SEALED_CODES,
            &visit.arrival,
            &signed.id,
            sealed,
        )
    });
    let Some(text) = opened.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        let page = Page::Ended {
            why: EndWhy::Elsewhere,
        };
        return Ok(Err(visit.show_as(StatusCode::FORBIDDEN, &page)));
    };
    Ok(Ok((attempt, text.lines().map(str::to_owned).collect())))
}

async fn show_codes(visit: &Visit) -> Result<Reply, Failure> {
    let (attempt, codes) = match waiting_codes(visit).await? {
        Ok(found) => found,
        Err(reply) => return Ok(reply),
    };
    let nonce = nonce_text(&attempt.form_nonce);
    let account = &attempt.display_name;
    Ok(visit.show(&Page::RecoveryCodes {
        nonce: &nonce,
        codes: &codes,
        account,
    }))
}

async fn download_codes(visit: &Visit) -> Result<Reply, Failure> {
    let (attempt, codes) = match waiting_codes(visit).await? {
        Ok(found) => found,
        Err(reply) => return Ok(reply),
    };
    let app = &visit.arrival.app.settings.display_name;
    let language = visit.arrival.language();
    let text = pages::codes_file(&codes, &attempt.display_name, app, language);
    let mut reply = Reply::empty(StatusCode::OK)
        .with(CONTENT_TYPE, "text/plain; charset=utf-8")
        .with(
            CONTENT_DISPOSITION,
            "attachment; filename=\"recovery-codes.txt\"",
        );
    reply.body = text.into();
    Ok(reply)
}

async fn finish(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(&attempt, CODES) {
        return Ok(reply);
    }
    visit.posted()?.belongs_to(&attempt.form_nonce)?;
    let Some(claimed) = visit.gateway.store.attempt_claimed(&signed.hash).await? else {
        return Ok(target::to_login(&visit.gateway, &visit.arrival));
    };
    let (gateway, arrival) = (&visit.gateway, &visit.arrival);
    let released =
        release::after_enrolment(gateway, arrival, &signed, &attempt, &claimed, visit.now).await?;
    Ok(match released {
        Some(released) => released.into_reply(),
        None => target::to_login(gateway, arrival),
    })
}
