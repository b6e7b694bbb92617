//! Enrolment codes: issued by an operator, tried in an attempt, spent only with the confirmed
//! enrolment.
//!
//! Only a MAC is kept, under a key that is not in the database: 40 bits could be searched
//! otherwise. Wrong ones count like wrong codes. Minting and reading typed codes is
//! `anteroom-core`'s; spending is [`enrolment`](crate::enrolment)'s.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::enrolment::EnrolmentCode;
use anteroom_core::fold::Folded;
use anteroom_core::ids::{AppName, AttemptId, SubscriberId};
use anteroom_core::throttle::{ThrottlePolicy, ThrottleStanding};
use anteroom_core::time::Timestamp;

use crate::audit;
use crate::challenge;
use crate::claim;
use crate::counter::{self, Counter, Reading};
use crate::error::StoreError;
use crate::keys::{Keys, Purpose};
use crate::open::Store;
use crate::operator;
use crate::paper::Paper;
use crate::pools::{Conn, End, writing};
use crate::row;

/// A code to be issued.
#[derive(Clone, Copy)]
pub struct EnrolmentCodeIssue<'a> {
    /// The realm.
    pub realm: &'a str,
    /// The tenant; empty where the app has none.
    pub tenant: &'a str,
    /// The name as the operator wrote it.
    pub display: &'a str,
    /// The name folded.
    pub folded: &'a Folded,
    /// The spelling it links.
    pub spelling_key: &'a str,
    /// The code; shown once by the caller, kept here only as a MAC.
    pub code: &'a EnrolmentCode,
    /// When it stops counting.
    pub expires_at: Timestamp,
    /// Who issues it, when and why.
    pub paper: Paper<'a>,
}

/// What a typed enrolment code was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum CodeTry {
    /// Right: the attempt may enrol. Not spent yet.
    Ok,
    /// Wrong, spent, replaced, expired, or never issued: nobody is told which. Costs one try.
    Wrong,
    /// Too many wrong ones; it was not looked at.
    Paused {
        /// The end of the pause.
        until: Timestamp,
    },
    /// A ceiling is reached; an operator has to help.
    Exhausted,
    /// The attempt is over.
    Gone,
}

impl Store {
    /// Issues an enrolment code and kills the subscriber's older one. Creates the subscriber,
    /// invited, when there is none of that name, and links the spelling.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: do not show the code.
    pub async fn enrolment_code_issue(
        &self,
        issue: EnrolmentCodeIssue<'_>,
    ) -> Result<SubscriberId, StoreError> {
        let EnrolmentCodeIssue { paper, code, .. } = issue;
        let now = paper.now;
        writing!(self, PowerCut, c => {
            let name = Name { realm: issue.realm, tenant: issue.tenant, folded: issue.folded };
            let subscriber = subscriber_ensure(c, name, issue.display, now).await?;
            operator::link(c, subscriber, issue.spelling_key, issue.display, now).await?;
            let keys = &self.inner.keys;
            insert(c, keys, subscriber, code, issue.expires_at, &paper).await?;
            let events = paper.events(AuditKind::EnrolmentCodeIssued, Some(subscriber));
            audit::append(c, keys, &events, now).await?;
            Ok(End::Commit(subscriber))
        })
    }

    /// Tries an enrolment code in an attempt that is to enrol. Right ones are remembered with the
    /// attempt; wrong ones count against the subscriber, or against the name where there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: answer with an error, not with "wrong".
    pub async fn enrolment_code_try(
        &self,
        attempt: AttemptId,
        code: &EnrolmentCode,
        policy: &ThrottlePolicy,
        now: Timestamp,
    ) -> Result<CodeTry, StoreError> {
        writing!(self, Kill, c => {
            let Some(found) = find(c, attempt, now).await? else {
                return Ok(End::Rollback(CodeTry::Gone));
            };
            let counter = found.subscriber.map_or(Counter::NameOf(attempt), Counter::Subscriber);
            let Reading { throttle, version } = counter::read(c, counter).await?;
            match throttle.standing(policy, now) {
                ThrottleStanding::Open => {}
                ThrottleStanding::Paused { until } => {
                    return Ok(End::Rollback(CodeTry::Paused { until }));
                }
                ThrottleStanding::Exhausted => return Ok(End::Rollback(CodeTry::Exhausted)),
            }
            let right = match found.subscriber {
                Some(subscriber) => self.right_code(c, subscriber, code, now).await?,
                None => None,
            };
            let Some(code_id) = right else {
                challenge::count(c, counter, policy, now).await?;
                let event = found.event(AuditKind::EnrolmentCodeFailed);
                audit::append(c, &self.inner.keys, &[event], now).await?;
                return Ok(End::Commit(CodeTry::Wrong));
            };
            claim::count_success(c, version, now).await?;
            sqlx::query("UPDATE attempt SET enrolment_code_id = $2 WHERE id = $1")
                .bind(attempt.0)
                .bind(code_id)
                .execute(&mut *c)
                .await?;
            Ok(End::Commit(CodeTry::Ok))
        })
    }

