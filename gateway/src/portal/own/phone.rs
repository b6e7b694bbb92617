//! Another phone, beside the others or in the place of one: scan, name, and prove both at once.
//!
//! The seed waits in the session until its first code and a proof of what she has come in the same
//! form; until then nothing of it counts. The old phone goes in the transaction that brings the new
//! one: there is no moment with neither.

use std::time::Duration;

use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::challenge::{CodeHint, FirstCode, FirstCodeVerdict, judge_first_code};
use anteroom_core::ids::{AuthenticatorId, OwnSetupId};
use anteroom_core::label::Label;
use anteroom_core::own_act::{NewAuthenticator, OwnAct};
use anteroom_core::totp::{SECRET_BYTES, TotpSecret, otpauth_uri};
use http::StatusCode;

use super::{
    Herself, acts, devices, has_only_a_token, herself, id_in, label_of, mailed, places, show,
};
use crate::fail::Failure;
use crate::pages::own::{OwnPage, OwnProblem, PhoneForm};
use crate::pages::{CodeProblem, Notice, qr};
use crate::portal::Answer;
use crate::portal::visit::{Posted, Visit, nonce_text};
use crate::reply::Reply;
use crate::sign_in::target;

pub(super) async fn get_add(visit: Visit) -> Answer {
    ask(&visit, false).await.into()
}

pub(super) async fn post_add(visit: Visit) -> Answer {
    take(&visit, false).await.into()
}

pub(super) async fn get_move(visit: Visit) -> Answer {
    ask(&visit, true).await.into()
}

pub(super) async fn post_move(visit: Visit) -> Answer {
    take(&visit, true).await.into()
}

/// What is being set up, and in whose place.
struct SetUp<'v> {
    herself: Herself<'v>,
    id: OwnSetupId,
    secret: TotpSecret,
    old: Option<(AuthenticatorId, String)>,
    proposed: String,
    held: Kinds,
}

async fn set_up<'v>(
    visit: &'v Visit,
    herself: Herself<'v>,
    moving: bool,
) -> Result<Result<SetUp<'v>, Reply>, Failure> {
    let factors = herself.factors(visit).await?;
    let old = if moving {
        let id = AuthenticatorId(id_in(visit)?);
        Some((id, label_of(&factors, id)?.to_owned()))
    } else {
        None
    };
    // Policy may have taken the kind away since the page that leads here was shown.
    if !places(visit, &factors)
        .iter()
        .any(|(_, path)| *path == mailed::ADD)
    {
        return Err(Failure::refused(Notice::NoAccessYet));
    }
    let candidate = TotpSecret::from_bytes(visit.gateway.random::<SECRET_BYTES>());
    let store = &visit.gateway.store;
    let seed = store
        .own_setup_seed(herself.live.row, &candidate, visit.now)
        .await?;
    let Some((id, secret)) = seed else {
        return Ok(Err(Reply::redirect(target::CHALLENGE)));
    };
    let taken: Vec<&str> = factors
        .authenticators
        .iter()
        .map(|one| one.label.as_str())
        .collect();
    let proposed = match &old {
        Some((_, label)) => label.clone(),
        // What a further phone is called until its owner names it.
        None => {
            let language = visit.arrival.language();
            Label::free(
                &anteroom_words::say(language, "own-label-default", &[]),
                &taken,
            )
        }
    };
    Ok(Ok(SetUp {
        herself,
        id,
        secret,
        old,
        proposed,
        held: factors.kinds(),
    }))
}

