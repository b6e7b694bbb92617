//! Queueing notices: what an act tells by mail and webhook goes into the outbox in its transaction.
//!
//! Called by [`audit`](crate::audit) alone, so that no act can forget it; what is told stands in
//! `anteroom_core::notice`, whether anybody is, in the table `told`, which the settings fill at the
//! start. Never holds a text or an address: [`outbox`](crate::outbox) hands both out when it is
//! sent.

use std::collections::BTreeSet;

use anteroom_core::audit::AuditEvent;
use anteroom_core::notice::{Notice, worth_telling};
use anteroom_core::outbox::GIVE_UP_AFTER;
use anteroom_core::time::Timestamp;

use crate::channel::Channel;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};

impl Store {
    /// Says what is told from now on, and how: everything that is not named is not told. Writes
    /// only when something changes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn told_set(&self, told: &BTreeSet<(Channel, Notice)>) -> Result<(), StoreError> {
        let wanted: BTreeSet<(String, String)> = told
            .iter()
            .map(|(channel, notice)| (channel.name().to_owned(), notice.name().to_owned()))
            .collect();
        let present: Vec<(String, String)> = reading!(self, c => {
            sqlx::query_as("SELECT channel, notice FROM told").fetch_all(&mut *c).await?
        });
        if present.into_iter().collect::<BTreeSet<_>>() == wanted {
            return Ok(());
        }
        writing!(self, PowerCut, c => {
            sqlx::query("DELETE FROM told").execute(&mut *c).await?;
            for (channel, notice) in &wanted {
                sqlx::query("INSERT INTO told (channel, notice) VALUES ($1, $2)")
                    .bind(channel)
                    .bind(notice)
                    .execute(&mut *c)
                    .await?;
            }
            Ok(End::Commit(()))
        })
    }
}

/// Queues what `events` tell, whose first one is row `first_seq` of the audit log: a mail to every
/// address of the person, one webhook.
pub(crate) async fn queue(
    c: &mut Conn,
    first_seq: i64,
    events: &[AuditEvent],
    now: Timestamp,
) -> Result<(), StoreError> {
    for (at, notice) in worth_telling(events) {
        let Some(subscriber) = events.get(at).and_then(|event| event.subscriber) else {
            continue;
        };
        let seq = first_seq.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
        sqlx::query(
            "INSERT INTO outbox (channel, what, audit_seq, subscriber_id, address_id, queued_at,
                                 next_at, expires_at)
             SELECT t.channel, t.notice, $2, $3, a.id, $4, $4, $5
             FROM told t LEFT JOIN address a
                  ON t.channel = 'mail' AND a.subscriber_id = $3 AND a.removed_at IS NULL
             WHERE t.notice = $1 AND (t.channel = 'webhook' OR a.id IS NOT NULL)",
        )
        .bind(notice.name())
        .bind(seq)
        .bind(subscriber.0)
        .bind(now.as_millis())
        .bind(now.plus(GIVE_UP_AFTER).as_millis())
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}
