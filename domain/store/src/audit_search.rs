//! Reading the audit log by person, operator, app, kind, session and time; following one event.
//!
//! Pages go by (time, number), newest or oldest first: every index carries both behind what it is
//! for, so each filter is read from where the page begins and never sorted. Reading by number alone
//! is [`audit`](crate::audit)'s; whether the rows are what was written,
//! [`audit_verify`](crate::audit_verify)'s.

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{AppName, SessionHash, SubscriberId};
use anteroom_core::reference::Reference;
use anteroom_core::time::Timestamp;
use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite};

use crate::audit::{AuditRow, decode};
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, reading};

/// The most rows of one answer.
pub const MOST_ROWS: u32 = 1_000;
/// Rows shown around one event.
const AROUND: u32 = 100;

/// What is looked for; every field narrows.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditQuery<'a> {
    /// In answer to the request of this name.
    pub reference: Option<Reference>,
    /// About this subscriber.
    pub subscriber: Option<SubscriberId>,
    /// By this operator.
    pub operator: Option<&'a str>,
    /// At this app.
    pub app: Option<&'a AppName>,
    /// Of one of these kinds; of any, when empty.
    pub kinds: &'a [AuditKind],
    /// In this session.
    pub session: Option<SessionHash>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Beyond this row, the last one of the page before; a row that is gone has nothing beyond it.
    pub beyond: Option<i64>,
    /// Oldest first, as for exports; newest first otherwise.
    pub oldest_first: bool,
    /// How many at most; no more than [`MOST_ROWS`] in any case.
    pub limit: u32,
}

