//! Searching people as one would on the phone: a part of the name, the app, the state.
//!
//! Names are matched in an index that holds all that a search asks for; the rest is read for the
//! people of one page only. Whether somebody is stopped is judged by core's throttle, never by SQL.
//! One person in full is [`person`](crate::person)'s.

use anteroom_core::fold::fold;
use anteroom_core::ids::SubscriberId;
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_core::time::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, reading};
use crate::subscriber::{self, SubscriberListing, SubscriberStatus, contains_pattern};

/// The most people on a page.
pub const MOST_ON_A_PAGE: u32 = 200;
/// Names judged at a time where the state decides.
const JUDGED_AT_ONCE: usize = 200;

/// How wrong codes count in each realm.
#[derive(Clone, Copy, Debug)]
pub struct Throttles<'a> {
    /// By realm; a realm that is not here counts by the default.
    pub by_realm: &'a [(&'a str, ThrottlePolicy)],
}

impl Throttles<'_> {
    /// The policy of a realm.
    #[must_use]
    pub fn of(&self, realm: &str) -> ThrottlePolicy {
        let known = self.by_realm.iter().find(|(name, _)| *name == realm);
        known.map_or_else(ThrottlePolicy::default, |(_, policy)| *policy)
    }

    /// The lowest cap of wrong codes in a window: who has fewer is not stopped by it anywhere.
    fn lowest_cap(&self) -> u32 {
        let all = self.by_realm.iter().map(|(_, policy)| policy.rolling_cap);
        all.fold(ThrottlePolicy::default().rolling_cap, u32::min)
    }
}

/// How somebody stands, as one would ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PersonState {
    /// Enrolled and not stopped.
    Enrolled,
    /// Invited or reset.
    NotEnrolled,
    /// Paused, or disabled at a ceiling.
    Stopped,
    /// Suspended by an operator.
    Suspended,
}

impl PersonState {
    /// Every state, in the order of a menu.
    pub const ALL: [Self; 4] = [
        Self::Enrolled,
        Self::NotEnrolled,
        Self::Stopped,
        Self::Suspended,
    ];

    /// The word for addresses and scripts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::NotEnrolled => "not-enrolled",
            Self::Stopped => "stopped",
            Self::Suspended => "suspended",
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Which one a status belongs to.
    #[must_use]
    pub const fn of(status: SubscriberStatus) -> Self {
        match status {
            SubscriberStatus::Suspended => Self::Suspended,
            SubscriberStatus::Disabled | SubscriberStatus::Paused { .. } => Self::Stopped,
            SubscriberStatus::Reset | SubscriberStatus::Invited => Self::NotEnrolled,
            SubscriberStatus::Enrolled => Self::Enrolled,
        }
    }
}

/// What is searched for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PeopleQuery<'a> {
    /// A part of the name, in any case and with or without accents; empty for everybody.
    pub text: &'a str,
    /// Only this realm.
    pub realm: Option<&'a str>,
    /// Only in this state.
    pub state: Option<PersonState>,
    /// Only after this person, the last one of the page before.
    pub after: Option<SubscriberId>,
    /// How many at most; no more than [`MOST_ON_A_PAGE`] in any case.
    pub limit: u32,
}

/// A page of people, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PeoplePage {
    /// The people.
    pub people: Vec<SubscriberListing>,
    /// Whether there are more after the last one.
    pub more: bool,
}

impl Store {
    /// Searches people, by name. Never finds an operator's own factors; a name that was merged into
    /// another one finds that person, under her own name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn people_search(
        &self,
        query: &PeopleQuery<'_>,
        throttles: &Throttles<'_>,
        now: Timestamp,
    ) -> Result<PeoplePage, StoreError> {
        let limit = query.limit.clamp(1, MOST_ON_A_PAGE) as usize;
        let mut people = Vec::with_capacity(limit + 1);
        reading!(self, c => {
            let mut position = position(c, query.after).await?;
            let batch = if query.state.is_some() { JUDGED_AT_ONCE } else { limit + 1 };
            loop {
                let found = candidates(c, query, throttles, position.as_ref(), batch).await?;
                let ids: Vec<_> = found.iter().map(|(id, _)| SubscriberId(*id)).collect();
                let listings = subscriber::listings(c, &ids).await?;
                people.extend(listings.into_iter().filter(|one| {
                    let status = one.status(&throttles.of(&one.realm), now);
                    query.state.is_none_or(|state| state == PersonState::of(status))
                }));
                let last = found.len() < batch;
                position = found.into_iter().next_back();
                if last || people.len() > limit {
                    break;
                }
            }
        });
        let more = people.len() > limit;
        people.truncate(limit);
        Ok(PeoplePage { people, more })
    }
}