async fn ask(visit: &Visit, moving: bool) -> Result<Reply, Failure> {
    let herself = match herself(visit).await? {
        Ok(herself) => herself,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match set_up(visit, herself, moving).await? {
        Ok(set_up) => form(visit, &set_up, &set_up.proposed, Said::default()).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// The form once more, after a code by mail was asked for in vain.
pub(super) async fn asked_for_mail(
    visit: &Visit,
    herself: Herself<'_>,
    status: StatusCode,
    wait: Option<Duration>,
) -> Result<Reply, Failure> {
    let set_up = match set_up(visit, herself, false).await? {
        Ok(set_up) => set_up,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let said = Said {
        wait,
        ..Said::default()
    };
    let mut reply = form(visit, &set_up, &set_up.proposed, said).await?;
    reply.status = status;
    Ok(reply)
}

/// What is said beside the form.
#[derive(Clone, Copy, Default)]
struct Said {
    problem: Option<OwnProblem>,
    wait: Option<Duration>,
}

async fn take(visit: &Visit, moving: bool) -> Result<Reply, Failure> {
    let herself = match herself(visit).await? {
        Ok(herself) => herself,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let posted = visit.posted()?;
    posted.belongs_to(&herself.nonce(visit))?;
    if herself.sent_before(visit).await? {
        return Ok(Reply::redirect(target::ME));
    }
    let set_up = match set_up(visit, herself, moving).await? {
        Ok(set_up) => set_up,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match carry_out(visit, &set_up, &posted).await? {
        Ok(reply) => Ok(reply),
        Err(problem) => {
            let said = Said {
                problem: Some(problem),
                wait: None,
            };
            form(visit, &set_up, &posted.label, said).await
        }
    }
}

async fn carry_out(
    visit: &Visit,
    set_up: &SetUp<'_>,
    posted: &Posted,
) -> Result<Result<Reply, OwnProblem>, Failure> {
    let label = match Label::parse(&posted.label) {
        Ok(label) => label,
        Err(problem) => return Ok(Err(acts::problem_of(problem))),
    };
    // The new phone first: it costs nothing, and a wrong code of it spends no code of the old one.
    let first = match first_code(set_up, posted, visit) {
        Ok(first) => first,
        Err(problem) => return Ok(Err(OwnProblem::First(problem))),
    };
    let new = NewAuthenticator {
        setup: set_up.id,
        label: &label,
        first: &first,
    };
    let act = match set_up.old {
        Some((old, _)) => OwnAct::Replace { old, new },
        None => OwnAct::Add(new),
    };
    set_up.herself.act(visit, posted, act, target::ME).await
}

fn first_code(
    set_up: &SetUp<'_>,
    posted: &Posted,
    visit: &Visit,
) -> Result<FirstCode, CodeProblem> {
    if posted.first.trim().is_empty() {
        return Err(CodeProblem::Missing);
    }
    match judge_first_code(&set_up.secret, &posted.first, visit.now) {
        FirstCodeVerdict::Accept(first) => Ok(first),
        FirstCodeVerdict::Wrong { hint } => Err(match hint {
            Some(CodeHint::Malformed) => CodeProblem::Malformed,
            Some(CodeHint::ClockOff { minutes }) => CodeProblem::ClockOff { minutes },
            // Said of codes that are on file already, never of a first one.
            Some(CodeHint::TokenSlow { .. } | CodeHint::SwitchedOff) | None => CodeProblem::Wrong,
        }),
    }
}

/// Where the form is posted; the page that sends a code shows it too.
fn action<'v>(set_up: &SetUp<'_>, visit: &'v Visit) -> &'v str {
    match set_up.old {
        Some(_) => &visit.arrival.path,
        None => mailed::ADD,
    }
}

async fn form(
    visit: &Visit,
    set_up: &SetUp<'_>,
    label: &str,
    said: Said,
) -> Result<Reply, Failure> {
    let subscriber = set_up.herself.subscriber;
    let person = visit.gateway.store.person(subscriber).await?;
    let account = person.map_or_else(String::new, |person| person.listing.display_name);
    let app = &visit.arrival.app.settings.display_name;
    let uri = otpauth_uri(&set_up.secret, app, &account);
    let picture =
        qr::qr_png(&uri).map_err(|_| Failure::Internal("a QR code could not be drawn"))?;
    let nonce = nonce_text(&set_up.herself.nonce_for(visit, action(set_up, visit)));
    let factors = set_up.herself.factors(visit).await?;
    let proof = set_up.herself.proof(visit, &factors).await?;
    let remembered = devices::remembered(visit, subscriber).await?;
    let mailed = match set_up.old {
        Some(_) => None,
        None => mailed::state(visit, &set_up.herself).await?,
    };
    let problem = said.problem.map(|problem| match problem {
        OwnProblem::Code(CodeProblem::Wrong | CodeProblem::Malformed) if mailed.is_some() => {
            OwnProblem::Code(CodeProblem::WrongMailCode)
        }
        other => other,
    });
    let form = PhoneForm {
        nonce: &nonce,
        action: action(set_up, visit),
        replaces: set_up.old.as_ref().map(|(_, label)| label.as_str()),
        label,
        qr_png: &picture,
        secret_groups: &set_up.secret.in_groups_of_four(),
        uri: &uri,
        account: &account,
        proof: proof.on_page(),
        forgets: !remembered.is_empty(),
        first: !set_up.held.has(AuthenticatorKind::Totp),
        token: has_only_a_token(set_up.held),
        mail: mailed.as_ref().map(|mailed| mailed.proof(said.wait)),
        problem,
    };
    Ok(show(visit, OwnPage::Phone(form), problem))
}
