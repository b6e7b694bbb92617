//! Only while it is written: the journeys through real applications by themselves.
//! Goes away when `main.rs` has them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

#[path = "apps/mod.rs"]
mod apps;
