//! Two names, one person: merging a subscriber into another, or giving one a second name.
//!
//! The merged row stays and only leads to the other one, so that every name ever typed finds its
//! person and the audit log keeps its ids. It leads there in one step: rows that led to it are
//! turned too. Never guesses who is one person: an operator says so.

use anteroom_core::audit::AuditKind;
use anteroom_core::fold::Folded;
use anteroom_core::ids::SubscriberId;
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::throttle::Throttle;
use anteroom_core::time::Timestamp;

use crate::attempt;
use crate::audit;
use crate::counter::{self, Counter};
use crate::error::StoreError;
use crate::factors;
use crate::open::Store;
use crate::operator;
use crate::paper::Paper;
use crate::pools::{Conn, End, writing};
use crate::row;

/// What became of a merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Merge {
    /// They are one person now, this one.
    Done {
        /// Whose factors count.
        into: SubscriberId,
    },
    /// They were one person before. Nothing was changed.
    Same,
    /// One of them is not there, or is an operator's, or leads to a third person already.
    Unknown,
    /// They are of different realms or tenants.
    Apart,
    /// One of them is suspended and the other is not: merging would lift or spread it unseen.
    Suspended,
}

/// What became of a second name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Alias {
    /// It leads to the person from now on.
    Added,
    /// It did before. Nothing was changed.
    Already,
    /// It is somebody's own name, or leads to somebody else: that would be a merge.
    Taken,
    /// There is no such person.
    Unknown,
}

/// One of the two rows.
struct Side {
    id: SubscriberId,
    realm: String,
    tenant: String,
    display_name: String,
    merged_into: Option<i64>,
    suspended: bool,
    enrolled: bool,
    was_reset: bool,
}

impl Store {
    /// Merges one name into another person: the name and its spellings lead there, its factors,
    /// codes, sessions and held attempts are taken away, and the stricter count of wrong codes
    /// holds. Where only the merged name had factors, the next enrolment needs a code: otherwise
    /// merging would let a password alone enrol. A target that was itself merged stands for the
    /// person it leads to.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn subscribers_merge(
        &self,
        from: SubscriberId,
        into: SubscriberId,
        paper: &Paper<'_>,
    ) -> Result<Merge, StoreError> {
        writing!(self, PowerCut, c => {
            let (Some(from), Some(into)) = (side(c, from).await?, target(c, into).await?) else {
                return Ok(End::Rollback(Merge::Unknown));
            };
            if let Some(refused) = refusal(&from, &into) {
                return Ok(End::Rollback(refused));
            }
            let keys = &self.inner.keys;
            stricter_throttle(c, &from, &into, paper.now).await?;
            let what = paper.about(&format!("into {} (#{})", into.display_name, into.id));
            let mut events =
                paper.because(&what).events(AuditKind::SubscribersMerged, Some(from.id));
            for display in spellings_move(c, &from, &into).await? {
                let linked = paper.event(AuditKind::SpellingLinked).subscriber(into.id);
                events.push(linked.reason(&display));
            }
            factors::take_away(c, keys, from.id, paper, events, "merged").await?;
            if (from.enrolled || from.was_reset) && !into.enrolled {
                sqlx::query("UPDATE subscriber SET was_reset = 1 WHERE id = $1")
                    .bind(into.id.0)
                    .execute(&mut *c)
                    .await?;
            }
            sqlx::query("UPDATE subscriber SET merged_into = $2 WHERE id = $1 OR merged_into = $1")
                .bind(from.id.0)
                .bind(into.id.0)
                .execute(&mut *c)
                .await?;
            Ok(End::Commit(Merge::Done { into: into.id }))
        })
    }

    /// Gives a person a second name that nobody has used yet, and links its spelling.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn alias_add(
        &self,
        into: SubscriberId,
        folded: &Folded,
        spelling_key: &str,
        display: &str,
        paper: &Paper<'_>,
    ) -> Result<Alias, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            let Some(into) = target(c, into).await? else {
                return Ok(End::Rollback(Alias::Unknown));
            };
            let alias = name_ensure(c, &into, folded, display, now).await?;
            let (id, merged_into, new) = alias;
            if id != into.id && merged_into != Some(into.id.0) {
                return Ok(End::Rollback(Alias::Taken));
            }
            let linked = operator::link(c, into.id, spelling_key, display, now).await?;
            if !new && !linked {
                return Ok(End::Rollback(Alias::Already));
            }
            if new {
                // Whoever is half-way in under this name began as somebody without factors.
                attempt::end_of_subscriber(c, id, now).await?;
            }
            let what = paper.about(display);
            let events = paper.because(&what).events(AuditKind::SpellingLinked, Some(into.id));
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(Alias::Added))
        })
    }
}

