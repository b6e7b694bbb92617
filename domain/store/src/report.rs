//! What an auditor asks for: who has which factor since when, which resets there were and on what
//! paper, and what happened to operators.
//!
//! Plain rows in pages; nothing here is stored twice. The paper of an act is read back from the
//! rows that were chained right behind it ([`Paper`](crate::Paper) writes them there).

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::SubscriberId;
use anteroom_core::operator::OPERATOR_REALM;
use anteroom_core::time::Timestamp;
use sqlx::QueryBuilder;

use crate::audit::AuditRow;
use crate::audit_search::{self, AuditQuery};
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, reading};
use crate::subscriber::{self, IDS_AT_ONCE, put_ids};
use crate::{audit, row};

/// The acts on people that an auditor asks for.
pub const RESET_KINDS: [AuditKind; 4] = [
    AuditKind::SubscriberReset,
    AuditKind::TemporaryCodeIssued,
    AuditKind::SubscribersMerged,
    AuditKind::SubscriberSuspended,
];

/// What happens to operators, their tokens included.
pub const OPERATOR_KINDS: [AuditKind; 8] = [
    AuditKind::OperatorCreated,
    AuditKind::OperatorInvited,
    AuditKind::OperatorSetUp,
    AuditKind::OperatorRoleChanged,
    AuditKind::OperatorReset,
    AuditKind::OperatorDisabled,
    AuditKind::OperatorEnabled,
    AuditKind::TokenIssued,
];

/// One person and the factors in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonFactors {
    /// Who.
    pub id: SubscriberId,
    /// Her realm.
    pub realm: String,
    /// Her tenant.
    pub tenant: String,
    /// Her name.
    pub display_name: String,
    /// Whether an operator suspended her.
    pub suspended: bool,
    /// Recovery codes not yet used.
    pub recovery_left: u32,
    /// Her authenticators; none when she has not enrolled.
    pub factors: Vec<FactorRow>,
}

/// One authenticator in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FactorRow {
    /// `totp`.
    pub kind: String,
    /// The subscriber's own name for it.
    pub label: String,
    /// What stood beside the password at the enrolment.
    pub proof: String,
    /// Since when.
    pub enrolled_at: Timestamp,
    /// When a code of it was last right.
    pub last_used_at: Option<Timestamp>,
    /// Whether its codes do not count now.
    pub disabled: bool,
}

/// One act on a person, with its paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResetRow {
    /// Its row in the log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub kind: AuditKind,
    /// To whom.
    pub subscriber: Option<SubscriberId>,
    /// By whom.
    pub operator: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// How the operator made sure who was calling.
    pub identity_check: Option<String>,
    /// The second operator.
    pub approved_by: Option<String>,
}

impl Store {
    /// A page of people with their factors, by id: those after `after`, at most `limit` people.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn report_factors(
        &self,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> Result<Vec<PersonFactors>, StoreError> {
        reading!(self, c => {
            let found: Vec<(i64,)> = sqlx::query_as(
                "SELECT id FROM subscriber
                 WHERE id > $1 AND realm <> $2 AND merged_into IS NULL ORDER BY id LIMIT $3",
            )
            .bind(after.map_or(0, |id| id.0))
            .bind(OPERATOR_REALM)
            .bind(i64::from(limit))
            .fetch_all(&mut *c)
            .await?;
            let ids: Vec<_> = found.into_iter().map(|(id,)| SubscriberId(id)).collect();
            let mut people: Vec<PersonFactors> = Vec::with_capacity(ids.len());
            for one in subscriber::listings(c, &ids).await? {
                people.push(PersonFactors {
                    id: one.id,
                    realm: one.realm,
                    tenant: one.tenant,
                    display_name: one.display_name,
                    suspended: one.suspended,
                    recovery_left: one.recovery_left,
                    factors: Vec::new(),
                });
            }
            put_factors(c, &ids, &mut people).await?;
            Ok(people)
        })
    }

