//! How many attempts wait, and the one that has to go for another.
//!
//! `anteroom-core`'s `attempts` decides whether there is room; here it is counted, and the oldest
//! of those it names is ended, in the transaction that holds the new one
//! ([`withhold`](crate::withhold)). Never ends a proved attempt.

use std::net::IpAddr;
use std::time::Duration;

use anteroom_core::attempts::{AttemptCaps, Displaced, Room, Waiting, room_for};
use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::fold::Folded;
use anteroom_core::ids::{AppName, AttemptId, SubscriberId};
use anteroom_core::time::Timestamp;

use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::subscriber::NameKey;
use crate::{attempt, audit, row};

/// Why an attempt was thrown away before its time.
pub const DISPLACED: &str = "displaced by a newer one";

/// A refusal is written down once in this time, for one person at one app: whoever is refused
/// writes nothing by asking again.
const REFUSAL_TOLD_EVERY: Duration = Duration::from_secs(5 * 60);

/// A login that was refused before its password was sent.
#[derive(Clone, Copy)]
pub struct LoginRefused<'a> {
    /// Whose name was typed, if anybody's.
    pub subscriber: Option<SubscriberId>,
    /// At which app.
    pub app: &'a AppName,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

impl Store {
    /// Whether an answer for this name and client could be held once its password is proved. Ask
    /// before the password is sent; the withholding asks again and decides.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: then no password may be sent.
    pub async fn attempts_room(
        &self,
        name: &NameKey<'_>,
        client: IpAddr,
        caps: &AttemptCaps,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let name = NameOnly {
            realm: name.realm,
            tenant: name.tenant,
            folded: name.folded,
        };
        let who = Who { name, client };
        let waiting = reading!(self, c => who.waiting(c, caps, now).await?);
        Ok(room_for(true, &waiting, caps) != Room::Full)
    }

    /// Writes down that a login found no room. `false` when that has been said of this person and
    /// app a moment ago: a flood of refusals does not fill the log.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn attempts_refused(&self, refused: LoginRefused<'_>) -> Result<bool, StoreError> {
        writing!(self, Kill, c => {
            let told = sqlx::query(
                "SELECT 1 FROM audit
                 WHERE kind = $1 AND at > $2 AND at <= $3 AND app = $4 AND subscriber_id IS $5
                 LIMIT 1",
            )
            .bind(AuditKind::AttemptsFull.name())
            .bind(refused.now.minus(REFUSAL_TOLD_EVERY).as_millis())
            .bind(refused.now.as_millis())
            .bind(refused.app.as_str())
            .bind(refused.subscriber.map(|id| id.0))
            .fetch_optional(&mut *c)
            .await?;
            if told.is_some() {
                return Ok(End::Rollback(false));
            }
            let mut event = AuditEvent::new(AuditKind::AttemptsFull)
                .app(refused.app)
                .client(refused.client);
            event.subscriber = refused.subscriber;
            audit::append(c, &self.inner.keys, &[event], refused.now).await?;
            Ok(End::Commit(true))
        })
    }
}

/// A name as far as attempts are counted under it.
#[derive(Clone, Copy)]
pub(crate) struct NameOnly<'a> {
    pub(crate) realm: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) folded: &'a Folded,
}

/// For whom room is wanted, and from where.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) name: NameOnly<'a>,
    pub(crate) client: IpAddr,
}

impl Who<'_> {
    pub(crate) async fn waiting(
        &self,
        c: &mut Conn,
        caps: &AttemptCaps,
        now: Timestamp,
    ) -> Result<Waiting, StoreError> {
        // Each count stops at its cap, so that a full table costs little more than an empty one.
        let found = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM attempt
                     WHERE realm = $1 AND tenant = $2 AND folded = $3 AND expires_at > $5
                       AND state IN ('pending', 'enrolling') AND proved = 1
                     LIMIT $6) AS n) AS proved_of_name,
                    (SELECT COUNT(*) FROM (SELECT 1 FROM attempt
                     WHERE client = $4 AND expires_at > $5
                       AND state IN ('pending', 'enrolling') AND proved = 1
                     LIMIT $7) AS n) AS proved_of_source,
                    (SELECT COUNT(*) FROM (SELECT 1 FROM attempt
                     WHERE client = $4 AND realm = $1 AND tenant = $2 AND folded = $3
                       AND expires_at > $5 AND state IN ('pending', 'enrolling') AND proved = 0
                     LIMIT $6) AS n) AS unproved_of_name_here,
                    (SELECT COUNT(*) FROM (SELECT 1 FROM attempt
                     WHERE client = $4 AND expires_at > $5
                       AND state IN ('pending', 'enrolling') AND proved = 0
                     LIMIT $7) AS n) AS unproved_of_source,
                    (SELECT COUNT(*) FROM (SELECT 1 FROM attempt
                     WHERE expires_at > $5
                       AND state IN ('pending', 'enrolling') LIMIT $8) AS n) AS total,
                    EXISTS (SELECT 1 FROM attempt
                     WHERE expires_at > $5
                       AND state IN ('pending', 'enrolling') AND proved = 0) AS any_unproved",
        )
        .bind(self.name.realm)
        .bind(self.name.tenant)
        .bind(self.name.folded.as_str())
        .bind(self.client.to_string())
        .bind(now.as_millis())
        .bind(i64::from(caps.per_subscriber_or_name))
        .bind(i64::from(caps.per_source))
        .bind(i64::from(caps.total))
        .fetch_one(&mut *c)
        .await?;
        Ok(Waiting {
            proved_of_name: row::count(&found, "proved_of_name")?,
            proved_of_source: row::count(&found, "proved_of_source")?,
            unproved_of_name_here: row::count(&found, "unproved_of_name_here")?,
            unproved_of_source: row::count(&found, "unproved_of_source")?,
            total: row::count(&found, "total")?,
            any_unproved: row::get(&found, "any_unproved")?,
        })
    }

    /// Ends the oldest unproved attempt among these. Gives what is to be audited.
    pub(crate) async fn displace(
        &self,
        c: &mut Conn,
        among: Displaced,
        now: Timestamp,
    ) -> Result<Option<AuditEvent>, StoreError> {
        let (here, of_name) = match among {
            Displaced::OfNameHere => (true, true),
            Displaced::OfSource => (true, false),
            Displaced::Any => (false, false),
        };
        let oldest = sqlx::query(
            "SELECT id, app, subscriber_id, client FROM attempt
             WHERE state IN ('pending', 'enrolling') AND proved = 0 AND expires_at > $5
               AND (client = $4 OR NOT $6)
               AND (realm = $1 AND tenant = $2 AND folded = $3 OR NOT $7)
             ORDER BY id LIMIT 1",
        )
        .bind(self.name.realm)
        .bind(self.name.tenant)
        .bind(self.name.folded.as_str())
        .bind(self.client.to_string())
        .bind(now.as_millis())
        .bind(here)
        .bind(of_name)
        .fetch_optional(&mut *c)
        .await?;
        let Some(oldest) = oldest else {
            return Ok(None);
        };
        attempt::end_one(c, AttemptId(row::get(&oldest, "id")?), now).await?;
        let mut event = AuditEvent::new(AuditKind::AttemptExpired)
            .app(&AppName::new(row::get(&oldest, "app")?))
            .client(row::address(&oldest, "client")?)
            .reason(DISPLACED);
        event.subscriber = row::get::<Option<i64>>(&oldest, "subscriber_id")?.map(SubscriberId);
        Ok(Some(event))
    }
}
