//! E-mail codes: drawn by the gateway, queued here for an address on file, and matched in the one
//! session that asked.
//!
//! Only a MAC is kept; the digits stand sealed in the outbox until the mail is out. What may be
//! sent is judged here once more, whatever the page showed (attack D19). Minting, reading and
//! limits are `anteroom_core::mail_code`'s; spending is [`claim`](crate::claim)'s.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::ids::{AppName, MailCodeId, SessionHash, SubscriberId};
use anteroom_core::language::Language;
use anteroom_core::mail_code::{
    LONG_WINDOW, MAIL_CODE_FOR, MAIL_CODE_TRIES, MailCode, MailCodeMatch, MailCodeUse, MaySend,
    SendsBefore,
};
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::time::Timestamp;

use crate::address;
use crate::audit;
use crate::error::StoreError;
use crate::keys::Purpose;
use crate::open::Store;
use crate::outbox::{self, QueuedCode};
use crate::pools::{Conn, End, reading, writing};
use crate::row;

/// A code to be sent.
#[derive(Clone, Copy)]
pub struct MailCodeSend<'a> {
    /// The session in which it will count, and in no other (attack D11).
    pub session: SessionHash,
    /// What it will count for, and nothing else.
    pub purpose: MailCodeUse,
    /// To whom.
    pub subscriber: SubscriberId,
    /// The code.
    pub code: &'a MailCode,
    /// The app.
    pub app: &'a AppName,
    /// The language of the page it was asked for on.
    pub language: Language,
    /// Who asks.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub enum MailCodeSent {
    /// Queued; a former one of this session does not count any more.
    Queued {
        /// To where, masked.
        masked: String,
        /// Until when it counts.
        expires_at: Timestamp,
    },
    /// Asked for too often.
    NotBefore(Timestamp),
    /// No address of hers may receive codes.
    NoAddress,
}

/// What a page about e-mail codes has to know.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MailStanding {
    /// The kinds of authenticators she holds, disabled ones too: a disabled phone is no reason to
    /// fall back to something weaker.
    pub held: Kinds,
    /// Where a code would go, masked; `None` when no address may receive codes.
    pub masked: Option<String>,
    /// Until when a code that was sent counts in this session.
    pub sent_until: Option<Timestamp>,
}

