//! Set-up links: how an operator chooses password and second factor, exactly once per link.
//!
//! The link's token is known here only by its hash. Opening the link begins a session of the stage
//! `setup`, which holds the chosen password's hash and the new seed; confirming the first code
//! ([`operator_setup_confirm`](crate::operator_setup_confirm)) makes both hers, whichever of
//! several browsers comes first (advisory B8). Judging the password is the admin app's.

use std::net::IpAddr;

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{OperatorId, OperatorSessionRow, SessionHash};
use anteroom_core::time::Timestamp;
use anteroom_core::totp::TotpSecret;
use zeroize::Zeroizing;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::recovery::{self, SCHEME};
use crate::row;
use crate::seal::Place;

/// How long password and phone may take from opening the link on.
const SETTING_UP_FOR: std::time::Duration = std::time::Duration::from_secs(30 * 60);

/// A link to be issued.
#[derive(Clone, Copy, Debug)]
pub struct SetupLink {
    /// SHA-256 of the 256-bit token in the link.
    pub token: [u8; 32],
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// What a link is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub enum SetupStanding {
    /// It works, for this operator.
    Live {
        /// Her name.
        name: String,
        /// When it stops working.
        expires_at: Timestamp,
    },
    /// A set-up was finished with it.
    Used,
    /// Too old, replaced, or never issued: nobody is told which.
    Worthless,
}

/// An opened link.
#[derive(Clone, Copy)]
pub struct SetupOpening<'a> {
    /// SHA-256 of the token.
    pub token: &'a [u8; 32],
    /// The chosen password, judged already.
    pub password: &'a str,
    /// The seed of the new authenticator.
    pub seed: &'a TotpSecret,
    /// The hash of the new session's id.
    pub session: SessionHash,
    /// The host it counts at.
    pub host: &'a str,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// A set-up that waits for its first code. Redacted `Debug` comes with [`TotpSecret`].
#[derive(Clone, Debug)]
pub struct SettingUp {
    /// Which session.
    pub row: OperatorSessionRow,
    /// Whose.
    pub name: String,
    /// The seed that is to be scanned.
    pub seed: TotpSecret,
}

