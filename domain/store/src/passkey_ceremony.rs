//! Challenges of WebAuthn ceremonies: given out to one session, answered once, for minutes.
//!
//! Taking one deletes it, before anybody looks at the answer (advisory B9): of any number of
//! answers at once, one finds it. Never knows what the state in it means; the gateway's library
//! does.

use std::fmt;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AppName, AttemptId, SessionHash};
use anteroom_core::time::Timestamp;
use zeroize::Zeroizing;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::seal::Place;

/// How many challenges of one purpose a session has open at once: as many tabs may be answered.
const OPEN_AT_ONCE: i64 = 4;

/// What a challenge is for; an answer to the one never does for the other (W1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CeremonyPurpose {
    /// Setting up a passkey.
    Register,
    /// Signing in with one.
    Assert,
}

impl CeremonyPurpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Assert => "assert",
        }
    }
}

/// A challenge that is given out.
#[derive(Clone, Copy)]
pub struct NewCeremony<'a> {
    /// For what.
    pub purpose: CeremonyPurpose,
    /// To which session, pending or verified.
    pub session: SessionHash,
    /// The SHA-256 of the challenge, by which its answer finds it.
    pub challenge: [u8; 32],
    /// What the library wants back.
    pub state: &'a [u8],
    /// Until when it may be answered.
    pub expires_at: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// A challenge that was taken. Redacted `Debug`.
pub struct Ceremony {
    /// What the library wants back.
    pub state: Zeroizing<Vec<u8>>,
    /// Until when it may be answered.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ceremony").finish_non_exhaustive()
    }
}

impl Store {
    /// Keeps a challenge. The oldest ones of the same session and purpose make room.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn ceremony_begin(&self, new: NewCeremony<'_>) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            self.ceremony_insert(c, &new).await?;
            Ok(End::Commit(()))
        })
    }

    /// The same for the first passkey in an attempt; `false` when the attempt does not enrol, is
    /// over, or has not brought the enrolment code it was withheld for.
    ///
    /// # Errors
    /// As [`ceremony_begin`](Self::ceremony_begin).
    pub async fn enrolment_ceremony(
        &self,
        attempt: AttemptId,
        new: NewCeremony<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, Kill, c => {
            let found = sqlx::query(
                "SELECT app, subscriber_id, seed IS NULL AND NOT EXISTS (
                     SELECT 1 FROM passkey_ceremony
                     WHERE session_hash = $3 AND purpose = 'register') AS first
                 FROM attempt
                 WHERE id = $1 AND state = 'enrolling' AND expires_at > $2
                   AND (enrolling <> 'code' OR enrolment_code_id IS NOT NULL)",
            )
            .bind(attempt.0)
            .bind(new.now.as_millis())
            .bind(&new.session.0[..])
            .fetch_optional(&mut *c)
            .await?;
            let Some(found) = found else { return Ok(End::Rollback(false)) };
            self.ceremony_insert(c, &new).await?;
            if row::get::<bool>(&found, "first")? {
                let mut event = AuditEvent::new(AuditKind::EnrolmentStarted)
                    .app(&AppName::new(row::get(&found, "app")?));
                event.subscriber = row::get::<Option<i64>>(&found, "subscriber_id")?
                    .map(anteroom_core::ids::SubscriberId);
                audit::append(c, &self.inner.keys, &[event], new.now).await?;
            }
            Ok(End::Commit(true))
        })
    }

    /// By what authenticators know the person behind the name of an attempt, where they do.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn enrolment_handle(
        &self,
        attempt: AttemptId,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT s.user_handle FROM attempt a JOIN subscriber s
                 ON s.realm = a.realm AND s.tenant = a.tenant AND s.folded = a.folded
                 WHERE a.id = $1",
            )
            .bind(attempt.0)
            .fetch_optional(&mut *c)
            .await?
        });
        match found {
            Some(found) => row::bytes_maybe(&found, "user_handle"),
            None => Ok(None),
        }
    }

    async fn ceremony_insert(&self, c: &mut Conn, new: &NewCeremony<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM passkey_ceremony WHERE session_hash = $1 AND purpose = $2 AND id NOT IN
                 (SELECT id FROM passkey_ceremony WHERE session_hash = $1 AND purpose = $2
                  ORDER BY id DESC LIMIT $3)",
        )
        .bind(&new.session.0[..])
        .bind(new.purpose.name())
        .bind(OPEN_AT_ONCE - 1)
        .execute(&mut *c)
        .await?;
        let added = sqlx::query(
            "INSERT INTO passkey_ceremony (purpose, session_hash, challenge, state, expires_at)
             VALUES ($1, $2, $3, $4, $5) RETURNING id",
        )
        .bind(new.purpose.name())
        .bind(&new.session.0[..])
        .bind(&new.challenge[..])
        .bind(&b""[..])
        .bind(new.expires_at.as_millis())
        .fetch_one(&mut *c)
        .await?;
        let id: i64 = row::get(&added, "id")?;
        sqlx::query("UPDATE passkey_ceremony SET state = $2 WHERE id = $1")
            .bind(id)
            .bind(self.inner.seal(state_place(id), new.state)?)
            .execute(&mut *c)
            .await?;
        Ok(())
    }

    /// Takes a challenge, whatever its age: it is gone then. `None` when this session was not given
    /// it, for this purpose, or it was answered before.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its state was not sealed for its row;
    /// [`StoreError::Unavailable`].
    pub async fn ceremony_take(
        &self,
        purpose: CeremonyPurpose,
        session: &SessionHash,
        challenge: &[u8; 32],
    ) -> Result<Option<Ceremony>, StoreError> {
        // It must not come back after a power cut: an answer could be given twice.
        let taken = writing!(self, PowerCut, c => {
            let taken = sqlx::query(
                "DELETE FROM passkey_ceremony
                 WHERE challenge = $1 AND session_hash = $2 AND purpose = $3
                 RETURNING id, state, expires_at",
            )
            .bind(&challenge[..])
            .bind(&session.0[..])
            .bind(purpose.name())
            .fetch_optional(&mut *c)
            .await?;
            Ok(End::Commit(taken))
        })?;
        let Some(taken) = taken else { return Ok(None) };
        let id: i64 = row::get(&taken, "id")?;
        let state = self
            .inner
            .unseal(state_place(id), row::get(&taken, "state")?)?;
        Ok(Some(Ceremony {
            state,
            expires_at: row::at(&taken, "expires_at")?,
        }))
    }
}

pub(crate) const fn state_place(ceremony: i64) -> Place {
    Place {
        table: "passkey_ceremony",
        column: "state",
        row: ceremony,
    }
}
