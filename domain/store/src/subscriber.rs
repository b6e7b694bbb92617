//! Persons: found by folded name at every login, listed for the command line.
//!
//! A name that was merged into another person leads to that one. Never changes anybody: see
//! [`operator`](crate::operator), [`enrolment`](crate::enrolment) and [`claim`](crate::claim).
//! Search in pages is [`people`](crate::people)'s, one person in full [`person`](crate::person)'s.

use std::collections::HashMap;

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::fold::Folded;
use anteroom_core::ids::SubscriberId;
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::throttle::{Throttle, ThrottlePolicy, ThrottleStanding};
use anteroom_core::time::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use crate::counter;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, reading};
use crate::row;

/// How a typed name finds its subscriber.
#[derive(Clone, Copy, Debug)]
pub struct NameKey<'a> {
    /// Apps of one realm share subscribers.
    pub realm: &'a str,
    /// The tenant typed beside the name; empty where the app has none.
    pub tenant: &'a str,
    /// The folded name: it finds.
    pub folded: &'a Folded,
    /// The spelling as far as the app distinguishes it: only a linked one *is* the subscriber.
    pub spelling_key: &'a str,
}

/// A subscriber as a login needs her.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubscriberView {
    /// Who.
    pub id: SubscriberId,
    /// For pages.
    pub display_name: String,
    /// Whether the spelling asked for is linked to her.
    pub linked: bool,
    /// Suspended by an operator: no code of hers counts.
    pub suspended: bool,
    /// Her factors were taken away by an operator: an enrolment needs a code.
    pub was_reset: bool,
    /// Authenticators that work, of any kind.
    pub totp_active: u32,
    /// Authenticators that are disabled, of any kind.
    pub totp_disabled: u32,
    /// Recovery codes not yet used.
    pub recovery_left: u32,
    /// Until when a temporary code of hers counts that is not used up; may be past.
    pub temporary_until: Option<Timestamp>,
    /// When she enrolled; `None` when she has not, or was reset.
    pub enrolled_at: Option<Timestamp>,
}

/// A subscriber as an operator sees her in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubscriberListing {
    /// Who.
    pub id: SubscriberId,
    /// Her realm.
    pub realm: String,
    /// Her tenant.
    pub tenant: String,
    /// For pages.
    pub display_name: String,
    /// Authenticators that work, of any kind.
    pub totp_active: u32,
    /// Authenticators that are disabled, of any kind.
    pub totp_disabled: u32,
    /// The kind of each that works, strongest first.
    pub kinds: Vec<AuthenticatorKind>,
    /// Recovery codes not yet used.
    pub recovery_left: u32,
    /// Whether an operator suspended her.
    pub suspended: bool,
    /// Whether an operator took her factors away and she has not enrolled since.
    pub was_reset: bool,
    /// When she enrolled.
    pub enrolled_at: Option<Timestamp>,
    /// When a code of hers was last claimed.
    pub last_login_at: Option<Timestamp>,
    /// Her wrong codes.
    pub throttle: Throttle,
    /// Whether an enrolment code is out for her that nobody has used; it may have expired.
    pub code_issued: bool,
}

/// What an operator sees at a glance; the worst thing first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SubscriberStatus {
    /// Suspended by an operator.
    Suspended,
    /// Every authenticator is disabled, or a ceiling is reached.
    Disabled,
    /// Wrong codes: no code is looked at before `until`.
    Paused {
        /// The end of the pause.
        until: Timestamp,
    },
    /// Reset by an operator, not yet enrolled again.
    Reset,
    /// Invited, not yet enrolled.
    Invited,
    /// Enrolled and well.
    Enrolled,
}

impl SubscriberStatus {
    /// The word for lists and exports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Disabled => "disabled",
            Self::Paused { .. } => "paused",
            Self::Reset => "reset",
            Self::Invited => "invited",
            Self::Enrolled => "enrolled",
        }
    }
}

impl SubscriberListing {
    /// Her status under `policy` at `now`.
    #[must_use]
    pub fn status(&self, policy: &ThrottlePolicy, now: Timestamp) -> SubscriberStatus {
        let standing = self.throttle.standing(policy, now);
        let all_disabled = self.totp_active == 0 && self.totp_disabled > 0;
        match standing {
            _ if self.suspended => SubscriberStatus::Suspended,
            _ if all_disabled => SubscriberStatus::Disabled,
            ThrottleStanding::Exhausted => SubscriberStatus::Disabled,
            ThrottleStanding::Paused { until } => SubscriberStatus::Paused { until },
            ThrottleStanding::Open if self.enrolled_at.is_some() => SubscriberStatus::Enrolled,
            ThrottleStanding::Open if self.was_reset => SubscriberStatus::Reset,
            ThrottleStanding::Open => SubscriberStatus::Invited,
        }
    }
}

