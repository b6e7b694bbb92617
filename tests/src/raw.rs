//! An HTTP/1.1 client that sends exactly the bytes it is given and reads answers strictly.
//! Never adds, fixes or escapes anything, never follows, never keeps a cookie: see `browser` for a
//! well-behaved client and `h2raw` for the same rudeness over HTTP/2.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout_at};

use crate::answer::{Answer, Headers, NoAnswer};
use crate::framing::{Body, Head, Length, take_head};
use crate::tls::{Sni, Trust};
use crate::wire::Wire;

/// Long enough for a busy machine, short enough for a test that waits in vain.
const PATIENCE: Duration = Duration::from_secs(10);

/// Writes `¶` for CRLF, so that a whole request fits on one readable line.
pub fn crlf(text: &str) -> Vec<u8> {
    text.replace('¶', "\r\n").into_bytes()
}

#[derive(Debug)]
pub struct RawClient {
    wire: Wire,
    unread: BytesMut,
    patience: Duration,
    /// How much of the answer now awaited has come: told in `NoAnswer`.
    seen: usize,
}

impl RawClient {
    pub async fn plain(addr: SocketAddr) -> io::Result<Self> {
        Ok(Self::over(Wire::plain(addr).await?))
    }

    /// Over TLS with ALPN `http/1.1`, under any server name and trusting anyone.
    pub async fn tls(addr: SocketAddr, sni: Sni<'_>) -> io::Result<Self> {
        Ok(Self::over(
            Wire::tls(addr, &Trust::anyone(), sni, &["http/1.1"]).await?,
        ))
    }

    pub fn over(wire: Wire) -> Self {
        Self {
            wire,
            unread: BytesMut::new(),
            patience: PATIENCE,
            seen: 0,
        }
    }

