//! The upstream jar of a session that has proved nothing yet: where it is, and how it is sealed.
//!
//! An anonymous session's jar lives in the browser, each cookie sealed under a key derived from our
//! id; a tainted session's jar lives in its record and never leaves it (DESIGN rule 3). A verified
//! session's cookies are `proxy`'s. Never sends anything.

use anteroom_core::cookies::{Jar, JarCookie, parse_set_cookie};
use anteroom_core::ids::SessionId;
use anteroom_core::profile::{CookieMode, CookieRules};
use anteroom_core::time::Timestamp;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::arrival::Arrival;
use crate::cookies::companion::{self, Companion};
use crate::cookies::incoming::{self, Belongings, NoBelongings, fingerprint};
use crate::cookies::outgoing::{self, Sent};
use crate::cookies::seal::Sealer;
use crate::cookies::token::{self, Signed};
use crate::fail::Failure;
use crate::gateway::{Gateway, cookie_value};
use crate::keys::{KeySet, Secret};
use crate::pages::Notice;
use crate::reply::Reply;
use crate::sessions::Live;
use crate::upstream::exchange::Answer;

impl Belongings for Companion {
    fn kept(&self, _: &[u8], _: &str) -> Option<Vec<u8>> {
        None
    }

    fn is_bound(&self, name: &[u8], value: &[u8]) -> bool {
        self.proves(&fingerprint(name, value))
    }
}

/// Opens what an anonymous browser sent. Without a session of ours only plain cookies remain.
///
/// # Errors
/// When two different values both belong to the session.
pub fn of_browser(
    arrival: &Arrival,
    headers: &HeaderMap,
    signed: Option<&Signed<'_>>,
) -> Result<Jar, Failure> {
    let app = arrival.app.name();
    let rules = &arrival.app.settings.profile.cookies;
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let name = token::name(arrival.secure);
    let opened = match signed {
        None => incoming::open(lines, None, rules, &NoBelongings, name),
        Some(signed) => {
            let key = signed.anonymous_key(app);
            let proofs = cookie_value(headers, companion::name(arrival.secure));
            let companion = Companion::read(signed.keys, app, &signed.id, proofs);
            incoming::open(
                lines,
                Some(&Sealer::new(&key, app)),
                rules,
                &companion,
                name,
            )
        }
    };
    opened.map(|opened| opened.jar).map_err(conflict)
}

/// The refusal for a conflict: a page that names the cookie and offers to clear it.
#[must_use]
pub fn conflict(conflict: incoming::Conflict) -> Failure {
    Failure::refused(Notice::ConflictingCookies {
        names: vec![conflict.name],
    })
}

/// Adds what an answer sets to a jar.
pub fn merge(jar: &mut Jar, answer: &Answer, request_path: &str, now: Timestamp) {
    for line in answer.set_cookies() {
        if let Some(cookie) = parse_set_cookie(line)
            && !outgoing::is_ours(&cookie.name)
        {
            jar.set(cookie, request_path, now);
        }
    }
}

/// A kept jar on its way upstream again, with the plain cookies that the browser sent this time.
#[must_use]
pub fn with_scripts_own(mut kept: Jar, from_browser: &Jar, rules: &CookieRules) -> Jar {
    for cookie in from_browser.entries() {
        if rules.mode(&cookie.name) == CookieMode::Plain {
            kept.put(cookie.clone());
        }
    }
    kept
}

/// The jar to keep or to hold. Plain cookies are the browser's alone: scripts write them, it has
/// them with attributes that we do not know, and what an answer makes of them it is told directly
/// ([`give_plain`]).
#[must_use]
pub fn without_plain(jar: &Jar, rules: &CookieRules) -> Jar {
    let mut kept = Jar::default();
    for cookie in jar.entries() {
        if rules.mode(&cookie.name) != CookieMode::Plain {
            kept.put(cookie.clone());
        }
    }
    kept
}

/// Gives the plain cookies that an answer sets or deletes to a browser whose other cookies we keep:
/// neither a failed login nor a released one must leave it with an outdated form token. `path` is
/// what was asked for.
#[must_use]
pub fn give_plain(
    gateway: &Gateway,
    arrival: &Arrival,
    answer: &Answer,
    path: &str,
    mut reply: Reply,
    now: Timestamp,
) -> Reply {
    let (app, rules) = (arrival.app.name(), &arrival.app.settings.profile.cookies);
    for line in answer.set_cookies() {
        let Some(set) = parse_set_cookie(line) else {
            continue;
        };
        if rules.mode(&set.name) != CookieMode::Plain {
            continue;
        }
        let cookie = outgoing::as_set(&set, path, now);
        // Nothing is sealed: the key is nobody's.
        let sealer = Sealer::new(&[0; 32], app);
        let gone = set.is_deletion(now);
        let sent = outgoing::send(
            &cookie,
            gone,
            &sealer,
            rules,
            arrival.secure,
            gateway.random(),
        );
        if let Sent::Line(line) = sent {
            reply = reply.with_cookie(&line);
        }
    }
    reply
}

