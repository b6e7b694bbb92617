//! The ways out, mail and webhook, and how each stands: what waits, since when nothing goes out and
//! why.
//!
//! Written by [`outbox`](crate::outbox) as messages fare; read by the front page, the metrics, and
//! by who may be offered a code. Holds no message.

use std::time::Duration;

use anteroom_core::time::Timestamp;

use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::row;

/// By which way something leaves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// Mail to a person.
    Mail,
    /// A signed request to the operator's own program.
    Webhook,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Webhook];

    /// The word stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// How one channel stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChannelState {
    /// Waiting, or being sent.
    pub waiting: u64,
    /// Of these, being sent at this moment, or interrupted and not yet found out.
    pub sending: u64,
    /// Since when the oldest of them waits.
    pub oldest: Option<Timestamp>,
    /// Given up within the last day.
    pub given_up: u64,
    /// Died while being sent, within the last day: sent again, may have come twice.
    pub interrupted: u64,
    /// When something went out last.
    pub sent_at: Option<Timestamp>,
    /// Since when nothing goes out.
    pub failing_since: Option<Timestamp>,
    /// Why.
    pub problem: Option<String>,
}

impl ChannelState {
    /// Whether somebody has to look: nothing goes out, or something waits far longer than the
    /// first retries take.
    #[must_use]
    pub fn alarm(&self, now: Timestamp) -> bool {
        const LONG: Duration = Duration::from_secs(15 * 60);
        self.failing_since.is_some() || self.oldest.is_some_and(|oldest| oldest.plus(LONG) <= now)
    }
}

impl Store {
    /// A channel that was down answers again, though nothing waited for it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn channel_answers(
        &self,
        channel: Channel,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            all_due(c, channel, now).await?;
            sqlx::query("UPDATE channel SET failing_since = NULL, problem = NULL WHERE name = $1")
                .bind(channel.name())
                .execute(&mut *c)
                .await?;
            Ok(End::Commit(()))
        })
    }

    /// How a channel stands.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn outbox_state(
        &self,
        channel: Channel,
        now: Timestamp,
    ) -> Result<ChannelState, StoreError> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        reading!(self, c => {
            let counts = sqlx::query(
                "SELECT (SELECT COUNT(*) FROM outbox WHERE channel = $1 AND done_at IS NULL)
                            AS waiting,
                        (SELECT COUNT(*) FROM outbox WHERE channel = $1 AND done_at IS NULL
                         AND state = 'sending') AS sending,
                        (SELECT MIN(queued_at) FROM outbox
                         WHERE channel = $1 AND done_at IS NULL) AS oldest,
                        (SELECT COUNT(*) FROM outbox WHERE channel = $1 AND state = 'given_up'
                         AND done_at > $2) AS given_up,
                        (SELECT COALESCE(SUM(interrupted), 0) FROM outbox
                         WHERE channel = $1 AND queued_at > $2) AS interrupted",
            )
            .bind(channel.name())
            .bind(now.minus(DAY).as_millis())
            .fetch_one(&mut *c)
            .await?;
            let standing = sqlx::query("SELECT * FROM channel WHERE name = $1")
                .bind(channel.name())
                .fetch_optional(&mut *c)
                .await?;
            let mut state = ChannelState {
                waiting: u64::from(row::count(&counts, "waiting")?),
                sending: u64::from(row::count(&counts, "sending")?),
                oldest: row::at_maybe(&counts, "oldest")?,
                given_up: u64::from(row::count(&counts, "given_up")?),
                interrupted: u64::from(row::count(&counts, "interrupted")?),
                ..ChannelState::default()
            };
            if let Some(standing) = standing {
                state.sent_at = row::at_maybe(&standing, "sent_at")?;
                state.failing_since = row::at_maybe(&standing, "failing_since")?;
                state.problem = row::get(&standing, "problem")?;
            }
            Ok(state)
        })
    }
}

/// Something went out after nothing did: what waited for that waits no longer.
pub(crate) async fn all_due(
    c: &mut Conn,
    channel: Channel,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET next_at = $2
         WHERE channel = $1 AND state = 'queued' AND next_at > $2
           AND EXISTS (SELECT 1 FROM channel WHERE name = $1 AND failing_since IS NOT NULL)",
    )
    .bind(channel.name())
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// A message that was refused says that the channel works; it does not say that anything went out.
pub(crate) async fn note(
    c: &mut Conn,
    channel: Channel,
    sent: bool,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO channel (name, sent_at, failing_since, problem)
         VALUES ($1, CASE WHEN $2 THEN $4 END, CASE WHEN $3 IS NOT NULL THEN $4 END, $3)
         ON CONFLICT (name) DO UPDATE SET
             sent_at = CASE WHEN $2 THEN $4 ELSE sent_at END,
             failing_since = CASE WHEN $3 IS NULL THEN NULL
                                  ELSE COALESCE(failing_since, $4) END,
             problem = $3",
    )
    .bind(channel.name())
    .bind(sent)
    .bind(problem)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}
