//! The same form sent again: what it came to the first time, beside [`claim`](crate::claim) and
//! [`unlock`].
//!
//! Never spends anything: a repetition is recognised by its MAC, within the seconds that
//! [`claim`](crate::claim) allows.

use anteroom_core::ids::{AttemptId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::time::Timestamp;
use subtle::ConstantTimeEq;

use crate::claim::{Claimed, SAME_FORM_FOR};
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::reading;
use crate::row;
use crate::unlock::{self, Unlocked};

impl Store {
    /// The claim that this very form made some seconds ago; `None` for any other form, or too late.
    /// To be asked before the code is judged, because by then its step is spent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn challenge_again(
        &self,
        attempt: AttemptId,
        code_mac: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Claimed>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT a.verified, a.subscriber_id, a.display_name, a.claimed_at,
                        a.claimed_code_mac
                 FROM attempt a JOIN session v ON v.hash = a.verified AND v.state = 'verified'
                 WHERE a.id = $1 AND a.state IN ('claimed', 'released')",
            )
            .bind(attempt.0)
            .fetch_optional(&mut *c)
            .await?
        });
        let Some(found) = found else { return Ok(None) };
        let mac: Option<[u8; 32]> = row::bytes_maybe(&found, "claimed_code_mac")?;
        let same = mac.is_some_and(|mac| bool::from(mac.ct_eq(code_mac)));
        let at = row::at_maybe(&found, "claimed_at")?;
        let in_time = at.is_some_and(|at| now < at.plus(SAME_FORM_FOR));
        let subscriber = row::get::<Option<i64>>(&found, "subscriber_id")?.map(SubscriberId);
        let session: Option<SessionHash> = row::bytes_maybe(&found, "verified")?.map(SessionHash);
        let (true, Some(subscriber), Some(session)) = (same && in_time, subscriber, session) else {
            return Ok(None);
        };
        let display_name = row::get(&found, "display_name")?;
        Ok(Some(Claimed {
            attempt,
            session,
            subscriber,
            display_name,
        }))
    }

    /// The unlock that this very form made some seconds ago, by the id the session had before;
    /// `None` for any other form, or too late. To be asked before the code is judged, like
    /// [`challenge_again`](Self::challenge_again).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn unlock_again(
        &self,
        row: SessionRow,
        old: &SessionHash,
        code_mac: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Unlocked>, StoreError> {
        reading!(self, c => unlock::made_by(c, row, old, code_mac, now).await)
    }
}
