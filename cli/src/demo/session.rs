//! The session cookie `WBSESSION`, with the habits of an old PHP application.
//!
//! An id exists before the login and stays the same through it (which invites session fixation),
//! and an id that the browser invents is accepted. Nothing is stored for an anonymous visitor until
//! there is something to remember. This module never looks at a password. Look next: `login`.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use ring::hmac;

use super::{Ward, api, lock, login};

/// The cookie that carries the session.
pub const SESSION_COOKIE: &str = "WBSESSION";
/// The cookie in which page scripts keep the chosen colours.
const THEME_COOKIE: &str = "wb_theme";
/// More sessions than any demonstration needs; beyond it the oldest is forgotten.
const KEPT_SESSIONS: usize = 20_000;

/// All sessions that have something to remember.
pub(super) struct Sessions {
    key: hmac::Key,
    minted: AtomicU64,
    kept: Mutex<HashMap<String, Kept>>,
}

#[derive(Default)]
struct Kept {
    age: u64,
    user: Option<&'static str>,
    flash: Option<&'static str>,
}

impl Sessions {
    pub(super) fn new(seed: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, seed),
            minted: AtomicU64::new(0),
            kept: Mutex::default(),
        }
    }

    /// A session id nobody has had before.
    pub(super) fn mint(&self) -> String {
        let number = self.minted.fetch_add(1, Ordering::Relaxed);
        self.tag(&format!("session {number}"))
    }

    /// The hidden form token that belongs to a session.
    pub(super) fn form_token(&self, id: &str) -> String {
        self.tag(&format!("form {id}"))
    }

    fn tag(&self, text: &str) -> String {
        HEXLOWER.encode(&hmac::sign(&self.key, text.as_bytes()).as_ref()[..16])
    }

    pub(super) fn user(&self, id: &str) -> Option<&'static str> {
        lock(&self.kept).get(id).and_then(|kept| kept.user)
    }

    pub(super) fn log_in(&self, id: &str, user: &'static str) {
        self.change(id, |kept| kept.user = Some(user));
    }

    /// Forgets the session altogether, as `session_destroy` does.
    pub(super) fn log_out(&self, id: &str) {
        lock(&self.kept).remove(id);
    }

    /// Leaves a sentence for the next login page of this session.
    pub(super) fn flash(&self, id: &str, text: &'static str) {
        self.change(id, |kept| kept.flash = Some(text));
    }

    pub(super) fn take_flash(&self, id: &str) -> Option<&'static str> {
        lock(&self.kept)
            .get_mut(id)
            .and_then(|kept| kept.flash.take())
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Kept)) {
        let age = self.minted.fetch_add(1, Ordering::Relaxed);
        let mut kept = lock(&self.kept);
        if kept.len() >= KEPT_SESSIONS && !kept.contains_key(id) {
            let oldest = kept
                .iter()
                .min_by_key(|(_, kept)| kept.age)
                .map(|(id, _)| id.clone());
            oldest.and_then(|id| kept.remove(&id));
        }
        change(kept.entry(id.to_owned()).or_insert(Kept {
            age,
            ..Kept::default()
        }));
    }
}

/// One visitor, known or not.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) id: String,
    pub(super) user: Option<&'static str>,
    pub(super) form_token: String,
    pub(super) theme: &'static str,
}

/// Finds the session of a request or starts one, and hands a new id out with the answer.
pub(super) async fn open(State(ward): State<Ward>, mut request: Request, next: Next) -> Response {
    let presented = session_id(request.headers());
    let id = presented.clone().unwrap_or_else(|| ward.sessions.mint());
    let theme = cookie(request.headers(), THEME_COOKIE).map(|theme| theme == "dark");
    request.extensions_mut().insert(Visit {
        user: ward.sessions.user(&id),
        form_token: ward.sessions.form_token(&id),
        theme: if theme == Some(true) { "dark" } else { "light" },
        id: id.clone(),
    });
    let no_theme_yet = theme.is_none();
    let mut response = next.run(request).await;
    if presented.is_none() {
        set_cookie(
            &mut response,
            &format!("{SESSION_COOKIE}={id}; Path=/; HttpOnly"),
        );
        if no_theme_yet {
            set_cookie(&mut response, &format!("{THEME_COOKIE}=light; Path=/"));
        }
    }
    response
}

/// Adds one `Set-Cookie` line.
pub(super) fn set_cookie(response: &mut Response, line: &str) {
    if let Ok(value) = HeaderValue::from_str(line) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// The session id a request shows: the first one wins, and anything of the right shape will do.
pub(super) fn session_id(headers: &HeaderMap) -> Option<String> {
    let fits = |id: &&str| {
        (1..=256).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b',' || byte == b'-')
    };
    cookie(headers, SESSION_COOKIE)
        .filter(fits)
        .map(str::to_owned)
}

fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

/// A visitor who has logged in; everybody else is sent to the login page.
pub(super) struct SignedIn {
    pub(super) visit: Visit,
    pub(super) user: &'static str,
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, state).await?;
        // Only a page can be shown again after the login; a form that was posted cannot.
        let wanted = match parts.method {
            Method::GET | Method::HEAD => parts
                .uri
                .path_and_query()
                .map_or("/", |whole| whole.as_str()),
            _ => "/",
        };
        let user = visit.user.ok_or_else(|| login::ask_first(wanted))?;
        Ok(Self { visit, user })
    }
}

/// A script or program that has logged in; everybody else gets a 401 in JSON.
pub(super) struct SignedInScript {
    pub(super) user: &'static str,
}

impl<S: Sync> FromRequestParts<S> for SignedInScript {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, state).await?;
        let user = visit.user.ok_or_else(api::not_signed_in)?;
        Ok(Self { user })
    }
}