/// Everybody who cannot sign in now because of wrong codes, of every realm.
pub(crate) async fn stopped_count(
    c: &mut Conn,
    throttles: &Throttles<'_>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let query = PeopleQuery {
        state: Some(PersonState::Stopped),
        ..PeopleQuery::default()
    };
    let (mut stopped, mut position) = (0, None);
    loop {
        let found = candidates(c, &query, throttles, position.as_ref(), JUDGED_AT_ONCE).await?;
        let ids: Vec<_> = found.iter().map(|(id, _)| SubscriberId(*id)).collect();
        for one in subscriber::listings(c, &ids).await? {
            let status = one.status(&throttles.of(&one.realm), now);
            stopped += u64::from(PersonState::of(status) == PersonState::Stopped);
        }
        if found.len() < JUDGED_AT_ONCE {
            return Ok(stopped);
        }
        position = found.into_iter().next_back();
    }
}

/// Where a page begins: behind this id and folded name.
type Position = (i64, String);

async fn position(
    c: &mut Conn,
    after: Option<SubscriberId>,
) -> Result<Option<Position>, StoreError> {
    let Some(after) = after else { return Ok(None) };
    Ok(
        sqlx::query_as("SELECT id, folded FROM subscriber WHERE id = $1")
            .bind(after.0)
            .fetch_optional(&mut *c)
            .await?,
    )
}

/// Names that match, and may be in the state asked for, in order.
async fn candidates(
    c: &mut Conn,
    query: &PeopleQuery<'_>,
    throttles: &Throttles<'_>,
    position: Option<&Position>,
    at_most: usize,
) -> Result<Vec<Position>, StoreError> {
    let mut sql = candidates_sql(query, throttles, position, at_most);
    Ok(sql.build_query_as().fetch_all(&mut *c).await?)
}

/// The query for [`candidates`]; a test looks at its plan.
pub(crate) fn candidates_sql(
    query: &PeopleQuery<'_>,
    throttles: &Throttles<'_>,
    position: Option<&Position>,
    at_most: usize,
) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(
        "SELECT s.id, s.folded FROM subscriber s WHERE s.merged_into IS NULL AND s.realm <> ",
    );
    sql.push_bind(OPERATOR_REALM);
    if let Some(realm) = query.realm {
        // Written so that the index of names leads, which has the order too.
        sql.push(" AND s.realm || '' = ")
            .push_bind(realm.to_owned());
    }
    if let Some((id, folded)) = position {
        sql.push(" AND s.folded >= ").push_bind(folded.clone());
        sql.push(" AND (s.folded > ").push_bind(folded.clone());
        sql.push(" OR s.id > ").push_bind(*id).push(")");
    }
    put_state(&mut sql, query.state, throttles);
    if !query.text.trim().is_empty() {
        let text = fold(query.text).map_or_else(
            |_| query.text.trim().to_owned(),
            |name| name.as_str().to_owned(),
        );
        let pattern = contains_pattern(&text);
        sql.push(" AND (s.folded LIKE ").push_bind(pattern.clone());
        sql.push(" ESCAPE '!' OR s.id IN (SELECT m.merged_into FROM subscriber m");
        sql.push(" WHERE m.merged_into IS NOT NULL AND m.folded LIKE ");
        sql.push_bind(pattern).push(" ESCAPE '!'))");
    }
    sql.push(" ORDER BY s.folded, s.id LIMIT ");
    sql.push_bind(i64::try_from(at_most).unwrap_or(i64::MAX));
    sql
}

fn put_state(
    sql: &mut QueryBuilder<Sqlite>,
    state: Option<PersonState>,
    throttles: &Throttles<'_>,
) {
    match state {
        None => {}
        Some(PersonState::Enrolled) => {
            sql.push(" AND s.suspended_at IS NULL AND s.enrolled_at IS NOT NULL");
        }
        Some(PersonState::NotEnrolled) => {
            sql.push(" AND s.suspended_at IS NULL AND s.enrolled_at IS NULL");
        }
        Some(PersonState::Suspended) => {
            sql.push(" AND s.suspended_at IS NOT NULL");
        }
        // Whoever is stopped is in one of three short indexes: a pause was written, the window's
        // cap is reached, or an authenticator was disabled at the ceiling.
        Some(PersonState::Stopped) => {
            sql.push(
                " AND s.suspended_at IS NULL AND s.id IN (
                     SELECT p.id FROM subscriber p WHERE p.throttle_paused_until IS NOT NULL
                     UNION SELECT a.subscriber_id FROM authenticator a
                           WHERE a.disabled_at IS NOT NULL AND a.removed_at IS NULL
                     UNION SELECT r.id FROM subscriber r
                           WHERE r.throttle_rolling > 0 AND r.throttle_rolling >= ",
            );
            sql.push_bind(i64::from(throttles.lowest_cap())).push(")");
        }
    }
}
