//! What the recorder answers to one request, as a list of steps built up by a test.
//! Never checks that the steps make sense as HTTP: most of them exist to make none.
//! Run by `serve`.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::raw::crlf;

#[derive(Clone, Debug)]
pub(super) enum Step {
    Send(Vec<u8>),
    /// This piece again and again until the other side goes.
    Endless(Vec<u8>),
    Wait(Duration),
    Until(Latch),
    /// From here on nothing is parsed: bytes are written down, and sent back if `echo`.
    Tunnel {
        echo: bool,
    },
    Close,
    Reset,
}

/// Holds an answer back until a test opens it: a race can be frozen without sleeping.
#[derive(Clone, Debug)]
pub struct Latch(Arc<watch::Sender<bool>>);

impl Latch {
    pub fn shut() -> Self {
        Self(Arc::new(watch::channel(false).0))
    }

    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn opened(&self) {
        // The sender lives in `self`, so this cannot fail while we wait.
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}

#[derive(Clone, Debug, Default)]
pub struct Script {
    pub(super) steps: Vec<Step>,
    pub(super) early: bool,
}

impl Script {
    /// These exact bytes, `¶` being CRLF.
    pub fn bytes(text: &str) -> Self {
        Self::default().then(text)
    }

    /// 200 with this HTML.
    pub fn ok(body: &str) -> Self {
        Self::status(200, &[("Content-Type", "text/html; charset=utf-8")], body)
    }

    /// A whole, well-framed answer.
    pub fn status(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let reason = http::StatusCode::from_u16(status)
            .ok()
            .and_then(|s| s.canonical_reason());
        let mut text = format!("HTTP/1.1 {status} {}\r\n", reason.unwrap_or_default());
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !matches!(status, 100..=199 | 204 | 304) {
            text += &format!("Content-Length: {}\r\n", body.len());
        }
        Self {
            steps: vec![Step::Send(format!("{text}\r\n{body}").into_bytes())],
            early: false,
        }
    }

    /// The way a login succeeds in most apps: a redirect, perhaps with cookies.
    pub fn redirect(location: &str, cookies: &[&str]) -> Self {
        let mut headers = vec![("Location", location)];
        headers.extend(cookies.iter().map(|cookie| ("Set-Cookie", *cookie)));
        Self::status(302, &headers, "")
    }

    /// The same answer with one more field, put right after its first line.
    #[must_use]
    pub fn with_field(mut self, name: &str, value: &str) -> Self {
        if let Some(Step::Send(bytes)) = self.steps.first_mut()
            && let Some(at) = crate::framing::find(bytes, b"\r\n")
        {
            bytes.splice(at..at, format!("\r\n{name}: {value}").into_bytes());
        }
        self
    }

    /// This, and then the other's steps.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self
    }

    /// No answer ever; the connection stays open and is written down.
    pub fn silence() -> Self {
        Self::default().tunnel()
    }

    /// Answers as soon as the head is there, without waiting for the body.
    pub fn early(mut self) -> Self {
        self.early = true;
        self
    }

    pub fn then(self, text: &str) -> Self {
        self.step(Step::Send(crlf(text)))
    }

    pub fn then_bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Send(bytes.into()))
    }

    pub fn endless(self, piece: &str) -> Self {
        self.step(Step::Endless(crlf(piece)))
    }

    /// Real time passes: only for tests of deadlines.
    pub fn wait(self, pause: Duration) -> Self {
        self.step(Step::Wait(pause))
    }

    /// Goes on when the test opens this latch.
    pub fn until(self, latch: &Latch) -> Self {
        self.step(Step::Until(latch.clone()))
    }

    /// Parses nothing more on this connection and only writes down what comes.
    pub fn tunnel(self) -> Self {
        self.step(Step::Tunnel { echo: false })
    }

    /// Like `tunnel`, and sends everything back: the far end of an upgraded connection.
    pub fn echo(self) -> Self {
        self.step(Step::Tunnel { echo: true })
    }

    pub fn close(self) -> Self {
        self.step(Step::Close)
    }

    /// RST: what a killed upstream process leaves behind.
    pub fn reset(self) -> Self {
        self.step(Step::Reset)
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
