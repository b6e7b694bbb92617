//! A real Chromium as an actor: started, steered like a person would, looked at.
//! Never reaches into the gateway, and never steps round a page with a script: scripts here only
//! look. The stories are in `browser.rs` beside this folder.

// As in the harness: a test that cannot go on stops at once and says where.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs
)]

pub mod chromium;
pub mod demo;
pub mod look;
pub mod screen;
pub mod virtual_key;
