//! The walk over the whole audit log, asked for by a button: one at a time, in the background, with
//! its progress and its result kept until the next one.
//!
//! Walks nothing itself (`Store::audit_verify` does) and never repairs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anteroom_core::time::Timestamp;
use anteroom_store::AuditReport;
use parking_lot::Mutex;

/// How the last walk stands.
#[derive(Clone, Default)]
pub(crate) enum Walk {
    /// Nobody has asked yet.
    #[default]
    Never,
    /// It runs.
    Running,
    /// It is over.
    Done {
        /// When.
        at: Timestamp,
        /// What it found; `None` when the store broke.
        report: Option<AuditReport>,
    },
}

/// The one walk.
#[derive(Clone, Default)]
pub(crate) struct Verifying {
    walk: Arc<Mutex<Walk>>,
    rows: Arc<AtomicU64>,
}

impl Verifying {
    /// How it stands, and how many rows were looked at.
    pub(crate) fn standing(&self) -> (Walk, u64) {
        (self.walk.lock().clone(), self.rows.load(Ordering::Relaxed))
    }

    /// Takes the place of the one who walks; `false` when somebody has it.
    pub(crate) fn begin(&self) -> bool {
        let mut walk = self.walk.lock();
        if matches!(*walk, Walk::Running) {
            return false;
        }
        self.rows.store(0, Ordering::Relaxed);
        *walk = Walk::Running;
        true
    }

    /// Notes how far it has come.
    pub(crate) fn at(&self, rows: u64) {
        self.rows.store(rows, Ordering::Relaxed);
    }

    /// Keeps what it found.
    pub(crate) fn end(&self, report: Option<AuditReport>, at: Timestamp) {
        *self.walk.lock() = Walk::Done { at, report };
    }
}
