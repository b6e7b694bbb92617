//! Requests of verified sessions: their cookies opened on the way up, sealed on the way down, and
//! the end of the session when the app says so.
//!
//! The hot path of the whole product: with a warm session nothing here waits for I/O, except when
//! an answer sets a cookie that has to be remembered. Sign-in is `crate::sign_in`.

use std::sync::Arc;

use anteroom_core::cookies::{Jar, net_deletions, parse_set_cookie};
use anteroom_core::time::Timestamp;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use pingora::http::ResponseHeader;

use crate::arrival::Arrival;
use crate::cookies::outgoing::{self, Sent};
use crate::cookies::seal::Sealer;
use crate::cookies::{incoming, token};
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::pages::Notice;
use crate::sessions::{Live, OpenExchange, Spare};
use crate::sign_in::jars;
use crate::upstream::answer::{Resolved, View, resolve};

/// A request under way under a verified session.
pub(super) struct Whole {
    /// The session.
    pub live: Arc<Live>,
    /// Its entry among the session's open exchanges.
    pub exchange: OpenExchange,
    /// The logout rule to judge the answer by.
    pub logout: Option<usize>,
    line: Option<HeaderValue>,
}

impl Whole {
    /// Opens the browser's cookies for this request.
    pub fn new(
        gateway: &Gateway,
        arrival: &Arrival,
        headers: &HeaderMap,
        live: Arc<Live>,
        exchange: OpenExchange,
        logout: Option<usize>,
    ) -> Result<Self, Failure> {
        let line = cookie_line(gateway, arrival, headers, &live)?;
        Ok(Self {
            live,
            exchange,
            logout,
            line,
        })
    }

    /// The one `Cookie` line for upstream.
    pub fn cookie_line(&self) -> Option<HeaderValue> {
        self.line.clone()
    }

    /// Treats an answer's head: event streams are noted, cookies sealed, a logout carried out.
    pub async fn answer(
        &mut self,
        gateway: &Gateway,
        arrival: &Arrival,
        head: &mut ResponseHeader,
    ) -> Result<(), Failure> {
        if self.exchange.is_overtaken() {
            return Err(Failure::refused(Notice::TryLoginAgain));
        }
        if head.status == 101 || is_event_stream(head) {
            self.exchange.is_endless();
        }
        if self.live.is_ended() {
            // A late answer must not plant cookies over those of the next session (`DESIGN-CASES`
            // 12).
            head.remove_header(&SET_COOKIE);
            return Ok(());
        }
        let now = gateway.now();
        let lines: Vec<HeaderValue> = head.headers.get_all(SET_COOKIE).iter().cloned().collect();
        let ends = self.is_logout(arrival, head) || self.deletes_login(arrival, &lines, now);
        if lines.is_empty() && !ends {
            return Ok(());
        }
        Box::pin(self.settle(gateway, arrival, head, &lines, ends, now)).await
    }

    /// What an answer changes: cookies to be sealed and remembered, a session to be ended.
    async fn settle(
        &self,
        gateway: &Gateway,
        arrival: &Arrival,
        head: &mut ResponseHeader,
        lines: &[HeaderValue],
        ends: bool,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if !lines.is_empty() {
            self.seal_cookies(gateway, arrival, head, lines, now)
                .await?;
        }
        if ends {
            let spare = Spare {
                connection: &arrival.connection,
                own: 1,
            };
            gateway.sessions.end(&self.live, Some(&spare));
            gateway
                .store
                .session_end(self.live.row, "logout", now)
                .await?;
            let gone = token::clear_cookie(arrival.secure);
            let _ = head.append_header(SET_COOKIE, gone);
            let _ = head.insert_header("Clear-Site-Data", "\"cache\"");
        }
        Ok(())
    }

    fn is_logout(&self, arrival: &Arrival, head: &ResponseHeader) -> bool {
        let profile = &arrival.app.settings.profile;
        let Some(rule) = self.logout.and_then(|index| profile.logouts.get(index)) else {
            return false;
        };
        if !rule.status.is_empty() && !rule.status.contains(&head.status.as_u16()) {
            return false;
        }
        let Some(wanted) = &rule.location else {
            return true;
        };
        let view = View {
            app: &arrival.app,
            host: &arrival.host,
            secure: arrival.secure,
        };
        let target = head
            .headers
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        target.is_some_and(|target| match resolve(target, &arrival.path, &view) {
            Resolved::Own { path, .. } => wanted.matches(&path),
            Resolved::Elsewhere => false,
        })
    }