/// Gives the cookies that an answer sets to an anonymous browser. When it has no session of ours
/// yet, it gets one, but only with an answer that sets something (`DESIGN-CASES` 13).
///
/// # Errors
/// When a value is too large for a browser: there is no record yet that could keep it.
pub fn give_to_anonymous(
    gateway: &Gateway,
    arrival: &Arrival,
    headers: &HeaderMap,
    signed: Option<&Signed<'_>>,
    answer: &Answer,
    mut reply: Reply,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let fresh;
    let (keys, id) = match signed {
        Some(signed) => (signed.keys, &signed.id),
        None => {
            fresh = gateway.new_session_id();
            (current(gateway)?, &fresh)
        }
    };
    let app = arrival.app.name();
    let key = keys.for_session("anonymous cookies", app, id);
    let proofs = signed.and_then(|_| cookie_value(headers, companion::name(arrival.secure)));
    let mut companion = Companion::read(keys, app, id, proofs);
    let mut bound = false;
    let mut any = false;
    for line in answer.set_cookies() {
        let Some(set) = parse_set_cookie(line) else {
            continue;
        };
        let cookie = outgoing::as_set(&set, &arrival.path, now);
        let sealer = Sealer::new(&key, app);
        let rules = &arrival.app.settings.profile.cookies;
        let nonce = gateway.random();
        let gone = set.is_deletion(now);
        match outgoing::send(&cookie, gone, &sealer, rules, arrival.secure, nonce) {
            Sent::Line(line) => {
                any |= !gone && rules.mode(&cookie.name) != CookieMode::Plain;
                reply = reply.with_cookie(&line);
            }
            Sent::Bound(line, print) => {
                companion.add(&print);
                (bound, any) = (true, true);
                reply = reply.with_cookie(&line);
            }
            Sent::Kept(_) => {
                let names = vec![String::from_utf8_lossy(&cookie.name).into_owned()];
                return Err(Failure::refused(Notice::ConflictingCookies { names }));
            }
            Sent::Dropped => {}
        }
    }
    if bound {
        reply = reply.with_cookie(companion_line(&companion, arrival.secure).as_bytes());
    }
    if any && signed.is_none() {
        let line = our_cookie(gateway, arrival, id, now, ANONYMOUS)?;
        reply = reply.with_cookie(line.as_bytes());
    }
    Ok(reply)
}

/// How long an anonymous session lives.
pub const ANONYMOUS: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

fn companion_line(companion: &Companion, secure: bool) -> String {
    let attributes = if secure { "; Secure" } else { "" };
    let name = companion::name(secure);
    format!(
        "{name}={}; Path=/; HttpOnly; SameSite=Lax{attributes}",
        companion.value()
    )
}

/// The `Set-Cookie` value of our cookie for this id.
///
/// # Errors
/// When it cannot be signed.
pub fn our_cookie(
    gateway: &Gateway,
    arrival: &Arrival,
    id: &SessionId,
    now: Timestamp,
    life: std::time::Duration,
) -> Result<String, Failure> {
    let value = token::sign(&gateway.keys, id, arrival.app.name(), now, now.plus(life))
        .map_err(|_| Failure::Internal("the session cookie could not be signed"))?;
    Ok(token::set_cookie(value, arrival.secure))
}

/// The key set that signs.
///
/// # Errors
/// When there is none, which the start refuses.
pub fn current(gateway: &Gateway) -> Result<&KeySet, Failure> {
    gateway.keys.current().ok_or(Failure::Internal("no key"))
}

/// Seals something that only the holder of a session id may open again: jars and answers at rest.
///
/// # Errors
/// When the cipher refuses, which it does for nothing under 256 GiB.
pub fn seal_for(
    gateway: &Gateway,
    keys: &KeySet,
    purpose: &'static str,
    arrival: &Arrival,
    id: &SessionId,
    plain: &[u8],
) -> Result<Vec<u8>, Failure> {
    let key = keys.for_session(purpose, arrival.app.name(), id);
    let nonce: [u8; 24] = gateway.random();
    let payload = Payload {
        msg: plain,
        aad: purpose.as_bytes(),
    };
    let sealed = cipher(&key)
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| Failure::Internal("a held answer could not be sealed"))?;
    Ok([&nonce[..], &sealed].concat())
}

/// Opens what [`seal_for`] sealed for this id and purpose.
#[must_use]
pub fn open_for(
    keys: &KeySet,
    purpose: &'static str,
    arrival: &Arrival,
    id: &SessionId,
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let key = keys.for_session(purpose, arrival.app.name(), id);
    let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
    let payload = Payload {
        msg: sealed,
        aad: purpose.as_bytes(),
    };
    cipher(&key).decrypt(&XNonce::from(*nonce), payload).ok()
}

fn cipher(key: &Secret) -> XChaCha20Poly1305 {
    let bytes: &[u8; 32] = key;
    XChaCha20Poly1305::new(bytes.into())
}

/// Purpose of a tainted session's jar at rest.
pub const TAINTED_JAR: &str = "tainted jar";

/// Keeps a value that is too large for a browser, in the session's memory and in its record.
///
/// # Errors
/// When the store fails.
pub async fn keep_for(gateway: &Gateway, live: &Live, cookie: JarCookie) -> Result<(), Failure> {
    let all = live.keep(|jar| jar.put(cookie));
    let nonce: [u8; 24] = gateway.random();
    let payload = Payload {
        msg: &all,
        aad: KEPT,
    };
    let sealed = cipher(&live.jar_key)
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| Failure::Internal("a large cookie could not be sealed"))?;
    gateway
        .store
        .session_kept_put(live.row, &[&nonce[..], &sealed].concat())
        .await?;
    Ok(())
}

/// Opens what [`keep_for`] kept.
#[must_use]
pub fn kept_of(key: &[u8; 32], sealed: &[u8]) -> Option<Jar> {
    let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
    let payload = Payload {
        msg: sealed,
        aad: KEPT,
    };
    let plain = XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), payload)
        .ok()?;
    Jar::from_bytes(&plain)
}

const KEPT: &[u8] = b"kept cookies";
