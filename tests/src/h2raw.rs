//! HTTP/2 without manners: any frame, any field name and value, any pseudo-header, in any order.
//! Never checks what it sends, and of what it reads it understands frames and `:status` only.
//! `frame` cuts the stream, `hpack` writes literals. The polite client is `h2client`.

mod frame;
mod hpack;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::tls::{Sni, Trust};
use crate::wire::Wire;

pub use frame::{Frame, flag, kind};
pub use hpack::block;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(10);

/// How a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answer {
        status: u16,
        body: Vec<u8>,
    },
    Reset(u32),
    GoAway(u32),
    /// The connection closed with no word about this stream.
    Closed,
    /// Nothing within our patience.
    Silence,
}

impl Outcome {
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answer { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// A client error, a reset or an end: the request was not carried out. Silence is no refusal.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Answer { status, .. } => (400..500).contains(status) || *status == 501,
            Self::Reset(_) | Self::GoAway(_) | Self::Closed => true,
            Self::Silence => false,
        }
    }
}

#[derive(Default)]
struct Stream {
    status: Option<u16>,
    body: Vec<u8>,
    /// A header block whose CONTINUATION frames are still to come.
    block: Vec<u8>,
    ended: bool,
    reset: Option<u32>,
}

pub struct H2Raw {
    wire: Wire,
    unread: BytesMut,
    streams: HashMap<u32, Stream>,
    last_used: u32,
    goaway: Option<u32>,
    closed: bool,
    patience: Duration,
}

impl H2Raw {
    pub async fn tls(addr: SocketAddr, sni: Sni<'_>) -> io::Result<Self> {
        let mut raw = Self::bare(Wire::tls(addr, &Trust::anyone(), sni, &["h2"]).await?);
        raw.greet().await?;
        Ok(raw)
    }

    pub async fn plain(addr: SocketAddr) -> io::Result<Self> {
        let mut raw = Self::bare(Wire::plain(addr).await?);
        raw.greet().await?;
        Ok(raw)
    }

    /// No preface, no SETTINGS: the test says everything itself.
    pub fn bare(wire: Wire) -> Self {
        Self {
            wire,
            unread: BytesMut::new(),
            streams: HashMap::new(),
            last_used: 0,
            goaway: None,
            closed: false,
            patience: PATIENCE,
        }
    }

    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    async fn greet(&mut self) -> io::Result<()> {
        self.send(PREFACE).await?;
        // HEADER_TABLE_SIZE 0: answers come without a dynamic table, which we do not keep.
        self.frame(kind::SETTINGS, 0, 0, &[0, 1, 0, 0, 0, 0]).await
    }

    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.wire.write_all(bytes).await?;
        self.wire.flush().await
    }

    pub async fn frame(
        &mut self,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> io::Result<()> {
        self.send(&Frame::new(kind, flags, stream, payload).to_bytes())
            .await
    }

    /// The next odd stream number.
    pub fn fresh_stream(&mut self) -> u32 {
        self.last_used = if self.last_used == 0 {
            1
        } else {
            self.last_used + 2
        };
        self.last_used
    }

    /// A HEADERS frame on a fresh stream with exactly these fields in exactly this order.
    pub async fn headers(&mut self, fields: &[(&str, &str)], end: bool) -> io::Result<u32> {
        let stream = self.fresh_stream();
        let flags = flag::END_HEADERS | if end { flag::END_STREAM } else { 0 };
        self.frame(kind::HEADERS, flags, stream, &block(fields))
            .await?;
        Ok(stream)
    }

    pub async fn data(&mut self, stream: u32, bytes: &[u8], end: bool) -> io::Result<()> {
        self.frame(
            kind::DATA,
            if end { flag::END_STREAM } else { 0 },
            stream,
            bytes,
        )
        .await
    }

    /// Sends this one request and tells how it ended. What the server makes of a broken
    /// connection comes back as an outcome, not as an error.
    pub async fn ask(&mut self, fields: &[(&str, &str)], body: Option<&[u8]>) -> Outcome {
        let Ok(stream) = self.headers(fields, body.is_none()).await else {
            return self.outcome(self.last_used).await;
        };
        if let Some(body) = body {
            // Refused before the body was out: the outcome says so.
            let _ = self.data(stream, body, true).await;
        }
        self.outcome(stream).await
    }

    /// Reads on until this stream's end is known.
    pub async fn outcome(&mut self, stream: u32) -> Outcome {
        let end = Instant::now() + self.patience;
        loop {
            if let Some(outcome) = self.known(stream) {
                return outcome;
            }
            match timeout_at(end, self.read_frame()).await {
                Ok(Ok(Some(frame))) => self.take(frame).await,
                Ok(Ok(None) | Err(_)) => self.closed = true,
                Err(_) => return Outcome::Silence,
            }
        }
    }

    fn known(&self, number: u32) -> Option<Outcome> {
        if let Some(stream) = self.streams.get(&number) {
            if let (Some(status), true) = (stream.status, stream.ended) {
                return Some(Outcome::Answer {
                    status,
                    body: stream.body.clone(),
                });
            }
            if let Some(code) = stream.reset {
                return Some(Outcome::Reset(code));
            }
        }
        match (self.goaway, self.closed) {
            // GOAWAY without an error lets running streams end, so only the close ends them.
            (Some(code), closed) if code != 0 || closed => Some(Outcome::GoAway(code)),
            (None, true) => Some(Outcome::Closed),
            _ => None,
        }
    }

    /// The next frame as it came, without acting on it. `None` once the connection is closed.
    pub async fn read_frame(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = Frame::take(&mut self.unread) {
                return Ok(Some(frame));
            }
            if self.wire.read_buf(&mut self.unread).await? == 0 {
                return Ok(None);
            }
        }
    }

    async fn take(&mut self, frame: Frame) {
        let acknowledged = frame.flags & flag::ACK != 0;
        let reply = match frame.kind {
            kind::SETTINGS if !acknowledged => Some(Frame::new(kind::SETTINGS, flag::ACK, 0, &[])),
            kind::PING if !acknowledged => {
                Some(Frame::new(kind::PING, flag::ACK, 0, &frame.payload))
            }
            kind::GOAWAY => {
                self.goaway = Some(frame.code_at(4));
                None
            }
            kind::DATA if !frame.payload.is_empty() => {
                let credit = u32::try_from(frame.payload.len()).expect("frames are small");
                Some(Frame::new(kind::WINDOW_UPDATE, 0, 0, &credit.to_be_bytes()))
            }
            _ => None,
        };
        if let Some(reply) = reply {
            // If the other side is gone, reading will say so next.
            let _ = self.send(&reply.to_bytes()).await;
        }
        if frame.stream != 0 {
            self.streams.entry(frame.stream).or_default().take(frame);
        }
    }
}

impl Stream {
    fn take(&mut self, frame: Frame) {
        if matches!(frame.kind, kind::DATA | kind::HEADERS) {
            self.ended |= frame.flags & flag::END_STREAM != 0;
        }
        match frame.kind {
            kind::DATA => self.body.extend_from_slice(frame.unpadded()),
            kind::HEADERS | kind::CONTINUATION => {
                self.block.extend_from_slice(frame.unpadded());
                if frame.flags & flag::END_HEADERS != 0 {
                    let status = hpack::status(&std::mem::take(&mut self.block));
                    // 1xx comes first; what follows the final status is trailers.
                    if self.status.is_none_or(|known| known < 200) {
                        self.status = status;
                    }
                }
            }
            kind::RST_STREAM => self.reset = Some(frame.code_at(0)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