impl AuditQuery<'_> {
    fn limit(&self) -> u32 {
        self.limit.clamp(1, MOST_ROWS)
    }

    /// By which index the rows are read: the one with the fewest rows to one value.
    fn lead(&self) -> Lead {
        if self.reference.is_some() {
            Lead::Reference
        } else if self.session.is_some() {
            Lead::Session
        } else if self.subscriber.is_some() {
            Lead::Subscriber
        } else if self.operator.is_some() {
            Lead::Operator
        } else if !self.kinds.is_empty() {
            Lead::Kind
        } else if self.app.is_some() {
            Lead::App
        } else {
            Lead::Time
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    Reference,
    Session,
    Subscriber,
    Operator,
    Kind,
    App,
    Time,
}

impl Store {
    /// A page of the log. For a whole export ask again with `beyond` the last row, until a page
    /// comes back short.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row cannot be read as one of ours;
    /// [`StoreError::Unavailable`].
    pub async fn audit_search(&self, query: &AuditQuery<'_>) -> Result<Vec<AuditRow>, StoreError> {
        reading!(self, c => search(c, query).await)
    }

    /// One row; `None` when there is none of this number, or it was removed by retention.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read as one of ours; [`StoreError::Unavailable`].
    pub async fn audit_row(&self, seq: i64) -> Result<Option<AuditRow>, StoreError> {
        let row = reading!(self, c => {
            sqlx::query("SELECT * FROM audit WHERE seq = $1")
                .bind(seq)
                .fetch_optional(&mut *c)
                .await?
        });
        row.as_ref().map(decode).transpose()
    }

    /// What belongs to one row, by number: the rows of its session, and those that were written
    /// at its moment (one act writes several), itself among them; at most 100 of each.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read as ours; [`StoreError::Unavailable`].
    pub async fn audit_around(&self, row: &AuditRow) -> Result<Vec<AuditRow>, StoreError> {
        reading!(self, c => {
            let moment = AuditQuery {
                from: Some(row.at),
                until: Some(Timestamp::from_millis(row.at.as_millis().saturating_add(1))),
                limit: AROUND,
                ..AuditQuery::default()
            };
            let mut rows = search(c, &moment).await?;
            if row.event.session.is_some() {
                let session = AuditQuery {
                    session: row.event.session,
                    limit: AROUND,
                    ..AuditQuery::default()
                };
                rows.extend(search(c, &session).await?);
            }
            rows.sort_by_key(|row| row.seq);
            rows.dedup_by_key(|row| row.seq);
            Ok(rows)
        })
    }
}

/// The rows of a page, in the transaction or connection of somebody else.
pub(crate) async fn search(
    c: &mut Conn,
    query: &AuditQuery<'_>,
) -> Result<Vec<AuditRow>, StoreError> {
    let beyond = match query.beyond {
        None => None,
        Some(seq) => {
            let at: Option<i64> = sqlx::query_scalar("SELECT at FROM audit WHERE seq = $1")
                .bind(seq)
                .fetch_optional(&mut *c)
                .await?;
            let Some(at) = at else { return Ok(Vec::new()) };
            Some((at, seq))
        }
    };
    // Each kind by itself, then merged: with several in one query the engine would sort them all.
    let kinds: Vec<Option<AuditKind>> = match query.lead() {
        Lead::Kind => query.kinds.iter().copied().map(Some).collect(),
        _ => vec![None],
    };
    let mut rows = Vec::new();
    for kind in &kinds {
        let mut sql = page_sql(query, *kind, beyond);
        for stored in sql.build().fetch_all(&mut *c).await? {
            rows.push(decode(&stored)?);
        }
    }
    rows.sort_by_key(|row| (row.at, row.seq));
    if !query.oldest_first {
        rows.reverse();
    }
    rows.dedup_by_key(|row| row.seq);
    rows.truncate(query.limit() as usize);
    Ok(rows)
}

/// The query of one page, of one kind where kinds lead; a test looks at its plan.
///
/// A filter that does not lead is written so that no index could serve it (`app || ''`): otherwise
/// the engine, which keeps no statistics, might choose one of millions of rows.
pub(crate) fn page_sql(
    query: &AuditQuery<'_>,
    kind: Option<AuditKind>,
    beyond: Option<(i64, i64)>,
) -> QueryBuilder<Sqlite> {
    let lead = query.lead();
    let mut sql = QueryBuilder::new("SELECT * FROM audit WHERE ");
    let mut all = sql.separated(" AND ");
    if let Some(reference) = query.reference {
        all.push("reference = ")
            .push_bind_unseparated(reference.to_string());
    }
    if let Some(session) = query.session {
        let leads = lead == Lead::Session;
        all.push(if leads { "session = " } else { "+session = " });
        all.push_bind_unseparated(session.0.to_vec());
    }
    if let Some(subscriber) = query.subscriber {
        let leads = lead == Lead::Subscriber;
        all.push(if leads {
            "subscriber_id = "
        } else {
            "subscriber_id + 0 = "
        });
        all.push_bind_unseparated(subscriber.0);
    }
    if let Some(operator) = query.operator {
        let leads = lead == Lead::Operator;
        all.push(if leads {
            "operator = "
        } else {
            "operator || '' = "
        });
        all.push_bind_unseparated(operator.to_owned());
    }
    if let Some(app) = query.app {
        all.push(if lead == Lead::App {
            "app = "
        } else {
            "app || '' = "
        });
        all.push_bind_unseparated(app.as_str().to_owned());
    }
    if let Some(kind) = kind {
        all.push("kind = ").push_bind_unseparated(kind.name());
    } else if !query.kinds.is_empty() {
        all.push("kind || '' IN (");
        for (n, kind) in query.kinds.iter().enumerate() {
            all.push_unseparated(if n == 0 { "" } else { ", " });
            all.push_bind_unseparated(kind.name());
        }
        all.push_unseparated(")");
    }
    put_bounds(&mut all, query, beyond);
    sql.push(if query.oldest_first {
        " ORDER BY at, seq LIMIT "
    } else {
        " ORDER BY at DESC, seq DESC LIMIT "
    });
    sql.push_bind(i64::from(query.limit()));
    sql
}

/// The two moments, and where the page begins. Both bounds stand there always: they keep the index
/// of time in use where nothing else leads.
fn put_bounds(
    all: &mut Separated<'_, Sqlite, &str>,
    query: &AuditQuery<'_>,
    beyond: Option<(i64, i64)>,
) {
    let from = query.from.map_or(i64::MIN, Timestamp::as_millis);
    let until = query.until.map_or(i64::MAX, Timestamp::as_millis);
    let (from, until) = match beyond {
        Some((at, _)) if query.oldest_first => (from.max(at), until),
        Some((at, _)) => (from, until.min(at.saturating_add(1))),
        None => (from, until),
    };
    all.push("at >= ").push_bind_unseparated(from);
    all.push("at < ").push_bind_unseparated(until);
    if let Some((at, seq)) = beyond {
        let (time, number) = if query.oldest_first {
            ("(at > ", " OR seq > ")
        } else {
            ("(at < ", " OR seq < ")
        };
        all.push(time).push_bind_unseparated(at);
        all.push_unseparated(number)
            .push_bind_unseparated(seq)
            .push_unseparated(")");
    }
}
