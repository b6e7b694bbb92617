//! Development target of attack families B and C and of the interleavings.
//! Removed when its modules stand in `main.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

mod attacks {
    pub mod b_forms;
    pub mod b_outcomes;
    pub mod b_sessions;
    pub mod c_jar;
    pub mod c_tokens;
    pub mod legacy;
    pub mod records;
}
mod interleavings;
mod ward;
