//! A page that the gateway itself asks the app for in the course of a login: the probe, and the
//! login page of somebody who begins anew.
//!
//! Goes with the login's own cookies and no others, and its answer is shown to nobody. What an
//! answer means: `read_answer`.

use anteroom_core::cookies::Jar;
use anteroom_core::time::Timestamp;
use bytes::Bytes;
use http::{HeaderValue, Method};
use pingora::http::RequestHeader;

use super::jars;
use crate::arrival::Arrival;
use crate::gateway::Gateway;
use crate::upstream::exchange::{self, Answer};
use crate::upstream::request::{self, Passage};

/// Asks for `target` (path and query) as the browser of `head` would; the cookies that come back
/// are merged into the jar. `None` where no answer of at most `limit` bytes came in time.
pub(super) async fn fetch(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    target: &str,
    limit: usize,
    jar: &mut Jar,
    now: Timestamp,
) -> Option<Answer> {
    let mut out = RequestHeader::build(Method::GET, target.as_bytes(), None).ok()?;
    // The same browser as far as the app can tell: some tie a session to these.
    for name in ["user-agent", "accept-language"] {
        if let Some(value) = head.headers.get(name) {
            let _ = out.insert_header(name.to_owned(), value.clone());
        }
    }
    request::for_exchange(&mut out);
    request::rewrite(&mut out, &Passage::of(arrival));
    let path = target.split('?').next().unwrap_or_default();
    let line = jar.header_for(path, now);
    request::set_cookie_line(
        &mut out,
        line.and_then(|line| HeaderValue::from_bytes(&line).ok()),
    );
    let within = gateway.settings.limits.login_deadline;
    let sent = exchange::send(&arrival.app, out, Bytes::new(), within).await;
    let answer = sent.ok()?.whole(limit).await.ok()?;
    jars::merge(jar, &answer, path, now);
    Some(answer)
}
