//! A WebSocket as a page's script or an attacker opens it, with any fields, cookies and Origin.
//! Never hides a refusal: what the server answered instead of 101 is handed back whole.
//! `Browser::socket` fills in what a browser would.

use std::fmt;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::answer::{Answer, Headers, NoAnswer};
use crate::browser::Browser;
use crate::browser::jar::Use;
use crate::browser::send::{Internet, connect};
use crate::browser::url::Url;
use crate::quiet::quiet;
use crate::wire::Wire;

const PATIENCE: Duration = Duration::from_secs(10);

/// A socket not yet opened.
#[derive(Clone, Debug)]
pub struct Knock {
    url: Url,
    fields: Vec<(String, String)>,
}

impl Knock {
    /// At a URL as in `wss://emr.test/ws`; names lead where the `Internet` says.
    pub fn at(url: &str) -> Self {
        Self {
            url: Url::parse(url).expect("a ws or wss URL"),
            fields: Vec::new(),
        }
    }

    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn cookie(self, pairs: &str) -> Self {
        self.field("Cookie", pairs)
    }

    /// In place of the Origin that a browser filled in.
    pub fn origin(mut self, origin: &str) -> Self {
        self.fields.retain(|(name, _)| name != "Origin");
        self.field("Origin", origin)
    }

    pub async fn open(self, net: &Internet) -> Result<Socket, Refused> {
        let wire = connect(net, None, &self.url, &["http/1.1"])
            .await
            .map_err(Refused::Unheard)?;
        self.open_over(wire).await
    }

    /// Over a stream that the test has opened itself.
    pub async fn open_over(self, wire: Wire) -> Result<Socket, Refused> {
        let request = self.url.to_string().into_client_request();
        let mut request = request.expect("a sound URL makes a sound request");
        for (name, value) in &self.fields {
            let name = HeaderName::try_from(name.as_str()).expect("a field name");
            let value = HeaderValue::try_from(value.as_str()).expect("a field value");
            request.headers_mut().append(name, value);
        }
        let knocked = timeout(PATIENCE, quiet(client_async(request, wire))).await;
        match knocked.map_err(|_| Refused::Unheard(NoAnswer::Deadline { after: 0 }))? {
            Ok((stream, response)) => Ok(Socket {
                stream,
                headers: Headers::from(response.headers()),
            }),
            Err(error) => Err(refused(error)),
        }
    }
}

/// What came instead of a socket.
#[derive(Clone, Debug)]
pub enum Refused {
    /// An ordinary answer. Of its body only what came along with the head is here.
    Answered(Answer),
    Unheard(NoAnswer),
}

impl Refused {
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered(answer) => Some(answer.status),
            Self::Unheard(_) => None,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(answer) => write!(f, "refused: {}", answer.everything()),
            Self::Unheard(why) => write!(f, "unheard: {why}"),
        }
    }
}

fn refused(error: Error) -> Refused {
    match error {
        Error::Http(response) => {
            let (head, body) = response.into_parts();
            Refused::Answered(Answer {
                status: head.status.as_u16(),
                headers: Headers::from(&head.headers),
                body: body.unwrap_or_default(),
                ..Answer::default()
            })
        }
        Error::Io(e) if e.kind() == std::io::ErrorKind::ConnectionReset => {
            Refused::Unheard(NoAnswer::Closed { after: 0 })
        }
        other => Refused::Unheard(NoAnswer::Broken(other.to_string())),
    }
}

/// What came over an open socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Text(String),
    Binary(Vec<u8>),
    /// Closed with this code, or without one (the connection was cut).
    Closed(Option<u16>),
    /// Nothing within the time.
    Silence,
}

pub struct Socket {
    stream: WebSocketStream<Wire>,
    /// The fields of the 101 answer.
    pub headers: Headers,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({:?})", self.headers)
    }
}

impl Socket {
    /// False if the socket is no longer open.
    pub async fn say(&mut self, text: &str) -> bool {
        quiet(self.stream.send(Message::text(text))).await.is_ok()
    }

    pub async fn say_bytes(&mut self, bytes: impl Into<Vec<u8>>) -> bool {
        quiet(self.stream.send(Message::binary(bytes.into())))
            .await
            .is_ok()
    }

