//! One connection of the recorder: read, write down, parse strictly, run the script.
//! Never answers a request that it could not parse other than by 400 and a close.
//! What to answer comes from `script`; what was seen goes into the ledger in `recorder`.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsStream};

use super::script::{Script, Step};
use super::{Seen, Shared};
use crate::framing::{Body, Head, Length, take_head};
use crate::wire::Wire;

pub(super) async fn accept(listener: TcpListener, tls: Option<Arc<ServerConfig>>, shared: Shared) {
    // Owned here, so that stopping the recorder cuts its connections too.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((tcp, _)) = accepted else { return };
                connections.spawn(connection(tcp, tls.clone(), shared.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(tcp: TcpStream, tls: Option<Arc<ServerConfig>>, shared: Shared) {
    let _counted = Live::new(shared.clone());
    let record = Arc::new(Mutex::new(Vec::new()));
    let number = {
        let mut ledger = shared.ledger();
        ledger.connections.push(record.clone());
        ledger.connections.len() - 1
    };
    let Ok(wire) = shake(tcp, tls).await else {
        return;
    };
    let mut line = Line {
        wire,
        unread: BytesMut::new(),
        record,
        number,
        shared,
    };
    // The other side may go at any moment; the ledger holds all that came until then.
    let _ = line.serve().await;
}

async fn shake(tcp: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<Wire> {
    tcp.set_nodelay(true)?;
    let Some(config) = tls else {
        return Ok(Wire::Plain(tcp));
    };
    let stream = TlsAcceptor::from(config).accept(tcp).await?;
    Ok(Wire::Tls(Box::new(TlsStream::Server(stream))))
}

/// Counts a connection as live until its task is gone, however that ends.
struct Live(Shared);

impl Live {
    fn new(shared: Shared) -> Self {
        shared.ledger().live += 1;
        Self(shared)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.ledger().live -= 1;
    }
}

/// What becomes of the connection after a script.
enum After {
    KeepAlive,
    Closed,
}

struct Line {
    wire: Wire,
    unread: BytesMut,
    record: Arc<Mutex<Vec<u8>>>,
    number: usize,
    shared: Shared,
}

impl Line {
    async fn serve(&mut self) -> io::Result<()> {
        loop {
            let head = match take_head(&mut self.unread) {
                Ok(Some(head)) => head,
                Ok(None) => {
                    self.fill().await?;
                    continue;
                }
                Err(why) => return self.refuse(why).await,
            };
            let seen = match self.enter(head) {
                Ok(seen) => seen,
                Err(why) => return self.refuse(why).await,
            };
            let chosen = self.choose(&seen);
            let later = match chosen {
                // An early tunnel takes the rest of the connection, body included.
                Some(script) if script.early => match self.run(script).await? {
                    After::Closed => return Ok(()),
                    After::KeepAlive => None,
                },
                Some(script) => Some(Some(script)),
                None => Some(None),
            };
            let seen = match self.body(seen).await? {
                Ok(seen) => seen,
                Err(why) => return self.refuse(why).await,
            };
            let Some(script) = later else { continue };
            let script = script.unwrap_or_else(|| self.script_for(&seen));
            if matches!(self.run(script).await?, After::Closed) {
                return Ok(());
            }
        }
    }

    fn enter(&self, head: Head) -> Result<Seen, String> {
        let parts: Vec<&str> = head.line.split(' ').collect();
        let [method, target, version @ ("HTTP/1.1" | "HTTP/1.0")] = parts.as_slice() else {
            return Err(format!("no request line: {:?}", head.line));
        };
        Length::of_request(&head.headers)?;
        let mut ledger = self.shared.ledger();
        ledger.next_id += 1;
        let seen = Seen {
            connection: self.number,
            method: (*method).to_owned(),
            target: (*target).to_owned(),
            version: (*version).to_owned(),
            headers: head.headers,
            id: ledger.next_id,
            ..Seen::default()
        };
        ledger.seen.push(seen.clone());
        Ok(seen)
    }

    /// What is known at the head: a queued script, or one that answers early.
    fn choose(&self, seen: &Seen) -> Option<Script> {
        let (queued, rule) = {
            let mut ledger = self.shared.ledger();
            (ledger.queue.pop_front(), ledger.early_rule.clone())
        };
        queued.or_else(|| rule.and_then(|rule| rule(seen)).map(Script::early))
    }

    /// What is known once the body is there too.
    fn script_for(&self, seen: &Seen) -> Script {
        let rule = self.shared.ledger().rule.clone();
        let body = if seen.method == "HEAD" {
            ""
        } else {
            "recorded"
        };
        match rule {
            Some(rule) => rule(seen),
            None => Script::status(200, &[("X-Upstream", "recorder")], body),
        }
    }

    async fn body(&mut self, mut seen: Seen) -> io::Result<Result<Seen, String>> {
        let length = match Length::of_request(&seen.headers) {
            Ok(length) => length,
            Err(why) => return Ok(Err(why)),
        };
        if seen
            .header("expect")
            .is_some_and(|e| e.eq_ignore_ascii_case("100-continue"))
        {
            self.wire
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
                .await?;
        }
        let mut body = Body::new(length);
        loop {
            let fed = body.feed(&mut self.unread);
            seen.body.clone_from(&body.bytes);
            seen.trailers = body.trailers.clone();
            seen.complete = body.is_done();
            self.update(&seen);
            match fed {
                Ok(true) => return Ok(Ok(seen)),
                Ok(false) => self.fill().await?,
                Err(why) => return Ok(Err(why)),
            }
        }
    }

    fn update(&self, seen: &Seen) {
        let mut ledger = self.shared.ledger();
        if let Some(entry) = ledger.seen.iter_mut().find(|entry| entry.id == seen.id) {
            entry.clone_from(seen);
        }
    }

    async fn run(&mut self, script: Script) -> io::Result<After> {
        for step in script.steps {
            match step {
                Step::Send(bytes) => self.write(&bytes).await?,
                Step::Endless(piece) => loop {
                    self.write(&piece).await?;
                },
                Step::Wait(pause) => self.meanwhile(tokio::time::sleep(pause)).await?,
                Step::Until(latch) => self.meanwhile(latch.opened()).await?,
                Step::Tunnel { echo } => self.tunnel(echo).await?,
                Step::Close => {
                    self.wire.shutdown().await?;
                    return Ok(After::Closed);
                }
                Step::Reset => {
                    self.wire.reset_on_drop();
                    return Ok(After::Closed);
                }
            }
        }
        Ok(After::KeepAlive)
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.wire.write_all(bytes).await?;
        self.wire.flush().await
    }

    async fn tunnel(&mut self, echo: bool) -> io::Result<()> {
        loop {
            let bytes = self.unread.split();
            if echo && !bytes.is_empty() {
                self.write(&bytes).await?;
            }
            self.fill().await?;
        }
    }

    /// Waits, and goes on writing down what comes.
    async fn meanwhile(&mut self, event: impl Future<Output = ()>) -> io::Result<()> {
        tokio::pin!(event);
        loop {
            tokio::select! {
                () = &mut event => return Ok(()),
                filled = self.fill() => filled?,
            }
        }
    }

    async fn refuse(&mut self, why: String) -> io::Result<()> {
        self.shared.ledger().malformed.push(why);
        self.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            .await?;
        self.wire.shutdown().await
    }

    async fn fill(&mut self) -> io::Result<()> {
        let before = self.unread.len();
        if self.wire.read_buf(&mut self.unread).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.record
            .lock()
            .expect("sound")
            .extend_from_slice(&self.unread[before..]);
        Ok(())
    }
}
