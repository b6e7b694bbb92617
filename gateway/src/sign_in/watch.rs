//! Unverified pages: sent complete, held, and shown only if they may be (`DESIGN-CASES` 1, 2, 4).
//!
//! Between the moment such a request leaves and the moment its answer is shown, its session may
//! have been tainted by a login. So it registers (`inflight`), looks at the taint before it leaves,
//! and again before a byte goes to the client.

use anteroom_core::cookies::Jar;
use anteroom_core::decide::{Carry, Show};
use anteroom_core::facts::{Method, Use};
use anteroom_core::ids::SessionHash;
use anteroom_core::outcome::BODY_PREFIX;
use anteroom_core::profile::LoginProfile;
use anteroom_core::session::Session;
use anteroom_core::time::Timestamp;
use bytes::Bytes;
use http::HeaderValue;
use http::header::LOCATION;
use pingora::http::RequestHeader;

use super::{hold, jars, self_login, show, target};
use crate::arrival::Arrival;
use crate::cookies::incoming;
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::gateway::{Gateway, Visitor};
use crate::pages::{Likely, Notice, Why};
use crate::reply::Reply;
use crate::upstream::answer::{self, Resolved, View};
use crate::upstream::exchange::{self, Answer};
use crate::upstream::request::{self, Passage};

/// Fetches a page for somebody who has proved nothing.
///
/// # Errors
/// When the app or the store fails, or the answer may not be shown.
pub async fn page(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    visitor: &Visitor<'_>,
    carry: Carry,
    may_show: Show,
    now: Timestamp,
) -> Result<Reply, Failure> {
    if carry == Carry::Tainted {
        return login_page_of_tainted(gateway, arrival, head, visitor, now).await;
    }
    let session = match carry {
        Carry::Anonymous => anonymous(visitor),
        _ => None,
    };
    let jar = match carry {
        Carry::Anonymous => jars::of_browser(arrival, &head.headers, session)?,
        Carry::Tainted | Carry::Untouched | Carry::Whole { .. } | Carry::Bare => {
            jars::of_browser(arrival, &head.headers, None)?
        }
    };
    let line = incoming::line(&jar);
    let answer = match session {
        None => Some(fetch(gateway, arrival, head, line).await?),
        Some(signed) => {
            let prints = incoming::fingerprints(&jar, &arrival.app.settings.profile.cookies);
            fetch_untainted(gateway, arrival, head, line, (signed.hash, &prints)).await?
        }
    };
    let Some(answer) = answer else {
        return Ok(target::to_login(gateway, arrival));
    };
    if visitor.session == Session::Tainted
        && gateway.visitor(arrival, &head.headers, now).await?.session != Session::Tainted
    {
        // A login went on meanwhile: its pending session must not be covered by a new anonymous one
        // (`DESIGN-CASES` 12).
        return Ok(target::to_challenge(gateway, arrival, target::CHALLENGE));
    }
    let shown = Shown {
        gateway,
        arrival,
        head,
        visitor,
        answer: &answer,
        now,
    };
    if shown.is_no_login_page_after_all() {
        let session = anonymous(visitor);
        return self_login::dropped(gateway, arrival, session, now).await;
    }
    match may_show {
        Show::Anything => shown.anything(carry),
        Show::LoginPage | Show::LoginPageOrChallenge => shown.login_page_only(carry),
    }
}

/// The login page, with the session on which a credential travelled. It waits for a login that is
/// under way, and then for what that login made of the session: else its answer, which may already
/// be somebody's, would be held under the name of an earlier try.
async fn login_page_of_tainted(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    visitor: &Visitor<'_>,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let Some(signed) = &visitor.signed else {
        return Ok(target::to_login(gateway, arrival));
    };
    let patience = gateway.settings.limits.login_deadline;
    let Some(_turn) = gateway.turns.take(signed.hash, patience).await else {
        return Err(Failure::refused(Notice::TryLoginAgain));
    };
    let visitor = gateway.visitor(arrival, &head.headers, now).await?;
    if visitor.session != Session::Tainted {
        return Ok(target::to_challenge(gateway, arrival, target::CHALLENGE));
    }
    let rules = &arrival.app.settings.profile.cookies;
    let plain = jars::of_browser(arrival, &head.headers, None)?;
    let jar = jars::with_scripts_own(tainted_jar(arrival, &visitor), &plain, rules);
    let line = jar.header_for(&arrival.path, now);
    let answer = fetch(gateway, arrival, head, line).await?;
    let shown = Shown {
        gateway,
        arrival,
        head,
        visitor: &visitor,
        answer: &answer,
        now,
    };
    shown.login_page_or_challenge(jar).await
}