fn refusal(from: &Side, into: &Side) -> Option<Merge> {
    if from.id == into.id || from.merged_into == Some(into.id.0) {
        Some(Merge::Same)
    } else if from.merged_into.is_some() {
        Some(Merge::Unknown)
    } else if (&from.realm, &from.tenant) != (&into.realm, &into.tenant) {
        Some(Merge::Apart)
    } else if from.suspended != into.suspended {
        Some(Merge::Suspended)
    } else {
        None
    }
}

async fn side(c: &mut Conn, id: SubscriberId) -> Result<Option<Side>, StoreError> {
    let found = sqlx::query("SELECT * FROM subscriber WHERE id = $1 AND realm <> $2")
        .bind(id.0)
        .bind(OPERATOR_REALM)
        .fetch_optional(&mut *c)
        .await?;
    found
        .map(|found| {
            Ok(Side {
                id: SubscriberId(row::get(&found, "id")?),
                realm: row::get(&found, "realm")?,
                tenant: row::get(&found, "tenant")?,
                display_name: row::get(&found, "display_name")?,
                merged_into: row::get(&found, "merged_into")?,
                suspended: row::at_maybe(&found, "suspended_at")?.is_some(),
                enrolled: row::at_maybe(&found, "enrolled_at")?.is_some(),
                was_reset: row::get(&found, "was_reset")?,
            })
        })
        .transpose()
}

/// The row, or the one it leads to.
async fn target(c: &mut Conn, id: SubscriberId) -> Result<Option<Side>, StoreError> {
    let found = side(c, id).await?;
    match found.as_ref().and_then(|found| found.merged_into) {
        Some(further) => side(c, SubscriberId(further)).await,
        None => Ok(found),
    }
}

/// Of both counters the higher counts, and the later end of a pause.
async fn stricter_throttle(
    c: &mut Conn,
    from: &Side,
    into: &Side,
    now: Timestamp,
) -> Result<(), StoreError> {
    let one = counter::read(c, Counter::Subscriber(from.id))
        .await?
        .throttle;
    let reading = counter::read(c, Counter::Subscriber(into.id)).await?;
    let other = reading.throttle;
    let windows = if one.rolling > other.rolling {
        one
    } else {
        other
    };
    let both = Throttle {
        consecutive: one.consecutive.max(other.consecutive),
        paused_until: one.paused_until.max(other.paused_until),
        ..windows
    };
    counter::write(c, reading.version, &both, now).await?;
    Ok(())
}

/// Links every spelling of `from` to `into`; gives those that were not linked before, as typed.
async fn spellings_move(c: &mut Conn, from: &Side, into: &Side) -> Result<Vec<String>, StoreError> {
    let moved: Vec<(String,)> = sqlx::query_as(
        "INSERT INTO spelling (subscriber_id, spelling_key, display, linked_at)
         SELECT $2, spelling_key, display, linked_at FROM spelling WHERE subscriber_id = $1
         ON CONFLICT (subscriber_id, spelling_key) DO NOTHING RETURNING display",
    )
    .bind(from.id.0)
    .bind(into.id.0)
    .fetch_all(&mut *c)
    .await?;
    sqlx::query("DELETE FROM spelling WHERE subscriber_id = $1")
        .bind(from.id.0)
        .execute(&mut *c)
        .await?;
    Ok(moved.into_iter().map(|(display,)| display).collect())
}

/// The row of this name, made to lead to `into` when there is none: its id, where it leads, and
/// whether it is new. The constraint settles who creates.
async fn name_ensure(
    c: &mut Conn,
    into: &Side,
    folded: &Folded,
    display: &str,
    now: Timestamp,
) -> Result<(SubscriberId, Option<i64>, bool), StoreError> {
    let made: Option<(i64,)> = sqlx::query_as(
        "INSERT INTO subscriber (realm, tenant, folded, display_name, created_at, merged_into)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (realm, tenant, folded) DO NOTHING
         RETURNING id",
    )
    .bind(&into.realm)
    .bind(&into.tenant)
    .bind(folded.as_str())
    .bind(display)
    .bind(now.as_millis())
    .bind(into.id.0)
    .fetch_optional(&mut *c)
    .await?;
    if let Some((id,)) = made {
        return Ok((SubscriberId(id), Some(into.id.0), true));
    }
    let (id, merged_into): (i64, Option<i64>) = sqlx::query_as(
        "SELECT id, merged_into FROM subscriber WHERE realm = $1 AND tenant = $2 AND folded = $3",
    )
    .bind(&into.realm)
    .bind(&into.tenant)
    .bind(folded.as_str())
    .fetch_one(&mut *c)
    .await?;
    Ok((SubscriberId(id), merged_into, false))
}
