//! Walking the whole audit log: is every row where and what it was when it was written?
//!
//! Reads in pages, in one read transaction, so that a log of any length fits in memory and stands
//! still meanwhile. Begins behind the rows that retention removed
//! ([`audit_prune`](crate::audit_prune)), whose last hash stands under our key. Never repairs. What
//! it cannot find alone is an older copy of the whole file put back: for that it takes a head that
//! was kept outside ([`AuditHead`]).

use crate::audit::{self, AuditHead, AuditRow};
use crate::audit_prune::{self, base_holds};
use crate::error::StoreError;
use crate::keys::Keys;
use crate::open::Store;
use crate::pools::{Conn, reading};

/// Rows read at a time.
const PAGE: u32 = 1000;

/// What a walk over the log found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditReport {
    /// How many rows were good, from the first that is kept.
    pub rows: u64,
    /// How many rows before those were removed by retention.
    pub pruned: u64,
    /// The head of the log, for keeping outside; `None` when there is none to trust.
    pub head: Option<AuditHead>,
    /// The first thing that is wrong; nothing after it was looked at.
    pub first_problem: Option<AuditProblem>,
}

/// What is wrong with the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuditProblem {
    /// Rows are gone.
    #[error("row {expected} is missing: the next one is {found}")]
    Missing {
        /// Which row should have come.
        expected: i64,
        /// Which one came.
        found: i64,
    },
    /// A row was changed, moved, or put in.
    #[error("row {seq} is not what was written there, or the one before it is not")]
    Altered {
        /// Which row.
        seq: i64,
    },
    /// The last rows are gone.
    #[error("the log ends at row {last}, but its head is row {head}: the end was cut off")]
    Cut {
        /// The last row that is there.
        last: i64,
        /// The row that should be the last.
        head: i64,
    },
    /// There are rows that no program of ours appended.
    #[error("the log goes on after row {head}, which is its head")]
    Beyond {
        /// The row that should be the last.
        head: i64,
    },
    /// The head is missing, forged, or under an unknown key.
    #[error("the head of the log is missing or not under one of our keys")]
    HeadForged,
    /// Where the log begins, after retention, is not what we wrote.
    #[error("the log says that its rows up to {seq} were removed, but not under one of our keys")]
    BaseForged {
        /// The last row that is said to be gone.
        seq: i64,
    },
    /// The row that the kept head names was removed by retention since: it proves nothing any more.
    #[error("row {seq}, whose head was kept outside, was removed by retention: keep a newer head")]
    HeadPruned {
        /// The row the kept head names.
        seq: i64,
    },
    /// The head that was kept outside is not in this log.
    #[error(
        "the log does not contain the head at row {seq} that was kept outside: it is an older copy"
    )]
    NotOurs {
        /// The row the kept head names.
        seq: i64,
    },
}

impl Store {
    /// Verifies the log from its first row to its head, and that it contains `expected`, a head
    /// kept outside.
    ///
    /// # Errors
    /// Only when the database cannot be read: a log that was tampered with is a report.
    pub async fn audit_verify(
        &self,
        expected: Option<&AuditHead>,
    ) -> Result<AuditReport, StoreError> {
        self.audit_verify_telling(expected, |_| {}).await
    }

    /// The same, telling after every thousand rows how many were good so far.
    ///
    /// # Errors
    /// As [`audit_verify`](Self::audit_verify).
    pub async fn audit_verify_telling(
        &self,
        expected: Option<&AuditHead>,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<AuditReport, StoreError> {
        reading!(self, c => {
            // Undone when dropped: a reader that stayed in its transaction would see the past for
            // ever.
            let mut still = sqlx::Connection::begin(c).await?;
            let report = walk(&mut still, &self.inner.keys, expected, &mut progress).await;
            still.rollback().await?;
            report
        })
    }
}

async fn walk(
    c: &mut Conn,
    keys: &Keys,
    expected: Option<&AuditHead>,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<AuditReport, StoreError> {
    let base = audit_prune::base(c).await?;
    let start = audit_prune::start(base.as_ref());
    let mut last = start;
    let mut expected_seen = expected.is_none_or(|head| (head.seq, head.hash) == start);
    let report = |seq: i64, head, first_problem| AuditReport {
        rows: (seq - start.0).unsigned_abs(),
        pruned: start.0.unsigned_abs(),
        head,
        first_problem,
    };
    if let Some(base) = base.as_ref().filter(|base| !base_holds(keys, base)) {
        let forged = AuditProblem::BaseForged { seq: base.seq };
        return Ok(report(start.0, None, Some(forged)));
    }
    loop {
        let page = audit::page_after(c, last.0, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for stored in &page {
            // What does not even read as a row of ours was altered; which one is known by counting.
            let problem = match audit::decode(stored) {
                Ok(row) => check(&row, last).map(|()| row),
                Err(_) => Err(AuditProblem::Altered { seq: last.0 + 1 }),
            };
            match problem {
                Ok(row) => last = (row.seq, row.hash),
                Err(found) => return Ok(report(last.0, None, Some(found))),
            }
            expected_seen |= expected.is_some_and(|head| (head.seq, head.hash) == last);
        }
        progress((last.0 - start.0).unsigned_abs());
    }
    let before = rows_before(c, start.0).await?;
    let anchor = audit::anchor(c).await?;
    let end = judge_end(keys, anchor.as_ref(), last).err();
    let outside = match expected {
        Some(head) if !head.holds(keys) => Some(AuditProblem::HeadForged),
        Some(head) if audit_prune::is_gone(head.seq, base.as_ref()) => {
            Some(AuditProblem::HeadPruned { seq: head.seq })
        }
        Some(head) if !expected_seen => Some(AuditProblem::NotOurs { seq: head.seq }),
        _ => None,
    };
    let first_problem = before.or(end).or(outside);
    let head = anchor.filter(|_| first_problem.is_none());
    Ok(report(last.0, head, first_problem))
}

/// A row that stands before where the log begins: nobody of ours leaves one there.
async fn rows_before(c: &mut Conn, start: i64) -> Result<Option<AuditProblem>, StoreError> {
    let stray: Option<i64> = sqlx::query_scalar("SELECT MIN(seq) FROM audit WHERE seq <= $1")
        .bind(start)
        .fetch_one(&mut *c)
        .await?;
    Ok(stray.map(|seq| AuditProblem::Altered { seq }))
}

fn check(row: &AuditRow, last: (i64, [u8; 32])) -> Result<(), AuditProblem> {
    let expected = last.0 + 1;
    if row.seq != expected {
        return Err(AuditProblem::Missing {
            expected,
            found: row.seq,
        });
    }
    if audit_prune::follows(row, last) {
        Ok(())
    } else {
        Err(AuditProblem::Altered { seq: row.seq })
    }
}

fn judge_end(
    keys: &Keys,
    anchor: Option<&AuditHead>,
    (last, hash): (i64, [u8; 32]),
) -> Result<(), AuditProblem> {
    match anchor {
        // Opening writes the first row and its head, so there is no honest log without.
        None => Err(AuditProblem::HeadForged),
        Some(head) if !head.holds(keys) => Err(AuditProblem::HeadForged),
        Some(head) if head.seq > last => Err(AuditProblem::Cut {
            last,
            head: head.seq,
        }),
        Some(head) if head.seq < last => Err(AuditProblem::Beyond { head: head.seq }),
        // A head of ours over another row: the last row and its chain were made anew.
        Some(head) if head.hash != hash => Err(AuditProblem::Altered { seq: last }),
        Some(_) => Ok(()),
    }
}
