//! The outbox: what waits to be sent, leased to one sender at a time, and how sending goes.
//!
//! Filled by [`told`](crate::told) and [`mail_code`](crate::mail_code) in the transactions of their
//! acts; emptied by `anteroom-mail`; how a way out stands is [`channel`](crate::channel)'s. A row
//! is marked before it is sent and after it: what dies in between is sent again and counted as
//! interrupted, because it may have arrived. Never renders a message, never talks to a server.

use std::time::Duration;

use anteroom_core::address::MailAddress;
use anteroom_core::ids::{OutboxId, SubscriberId};
use anteroom_core::language::Language;
use anteroom_core::notice::Notice;
use anteroom_core::outbox::{Retry, after_failure};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;
use zeroize::Zeroizing;

use crate::address;
use crate::audit;
use crate::channel::{self, Channel};
use crate::error::StoreError;
use crate::open::{Inner, Store};
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::seal::Place;

/// What a leased row says.
#[derive(Clone, Debug)]
pub enum Message {
    /// Something that happened.
    Notice(Notice),
    /// A code to sign in with. Redacted `Debug`.
    Code(CodeText),
}

/// The digits of a code on their way into a mail.
#[derive(Clone)]
pub struct CodeText(Zeroizing<String>);

impl CodeText {
    /// The digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for CodeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeText(..)")
    }
}

/// Who reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// The person whom it is about.
    Herself,
    /// An operator, who may not know her.
    Operator,
}

/// One row, leased: whoever holds it says how it went, or loses it at the end of the lease.
#[derive(Clone, Debug)]
pub struct Leased {
    /// Which; the same for every try, so that a receiver can tell a repetition.
    pub id: OutboxId,
    /// What it says.
    pub message: Message,
    /// The event's number in the audit log: the reference that people quote.
    pub reference: i64,
    /// When it happened.
    pub at: Timestamp,
    /// At which app, where the event names one.
    pub app: Option<String>,
    /// From which address, where the event names one.
    pub client: Option<String>,
    /// Who reads it.
    pub reader: Reader,
    /// About whom.
    pub subscriber: SubscriberId,
    /// Her name.
    pub name: String,
    /// Her realm: its apps are those she may mean.
    pub realm: String,
    /// The language it was asked for in, else the one she read last.
    pub language: Option<Language>,
    /// To where: hers, or an operator's; `None` for the webhook.
    pub to: Option<MailAddress>,
    /// Tries, this one included.
    pub tries: u32,
    /// When it is not worth sending any more.
    pub expires_at: Timestamp,
}

/// How a try went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery<'a> {
    /// It was taken.
    Sent,
    /// The channel does not work: nothing goes out.
    Down {
        /// Why, in words that name nobody.
        problem: &'a str,
    },
    /// The channel works, and this one message was refused.
    Refused {
        /// Why, in words that name nobody.
        problem: &'a str,
    },
}

