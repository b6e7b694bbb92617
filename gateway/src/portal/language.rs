//! The change of language at the foot of every page: remembers the choice, leads back to the page.
//!
//! Changes nothing else and needs no session; the guards of `portal` make sure that the form came
//! from a page of this very origin. Leads to a path on this host and nowhere else (attack G11).

use anteroom_core::language::Language;

use super::Answer;
use super::visit::Visit;
use crate::asked;
use crate::fail::Failure;
use crate::pages;
use crate::reply::Reply;

/// Where the form posts to.
pub const LANGUAGE: &str = "/.anteroom/language";

pub(crate) async fn post(visit: Visit) -> Answer {
    choose(&visit).into()
}

fn choose(visit: &Visit) -> Result<Reply, Failure> {
    let form = visit.form()?;
    let language = form.field("language")?.and_then(Language::from_tag);
    let Some(language) = language else {
        return Err(Visit::changed_form());
    };
    let back = form.field("back")?.unwrap_or_default();
    let reply = Reply::redirect(pages::local(back));
    let line = asked::set_cookie(language, visit.arrival.secure);
    Ok(reply.with_cookie(line.as_bytes()))
}
