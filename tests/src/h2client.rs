//! A polite HTTP/2 client: well-formed requests, any fields, cookie crumbs, streamed bodies.
//! Never sends what the h2 crate would refuse to send: illegal frames and fields are `h2raw`'s.
//! `browser` uses this when it speaks HTTP/2.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::answer::{Answer, Headers, NoAnswer};
use crate::quiet::{quiet, span};
use crate::tls::{Sni, Trust};
use crate::wire::Wire;

const PATIENCE: Duration = Duration::from_secs(10);
const WINDOW: u32 = 1 << 20;

/// One request, built up field by field.
#[derive(Clone, Debug)]
pub struct H2Ask {
    method: String,
    uri: String,
    fields: Vec<(String, String)>,
    body: Option<Bytes>,
}

impl H2Ask {
    /// `uri` whole, as in `https://emr.test/chart.php?pid=1001`: it fills the pseudo-headers.
    pub fn new(method: &str, uri: &str) -> Self {
        Self {
            method: method.to_owned(),
            uri: uri.to_owned(),
            fields: Vec::new(),
            body: None,
        }
    }

    pub fn get(uri: &str) -> Self {
        Self::new("GET", uri)
    }

    pub fn form(uri: &str, body: &str) -> Self {
        let form = "application/x-www-form-urlencoded";
        Self::new("POST", uri)
            .field("content-type", form)
            .body(body.as_bytes().to_vec())
    }

    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One cookie in a field of its own, as browsers split them on HTTP/2.
    pub fn crumb(self, pair: &str) -> Self {
        self.field("cookie", pair)
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    fn head(&self) -> http::Request<()> {
        let mut request = http::Request::builder()
            .method(self.method.as_str())
            .uri(self.uri.as_str())
            .version(http::Version::HTTP_2);
        for (name, value) in &self.fields {
            request = request.header(name, value);
        }
        request
            .body(())
            .expect("a well-formed request; the ill-formed go through h2raw")
    }
}

/// One connection. Clones share it.
#[derive(Clone)]
pub struct H2Client {
    sender: SendRequest<Bytes>,
    patience: Duration,
    ended: watch::Receiver<bool>,
}

impl H2Client {
    pub async fn tls(addr: SocketAddr, trust: &Trust, sni: Sni<'_>) -> io::Result<Self> {
        let wire = Wire::tls(addr, trust, sni, &["h2"]).await?;
        match wire.alpn().as_deref() {
            Some("h2") => Self::over(wire).await,
            other => Err(io::Error::other(format!("no h2 by ALPN, but {other:?}"))),
        }
    }

    /// Without TLS, by prior knowledge.
    pub async fn plain(addr: SocketAddr) -> io::Result<Self> {
        Self::over(Wire::plain(addr).await?).await
    }

    pub async fn over(wire: Wire) -> io::Result<Self> {
        let mut builder = h2::client::Builder::new();
        builder
            .initial_window_size(WINDOW)
            .initial_connection_window_size(WINDOW);
        let (sender, connection) = quiet(builder.handshake(wire))
            .await
            .map_err(io::Error::other)?;
        let (end, ended) = watch::channel(false);
        tokio::spawn(quiet(async move {
            // How it ended is told to each stream; here only that it did.
            let _ = connection.await;
            end.send_replace(true);
        }));
        Ok(Self {
            sender,
            patience: PATIENCE,
            ended,
        })
    }

    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub fn is_closed(&self) -> bool {
        *self.ended.borrow()
    }

    /// Whether the connection ends within this time.
    pub async fn closed(&self, within: Duration) -> bool {
        let mut ended = self.ended.clone();
        timeout(within, async move {
            ended.wait_for(|ended| *ended).await.is_ok()
        })
        .await
        .unwrap_or(false)
    }

    /// Sends the request with its body and reads the whole answer.
    pub async fn ask(&self, ask: H2Ask) -> Result<Answer, NoAnswer> {
        let body = ask.body.clone();
        let mut exchange = self.begin(&ask, body.is_none()).await?;
        if let Some(body) = body {
            // A refusal may come before the body has left: then the answer counts, not our write.
            let _ = exchange.send(body).await;
            let _ = exchange.finish();
        }
        exchange.whole().await
    }

    /// Opens a stream and leaves it open for a body sent piece by piece.
    pub async fn open(&self, ask: &H2Ask) -> Result<H2Exchange, NoAnswer> {
        self.begin(ask, false).await
    }

