//! The recovery codes of an enrolment: shown and given as a file until their owner has them.
//!
//! They can be seen again until she says so (attack F10), and the held answer waits for it. A
//! verified session that made new ones comes to the same addresses: `own::codes` is asked first.

use anteroom_core::recovery_code::RecoveryCode;
use anteroom_store::Attempt;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::enrol::{Found, Station, elsewhere, find, steps};
use super::visit::{Visit, nonce_text};
use super::{Answer, own};
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::{self, EndWhy, Page};
use crate::reply::Reply;
use crate::sign_in::{jars, release, target};

/// Purpose of the key under which recovery codes wait to be seen.
const SEALED: &str = "recovery codes";

pub(crate) async fn get(visit: Visit) -> Answer {
    match own::show_codes(&visit).await {
        Ok(Some(reply)) => Ok(reply).into(),
        Ok(None) => show_codes(&visit).await.into(),
        Err(failure) => Err(failure).into(),
    }
}

pub(crate) async fn get_file(visit: Visit) -> Answer {
    match own::download_codes(&visit).await {
        Ok(Some(reply)) => Ok(reply).into(),
        Ok(None) => download_codes(&visit).await.into(),
        Err(failure) => Err(failure).into(),
    }
}

pub(crate) async fn post(visit: Visit) -> Answer {
    match own::codes_seen(&visit).await {
        Ok(Some(reply)) => Ok(reply).into(),
        Ok(None) => finish(&visit).await.into(),
        Err(failure) => Err(failure).into(),
    }
}

pub(super) fn seal(
    visit: &Visit,
    signed: &Signed<'_>,
    codes: &[RecoveryCode],
) -> Result<Vec<u8>, Failure> {
    let shown: Vec<String> = codes.iter().map(RecoveryCode::shown).collect();
    let plain = zeroize::Zeroizing::new(shown.join("\n"));
    jars::seal_for(
        &visit.gateway,
        signed.keys,
        SEALED,
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
    if let Some(reply) = elsewhere(visit, &attempt, Station::Codes).await? {
        return Ok(Err(reply));
    }
    let opened = attempt
        .codes
        .as_deref()
        .and_then(|sealed| jars::open_for(signed.keys, SEALED, &visit.arrival, &signed.id, sealed));
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
    let steps = steps(visit, &attempt).await?;
    Ok(visit.show(&Page::RecoveryCodes {
        nonce: &nonce,
        codes: &codes,
        account,
        step: Some((steps.all(), steps.all())),
    }))
}

async fn download_codes(visit: &Visit) -> Result<Reply, Failure> {
    let (attempt, codes) = match waiting_codes(visit).await? {
        Ok(found) => found,
        Err(reply) => return Ok(reply),
    };
    Ok(codes_as_file(visit, &codes, &attempt.display_name))
}

/// The codes as a file to keep.
pub(super) fn codes_as_file(visit: &Visit, codes: &[String], account: &str) -> Reply {
    let app = &visit.arrival.app.settings.display_name;
    let language = visit.arrival.language();
    let text = pages::codes_file(codes, account, app, language);
    let mut reply = Reply::empty(StatusCode::OK)
        .with(CONTENT_TYPE, "text/plain; charset=utf-8")
        .with(
            CONTENT_DISPOSITION,
            "attachment; filename=\"recovery-codes.txt\"",
        );
    reply.body = text.into();
    reply
}

async fn finish(visit: &Visit) -> Result<Reply, Failure> {
    let (signed, attempt) = match find(visit).await? {
        Found::Attempt(signed, attempt) => (signed, attempt),
        Found::Elsewhere(reply) => return Ok(reply),
    };
    if let Some(reply) = elsewhere(visit, &attempt, Station::Codes).await? {
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
