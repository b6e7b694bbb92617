//! An upstream that writes down every byte it gets and answers from a script.
//! Never repairs what it reads and never forgets: what reached the upstream is proved by its
//! ledger, which counts requests strictly (as they parse) and naively (as a sloppy server might).
//!
//! `script` says what to answer and when, `serve` runs one connection, `naive` is the second count.

mod naive;
mod script;
mod serve;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::answer::{Headers, latin1};
use crate::framing::find;

pub use naive::naive_requests;
pub use script::{Latch, Script};

/// A request as it parsed strictly.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Which connection it came on, counted from 0 since the start or the last `clear`.
    pub connection: usize,
    pub method: String,
    pub target: String,
    pub version: String,
    pub headers: Headers,
    /// As much of the body as has come.
    pub body: Vec<u8>,
    pub trailers: Headers,
    /// Whether the body has come whole.
    pub complete: bool,
    id: u64,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    pub fn text(&self) -> String {
        latin1(&self.body)
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The values that cookies of this name came with, over all Cookie fields.
    pub fn cookies(&self, name: &str) -> Vec<String> {
        let pairs = self
            .headers
            .all("cookie")
            .into_iter()
            .flat_map(|line| line.split(';'));
        let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        pairs
            .filter(|(n, _)| *n == name)
            .map(|(_, value)| value.to_owned())
            .collect()
    }
}

type Rule = Arc<dyn Fn(&Seen) -> Script + Send + Sync>;
type EarlyRule = Arc<dyn Fn(&Seen) -> Option<Script> + Send + Sync>;

#[derive(Default)]
struct Ledger {
    connections: Vec<Arc<Mutex<Vec<u8>>>>,
    live: usize,
    seen: Vec<Seen>,
    malformed: Vec<String>,
    queue: VecDeque<Script>,
    rule: Option<Rule>,
    early_rule: Option<EarlyRule>,
    next_id: u64,
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Ledger>>);

impl Shared {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().expect("no reader of the ledger has panicked")
    }
}

/// Stops when dropped.
pub struct Recorder {
    addr: SocketAddr,
    shared: Shared,
    accepting: JoinHandle<()>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Recorder {
    pub async fn start() -> Self {
        Self::listen(None).await
    }

    pub async fn start_tls(config: Arc<ServerConfig>) -> Self {
        Self::listen(Some(config)).await
    }

    async fn listen(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port on loopback");
        let addr = listener
            .local_addr()
            .expect("a bound listener has an address");
        let shared = Shared::default();
        let accepting = tokio::spawn(serve::accept(listener, tls, shared.clone()));
        Self {
            addr,
            shared,
            accepting,
        }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Answers the next request (not yet answered otherwise) with this.
    pub fn next(&self, script: Script) {
        self.shared.ledger().queue.push_back(script);
    }

    /// Answers every request for which nothing is queued by asking this closure.
    pub fn answer_with(&self, rule: impl Fn(&Seen) -> Script + Send + Sync + 'static) {
        self.shared.ledger().rule = Some(Arc::new(rule));
    }

    /// Asked as soon as a head is there and nothing is queued; what it gives is sent at once,
    /// `None` leaves the answer for when the body has come.
    pub fn answer_early_with(
        &self,
        rule: impl Fn(&Seen) -> Option<Script> + Send + Sync + 'static,
    ) {
        self.shared.ledger().early_rule = Some(Arc::new(rule));
    }

    /// Every byte of every connection that sent one.
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        let connections = self.shared.ledger().connections.clone();
        let all = connections.iter().map(|c| c.lock().expect("sound").clone());
        all.filter(|bytes| !bytes.is_empty()).collect()
    }

    /// Requests as they parsed strictly, in the order their heads came.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.ledger().seen.clone()
    }

    /// The only request. Panics with what came if there is none or more than one.
    pub fn only_request(&self) -> Seen {
        let mut all = self.requests();
        assert_eq!(
            all.len(),
            1,
            "one request was to reach the upstream: {all:#?}"
        );
        all.remove(0)
    }

    /// How many requests a sloppy server might see, hidden ones in bodies and all.
    pub fn naive_count(&self) -> usize {
        self.bytes()
            .iter()
            .map(|bytes| naive_requests(bytes).len())
            .sum()
    }

    /// What could not be parsed strictly.
    pub fn malformed(&self) -> Vec<String> {
        self.shared.ledger().malformed.clone()
    }

    /// Whether this text occurs anywhere in what came.
    pub fn saw(&self, text: &str) -> bool {
        self.bytes()
            .iter()
            .any(|bytes| find(bytes, text.as_bytes()).is_some())
    }

    /// Connections accepted since the start or the last `clear`, silent ones too.
    pub fn connections(&self) -> usize {
        self.shared.ledger().connections.len()
    }

    /// Forgets what came; connections stay open, queued answers and the rule stay.
    pub fn clear(&self) {
        let mut ledger = self.shared.ledger();
        for connection in &ledger.connections {
            connection.lock().expect("sound").clear();
        }
        // A kept-alive connection goes on writing into its own record, so live ones must stay.
        ledger
            .connections
            .retain(|connection| Arc::strong_count(connection) > 1);
        ledger.seen.clear();
        ledger.malformed.clear();
    }

    /// Forgets queued answers and the rules: back to a plain 200.
    pub fn behave(&self) {
        let mut ledger = self.shared.ledger();
        ledger.queue.clear();
        ledger.rule = None;
        ledger.early_rule = None;
    }

    /// Waits until at least this many requests have come whole.
    pub async fn wait_for(&self, requests: usize, within: Duration) -> bool {
        let whole = |ledger: &Ledger| ledger.seen.iter().filter(|s| s.complete).count();
        self.wait(within, |ledger| whole(ledger) >= requests).await
    }

    /// Waits until at least this many heads have come, bodies or not.
    pub async fn wait_for_heads(&self, heads: usize, within: Duration) -> bool {
        self.wait(within, |ledger| ledger.seen.len() >= heads).await
    }

    /// Waits until nobody is connected any more.
    pub async fn all_gone(&self, within: Duration) -> bool {
        self.wait(within, |ledger| ledger.live == 0).await
    }

    async fn wait(&self, within: Duration, held: impl Fn(&Ledger) -> bool) -> bool {
        let end = Instant::now() + within;
        loop {
            if held(&self.shared.ledger()) {
                return true;
            }
            if Instant::now() > end {
                return false;
            }
            sleep(Duration::from_millis(2)).await;
        }
    }
}

#[cfg(test)]
mod tests;
