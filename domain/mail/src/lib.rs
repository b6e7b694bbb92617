//! Telling people: what stands in the outbox becomes mail or a signed webhook, and leaves.
//!
//! Never queues and never decides who is told; see `anteroom_core::notice` and the store's outbox.