impl Store {
    /// Finds the subscriber of a folded name. One query, on the path of every login.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: then no password may be sent.
    pub async fn subscriber_find(
        &self,
        name: &NameKey<'_>,
    ) -> Result<Option<SubscriberView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT s.id, s.display_name, s.suspended_at, s.was_reset, s.enrolled_at,
                        EXISTS (SELECT 1 FROM spelling p
                                WHERE p.subscriber_id = s.id AND p.spelling_key = $4) AS linked,
                        (SELECT COUNT(*) FROM authenticator a WHERE a.subscriber_id = s.id
                         AND a.removed_at IS NULL AND a.disabled_at IS NULL) AS totp_active,
                        (SELECT COUNT(*) FROM authenticator a WHERE a.subscriber_id = s.id
                         AND a.removed_at IS NULL AND a.disabled_at IS NOT NULL) AS totp_disabled,
                        (SELECT COUNT(*) FROM recovery_code r WHERE r.subscriber_id = s.id
                         AND r.used_at IS NULL AND r.removed_at IS NULL) AS recovery_left,
                        (SELECT t.expires_at FROM temporary_code t WHERE t.subscriber_id = s.id
                         AND t.revoked_at IS NULL AND t.uses_left > 0) AS temporary_until
                 FROM subscriber n JOIN subscriber s ON s.id = COALESCE(n.merged_into, n.id)
                 WHERE n.realm = $1 AND n.tenant = $2 AND n.folded = $3",
            )
            .bind(name.realm)
            .bind(name.tenant)
            .bind(name.folded.as_str())
            .bind(name.spelling_key)
            .fetch_optional(&mut *c)
            .await?
        });
        found
            .map(|found| {
                Ok(SubscriberView {
                    id: SubscriberId(row::get(&found, "id")?),
                    display_name: row::get(&found, "display_name")?,
                    linked: row::get(&found, "linked")?,
                    suspended: row::at_maybe(&found, "suspended_at")?.is_some(),
                    was_reset: row::get(&found, "was_reset")?,
                    totp_active: row::count(&found, "totp_active")?,
                    totp_disabled: row::count(&found, "totp_disabled")?,
                    recovery_left: row::count(&found, "recovery_left")?,
                    temporary_until: row::at_maybe(&found, "temporary_until")?,
                    enrolled_at: row::at_maybe(&found, "enrolled_at")?,
                })
            })
            .transpose()
    }

    /// People whose folded or shown name contains `filter` (all for an empty one), by name, at most
    /// `limit`: under their own names, also where another one was merged into them. Operators' own
    /// factors are not among them. For the command line; not on the path of a login.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn subscriber_list(
        &self,
        filter: &str,
        limit: u32,
    ) -> Result<Vec<SubscriberListing>, StoreError> {
        let pattern = contains_pattern(filter);
        let found = reading!(self, c => {
            let mut sql = QueryBuilder::new(LISTING);
            sql.push(" WHERE s.merged_into IS NULL AND s.realm <> ").push_bind(OPERATOR_REALM);
            sql.push(" AND (s.folded LIKE ").push_bind(&pattern);
            sql.push(" ESCAPE '!' OR lower(s.display_name) LIKE ").push_bind(&pattern);
            sql.push(" ESCAPE '!' OR s.id IN (SELECT m.merged_into FROM subscriber m");
            sql.push(" WHERE m.merged_into IS NOT NULL AND m.folded LIKE ").push_bind(&pattern);
            sql.push(" ESCAPE '!')) ORDER BY s.folded, s.id LIMIT ").push_bind(i64::from(limit));
            sql.build().fetch_all(&mut *c).await?
        });
        found.iter().map(listing).collect()
    }

    /// The people of one folded name, at most one for each realm and tenant; a merged name gives
    /// whom it leads to.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn subscribers_of_name(
        &self,
        name: &Folded,
    ) -> Result<Vec<SubscriberListing>, StoreError> {
        let found = reading!(self, c => {
            let mut sql = QueryBuilder::new(LISTING);
            sql.push(" WHERE s.realm <> ").push_bind(OPERATOR_REALM);
            sql.push(" AND s.id IN (SELECT COALESCE(n.merged_into, n.id) FROM subscriber n");
            sql.push(" WHERE n.folded = ").push_bind(name.as_str());
            sql.push(") ORDER BY s.realm, s.tenant, s.id");
            sql.build().fetch_all(&mut *c).await?
        });
        found.iter().map(listing).collect()
    }

    /// The shown names of these subscribers, for lists that name them by id only. Who is not there
    /// is left out.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn subscriber_names(
        &self,
        ids: &[SubscriberId],
    ) -> Result<Vec<(SubscriberId, String)>, StoreError> {
        let mut names = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(IDS_AT_ONCE) {
            let found: Vec<(i64, String)> = reading!(self, c => {
                let mut sql =
                    QueryBuilder::new("SELECT id, display_name FROM subscriber WHERE id IN (");
                put_ids(&mut sql, chunk);
                sql.build_query_as().fetch_all(&mut *c).await?
            });
            names.extend(found.into_iter().map(|(id, name)| (SubscriberId(id), name)));
        }
        Ok(names)
    }
}