    /// The next message. Pings are answered and not told.
    pub async fn hear(&mut self, within: Duration) -> Heard {
        let next = quiet(async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => return Heard::Text(text.as_str().to_owned()),
                    Some(Ok(Message::Binary(bytes))) => return Heard::Binary(bytes.to_vec()),
                    Some(Ok(Message::Close(frame))) => {
                        return Heard::Closed(frame.map(|frame| frame.code.into()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Heard::Closed(None),
                }
            }
        });
        timeout(within, next).await.unwrap_or(Heard::Silence)
    }

    /// Whether the other side ends the socket within this time; messages until then are dropped.
    pub async fn closed(&mut self, within: Duration) -> bool {
        let end = async { while !matches!(self.hear(within).await, Heard::Closed(_)) {} };
        timeout(within, end).await.is_ok()
    }

    pub async fn close(&mut self) {
        // Already closed is closed.
        let _ = quiet(self.stream.close(None)).await;
    }
}

impl Browser {
    /// What `new WebSocket(address)` of the page shown (or of home) asks for: our cookies, the
    /// page's Origin. More fields can be added before it is opened with `internet()`.
    pub fn knock(&self, address: &str) -> Knock {
        let mut url = self.from_page(address);
        let page = self.from_page("");
        url.scheme = if url.is_secure() { "wss" } else { "ws" }.to_owned();
        let pairs = self.jar().pairs(Use {
            url: &url,
            initiator: Some(&page),
            top_level: false,
            method: "GET",
        });
        let knock = Knock {
            url,
            fields: Vec::new(),
        }
        .origin(&page.origin());
        if pairs.is_empty() {
            knock
        } else {
            knock.cookie(&pairs.join("; "))
        }
    }

    pub async fn socket(&self, address: &str) -> Result<Socket, Refused> {
        self.knock(address).open(self.internet()).await
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::recorder::{Recorder, Script};
    use crate::tls::Trust;
    use crate::world::TestClock;

    const SOON: Duration = Duration::from_secs(5);

    async fn echo() -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut socket = tokio_tungstenite::accept_async(tcp).await.unwrap();
                    while let Some(Ok(message)) = socket.next().await {
                        if message.to_text().is_ok_and(|text| text == "bye") {
                            socket.close(None).await.unwrap();
                        } else if message.is_text() {
                            socket.send(message).await.unwrap();
                        }
                    }
                });
            }
        });
        addr
    }

    fn net(addr: std::net::SocketAddr) -> Internet {
        let net = Internet::new(TestClock::new(), Trust::anyone());
        net.host("emr.test", addr);
        net
    }

    #[tokio::test]
    async fn an_open_socket_speaks_hears_and_learns_that_it_was_closed() {
        let browser = Browser::new(&net(echo().await), "http://emr.test");
        let mut socket = browser.socket("/ws").await.unwrap();
        assert!(socket.headers.has("sec-websocket-accept"));
        assert!(socket.say("hello").await);
        assert_eq!(socket.hear(SOON).await, Heard::Text("hello".to_owned()));
        assert_eq!(socket.hear(Duration::from_millis(50)).await, Heard::Silence);
        socket.say("bye").await;
        assert!(socket.closed(SOON).await);
    }

    #[tokio::test]
    async fn a_refusal_comes_back_as_the_answer_it_was_and_the_request_as_it_was_meant() {
        let upstream = Recorder::start().await;
        upstream.next(Script::status(403, &[("X-Why", "origin")], "no"));
        let browser = Browser::new(&net(upstream.addr()), "http://emr.test");
        browser.jar().plant("emr.test", "S", "1");
        let refused = browser
            .knock("/ws?x=1")
            .field("X-More", "y")
            .open(browser.internet())
            .await;
        let Refused::Answered(answer) = refused.unwrap_err() else {
            panic!("an answer")
        };
        assert_eq!(
            (answer.status, answer.header("x-why")),
            (403, Some("origin"))
        );
        let seen = upstream.only_request();
        assert_eq!(
            (seen.target.as_str(), seen.header("origin")),
            ("/ws?x=1", Some("http://emr.test"))
        );
        assert_eq!(
            (seen.header("cookie"), seen.header("x-more")),
            (Some("S=1"), Some("y"))
        );
        let silent = Knock::at("ws://nobody.test/")
            .open(browser.internet())
            .await
            .unwrap_err();
        assert_eq!(silent.status(), None);
    }
}