    /// Resets, temporary codes, merges and suspensions between two moments, oldest first, at most
    /// `limit`; the next page begins behind `beyond`, the last row's number.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row cannot be read as one of ours;
    /// [`StoreError::Unavailable`].
    pub async fn report_resets(
        &self,
        from: Timestamp,
        until: Timestamp,
        beyond: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ResetRow>, StoreError> {
        let query = between(&RESET_KINDS, from, until, beyond, limit);
        reading!(self, c => {
            let mut rows = Vec::new();
            for act in audit_search::search(c, &query).await? {
                rows.push(with_paper(c, act).await?);
            }
            Ok(rows)
        })
    }

    /// What happened to operators and their tokens between two moments, oldest first, at most
    /// `limit`; the next page begins behind `beyond`, the last row's number.
    ///
    /// # Errors
    /// As [`report_resets`](Self::report_resets).
    pub async fn report_operators(
        &self,
        from: Timestamp,
        until: Timestamp,
        beyond: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.audit_search(&between(&OPERATOR_KINDS, from, until, beyond, limit))
            .await
    }
}

const fn between(
    kinds: &[AuditKind],
    from: Timestamp,
    until: Timestamp,
    beyond: Option<i64>,
    limit: u32,
) -> AuditQuery<'_> {
    AuditQuery {
        reference: None,
        subscriber: None,
        operator: None,
        app: None,
        kinds,
        session: None,
        from: Some(from),
        until: Some(until),
        beyond,
        oldest_first: true,
        limit,
    }
}

async fn put_factors(
    c: &mut Conn,
    ids: &[SubscriberId],
    people: &mut [PersonFactors],
) -> Result<(), StoreError> {
    for chunk in ids.chunks(IDS_AT_ONCE) {
        let mut sql = QueryBuilder::new(
            "SELECT subscriber_id, kind, label, proof, enrolled_at, last_used_at, disabled_at
             FROM authenticator WHERE removed_at IS NULL AND subscriber_id IN (",
        );
        put_ids(&mut sql, chunk);
        sql.push(" ORDER BY id");
        for found in &sql.build().fetch_all(&mut *c).await? {
            let id = SubscriberId(row::get(found, "subscriber_id")?);
            // Both are in the order of ids.
            let Ok(place) = people.binary_search_by_key(&id, |one| one.id) else {
                continue;
            };
            people[place].factors.push(FactorRow {
                kind: row::get(found, "kind")?,
                label: row::get(found, "label")?,
                proof: row::get(found, "proof")?,
                enrolled_at: row::at(found, "enrolled_at")?,
                last_used_at: row::at_maybe(found, "last_used_at")?,
                disabled: row::at_maybe(found, "disabled_at")?.is_some(),
            });
        }
    }
    Ok(())
}

/// The act with what [`Paper::events`](crate::Paper) chained behind it: of the same moment, about
/// the same person, an identity check at most and an approval at most.
async fn with_paper(c: &mut Conn, act: AuditRow) -> Result<ResetRow, StoreError> {
    let (mut identity_check, mut approved_by) = (None, None);
    for stored in &audit::page_after(c, act.seq, 2).await? {
        let next = audit::decode(stored)?;
        let AuditEvent {
            kind,
            subscriber,
            operator,
            reason,
            ..
        } = next.event;
        if next.at != act.at || subscriber != act.event.subscriber {
            break;
        }
        match kind {
            AuditKind::IdentityChecked if identity_check.is_none() && approved_by.is_none() => {
                identity_check = reason;
            }
            AuditKind::ApprovalGranted
                if approved_by.is_none() && reason.as_deref() == Some(act.event.kind.name()) =>
            {
                approved_by = operator;
            }
            _ => break,
        }
    }
    Ok(ResetRow {
        seq: act.seq,
        at: act.at,
        kind: act.event.kind,
        subscriber: act.event.subscriber,
        operator: act.event.operator,
        reason: act.event.reason,
        identity_check,
        approved_by,
    })
}
