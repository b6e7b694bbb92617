//! The journeys alone, while they are being written.
//! Gone when they are done: `main.rs` holds them all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

mod journeys;
