//! Marks the harness's own work, so that captured logs hold only what the gateway said.
//! Never silences the gateway: its tasks are spawned outside of this mark.
//!
//! The harness runs in the same process as the gateway and uses some of the same crates (h2,
//! rustls, tungstenite). At TRACE those log whole heads, passwords included: without the mark a
//! test that greps for leaks would find its own client. `world::logs` skips marked events.

use tracing::Span;
use tracing::instrument::{Instrument, Instrumented};

/// The name `world::logs` looks for.
pub const MARK: &str = "harness";

pub fn span() -> Span {
    tracing::error_span!(target: "anteroom_tests", "harness")
}

/// Runs this future under the mark.
pub fn quiet<F: Future>(work: F) -> Instrumented<F> {
    work.instrument(span())
}
