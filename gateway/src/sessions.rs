//! Verified sessions in memory: what the hot path needs, found without I/O.
//!
//! A copy of the store's record, never more than it: a session that is not here is looked up there, and what
//! is ended there is ended here within two seconds (`feed`). Anonymous sessions have no record at all, tainted
//! and pending ones are always read from the store. Makes no decision; see `anteroom_core::session`.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use anteroom_core::cookies::Jar;
use anteroom_core::ids::{AppName, SessionHash, SessionRow, SubscriberId};
use anteroom_core::session::Verified;
use anteroom_core::time::Timestamp;
use arc_swap::ArcSwapOption;
use dashmap::DashMap;
use http::HeaderValue;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::cookies::incoming::{Belongings, fingerprint};
use crate::keys::Secret;
use crate::net::connection::Connection;

/// How long a request waits while another login on its session is being judged (`DESIGN-CASES` 11).
pub const FREEZE: Duration = Duration::from_secs(5);

/// One verified session.
pub struct Live {
    /// Its row; stays when the id is rotated.
    pub row: SessionRow,
    /// The app it belongs to.
    pub app: AppName,
    /// Whose it is; `None` for a single-factor passage of somebody not on file.
    pub subscriber: Option<SubscriberId>,
    /// Seals the app's cookies.
    pub jar_key: Secret,
    /// The overall end.
    pub ends_at: Timestamp,
    hash: Mutex<SessionHash>,
    authenticated_at: AtomicI64,
    active_at: AtomicI64,
    written_at: AtomicI64,
    locked: AtomicBool,
    ended: AtomicBool,
    frozen: AtomicBool,
    logins: AtomicU64,
    places: Mutex<Vec<IpAddr>>,
    thawed: Notify,
    bound: Mutex<Vec<[u8; 32]>>,
    kept: Mutex<Jar>,
    delivery: Mutex<Option<String>>,
    exchanges: Mutex<Vec<Exchange>>,
    next_exchange: AtomicU64,
    memo: ArcSwapOption<Memo>,
}

/// The last `Cookie` field seen and what it became: browsers send the same one over and over.
pub struct Memo {
    /// As the browser sent it.
    pub from_browser: HeaderValue,
    /// As it went upstream; `None` when nothing remained.
    pub to_upstream: Option<HeaderValue>,
}

/// What kind of exchange is open; decides what a lock cuts (`DESIGN-CASES` 29).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExchangeKind {
    /// A request with an end of its own.
    Finite,
    /// A WebSocket, an event stream or a poll.
    Endless,
}

struct Exchange {
    number: u64,
    kind: ExchangeKind,
    connection: Weak<Connection>,
}

/// An exchange that runs under a session; dropping it closes the entry.
pub struct OpenExchange {
    live: Arc<Live>,
    number: u64,
    logins: u64,
}

/// The connection that asked for the end of its own session.
pub struct Spare<'c> {
    /// It.
    pub connection: &'c Arc<Connection>,
    /// How many of the open exchanges are the asking one: one when it is forwarded, none when we answer.
    pub own: usize,
}

/// How long an answer may take to be written before its connection is cut after all.
const ANSWERED: Duration = Duration::from_secs(1);

/// How many client addresses a session is known by: a phone that changes networks has a few.
const PLACES: usize = 16;

/// What a [`Live`] is made of.
pub struct Beginning {
    /// See [`Live::row`].
    pub row: SessionRow,
    /// The hash of the id in the cookie.
    pub hash: SessionHash,
    /// See [`Live::app`].
    pub app: AppName,
    /// See [`Live::subscriber`].
    pub subscriber: Option<SubscriberId>,
    /// See [`Live::jar_key`].
    pub jar_key: Secret,
    /// The moments and the lock.
    pub verified: Verified,
    /// Fingerprints of bound values.
    pub bound: Vec<[u8; 32]>,
    /// Values too large for the browser.
    pub kept: Jar,
    /// Path of a held answer that waits for its GET.
    pub delivery: Option<String>,
}

