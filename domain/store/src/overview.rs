//! The numbers of the front page: is everything all right?
//!
//! Every one is counted in an index, over a day or some weeks; nothing reads the whole log. What
//! the process itself knows (version, certificates, mail) is not here.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::SubscriberId;
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::time::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use crate::challenge::CLOCK_OFF;
use crate::error::StoreError;
use crate::open::Store;
use crate::people::{self, Throttles};
use crate::pools::{Conn, reading};
use crate::row;

/// Days in the chart, today included.
pub const DAYS: u32 = 14;
/// What is listed and not only counted: at most so many, the newest first.
const LISTED: i64 = 50;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The kinds that are counted for today, by app.
const TODAY: [AuditKind; 16] = [
    AuditKind::SessionVerified,
    AuditKind::ChallengePassed,
    AuditKind::ChallengeFailed,
    AuditKind::CodeReused,
    AuditKind::EnrolmentCodeFailed,
    AuditKind::ThrottlePaused,
    AuditKind::AuthenticatorDisabled,
    AuditKind::EnrolmentRefused,
    AuditKind::IdentityMismatch,
    AuditKind::AttemptsFull,
    AuditKind::LoginRefused,
    AuditKind::LoginWithheld,
    AuditKind::LoginUnknown,
    AuditKind::LoginFailed,
    AuditKind::SpellingHeld,
    AuditKind::SingleFactorPassage,
];

/// The front page's numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overview {
    /// People with a second factor.
    pub enrolled: u64,
    /// People without: invited or reset.
    pub not_enrolled: u64,
    /// People an operator suspended, enrolled or not.
    pub suspended: u64,
    /// People stopped by wrong codes at this moment: paused or disabled.
    pub locked_now: u64,
    /// Since midnight.
    pub today: Today,
    /// The last [`DAYS`] days, the oldest first, today last.
    pub days: Vec<Day>,
    /// Recovery codes used within 7 days, the newest first.
    pub recovery_used: Vec<Happening>,
    /// "Your password may be stolen" within 7 days, the newest first.
    pub maybe_stolen: Vec<Happening>,
    /// Spellings that were held within 7 days, the newest first.
    pub spelling_held: Vec<Happening>,
    /// People whose phone's clock was off within 24 hours.
    pub clock_off_people: u64,
    /// Acts that wait for a second operator.
    pub approvals_open: u64,
    /// Exceptions that run now.
    pub emergencies_open: u64,
}

/// What was counted since midnight.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Today {
    /// How often, by kind and app.
    pub counts: Vec<(AuditKind, Option<String>, u64)>,
}

impl Today {
    /// How often in all.
    #[must_use]
    pub fn of(&self, kind: AuditKind) -> u64 {
        let all = self.counts.iter().filter(|(one, ..)| *one == kind);
        all.map(|(.., count)| count).sum()
    }

    /// How often at one app.
    #[must_use]
    pub fn at(&self, kind: AuditKind, app: &str) -> u64 {
        let here = |of: &Option<String>| of.as_deref() == Some(app);
        let all = self.counts.iter();
        let all = all.filter(|(one, of, _)| *one == kind && here(of));
        all.map(|(.., count)| count).sum()
    }
}

/// One day of the chart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Day {
    /// Its midnight.
    pub from: Timestamp,
    /// Sessions that were verified.
    pub verified: u64,
    /// Wrong codes.
    pub failed: u64,
}

/// Something that happened to somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happening {
    /// The row of the audit log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub subscriber: Option<SubscriberId>,
    /// Her name.
    pub name: Option<String>,
    /// At which app.
    pub app: Option<String>,
    /// What the log says beside it.
    pub reason: Option<String>,
}

impl Store {
    /// The front page's numbers at `now`, for a day that began at `midnight`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn overview(
        &self,
        throttles: &Throttles<'_>,
        midnight: Timestamp,
        now: Timestamp,
    ) -> Result<Overview, StoreError> {
        let week = now.minus(DAY * 7);
        reading!(self, c => {
            let people = people_count(c).await?;
            Ok(Overview {
                enrolled: people.0,
                not_enrolled: people.1,
                suspended: people.2,
                locked_now: people::stopped_count(c, throttles, now).await?,
                today: today(c, midnight).await?,
                days: days(c, midnight).await?,
                recovery_used: happenings(c, AuditKind::RecoveryCodeUsed, week).await?,
                maybe_stolen: happenings(c, AuditKind::PasswordMayBeStolen, week).await?,
                spelling_held: happenings(c, AuditKind::SpellingHeld, week).await?,
                clock_off_people: clock_off(c, now.minus(DAY)).await?,
                approvals_open: open(
                    c,
                    "SELECT COUNT(*) FROM approval WHERE decided_at IS NULL AND expires_at > $1",
                    now,
                )
                .await?,
                emergencies_open: open(
                    c,
                    "SELECT COUNT(*) FROM emergency WHERE closed_at IS NULL AND ends_at > $1",
                    now,
                )
                .await?,
            })
        })
    }
}

