//! What waits in a verified session: the seed of another authenticator until its first code is
//! right, and new recovery codes until their owner has them.
//!
//! Nothing here counts: [`own_act`](crate::own_act) makes it count. Both go with their session, and
//! a new id of it, after an unlock, no longer opens the codes.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{OwnSetupId, SessionRow};
use anteroom_core::time::Timestamp;
use anteroom_core::totp::TotpSecret;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::seal::Place;
use crate::session_end;

/// How long a seed waits for its first code.
const SETUP_LIVES: Duration = Duration::from_secs(10 * 60);

/// How long new recovery codes can be looked at.
const CODES_SHOWN_FOR: Duration = Duration::from_secs(10 * 60);

impl Store {
    /// The seed that this session is setting up: whatever candidate later calls bring, they get the
    /// first one back, so that a reload and the back button show the same QR code. `None` when the
    /// session is not verified with a second factor, or locked.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the seed was not sealed for its row;
    /// [`StoreError::Unavailable`].
    pub async fn own_setup_seed(
        &self,
        session: SessionRow,
        candidate: &TotpSecret,
        now: Timestamp,
    ) -> Result<Option<(OwnSetupId, TotpSecret)>, StoreError> {
        writing!(self, Kill, c => {
            let standing = sqlx::query(
                "SELECT hash, app, subscriber_id FROM session
                 WHERE id = $1 AND state = 'verified' AND locked_at IS NULL
                   AND single_factor = 0 AND subscriber_id IS NOT NULL AND ends_at > $2",
            )
            .bind(session.0)
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            let Some(standing) = standing else { return Ok(End::Rollback(None)) };
            let found =
                sqlx::query(
                    "SELECT id, seed FROM own_setup
                     WHERE session_id = $1 AND expires_at > $2",
                )
                    .bind(session.0)
                    .bind(now.as_millis())
                    .fetch_optional(&mut *c)
                    .await?;
            if let Some(found) = found {
                let id: i64 = row::get(&found, "id")?;
                let plain = self.inner.unseal(setup_place(id), row::get(&found, "seed")?)?;
                let secret = TotpSecret::from_bytes(plain.to_vec());
                return Ok(End::Rollback(Some((OwnSetupId(id), secret))));
            }
            forget_setup(c, session).await?;
            let id: i64 = sqlx::query_scalar(
                "INSERT INTO own_setup (session_id, seed, expires_at) VALUES ($1, $2, $3)
                 RETURNING id",
            )
            .bind(session.0)
            .bind(&b""[..])
            .bind(now.plus(SETUP_LIVES).as_millis())
            .fetch_one(&mut *c)
            .await?;
            // Sealed with the row's id as associated data, which is known only now.
            sqlx::query("UPDATE own_setup SET seed = $2 WHERE id = $1")
                .bind(id)
                .bind(self.inner.seal(setup_place(id), candidate.expose())?)
                .execute(&mut *c)
                .await?;
            let event = session_end::told(&standing, AuditKind::EnrolmentStarted)?;
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(Some((OwnSetupId(id), candidate.clone()))))
        })
    }

    /// The recovery codes that wait to be seen in this session, as the gateway sealed them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn own_codes(
        &self,
        session: SessionRow,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query("SELECT sealed FROM own_codes WHERE session_id = $1 AND expires_at > $2")
                .bind(session.0)
                .bind(now.as_millis())
                .fetch_optional(&mut *c)
                .await?
        });
        found.map(|found| row::get(&found, "sealed")).transpose()
    }

    /// Their owner has them: they are not shown again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn own_codes_seen(&self, session: SessionRow) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            forget_codes(c, session).await?;
            Ok(End::Commit(()))
        })
    }
}

/// Takes the seed of a set-up out of the session: what is confirmed or replaced waits no more.
/// `None` when it is another one by now, or over.
pub(crate) async fn take_seed(
    c: &mut Conn,
    setup: OwnSetupId,
    session: SessionRow,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let taken = sqlx::query(
        "DELETE FROM own_setup WHERE id = $1 AND session_id = $2 AND expires_at > $3
         RETURNING seed",
    )
    .bind(setup.0)
    .bind(session.0)
    .bind(now.as_millis())
    .fetch_optional(&mut *c)
    .await?;
    taken.map(|taken| row::get(&taken, "seed")).transpose()
}

/// Keeps new recovery codes for showing.
pub(crate) async fn keep_codes(
    c: &mut Conn,
    session: SessionRow,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    forget_codes(c, session).await?;
    sqlx::query("INSERT INTO own_codes (session_id, sealed, expires_at) VALUES ($1, $2, $3)")
        .bind(session.0)
        .bind(sealed)
        .bind(now.plus(CODES_SHOWN_FOR).as_millis())
        .execute(&mut *c)
        .await?;
    Ok(())
}

/// Forgets all that waits in a session: it has ended.
pub(crate) async fn forget(c: &mut Conn, session: SessionRow) -> Result<(), StoreError> {
    forget_setup(c, session).await?;
    forget_codes(c, session).await
}

async fn forget_setup(c: &mut Conn, session: SessionRow) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM own_setup WHERE session_id = $1")
        .bind(session.0)
        .execute(&mut *c)
        .await?;
    Ok(())
}

async fn forget_codes(c: &mut Conn, session: SessionRow) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM own_codes WHERE session_id = $1")
        .bind(session.0)
        .execute(&mut *c)
        .await?;
    Ok(())
}

pub(crate) const fn setup_place(setup: i64) -> Place {
    Place {
        table: "own_setup",
        column: "seed",
        row: setup,
    }
}
