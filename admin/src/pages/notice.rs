//! Refusals and faults: one page each, with its status, its heading and what to do.
//!
//! Nothing here decides that something is refused. What each page says stands in
//! `admin/templates/admin/notice.html`.

use askama::Template;

use super::door::span;
use super::frame::{self, Frame};
use super::{Chrome, Door, whole};

/// Why a request got this page in place of what it asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// The request cannot be read.
    BadRequest,
    /// The role does not allow it.
    Forbidden,
    /// A form from another site, or without the token of this session.
    CrossSite,
    /// The form was made for a session that is over.
    FormOld,
    /// No such page, person or row.
    NotFound,
    /// A page asked for with the wrong method.
    MethodNotAllowed,
    /// Somebody else changed it meanwhile.
    Changed,
    /// The body is over its limit.
    TooLarge,
    /// The name in the address is not one of ours.
    Misdirected,
    /// Too many requests, or too many resets within the hour.
    TooMany {
        /// When to try again.
        retry_seconds: u64,
    },
    /// A fault of ours.
    Internal,
    /// The store cannot be reached.
    StoreDown,
}

impl Notice {
    /// The status of the answer.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden | Self::CrossSite | Self::FormOld => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Changed => 409,
            Self::TooLarge => 413,
            Self::Misdirected => 421,
            Self::TooMany { .. } => 429,
            Self::Internal => 500,
            Self::StoreDown => 503,
        }
    }

    const fn heading(self) -> &'static str {
        match self {
            Self::BadRequest => "That request was not understood",
            Self::Forbidden => "Your role does not allow this",
            Self::CrossSite => "That did not come from this site",
            Self::FormOld => "That page had been open too long",
            Self::NotFound => "There is nothing here",
            Self::MethodNotAllowed => "This page cannot be opened that way",
            Self::Changed => "Somebody was faster",
            Self::TooLarge => "That is too large",
            Self::Misdirected => "This is not the address of the admin app",
            Self::TooMany { .. } => "Please wait a moment",
            Self::Internal => "Something went wrong on our side",
            Self::StoreDown => "The store cannot be reached",
        }
    }

    /// The whole page as HTML, for somebody who is not signed in.
    #[must_use]
    pub fn render(self, door: &Door<'_>) -> String {
        self.shown(Frame::outside(door, self.heading(), false))
    }

    /// The whole page as HTML, for somebody signed in.
    #[must_use]
    pub fn render_inside(self, chrome: &Chrome<'_>) -> String {
        self.shown(Frame::inside(chrome, self.heading(), false))
    }

    fn shown(self, frame: Frame<'_>) -> String {
        let wait = match self {
            Self::TooMany { retry_seconds } => span(retry_seconds),
            _ => String::new(),
        };
        whole(&Shown {
            frame,
            heading: self.heading(),
            notice: self,
            wait,
        })
    }
}

#[derive(Template)]
#[template(path = "admin/notice.html")]
struct Shown<'a> {
    frame: Frame<'a>,
    heading: &'static str,
    notice: Notice,
    wait: String,
}
