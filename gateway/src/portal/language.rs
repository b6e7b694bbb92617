//! The change of language at the foot of every page: remembers the choice, leads back to the page.
//!
//! Needs no session; in one that is open it is written down for her letters too. The guards of
//! `portal` make sure that the form came from a page of this very origin. Leads to a path on this
//! host and nowhere else (attack G11).

use anteroom_core::language::Language;

use super::visit::Visit;
use super::{Answer, own};
use crate::asked;
use crate::fail::Failure;
use crate::pages;
use crate::reply::Reply;

/// Where the form posts to.
pub const LANGUAGE: &str = "/.anteroom/language";

pub(crate) async fn post(visit: Visit) -> Answer {
    choose(&visit).await.into()
}

async fn choose(visit: &Visit) -> Result<Reply, Failure> {
    let (language, back) = {
        let form = visit.form()?;
        let language = form.field("language")?.and_then(Language::from_tag);
        let back = form.field("back")?.unwrap_or_default().to_owned();
        (language.ok_or_else(Visit::changed_form)?, back)
    };
    if let Ok(herself) = own::herself(visit).await? {
        let store = &visit.gateway.store;
        store.language_chosen(herself.subscriber, language).await?;
    }
    let reply = Reply::redirect(pages::local(&back));
    let line = asked::set_cookie(language, visit.arrival.secure);
    Ok(reply.with_cookie(line.as_bytes()))
}