/// Enrolled, not enrolled, suspended. A merged name is nobody of its own.
async fn people_count(c: &mut Conn) -> Result<(u64, u64, u64), StoreError> {
    let found: (i64, i64, i64) = sqlx::query_as(
        "SELECT COUNT(enrolled_at), COUNT(*) - COUNT(enrolled_at), COUNT(suspended_at)
         FROM subscriber WHERE realm <> $1 AND merged_into IS NULL",
    )
    .bind(OPERATOR_REALM)
    .fetch_one(&mut *c)
    .await?;
    let count = |n: i64| n.unsigned_abs();
    Ok((count(found.0), count(found.1), count(found.2)))
}

async fn today(c: &mut Conn, midnight: Timestamp) -> Result<Today, StoreError> {
    let mut sql =
        QueryBuilder::<Sqlite>::new("SELECT kind, app, COUNT(*) AS n FROM audit WHERE kind IN (");
    let mut kinds = sql.separated(", ");
    for kind in TODAY {
        kinds.push_bind(kind.name());
    }
    kinds.push_unseparated(") AND at >= ");
    sql.push_bind(midnight.as_millis());
    sql.push(" GROUP BY kind, app ORDER BY kind, app");
    let found = sql.build().fetch_all(&mut *c).await?;
    let mut today = Today::default();
    for one in &found {
        if let Some(kind) = AuditKind::from_name(row::get(one, "kind")?) {
            let count = u64::from(row::count(one, "n")?);
            today.counts.push((kind, row::get(one, "app")?, count));
        }
    }
    Ok(today)
}

async fn days(c: &mut Conn, midnight: Timestamp) -> Result<Vec<Day>, StoreError> {
    let first = midnight.minus(DAY * (DAYS - 1));
    let mut days: Vec<Day> = (0..DAYS)
        .map(|day| Day {
            from: first.plus(DAY * day),
            verified: 0,
            failed: 0,
        })
        .collect();
    for kind in [AuditKind::SessionVerified, AuditKind::ChallengeFailed] {
        let found: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT (at - $2) / 86400000 AS day, COUNT(*) FROM audit
             WHERE kind = $1 AND at >= $2 GROUP BY day",
        )
        .bind(kind.name())
        .bind(first.as_millis())
        .fetch_all(&mut *c)
        .await?;
        for (day, count) in found {
            let day = usize::try_from(day).ok().and_then(|day| days.get_mut(day));
            match (day, kind) {
                (Some(day), AuditKind::SessionVerified) => day.verified = count.unsigned_abs(),
                (Some(day), _) => day.failed = count.unsigned_abs(),
                (None, _) => {}
            }
        }
    }
    Ok(days)
}

async fn happenings(
    c: &mut Conn,
    kind: AuditKind,
    since: Timestamp,
) -> Result<Vec<Happening>, StoreError> {
    let found = sqlx::query(
        "SELECT a.seq, a.at, a.subscriber_id, a.app, a.reason,
                (SELECT s.display_name FROM subscriber s WHERE s.id = a.subscriber_id) AS name
         FROM audit a WHERE a.kind = $1 AND a.at >= $2
         ORDER BY a.at DESC, a.seq DESC LIMIT $3",
    )
    .bind(kind.name())
    .bind(since.as_millis())
    .bind(LISTED)
    .fetch_all(&mut *c)
    .await?;
    found
        .iter()
        .map(|found| {
            Ok(Happening {
                seq: row::get(found, "seq")?,
                at: row::at(found, "at")?,
                subscriber: row::get::<Option<i64>>(found, "subscriber_id")?.map(SubscriberId),
                name: row::get(found, "name")?,
                app: row::get(found, "app")?,
                reason: row::get(found, "reason")?,
            })
        })
        .collect()
}

async fn clock_off(c: &mut Conn, since: Timestamp) -> Result<u64, StoreError> {
    let people: i64 = sqlx::query_scalar(
        "SELECT COUNT(DISTINCT subscriber_id) FROM audit
         WHERE kind = $1 AND at >= $2 AND reason LIKE $3",
    )
    .bind(AuditKind::ChallengeFailed.name())
    .bind(since.as_millis())
    .bind(format!("{CLOCK_OFF} %"))
    .fetch_one(&mut *c)
    .await?;
    Ok(people.unsigned_abs())
}

async fn open(c: &mut Conn, sql: &'static str, now: Timestamp) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(sql)
        .bind(now.as_millis())
        .fetch_one(&mut *c)
        .await?;
    Ok(count.unsigned_abs())
}
