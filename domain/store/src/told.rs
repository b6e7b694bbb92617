//! Queueing notices: what an act tells by mail and webhook goes into the outbox in its transaction.
//!
//! Called by [`audit`](crate::audit) alone, so that no act can forget it; what is told stands in
//! `anteroom_core::notice`, whether anybody is, in the tables `told` and `told_operator`, which the
//! settings fill at the start. Never holds a text or a person's address: [`outbox`](crate::outbox)
//! hands both out when it is sent.

use std::collections::BTreeSet;

use anteroom_core::address::MailAddress;
use anteroom_core::audit::AuditEvent;
use anteroom_core::notice::{Notice, worth_telling};
use anteroom_core::outbox::GIVE_UP_AFTER;
use anteroom_core::time::Timestamp;

use crate::channel::Channel;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};

/// Pairs of words as the tables hold them.
type Named = BTreeSet<(String, String)>;

/// What is told, to whom and how.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Told {
    /// The person herself, and the webhook with her.
    pub people: BTreeSet<(Channel, Notice)>,
    /// Operators, by mail, at addresses of the settings.
    pub operators: Vec<(Notice, MailAddress)>,
}

impl Store {
    /// Says what is told from now on, and how: everything that is not named is not told. Writes
    /// only when something changes. What waits for an operator who is not named any more is given
    /// up.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn told_set(&self, told: &Told, now: Timestamp) -> Result<(), StoreError> {
        let people: Named = told
            .people
            .iter()
            .map(|(channel, notice)| (channel.name().to_owned(), notice.name().to_owned()))
            .collect();
        let operators: Named = told
            .operators
            .iter()
            .map(|(notice, address)| (notice.name().to_owned(), address.expose().to_owned()))
            .collect();
        let present: (Vec<_>, Vec<_>) = reading!(self, c => {
            let people = sqlx::query_as("SELECT channel, notice FROM told").fetch_all(&mut *c);
            let people = people.await?;
            let operators = sqlx::query_as("SELECT notice, address FROM told_operator");
            (people, operators.fetch_all(&mut *c).await?)
        });
        let present: (Named, Named) = (
            present.0.into_iter().collect(),
            present.1.into_iter().collect(),
        );
        if present == (people.clone(), operators.clone()) {
            return Ok(());
        }
        writing!(self, PowerCut, c => {
            replace(c, &people, &operators).await?;
            forget_former(c, now).await?;
            Ok(End::Commit(()))
        })
    }
}

async fn replace(c: &mut Conn, people: &Named, operators: &Named) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM told").execute(&mut *c).await?;
    sqlx::query("DELETE FROM told_operator")
        .execute(&mut *c)
        .await?;
    for (channel, notice) in people {
        sqlx::query("INSERT INTO told (channel, notice) VALUES ($1, $2)")
            .bind(channel)
            .bind(notice)
            .execute(&mut *c)
            .await?;
    }
    for (notice, address) in operators {
        sqlx::query("INSERT INTO told_operator (notice, address) VALUES ($1, $2)")
            .bind(notice)
            .bind(address)
            .execute(&mut *c)
            .await?;
    }
    Ok(())
}

/// Somebody who has left the settings hears of nothing that happened before, either.
async fn forget_former(c: &mut Conn, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET state = 'given_up', done_at = $1, problem = 'not told any more'
         WHERE done_at IS NULL AND operator_address IS NOT NULL AND NOT EXISTS
               (SELECT 1 FROM told_operator t
                WHERE t.notice = outbox.what AND t.address = outbox.operator_address)",
    )
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// Queues what `events` tell, whose first one is row `first_seq` of the audit log: a mail to every
/// address of the person, one webhook, and a mail to every operator who is to hear of it.
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
            "INSERT INTO outbox (channel, what, audit_seq, subscriber_id, address_id,
                                 operator_address, queued_at, next_at, expires_at)
             SELECT t.channel, t.notice, $2, $3, a.id, NULL, $4, $4, $5
             FROM told t LEFT JOIN address a
                  ON t.channel = 'mail' AND a.subscriber_id = $3 AND a.removed_at IS NULL
             WHERE t.notice = $1 AND (t.channel = 'webhook' OR a.id IS NOT NULL)
             UNION ALL
             SELECT 'mail', o.notice, $2, $3, NULL, o.address, $4, $4, $5
             FROM told_operator o WHERE o.notice = $1",
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
