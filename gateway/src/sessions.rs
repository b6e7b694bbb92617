//! Verified sessions in memory: what the hot path needs, found without I/O.
//!
//! A copy of the store's record, never more than it: a session that is not here is looked up there,
//! and what is ended there is ended here within two seconds (`feed`). Anonymous sessions have no
//! record at all, tainted and pending ones are always read from the store. Makes no decision; see
//! `anteroom_core::session`.

mod belongings;
mod exchanges;
mod table;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use anteroom_core::cookies::Jar;
use anteroom_core::ids::{AppName, SessionHash, SessionRow, SubscriberId};
use anteroom_core::session::Verified;
use anteroom_core::time::Timestamp;
use arc_swap::ArcSwapOption;
use http::HeaderValue;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::keys::Secret;

use self::exchanges::Exchange;
pub use self::exchanges::{ExchangeKind, OpenExchange, Spare};
pub use self::table::Sessions;

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
    single_factor: AtomicBool,
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
    /// See [`Live::is_single_factor`].
    pub single_factor: bool,
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
            single_factor: AtomicBool::new(begin.single_factor),
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

    /// Whether no second factor has passed in it: it was let through by an exception.
    #[must_use]
    pub fn is_single_factor(&self) -> bool {
        self.single_factor.load(Ordering::Acquire)
    }

    /// Counts a request as activity. A clock that jumps back never makes a session younger.
    pub fn touch(&self, now: Timestamp) {
        self.active_at.fetch_max(now.as_millis(), Ordering::AcqRel);
    }

    /// Whether a client address is new to this session, and not the first it is seen from.
    /// Remembers it.
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

    fn unlock(&self, proved: Timestamp, now: Timestamp) {
        self.authenticated_at
            .store(proved.as_millis(), Ordering::Release);
        self.active_at.store(now.as_millis(), Ordering::Release);
        self.locked.store(false, Ordering::Release);
        self.single_factor.store(false, Ordering::Release);
    }

    /// Holds all other requests while a login on this session is judged. `false` when one is
    /// already.
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
}
