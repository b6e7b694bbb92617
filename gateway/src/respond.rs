//! Writing our own answers to a browser, and reading bodies from it, through pingora.
//!
//! An answer before the body was read would reset an HTTP/2 stream or close an HTTP/1 connection
//! under the browser's pen, so what is left of a small body is read away first. Never chooses an
//! answer.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use pingora::http::ResponseHeader;
use pingora::proxy::Session;
use pingora::{Error, ErrorType, Result};

use crate::reply::Reply;

/// How much of an unread body is read away before an answer.
const DRAIN: usize = 1 << 20;
/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// A browser that has stopped sending for so long is not in the middle of it.
const DRAIN_PAUSE: Duration = Duration::from_millis(500);

/// Writes a reply. An HTTP/1 connection is kept unless the reply says otherwise.
///
/// # Errors
/// When the browser has gone.
pub async fn write(session: &mut Session, reply: Reply) -> Result<()> {
    if reply.close {
        session.set_keepalive(None);
    } else {
        drain(session).await;
    }
    let head_only = session.req_header().method == http::Method::HEAD;
    let mut head = ResponseHeader::build(reply.status, Some(reply.headers.len() + 1))?;
    for (name, value) in &reply.headers {
        head.append_header(name.clone(), value.clone())?;
    }
    let bodiless = matches!(reply.status.as_u16(), 204 | 304);
    if !bodiless {
        head.insert_header(http::header::CONTENT_LENGTH, reply.body.len())?;
    }
    let end = head_only || bodiless || reply.body.is_empty();
    session.write_response_header(Box::new(head), end).await?;
    if !end {
        session.write_response_body(Some(reply.body), true).await?;
    }
    Ok(())
}

async fn drain(session: &mut Session) {
    if session.is_body_done() || session.is_body_empty() {
        return;
    }
    // It waits for a word before it sends (RFC 9110 section 10.1.1), and our answer is that word.
    if session
        .req_header()
        .headers
        .contains_key(http::header::EXPECT)
        && !session.is_http2()
    {
        session.set_keepalive(None);
        return;
    }
    let reading = async {
        let mut seen = 0;
        loop {
            match tokio::time::timeout(DRAIN_PAUSE, session.read_request_body()).await {
                Ok(Ok(Some(chunk))) => seen += chunk.len(),
                Ok(Ok(None) | Err(_)) => return true,
                Err(_) => return false,
            }
            if seen > DRAIN {
                return false;
            }
        }
    };
    let done = tokio::time::timeout(DRAIN_TIME, reading)
        .await
        .unwrap_or(false);
    if !done {
        session.set_keepalive(None);
    }
}

/// Why a body could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BodyProblem {
    /// More bytes than allowed.
    TooLarge,
    /// Too slow.
    Slow,
    /// The browser has gone.
    Gone,
}

/// Reads a whole body of at most `most` bytes within `within`.
///
/// # Errors
/// See [`BodyProblem`].
pub async fn read_body(
    session: &mut Session,
    most: usize,
    within: Duration,
    expects_continue: bool,
) -> std::result::Result<Bytes, BodyProblem> {
    let reading = async {
        if expects_continue && !session.is_http2() {
            session
                .write_continue_response()
                .await
                .map_err(|_| BodyProblem::Gone)?;
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = session
            .read_request_body()
            .await
            .map_err(|_| BodyProblem::Gone)?
        {
            if body.len() + chunk.len() > most {
                return Err(BodyProblem::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(within, reading)
        .await
        .unwrap_or(Err(BodyProblem::Slow))
}

/// An error for pingora that carries a status; its words never reach a browser.
#[must_use]
pub fn stop(status: u16) -> Box<Error> {
    Error::new(ErrorType::HTTPStatus(status))
}