impl Store {
    /// Queues a code for the oldest address of hers that may receive codes.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn mail_code_send(&self, send: MailCodeSend<'_>) -> Result<MailCodeSent, StoreError> {
        let now = send.now;
        writing!(self, Kill, c => {
            let refused = |why: &str| send.event(AuditKind::MailCodeRefused).reason(why);
            let keys = &self.inner.keys;
            let to = address::of(c, &self.inner, send.subscriber).await?;
            let to = to.into_iter().find(|one| one.codes_from <= now);
            let Some(to) = to else {
                audit::append(c, keys, &[refused("no address")], now).await?;
                return Ok(End::Commit(MailCodeSent::NoAddress));
            };
            if !may_receive(c, send.subscriber).await? {
                audit::append(c, keys, &[refused("not by mail")], now).await?;
                return Ok(End::Commit(MailCodeSent::NoAddress));
            }
            let mailbox = to.address.mailbox();
            let macs = keys.macs(Purpose::MailCode, &[b"mailbox", mailbox.as_bytes()]);
            let before = sends_before(c, &send, &macs).await?;
            if let MaySend::NotBefore(until) = before.may_send(now) {
                audit::append(c, keys, &[refused("too often")], now).await?;
                return Ok(End::Commit(MailCodeSent::NotBefore(until)));
            }
            replace(c, send.session, now).await?;
            let expires_at = now.plus(MAIL_CODE_FOR);
            let id = self.insert(c, &send, to.id.0, mailbox.as_bytes(), expires_at).await?;
            audit::append(c, keys, &[send.event(AuditKind::MailCodeSent)], now).await?;
            let queued = QueuedCode {
                subscriber: send.subscriber,
                address: to.id.0,
                mail_code: id,
                shown: &send.code.shown(),
                language: send.language,
                expires_at,
                now,
            };
            outbox::code_queue(c, &self.inner, &queued).await?;
            let masked = to.address.masked();
            Ok(End::Commit(MailCodeSent::Queued { masked, expires_at }))
        })
    }

    /// Whether what was typed is the code that counts in this session, for this. Spends nothing.
    /// With no subscriber it looks all the same and finds nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn mail_code_match(
        &self,
        (session, purpose): (SessionHash, MailCodeUse),
        subscriber: Option<SubscriberId>,
        code: &MailCode,
        now: Timestamp,
    ) -> Result<Option<MailCodeMatch>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT id, key_id, mac FROM mail_code
                 WHERE session = $1 AND subscriber_id = $2 AND used_at IS NULL
                   AND replaced_at IS NULL AND tries_left > 0 AND expires_at > $3",
            )
            .bind(&session.0[..])
            .bind(subscriber.map(|id| id.0))
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?
        });
        let (Some(found), Some(subscriber)) = (found, subscriber) else {
            return Ok(None);
        };
        let (key_id, mac) = (
            row::count(&found, "key_id")?,
            row::bytes::<32>(&found, "mac")?,
        );
        let whose = subscriber.0.to_be_bytes();
        let digits = code.expose().as_bytes();
        let parts: [&[u8]; 4] = [purpose.label(), &session.0, &whose, digits];
        let right = self
            .inner
            .keys
            .mac_holds(key_id, Purpose::MailCode, &parts, &mac);
        let id = MailCodeId(row::get(&found, "id")?);
        Ok(right.then_some(MailCodeMatch { id }))
    }

    /// A wrong code at an enrolment costs the one that was sent a try.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: answer with an error, not with "wrong".
    pub async fn mail_code_fail(&self, session: SessionHash) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            try_lost(c, session).await?;
            Ok(End::Commit(()))
        })
    }

    /// What a page about e-mail codes has to know.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`].
    pub async fn mail_standing(
        &self,
        session: SessionHash,
        subscriber: SubscriberId,
        now: Timestamp,
    ) -> Result<MailStanding, StoreError> {
        reading!(self, c => {
            let held = kinds_held(c, subscriber).await?;
            let known = address::of(c, &self.inner, subscriber).await?;
            let usable = known.into_iter().find(|one| one.codes_from <= now);
            let sent = sqlx::query(
                "SELECT expires_at FROM mail_code
                 WHERE session = $1 AND subscriber_id = $2 AND used_at IS NULL
                   AND replaced_at IS NULL AND tries_left > 0 AND expires_at > $3",
            )
            .bind(&session.0[..])
            .bind(subscriber.0)
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            Ok(MailStanding {
                held,
                masked: usable.map(|one| one.address.masked()),
                sent_until: sent.as_ref().map(|sent| row::at(sent, "expires_at")).transpose()?,
            })
        })
    }

    async fn insert(
        &self,
        c: &mut Conn,
        send: &MailCodeSend<'_>,
        address: i64,
        mailbox: &[u8],
        expires_at: Timestamp,
    ) -> Result<i64, StoreError> {
        let keys = &self.inner.keys;
        let whose = send.subscriber.0.to_be_bytes();
        let digits = send.code.expose().as_bytes();
        let parts: [&[u8]; 4] = [send.purpose.label(), &send.session.0, &whose, digits];
        let (key_id, mac) = keys.mac(Purpose::MailCode, &parts);
        let (_, mailbox) = keys.mac(Purpose::MailCode, &[b"mailbox", mailbox]);
        let inserted = sqlx::query(
            "INSERT INTO mail_code (session, subscriber_id, address_id, key_id, mac, mailbox,
                                    client, sent_at, expires_at, tries_left)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        )
        .bind(&send.session.0[..])
        .bind(send.subscriber.0)
        .bind(address)
        .bind(i64::from(key_id))
        .bind(&mac[..])
        .bind(&mailbox[..])
        .bind(send.client.to_string())
        .bind(send.now.as_millis())
        .bind(expires_at.as_millis())
        .bind(i64::from(MAIL_CODE_TRIES))
        .fetch_one(&mut *c)
        .await?;
        row::get(&inserted, "id")
    }
}

impl MailCodeSend<'_> {
    fn event(&self, kind: AuditKind) -> AuditEvent {
        AuditEvent::new(kind)
            .subscriber(self.subscriber)
            .app(self.app)
            .session(self.session)
            .client(self.client)
    }
}

