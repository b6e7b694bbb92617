//! Filling a store with people for benches: many at once, through the real columns.
//!
//! For measuring and nothing else. Their seeds and recovery codes are random and known to nobody,
//! so that no such person can ever sign in; each is in the audit log as one who enrolled.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::fold::Folded;
use anteroom_core::ids::SubscriberId;
use anteroom_core::time::Timestamp;

use crate::audit;
use crate::challenge::secret_place;
use crate::enrolment_code::{Name, subscriber_ensure};
use crate::error::StoreError;
use crate::open::Store;
use crate::operator;
use crate::pools::{Conn, End, writing};
use crate::row;

/// Recovery codes of each.
const CODES: usize = 10;

impl Store {
    /// Enrols people whom nobody can sign in as, in one transaction; gives their ids. For benches.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn bulk_enrol(
        &self,
        realm: &str,
        names: &[(String, Folded)],
        now: Timestamp,
    ) -> Result<Vec<SubscriberId>, StoreError> {
        writing!(self, Kill, c => {
            let (mut ids, mut events) = (Vec::new(), Vec::new());
            for (display, folded) in names {
                let name = Name { realm, tenant: "", folded };
                let id = subscriber_ensure(c, name, display, now).await?;
                operator::link(c, id, display, display, now).await?;
                sqlx::query("UPDATE subscriber SET enrolled_at = $2 WHERE id = $1")
                    .bind(id.0)
                    .bind(now.as_millis())
                    .execute(&mut *c)
                    .await?;
                self.bulk_factors(c, id, now).await?;
                ids.push(id);
                events.push(AuditEvent::new(AuditKind::EnrolmentConfirmed).subscriber(id));
            }
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(ids))
        })
    }

    async fn bulk_factors(
        &self,
        c: &mut Conn,
        id: SubscriberId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let added = sqlx::query(
            "INSERT INTO authenticator (subscriber_id, kind, label, proof, secret, enrolled_at)
             VALUES ($1, 'totp', 'phone', 'open', $2, $3) RETURNING id",
        )
        .bind(id.0)
        .bind(&b""[..])
        .bind(now.as_millis())
        .fetch_one(&mut *c)
        .await?;
        let authenticator: i64 = row::get(&added, "id")?;
        let seed: [u8; 20] = self.inner.random();
        sqlx::query("UPDATE authenticator SET secret = $2 WHERE id = $1")
            .bind(authenticator)
            .bind(self.inner.seal(secret_place(authenticator), &seed)?)
            .execute(&mut *c)
            .await?;
        for n in 0..CODES {
            let (salt, hash): ([u8; 16], [u8; 32]) = (self.inner.random(), self.inner.random());
            sqlx::query(
                "INSERT INTO recovery_code (subscriber_id, selector, scheme, salt, hash, issued_at)
                 VALUES ($1, $2, 'argon2id-19456-2-1', $3, $4, $5)",
            )
            .bind(id.0)
            .bind(format!("BUL{n}"))
            .bind(&salt[..])
            .bind(&hash[..])
            .bind(now.as_millis())
            .execute(&mut *c)
            .await?;
        }
        Ok(())
    }
}