impl Live {
    /// Makes the in-memory copy of a record.
    #[must_use]
    pub fn new(begin: Beginning) -> Arc<Self> {
        let active = begin.verified.active_at.as_millis();
        Arc::new(Self {
            row: begin.row,
            app: begin.app,
            subscriber: begin.subscriber,
            jar_key: begin.jar_key,
            ends_at: begin.verified.ends_at,
            hash: Mutex::new(begin.hash),
            authenticated_at: AtomicI64::new(begin.verified.authenticated_at.as_millis()),
            active_at: AtomicI64::new(active),
            written_at: AtomicI64::new(active),
            locked: AtomicBool::new(begin.verified.locked),
            ended: AtomicBool::new(false),
            frozen: AtomicBool::new(false),
            logins: AtomicU64::new(0),
            places: Mutex::new(Vec::new()),
            thawed: Notify::new(),
            bound: Mutex::new(begin.bound),
            kept: Mutex::new(begin.kept),
            delivery: Mutex::new(begin.delivery),
            exchanges: Mutex::new(Vec::new()),
            next_exchange: AtomicU64::new(0),
            memo: ArcSwapOption::empty(),
        })
    }

    /// The moments and the lock, as decisions take them.
    #[must_use]
    pub fn verified(&self) -> Verified {
        Verified {
            authenticated_at: Timestamp::from_millis(self.authenticated_at.load(Ordering::Acquire)),
            active_at: Timestamp::from_millis(self.active_at.load(Ordering::Acquire)),
            ends_at: self.ends_at,
            locked: self.locked.load(Ordering::Acquire),
        }
    }

    /// The hash its cookie has at present.
    #[must_use]
    pub fn hash(&self) -> SessionHash {
        *self.hash.lock()
    }

    /// Whether it was ended.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Counts a request as activity. A clock that jumps back never makes a session younger.
    pub fn touch(&self, now: Timestamp) {
        self.active_at.fetch_max(now.as_millis(), Ordering::AcqRel);
    }

    /// Whether a client address is new to this session, and not the first it is seen from. Remembers it.
    #[must_use]
    pub fn is_moved_to(&self, client: IpAddr) -> bool {
        let mut places = self.places.lock();
        if places.contains(&client) {
            return false;
        }
        places.insert(0, client);
        places.truncate(PLACES);
        places.len() > 1
    }

    /// Locks it until a code is given.
    pub fn lock(&self) {
        self.locked.store(true, Ordering::Release);
        self.cut(Some(ExchangeKind::Endless), None);
    }

    fn unlock(&self, now: Timestamp) {
        self.authenticated_at.store(now.as_millis(), Ordering::Release);
        self.active_at.store(now.as_millis(), Ordering::Release);
        self.locked.store(false, Ordering::Release);
    }

    /// Holds all other requests while a login on this session is judged. `false` when one is already.
    #[must_use]
    pub fn freeze(&self) -> bool {
        let first = !self.frozen.swap(true, Ordering::AcqRel);
        if first {
            self.logins.fetch_add(1, Ordering::AcqRel);
        }
        first
    }

    /// Lets the others go on.
    pub fn thaw(&self) {
        self.frozen.store(false, Ordering::Release);
        self.thawed.notify_waiters();
    }