impl Store {
    /// What the link with this token's hash is worth.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn operator_setup_standing(
        &self,
        token: &[u8; 32],
        now: Timestamp,
    ) -> Result<SetupStanding, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT o.name, o.disabled_at, l.expires_at, l.used_at, l.killed_at
                 FROM operator_setup l JOIN operator o ON o.id = l.operator_id
                 WHERE l.token = $1",
            )
            .bind(&token[..])
            .fetch_optional(&mut *c)
            .await?
        });
        let Some(found) = found else {
            return Ok(SetupStanding::Worthless);
        };
        if row::at_maybe(&found, "used_at")?.is_some() {
            return Ok(SetupStanding::Used);
        }
        let expires_at = row::at(&found, "expires_at")?;
        let dead = row::at_maybe(&found, "killed_at")?.is_some()
            || row::at_maybe(&found, "disabled_at")?.is_some()
            || expires_at <= now;
        if dead {
            return Ok(SetupStanding::Worthless);
        }
        Ok(SetupStanding::Live {
            name: row::get(&found, "name")?,
            expires_at,
        })
    }

    /// Issues a link for an operator who has not been set up, or whose link was lost. `None` when
    /// there is no such operator, she is disabled, or she has a password (then she is to be reset).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: do not show the link.
    pub async fn operator_setup_issue(
        &self,
        operator: OperatorId,
        link: &SetupLink,
        paper: &Paper<'_>,
    ) -> Result<Option<String>, StoreError> {
        writing!(self, PowerCut, c => {
            let name: Option<String> = sqlx::query_scalar(
                "SELECT name FROM operator
                 WHERE id = $1 AND disabled_at IS NULL AND hash IS NULL",
            )
            .bind(operator.0)
            .fetch_optional(&mut *c)
            .await?;
            let Some(name) = name else { return Ok(End::Rollback(None)) };
            issue(c, operator, link, paper).await?;
            let event = paper.event(AuditKind::OperatorInvited).reason(&name);
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(Some(name)))
        })
    }

    /// Begins a set-up: keeps the password's hash and the seed in a session of its own. `None` when
    /// the link does not work any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn operator_setup_begin(
        &self,
        opening: SetupOpening<'_>,
    ) -> Result<Option<OperatorSessionRow>, StoreError> {
        let salt: [u8; 16] = self.inner.random();
        let password = Zeroizing::new(opening.password.to_owned());
        let turn = self.inner.hashing.turn().await?;
        let hash = recovery::blocking(move || {
            let hash = recovery::hash(&password, &salt);
            drop(turn);
            hash
        })
        .await?;
        let now = opening.now;
        writing!(self, PowerCut, c => {
            let link = sqlx::query(
                "SELECT l.id, l.operator_id FROM operator_setup l
                 JOIN operator o ON o.id = l.operator_id
                 WHERE l.token = $1 AND l.used_at IS NULL AND l.killed_at IS NULL
                   AND l.expires_at > $2 AND o.disabled_at IS NULL",
            )
            .bind(&opening.token[..])
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?;
            let Some(link) = link else { return Ok(End::Rollback(None)) };
            let begun = sqlx::query(
                "INSERT INTO operator_session
                     (hash, operator_id, stage, host, client, setup_id, scheme, salt, password,
                      created_at, active_at, ends_at)
                 VALUES ($1, $2, 'setup', $3, $4, $5, $6, $7, $8, $9, $9, $10) RETURNING id",
            )
            .bind(&opening.session.0[..])
            .bind(row::get::<i64>(&link, "operator_id")?)
            .bind(opening.host)
            .bind(opening.client.to_string())
            .bind(row::get::<i64>(&link, "id")?)
            .bind(SCHEME)
            .bind(&salt[..])
            .bind(&hash[..])
            .bind(now.as_millis())
            .bind(now.plus(SETTING_UP_FOR).as_millis())
            .fetch_one(&mut *c)
            .await?;
            let id: i64 = row::get(&begun, "id")?;
            sqlx::query("UPDATE operator_session SET seed = $2 WHERE id = $1")
                .bind(id)
                .bind(self.inner.seal(seed_place(id), opening.seed.expose())?)
                .execute(&mut *c)
                .await?;
            Ok(End::Commit(Some(OperatorSessionRow(id))))
        })
    }

    /// The set-up that this session's id belongs to, while its link still works.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the seed was not sealed for this row;
    /// [`StoreError::Unavailable`].
    pub async fn operator_setting_up(
        &self,
        session: &SessionHash,
        host: &str,
        now: Timestamp,
    ) -> Result<Option<SettingUp>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT v.id, v.seed, o.name FROM operator_session v
                 JOIN operator o ON o.id = v.operator_id
                 JOIN operator_setup l ON l.id = v.setup_id
                 WHERE v.hash = $1 AND v.host = $2 AND v.stage = 'setup' AND v.ended_at IS NULL
                   AND v.ends_at > $3 AND o.disabled_at IS NULL
                   AND l.used_at IS NULL AND l.killed_at IS NULL",
            )
            .bind(&session.0[..])
            .bind(host)
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?
        });
        let Some(found) = found else { return Ok(None) };
        let id: i64 = row::get(&found, "id")?;
        let seed = self
            .inner
            .unseal(seed_place(id), row::get(&found, "seed")?)?;
        Ok(Some(SettingUp {
            row: OperatorSessionRow(id),
            name: row::get(&found, "name")?,
            seed: TotpSecret::from_bytes(seed.to_vec()),
        }))
    }
}

/// Issues a link in the transaction that `c` is in; an older one dies.
pub(crate) async fn issue(
    c: &mut Conn,
    operator: OperatorId,
    link: &SetupLink,
    paper: &Paper<'_>,
) -> Result<(), StoreError> {
    kill_live(c, operator, paper.now).await?;
    sqlx::query(
        "INSERT INTO operator_setup (operator_id, token, issued_by, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(operator.0)
    .bind(&link.token[..])
    .bind(paper.operator)
    .bind(paper.now.as_millis())
    .bind(link.expires_at.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// Makes her live link worthless.
pub(crate) async fn kill_live(
    c: &mut Conn,
    operator: OperatorId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE operator_setup SET killed_at = $2
         WHERE operator_id = $1 AND used_at IS NULL AND killed_at IS NULL",
    )
    .bind(operator.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(())
}

pub(crate) const fn seed_place(session: i64) -> Place {
    Place {
        table: "operator_session",
        column: "seed",
        row: session,
    }
}
