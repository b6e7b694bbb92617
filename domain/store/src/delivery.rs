//! Held answers that are no redirect: put aside at the release, taken once at the path that was
//! submitted.
//!
//! Sealed by the gateway; nothing here can open them (DESIGN-CASES 15).

use anteroom_core::ids::SessionHash;
use anteroom_core::time::Timestamp;

use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{End, writing};

impl Store {
    /// Puts an answer aside for the verified session with this id; a session has at most one, the
    /// newest. `false` when there is no such session.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn delivery_put(
        &self,
        session: SessionHash,
        path: &str,
        sealed: &[u8],
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        writing!(self, Kill, c => {
            let put = sqlx::query(
                "INSERT INTO delivery (session_id, path, sealed, expires_at)
                 SELECT id, $2, $3, $4 FROM session WHERE hash = $1 AND state = 'verified'
                 ON CONFLICT (session_id) DO UPDATE SET path = $2, sealed = $3, expires_at = $4",
            )
            .bind(&session.0[..])
            .bind(path)
            .bind(sealed)
            .bind(expires_at.as_millis())
            .execute(&mut *c)
            .await?;
            Ok(End::Commit(put.rows_affected() == 1))
        })
    }

    /// Takes the answer that waits for this session at this path: of any number of calls, one gets
    /// it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn delivery_take(
        &self,
        session: SessionHash,
        path: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        writing!(self, Kill, c => {
            let taken: Option<Vec<u8>> = sqlx::query_scalar(
                "DELETE FROM delivery
                 WHERE path = $2 AND expires_at > $3 AND session_id =
                       (SELECT id FROM session WHERE hash = $1 AND state = 'verified')
                 RETURNING sealed",
            )
            .bind(&session.0[..])
            .bind(path)
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            Ok(End::Commit(taken))
        })
    }
}
