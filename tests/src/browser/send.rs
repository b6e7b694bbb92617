//! How a request of the browser reaches the server: names, connections, protocol, cookies.
//! Never knows pages, history or forms; those are `browser`'s.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::ask::Ask;
use super::jar::{Jar, Use};
use super::url::Url;
use crate::answer::{Answer, Headers, NoAnswer};
use crate::h2client::{H2Ask, H2Client};
use crate::raw::{RawClient, request};
use crate::tls::{Sni, Trust};
use crate::wire::{Wire, tcp_from};
use crate::world::TestClock;

/// Names, trust and time, as far as a browser needs them. Clones share the names.
#[derive(Clone, Debug)]
pub struct Internet {
    hosts: Arc<Mutex<HashMap<String, SocketAddr>>>,
    trust: Trust,
    clock: TestClock,
}

impl Internet {
    pub fn new(clock: TestClock, trust: Trust) -> Self {
        Self {
            hosts: Arc::default(),
            trust,
            clock,
        }
    }

    /// From now on this host name leads to this address, whatever the port in the URL.
    pub fn host(&self, name: &str, addr: SocketAddr) {
        self.hosts
            .lock()
            .expect("sound")
            .insert(name.to_owned(), addr);
    }

    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    pub fn resolve(&self, url: &Url) -> Result<SocketAddr, NoAnswer> {
        if let Some(addr) = self.hosts.lock().expect("sound").get(&url.host) {
            return Ok(*addr);
        }
        let ip: Result<IpAddr, _> = url.host.trim_matches(['[', ']']).parse();
        ip.map(|ip| SocketAddr::from((ip, url.port)))
            .map_err(|_| NoAnswer::Broken(format!("no such host: {}", url.host)))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    H1,
    /// Over TLS; a plain URL is asked for over HTTP/1.1, as browsers do.
    H2,
}

/// Open connections of one browser, shared by its tabs.
#[derive(Default)]
pub(super) struct Lines {
    idle: Mutex<HashMap<String, Vec<RawClient>>>,
    h2: Mutex<HashMap<String, H2Client>>,
}

/// All that a request needs besides itself.
pub(super) struct Sender<'a> {
    pub net: &'a Internet,
    pub lines: &'a Lines,
    pub jar: &'a Mutex<Jar>,
    pub protocol: Protocol,
    pub source: Option<IpAddr>,
    pub fields: Vec<(String, String)>,
}