impl Store {
    /// Takes the row that is due longest, a code before any notice, for as long as `lease`; `None`
    /// when nothing is due. What was leased before and never answered is due again.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a secret was not sealed for its row;
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn outbox_lease(
        &self,
        channel: Channel,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<Leased>, StoreError> {
        // Asked on a reader first: a queue that is empty costs the writer nothing.
        let due = reading!(self, c => {
            sqlx::query(
                "SELECT 1 FROM outbox WHERE channel = $1 AND done_at IS NULL AND next_at <= $2
                 LIMIT 1",
            )
            .bind(channel.name())
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?
        });
        if due.is_none() {
            return Ok(None);
        }
        writing!(self, Kill, c => {
            expire(c, channel, now).await?;
            let leased = sqlx::query(
                "UPDATE outbox SET tries = tries + 1, next_at = $3,
                        interrupted = interrupted + (state = 'sending'), state = 'sending'
                 WHERE id = (SELECT id FROM outbox WHERE channel = $1 AND done_at IS NULL
                             AND next_at <= $2
                             ORDER BY mail_code_id IS NULL, next_at, id LIMIT 1)
                 RETURNING id",
            )
            .bind(channel.name())
            .bind(now.as_millis())
            .bind(now.plus(lease).as_millis())
            .fetch_optional(&mut *c)
            .await?;
            let Some(leased) = leased else { return Ok(End::Commit(None)) };
            let found = sqlx::query(LEASED)
                .bind(row::get::<i64>(&leased, "id")?)
                .fetch_one(&mut *c)
                .await?;
            Ok(End::Commit(Some(decode(&self.inner, &found)?)))
        })
    }

    /// Writes down how a leased row fared.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: it will be sent again.
    pub async fn outbox_settle(
        &self,
        channel: Channel,
        leased: &Leased,
        delivery: Delivery<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            match delivery {
                Delivery::Sent => done(c, leased.id, "sent", None, now).await?,
                Delivery::Down { problem } | Delivery::Refused { problem } => {
                    match after_failure(leased.tries, leased.expires_at, now) {
                        Retry::At(next) => again(c, leased.id, problem, next).await?,
                        Retry::GivenUp => {
                            done(c, leased.id, "given_up", Some(problem), now).await?;
                        }
                    }
                }
            }
            let problem = match delivery {
                Delivery::Down { problem } => Some(problem),
                Delivery::Sent | Delivery::Refused { .. } => None,
            };
            let sent = matches!(delivery, Delivery::Sent);
            if sent {
                channel::all_due(c, channel, now).await?;
            }
            channel::note(c, channel, sent, problem, now).await?;
            Ok(End::Commit(()))
        })
    }

    /// How often anything that still waits was tried, in all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn outbox_tries(&self) -> Result<i64, StoreError> {
        let tries: (i64,) = reading!(self, c => {
            sqlx::query_as("SELECT COALESCE(SUM(tries), 0) FROM outbox WHERE done_at IS NULL")
                .fetch_one(&mut *c)
                .await?
        });
        Ok(tries.0)
    }
}

const LEASED: &str = "SELECT o.id, o.what, o.audit_seq, o.content, o.tries, o.expires_at,
        o.address_id, o.subscriber_id, o.queued_at, e.at, e.app, e.client, s.display_name, s.realm,
        CASE WHEN o.operator_address IS NULL THEN COALESCE(o.language, s.language) END AS language,
        o.operator_address, d.sealed
 FROM outbox o JOIN subscriber s ON s.id = o.subscriber_id
 LEFT JOIN audit e ON e.seq = o.audit_seq LEFT JOIN address d ON d.id = o.address_id
 WHERE o.id = $1";

fn decode(inner: &Inner, found: &SqliteRow) -> Result<Leased, StoreError> {
    let id: i64 = row::get(found, "id")?;
    let what: &str = row::get(found, "what")?;
    let message = match row::get::<Option<&[u8]>>(found, "content")? {
        Some(sealed) => {
            let plain = inner.unseal(content_place(id), sealed)?;
            let text = String::from_utf8(plain.to_vec());
            let text = text.map_err(|_| StoreError::corrupt("outbox", "content", id))?;
            Message::Code(CodeText(Zeroizing::new(text)))
        }
        None => Notice::from_name(what)
            .map(Message::Notice)
            .ok_or_else(|| StoreError::corrupt("outbox", "what", id))?,
    };
    let (reader, to) = addressee(inner, found, id)?;
    let at = row::at_maybe(found, "at")?;
    Ok(Leased {
        id: OutboxId(id),
        message,
        reader,
        reference: row::get(found, "audit_seq")?,
        at: at.map_or_else(|| row::at(found, "queued_at"), Ok)?,
        app: row::get(found, "app")?,
        client: row::get(found, "client")?,
        subscriber: SubscriberId(row::get(found, "subscriber_id")?),
        name: row::get(found, "display_name")?,
        realm: row::get(found, "realm")?,
        language: row::get::<Option<&str>>(found, "language")?.and_then(Language::from_tag),
        to,
        tries: row::count(found, "tries")?,
        expires_at: row::at(found, "expires_at")?,
    })
}