/// The id of a session that may carry anonymous cookies. An id whose session has ended never will
/// again: its browser starts with a new one, like a first visit.
fn anonymous<'v>(visitor: &'v Visitor<'_>) -> Option<&'v Signed<'v>> {
    visitor
        .signed
        .as_ref()
        .filter(|_| visitor.session != Session::Ended)
}

fn tainted_jar(arrival: &Arrival, visitor: &Visitor<'_>) -> Jar {
    let sealed = visitor
        .record
        .as_ref()
        .and_then(|record| record.jar.as_deref());
    let opened = visitor
        .signed
        .as_ref()
        .zip(sealed)
        .and_then(|(signed, sealed)| {
            jars::open_for(signed.keys, jars::TAINTED_JAR, arrival, &signed.id, sealed)
        });
    opened
        .as_deref()
        .and_then(Jar::from_bytes)
        .unwrap_or_default()
}

/// Fetches with a session that must be clean when the request leaves and still when its answer is
/// there. `None` when it is not, or when a login cut the request (`DESIGN-CASES` 1).
async fn fetch_untainted(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    line: Option<Vec<u8>>,
    (session, prints): (SessionHash, &[[u8; 32]]),
) -> Result<Option<Answer>, Failure> {
    let underway = gateway.inflight.enter(session);
    if gateway.store.tainted(&session, prints).await? {
        return Ok(None);
    }
    let fetched = underway
        .unless_cut(fetch(gateway, arrival, head, line))
        .await;
    let Some(answer) = fetched.transpose()? else {
        return Ok(None);
    };
    let tainted = gateway.store.tainted(&session, prints).await?;
    Ok((!tainted).then_some(answer))
}

async fn fetch(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    line: Option<Vec<u8>>,
) -> Result<Answer, Failure> {
    let mut out = head.clone();
    request::for_exchange(&mut out);
    let passage = Passage::of(arrival);
    request::rewrite(&mut out, &passage);
    request::set_cookie_line(
        &mut out,
        line.and_then(|line| HeaderValue::from_bytes(&line).ok()),
    );
    let limits = &gateway.settings.limits;
    let within = arrival.app.settings.timeouts.read;
    let arriving = exchange::send(&arrival.app, out, Bytes::new(), within).await?;
    Ok(arriving.whole(limits.withheld_answer).await?)
}

struct Shown<'s> {
    gateway: &'s Gateway,
    arrival: &'s Arrival,
    head: &'s RequestHeader,
    visitor: &'s Visitor<'s>,
    answer: &'s Answer,
    now: Timestamp,
}