/// Never an operator, and nobody who holds anything stronger: the page asked for is not believed
/// (attack D19).
async fn may_receive(c: &mut Conn, id: SubscriberId) -> Result<bool, StoreError> {
    let found = sqlx::query("SELECT realm, suspended_at FROM subscriber WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *c)
        .await?;
    let Some(found) = found else {
        return Ok(false);
    };
    let operator = row::get::<&str>(&found, "realm")? == OPERATOR_REALM;
    let suspended = row::at_maybe(&found, "suspended_at")?.is_some();
    Ok(!operator && !suspended && !kinds_held(c, id).await?.beyond_email())
}

/// The kinds of her authenticators, disabled ones too.
pub(crate) async fn kinds_held(c: &mut Conn, id: SubscriberId) -> Result<Kinds, StoreError> {
    let kinds: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT kind FROM authenticator WHERE subscriber_id = $1 AND removed_at IS NULL",
    )
    .bind(id.0)
    .fetch_all(&mut *c)
    .await?;
    let known = kinds
        .iter()
        .filter_map(|kind| AuthenticatorKind::from_name(kind));
    Ok(known.collect())
}

async fn sends_before(
    c: &mut Conn,
    send: &MailCodeSend<'_>,
    mailbox: &[(u32, [u8; 32])],
) -> Result<SendsBefore, StoreError> {
    let since = send.now.minus(LONG_WINDOW).as_millis();
    let moments = |found: Vec<i64>| found.into_iter().map(Timestamp::from_millis).collect();
    let to_person = sqlx::query_scalar(
        "SELECT sent_at FROM mail_code WHERE subscriber_id = $1 AND sent_at > $2",
    )
    .bind(send.subscriber.0)
    .bind(since)
    .fetch_all(&mut *c)
    .await?;
    let from_source =
        sqlx::query_scalar("SELECT sent_at FROM mail_code WHERE client = $1 AND sent_at > $2")
            .bind(send.client.to_string())
            .bind(since)
            .fetch_all(&mut *c)
            .await?;
    let mut to_mailbox = Vec::new();
    for (_, mac) in mailbox {
        let found: Vec<i64> =
            sqlx::query_scalar("SELECT sent_at FROM mail_code WHERE mailbox = $1 AND sent_at > $2")
                .bind(&mac[..])
                .bind(since)
                .fetch_all(&mut *c)
                .await?;
        to_mailbox.extend(found);
    }
    Ok(SendsBefore {
        to_person: moments(to_person),
        to_mailbox: moments(to_mailbox),
        from_source: moments(from_source),
    })
}

async fn replace(c: &mut Conn, session: SessionHash, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE mail_code SET replaced_at = $2
         WHERE session = $1 AND used_at IS NULL AND replaced_at IS NULL",
    )
    .bind(&session.0[..])
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// A wrong code in this session costs the one that was sent a try (advisory C5).
pub(crate) async fn try_lost(c: &mut Conn, session: SessionHash) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE mail_code SET tries_left = tries_left - 1
         WHERE session = $1 AND used_at IS NULL AND replaced_at IS NULL AND tries_left > 0",
    )
    .bind(&session.0[..])
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// Uses a code, in the transaction of a claim; `false` when it does not count (any more), or its
/// owner's way by mail is disabled.
pub(crate) async fn spend(
    c: &mut Conn,
    subscriber: SubscriberId,
    code: MailCodeId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let by_mail = sqlx::query(
        "UPDATE authenticator SET last_used_at = $2
         WHERE subscriber_id = $1 AND kind = 'email' AND removed_at IS NULL
           AND disabled_at IS NULL",
    )
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(by_mail.rows_affected() > 0
        && !kinds_held(c, subscriber).await?.beyond_email()
        && use_up(c, subscriber, code, now).await?)
}

/// Uses a code up, whatever for.
pub(crate) async fn use_up(
    c: &mut Conn,
    subscriber: SubscriberId,
    code: MailCodeId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let used = sqlx::query(
        "UPDATE mail_code SET used_at = $3
         WHERE id = $1 AND subscriber_id = $2 AND used_at IS NULL AND replaced_at IS NULL
           AND tries_left > 0 AND expires_at > $3",
    )
    .bind(code.0)
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(used.rows_affected() == 1)
}
