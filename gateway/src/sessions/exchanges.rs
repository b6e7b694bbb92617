//! Exchanges that run under a session: registered, so that its end can cut them.
//!
//! An end or a revocation cuts all; a lock cuts what has no end of its own (`DESIGN-CASES` 29).
//! Never decides that a session ends: see `super` and `crate::feed`.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Live;
use crate::net::connection::Connection;

/// What kind of exchange is open; decides what a lock cuts (`DESIGN-CASES` 29).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExchangeKind {
    /// A request with an end of its own.
    Finite,
    /// A WebSocket, an event stream or a poll.
    Endless,
}

pub(super) struct Exchange {
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
    /// How many of the open exchanges are the asking one: one when it is forwarded, none when we
    /// answer.
    pub own: usize,
}

/// How long an answer may take to be written before its connection is cut after all.
const ANSWERED: Duration = Duration::from_secs(1);

impl Live {
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
        self.exchanges.lock().push(Exchange {
            number,
            kind,
            connection,
        });
        OpenExchange {
            live: Arc::clone(self),
            number,
            logins,
        }
    }

    /// How many exchanges are open.
    #[must_use]
    pub fn open_exchanges(&self) -> usize {
        self.exchanges.lock().len()
    }

    /// Cuts the connections of open exchanges: all, or those of one kind. The connection that
    /// carries the answer to whoever ends the session is spared until that is written.
    pub fn cut(&self, only: Option<ExchangeKind>, spare: Option<&Spare<'_>>) {
        let mut on_spared = 0;
        for exchange in self.exchanges.lock().iter() {
            let Some(connection) = exchange.connection.upgrade() else {
                continue;
            };
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
}

impl OpenExchange {
    /// Whether somebody logged in again on this session since the exchange began: upstream it may
    /// be somebody else's by now, so nothing more of it goes either way (`DESIGN-CASES` 11).
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
        self.live
            .exchanges
            .lock()
            .retain(|open| open.number != self.number);
    }
}