impl Sender<'_> {
    /// Sends with the cookies of the jar and takes the answer's into it.
    pub async fn send(&self, ask: &Ask) -> Result<Answer, NoAnswer> {
        let pairs = self.jar.lock().expect("sound").pairs(how(ask));
        let answer = match self.protocol {
            Protocol::H2 if ask.url.is_secure() => self.by_h2(ask, &pairs).await?,
            _ => self.by_h1(ask, &pairs).await?,
        };
        self.keep_cookies(ask, &answer);
        Ok(answer)
    }

    fn keep_cookies(&self, ask: &Ask, answer: &Answer) {
        let mut jar = self.jar.lock().expect("sound");
        // RFC 6265bis lets browsers take cookies from 1xx answers, so this one does.
        let early = answer.informational.iter().map(|(_, headers)| headers);
        for headers in early.chain([&answer.headers]) {
            for line in headers.all("set-cookie") {
                jar.set(line, how(ask));
            }
            let clear = headers.get("clear-site-data").unwrap_or_default();
            let everything = clear.contains("\"*\"") || clear.contains("\"cookies\"");
            if everything && ask.url.is_trustworthy() {
                jar.clear_site(&ask.url.host);
            }
        }
    }

    async fn by_h1(&self, ask: &Ask, pairs: &[String]) -> Result<Answer, NoAnswer> {
        let key = ask.url.origin();
        let bytes = h1_request(ask, &self.fields, pairs);
        if let Some(mut line) = self.idle_line(&key).await {
            match exchange(&mut line, ask, &bytes).await {
                // The server closed it in the same moment. Browsers try again, where they may.
                Err(NoAnswer::Closed { after: 0 }) if ask.method == "GET" => {}
                done => return self.done(&key, line, done),
            }
        }
        let mut line = RawClient::over(self.connect(&ask.url, &["http/1.1"]).await?);
        let done = exchange(&mut line, ask, &bytes).await;
        self.done(&key, line, done)
    }

    async fn idle_line(&self, key: &str) -> Option<RawClient> {
        loop {
            let line = self
                .lines
                .idle
                .lock()
                .expect("sound")
                .get_mut(key)
                .and_then(Vec::pop);
            let mut line = line?;
            if !line.closed(Duration::ZERO).await {
                return Some(line);
            }
        }
    }

    fn done(
        &self,
        key: &str,
        line: RawClient,
        done: Result<Answer, NoAnswer>,
    ) -> Result<Answer, NoAnswer> {
        let answer = done?;
        let closes = answer
            .header("connection")
            .is_some_and(|c| c.eq_ignore_ascii_case("close"));
        if !closes && answer.status != 101 {
            let mut idle = self.lines.idle.lock().expect("sound");
            idle.entry(key.to_owned()).or_default().push(line);
        }
        Ok(answer)
    }

    async fn by_h2(&self, ask: &Ask, pairs: &[String]) -> Result<Answer, NoAnswer> {
        let mut request = H2Ask::new(&ask.method, &ask.url.to_string());
        for (name, value) in &self.fields {
            request = request.field(&name.to_ascii_lowercase(), value);
        }
        // Browsers send one field for each cookie (RFC 9113 section 8.2.3).
        for pair in pairs {
            request = request.crumb(pair);
        }
        if let Some((_, body)) = &ask.body {
            request = request.body(body.clone());
        }
        let client = self.h2_line(&ask.url).await?;
        match client.ask(request.clone()).await {
            // The server was closing this connection; it has not taken the request.
            Err(NoAnswer::GoAway(0)) => {
                self.lines
                    .h2
                    .lock()
                    .expect("sound")
                    .remove(&ask.url.origin());
                self.h2_line(&ask.url).await?.ask(request).await
            }
            done => done,
        }
    }

    async fn h2_line(&self, url: &Url) -> Result<H2Client, NoAnswer> {
        let key = url.origin();
        let known = self.lines.h2.lock().expect("sound").get(&key).cloned();
        if let Some(client) = known.filter(|client| !client.is_closed()) {
            return Ok(client);
        }
        let wire = self.connect(url, &["h2"]).await?;
        if wire.alpn().as_deref() != Some("h2") {
            return Err(NoAnswer::Broken("the server does not speak h2".to_owned()));
        }
        let client = H2Client::over(wire).await.map_err(broken)?;
        self.lines
            .h2
            .lock()
            .expect("sound")
            .insert(key, client.clone());
        Ok(client)
    }

    async fn connect(&self, url: &Url, alpn: &[&str]) -> Result<Wire, NoAnswer> {
        connect(self.net, self.source, url, alpn).await
    }
}

/// A stream to where this URL leads, over TLS if it says so. `ws` uses this too.
pub(crate) async fn connect(
    net: &Internet,
    source: Option<IpAddr>,
    url: &Url,
    alpn: &[&str],
) -> Result<Wire, NoAnswer> {
    let addr = net.resolve(url)?;
    let tcp = tcp_from(source, addr).await.map_err(broken)?;
    if !url.is_secure() {
        return Ok(Wire::Plain(tcp));
    }
    Wire::shake(tcp, addr, net.trust(), Sni::Name(&url.host), alpn)
        .await
        .map_err(broken)
}

fn broken(error: std::io::Error) -> NoAnswer {
    NoAnswer::Broken(error.to_string())
}

fn how(ask: &Ask) -> Use<'_> {
    Use {
        url: &ask.url,
        initiator: ask.initiator.as_ref().map(|from| &from.url),
        top_level: ask.kind.is_top_level(),
        method: &ask.method,
    }
}

fn h1_request(ask: &Ask, fields: &[(String, String)], pairs: &[String]) -> Vec<u8> {
    let mut headers = Headers::new();
    headers.push("Host", ask.url.authority());
    headers.push("Connection", "keep-alive");
    for (name, value) in fields {
        headers.push(name, value);
    }
    if !pairs.is_empty() {
        headers.push("Cookie", pairs.join("; "));
    }
    let body = ask.body.as_ref().map_or(&[][..], |(_, bytes)| bytes);
    request(
        &format!("{} {} HTTP/1.1", ask.method, ask.url.target()),
        &headers,
        body,
    )
}

async fn exchange(line: &mut RawClient, ask: &Ask, bytes: &[u8]) -> Result<Answer, NoAnswer> {
    // A server may refuse and close before it has read all; its answer is what we want.
    let sent = line.send(bytes).await;
    let answer = match ask.method.as_str() {
        "HEAD" => line.answer_to_head().await,
        _ => line.answer().await,
    };
    match (sent, answer) {
        (Err(error), Err(NoAnswer::Closed { after: 0 })) if ask.method != "GET" => {
            Err(broken(error))
        }
        (_, answer) => answer,
    }
}
