//! One whole exchange with an app, by us: a request with its complete body out, a bounded answer
//! in.
//!
//! Logins, probes and unverified pages go this way, because pingora's response hooks cannot hold an
//! answer back: whatever fails here has written nothing to anybody. Each exchange has its own
//! connection, is sent once and never retried (RFC 9110 section 9.2.2, attack F12). Judges nothing
//! (`anteroom_core::outcome`).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use pingora::ErrorType;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::protocols::http::v1::client::HttpSession;

use crate::app::App;

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The fields as they came, hop-by-hop ones included.
    pub headers: HeaderMap,
    /// The body as it came, after chunking was undone.
    pub body: Bytes,
}

/// Why there is no complete answer. Whatever the reason, the request may have been carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No connection: the request was not sent.
    #[error("the app cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("the app did not answer in time")]
    Slow,
    /// The connection broke, or the answer is no HTTP.
    #[error("the app's answer is broken")]
    Broken,
    /// The answer is larger than we hold.
    #[error("the app's answer is larger than we hold")]
    TooLarge,
}

impl ExchangeError {
    /// A stable name for metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "upstream_unreachable",
            Self::Slow => "upstream_slow",
            Self::Broken => "upstream_broken",
            Self::TooLarge => "upstream_too_large",
        }
    }
}

/// An answer whose head has come and whose body may still be on its way.
pub struct Arriving {
    session: HttpSession,
    head: ResponseHeader,
    deadline: tokio::time::Instant,
}

/// Connects and sends. Returns when the head of the final answer is there.
///
/// # Errors
/// See [`ExchangeError`].
pub async fn send(
    app: &App,
    mut head: RequestHeader,
    body: Bytes,
    within: Duration,
) -> Result<Arriving, ExchangeError> {
    // A sleep knows its end without our reading a clock.
    let deadline = tokio::time::sleep(within).deadline();
    let mut session = connect(app, deadline).await?;
    session.read_timeout = Some(within);
    session.write_timeout = Some(within);
    if !body.is_empty() || head.method == http::Method::POST {
        let _ = head.insert_header("Content-Length", body.len());
    }
    let _ = head.insert_header("Connection", "close");
    let exchange = async {
        session
            .write_request_header(Box::new(head))
            .await
            .map_err(|problem| why(&problem))?;
        if !body.is_empty() {
            // An upstream may answer before it has read everything: its answer counts, not the
            // write.
            let _ = session.write_body(&body).await;
        }
        let _ = session.finish_body().await;
        loop {
            session
                .read_response()
                .await
                .map_err(|problem| why(&problem))?;
            match session.resp_header() {
                // 100 and 103 are not the answer; a 103 could even carry cookies (attack A28).
                // A 101 nobody asked for is no answer either.
                Some(found) if found.status == 101 => return Err(ExchangeError::Broken),
                Some(found) if found.status.is_informational() => {}
                Some(found) => return Ok(found.clone()),
                None => return Err(ExchangeError::Broken),
            }
        }
    };
    let head = tokio::time::timeout_at(deadline, exchange)
        .await
        .map_err(|_| ExchangeError::Slow)??;
    Ok(Arriving {
        session,
        head,
        deadline,
    })
}

/// A connection to one of the app's servers. Nothing was sent yet, so where one cannot be
/// reached another may be asked.
async fn connect(app: &App, deadline: tokio::time::Instant) -> Result<HttpSession, ExchangeError> {
    loop {
        let peer = app.peer().ok_or(ExchangeError::Unreachable)?;
        let connecting = app.connector.get_http_session(&*peer);
        match tokio::time::timeout_at(deadline, connecting).await {
            Ok(Ok((session, _))) => return Ok(session),
            Ok(Err(_)) if app.set_aside(&peer) => {}
            Ok(Err(_)) | Err(_) => return Err(ExchangeError::Unreachable),
        }
    }
}

/// pingora's own time limits run beside ours and may be the first to end.
fn why(problem: &pingora::Error) -> ExchangeError {
    match problem.etype() {
        ErrorType::ReadTimedout | ErrorType::WriteTimedout => ExchangeError::Slow,
        _ => ExchangeError::Broken,
    }
}

impl Arriving {
    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// `Slow` past the deadline of the whole exchange, `Broken` when the connection fails.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ExchangeError> {
        tokio::time::timeout_at(self.deadline, self.session.read_body_bytes())
            .await
            .map_err(|_| ExchangeError::Slow)?
            .map_err(|problem| why(&problem))
    }

    /// Takes the whole body, at most `most` bytes.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn whole(mut self, most: usize) -> Result<Answer, ExchangeError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > most {
                return Err(ExchangeError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let headers = self.head.headers.clone();
        Ok(Answer {
            status: self.head.status.as_u16(),
            headers,
            body: body.freeze(),
        })
    }
}

impl Answer {
    /// The text that rules may look at: the body's beginning, if it is not encoded. We asked for
    /// `identity`; an upstream that encodes all the same is not guessed at.
    #[must_use]
    pub fn text(&self, most: usize) -> Option<String> {
        if is_encoded(&self.headers) {
            return None;
        }
        let prefix = &self.body[..self.body.len().min(most)];
        Some(String::from_utf8_lossy(prefix).into_owned())
    }

    /// The `Set-Cookie` lines in order.
    pub fn set_cookies(&self) -> impl Iterator<Item = &[u8]> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .map(HeaderValue::as_bytes)
    }

    /// A field as text.
    #[must_use]
    pub fn field(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Whether a body is in any encoding but `identity`.
#[must_use]
pub fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}
