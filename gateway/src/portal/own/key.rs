//! One more passkey, beside what she has: name it, prove what she has and make it, in one form.
//!
//! Nothing of it counts before both were judged; who gets it is her session's to say, never the
//! form's (advisory B7). The new one is looked at first, so that one that cannot be taken spends
//! no code.

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::label::Label;
use anteroom_core::own_act::{NewKey, OwnAct};
use anteroom_store::OwnFactors;

use super::{Herself, acts, herself, places, show};
use crate::fail::Failure;
use crate::pages::Notice;
use crate::pages::own::{KeyForm, OwnPage, OwnProblem};
use crate::passkeys::RelyingParty;
use crate::portal::Answer;
use crate::portal::new_passkey::{self, Offer};
use crate::portal::visit::{Posted, Visit, nonce_text};
use crate::reply::Reply;
use crate::sign_in::target;

pub(super) async fn get(visit: Visit) -> Answer {
    ask(&visit).await.into()
}

pub(super) async fn post(visit: Visit) -> Answer {
    take(&visit).await.into()
}

async fn ask(visit: &Visit) -> Result<Reply, Failure> {
    match herself(visit).await? {
        Ok(herself) => form(visit, &herself, None, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn take(visit: &Visit) -> Result<Reply, Failure> {
    let herself = match herself(visit).await? {
        Ok(herself) => herself,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let posted = visit.posted()?;
    posted.belongs_to(&herself.nonce(visit))?;
    if herself.sent_before(visit).await? {
        return Ok(Reply::redirect(target::ME));
    }
    match carry_out(visit, &herself, &posted).await? {
        Ok(reply) => Ok(reply),
        Err(problem) => form(visit, &herself, Some(&posted.label), Some(problem)).await,
    }
}

/// Where passkeys are made; refused where policy, or this page's origin, leaves no room for them.
fn party<'v>(visit: &'v Visit, factors: &OwnFactors) -> Result<RelyingParty<'v>, Failure> {
    let open = places(visit, factors);
    let offered = open
        .iter()
        .any(|(kind, _)| *kind == AuthenticatorKind::Passkey);
    RelyingParty::of(&visit.arrival)
        .filter(|_| offered)
        .ok_or_else(|| Failure::refused(Notice::NoAccessYet))
}

async fn carry_out(
    visit: &Visit,
    herself: &Herself<'_>,
    posted: &Posted,
) -> Result<Result<Reply, OwnProblem>, Failure> {
    let party = party(visit, &herself.factors(visit).await?)?;
    let label = match Label::parse(&posted.label) {
        Ok(label) => label,
        Err(problem) => return Ok(Err(acts::problem_of(problem))),
    };
    let session = herself.live.hash();
    let taken = new_passkey::take(visit, &party, &session, &posted.made);
    let (user_handle, registered) = match taken.await? {
        Ok(made) => made,
        Err(problem) => return Ok(Err(OwnProblem::First(problem))),
    };
    let key = NewKey {
        label: &label,
        registered: &registered,
        rp_id: &party.settings.rp_id,
        user_handle,
    };
    let act = OwnAct::AddPasskey(key);
    herself.act(visit, posted, act, target::ME).await
}

async fn form(
    visit: &Visit,
    herself: &Herself<'_>,
    typed: Option<&str>,
    problem: Option<OwnProblem>,
) -> Result<Reply, Failure> {
    let factors = herself.factors(visit).await?;
    let party = party(visit, &factors)?;
    let (store, subscriber) = (&visit.gateway.store, herself.subscriber);
    let held = store
        .passkeys_held(Some(subscriber), &party.settings.rp_id)
        .await?;
    let handle = held.user_handle.unwrap_or_else(|| visit.gateway.random());
    let person = store.person(subscriber).await?;
    let name = person.map_or_else(String::new, |person| person.listing.display_name);
    let offer = Offer::new(&party, &name, &handle, &held.keys)?;
    let session = herself.live.hash();
    store.ceremony_begin(offer.ceremony(visit, session)).await?;
    let language = visit.arrival.language();
    let proposed = anteroom_words::say(language, "own-label-key", &[]);
    let taken: Vec<&str> = factors
        .authenticators
        .iter()
        .map(|one| one.label.as_str())
        .collect();
    let proposed = Label::free(&proposed, &taken);
    let proof = herself.proof(visit, &factors).await?;
    let nonce = nonce_text(&herself.nonce(visit));
    let form = KeyForm {
        nonce: &nonce,
        action: &visit.arrival.path,
        label: typed.unwrap_or(&proposed),
        options: offer.options(),
        proof: proof.on_page(),
        problem,
    };
    Ok(show(visit, OwnPage::Key(form), problem))
}
