//! The pages after a session: signed out by choice, or over for another reason.
//!
//! Never says more about the reason than the person may know. Look next:
//! `gateway/templates/portal/ended.html`.

use askama::Template;

use super::frame::Frame;
use super::{Chrome, EndWhy};

#[derive(Template)]
#[template(path = "portal/ended.html")]
struct Ended<'a> {
    frame: Frame<'a>,
    heading: String,
    why: Option<EndWhy>,
}

/// The page after a session; no reason means that the person signed out.
pub(super) fn ended(why: Option<EndWhy>, chrome: &Chrome<'_>) -> askama::Result<String> {
    let heading = chrome.voice().say(match why {
        None => "ended-heading-left",
        Some(_) => "ended-heading",
    });
    Ended {
        frame: Frame::new(chrome, &heading, false),
        heading,
        why,
    }
    .render()
}