    /// Whether a login on this session is being judged.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Acquire)
    }

    /// Waits until the session is not frozen. `false` when that took too long.
    pub async fn thawed(&self) -> bool {
        if !self.frozen.load(Ordering::Acquire) {
            return true;
        }
        let wait = async {
            loop {
                let thawed = self.thawed.notified();
                if !self.frozen.load(Ordering::Acquire) {
                    return;
                }
                thawed.await;
            }
        };
        tokio::time::timeout(FREEZE, wait).await.is_ok()
    }

    /// Registers an exchange, so that an end can cut it.
    #[must_use]
    pub fn open_exchange(
        self: &Arc<Self>,
        kind: ExchangeKind,
        connection: &Arc<Connection>,
    ) -> OpenExchange {
        let number = self.next_exchange.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::downgrade(connection);
        let logins = self.logins.load(Ordering::Acquire);
        self.exchanges.lock().push(Exchange { number, kind, connection });
        OpenExchange { live: Arc::clone(self), number, logins }
    }

    /// How many exchanges are open.
    #[must_use]
    pub fn open_exchanges(&self) -> usize {
        self.exchanges.lock().len()
    }

    /// Cuts the connections of open exchanges: all, or those of one kind. The connection that carries the
    /// answer to whoever ends the session is spared until that is written.
    pub fn cut(&self, only: Option<ExchangeKind>, spare: Option<&Spare<'_>>) {
        let mut on_spared = 0;
        for exchange in self.exchanges.lock().iter() {
            let Some(connection) = exchange.connection.upgrade() else { continue };
            if only.is_some_and(|kind| kind != exchange.kind) {
                continue;
            }
            match spare {
                Some(spare) if Arc::ptr_eq(&connection, spare.connection) => on_spared += 1,
                _ => connection.cut.cancel(),
            }
        }
        if let Some(spare) = spare
            && on_spared > spare.own
        {
            // Other streams of the same HTTP/2 connection: they go as well, once the answer is out.
            let connection = Arc::clone(spare.connection);
            tokio::spawn(async move {
                tokio::time::sleep(ANSWERED).await;
                connection.cut.cancel();
            });
        }
    }

    /// What the last `Cookie` field became, if this is the same one.
    #[must_use]
    pub fn recall(&self, from_browser: &HeaderValue) -> Option<Option<HeaderValue>> {
        let memo = self.memo.load();
        let memo = memo.as_ref()?;
        (memo.from_browser == *from_browser).then(|| memo.to_upstream.clone())
    }

    /// Remembers what a `Cookie` field became.
    pub fn memorise(&self, from_browser: HeaderValue, to_upstream: Option<HeaderValue>) {
        self.memo.store(Some(Arc::new(Memo { from_browser, to_upstream })));
    }

    /// Remembers a bound value. `false` when it was known.
    #[must_use]
    pub fn bind(&self, print: [u8; 32]) -> bool {
        let mut bound = self.bound.lock();
        if bound.contains(&print) {
            return false;
        }
        bound.insert(0, print);
        bound.truncate(crate::cookies::companion::MOST);
        self.memo.store(None);
        true
    }

    /// Changes the values that are too large for the browser; returns them all, to be written down.
    pub fn keep(&self, change: impl FnOnce(&mut Jar)) -> Vec<u8> {
        let mut kept = self.kept.lock();
        change(&mut kept);
        self.memo.store(None);
        kept.to_bytes()
    }

    /// Whether a held answer waits for its GET.
    #[must_use]
    pub fn awaits_delivery(&self) -> bool {
        self.delivery.lock().is_some()
    }

    /// Takes the waiting delivery if it is for this target.
    #[must_use]
    pub fn take_delivery(&self, target: &str) -> bool {
        let mut delivery = self.delivery.lock();
        if delivery.as_deref() == Some(target) {
            *delivery = None;
            return true;
        }
        false
    }

    /// Notes that a held answer waits for its GET.
    pub fn expect_delivery(&self, target: &str) {
        *self.delivery.lock() = Some(target.to_owned());
    }
}

impl Belongings for Arc<Live> {
    fn kept(&self, name: &[u8], path: &str) -> Option<Vec<u8>> {
        let kept = self.kept.lock();
        let found = kept.entries().iter().find(|entry| entry.name == name && entry.path == path);
        found.map(|entry| entry.value.clone())
    }

    fn is_bound(&self, name: &[u8], value: &[u8]) -> bool {
        self.bound.lock().contains(&fingerprint(name, value))
    }
}

impl OpenExchange {
    /// Whether somebody logged in again on this session since the exchange began: upstream it may be somebody
    /// else's by now, so nothing more of it goes either way (`DESIGN-CASES` 11).
    #[must_use]
    pub fn is_overtaken(&self) -> bool {
        self.live.logins.load(Ordering::Acquire) != self.logins
    }

    /// Says that this exchange has no end of its own after all (an event stream).
    pub fn is_endless(&self) {
        let mut exchanges = self.live.exchanges.lock();
        if let Some(found) = exchanges.iter_mut().find(|open| open.number == self.number) {
            found.kind = ExchangeKind::Endless;
        }
    }
}

