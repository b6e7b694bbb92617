//! A code by mail on her own page: for somebody who has nothing else, to add a phone with.
//!
//! It counts in this session and for this act alone (attack D11); a sign-in's does not count here.
//! Whoever holds anything stronger is offered and sent none (attack D19). How often one is sent is
//! the store's to say, as at a sign-in: `portal::mail`.

use std::time::Duration;

use anteroom_core::mail_code::MailCodeUse;
use anteroom_store::MailCodeSent;
use http::StatusCode;

use super::{Herself, herself, phone};
use crate::fail::Failure;
use crate::pages::MailState;
use crate::pages::own::MailProof;
use crate::portal::Answer;
use crate::portal::mail;
use crate::portal::visit::{Visit, nonce_text};
use crate::reply::Reply;

/// Where one is asked for.
pub(super) const SEND: &str = "/.anteroom/me/add/send";
/// Where it counts.
pub(super) const ADD: &str = "/.anteroom/me/add";

pub(super) async fn get_send(visit: Visit) -> Answer {
    back(&visit).await.into()
}

pub(super) async fn post_send(visit: Visit) -> Answer {
    send(&visit).await.into()
}

/// There is nothing to see: a reload leads to the form.
async fn back(visit: &Visit) -> Result<Reply, Failure> {
    Ok(herself(visit)
        .await?
        .map_or_else(|elsewhere| elsewhere, |_| Reply::redirect(ADD)))
}

async fn send(visit: &Visit) -> Result<Reply, Failure> {
    let herself = match herself(visit).await? {
        Ok(herself) => herself,
        Err(elsewhere) => return Ok(elsewhere),
    };
    visit.posted()?.belongs_to(&herself.nonce(visit))?;
    let (signed, subscriber) = (&herself.signed, herself.subscriber);
    if !mail::is_only_way(visit, herself.live.hash(), subscriber).await? {
        mail::refused_to(visit, signed, Some(subscriber)).await?;
        return Ok(Reply::redirect(ADD));
    }
    if mail::is_down(visit).await? {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return phone::asked_for_mail(visit, herself, status, None).await;
    }
    let purpose = MailCodeUse::AddAuthenticator;
    match mail::queue_for(visit, signed, subscriber, purpose).await? {
        MailCodeSent::Queued { .. } | MailCodeSent::NoAddress => Ok(Reply::redirect(ADD)),
        MailCodeSent::NotBefore(until) => {
            let wait = Some(until.since(visit.now));
            phone::asked_for_mail(visit, herself, StatusCode::TOO_MANY_REQUESTS, wait).await
        }
    }
}

/// What the page knows of codes by mail.
pub(super) struct Mailed {
    nonce: String,
    masked: String,
    state: MailState,
}

/// The same, where codes by mail are her only way; else `None`.
pub(super) async fn state(visit: &Visit, herself: &Herself<'_>) -> Result<Option<Mailed>, Failure> {
    let (session, subscriber) = (herself.live.hash(), herself.subscriber);
    if !mail::is_only_way(visit, session, subscriber).await? {
        return Ok(None);
    }
    let store = &visit.gateway.store;
    let standing = store.mail_standing(session, subscriber, visit.now).await?;
    Ok(Some(Mailed {
        nonce: nonce_text(&herself.nonce_for(visit, SEND)),
        state: mail::state_of(mail::is_down(visit).await?, &standing),
        masked: standing.masked.unwrap_or_default(),
    }))
}

impl Mailed {
    /// As the page shows it.
    pub(super) fn proof(&self, wait: Option<Duration>) -> MailProof<'_> {
        MailProof {
            nonce: &self.nonce,
            action: SEND,
            masked: &self.masked,
            state: self.state,
            wait_seconds: wait.map(|wait| wait.as_secs()),
        }
    }
}
