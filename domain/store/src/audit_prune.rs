//! Retention: the oldest rows of the audit log leave, and the chain says that they did.
//!
//! Goes by number from the oldest row on and stops at the first that is young enough, so that what
//! stays is one whole chain. Checks every row before it lets it go: otherwise retention would
//! remove the traces of tampering. The base, under our key, is where the kept part begins
//! ([`audit_verify`](crate::audit_verify) starts there).

use anteroom_core::audit::{AuditKind, clean_text};
use anteroom_core::time::Timestamp;
use data_encoding::HEXLOWER;

use crate::audit::{self, AuditHead, AuditRow, GENESIS};
use crate::error::StoreError;
use crate::keys::{Keys, Purpose};
use crate::open::Store;
use crate::paper::Paper;
use crate::pools::{Conn, End, writing};

/// Rows per transaction: short enough that no sign-in waits long behind it.
const BATCH: u32 = 2_000;
/// What stands before number and hash in the MAC of a base: no head of the log is ever one.
const LABEL: &[u8] = b"base";

/// What retention removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pruned {
    /// How many rows.
    pub rows: u64,
    /// The last row that is gone now; 0 when none ever was.
    pub through: i64,
}

impl Store {
    /// Removes the rows before `older_than`, oldest first, in small transactions, each with a row
    /// of its own that says which rows left and their last hash. The newest row always stays.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row that would leave is not what was written, or the base is
    /// not ours: verify the log first. [`StoreError::Unavailable`], [`StoreError::Full`]. What was
    /// done before stays done.
    pub async fn audit_prune(
        &self,
        older_than: Timestamp,
        paper: &Paper<'_>,
    ) -> Result<Pruned, StoreError> {
        // What retention itself writes meanwhile is never old.
        let older_than = older_than.min(paper.now);
        let mut pruned = Pruned::default();
        loop {
            let (rows, through) = writing!(self, PowerCut, c => {
                let keys = &self.inner.keys;
                let some = prune_some(c, keys, older_than, paper).await?;
                Ok(if some.0 == 0 { End::Rollback(some) } else { End::Commit(some) })
            })?;
            pruned = Pruned {
                rows: pruned.rows + rows,
                through,
            };
            if rows < u64::from(BATCH) {
                return Ok(pruned);
            }
        }
    }
}

async fn prune_some(
    c: &mut Conn,
    keys: &Keys,
    older_than: Timestamp,
    paper: &Paper<'_>,
) -> Result<(u64, i64), StoreError> {
    let newest = audit::head(c, keys).await?.seq;
    let base = match base(c).await? {
        None => AuditHead::before_the_first(keys),
        Some(base) if base_holds(keys, &base) => base,
        Some(_) => return Err(StoreError::corrupt("audit_base", "mac", 1)),
    };
    let mut last: Option<AuditRow> = None;
    let (mut before, mut rows) = ((base.seq, base.hash), 0);
    for stored in &audit::page_after(c, base.seq, BATCH).await? {
        let row = audit::decode(stored)?;
        if row.at >= older_than || row.seq >= newest {
            break;
        }
        if !follows(&row, before) {
            return Err(StoreError::corrupt("audit", "hash", row.seq));
        }
        (before, rows) = ((row.seq, row.hash), rows + 1);
        last = Some(row);
    }
    let Some(last) = last else {
        return Ok((0, base.seq));
    };
    base_put(c, keys, last.seq, &last.hash).await?;
    sqlx::query("DELETE FROM audit WHERE seq <= $1")
        .bind(last.seq)
        .execute(&mut *c)
        .await?;
    let (year, month, day) = last.at.utc_date();
    let said = format!(
        "rows {}-{}, until {year:04}-{month:02}-{day:02}, last hash {}",
        base.seq + 1,
        last.seq,
        HEXLOWER.encode(&last.hash[..8]),
    );
    let said = paper.about(&said);
    let events = paper.because(&said).events(AuditKind::AuditPruned, None);
    audit::append(c, keys, &events, paper.now).await?;
    Ok((rows, last.seq))
}

/// Whether a row is the next of the chain, and what was written there.
pub(crate) fn follows(row: &AuditRow, before: (i64, [u8; 32])) -> bool {
    // The canonical bytes clean free text, so text that cleaning would change cannot be ours.
    let clean = |text: &Option<String>| text.as_ref().is_none_or(|text| clean_text(text) == *text);
    row.seq == before.0 + 1
        && clean(&row.event.operator)
        && clean(&row.event.reason)
        && audit::chained(&before.1, &row.event, row.seq, row.at) == row.hash
}

/// The base as it stands in the table, unchecked; `None` when nothing was ever removed.
pub(crate) async fn base(c: &mut Conn) -> Result<Option<AuditHead>, StoreError> {
    let stored = sqlx::query("SELECT seq, hash, key_id, mac FROM audit_base WHERE id = 1")
        .fetch_optional(&mut *c)
        .await?;
    stored.as_ref().map(audit::head_of).transpose()
}

/// Whether a base is under one of our keys.
pub(crate) fn base_holds(keys: &Keys, base: &AuditHead) -> bool {
    let parts: [&[u8]; 3] = [LABEL, &base.seq.to_be_bytes(), &base.hash];
    keys.mac_holds(base.key_id, Purpose::AuditAnchor, &parts, &base.mac)
}

/// Puts the base under the current key, where there is one of ours: for a rotation of keys.
pub(crate) async fn base_renew(c: &mut Conn, keys: &Keys) -> Result<(), StoreError> {
    match base(c).await? {
        Some(base) if base_holds(keys, &base) => base_put(c, keys, base.seq, &base.hash).await,
        // A forged one stays what it is, for the verification to find.
        _ => Ok(()),
    }
}

async fn base_put(c: &mut Conn, keys: &Keys, seq: i64, hash: &[u8; 32]) -> Result<(), StoreError> {
    let parts: [&[u8]; 3] = [LABEL, &seq.to_be_bytes(), hash];
    let (key_id, mac) = keys.mac(Purpose::AuditAnchor, &parts);
    sqlx::query(
        "INSERT INTO audit_base (id, seq, hash, key_id, mac) VALUES (1, $1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET seq = $1, hash = $2, key_id = $3, mac = $4",
    )
    .bind(seq)
    .bind(&hash[..])
    .bind(i64::from(key_id))
    .bind(&mac[..])
    .execute(&mut *c)
    .await?;
    Ok(())
}

/// The base that an empty past has.
pub(crate) fn start(base: Option<&AuditHead>) -> (i64, [u8; 32]) {
    base.map_or((0, GENESIS), |base| (base.seq, base.hash))
}

/// Whether the number is of a row that was removed.
pub(crate) fn is_gone(seq: i64, base: Option<&AuditHead>) -> bool {
    base.is_some_and(|base| seq < base.seq)
}