    /// The subscriber's live code if this is it.
    async fn right_code(
        &self,
        c: &mut Conn,
        subscriber: SubscriberId,
        code: &EnrolmentCode,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let live = sqlx::query(
            "SELECT id, key_id, mac FROM enrolment_code
             WHERE subscriber_id = $1 AND spent_at IS NULL AND killed_at IS NULL
               AND expires_at > $2",
        )
        .bind(subscriber.0)
        .bind(now.as_millis())
        .fetch_optional(&mut *c)
        .await?;
        let Some(live) = live else { return Ok(None) };
        let (key_id, mac) = (
            row::count(&live, "key_id")?,
            row::bytes::<32>(&live, "mac")?,
        );
        let parts = mac_parts(subscriber, code);
        let keys = &self.inner.keys;
        let holds = keys.mac_holds(key_id, Purpose::EnrolmentCode, &[&parts.0, parts.1], &mac);
        holds.then(|| row::get(&live, "id")).transpose()
    }
}

/// The code is bound to its subscriber: copied to another one's row, it is no code.
fn mac_parts(subscriber: SubscriberId, code: &EnrolmentCode) -> ([u8; 8], &[u8]) {
    (subscriber.0.to_be_bytes(), code.expose().as_bytes())
}

struct Found {
    app: AppName,
    subscriber: Option<SubscriberId>,
    client: std::net::IpAddr,
}

impl Found {
    fn event(&self, kind: AuditKind) -> AuditEvent {
        let mut event = AuditEvent::new(kind).app(&self.app).client(self.client);
        event.subscriber = self.subscriber;
        event
    }
}

async fn find(
    c: &mut Conn,
    attempt: AttemptId,
    now: Timestamp,
) -> Result<Option<Found>, StoreError> {
    let found = sqlx::query(
        "SELECT a.app, a.client, s.id AS subscriber
         FROM attempt a
         LEFT JOIN subscriber n
              ON n.realm = a.realm AND n.tenant = a.tenant AND n.folded = a.folded
         LEFT JOIN subscriber s ON s.id = COALESCE(n.merged_into, n.id)
         WHERE a.id = $1 AND a.state = 'enrolling' AND a.expires_at > $2",
    )
    .bind(attempt.0)
    .bind(now.as_millis())
    .fetch_optional(&mut *c)
    .await?;
    found
        .map(|found| {
            Ok(Found {
                app: AppName::new(row::get(&found, "app")?),
                subscriber: row::get::<Option<i64>>(&found, "subscriber")?.map(SubscriberId),
                client: row::address(&found, "client")?,
            })
        })
        .transpose()
}

/// A subscriber's key.
#[derive(Clone, Copy)]
pub(crate) struct Name<'a> {
    pub(crate) realm: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) folded: &'a Folded,
}

/// The subscriber of that name, or the one it was merged into; created, not enrolled, when there is
/// none. The constraint settles who creates.
pub(crate) async fn subscriber_ensure(
    c: &mut Conn,
    name: Name<'_>,
    display: &str,
    now: Timestamp,
) -> Result<SubscriberId, StoreError> {
    let ensured = sqlx::query(
        "INSERT INTO subscriber (realm, tenant, folded, display_name, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (realm, tenant, folded) DO UPDATE SET folded = excluded.folded
         RETURNING COALESCE(merged_into, id) AS id",
    )
    .bind(name.realm)
    .bind(name.tenant)
    .bind(name.folded.as_str())
    .bind(display)
    .bind(now.as_millis())
    .fetch_one(&mut *c)
    .await?;
    Ok(SubscriberId(row::get(&ensured, "id")?))
}

/// Spends the code typed in this attempt; `false` when there was none or it does not count any
/// more. Its expiry was judged when it was typed.
pub(crate) async fn spend(
    c: &mut Conn,
    code: Option<i64>,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let spent = sqlx::query(
        "UPDATE enrolment_code SET spent_at = $3
         WHERE id = $1 AND subscriber_id = $2 AND spent_at IS NULL AND killed_at IS NULL",
    )
    .bind(code)
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// Keeps the MAC of a new code, which replaces the live one. The audit event is the caller's.
pub(crate) async fn insert(
    c: &mut Conn,
    keys: &Keys,
    subscriber: SubscriberId,
    code: &EnrolmentCode,
    expires_at: Timestamp,
    paper: &Paper<'_>,
) -> Result<(), StoreError> {
    kill_live(c, subscriber, paper.now).await?;
    let parts = mac_parts(subscriber, code);
    let (key_id, mac) = keys.mac(Purpose::EnrolmentCode, &[&parts.0, parts.1]);
    sqlx::query(
        "INSERT INTO enrolment_code (subscriber_id, key_id, mac, operator, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(subscriber.0)
    .bind(i64::from(key_id))
    .bind(&mac[..])
    .bind(paper.operator)
    .bind(paper.now.as_millis())
    .bind(expires_at.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// Makes the subscriber's live code worthless.
pub(crate) async fn kill_live(
    c: &mut Conn,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE enrolment_code SET killed_at = $2
         WHERE subscriber_id = $1 AND spent_at IS NULL AND killed_at IS NULL",
    )
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}
