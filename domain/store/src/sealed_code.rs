//! Codes for sealed envelopes: issued in batches for one app, looked up at its challenge, revoked.
//!
//! Only a MAC is kept, bound to the app and under a key that is not in the database. Minting and
//! reading typed codes is `anteroom-core`'s; spending is [`claim`](crate::claim)'s. Opening an app
//! to passwords alone is [`emergency`](crate::emergency)'s.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AppName, SealedCodeId, SubscriberId};
use anteroom_core::sealed_code::{SealedCode, SealedMatch};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::keys::Purpose;
use crate::open::Store;
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::row;

/// Codes that were printed together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedBatch {
    /// Its number.
    pub batch: i64,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// By whom.
    pub operator: String,
    /// How many codes it had.
    pub total: u32,
    /// How many of them still count.
    pub left: u32,
    /// Those that were used, by serial number.
    pub used: Vec<SealedUse>,
}

/// One code of an envelope that was used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedUse {
    /// The number printed beside the code.
    pub serial: u32,
    /// When.
    pub at: Timestamp,
    /// Who passed by it.
    pub subscriber: SubscriberId,
    /// Her name, for lists.
    pub name: String,
}

impl Store {
    /// Issues codes for one app, with the serial numbers 1, 2, 3 … in the order given. Gives the
    /// number of the batch.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for no codes at all or one that there is already;
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: do not print the codes.
    pub async fn sealed_codes_issue(
        &self,
        app: &AppName,
        codes: &[SealedCode],
        paper: Paper<'_>,
    ) -> Result<i64, StoreError> {
        writing!(self, PowerCut, c => {
            let mut batch: Option<i64> = None;
            for (serial, code) in (1_i64..).zip(codes) {
                let id = self.sealed_insert(c, app, code, batch, serial, &paper).await?;
                batch = batch.or(Some(id));
            }
            let Some(batch) = batch else {
                let constraint = "sealed_code_some".to_owned();
                return Err(StoreError::Conflict { constraint });
            };
            let what = format!("batch {batch}, {} codes", codes.len());
            let events = told(app, &paper, AuditKind::SealedCodesIssued, &what);
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(batch))
        })
    }

    async fn sealed_insert(
        &self,
        c: &mut Conn,
        app: &AppName,
        code: &SealedCode,
        batch: Option<i64>,
        serial: i64,
        paper: &Paper<'_>,
    ) -> Result<i64, StoreError> {
        let parts = [app.as_str().as_bytes(), code.expose().as_bytes()];
        let (key_id, mac) = self.inner.keys.mac(Purpose::SealedCode, &parts);
        let inserted = sqlx::query(
            "INSERT INTO sealed_code (app, batch, serial, key_id, mac, operator, issued_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        )
        .bind(app.as_str())
        .bind(batch.unwrap_or_default())
        .bind(serial)
        .bind(i64::from(key_id))
        .bind(&mac[..])
        .bind(paper.operator)
        .bind(paper.now.as_millis())
        .fetch_one(&mut *c)
        .await?;
        let id: i64 = row::get(&inserted, "id")?;
        if batch.is_none() {
            // A batch is named after its first code, whose number is known only now.
            sqlx::query("UPDATE sealed_code SET batch = $1 WHERE id = $1")
                .bind(id)
                .execute(&mut *c)
                .await?;
        }
        Ok(id)
    }

    /// Makes the unused codes of a batch worthless; gives how many there were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn sealed_codes_revoke(
        &self,
        app: &AppName,
        batch: i64,
        paper: Paper<'_>,
    ) -> Result<u64, StoreError> {
        writing!(self, PowerCut, c => {
            let revoked = sqlx::query(
                "UPDATE sealed_code SET revoked_at = $3
                 WHERE app = $1 AND batch = $2 AND used_at IS NULL AND revoked_at IS NULL",
            )
            .bind(app.as_str())
            .bind(batch)
            .bind(paper.now.as_millis())
            .execute(&mut *c)
            .await?
            .rows_affected();
            if revoked == 0 {
                return Ok(End::Rollback(0));
            }
            let what = format!("batch {batch}, {revoked} codes");
            let events = told(app, &paper, AuditKind::SealedCodesRevoked, &what);
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(revoked))
        })
    }

    /// All batches of an app, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sealed_codes_of(&self, app: &AppName) -> Result<Vec<SealedBatch>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT k.batch, k.serial, k.operator, k.issued_at, k.used_at, k.used_by,
                        k.revoked_at, s.display_name
                 FROM sealed_code k LEFT JOIN subscriber s ON s.id = k.used_by
                 WHERE k.app = $1 ORDER BY k.batch DESC, k.serial",
            )
            .bind(app.as_str())
            .fetch_all(&mut *c)
            .await?
        });
        let mut batches: Vec<SealedBatch> = Vec::new();
        for one in &found {
            let batch: i64 = row::get(one, "batch")?;
            if batches.last().is_none_or(|last| last.batch != batch) {
                batches.push(begun(one, batch)?);
            }
            if let Some(last) = batches.last_mut() {
                add(last, one)?;
            }
        }
        Ok(batches)
    }

    /// Whether what was typed is an unused code for this app. Spends nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sealed_code_match(
        &self,
        app: &AppName,
        code: &SealedCode,
    ) -> Result<Option<SealedMatch>, StoreError> {
        let parts = [app.as_str().as_bytes(), code.expose().as_bytes()];
        for (key_id, mac) in self.inner.keys.macs(Purpose::SealedCode, &parts) {
            // Found by its MAC: whoever could steer this comparison by its time would have to know
            // the key.
            let found: Option<i64> = reading!(self, c => {
                sqlx::query_scalar(
                    "SELECT id FROM sealed_code WHERE mac = $1 AND key_id = $2 AND app = $3
                            AND used_at IS NULL AND revoked_at IS NULL",
                )
                .bind(&mac[..])
                .bind(i64::from(key_id))
                .bind(app.as_str())
                .fetch_optional(&mut *c)
                .await?
            });
            if let Some(id) = found {
                return Ok(Some(SealedMatch {
                    id: SealedCodeId(id),
                }));
            }
        }
        Ok(None)
    }
}

