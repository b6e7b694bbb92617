//! The real binary, as an operator uses it: what it prints, what it refuses, how it ends.
//!
//! Each test has a clinic of its own in a temporary folder. Sign-ins through a running gateway are
//! the end-to-end tests'.

// A test that cannot go on should stop at once and say where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
#[path = "../clinic/mod.rs"]
mod clinic;
mod configuration;
mod emergency;
mod ground;
mod keys;
mod mail;
mod people;
mod running;
mod tokens;