/// A listing's columns, each counted for the rows that are taken and for no other.
const LISTING: &str = "SELECT s.*, s.throttle_consecutive AS consecutive,
        s.throttle_rolling AS rolling, s.throttle_window_at AS window_at,
        s.throttle_paused_until AS paused_until,
        (SELECT COUNT(*) FROM authenticator a WHERE a.subscriber_id = s.id
         AND a.removed_at IS NULL AND a.disabled_at IS NULL) AS totp_active,
        (SELECT COUNT(*) FROM authenticator a WHERE a.subscriber_id = s.id
         AND a.removed_at IS NULL AND a.disabled_at IS NOT NULL) AS totp_disabled,
        (SELECT GROUP_CONCAT(a.kind) FROM authenticator a WHERE a.subscriber_id = s.id
         AND a.removed_at IS NULL AND a.disabled_at IS NULL) AS kinds,
        (SELECT COUNT(*) FROM recovery_code r WHERE r.subscriber_id = s.id
         AND r.used_at IS NULL AND r.removed_at IS NULL) AS recovery_left,
        EXISTS (SELECT 1 FROM enrolment_code e WHERE e.subscriber_id = s.id
                AND e.spent_at IS NULL AND e.killed_at IS NULL) AS code_issued
 FROM subscriber s";

/// Ids in one statement.
pub(crate) const IDS_AT_ONCE: usize = 500;

/// Writes the ids of `IN (` and closes it.
pub(crate) fn put_ids(sql: &mut QueryBuilder<Sqlite>, ids: &[SubscriberId]) {
    let mut list = sql.separated(", ");
    for id in ids {
        list.push_bind(id.0);
    }
    list.push_unseparated(")");
}

/// The listings of these subscribers, in that order.
pub(crate) async fn listings(
    c: &mut Conn,
    ids: &[SubscriberId],
) -> Result<Vec<SubscriberListing>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_AT_ONCE) {
        let mut sql = QueryBuilder::new(LISTING);
        sql.push(" WHERE s.id IN (");
        put_ids(&mut sql, chunk);
        for one in sql.build().fetch_all(&mut *c).await? {
            let one = listing(&one)?;
            found.insert(one.id, one);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

fn listing(found: &sqlx::sqlite::SqliteRow) -> Result<SubscriberListing, StoreError> {
    let kinds: Option<&str> = row::get(found, "kinds")?;
    let kinds = kinds.unwrap_or_default().split(',');
    let mut kinds: Vec<_> = kinds.filter_map(AuthenticatorKind::from_name).collect();
    kinds.sort_unstable();
    Ok(SubscriberListing {
        id: SubscriberId(row::get(found, "id")?),
        realm: row::get(found, "realm")?,
        tenant: row::get(found, "tenant")?,
        display_name: row::get(found, "display_name")?,
        totp_active: row::count(found, "totp_active")?,
        totp_disabled: row::count(found, "totp_disabled")?,
        kinds,
        recovery_left: row::count(found, "recovery_left")?,
        suspended: row::at_maybe(found, "suspended_at")?.is_some(),
        was_reset: row::get(found, "was_reset")?,
        enrolled_at: row::at_maybe(found, "enrolled_at")?,
        last_login_at: row::at_maybe(found, "last_login_at")?,
        throttle: counter::decode(found)?,
        code_issued: row::get(found, "code_issued")?,
    })
}

/// A LIKE pattern that matches `text` anywhere and takes nothing in it for a wildcard.
pub(crate) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
