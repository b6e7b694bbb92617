//! Exceptions (break-glass): until one ends, a right password is enough at one app.
//!
//! Opening and closing are acts of two people, each with its audit event; closing ends the sessions
//! that began under it. Whether a login passes is `anteroom-core`'s `login`; its session is opened
//! by [`release`](crate::release), which looks once more that the exception is still open.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AppName, EmergencyId};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::session_end::{self, Whose};

/// One exception.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmergencyView {
    /// Which.
    pub id: EmergencyId,
    /// For which app.
    pub app: AppName,
    /// Why.
    pub reason: String,
    /// Who opened it.
    pub opened_by: String,
    /// The second person.
    pub approved_by: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it ends by itself.
    pub ends_at: Timestamp,
    /// When it was closed, if that was before its end.
    pub closed_at: Option<Timestamp>,
    /// By whom.
    pub closed_by: Option<String>,
}

impl EmergencyView {
    /// Whether it is open at `now`.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.closed_at.is_none() && self.opened_at <= now && now < self.ends_at
    }
}

/// What became of an opening.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub enum EmergencyOpened {
    /// Open from now on.
    Opened(EmergencyId),
    /// One is open for this app already.
    Already(EmergencyView),
    /// The paper names no second person, or the same one twice (in whatever capitals).
    NoSecond,
}

impl Store {
    /// Opens an exception for `app` until `ends_at`. The paper says who opens it, who agreed
    /// (`approved_by`), and why.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for an end that is not after now; [`StoreError::Unavailable`],
    /// [`StoreError::Full`].
    pub async fn emergency_open(
        &self,
        app: &AppName,
        ends_at: Timestamp,
        paper: Paper<'_>,
    ) -> Result<EmergencyOpened, StoreError> {
        let now = paper.now;
        let second = paper
            .approved_by
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let opener = paper.operator.trim().to_lowercase();
        let Some(second) = second.filter(|name| name.to_lowercase() != opener) else {
            return Ok(EmergencyOpened::NoSecond);
        };
        writing!(self, PowerCut, c => {
            if let Some(open) = open_at(c, app, now).await? {
                return Ok(End::Rollback(EmergencyOpened::Already(open)));
            }
            let opened = sqlx::query(
                "INSERT INTO emergency (app, reason, opened_by, approved_by, opened_at, ends_at)
                 VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            )
            .bind(app.as_str())
            .bind(paper.reason)
            .bind(paper.operator)
            .bind(second)
            .bind(now.as_millis())
            .bind(ends_at.as_millis())
            .fetch_one(&mut *c)
            .await?;
            let minutes = ends_at.since(now).as_secs().div_ceil(60);
            let said = format!("{minutes} minutes: {}", paper.reason);
            let events = told(app, &paper, AuditKind::EmergencyOpened, &said);
            audit::append(c, &self.inner.keys, &events, now).await?;
            let id = EmergencyId(row::get(&opened, "id")?);
            Ok(End::Commit(EmergencyOpened::Opened(id)))
        })
    }

    /// Closes what is open for `app` and ends the sessions that began under it, at every node.
    /// Gives how many there were; `None` when nothing was open.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn emergency_close(
        &self,
        app: &AppName,
        paper: Paper<'_>,
    ) -> Result<Option<u64>, StoreError> {
        let now = paper.now;
        writing!(self, PowerCut, c => {
            let closed: Vec<i64> = sqlx::query_scalar(
                "UPDATE emergency SET closed_at = $2, closed_by = $3
                 WHERE app = $1 AND closed_at IS NULL AND ends_at > $2 RETURNING id",
            )
            .bind(app.as_str())
            .bind(now.as_millis())
            .bind(paper.operator)
            .fetch_all(&mut *c)
            .await?;
            if closed.is_empty() {
                return Ok(End::Rollback(None));
            }
            let events = told(app, &paper, AuditKind::EmergencyClosed, paper.reason);
            audit::append(c, &self.inner.keys, &events, now).await?;
            let (keys, why) = (&self.inner.keys, "emergency_closed");
            let mut sessions = 0;
            for id in closed {
                let whose = Whose::Emergency(EmergencyId(id));
                sessions += session_end::end(c, keys, whose, why, now).await?;
            }
            Ok(End::Commit(Some(sessions)))
        })
    }

    /// The exception that is open for `app` at `now`. Read anew for every login that it may let
    /// through.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: then nobody passes.
    pub async fn emergency_of(
        &self,
        app: &AppName,
        now: Timestamp,
    ) -> Result<Option<EmergencyView>, StoreError> {
        reading!(self, c => open_at(c, app, now).await)
    }

    /// All exceptions that are open at `now`, the one that ends first in front.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn emergencies_open(&self, now: Timestamp) -> Result<Vec<EmergencyView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT * FROM emergency WHERE closed_at IS NULL AND opened_at <= $1
                        AND ends_at > $1 ORDER BY ends_at, id",
            )
            .bind(now.as_millis())
            .fetch_all(&mut *c)
            .await?
        });
        found.iter().map(view).collect()
    }

    /// The newest `n` exceptions, open or over, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn emergencies_latest(&self, n: u32) -> Result<Vec<EmergencyView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query("SELECT * FROM emergency ORDER BY id DESC LIMIT $1")
                .bind(i64::from(n))
                .fetch_all(&mut *c)
                .await?
        });
        found.iter().map(view).collect()
    }
}

/// What is open for `app` at `now`; of several, the one that ends last.
pub(crate) async fn open_at(
    c: &mut Conn,
    app: &AppName,
    now: Timestamp,
) -> Result<Option<EmergencyView>, StoreError> {
    let found = sqlx::query(
        "SELECT * FROM emergency WHERE app = $1 AND closed_at IS NULL AND opened_at <= $2
                AND ends_at > $2 ORDER BY ends_at DESC LIMIT 1",
    )
    .bind(app.as_str())
    .bind(now.as_millis())
    .fetch_optional(&mut *c)
    .await?;
    found.as_ref().map(view).transpose()
}

fn told(app: &AppName, paper: &Paper<'_>, kind: AuditKind, said: &str) -> Vec<AuditEvent> {
    let mut events = paper.events(kind, None);
    if let Some(act) = events.first_mut()
        && !said.is_empty()
    {
        *act = act.clone().reason(said);
    }
    events.into_iter().map(|event| event.app(app)).collect()
}

fn view(found: &SqliteRow) -> Result<EmergencyView, StoreError> {
    Ok(EmergencyView {
        id: EmergencyId(row::get(found, "id")?),
        app: AppName::new(row::get(found, "app")?),
        reason: row::get(found, "reason")?,
        opened_by: row::get(found, "opened_by")?,
        approved_by: row::get(found, "approved_by")?,
        opened_at: row::at(found, "opened_at")?,
        ends_at: row::at(found, "ends_at")?,
        closed_at: row::at_maybe(found, "closed_at")?,
        closed_by: row::get(found, "closed_by")?,
    })
}