/// Uses a code up, in the transaction of a claim at `app`; `false` when it does not count (any
/// more), or its user is not enrolled.
pub(crate) async fn spend(
    c: &mut Conn,
    app: &AppName,
    subscriber: SubscriberId,
    code: SealedCodeId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let spent = sqlx::query(
        "UPDATE sealed_code SET used_at = $4, used_by = $3
         WHERE id = $1 AND app = $2 AND used_at IS NULL AND revoked_at IS NULL
           AND EXISTS (SELECT 1 FROM subscriber WHERE id = $3 AND enrolled_at IS NOT NULL
                       AND suspended_at IS NULL)",
    )
    .bind(code.0)
    .bind(app.as_str())
    .bind(subscriber.0)
    .bind(now.as_millis())
    .execute(&mut *c)
    .await?;
    Ok(spent.rows_affected() == 1)
}

fn told(app: &AppName, paper: &Paper<'_>, kind: AuditKind, what: &str) -> Vec<AuditEvent> {
    let mut events = paper.events(kind, None);
    if let Some(act) = events.first_mut() {
        let said = match paper.reason {
            "" => what.to_owned(),
            reason => format!("{what}: {reason}"),
        };
        *act = act.clone().reason(&said);
    }
    events.into_iter().map(|event| event.app(app)).collect()
}

fn begun(one: &SqliteRow, batch: i64) -> Result<SealedBatch, StoreError> {
    Ok(SealedBatch {
        batch,
        issued_at: row::at(one, "issued_at")?,
        operator: row::get(one, "operator")?,
        total: 0,
        left: 0,
        used: Vec::new(),
    })
}

fn add(batch: &mut SealedBatch, one: &SqliteRow) -> Result<(), StoreError> {
    batch.total += 1;
    let used_at = row::at_maybe(one, "used_at")?;
    if used_at.is_none() && row::at_maybe(one, "revoked_at")?.is_none() {
        batch.left += 1;
    }
    if let Some(at) = used_at {
        batch.used.push(SealedUse {
            serial: row::count(one, "serial")?,
            at,
            subscriber: SubscriberId(row::get(one, "used_by")?),
            name: row::get::<Option<String>>(one, "display_name")?.unwrap_or_default(),
        });
    }
    Ok(())
}