impl Drop for OpenExchange {
    fn drop(&mut self) {
        self.live.exchanges.lock().retain(|open| open.number != self.number);
    }
}

/// All verified sessions in memory, bounded.
pub struct Sessions {
    by_hash: DashMap<SessionHash, Arc<Live>>,
    ended: Mutex<VecDeque<SessionRow>>,
    most: usize,
}

/// How many sessions are known to have ended here, beyond what the store says of them yet.
const ENDED: usize = 8192;

impl Sessions {
    /// An empty table for at most `most` sessions.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { by_hash: DashMap::new(), ended: Mutex::new(VecDeque::new()), most }
    }

    /// The session of this cookie, if it is in memory and not ended.
    #[must_use]
    pub fn find(&self, hash: &SessionHash) -> Option<Arc<Live>> {
        let live = Arc::clone(&*self.by_hash.get(hash)?);
        (!live.is_ended()).then_some(live)
    }

    /// Adds a session; returns the one that was there first if two requests loaded it at once. `None` when it
    /// was ended here since its record was read: ending tells this table first and the store then, and a
    /// request in between must not bring the session back.
    #[must_use]
    pub fn insert(&self, live: Arc<Live>) -> Option<Arc<Live>> {
        if self.by_hash.len() >= self.most {
            self.make_room();
        }
        let found = Arc::clone(&*self.by_hash.entry(live.hash()).or_insert(live));
        // Added first, looked at second: an end that comes in between finds it in the table.
        if self.ended.lock().contains(&found.row) {
            self.by_hash.remove(&found.hash());
            return None;
        }
        Some(found)
    }

    /// Forgets the quietest sixteenth; they come back from the store when they are used again.
    fn make_room(&self) {
        let mut quiet: Vec<(i64, SessionHash)> = self
            .by_hash
            .iter()
            .filter(|entry| entry.exchanges.lock().is_empty() && !entry.is_frozen())
            .map(|entry| (entry.active_at.load(Ordering::Relaxed), *entry.key()))
            .collect();
        quiet.sort_unstable();
        for (_, hash) in quiet.into_iter().take(self.most / 16 + 1) {
            self.by_hash.remove(&hash);
        }
    }

    /// After an unlock: the same session under a new id. The old id stops at once.
    pub fn rotate(&self, live: &Arc<Live>, new: SessionHash, now: Timestamp) {
        let old = std::mem::replace(&mut *live.hash.lock(), new);
        live.unlock(now);
        self.by_hash.remove(&old);
        self.by_hash.insert(new, Arc::clone(live));
    }

    /// Ends a session here and cuts what runs under it. The store's record is the caller's to end.
    pub fn end(&self, live: &Live, spare: Option<&Spare<'_>>) {
        live.ended.store(true, Ordering::Release);
        {
            let mut ended = self.ended.lock();
            ended.push_back(live.row);
            if ended.len() > ENDED {
                ended.pop_front();
            }
        }
        self.by_hash.remove(&live.hash());
        live.cut(None, spare);
        live.thaw();
    }

    /// Ends all sessions that match.
    pub fn end_where(&self, matches: impl Fn(&Live) -> bool) -> usize {
        let found: Vec<Arc<Live>> = self
            .by_hash
            .iter()
            .filter(|entry| matches(entry))
            .map(|entry| Arc::clone(entry.value()))
            .collect();
        for live in &found {
            self.end(live, None);
        }
        found.len()
    }

    /// Sessions whose activity is newer than what the store knows.
    #[must_use]
    pub fn unwritten(&self) -> Vec<(SessionRow, Timestamp)> {
        let newer = |live: &Arc<Live>| {
            let active = live.active_at.load(Ordering::Acquire);
            let known = live.written_at.swap(active, Ordering::AcqRel);
            (active > known).then(|| (live.row, Timestamp::from_millis(active)))
        };
        self.by_hash.iter().filter_map(|entry| newer(entry.value())).collect()
    }

    /// Calls `visit` with every session.
    pub fn each(&self, mut visit: impl FnMut(&Arc<Live>)) {
        for entry in &self.by_hash {
            visit(entry.value());
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_hash.len()
    }
}