    /// How long every read waits before it gives up.
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Exactly these bytes. A refusal may come while we still write, so errors are for the caller.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.wire.write_all(bytes.as_ref()).await?;
        self.wire.flush().await
    }

    /// This text with `¶` as CRLF. Panics if the socket no longer takes it; use `send` for that.
    pub async fn say(&mut self, text: &str) {
        self.send(crlf(text))
            .await
            .expect("the other side still listens");
    }

    /// One byte per write (and per packet), with a pause between: a slow or fragmenting client.
    pub async fn drip(&mut self, bytes: impl AsRef<[u8]>, pause: Duration) -> io::Result<()> {
        for byte in bytes.as_ref() {
            self.send([*byte]).await?;
            if pause.is_zero() {
                // Lets the other side see this byte alone.
                tokio::task::yield_now().await;
            } else {
                sleep(pause).await;
            }
        }
        Ok(())
    }

    /// Says and reads one answer.
    pub async fn ask(&mut self, text: &str) -> Result<Answer, NoAnswer> {
        self.send(crlf(text))
            .await
            .map_err(|e| NoAnswer::Broken(e.to_string()))?;
        self.answer().await
    }

    /// The next whole answer; 1xx answers before it are kept in it.
    pub async fn answer(&mut self) -> Result<Answer, NoAnswer> {
        self.whole_answer(false).await
    }

    /// The same where the request was HEAD.
    pub async fn answer_to_head(&mut self) -> Result<Answer, NoAnswer> {
        self.whole_answer(true).await
    }

    async fn whole_answer(&mut self, to_head: bool) -> Result<Answer, NoAnswer> {
        let mut answer = self.head().await?;
        let length = Length::of_answer(answer.status, to_head, &answer.headers);
        let mut body = Body::new(length.map_err(NoAnswer::Broken)?);
        while !body.feed(&mut self.unread).map_err(NoAnswer::Broken)? {
            match self.fill().await {
                Ok(()) => {}
                Err(NoAnswer::Closed { .. }) if body.ends_with_the_stream() => break,
                Err(e) => return Err(e),
            }
        }
        answer.body = body.bytes;
        answer.trailers = body.trailers;
        Ok(answer)
    }

    /// Only the head, with an empty body: for endless answers, event streams and 101.
    pub async fn head(&mut self) -> Result<Answer, NoAnswer> {
        let mut informational = Vec::new();
        self.seen = self.unread.len();
        loop {
            let head = match take_head(&mut self.unread).map_err(NoAnswer::Broken)? {
                Some(head) => head,
                None => {
                    self.fill().await?;
                    continue;
                }
            };
            let (status, reason) = status_line(&head)?;
            if (100..200).contains(&status) && status != 101 {
                informational.push((status, head.headers));
                continue;
            }
            let headers = head.headers;
            return Ok(Answer {
                status,
                reason,
                headers,
                informational,
                ..Answer::default()
            });
        }
    }

    /// Whatever comes next, at least one byte; `Closed` at the end.
    pub async fn some(&mut self) -> Result<Bytes, NoAnswer> {
        if self.unread.is_empty() {
            self.fill().await?;
        }
        Ok(self.unread.split().freeze())
    }

    /// Everything until the other side closes, or until patience ends.
    pub async fn rest(&mut self) -> Vec<u8> {
        while self.fill().await.is_ok() {}
        self.unread.split().to_vec()
    }

    /// Reads until this text has come, and gives everything up to its end.
    pub async fn until(&mut self, text: &str) -> Result<Vec<u8>, NoAnswer> {
        loop {
            if let Some(at) = crate::framing::find(&self.unread, text.as_bytes()) {
                return Ok(self.unread.split_to(at + text.len()).to_vec());
            }
            self.fill().await?;
        }
    }

    /// Whether the other side closes (or resets) within this time. Bytes on the way are kept.
    pub async fn closed(&mut self, within: Duration) -> bool {
        let end = Instant::now() + within;
        loop {
            match timeout_at(end, self.wire.read_buf(&mut self.unread)).await {
                Ok(Ok(0)) | Ok(Err(_)) => return true,
                Ok(Ok(_)) => {}
                Err(_) => return false,
            }
        }
    }

    /// Says no more but still listens: FIN, or close_notify and FIN over TLS.
    pub async fn half_close(&mut self) -> io::Result<()> {
        self.wire.shutdown().await
    }

    /// Leaves with RST, unread bytes and all.
    pub fn vanish(self) {
        self.wire.reset_on_drop();
    }

    pub fn into_wire(self) -> Wire {
        self.wire
    }

    async fn fill(&mut self) -> Result<(), NoAnswer> {
        let end = Instant::now() + self.patience;
        match timeout_at(end, self.wire.read_buf(&mut self.unread)).await {
            Ok(Ok(0)) => Err(NoAnswer::Closed { after: self.seen }),
            // A server that does not say close_notify has closed all the same.
            Ok(Err(e)) if e.kind() == io::ErrorKind::UnexpectedEof => {
                Err(NoAnswer::Closed { after: self.seen })
            }
            // Many refusals reach us as RST, because the server leaves our bytes unread.
            Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionReset => {
                Err(NoAnswer::Closed { after: self.seen })
            }
            Ok(Err(e)) => Err(NoAnswer::Broken(e.to_string())),
            Ok(Ok(n)) => {
                self.seen += n;
                Ok(())
            }
            Err(_) => Err(NoAnswer::Deadline { after: self.seen }),
        }
    }
}

fn status_line(head: &Head) -> Result<(u16, String), NoAnswer> {
    let odd = || NoAnswer::Broken(format!("no status line: {:?}", head.line));
    let mut parts = head.line.splitn(3, ' ');
    if !parts
        .next()
        .is_some_and(|version| version.starts_with("HTTP/1."))
    {
        return Err(odd());
    }
    let status = parts
        .next()
        .and_then(|code| code.parse().ok())
        .ok_or_else(odd)?;
    // Tomcat leaves the reason out.
    Ok((status, parts.next().unwrap_or_default().to_owned()))
}

/// Fields as one would type them, for tests that build a request from parts.
pub fn request(line: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut bytes = crlf(&format!("{line}¶"));
    for (name, value) in headers.iter() {
        bytes.extend(name.chars().map(|c| c as u8));
        bytes.extend(b": ");
        bytes.extend(value.chars().map(|c| c as u8));
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

#[cfg(test)]
mod tests;