    /// Sends a request without a body and hands its answer over as it comes, piece by piece.
    pub async fn listen(&self, ask: &H2Ask) -> Result<H2Exchange, NoAnswer> {
        self.begin(ask, true).await
    }

    async fn begin(&self, ask: &H2Ask, end: bool) -> Result<H2Exchange, NoAnswer> {
        let ready = timeout(self.patience, quiet(self.sender.clone().ready())).await;
        let mut sender = ready
            .map_err(|_| NoAnswer::Deadline { after: 0 })?
            .map_err(failed)?;
        let sent = span().in_scope(|| sender.send_request(ask.head(), end));
        let (coming, upload) = sent.map_err(failed)?;
        Ok(H2Exchange {
            upload,
            coming: Some(coming),
            download: None,
            patience: self.patience,
        })
    }
}

/// One stream under way.
pub struct H2Exchange {
    upload: SendStream<Bytes>,
    coming: Option<ResponseFuture>,
    download: Option<RecvStream>,
    patience: Duration,
}

impl H2Exchange {
    /// Sends a piece of the body, as fast as flow control lets it go.
    pub async fn send(&mut self, bytes: impl Into<Bytes>) -> Result<(), NoAnswer> {
        let mut bytes = bytes.into();
        while !bytes.is_empty() {
            self.upload.reserve_capacity(bytes.len());
            let room = poll_fn(|cx| self.upload.poll_capacity(cx));
            let room = match timeout(self.patience, room).await {
                Ok(Some(room)) => room.map_err(failed)?,
                Ok(None) => return Err(NoAnswer::Closed { after: 0 }),
                Err(_) => return Err(NoAnswer::Deadline { after: 0 }),
            };
            let piece = bytes.split_to(room.min(bytes.len()));
            self.upload.send_data(piece, false).map_err(failed)?;
        }
        Ok(())
    }

    pub fn finish(&mut self) -> Result<(), NoAnswer> {
        self.upload.send_data(Bytes::new(), true).map_err(failed)
    }

    /// The head of the answer, with an empty body; 1xx answers are kept in it.
    pub async fn head(&mut self) -> Result<Answer, NoAnswer> {
        let mut coming = self.coming.take().expect("the head is read once");
        let mut informational = Vec::new();
        let waiting = quiet(async {
            while let Some(hint) = poll_fn(|cx| coming.poll_informational(cx)).await {
                let hint = hint.map_err(failed)?;
                informational.push((hint.status().as_u16(), Headers::from(hint.headers())));
            }
            coming.await.map_err(failed)
        });
        let answer = timeout(self.patience, waiting).await;
        let (parts, body) = answer
            .map_err(|_| NoAnswer::Deadline { after: 0 })??
            .into_parts();
        self.download = Some(body);
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: Headers::from(&parts.headers),
            informational,
            ..Answer::default()
        })
    }

    /// The next piece of the answer's body, `None` at its end. Call after `head`.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, NoAnswer> {
        let body = self.download.as_mut().expect("the head was read");
        let piece = match timeout(self.patience, quiet(body.data())).await {
            Ok(None) => return Ok(None),
            Ok(Some(piece)) => piece.map_err(failed)?,
            Err(_) => return Err(NoAnswer::Deadline { after: 0 }),
        };
        // The window belongs to us; it cannot be over-released.
        let _ = body.flow_control().release_capacity(piece.len());
        Ok(Some(piece))
    }

    pub async fn whole(mut self) -> Result<Answer, NoAnswer> {
        let mut answer = self.head().await?;
        while let Some(piece) = self.piece().await? {
            answer.body.extend_from_slice(&piece);
        }
        let body = self.download.as_mut().expect("the head was read");
        if let Ok(Ok(Some(trailers))) = timeout(self.patience, body.trailers()).await {
            answer.trailers = Headers::from(&trailers);
        }
        Ok(answer)
    }

    /// Gives this stream up, as a closed tab does.
    pub fn abandon(mut self) {
        self.upload.send_reset(Reason::CANCEL);
    }
}

fn failed(error: h2::Error) -> NoAnswer {
    match error.reason() {
        Some(reason) if error.is_reset() => NoAnswer::StreamReset(reason.into()),
        Some(reason) if error.is_go_away() => NoAnswer::GoAway(reason.into()),
        _ if error.is_io() => NoAnswer::Closed { after: 0 },
        _ => NoAnswer::Broken(error.to_string()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
