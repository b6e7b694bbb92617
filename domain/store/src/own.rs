//! What a person's own page reads: her authenticators in use, and how her recovery codes stand.
//!
//! Reads only, and never a secret column. Her sessions are [`session`](crate::session)'s, what
//! happened to her [`audit_search`](crate::audit_search)'s; what she changes is
//! [`own_act`](crate::own_act)'s.

use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::ids::SubscriberId;

use crate::error::StoreError;
use crate::open::Store;
use crate::person::{self, AuthenticatorHistory, RecoveryState};
use crate::pools::reading;
use crate::row;

/// What somebody can prove herself with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnFactors {
    /// Her authenticators in use, the newest first.
    pub authenticators: Vec<AuthenticatorHistory>,
    /// Her recovery codes.
    pub recovery: RecoveryState,
}

impl OwnFactors {
    /// The kinds whose codes count; one that is switched off does not.
    #[must_use]
    pub fn kinds(&self) -> Kinds {
        let in_use = self.authenticators.iter();
        in_use
            .filter(|one| one.disabled_at.is_none())
            .filter_map(|one| AuthenticatorKind::from_name(&one.kind))
            .collect()
    }

    /// The kind that she used last.
    #[must_use]
    pub fn last_kind(&self) -> Option<AuthenticatorKind> {
        let used = self
            .authenticators
            .iter()
            .filter(|one| one.last_used_at.is_some());
        let last = used.max_by_key(|one| one.last_used_at)?;
        AuthenticatorKind::from_name(&last.kind)
    }
}

impl Store {
    /// What a person has to prove herself with.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn own_factors(&self, id: SubscriberId) -> Result<OwnFactors, StoreError> {
        reading!(self, c => {
            let mut authenticators = person::authenticators(c, id).await?;
            authenticators.retain(|one| one.removed_at.is_none());
            let left = sqlx::query(
                "SELECT COUNT(*) AS recovery_left FROM recovery_code
                 WHERE subscriber_id = $1 AND used_at IS NULL AND removed_at IS NULL",
            )
            .bind(id.0)
            .fetch_one(&mut *c)
            .await?;
            let left = row::count(&left, "recovery_left")?;
            let recovery = person::recovery(c, id, left).await?;
            Ok(OwnFactors { authenticators, recovery })
        })
    }
}
