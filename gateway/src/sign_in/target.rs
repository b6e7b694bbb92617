//! Where a visitor is sent, and how the place she wanted is remembered meanwhile.
//!
//! Remembered as a path on this host, encrypted in a cookie of ten minutes: it may hold a patient's
//! number (attack G05) and must not become an open redirect (attack G11). Decides nothing about who
//! may go there.

use anteroom_core::facts::{Method, Use};
use anteroom_core::ids::SessionId;
use anteroom_core::route::{RouteClass, classify};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, StatusCode};

use super::jars;
use crate::arrival::Arrival;
use crate::fail;
use crate::gateway::{Gateway, cookie_value};
use crate::pages::{Likely, Notice};
use crate::reply::Reply;

/// Our challenge page.
pub const CHALLENGE: &str = "/.anteroom/challenge";
/// Our page for codes by mail.
pub const MAIL: &str = "/.anteroom/mail";
/// Our page that makes codes by mail a way to sign in.
pub const ENROL_MAIL: &str = "/.anteroom/enrol/email";
/// A person's own page.
pub const ME: &str = "/.anteroom/me";
/// Our enrolment page.
pub const ENROL: &str = "/.anteroom/enrol";
/// The page that offers the ways to prove oneself, where there are several.
pub const ENROL_METHOD: &str = "/.anteroom/enrol/method";
/// Where an answer of a passkey goes.
pub const CHALLENGE_PASSKEY: &str = "/.anteroom/challenge/passkey";
/// Our enrolment page for passkeys.
pub const ENROL_PASSKEY: &str = "/.anteroom/enrol/passkey";
/// The page that asks for an operator's enrolment code.
pub const ENROL_CODE: &str = "/.anteroom/enrol/code";

const PURPOSE: &str = "wanted page";
const LONGEST: usize = 2000;
const LIFE_SECS: u32 = 600;

const fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-anteroom-to"
    } else {
        "anteroom-dev-to"
    }
}

/// Sends somebody who has proved nothing to the app's login page; a script is told so with 401.
#[must_use]
pub fn to_login(gateway: &Gateway, arrival: &Arrival) -> Reply {
    let profile = &arrival.app.settings.profile;
    match arrival.usage {
        Use::Document | Use::Frame if *profile.login_page == arrival.target() => {
            // The login page itself is protected: sending her there again would never end.
            let likely = Likely::LoginPageClosed;
            fail::notice_reply(gateway, arrival, &Notice::RedirectLoop { likely })
        }
        Use::Document => {
            let reply = Reply::redirect(&profile.login_page);
            remember(gateway, arrival, reply)
        }
        Use::Frame => break_out(gateway, arrival, &profile.login_page),
        Use::Data | Use::WebSocket => {
            let title = "Sign in first";
            Reply::problem(
                StatusCode::UNAUTHORIZED,
                "sign-in",
                title,
                Some(&profile.login_page),
            )
        }
    }
}

/// Sends somebody to our challenge; a script gets its address.
#[must_use]
pub fn to_challenge(gateway: &Gateway, arrival: &Arrival, page: &str) -> Reply {
    match arrival.usage {
        Use::Document => remember(gateway, arrival, Reply::redirect(page)),
        Use::Frame => break_out(gateway, arrival, page),
        Use::Data | Use::WebSocket => {
            let title = "A second factor is needed";
            Reply::problem(StatusCode::UNAUTHORIZED, "second-factor", title, Some(page))
        }
    }
}

/// Our pages refuse to be framed; inside a frame stands a page that leads out of it.
#[must_use]
pub fn break_out(gateway: &Gateway, arrival: &Arrival, to: &str) -> Reply {
    fail::notice_reply(gateway, arrival, &Notice::BreakOut { to })
}

fn remember(gateway: &Gateway, arrival: &Arrival, reply: Reply) -> Reply {
    let target = arrival.target();
    let profile = &arrival.app.settings.profile;
    // Nobody wants to be signed out as soon as she is in.
    let logout = matches!(
        classify(profile, &arrival.facts(), false),
        RouteClass::Logout(_)
    );
    let get = arrival.method == Method::Get;
    // The front page is where the app itself would send her: its own redirect knows better.
    let deep = target != "/";
    let worth = get && deep && target.len() <= LONGEST && !is_ours(&target) && !logout;
    let sealed = worth
        .then(|| jars::current(gateway).ok())
        .flatten()
        .and_then(|keys| seal(gateway, keys, arrival, &target));
    match sealed {
        Some(value) => {
            let secure = if arrival.secure { "; Secure" } else { "" };
            let name = cookie_name(arrival.secure);
            let value = BASE64URL_NOPAD.encode(&value);
            let line = format!(
                "{name}={value}; Path=/; Max-Age={LIFE_SECS}; HttpOnly; SameSite=Lax{secure}"
            );
            reply.with_cookie(line.as_bytes())
        }
        None => reply,
    }
}

fn seal(
    gateway: &Gateway,
    keys: &crate::keys::KeySet,
    arrival: &Arrival,
    target: &str,
) -> Option<Vec<u8>> {
    jars::seal_for(
        gateway,
        keys,
        PURPOSE,
        arrival,
        &nobody(),
        target.as_bytes(),
    )
    .ok()
}

/// The page she wanted, if it is remembered. A path on this host, or nothing.
#[must_use]
pub fn wanted(gateway: &Gateway, arrival: &Arrival, headers: &HeaderMap) -> Option<String> {
    let value = cookie_value(headers, cookie_name(arrival.secure))?;
    let sealed = BASE64URL_NOPAD.decode(value).ok()?;
    let opened = gateway
        .keys
        .all()
        .iter()
        .find_map(|keys| jars::open_for(keys, PURPOSE, arrival, &nobody(), &sealed))?;
    let target = String::from_utf8(opened).ok()?;
    let local = target.starts_with('/') && !target.starts_with("//") && !target.contains('\\');
    (local && !is_ours(&target)).then_some(target)
}

/// The line that forgets it.
#[must_use]
pub fn forget(secure: bool) -> String {
    let attributes = if secure { "; Secure" } else { "" };
    format!(
        "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{attributes}",
        cookie_name(secure)
    )
}

fn is_ours(target: &str) -> bool {
    // Her own page is a place to go to; the others are stations on the way.
    target != ME && target.starts_with(anteroom_core::route::PORTAL)
}

/// The wanted page belongs to no session yet: its key is bound to the app alone.
const fn nobody() -> SessionId {
    SessionId::new([0; 32])
}