fn addressee(
    inner: &Inner,
    found: &SqliteRow,
    id: i64,
) -> Result<(Reader, Option<MailAddress>), StoreError> {
    if let Some(text) = row::get::<Option<&str>>(found, "operator_address")? {
        let address = MailAddress::parse(text);
        let address = address.map_err(|_| StoreError::corrupt("outbox", "operator_address", id))?;
        return Ok((Reader::Operator, Some(address)));
    }
    let hers = row::get::<Option<i64>>(found, "address_id")?;
    let address = hers.map(|_| address::opened(inner, found, "address_id"));
    Ok((Reader::Herself, address.transpose()?))
}

/// A code to be queued, in the transaction that `c` is in. Its event is the newest of the log.
pub(crate) struct QueuedCode<'a> {
    pub(crate) subscriber: SubscriberId,
    pub(crate) address: i64,
    pub(crate) mail_code: i64,
    pub(crate) shown: &'a str,
    pub(crate) language: Language,
    pub(crate) expires_at: Timestamp,
    pub(crate) now: Timestamp,
}

/// Queues a code, sealed for its row.
pub(crate) async fn code_queue(
    c: &mut Conn,
    inner: &Inner,
    code: &QueuedCode<'_>,
) -> Result<(), StoreError> {
    let seq = audit::head(c, &inner.keys).await?.seq;
    let queued = sqlx::query(
        "INSERT INTO outbox (channel, what, audit_seq, subscriber_id, address_id, mail_code_id,
                             queued_at, next_at, expires_at, language)
         VALUES ('mail', 'code', $1, $2, $3, $4, $5, $5, $6, $7) RETURNING id",
    )
    .bind(seq)
    .bind(code.subscriber.0)
    .bind(code.address)
    .bind(code.mail_code)
    .bind(code.now.as_millis())
    .bind(code.expires_at.as_millis())
    .bind(code.language.tag())
    .fetch_one(&mut *c)
    .await?;
    let id: i64 = row::get(&queued, "id")?;
    sqlx::query("UPDATE outbox SET content = $2 WHERE id = $1")
        .bind(id)
        .bind(inner.seal(content_place(id), code.shown.as_bytes())?)
        .execute(&mut *c)
        .await?;
    Ok(())
}

pub(crate) const fn content_place(outbox: i64) -> Place {
    Place {
        table: "outbox",
        column: "content",
        row: outbox,
    }
}

/// Gives up what came too late, and codes that do not count any more: nobody is helped by them.
async fn expire(c: &mut Conn, channel: Channel, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET state = 'given_up', done_at = $2, content = NULL,
                problem = COALESCE(problem, 'too late')
         WHERE channel = $1 AND done_at IS NULL AND next_at <= $2
           AND (expires_at <= $2 OR EXISTS
                (SELECT 1 FROM mail_code m WHERE m.id = outbox.mail_code_id
                 AND (m.used_at IS NOT NULL OR m.replaced_at IS NOT NULL)))",
    )
    .bind(channel.name())
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

async fn done(
    c: &mut Conn,
    id: OutboxId,
    state: &str,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET state = $2, done_at = $3, content = NULL, problem = $4
         WHERE id = $1 AND done_at IS NULL",
    )
    .bind(id.0)
    .bind(state)
    .bind(now.as_millis())
    .bind(problem)
    .execute(&mut *c)
    .await?;
    Ok(())
}

async fn again(
    c: &mut Conn,
    id: OutboxId,
    problem: &str,
    next: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET state = 'queued', next_at = $3, problem = $2
         WHERE id = $1 AND state = 'sending'",
    )
    .bind(id.0)
    .bind(problem)
    .bind(next.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}
