//! Development target of attack families B and C and of the interleavings.
//! Removed when its modules stand in `main.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