    /// The net deletion of a cookie that carries the login, by an answer to a request that
    /// presented its current value (`DESIGN-CASES` 14).
    fn deletes_login(&self, arrival: &Arrival, lines: &[HeaderValue], now: Timestamp) -> bool {
        let rules = &arrival.app.settings.profile.cookies;
        if lines.is_empty() || rules.login.is_empty() {
            return false;
        }
        let Some(line) = &self.line else { return false };
        let mut presented = Jar::default();
        for (name, value) in anteroom_core::cookies::pairs(line.as_bytes()) {
            presented.put(anteroom_core::cookies::JarCookie::sent(name, value, "/"));
        }
        let set: Vec<_> = lines
            .iter()
            .filter_map(|line| parse_set_cookie(line.as_bytes()))
            .collect();
        // Paths are not known of what a browser presents: a deletion under any path is meant.
        let anywhere: Vec<_> = set
            .into_iter()
            .map(|mut cookie| {
                cookie.path = Some("/".to_owned());
                cookie
            })
            .collect();
        net_deletions(&presented, &anywhere, &arrival.path, now)
            .iter()
            .any(|name| rules.carries_login(name))
    }

    async fn seal_cookies(
        &self,
        gateway: &Gateway,
        arrival: &Arrival,
        head: &mut ResponseHeader,
        lines: &[HeaderValue],
        now: Timestamp,
    ) -> Result<(), Failure> {
        head.remove_header(&SET_COOKIE);
        let live = &self.live;
        let rules = &arrival.app.settings.profile.cookies;
        for line in lines {
            let Some(set) = parse_set_cookie(line.as_bytes()) else {
                continue;
            };
            let cookie = outgoing::as_set(&set, &arrival.path, now);
            let sent = {
                let sealer = Sealer::new(&live.jar_key, arrival.app.name());
                let gone = set.is_deletion(now);
                outgoing::send(
                    &cookie,
                    gone,
                    &sealer,
                    rules,
                    arrival.secure,
                    gateway.random(),
                )
            };
            let line = match sent {
                Sent::Line(line) => line,
                Sent::Bound(line, print) => {
                    // Written before the answer leaves: after a crash the value must still count.
                    if live.bind(print) {
                        gateway.store.session_bind_value(live.row, &print).await?;
                    }
                    line
                }
                Sent::Kept(line) => {
                    jars::keep_for(gateway, live, cookie.clone()).await?;
                    line
                }
                Sent::Dropped => continue,
            };
            if let Ok(value) = HeaderValue::from_bytes(&line) {
                let _ = head.append_header(SET_COOKIE, value);
            }
        }
        Ok(())
    }
}

fn is_event_stream(head: &ResponseHeader) -> bool {
    head.headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}

fn cookie_line(
    gateway: &Gateway,
    arrival: &Arrival,
    headers: &HeaderMap,
    live: &Arc<Live>,
) -> Result<Option<HeaderValue>, Failure> {
    let mut fields = headers.get_all(COOKIE).iter();
    let (first, more) = (fields.next(), fields.next().is_some());
    if let Some(first) = first
        && !more
        && let Some(known) = live.recall(first)
    {
        return Ok(known);
    }
    let app = arrival.app.name();
    let rules = &arrival.app.settings.profile.cookies;
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let sealer = Sealer::new(&live.jar_key, app);
    let ours = token::name(arrival.secure);
    let opened = incoming::open(lines, Some(&sealer), rules, live, ours).map_err(jars::conflict)?;
    if opened.dropped > 0 {
        gateway
            .metrics
            .cookies_dropped(app.as_str(), "verified", opened.dropped);
    }
    let line = incoming::line(&opened.jar).and_then(|line| HeaderValue::from_bytes(&line).ok());
    if let Some(first) = first
        && !more
    {
        live.memorise(first, line.clone());
    }
    Ok(line)
}
