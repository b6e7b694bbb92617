//! The two counters of wrong codes: a subscriber's own, and a name's where nothing is proved.
//!
//! Whoever does not know the password never touches a subscriber's own counter (DESIGN-CASES 5,
//! attack D09), and a name without a factor is paused exactly like one with (attack D12). How a
//! counter moves is `anteroom-core`'s `throttle`; here it is only read and written, in the
//! transaction of a claim or failure.

use anteroom_core::ids::{AttemptId, SubscriberId};
use anteroom_core::throttle::Throttle;
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::error::StoreError;
use crate::pools::Conn;
use crate::row;

/// Which counter a code was judged by, and how old that reading is.
///
/// A claim that was judged on an older version is refused as stale: so of a hundred codes posted at
/// once only as many count as would have one after the other (attack D01).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThrottleVersion {
    pub(crate) counter: Counter,
    pub(crate) seen: i64,
}

/// Which counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Counter {
    /// The subscriber's own: after a proved password, or inside a verified session.
    Subscriber(SubscriberId),
    /// That of the name typed in this attempt.
    NameOf(AttemptId),
}

/// A counter as read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) throttle: Throttle,
    pub(crate) version: ThrottleVersion,
}

/// Reads a counter; one that was never written stands at zero.
pub(crate) async fn read(c: &mut Conn, counter: Counter) -> Result<Reading, StoreError> {
    let (sql, id) = match counter {
        Counter::Subscriber(id) => (
            "SELECT throttle_consecutive AS consecutive, throttle_rolling AS rolling,
                    throttle_window_at AS window_at, throttle_paused_until AS paused_until,
                    throttle_version AS version
             FROM subscriber WHERE id = $1",
            id.0,
        ),
        Counter::NameOf(id) => (
            "SELECT n.consecutive, n.rolling, n.window_at, n.paused_until, n.version
             FROM name_throttle n
             JOIN attempt a ON a.realm = n.realm AND a.tenant = n.tenant AND a.folded = n.folded
             WHERE a.id = $1",
            id.0,
        ),
    };
    let stored = sqlx::query(sql).bind(id).fetch_optional(&mut *c).await?;
    let (throttle, seen) = match stored {
        Some(stored) => (decode(&stored)?, row::get(&stored, "version")?),
        None => (Throttle::default(), 0),
    };
    Ok(Reading {
        throttle,
        version: ThrottleVersion { counter, seen },
    })
}

/// Writes a counter if it is still at the version that was read; says whether it was.
pub(crate) async fn write(
    c: &mut Conn,
    read_at: ThrottleVersion,
    next: &Throttle,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (sql, id) = match read_at.counter {
        Counter::Subscriber(id) => (
            "UPDATE subscriber SET throttle_consecutive = $3, throttle_rolling = $4,
                    throttle_window_at = $5, throttle_paused_until = $6, throttle_version = $2 + 1
             WHERE id = $1 AND throttle_version = $2",
            id.0,
        ),
        Counter::NameOf(id) => (
            "INSERT INTO name_throttle
                 (realm, tenant, folded, consecutive, rolling, window_at, paused_until, version,
                  updated_at)
             SELECT realm, tenant, folded, $3, $4, $5, $6, $2 + 1, $7 FROM attempt WHERE id = $1
             ON CONFLICT (realm, tenant, folded) DO UPDATE
             SET consecutive = $3, rolling = $4, window_at = $5, paused_until = $6,
                 version = $2 + 1, updated_at = $7
             WHERE name_throttle.version = $2",
            id.0,
        ),
    };
    let query = sqlx::query(sql)
        .bind(id)
        .bind(read_at.seen)
        .bind(i64::from(next.consecutive))
        .bind(i64::from(next.rolling))
        .bind(next.window_started_at.as_millis())
        .bind(next.paused_until.map(Timestamp::as_millis));
    let query = match read_at.counter {
        Counter::Subscriber(_) => query,
        Counter::NameOf(_) => query.bind(now.as_millis()),
    };
    let done = query.execute(&mut *c).await?;
    Ok(done.rows_affected() == 1)
}

/// Reads the four columns of a throttle.
pub(crate) fn decode(stored: &SqliteRow) -> Result<Throttle, StoreError> {
    Ok(Throttle {
        consecutive: row::count(stored, "consecutive")?,
        rolling: row::count(stored, "rolling")?,
        window_started_at: row::at(stored, "window_at")?,
        paused_until: row::at_maybe(stored, "paused_until")?,
    })
}