impl Shown<'_> {
    fn anything(&self, carry: Carry) -> Result<Reply, Failure> {
        if self.leads_into_a_loop() {
            let likely = Likely::LoginPageLeadsOn;
            return Err(Failure::refused(Notice::RedirectLoop { likely }));
        }
        self.with_cookies(carry)
    }

    fn login_page_only(&self, carry: Carry) -> Result<Reply, Failure> {
        if self.is_login_page() {
            return self.with_cookies(carry);
        }
        let login_page = &self.arrival.app.settings.profile.login_page;
        if *login_page == self.arrival.target() {
            let why = Why::WayClosed;
            return Err(Failure::refused(Notice::Forbidden { why }));
        }
        Ok(target::to_login(self.gateway, self.arrival))
    }

    /// Whether this should be a login page, could be recognised as one, and is not.
    fn is_no_login_page_after_all(&self) -> bool {
        let profile = &self.arrival.app.settings.profile;
        let listed = profile
            .login_pages
            .iter()
            .any(|rule| rule.matches(&self.arrival.path));
        let readable =
            self.arrival.method == Method::Get && (200..300).contains(&self.answer.status);
        listed && readable && profile.login_marker.is_some() && !self.is_login_page()
    }

    async fn login_page_or_challenge(&self, mut jar: Jar) -> Result<Reply, Failure> {
        let (Some(signed), Some(record)) = (&self.visitor.signed, &self.visitor.record) else {
            return Ok(target::to_login(self.gateway, self.arrival));
        };
        jars::merge(&mut jar, self.answer, &self.arrival.path, self.now);
        let jar = jars::without_plain(&jar, &self.arrival.app.settings.profile.cookies);
        if self.is_login_page() {
            let (gateway, arrival) = (self.gateway, self.arrival);
            let bytes = jar.to_bytes();
            let sealed = jars::seal_for(
                gateway,
                signed.keys,
                jars::TAINTED_JAR,
                arrival,
                &signed.id,
                &bytes,
            )?;
            gateway.store.tainted_jar_put(record.row, &sealed).await?;
            let reply = show::show(arrival, self.answer);
            return Ok(jars::give_plain(
                gateway,
                arrival,
                self.answer,
                &arrival.path,
                reply,
                self.now,
            ));
        }
        // Not the login page after all: the login may have worked, and what came back is held as if
        // it had.
        hold::unrecognised(
            self.gateway,
            self.arrival,
            signed,
            record,
            self.answer,
            jar,
            self.now,
        )
        .await
    }

    /// Cookies go only to a page load: anything else could race with one (`DESIGN-CASES` 12).
    fn with_cookies(&self, carry: Carry) -> Result<Reply, Failure> {
        let reply = show::show(self.arrival, self.answer);
        let page_load = self.arrival.usage == Use::Document && self.arrival.method == Method::Get;
        let signed = anonymous(self.visitor).filter(|_| carry == Carry::Anonymous);
        if signed.is_none() && !page_load {
            return Ok(reply);
        }
        jars::give_to_anonymous(
            self.gateway,
            self.arrival,
            &self.head.headers,
            signed,
            self.answer,
            reply,
            self.now,
        )
    }

    fn redirect(&self) -> Option<Resolved<'_>> {
        if !(300..400).contains(&self.answer.status) {
            return None;
        }
        let location = self.answer.field(LOCATION)?;
        let arrival = self.arrival;
        let view = View {
            app: &arrival.app,
            host: &arrival.host,
            secure: arrival.secure,
        };
        Some(answer::resolve(location, &arrival.path, &view))
    }

    fn is_login_page(&self) -> bool {
        let profile = &self.arrival.app.settings.profile;
        if let Some(redirect) = self.redirect() {
            let Resolved::Own { path, query } = &redirect else {
                return false;
            };
            return leads_to_login(profile, path, query);
        }
        let Some(marker) = &profile.login_marker else {
            return false;
        };
        // HEAD has no body to recognise anything by.
        self.answer
            .text(BODY_PREFIX)
            .is_some_and(|text| marker.is_match(&text))
    }

    /// We send strangers to the login page; if that sends them to a page from which we send them
    /// back, no browser will ever stop.
    fn leads_into_a_loop(&self) -> bool {
        let profile = &self.arrival.app.settings.profile;
        let on_login_page = profile
            .login_pages
            .iter()
            .any(|rule| rule.matches(&self.arrival.path));
        match self.redirect() {
            Some(Resolved::Own { path, query }) if on_login_page && !profile.form_in_place => {
                let open = profile
                    .pages
                    .iter()
                    .chain(&profile.assets)
                    .any(|rule| rule.matches(&path));
                !open && !leads_to_login(profile, &path, query)
            }
            _ => false,
        }
    }
}

fn leads_to_login(profile: &LoginProfile, path: &str, query: &str) -> bool {
    let listed = profile.login_pages.iter().any(|rule| rule.matches(path));
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    };
    listed || target == profile.login_page
}
